package documents

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/tabtemplate/tabtemplate/documents/internal/xmledit"
	"github.com/tabtemplate/tabtemplate/packaging"
)

// SyntaxError says where and why bytes are not a document: its fields are Kind,
// Position (Line and Col), Offset in bytes and Detail.
type SyntaxError = xmledit.SyntaxError

// SyntaxErrorKind is the rule that a [SyntaxError] is about.
type SyntaxErrorKind = xmledit.ErrorKind

// The kinds of syntax error.
const (
	Malformed          = xmledit.Malformed
	BadEncoding        = xmledit.BadEncoding
	BadCharacter       = xmledit.BadCharacter
	BadReference       = xmledit.BadReference
	DuplicateAttribute = xmledit.DuplicateAttribute
	Doctype            = xmledit.Doctype
	Empty              = xmledit.Empty
	TooLarge           = xmledit.TooLarge
	TooDeep            = xmledit.TooDeep
)

// ConflictError says that two rules of [File.Atomically] want different things of
// one place.
type ConflictError = xmledit.ConflictError

// Option sets how a file is opened.
type Option func(*options) error

type options struct {
	document int64
	packages []packaging.Option
}

// WithMaxDocument limits the size of the document in bytes. The default, and the
// most, is 1 GiB.
func WithMaxDocument(bytes int64) Option {
	return func(o *options) error {
		if bytes < 1 || bytes > 1<<30 {
			return fmt.Errorf("maximum document size %d: it must be from 1 to 1 GiB", bytes)
		}
		o.document = bytes
		return nil
	}
}

// WithPackage hands limits on to package packaging.
func WithPackage(opts ...packaging.Option) Option {
	return func(o *options) error {
		o.packages = append(o.packages, opts...)
		return nil
	}
}

func newOptions(opts []Option) (options, error) {
	o := options{document: 1 << 30}
	var errs []error
	for _, opt := range opts {
		errs = append(errs, opt(&o))
	}
	return o, errors.Join(errs...)
}

// Open opens the file with this path. What it is, is decided by its content, not by
// its name. The file stays open until [File.Close], because a package is read from
// it whenever a result is written.
//
// Errors are those of package packaging, a [*SyntaxError], or say that the document
// is neither a workbook nor a data source.
func Open(path string, opts ...Option) (*File, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("opening document: %w", err)
	}
	info, err := file.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("opening document: %s is not a file", path)
	}
	var f *File
	if err == nil {
		f, err = open(path, file, info.Size(), opts)
	}
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	if !f.kind.IsPackaged() { // all of it is in memory
		return f, file.Close()
	}
	f.closer = file
	return f, nil
}

// OpenReader opens the first size bytes of r, which must stay readable as long as
// the File and its clones are used.
func OpenReader(r io.ReaderAt, size int64, opts ...Option) (*File, error) {
	return open("document", r, size, opts)
}

func open(name string, r io.ReaderAt, size int64, opts []Option) (*File, error) {
	o, err := newOptions(opts)
	if err != nil {
		return nil, fmt.Errorf("opening %s: %w", name, err)
	}
	f := &File{name: name}
	var data []byte
	if packaging.IsPackage(r, size) {
		if data, err = f.openPackage(r, size, o); err != nil {
			return nil, fmt.Errorf("opening %s: %w", name, err)
		}
	} else if data, err = readBare(r, size, o.document); err != nil {
		return nil, fmt.Errorf("opening %s: %w", name, err)
	}
	f.base = packaging.NewBase(data)
	f.doc, err = xmledit.Parse(data, xmledit.Limits{Size: int(o.document)})
	if bad, ok := errors.AsType[*SyntaxError](err); ok && (bad.Kind == Doctype || !isMarkup(data)) {
		err = &foreignError{err}
	}
	if err != nil {
		return nil, fmt.Errorf("opening %s:%w", f.documentName(), err)
	}
	switch root := f.doc.Root(); root.Name() {
	case "workbook", "datasource":
		f.kind = kindOf(root.Name() == "workbook", f.pkg != nil)
	default:
		return nil, &foreignError{fmt.Errorf("opening %s:%s: the root element is <%s>, a workbook has <workbook>, a data source <datasource>",
			f.documentName(), root.Position(), root.FullName())}
	}
	return f, nil
}

// foreignError is that of a file that Tableau never wrote: a table, an image, a page.
type foreignError struct{ error }

func (e *foreignError) Unwrap() error { return e.error }

// Hint says what is expected, as errors of package packaging do.
func (e *foreignError) Hint() string {
	return "what is needed is a workbook of Tableau, .twb or .twbx, or a data source, .tds or .tdsx"
}

// isMarkup tells whether data begins like a document, which may be damaged further on; one
// that is empty was one, too, as may be one in UTF-16.
func isMarkup(data []byte) bool {
	text := bytes.TrimSpace(bytes.TrimPrefix(data, []byte("\uFEFF")))
	return len(text) == 0 || text[0] == '<' || bytes.HasPrefix(data, []byte("\xFF\xFE")) || bytes.HasPrefix(data, []byte("\xFE\xFF"))
}

func (f *File) openPackage(r io.ReaderAt, size int64, o options) ([]byte, error) {
	pkg, err := packaging.Open(r, size, o.packages...)
	if err != nil {
		return nil, err
	}
	f.pkg = pkg
	data, err := pkg.ReadEntry(pkg.Document().Name, o.document)
	if err != nil {
		return nil, err
	}
	return data, nil
}

// documentName is how errors about a place in the document name it.
func (f *File) documentName() string {
	if f.pkg == nil {
		return f.name
	}
	return fmt.Sprintf("%s: %q", f.name, f.pkg.Document().Name)
}

func readBare(r io.ReaderAt, size, limit int64) ([]byte, error) {
	if size > limit {
		return nil, fmt.Errorf("the document has %d bytes, the limit is %d", size, limit)
	}
	data := make([]byte, size)
	if _, err := io.ReadFull(io.NewSectionReader(r, 0, size), data); err != nil {
		return nil, err
	}
	if bytes.HasPrefix(data, []byte("version https://git-lfs.github.com/")) {
		return nil, &packaging.Error{Reason: packaging.ErrPointer}
	}
	return data, nil
}
