package main

import (
	"github.com/spf13/cobra"

	"github.com/tabtemplate/tabtemplate/templates"
)

func (a *app) schemaCommand() *cobra.Command {
	var site bool
	cmd := &cobra.Command{
		Use:   "schema",
		Short: "Print the JSON Schema of manifests, for editors",
		Long: `schema prints the JSON Schema (draft 2020-12) of manifests, with which editors complete
keys, explain them and mark mistakes. Editors with the YAML language server take it from the
first line of a manifest:

  # yaml-language-server: $schema=tabtemplate.schema.json`,
		Example: `  tabtemplate schema > tabtemplate.schema.json
  tabtemplate schema --site > site.schema.json`,
		Args: noArgs,
		RunE: func(*cobra.Command, []string) error {
			schema := templates.Schema
			if site {
				schema = templates.SiteSchema
			}
			_, err := a.stdout.Write(schema())
			return err
		},
	}
	cmd.Flags().BoolVar(&site, "site", false, "the schema of the YAML files of sites_from, with one site each")
	return cmd
}
