package tds

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/tabtemplate/tabtemplate/documents/internal/xmledit"
)

// ConnectionPatch is what to change in a connection. An empty field is left alone. Each
// field is written where the class of the connection keeps it (format 5.4, 5.5): the
// role of Snowflake to service, unless there is a role, the catalog of Databricks to
// dbname, initial SQL to one-time-sql. What the class does not have is refused.
type ConnectionPatch struct {
	// Class makes it a connection of another class: what both have stays, except port
	// and authentication, what only the old one has goes, and what the new one needs
	// must be given. The internal name, tables and SQL stay as they are.
	Class string

	// Caption is what people see of it, which a connection has since Tableau 10. Without it
	// the caption follows a server that it was equal to.
	Caption string

	Server, Port, DBName, Schema, Service, Warehouse, Role, Catalog, HTTPPath, Project string

	Username, Authentication, SSLMode, Filename, Directory, InitialSQL, QueryBand string

	// Attrs sets any attribute by its name in the document, or a field above by its name
	// in manifests (http_path, initial_sql); an empty value is written as one. It must
	// not set what is set already.
	Attrs map[string]string
	// Remove takes attributes away, by the same names. One that is not there is fine.
	Remove []string
	// New allows a class and attributes that are not known here, as plug-ins have.
	// Without it a name that is not known, and that the connection does not have, is
	// taken for a misspelt one.
	New bool
}

// values are what p sets, by the names of [properties] and attributes.
func (p ConnectionPatch) values() (map[string]string, error) {
	values := map[string]string{}
	maps.Copy(values, p.Attrs)
	for _, f := range [...][2]string{
		{"class", p.Class},
		{"caption", p.Caption},
		{"server", p.Server},
		{"port", p.Port},
		{"dbname", p.DBName},
		{"schema", p.Schema},
		{"service", p.Service},
		{"warehouse", p.Warehouse},
		{"role", p.Role},
		{"catalog", p.Catalog},
		{"http_path", p.HTTPPath},
		{"project", p.Project},
		{"username", p.Username},
		{"authentication", p.Authentication},
		{"sslmode", p.SSLMode},
		{"filename", p.Filename},
		{"directory", p.Directory},
		{"initial_sql", p.InitialSQL},
		{"query_band", p.QueryBand},
	} {
		if f[1] == "" {
			continue
		}
		if _, twice := values[f[0]]; twice {
			return nil, fmt.Errorf("%s is given twice", f[0])
		}
		values[f[0]] = f[1]
	}
	if class, given := values["class"]; given && class == "" {
		return nil, errors.New("the class is empty")
	}
	return values, nil
}

// Update changes the connection as p says, each attribute in every form it has; one that
// is not there is added. A caption that is not set follows a server it was equal to (format
// 5.3).
//
// What the connection's class does not have is refused, with what it has; so are a class
// without what it needs, names that no class has, two names of one attribute, and a
// password, which no file should hold. What keeps naming a server or project that is no
// longer, and what a change of class leaves as it was, is noted.
func (c *Connection) Update(p ConnectionPatch) error {
	before := c.String()
	err := c.el.Document().Atomically("", func() error {
		values, err := p.values()
		if err != nil {
			return err
		}
		class := values["class"]
		caption, recaptioned := values["caption"]
		delete(values, "class")
		delete(values, "caption")
		old := c.namedElsewhere()
		switch class {
		case "":
		case c.Class():
			err = c.el.SetAttr("class", class) // nothing but the claim of it
		default:
			err = c.convert(class, values, p.New)
		}
		if err != nil {
			return err
		}
		if err := c.update(values, p, old); err != nil || !recaptioned {
			return err
		}
		if !c.named.Exists() {
			return errors.New("it has no caption: that is of connections since Tableau 10")
		}
		return c.named.SetAttr("caption", caption)
	})
	if err != nil {
		return fmt.Errorf("updating %s of %s: %w", before, c.ds, err)
	}
	return nil
}

func (c *Connection) update(values map[string]string, p ConnectionPatch, old map[string]string) error {
	if err := c.check(values, p.New); err != nil {
		return err
	}
	set, err := c.targets(values)
	if err != nil {
		return err
	}
	if err := c.remove(p, set); err != nil {
		return err
	}
	if server, ok := values["server"]; ok && old["server"] != "" && c.Caption() == old["server"] {
		if err := c.named.SetAttr("caption", server); err != nil {
			return fmt.Errorf("caption: %w", err)
		}
	}
	for _, form := range slices.Sorted(maps.Keys(set)) {
		if err := c.el.SetAttr(form, set[form]); err != nil {
			return err
		}
	}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if need := c.need(name); slices.Contains(whereabouts[:], need) && c.property(need) == "" {
			return fmt.Errorf("class %s needs %s, and it would be empty", c.Class(), need)
		}
	}
	c.noteRemains(old, set)
	return nil
}

