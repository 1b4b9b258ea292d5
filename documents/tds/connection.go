package tds

import (
	"cmp"
	"iter"
	"slices"
	"strconv"
	"strings"

	"github.com/tabtemplate/tabtemplate/documents/internal/xmledit"
)

// Connection is a real source of a data source: a database or a file that a person
// connected to. Neither the wrapper of federated data sources, nor an extract, nor
// a published data source is one (format 5.2); a .hyper file that a person
// connected to is.
type Connection struct {
	ds    *Datasource
	named xmledit.Element // the named-connection around it, none before Tableau 10
	el    xmledit.Element
}

// Connections lists the real sources in document order.
func (ds *Datasource) Connections() iter.Seq[*Connection] {
	return func(yield func(*Connection) bool) {
		for outer := range ds.el.Children("connection") {
			switch outer.Value("class") {
			case "sqlproxy":
			case "federated":
				for named := range outer.Child("named-connections").Children("named-connection") {
					for el := range named.Children("connection") {
						if !yield(&Connection{ds, named, el}) {
							return
						}
					}
				}
			default:
				if !yield(&Connection{ds: ds, el: outer}) {
					return
				}
			}
		}
	}
}

// Datasource is the data source that c belongs to.
func (c *Connection) Datasource() *Datasource { return c.ds }

// Name is the internal name that relations refer to, empty before Tableau 10.
func (c *Connection) Name() string { return c.named.Value("name") }

// Caption is what people see, often the server, empty before Tableau 10.
func (c *Connection) Caption() string { return c.named.Value("caption") }

// Class is the kind of source: postgres, sqlserver, excel-direct, hyper and so on.
func (c *Connection) Class() string { return c.el.Value("class") }

// Server is the host of the database; SQL Server may have a port in it.
func (c *Connection) Server() string { return c.property("server") }

// Port is the port of the server. SQL Server has it in the server, as "host,port".
func (c *Connection) Port() string { return c.property("port") }

// DBName is the database, of Databricks the catalog, of .hyper and .tde files the path;
// not every class has one (format 5.5).
func (c *Connection) DBName() string { return c.property("dbname") }

// Schema is the schema, of the classes that keep it in the connection.
func (c *Connection) Schema() string { return c.property("schema") }

// Service is the service of Oracle; Snowflake mostly has the role in it.
func (c *Connection) Service() string { return c.property("service") }

// Warehouse is the warehouse of Snowflake.
func (c *Connection) Warehouse() string { return c.property("warehouse") }

// Role is the role of Snowflake, from role or else from service (format 5.4).
func (c *Connection) Role() string { return c.property("role") }

// Catalog is the catalog of Databricks, from dbname, or of BigQuery, from CATALOG.
func (c *Connection) Catalog() string { return c.property("catalog") }

// HTTPPath is the path of a cluster or warehouse of Databricks.
func (c *Connection) HTTPPath() string { return c.property("http_path") }

// Project is the project of BigQuery.
func (c *Connection) Project() string { return c.property("project") }

// Username is the user that connects.
func (c *Connection) Username() string { return c.property("username") }

// Authentication is how the user is known; each class has its own words for it.
func (c *Connection) Authentication() string { return c.property("authentication") }

// SSLMode tells whether the connection is encrypted; "require" if it has to be.
func (c *Connection) SSLMode() string { return c.property("sslmode") }

// Filename is the file, of Excel with its folder.
func (c *Connection) Filename() string { return c.property("filename") }

// Directory is the folder of a text or spatial file.
func (c *Connection) Directory() string { return c.property("directory") }

// InitialSQL is what runs when the connection is made.
func (c *Connection) InitialSQL() string { return c.property("initial_sql") }

// QueryBand is the query band of Teradata.
func (c *Connection) QueryBand() string { return c.property("query_band") }

// property is the value of one of [properties], empty if it is not there.
func (c *Connection) property(name string) string {
	value, _ := c.read(name)
	return value
}

// read reads a property, or any other attribute by its name: the plain form of it if
// there is one, else that for readers that know the feature.
func (c *Connection) read(name string) (value string, ok bool) {
	forms := c.forms(c.attribute(name, c.Class()))
	if len(forms) == 0 {
		return "", false
	}
	return c.el.Attr(slices.MinFunc(forms, func(a, b string) int { return formRank(a) - formRank(b) }))
}

// formRank puts the forms of an attribute in the order in which they are read.
func formRank(name string) int {
	rank := 0
	for _, f := range xmledit.Features(name) {
		if !f.On {
			return 2
		}
		rank = 1
	}
	return rank
}

