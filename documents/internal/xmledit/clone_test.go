package xmledit

import (
	"fmt"
	"strings"
	"sync"
	"testing"
)

func TestClonesAreIndependent(t *testing.T) {
	t.Parallel()
	const in = "<a>\n  <b x='0'/>\n  <n>&quot;&lt;d x='0'/&gt;&quot;</n>\n</a>"
	template := mustParse(t, in)
	render := func(i int) string {
		d := template.Clone()
		v := fmt.Sprint(i)
		inner, err := d.Root().Child("n").Embedded(quoted)
		if err == nil {
			err = inner.Root().SetAttr("x", v)
		}
		if err == nil {
			err = d.Root().Child("b").SetAttr("x", v)
		}
		if err == nil {
			_, err = d.Root().Append(NewNode("c", "x", v))
		}
		if err != nil {
			t.Error(err)
		}
		// A clone of the clone takes the edits along, then goes its own way.
		other := d.Clone()
		for c := range other.Root().Children("b", "c") {
			if err := c.SetAttr("x", "other"); err != nil {
				t.Error(err)
			}
		}
		return string(d.Bytes())
	}
	var wg sync.WaitGroup
	for i := range 50 {
		wg.Go(func() {
			want := strings.ReplaceAll(strings.Replace(in, "\n</a>", "\n  <c x='0' />\n</a>", 1), "'0'", fmt.Sprintf("'%d'", i))
			if got := render(i); got != want {
				t.Errorf("clone %d: %q, want %q", i, got, want)
			}
		})
	}
	wg.Wait()
	if got := string(template.Bytes()); got != in {
		t.Errorf("the template became %q", got)
	}
}

// TestReadingBesideCloning: opening an embedded document to read it does not disturb
// clones that are made at the same time.
func TestReadingBesideCloning(t *testing.T) {
	t.Parallel()
	d := mustParse(t, "<a><b>&quot;&lt;d x='0'/&gt;&quot;</b><b>&quot;&lt;d x='1'/&gt;&quot;</b></a>")
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if got := d.Clone().Bytes(); len(got) != len(d.Source()) {
				t.Errorf("a clone has %d bytes", len(got))
			}
		})
	}
	for b := range d.Root().Children("b") {
		if _, err := b.Embedded(quoted); err != nil {
			t.Error(err)
		}
	}
	wg.Wait()
}
