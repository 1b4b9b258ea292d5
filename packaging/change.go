package packaging

import (
	"cmp"
	"slices"
	"time"
)

// Change is what becomes of one entry.
//
//	Change{Name: "Book.twb", Content: c}                     // new content
//	Change{Name: "Data/a.hyper", NewName: "Data/b.hyper"}    // new name, Content may be given too
//	Change{Name: "Data/c.hyper", Content: c, Add: true}      // an entry that is not there yet
//	Change{Name: "Image/old.png", Remove: true}
type Change struct {
	// Name of the entry, exactly as in [Entry.Name].
	Name string
	// NewName renames the entry; "" leaves the name.
	NewName string
	// Content replaces the content; nil leaves it.
	Content Content
	// Add makes a new entry, the last one. Without it a name that is not in the package is an error, because a misspelt
	// name would otherwise be added next to the entry that was meant. [Create] adds all entries, with and without it.
	Add bool
	// Remove removes the entry.
	Remove bool
	// Modified is the new time of the entry, read without its zone; the zero time leaves it. Without one an added entry
	// gets that of the document, and in Create 1980-01-01, so that the same input gives the same bytes.
	Modified time.Time
}

// edit is a Change that was checked.
type edit struct {
	Change
	index int // in Package.records; an added entry comes behind all of them
}

// name is that of the entry after the change.
func (e *edit) name() string { return cmp.Or(e.NewName, e.Name) }

// named reports whether the change puts a name in the package that was not there.
func (e *edit) named() bool { return e.Add || e.NewName != "" }

// resolve checks the changes by themselves, against each other and against the package, and puts them in file order.
func (p *Package) resolve(changes []Change) ([]edit, error) {
	edits := make([]edit, 0, len(changes))
	left := map[string]bool{} // names given up by a removed or renamed entry
	seen := map[string]bool{}
	for _, change := range changes {
		e, err := p.resolveOne(change)
		if err != nil {
			return nil, err
		}
		if seen[e.Name] && !e.Add {
			return nil, refuse(e.Name, ErrChange, "two changes of one entry")
		}
		seen[e.Name] = seen[e.Name] || !e.Add
		if e.Remove || e.NewName != "" {
			left[foldName(e.Name)] = true
		}
		edits = append(edits, e)
	}
	taken := map[string]string{}
	for i := range edits {
		e := &edits[i]
		if !e.named() {
			continue
		}
		key := foldName(e.name())
		if i, ok := p.folded[key]; ok && !left[key] {
			return nil, duplicate(e.name(), p.records[i].Name)
		}
		if other, ok := taken[key]; ok {
			return nil, duplicate(e.name(), other)
		}
		taken[key] = e.name()
	}
	slices.SortStableFunc(edits, func(a, b edit) int { return cmp.Compare(a.index, b.index) })
	return edits, p.checkDocument(edits)
}

// resolveOne checks one change, and finds its entry.
func (p *Package) resolveOne(change Change) (edit, error) {
	e := edit{Change: change, index: len(p.records)}
	if change.NewName == change.Name {
		e.NewName = ""
	}
	switch {
	case change.Remove && (change.Add || change.Content != nil || change.NewName != "" || !change.Modified.IsZero()):
		return e, refuse(change.Name, ErrChange, "a change that removes the entry and something else")
	case change.Add && change.NewName != "":
		return e, refuse(change.Name, ErrChange, "a new entry has no other name yet: give it as Name")
	case change.Add && change.Content == nil:
		return e, refuse(change.Name, ErrChange, "a new entry without content")
	case !change.Add && !change.Remove && change.Content == nil && e.NewName == "" && change.Modified.IsZero():
		return e, refuse(change.Name, ErrChange, "a change that says nothing")
	}
	if e.named() {
		if err := checkNewName(e.name()); err != nil {
			return e, err
		}
	}
	if change.Add {
		return e, nil
	}
	index, err := p.find(change.Name)
	if err != nil {
		return e, err
	}
	e.index = index
	if p.records[index].IsDir() && !change.Remove {
		return e, refuse(change.Name, ErrChange, "a folder can only be removed")
	}
	return e, nil
}

// checkDocument checks that the changes leave exactly one document.
func (p *Package) checkDocument(edits []edit) error {
	var documents []string
	kept := len(p.records) > 0
	for i := range edits {
		e := &edits[i]
		if e.index == p.document && kept && (e.Remove || e.NewName != "") {
			kept = false
		}
		if e.named() && isDocumentName(e.name()) {
			documents = append(documents, e.name())
		}
	}
	if kept {
		documents = append(documents, p.records[p.document].Name)
	}
	switch len(documents) {
	case 0:
		return refuse("", ErrNoDocument, "the changes leave no .twb or .tds at the root of the package")
	case 1:
		return nil
	}
	return refuse("", ErrManyDocuments, "the changes leave more than one document: %q", documents)
}
