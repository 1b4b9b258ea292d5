package templates

import (
	_ "embed" // schema
	"strings"
)

//go:embed schema.json
var schema string

// Schema returns the JSON Schema (draft 2020-12) of manifests, with which editors complete and explain them. What it refuses
// Load refuses, too; but Load sees more: what expressions refer to, and files.
func Schema() []byte { return []byte(schema) }

// SiteSchema returns the JSON Schema of the YAML files, with one site each, that sites_from names.
func SiteSchema() []byte {
	return []byte(strings.NewReplacer(
		"/manifest.schema.json", "/site.schema.json",
		`"title": "tabtemplate.yaml"`, `"title": "a site of sites_from"`,
		`"$ref": "#/$defs/manifest"`, `"$ref": "#/$defs/site_file"`,
	).Replace(schema))
}
