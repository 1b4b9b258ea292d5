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
	// Kind is what it is about: that of a trace, see [documents.TraceKind]; "edits" for what the edits of a rendering want
	// to be known, "file" for what cannot be read.
	Kind string `json:"kind"`
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
	return Finding{level, string(t.Kind), t.Path, t.Line, t.Col, t.Entry, t.Count, t.Text, advice}
}

// Findings returns what is left of the template in a rendering, after what its edits want to be known. What the edits
// brought, and the published data sources, which are those of the site, is none.
func (r *Rendering) Findings() (found []Finding) {
	for _, text := range r.told() {
		found = append(found, Finding{Level: Warning, Kind: "edits", Text: text})
	}
	for _, f := range Inspect(r.File) {
		if f.Kind != string(documents.TracePublished) {
			f.Path, f.Text = r.Site.secrets.mask(f.Path), r.Site.secrets.mask(f.Text)
			found = append(found, f)
		}
	}
	return found
}
