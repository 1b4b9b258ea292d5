package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"

	"github.com/tabtemplate/tabtemplate/templates"
)

// print prints what was found, and fails if it is as bad as that.
func (c *checker) print(all []*checked) error {
	a := c.app
	counts := map[templates.Level]int{}
	for _, one := range all {
		if !a.json {
			one.print(a.stdout)
		}
		for _, f := range one.Findings {
			counts[f.Level]++
		}
	}
	if a.json {
		if err := a.printJSON(all); err != nil {
			return err
		}
	}
	if n := counts[templates.Error]; n > 0 {
		return fmt.Errorf("check found %s", count(n, "error"))
	}
	if n := counts[templates.Warning]; n > 0 && c.strict {
		return fmt.Errorf("check found %s", count(n, "warning"))
	}
	return nil
}

// findingsShown is how many findings of one kind are shown to people, who see all errors.
const findingsShown = 5

// levels are those of findings, the worst first.
var levels = []templates.Level{templates.Error, templates.Warning, templates.Info}

// print writes the findings by kind, the worst first, and else in the order in which they were found.
func (c *checked) print(w io.Writer) {
	fmt.Fprint(w, cmp.Or(c.Template, c.File))
	if len(c.Sites) == 1 {
		fmt.Fprintf(w, " for %s", c.Sites[0])
	} else if len(c.Sites) > 1 {
		fmt.Fprintf(w, " for %s", count(len(c.Sites), "site"))
	}
	if len(c.Findings) == 0 {
		fmt.Fprint(w, ": nothing found")
	}
	fmt.Fprintln(w)
	type group struct {
		level templates.Level
		kind  string
	}
	var order []group
	groups := map[group][]finding{}
	for _, f := range c.Findings {
		g := group{f.Level, f.Kind}
		if groups[g] == nil {
			order = append(order, g)
		}
		groups[g] = append(groups[g], f)
	}
	slices.SortStableFunc(order, func(a, b group) int { return cmp.Compare(slices.Index(levels, a.level), slices.Index(levels, b.level)) })
	for _, g := range order {
		fmt.Fprintf(w, "  %s: %s\n", paintWord(w, g.level), g.kind)
		shown := groups[g]
		if g.level != templates.Error {
			shown = shown[:min(findingsShown, len(shown))]
		}
		for i, f := range shown {
			f.print(w, len(c.Sites))
			last := i == len(shown)-1
			if more := len(groups[g]) - len(shown); last && more > 0 {
				fmt.Fprintf(w, "    and %d more\n", more)
			}
			if f.Advice != "" && (last || shown[i+1].Advice != f.Advice) {
				fmt.Fprintf(w, "    %s\n", paint(w, advice, f.Advice))
			}
		}
	}
}

// print writes a finding in one line; sites are those that were looked at.
func (f finding) print(w io.Writer, sites int) {
	place := ""
	switch {
	case f.Path != "":
		place = fmt.Sprintf("%d:%d %s: ", f.Line, f.Col, f.Path)
	case f.Entry != "":
		place = f.Entry + ": "
	}
	some := ""
	switch {
	case f.Sites == 0 || f.Sites == sites: // all, or none in particular
	case f.Sites == 1:
		some = fmt.Sprintf(" (%s)", f.Site)
	default:
		some = fmt.Sprintf(" (%s and %s)", f.Site, count(f.Sites-1, "other site"))
	}
	fmt.Fprintf(w, "    %s%s%s\n", place, f.Text, some)
}
