package tds

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/tabtemplate/tabtemplate/documents/internal/xmledit"
)

// ConnectionAt is for the packages of this module that follow files: the real source that an
// element is, nil if it is none.
func ConnectionAt(ds *Datasource, el xmledit.Element) *Connection {
	for c := range ds.Connections() {
		if c.el == el {
			return c
		}
	}
	return nil
}

// IsFolder tells whether the connection reads a folder, as those to text and spatial files
// do: they name it apart from the file (format 14).
func (c *Connection) IsFolder() bool {
	_, ok := c.el.Attr("directory")
	return ok
}

// Files lists the paths of the files that a connection to a folder reads, each once: the one
// it names, and those that its tables are, as [orders#csv] is orders.csv (format 6.1).
func (c *Connection) Files() []string {
	files := []string{c.file()}
	for _, src := range c.fileTables() {
		if file := c.fileOf(src.name.Table()); !slices.Contains(files, file) {
			files = append(files, file)
		}
	}
	return files
}

// fileTables are the tables of the connection that are files.
func (c *Connection) fileTables() []*physical {
	return pick(c.ds.physicals(), func(src *physical) bool {
		return src.kind == TableRelation && src.connection == c.Name() && len(src.name) == 1 && strings.Contains(src.name[0], "#")
	})
}

// fileOf is the path of the file that a table is.
func (c *Connection) fileOf(table string) string {
	if hashed(c.el.Value("filename")) == hashed(table) {
		return c.file()
	}
	dot := strings.LastIndex(table, "#")
	name := table[:dot] + "." + table[dot+1:]
	if strings.ContainsAny(name, `/\`) { // a path of its own
		return name
	}
	return c.inFolder(name)
}

// file is the path of the file that the connection names.
func (c *Connection) file() string { return c.inFolder(c.el.Value("filename")) }

func (c *Connection) inFolder(name string) string {
	folder := strings.TrimRight(c.el.Value("directory"), `/\`)
	if folder == "" {
		return name
	}
	return folder + "/" + name
}

// hashed is the name of a file as that of a table (format 6.1).
func hashed(name string) string { return strings.ReplaceAll(name, ".", "#") }

// RenameFile has the connection read another file in the place of one of [Connection.Files]:
// where it names the file, and in every copy of the table that is the file. The names of
// relations, by which columns refer to it, stay, and so does the caption (hard case 22);
// a spatial file has tables that are called by what is in it, which is noted.
// Another folder is an error if other files are read from the one there is. What names no
// file of the connection changes nothing.
func (c *Connection) RenameFile(from, to string) error {
	err := c.el.Document().Atomically("", func() error {
		files := c.Files()
		if !slices.Contains(files, from) {
			return nil
		}
		oldFolder, oldName := path.Split(slashed(from))
		folder, name := path.Split(to)
		if folder != oldFolder && len(files) > 1 {
			return fmt.Errorf("it reads other files of the folder %q: %s", oldFolder, list(files))
		}
		tables := c.fileTables() // as long as the old folder tells which they are
		tables = pick(tables, func(src *physical) bool { return c.fileOf(src.name[0]) == from })
		if folder != oldFolder {
			if err := c.el.SetAttr("directory", likeSeparated(c.el.Value("directory"), strings.TrimRight(folder, "/"))); err != nil {
				return err
			}
		}
		if c.el.Value("filename") == oldName { // before the tables, which else note that it is the old one
			if err := c.el.SetAttr("filename", name); err != nil {
				return err
			}
		}
		if len(tables) == 0 {
			c.el.Note("the tables keep their names: none is called by the file, which now is %q", name)
		}
		for _, src := range tables {
			if err := c.renameTable(src, oldName, name); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("renaming the file %q of %s of %s: %w", from, c, c.ds, err)
	}
	return nil
}

// renameTable gives all copies of a table the name that goes with a file. Whether all dots of
// a file's name become signs in that of its table, or the last one, only a name of several
// dots tells.
func (c *Connection) renameTable(src *physical, oldName, name string) error {
	table := hashed(name)
	switch {
	case strings.Contains(src.name[0], "."):
		dot := max(0, strings.LastIndex(name, "."))
		table = name[:dot] + hashed(name[dot:])
	case strings.Count(name, ".") > 1 && strings.Count(oldName, ".") < 2:
		return fmt.Errorf("what the table of a file %q is called is not known: give it a name with one dot", name)
	}
	_, err := c.ds.SwapTable(Swap{
		From: src.name.String(), To: TableName{table}.String(), In: ConnectionMatch{Name: c.Name()}, All: true,
	})
	return err
}

// slashed is a path with forward slashes.
func slashed(p string) string { return strings.ReplaceAll(p, `\`, "/") }

// likeSeparated is a path with the separators that another one has.
func likeSeparated(like, p string) string {
	if strings.Contains(like, `\`) && !strings.Contains(like, "/") {
		return strings.ReplaceAll(p, "/", `\`)
	}
	return p
}
