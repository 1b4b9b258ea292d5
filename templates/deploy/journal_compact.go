package deploy

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"slices"

	"github.com/tabtemplate/tabtemplate/packaging"
)

// compactFrom is how large a journal is before it is looked at for what it could do without.
const compactFrom = 1 << 20

// compact writes a journal anew without what no later run needs, if that is most of it. It is there whole at every moment, as it
// was or as it is to be. While a run is unfinished nothing is taken away: it may be gone on with.
func compact(path string) error {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case info.Size() < compactFrom:
		return nil
	}
	var needed needed
	if err := needed.read(path); err != nil {
		return err
	}
	if !needed.ended || needed.size() > info.Size()/2 {
		return nil
	}
	return packaging.WriteFile(path, &needed, packaging.Overwrite(), packaging.Sync())
}

// A span is where an entry stands in a journal. Without a length it is none.
type span struct{ offset, length int64 }

// needed is what a journal cannot do without: of each target the last outcome, the last one that put something on the server, and
// an intent that is open; and what tells of the last run.
type needed struct {
	path    string
	run     span
	end     span
	ended   bool // the last run
	targets map[Target]*targetSpans
}

type targetSpans struct{ intent, outcome, published span }

func (n *needed) read(path string) error {
	n.path, n.targets = path, map[Target]*targetSpans{}
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	for e, err := range entries(path, file) {
		if err != nil {
			return err
		}
		n.add(e)
	}
	return nil
}

func (n *needed) add(e journalEntry) {
	at := span{e.offset, e.length}
	switch {
	case e.Run != nil:
		n.run, n.end, n.ended = at, span{}, false
	case e.End != nil:
		n.end, n.ended = at, true
	case e.Intent != nil:
		n.target(e.Intent.Target).intent = at
	case e.Outcome != nil:
		t := n.target(e.Outcome.Target)
		t.outcome = at
		if e.Outcome.Fingerprint.Content != "" {
			t.published = at
		}
		if !e.Outcome.Open {
			t.intent = span{}
		}
	}
}

func (n *needed) target(t Target) *targetSpans {
	if n.targets[t] == nil {
		n.targets[t] = &targetSpans{}
	}
	return n.targets[t]
}

// spans are where the entries stand, in order.
func (n *needed) spans() []span {
	spans := []span{n.run, n.end}
	for t := range maps.Values(n.targets) {
		spans = append(spans, t.intent, t.outcome, t.published)
	}
	spans = slices.DeleteFunc(spans, func(s span) bool { return s.length == 0 })
	slices.SortFunc(spans, func(a, b span) int { return cmp.Compare(a.offset, b.offset) })
	return slices.Compact(spans) // the last outcome may be the one that put something there
}

// size is the number of bytes of all that is needed.
func (n *needed) size() int64 {
	size := int64(len(journalHeader))
	for _, s := range n.spans() {
		size += s.length
	}
	return size
}

// WriteTo writes a journal of what is needed, byte for byte as it was. The file is open no longer than that, because Windows
// replaces no file that is.
func (n *needed) WriteTo(w io.Writer) (int64, error) {
	file, err := os.Open(n.path)
	if err != nil {
		return 0, err
	}
	defer file.Close()
	count, err := io.WriteString(w, journalHeader)
	written := int64(count)
	for _, s := range n.spans() {
		if err != nil {
			break
		}
		var copied int64
		copied, err = io.Copy(w, io.NewSectionReader(file, s.offset, s.length))
		written += copied
	}
	if err != nil {
		return written, fmt.Errorf("compacting: %w", err)
	}
	return written, nil
}
