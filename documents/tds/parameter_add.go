package tds

import (
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/tabtemplate/tabtemplate/documents/internal/xmledit"
)

// Add is for the packages of this module that know workbooks: it adds a parameter, with the
// data source of parameters where there is none, and returns its internal name. Name and
// Alias of p are not looked at, since they follow from the workbook and from the list. One
// that is there, just as p says, stays; another one with that caption is an error.
func (ps Parameters) Add(p Parameter) (name string, err error) {
	err = ps.el.Document().Atomically("", func() error {
		name, err = ps.add(p)
		return err
	})
	if err != nil {
		return "", fmt.Errorf("adding parameter %s: %w", strconv.Quote(p.Caption), err)
	}
	return name, nil
}

func (ps Parameters) add(p Parameter) (string, error) {
	p, err := p.complete()
	if err != nil {
		return "", err
	}
	for other := range ps.each() {
		if other.label() != p.Caption {
			continue
		}
		if what := p.differs(other.read()); what != "" {
			return "", fmt.Errorf("there is one already, %s, and its %s is another", other.name(), what)
		}
		other.el.Claim()
		return other.name(), claimParameter(other.el.Parent(), p.Caption, "set")
	}
	if p.Name, err = ps.newName(); err != nil {
		return "", err
	}
	ds, err := ps.datasource()
	if err != nil {
		return "", err
	}
	if err := claimParameter(ds.el, p.Caption, "set"); err != nil {
		return "", err
	}
	el, err := ds.insert(p.node(), "name")
	if err != nil {
		return "", err
	}
	if p.Description != "" {
		if err := setDescription(el, p.Description); err != nil {
			return "", err
		}
	}
	return p.Name, ps.update(parameter{el}, ParameterPatch{Value: &p.Value, Domain: &p.Domain})
}

// claimParameter says whether the current rule wants a parameter to be there.
func claimParameter(ds xmledit.Element, label, want string) error {
	return ds.ClaimChild("column", "caption", label, want)
}

// complete checks the definition of a new parameter, and gives it in its datatype.
func (p Parameter) complete() (Parameter, error) {
	known := []string{"string", "integer", "real", "boolean", "date", "datetime"}
	var err error
	switch {
	case p.Caption == "":
		return p, errors.New("it has no caption")
	case !slices.Contains(known, p.Datatype):
		return p, &NotFoundError{What: "datatype " + strconv.Quote(p.Datatype), There: known}
	case p.Recompute != "" || p.Source != "":
		return p, errors.New("a new one cannot have a field that sets it when the workbook is opened")
	}
	if p.Domain, err = p.Domain.as(p.Datatype); err != nil {
		return p, err
	}
	p.Value, err = p.Value.as(p.Datatype)
	return p, err
}

// differs says in which respect another parameter is not defined as p is, "" if in none.
func (p Parameter) differs(other Parameter) string {
	a, b := p.Domain, other.Domain
	switch {
	case p.Datatype != other.Datatype:
		return "datatype"
	case a.Kind != b.Kind || !slices.Equal(a.Allowed, b.Allowed) || a.Min != b.Min || a.Max != b.Max || a.Step != b.Step || a.Period != b.Period:
		return "domain"
	case p.Value != other.Value:
		return "value"
	case p.Format != other.Format:
		return "format"
	case p.Description != other.Description:
		return "description"
	case other.Recompute != "" || other.Source != "":
		return "value when the workbook is opened"
	}
	return ""
}

// node is the column of a new parameter, without what updates give it (format 12).
func (p Parameter) node() *xmledit.Node {
	kind := "quantitative"
	if p.Datatype == "string" || p.Datatype == "boolean" {
		kind = "nominal"
	}
	n := xmledit.NewNode("column", "caption", p.Caption, "datatype", p.Datatype, "name", p.Name,
		"param-domain-type", string(AnyDomain), "role", "measure", "type", kind, "value", "")
	if p.Format != "" {
		n.Attrs = append(n.Attrs, xmledit.Attr{Name: "default-format", Value: p.Format})
	}
	return n.Add(xmledit.NewNode("calculation", "class", "tableau", "formula", ""))
}

// newName is the first name as Tableau gives them that nothing in the document has, or
// refers to.
func (ps Parameters) newName() (string, error) {
	taken := map[string]bool{}
	for root, err := range ps.roots() {
		if err != nil {
			return "", err
		}
		for el := range root.Descendants() {
			for m := range Mentions(el) {
				if m.Datasource == parametersName {
					taken[m.Name] = true
				}
			}
		}
	}
	for n := 1; ; n++ {
		if name := fmt.Sprintf("[Parameter %d]", n); !taken[name] {
			return name, nil
		}
	}
}

// workbookOrder is the order of the children of a workbook up to its data sources
// (format 2).
var workbookOrder = []string{"document-format-change-manifest", "repository-location", "preferences", "style-theme", "style", "datasources"}

// datasource is the data source of parameters, which is made if there is none: first among
// the data sources (format 12).
func (ps Parameters) datasource() (*Datasource, error) {
	root := ps.root()
	list := root.Child("datasources")
	if !list.Exists() {
		var next xmledit.Element // the first child that stands after it
		for c := range root.Children() {
			if !slices.Contains(workbookOrder, c.Name()) {
				next = c
				break
			}
		}
		var err error
		if list, err = root.Insert(xmledit.NewNode("datasources"), next); err != nil {
			return nil, err
		}
	}
	var first xmledit.Element
	for el := range list.Children() {
		if ds := Wrap(el); ds.IsParameters() {
			return ds, nil
		}
		if !first.Exists() {
			first = el
		}
	}
	n := xmledit.NewNode("datasource", "hasconnection", "false", "inline", "true", "name", parametersName)
	if version, ok := root.Attr("version"); ok {
		n.Attrs = append(n.Attrs, xmledit.Attr{Name: "version", Value: version})
	}
	el, err := list.Insert(n.Add(xmledit.NewNode("aliases", "enabled", "yes")), first)
	return Wrap(el), err
}
