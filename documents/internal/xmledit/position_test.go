package xmledit

import (
	"fmt"
	"strings"
	"testing"
)

// TestPositionsOnOneLine: where elements stand is told in time that grows as they do (the test is over soon), also
// where all are on one line, and columns are characters.
func TestPositionsOnOneLine(t *testing.T) {
	t.Parallel()
	const n = 60_000
	for _, start := range []string{"", "\xef\xbb\xbf", "\r\n<!-- 界 -->\r\n"} {
		d := mustParse(t, start+"<a>"+strings.Repeat("<b c='界🎉é'/>", n)+"</a>")
		i := 0
		for b := range d.Root().Children() {
			want := fmt.Sprintf("%d:%d", 1+strings.Count(start, "\n"), len("<a>")+i*len("<b c='123'/>")+1)
			if got := b.Position().String(); got != want {
				t.Fatalf("element %d is at %s, want %s", i, got, want)
			}
			i++
		}
		if i != n {
			t.Errorf("%d positions", i)
		}
	}
}
