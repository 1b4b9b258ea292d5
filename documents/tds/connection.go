package tds

import (
	"fmt"
	"iter"
	"maps"
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
func (c *Connection) Server() string { return c.el.Value("server") }

// Port is the port of the server.
func (c *Connection) Port() string { return c.el.Value("port") }

// DBName is the database, of extract and hyper files the path; not every class has
// one (format 5.5).
func (c *Connection) DBName() string { return c.el.Value("dbname") }

// Schema is the schema, of the classes that keep it in the connection.
func (c *Connection) Schema() string { return c.el.Value("schema") }

// Username is the user that connects.
func (c *Connection) Username() string { return c.el.Value("username") }

// Attr reads any attribute; the second result tells whether it is there.
func (c *Connection) Attr(name string) (string, bool) { return c.el.Attr(name) }

// Attrs lists the attributes by their names as written. The value of a password is
// given as it is: show values through [Redact].
func (c *Connection) Attrs() iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		for a := range c.el.Attrs() {
			if !yield(a.Name, a.Value) {
				return
			}
		}
	}
}

// String tells c from others for people; it holds no secret.
func (c *Connection) String() string {
	s := c.Class()
	for _, a := range [...][2]string{{"caption", c.Caption()}, {"server", c.Server()}, {"dbname", c.DBName()}, {"name", c.Name()}} {
		if a[1] != "" {
			s += " " + a[0] + "=" + strconv.Quote(a[1])
		}
	}
	return s
}

// ConnectionMatch selects connections: those that have every value given. An empty
// field matches everything.
type ConnectionMatch struct {
	Class, Server, DBName, Name, Caption string
}

// Matches tells whether c has every value of m.
func (m ConnectionMatch) Matches(c *Connection) bool {
	is := func(want, got string) bool { return want == "" || want == got }
	return is(m.Class, c.Class()) && is(m.Server, c.Server()) && is(m.DBName, c.DBName()) &&
		is(m.Name, c.Name()) && is(m.Caption, c.Caption())
}

