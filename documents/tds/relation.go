package tds

import (
	"iter"
	"slices"

	"github.com/tabtemplate/tabtemplate/documents/internal/xmledit"
)

// relations lists every relation that a data source reads its data from, at any depth:
// those of its connection in all their forms, those of the object graph, and the copies
// that some programs keep in the connections inside the wrapper. What an extract holds is not among them: that is decided by the place, because a
// .hyper file that a person connected to has the same names (format 6.2).
func (ds *Datasource) relations() iter.Seq[xmledit.Element] {
	return func(yield func(xmledit.Element) bool) {
		for root := range ds.relationRoots() {
			if !yield(root) {
				return
			}
			for el := range root.Descendants("relation") {
				if !yield(el) {
					return
				}
			}
		}
	}
}

// relationRoots lists the outermost relations of a data source.
func (ds *Datasource) relationRoots() iter.Seq[xmledit.Element] {
	return func(yield func(xmledit.Element) bool) {
		for holder := range ds.relationHolders() {
			for el := range holder.Children("relation") {
				if !yield(el) {
					return
				}
			}
		}
	}
}

// relationHolders lists the elements that hold the outermost relations: the connection,
// what the logical tables are without an extract, and what a script makes such a table of;
// last, as it only has copies, each connection inside the wrapper.
func (ds *Datasource) relationHolders() iter.Seq[xmledit.Element] {
	return func(yield func(xmledit.Element) bool) {
		for conn := range ds.el.Children("connection") {
			if !yield(conn) {
				return
			}
		}
		for object := range ds.objects() {
			for properties := range object.Children("properties") {
				if properties.Value("context") == "extract" {
					continue
				}
				if !yield(properties) {
					return
				}
				for el := range properties.Child("analytics-extension-object-node").Children("input", "output") {
					if !yield(el) {
						return
					}
				}
			}
		}
		for outer := range ds.el.Children("connection") {
			for named := range outer.Child("named-connections").Children("named-connection") {
				for conn := range named.Children("connection") {
					if !yield(conn) {
						return
					}
				}
			}
		}
	}
}

// connectionOf is the internal name of the connection that a relation is read from: of one
// that stands in a named connection and names none, that one. It is empty before Tableau 10.
func connectionOf(relation xmledit.Element) string {
	if name, ok := relation.Attr("connection"); ok {
		return name
	}
	for el := relation.Parent(); el.Exists(); el = el.Parent() {
		if el.Name() == "named-connection" {
			return el.Value("name")
		}
	}
	return ""
}

// objects lists the logical tables, in all forms of the object graph.
func (ds *Datasource) objects() iter.Seq[xmledit.Element] {
	return func(yield func(xmledit.Element) bool) {
		for graph := range ds.el.Children("object-graph") {
			for objects := range graph.Children("objects") {
				for object := range objects.Children("object") {
					if !yield(object) {
						return
					}
				}
			}
		}
	}
}

// forOlder tells whether an element is for programs that do not know some feature.
func forOlder(el xmledit.Element) bool {
	return slices.ContainsFunc(xmledit.Features(el.FullName()), func(f xmledit.Feature) bool { return !f.On })
}

// current picks, of the forms in which something is written, what a program takes that
// knows all features; where everything is for older ones, that (format 4).
func current(all iter.Seq[xmledit.Element]) []xmledit.Element {
	els := slices.Collect(all)
	if known := slices.DeleteFunc(slices.Clone(els), forOlder); len(known) > 0 {
		return known
	}
	return els
}

// Model reads the logical tables, what they are made of, and the relationships between
// them, as a program of today takes them. A logical table that only an extract still holds
// has the zero Relation.
func (ds *Datasource) Model() Model {
	var m Model
	for _, graph := range current(ds.el.Children("object-graph")) {
		for _, object := range current(graph.Child("objects").Children("object")) {
			t := LogicalTable{ID: object.Value("id"), Caption: object.Value("caption")}
			for _, properties := range current(object.Children("properties")) {
				if properties.Value("context") == "" {
					t.Relation = firstRelation(properties)
				}
			}
			m.Tables = append(m.Tables, t)
		}
		for _, el := range current(graph.Child("relationships").Children("relationship")) {
			m.Relationships = append(m.Relationships, Relationship{
				First: readEndPoint(el.Child("first-end-point")), Second: readEndPoint(el.Child("second-end-point")),
				On: readExpression(el.Child("expression")),
			})
		}
	}
	if len(m.Tables) == 0 {
		for conn := range ds.el.Children("connection") {
			if r := firstRelation(conn); r.Kind != "" {
				m.Tables = append(m.Tables, LogicalTable{Caption: r.Name, Relation: r})
			}
		}
	}
	return m
}

// firstRelation reads the relation that an element holds.
func firstRelation(holder xmledit.Element) Relation {
	for _, el := range current(holder.Children("relation")) {
		return readRelation(el)
	}
	return Relation{}
}

func readEndPoint(el xmledit.Element) EndPoint {
	is := func(name string) bool { // as people said, or else as the database did
		if v, said := el.Attr(name); said {
			return v == "true"
		}
		return el.Value("is-db-set-"+name) == "true"
	}
	return EndPoint{Table: el.Value("object-id"), Unique: is("unique-key"), AllMatch: is("guaranteed-value")}
}

// readRelation reads a relation with all that it is made of.
func readRelation(el xmledit.Element) Relation {
	r := Relation{Kind: RelationKind(el.Value("type")), Name: el.Value("name"), Connection: el.Value("connection")}
	switch r.Kind {
	case TableRelation:
		r.Table = readTableName(el.Value("table"))
	case ProcRelation:
		r.Table = readTableName(el.Value("stored-proc"))
	case SQLRelation:
		r.SQL = decodeSQL(el.Text())
	case JoinRelation:
		r.Join = el.Value("join")
		r.Clause = readExpression(el.Find("clause", "expression"))
	case PivotRelation:
		r.Pivot = readPivot(el)
	}
	for _, inner := range current(innerRelations(el)) {
		r.Inner = append(r.Inner, readRelation(inner))
	}
	return r
}

// innerRelations lists what a relation is made of: a subquery keeps it in its clauses.
func innerRelations(el xmledit.Element) iter.Seq[xmledit.Element] {
	return func(yield func(xmledit.Element) bool) {
		for inner := range el.Children("relation") {
			if !yield(inner) {
				return
			}
		}
		for clause := range el.Child("subquery").Children("clause") {
			for inner := range clause.Children("relation") {
				if !yield(inner) {
					return
				}
			}
		}
	}
}

// readPivot reads the column of names of a pivot, then those of values.
func readPivot(el xmledit.Element) []PivotColumn {
	var out []PivotColumn
	read := func(column xmledit.Element, item string) {
		c := PivotColumn{Name: column.Value("name")}
		for from := range column.Children(item) {
			c.From = append(c.From, from.Value("name"))
		}
		out = append(out, c)
	}
	for tag := range el.Children("tag") {
		read(tag, "value")
	}
	for group := range el.Child("groups").Children("group") {
		read(group, "field")
	}
	return out
}

func readExpression(el xmledit.Element) Expression {
	e := Expression{Op: el.Value("op")}
	for arg := range el.Children("expression") {
		e.Args = append(e.Args, readExpression(arg))
	}
	return e
}
