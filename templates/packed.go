package templates

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/tabtemplate/tabtemplate/documents"
)

// packed is what a template says of files: an edit must not make it say less without anybody knowing (hard case 85).
type packed struct {
	entries map[string]bool // of the package, that something refers to
	broken  map[string]bool // paths that lead to no entry
}

func packedIn(f *documents.File) packed {
	p := packed{map[string]bool{}, map[string]bool{}}
	for ref := range f.References() {
		if ref.Entry != "" {
			p.entries[ref.Entry] = true
		} else {
			p.broken[ref.File] = true
		}
	}
	return p
}

// checkFiles refuses a path into the package that leads nowhere and did not in the template: the server would find no
// data there.
func (r *Rendering) checkFiles() error {
	if !r.File.Kind().IsPackaged() {
		return nil
	}
	var errs []error
	for _, ref := range r.references {
		if ref.Entry != "" || ref.Unused || ref.Absolute || r.packed.broken[ref.File] {
			continue
		}
		var there []string
		for e := range r.File.Entries() {
			if !e.IsDir() {
				there = append(there, e.Name)
			}
		}
		errs = append(errs, fmt.Errorf("%s refers to the file %q, which is not in the package; the nearest there is %q: "+
			"an edit `data_file` brings a file, or `extract: replace` that of an extract", ref.Place, ref.File, nearestFirst(ref.File, there)[0]))
	}
	return errors.Join(errs...)
}

// dropCaches takes the results of queries out of the package if the edits changed a data source or brought a file: what is
// in them is the template's data, and would be shown in the place of the site's (hard case 80).
func (r *Rendering) dropCaches() error {
	why := r.changedData()
	if why == "" {
		return nil
	}
	for cache := range r.File.Traces(documents.TraceCaches) {
		r.dropped = append(r.dropped, fmt.Sprintf("the results of queries in %s are left out, because %s", cache.Entry, why))
	}
	return r.File.Scrub([]documents.TraceKind{documents.TraceCaches})
}

// changedData says what the edits changed of the data, "" for nothing.
func (r *Rendering) changedData() string {
	for ds := range r.File.Datasources() {
		if ds.Changed() {
			return fmt.Sprintf("%s was changed", ds)
		}
	}
	for c := range r.File.EntryChanges() {
		if documents.CacheFolder(c.Old) == "" {
			return c.String()
		}
	}
	return ""
}

// replaced are the entries of the package that got other content.
func (r *Rendering) replaced() map[string]bool {
	out := map[string]bool{}
	for c := range r.File.EntryChanges() {
		out[c.New] = c.Content
	}
	return out
}

// fileWarnings tells of the template's files that go to the site although the edits ask for other data.
func (r *Rendering) fileWarnings() (out []string) {
	replaced, referred := r.replaced(), map[string]bool{}
	for _, ref := range r.references {
		if ref.Source && r.touched[ref.Datasource] && ref.Entry != "" && !replaced[ref.Entry] {
			out = append(out, fmt.Sprintf("%s reads the file %q of the template, whose rows go to every site: an edit `data_file` replaces it",
				ref.Place, ref.Entry))
		}
		referred[ref.Entry] = true
	}
	there := map[string]bool{}
	for e := range r.File.Entries() {
		there[e.Name] = true
	}
	for _, entry := range slices.Sorted(maps.Keys(r.packed.entries)) {
		if there[entry] && !referred[entry] && !replaced[entry] {
			out = append(out, fmt.Sprintf("the template's file %q goes to the site although nothing refers to it any more: "+
				"an edit `data_file` with `remove: true` takes it out", entry))
		}
	}
	return out
}

// secretWarnings tells where the file holds passwords, and shows none.
func (r *Rendering) secretWarnings() (out []string) {
	for secret, err := range r.File.Traces(documents.TraceCredentials) {
		if err != nil {
			out = append(out, err.Error())
			continue
		}
		out = append(out, fmt.Sprintf("the file holds a secret in %s: an edit `scrub: [credentials]` takes it out", secret.Path))
	}
	return out
}
