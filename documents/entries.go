package documents

import (
	"errors"
	"fmt"
	"iter"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/tabtemplate/tabtemplate/documents/tds"
	"github.com/tabtemplate/tabtemplate/packaging"
)

// entryEdit is what becomes of one entry of the package beside the document.
type entryEdit struct {
	from    string            // its name in the package as it was opened, "" of a new entry
	to      string            // its name from now on, "" of a removed one
	content packaging.Content // nil for that of the package
	size    int64             // of content
	named   string            // rule in whose name to was last set, "" outside any
	filled  string            // likewise content
}

// change is e for the package.
func (e *entryEdit) change() packaging.Change {
	switch {
	case e.from == "":
		return packaging.Change{Name: e.to, Content: e.content, Add: true}
	case e.to == "":
		return packaging.Change{Name: e.from, Remove: true}
	}
	return packaging.Change{Name: e.from, NewName: e.to, Content: e.content}
}

// EntryChange is one difference between the entries of the file as it was opened and as it
// would be written, the document aside.
type EntryChange struct {
	Old string // name, "" of a new entry
	New string // name, "" of a removed entry
	// Content tells that the entry gets other content, Size how many bytes of it.
	Content bool
	Size    int64
}

// String is the change in one line.
func (c EntryChange) String() string {
	size := fmt.Sprintf("%d bytes", c.Size)
	switch {
	case c.Old == "":
		return fmt.Sprintf("entry %q added, %s", c.New, size)
	case c.New == "":
		return fmt.Sprintf("entry %q removed", c.Old)
	case c.Old == c.New:
		return fmt.Sprintf("entry %q replaced, %s", c.Old, size)
	case c.Content:
		return fmt.Sprintf("entry %q replaced by %q, %s", c.Old, c.New, size)
	}
	return fmt.Sprintf("entry %q renamed to %q", c.Old, c.New)
}

// EntryChanges lists what becomes of the entries beside the document, in the order of the
// edits.
func (f *File) EntryChanges() iter.Seq[EntryChange] {
	return func(yield func(EntryChange) bool) {
		for _, e := range f.entries {
			if !yield(EntryChange{e.from, e.to, e.content != nil, e.size}) {
				return
			}
		}
	}
}

// Entries lists the entries of the package as they will be written, in order; a bare
// document has none. Of new content it tells only name and size.
func (f *File) Entries() iter.Seq[packaging.Entry] {
	return func(yield func(packaging.Entry) bool) {
		for e := range f.unsized() {
			if e.Name == f.documentEntry() && (f.pkg == nil || f.doc.Changed()) {
				e = packaging.Entry{Name: e.Name, Method: e.Method, Size: f.doc.Size(), Modified: e.Modified}
			}
			if !yield(e) {
				return
			}
		}
	}
}

// unsized lists the entries as Entries does, but for the size of the document, which takes
// as long to tell as all changes do.
func (f *File) unsized() iter.Seq[packaging.Entry] {
	return func(yield func(packaging.Entry) bool) {
		if !f.isPackaged() {
			return
		}
		if f.pkg == nil && !yield(packaging.Entry{Name: f.documentEntry(), Method: packaging.Deflated}) {
			return
		}
		for e := range f.container().Entries() {
			if i := slices.IndexFunc(f.entries, func(edit entryEdit) bool { return edit.from == e.Name }); i >= 0 {
				edit := f.entries[i]
				if e.Name = edit.to; edit.content != nil {
					e = packaging.Entry{Name: edit.to, Method: e.Method, Size: edit.size, Modified: e.Modified}
				}
			}
			if e.Name != "" && !yield(e) {
				return
			}
		}
		for _, edit := range f.entries {
			if edit.from == "" && !yield(packaging.Entry{Name: edit.to, Method: packaging.Deflated, Size: edit.size}) {
				return
			}
		}
	}
}

// container is the package that the entries are changed in.
func (f *File) container() *packaging.Package {
	if f.pkg == nil {
		return packaging.Empty()
	}
	return f.pkg
}

// isPackaged tells whether the file will be written as a package.
func (f *File) isPackaged() bool {
	return f.pkg != nil && !f.unwrapped || slices.ContainsFunc(f.entries, func(e entryEdit) bool { return e.to != "" })
}

