package deploy

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/tabtemplate/tabtemplate/documents"
	"github.com/tabtemplate/tabtemplate/packaging"
	"github.com/tabtemplate/tabtemplate/rest"
	"github.com/tabtemplate/tabtemplate/templates"
)

// Verified is how what is published of a template on a site compares with what the manifest renders now.
type Verified struct {
	Result
	// Differences are those found, without secrets: some of them, if there are very many.
	Differences []Difference `json:"differences,omitempty"`
	// More is how many others there are.
	More int `json:"more_differences,omitempty"`
}

// A Difference is one between what is published and what the manifest renders. It shows no secret.
type Difference struct {
	// Setting is what differs besides the file: show_tabs, views, description, tags or owner; "" for the file.
	Setting string `json:"setting,omitempty"`
	// Entry is the entry of the package that differs, "" for the document. Path is the place in the document, Line and Col those
	// of its element: in the template, or in what is published where it is only there.
	Entry string `json:"entry,omitempty"`
	Path  string `json:"path,omitempty"`
	Line  int    `json:"line,omitempty"`
	Col   int    `json:"col,omitempty"`

	Kind documents.DifferenceKind `json:"kind"`
	// Rendered and Published are the values, the markup of elements, or the sizes of entries; long ones are cut.
	Rendered  string `json:"rendered,omitempty"`
	Published string `json:"published,omitempty"`
	// ByServer says why this is a server's own doing, so that the template counts as the same. See [documents.Compare].
	ByServer string `json:"by_server,omitempty"`
}

const (
	differencesTold = 100
	longestValue    = 2000    // bytes
	inMemory        = 8 << 20 // bytes of a download; above that it is a temporary file
)

// Verify downloads what is published of every template on every site, and says whether it is what the manifest would render
// now. It changes nothing. Besides the file it compares what a server shows of the settings that the manifest has: tabs, hidden
// views, description, tags and owner.
//
// each is told of every template on every site as it is found, one call at a time; an error of it ends the verification.
// Nothing else is kept of a site but its [Result], with the action [Same], [Different] or [Missing].
func Verify(ctx context.Context, m *templates.Manifest, o Options, each func(Verified) error) (*Report, error) {
	o, err := o.complete(m)
	if err != nil {
		return nil, fmt.Errorf("verifying: %w", err)
	}
	renderer, err := m.Open()
	if err != nil {
		return nil, fmt.Errorf("verifying: %w", err)
	}
	report, err := verify(ctx, m, renderer, o, each)
	if err != nil {
		err = fmt.Errorf("verifying: %w", err)
	}
	return report, errors.Join(err, renderer.Close())
}

func verify(ctx context.Context, m *templates.Manifest, renderer *templates.Renderer, o Options, each func(Verified) error) (*Report, error) {
	w, err := newWalk(m, renderer, o, verifyTemplate)
	if err != nil {
		return nil, err
	}
	w.looks = true
	w.each = func(out Outcome) error {
		v := Verified{}
		if out.verified != nil {
			v = *out.verified
		}
		v.Result = out.Result
		return each(v)
	}
	return &Report{Shard: o.Shard.String(), Sites: w.results}, w.all(ctx)
}

// verifyTemplate compares one template on one site.
func verifyTemplate(ctx context.Context, s *siteWork, t *templates.Template, out *Outcome) error {
	r, err := s.render(t, &out.Result)
	if err != nil {
		return err
	}
	there, _, err := s.lookFor(ctx, r)
	missing := errors.Is(err, rest.ErrNotFound) // the project
	if err != nil && !missing {
		return err
	}
	if there == nil {
		out.Result.Action = Missing
		return nil
	}
	s.arrived(*there, Fingerprint{}, out)
	v := &verification{s: s, r: r, there: there}
	if err := errors.Join(v.settings(ctx), v.file(ctx)); err != nil {
		return err
	}
	out.Result.Action = Same
	if v.differs {
		out.Result.Action = Different
	}
	out.verified = v.told()
	return nil
}

