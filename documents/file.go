package documents

import (
	"fmt"
	"io"
	"iter"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tabtemplate/tabtemplate/documents/internal/xmledit"
	"github.com/tabtemplate/tabtemplate/documents/tds"
	"github.com/tabtemplate/tabtemplate/documents/twb"
	"github.com/tabtemplate/tabtemplate/packaging"
)

// File is an open workbook or data source. One goroutine at a time may use it; any
// number may call Clone at the same time and beside its reading, as long as nobody
// edits it.
type File struct {
	name      string
	kind      Kind // as it was opened
	doc       *xmledit.Document
	pkg       *packaging.Package // nil for a bare document
	base      *packaging.Base    // the document, for packages
	closer    io.Closer          // nil for clones, readers and bare documents
	entries   []entryEdit        // of other entries than the document; never changed in place
	unwrapped bool               // the package is left behind
	rule      string             // in whose name entries are edited; "" outside any
}

// Close releases the file. Clones cannot be written any more.
func (f *File) Close() error {
	if f.closer == nil {
		return nil
	}
	return f.closer.Close()
}

// Kind tells what the file is, by its content, and what it will be written as: a bare
// document that got an entry becomes a package, and [File.Unwrap] makes a package a bare
// document.
func (f *File) Kind() Kind { return kindOf(f.kind.IsWorkbook(), f.isPackaged()) }

// Clone gives a file with the same content and edits, which from then on has its own
// edits. It shares everything that does not change; closing the original closes it.
func (f *File) Clone() *File {
	c := *f
	c.doc, c.closer, c.rule = f.doc.Clone(), nil, ""
	return &c
}

// Workbook is the workbook, not ok for a data source.
func (f *File) Workbook() (wb *twb.Workbook, ok bool) {
	if !f.kind.IsWorkbook() {
		return nil, false
	}
	return twb.Wrap(f.doc.Root()), true
}

// Datasources lists the data sources in document order: those of a workbook without
// the one that only holds parameters, or the one of a data source file.
func (f *File) Datasources() iter.Seq[*tds.Datasource] {
	if wb, ok := f.Workbook(); ok {
		return wb.Datasources()
	}
	return func(yield func(*tds.Datasource) bool) { yield(tds.Wrap(f.doc.Root())) }
}

// Datasource finds a data source by its caption, or else by its internal name. None
// is a [*tds.NotFoundError], several with one caption are a [*tds.AmbiguousError].
func (f *File) Datasource(name string) (*tds.Datasource, error) {
	return tds.Find(f.Datasources(), name)
}

// RenameDatasource gives a data source, found as [File.Datasource] finds it, another
// caption: itself and every copy of the caption in the lists of data sources of views,
// dashboards, shared views and actions, in the tree of published data sources, and in the
// copies nested in the metadata of a published reference (format 7, 13, hard case 71). A
// copy without a caption stays so, unless the data source had none itself; one with another
// than the data source is left alone and noted. What only looks like the caption stays: internal names, captions of connections
// and tables, the name of the published data source. A data source file is given the
// caption at its root, where Tableau itself writes none; a server calls it by the name it
// is published under.
//
// An empty caption and one that another data source has are errors. If there is no data
// source of the name, but one that has the caption already, that is noted: it has been
// renamed.
func (f *File) RenameDatasource(name, caption string) error {
	return tds.Rename(f.doc, f.Datasources(), name, caption)
}

// Atomically runs edit: if it fails, the file is as it was before. What edit changes,
// it changes in the name of rule: a rule with another name that wants something else
// of the same place later fails with a [*ConflictError]. With an empty rule, as
// outside Atomically, later edits replace earlier ones.
func (f *File) Atomically(rule string, edit func() error) error {
	outer := f.rule
	if rule != "" {
		f.rule = rule
	}
	defer func() { f.rule = outer }()
	return f.doc.Atomically(rule, edit)
}

