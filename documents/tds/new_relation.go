package tds

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/tabtemplate/tabtemplate/documents/internal/xmledit"
)

// relationBuilder makes the relation of a new data source.
type relationBuilder struct {
	connections []*Connection
	arguments   []Argument
	bare        bool
	procedure   bool              // there is one
	aliases     map[string]string // of relations so far: where each stands in the spec
	used        map[string]bool   // names of connections
	faults      []error
}

// fault notes what is wrong with what stands where in the spec.
func (b *relationBuilder) fault(where, format string, args ...any) {
	b.faults = append(b.faults, fmt.Errorf(where+": "+format, args...))
}

// resolve completes a relation of the spec: with names, and with the internal names of
// connections.
func (b *relationBuilder) resolve(r Relation, where string) Relation {
	switch r.Kind {
	case TableRelation, SQLRelation, ProcRelation:
		b.leaf(&r, where)
	case JoinRelation:
		b.join(&r, where)
	case "":
		b.fault(where, "it has no kind: %s, %s, %s or %s", TableRelation, SQLRelation, ProcRelation, JoinRelation)
	default:
		b.fault(where, "a %s cannot be made", r.Kind)
	}
	return r
}

// leaf completes a relation that is read from a connection.
func (b *relationBuilder) leaf(r *Relation, where string) {
	if r.Join != "" || r.Clause.Op != "" || len(r.Inner) > 0 || len(r.Pivot) > 0 {
		b.fault(where, "a relation of kind %s has neither join, clause, pivot nor relations inside", r.Kind)
	}
	switch r.Kind {
	case SQLRelation:
		b.sql(r, where)
	case ProcRelation:
		b.procedure = true
		fallthrough
	default:
		b.table(r, where)
	}
	if other, twice := b.aliases[r.Name]; twice {
		b.fault(where, "its name is %q, and so is that of %s: give it another Name", r.Name, other)
	}
	b.aliases[r.Name] = where
	connection, err := b.connection(r.Connection)
	if err != nil {
		b.fault(where, "%w", err)
		return
	}
	r.Connection = connection
}

func (b *relationBuilder) sql(r *Relation, where string) {
	if strings.TrimSpace(r.SQL) == "" {
		b.fault(where, "the custom SQL is empty")
	}
	if len(r.Table) > 0 {
		b.fault(where, "custom SQL has no table, and this has %s", r.Table)
	}
	for t := range sqlTokens(encodeSQL(r.SQL)) {
		if t.parameter != "" {
			b.fault(where, "%s takes the value of a parameter, and a new data source has none", t.text)
		}
	}
	for n := 0; r.Name == ""; n++ {
		name := "Custom SQL Query" + strings.TrimPrefix(strconv.Itoa(n), "0") // as Tableau numbers them
		if _, taken := b.aliases[name]; !taken {
			r.Name = name
		}
	}
}

func (b *relationBuilder) table(r *Relation, where string) {
	if r.SQL != "" {
		b.fault(where, "a relation of kind %s has no SQL", r.Kind)
	}
	switch {
	case len(r.Table) == 0:
		b.fault(where, "the name of the table is empty")
	case len(r.Table) > 3 || slices.Contains(r.Table, ""):
		b.fault(where, "%s is not the name of a table: one to three parts, none of them empty", r.Table)
	}
	r.Name = cmp.Or(r.Name, r.Table.Table())
}

// connection is the internal name of the connection that a relation is read from.
func (b *relationBuilder) connection(name string) (string, error) {
	var found []*Connection
	var there []string
	for _, c := range b.connections {
		there = append(there, c.String())
		if name == "" || name == c.Name() {
			found = append(found, c)
		}
	}
	if len(found) == 0 {
		for _, c := range b.connections {
			if name == c.Caption() {
				found = append(found, c)
			}
		}
	}
	switch {
	case len(found) == 0:
		return "", &NotFoundError{What: "connection " + strconv.Quote(name), There: there}
	case len(found) > 1 && name == "":
		return "", &AmbiguousError{What: "connection, which is not given", Matches: there}
	case len(found) > 1:
		return "", &AmbiguousError{What: "connection " + strconv.Quote(name), Matches: there}
	}
	if b.used == nil {
		b.used = map[string]bool{}
	}
	b.used[found[0].Name()] = true
	return found[0].Name(), nil
}

// checkRest finds connections that nothing is read from, and what is wrong with the
// arguments of a procedure.
func (b *relationBuilder) checkRest() {
	for i, c := range b.connections {
		if !b.used[c.Name()] && len(b.faults) == 0 {
			b.fault(fmt.Sprintf("connection %d", i+1), "no relation is read from %s", c)
		}
	}
	if len(b.arguments) > 0 && !b.procedure {
		b.fault("arguments", "the relation is no stored procedure")
	}
	names := map[string]bool{}
	for i, a := range b.arguments {
		where := fmt.Sprintf("argument %d", i+1)
		switch {
		case a.Name == "":
			b.fault(where, "it has no name")
		case names[a.Name]:
			b.fault(where, "%s is there already", a.Name)
		case a.Parameter != "":
			b.fault(where, "%s is linked to the parameter %s, and a new data source has none", a.Name, a.Parameter)
		}
		names[a.Name] = true
		if _, err := argumentValue(a); err != nil {
			b.fault(where, "%s: %w", a.Name, err)
		}
	}
}

