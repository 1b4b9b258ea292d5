package templates

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/url"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tabtemplate/tabtemplate/documents"
	"github.com/tabtemplate/tabtemplate/documents/tds"
)

// A Renderer holds the files of a manifest's templates, each opened once. It is safe for concurrent use, and is closed
// when the renderings are done with.
type Renderer struct {
	manifest *Manifest
	files    map[*Template]*documents.File
	packed   map[*Template]packed

	definitions definitions
}

// Open opens the files of all templates.
func (m *Manifest) Open() (*Renderer, error) {
	r := &Renderer{manifest: m, files: map[*Template]*documents.File{}, packed: map[*Template]packed{}}
	var found Problems
	for _, t := range m.templates {
		f, err := documents.Open(t.Path)
		if err != nil {
			hint := ""
			if advice, ok := errors.AsType[hinter](err); ok {
				hint = advice.Hint()
			}
			found = append(found, t.fileAt.problem(hint, "template %q: %v", t.Name, err))
			continue
		}
		r.files[t], r.packed[t] = f, packedIn(f)
		if f.Kind().IsWorkbook() != t.workbook {
			found = append(found, t.fileAt.problem("", "template %q is a %s by its name and a %s inside",
				t.Name, filepath.Ext(t.Path), f.Kind().Ext()))
		}
	}
	if found != nil {
		return nil, errors.Join(found.sorted(), r.Close())
	}
	return r, nil
}

// A hinter is an error that knows what to do about it, as those of package packaging do.
type hinter interface {
	error
	Hint() string
}

// WriteTemplate writes the file of a template as it was opened, whatever is at its path by now.
func (r *Renderer) WriteTemplate(t *Template, w io.Writer) error {
	_, err := r.files[t].Clone().WriteTo(w)
	return err
}

// Close closes the files of the templates. The renderings made from them cannot be used any more.
func (r *Renderer) Close() error {
	var errs []error
	for _, f := range r.files {
		errs = append(errs, f.Close())
	}
	return errors.Join(append(errs, r.definitions.close())...)
}

// A Rendering is a template as it is to be published on one site.
type Rendering struct {
	Site     *Site
	Template *Template
	// Publish says under which name it is published, where and how.
	Publish
	// File is the template with the edits for the site.
	File *documents.File

	repointed   map[string]bool       // data sources, by internal name
	touched     map[string]bool       // data sources that are to have other data, by internal name
	scrubbed    map[string]bool       // data sources whose extracts are to go, by internal name; "" for all of the file
	hidden      []span                // where a change would show a secret, in order, none of which touches another
	packed      packed                // in the template
	references  []documents.Reference // when all edits are done
	dropped     []string              // what was left out of the package without an edit that says so
	shared      []string              // which connections get the credential of another one
	definitions *definitions          // that edits embed
}

// span is the place of a change in the template.
type span struct{ start, end int }

// Changes lists what the edits changed, in the order of the document. What an edit with a secret wrote is redacted, and so
// is what became one change with it: an element that it put before one that a later edit removed, say.
func (r *Rendering) Changes() iter.Seq[documents.Change] {
	return func(yield func(documents.Change) bool) {
		hidden := r.hidden
		for c := range r.File.Changes() {
			for len(hidden) > 0 && hidden[0].end < c.Start {
				hidden = hidden[1:]
			}
			if len(hidden) > 0 && hidden[0].start <= c.End && c.New+c.Written != "" {
				c.New, c.Written = redacted, redacted
			}
			if !yield(c) {
				return
			}
		}
	}
}

// hide has the changes at some more places redacted.
func (r *Rendering) hide(places []span) {
	r.hidden = append(r.hidden, places...)
	slices.SortFunc(r.hidden, func(a, b span) int { return cmp.Or(cmp.Compare(a.start, b.start), cmp.Compare(a.end, b.end)) })
	var merged []span
	for _, next := range r.hidden {
		if n := len(merged); n > 0 && next.start <= merged[n-1].end {
			merged[n-1].end = max(merged[n-1].end, next.end)
		} else {
			merged = append(merged, next)
		}
	}
	r.hidden = merged
}

// Render edits a copy of a template for one site. published says what the templates before it became there, by name: those
// whose ${published.…} it uses must be in it. No edit of the manifest reaches another rendering, and an edit that fails
// fails the rendering; the error names the edit, the template and the site, and shows no secret.
func (r *Renderer) Render(s *Site, t *Template, published map[string]Published) (*Rendering, error) {
	if r.manifest.byKey[s.Key] != s || r.files[t] == nil {
		return nil, fmt.Errorf("rendering template %q for site %q: one of them is of another manifest", t.Name, s.Key)
	}
	out, err := r.render(s, t, published)
	if err != nil {
		if masked := s.secrets.mask(err.Error()); masked != err.Error() {
			hint := ""
			if advice, ok := errors.AsType[hinter](err); ok {
				hint = s.secrets.mask(advice.Hint())
			}
			err = &advisedError{errors.New(masked), hint}
		}
		return nil, fmt.Errorf("rendering template %q for site %q: %w", t.Name, s.Key, err)
	}
	return out, nil
}

