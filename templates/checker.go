package templates

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/tabtemplate/tabtemplate/documents"
	"github.com/tabtemplate/tabtemplate/documents/tds"
)

// A Checker finds what is wrong with what the templates of a manifest become. It is safe for concurrent use.
type Checker struct {
	renderer *Renderer
	schema   documents.Validator
	before   map[*Template]func() ([]documents.Fault, error) // faults of the template itself, looked for once
}

// Checker makes a checker. It holds workbooks against a schema, too, unless that is nil.
func (r *Renderer) Checker(schema documents.Validator) *Checker {
	c := &Checker{r, schema, map[*Template]func() ([]documents.Fault, error){}}
	for t, f := range r.files {
		c.before[t] = sync.OnceValues(func() ([]documents.Fault, error) { return faultsOf(f.Clone(), schema) })
	}
	return c
}

// faultsOf is what is wrong with a file. The schema may be nil, and is of workbooks alone.
func faultsOf(f *documents.File, schema documents.Validator) ([]documents.Fault, error) {
	faults := slices.Collect(f.Faults())
	if schema == nil || !f.Kind().IsWorkbook() {
		return faults, nil
	}
	more, err := f.Validate(schema)
	return append(faults, more...), err
}

// Check looks at a template on a site that it is for: which edits fail there, all of them, what Tableau would refuse in the
// result, which published data sources no template is, and what is left of the author. What it needs published is taken to
// become what a server would make of it. The findings show no secret.
func (c *Checker) Check(s *Site, t *Template) []Finding {
	r, found := c.rendered(s, t)
	if found == nil {
		found = slices.Concat(c.faults(r, t), c.unpublished(r), r.Findings())
	}
	for i := range found {
		found[i].Path, found[i].Text = s.secrets.mask(found[i].Path), s.secrets.mask(found[i].Text)
		found[i].Advice = s.secrets.mask(found[i].Advice)
	}
	return found
}

// rendered is the rendering, or a finding for each edit that fails and for what does not fit together.
func (c *Checker) rendered(s *Site, t *Template) (*Rendering, []Finding) {
	var found []Finding
	fail := func(manifest location, err error) {
		f := Finding{Level: Error, Kind: "edits", Text: strings.ReplaceAll(err.Error(), "\n", "; ")}
		if manifest.src != nil {
			f.Manifest = manifest.String()
		}
		if advised, ok := errors.AsType[hinter](err); ok {
			f.Advice = advised.Hint()
		}
		found = append(found, f)
	}
	published := map[string]Published{}
	for _, needed := range t.Needs(s) {
		p, err := c.renderer.manifest.Predict(s, needed)
		if err != nil {
			fail(t.at, err)
			return nil, found
		}
		published[needed.Name] = p
	}
	r, names, err := c.renderer.begin(s, t, published)
	if err != nil {
		fail(t.at, err)
		return nil, found
	}
	for _, edit := range t.edits {
		if err := r.apply(edit, names); err != nil {
			fail(edit.at, err)
		}
	}
	if found != nil { // what is wrong with the whole may be so because of them
		return nil, found
	}
	err = r.finish()
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		for _, one := range joined.Unwrap() {
			fail(t.at, one)
		}
	} else if err != nil {
		fail(t.at, err)
	}
	return r, found
}

// faultAdvice says what to do about faults that edits brought. Tableau makes none: they come from `xml`, from files that are
// brought, and from verbs that were not meant for each other.
var faultAdvice = map[documents.FaultKind]string{
	documents.FaultReference: "an edit names it, or took it away or renamed it: change both, or neither",
	documents.FaultDuplicate: "an edit put it there a second time: give it another name, or leave the edit out",
	documents.FaultOrder:     "an edit put it there: compare it with a file that Tableau has saved",
	documents.FaultFeature:   "an edit uses it: one more must add it to the list, or declare it",
	documents.FaultValue:     "`parameter` with `value` sets the value, with `values` or `range` what it may be",
	documents.FaultFile:      "`data_file` brings a file, `extract: replace` that of an extract",
	documents.FaultSchema:    "an edit put it there: compare it with a workbook that Tableau has saved",
}

