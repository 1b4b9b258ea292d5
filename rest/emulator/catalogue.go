package emulator

import (
	"cmp"
	"crypto/sha256"
	"path"
	"slices"
	"strings"

	"github.com/tabtemplate/tabtemplate/rest/emulator/internal/state"
)

// catalogueTables are the databases and tables that the content of a site was ever on. They stay when the content goes.
type catalogueTables struct {
	databases *state.Table[database]
	tables    *state.Table[databaseTable]
}

func openCatalogue(store *state.Store, path string) catalogueTables {
	return catalogueTables{
		databases: state.NewTable(store, path+"databases", func(d *database) string { return d.LUID }),
		tables:    state.NewTable(store, path+"tables", func(t *databaseTable) string { return t.LUID }),
	}
}

// cataloguedLUID makes the LUID of something in the catalogue of what tells it from others, so that it is found by that,
// and has the same one should it come back.
func (where *site) cataloguedLUID(parts ...string) string {
	sum := sha256.Sum256([]byte(where.luid + "\n" + strings.Join(parts, "\n")))
	sum[6] = sum[6]&0x0f | 0x80 // a UUID of one's own making
	sum[8] = sum[8]&0x3f | 0x80
	return formatLUID([16]byte(sum[:16]))
}

// database is a database on a server, or a file.
type database struct {
	described
	Class    string // of the connections to it
	Host     string // of a server
	Port     string
	FilePath string // of a file
}

// databaseTable is a table of a database.
type databaseTable struct {
	described
	Database string // LUID
	Schema   string
	Columns  []column
}

// described is what people keep about a database or table.
type described struct {
	LUID, Name, Description string
	Owner                   string // LUID of the user whose content was the first on it
	Contact, Certifier      string // LUIDs of users, "" for nobody
	Certified               bool
	CertificationNote       string
	Tags                    []tag
}

// column is a column of a table.
type column struct{ LUID, Name, Type, Description string }

// fileTable is a table that a connection of a file reads.
type fileTable struct {
	Schema, Name string
	Columns      []fileColumn
}

type fileColumn struct{ Name, Type string }

// remoteTypes are what the catalogue calls the types of columns, by what files call them.
var remoteTypes = map[string]string{
	"boolean": "BOOL", "date": "DATE", "datetime": "TIMESTAMP", "integer": "I8", "real": "R8", "string": "WSTR",
}

// databaseOf returns what the catalogue knows of the database that a connection leads to. It has no LUID for connections
// to published data sources and those that name neither a server nor a file.
func (where *site) databaseOf(conn *connection) database {
	d := database{Class: conn.Class}
	switch {
	case conn.Class == publishedClass:
	case conn.Server != "":
		d.Name, d.Host, d.Port = cmp.Or(conn.DBName, conn.Server), conn.Server, conn.Port
		d.LUID = where.cataloguedLUID(conn.Class, strings.ToLower(conn.Server), conn.Port, conn.DBName)
	case conn.Filename != "":
		d.Name, d.FilePath = path.Base(strings.ReplaceAll(conn.Filename, `\`, "/")), conn.Filename
		d.LUID = where.cataloguedLUID(conn.Class, conn.Filename)
	}
	return d
}

// catalogue takes what content is on into the catalogue.
func (where *site) catalogue(a *asset) {
	for i := range a.Connections {
		conn := &a.Connections[i]
		d := where.databaseOf(conn)
		if d.LUID == "" {
			continue
		}
		d.Owner = a.Owner
		where.catalogueDatabase(&d)
		for _, from := range conn.Tables {
			where.catalogueTable(&d, from)
		}
	}
}

// catalogueDatabase takes in a database unless it is known. Everybody may see it and its tables.
func (where *site) catalogueDatabase(d *database) {
	if where.databases.Get(d.LUID) != nil {
		return
	}
	where.databases.Put(d)
	everyone := []rule{{grantee{"group", where.described().AllUsers}, "Read", modeAllow}}
	where.setRules(d.LUID, everyone)
	where.setRules(defaultsKey(d.LUID, typeOf(tableElement)), everyone)
}

// catalogueTable takes in a table, and its columns that are not known yet. A new one begins with the default permissions
// of its database.
func (where *site) catalogueTable(in *database, from fileTable) {
	t := databaseTable{Database: in.LUID, Schema: from.Schema, described: described{
		LUID: where.cataloguedLUID(in.LUID, from.Schema, from.Name), Name: from.Name, Owner: in.Owner,
	}}
	if known := where.tables.Get(t.LUID); known != nil {
		t = *known
		t.Columns = slices.Clone(t.Columns)
	} else {
		where.setRules(t.LUID, where.rules(defaultsKey(in.LUID, typeOf(tableElement))))
	}
	for _, c := range from.Columns {
		luid := where.cataloguedLUID(t.LUID, c.Name)
		if !slices.ContainsFunc(t.Columns, func(other column) bool { return other.LUID == luid }) {
			t.Columns = append(t.Columns, column{LUID: luid, Name: c.Name, Type: remoteTypes[c.Type]})
		}
	}
	where.tables.Put(&t)
}

// databasesOf returns the databases that an asset is on itself, and their tables that it reads.
func (where *site) databasesOf(a *asset) (databases []*database, tables []*databaseTable) {
	for i := range a.Connections {
		conn := &a.Connections[i]
		d := where.databases.Get(where.databaseOf(conn).LUID)
		if d == nil {
			continue
		}
		if !slices.Contains(databases, d) {
			databases = append(databases, d)
		}
		for _, from := range conn.Tables {
			t := where.tables.Get(where.cataloguedLUID(d.LUID, from.Schema, from.Name))
			if t != nil && !slices.Contains(tables, t) {
				tables = append(tables, t)
			}
		}
	}
	return databases, tables
}

// tablesOf returns the tables of a database.
func (where *site) tablesOf(d *database) []*databaseTable {
	var tables []*databaseTable
	for _, t := range where.tables.All() {
		if t.Database == d.LUID {
			tables = append(tables, t)
		}
	}
	return tables
}

// dropDatabase takes a database out of the catalogue, with its tables.
func (where *site) dropDatabase(d *database) {
	for _, t := range where.tablesOf(d) {
		where.dropTable(t)
	}
	where.databases.Delete(d.LUID)
	where.forgetWarnings(d.LUID)
	where.forgetRules(d.LUID)
}

func (where *site) dropTable(t *databaseTable) {
	where.tables.Delete(t.LUID)
	where.forgetWarnings(t.LUID)
	where.forgetRules(t.LUID)
}

func (d *database) securable() securable {
	return securable{kind: databaseElement, luid: d.LUID, owner: d.Owner}
}

func (t *databaseTable) securable() securable {
	return securable{kind: tableElement, luid: t.LUID, owner: t.Owner}
}
