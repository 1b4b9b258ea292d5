package documents

import (
	"github.com/tabtemplate/tabtemplate/documents/internal/xmledit"
	"github.com/tabtemplate/tabtemplate/documents/tds"
)

// What servers change on their own, each as narrow as it was seen: nothing here is about a connection, a filter, a parameter or
// a query. docs/publishing.md lists it for people.

// wholeByServer says why a difference of an element, of whatever kind, is a server's doing, "" if it is not.
func (c *comparison) wholeByServer(el xmledit.Element) string {
	parent := el.Parent()
	switch el.Name() {
	case "repository-location": // format 7.1
		if isLocation(parent) {
			return "it says where it was published"
		}
	case "thumbnails":
		if parent.Name() == "workbook" {
			return "pictures of views are made again"
		}
	case "refresh-event":
		if c.Refreshed && inExtract(el) {
			return "its extract is refreshed there"
		}
	case "approx-count", "statistics":
		if c.Refreshed && inExtract(el) && parent.Name() == "metadata-record" {
			return "its extract is refreshed there"
		}
	}
	return ""
}

// isLocation tells whether the location of an element is where it is itself, and not that of a published data source it refers
// to: that decides about which data people see.
func isLocation(el xmledit.Element) bool {
	switch el.Name() {
	case "workbook", "worksheet", "dashboard":
		return true
	case "datasource":
		_, published := tds.Wrap(el).Published()
		return !published
	}
	return false
}

// attributeByServer is wholeByServer for an attribute with the value that is wanted and the one that is there.
func (c *comparison) attributeByServer(el xmledit.Element, attr, want, have string) string {
	switch name := xmledit.LocalName(attr); {
	case name == "xml:base" && !el.Parent().Exists(): // also of a copy of a published data source
		return "it says which server it was saved by"
	case name == "revision", name == "derived-from":
		if el.Name() == "repository-location" {
			return "it says which revision of the published data source it was made with"
		}
	case name == "saved-credentials-viewerid" && el.Name() == "connection":
		return "servers number saved credentials"
	case name == "password" && el.Name() == "connection" && have == "":
		return "servers keep passwords apart from the file"
	case name == "update-time" && el.Name() == "connection", name == "count" && el.Name() == "extract":
		if c.Refreshed && (el.Name() == "extract" || inExtract(el)) {
			return "its extract is refreshed there"
		}
	}
	return ""
}

// inExtract tells whether an element stands in an extract.
func inExtract(el xmledit.Element) bool {
	for el = el.Parent(); el.Exists(); el = el.Parent() {
		if el.Name() == "extract" {
			return true
		}
	}
	return false
}
