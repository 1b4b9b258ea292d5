package documents

import (
	"fmt"
	"io"
)

// WriteEdits writes what tells the file, as it would be written, from the one that was opened: the document if it was changed,
// and every entry of the package that was, with its new content. What it writes is the same for two files that were opened from
// the same bytes if they would be written as the same bytes, and else differs; it is for telling them apart without reading
// what no edit touched, such as a large extract, and is no file.
func (f *File) WriteEdits(w io.Writer) error {
	if f.doc.Changed() {
		if _, err := fmt.Fprintf(w, "document %d\n", f.doc.Size()); err != nil {
			return err
		}
		if _, err := f.doc.WriteTo(w); err != nil {
			return err
		}
	}
	for _, e := range f.entries {
		if _, err := fmt.Fprintf(w, "entry %q %q %t %d\n", e.from, e.to, e.content != nil, e.size); err != nil {
			return err
		}
		if e.content == nil {
			continue
		}
		if err := copyContent(w, e); err != nil {
			return fmt.Errorf("reading the new entry %q: %w", e.to, err)
		}
	}
	return nil
}

func copyContent(w io.Writer, e entryEdit) error {
	content, _, err := e.content.Open()
	if err != nil {
		return err
	}
	defer content.Close()
	n, err := io.Copy(w, content)
	if err == nil && n != e.size {
		err = fmt.Errorf("it has %d bytes now, and had %d", n, e.size)
	}
	return err
}
