package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"sync"

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

// oneAtATime lets several goroutines write, such as the one that an interrupt wakes.
type oneAtATime struct {
	w      io.Writer
	colour *string // --color; nil for no colours

	mu    sync.Mutex
	drawn io.Writer // what is drawn below the lines and has to move on; nil for nothing
}

func (o *oneAtATime) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.drawn != nil {
		if n, err := o.drawn.Write(p); err == nil {
			return n, nil
		} // else it is over
	}
	return o.w.Write(p)
}

// through has lines go through what is drawn below them, or with nil directly.
func (o *oneAtATime) through(drawn io.Writer) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.drawn = drawn
}

func (a *app) printJSON(v any) error { return encodeJSON(a.stdout, "", v) }

// encodeJSON writes JSON for people and programs; its lines after the first begin with the prefix.
func encodeJSON(w io.Writer, prefix string, v any) error {
	enc := json.NewEncoder(w)
	enc.SetIndent(prefix, "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}

// jsonList prints a list as printJSON does, as its elements come, in whole lines.
type jsonList[T any] struct {
	w    *output
	last string // of the elements, which is printed when it is known whether another one comes
}

func (l *jsonList[T]) add(elements ...T) error {
	for _, element := range elements {
		lead := "[\n  "
		if l.last != "" {
			_, _ = io.WriteString(l.w, l.last+",\n")
			lead = "  "
		}
		var text bytes.Buffer
		if err := encodeJSON(&text, "  ", element); err != nil {
			return err
		}
		l.last = lead + strings.TrimSuffix(text.String(), "\n")
	}
	return l.w.err
}

// end ends the list, which may have nothing in it.
func (l *jsonList[T]) end() {
	text := "[]\n"
	if l.last != "" {
		text = l.last + "\n]\n"
	}
	_, _ = io.WriteString(l.w, text)
}

// newTable is a table in plain style: columns and blanks, nothing drawn. The words of a column for states have their colours.
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
	var painted []table.ColumnConfig
	for i, title := range header {
		if name := fmt.Sprint(title); strings.EqualFold(name, "state") || strings.EqualFold(name, "status") {
			painted = append(painted, table.ColumnConfig{Number: i + 1, Transformer: func(v any) string { return paintWord(w, fmt.Sprint(v)) }})
		}
	}
	t.SetColumnConfigs(painted)
	return t
}

// kindsTold is how many different things are told of all sites. What differs for each site is told of some of them, so that
// neither memory nor what people read grows with their number.
const kindsTold = 100

// warnings gathers what renderings warn of, so that each thing is said once, however many sites it is for.
type warnings struct {
	order  []warning
	sites  map[warning]int
	untold int
}

type warning struct{ template, text string }

func (w *warnings) add(template string, texts []string) {
	if w.sites == nil {
		w.sites = map[warning]int{}
	}
	for _, text := range texts {
		one := warning{template, text}
		if w.sites[one] == 0 {
			if len(w.order) == kindsTold {
				w.untold++
				continue
			}
			w.order = append(w.order, one)
		}
		w.sites[one]++
	}
}

func (w *warnings) print(to io.Writer) {
	for _, one := range w.order {
		fmt.Fprintf(to, "%s %s: %s (%s)\n", paintWord(to, "warning:"), one.template, one.text, count(w.sites[one], "site"))
	}
	if w.untold > 0 {
		fmt.Fprintf(to, "%s and %s\n", paintWord(to, "warning:"), count(w.untold, "other warning"))
	}
}

// count is "1 site" or "2 sites", "2 entries".
func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	if most, ends := strings.CutSuffix(what, "ry"); ends {
		return fmt.Sprintf("%d %sries", n, most)
	}
	return fmt.Sprintf("%d %ss", n, what)
}
