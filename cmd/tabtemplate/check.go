package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tabtemplate/tabtemplate/documents"
	"github.com/tabtemplate/tabtemplate/templates"
)

// schemasAddress is where Tableau publishes its schemas.
const schemasAddress = "https://github.com/tableau/tableau-document-schemas"

func (a *app) checkCommand() *cobra.Command {
	c := checker{app: a}
	cmd := &cobra.Command{
		Use:   "check [FILE…]",
		Short: "Find what is wrong with a manifest and its templates before it is published",
		Long: `check reads the manifest, edits all of its templates as render does, and reports what is wrong
with the result. It writes and publishes nothing. It finds

  edits that fail: they match nothing, or more than they say, or set what cannot be
  published data sources that no template of the manifest is published as
  documents that Tableau would refuse: names of what is not there, names that are there
    twice, elements out of order, features that are not listed, files that are missing
  extracts and data files that every site gets the same rows of although its edits differ
  what is left of the author: secrets, servers and sites, users, pictures, results of queries

What an edit brought is an error, and so is a secret that is left; what the template itself
has against it is only told. What can be taken out or replaced is a warning, and what is meant
to be so is an info. Each comes with its place in the template, and with what to do about it.

Without --site and --all it is the first of all sites that have the same templates and edits:
what is wrong with a rule is wrong there. A value that is wrong on one site is found with --all.

With --schema workbooks are held against Tableau's own schema, too. Tableau publishes one for
each version: ` + schemasAddress + ` has them in the
folder schemas. There is none of data sources, which are left out.

With files it reports on them as they are, without a manifest: what Tableau would refuse, as
warnings, and what they tell of their author.

It exits with 1 if there are errors, with --strict also if there are warnings, and with 2 if
the manifest itself, or the schema, cannot be read.`,
		Example: `  tabtemplate check
  tabtemplate check --all --strict
  tabtemplate check --site acme --schema twb_2026.2.0.xsd
  tabtemplate check --json sales.twbx`,
		RunE: func(cmd *cobra.Command, files []string) error {
			if len(files) > 0 && (c.sites.all || len(c.sites.sites) > 0) {
				return usagef("--site and --all are for the templates of a manifest, not for files")
			}
			if err := checkJobs(c.jobs); err != nil {
				return err
			}
			if err := c.readSchema(cmd.Context()); err != nil {
				return err
			}
			if len(files) > 0 {
				return c.files(files)
			}
			return c.manifest(cmd.Context())
		},
	}
	c.sites.flags(cmd)
	jobsFlag(cmd, &c.jobs)
	cmd.Flags().BoolVar(&c.strict, "strict", false, "fail on warnings, too")
	cmd.Flags().StringVar(&c.schemaPath, "schema", "", "the `FILE` of Tableau's schema (.xsd) to hold workbooks against")
	return cmd
}

// checker is one run of check.
type checker struct {
	app        *app
	sites      selection
	jobs       int
	strict     bool
	schemaPath string
	schema     documents.Validator // nil for none
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
	Sites int    `json:"sites,omitempty"`
	Site  string `json:"site,omitempty"` // the first of them
}

// add adds what was found on a site, or in a file where that is nil.
func (c *checked) add(s *templates.Site, found ...templates.Finding) {
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
		if s == nil {
			continue
		}
		if c.Findings[i].Sites++; c.Findings[i].Sites == 1 {
			c.Findings[i].Site = s.Key
		}
	}
}

// files reports on every file it can open, and then fails if there was one it could not.
func (c *checker) files(paths []string) error {
	all := []*checked{}
	var failed []error
	for _, path := range paths {
		f, err := documents.Open(path)
		if err != nil {
			failed = append(failed, err)
			continue
		}
		one := &checked{File: path, Findings: []finding{}}
		faults, err := templates.InspectFaults(f, c.schema)
		one.add(nil, slices.Concat(faults, templates.Inspect(f))...)
		c.leaveOut(one, f.Kind().IsWorkbook())
		all = append(all, one)
		failed = append(failed, err, f.Close())
	}
	return errors.Join(errors.Join(failed...), c.print(all))
}

// leaveOut says of a data source that no schema is for it.
func (c *checker) leaveOut(one *checked, workbook bool) {
	if c.schema != nil && !workbook {
		one.add(nil, templates.Finding{Level: templates.Info, Kind: string(documents.FaultSchema), Text: "not held against the schema, which is of workbooks"})
	}
}

// manifest reports on what the templates of the manifest become.
func (c *checker) manifest(ctx context.Context) (err error) {
	a := c.app
	c.sites.orExamples = true
	m, picked, err := a.load(&c.sites)
	if err != nil {
		return err
	}
	opened, err := m.Open()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, opened.Close()) }()
	if n := len(m.Sites()); len(picked) < n && len(c.sites.sites) == 0 && !a.quiet {
		fmt.Fprintf(a.stderr, "%d of %d sites: the first of all that have the same templates and edits; --all checks each\n", len(picked), n)
	}
	all := []*checked{}
	for _, t := range m.Templates() {
		all = append(all, &checked{File: t.Path, Template: t.Name, Findings: []finding{}})
	}
	checker := opened.Checker(c.schema)
	work := func(s *templates.Site) [][]templates.Finding {
		found := make([][]templates.Finding, len(all))
		for i, t := range m.Templates() {
			if t.For(s) {
				found[i] = append([]templates.Finding{}, checker.Check(s, t)...)
			}
		}
		return found
	}
	err = templates.Each(ctx, picked, c.jobs, work, func(s *templates.Site, found [][]templates.Finding) error {
		for i, one := range found {
			if one == nil {
				continue // the template is not for the site
			}
			for k := range one {
				if len(picked) > 1 {
					one[k].Text = anySite(one[k].Text, s)
				}
			}
			all[i].Sites = append(all[i].Sites, s.Key)
			all[i].add(s, one...)
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, one := range all {
		c.leaveOut(one, strings.HasPrefix(strings.ToLower(filepath.Ext(one.File)), ".twb"))
	}
	onNone := func(c *checked) bool { return len(c.Sites) == 0 }
	return c.print(slices.DeleteFunc(all, onNone))
}
