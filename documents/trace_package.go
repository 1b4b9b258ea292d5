package documents

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/tabtemplate/tabtemplate/documents/internal/xmledit"
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
	used := x.Enabled && !el.Asked("enabled")
	if !ok || s.f.isNew(x.Entry) || x.Entry == "" && !used {
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

// dropExtracts removes files of extracts unless something reads them still.
func (f *File) dropExtracts(entries []string) error {
	for i, entry := range entries {
		if slices.Contains(entries[:i], entry) {
			continue
		}
		user := ""
		for r := range f.referencesTo(entry) {
			if extract := r.el.Parent(); extract.Name() != "extract" || extract.Value("enabled") == "true" {
				user = r.el.Path()
			}
		}
		if user != "" {
			f.doc.Root().Note("the entry %q stays in the package with the rows of an extract: %s refers to it", entry, user)
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
			s.entries(TraceCaches, cache, "files with results of queries", s.dropping(e.Name))
		case finder != "":
			s.entries(TraceProvenance, finder, "files of macOS", s.dropping(e.Name))
		case e.IsDir() || user.image && !user.source:
		case user.source:
			s.entry(e.Name, user.datasource, "data that "+user.place+" reads")
		case !user.extract: // which has a trace already
			s.entry(e.Name, "", "the document does not name it")
		}
	}
}

// entryUser is what of the document names an entry.
type entryUser struct {
	source, image, extract bool
	place, datasource      string // of a source
}

// entryUsers tells what the entries are for, and counts the images.
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
			out := Reference{Place: r.el.Path()}
			if ds := s.f.datasourceAround(r); ds != nil {
				r.describe(ds, &out)
				user.datasource = ds.Name()
			}
			user.source, user.place = true, out.Place
		}
		users[name] = user
	}
	return users
}

// entry adds a data file of the package.
func (s *traceScan) entry(name, datasource, text string) {
	if s.wants(TraceFiles) {
		s.found = append(s.found, &trace{Trace: Trace{Kind: TraceFiles, Entry: name, Datasource: datasource, Text: text, Count: 1}})
	}
}

// entries adds to a trace that stands for all of a folder of the package.
func (s *traceScan) entries(kind TraceKind, folder, noun string, fix func() error) {
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
	t.Count++
	t.fixes = append(t.fixes, fix)
}

// dropping removes an entry that the document does not name.
func (s *traceScan) dropping(entry string) func() error {
	return func() error { return s.f.dropEntry(entry) }
}
