package documents

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/tabtemplate/tabtemplate/documents/internal/xmledit"
	"github.com/tabtemplate/tabtemplate/documents/tds"
	"github.com/tabtemplate/tabtemplate/packaging"
)

// cacheFolders are where packages keep the results of queries (format 14).
var cacheFolders = []string{"TwbxExternalCache/", "ExternalCacheV1/"}

// CacheFolder is the folder of query results that an entry of a package is in, "" for others.
func CacheFolder(entry string) string {
	for _, folder := range cacheFolders {
		if strings.HasPrefix(entry, folder) {
			return folder
		}
	}
	return ""
}

// finderFolder is the folder or file of an entry that macOS left, which tells of the folder it
// was in and of where that was downloaded from; "" for others.
func finderFolder(entry string) string {
	const folder = "__MACOSX/"
	switch {
	case strings.HasPrefix(entry, folder):
		return folder
	case path.Base(entry) == ".DS_Store":
		return entry
	}
	return ""
}

// extract finds an extract that is used, or has its rows in the package.
func (s *traceScan) extract(el xmledit.Element) {
	ds, ok := (Element{el}).Datasource()
	if !ok || !s.wants(TraceExtracts) || el.Parent() != ds.Element() {
		return
	}
	x, ok := s.f.ExtractFile(ds)
	switch {
	case !ok || s.f.isNew(x.Entry) || x.Entry == "" && !x.Enabled:
		return
	case !x.Enabled && s.f.readerOf(x.Entry).Exists(): // which has a trace of its own
		return
	}
	text := fmt.Sprintf("the rows of %s, in %q", ds, x.Path)
	if x.Entry == "" {
		text += ", which is not here"
	}
	t := s.at(TraceExtracts, el, "", text, func() error { return ds.EnableExtract(false) })
	t.Entry = x.Entry
	s.found = append(s.found, t)
}

// isNew tells whether an entry has content that an edit brought.
func (f *File) isNew(entry string) bool {
	return slices.ContainsFunc(f.entries, func(e entryEdit) bool { return e.to == entry && e.content != nil })
}

// readerOf is what reads an entry: a source, or an extract that is enabled.
func (f *File) readerOf(entry string) xmledit.Element {
	for r := range f.referencesTo(entry) {
		if extract := r.el.Parent(); extract.Name() != "extract" || extract.Value("enabled") == "true" {
			return r.el
		}
	}
	return xmledit.Element{}
}

// dropExtracts removes files of extracts unless something reads them still.
func (f *File) dropExtracts(entries []string) error {
	for i, entry := range entries {
		if slices.Contains(entries[:i], entry) {
			continue
		}
		if reader := f.readerOf(entry); reader.Exists() {
			f.doc.Root().Note("the entry %q stays in the package with the rows of an extract: %s refers to it", entry, reader.Path())
			continue
		}
		if err := f.dropEntry(entry); err != nil {
			return wrapEntry("removing", entry, err)
		}
	}
	return nil
}

// packaged looks at the entries of the package that are beside the document.
func (s *traceScan) packaged() {
	if !s.f.isPackaged() {
		return
	}
	users := s.entryUsers()
	for e := range s.f.unsized() {
		cache, finder, user := CacheFolder(e.Name), finderFolder(e.Name), users[e.Name]
		switch {
		case e.Name == s.f.documentEntry() || s.f.isNew(e.Name):
		case cache != "":
			s.entries(TraceCaches, cache, "files with results of queries", e)
		case finder != "":
			s.entries(TraceProvenance, finder, "files of macOS", e)
		case e.IsDir() || user.image && !user.source:
		case user.source:
			s.entry(e.Name, user.datasource)
		case !user.extract: // which has a trace already
			s.entry(e.Name, nil)
		}
	}
}

// entryUser is what of the document names an entry.
type entryUser struct {
	source, image, extract bool
	datasource             *tds.Datasource // of a source
}

// entryUsers tells what the entries are for.
func (s *traceScan) entryUsers() map[string]entryUser {
	users := map[string]entryUser{}
	if !s.wants(TraceFiles) {
		return users
	}
	for r := range s.f.references() {
		name := slashed(r.path)
		user := users[name]
		switch {
		case r.el.Name() != "connection":
			user.image = true
		case r.el.Parent().Name() == "extract":
			user.extract = true
		default:
			user.source, user.datasource = true, s.f.datasourceAround(r)
		}
		users[name] = user
	}
	return users
}

// entry adds a file that is not a part of the design, and the data source that reads it if
// one does.
func (s *traceScan) entry(name string, ds *tds.Datasource) {
	if !s.wants(TraceFiles) {
		return
	}
	t := &trace{Trace: Trace{Kind: TraceFiles, Entry: name, Text: "a file that the document does not name", Count: 1}}
	if ds != nil {
		t.Datasource, t.Text = ds.Name(), fmt.Sprintf("the rows of %s", ds)
	}
	s.found = append(s.found, t)
}

// entries adds to a trace that stands for all of a folder of the package. Its files are counted,
// and what is an entry for a folder goes with them.
func (s *traceScan) entries(kind TraceKind, folder, noun string, e packaging.Entry) {
	if !s.wants(kind) {
		return
	}
	key := traceCount{kind: kind, noun: folder}
	t := s.counts[key]
	if t == nil {
		t = &trace{Trace: Trace{Kind: kind, Entry: folder}, noun: noun}
		s.counts[key] = t
		s.found = append(s.found, t)
	}
	if !e.IsDir() {
		t.Count++
	}
	t.fixes = append(t.fixes, func() error { return s.f.dropEntry(e.Name) })
}
