package main

import (
	"os"
	"runtime"

	"github.com/spf13/cobra"

	"github.com/tabtemplate/tabtemplate/templates"
)

// selection is the sites a verb works on: --site or --all.
type selection struct {
	sites      []string
	all        bool
	orExamples bool // none asked for is the first of all that have the same templates and edits
}

func (s *selection) flags(cmd *cobra.Command) {
	cmd.Flags().StringArrayVar(&s.sites, "site", nil, "the `KEY` of a site in the manifest; may be repeated")
	cmd.Flags().BoolVar(&s.all, "all", false, "all sites of the manifest")
}

// jobsFlag is how many sites are rendered at a time.
func jobsFlag(cmd *cobra.Command, jobs *int) {
	cmd.Flags().IntVar(jobs, "jobs", runtime.GOMAXPROCS(0), "`N` sites at a time")
}

func checkJobs(jobs int) error {
	if jobs < 1 {
		return usagef("--jobs %d: it must be 1 or more", jobs)
	}
	return nil
}

// load reads the manifest, shows its warnings, and picks the sites that were asked for.
func (a *app) load(s *selection) (*templates.Manifest, []*templates.Site, error) {
	switch {
	case s.all && len(s.sites) > 0:
		return nil, nil, usagef("--all and --site exclude each other")
	case !s.all && len(s.sites) == 0 && !s.orExamples:
		return nil, nil, usagef("which sites? --site KEY, or --all for all of the manifest")
	}
	m, err := a.read()
	if err != nil {
		return nil, nil, err
	}
	sites, err := s.pick(m)
	if err != nil {
		return nil, nil, &usageError{err}
	}
	a.problems("warning:", m.Warnings())
	return m, sites, nil
}

// read reads the manifest.
func (a *app) read() (*templates.Manifest, error) {
	m, err := templates.Load(a.manifest, templates.WithEnv(os.LookupEnv), templates.WithFiles(os.ReadFile), templates.WithSecrets(a.secret))
	if err != nil {
		return nil, &usageError{err}
	}
	return m, nil
}

func (s *selection) pick(m *templates.Manifest) ([]*templates.Site, error) {
	switch {
	case s.all:
		return m.Sites(), nil
	case len(s.sites) == 0:
		return m.Examples(), nil
	}
	var picked []*templates.Site
	seen := map[string]bool{}
	for _, key := range s.sites {
		site, err := m.Site(key)
		if err != nil {
			return nil, err
		}
		if !seen[key] {
			seen[key] = true
			picked = append(picked, site)
		}
	}
	return picked, nil
}
