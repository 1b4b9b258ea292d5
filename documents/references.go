package documents

import (
	"fmt"
	"iter"
	"path"
	"strings"

	"github.com/tabtemplate/tabtemplate/documents/internal/xmledit"
	"github.com/tabtemplate/tabtemplate/packaging"
)

// reference is a place of the document that names a file: an entry of the package, or one
// outside (format 14).
type reference struct {
	el   xmledit.Element
	attr string // that holds the path, or the file name behind the attribute directory
	path string // as written
}

// references lists the places that name files: of extracts and other connections, images
// of dashboards and of fields.
func (f *File) references() iter.Seq[reference] {
	return func(yield func(reference) bool) {
		for el := range f.doc.Root().Descendants("connection", "zone", "mapped-image") {
			r := reference{el: el}
			switch class := el.Value("class"); {
			case el.Name() == "zone":
				r.attr, r.path = "param", el.Value("param")
				if !strings.HasPrefix(r.path, "Image/") { // a field, a parameter, a web page
					continue
				}
			case el.Name() == "mapped-image":
				file, ok := strings.CutPrefix(el.Value("expression"), "file:")
				if r.attr, r.path = "expression", file; !ok {
					continue
				}
			case class == "hyper" || class == "dataengine":
				r.attr, r.path = "dbname", el.Value("dbname")
			default:
				r.attr, r.path = "filename", el.Value("filename")
				if folder := el.Value("directory"); folder != "" && r.path != "" {
					r.path = strings.TrimRight(folder, `/\`) + "/" + r.path
				}
			}
			if r.path != "" && !yield(r) {
				return
			}
		}
	}
}

// referencesTo lists the places that name an entry.
func (f *File) referencesTo(entry string) iter.Seq[reference] {
	return func(yield func(reference) bool) {
		for r := range f.references() {
			if slashed(r.path) == entry && !yield(r) {
				return
			}
		}
	}
}

// slashed is a path with the separators that entries have.
func slashed(p string) string { return strings.ReplaceAll(p, `\`, "/") }

// isOutside tells whether a path leads out of the package: an absolute one, or a file name
// alone (hard case 76).
func isOutside(p string) bool {
	p = slashed(p)
	return !strings.Contains(p, "/") || path.IsAbs(p) || len(p) > 1 && p[1] == ':' || strings.Contains(p, "://")
}

// follow makes the reference name another entry, with the separators it had.
func (r reference) follow(entry string) error {
	if r.attr == "filename" && r.el.Value("directory") != "" {
		return fmt.Errorf("%s is a text or spatial file, whose name is that of its table, too", r.el.Path())
	}
	if strings.Contains(r.path, `\`) && !strings.Contains(r.path, "/") {
		entry = strings.ReplaceAll(entry, "/", `\`)
	}
	if r.attr == "expression" {
		entry = "file:" + entry
	}
	return r.el.SetAttr(r.attr, entry)
}

// resolve finds the entry that a path names, and else the name of one that is the same but
// for case, which is not what Tableau takes for it.
func (f *File) resolve(p string) (entry packaging.Entry, near string) {
	p = slashed(p)
	for e := range f.unsized() {
		if e.Name == p {
			return e, ""
		}
		if strings.EqualFold(e.Name, p) {
			near = e.Name
		}
	}
	return packaging.Entry{}, near
}

// owns tells whether an element is of this file, and not of a clone.
func (f *File) owns(el xmledit.Element) bool { return el.Document() == f.doc }
