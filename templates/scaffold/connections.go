package scaffold

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tabtemplate/tabtemplate/documents"
	"github.com/tabtemplate/tabtemplate/documents/tds"
)

// properties are what may differ from site to site of a connection, by the names of manifests.
var properties = []struct {
	name string
	of   func(*tds.Connection) string
}{
	{"server", (*tds.Connection).Server},
	{"port", (*tds.Connection).Port},
	{"http_path", (*tds.Connection).HTTPPath},
	{"project", (*tds.Connection).Project},
	{"catalog", (*tds.Connection).Catalog},
	{"dbname", (*tds.Connection).DBName},
	{"schema", (*tds.Connection).Schema},
	{"service", (*tds.Connection).Service},
	{"warehouse", (*tds.Connection).Warehouse},
	{"role", (*tds.Connection).Role},
	{"username", (*tds.Connection).Username},
}

// connection is one that gets an edit.
type connection struct {
	selector selector
	group    *group
}

// connections finds those of a template that lead to a server.
func (d *draft) connections(t *template) (out []connection) {
	for ds := range t.file.Datasources() {
		for c := range ds.Connections() {
			if c.Unasked() == "" || c.Class() == "" { // a file
				continue
			}
			names, texts := settable(t.file, c)
			if len(names) == 0 {
				continue
			}
			s, ok := selectorOf(t.file, c)
			if !ok {
				t.stays("connection", c.Class()+" of "+ds.Label(), errAlike)
				continue
			}
			g := d.vars.group(c.Class(), names, texts)
			g.notes = append(g.notes, t.where(ds))
			out = append(out, connection{s, g})
		}
	}
	return out
}

// settable returns what of a connection can be set to what it is, without a change.
func settable(f *documents.File, c *tds.Connection) (names []string, texts map[string]string) {
	s, ok := selectorOf(f, c)
	texts = map[string]string{}
	for _, p := range properties {
		text := p.of(c)
		if text == "" {
			continue
		}
		texts[p.name] = text
		if ok && same(f, s, texts) {
			names = append(names, p.name)
		} else if ok {
			delete(texts, p.name)
		} else {
			names = append(names, p.name)
		}
	}
	return names, texts
}

// same tells whether an edit with these texts is done and changes nothing.
func same(f *documents.File, s selector, texts map[string]string) bool {
	try := f.Clone()
	err := try.Atomically("edit", func() error { return s.set(try, texts) })
	return err == nil && try.ChangeCount() == f.ChangeCount()
}

// set does the edit `connection` with these texts.
func (s selector) set(f *documents.File, texts map[string]string) error {
	found := s.connections(f)
	if len(found) != 1 {
		return fmt.Errorf("it means %d connections", len(found))
	}
	return found[0].Update(tds.ConnectionPatch{Attrs: texts})
}

// connection proposes the edit of one.
func (d *draft) connection(t *template, c connection) {
	var set []string
	for _, name := range c.group.names {
		set = append(set, name+": '${"+c.group.name+"."+name+"}'")
		if name == "username" || name == "dbname" || name == "server" {
			t.logs = true
		}
	}
	lines := append([]string{"- connection: " + c.selector.String()}, flow("  set: ", set)...)
	err := d.tried(t, lines, false, func(f *documents.File, values map[string]any) error {
		texts := map[string]string{}
		for _, name := range c.group.names {
			texts[name] = fmt.Sprint(values[c.group.name+"."+name])
		}
		return c.selector.set(f, texts)
	})
	if err != nil {
		t.stays("connection", c.selector.String(), err)
	}
}

// flow writes a mapping in braces in one line, or else each pair in a line of its own.
func flow(lead string, pairs []string) []string {
	one := lead + "{" + strings.Join(pairs, ", ") + "}"
	if len([]rune(one)) <= lineWidth {
		return []string{one}
	}
	lines := []string{strings.TrimRight(lead, " ")}
	indent := strings.Repeat(" ", len(lead)-len(strings.TrimLeft(lead, " "))+2)
	for _, pair := range pairs {
		lines = append(lines, indent+pair)
	}
	return slices.Clip(lines)
}

// lineWidth is how long a line may be before it becomes several.
const lineWidth = 110
