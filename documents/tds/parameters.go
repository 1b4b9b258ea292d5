package tds

import (
	"cmp"
	"iter"
	"strconv"

	"github.com/tabtemplate/tabtemplate/documents/internal/xmledit"
)

// parametersName is the internal name of the data source of parameters (format 12).
const parametersName = "Parameters"

// parameter is a parameter of the workbook as a data source knows it: the master in a
// workbook, or the copy that a data source file or a nested data source holds (format 12).
type parameter struct {
	el                      xmledit.Element
	name, caption, datatype string // the name is internal, in brackets
	value                   string // the current one, as a DataValue
}

// label is what people see.
func (p parameter) label() string { return cmp.Or(p.caption, Unbracket(p.name)) }

// reference is how documents name the parameter outside its data source.
func (p parameter) reference() string { return "[" + parametersName + "]." + p.name }

// parameters lists the parameters that a data source can refer to, masters first, each
// once.
func (ds *Datasource) parameters() iter.Seq[parameter] {
	return func(yield func(parameter) bool) {
		seen := map[string]bool{}
		list := func(holder xmledit.Element) bool {
			for el := range holder.Children("column") {
				p := parameter{el, el.Value("name"), el.Value("caption"), el.Value("datatype"), el.Value("value")}
				if _, is := el.Attr("param-domain-type"); !is || seen[p.name] {
					continue
				}
				seen[p.name] = true
				if !yield(p) {
					return false
				}
			}
			return true
		}
		for other := range ds.el.Document().Root().Child("datasources").Children("datasource") {
			if Wrap(other).IsParameters() && !list(other) {
				return
			}
		}
		for block := range ds.el.Children("datasource-dependencies") {
			if block.Value("datasource") == parametersName && !list(block) {
				return
			}
		}
	}
}

// parameter finds a parameter: by its internal name in brackets, else by what people see,
// in brackets or not, else by its internal name without them.
func (ds *Datasource) parameter(name string) (parameter, error) {
	var labelled, named []parameter
	var there []string
	for p := range ds.parameters() {
		switch {
		case p.name == name:
			return p, nil
		case p.label() == name || p.label() == Unbracket(name):
			labelled = append(labelled, p)
		case Unbracket(p.name) == name:
			named = append(named, p)
		}
		there = append(there, strconv.Quote(p.label()))
	}
	found := labelled
	if len(found) == 0 {
		found = named
	}
	what := "parameter " + strconv.Quote(name)
	switch len(found) {
	case 0:
		return parameter{}, &NotFoundError{What: what, There: there}
	case 1:
		return found[0], nil
	}
	var matches []string
	for _, p := range found {
		matches = append(matches, p.name)
	}
	return parameter{}, &AmbiguousError{What: what, Matches: matches}
}

// copyParameter gives a holder of blocks of copies, a view or a data source, the copy of a
// parameter that every one has which uses it; what is there stays.
func (ds *Datasource) copyParameter(holder xmledit.Element, p parameter) error {
	var block xmledit.Element
	err := ds.el.Document().Following(func() (err error) {
		block, err = ds.parameterBlock(holder)
		return err
	})
	if err != nil {
		return err
	}
	for el := range block.Children("column") {
		if el.Value("name") == p.name {
			return nil
		}
	}
	skip := "members" // as in most copies outside dashboards (format 12)
	if holder.Name() == "dashboard" {
		skip = ""
	}
	return insertCopy(block, copyNode(p.el, skip))
}

// parameterBlock is the block of copies of parameters in a holder, which is made if there
// is none.
func (ds *Datasource) parameterBlock(holder xmledit.Element) (xmledit.Element, error) {
	if holder != ds.el {
		return dependencyBlock(holder, xmledit.NewNode("datasource", "name", parametersName))
	}
	for block := range ds.el.Children("datasource-dependencies") {
		if block.Value("datasource") == parametersName {
			return block, nil
		}
	}
	return ds.insert(xmledit.NewNode("datasource-dependencies", "datasource", parametersName), "datasource")
}
