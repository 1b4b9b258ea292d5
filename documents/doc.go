// Package documents opens, edits and saves Tableau workbooks and data sources: .twb
// and .tds documents, bare or packaged as .twbx and .tdsx.
//
//	f, err := documents.Open("sales.twbx")
//	defer f.Close()
//	ds, err := f.Datasource("Orders")
//	err = ds.SetFilter(tds.Include("Tenant", tds.String("acme")))
//	err = f.Save("out/sales.twbx")
//
// The promise: a byte nobody asked to change comes out as it went in. Without an
// edit the file is the same, bit for bit, package included; with one, only the
// bytes of that edit differ, and [File.Changes] lists them.
//
// A [File] opened once serves as a template: [File.Clone] costs next to nothing,
// clones do not see each other's edits, and many may be made, edited and written
// at the same time.
package documents
