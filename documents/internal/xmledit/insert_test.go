package xmledit

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestInsertAll holds many insertions at once to what they come to one after the other,
// before children of the source and before inserted ones.
func TestInsertAll(t *testing.T) {
	t.Parallel()
	const in = "<a>\n  <b/>\n  <c/>\n  <d/>\n</a>"
	for seed := range uint64(200) {
		r := rand.New(rand.NewPCG(seed, 0))
		one, all := mustParse(t, in), mustParse(t, in)
		for i := range 4 {
			choices := append(slices.Collect(one.Root().Children()), Element{})
			others := append(slices.Collect(all.Root().Children()), Element{})
			var placed []Placed
			for j := range r.IntN(5) {
				n, at := NewNode(fmt.Sprintf("n%d.%d", i, j)), r.IntN(len(choices))
				if _, err := one.Root().Insert(n, choices[at]); err != nil {
					t.Fatal(err)
				}
				placed = append(placed, Placed{n, others[at]})
			}
			put, err := all.Root().InsertAll(placed...)
			if err != nil || len(put) != len(placed) {
				t.Fatalf("%d of %d: %v", len(put), len(placed), err)
			}
			for j, el := range put {
				if el.Name() != placed[j].Node.Name || !slices.Contains(slices.Collect(all.Root().Children()), el) {
					t.Fatalf("%s is not <%s>", el.Name(), placed[j].Node.Name)
				}
			}
		}
		if want, got := string(one.Bytes()), string(all.Bytes()); got != want {
			t.Fatalf("seed %d: %s, want %s", seed, got, want)
		}
	}
}

// TestInsertAllFails leaves nothing of children of which one cannot be.
func TestInsertAllFails(t *testing.T) {
	t.Parallel()
	d := mustParse(t, "<a><b/></a>")
	inner := d.Root().Child("b")
	for _, bad := range []Placed{{NewNode("no name"), Element{}}, {NewNode("c"), d.Root()}} {
		if _, err := d.Root().InsertAll(Placed{NewNode("c"), inner}, bad); err == nil || d.Changed() {
			t.Errorf("%v: %s", err, d.Bytes())
		}
	}
	if err := inner.Remove(); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Root().InsertAll(Placed{NewNode("c"), inner}); !errors.Is(err, ErrGone) {
		t.Error(err)
	}
}
