package documents_test

import (
	"bytes"
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/tabtemplate/tabtemplate/documents"
	"github.com/tabtemplate/tabtemplate/documents/internal/doctest"
	"github.com/tabtemplate/tabtemplate/documents/tds"
)

// TestOddFilesUnchanged is hard cases 1, 8 and 9: every odd file opens, and is written as it
// was.
func TestOddFilesUnchanged(t *testing.T) {
	t.Parallel()
	for name, in := range inOrder(oddFiles(t)) {
		f := doctest.Open(t, in)
		if doctest.Written(t, f) != in || f.ChangeCount() > 0 {
			t.Errorf("%s: changed without an edit", name)
		}
	}
}

// TestEveryCallOnOddFiles calls every method of everything that a file gives with made up
// arguments, on every odd file: none panics, what fails changes nothing and says why, and
// what does not fail leaves a sound document with all that is unknown (hard case 86), and
// changes nothing when it is done again.
func TestEveryCallOnOddFiles(t *testing.T) {
	t.Parallel()
	applied := map[string]int{}
	for name, in := range inOrder(oddFiles(t)) {
		c := newCaller(t, name, doctest.Open(t, in))
		for _, call := range callsOf(c.template, 2) {
			times := uint64(12)
			if call.method.Type.NumIn() == 1 || raced {
				times = 1
			}
			for seed := range times {
				c.check(t, c.template.Clone(), call, seed)
			}
			applied[call.name()] += c.applied
			c.applied = 0
		}
	}
	for name, n := range inOrder(applied) {
		if n == 0 && !raced && verbName.MatchString(name) {
			t.Errorf("%s never changed anything: its arguments never fit", name)
		}
	}
}

// verbName matches the methods that change something.
var verbName = regexp.MustCompile(`\.(Add|Attach|Disable|Edit|Embed|Enable|Hide|Link|Refer$|Remove|Rename|Replace|Repoint|Scrub|Set|Show|Swap|Translate|Unlink|Unwrap|Update)[A-Z]?[a-z]*`)

// A caller calls methods of what a file has, and judges what comes of it.
type caller struct {
	name     string
	template *documents.File
	before   []byte // the file
	source   []byte // its document
	dangling map[string]int
	args     *arguments
	applied  int // calls that changed something
}

func newCaller(t testing.TB, name string, f *documents.File) *caller {
	t.Helper()
	c := &caller{name: name, template: f, before: written(t, f)}
	doc := document(t, c.before)
	c.source, c.dangling = doc, dangling(t, doc)
	c.args = newArguments(doc)
	return c
}

// check calls a method on a clone.
func (c *caller) check(t testing.TB, f *documents.File, call call, seed uint64) {
	t.Helper()
	in := c.args.forCall(f, call, seed)
	complain := func(format string, args ...any) {
		t.Helper()
		t.Errorf("%s: %s: %s", c.name, call.described(in), fmt.Sprintf(format, args...))
	}
	err, fault := call.do(f, in)
	if err != nil && fault == nil {
		fault = readable(err)
	}
	if fault != nil {
		complain("%v", fault)
		return
	}
	if f.ChangeCount() == 0 && f.Kind() == c.template.Kind() {
		return
	}
	after := written(t, f)
	if err != nil {
		complain("it fails (%v) and changes something", err)
		return
	}
	c.applied++
	if _, err := documents.OpenReader(bytes.NewReader(after), int64(len(after))); err != nil {
		complain("the result does not open: %v", err)
		return
	}
	if rawVerbs[call.name()] {
		return
	}
	if unknown := []byte("<_.fcp.NewThing.true...gizmo a='1'><deep /></_.fcp.NewThing.true...gizmo>"); bytes.Count(document(t, after), unknown) < bytes.Count(c.source, unknown) && !replacing[call.name()] {
		complain("it takes away what it does not know") // hard case 86
	}
	for what, n := range dangling(t, document(t, after)) {
		if n > c.dangling[what] {
			complain("%s is not there (%d times, %d before)", what, n, c.dangling[what])
		}
	}
	if notTwice[call.name()] {
		return
	}
	if err, fault := call.do(f, in); fault != nil || err != nil && !errors.Is(err, tds.ErrNotFound) && !errors.Is(err, tds.ErrAmbiguous) { // what had the name may have another
		complain("a second time: %v %v", err, fault)
	} else if !bytes.Equal(written(t, f), after) {
		complain("a second time it changes something else")
	}
}

// TestEveryCallOnRealFiles is the same on real files, with fewer arguments.
func TestEveryCallOnRealFiles(t *testing.T) {
	t.Parallel()
	for _, path := range corpus(t) {
		c := newCaller(t, filepath.Base(path), open(t, path))
		for _, call := range callsOf(c.template, 1) {
			c.check(t, c.template.Clone(), call, 1)
		}
	}
}
