package scaffold

import (
	"bytes"
	"fmt"
	"strings"
)

// top is what a manifest says before its vars.
const top = `# Which templates go to which sites, and what is different there. docs/manifest.md of
# https://github.com/tabtemplate/tabtemplate explains every key, and editors complete them with the
# schema that ` + "`tabtemplate schema`" + ` prints.
#
#   tabtemplate check --all    does all of it fit together?
#   tabtemplate plan --all     what would be published, and what is changed on the way
#   tabtemplate publish --all
version: 1

server:
  url: emulator # a Tableau Server inside this process, to try things. The real one:
  # url: https://tableau.example.com
  # sign_in:
  #   token: {name: ci, secret: '${env("TABLEAU_TOKEN_SECRET")}'}
`

// text writes the manifest.
func (d *draft) text() []byte {
	var out bytes.Buffer
	out.WriteString(top)
	d.writeVars(&out)
	d.writeSites(&out)
	out.WriteString("\ntemplates:\n")
	for i, t := range d.templates {
		if i > 0 {
			out.WriteByte('\n')
		}
		t.write(&out)
	}
	return out.Bytes()
}

func (d *draft) writeVars(out *bytes.Buffer) {
	if len(d.vars.all()) == 0 {
		return
	}
	out.WriteString("\nvars: # what may differ, with the templates' own values: a site that says no other has these\n")
	for _, g := range d.vars.groups {
		var pairs []string
		for _, v := range g.vars {
			pairs = append(pairs, strings.TrimPrefix(v.name, g.name+".")+": "+inVars(v.value))
		}
		lines := flow("  "+g.name+": ", pairs)
		lines[0] += " # " + inComment(g.class+" of "+strings.Join(g.notes, ", "))
		out.WriteString(strings.Join(lines, "\n") + "\n")
	}
	for _, v := range d.vars.singles {
		fmt.Fprintf(out, "  %s: %s # %s\n", v.name, inVars(v.value), inComment(v.note))
	}
}

// inVars is a value as vars have it: text with ${ in it says that this is no expression.
func inVars(v any) string {
	switch v := v.(type) {
	case string:
		return literal(v)
	case []any:
		var items []string
		for _, item := range v {
			items = append(items, inVars(item))
		}
		return "[" + strings.Join(items, ", ") + "]"
	}
	return scalar(v)
}

func (d *draft) writeSites(out *bytes.Buffer) {
	out.WriteString("\nsites: # the customers; the key is what --site takes, and the site's part of the URL\n")
	for i, key := range exampleSites {
		fmt.Fprintf(out, "  %s:\n", key)
		if i == 0 {
			out.WriteString("    # content_url: acme-prod # where that is not the key\n")
		}
		if pairs := d.overrides(i); len(pairs) > 0 {
			fmt.Fprintf(out, "    vars: {%s}", strings.Join(pairs, ", "))
			if i == 0 {
				out.WriteString(" # what is different here")
			}
			out.WriteByte('\n')
		}
	}
	out.WriteString("# sites_from: [tenants.csv] # more of them, one a row: a column site, the others are vars\n")
}

// overrides are the vars that an example site says otherwise, in the order of the vars.
func (d *draft) overrides(site int) (pairs []string) {
	for _, g := range d.vars.groups {
		var inside []string
		for _, v := range g.vars {
			if value, ok := d.sites[site][v.name]; ok {
				inside = append(inside, strings.TrimPrefix(v.name, g.name+".")+": "+inVars(value))
			}
		}
		if inside != nil {
			pairs = append(pairs, g.name+": {"+strings.Join(inside, ", ")+"}")
		}
	}
	for _, v := range d.vars.singles {
		if value, ok := d.sites[site][v.name]; ok {
			pairs = append(pairs, v.name+": "+inVars(value))
		}
	}
	return pairs
}

// projects are where templates are published to, by their kind.
var projects = map[string]string{"workbook": "Dashboards", "datasource": "Data Sources"}

func (t *template) write(out *bytes.Buffer) {
	fmt.Fprintf(out, "  %s:\n    file: %s\n    publish:\n      as: %s\n", t.key, quote(t.path), literal(t.name))
	fmt.Fprintf(out, "      project: %s\n      create_project: true\n", projects[t.kind()])
	if t.logs {
		out.WriteString("      # credentials: # without them the server asks every viewer\n" +
			"      #   - {connection: {}, user: reader, password: '${secret(\"db\")}', embed: true}\n")
	}
	lead := "    edits:\n"
	edits := false
	for _, e := range t.body {
		edits = edits || e.edit != nil
	}
	if !edits {
		lead = "    # edits: # nothing of it seems to differ from site to site\n"
	}
	if len(t.body) > 0 || !edits {
		out.WriteString(lead)
	}
	for _, e := range t.body {
		for _, line := range e.lines {
			out.WriteString("      " + line + "\n")
		}
	}
}
