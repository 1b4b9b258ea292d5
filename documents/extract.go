package documents

import (
	"cmp"
	"errors"
	"fmt"
	"path"
	"strconv"
	"strings"

	"github.com/tabtemplate/tabtemplate/documents/tds"
	"github.com/tabtemplate/tabtemplate/packaging"
)

// ExtractFile tells where the file of an extract is (format 11, hard cases 24 and 76).
type ExtractFile struct {
	Path    string // as the data source says it
	Enabled bool   // the extract is used; one that is not needs no file
	Entry   string // the entry of the package that it is, "" if none is
	Size    int64  // of the entry in bytes
	Outside bool   // the path leads out of the package: an absolute one, or a file name alone
	Near    string // an entry whose name is the path but for case, which is not what Tableau takes for it
}

// Fault says what is wrong with the file of an extract that is used, "" if nothing is, or if
// the document names no file at all.
func (x ExtractFile) Fault() string {
	switch {
	case !x.Enabled || x.Entry != "" || x.Path == "":
		return ""
	case x.Outside:
		return fmt.Sprintf("the file %q of its extract is not in the package", x.Path)
	case x.Near != "":
		return fmt.Sprintf("the file %q of its extract is not in the package, but there is %q", x.Path, x.Near)
	}
	return fmt.Sprintf("the file %q of its extract is missing in the package", x.Path)
}

// ExtractFile finds the file of a data source's extract, not ok if there is no extract.
func (f *File) ExtractFile(ds *tds.Datasource) (file ExtractFile, ok bool) {
	x, ok := ds.Extract()
	if !ok {
		return file, false
	}
	entry, near := f.resolve(x.Path)
	file = ExtractFile{Path: x.Path, Enabled: x.Enabled, Entry: entry.Name, Size: entry.Size, Near: near}
	file.Outside = file.Entry == "" && (isOutside(x.Path) || !f.isPackaged())
	return file, true
}

// extractFolder is where new extracts go, as Tableau's own do.
const extractFolder = "Data/Extracts"

// NewExtract is a .hyper or .tde file for a data source.
type NewExtract struct {
	// Content of the file. Its first bytes are looked at at once; all of it is read when the
	// file is written. See [packaging.File].
	Content packaging.Content
	// Name is that of the entry in the package: Data/Extracts/acme.hyper, or acme.hyper for
	// the folder of the file that is replaced, Data/Extracts for a new one.
	Name string
}

// ExtractOf is the file with this path, as the entry with this name. See [NewExtract.Name].
func ExtractOf(path, name string) NewExtract {
	return NewExtract{Content: packaging.File(path), Name: name}
}

// entry is the name of the entry, in the folder of old if it has none of its own.
func (x NewExtract) entry(old string) string {
	if strings.Contains(x.Name, "/") {
		return x.Name
	}
	folder, name := path.Split(old)
	if folder == "" {
		folder = extractFolder
	}
	if x.Name != "" {
		name = x.Name
	}
	return path.Join(folder, name)
}

// isTDE looks at the first bytes of the file: it must be a .hyper or a .tde, and so must its
// name if it has one.
func (x NewExtract) isTDE() (bool, error) {
	head, err := headOf(x.Content)
	if err != nil {
		return false, err
	}
	for _, ext := range []string{".hyper", ".tde"} {
		if !strings.HasPrefix(head, dataHeads[ext]) {
			continue
		}
		if x.Name != "" && !strings.EqualFold(path.Ext(x.Name), ext) {
			return false, fmt.Errorf("the file is a %s, and the name %q of its entry does not end so", ext, x.Name)
		}
		return ext == ".tde", nil
	}
	return false, errors.New("the file is neither a .hyper nor a .tde")
}

// datasourceVerb runs a verb on one of this file's data sources, whole or not
// at all.
func (f *File) datasourceVerb(doing string, ds *tds.Datasource, verb func() error) error {
	err := errors.New("it is a data source of another file")
	if f.owns(ds.Element()) {
		err = f.doc.Atomically("", verb)
	}
	if t, ok := errors.AsType[told](err); ok {
		return t.error
	}
	if err != nil {
		return fmt.Errorf("%s of %s: %w", doing, ds, err)
	}
	return nil
}

// told is an error of a verb of the data source, which says by itself what was being done.
type told struct{ error }

// AttachExtract puts a file into the package and makes it the extract of a data source that
// has none, or one that is not enabled; a bare document becomes a package. See
// [tds.Datasource.AttachExtract] for what the file must hold, which is not read. An extract
// that is in use is an error, unless it is this very entry with this very content.
func (f *File) AttachExtract(ds *tds.Datasource, x NewExtract) error {
	return f.datasourceVerb("attaching an extract", ds, func() error {
		tde, err := x.isTDE()
		if err != nil {
			return err
		}
		if x.Name == "" {
			return errors.New("the file has no name")
		}
		name := x.entry("")
		there, has := f.ExtractFile(ds)
		switch {
		case !has:
			if err := ds.AttachExtract(tds.NewExtract{Path: name, TDE: tde}); err != nil {
				return told{err}
			}
			return f.AddEntry(name, x.Content)
		case there.Enabled:
			if there.Entry == name {
				if same, err := f.holds(name, x.Content); same || err != nil {
					return err
				}
			}
			return fmt.Errorf("it has an extract already, %q: replace or remove that one", there.Path)
		}
		if err := ds.EnableExtract(true); err != nil {
			return told{err}
		}
		return f.putExtract(ds, x, name)
	})
}

