package xmledit

import (
	"strings"
	"testing"
)

func TestAt(t *testing.T) {
	t.Parallel()
	const in = "<?xml version='1.0'?>\n<!-- a --><r><!-- b --> text <a x='1'><b/>\n</a><a>z</a> </r>\n<!-- c -->"
	d, err := Parse([]byte(in), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	for mark, want := range map[string]string{
		"?xml": "/r", "a -->": "/r", "<r>": "/r", "b -->": "/r", "text": "/r", "x=": "/r/a[1]", "<b/>": "/r/a[1]/b", "/a><a>": "/r/a[1]", "z": "/r/a[2]", "/r>": "/r", "c -->": "/r",
	} {
		if got := d.At(strings.Index(in, mark)).Path(); got != want {
			t.Errorf("%s: got %s, want %s", mark, got, want)
		}
	}
}
