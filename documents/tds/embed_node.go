package tds

import (
	"slices"
	"strings"

	"github.com/tabtemplate/tabtemplate/documents/internal/xmledit"
)

// node is a copy of an element of the definition for the data source: what refers to the
// data source by its name has the one that stays, and connections have names of their own.
func (e *embedding) node(el xmledit.Element) *xmledit.Node {
	n := copyNode(el, "")
	e.adapt(n, false)
	return n
}

// adapt renames in a copy. In connections and logical tables, what looks like the name of a
// data source is that of a schema, but for formulas: [Extract].[Extract] is a table.
func (e *embedding) adapt(n *xmledit.Node, tables bool) {
	name := xmledit.LocalName(n.Name)
	tables = tables || name == "connection" || name == "object-graph"
	for i, a := range n.Attrs {
		if rest, ok := strings.CutPrefix(a.Name, e.from+":"); ok && e.from != "" {
			n.Attrs[i].Name = e.to + ":" + rest
		}
		local := xmledit.LocalName(a.Name)
		isFormula := name == "calculation" && local == "formula"
		switch to, renamed := e.connections[a.Value]; {
		case renamed && (local == "connection" || name == "named-connection" && local == "name"):
			n.Attrs[i].Value = to
		case isFormula || !tables:
			n.Attrs[i].Value = requalified(a.Value, e.def.Name(), e.ds.Name(), isFormula)
		}
	}
	if !tables {
		n.Text = requalified(n.Text, e.def.Name(), e.ds.Name(), false)
	}
	for _, c := range n.Children {
		e.adapt(c, tables)
	}
}

// requalified gives the names of fields in a value that are qualified with a data source
// another data source. In a data value both are escaped (format 10.1).
func requalified(value, from, to string, isFormula bool) string {
	if from == to || from == "" || !strings.Contains(value, "[") {
		return value
	}
	if tokens, err := tokenize(value); isFormula && err == nil {
		var out strings.Builder
		for _, t := range tokens {
			if q, field := splitReference(t.text); t.kind == reference && Unbracket(q) == from && q != "" {
				t.text = bracket(to) + "." + field
			}
			out.WriteString(t.text)
		}
		return out.String()
	}
	was, is := bracket(from)+".", bracket(to)+"."
	if strings.HasPrefix(value, `"`) {
		was, is = dataValueEscaper.Replace(was), dataValueEscaper.Replace(is)
	}
	var out strings.Builder
	for i := 0; i < len(value); {
		if value[i] != '[' {
			out.WriteByte(value[i])
			i++
			continue
		}
		if strings.HasPrefix(value[i:], was+"[") {
			out.WriteString(is)
			i += len(was)
		}
		end := nameEnd(value, i)
		out.WriteString(value[i:end])
		i = end
	}
	return out.String()
}

// nameEnd is where a name in brackets ends, with what else of it is in brackets after a dot:
// the fields that count rows have three parts with the data source (format 6.3).
func nameEnd(value string, i int) int {
	for {
		end := quotedEnd(value, i+1, ']')
		if end < 0 {
			return len(value)
		}
		if !strings.HasPrefix(value[end:], ".[") {
			return end
		}
		i = end + 1
	}
}

// sameNode tells whether two elements say the same, or are both not there.
func sameNode(a, b *xmledit.Node) bool {
	if a == nil || b == nil {
		return a == b
	}
	attrs := func(n *xmledit.Node) []xmledit.Attr {
		out := slices.Clone(n.Attrs)
		slices.SortFunc(out, func(a, b xmledit.Attr) int { return strings.Compare(a.Name, b.Name) })
		return out
	}
	return a.Name == b.Name && strings.TrimSpace(a.Text) == strings.TrimSpace(b.Text) &&
		slices.Equal(attrs(a), attrs(b)) && slices.EqualFunc(a.Children, b.Children, sameNode)
}