// Change is one difference between the file as it was opened and as it would be
// written.
type Change struct {
	Path      string // the element, attribute or text: /workbook/datasources/datasource/@caption
	Line, Col int    // in the document, from 1; the column in characters
	Start     int    // of the replaced bytes in the document, from 0
	End       int    // after them; equal to Start where something is added
	Old, New  string // values, or markup of elements; empty for what is not there; no passwords
	// Written is what stands in the place of the bytes from Start to End, as it is written:
	// put there for all changes, it makes the new document of the old. Passwords are
	// redacted in it, too.
	Written string
}

// String is the change in one line: place, path, old and new value.
func (c Change) String() string {
	return fmt.Sprintf("%d:%d %s: %q -> %q", c.Line, c.Col, c.Path, c.Old, c.New)
}

// Changes lists the edits as they will be written, in the order of the document.
func (f *File) Changes() iter.Seq[Change] {
	return func(yield func(Change) bool) {
		for c := range f.doc.Changes() {
			if !yield(Change{
				Path: c.Path, Line: c.Position.Line, Col: c.Position.Col, Start: c.Start, End: c.End,
				Old: redact(c.Path, c.Before), New: redact(c.Path, c.After), Written: redactWritten(c),
			}) {
				return
			}
		}
	}
}

// Note is something an edit wants its caller to know that is no failure: a copy that had
// drifted from the others and was left alone, rows of an extract that stay.
type Note struct {
	Path      string // the element it is about
	Line, Col int    // in the document, from 1
	Text      string
}

// String is the note in one line: place, path and text.
func (n Note) String() string { return fmt.Sprintf("%d:%d %s: %s", n.Line, n.Col, n.Path, n.Text) }

// Notes lists what the edits made so far want to be known, in the order of the edits. An
// edit that was undone has none.
func (f *File) Notes() iter.Seq[Note] {
	return func(yield func(Note) bool) {
		for n := range f.doc.Notes() {
			if !yield(Note{n.Path, n.Position.Line, n.Position.Col, n.Text}) {
				return
			}
		}
	}
}

// ChangeCount is how many changes there are, of the document and of other entries;
// counting them is cheaper than listing them.
func (f *File) ChangeCount() int { return len(f.doc.Splices()) + len(f.entries) }

// Content is a file as it would be written: what an upload reads. Its size is known,
// and parts of it may be read in any order, by several goroutines.
type Content interface {
	io.ReaderAt
	io.WriterTo
	io.Closer
	Size() int64
}

// Content is the file with its edits as they are now; later edits do not change it.
// Untouched parts are read from where the file was opened when they are needed.
// Close it when done.
func (f *File) Content() (Content, error) {
	if !f.isPackaged() {
		return newPieces(f.doc), nil
	}
	var document packaging.Content // nil: as it is
	if f.pkg == nil || f.doc.Changed() {
		var splices []packaging.Splice
		for _, s := range f.doc.Splices() {
			splices = append(splices, packaging.Splice(s))
		}
		document = f.base.With(splices...)
	}
	a, err := f.container().With(f.packageChanges(document)...)
	if err != nil {
		return nil, fmt.Errorf("packing %s: %w", f.name, err)
	}
	return a, nil
}

// WriteTo writes the file with its edits.
func (f *File) WriteTo(w io.Writer) (n int64, err error) {
	if !f.isPackaged() {
		return f.doc.WriteTo(w)
	}
	content, err := f.Content()
	if err != nil {
		return 0, err
	}
	defer content.Close()
	return content.WriteTo(w)
}

// Save writes the file with its edits to path, whole or not at all. An existing file
// is refused unless packaging.Overwrite is given, and so is a path whose extension
// is that of another kind of file.
func (f *File) Save(path string, opts ...packaging.WriteOption) error {
	ext := strings.ToLower(filepath.Ext(path))
	others := []Kind{TWB, TWBX, TDS, TDSX}
	kind := f.Kind()
	if ext != kind.Ext() && slices.ContainsFunc(others, func(k Kind) bool { return k.Ext() == ext }) {
		return fmt.Errorf("saving %s: the file is a %s", path, kind)
	}
	return packaging.WriteFile(path, f, opts...)
}
