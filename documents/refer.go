package documents

import (
	"slices"

	"github.com/tabtemplate/tabtemplate/documents/tds"
)

// Refer makes a data source of the workbook, which holds its connections itself, refer to a
// published one; see [tds.Datasource.Refer]. The files of the package that only it read, its
// extract among them, go: their rows are those of the template (hard case 75). One that is a
// reference already is repointed.
func (f *File) Refer(ds *tds.Datasource, ref tds.PublishedRef) error {
	return f.datasourceVerb("making a reference", ds, func() error {
		var read []string
		for e := range f.items(f.unsized()) {
			if slices.ContainsFunc(e.Users, func(r Reference) bool { return r.Datasource == ds.Name() }) {
				read = append(read, e.Name)
			}
		}
		if err := ds.Refer(ref); err != nil {
			return told{err}
		}
		used := map[string]bool{}
		for e := range f.items(f.unsized()) {
			used[e.Name] = len(e.Users) > 0
		}
		for _, name := range read {
			if used[name] {
				continue
			}
			if err := f.dropEntry(name); err != nil {
				return wrapEntry("removing", name, err)
			}
		}
		return nil
	})
}
