package tds

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/tabtemplate/tabtemplate/documents/internal/xmledit"
)

// convert makes c a connection of another class, for which given is set afterwards: what
// the class does not have goes, and what it needs must be there or given.
func (c *Connection) convert(to string, given map[string]string, mayBeNew bool) error {
	from := c.Class()
	if what, ok := wrappers[to]; ok {
		return fmt.Errorf("class %s %s, and no source", to, what)
	}
	class := connectionClasses[to]
	switch {
	case !class.described() && !mayBeNew:
		return &NotFoundError{What: "class " + fmt.Sprintf("%q", to), There: classNames()}
	case !class.described():
		c.el.Note("class %s is not known here: all attributes of class %s stay that are not set or removed", to, from)
	default:
		if err := c.reshape(to, given); err != nil {
			return err
		}
	}
	for _, custom := range slices.Collect(c.el.Children("connection-customization")) {
		if custom.Value("class") == from { // settings of the old class's driver
			if err := custom.Remove(); err != nil {
				return err
			}
		}
	}
	c.noteClass(from)
	return c.el.SetAttr("class", to)
}

// reshape gives c the attributes that a class has.
func (c *Connection) reshape(to string, given map[string]string) error {
	after := c.carried(to)
	class := connectionClasses[to]
	if class.has("authentication") && class.authentication != "" {
		after["authentication"] = class.authentication
	}
	if class.port != "" {
		after["port"] = class.port
	}
	var missing []string
	for _, need := range class.needs {
		if !c.gives(given, to, need) && after[c.keeper(to, need)] == "" {
			missing = append(missing, need)
		}
	}
	if len(missing) > 0 {
		return fmt.Errorf("class %s needs %s", to, strings.Join(missing, ", "))
	}
	for _, form := range c.names() {
		if _, stays := after[form]; stays || form == "class" {
			continue
		}
		if err := c.el.RemoveAttr(form); err != nil {
			return err
		}
	}
	for _, attr := range slices.Sorted(maps.Keys(after)) {
		if err := c.el.SetAttr(attr, after[attr]); err != nil {
			return err
		}
	}
	return nil
}

// carried are the attributes of a connection of class to that c has already: the
// properties that both classes have, each where the new one keeps it, and other
// attributes that the new one has too. A port and an authentication are those of the
// old class, and stay with it.
func (c *Connection) carried(to string) map[string]string {
	from, class := connectionClasses[c.Class()], connectionClasses[to]
	after := map[string]string{}
	held := map[string]bool{"class": true}
	for _, name := range slices.Sorted(maps.Keys(properties)) {
		attr := c.attribute(name, c.Class())
		held[attr] = true
		_, without := class.lacks(name)
		if without || name == "port" || name == "authentication" || slices.Contains(from.own, name) || slices.Contains(class.own, name) {
			continue
		}
		if value, there := c.read(name); there {
			after[c.keeper(to, name)] = value
		}
	}
	for a := range c.el.Attrs() {
		if local := xmledit.LocalName(a.Name); !held[local] && class.has(local) {
			after[local] = c.el.Value(local)
		}
	}
	return after
}

// keeper is the attribute that a connection of another class has a property in.
func (c *Connection) keeper(class, name string) string {
	if _, ok := properties[name]; !ok {
		return name
	}
	keepers := connectionClasses[class].keepers(name)
	return keepers[len(keepers)-1]
}

// gives tells whether what is given for a connection of a class has a property or
// attribute of it.
func (c *Connection) gives(given map[string]string, class, need string) bool {
	for name := range given {
		if c.keeper(class, name) == c.keeper(class, need) {
			return true
		}
	}
	return false
}
