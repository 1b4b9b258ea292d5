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

func TestNotesThatDepend(t *testing.T) {
	t.Parallel()
	d := mustParse(t, "<a><b x='1'>text</b></a>")
	b := d.Root().Child("b")
	b.NoteWhile("x", "on x")
	b.NoteWhile("", "on the text")
	texts := func(d *Document) (texts []string) {
		for n := range d.Notes() {
			texts = append(texts, n.Text)
		}
		return texts
	}
	clone := d.Clone()
	inClone := clone.Root().Child("b")
	if err := errors.Join(inClone.SetAttr("x", "2"), inClone.SetAttr("x", "1"), inClone.SetText("other")); err != nil {
		t.Fatal(err)
	}
	if got := texts(clone); !slices.Equal(got, []string{"on x"}) {
		t.Errorf("after the text was set: %q", got)
	}
	if err := inClone.Remove(); err != nil {
		t.Fatal(err)
	}
	if got := texts(clone); len(got) > 0 {
		t.Errorf("of a removed element: %q", got)
	}
	if got := texts(d); !slices.Equal(got, []string{"on x", "on the text"}) {
		t.Errorf("the original has %q", got)
	}
}

// TestNotesOfAClone: those on inserted elements and in embedded documents depend on the
// clone's, and what is done to the original does not reach them.
func TestNotesOfAClone(t *testing.T) {
	t.Parallel()
	d := mustParse(t, "<a><h>&quot;&lt;i x=&apos;1&apos;/&gt;&quot;</h></a>")
	inner, err := d.Root().Child("h").Embedded(quoted)
	if err != nil {
		t.Fatal(err)
	}
	put, err := d.Root().Append(NewNode("b", "x", "1"))
	if err != nil {
		t.Fatal(err)
	}
	gone, err := d.Root().Append(NewNode("c", "x", "1"))
	if err != nil {
		t.Fatal(err)
	}
	for _, el := range []Element{put, inner.Root(), gone} {
		el.NoteWhile("x", "on %s", el.Name())
	}
	gone.Note("of what is gone")
	if err := gone.Remove(); err != nil {
		t.Fatal(err)
	}
	clone := d.Clone()
	if err := errors.Join(put.SetAttr("x", "2"), inner.Root().SetAttr("x", "2")); err != nil {
		t.Fatal(err)
	}
	texts := func(d *Document) (texts []string) {
		for n := range d.Notes() {
			texts = append(texts, n.Text)
		}
		return texts
	}
	if got := texts(clone); !slices.Equal(got, []string{"on b", "on i", "of what is gone"}) {
		t.Errorf("edits of the original leave the clone %q", got)
	}
	if got := texts(d); !slices.Equal(got, []string{"of what is gone"}) {
		t.Errorf("the original has %q", got)
	}
	if err := clone.Root().Child("b").SetAttr("x", "2"); err != nil {
		t.Fatal(err)
	}
	if got := texts(clone); !slices.Equal(got, []string{"on i", "of what is gone"}) {
		t.Errorf("the clone has %q", got)
	}
}

func TestNoteInAnElementAround(t *testing.T) {
	t.Parallel()
	d := mustParse(t, "<a>\n  <b x='1'/>\n</a>")
	b := d.Root().Child("b")
	b.NoteIn(d.Root(), "x", "on b")
	if got, want := slices.Collect(d.Notes()), []Note{{"/a", Position{1, 1}, "on b"}}; !slices.Equal(got, want) {
		t.Errorf("notes %v, want %v", got, want)
	}
	if err := b.SetAttr("x", "2"); err != nil {
		t.Fatal(err)
	}
	if got := slices.Collect(d.Notes()); got != nil {
		t.Errorf("notes of what was changed: %v", got)
	}
}
