package templates

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write docs/reference.md")

const referencePage = "../docs/reference.md"

// The reference in docs is made from the schema; with -update it is written.
func TestReference(t *testing.T) {
	t.Parallel()
	page := newReference(t).page()
	if *update {
		if err := os.WriteFile(referencePage, []byte(page), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(referencePage)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(page, string(have)); diff != "" {
		t.Errorf("docs/reference.md is not that of the schema; `go test ./templates -run TestReference -update` writes it (-schema +page):\n%s", diff)
	}
}

// node is what the reference tells of a part of the schema.
type node struct {
	Ref         string          `json:"$ref"`
	Title       string          `json:"title"`
	Description string          `json:"description"`
	Type        any             `json:"type"`
	Enum        []any           `json:"enum"`
	Const       any             `json:"const"`
	Default     any             `json:"default"`
	Examples    []any           `json:"examples"`
	Required    []string        `json:"required"`
	AnyOf       []node          `json:"anyOf"`
	OneOf       []node          `json:"oneOf"`
	Items       *node           `json:"items"`
	Properties  ordered         `json:"properties"`
	Additional  json.RawMessage `json:"additionalProperties"`
}

// ordered are properties in the order of the schema.
type ordered []property

type property struct {
	key string
	node
}

func (o *ordered) UnmarshalJSON(text []byte) error {
	d := json.NewDecoder(bytes.NewReader(text))
	if _, err := d.Token(); err != nil {
		return err
	}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return err
		}
		p := property{key: key.(string)}
		if err := d.Decode(&p.node); err != nil {
			return err
		}
		*o = append(*o, p)
	}
	return nil
}

// A keyReference makes the page.
type keyReference struct {
	strings.Builder
	defs map[string]node
	at   map[string]bool // parts that have a section
}

// referenceParts are the parts of a manifest that have sections of their own, from the outside in. Edits come after them.
var referenceParts = []struct{ def, heading string }{
	{"manifest", "The manifest"},
	{"server", "server"},
	{"sign_in", "sign_in"},
	{"site", "sites.KEY"},
	{"site_file", "A file of sites_from"},
	{"template", "templates.NAME"},
	{"publish", "publish"},
	{"credential", "credentials"},
	{"permission_rule", "permissions"},
	{"schedule", "schedules"},
}

// sharedKeys are those that edits have in common.
var sharedKeys = []string{"datasource", "when", "optional", "all"}

func newReference(t *testing.T) *keyReference {
	var top struct {
		Defs map[string]node `json:"$defs"`
	}
	if err := json.Unmarshal(Schema(), &top); err != nil {
		t.Fatal(err)
	}
	return &keyReference{defs: top.Defs, at: map[string]bool{}}
}

func (r *keyReference) page() string {
	r.WriteString(`# All keys of a manifest

Made from the JSON Schema that ` + "`tabtemplate schema`" + ` prints. [manifest.md](manifest.md) explains how they go together, with
examples; here is what each takes. *Text* may have expressions in it, and a list, number or boolean may be one whole expression.

`)
	var edits []string
	for _, one := range r.defs["edit"].OneOf {
		edits = append(edits, strings.TrimPrefix(one.Ref, "#/$defs/"))
	}
	for _, part := range referenceParts {
		r.at[part.def] = true
	}
	for _, part := range referenceParts {
		r.section(part.def, "## "+part.heading, nil)
	}
	fmt.Fprintf(r, "## edits\n\n%s An edit is a mapping with one of these verbs, and its keys:\n\n| verb | what it does |\n|---|---|\n", r.defs["edit"].Description)
	for _, def := range edits {
		fmt.Fprintf(r, "| [`%s`](#%s) | %s |\n", def, anchor(def), r.defs[def].Description)
	}
	fmt.Fprintf(r, "\nNearly all of them take these, too:\n\n")
	r.table(slices.DeleteFunc(slices.Clone(r.defs["connection"].Properties), func(p property) bool { return !slices.Contains(sharedKeys, p.key) }), nil)
	for _, def := range edits {
		r.section(def, "### "+def, sharedKeys)
	}
	return strings.TrimRight(r.String(), "\n") + "\n"
}

func anchor(heading string) string { return strings.ReplaceAll(strings.ToLower(heading), ".", "") }

// section tells of one part, but for keys that stand elsewhere.
func (r *keyReference) section(def, heading string, without []string) {
	n := r.defs[def]
	r.WriteString(heading + "\n\n")
	if n.Description != "" {
		r.WriteString(n.Description + "\n\n")
	}
	var own, lacks ordered
	for _, p := range n.Properties {
		if !slices.Contains(without, p.key) {
			own = append(own, p)
		}
	}
	for _, key := range without {
		if !slices.ContainsFunc(n.Properties, func(p property) bool { return p.key == key }) {
			lacks = append(lacks, property{key: key})
		}
	}
	r.table(own, n.Required)
	if len(lacks) > 0 {
		var keys []string
		for _, p := range lacks {
			keys = append(keys, "`"+p.key+"`")
		}
		fmt.Fprintf(r, "It takes no %s.\n\n", strings.Join(keys, ", "))
	}
}

