package tds

import (
	"strconv"

	"github.com/tabtemplate/tabtemplate/documents/internal/xmledit"
)

// databases are the properties and attributes that say which data of a server a source reads,
// the first that it has before the others.
var databases = [...]string{"dbname", "catalog", "service", "project", "jdbcurl", "odbc-dsn"}

// besides say so together with the server and the database.
var besides = [...]string{"port", "schema", "warehouse", "role", "http_path"}

// SourceAt is for the packages of this module: the source whose connection an element is, if
// it is one.
func SourceAt(el xmledit.Element) (*Connection, bool) {
	for up := el.Parent(); up.Exists(); up = up.Parent() {
		if up.Name() != "datasource" {
			continue
		}
		for c := range Wrap(up).Connections() {
			if c.el == el {
				return c, true
			}
		}
		break
	}
	return nil, false
}

// Unasked is for the packages of this module: in words, the server and the database that c
// leads to, "" if it names none, as files do, or if an edit or a rule said where it is to lead.
// It shows no secret.
func (c *Connection) Unasked() string {
	if _, file := connectionClasses[c.Class()].lacks("server"); file || c.Filename() != "" {
		return ""
	}
	text := c.Class()
	add := func(name string) bool {
		value := c.property(name)
		if value != "" {
			text += ", " + name + " " + strconv.Quote(Redact(c.attribute(name, c.Class()), value))
		}
		return value != ""
	}
	named := add("server")
	for _, name := range databases {
		if add(name) {
			named = true
			break
		}
	}
	asked := c.asked("server")
	for _, name := range databases {
		asked = asked || c.asked(name)
	}
	for _, name := range besides {
		asked = asked || c.asked(name)
	}
	if !named || asked {
		return ""
	}
	return text
}

// asked tells whether an edit or a rule said what a property is.
func (c *Connection) asked(name string) bool { return c.el.Asked(c.attribute(name, c.Class())) }
