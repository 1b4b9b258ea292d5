package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"

	"github.com/tabtemplate/tabtemplate/documents"
	"github.com/tabtemplate/tabtemplate/templates"
)

func (a *app) checkCommand() *cobra.Command {
	var sites selection
	var strict bool
	var jobs int
	cmd := &cobra.Command{
		Use:   "check [FILE…]",
		Short: "Find what a template would tell its sites of its author",
		Long: `check reads the manifest and all of its templates, edits them for a site as render does,
and reports what is left of their author in the result: pictures, servers and sites, users,
secrets, results of queries, rows. It writes and publishes nothing. Without --site and --all it
is the first site of the manifest. With files it reports on them as they are, without a manifest.

A secret that is left, and a template that cannot be rendered, are errors: check fails. All
else that can be taken out is a warning; with --strict that fails, too. Connections to the
template's own servers and databases are listed, and values that are a part of the design are
counted.`,
		Example: `  tabtemplate check
  tabtemplate check --all --strict
  tabtemplate check --json sales.twbx`,
		RunE: func(cmd *cobra.Command, files []string) error {
			if len(files) > 0 {
				if sites.all || len(sites.sites) > 0 {
					return usagef("--site and --all are for the templates of a manifest, not for files")
				}
				return a.checkFiles(files, strict)
			}
			if err := checkJobs(jobs); err != nil {
				return err
			}
			return a.checkManifest(cmd.Context(), &sites, jobs, strict)
		},
	}
	sites.flags(cmd)
	jobsFlag(cmd, &jobs)
	cmd.Flags().BoolVar(&strict, "strict", false, "fail on warnings, too")
	return cmd
}

// checked is what was found in a file; check --json prints a list of them.
type checked struct {
	File     string    `json:"file"`
	Template string    `json:"template,omitempty"` // empty without a manifest
	Sites    []string  `json:"sites,omitempty"`    // that it was rendered for
	Findings []finding `json:"findings"`

	at map[templates.Finding]int // of Findings
}

// finding is a finding, once for all sites that it is the same for.
type finding struct {
	templates.Finding
	Sites int `json:"sites,omitempty"`
}

// add adds what was found on a site, or in a file.
func (c *checked) add(sites int, found ...templates.Finding) {
	if c.at == nil {
		c.at = map[templates.Finding]int{}
	}
	for _, f := range found {
		i, known := c.at[f]
		if !known {
			i = len(c.Findings)
			c.at[f] = i
			c.Findings = append(c.Findings, finding{Finding: f})
		}
		c.Findings[i].Sites += sites
	}
}

// checkFiles reports on every file it can open, and then fails if there was one it could not.
func (a *app) checkFiles(paths []string, strict bool) error {
	all := []*checked{}
	var failed []error
	for _, path := range paths {
		f, err := documents.Open(path)
		if err != nil {
			failed = append(failed, err)
			continue
		}
		c := &checked{File: path, Findings: []finding{}}
		c.add(0, templates.Inspect(f)...)
		all = append(all, c)
		failed = append(failed, f.Close())
	}
	return errors.Join(errors.Join(failed...), a.printChecked(all, strict))
}

// checkManifest reports on what the templates of the manifest become.
func (a *app) checkManifest(ctx context.Context, sites *selection, jobs int, strict bool) (err error) {
	sites.orFirst = true
	m, picked, err := a.load(sites)
	if err != nil {
		return err
	}
	r := &renderer{manifest: m}
	if err := r.open(nil); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.templates.Close()) }()
	all := []*checked{}
	for _, t := range m.Templates() {
		all = append(all, &checked{File: t.Path, Template: t.Name, Findings: []finding{}})
	}
	err = templates.Each(ctx, picked, jobs, r.findings, func(s *templates.Site, found []siteFindings) error {
		for i, f := range found {
			if f.leftOut {
				continue
			}
			all[i].Sites = append(all[i].Sites, s.Key)
			if f.err != nil {
				text := s.Mask(oneLine(f.err))
				if len(picked) > 1 {
					text = anySite(text, s)
				}
				all[i].add(1, templates.Finding{Level: templates.Error, Kind: "edits", Text: text})
				a.hint(f.err)
			}
			all[i].add(1, f.findings...)
		}
		return nil
	})
	if err != nil {
		return err
	}
	onNone := func(c *checked) bool { return len(c.Sites) == 0 }
	return a.printChecked(slices.DeleteFunc(all, onNone), strict)
}