// theTemplates says of a fault that no edit brought it.
const theTemplates = "the template has it already: open it in Tableau to see whether it matters"

// faults is what Tableau would refuse: of the edits an error, of the template itself worth knowing.
func (c *Checker) faults(r *Rendering, t *Template) (found []Finding) {
	before, err := c.before[t]()
	var after []documents.Fault
	if err == nil {
		after, err = faultsOf(r.File, c.schema)
	}
	if err != nil {
		return []Finding{{Level: Error, Kind: "file", Text: err.Error()}}
	}
	introduced, there := documents.NewFaults(before, after)
	for _, f := range introduced {
		found = append(found, faultFinding(Error, f, faultAdvice[f.Kind]))
	}
	for _, f := range there {
		found = append(found, faultFinding(Info, f, theTemplates))
	}
	return found
}

func faultFinding(level Level, f documents.Fault, advice string) Finding {
	return Finding{Level: level, Kind: string(f.Kind), Path: f.Path, Line: f.Line, Col: f.Col, Text: f.Text, Advice: advice}
}

// InspectFaults returns what Tableau would refuse in a file as it is, and what a schema, if there is one, has against it. Files
// that work have some of it.
func InspectFaults(f *documents.File, schema documents.Validator) (found []Finding, err error) {
	faults, err := faultsOf(f, schema)
	for _, fault := range faults {
		found = append(found, faultFinding(Warning, fault, "open it in Tableau to see whether it matters"))
	}
	return found, err
}

// unpublished tells of references to data sources on the site that no template of the manifest becomes.
func (c *Checker) unpublished(r *Rendering) (found []Finding) {
	var there, names []string // content URLs, and the templates that have them
	for _, t := range c.renderer.manifest.templates {
		if t.workbook || !t.For(r.Site) {
			continue
		}
		if p, err := c.renderer.manifest.Predict(r.Site, t); err == nil {
			there, names = append(there, p.ContentURL), append(names, t.Name)
		}
	}
	for ds := range r.File.Datasources() {
		ref, ok := ds.Published()
		if !ok || ref.SiteContentURL != r.Site.ContentURL || !sameHost(ref.Server, r.Site.Server.URL) || slices.Contains(there, ref.ContentURL) {
			continue
		}
		f := placed(ds, Finding{
			Level: Warning, Kind: string(documents.TracePublished), Advice: "it must be on the site before; a template of a .tds publishes it, too",
			Text: fmt.Sprintf("%s refers to the published data source %q, which no template is published as", ds, ref.ContentURL),
		})
		if near := nearest(ref.ContentURL, there); near != "" {
			name := names[slices.Index(there, near)]
			f.Text += fmt.Sprintf("; the nearest is %q, of template %q", near, name)
			f.Advice = fmt.Sprintf("`to: ${published.%s}` is what that template became on each site", name)
		}
		found = append(found, f)
	}
	return found
}

// placed gives a finding the place of a data source.
func placed(ds *tds.Datasource, f Finding) Finding {
	p := ds.Element().Position()
	f.Path, f.Line, f.Col = ds.Element().Path(), p.Line, p.Col
	return f
}

// Examples returns the first of all sites that are alike: that have the same templates, with the same edits. What is wrong with
// a rule, rather than with a value, is wrong on one of them.
func (m *Manifest) Examples() []*Site {
	seen := map[string]bool{}
	var out []*Site
	for _, s := range m.sites {
		e := s.evaluator()
		var kind strings.Builder
		for _, t := range m.templates {
			here := e.holds(t.when)
			fmt.Fprintf(&kind, "%t", here)
			for _, edit := range t.edits {
				if here && edit.when != nil {
					fmt.Fprintf(&kind, "%t", e.holds(edit.when))
				}
			}
		}
		if !seen[kind.String()] {
			seen[kind.String()] = true
			out = append(out, s)
		}
	}
	return out
}
