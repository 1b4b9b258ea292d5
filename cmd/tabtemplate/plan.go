package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/tabtemplate/tabtemplate/cmd/tabtemplate/internal/planpage"
	"github.com/tabtemplate/tabtemplate/packaging"
	"github.com/tabtemplate/tabtemplate/templates"
	"github.com/tabtemplate/tabtemplate/templates/deploy"
)

// planFlags are what can be said of planning.
type planFlags struct {
	siteFlags
	html              string
	changes, exitCode bool
	force             bool // as publish --force --dry-run
}

func (a *app) planCommand() *cobra.Command {
	f := planFlags{siteFlags: siteFlags{looks: true}}
	cmd := &cobra.Command{
		Use:   "plan --all | --site KEY…",
		Short: "Show what publish would do, and do nothing",
		Long: `plan signs in to the sites, looks at what is there, and says what publish would do with each
template: create, overwrite or update it, or leave it alone because nothing has changed. It
publishes nothing and keeps nothing.

--changes adds the changes inside the files. Of many sites with the same changes it shows the
first ones; --html writes a page with those of all sites, which opens in any browser without
a network, and --json prints them for programs.

The exit code is 0, or 3 when sites failed; with --exit-code it is 4 when publish would do
something, so that a CI job can tell that there is something to do.`,
		Example: `  tabtemplate plan --all
  tabtemplate plan --site acme --changes
  tabtemplate plan --all --html plan.html
  tabtemplate plan --all --json | jq -r '.[] | select(.drift) | .site'`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.plan(cmd.Context(), &f) },
	}
	f.flags(cmd)
	flags := cmd.Flags()
	flags.StringVar(&f.html, "html", "", "write the plan as a web page to `FILE`, which ends in .html")
	flags.BoolVar(&f.changes, "changes", false, "show the changes inside the files")
	flags.BoolVar(&f.exitCode, "exit-code", false, "end with 4 when publish would do something")
	return cmd
}

// errToDo says that publish would do something, for --exit-code.
var errToDo = errors.New("there is something to publish")

// planned is what is to become of a template on a site, as --json tells of it.
type planned struct {
	Site       string         `json:"site"`
	Template   string         `json:"template,omitempty"` // empty if the site could not be signed in to
	Action     deploy.Action  `json:"action"`             // create, overwrite, update, unchanged, left out, failed or skipped
	Name       string         `json:"name,omitempty"`
	Project    string         `json:"project,omitempty"`
	LUID       string         `json:"luid,omitempty"`        // of what is there
	ContentURL string         `json:"content_url,omitempty"` // of what is there
	Drift      string         `json:"drift,omitempty"`       // how what is there differs from what was last published
	Changes    []changeOutput `json:"changes,omitempty"`     // to the template
	Entries    []entryOutput  `json:"entries,omitempty"`     // of the package, that change
	Warnings   []string       `json:"warnings,omitempty"`    // what of the template's data it still holds
	Error      string         `json:"error,omitempty"`       // why it failed or was skipped
	Hint       string         `json:"hint,omitempty"`        // what to do about it
}

func tellPlanned(p deploy.Planned) planned {
	out := planned{
		Site: p.Site, Template: p.Template, Action: p.Action, Name: p.Name, Project: p.Project, LUID: p.LUID,
		ContentURL: p.ContentURL, Drift: p.Drift, Warnings: p.Warnings, Error: p.Message, Hint: p.Hint,
	}
	if p.Rendering != nil {
		file := tell(p.Rendering, "", nil)
		out.Changes, out.Entries = file.Changes, file.Entries
	}
	return out
}

// A planner shows a plan as it is found: as text, as JSON, and as a page.
type planner struct {
	run     *siteRun
	changes *planChanges       // nil for none
	list    *jsonList[planned] // nil for none
	page    *planPage          // nil for none
	sites   map[string]int     // their numbers, by key
}

func newPlanner(a *app, r *siteRun, f *planFlags) *planner {
	p := &planner{run: r, sites: map[string]int{}}
	for i, s := range r.options.Sites {
		p.sites[s.Key] = i
	}
	switch {
	case a.json:
		p.list = &jsonList[planned]{w: a.stdout}
	case f.changes:
		p.changes = newPlanChanges(a.stdout, r.manifest)
	}
	return p
}

func (a *app) plan(ctx context.Context, f *planFlags) (err error) {
	if err := checkPageName(f.html); err != nil {
		return err
	}
	r, err := f.open(a)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.close()) }()
	r.options.Sites, r.options.Force = r.options.Shard.Sites(r.options.Sites), f.force
	p := newPlanner(a, r, f)
	report, err := p.write(ctx, a, f.html)
	if report == nil {
		return masked(r.manifest, err)
	}
	p.tell(a, report)
	switch {
	case a.stdout.err != nil:
		return a.stdout.err
	case err != nil:
		return masked(r.manifest, err)
	case ctx.Err() != nil && report.Left() > 0:
		return &interruptedError{fmt.Sprintf("%d planned", len(report.Sites)-report.Left()), report.Left()}
	case report.Failures() > 0:
		return errSites
	case f.exitCode && hasToDo(report):
		return errToDo
	}
	return nil
}

