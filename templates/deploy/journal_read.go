package deploy

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"
)

// journalFormat is the number of the format that this version writes and reads.
const journalFormat = 1

// journalHeader is the first line of a journal.
const journalHeader = `{"tabtemplate_journal":1}` + "\n"

// maxLine limits the memory that a line takes. The longest one has the keys of all sites.
const maxLine = 64 << 20

// A journalEntry is an entry and where it stands.
type journalEntry struct {
	Entry
	offset, length int64
}

// entries ranges over the entries of a journal. A last line without an end is none: it was never wholly written, or is being
// written. Errors name the line; the path is for them.
func entries(path string, r io.Reader) iter.Seq2[journalEntry, error] {
	return func(yield func(journalEntry, error) bool) {
		lines := lineReader{in: bufio.NewReaderSize(r, 64<<10)}
		offset := int64(0)
		for number := 1; ; number++ {
			line, err := lines.next()
			if errors.Is(err, io.EOF) {
				return
			}
			e := journalEntry{offset: offset, length: int64(len(line))}
			offset += e.length
			switch {
			case err != nil:
			case number == 1:
				if err = readHeader(line); err == nil {
					continue
				}
			default:
				err = e.read(line)
			}
			if err != nil {
				yield(journalEntry{}, fmt.Errorf("%s:%d: %w", path, number, err))
				return
			}
			if !yield(e, nil) {
				return
			}
		}
	}
}

func (e *journalEntry) read(line []byte) error {
	err := json.Unmarshal(bytes.TrimSuffix(line, []byte("\n")), &e.Entry)
	if err == nil {
		err = e.check()
	}
	if err != nil {
		return fmt.Errorf("this line is broken: %w; delete it, and what it was about is looked for on the server and published again where need be", err)
	}
	return nil
}

// readHeader looks whether this version knows the format.
func readHeader(line []byte) error {
	var header struct {
		Format int `json:"tabtemplate_journal"`
	}
	err := json.Unmarshal(line, &header)
	switch {
	case err != nil || header.Format < 1:
		return errNoJournal
	case header.Format != journalFormat:
		return fmt.Errorf("this journal has format %d, and this version of tabtemplate knows format %d: use the version that wrote it", header.Format, journalFormat)
	}
	return nil
}

var errNoJournal = errors.New("this is not a journal of tabtemplate: give another path")

// checkHeader looks whether a file is a journal, or may be the beginning of one.
func checkHeader(r io.ReaderAt) error {
	lines := lineReader{in: bufio.NewReader(io.NewSectionReader(r, 0, 1<<62))}
	line, err := lines.next()
	if err == nil {
		return readHeader(line)
	}
	if errors.Is(err, io.EOF) && strings.HasPrefix(journalHeader, string(lines.line)) {
		return nil
	}
	return errNoJournal
}

// lineReader reads whole lines.
type lineReader struct {
	in   *bufio.Reader
	line []byte // as far as it was read, of those that are longer than the buffer
}

// next is the next line with its end, until next is called again. The error is io.EOF after the last whole line; what follows it
// is in line.
func (r *lineReader) next() ([]byte, error) {
	r.line = r.line[:0]
	for {
		part, err := r.in.ReadSlice('\n')
		if len(r.line)+len(part) > maxLine {
			return nil, fmt.Errorf("this line has more than %d bytes", maxLine)
		}
		if err == nil && len(r.line) == 0 {
			return part, nil
		}
		r.line = append(r.line, part...)
		if !errors.Is(err, bufio.ErrBufferFull) {
			return r.line, err
		}
	}
}
