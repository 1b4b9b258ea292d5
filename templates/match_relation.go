package templates

import (
	"fmt"
	"iter"

	"go.yaml.in/yaml/v4"

	"github.com/tabtemplate/tabtemplate/documents/tds"
)

// A relationMatch says which custom SQL or stored procedure is meant: by its name, or by a mapping.
type relationMatch struct {
	name       *value
	connection connectionMatch
}

func (m *relationMatch) decode(d *editDecoder, what string) func(n *yaml.Node) {
	return func(n *yaml.Node) {
		if n.Kind != yaml.MappingNode {
			d.selector(&m.name, what)(n)
			return
		}
		d.record(n, what, fields{"name": d.selector(&m.name, "name"), "connection": m.connection.decode(d)})
	}
}

func (m *relationMatch) resolve(e *evaluator) tds.RelationMatch {
	return tds.RelationMatch{Name: e.selector(m.name), Connection: m.connection.resolve(e)}
}

// A relation is custom SQL or a stored procedure.
type relation interface {
	fmt.Stringer
	Matches(tds.RelationMatch) bool
	Datasource() *tds.Datasource
}

// inRelations returns the custom SQL or the stored procedures that an edit is for. Their data sources get other data.
func inRelations[T relation](to *Rendering, e resolved, what string, m tds.RelationMatch,
	list func(*tds.Datasource) iter.Seq[T],
) ([]T, error) {
	datasources, err := e.datasources(to.File)
	if err != nil {
		return nil, err
	}
	name := func(r T) string { return fmt.Sprintf("%s of %s", r, r.Datasource()) }
	var matches []T
	var there []string
	for _, ds := range datasources {
		for r := range list(ds) {
			there = append(there, name(r))
			if r.Matches(m) {
				matches = append(matches, r)
			}
		}
	}
	matches, err = choose(e, m.Describe(what), matches, there, name)
	for _, r := range matches {
		to.touched[r.Datasource().Name()] = true
	}
	return matches, err
}
