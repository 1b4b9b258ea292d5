// Package twb reads and edits Tableau workbooks: the document of a .twb file.
//
// A workbook repeats most facts: every worksheet and dashboard carries copies of
// the parameters it uses, and so do data sources and the copies of published ones
// inside them. One verb owns all of them. A verb that fails leaves the document as
// it was; one that finds what it was asked for already there changes nothing.
// Package documents opens the file and saves it; package tds has the data sources.
//
//	err = wb.SetParameter("Region", tds.String("EMEA"))
//	err = wb.HideView("Debug")
package twb
