package documents_test

import (
	"fmt"
	"iter"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/tabtemplate/tabtemplate/documents"
	"github.com/tabtemplate/tabtemplate/documents/tds"
	"github.com/tabtemplate/tabtemplate/packaging"
)

// The files that extracts of real files become.
var (
	someHyper = content(hyperHead + "rows")
	someTDE   = content(tdeHead + "rows")
)

// extractVerbs are the verbs on extracts and their files; each costs a run over all files.
var extractVerbs = map[string]verb{
	"extract: attach":            attachAll,
	"extract: replace and scrub": replaceAll,
	"data files: rename":         renameAll,
	"extract: disable or remove": func(f *documents.File) (n int, err error) {
		for ds, x := range extracts(f) {
			without := disabled
			if len(x.Path)%2 > 0 {
				without = removed
			}
			if err := without(f, ds); err != nil {
				return n, err
			}
			n++
		}
		return n, nil
	},
}

// disabled disables an extract and removes its file.
func disabled(f *documents.File, ds *tds.Datasource) error {
	if err := f.DisableExtract(ds, true); err != nil {
		return err
	}
	file, ok := f.ExtractFile(ds)
	if x, _ := ds.Extract(); !ok || x.Enabled || file.Entry != "" || file.Fault() != "" {
		return fmt.Errorf("reads as %+v, %+v", x, file)
	}
	return nil
}

// removed removes an extract and its file.
func removed(f *documents.File, ds *tds.Datasource) error {
	file, _ := f.ExtractFile(ds)
	if err := f.RemoveExtract(ds); err != nil {
		return err
	}
	if x, ok := ds.Extract(); ok {
		return fmt.Errorf("reads as %+v", x)
	}
	for e := range f.Entries() {
		if file.Entry == e.Name {
			return fmt.Errorf("the entry %q is still there", e.Name)
		}
	}
	return nil
}

// extracts lists the data sources of a file that have an extract.
func extracts(f *documents.File) iter.Seq2[*tds.Datasource, tds.Extract] {
	return func(yield func(*tds.Datasource, tds.Extract) bool) {
		for ds := range f.Datasources() {
			if x, ok := ds.Extract(); ok && !yield(ds, x) {
				return
			}
		}
	}
}

// attachAll gives all data sources without an extract the same one. Older documents are
// left out: the schema, which knows only the newest, misses an attribute in their form. So
// are references to published data sources, which are refused.
func attachAll(f *documents.File) (n int, err error) {
	const name = "Data/Extracts/some.hyper"
	for ds := range f.Datasources() {
		x, has := ds.Extract()
		if _, published := ds.Published(); published {
			continue
		}
		if has && x.Path != name || !ds.Element().Child("object-graph").Exists() {
			continue
		}
		if err := f.AttachExtract(ds, documents.NewExtract{Content: someHyper, Name: name}); err != nil {
			return n, err
		}
		n++
		file, ok := f.ExtractFile(ds)
		if got, _ := ds.Extract(); !ok || !got.Enabled || got.Path != name || file.Entry != name || len(got.Tables) == 0 {
			return n, fmt.Errorf("reads as %+v, %+v", got, file)
		}
	}
	return n, nil
}

// renameAll renames every entry that the document refers to.
func renameAll(f *documents.File) (n int, err error) {
	renamed := map[string]string{}
	for r := range f.References() {
		if folder, name := path.Split(r.Entry); r.Entry != "" && !strings.HasPrefix(name, "of acme ") {
			renamed[r.Entry] = folder + "of acme " + name
		}
	}
	for _, old := range slices.Sorted(maps.Keys(renamed)) {
		before := slices.Collect(f.References())
		if err := f.ReplaceData(old, documents.NewData{Name: renamed[old]}); err != nil {
			return n, err
		}
		n++
		for i, r := range slices.Collect(f.References()) {
			if want := before[i].Entry; r.Entry != want && (want != old || r.Entry != renamed[old]) {
				return n, fmt.Errorf("%s refers to %q", r.Place, r.File)
			}
		}
	}
	return n, nil
}

// replaceAll gives every extract a file of its own, and no past.
func replaceAll(f *documents.File) (n int, err error) {
	for ds, x := range extracts(f) {
		file, _ := f.ExtractFile(ds)
		if !x.Enabled && file.Entry == "" {
			continue
		}
		n++
		if err := f.Scrub([]documents.TraceKind{documents.TraceHistory}, ds); err != nil {
			return n, err
		}
		name, content := fmt.Sprintf("some%d.hyper", n), packaging.Content(someHyper)
		if x.TDE() {
			name, content = fmt.Sprintf("some%d.tde", n), someTDE
		}
		if err := f.ReplaceExtract(ds, documents.NewExtract{Content: content, Name: "Data/" + name}); err != nil {
			return n, err
		}
		got, _ := f.ExtractFile(ds)
		now, _ := ds.Extract()
		if got.Entry != "Data/"+name || got.Enabled != x.Enabled || got.Fault() != "" || len(now.Refresh.Events) > 0 {
			return n, fmt.Errorf("reads as %+v, %+v", got, now)
		}
	}
	return n, nil
}
