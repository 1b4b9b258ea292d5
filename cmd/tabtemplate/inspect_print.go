package main

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// teller makes the tree of an inspection.
type teller struct {
	all bool // nothing is left out or cut short
	cut bool // something was
}

// tree is what people see of a file, and whether that is all of it.
func (i *inspection) tree(all bool) (*node, bool) {
	t := &teller{all: all}
	root := &node{text: fmt.Sprintf("%s (%s)", i.File, i.Kind)}
	for _, ds := range i.Datasources {
		t.datasource(root, ds)
	}
	for _, p := range i.Parameters {
		t.parameter(root, p)
	}
	for _, v := range i.Views {
		t.view(root, v, i.Filters)
	}
	for _, f := range i.Filters {
		if f.Worksheet == "" {
			root.addKind("shared filter", "shared "+t.viewFilter(f))
		}
	}
	for _, e := range i.Entries {
		t.entry(root, e)
	}
	for _, m := range i.Missing {
		root.addKind("missing file", "missing "+m.File+": "+m.User).colour = doubtful
	}
	for _, s := range i.Secrets {
		line := s.Error
		if line == "" {
			line = fmt.Sprintf("secret in line %d: %s", s.Line, s.Path)
		}
		root.addKind("secret", line).colour = doubtful
	}
	if all {
		return root, true
	}
	folded := root.fit()
	return folded, !t.cut && folded.lines() == root.lines()
}

func (t *teller) parameter(to *node, p parameterInfo) {
	line := fmt.Sprintf("parameter %s = %s (%s, %s)", label(p.Caption, p.Name), shown(p.Value, p.Alias), p.Datatype, p.Domain)
	var allowed []string
	for _, a := range p.Allowed {
		allowed = append(allowed, shown(a.Value, a.As))
	}
	if len(allowed) > 0 {
		line += ": " + t.list(allowed)
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
		line += "; " + t.brief(p.Description)
	}
	to.addKind("parameter", line)
}

// view tells what a view uses itself, and with all of it also what that is calculated from.
func (t *teller) view(to *node, v viewInfo, filters []viewFilterInfo) {
	line := v.Kind + " " + visible(v.Name)
	switch {
	case v.Hidden:
		line += " (hidden)"
	case v.URLName != v.Name:
		line += " " + bracket(v.URLName)
	}
	n := to.addKind("view", line)
	var shows, uses []string
	for _, name := range v.Shows {
		shows = append(shows, visible(name))
	}
	if len(shows) > 0 {
		n.add("shows " + t.list(shows))
	}
	for _, d := range v.Datasources {
		name := missing(cmp.Or(d.Caption, d.Name), d.Missing)
		n.add("uses " + name + t.used(": ", d.Fields))
		uses = append(uses, name)
	}
	if parameters := t.used("", v.Parameters); parameters != "" {
		n.add("uses parameters: " + parameters)
		uses = append(uses, count(len(v.Parameters), "parameter"))
	}
	own := 0
	for _, f := range filters {
		if f.Worksheet == v.Name {
			n.addKind("filter", t.viewFilter(f))
			own++
		}
	}
	if len(shows) > 0 {
		uses = append(uses, "shows "+count(len(shows), "view"))
	}
	if own > 0 {
		uses = append(uses, count(own, "filter"))
	}
	if len(uses) > 0 {
		n.brief = line + ": " + strings.Join(uses, ", ")
	}
}

// used lists what is used: directly, and with all of it also what that is made of.
func (t *teller) used(lead string, uses []useInfo) string {
	var direct, indirect []string
	for _, u := range uses {
		if label := missing(u.label(), u.Missing); u.Indirect {
			indirect = append(indirect, label)
		} else {
			direct = append(direct, label)
		}
	}
	text := t.list(direct)
	if t.all && len(indirect) > 0 {
		text = strings.TrimPrefix(text+"; indirectly "+t.list(indirect), "; ")
	} else if len(indirect) > 0 {
		t.cut = true
	}
	if text == "" {
		return ""
	}
	return lead + text
}

// viewFilter tells of a filter below its worksheet, or of one that worksheets share.
func (t *teller) viewFilter(f viewFilterInfo) string {
	line := t.filter(f.filterInfo)
	if f.Context {
		line += ", in context"
	}
	others := slices.DeleteFunc(slices.Clone(f.Worksheets), func(name string) bool { return name == f.Worksheet })
	switch {
	case len(others) == 0:
	case f.Worksheet == "":
		line += "; of " + t.list(others)
	default:
		line += "; also of " + t.list(others)
	}
	return line
}

func (t *teller) filter(f filterInfo) string {
	if t.all || f.short == f.Says {
		return "filter " + f.Says
	}
	t.cut = true
	return "filter " + f.short
}

func (t *teller) entry(to *node, e entryInfo) {
	line := fmt.Sprintf("entry %s (%d bytes), %s", e.Name, e.Size, e.Purpose)
	users := e.short
	if t.all {
		users = e.Users
	}
	if len(users) > 0 {
		line += ": " + t.list(users)
	}
	to.addKind("entry", line)
}

// listShown is how many items of a list are shown to people.
const listShown = 12

// list is a list for people.
func (t *teller) list(items []string) string {
	if more := len(items) - listShown; more > 0 && !t.all {
		t.cut = true
		return fmt.Sprintf("%s, … %d more", strings.Join(items[:listShown], ", "), more)
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

// visible is a name for people, in quotes where they would not see the blanks that belong to it.
func visible(name string) string {
	if strings.TrimSpace(name) != name {
		return strconv.Quote(name)
	}
	return name
}

func shown(value, alias string) string {
	if alias == "" {
		return value
	}
	return value + " (" + alias + ")"
}

func missing(label string, is bool) string {
	if is {
		label += " (missing)"
	}
	return label
}
