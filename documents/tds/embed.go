package tds

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/tabtemplate/tabtemplate/documents/internal/xmledit"
)

// ErrNoDefinition says that what a published data source is made of is not known: the copies
// of it that documents hold refer to the published one again, in all that were seen
// (format 7). A data source file has it.
var ErrNoDefinition = errors.New("it does not say what the published data source is made of")

// Definition is the copy of the published data source that the reference holds, if that has
// connections of its own, to be embedded; else the error is an [ErrNoDefinition].
func (ds *Datasource) Definition() (*Datasource, error) {
	for nested, err := range ds.Nested() {
		if err != nil {
			return nil, fmt.Errorf("reading the definition of %s: %w", ds, err)
		}
		if nested.defines() == nil {
			return nested, nil
		}
	}
	return nil, fmt.Errorf("reading the definition of %s in it: %w", ds, ErrNoDefinition)
}

// defines tells whether a data source holds connections of its own.
func (ds *Datasource) defines() error {
	if !ds.el.Child("connection").Exists() || ds.proxy().Exists() {
		return ErrNoDefinition
	}
	return nil
}

// Embed puts a data source that was published, as its own file or a copy defines it, in the
// place of a reference to it: the connections, the tables, the extract, and what the
// reference lacks of fields, instances, sets, filters and settings. The name by which
// worksheets and formulas refer to the data source stays, and so does what the workbook says
// of fields: captions, formats, aliases. How a field is calculated, and which members a set
// has, is as the definition says, in all copies that were as the reference had it.
//
// These are errors, and name what is wrong: a definition without the fields, or the workbook
// without the parameters, that are used; a parameter of another caption or datatype under
// the same name; another filter of the same field. A definition that does not tell its
// fields, as one that was made and not yet opened in Tableau, is embedded, which is noted.
//
// A data source that has these connections already stays as it is, which is noted; any other
// that is no reference is an error. Files are not looked after: see Embed of package
// documents.
func (ds *Datasource) Embed(def *Datasource) error {
	err := ds.el.Document().Atomically("", func() error {
		if err := def.defines(); err != nil {
			return fmt.Errorf("%s: %w", def, err)
		}
		e := newEmbedding(ds, def)
		if !ds.proxy().Exists() {
			return e.already()
		}
		if err := errors.Join(e.checkFields(), e.checkParameters(), e.checkFilters()); err != nil {
			return err
		}
		return e.run()
	})
	return ds.doing("embedding the definition", err)
}

// embedding is a definition that takes the place of a reference.
type embedding struct {
	ds, def     *Datasource
	connections map[string]string // names of connections that other data sources have: the new ones
	from, to    string            // prefixes of Tableau's user attributes, from "" if there are none
}

func newEmbedding(ds, def *Datasource) *embedding {
	e := &embedding{ds, def, map[string]string{}, def.declaredPrefix(), cmp.Or(ds.declaredPrefix(), "user")}
	taken := map[string]bool{}
	for other := range ds.el.Document().Root().Child("datasources").Children("datasource") {
		if other == ds.el {
			continue
		}
		for c := range Wrap(other).Connections() {
			taken[c.Name()] = true
		}
	}
	for c := range def.Connections() {
		if c.Name() != "" && taken[c.Name()] {
			e.connections[c.Name()] = c.Class() + "." + digits(ds.Name(), c.Name())
		}
	}
	return e
}

// already checks that a data source that is no reference is what embedding made of one.
func (e *embedding) already() error {
	names := func(ds *Datasource, rename map[string]string) (names []string) {
		for c := range ds.Connections() {
			name := c.Name()
			if to, renamed := rename[name]; renamed {
				name = to
			}
			names = append(names, c.Class()+" "+name)
		}
		slices.Sort(names)
		return names
	}
	if !slices.Equal(names(e.ds, nil), names(e.def, e.connections)) {
		return errors.New("it does not refer to a published data source, and has other connections")
	}
	e.ds.el.Note("it has the connections of the definition already, and stays as it is")
	return nil
}

// run makes the edits.
func (e *embedding) run() error {
	conn := e.ds.el.Child("connection")
	if _, err := conn.Replace(e.node(e.def.el.Child("connection"))); err != nil {
		return err
	}
	for _, el := range slices.Collect(e.ds.el.Children("repository-location", "data-source-tree", "extract", "object-graph")) {
		if err := el.Remove(); err != nil {
			return err
		}
	}
	if err := errors.Join(e.unlayer(), e.columns(), e.lists(), e.parameters(), e.features()); err != nil {
		return err
	}
	return e.dropTables()
}

// unlayer takes away from fields, and their copies, that another data source brought them
// along.
func (e *embedding) unlayer() error {
	holders := append(slices.Collect(e.ds.dependencies()), e.ds.el)
	for _, holder := range holders {
		for el := range holder.Children("column") {
			if _, layered := el.Attr("layered"); !layered {
				continue
			}
			if err := el.RemoveAttr("layered"); err != nil {
				return err
			}
		}
	}
	return nil
}

