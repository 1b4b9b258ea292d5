package documents_test

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/beevik/etree"

	"github.com/tabtemplate/tabtemplate/documents"
)

// FuzzVerbs damages an odd file, leaving out elements and attributes, doubling elements and
// moving them, and calls some methods of what is left, one after the other: none panics,
// one that fails changes nothing, and the result opens.
func FuzzVerbs(f *testing.F) {
	var all []victim
	for _, in := range inOrder(oddFiles(f)) {
		v := victim{in: in, args: newArguments(document(f, []byte(in))), tree: etree.NewDocument()}
		if err := v.tree.ReadFromString(in); err != nil {
			v.tree = nil // a package
		}
		all = append(all, v)
	}
	for i := range all {
		f.Add(uint8(i), []byte{}, uint64(i))
		f.Add(uint8(i), []byte{byte(i), 3, 0, byte(7 * i), 2, 1, byte(31 * i), 90, 2}, uint64(i))
	}
	f.Fuzz(func(t *testing.T, which uint8, damages []byte, seed uint64) {
		all[int(which)%len(all)].wreck(t, damages, seed)
	})
}

// A victim is a file to be damaged, with its words.
type victim struct {
	in   string
	tree *etree.Document // nil for a package, which stays as it is
	args *arguments
}

// wreck damages the file and calls methods on it.
func (v victim) wreck(t *testing.T, damages []byte, seed uint64) {
	t.Helper()
	in := v.in
	if v.tree != nil && len(damages) > 0 {
		in = damaged(t, v.tree.Copy(), damages)
	}
	file, err := documents.OpenReader(strings.NewReader(in), int64(len(in)))
	if err != nil {
		t.Skip(err) // such as the root left out
	}
	random := rand.New(rand.NewPCG(seed, 2))
	before := written(t, file)
	for step := range uint64(6) {
		call := wander(file, random)
		in := v.args.forCall(file, call, seed+step)
		err, fault := call.do(file, in)
		if err != nil && fault == nil {
			fault = readable(err)
		}
		if fault != nil {
			t.Fatalf("%s: %v", call.described(in), fault)
		}
		after := written(t, file)
		if err != nil && !bytes.Equal(after, before) {
			t.Fatalf("%s fails (%v) and changes something", call.described(in), err)
		}
		if bytes.Equal(after, before) {
			continue
		}
		before = after
		if _, err := documents.OpenReader(bytes.NewReader(after), int64(len(after))); err != nil {
			t.Fatalf("%s: the result does not open: %v", call.described(in), err)
		}
	}
}

// damaged does something to a document for every three bytes: two choose an element, the
// third what is done to it.
func damaged(t *testing.T, tree *etree.Document, damages []byte) string {
	t.Helper()
	for d := range slices.Chunk(damages[:min(len(damages), 30)], 3) {
		elements := tree.FindElements("//*")
		if len(d) < 3 || len(elements) == 0 {
			break
		}
		el := elements[(int(d[0])<<8|int(d[1]))%len(elements)]
		parent := el.Parent()
		if parent == nil {
			continue // the document itself
		}
		attr := int(d[2] / 8)
		switch d[2] % 8 {
		case 0:
			parent.RemoveChild(el)
		case 1, 2:
			if len(el.Attr) > 0 {
				el.Attr = slices.Delete(el.Attr, attr%len(el.Attr), attr%len(el.Attr)+1)
			}
		case 3:
			if parent.Parent() != nil { // a document has one root
				parent.InsertChildAt(el.Index(), el.Copy())
			}
		case 4:
			if parent.Parent() != nil {
				parent.AddChild(el)
			}
		case 5:
			if len(el.Attr) > 0 {
				el.Attr[attr%len(el.Attr)].Value = nasty[int(d[0])%len(nasty)]
			}
		case 6:
			el.Tag = "_.fcp.New.true..." + el.Tag
		default:
			el.Child = nil
		}
	}
	out, err := tree.WriteToString()
	if err != nil {
		t.Skip(err)
	}
	return out
}

// wander goes from a file to something in it, and chooses one of its methods.
func wander(f *documents.File, random *rand.Rand) call {
	calls := roots[0].calls(f)
	if elements := roots[1+random.IntN(len(roots)-1)]; random.IntN(8) == 0 && elements.find(f).IsValid() {
		calls = elements.calls(f)
	}
	for {
		c := calls[random.IntN(len(calls))]
		next := c.reached(f)
		if len(next) == 0 || random.IntN(5) == 0 {
			return c
		}
		if calls = next[random.IntN(len(next))].calls(f); len(calls) == 0 {
			return c
		}
	}
}
