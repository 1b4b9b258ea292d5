package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

// print writes the inspection as a tree.
func (i *inspection) print(w io.Writer) {
	fmt.Fprintf(w, "%s (%s)\n", i.File, i.Kind)
	for _, ds := range i.Datasources {
		ds.print(w)
	}
	for _, p := range i.Parameters {
		p.print(w)
	}
	for _, v := range i.Views {
		v.print(w)
		for _, f := range i.Filters {
			if f.Worksheet == v.Name {
				f.print(w)
			}
		}
	}
	for _, f := range i.Filters {
		if f.Worksheet == "" {
			f.print(w)
		}
	}
	for _, e := range i.Entries {
		users := ""
		if len(e.Users) > 0 {
			users = ": " + strings.Join(e.Users, "; ")
		}
		fmt.Fprintf(w, "  entry %s (%d bytes), %s%s\n", e.Name, e.Size, e.Purpose, users)
	}
	for _, m := range i.Missing {
		fmt.Fprintf(w, "  missing %s: %s\n", m.File, m.User)
	}
	for _, s := range i.Secrets {
		if s.Error != "" {
			fmt.Fprintln(w, "  "+s.Error)
			continue
		}
		fmt.Fprintf(w, "  secret in line %d: %s\n", s.Line, s.Path)
	}
}

func (p parameterInfo) print(w io.Writer) {
	line := fmt.Sprintf("  parameter %s = %s (%s, %s)", label(p.Caption, p.Name), shown(p.Value, p.Alias), p.Datatype, p.Domain)
	var allowed []string
	for _, a := range p.Allowed {
		allowed = append(allowed, shown(a.Value, a.As))
	}
	if len(allowed) > 0 {
		line += ": " + shortList(allowed)
	}
	if p.Min+p.Max != "" {
		line += ": " + p.Min + ".." + p.Max
	}
	if p.StepWords != "" {
		line += " by " + p.StepWords
	}
	for _, more := range [...][2]string{{p.Format, "format %s"}, {p.Source, "%s fills the list when the workbook is opened"}, {p.Recompute, "%s sets it when the workbook is opened"}} {
		if more[0] != "" {
			line += "; " + fmt.Sprintf(more[1], more[0])
		}
	}
	if p.Description != "" {
		line += "; " + brief(p.Description)
	}
	fmt.Fprintln(w, line)
}

// print writes a filter below its worksheet; one that worksheets share stands on its own.
func (f viewFilterInfo) print(w io.Writer) {
	line := "    filter " + f.short
	if f.Worksheet == "" {
		line = "  shared filter " + f.short
	}
	if f.Context {
		line += ", in context"
	}
	others := slices.DeleteFunc(slices.Clone(f.Worksheets), func(name string) bool { return name == f.Worksheet })
	switch {
	case len(others) == 0:
	case f.Worksheet == "":
		line += "; of " + strings.Join(others, ", ")
	default:
		line += "; also of " + strings.Join(others, ", ")
	}
	fmt.Fprintln(w, line)
}

// listShown is how many items of a list are shown to people.
const listShown = 12

// shortList is a list for people.
func shortList(items []string) string {
	if more := len(items) - listShown; more > 0 {
		return fmt.Sprintf("%s and %d more", strings.Join(items[:listShown], ", "), more)
	}
	return strings.Join(items, ", ")
}

// label is the caption, with the internal name where that says more.
func label(caption, name string) string {
	if caption == "" || slices.Contains([]string{caption, "[" + caption + "]"}, name) {
		return name
	}
	return caption + " " + bracket(name)
}

func bracket(name string) string {
	if strings.HasPrefix(name, "[") {
		return name
	}
	return "[" + name + "]"
}

func shown(value, alias string) string {
	if alias == "" {
		return value
	}
	return value + " (" + alias + ")"
}