func (r *Renderer) render(s *Site, t *Template, published map[string]Published) (*Rendering, error) {
	out, names, err := r.begin(s, t, published)
	if err != nil {
		return nil, err
	}
	for _, edit := range t.edits {
		if err := out.apply(edit, names); err != nil {
			return nil, err
		}
	}
	if err := out.finish(); err != nil {
		return nil, err
	}
	return out, nil
}

// begin is a rendering before its edits, and the names that they know.
func (r *Renderer) begin(s *Site, t *Template, published map[string]Published) (*Rendering, map[string]any, error) {
	if !t.For(s) {
		return nil, nil, errLeftOut
	}
	e := s.evaluator()
	out := &Rendering{
		Site: s, Template: t, Publish: t.publish.on(s, e), File: r.files[t].Clone(),
		repointed: map[string]bool{}, touched: map[string]bool{}, scrubbed: map[string]bool{}, packed: r.packed[t], definitions: &r.definitions,
	}
	if len(e.found) > 0 {
		return nil, nil, s.masked(e)
	}
	for _, needed := range t.Needs(s) {
		if p := published[needed.Name]; p.ContentURL == "" || p.ServerURL == "" {
			return nil, nil, fmt.Errorf("template %q must be published on the site first", needed.Name)
		}
	}
	return out, withPublished(s.names, published), nil
}

// finish looks at the whole when all edits are done.
func (r *Rendering) finish() error {
	r.references = slices.Collect(r.File.References())
	return errors.Join(r.checkViews(), r.checkPublished(), r.checkFiles(), r.dropCaches(), r.signIn())
}

// apply does one edit, whole or not at all.
func (r *Rendering) apply(edit *edit, names map[string]any) error {
	e := r.Site.evaluator()
	e.names, e.secrets = names, true
	resolved, ok := edit.resolve(e)
	if len(e.found) > 0 {
		return r.Site.masked(e)
	}
	if !ok {
		return nil // not for this site
	}
	before := map[documents.Change]bool{}
	if e.readSecret {
		for c := range r.File.Changes() {
			before[c] = true
		}
	}
	if err := r.File.Atomically(edit.name(), func() error { return resolved.rule.apply(r, resolved) }); err != nil {
		return fmt.Errorf("%s: %w", edit.name(), err)
	}
	if e.readSecret {
		var places []span
		for c := range r.File.Changes() {
			if !before[c] {
				places = append(places, span{c.Start, c.End})
			}
		}
		r.hide(places)
	}
	return nil
}

// checkViews refuses to hide views that are not there, which a server would ignore, and to publish a workbook that has
// views and shows none, which it would refuse.
func (r *Rendering) checkViews() error {
	wb, ok := r.File.Workbook()
	if !ok {
		return nil
	}
	var there []string
	shown := 0
	for v := range wb.Views() {
		there = append(there, v.Name)
		if !v.Hidden && !slices.Contains(r.HideViews, v.Name) {
			shown++
		}
	}
	for _, name := range r.HideViews {
		if !slices.Contains(there, name) {
			return fmt.Errorf("hide_views: %w", &tds.NotFoundError{What: fmt.Sprintf("view %q", name), There: there})
		}
	}
	switch {
	case shown > 0 || len(there) == 0:
		return nil
	case len(r.HideViews) > 0:
		return errors.New("hide_views hides all views of the workbook")
	}
	return errors.New("all views of the workbook are hidden")
}

// checkPublished refuses a data source that still refers to a published one of another site or server: there it is another
// tenant's, or not there at all.
func (r *Rendering) checkPublished() error {
	for ds := range r.File.Datasources() {
		ref, ok := ds.Published()
		here := ref.SiteContentURL == r.Site.ContentURL && sameHost(ref.Server, r.Site.Server.URL)
		if ok && !here && !r.repointed[ds.Name()] {
			return fmt.Errorf("%s refers to the published data source %q of %s on %s: an edit `published: %s` must say which it is here",
				ds, ref.ContentURL, nameSite(ref.SiteContentURL), ref.Server, ds.Label())
		}
	}
	return nil
}

func nameSite(contentURL string) string {
	if contentURL == "" {
		return "the Default site"
	}
	return fmt.Sprintf("site %q", contentURL)
}

// sameHost tells whether a reference to a server, a host or a URL, is to the one with that URL. A reference that names
// none is to any.
func sameHost(ref, server string) bool {
	if !strings.Contains(ref, "://") {
		ref = "https://" + ref
	}
	a, errA := url.Parse(ref)
	b, errB := url.Parse(server)
	return errA == nil && errB == nil && (a.Hostname() == "" || strings.EqualFold(a.Hostname(), b.Hostname()))
}

// Warnings tells what the edits want to be known, and of the template's data that a rendering still holds although its
// edits ask for other data.
func (r *Rendering) Warnings() []string {
	return slices.Concat(r.told(), r.extractFaults(), r.extractWarnings(), r.fileWarnings(), r.scrubWarnings(), r.secretWarnings())
}

// told is what the edits want to be known.
func (r *Rendering) told() (out []string) {
	for n := range r.File.Notes() {
		out = append(out, r.Site.secrets.mask(n.Path+": "+n.Text))
	}
	return slices.Concat(out, r.dropped, r.shared)
}
