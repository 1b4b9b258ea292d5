package xmledit

import (
	"errors"
	"slices"
	"testing"
)

func TestNotes(t *testing.T) {
	t.Parallel()
	d := mustParse(t, "<a>\n  <b name='x'/>\n</a>")
	b := d.Root().Child("b")
	b.Note("left %s", "alone")
	b.Note("left alone")
	clone := d.Clone()
	clone.Root().Child("b").Note("only in the clone")
	undone := 0
	err := d.Atomically("", func() error {
		b.Note("of a failure")
		d.OnFailure(func() { undone++ })
		return errors.New("no")
	})
	if err == nil || undone != 1 {
		t.Errorf("the verb failed with %v and was undone %d times", err, undone)
	}
	want := []Note{{"/a/b", Position{2, 3}, "left alone"}}
	if got := slices.Collect(d.Notes()); !slices.Equal(got, want) {
		t.Errorf("notes %v, want %v", got, want)
	}
	want = append(want, Note{"/a/b", Position{2, 3}, "only in the clone"})
	if got := slices.Collect(clone.Notes()); !slices.Equal(got, want) {
		t.Errorf("notes of the clone %v, want %v", got, want)
	}
}
