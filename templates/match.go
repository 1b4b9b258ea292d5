package templates

import (
	"go.yaml.in/yaml/v4"

	"github.com/tabtemplate/tabtemplate/documents/tds"
)

// A connectionMatch says which connections are meant.
type connectionMatch struct{ class, server, dbname, name, caption, filename, directory *value }

// fields decode its keys.
func (m *connectionMatch) fields(d *decoder) fields {
	return fields{
		"class": d.selector(&m.class, "class"), "server": d.selector(&m.server, "server"),
		"dbname": d.selector(&m.dbname, "dbname"), "name": d.selector(&m.name, "name"),
		"caption": d.selector(&m.caption, "caption"), "filename": d.selector(&m.filename, "filename"),
		"directory": d.selector(&m.directory, "directory"),
	}
}

// decode decodes it inside another selector.
func (m *connectionMatch) decode(d *editDecoder) func(n *yaml.Node) {
	return func(n *yaml.Node) { d.record(n, "connection", m.fields(&d.decoder)) }
}

func (m *connectionMatch) resolve(e *evaluator) tds.ConnectionMatch {
	return tds.ConnectionMatch{
		Class: e.selector(m.class), Server: e.selector(m.server), DBName: e.selector(m.dbname),
		Name: e.selector(m.name), Caption: e.selector(m.caption), Filename: e.selector(m.filename), Directory: e.selector(m.directory),
	}
}
