package templates

import _ "embed" // schema

//go:embed schema.json
var schema string

// Schema returns the JSON Schema (draft 2020-12) of manifests, with which editors complete and explain them. What it refuses
// Load refuses, too; but Load sees more: what expressions refer to, and files.
func Schema() []byte { return []byte(schema) }
