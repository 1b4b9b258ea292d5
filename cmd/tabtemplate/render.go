package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/tabtemplate/tabtemplate/templates"
)

func (a *app) renderCommand() *cobra.Command {
	var sites selection
	var out string
	var only []string
	var dryRun bool
	cmd := &cobra.Command{
		Use:   "render --all | --site KEY…",
		Short: "Write the edited files to a folder, without publishing",
		Long: `render writes what publish would publish as DIR/SITE/NAME.EXT: the site's key, the name
it would be published under. Where a template uses ${published.…}, the content URL a
server would give is taken. A site of which a template fails gets no file; --dry-run
shows the changes of its others.`,
		Example: `  tabtemplate render --all
  tabtemplate render --site acme --template sales --out /data/acme
  tabtemplate render --site acme --dry-run`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if out == "" {
				return usagef("--out is empty: write . for the current folder")
			}
			return a.render(cmd.Context(), &sites, only, out, dryRun)
		},
	}
	sites.flags(cmd)
	cmd.Flags().StringArrayVar(&only, "template", nil, "the `KEY` of a template in the manifest; may be repeated (default all)")
	cmd.Flags().StringVar(&out, "out", "out", "the `FOLDER` to write to; what is there under the same name is replaced")
	cmd.Flags().BoolVar(&dryRun, "dry-run", false, "show the changes, write nothing")
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
	manifest  *templates.Manifest
	templates *templates.Renderer
	only      map[string]bool
	out       string
	dryRun    bool
}

func (a *app) render(ctx context.Context, sites *selection, only []string, out string, dryRun bool) (err error) {
	m, picked, err := a.load(sites)
	if err != nil {
		return err
	}
	r := &renderer{manifest: m, out: out, dryRun: dryRun}
	if err := r.open(only); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.templates.Close()) }()
	all := []rendered{}
	var warn warnings
	var fails failures
	var ended error
	done := 0
	for i, s := range picked {
		if ctx.Err() != nil {
			ended = &interruptedError{fmt.Sprintf("%d rendered", done), len(picked) - i}
			break
		}
		renderings, paths, failed := r.site(s)
		for _, err := range failed {
			text := m.Mask(oneLine(err))
			fails.add(s, text, text, err)
			all = append(all, rendered{Site: s.Key, Error: text})
		}
		done += len(renderings)
		for i, rendering := range renderings {
			warn.add(rendering.Template.Name, rendering.Warnings())
			if a.json { // else nothing is kept
				all = append(all, tell(rendering, paths[i]))
				continue
			}
			a.printRendered(rendering, paths[i])
		}
	}
	if a.json {
		if err := a.printJSON(all); err != nil {
			return err
		}
	}
	warn.print(a.stderr)
	for _, f := range fails.order {
		fmt.Fprintf(a.stderr, "error: %s\n", f)
		a.hint(f.err)
	}
	if ended == nil && len(fails.order) > 0 {
		return errSites
	}
	return ended
}

// tell is a rendering for --json.
func tell(r *templates.Rendering, path string) rendered {
	file := rendered{Site: r.Site.Key, Template: r.Template.Name, Path: path, Warnings: r.Warnings()}
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

// site renders all templates for one site, and then writes them if none failed. The paths are where to. With --dry-run
// they are empty, and there are the renderings that did not fail.
func (r *renderer) site(s *templates.Site) (renderings []*templates.Rendering, paths []string, failed []error) {
	for _, t := range r.manifest.Templates() {
		if len(r.only) > 0 && !r.only[t.Name] {
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
	for _, needed := range t.Needs() {
		if published[needed.Name], err = r.manifest.Predict(s, needed); err != nil {
			return nil, err
		}
	}
	return r.templates.Render(s, t, published)
}

// printRendered tells of a file that was written, or with --dry-run of its changes.
func (a *app) printRendered(r *templates.Rendering, path string) {
	changes := count(r.File.ChangeCount(), "change")
	if path != "" {
		fmt.Fprintf(a.stdout, "%s (%s)\n", path, changes)
		return
	}
	fmt.Fprintf(a.stdout, "%s %s (%s)\n", r.Site.Key, r.Template.Name, changes)
	printChanges(a.stdout, r)
}