// String is m in words: `connection with class "postgres"`.
func (m ConnectionMatch) String() string {
	var with []string
	for _, a := range [...][2]string{{"class", m.Class}, {"server", m.Server}, {"dbname", m.DBName}, {"name", m.Name}, {"caption", m.Caption}} {
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
	var found []*Connection
	var there []string
	for c := range ds.Connections() {
		there = append(there, c.String())
		if m.Matches(c) {
			found = append(found, c)
		}
	}
	switch len(found) {
	case 0:
		return nil, &NotFoundError{What: m.String(), Where: ds.String(), There: there}
	case 1:
		return found[0], nil
	}
	var matches []string
	for _, c := range found {
		matches = append(matches, c.String())
	}
	return nil, &AmbiguousError{What: m.String(), Where: ds.String(), Matches: matches}
}

// ConnectionPatch is what to change in a connection. An empty field is left alone.
type ConnectionPatch struct {
	Server, Port, DBName, Schema, Username string
	// Attrs sets any attribute by its name in the document; an empty value is
	// written as one. It must not repeat a field above.
	Attrs map[string]string
	// New lets Attrs add an attribute that no class is known to have. Without it a
	// name that the connection does not have is taken for a misspelt one.
	New bool
}

// attrs is all of p as attributes.
func (p ConnectionPatch) attrs() (map[string]string, error) {
	all := map[string]string{}
	maps.Copy(all, p.Attrs)
	for _, a := range [...][2]string{{"server", p.Server}, {"port", p.Port}, {"dbname", p.DBName}, {"schema", p.Schema}, {"username", p.Username}} {
		if a[1] == "" {
			continue
		}
		if _, twice := all[a[0]]; twice {
			return nil, fmt.Errorf("%s is given twice", a[0])
		}
		all[a[0]] = a[1]
	}
	return all, nil
}

// Update changes attributes of the connection, in every form they have; one that is
// not there is added. The caption follows a server it was equal to (format 5.3).
// What the connection's class does not use is refused, with what it uses instead;
// so are a name that no class has, a password, which no file should hold, and another
// class.
func (c *Connection) Update(p ConnectionPatch) error {
	attrs, err := p.attrs()
	if err == nil {
		err = c.check(attrs, p.New)
	}
	if err == nil {
		err = c.el.Document().Atomically("", func() error { return c.update(attrs) })
	}
	if err != nil {
		return fmt.Errorf("updating %s of %s: %w", c, c.ds, err)
	}
	return nil
}

func (c *Connection) update(attrs map[string]string) error {
	if server, ok := attrs["server"]; ok && c.Server() != "" && c.Caption() == c.Server() {
		if err := c.named.SetAttr("caption", server); err != nil {
			return fmt.Errorf("caption: %w", err)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(attrs)) {
		if err := c.el.SetAttr(name, attrs[name]); err != nil {
			return err
		}
	}
	return nil
}

// instead tells what classes use where others have the attribute (format 5.4, 5.5).
var instead = map[string]map[string]string{
	"oracle":       {"dbname": "service and schema"},
	"bigquery":     {"dbname": "CATALOG, project and schema (project.dataset)", "port": "server"},
	"postgres":     {"schema": "the schema in the names of tables"},
	"sqlserver":    {"port": `server, as "host,port"`, "schema": "the schema in the names of tables"},
	"azure_sqldb":  {"port": `server, as "host,port"`, "schema": "the schema in the names of tables"},
	"excel-direct": {"dbname": "filename", "server": "filename", "port": "filename"},
	"textscan":     {"dbname": "directory and filename", "server": "directory and filename", "port": "directory and filename"},
}

func (c *Connection) check(attrs map[string]string, mayBeNew bool) error {
	if _, own := instead[c.Class()]["port"]; own && c.Port() != "" && strings.Contains(attrs["server"], ",") {
		return fmt.Errorf("server %q has a port, and the connection has port %s of its own", attrs["server"], c.Port())
	}
	for _, name := range slices.Sorted(maps.Keys(attrs)) {
		value := attrs[name]
		switch strings.ToLower(xmledit.LocalName(name)) {
		case "class":
			return fmt.Errorf("the class cannot be changed: each class has its own attributes")
		case "password":
			return fmt.Errorf("a password does not belong in a file: give credentials when publishing")
		case "port":
			if n, err := strconv.Atoi(value); value != "" && (err != nil || n < 1 || n > 65535) {
				return fmt.Errorf("port %q is not a number from 1 to 65535", value)
			}
		}
		if use, ok := instead[c.Class()][xmledit.LocalName(name)]; ok {
			if _, there := c.Attr(name); !there {
				return fmt.Errorf("class %s has no %s; it has %s", c.Class(), name, use)
			}
		}
		if !mayBeNew && !c.knows(name) {
			var there []string
			for attr := range c.Attrs() {
				there = append(there, xmledit.LocalName(attr))
			}
			return &NotFoundError{What: "attribute " + strconv.Quote(name), There: there}
		}
	}
	return nil
}

// attributes are those that connections of some class are known to have (format 5.4).
var attributes = strings.Fields(`CATALOG EXECCATALOG REDIRECT_URI SCOPE application-intent authentication
	authentication-type cleaning compat connection-dialect connection-type csvFile dataRefreshTime dbname
	default-settings dialect directory filename instanceurl interpretationMode jdbcproperties jdbcurl
	max-varchar-size minimum-driver-version multi-subnet-failover oauth-config-id odbc-connect-string-extras
	odbc-dbms-name odbc-driver odbc-dsn odbc-native-protocol one-time-sql port project query-band-spec role schema
	server server-oauth server-userid service single-node source-charset sslcert sslmode tablename username
	validate warehouse workgroup-auth-mode`)

// knows tells whether an attribute is on the connection, or could be: plug-ins name
// their own with v- in front.
func (c *Connection) knows(name string) bool {
	_, there := c.Attr(name)
	local := xmledit.LocalName(name)
	return there || strings.HasPrefix(local, "v-") || slices.Contains(attributes, local)
}
