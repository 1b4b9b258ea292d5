package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/tabtemplate/tabtemplate/rest"
)

func (a *app) sitesCommand() *cobra.Command {
	var in sessionFlags
	cmd := &cobra.Command{
		Use:   "sites",
		Short: "List the sites of a server",
		Long: `sites lists the sites of a server that whoever signs in may see, with the part of the URL
that names each.`,
		Example: `  tabtemplate sites --server https://tableau.example.com --user admin`,
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withSession(cmd, &in, func(ctx context.Context, s *rest.Session) error {
				sites, err := rest.Collect(s.Sites.All(ctx, rest.Query{}))
				if err != nil {
					return err
				}
				t := newTable(a.stdout, "SITE", "NAME", "STATE")
				for _, site := range sites {
					t.AppendRow([]any{site.ContentURL, site.Name, site.State})
				}
				t.Render()
				return nil
			})
		},
	}
	in.flags(cmd)
	return cmd
}