// attribute is the name of the attribute that holds name in a connection of a class:
// one of [properties], or an attribute already.
func (c *Connection) attribute(name, class string) string {
	if _, ok := properties[name]; !ok {
		return name
	}
	keepers := connectionClasses[class].keepers(name)
	for _, attr := range keepers {
		if len(c.forms(attr)) > 0 {
			return attr
		}
	}
	return keepers[len(keepers)-1]
}

// forms are the names, as written, of the attributes that hold what attr does, which
// may be one of them.
func (c *Connection) forms(attr string) []string {
	var forms []string
	names := c.names()
	for _, name := range names {
		if name == attr || localName(name, names) == attr {
			forms = append(forms, name)
		}
	}
	return forms
}

// places are the forms to write an attribute to: those there are, or the one to add.
func (c *Connection) places(attr string) []string {
	if forms := c.forms(attr); len(forms) > 0 {
		return forms
	}
	if attr == "dbname" && slices.ContainsFunc(c.names(), holdsOldPath) {
		return []string{"_.fcp.DatabricksCatalog.true...dbname"}
	}
	return []string{attr}
}

// names are those of the attributes, as written.
func (c *Connection) names() []string {
	var names []string
	for a := range c.el.Attrs() {
		names = append(names, a.Name)
	}
	return names
}

// localName is the attribute that a form stands for. Before Databricks had catalogs, its
// dbname held the HTTP path: in a file for both, the form of dbname for readers of that
// time still does, and a catalog must not get there.
func localName(form string, all []string) string {
	if holdsOldPath(form) && !slices.Contains(all, "dbname") {
		return "v-http-path"
	}
	return xmledit.LocalName(form)
}

func holdsOldPath(form string) bool {
	return xmledit.LocalName(form) == "dbname" &&
		slices.Contains(xmledit.Features(form), xmledit.Feature{Name: "DatabricksCatalog", On: false})
}

// Attr reads any attribute by its name in the document; the second result tells whether
// it is there. A password reads as "redacted", as does any attribute that is a secret.
func (c *Connection) Attr(name string) (string, bool) {
	value, ok := c.el.Attr(name)
	return withheld(name, value), ok
}

// Attrs lists the attributes by their names as written, with values as [Connection.Attr]
// reads them. Values may have secrets in them: show them through [Redact].
func (c *Connection) Attrs() iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		for a := range c.el.Attrs() {
			if !yield(a.Name, withheld(a.Name, a.Value)) {
				return
			}
		}
	}
}

// withheld is the value of an attribute, unless that is a secret.
func withheld(name, value string) string {
	if Redact(name, value) == redacted {
		return redacted
	}
	return value
}

// label is the shortest that tells c from the other connections of its data source.
func (c *Connection) label() string {
	alike := 0
	for other := range c.ds.Connections() {
		if other.Caption() == c.Caption() {
			alike++
		}
	}
	if alike == 1 && c.Caption() != "" {
		return c.Caption()
	}
	return cmp.Or(c.Name(), c.Server(), c.Class())
}

// String tells c from others for people; it holds no secret.
func (c *Connection) String() string {
	s := c.Class()
	for _, a := range [...][2]string{{"caption", c.Caption()}, {"server", c.Server()}, {"dbname", c.DBName()}, {"directory", c.Directory()}, {"filename", c.Filename()}, {"name", c.Name()}} {
		if a[1] != "" {
			s += " " + a[0] + "=" + strconv.Quote(a[1])
		}
	}
	return s
}

// ConnectionMatch selects connections: those that have every value given. An empty
// field matches everything.
type ConnectionMatch struct {
	Class, Server, DBName, Name, Caption, Filename, Directory string
}

// Matches tells whether c has every value of m.
func (m ConnectionMatch) Matches(c *Connection) bool {
	is := func(want, got string) bool { return want == "" || want == got }
	return is(m.Class, c.Class()) && is(m.Server, c.Server()) && is(m.DBName, c.DBName()) &&
		is(m.Name, c.Name()) && is(m.Caption, c.Caption()) && is(m.Filename, c.Filename()) && is(m.Directory, c.Directory())
}

// String is m in words: `connection with class "postgres"`.
func (m ConnectionMatch) String() string {
	var with []string
	for _, a := range [...][2]string{
		{"class", m.Class},
		{"server", m.Server},
		{"dbname", m.DBName},
		{"name", m.Name},
		{"caption", m.Caption},
		{"filename", m.Filename},
		{"directory", m.Directory},
	} {
		if a[1] != "" {
			with = append(with, a[0]+" "+strconv.Quote(a[1]))
		}
	}
	if len(with) == 0 {
		return "connection"
	}
	return "connection with " + strings.Join(with, ", ")
}

// Connection is the one connection that m selects. None is a [*NotFoundError],
// several are an [*AmbiguousError].
func (ds *Datasource) Connection(m ConnectionMatch) (*Connection, error) {
	return one(ds, m.String(), ds.Connections(), m.Matches)
}
