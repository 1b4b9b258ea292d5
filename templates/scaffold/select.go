package scaffold

import (
	"slices"

	"github.com/tabtemplate/tabtemplate/documents"
	"github.com/tabtemplate/tabtemplate/documents/tds"
)

// narrowed lists the data sources of a file that `datasource: NAME` of an edit means.
func narrowed(f *documents.File, name string) (captioned []*tds.Datasource) {
	var named []*tds.Datasource
	for ds := range f.Datasources() {
		if ds.Caption() == name {
			captioned = append(captioned, ds)
		}
		if ds.Name() == name {
			named = append(named, ds)
		}
	}
	if len(captioned) > 0 {
		return captioned
	}
	return named
}

// nameOf is a name that means one data source of a file, "" if there is none.
func nameOf(f *documents.File, ds *tds.Datasource) string {
	for _, name := range []string{ds.Caption(), ds.Name()} {
		if name == "" {
			continue
		}
		if all := narrowed(f, name); len(all) == 1 && all[0].Element() == ds.Element() {
			return name
		}
	}
	return ""
}

// selector says which connection an edit is for.
type selector struct {
	datasource string // "" for any
	match      tds.ConnectionMatch
}

// connections lists what a selector means in a file.
func (s selector) connections(f *documents.File) (out []*tds.Connection) {
	datasources := slices.Collect(f.Datasources())
	if s.datasource != "" {
		datasources = narrowed(f, s.datasource)
	}
	for _, ds := range datasources {
		for c := range ds.Connections() {
			if s.match.Matches(c) {
				out = append(out, c)
			}
		}
	}
	return out
}

// selectorOf is the shortest selector that means one connection and no other. It goes by what edits do not change, where
// that is enough.
func selectorOf(f *documents.File, c *tds.Connection) (selector, bool) {
	in := nameOf(f, c.Datasource())
	class := tds.ConnectionMatch{Class: c.Class()}
	named := tds.ConnectionMatch{Class: c.Class(), Name: c.Name()}
	captioned := tds.ConnectionMatch{Class: c.Class(), Caption: c.Caption()}
	addressed := tds.ConnectionMatch{Class: c.Class(), Server: c.Server(), DBName: c.DBName()}
	for _, s := range []selector{{"", class}, {in, class}, {in, named}, {in, captioned}, {in, addressed}} {
		if len(s.connections(f)) == 1 { // c is among them
			return s, true
		}
	}
	return selector{}, false
}

// String is the selector as it stands in a manifest.
func (s selector) String() string {
	text := ""
	for _, pair := range [][2]string{
		{"datasource", s.datasource},
		{"class", s.match.Class},
		{"name", s.match.Name},
		{"caption", s.match.Caption},
		{"server", s.match.Server},
		{"dbname", s.match.DBName},
	} {
		if pair[1] == "" {
			continue
		}
		if text != "" {
			text += ", "
		}
		text += pair[0] + ": " + literal(pair[1])
	}
	return "{" + text + "}"
}

// reference is a name that means one reference to a published data source, "" if there is none.
func reference(f *documents.File, ds *tds.Datasource, ref tds.PublishedRef) string {
	for _, name := range []string{ds.Caption(), ds.Name(), ref.ContentURL} {
		if found := references(f, name); name != "" && len(found) == 1 && found[0].Element() == ds.Element() {
			return name
		}
	}
	return ""
}

// references lists the references that `published: NAME` of an edit means.
func references(f *documents.File, name string) []*tds.Datasource {
	var by [3][]*tds.Datasource
	for ds := range f.Datasources() {
		ref, ok := ds.Published()
		if !ok {
			continue
		}
		for i, own := range []string{ds.Caption(), ds.Name(), ref.ContentURL} {
			if own == name {
				by[i] = append(by[i], ds)
				break
			}
		}
	}
	for _, found := range by {
		if len(found) > 0 {
			return found
		}
	}
	return nil
}
