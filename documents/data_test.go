package documents_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tabtemplate/tabtemplate/documents"
	"github.com/tabtemplate/tabtemplate/documents/internal/doctest"
	"github.com/tabtemplate/tabtemplate/packaging"
)

// TestReplaceData replaces packed files that are the source itself (cases 21 and 22).
func TestReplaceData(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, entry, as, content string
		want                     []string // entry changes
		replaced                 []string // in the document
	}{
		{"a .hyper", "Data/h.hyper", "", hyperHead, []string{`entry "Data/h.hyper" replaced, 9 bytes`}, nil},
		{"a .hyper under a name", "Data/h.hyper", "acme.hyper", hyperHead, []string{`entry "Data/h.hyper" replaced by "Data/acme.hyper", 9 bytes`}, []string{`Data\h.hyper`, `Data\acme.hyper`}},
		{"only renamed", "Data/h.hyper", "Data/x/acme.HYPER", "", []string{`entry "Data/h.hyper" renamed to "Data/x/acme.HYPER"`}, []string{`Data\h.hyper`, `Data\x\acme.HYPER`}},
		{"a workbook", "Data/x.xlsx", "y.xlsx", "PK\x03\x04", []string{`entry "Data/x.xlsx" replaced by "Data/y.xlsx", 4 bytes`}, []string{"Data/x.xlsx", "Data/y.xlsx"}},
		{"text", "Data/Files/orders.csv", "acme.txt", "a,b", []string{`entry "Data/Files/orders.csv" replaced by "Data/Files/acme.txt", 3 bytes`}, []string{"orders.csv", "acme.txt"}},
		{"an image", "Image/logo.png", "acme.jpg", "jpg", []string{`entry "Image/logo.png" replaced by "Image/acme.jpg", 3 bytes`}, []string{"Image/logo.png", "Image/acme.jpg"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			f := doctest.Open(t, logoPackage(t))
			var c packaging.Content
			if test.content != "" {
				c = content(test.content)
			}
			for range 2 {
				if err := f.ReplaceData(test.entry, documents.NewData{Content: c, Name: test.as}); err != nil {
					t.Fatal(err)
				}
			}
			if diff := cmp.Diff(test.want, entryChanges(f)); diff != "" {
				t.Errorf("entries (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(strings.NewReplacer(test.replaced...).Replace(logo(t)), packed(t, f)["Book.twb"]); diff != "" {
				t.Errorf("document (-want +got):\n%s", diff)
			}
			again := doctest.Open(t, doctest.Written(t, f))
			if err := again.ReplaceData(test.entry, documents.NewData{Content: c, Name: test.as}); err != nil || doctest.Written(t, again) != doctest.Written(t, f) {
				t.Errorf("once more: %v", err)
			}
			if got := noted(again); test.as != "" && (len(got) != 1 || !strings.Contains(got[0], "is there already")) {
				t.Errorf("once more notes %q", got)
			}
		})
	}
}

func TestReplaceDataRefuses(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		entry, as, content string
		words              []string
	}{
		{"Data/h.hyper", "", "text", []string{`replacing entry "Data/h.hyper": the file is no .hyper`}},
		{"Data/h.hyper", "", tdeHead, []string{"the file is no .hyper"}},
		{"Data/x.xlsx", "", "<html>", []string{"the file is no .xlsx"}},
		{"Data/h.hyper", "h.txt", hyperHead, []string{`it is a .hyper, and the name "Data/h.txt" does not end so`}},
		{"Data/Files/orders.csv", "orders.xlsx", "PK\x03\x04", []string{`it is a .csv, and the name "Data/Files/orders.xlsx" does not end so`}},
		{"Data/none.hyper", "", hyperHead, []string{`replacing entry "Data/none.hyper": no entry`, `there are: `, `"Data/h.hyper"`}},
		{"Data/Files/orders.csv", "", "version https://git-lfs.github.com/spec/v1", []string{"Git LFS pointer"}},
		{"Book.twb", "", "x", []string{"it is the document"}},
	} {
		doctest.Refused(t, logoPackage(t), func(f *documents.File) error {
			before := names(f)
			err := f.ReplaceData(test.entry, documents.NewData{Content: content(test.content), Name: test.as})
			if !slices.Equal(before, names(f)) || len(entryChanges(f)) > 0 {
				t.Errorf("%v: entries %q", err, entryChanges(f))
			}
			return err
		}, test.words...)
	}
}
