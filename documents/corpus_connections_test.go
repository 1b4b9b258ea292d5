package documents_test

import (
	"errors"
	"fmt"

	"github.com/tabtemplate/tabtemplate/documents"
	"github.com/tabtemplate/tabtemplate/documents/tds"
)

// connectionVerbs are those on connections and references to published data sources.
var connectionVerbs = map[string]verb{
	"connection properties": eachConnection(setProperties),
	"connection attributes removed": eachConnection(func(c *tds.Connection) (int, error) {
		err := c.Update(tds.ConnectionPatch{Remove: []string{"username", "initial_sql"}})
		if c.Username()+c.InitialSQL() != "" {
			err = errors.Join(err, fmt.Errorf("%s still has its user", c))
		}
		return 1, err
	}),
	"connection class": eachConnection(func(c *tds.Connection) (int, error) {
		name := c.Name()
		err := c.Update(tds.ConnectionPatch{Class: "snowflake", Server: "acme.example", DBName: "d", Schema: "s", Warehouse: "w", Role: "r"})
		if got := c.Class() + c.Server() + c.DBName() + c.Schema() + c.Warehouse() + c.Role(); got != "snowflakeacme.exampledswr" || c.Name() != name {
			err = errors.Join(err, fmt.Errorf("%s reads as %s", c, got))
		}
		return 1, err
	}),
	"repoint with names": func(f *documents.File) (n int, err error) {
		for ds := range f.Datasources() {
			if _, ok := ds.Published(); !ok {
				continue
			}
			n++
			err = errors.Join(err, ds.Repoint(tds.PublishedRef{
				Server: "acme.example", Channel: "http", Port: "8000", ContentURL: "Orders_1",
				Caption: "Orders of <Acme> & 'Co'", DropDerivedFrom: true,
			}))
			ref, _ := ds.Published()
			if ref.Server != "http://acme.example:8000" || ref.SiteContentURL != "" || ref.ContentURL != "Orders_1" ||
				ref.Caption != "Orders of <Acme> & 'Co'" || ref.FriendlyName != "" && ref.FriendlyName != ref.Caption || ref.DerivedFrom != "" {
				err = errors.Join(err, fmt.Errorf("%s reads as %+v", ds, ref))
			}
		}
		return n, err
	},
}

// eachConnection is the verb that does edit to every connection.
func eachConnection(edit func(*tds.Connection) (int, error)) verb {
	return func(f *documents.File) (n int, err error) {
		for ds := range f.Datasources() {
			for c := range ds.Connections() {
				applied, failed := edit(c)
				n += applied
				err = errors.Join(err, failed)
			}
		}
		return n, err
	}
}

// setProperties sets every property that a connection has a value of.
func setProperties(c *tds.Connection) (n int, err error) {
	const value = "a'b \"c\" & <d>\r\n"
	for name, read := range map[string]func() string{
		"server": c.Server, "dbname": c.DBName, "schema": c.Schema, "service": c.Service, "warehouse": c.Warehouse,
		"role": c.Role, "catalog": c.Catalog, "http_path": c.HTTPPath, "project": c.Project, "username": c.Username,
		"authentication": c.Authentication, "sslmode": c.SSLMode, "filename": c.Filename, "directory": c.Directory,
		"initial_sql": c.InitialSQL, "query_band": c.QueryBand,
	} {
		if read() == "" {
			continue
		}
		n++
		err = errors.Join(err, c.Update(tds.ConnectionPatch{Attrs: map[string]string{name: value}}))
		if got := read(); got != value {
			err = errors.Join(err, fmt.Errorf("%s of %s reads as %q", name, c, got))
		}
	}
	return n, err
}