// checkPageName keeps --html from writing over a manifest or a template.
func checkPageName(html string) error {
	if ext := strings.ToLower(filepath.Ext(html)); html != "" && ext != ".html" && ext != ".htm" {
		return usagef("--html %s: the name of a page ends in .html", html)
	}
	return nil
}

// write makes the plan, and writes the page while it does. There is none if that comes to an error.
func (p *planner) write(ctx context.Context, a *app, html string) (report *deploy.Report, err error) {
	if html == "" {
		return p.make(ctx, a)
	}
	var failed error
	err = packaging.WriteFile(html, writer(func(w io.Writer) error {
		if p.page, failed = newPlanPage(w, a.manifest, p.run); failed == nil {
			report, failed = p.make(ctx, a)
		}
		if failed == nil {
			failed = p.page.Close()
		}
		return failed
	}), packaging.Overwrite())
	if failed != nil {
		return report, failed
	}
	return report, err
}

// writer is a function that writes something.
type writer func(io.Writer) error

// WriteTo is for [packaging.WriteFile], which does not ask how much was written.
func (f writer) WriteTo(w io.Writer) (int64, error) { return 0, f(w) }

func (p *planner) make(ctx context.Context, a *app) (*deploy.Report, error) {
	o := &p.run.options
	watch := a.watch(len(o.Shard.Sites(o.Sites)), "failed")
	defer watch.over()
	watch.observe(o)
	work, done := p.run.gently(ctx, a)
	defer done()
	return deploy.Plan(work, p.run.manifest, *o, p.each)
}

// each takes what was found for one template on one site.
func (p *planner) each(one deploy.Planned) error {
	at := p.sites[one.Site]
	if p.changes != nil {
		p.changes.add(at, one)
	}
	if p.page != nil {
		if err := p.page.add(at, p.run.options.Sites[at], one); err != nil {
			return fmt.Errorf("writing the page: %w", err)
		}
	}
	if p.list != nil {
		return p.list.add(tellPlanned(one))
	}
	return nil
}

// tell tells of all of it in the end.
func (p *planner) tell(a *app, report *deploy.Report) {
	if p.list != nil {
		p.list.end()
	} else {
		printPlan(a.stdout, p.run.manifest, report, p.changes)
	}
	var all warnings
	for _, s := range report.Sites {
		for _, r := range s.Results {
			if r.Err == nil {
				all.add(r.Template, r.Warnings)
			}
		}
	}
	all.print(a.stderr)
	for _, s := range report.Sites {
		for _, r := range s.Results {
			a.hintText(r.Hint)
		}
	}
}

// planPage is the page of a plan.
type planPage struct {
	*planpage.Writer
	templates map[string]int // their numbers, by name
}

func newPlanPage(w io.Writer, manifest string, r *siteRun) (*planPage, error) {
	plan := planpage.Plan{Manifest: manifest, Made: time.Now().UTC()}
	for _, t := range r.manifest.Templates() {
		plan.Templates = append(plan.Templates, t.Name)
	}
	numbers := templateOrder(r.manifest)
	numbers[""] = planpage.OfSite
	for _, s := range r.options.Sites {
		plan.Sites = append(plan.Sites, planpage.Site{Key: s.Key, ContentURL: s.ContentURL, ServerURL: s.Server.URL})
	}
	page, err := planpage.NewWriter(w, plan)
	return &planPage{page, numbers}, err
}

func (p *planPage) add(at int, s *templates.Site, one deploy.Planned) error {
	cell := planpage.Cell{
		Site: at, Template: p.templates[one.Template], Action: string(one.Action),
		Name: one.Name, Project: one.Project, ContentURL: one.ContentURL, LUID: one.LUID,
		Drift: one.Drift, Error: one.Message, Reason: anySite(one.Message, s), Hint: one.Hint, Warnings: one.Warnings,
	}
	if one.Rendering == nil {
		return p.Add(cell)
	}
	for _, c := range alikeIn(one.Rendering) {
		change := planpage.Change{
			Kind: c.Kind, Old: readable(c.Path, c.Old), New: readable(c.Path, c.New), Places: []planpage.Place{{Line: c.Line, Col: c.Col, Path: c.Path}},
		}
		for _, other := range c.others {
			change.Places = append(change.Places, planpage.Place{Line: other.Line, Col: other.Col, Path: other.Path})
		}
		cell.Changes = append(cell.Changes, change)
	}
	for c := range one.Rendering.File.EntryChanges() {
		cell.Entries = append(cell.Entries, c.String())
	}
	return p.Add(cell)
}
