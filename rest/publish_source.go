package rest

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// A FileSource is a file on disk to publish. It comes from [OpenFile].
type FileSource struct {
	file     *os.File
	size     int64
	modified time.Time
}

// OpenFile opens a file to publish. Close it when it is published.
func OpenFile(path string) (*FileSource, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("opening a file to publish: %w", err)
	}
	info, err := file.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%s is not a regular file", path)
	}
	if err != nil {
		_ = file.Close() // it was only read
		return nil, fmt.Errorf("opening a file to publish: %w", err)
	}
	return &FileSource{file, info.Size(), info.ModTime()}, nil
}

// Size is the length in bytes when the file was opened.
func (f *FileSource) Size() int64 { return f.size }

// ReadAt reads from the file. A file that has changed since it was opened is an error: what was sent of it until then is of
// another file.
func (f *FileSource) ReadAt(p []byte, off int64) (int, error) {
	n, err := f.file.ReadAt(p, off)
	info, statErr := f.file.Stat()
	switch {
	case statErr != nil:
		return 0, statErr
	case info.Size() != f.size || !info.ModTime().Equal(f.modified):
		return 0, fmt.Errorf("%s has changed since it was opened", f.file.Name())
	}
	return n, err
}

// Close closes the file.
func (f *FileSource) Close() error { return f.file.Close() }

// A fileType is a kind of file that can be published, and how one begins.
type fileType struct {
	extension string
	begins    func(head []byte) bool
}

// sniff finds the type of a file by its first bytes. A file on disk has to have a name that fits.
func sniff(src Source, types []fileType) (string, error) {
	if src == nil {
		return "", errors.New("Source is nil")
	}
	if src.Size() <= 0 {
		return "", errors.New("the file is empty")
	}
	head := make([]byte, min(src.Size(), 512))
	if n, err := src.ReadAt(head, 0); n < len(head) {
		return "", sourceError{errors.Join(err, io.ErrUnexpectedEOF)}
	}
	names := convert(types, func(t fileType) string { return "." + t.extension })
	at := slices.IndexFunc(types, func(t fileType) bool { return t.begins(head) })
	if at < 0 {
		return "", fmt.Errorf("the file is none of %s", strings.Join(names, ", "))
	}
	if file, ok := src.(*FileSource); ok {
		extension := strings.ToLower(filepath.Ext(file.file.Name()))
		switch {
		case slices.Contains(tableauFiles, extension) && !slices.Contains(names, extension):
			return "", fmt.Errorf("%s is none of %s", file.file.Name(), strings.Join(names, ", "))
		case slices.Contains(tableauFiles, extension) && extension != names[at]:
			return "", fmt.Errorf("%s is a %s by what it holds", file.file.Name(), names[at])
		}
	}
	return types[at].extension, nil
}

// tableauFiles are the extensions that tell what a file is.
var tableauFiles = []string{".twb", ".twbx", ".tds", ".tdsx", ".tfl", ".tflx", ".hyper", ".tde", ".parquet"}

// isPackage says whether a file begins like a zip file.
func isPackage(head []byte) bool { return bytes.HasPrefix(head, []byte("PK\x03\x04")) }

// isDocument says whether a file begins like an XML document with that root, as far as can be seen.
func isDocument(head []byte, root string) bool {
	head = bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\ufeff")), " \t\r\n")
	if !bytes.HasPrefix(head, []byte("<")) {
		return false
	}
	d := xml.NewDecoder(bytes.NewReader(head))
	for {
		token, err := d.RawToken()
		if err != nil { // it begins further down
			return true
		}
		if start, ok := token.(xml.StartElement); ok {
			return start.Name.Local == root
		}
	}
}
