// Package planpage writes a plan as a web page for people: one file that needs no network and no other file, with the sites by
// the templates, each cell of which opens on its changes.
//
// The page is written as the plan is found. What many sites have in common, such as the places of changes, is in it once, and
// only that is kept meanwhile. Everything is in the page as plain text, so that whoever looks for a secret in it finds it.
package planpage

import (
	"bufio"
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/tabtemplate/tabtemplate/cmd/tabtemplate/internal/onepage"
)

// Plan is what is known before anything is looked at.
type Plan struct {
	Manifest  string // its path
	Made      time.Time
	Templates []string
	Sites     []Site
}

// Site is a row of the page.
type Site struct{ Key, ContentURL, ServerURL string }

// Cell is what is to become of a template on a site.
type Cell struct {
	Site     int // in Plan.Sites
	Template int // in Plan.Templates; OfSite for a site that could not be signed in to
	Action   string

	Name, Project, ContentURL, LUID string
	// Drift is how what is there differs from what was last published, Error why nothing can be, and Reason the same without the
	// name of the site, so that it is the same for all sites with that failure.
	Drift, Error, Reason, Hint string
	Warnings                   []string
	Entries                    []string // changes of the package, a line each
	Changes                    []Change // of the document
}

// OfSite is the Template of a cell that is about a whole site.
const OfSite = -1

// Change is what changes alike in one or several places.
type Change struct {
	Kind     string // added, removed or changed
	Old, New string
	Places   []Place
}

// Place is where in the template.
type Place struct {
	Line, Col int
	Path      string
}

// The parts of the page besides those that every page has.
var (
	//go:embed page.html
	page string
	//go:embed page.css
	style string
	//go:embed page.js
	script string
)

// Writer writes a page.
type Writer struct {
	out   *bufio.Writer
	tail  string
	cells int
	terms terms
}

// NewWriter writes the beginning of a page.
func NewWriter(out io.Writer, p Plan) (*Writer, error) {
	head, tail := onepage.Parts(page, style, script)
	w := &Writer{out: bufio.NewWriterSize(out, 1<<16), tail: tail}
	begin, err := json.Marshal(headOf(p))
	if err != nil {
		return nil, err
	}
	_, err = fmt.Fprintf(w.out, "%s{\"plan\":%s,\n\"cells\":[", head, begin)
	return w, err
}

// Add writes a cell. Each is to be added once, in any order.
func (w *Writer) Add(c Cell) error {
	line, err := json.Marshal(w.terms.cell(c)) // which escapes what could end the element that the plan stands in
	if err != nil {
		return err
	}
	if w.cells++; w.cells > 1 {
		line = append([]byte{','}, line...)
	}
	_, err = w.out.Write(append([]byte{'\n'}, line...))
	return err
}

// Close writes the end of the page.
func (w *Writer) Close() error {
	if _, err := w.out.WriteString("\n]}" + w.tail); err != nil {
		return err
	}
	return w.out.Flush()
}
