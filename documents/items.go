package documents

import (
	"iter"
	"path"
	"strings"

	"github.com/tabtemplate/tabtemplate/packaging"
)

// Purpose is what an entry of a package is for (format 14).
type Purpose string

// The purposes of entries.
const (
	ForDocument    Purpose = "document"    // the one .twb or .tds
	ForExtract     Purpose = "extract"     // rows of a data source, used in place of its connections
	ForText        Purpose = "text"        // a text file that a connection reads
	ForSpreadsheet Purpose = "spreadsheet" // an Excel workbook that a connection reads
	ForOtherData   Purpose = "data"        // what else a connection reads: spatial, Access, .hyper and others
	ForImage       Purpose = "image"       // a picture on a dashboard, or behind the marks of views
	ForCache       Purpose = "cache"       // results of queries, which Tableau makes anew
	ForNothing     Purpose = "unused"      // nothing refers to it
	ForFolder      Purpose = "folder"      // an entry of its own for a folder
)

// Item is an entry of a package, with what it is for.
type Item struct {
	packaging.Entry
	Purpose Purpose
	// Users are the places of the document that refer to it, in document order. The parts of
	// a spatial file, which go by one name, all have those of the part that is named.
	Users []Reference
}

// Items lists the entries as [File.Entries] does, with what each is for. What it is for
// depends on who refers to it, and only without that on its place in the package. Names
// without an entry are listed by [File.References], as Missing. Shapes of marks are no
// entries: they stand in the document itself (format 15).
func (f *File) Items() iter.Seq[Item] { return f.items(f.Entries()) }

// items says of entries what each is for.
func (f *File) items(entries iter.Seq[packaging.Entry]) iter.Seq[Item] {
	return func(yield func(Item) bool) {
		users := map[string][]Reference{} // by entry
		parts := map[string][]Reference{} // of spatial files, by entry without its extension
		purposes := map[string]Purpose{}  // by entry
		for r := range f.described() {
			if r.Entry == "" {
				continue
			}
			users[r.Entry] = append(users[r.Entry], r.Reference)
			if purposes[r.Entry] == "" {
				purposes[r.Entry] = r.purpose()
			}
			if r.isSpatial() {
				parts[withoutExt(r.Entry)] = append(parts[withoutExt(r.Entry)], r.Reference)
			}
		}
		for e := range entries {
			item := Item{Entry: e, Purpose: purposes[e.Name], Users: users[e.Name]}
			if item.Purpose == "" {
				if item.Purpose, item.Users = f.placed(e), parts[withoutExt(e.Name)]; item.Users != nil {
					item.Purpose = ForOtherData
				}
			}
			if !yield(item) {
				return
			}
		}
	}
}

// placed is what an entry is for that nothing refers to.
func (f *File) placed(e packaging.Entry) Purpose {
	switch {
	case e.Name == f.documentEntry():
		return ForDocument
	case e.IsDir():
		return ForFolder
	case CacheFolder(e.Name) != "":
		return ForCache
	}
	return ForNothing
}

// dataPurposes are what the files of connections are, by class.
var dataPurposes = map[string]Purpose{
	"textscan": ForText, "textclean": ForText,
	"excel-direct": ForSpreadsheet, "excel": ForSpreadsheet, "excel-reader": ForSpreadsheet,
}

// purpose is what a file is for that r refers to.
func (r reference) purpose() Purpose {
	switch name := r.el.Name(); {
	case name == "zone", name == "image-path", name == "mapped-image":
		return ForImage
	case r.el.Parent().Name() == "extract":
		return ForExtract
	}
	if p, known := dataPurposes[r.el.Value("class")]; known {
		return p
	}
	return ForOtherData
}

// isSpatial tells whether r refers to a file that others, called alike, are parts of.
func (r reference) isSpatial() bool { return r.folder != nil && r.folder.Class() == "ogrdirect" }

// withoutExt is a path without the extension of the file.
func withoutExt(p string) string { return strings.TrimSuffix(p, path.Ext(p)) }
