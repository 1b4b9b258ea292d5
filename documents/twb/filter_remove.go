package twb

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/tabtemplate/tabtemplate/documents/internal/xmledit"
	"github.com/tabtemplate/tabtemplate/documents/tds"
)

// remove removes a filter, and what was there for it alone.
func (vf *viewFilters) remove(p placed) error {
	if shown := vf.zones(p); len(shown) > 0 {
		return fmt.Errorf("%s shows the filter as a control, and would have to be laid out anew: set it to all values, or remove the control first", whereShown(shown))
	}
	claimed := p.qualified()
	if p.source != nil {
		claimed = p.claimed()
	}
	if err := p.view.el.ClaimChild("filter", "column", claimed, xmledit.Absent); err != nil {
		return err
	}
	qualified, cards, needing := p.qualified(), vf.cards(p), vf.needing(p)
	vf.noteStories(p, vf.worksheets(p))
	keep := vf.takesOver(p)
	if err := p.el.Remove(); err != nil {
		return err
	}
	return p.el.Document().Following(func() error {
		for _, card := range cards {
			if err := card.Remove(); err != nil {
				return err
			}
		}
		for _, v := range needing {
			if keep {
				v.el.Note("the shared filter on %s applies to %s from now on", p.label(), v.words())
			} else if err := v.removeSlice(qualified); err != nil {
				return err
			}
			if err := v.prune(p); err != nil {
				return err
			}
		}
		if !p.view.shared() {
			return nil
		}
		return p.view.clear()
	})
}

// takesOver tells whether a worksheet without its own filter has one that it shares, on the
// same column.
func (vf *viewFilters) takesOver(p placed) bool {
	return !p.view.shared() && slices.ContainsFunc(vf.views, func(v filterView) bool {
		return v.shared() && v.filter(p.qualified()).Exists()
	})
}

// removeSlice takes a column from those that the worksheet is filtered by.
func (v filterView) removeSlice(qualified string) error {
	slice := v.slice(qualified)
	if !slice.Exists() {
		return nil
	}
	list := slice.Parent()
	if err := slice.Remove(); err != nil || first(list).Exists() {
		return err
	}
	return list.Remove()
}

// prune removes the copies of an instance and of its field that a filter stood on, where
// nothing else of the view uses them.
func (v filterView) prune(p placed) error {
	for _, block := range v.blocks(p.datasource) {
		var copies []xmledit.Element // the instance first, which uses the field
		for _, name := range slices.Compact([]string{p.column, p.base}) {
			for el := range block.Children("column-instance", "column") {
				if el.Value("name") == name {
					copies = append(copies, el)
					break
				}
			}
		}
		used := v.used(p.datasource, copies)
		for i, el := range copies {
			if used[i] {
				break
			}
			if err := el.Remove(); err != nil {
				return err
			}
		}
		if !first(block).Exists() {
			return block.Remove()
		}
	}
	return nil
}

// used tells which copies the view uses, beside having them and those after them for each
// other. A name without the data source may be of any: it counts.
func (v filterView) used(datasource string, copies []xmledit.Element) []bool {
	var names []string
	for _, c := range copies {
		names = append(names, c.Value("name"))
	}
	used := make([]bool, len(copies))
	for _, around := range v.around() {
		for el := range around.Descendants() {
			if slices.Contains(copies, el) {
				continue
			}
			for m := range tds.Mentions(el) {
				if m.Datasource != datasource && m.Datasource != "" {
					continue
				}
				for i, c := range copies {
					isInstance := c.Name() == "column-instance"
					used[i] = used[i] || m.Name == names[i] || !isInstance && m.Of(m.Datasource, names[i])
				}
			}
		}
	}
	return used
}

// clear removes a shared view that has no filter any more.
func (v filterView) clear() error {
	if first(v.el, "filter").Exists() {
		return nil
	}
	list := v.el.Parent()
	if err := v.el.Remove(); err != nil || first(list).Exists() {
		return err
	}
	return list.Remove()
}

// zones are the controls on dashboards that show a filter of its worksheets (format 9.3).
func (vf *viewFilters) zones(p placed) []xmledit.Element {
	names := vf.worksheets(p)
	var zones []xmledit.Element
	for _, s := range vf.sheets {
		if s.kind == Worksheet {
			continue
		}
		for el := range s.el.Descendants("zone") {
			isFilter := el.Value("type") == "filter" || el.Value("type-v2") == "filter"
			if isFilter && el.Value("param") == p.qualified() && slices.Contains(names, el.Value("name")) {
				zones = append(zones, el)
			}
		}
	}
	return zones
}

// cards are the controls beside the worksheets that a filter applies to.
func (vf *viewFilters) cards(p placed) []xmledit.Element {
	var cards []xmledit.Element
	for _, v := range vf.needing(p) {
		for _, w := range v.sheet.windows {
			for el := range w.Descendants("card") {
				if el.Value("type") == "filter" && el.Value("param") == p.qualified() {
					cards = append(cards, el)
				}
			}
		}
	}
	return cards
}

// whereShown says in words where controls are.
func whereShown(controls []xmledit.Element) string {
	var where []string
	for _, el := range controls {
		for el.Exists() && !slices.Contains([]string{"dashboard", "window"}, el.Name()) {
			el = el.Parent()
		}
		kind := el.Value("class") // of a window
		if kind == "" {
			kind = el.Name()
		}
		if s := kind + " " + strconv.Quote(el.Value("name")); !slices.Contains(where, s) {
			where = append(where, s)
		}
	}
	return strings.Join(where, ", ")
}
