package main

import (
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/diff"

	"github.com/tabtemplate/tabtemplate/documents"
	"github.com/tabtemplate/tabtemplate/templates"
)

// changeOutput is a change, as --json tells of it.
type changeOutput struct {
	Path string `json:"path"`
	Line int    `json:"line"`
	Col  int    `json:"col"`
	Kind string `json:"kind"` // added, removed or changed
	Old  string `json:"old"`
	New  string `json:"new"`
}

func tellChange(c documents.Change) changeOutput {
	kind := "changed"
	switch {
	case c.New == "":
		kind = "removed"
	case c.Old == "":
		kind = "added"
	}
	return changeOutput{c.Path, c.Line, c.Col, kind, c.Old, c.New}
}

// place is what changes alike, in however many copies: an attribute by its name, a text or an element.
type place struct{ what, old, new string }

func (c changeOutput) place() place {
	what := ""
	if i := strings.LastIndex(c.Path, "/"); i >= 0 && (strings.HasPrefix(c.Path[i:], "/@") || c.Path[i:] == "/text()") {
		what = c.Path[i:]
	}
	return place{what, c.Old, c.New}
}

// alike is what changes alike in one place or several.
type alike struct {
	changeOutput                // in the first place
	others       []changeOutput // in the others
}

// alikeIn lists the changes of a rendering, what changes alike once.
func alikeIn(r *templates.Rendering) []alike {
	var out []alike
	at := map[place]int{}
	for c := range r.Changes() {
		change := tellChange(c)
		if i, known := at[change.place()]; known {
			out[i].others = append(out[i].others, change)
			continue
		}
		at[change.place()] = len(out)
		out = append(out, alike{changeOutput: change})
	}
	return out
}

// printChanges prints the changes of a rendering for people.
func printChanges(w io.Writer, r *templates.Rendering) {
	for _, c := range alikeIn(r) {
		c.print(w, len(c.others))
	}
	for c := range r.File.EntryChanges() {
		fmt.Fprintf(w, "  %s\n", c)
	}
}

func (c changeOutput) print(w io.Writer, more int) {
	line := fmt.Sprintf("  %d:%d %s", c.Line, c.Col, c.Path)
	if c.Kind != "changed" {
		line += " (" + c.Kind + ")"
	}
	if more > 0 {
		line += " and in " + count(more, "more place")
	}
	fmt.Fprintln(w, line)
	before, after := linesOf(c.Path, c.Old), linesOf(c.Path, c.New)
	if c.Kind == "changed" && max(len(before), len(after)) > 1 && !slices.Equal(before, after) {
		printDiff(w, before, after)
		return
	}
	printSides(w, before, after)
}

// printSides prints all lines of what was and of what is.
func printSides(w io.Writer, before, after []string) {
	for _, line := range before {
		fmt.Fprintln(w, "    "+paint(w, bad, "- "+line))
	}
	for _, line := range after {
		fmt.Fprintln(w, "    "+paint(w, good, "+ "+line))
	}
}

// printDiff prints the lines that differ, with some around them and the numbers of the lines.
func printDiff(w io.Writer, before, after []string) {
	text := func(lines []string) []byte { return []byte(strings.Join(lines, "\n") + "\n") }
	hunks := string(diff.Diff("", text(before), "", text(after)))
	_, hunks, _ = strings.Cut(hunks, "\n@@") // after the names of the files
	for line := range strings.Lines("@@" + hunks) {
		sign, rest := line[:1], strings.TrimRight(line[1:], "\n")
		if sign != "@" {
			rest = " " + rest
		}
		fmt.Fprintln(w, strings.TrimRight("    "+paintSign(w, sign, sign+rest), " "))
	}
}

// paintSign colours a line of a difference by the sign that it begins with.
func paintSign(w io.Writer, sign, line string) string {
	c, known := map[string]colour{"-": bad, "+": good, "@": advice}[sign]
	if !known {
		return line
	}
	return paint(w, c, line)
}

// readable is a value as people write it, which differs from what is stored for custom SQL.
func readable(path, value string) string {
	if customSQL.MatchString(path) {
		return brackets.Replace(value)
	}
	return value
}

// linesOf returns the lines of a value, none for what is not there.
func linesOf(path, value string) []string {
	var lines []string
	for line := range strings.Lines(readable(path, value)) {
		lines = append(lines, strings.TrimRight(line, "\r\n"))
	}
	return lines
}

// customSQL matches the paths of the text of queries, whose brackets are doubled in the document.
var customSQL = regexp.MustCompile(`[/.]relation(\[(\d+|@[^='\]]+(='[^']*')?)\])*/text\(\)$`)

var brackets = strings.NewReplacer("<<", "<", ">>", ">")
