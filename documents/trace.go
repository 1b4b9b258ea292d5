package documents

import (
	"errors"
	"fmt"
	"iter"
	"slices"

	"github.com/tabtemplate/tabtemplate/documents/internal/xmledit"
	"github.com/tabtemplate/tabtemplate/documents/tds"
)

// TraceKind is what a [Trace] tells whoever gets the file, by what takes it out.
type TraceKind string

// The traces that [File.Scrub] takes out (format 15).
const (
	// TraceThumbnails are pictures of the views, with the data that they showed.
	TraceThumbnails TraceKind = "thumbnails"
	// TraceProvenance is the server, site, author and machine that a file comes from.
	TraceProvenance TraceKind = "provenance"
	// TraceCaches are results of queries in the package.
	TraceCaches TraceKind = "caches"
	// TraceCredentials are passwords and other secrets.
	TraceCredentials TraceKind = "credentials"
	// TraceUsers are names of users: those that connect, and those in paths of files.
	TraceUsers TraceKind = "users"
	// TraceHistory is when extracts and files were refreshed, and with how many rows.
	TraceHistory TraceKind = "history"
	// TraceStatistics are least and greatest values of columns, and how many there are.
	TraceStatistics TraceKind = "statistics"
	// TraceExtracts are extracts that are used or packed: the rows themselves.
	TraceExtracts TraceKind = "extracts"
)

// The traces that a file cannot be without, or that a verb of their own changes.
const (
	// TraceFiles are data files in the package, and entries that the document does not name.
	// See [File.ReplaceData] and [File.RemoveEntry].
	TraceFiles TraceKind = "files"
	// TracePublished are the server and site that a data source gets its data from, as a
	// reference to a published one. See [tds.Datasource.Repoint].
	TracePublished TraceKind = "published"
	// TraceConnections are the servers and databases that sources read. See
	// [tds.Connection.Update].
	TraceConnections TraceKind = "connections"
	// TraceSQL are secrets in the strings of custom SQL, which without them would not run. See
	// [tds.SQLQuery.Set].
	TraceSQL TraceKind = "sql"
	// TraceDesign are values and pictures that are a part of the design: members of filters,
	// aliases, colours and so on. They are counted.
	TraceDesign TraceKind = "design"
)

// ScrubKinds are the traces that [File.Scrub] takes out.
func ScrubKinds() []TraceKind {
	return []TraceKind{
		TraceThumbnails, TraceProvenance, TraceCaches, TraceCredentials, TraceUsers, TraceHistory, TraceStatistics, TraceExtracts,
	}
}

// OfDatasources tells whether there are traces of a kind in data sources, so that they can
// be taken out of one alone.
func (k TraceKind) OfDatasources() bool {
	return k != TraceThumbnails && k != TraceCaches && slices.Contains(ScrubKinds(), k)
}

// Trace is something in a file that tells of its author, or of the author's data.
type Trace struct {
	Kind TraceKind
	// Path is the place in the document, of an attribute or an element; the first of them if
	// there are several. It is empty for what only the package holds.
	Path      string
	Line, Col int // of its element, from 1; of a nested copy where that begins
	// Entry is what the package holds of it, "" for nothing; a folder ends in a slash.
	Entry string
	// Datasource is the internal name of the data source it is in, "" outside any.
	Datasource string
	// Text says in words what is there; of secrets only that they are.
	Text string
	// Count is how many there are of what Text names: of most traces 1.
	Count int
}

// String is the trace in one line.
func (t Trace) String() string {
	place := t.Entry
	if t.Path != "" {
		place = fmt.Sprintf("%d:%d %s", t.Line, t.Col, t.Path)
	}
	return fmt.Sprintf("%s: %s: %s", t.Kind, place, t.Text)
}

// Traces lists what the file tells of its author and of the author's data (format 15): those
// of some kinds, or all. They come in the order of the document, then what is counted in all
// of it, then what the package holds. What an edit put there or a rule of [File.Atomically]
// wants there, passwords aside, is no trace: neither a user that was set nor a file that was
// replaced. A copy of a published data source that cannot be read is an error, which comes
// last.
func (f *File) Traces(kinds ...TraceKind) iter.Seq2[Trace, error] {
	return func(yield func(Trace, error) bool) {
		s := f.scan(kinds)
		for _, t := range s.found {
			if !yield(t.Trace, nil) {
				return
			}
		}
		if len(s.unread) > 0 {
			yield(Trace{}, errors.Join(s.unread...))
		}
	}
}

