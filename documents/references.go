package documents

import (
	"fmt"
	"iter"
	"path"
	"strings"

	"github.com/tabtemplate/tabtemplate/documents/internal/xmledit"
	"github.com/tabtemplate/tabtemplate/documents/tds"
	"github.com/tabtemplate/tabtemplate/packaging"
)

// Reference is a place of the document that names a file, as it is now (format 14): a
// connection, an extract, an image of a dashboard or of a field.
type Reference struct {
	Place      string // what refers, in words
	Datasource string // internal name of the data source that it is in, "" for images of dashboards
	File       string // the path as written, of a text or spatial file with its folder
	Entry      string // the entry of the package that it is, "" if none is
	Source     bool   // a connection reads its rows from it
	Unused     bool   // of an extract that is not enabled, which needs no file
	Absolute   bool   // the path is one of a file system, not of a package
	Missing    bool   // the path is one of a package, is used, and leads to no entry
}

// References lists the places that name files, in document order.
func (f *File) References() iter.Seq[Reference] {
	return func(yield func(Reference) bool) {
		for r := range f.described() {
			if !yield(r.Reference) {
				return
			}
		}
	}
}

// described is a reference with what is told of it.
type described struct {
	reference
	Reference
}

// described lists the places that name files.
func (f *File) described() iter.Seq[described] {
	return func(yield func(described) bool) {
		entries := map[string]bool{}
		for e := range f.unsized() {
			entries[e.Name] = true
		}
		for r := range f.references() {
			path := slashed(r.path)
			out := Reference{Place: r.place(), File: r.path, Absolute: isAbsolute(path)}
			if entries[path] {
				out.Entry = path
			}
			if ds := f.datasourceAround(r); ds != nil {
				out.Datasource = ds.Name()
				r.describe(ds, &out)
			}
			out.Missing = out.Entry == "" && !out.Unused && !isOutside(r.path)
			if !yield(described{r, out}) {
				return
			}
		}
	}
}

// place is where a reference stands, the dashboard by its name.
func (r reference) place() string {
	for el := r.el; el.Exists() && (r.el.Name() == "zone" || r.el.Name() == "image-path"); el = el.Parent() {
		if el.Name() == "dashboard" {
			return fmt.Sprintf("dashboard %q", el.Value("name"))
		}
	}
	return r.el.Path()
}

// describe tells of a reference in a data source what it is.
func (r reference) describe(ds *tds.Datasource, out *Reference) {
	if r.el.Name() == "mapped-image" {
		out.Place = fmt.Sprintf("an image of %s", ds)
		return
	}
	if extract := r.el.Parent(); extract.Name() == "extract" {
		out.Place = fmt.Sprintf("the extract of %s", ds)
		out.Unused = extract.Value("enabled") != "true"
		return
	}
	if c := tds.ConnectionAt(ds, r.el); c != nil {
		out.Place, out.Source = fmt.Sprintf("%s of %s", c, ds), true
	}
}

// reference is a place of the document that names a file: an entry of the package, or one
// outside (format 14).
type reference struct {
	el     xmledit.Element
	attr   string          // that holds the path, "" for the text of the element
	path   string          // as written
	folder *tds.Connection // that reads the file from a folder, nil for all others
}

// references lists the places that name files: of extracts and other connections, images
// on dashboards and behind marks. A connection to a folder is listed for each file it reads.
func (f *File) references() iter.Seq[reference] {
	return func(yield func(reference) bool) {
		for el := range f.doc.Root().Descendants("connection", "zone", "mapped-image", "image-path") {
			r := reference{el: el}
			switch class := el.Value("class"); {
			case el.Name() == "zone":
				r.attr, r.path = "param", el.Value("param")
				if !strings.HasPrefix(r.path, "Image/") { // a field, a parameter, a web page
					continue
				}
			case el.Name() == "image-path": // of a button
				if r.path = el.Text(); !strings.HasPrefix(r.path, "Image/") {
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
				if !f.filesOf(el, yield) {
					return
				}
				continue
			}
			if r.path != "" && !yield(r) {
				return
			}
		}
	}
}

// filesOf lists the files of a connection that is to no .hyper and no .tde.
func (f *File) filesOf(el xmledit.Element, yield func(reference) bool) bool {
	r := reference{el: el, attr: "filename", path: el.Value("filename")}
	if r.path == "" {
		return true
	}
	if ds := f.datasourceAround(r); ds != nil {
		r.folder = tds.ConnectionAt(ds, el)
	}
	if r.folder == nil || !r.folder.IsFolder() {
		r.folder = nil
		return yield(r)
	}
	for _, file := range r.folder.Files() {
		if r.path = file; !yield(r) {
			return false
		}
	}
	return true
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
	return !strings.Contains(p, "/") || isAbsolute(p)
}

// isAbsolute tells whether a path with slashes is one of a file system or of the web.
func isAbsolute(p string) bool {
	return path.IsAbs(p) || len(p) > 1 && p[1] == ':' || strings.Contains(p, "://")
}

// follow makes the reference name another entry, with the separators it had.
func (r reference) follow(entry string) error {
	if r.folder != nil {
		return r.folder.RenameFile(r.path, entry)
	}
	if strings.Contains(r.path, `\`) && !strings.Contains(r.path, "/") {
		entry = strings.ReplaceAll(entry, "/", `\`)
	}
	if r.attr == "expression" {
		entry = "file:" + entry
	}
	if r.attr == "" {
		return r.el.SetText(entry)
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