// ReplaceExtract puts another file in the place of a data source's extract. Without a name
// for it the entry keeps its own, and nothing else changes (hard case 21). With one the
// entry is renamed, and every place that refers to it follows. A file that was outside the
// package is packed, under its own name if none is given. All that the document tells of
// the old rows stays; see [File.Scrub]. No extract is a [*tds.NotFoundError]; a disabled one without a file is an error.
func (f *File) ReplaceExtract(ds *tds.Datasource, x NewExtract) error {
	return f.datasourceVerb("replacing the extract", ds, func() error {
		there, ok := f.ExtractFile(ds)
		old := slashed(there.Path)
		switch {
		case !ok:
			return &tds.NotFoundError{What: "extract", Where: ds.String()}
		case !there.Enabled && there.Entry == "":
			return errors.New("it is disabled and has no file: attach gives it one")
		case there.Outside:
			old = path.Base(old)
		}
		return f.putExtract(ds, x, x.entry(old))
	})
}

// putExtract makes a file the entry with a name, and that the extract of a data source.
func (f *File) putExtract(ds *tds.Datasource, x NewExtract, name string) error {
	tde, err := x.isTDE()
	if err != nil {
		return err
	}
	if old, _ := ds.Extract(); old.TDE() != tde {
		return fmt.Errorf("the extract is of class %s, and the file is not: remove the extract, and attach the file", old.Class)
	}
	there, _ := f.ExtractFile(ds)
	if there.Entry == "" {
		if err := f.AddEntry(name, x.Content); err != nil || slashed(there.Path) == name {
			return err
		}
		if err := ds.SetExtractPath(name); err != nil {
			return told{err}
		}
		return nil
	}
	for r := range f.referencesTo(there.Entry) {
		if other := f.datasourceAround(r); other != nil && other.Name() != ds.Name() {
			ds.Element().Note("%s reads the same file, which was replaced", other)
		}
	}
	if err := f.ReplaceEntry(there.Entry, x.Content); err != nil {
		return err
	}
	return f.RenameEntry(there.Entry, name)
}

// datasourceAround is the data source that a reference stands in, nil for none.
func (f *File) datasourceAround(r reference) *tds.Datasource {
	for el := r.el; el.Exists(); el = el.Parent() {
		if el.Name() == "datasource" {
			return tds.Wrap(el)
		}
	}
	return nil
}

// RemoveExtract takes the extract of a data source out of the document, and its file out of
// the package unless something else refers to it (hard case 75). The connections are used
// from then on. No extract is a [*tds.NotFoundError].
func (f *File) RemoveExtract(ds *tds.Datasource) error {
	return f.datasourceVerb("removing the extract", ds, func() error {
		file, _ := f.ExtractFile(ds)
		if err := ds.RemoveExtract(); err != nil {
			return told{err}
		}
		return f.removeUnused(ds, file.Entry)
	})
}

// removeUnused removes the file of what was the extract of a data source, unless something
// else refers to it.
func (f *File) removeUnused(ds *tds.Datasource, entry string) error {
	if entry == "" {
		return nil
	}
	for r := range f.referencesTo(entry) {
		ds.Element().Note("the entry %q stays in the package: %s refers to it", entry, r.el.Path())
		return nil
	}
	return f.RemoveEntry(entry, false)
}

// EnableExtract has the extract of a data source used in place of its connections. No extract
// is a [*tds.NotFoundError], and one without its file in the package is an error.
func (f *File) EnableExtract(ds *tds.Datasource) error {
	return f.datasourceVerb("enabling the extract", ds, func() error {
		if err := ds.EnableExtract(true); err != nil {
			return told{err}
		}
		if file, _ := f.ExtractFile(ds); file.Entry == "" {
			return errors.New(cmp.Or(file.Fault(), "it names no file"))
		}
		return nil
	})
}

// DisableExtract has the connections of a data source used in place of its extract (hard
// case 74). The file stays in the package, which is noted, or is removed unless something
// else refers to it. No extract is a [*tds.NotFoundError].
func (f *File) DisableExtract(ds *tds.Datasource, removeFile bool) error {
	return f.datasourceVerb("disabling the extract", ds, func() error {
		file, _ := f.ExtractFile(ds)
		if err := ds.EnableExtract(false); err != nil {
			return told{err}
		}
		if file.Entry == "" {
			return nil
		}
		for r := range f.referencesTo(file.Entry) {
			if other := f.datasourceAround(r); other == nil || other.Element() != ds.Element() || r.el.Parent().Name() != "extract" {
				ds.Element().Note("the entry %q stays in the package: %s refers to it", file.Entry, r.el.Path())
				return nil
			}
		}
		if removeFile {
			return f.dropEntry(file.Entry)
		}
		ds.Element().Note("the entry %s stays in the package with the rows of the extract, and nothing uses it", strconv.Quote(file.Entry))
		return nil
	})
}
