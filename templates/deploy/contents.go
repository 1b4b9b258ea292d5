package deploy

import (
	"github.com/tabtemplate/tabtemplate/documents"
	"github.com/tabtemplate/tabtemplate/rest"
)

// Contents tells what a file holds as it is now, edits included, so that what is published with it can be checked before
// it is sent.
func Contents(f *documents.File) *rest.FileContents {
	c := &rest.FileContents{Type: f.Kind().String()}
	for ds := range f.Datasources() {
		c.HasExtract = c.HasExtract || ds.HasExtract()
		for conn := range ds.Connections() {
			c.Connections = append(c.Connections, rest.FileConnection{
				Datasource: ds.Label(), Class: conn.Class(), Server: conn.Server(), Port: conn.Port(),
			})
		}
		if ref, ok := ds.Published(); ok {
			c.Connections = append(c.Connections, rest.FileConnection{
				Datasource: ds.Label(), Class: rest.PublishedClass, Server: ref.Host(), Port: ref.Port,
			})
		}
	}
	if workbook, ok := f.Workbook(); ok {
		for v := range workbook.Views() {
			c.Sheets = append(c.Sheets, rest.FileSheet{Name: v.Name, Hidden: v.Hidden})
		}
	}
	return c
}