// verification compares what is published of one template with its rendering.
type verification struct {
	s     *siteWork
	r     *templates.Rendering
	there *object

	differs bool // not by the server alone
	found   []Difference
	more    int
}

func (v *verification) add(d Difference) {
	v.differs = v.differs || d.ByServer == ""
	if len(v.found) == differencesTold {
		v.more++
		return
	}
	v.found = append(v.found, d)
}

// file downloads the file and compares it.
func (v *verification) file(ctx context.Context) (err error) {
	spool := packaging.NewSpool(inMemory)
	defer func() { err = errors.Join(err, spool.Close()) }()
	download := v.s.session.Datasources.Download
	if v.there.workbook {
		download = v.s.session.Workbooks.Download
	}
	if _, err := download(ctx, v.there.luid, spool, rest.DownloadOptions{}); err != nil {
		return err
	}
	published, err := documents.OpenReader(spool, spool.Size())
	if err != nil {
		return fmt.Errorf("reading what is published: %w", err)
	}
	defer func() { err = errors.Join(err, published.Close()) }()
	o := documents.CompareOptions{Refreshed: v.r.Refresh != templates.RefreshNone || len(v.r.Schedules) > 0}
	for d, err := range documents.Compare(v.r.File, published, o) {
		if err != nil {
			return err
		}
		v.add(Difference{
			Entry: d.Entry, Path: d.Path, Line: d.Line, Col: d.Col, Kind: d.Kind, Rendered: d.Want, Published: d.Have, ByServer: d.ByServer,
		})
	}
	return nil
}

// settings compares what the server shows of the settings.
func (v *verification) settings(ctx context.Context) error {
	setting := func(name, want, have string) {
		if want != have {
			v.add(Difference{Setting: name, Kind: documents.DifferenceChanged, Rendered: want, Published: have})
		}
	}
	if v.there.workbook {
		w, err := v.s.session.Workbooks.ByLUID(ctx, v.there.luid)
		if err != nil {
			return err
		}
		*v.there = workbookObject(w)
		setting("show_tabs", fmt.Sprint(v.r.ShowTabs), fmt.Sprint(w.ShowTabs))
		setting("views", strings.Join(v.shown(), ", "), strings.Join(viewNames(w), ", "))
	}
	if v.r.Description != "" && !sameText(v.r.Description, v.there.description) {
		setting("description", v.r.Description, v.there.description)
	}
	for _, tag := range missingTags(*v.there, v.r.Publish) {
		v.add(Difference{Setting: "tags", Kind: documents.DifferenceMissing, Rendered: tag})
	}
	return v.owner(ctx)
}

// owner compares the owner by name, or where the server tells none by LUID.
func (v *verification) owner(ctx context.Context) error {
	want, have := v.r.Owner, v.there.ownerName
	if want == "" || have != "" && isCalled(have, "", want) {
		return nil
	}
	if have == "" {
		user, err := v.s.settings.users.get(ctx, want)
		if err != nil {
			return fmt.Errorf("comparing the owner: %w", err)
		}
		if user.LUID == v.there.ownerLUID {
			return nil
		}
		have = v.there.ownerLUID
	}
	v.add(Difference{Setting: "owner", Kind: documents.DifferenceChanged, Rendered: want, Published: have})
	return nil
}

// shown are the views that are to be seen on the server, by name.
func (v *verification) shown() []string {
	var names []string
	workbook, _ := v.r.File.Workbook()
	for view := range workbook.Views() {
		if !view.Hidden && !slices.Contains(v.r.HideViews, view.Name) {
			names = append(names, view.Name)
		}
	}
	slices.Sort(names)
	return names
}

func viewNames(w rest.Workbook) []string {
	var names []string
	for _, view := range w.Views {
		names = append(names, view.Name)
	}
	slices.Sort(names)
	return names
}