// siteFindings is what was found in a template on a site, or why it cannot be rendered.
type siteFindings struct {
	findings []templates.Finding
	err      error
	leftOut  bool // by the `when` of the template
}

// findings looks at all templates on one site.
func (r *renderer) findings(s *templates.Site) []siteFindings {
	var found []siteFindings
	for _, t := range r.manifest.Templates() {
		if !t.For(s) {
			found = append(found, siteFindings{leftOut: true})
			continue
		}
		rendering, err := r.template(s, t)
		one := siteFindings{err: err}
		if err == nil {
			one.findings = rendering.Findings()
		}
		found = append(found, one)
	}
	return found
}

// printChecked prints what was found, and fails if it is as bad as that.
func (a *app) printChecked(all []*checked, strict bool) error {
	counts := map[templates.Level]int{}
	for _, c := range all {
		if !a.json {
			c.print(a.stdout)
		}
		for _, f := range c.Findings {
			counts[f.Level]++
		}
	}
	if a.json {
		if err := a.printJSON(all); err != nil {
			return err
		}
	}
	if n := counts[templates.Error]; n > 0 {
		return fmt.Errorf("check found %s", count(n, "error"))
	}
	if n := counts[templates.Warning]; n > 0 && strict {
		return fmt.Errorf("check found %s", count(n, "warning"))
	}
	return nil
}

// findingsShown is how many findings of one kind are shown to people.
const findingsShown = 5

// levels are those of findings, the worst first.
var levels = []templates.Level{templates.Error, templates.Warning, templates.Info}

// print writes the findings by kind, the worst first, and else in the order in which they were found.
func (c *checked) print(w io.Writer) {
	fmt.Fprint(w, cmp.Or(c.Template, c.File))
	if len(c.Sites) == 1 {
		fmt.Fprintf(w, " for %s", c.Sites[0])
	} else if len(c.Sites) > 1 {
		fmt.Fprintf(w, " for %s", count(len(c.Sites), "site"))
	}
	if len(c.Findings) == 0 {
		fmt.Fprint(w, ": nothing found")
	}
	fmt.Fprintln(w)
	type group struct {
		level templates.Level
		kind  string
	}
	var order []group
	groups := map[group][]finding{}
	for _, f := range c.Findings {
		g := group{f.Level, f.Kind}
		if groups[g] == nil {
			order = append(order, g)
		}
		groups[g] = append(groups[g], f)
	}
	slices.SortStableFunc(order, func(a, b group) int { return cmp.Compare(slices.Index(levels, a.level), slices.Index(levels, b.level)) })
	for _, g := range order {
		fmt.Fprintf(w, "  %s: %s\n", paintWord(w, g.level), g.kind)
		for i, f := range groups[g] {
			if i == findingsShown {
				fmt.Fprintf(w, "    and %d more\n", len(groups[g])-findingsShown)
				break
			}
			f.print(w, len(c.Sites))
		}
		if advice := groups[g][0].Advice; advice != "" {
			fmt.Fprintf(w, "    %s\n", advice)
		}
	}
}

// print writes a finding in one line; sites are those that were looked at.
func (f finding) print(w io.Writer, sites int) {
	place := ""
	switch {
	case f.Path != "":
		place = fmt.Sprintf("%d:%d %s: ", f.Line, f.Col, f.Path)
	case f.Entry != "":
		place = f.Entry + ": "
	}
	some := ""
	if f.Sites < sites {
		some = fmt.Sprintf(" (%s)", count(f.Sites, "site"))
	}
	fmt.Fprintf(w, "    %s%s%s\n", place, f.Text, some)
}
