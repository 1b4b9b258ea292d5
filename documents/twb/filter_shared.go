package twb

import (
	"github.com/tabtemplate/tabtemplate/documents/internal/xmledit"
	"github.com/tabtemplate/tabtemplate/documents/tds"
)

// share adds a filter that worksheets share: in the shared view of its data source, which is
// made if there is none, and with the slices and copies of the worksheets. Those are the ones
// whose first data source it is.
func (vf *viewFilters) share(ds *tds.Datasource, c tds.Column, f tds.Filter) error {
	el, err := vf.sharedView(ds)
	if err != nil {
		return err
	}
	p, err := vf.insert(filterView{el: el}, ds, c, f)
	if err != nil {
		return err
	}
	var sharing []filterView
	for _, v := range vf.views {
		if v.shared() {
			continue
		}
		used, _ := vf.datasources(v)
		if len(used) == 0 || used[0].Name() != ds.Name() {
			for _, other := range used {
				if other.Name() == ds.Name() {
					v.el.Note("%s uses %s beside another data source: the shared filter on %s does not apply to it", v.words(), ds, c.Label())
				}
			}
			continue
		}
		sharing = append(sharing, v)
	}
	if _, err := use(ds, c, isContinuous(f.Kind), sharing...); err != nil {
		return err
	}
	for _, v := range sharing {
		if err := v.addSlice(p.qualified()); err != nil {
			return err
		}
	}
	vf.noteOwn(p)
	vf.noteStories(p, vf.worksheets(p))
	return nil
}

// afterShared are the children of a workbook that stand after its shared views (format 2).
var afterShared = []string{
	"actions", "worksheets", "dashboards", "stories", "windows", "datagraph", "thumbnails", "external",
	"referenced-extensions", "explain-data", "data-orientation",
}

// sharedView is the shared view of a data source, which is made if there is none; they are in
// the order of the names of their data sources.
func (vf *viewFilters) sharedView(ds *tds.Datasource) (xmledit.Element, error) {
	list := vf.wb.root.Child("shared-views")
	if !list.Exists() {
		var err error
		if list, err = vf.wb.root.Insert(xmledit.NewNode("shared-views"), first(vf.wb.root, afterShared...)); err != nil {
			return list, err
		}
	}
	var next xmledit.Element
	for el := range list.Children("shared-view") {
		switch name := el.Value("name"); {
		case name == ds.Name():
			return el, nil
		case name > ds.Name() && !next.Exists():
			next = el
		}
	}
	return list.Insert(xmledit.NewNode("shared-view", "name", ds.Name()).Add(xmledit.NewNode("datasources")), next)
}

// noteOwn tells which worksheets have a filter of their own on the field of a shared one,
// which does not apply to them or not alone (hard case 62).
func (vf *viewFilters) noteOwn(p placed) {
	for other := range vf.all() {
		if !other.view.shared() && !tds.Hides(other.el) && other.datasource == p.datasource && other.base == p.base {
			other.view.el.Note("%s has a filter of its own on %s, which the shared one does not change", other.view.words(), other.label())
		}
	}
}
