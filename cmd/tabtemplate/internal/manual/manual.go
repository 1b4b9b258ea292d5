// Package manual makes the pages of a command for man(1) from what its help says. A page is the same each time: its date and
// version are given. Help is plain text and not Markdown, which is why the pages are not made by way of that.
package manual

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// An Edition is what pages say that help does not.
type Edition struct {
	Version string
	Date    string // as 2006-01-02; "" for none
	// Sections come after those of the page of the whole command, such as what its exit codes are.
	Sections []Section
}

// A Section has a title and a text like that of help: paragraphs, between which lines that are indented stay as they are.
type Section struct{ Title, Text string }

// A Page is one file.
type Page struct {
	Name string // such as tabtemplate-publish.1
	Text []byte
}

// Pages makes a page for the command and for each one below it that help shows, in the order of their names.
func Pages(root *cobra.Command, e Edition) []Page {
	var pages []Page
	var add func(*cobra.Command)
	add = func(cmd *cobra.Command) {
		pages = append(pages, Page{name(cmd) + ".1", page(cmd, e)})
		for _, sub := range shown(cmd) {
			add(sub)
		}
	}
	add(root)
	slices.SortFunc(pages, func(a, b Page) int { return strings.Compare(a.Name, b.Name) })
	return pages
}

func name(cmd *cobra.Command) string { return strings.ReplaceAll(cmd.CommandPath(), " ", "-") }

// shown are the commands below one that have a page. Help is in all pages already.
func shown(cmd *cobra.Command) (subs []*cobra.Command) {
	for _, sub := range cmd.Commands() {
		if sub.IsAvailableCommand() && sub.Name() != "help" {
			subs = append(subs, sub)
		}
	}
	return subs
}

func page(cmd *cobra.Command, e Edition) []byte {
	var w writer
	cmd.InitDefaultHelpFlag()
	w.line(".TH", quoted(strings.ToUpper(name(cmd))), `"1"`, `"`+e.Date+`"`, quoted(cmd.Root().Name()+" "+e.Version), quoted("Manual of "+cmd.Root().Name()))
	w.section("Name")
	w.line(escaped(name(cmd)), `\-`, escaped(cmd.Short))
	w.section("Synopsis")
	w.verbatim([]string{cmd.UseLine()})
	w.section("Description")
	w.prose(cmd.Long)
	if subs := shown(cmd); len(subs) > 0 {
		w.section("Commands")
		for _, sub := range subs {
			w.item(sub.Name(), sub.Short+".")
		}
	}
	w.flags("Options", cmd.NonInheritedFlags())
	w.flags("Options of all commands", cmd.InheritedFlags())
	if cmd.Example != "" {
		w.section("Examples")
		w.prose(cmd.Example)
	}
	if !cmd.HasParent() {
		for _, s := range e.Sections {
			w.section(s.Title)
			w.prose(s.Text)
		}
	}
	w.seeAlso(cmd)
	return w.Bytes()
}

// A writer writes requests and text in the language of man pages.
type writer struct {
	bytes.Buffer
	begun bool // something stands in the section
}

func (w *writer) line(words ...string) { w.WriteString(strings.Join(words, " ") + "\n") }

func (w *writer) section(title string) {
	w.line(".SH", quoted(strings.ToUpper(title)))
	w.begun = false
}

// paragraph begins one, which the first of a section does by itself.
func (w *writer) paragraph() {
	if w.begun {
		w.line(".PP")
	}
	w.begun = true
}

func (w *writer) item(term, text string) {
	w.line(".TP")
	w.line(`\fB` + escaped(term) + `\fR`)
	w.text(text)
}

// text is one paragraph.
func (w *writer) text(text string) {
	for line := range strings.Lines(text) {
		w.line(escapedLine(strings.TrimSpace(line)))
	}
}

// prose is what help says at length.
func (w *writer) prose(text string) {
	var block []string
	indented := false
	flush := func() {
		for len(block) > 0 && block[len(block)-1] == "" {
			block = block[:len(block)-1]
		}
		switch {
		case len(block) == 0:
		case indented:
			w.verbatim(block)
		default:
			w.paragraph()
			w.text(strings.Join(block, "\n"))
		}
		block = nil
	}
	for _, line := range strings.Split(strings.TrimRight(text, "\n"), "\n") {
		isIndented := strings.HasPrefix(line, "  ")
		if line == "" && !indented || line != "" && isIndented != indented {
			flush()
			indented = isIndented
		}
		if line != "" || len(block) > 0 {
			block = append(block, line)
		}
	}
	flush()
}

// verbatim is lines as they are, but for the blanks that all of them begin with.
func (w *writer) verbatim(lines []string) {
	indent := len(lines[0]) - len(strings.TrimLeft(lines[0], " "))
	for _, line := range lines {
		if line != "" {
			indent = min(indent, len(line)-len(strings.TrimLeft(line, " ")))
		}
	}
	w.paragraph()
	w.line(".RS 4")
	w.line(".nf")
	for _, line := range lines {
		w.line(escapedLine(line[min(indent, len(line)):]))
	}
	w.line(".fi")
	w.line(".RE")
}

func (w *writer) flags(title string, flags *pflag.FlagSet) {
	if !flags.HasAvailableFlags() {
		return
	}
	w.section(title)
	flags.VisitAll(func(f *pflag.Flag) {
		if f.Hidden {
			return
		}
		value, usage := pflag.UnquoteUsage(f)
		term := "--" + f.Name
		if f.Shorthand != "" {
			term = "-" + f.Shorthand + ", " + term
		}
		if value != "" {
			term += " " + value
		}
		if !slices.Contains([]string{"", "0", "0s", "false", "[]"}, f.DefValue) {
			usage += " (default " + f.DefValue + ")"
		}
		w.item(term, usage)
	})
}

func (w *writer) seeAlso(cmd *cobra.Command) {
	var names []string
	if cmd.HasParent() {
		names = append(names, name(cmd.Parent()))
	}
	for _, sub := range shown(cmd) {
		names = append(names, name(sub))
	}
	if len(names) == 0 {
		return
	}
	w.section("See also")
	for i, one := range names {
		end := "(1),"
		if i == len(names)-1 {
			end = "(1)"
		}
		w.line(fmt.Sprintf(`\fB%s\fR%s`, escaped(one), end))
	}
}

// escapes are what the language has for characters that it takes for something else.
var escapes = strings.NewReplacer(`\`, `\e`, "-", `\-`, "'", `\(aq`, "`", `\(ga`, "^", `\(ha`, "~", `\(ti`)

func escaped(text string) string { return escapes.Replace(text) }

// escapedLine is a line of text, which must not look like a request.
func escapedLine(line string) string {
	if strings.HasPrefix(line, ".") {
		return `\&` + escaped(line)
	}
	return escaped(line)
}

func quoted(text string) string { return `"` + strings.ReplaceAll(escaped(text), `"`, `\(dq`) + `"` }
