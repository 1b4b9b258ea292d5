package documents

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/tabtemplate/tabtemplate/documents/tds"
	"github.com/tabtemplate/tabtemplate/packaging"
)

// Embed puts the data source of a file in the place of a reference to the published one that
// was made of it; see [tds.Datasource.Embed]. The files that it refers to, its extract among
// them, are packed, and the workbook becomes a package: under their names, or where another
// file has that name, with a number. Nil in place of the file stands for the copy that the
// reference holds, which mostly is none, see [tds.Datasource.Definition].
//
// The file must stay open until this one, and clones of it, are written. A workbook in its
// place is an error.
func (f *File) Embed(ds *tds.Datasource, from *File) error {
	return f.datasourceVerb("embedding", ds, func() error {
		def, files, err := f.definition(ds, from)
		if err != nil {
			return err
		}
		_, isReference := ds.Published()
		old, _ := f.ExtractFile(ds)
		if err := ds.Embed(def); err != nil || !isReference {
			return toldOf(err)
		}
		if err := f.removeUnused(ds, old.Entry); err != nil {
			return err
		}
		for _, file := range files {
			if file.there {
				continue
			}
			if err := f.AddEntry(file.name, file.content); err != nil {
				return told{err}
			}
		}
		return nil
	})
}

// toldOf is an error of a verb of the data source.
func toldOf(err error) error {
	if err == nil {
		return nil
	}
	return told{err}
}

// packedFile is a file that a definition brings along.
type packedFile struct {
	name    string // of its entry
	content packaging.Content
	there   bool // the package has it already
}

// definition is what a reference is to be made of, as it can be written into this file, and
// the files that it reads.
func (f *File) definition(ds *tds.Datasource, from *File) (*tds.Datasource, []packedFile, error) {
	if from == nil {
		def, err := ds.Definition()
		return def, nil, toldOf(err)
	}
	if from.kind.IsWorkbook() {
		return nil, nil, fmt.Errorf("%s is a workbook, and no data source", from.name)
	}
	from = from.Clone() // to rename in it
	var files []packedFile
	for _, item := range slices.Collect(from.items(from.unsized())) {
		if len(item.Users) == 0 {
			continue
		}
		_, e, err := from.findEntry(item.Name)
		if err != nil {
			return nil, nil, err
		}
		content, err := from.contentOf(e)
		if err != nil {
			return nil, nil, err
		}
		file, err := f.placeFor(item.Name, content)
		if err != nil {
			return nil, nil, err
		}
		if file.name != item.Name {
			if err := from.RenameEntry(item.Name, file.name); err != nil {
				return nil, nil, err
			}
		}
		files = append(files, file)
	}
	return tds.Wrap(from.doc.Root()), files, nil
}

// placeFor finds the name under which a file can be packed: its own, or with a number behind
// it. A package that holds it under one of them needs it no second time.
func (f *File) placeFor(name string, content packaging.Content) (packedFile, error) {
	stem, ext := strings.TrimSuffix(name, path.Ext(name)), path.Ext(name)
	for i := 2; ; i++ {
		taken := ""
		for e := range f.unsized() {
			if strings.EqualFold(e.Name, name) {
				taken = e.Name
			}
		}
		if taken == "" {
			return packedFile{name, content, false}, nil
		}
		if taken == name {
			same, err := f.holds(name, content)
			if err != nil && !errors.Is(err, errDocument) || same {
				return packedFile{name, content, same}, err
			}
		}
		name = fmt.Sprintf("%s %d%s", stem, i, ext)
	}
}
