package scaffold

import (
	"fmt"
	"maps"
	"reflect"
	"slices"

	"github.com/tabtemplate/tabtemplate/templates"
)

// A variable is one of the manifest. Its value is the template's own.
type variable struct {
	name     string // with a dot where it is in a group
	value    any
	note     string
	examples []any // what example sites may have instead, none where nobody can know
	rank     int   // of the examples, the best first
}

// A group is where connections lead: all that have the same class and the same values share it.
type group struct {
	class string
	names []string          // of what it has, in the order of properties
	texts map[string]string // by these names
	notes []string          // who uses it
	vars  []*variable       // once the group has a name
	name  string
}

// vars are those of the manifest.
type vars struct {
	groups  []*group
	singles []*variable
	taken   map[string]bool
}

// group returns the group of a connection, a new one if there is none that says the same.
func (v *vars) group(class string, names []string, texts map[string]string) *group {
	for _, g := range v.groups {
		if g.class == class && slices.Equal(g.names, names) && maps.Equal(g.texts, texts) {
			return g
		}
	}
	g := &group{class: class, names: names, texts: texts}
	v.groups = append(v.groups, g)
	return g
}

// nameGroups gives the groups their names, which need to know how many there are.
func (v *vars) nameGroups() {
	for _, g := range v.groups {
		base := "db"
		if len(v.groups) > 1 {
			base = word(g.class)
		}
		g.name = v.unused(base)
		for _, name := range g.names {
			one := &variable{name: g.name + "." + name, value: textOrNumber(name, g.texts[name])}
			if name == "dbname" {
				one.examples, one.rank = []any{"acme", "globex"}, 1
			}
			g.vars = append(g.vars, one)
		}
	}
}

// textOrNumber is a port as people write it: a number.
func textOrNumber(name, text string) any {
	var n int64
	if _, err := fmt.Sscan(text, &n); name == "port" && err == nil && fmt.Sprint(n) == text {
		return n
	}
	return text
}

// single returns a var of the value: one that is there under the best of the names, if it has the value, else a new one.
func (v *vars) single(value any, names ...string) *variable {
	for _, one := range v.singles {
		if one.name == names[0] && reflect.DeepEqual(one.value, value) {
			return one
		}
	}
	one := &variable{name: v.unused(names...), value: value}
	v.singles = append(v.singles, one)
	return one
}

// unused returns the first of the names that a var can have and none has, or the last with a number.
func (v *vars) unused(names ...string) string {
	last := names[len(names)-1]
	for i := 1; ; i++ {
		for _, name := range names {
			if templates.IsVar(name) && !v.taken[name] {
				v.taken[name] = true
				return name
			}
		}
		names = []string{fmt.Sprintf("%s_%d", last, i+1)}
	}
}

// all lists the vars in the order of the manifest.
func (v *vars) all() []*variable {
	var out []*variable
	for _, g := range v.groups {
		out = append(out, g.vars...)
	}
	return append(out, v.singles...)
}

// values are what edits find under the names of vars.
func (v *vars) values() map[string]any {
	out := map[string]any{}
	for _, one := range v.all() {
		out[one.name] = one.value
	}
	return out
}