// Scrub takes traces of some kinds out of the file: all of them, or, if data sources are
// given, those that are in these. That there are none is fine.
//
//   - Elements and attributes go with their layout (hard case 79); so do entries of packages.
//   - A secret and a user become empty; of settings and initial SQL the secret becomes
//     redacted, of a path the user becomes user. Custom SQL stays: see [TraceSQL].
//   - A reference to a published data source keeps its location: where it was made from goes
//     if that is another place (hard case 78).
//   - An extract is disabled, so that the connections are used, and its file removed unless
//     something else reads it. What it was made of stays.
//
// What edits asked for stays: see [File.Traces]. So a rule may set a user before or after
// one that scrubs users. A kind that is not in [ScrubKinds] is an error, and so is a copy of a
// published data source that cannot be read.
func (f *File) Scrub(kinds []TraceKind, in ...*tds.Datasource) error {
	for _, k := range kinds {
		if !slices.Contains(ScrubKinds(), k) {
			return fmt.Errorf("scrubbing %s: it can only be %v", k, ScrubKinds())
		}
	}
	for _, ds := range in {
		if !f.owns(ds.Element()) {
			return fmt.Errorf("scrubbing %s: it is a data source of another file", ds)
		}
	}
	if len(kinds) == 0 {
		return nil
	}
	return f.doc.Atomically("", func() error {
		s := f.scan(kinds)
		if err := errors.Join(s.unread...); err != nil {
			return fmt.Errorf("scrubbing: %w", err)
		}
		var extracts []string // entries
		for _, t := range s.found {
			if len(in) > 0 && !slices.ContainsFunc(in, func(ds *tds.Datasource) bool { return ds.Element() == t.datasource }) {
				continue
			}
			for _, fix := range t.fixes {
				if err := fix(); err != nil {
					return fmt.Errorf("scrubbing %s: %w", t, err)
				}
			}
			if t.Kind == TraceExtracts && t.Entry != "" {
				extracts = append(extracts, t.Entry)
			}
		}
		return f.dropExtracts(extracts)
	})
}

// trace is a trace with what takes it out.
type trace struct {
	Trace
	datasource xmledit.Element // of the document, none outside any
	noun       string          // of what is counted
	fixes      []func() error
}

// traceScan looks for traces.
type traceScan struct {
	f        *File
	kinds    map[TraceKind]bool // nil for all
	elements []string           // that may have such traces
	found    []*trace
	counts   map[traceCount]*trace
	design   []*trace // counted in all of the document
	unread   []error
}

// traceCount is what traces are counted by.
type traceCount struct {
	kind       TraceKind
	datasource xmledit.Element
	noun       string
}

func (s *traceScan) wants(k TraceKind) bool { return s.kinds == nil || s.kinds[k] }

// scan finds the traces of some kinds, or of all.
func (f *File) scan(kinds []TraceKind) *traceScan {
	s := &traceScan{f: f, counts: map[traceCount]*trace{}}
	if len(kinds) > 0 {
		s.kinds = map[TraceKind]bool{}
		for _, k := range kinds {
			s.kinds[k] = true
		}
	}
	s.document()
	s.found = append(s.found, s.design...)
	s.packaged()
	for _, t := range s.found {
		switch {
		case t.Count == 0:
			t.Text, t.Count = "an empty folder", 1
		case t.noun != "":
			t.Text = fmt.Sprintf("%s: %d", t.noun, t.Count)
		}
	}
	return s
}

// at is a trace at an element, or at one of its attributes.
func (s *traceScan) at(kind TraceKind, el xmledit.Element, attr, text string, fixes ...func() error) *trace {
	pos := el.Position()
	t := &trace{Trace: Trace{Kind: kind, Path: el.Path(), Line: pos.Line, Col: pos.Col, Text: text, Count: 1}, fixes: fixes}
	if attr != "" {
		t.Path += "/@" + attr
	}
	if ds, ok := (Element{el}).Datasource(); ok {
		t.Datasource, t.datasource = ds.Name(), ds.Element()
	}
	return t
}

func (s *traceScan) add(kind TraceKind, el xmledit.Element, attr, text string, fixes ...func() error) {
	if s.wants(kind) {
		s.found = append(s.found, s.at(kind, el, attr, text, fixes...))
	}
}

// count adds to a trace that stands for all of one noun in a data source.
func (s *traceScan) count(kind TraceKind, el xmledit.Element, noun string, fix func() error) {
	if !s.wants(kind) {
		return
	}
	key := traceCount{kind: kind, noun: noun}
	if ds, ok := (Element{el}).Datasource(); ok {
		key.datasource = ds.Element()
	}
	if t := s.counts[key]; t != nil {
		t.Count++
		t.fixes = append(t.fixes, fix)
		return
	}
	t := s.at(kind, el, "", "", fix)
	t.noun, s.counts[key] = noun, t
	s.found = append(s.found, t)
}

// tally adds to a trace that stands for all of one noun in the document, which nothing
// takes out.
func (s *traceScan) tally(el xmledit.Element, noun string) {
	if !s.wants(TraceDesign) {
		return
	}
	key := traceCount{kind: TraceDesign, noun: noun}
	if t := s.counts[key]; t != nil {
		t.Count++
		return
	}
	t := s.at(TraceDesign, el, "", "")
	t.noun, t.Datasource, s.counts[key] = noun, "", t
	s.design = append(s.design, t)
}
