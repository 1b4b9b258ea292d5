package documents

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"github.com/tabtemplate/tabtemplate/documents/tds"
	"github.com/tabtemplate/tabtemplate/packaging"
)

// dataHeads are the first bytes of data files, by extension: of those that were seen, all
// begin so.
var dataHeads = map[string]string{
	".hyper": "Hyper",
	".tde":   "\x20\x02\x01\x62\xa0\x1e\xab\x07",
	".xlsx":  "PK\x03\x04",
	".xlsm":  "PK\x03\x04",
}

// headOf reads the first bytes of a file. An empty one is an error, and so is the text that
// Git LFS keeps in place of one.
func headOf(content packaging.Content) (string, error) {
	if content == nil {
		return "", errors.New("there is no content")
	}
	r, _, err := content.Open()
	if err != nil {
		return "", err
	}
	defer r.Close()
	head := make([]byte, 64)
	n, err := io.ReadFull(r, head)
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return "", err
	}
	switch {
	case n == 0:
		return "", &packaging.Error{Reason: packaging.ErrEmpty}
	case strings.HasPrefix(string(head[:n]), "version https://git-lfs.github.com/"):
		return "", &packaging.Error{Reason: packaging.ErrPointer}
	}
	return string(head[:n]), nil
}

// NewData is a file to put in the place of an entry.
type NewData struct {
	// Content of the file, nil for that of the entry. Its first bytes are looked at at once;
	// all of it is read when the file is written. See [packaging.File].
	Content packaging.Content
	// Name is the new name of the entry, a path or a name in the folder it is in; "" for the
	// one it has.
	Name string
}

// DataOf is the file with this path, as the entry with this name. See [NewData.Name].
func DataOf(path, name string) NewData { return NewData{packaging.File(path), name} }

// entry is the name that an entry gets.
func (d NewData) entry(old string) string {
	switch {
	case d.Name == "":
		return old
	case strings.Contains(d.Name, "/"):
		return d.Name
	}
	return path.Join(path.Dir(old), d.Name)
}

// ReplaceData puts another file in the place of an entry that holds data or an image (hard
// cases 21 and 22). What refers to it follows another name. A .hyper, .tde or .xlsx keeps its
// kind, by its name and by its first bytes. A name that is not in the package is a
// [*tds.NotFoundError], unless the new one is: then the entry has been renamed, which is
// noted.
func (f *File) ReplaceData(name string, d NewData) error {
	err := f.doc.Atomically("", func() error {
		newName := d.entry(name)
		ext, newExt := strings.ToLower(path.Ext(name)), strings.ToLower(path.Ext(newName))
		if (dataHeads[ext] != "" || dataHeads[newExt] != "") && ext != newExt {
			return fmt.Errorf("it is a %s, and the name %q does not end so", ext, newName)
		}
		if _, _, err := f.findEntry(name); errors.Is(err, tds.ErrNotFound) && f.hasEntry(newName) {
			f.doc.Root().Note("there is no entry %q; %q is there already", name, newName)
			name = newName
		}
		if d.Content != nil {
			head, err := headOf(d.Content)
			if err != nil {
				return err
			}
			if !strings.HasPrefix(head, dataHeads[ext]) {
				return fmt.Errorf("the file is no %s", ext)
			}
			if err := f.ReplaceEntry(name, d.Content); err != nil {
				return told{err}
			}
		}
		if err := f.RenameEntry(name, newName); err != nil {
			return told{err}
		}
		return nil
	})
	if t, ok := errors.AsType[told](err); ok {
		return t.error
	}
	return wrapEntry("replacing", name, err)
}

// hasEntry tells whether there is an entry with a name.
func (f *File) hasEntry(name string) bool {
	for e := range f.Entries() {
		if e.Name == name {
			return true
		}
	}
	return false
}

// holds tells whether an entry has just this content. Another length saves reading them.
func (f *File) holds(name string, content packaging.Content) (same bool, err error) {
	_, e, err := f.findEntry(name)
	if err != nil || e.content == content {
		return err == nil, err
	}
	b, size, err := content.Open()
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, b.Close()) }()
	for entry := range f.Entries() {
		if entry.Name == name && entry.Size != size {
			return false, nil
		}
	}
	there, err := f.contentOf(e)
	if err != nil {
		return false, err
	}
	a, _, err := there.Open()
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	return equalStreams(a, b)
}

// contentOf is the content of an entry: that of the package, unless it got other one.
func (f *File) contentOf(e entryEdit) (packaging.Content, error) {
	if e.content != nil {
		return e.content, nil
	}
	return f.pkg.Content(e.from)
}

// equalStreams reads two streams of one length and compares them.
func equalStreams(a, b io.Reader) (bool, error) {
	p, q := make([]byte, 64<<10), make([]byte, 64<<10)
	for {
		n, err := io.ReadFull(a, p)
		if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
			return false, err
		}
		if _, err := io.ReadFull(b, q[:n]); err != nil {
			return false, err
		}
		if !bytes.Equal(p[:n], q[:n]) {
			return false, nil
		}
		if err != nil {
			return true, nil
		}
	}
}
