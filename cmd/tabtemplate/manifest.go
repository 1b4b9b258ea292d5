package main

import (
	"os"

	"github.com/spf13/cobra"

	"github.com/tabtemplate/tabtemplate/templates"
)

// selection is the sites a verb works on: --site or --all.
type selection struct {
	sites []string
	all   bool
}

func (s *selection) flags(cmd *cobra.Command) {
	cmd.Flags().StringSliceVar(&s.sites, "site", nil, "a site of the manifest, by its key; may be given several times")
	cmd.Flags().BoolVar(&s.all, "all", false, "all sites of the manifest")
}

// load reads the manifest and shows its warnings.
func (a *app) load() (*templates.Manifest, error) {
	m, err := templates.Load(a.manifest, templates.WithEnv(os.LookupEnv), templates.WithFiles(os.ReadFile))
	if err != nil {
		return nil, err
	}
	if !a.quiet {
		a.problems("warning: ", m.Warnings())
	}
	return m, nil
}

// pick is the sites of m that were asked for.
func (s *selection) pick(m *templates.Manifest) ([]*templates.Site, error) {
	switch {
	case s.all && len(s.sites) > 0:
		return nil, usagef("--all and --site exclude each other")
	case s.all:
		return m.Sites(), nil
	case len(s.sites) == 0:
		return nil, usagef("which sites? --site KEY, or --all for all of the manifest")
	}
	var picked []*templates.Site
	seen := map[string]bool{}
	for _, key := range s.sites {
		site, err := m.Site(key)
		if err != nil {
			return nil, &usageError{err}
		}
		if !seen[key] {
			seen[key] = true
			picked = append(picked, site)
		}
	}
	return picked, nil
}
