package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/tabtemplate/tabtemplate/templates"
)

func (a *app) renderCommand() *cobra.Command {
	var sites selection
	var only []string
	r := &renderer{app: a}
	cmd := &cobra.Command{
		Use:   "render --all | --site KEY…",
		Short: "Write the edited files to a folder, without publishing",
		Long: `render writes what publish would publish as DIR/SITE/NAME.EXT: the site's key, the name
it would be published under. Where a template uses ${published.…}, the content URL a
server would give is taken. A site of which a template fails gets no file; --dry-run
shows the changes of its others.

The files of a site come to their places when all are complete. Nothing waits for the
disk, as cp does not: after a power failure, render again.`,
		Example: `  tabtemplate render --all
  tabtemplate render --site acme --template sales --out /data/acme
  tabtemplate render --site acme --dry-run`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if r.out == "" {
				return usagef("--out is empty: write . for the current folder")
			}
			if err := checkJobs(r.jobs); err != nil {
				return err
			}
			return r.render(cmd.Context(), &sites, only)
		},
	}
	sites.flags(cmd)
	cmd.Flags().StringArrayVar(&only, "template", nil, "a `TEMPLATE`, by its key in the manifest; may be repeated (default all)")
	cmd.Flags().StringVar(&r.out, "out", "out", "the `FOLDER` to write to; what is there under the same name is replaced")
	cmd.Flags().BoolVar(&r.dryRun, "dry-run", false, "show the changes, write nothing")
	jobsFlag(cmd, &r.jobs)
	return cmd
}

// rendered is one file, as --json tells of it.
type rendered struct {
	Site     string         `json:"site"`
	Template string         `json:"template,omitempty"` // empty with an error, which names it
	Path     string         `json:"path,omitempty"`     // empty with --dry-run
	Changes  []changeOutput `json:"changes,omitempty"`
	Entries  []entryOutput  `json:"entries,omitempty"`  // of the package, that change
	Warnings []string       `json:"warnings,omitempty"` // what of the template's data it still holds
	Error    string         `json:"error,omitempty"`    // one for each template that fails
}

type entryOutput struct {
	Old  string `json:"old,omitempty"`  // name; empty for a new entry
	New  string `json:"new,omitempty"`  // name; empty for one that is removed
	Size *int64 `json:"size,omitempty"` // of the new content, if it has any
}

// renderer is one run of render.
type renderer struct {
	app       *app
	manifest  *templates.Manifest
	templates *templates.Renderer
	only      map[string]bool
	out       string
	dryRun    bool
	jobs      int
}

func (r *renderer) render(ctx context.Context, sites *selection, only []string) (err error) {
	m, picked, err := r.app.load(sites)
	if err != nil {
		return err
	}
	r.manifest = m
	if err := r.open(only); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.templates.Close()) }()
	return r.each(ctx, picked)
}

// each renders the sites and tells of each, in their order, when its turn has come. Nothing of a site is kept but what is told
// of all in the end.
func (r *renderer) each(ctx context.Context, sites []*templates.Site) error {
	var warn warnings
	var fails failures
	list := jsonList[rendered]{w: r.app.stdout}
	files, reached := 0, 0
	watch := r.app.watch(len(sites), "failed")
	err := templates.Each(ctx, sites, r.jobs, r.site, func(s *templates.Site, done renderedSite) error {
		for _, f := range done.failed {
			fails.add(s, f.text, f.text, f.err)
		}
		for _, w := range done.warnings {
			warn.add(w.template, w.texts)
		}
		files += done.files
		reached++
		watch.site(len(done.failed) > 0)
		if r.app.json {
			return list.add(done.list...)
		}
		_, err := done.text.WriteTo(r.app.stdout)
		return err
	})
	watch.over()
	if r.app.json {
		list.end()
	}
	warn.print(r.app.stderr)
	fails.print(r.app)
	switch {
	case err != nil && ctx.Err() != nil && r.app.stdout.err == nil:
		return &interruptedError{fmt.Sprintf("%d rendered", files), len(sites) - reached}
	case err == nil && len(fails.order) > 0:
		return errSites
	}
	return err
}