// packageChanges are the edits for the package: those of the entries, and that of the
// document, which is content.
func (f *File) packageChanges(content packaging.Content) []packaging.Change {
	changes := []packaging.Change{}
	if f.pkg == nil || content != nil {
		changes = append(changes, packaging.Change{Name: f.documentEntry(), Content: content, Add: f.pkg == nil})
	}
	for _, e := range f.entries {
		changes = append(changes, e.change())
	}
	return changes
}

// wrapName is the name of a bare document in the package that it becomes.
func (f *File) wrapName() string {
	ext := kindOf(f.kind.IsWorkbook(), false).Ext()
	name := filepath.Base(f.name)
	stem := strings.TrimLeft(strings.TrimSuffix(name, filepath.Ext(name)), ".")
	if stem == "" || !utf8.ValidString(stem) || strings.ContainsAny(stem, `\/:`) {
		stem = "document"
	}
	return stem + ext
}

// AddEntry puts a new entry into the package, the last one; a bare document becomes a
// package. Content is opened to see that it is there, and read when the file is written. A
// name that is taken is an error, but adding once more what was added changes nothing.
func (f *File) AddEntry(name string, content packaging.Content) error {
	for _, e := range f.entries {
		if e.to == name && e.from == "" && e.content == content {
			return nil
		}
		if e.to == name && e.content != content && f.conflicts(e.named) {
			return f.conflict(name, e.named)
		}
	}
	err := f.editEntry(len(f.entries), entryEdit{to: name}, content)
	return wrapEntry("adding", name, err)
}

// ReplaceEntry gives an entry other content; its place, name and compression stay. A name
// that is not in the package is a [*tds.NotFoundError]. See [File.AddEntry] for content.
func (f *File) ReplaceEntry(name string, content packaging.Content) error {
	i, e, err := f.findEntry(name)
	if err == nil && e.content != nil && e.content != content && f.conflicts(e.filled) {
		return f.conflict(name, e.filled)
	}
	if err == nil && e.content != content {
		err = f.editEntry(i, e, content)
	}
	return wrapEntry("replacing", name, err)
}

// RenameEntry gives an entry another name, and the places of the document that refer to it
// follow, also the tables that are called by it (hard cases 21 and 22). A name that is not in
// the package is a [*tds.NotFoundError]; a name that is taken is an error, and so is one part
// of a shapefile, whose parts go by one name.
func (f *File) RenameEntry(name, newName string) error {
	i, e, err := f.findEntry(name)
	if err == nil && e.to != e.from && e.to != newName && f.conflicts(e.named) {
		return f.conflict(name, e.named)
	}
	if err == nil && name != newName {
		err = f.doc.Atomically("", func() error {
			for _, r := range slices.Collect(f.referencesTo(name)) {
				if err := f.checkParts(r, name); err != nil {
					return err
				}
				if err := r.follow(newName); err != nil {
					return err
				}
			}
			e.to = newName
			return f.editEntry(i, e, e.content)
		})
	}
	return wrapEntry("renaming", name, err)
}

// checkParts refuses to rename a spatial file that other entries belong to.
func (f *File) checkParts(r reference, name string) error {
	if r.folder == nil || r.folder.Class() != "ogrdirect" {
		return nil
	}
	for e := range f.Entries() {
		if e.Name != name && strings.TrimSuffix(e.Name, path.Ext(e.Name)) == strings.TrimSuffix(name, path.Ext(name)) {
			return fmt.Errorf("%q belongs to it and must have the same name: replace the contents instead", e.Name)
		}
	}
	return nil
}

// RemoveEntry takes an entry out of the package. An entry that the document refers to is
// an error that names the places, unless anyway is given: then they are left to refer to
// nothing, and noted. A name that is not in the package is a [*tds.NotFoundError].
func (f *File) RemoveEntry(name string, anyway bool) error {
	err := f.doc.Atomically("", func() error {
		if err := f.dropEntry(name); err != nil {
			return err
		}
		var used []string
		for r := range f.referencesTo(name) {
			used = append(used, r.el.Path())
			r.el.Note("refers to the entry %q, which was removed", name)
		}
		if len(used) > 0 && !anyway {
			return fmt.Errorf("it is used by %s", strings.Join(used, ", "))
		}
		return nil
	})
	return wrapEntry("removing", name, err)
}

// dropEntry removes an entry, whoever refers to it.
func (f *File) dropEntry(name string) error {
	i, e, err := f.findEntry(name)
	if err != nil {
		return err
	}
	switch {
	case e.to != e.from && f.conflicts(e.named):
		return f.conflict(name, e.named)
	case e.content != nil && f.conflicts(e.filled):
		return f.conflict(name, e.filled)
	}
	e.to = ""
	return f.editEntry(i, e, nil)
}

