package documents_test

import (
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/beevik/etree"
	"github.com/google/go-cmp/cmp"

	"github.com/tabtemplate/tabtemplate/documents"
)

// newNamePrefix begins the names that the verbs of sheets give.
const newNamePrefix = `Ü & 'x' `

func newName(name string) string { return newNamePrefix + strings.TrimPrefix(name, newNamePrefix) }

// sheetVerbs hold real files to the verbs of sheets.
var sheetVerbs = map[string]verb{
	"sheets renamed": func(f *documents.File) (n int, err error) {
		wb, ok := f.Workbook()
		if !ok {
			return 0, nil
		}
		for _, v := range slices.Collect(wb.Views()) {
			n++
			err = errors.Join(err, wb.RenameView(v.Name, newName(v.Name)))
			got, bad := wb.View(newName(v.Name))
			if err = errors.Join(err, bad); got.Kind != v.Kind || got.Hidden != v.Hidden {
				err = errors.Join(err, fmt.Errorf("%s reads as %+v", v, got))
			}
		}
		return n, err
	},
	"data sources renamed": func(f *documents.File) (n int, err error) {
		for _, ds := range slices.Collect(f.Datasources()) {
			n++
			caption := newName(ds.Label())
			err = errors.Join(err, f.RenameDatasource(ds.Name(), caption))
			got, bad := f.Datasource(caption)
			if err = errors.Join(err, bad); bad == nil && got.Name() != ds.Name() {
				err = errors.Join(err, fmt.Errorf("%q reads as %s", caption, got.Name()))
			}
		}
		return n, err
	},
}

// sheetPlaces are the places that name sheets, as real files and Tableau's schema have them:
// the end of a path, from elements to an attribute.
var sheetPlaces = []string{
	"worksheets/worksheet@name", "dashboards/dashboard@name", "windows/window@name", "viewpoint@name",
	"thumbnails/thumbnail@name", "zone@name", "source@worksheet", "source@dashboard", "source/exclude-sheet@name",
	"param@value", "link@expression", "story-point@captured-sheet", "customized-tooltip/formatted-text/run",
}

// sheetUses counts by place how often a document names each sheet that is asked for.
func sheetUses(t *testing.T, document []byte, asked map[string]bool) map[string]int {
	t.Helper()
	doc := etree.NewDocument()
	if err := doc.ReadFromBytes(document); err != nil {
		t.Fatal(err)
	}
	uses := map[string]int{}
	for _, el := range doc.FindElements("//*") {
		for _, place := range sheetPlaces {
			path, attr, _ := strings.Cut(place, "@")
			if !strings.HasSuffix(el.GetPath(), "/"+path) {
				continue
			}
			for _, name := range sheetNames(el, attr) {
				if asked[name] {
					uses[place+" "+name]++
				}
			}
		}
	}
	return uses
}

var shownInTooltip = regexp.MustCompile(`<Sheet name="(.*?)" `)

// sheetNames reads the names of sheets that an attribute has, or the text if it is "".
func sheetNames(el *etree.Element, attr string) (names []string) {
	value := el.SelectAttrValue(attr, "")
	switch {
	case attr == "":
		for _, m := range shownInTooltip.FindAllStringSubmatch(el.Text(), -1) {
			names = append(names, m[1])
		}
		return names
	case attr == "expression":
		name, _, _ := strings.Cut(strings.TrimPrefix(value, "tsl:"), "?")
		name, _ = url.PathUnescape(name)
		return []string{name}
	case attr == "value" && !slices.Contains([]string{"target", "exclude", "sheet"}, el.SelectAttrValue("name", "")):
		return nil
	case attr == "value":
		return strings.Split(value, ",")
	}
	return []string{value}
}

var pathTest = regexp.MustCompile(`\[[^]]*\]+`)

// TestCorpusSheetPlaces holds the renaming of sheets to what is known of the places that name
// them, by another reading: none has the old name any more, each has the new one as often,
// and no other place has changed.
func TestCorpusSheetPlaces(t *testing.T) {
	t.Parallel()
	found := map[string]bool{}
	for _, path := range corpus(t) {
		f := open(t, path).Clone()
		wb, ok := f.Workbook()
		if !ok {
			continue
		}
		asked := map[string]bool{}
		for v := range wb.Views() {
			asked[v.Name], asked[newName(v.Name)] = true, true
		}
		want := map[string]int{}
		for use, n := range sheetUses(t, document(t, written(t, f)), asked) {
			place, name, _ := strings.Cut(use, " ")
			found[place] = true
			want[place+" "+newName(name)] += n
		}
		if _, err := sheetVerbs["sheets renamed"](f); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, sheetUses(t, document(t, written(t, f)), asked)); diff != "" {
			t.Errorf("%s: uses of sheets (-want +got):\n%s", filepath.Base(path), diff)
		}
		for c := range f.Changes() {
			at := strings.ReplaceAll(strings.TrimSuffix(pathTest.ReplaceAllString(c.Path, ""), "/text()"), "/@", "@")
			if !slices.ContainsFunc(sheetPlaces, func(place string) bool { return strings.HasSuffix(at, "/"+place) }) {
				t.Errorf("%s: changed %s", filepath.Base(path), c)
			}
		}
	}
	for _, place := range sheetPlaces {
		if !found[place] && !strings.HasPrefix(place, "story-point") {
			t.Errorf("no real file names a sheet in %s", place)
		}
	}
}
