// Package tds reads and edits Tableau data sources: the document of a .tds file,
// and each data source inside a workbook.
//
// A [Datasource] is a view on a document; package documents opens the file and
// saves it. One verb owns every copy of a fact: [Connection.Update] writes a role or
// a catalog where the class of the connection keeps it and has the caption that
// echoes a server in step, [Datasource.SetFilter] makes the column a
// filter needs, [Datasource.Repoint] reaches all the places that name a published
// data source, the copy nested inside its metadata included. A verb that fails
// leaves the document as it was; one that finds what it was asked for already
// there changes nothing.
//
//	conn, err := ds.Connection(tds.ConnectionMatch{Class: "postgres"})
//	err = conn.Update(tds.ConnectionPatch{Server: "db.acme", DBName: "acme"})
//	err = ds.SetFilter(tds.Include("Tenant", tds.String("acme")))
//
// Section numbers in comments ("format 5.2") are those of the project's guide to
// the document format.
package tds