func wrapEntry(doing, name string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s entry %q: %w", doing, name, err)
}

// Unwrap makes a package a bare document again. Entries beside the document are an error
// that lists them, and so are places that refer into the package (hard case 25). Folders
// go with it. A bare document is left as it is.
func (f *File) Unwrap() error {
	if !f.isPackaged() {
		return nil
	}
	var left []string
	for e := range f.unsized() {
		if !e.IsDir() && e.Name != f.documentEntry() {
			left = append(left, strconv.Quote(e.Name))
		}
	}
	if len(left) > 0 {
		return fmt.Errorf("unwrapping the package: it holds %s", strings.Join(left[:min(len(left), listed)], ", "))
	}
	for r := range f.references() {
		if !isOutside(r.path) {
			return fmt.Errorf("unwrapping the package: %s refers to %q", r.el.Path(), r.path)
		}
	}
	if f.pkg != nil {
		f.unwrapped = true
		f.doc.OnFailure(func() { f.unwrapped = false })
	}
	return nil
}

// listed is how many entries an error lists.
const listed = 20

// documentEntry is the name of the document in the package.
func (f *File) documentEntry() string {
	if f.pkg == nil {
		return f.wrapName()
	}
	return f.pkg.Document().Name
}

// errDocument says that an entry is none of those beside the document.
var errDocument = errors.New("it is the document")

// findEntry finds what becomes of an entry, by the name that it has now.
func (f *File) findEntry(name string) (int, entryEdit, error) {
	if name == f.documentEntry() {
		return 0, entryEdit{}, errDocument
	}
	for i, e := range f.entries {
		if e.to == name {
			return i, e, nil
		}
	}
	there := []string{}
	for e := range f.unsized() {
		if e.Name == name {
			return len(f.entries), entryEdit{from: name, to: name}, nil
		}
		if strings.EqualFold(path.Base(e.Name), path.Base(name)) { // the one that was meant comes first
			there = slices.Insert(there, 0, strconv.Quote(e.Name))
		} else {
			there = append(there, strconv.Quote(e.Name))
		}
	}
	for _, e := range f.entries {
		if e.from == name && f.conflicts(e.named) {
			return 0, e, f.conflict(name, e.named)
		}
	}
	return 0, entryEdit{}, &tds.NotFoundError{What: "entry " + strconv.Quote(name), There: there}
}

// conflicts tells whether what a rule did stands in the way of the present one.
func (f *File) conflicts(rule string) bool { return f.rule != "" && rule != "" && rule != f.rule }

func (f *File) conflict(name, rule string) error {
	return &ConflictError{Path: "entry " + strconv.Quote(name), First: rule, Second: f.rule}
}

// editEntry puts an edit in the place of edit i, or behind all. The list that there was is
// left as it is: clones have it, too.
func (f *File) editEntry(i int, e entryEdit, content packaging.Content) error {
	if content != nil && e.content != content {
		r, size, err := content.Open()
		if err != nil {
			return err
		}
		if err := r.Close(); err != nil {
			return err
		}
		e.size = size
	}
	was := e.from
	if i < len(f.entries) {
		was = f.entries[i].to
	}
	if f.rule != "" && e.to != was {
		e.named = f.rule
	}
	if f.rule != "" && e.content != content {
		e.filled = f.rule
	}
	if e.content = content; content == nil {
		e.size = 0
	}
	edits := append(slices.Clone(f.entries[:i]), e)
	if i < len(f.entries) {
		edits = append(edits, f.entries[i+1:]...)
	}
	if e.from == e.to && e.content == nil { // added and gone again, or renamed back
		edits = slices.Delete(edits, i, i+1)
	}
	old, unwrapped := f.entries, f.unwrapped
	f.entries, f.unwrapped = edits, false
	if err := f.checkEntries(); err != nil {
		f.entries, f.unwrapped = old, unwrapped
		return err
	}
	f.doc.OnFailure(func() { f.entries, f.unwrapped = old, unwrapped })
	return nil
}

// checkEntries checks the edits of entries against each other and the package, so that it
// is the edit that fails and not writing.
func (f *File) checkEntries() error {
	if len(f.entries) == 0 {
		return nil
	}
	var document packaging.Content
	if f.pkg == nil {
		document = f.base.With()
	}
	return f.container().Check(f.packageChanges(document)...)
}
