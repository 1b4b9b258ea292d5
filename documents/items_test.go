package documents_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tabtemplate/tabtemplate/documents/internal/doctest"
)

// TestItems tells of entries what they are for, by who refers to them: cases 16, 22, 24, 76
// and 80, and the parts of a spatial file.
func TestItems(t *testing.T) {
	t.Parallel()
	in := doctest.Replace(t, logo(t), layout, fmt.Sprintf(extractOf, "Data/e.hyper")+layout,
		"          <named-connection caption='f'", `          <named-connection caption='s' name='s.1'>
            <connection class='ogrdirect' directory='Data/Maps' filename='area.shp' />
          </named-connection>
          <named-connection caption='m' name='m.1'>
            <connection class='msaccess' filename='Data/db.mdb' />
          </named-connection>
          <named-connection caption='f'`,
		"mapped-image expression='file:Image/logo.png'", "mapped-image expression='file:Image/star.png'")
	f := doctest.Open(t, archive(t, "Book.twb", in,
		"Data/", "", "Data/e.hyper", "", "Data/h.hyper", "", "Data/Files/orders.csv", "", "Data/x.xlsx", "",
		"Data/Maps/area.shp", "", "Data/Maps/area.dbf", "", "Data/Maps/other.dbf", "", "Data/db.mdb", "",
		"Image/logo.png", "", "Image/star.png", "", "Image/old.png", "", ".DS_Store", "",
		"TwbxExternalCache/a/.bin", "", "ExternalCacheV1/x", "", "__MACOSX/._Book.twb", ""))
	var got []string
	for item := range f.Items() {
		line := item.Name + ": " + string(item.Purpose)
		for _, r := range item.Users {
			line += "; " + strings.SplitN(r.Place, " ", 2)[0]
		}
		got = append(got, line)
	}
	want := []string{
		"Book.twb: document", "Data/: folder", "Data/e.hyper: extract; the", "Data/h.hyper: data; hyper", "Data/Files/orders.csv: text; textscan", "Data/x.xlsx: spreadsheet; excel-direct",
		"Data/Maps/area.shp: data; ogrdirect", "Data/Maps/area.dbf: data; ogrdirect", "Data/Maps/other.dbf: unused", "Data/db.mdb: data; msaccess",
		"Image/logo.png: image; dashboard; dashboard", "Image/star.png: image; an", "Image/old.png: unused", ".DS_Store: unused",
		"TwbxExternalCache/a/.bin: cache", "ExternalCacheV1/x: cache", "__MACOSX/._Book.twb: unused",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestMissingFiles is cases 24 and 76: a path that must lead to an entry, and does not. One
// of a disabled extract need not, and one outside the package cannot.
func TestMissingFiles(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]bool{
		"Data/gone.hyper": true, `Data\gone.hyper`: true, "Data/E.hyper": true, "Data/e.hyper": false, "e.hyper": false, "C:/x/e.hyper": false, "/x/e.hyper": false,
	} {
		for _, enabled := range []string{"true", "false"} {
			extract := strings.Replace(fmt.Sprintf(extractOf, path), "enabled='true'", "enabled='"+enabled+"'", 1)
			f := doctest.Open(t, archive(t, "Book.twb", doctest.Replace(t, doctest.FX1, layout, extract+layout), "Data/e.hyper", ""))
			for r := range f.References() {
				if r.Missing != (want && enabled == "true") {
					t.Errorf("%s of an extract with enabled=%s: missing is %t", path, enabled, r.Missing)
				}
			}
		}
	}
}
