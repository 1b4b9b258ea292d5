package tds

import (
	"cmp"
	"slices"

	"github.com/tabtemplate/tabtemplate/documents/internal/xmledit"
)

// renaming is what people are to see of a reference to a published data source.
type renaming struct {
	caption  string   // empty if it does not change
	friendly string   // the name of the published data source, empty if it does not change
	before   []string // what they saw
}

// renamed is what ref makes of the names of the data source.
func (ds *Datasource) renamed(ref PublishedRef) renaming {
	r := renaming{
		friendly: cmp.Or(ref.FriendlyName, ref.Caption),
		before:   []string{ds.Caption(), ds.proxy().Value("server-ds-friendly-name")},
	}
	if ref.Caption != ds.Caption() {
		r.caption = ref.Caption
	}
	return r
}

// lists gives the new caption to the lists of data sources that views, dashboards, shared
// views and actions have. A copy that had another caption than the
// data source is noted (format 13); one without any stays so.
func (r renaming) lists(ds *Datasource) error {
	if r.caption == "" {
		return nil
	}
	for el := range ds.el.Document().Root().Descendants("datasource") {
		if el == ds.el || el.Parent().Name() != "datasources" || el.Value("name") != ds.Name() {
			continue
		}
		if err := (renaming{caption: r.caption, before: r.before[:1]}).copied(el); err != nil {
			return err
		}
	}
	return nil
}

// connection sets the name of the published data source, where there is one.
func (r renaming) connection(conn xmledit.Element) error {
	if _, ok := conn.Attr("server-ds-friendly-name"); !ok || r.friendly == "" {
		return nil
	}
	return conn.SetAttr("server-ds-friendly-name", r.friendly)
}

// copied changes the caption of a copy from one of the names before, and notes another.
func (r renaming) copied(el xmledit.Element) error {
	old, ok := el.Attr("caption")
	switch {
	case !ok || r.caption == "" || old == r.caption:
		return nil
	case !slices.Contains(r.before, old):
		el.Note("the caption %q of a copy stays: the data source had another, %q", old, r.before[0])
		return nil
	}
	return el.SetAttr("caption", r.caption)
}