// argumentValue is the value of an argument as the document holds it.
func argumentValue(a Argument) (string, error) {
	return a.Value.DataValue(cmp.Or(a.Datatype, a.Value.datatype()))
}

func (b *relationBuilder) join(r *Relation, where string) {
	if r.Name != "" || r.Connection != "" || len(r.Table) > 0 || r.SQL != "" || len(r.Pivot) > 0 {
		b.fault(where, "a join has no name, connection, table, SQL or pivot")
	}
	if joins := []string{"inner", "left", "right", "full"}; !slices.Contains(joins, r.Join) {
		b.fault(where, "join %q is not one of %s", r.Join, strings.Join(joins, ", "))
	}
	if len(r.Inner) != 2 {
		b.fault(where, "a join is of two relations, and this has %d: nest joins for more", len(r.Inner))
		return
	}
	before := maps.Clone(b.aliases)
	inner := make([]Relation, 2)
	for i, in := range r.Inner {
		at := fmt.Sprintf("%s.Inner[%d]", where, i)
		if in.Kind == ProcRelation {
			b.fault(at, "a stored procedure cannot be joined")
		}
		inner[i] = b.resolve(in, at)
	}
	r.Inner = inner
	scope := []string{}
	for alias := range b.aliases {
		if _, outside := before[alias]; !outside {
			scope = append(scope, alias)
		}
	}
	slices.Sort(scope)
	if err := checkClause(r.Clause, scope); err != nil {
		b.fault(where, "clause: %w", err)
	}
}

// operators are those of join clauses, with how many arguments they take at most; 0 is any
// number from two.
var operators = map[string]int{"=": 2, "<>": 2, "<": 2, "<=": 2, ">": 2, ">=": 2, "AND": 0, "OR": 0}

// checkClause checks the clause of a join of relations with the names in scope.
func checkClause(e Expression, scope []string) error {
	if _, ok := operators[e.Op]; !ok {
		return fmt.Errorf("%q is no comparison: it must begin with one of %s", e.Op, strings.Join(slices.Sorted(maps.Keys(operators)), ", "))
	}
	return checkExpression(e, scope)
}

// columnReference is a column of a relation: [orders].[id].
var columnReference = regexp.MustCompile(`(\[(?:[^\[\]]|\]\])+\])\.\[(?:[^\[\]]|\]\])+\]`)

func checkExpression(e Expression, scope []string) error {
	if len(e.Args) == 0 {
		return checkOperand(e.Op, scope)
	}
	most, known := operators[e.Op]
	_, lower := operators[strings.ToUpper(e.Op)]
	switch {
	case !known && (lower || !function.MatchString(e.Op)):
		return fmt.Errorf("%q is no operator; there are: %s", e.Op, strings.Join(slices.Sorted(maps.Keys(operators)), ", "))
	case known && (len(e.Args) < 2 || most > 0 && len(e.Args) > most):
		return fmt.Errorf("%s has %d arguments", e.Op, len(e.Args))
	}
	var faults []error
	for _, arg := range e.Args {
		faults = append(faults, checkExpression(arg, scope))
	}
	return errors.Join(faults...)
}

// checkOperand checks a column, a value or a calculation.
func checkOperand(text string, scope []string) error {
	if _, operator := operators[text]; operator || strings.TrimSpace(text) == "" {
		return fmt.Errorf("%q has nothing to compare", text)
	}
	references := columnReference.FindAllStringSubmatch(text, -1)
	if len(references) == 0 && strings.HasPrefix(text, "[") {
		return fmt.Errorf("%s is not a column of a relation, as [%s].[id] is", text, scope[0])
	}
	for _, m := range references {
		if alias := Unbracket(m[1]); !slices.Contains(scope, alias) {
			return &NotFoundError{What: "relation " + strconv.Quote(alias) + ", which " + m[0] + " names,", Where: "the join", There: scope}
		}
	}
	return nil
}

// node writes a relation that was resolved (format 6).
func (b *relationBuilder) node(r Relation) *xmledit.Node {
	n := xmledit.NewNode("relation", "type", string(r.Kind))
	add := func(name, value string) { n.Attrs = append(n.Attrs, xmledit.Attr{Name: name, Value: value}) }
	if r.Kind == JoinRelation {
		add("join", r.Join)
		n.Add(xmledit.NewNode("clause", "type", "join").Add(expressionNode(r.Clause)))
		for _, in := range r.Inner {
			n.Add(b.node(in))
		}
		return n
	}
	add("name", r.Name)
	if !b.bare {
		add("connection", r.Connection)
	}
	switch r.Kind {
	case TableRelation:
		add("table", r.Table.String())
	case SQLRelation:
		n.Text = encodeSQL(r.SQL)
	case ProcRelation:
		add("stored-proc", r.Table.String())
		if len(b.arguments) > 0 {
			n.Add(b.actualParameters())
		}
	}
	return n
}

// actualParameters writes the arguments of a procedure (format 6.6).
func (b *relationBuilder) actualParameters() *xmledit.Node {
	n := xmledit.NewNode("actual-parameters")
	for i, a := range b.arguments {
		value, _ := argumentValue(a) // checked before
		n.Add(argumentNode(a.Name, i+1, value))
	}
	return n
}

func expressionNode(e Expression) *xmledit.Node {
	n := xmledit.NewNode("expression", "op", e.Op)
	for _, arg := range e.Args {
		n.Add(expressionNode(arg))
	}
	return n
}
