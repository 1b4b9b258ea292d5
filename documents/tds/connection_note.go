package tds

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tabtemplate/tabtemplate/documents/internal/xmledit"
)

// elsewhere are the properties whose values other places may name, too: SQL and the names
// of tables. Each has what people call it.
var elsewhere = [...][2]string{
	{"server", "server"}, {"project", "project"}, {"dbname", "database"}, {"catalog", "catalog"}, {"schema", "schema"}, {"filename", "file"},
}

// namedElsewhere are the values of these properties.
func (c *Connection) namedElsewhere() map[string]string {
	values := map[string]string{}
	for _, p := range elsewhere {
		values[p[0]] = c.property(p[0])
	}
	return values
}

// noteRemains notes what still names what was there before, old: of the server and project
// the attributes that were not set, of all the SQL, and of some the tables.
func (c *Connection) noteRemains(old map[string]string, set map[string]string) {
	for _, name := range [...]string{"server", "project"} {
		was := old[name]
		if was == "" || was == c.property(name) {
			continue
		}
		for a := range c.el.Attrs() {
			if _, done := set[a.Name]; !done && a.Name != "one-time-sql" && hasWord(Redact(a.Name, a.Value), was) {
				c.el.NoteWhile(a.Name, "%s %q still names %q, which was the %s", xmledit.LocalName(a.Name), Redact(a.Name, a.Value), was, name)
			}
		}
	}
	var words []oldWord
	for _, p := range elsewhere {
		if was := old[p[0]]; was != c.property(p[0]) {
			words = append(words, oldWord{p[1], tableOfFile(p[0], was)})
		}
	}
	c.noteSQL(words)
	c.noteTables(old)
}

// tableOfFile gives the name of a text file as the table in it is named: orders#csv.
func tableOfFile(property, value string) string {
	if property == "filename" {
		return strings.ReplaceAll(value, ".", "#")
	}
	return value
}

// noteTables notes the tables whose names still have what the connection had (format 6.1).
func (c *Connection) noteTables(old map[string]string) {
	left := map[string]string{}
	for name, was := range old {
		if was != c.property(name) {
			left[name] = tableOfFile(name, was)
		}
	}
	schema := "schema"
	if connectionClasses[c.Class()].instead["schema"] == "dbname" {
		schema, left["schema"], left["dbname"] = "database", left["dbname"], ""
	}
	for _, src := range c.physicals() {
		for _, part := range [...]struct{ what, was, is string }{
			{"file", left["filename"], src.name.Table()},
			{schema, left["schema"], src.name.Schema()},
			{"database", left["dbname"], src.name.Database()},
		} {
			if part.was == "" || part.was != part.is {
				continue
			}
			instead := ""
			if part.what == "file" {
				quote := func(name TableName) string { return "'" + strings.ReplaceAll(name.String(), "'", "''") + "'" }
				to := src.name.with(tablePart, tableOfFile("filename", c.Filename()))
				instead = fmt.Sprintf("; table: {from: %s, to: %s} swaps it", quote(src.name), quote(to))
			}
			src.noteWhile(c.ds, "%s still names the %s that the connection had%s", src.title(), part.what, instead)
		}
	}
}

// physicals are the tables and procedures of the connection.
func (c *Connection) physicals() []*physical {
	return pick(c.ds.physicals(), func(src *physical) bool { return src.connection == c.Name() })
}

// title is what people call a table or procedure by its name alone.
func (s *physical) title() string {
	if s.kind == ProcRelation {
		return "the " + s.kindly(s.name.String())
	}
	return "the table " + s.name.String()
}

// kindly is a name with the kind in front, where that is not what one takes it for.
func (s *physical) kindly(name string) string {
	if s.kind == ProcRelation {
		return "stored procedure " + name
	}
	return name
}

// noteWhile notes something as long as the name stays.
func (s *physical) noteWhile(ds *Datasource, format string, args ...any) {
	s.copies[0].NoteIn(ds.el, s.attr(), format, args...)
}

// noteClass notes what stays as it was written for the class that the connection had.
func (c *Connection) noteClass(was string) {
	if strings.TrimSpace(c.InitialSQL()) != "" {
		c.el.NoteWhile("one-time-sql", "the initial SQL is still as it was written for class %s", was)
	}
	for _, src := range c.physicals() {
		src.noteWhile(c.ds, "%s is still named as in class %s", src.title(), was)
	}
	for _, q := range c.queries() {
		q.copies[0].NoteIn(c.ds.el, "", "%s is still as it was written for class %s", q.title(), was)
	}
}

// queries are those of custom SQL on the connection.
func (c *Connection) queries() []source {
	return slices.DeleteFunc(slices.Collect(c.ds.sources(SQLRelation, "custom SQL")), func(q source) bool {
		return connectionOf(q.copies[0]) != c.Name()
	})
}

// oldWord is a name that something had before, and what it was the name of.
type oldWord struct{ of, name string }

// noteSQL notes the initial SQL and the custom SQL of a connection that still have one of
// these words.
func (c *Connection) noteSQL(words []oldWord) {
	if len(words) == 0 {
		return
	}
	if said := inSQL(c.el.Value("one-time-sql"), words); said != "" {
		c.el.NoteWhile("one-time-sql", "the initial SQL still says %s", said)
	}
	for _, q := range c.queries() {
		if said := inSQL(q.copies[0].Text(), words); said != "" {
			q.copies[0].NoteIn(c.ds.el, "", "%s still says %s", q.title(), said)
		}
	}
}

// inSQL lists, for people, the words that SQL has, each once.
func inSQL(sql string, words []oldWord) string {
	var said []string
	seen := map[string]bool{}
	for _, w := range words {
		if !seen[w.name] && hasWord(sql, w.name) {
			said = append(said, fmt.Sprintf("%q, the old name of the %s", w.name, w.of))
		}
		seen[w.name] = true
	}
	return strings.Join(said, ", and ")
}
