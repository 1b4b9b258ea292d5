package tds

import (
	"cmp"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strconv"

	"github.com/tabtemplate/tabtemplate/documents/internal/xmledit"
)

// Rename is for the packages of this module that open documents: it gives another caption
// to the one of all data sources of a document that [Find] finds. None is no error if one
// has the caption already, which is noted.
func Rename(doc *xmledit.Document, all iter.Seq[*Datasource], name, caption string) error {
	err := doc.Atomically("", func() error {
		if caption == "" {
			return errors.New("the new caption is empty")
		}
		if err := claimCaption(doc, name, caption); err != nil {
			return err
		}
		ds, err := Find(all, name)
		if errors.Is(err, ErrNotFound) {
			done := withCaption(all, caption)
			if done == nil {
				return err
			}
			doc.Root().Note("there is no data source %q; %q is there already", name, caption)
			ds, err = done, nil
		}
		if err != nil {
			return err
		}
		return renaming{caption: caption, before: []string{ds.Label()}}.put(ds)
	})
	if err != nil {
		return fmt.Errorf("renaming data source %s: %w", strconv.Quote(name), err)
	}
	return nil
}

// claimCaption says of what is called name that it is to have a caption. A data source is
// not found by its old caption once it is renamed, so that rules which give it two captions,
// or its own to another one, contradict each other here.
func claimCaption(doc *xmledit.Document, name, caption string) error {
	return doc.Root().ClaimChild("datasource", "caption", name, caption)
}

// withCaption is the one data source with a caption, nil if there is none or several.
func withCaption(all iter.Seq[*Datasource], caption string) (found *Datasource) {
	for ds := range all {
		if ds.Caption() != caption {
			continue
		}
		if found != nil {
			return nil
		}
		found = ds
	}
	return found
}

// renaming is what people are to see of a data source.
type renaming struct {
	caption  string   // empty if it is not given
	friendly string   // the name of the published data source that it refers to, empty if it is not given
	before   []string // what they saw, the name of the data source first
}

// names is what ref makes of the names of the data source.
func (ds *Datasource) names(ref PublishedRef) renaming {
	r := renaming{caption: ref.Caption, friendly: cmp.Or(ref.FriendlyName, ref.Caption), before: []string{ds.Label()}}
	if name := ds.proxy().Value("server-ds-friendly-name"); name != "" {
		r.before = append(r.before, name)
	}
	return r
}

// put gives the names to the data source and to all copies of them: the lists of data
// sources that views, dashboards, shared views and actions have, the tree of published data
// sources, and the copies nested in the metadata (format 7, 13, hard cases 52 and 71). A
// copy that had another caption than the data source is noted; one without any, where the
// data source had one, stays so. A caption that another data source of the document has is an error.
func (r renaming) put(ds *Datasource) error {
	if err := r.isFree(ds); err != nil {
		return err
	}
	if err := r.inside(ds); err != nil || r.caption == "" {
		return err
	}
	doc := ds.el.Document()
	return errors.Join(
		claimCaption(doc, r.before[0], r.caption),
		claimCaption(doc, r.caption, r.caption),
		r.lists(ds),
		ds.el.SetAttr("caption", r.caption),
	)
}

// isFree refuses a new caption that people would take for another data source.
func (r renaming) isFree(ds *Datasource) error {
	if r.caption == "" || r.caption == ds.Caption() {
		return nil
	}
	for el := range ds.el.Document().Root().Child("datasources").Children("datasource") {
		if other := Wrap(el); el != ds.el && other.Label() == r.caption {
			return fmt.Errorf("another data source, %s, has the caption %s", other.Name(), strconv.Quote(r.caption))
		}
	}
	return nil
}

// lists gives the new caption to the lists of data sources of the document. One that names
// the data source without a caption stays so, unless the data source had none itself.
func (r renaming) lists(ds *Datasource) error {
	bare := ds.Caption() == "" && r.caption != r.before[0]
	for el := range ds.el.Document().Root().Descendants("datasource") {
		if el == ds.el || el.Parent().Name() != "datasources" || el.Value("name") != ds.Name() {
			continue
		}
		var err error
		if _, said := el.Attr("caption"); bare && !said {
			err = el.SetAttr("caption", r.caption)
		} else {
			err = r.copied(el, r.before[:1])
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// inside gives the names to what a reference to a published data source holds of it.
func (r renaming) inside(ds *Datasource) error {
	if err := r.connection(ds.proxy()); err != nil {
		return err
	}
	for pds := range ds.treeNodes() {
		if err := r.copied(pds, r.before); err != nil {
			return err
		}
	}
	for nested, err := range ds.Nested() {
		if err == nil && nested.proxy().Exists() {
			err = errors.Join(r.inside(nested), r.copied(nested.el, r.before))
		}
		if err != nil {
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
func (r renaming) copied(el xmledit.Element, before []string) error {
	old, ok := el.Attr("caption")
	switch {
	case !ok || r.caption == "" || r.caption == r.before[0] || r.caption == old:
		return nil
	case !slices.Contains(before, old):
		el.Note("the caption %q of a copy stays: the data source had another, %q", old, r.before[0])
		return nil
	}
	return el.SetAttr("caption", r.caption)
}
