package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/tabtemplate/tabtemplate/documents"
)

// distinction is something that differs; diff --json prints a list of them.
type distinction struct {
	Of       []string `json:"of,omitempty"`   // what it belongs to, from the outside in; empty of the whole document
	What     string   `json:"what,omitempty"` // the property, or the rest of the path; empty if the thing itself is in one file only
	Change   string   `json:"change"`         // changed, added, removed, or order
	From     string   `json:"from,omitempty"`
	To       string   `json:"to,omitempty"`
	Places   int      `json:"places"`         // of the document that say so
	Path     string   `json:"path,omitempty"` // of the first of them
	Line     int      `json:"line,omitempty"`
	Col      int      `json:"col,omitempty"`
	Entry    string   `json:"entry,omitempty"`     // of the package
	ByServer string   `json:"by_server,omitempty"` // why a server may have done it
}

// changeWords are how people say what differs between an old file and a new one.
var changeWords = map[documents.DifferenceKind]string{
	documents.DifferenceChanged: "changed", documents.DifferenceMissing: "removed", documents.DifferenceAdded: "added", documents.DifferenceOrder: "order",
}

func tellDistinction(d documents.Distinction) distinction {
	return distinction{d.Of, d.What, changeWords[d.Kind], d.From, d.To, d.Places, d.Path, d.Line, d.Col, d.Entry, d.ByServer}
}

// elsewhere is the heading of what has no place that people know.
const elsewhere = "elsewhere in the document"

// printDistinctions prints what differs under what it belongs to.
func printDistinctions(w io.Writer, all []distinction) {
	var headings []string
	under := map[string][]distinction{}
	for _, d := range all {
		heading := elsewhere
		if len(d.Of) > 0 {
			heading = d.Of[0]
		}
		if under[heading] == nil && heading != elsewhere {
			headings = append(headings, heading)
		}
		under[heading] = append(under[heading], d)
	}
	for _, heading := range append(headings, elsewhere) {
		if under[heading] == nil {
			continue
		}
		fmt.Fprintln(w, heading)
		for _, d := range under[heading] {
			d.print(w)
		}
	}
}

// shownInLine is how long a value is that stands in a line with another one.
const shownInLine = 100

func (d distinction) print(w io.Writer) {
	line := "  "
	if len(d.Of) > 1 {
		line += strings.Join(d.Of[1:], ", ") + ": "
	}
	switch {
	case d.What == "":
	case len(d.Of) > 1:
		line += d.What + " "
	default:
		line += d.What + ": "
	}
	many := ""
	if d.Places > 1 {
		many = fmt.Sprintf(" (%d places)", d.Places)
	}
	from, to := linesOf(d.Path, d.From), linesOf(d.Path, d.To)
	switch {
	case d.Change == "order":
		fmt.Fprintf(w, "%sanother one%s\n", line, many)
	case d.From == d.To: // nothing to be shown
		fmt.Fprintf(w, "%s%s%s\n", line, paintWord(w, d.Change), many)
	case max(len(from), len(to)) > 1 || max(len(d.From), len(d.To)) > shownInLine:
		fmt.Fprintf(w, "%s%s%s\n", line, paintWord(w, d.Change), many)
		printLines(w, from, to)
	case d.Change == "changed":
		fmt.Fprintf(w, "%s%s -> %s%s\n", line, shownValue(w, bad, d.From), shownValue(w, good, d.To), many)
	default:
		fmt.Fprintf(w, "%s%s: %s%s\n", line, paintWord(w, d.Change), d.From+d.To, many)
	}
}

// printLines prints values of several lines.
func printLines(w io.Writer, from, to []string) {
	if len(from) > 0 && len(to) > 0 {
		printDiff(w, from, to)
		return
	}
	printSides(w, from, to)
}

// shownValue is a value, or that there is none.
func shownValue(w io.Writer, c colour, value string) string {
	if value == "" {
		value = "nothing"
	}
	return paint(w, c, value)
}