func (r *keyReference) table(keys ordered, required []string) {
	r.WriteString("| key | takes | what it says |\n|---|---|---|\n")
	for _, p := range keys {
		needed := ""
		if slices.Contains(required, p.key) {
			needed = " (needed)"
		}
		fmt.Fprintf(r, "| `%s`%s | %s | %s |\n", p.key, needed, cell(r.takes(p.node, 0)), cell(r.says(p.node)))
	}
	r.WriteString("\n")
}

// cell is text in a cell of a table.
func cell(text string) string {
	return strings.ReplaceAll(strings.ReplaceAll(text, "|", `\|`), "\n", " ")
}

// says is what a key says, with its default and an example.
func (r *keyReference) says(n node) string {
	described := n
	for described.Description == "" && described.Ref != "" {
		described = r.def(described.Ref)
	}
	text := []string{described.Description}
	if n.Default != nil {
		text = append(text, fmt.Sprintf("Default %s.", code(n.Default)))
	}
	if len(described.Examples) > 0 {
		text = append(text, "For example "+code(described.Examples[0])+".")
	}
	return strings.TrimSpace(strings.Join(text, " "))
}

// def is what a reference leads to: a definition, or a property of one.
func (r *keyReference) def(ref string) node {
	def, key, within := strings.Cut(strings.TrimPrefix(ref, "#/$defs/"), "/properties/")
	if !within {
		return r.defs[def]
	}
	i := slices.IndexFunc(r.defs[def].Properties, func(p property) bool { return p.key == key })
	return r.defs[def].Properties[i].node
}

func code(v any) string {
	text, err := json.Marshal(v)
	if s, ok := v.(string); ok || err != nil {
		return "`" + s + "`"
	}
	return "`" + string(text) + "`"
}

// takes is what may stand at a key, in words.
func (r *keyReference) takes(n node, depth int) string {
	name := strings.TrimPrefix(n.Ref, "#/$defs/")
	switch {
	case name == "edit":
		return "[edits](#edits)"
	case r.at[name]:
		for _, part := range referenceParts {
			if part.def == name {
				return fmt.Sprintf("[%s](#%s)", strings.TrimSuffix(part.heading, ".KEY"), strings.ReplaceAll(anchor(part.heading), " ", "-"))
			}
		}
	case name == "expression" || name == "interpolated":
		return "" // as said above
	case name == "var": // which has vars in it
		return "any value, list or mapping"
	case n.Ref != "":
		return r.takes(r.def(n.Ref), depth)
	case n.Const != nil:
		return code(n.Const)
	case n.Enum != nil:
		var all []string
		for _, v := range n.Enum {
			if text := code(v); !slices.Contains(all, text) { // 1 and "1"
				all = append(all, text)
			}
		}
		return strings.Join(all, ", ")
	case len(n.AnyOf)+len(n.OneOf) > 0 && n.Properties == nil:
		var all []string
		for _, one := range append(slices.Clone(n.AnyOf), n.OneOf...) {
			if text := r.takes(one, depth); text != "" && !slices.Contains(all, text) {
				all = append(all, text)
			}
		}
		return strings.Join(all, ", or ")
	case n.Items != nil:
		return "a list of " + r.takes(*n.Items, depth)
	case n.Properties != nil && depth == 0:
		var keys, kinds []string
		for _, p := range n.Properties {
			takes := r.takes(p.node, depth+1)
			if !slices.Contains(kinds, takes) {
				kinds = append(kinds, takes)
			}
			keys = append(keys, "`"+p.key+"`")
			if takes != "text" {
				keys[len(keys)-1] += " (" + takes + ")"
			}
		}
		text := "a mapping with " + strings.Join(keys, ", ")
		if len(kinds) == 1 && kinds[0] != "text" { // once for all
			return strings.ReplaceAll(text, " ("+kinds[0]+")", "") + ": " + kinds[0]
		}
		return text
	case n.Type == "object":
		var each node
		if json.Unmarshal(n.Additional, &each) == nil && depth == 0 {
			return "a mapping of names to " + r.takes(each, depth+1)
		}
		return "a mapping"
	}
	return words(n.Type)
}

// words are the types of JSON as people say them.
func words(kind any) string {
	if all, ok := kind.([]any); ok {
		if len(all) == 3 && all[0] == "string" {
			return "a value"
		}
		if len(all) == 4 {
			return "a value or null"
		}
		var text []string
		for _, one := range all {
			text = append(text, words(one))
		}
		return strings.Join(text, ", ")
	}
	switch kind {
	case "string":
		return "text"
	case "integer":
		return "number"
	case nil:
		return "anything"
	}
	return fmt.Sprint(kind)
}