// whereabouts are the properties that say where the source is, so that they must not be empty in
// a class that needs them; it may leave others to the database.
var whereabouts = [...]string{"server", "filename"}

// need is what the class cannot do without that an attribute or property is, "" if it can.
func (c *Connection) need(name string) string {
	for _, need := range connectionClasses[c.Class()].needs {
		if c.attribute(name, c.Class()) == c.attribute(need, c.Class()) {
			return need
		}
	}
	return ""
}

// targets are the attributes to set, by their names as written. Two names for one of
// them are an error.
func (c *Connection) targets(values map[string]string) (map[string]string, error) {
	set, by := map[string]string{}, map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		for _, form := range c.places(c.attribute(name, c.Class())) {
			if first, twice := by[form]; twice {
				return nil, fmt.Errorf("%s and %s are one attribute of class %s, %s: give one of them", first, name, c.Class(), form)
			}
			set[form], by[form] = values[name], name
		}
	}
	return set, nil
}

// remove takes away what the patch removes, and must not set.
func (c *Connection) remove(p ConnectionPatch, set map[string]string) error {
	for _, name := range p.Remove {
		attr := c.attribute(name, c.Class())
		switch {
		case xmledit.LocalName(attr) == "class":
			return errors.New("the class cannot be removed")
		case !c.knows(attr, p.New):
			return c.unknown(name)
		}
		for _, form := range c.forms(attr) {
			if _, both := set[form]; both {
				return fmt.Errorf("%s is set and removed", form)
			}
			if need := c.need(name); need != "" {
				return fmt.Errorf("class %s needs %s, which must not be removed", c.Class(), need)
			}
			if err := c.el.RemoveAttr(form); err != nil {
				return err
			}
		}
	}
	return nil
}

// check refuses what should not, or cannot, be set.
func (c *Connection) check(values map[string]string, mayBeNew bool) error {
	if _, inServer := connectionClasses[c.Class()].instead["port"]; inServer && c.Port() != "" && strings.Contains(values["server"], ",") {
		return fmt.Errorf("server %q has a port, and the connection has port %s of its own", values["server"], c.Port())
	}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		switch local := xmledit.LocalName(name); {
		case strings.EqualFold(local, "class"):
			return fmt.Errorf("%q is no attribute to set: the class is set by the name class", name)
		case strings.EqualFold(local, "password"):
			return errors.New("a password does not belong in a file: give credentials when publishing")
		case local == "port":
			if err := checkPort(values[name]); err != nil {
				return err
			}
		}
		if err := c.checkName(name, mayBeNew); err != nil {
			return err
		}
	}
	return nil
}

// checkPort refuses what is no port; an empty one says nothing.
func checkPort(port string) error {
	if n, err := strconv.Atoi(port); port != "" && (err != nil || n < 1 || n > 65535) {
		return fmt.Errorf("port %q is not a number from 1 to 65535", port)
	}
	return nil
}

// checkName refuses a property that the class does not have, and an attribute that is
// not known.
func (c *Connection) checkName(name string, mayBeNew bool) error {
	class := connectionClasses[c.Class()]
	attr := c.attribute(name, c.Class())
	if len(c.forms(attr)) > 0 {
		return nil
	}
	property := xmledit.LocalName(name)
	if _, ok := properties[property]; ok {
		_, always := class.instead[property]
		if use, lacks := class.lacks(property); lacks && (always || !mayBeNew) {
			return fmt.Errorf("class %s has no %s; it has %s", c.Class(), property, use)
		}
		if property == "catalog" && !class.described() {
			return fmt.Errorf("where class %s keeps its catalog is not known: set the attribute by its name", c.Class())
		}
	}
	if !c.knows(attr, mayBeNew) {
		return c.unknown(name)
	}
	return nil
}

// knows tells whether an attribute is on the connection, or could be.
func (c *Connection) knows(attr string, mayBeNew bool) bool {
	return mayBeNew || len(c.forms(attr)) > 0 || known(xmledit.LocalName(attr))
}

// unknown is the error for an attribute that is not there and not known: it lists the names
// that can be set, and the attributes that have no other name.
func (c *Connection) unknown(name string) error {
	there := []string{"class", "caption"}
	holders := map[string]bool{"class": true, "password": true}
	class := connectionClasses[c.Class()]
	for property := range properties {
		attr := c.attribute(property, c.Class())
		if class.described() && !slices.Contains(class.properties(), property) && len(c.forms(attr)) == 0 {
			continue
		}
		there = append(there, property)
		holders[attr] = true
	}
	for _, form := range c.names() {
		if local := xmledit.LocalName(form); !holders[local] && !slices.Contains(there, local) {
			there = append(there, local)
		}
	}
	slices.Sort(there)
	return &NotFoundError{What: "attribute " + strconv.Quote(name), There: there}
}
