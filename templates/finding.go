package templates

import (
	"fmt"

	"github.com/tabtemplate/tabtemplate/documents"
)

// Level is how bad a [Finding] is.
type Level string

// The levels.
const (
	// Info is what is meant to be so.
	Info Level = "info"
	// Warning is what a person should look at before the file is published.
	Warning Level = "warning"
	// Error is what must not be published.
	Error Level = "error"
)

// A Finding is something about a file that is worth knowing before it is published. Two that are equal are the same. It
// shows no secret.
type Finding struct {
	Level Level `json:"level"`
	// Kind is what it is about: that of a trace, see [documents.TraceKind], or of a fault, see [documents.FaultKind];
	// "edits" for edits that fail and what the others want to be known, "file" for what cannot be read.
	Kind string `json:"kind"`
	// Manifest is the file and line of the edit that it is about.
	Manifest string `json:"manifest,omitempty"`
	// Path and Line are its place in the document of the template, Entry is that in the package.
	Path  string `json:"path,omitempty"`
	Line  int    `json:"line,omitempty"`
	Col   int    `json:"col,omitempty"`
	Entry string `json:"entry,omitempty"`
	// Count is how many there are, where one finding stands for several.
	Count int    `json:"count,omitempty"`
	Text  string `json:"text"`
	// Advice is the edit that changes it, "" where there is none.
	Advice string `json:"advice,omitempty"`
}

// traceAdvice is how bad a trace is that no word of scrub takes out, and what changes it.
var traceAdvice = map[documents.TraceKind]struct {
	level  Level
	advice string
}{
	documents.TraceFiles:       {Warning, "`data_file` replaces it, or removes it"},
	documents.TracePublished:   {Warning, "`published` says which it is on each site"},
	documents.TraceConnections: {Info, "`connection` says which it is on each site"},
	documents.TraceSQL:         {Error, "no edit takes it out: `custom_sql` sets the query"},
	documents.TraceDesign:      {Info, ""},
}

// Inspect returns what a file tells of its author, and of the author's data, to everybody it is published to.
func Inspect(f *documents.File) (found []Finding) {
	for t, err := range f.Traces() {
		if err != nil {
			found = append(found, Finding{Level: Warning, Kind: "file", Text: err.Error()})
			continue
		}
		found = append(found, findingOf(t))
	}
	return found
}

func findingOf(t documents.Trace) Finding {
	level, advice := Warning, fmt.Sprintf("`scrub: [%s]` takes it out", t.Kind)
	if is, ok := traceAdvice[t.Kind]; ok {
		level, advice = is.level, is.advice
	}
	switch t.Kind {
	case documents.TraceCredentials:
		level = Error
	case documents.TraceExtracts:
		advice = "`extract` replaces it, `scrub: [extracts]` disables it and takes its rows out"
	}
	return Finding{Level: level, Kind: string(t.Kind), Path: t.Path, Line: t.Line, Col: t.Col, Entry: t.Entry, Count: t.Count, Text: t.Text, Advice: advice}
}

// sameRows says of the rows of a template that no edit replaced, although edits ask for other data, that every site gets them.
const sameRows = ": every site gets these rows, although edits ask for other data"

// Findings returns what is left of the template in a rendering, after what its edits want to be known. What the edits
// brought, and the published data sources, which are those of the site, is none.
func (r *Rendering) Findings() (found []Finding) {
	for _, text := range r.told() {
		found = append(found, Finding{Level: Warning, Kind: "edits", Text: text})
	}
	read := map[string]bool{} // the files of data sources that are to have other data
	for _, ref := range r.references {
		if ref.Source && r.touched[ref.Datasource] {
			read[ref.Entry] = true
		}
	}
	for t, err := range r.File.Traces() {
		if err != nil {
			found = append(found, Finding{Level: Warning, Kind: "file", Text: r.Site.secrets.mask(err.Error())})
			continue
		}
		f := findingOf(t)
		switch {
		case t.Kind == documents.TracePublished:
			continue
		case t.Kind == documents.TraceExtracts && r.touched[t.Datasource]:
			f.Text += sameRows
			f.Advice = "`extract: replace` brings the rows of the site, `extract: remove` leaves them out"
		case t.Kind == documents.TraceFiles && read[t.Entry]:
			f.Text += sameRows
			f.Advice = "`data_file` brings the rows of the site"
		}
		f.Path, f.Text = r.Site.secrets.mask(f.Path), r.Site.secrets.mask(f.Text)
		found = append(found, f)
	}
	return found
}
