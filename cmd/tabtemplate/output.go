package main

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/jedib0t/go-pretty/v6/table"
)

// output is where results go. It keeps the first error of writing, so that nobody else has to look for it.
type output struct {
	w   io.Writer
	err error
}

func (o *output) Write(p []byte) (int, error) {
	if o.err != nil {
		return 0, o.err
	}
	n, err := o.w.Write(p)
	if err != nil {
		o.err = fmt.Errorf("writing the output: %w", err)
	}
	return n, o.err
}

func (a *app) printJSON(v any) error {
	enc := json.NewEncoder(a.stdout)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}

// newTable is a table in plain style: columns and blanks, nothing drawn.
func newTable(w io.Writer, header ...any) table.Writer {
	t := table.NewWriter()
	t.SetOutputMirror(w)
	t.AppendHeader(header)
	style := table.StyleDefault
	style.Options = table.OptionsNoBordersAndSeparators
	style.Box.PaddingLeft = ""
	style.Box.PaddingRight = "  "
	t.SetStyle(style)
	t.SuppressTrailingSpaces()
	return t
}

// warnings gathers what renderings warn of, so that each thing is said once, however many sites it is for.
type warnings struct {
	order []warning
	sites map[warning]int
}

type warning struct{ template, text string }

func (w *warnings) add(template string, texts []string) {
	if w.sites == nil {
		w.sites = map[warning]int{}
	}
	for _, text := range texts {
		one := warning{template, text}
		if w.sites[one] == 0 {
			w.order = append(w.order, one)
		}
		w.sites[one]++
	}
}

func (w *warnings) print(to io.Writer) {
	for _, one := range w.order {
		fmt.Fprintf(to, "warning: %s: %s (%s)\n", one.template, one.text, count(w.sites[one], "site"))
	}
}

// count is "1 site" or "2 sites".
func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
