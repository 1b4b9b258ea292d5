package tds

import (
	"regexp"
	"strconv"

	"github.com/tabtemplate/tabtemplate/documents/internal/xmledit"
)

// manifestName is the element that lists the features a document uses (format 4).
const manifestName = "document-format-change-manifest"

// requireFeature lists a feature in the document's manifest, if it is not: under the name
// given, with feature prefixes or without, at its place in the order of names, in a
// manifest that is made where there is none. An entry is only ever added.
func (ds *Datasource) requireFeature(written string) error {
	name := xmledit.LocalName(written)
	root := ds.el.Document().Root()
	manifest := root.Child(manifestName)
	if !manifest.Exists() {
		var first xmledit.Element
		for first = range root.Children() {
			break
		}
		_, err := root.Insert(xmledit.NewNode(manifestName).Add(xmledit.NewNode(written)), first)
		return err
	}
	var next xmledit.Element // the first entry that must stand after the new one
	for entry := range manifest.Children() {
		switch {
		case entry.Name() == name:
			entry.Claim()
			return nil
		case !next.Exists() && entry.Name() > name:
			next = entry
		}
	}
	_, err := manifest.Insert(xmledit.NewNode(written), next)
	return err
}

// buildMark is the comment in which Tableau leaves its build, before the root element or
// as its first child (format 1.1).
var buildMark = regexp.MustCompile(`<!-- build (\d{4,5})\.`)

// prologue is how much of a document is searched for the build comment.
const prologue = 4096

// build is the build of the program that wrote the document, 20243 for Tableau 2024.3; 0
// if the document does not say.
func (ds *Datasource) build() int {
	src := ds.el.Document().Source()
	m := buildMark.FindSubmatch(src[:min(len(src), prologue)])
	if m == nil {
		return 0
	}
	n, _ := strconv.Atoi(string(m[1])) // digits
	return n
}