// columns adds the columns that are missing, and has those that are there calculated as the
// definition says.
func (e *embedding) columns() error {
	there := map[string]xmledit.Element{}
	for el := range e.ds.el.Children("column") {
		there[el.Value("name")] = el
	}
	var missing []*xmledit.Node
	for el := range e.def.el.Children("column") {
		n := e.node(el)
		master, has := there[el.Value("name")]
		if !has {
			missing = append(missing, n)
			continue
		}
		if err := e.calculate(master, n); err != nil {
			return err
		}
	}
	slices.SortFunc(missing, func(a, b *xmledit.Node) int { return strings.Compare(nodeAttr(a, "name"), nodeAttr(b, "name")) })
	return e.ds.insertColumns(missing)
}

// calculate has a field of the reference, and its copies, calculated as the column of the
// definition.
func (e *embedding) calculate(master xmledit.Element, def *xmledit.Node) error {
	want, old := calculationOf(def), calculationOf(copyNode(master, ""))
	if want == nil || sameNode(old, want) {
		return nil
	}
	for block := range e.ds.dependencies() {
		for el := range block.Children("column") {
			if el.Value("name") != master.Value("name") {
				continue
			}
			switch has := calculationOf(copyNode(el, "")); {
			case sameNode(has, old):
				if err := putCalculation(el, want); err != nil {
					return err
				}
			case has != nil && !sameNode(has, want):
				el.Note("the calculation of this copy stays: it was not that of the data source")
			}
		}
	}
	return putCalculation(master, want)
}

// calculationOf is the calculation of a column, nil if it has none.
func calculationOf(column *xmledit.Node) *xmledit.Node {
	for _, c := range column.Children {
		if c.Name == "calculation" {
			return c
		}
	}
	return nil
}

// putCalculation gives a column a calculation.
func putCalculation(column xmledit.Element, n *xmledit.Node) error {
	if old := column.Child("calculation"); old.Exists() {
		_, err := old.Replace(n)
		return err
	}
	var next xmledit.Element
	for el := range column.Children() {
		if el.Name() != "server-captions" { // which comes first in the schema
			next = el
			break
		}
	}
	_, err := column.Insert(n, next)
	return err
}

// keyedChildren are the children of a data source of which there are many, and the
// attribute that tells them apart.
var keyedChildren = map[string]string{"column-instance": "name", "group": "name", "filter": "column"}

// lists adds what else the definition has and the reference lacks: single instances, sets
// and filters, and of all else what the reference has nothing of.
func (e *embedding) lists() error {
	there, has := map[string]xmledit.Element{}, map[string]bool{}
	for el := range e.ds.el.Children() {
		has[el.Name()] = true
		there[el.Name()+" "+el.Value(keyedChildren[el.Name()])] = el
	}
	for el := range e.def.el.Children() {
		name := el.Name()
		key, keyed := keyedChildren[name]
		old, is := there[name+" "+el.Value(key)]
		switch name {
		case manifestName, "repository-location", "data-source-tree", "connection", "column", "datasource-dependencies":
			continue
		}
		n := e.node(el)
		var err error
		switch {
		case keyed && !is, !keyed && !has[name]:
			_, err = e.ds.insert(n, key)
		case name == "group" && !sameNode(copyNode(old, ""), n):
			_, err = old.Replace(n)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// parameters gives the data source the copies of the parameters that the definition uses.
func (e *embedding) parameters() error {
	for _, p := range e.used() {
		master, err := e.ds.parameters().find(p.name)
		if err != nil {
			return err
		}
		if err := e.ds.copyParameter(e.ds.el, master); err != nil {
			return err
		}
	}
	return nil
}

// features lists the features that the definition lists, and declares the namespace of
// Tableau's user attributes where it declares it.
func (e *embedding) features() error {
	for feature := range e.def.el.Document().Root().Child(manifestName).Children() {
		if err := e.ds.requireFeature(feature.FullName()); err != nil {
			return err
		}
	}
	if e.from == "" {
		return nil
	}
	_, err := e.ds.userPrefix()
	return err
}

// dropTables removes the fields that count the rows of logical tables which are not there
// any more. Nothing uses them, see checkFields.
func (e *embedding) dropTables() error {
	known := e.known()
	for _, el := range slices.Collect(e.ds.el.Children("column", "column-instance")) {
		name := el.Value("name")
		if el.Name() == "column-instance" {
			name = el.Value("column")
		}
		if !strings.HasPrefix(name, objectPrefix) || known[name] {
			continue
		}
		if err := el.Remove(); err != nil {
			return err
		}
	}
	return nil
}
