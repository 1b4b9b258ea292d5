package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tabtemplate/tabtemplate/packaging"
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
server would give is taken. A site of which a template fails gets no file.`,
		Example: `  tabtemplate render --all
  tabtemplate render --site acme --template sales --out /data/acme
  tabtemplate render --site acme --dry-run`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.render(cmd.Context(), &sites, only, out, dryRun)
		},
	}
	sites.flags(cmd)
	cmd.Flags().StringSliceVar(&only, "template", nil, "the `KEY` of a template in the manifest, or several with commas (default all)")
	cmd.Flags().StringVar(&out, "out", "out", "the `FOLDER` to write to; what is there under the same name is replaced")
	cmd.Flags().BoolVar(&dryRun, "dry-run", false, "show the changes, write nothing")
	return cmd
}

// rendered is one file, as --json tells of it.
type rendered struct {
	Site     string         `json:"site"`
	Template string         `json:"template,omitempty"` // empty with an error
	Path     string         `json:"path,omitempty"`     // empty with --dry-run
	Changes  []changeOutput `json:"changes,omitempty"`
	Error    string         `json:"error,omitempty"`
}

type changeOutput struct {
	Path string `json:"path"`
	Line int    `json:"line"`
	Col  int    `json:"col"`
	Old  string `json:"old"`
	New  string `json:"new"`
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
	var all []rendered
	failed := 0
	for _, s := range picked {
		if ctx.Err() != nil {
			return fmt.Errorf("rendering: %w", context.Cause(ctx))
		}
		files, err := r.site(s)
		if err != nil {
			failed++
			files = []rendered{{Site: s.Key, Error: m.Mask(oneLine(err))}}
			fmt.Fprintf(a.stderr, "error: %s\n", files[0].Error)
		} else if !a.json {
			a.printRendered(files)
		}
		all = append(all, files...)
	}
	if a.json {
		if err := a.printJSON(all); err != nil {
			return err
		}
	}
	if failed > 0 {
		return errSites
	}
	return nil
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

// site renders all templates for one site, and then writes them.
func (r *renderer) site(s *templates.Site) ([]rendered, error) {
	var renderings []*templates.Rendering
	for _, t := range r.manifest.Templates() {
		if len(r.only) > 0 && !r.only[t.Name] {
			continue
		}
		rendering, err := r.template(s, t)
		if err != nil {
			return nil, err
		}
		renderings = append(renderings, rendering)
	}
	paths, err := r.paths(s, renderings)
	if err != nil {
		return nil, err
	}
	var files []rendered
	for i, rendering := range renderings {
		file := rendered{Site: s.Key, Template: rendering.Template.Name, Path: paths[i]}
		for c := range rendering.Changes() {
			file.Changes = append(file.Changes, changeOutput{c.Path, c.Line, c.Col, c.Old, c.New})
		}
		if r.dryRun {
			file.Path = ""
		} else if err := write(rendering, paths[i]); err != nil {
			return nil, err
		}
		files = append(files, file)
	}
	return files, nil
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

func write(r *templates.Rendering, path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fmt.Errorf("making the folder of site %q: %w", r.Site.Key, err)
	}
	return r.File.Save(path, packaging.Overwrite())
}

// paths is where the renderings of a site go; two in one place, or one in the place
// of a template, are an error.
func (r *renderer) paths(s *templates.Site, renderings []*templates.Rendering) ([]string, error) {
	taken := map[string]string{}
	var paths []string
	for _, rendering := range renderings {
		path := filepath.Join(r.out, s.Key, fileName(rendering.Name)+rendering.File.Kind().Ext())
		folded := strings.ToLower(path) // some file systems do not tell case apart
		by := taken[folded]
		if t := r.templateAt(path); t != nil {
			by = fmt.Sprintf("the file of template %q itself", t.Name)
		}
		if by != "" {
			return nil, fmt.Errorf("template %q on site %q would be written to %s, which is %s", rendering.Template.Name, s.Key, path, by)
		}
		taken[folded] = fmt.Sprintf("the place of template %q", rendering.Template.Name)
		paths = append(paths, path)
	}
	return paths, nil
}

// templateAt is the template whose file a path leads to, over whatever links, or nil.
func (r *renderer) templateAt(path string) *templates.Template {
	there, err := os.Stat(path)
	if err != nil {
		return nil // nothing can be overwritten there
	}
	for _, t := range r.manifest.Templates() {
		if own, err := os.Stat(t.Path); err == nil && os.SameFile(own, there) {
			return t
		}
	}
	return nil
}

// fileName is a published name as the name of a file on any system.
func fileName(name string) string {
	return strings.Map(func(r rune) rune {
		if r < 0x20 || strings.ContainsRune(`/\:*?"<>|`, r) {
			return '_'
		}
		return r
	}, name)
}

func (a *app) printRendered(files []rendered) {
	for _, f := range files {
		plural := "s"
		if len(f.Changes) == 1 {
			plural = ""
		}
		if f.Path != "" {
			fmt.Fprintf(a.stdout, "%s (%d change%s)\n", f.Path, len(f.Changes), plural)
			continue
		}
		fmt.Fprintf(a.stdout, "%s %s (%d change%s)\n", f.Site, f.Template, len(f.Changes), plural)
		for _, c := range f.Changes {
			fmt.Fprintf(a.stdout, "  %d:%d %s\n", c.Line, c.Col, c.Path)
			printSide(a, "-", c.Old)
			printSide(a, "+", c.New)
		}
	}
}

// printSide prints one side of a change, nothing for what is not there.
func printSide(a *app, sign, text string) {
	if text == "" {
		return
	}
	for line := range strings.Lines(text) {
		fmt.Fprintf(a.stdout, "    %s %s\n", sign, strings.TrimRight(line, "\r\n"))
	}
}