// tell is a rendering for --json.
func tell(r *templates.Rendering, path string, warnings []string) rendered {
	file := rendered{Site: r.Site.Key, Template: r.Template.Name, Path: path, Warnings: warnings}
	for c := range r.Changes() {
		file.Changes = append(file.Changes, tellChange(c))
	}
	for c := range r.File.EntryChanges() {
		entry := entryOutput{Old: c.Old, New: c.New}
		if c.Content {
			entry.Size = &c.Size
		}
		file.Entries = append(file.Entries, entry)
	}
	return file
}

// open opens the templates, of which only those named are to be rendered, or all.
func (r *renderer) open(only []string) (err error) {
	r.only = map[string]bool{}
	for _, name := range only {
		if _, err := r.manifest.Template(name); err != nil {
			return &usageError{err}
		}
		r.only[name] = true
	}
	r.templates, err = r.manifest.Open()
	return err
}

// renderedSite is what is told of a site.
type renderedSite struct {
	files    int
	text     paintedBuffer // or, with --json,
	list     []rendered
	warnings []siteWarnings
	failed   []siteFailure
}

type siteWarnings struct {
	template string
	texts    []string
}

type siteFailure struct {
	text string // without secrets
	err  error
}

// site renders one site, and writes its files.
func (r *renderer) site(s *templates.Site) (done renderedSite) {
	done.text.to = r.app.stdout
	renderings, paths, failed := r.files(s)
	for _, err := range failed {
		text := s.Mask(oneLine(err))
		done.failed = append(done.failed, siteFailure{text, err})
		done.list = append(done.list, rendered{Site: s.Key, Error: text})
	}
	done.files = len(renderings)
	for i, rendering := range renderings {
		told := rendering.Warnings()
		done.warnings = append(done.warnings, siteWarnings{rendering.Template.Name, told})
		if r.app.json {
			done.list = append(done.list, tell(rendering, paths[i], told))
		} else {
			printRendered(&done.text, rendering, paths[i])
		}
	}
	return done
}

// files renders all templates for one site, and then writes them if none failed. The paths are where to. With --dry-run
// they are empty, and there are the renderings that did not fail.
func (r *renderer) files(s *templates.Site) (renderings []*templates.Rendering, paths []string, failed []error) {
	for _, t := range r.manifest.Templates() {
		if len(r.only) > 0 && !r.only[t.Name] || !t.For(s) {
			continue
		}
		rendering, err := r.template(s, t)
		if err != nil {
			failed = append(failed, err)
			continue
		}
		renderings = append(renderings, rendering)
	}
	if r.dryRun {
		return renderings, make([]string, len(renderings)), failed
	}
	if len(failed) > 0 {
		return nil, nil, failed
	}
	paths, err := r.paths(s, renderings)
	if err == nil {
		err = r.write(s, renderings, paths)
	}
	if err != nil {
		return nil, nil, []error{err}
	}
	return renderings, paths, nil
}

// template renders one template. What it needs published is taken to have become what a server would make of it.
func (r *renderer) template(s *templates.Site, t *templates.Template) (_ *templates.Rendering, err error) {
	published := map[string]templates.Published{}
	for _, needed := range t.Needs(s) {
		if published[needed.Name], err = r.manifest.Predict(s, needed); err != nil {
			return nil, err
		}
	}
	return r.templates.Render(s, t, published)
}

// printRendered tells of a file that was written, or with --dry-run of its changes.
func printRendered(w io.Writer, r *templates.Rendering, path string) {
	changes := count(r.File.ChangeCount(), "change")
	if path != "" {
		fmt.Fprintf(w, "%s (%s)\n", path, changes)
		return
	}
	fmt.Fprintf(w, "%s %s (%s)\n", r.Site.Key, r.Template.Name, changes)
	printChanges(w, r)
}
