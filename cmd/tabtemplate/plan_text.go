package main

import (
	"crypto/sha256"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"

	"github.com/tabtemplate/tabtemplate/templates"
	"github.com/tabtemplate/tabtemplate/templates/deploy"
)

// planActions are in the order in which they are shown.
var planActions = []deploy.Action{
	deploy.Create, deploy.Overwrite, deploy.Update, deploy.Unchanged, deploy.LeftOut, deploy.Failed, deploy.Skipped,
}

// toDo says that an action is one that publish would carry out.
func toDo(a deploy.Action) bool {
	return a == deploy.Create || a == deploy.Overwrite || a == deploy.Update
}

// hasToDo says that publish would do something.
func hasToDo(r *deploy.Report) bool {
	return slices.ContainsFunc(planActions, func(a deploy.Action) bool { return toDo(a) && r.Count(a) > 0 })
}

// planKind is what has one place in a plan for people.
type planKind struct {
	template int // in order; what is about a site comes last
	action   deploy.Action
}

func (a planKind) compare(b planKind) int {
	if a.template != b.template {
		return a.template - b.template
	}
	return slices.Index(planActions, a.action) - slices.Index(planActions, b.action)
}

// printPlan prints a plan for people.
func printPlan(w io.Writer, m *templates.Manifest, r *deploy.Report, changes *planChanges) {
	printPlanned(w, m, r)
	if changes != nil {
		changes.print()
	}
	fmt.Fprintf(w, "\n%s: %s\n", count(len(r.Sites), "site"), planCounts(r))
	var fails failures
	var drift []string
	for _, s := range r.Sites {
		for _, res := range s.Results {
			if site, err := m.Site(s.Site); err == nil && res.Err != nil { // where it was tried
				text := outcome(res) + reason(res)
				fails.add(site, text, strings.TrimLeft(strings.TrimPrefix(text, s.Site), ": "), res.Err)
			}
			if res.Drift != "" {
				drift = append(drift, fmt.Sprintf("%s %s: %s", s.Site, res.Template, res.Drift))
			}
		}
	}
	for _, f := range fails.order {
		fmt.Fprintf(w, "  %s\n", f)
	}
	if fails.untold > 0 {
		fmt.Fprintf(w, "  and %s\n", count(fails.untold, "other failure"))
	}
	printList(w, "not as last published", drift)
}

// printPlanned prints a line for a template on a site: for the first sites of each kind, and one for all others.
func printPlanned(w io.Writer, m *templates.Manifest, r *deploy.Report) {
	order := templateOrder(m)
	rows := map[planKind][]table.Row{}
	more := map[planKind]int{}
	for _, s := range r.Sites {
		for _, res := range s.Results {
			kind := planKind{order[res.Template], res.Action}
			if len(rows[kind]) == listed {
				more[kind]++
				continue
			}
			as, changes := "", ""
			if res.Err == nil && res.Action != deploy.LeftOut {
				as, changes = strings.TrimPrefix(res.Project+"/"+res.Name, "/"), fmt.Sprint(res.Changes)
			}
			rows[kind] = append(rows[kind], table.Row{s.Site, res.Template, paintWord(w, res.Action), as, changes})
		}
	}
	t := newTable(w, "Site", "Template", "Plan", "As", "Changes")
	for _, kind := range slices.SortedFunc(maps.Keys(rows), planKind.compare) {
		t.AppendRows(rows[kind])
		if n := more[kind]; n > 0 {
			t.AppendRow(table.Row{fmt.Sprintf("and %d more", n), rows[kind][0][1], paintWord(w, kind.action)})
		}
	}
	t.Render()
}

// templateOrder numbers templates in the order of the manifest. What is about a site, and has no template, comes last.
func templateOrder(m *templates.Manifest) map[string]int {
	order := map[string]int{}
	for i, t := range m.Templates() {
		order[t.Name] = i
	}
	order[""] = len(order)
	return order
}

// planCounts is "2 to create, 1 unchanged".
func planCounts(r *deploy.Report) string {
	var counts []string
	for _, a := range planActions {
		word := string(a)
		if toDo(a) {
			word = "to " + word
		}
		if n := r.Count(a); n > 0 {
			counts = append(counts, fmt.Sprintf("%d %s", n, word))
		}
	}
	if left := r.Left(); left > 0 {
		counts = append(counts, count(left, "site")+" not reached")
	}
	return strings.Join(counts, ", ")
}

// planChanges are the changes inside the files, of the first sites of those on which they are the same but for their values.
type planChanges struct {
	to     io.Writer
	order  map[string]int // of the templates
	alike  map[shape]*firstSites
	others int // files with changes that are like none of these
}

// shape is what changes have in common: all but their new values.
type shape struct {
	planKind
	hash [sha256.Size]byte
}

// firstSites are what is told of the first sites, in their order, and of how many there would be something to tell.
type firstSites struct {
	sites []int
	texts []string
	total int
}

// changesShown is of how many sites with the same changes these are shown.
const changesShown = 3

func newPlanChanges(to io.Writer, m *templates.Manifest) *planChanges {
	return &planChanges{to: to, order: templateOrder(m), alike: map[shape]*firstSites{}}
}

// add takes what is planned on a site. The sites come in any order.
func (c *planChanges) add(site int, p deploy.Planned) {
	if !toDo(p.Action) {
		return
	}
	shape := shape{planKind{c.order[p.Template], p.Action}, hashShape(p.Rendering)}
	first := c.alike[shape]
	if first == nil {
		if len(c.alike) == kindsTold {
			c.others++
			return
		}
		first = &firstSites{}
		c.alike[shape] = first
	}
	first.total++
	at, _ := slices.BinarySearch(first.sites, site)
	if at == changesShown {
		return
	}
	text := paintedBuffer{to: c.to}
	fmt.Fprintf(&text, "\n%s (%s)\n", paintOutcome(&text, p.Result), count(p.Changes, "change"))
	printChanges(&text, p.Rendering)
	first.sites, first.texts = slices.Insert(first.sites, at, site), slices.Insert(first.texts, at, text.String())
	most := min(len(first.sites), changesShown)
	first.sites, first.texts = first.sites[:most], first.texts[:most]
}

func hashShape(r *templates.Rendering) [sha256.Size]byte {
	h := sha256.New()
	for _, c := range alikeIn(r) {
		fmt.Fprintf(h, "%s %q\n", c.Kind, c.Old)
		for _, at := range append(c.others, c.changeOutput) {
			fmt.Fprintf(h, "%d:%d %q\n", at.Line, at.Col, at.Path)
		}
	}
	return [sha256.Size]byte(h.Sum(nil))
}

func (c *planChanges) print() {
	for _, shape := range slices.SortedFunc(maps.Keys(c.alike), func(a, b shape) int {
		if order := a.compare(b.planKind); order != 0 {
			return order
		}
		return c.alike[a].sites[0] - c.alike[b].sites[0]
	}) {
		first := c.alike[shape]
		for _, text := range first.texts {
			fmt.Fprint(c.to, text)
		}
		if more := first.total - len(first.texts); more > 0 {
			fmt.Fprintf(c.to, "\nthe same with other values on %s\n", count(more, "more site"))
		}
	}
	if c.others > 0 {
		fmt.Fprintf(c.to, "\nother changes in %s, which --html and --json show\n", count(c.others, "more file"))
	}
}
