package templates

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/tabtemplate/tabtemplate/documents"
	"github.com/tabtemplate/tabtemplate/documents/tds"
	"github.com/tabtemplate/tabtemplate/documents/twb"
)

// A generator makes a manifest for a file: edits of all that the file has, with values that say which site they are of.
type generator struct {
	random *rand.Rand
	dir    string   // the manifest's folder
	sites  []string // their keys, which are the markers of the sites, too
	vars   int      // of each site
	edits  []map[string]any
}

// siteKey returns the key of a site: no template has anything like it.
func siteMarker(i int) string { return fmt.Sprintf("zq%03dq", i) }

func newGenerator(seed uint64, dir string, sites int) *generator {
	g := &generator{random: rand.New(rand.NewPCG(seed, 7)), dir: dir}
	for i := range sites {
		g.sites = append(g.sites, siteMarker(i))
	}
	return g
}

func (g *generator) maybe(percent int) bool { return g.random.IntN(100) < percent }

func pick[T any](g *generator, of ...T) T { return of[g.random.IntN(len(of))] }

// name is a new var of each site, in some form: letters and digits of the site it is for.
func (g *generator) name() string {
	g.vars++
	v := fmt.Sprintf("v%d", g.vars)
	return pick(g, "${"+v+"}", "${upper("+v+")}", "${deep."+v+"}", "a${"+v+"}", "${["+v+`, "x"][0]}`, `${site.key + "n`+fmt.Sprint(g.vars)+`"}`,
		`${let x = deep.`+v+`; x}`, `${`+v+` == "" ? "none" : `+v+`}`, "${list"+fmt.Sprint(g.vars%3)+"[1] + "+v+"}")
}

// text is a name, among characters that mean something somewhere.
func (g *generator) text() string {
	return g.name() + pick(g, "", " & more", " <b>", ` "quoted"`, " it's", " ¦", " Müller ✓", "]", ` \ /`)
}

// add adds an edit, maybe with conditions that hold for every site.
func (g *generator) add(edit map[string]any, narrow *tds.Datasource) {
	if narrow != nil {
		edit["datasource"] = narrow.Name()
	}
	if g.maybe(20) {
		edit["when"] = `site.key != "nobody"`
	}
	if g.maybe(30) {
		edit["all"] = true
	}
	g.edits = append(g.edits, edit)
}

// perSite writes a file for each site and returns its path, as the manifest says it.
func (g *generator) perSite(t testing.TB, name string, text func(site string) string) string {
	t.Helper()
	ext := filepath.Ext(name)
	stem := fmt.Sprintf("%s%d_", strings.TrimSuffix(name, ext), len(g.edits))
	for _, site := range g.sites {
		if err := os.WriteFile(filepath.Join(g.dir, stem+site+ext), []byte(text(site)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return stem + "${site.key}" + ext
}

// forFile makes edits for a file.
func (g *generator) forFile(t testing.TB, f *documents.File) {
	t.Helper()
	var worksheets []string
	if wb, ok := f.Workbook(); ok {
		for v := range wb.Views() {
			if v.Kind == twb.Worksheet {
				worksheets = append(worksheets, v.Name)
			}
		}
	}
	for ds := range f.Datasources() {
		if _, ok := ds.Published(); ok {
			g.reference(t, ds)
			continue
		}
		g.connections(ds)
		g.fields(ds, worksheets)
		if g.maybe(40) {
			g.add(map[string]any{"datasource_caption": ds.Name(), "to": g.text()}, nil)
		}
		if ds.HasExtract() && g.maybe(60) {
			file := g.perSite(t, "extract.hyper", func(site string) string { return "Hyper of " + site })
			edit := map[string]any{"extract": "replace", "file": file}
			if g.maybe(50) {
				edit["as"] = "${site.key}.hyper"
			}
			g.add(edit, ds)
		}
	}
	g.entries(t, f)
	g.texts(t, f)
	g.workbook(f)
	if g.maybe(50) {
		g.add(map[string]any{"scrub": []any{pick(g, "provenance", "caches", "credentials", "users", "history", "statistics")}}, nil)
	}
	g.add(map[string]any{"xml": "/" + pick(g, slices.Collect(f.Datasources())...).Element().Path()[1:], "add": map[string]any{"note": g.text()}}, nil)
	g.random.Shuffle(len(g.edits), func(i, j int) { g.edits[i], g.edits[j] = g.edits[j], g.edits[i] })
}

// reference makes an edit of a reference to a published data source.
func (g *generator) reference(t testing.TB, ds *tds.Datasource) {
	t.Helper()
	if ds.Caption() != "Plans" { // of which there is a definition
		g.add(map[string]any{"published": ds.Name(), "to": g.name(), "caption": g.text()}, nil)
		return
	}
	definition, err := os.ReadFile("testdata/every/plans.tds")
	if err != nil {
		t.Fatal(err)
	}
	from := g.perSite(t, "plans.tds", func(site string) string {
		return regexp.MustCompile(`server='[^']*'`).ReplaceAllString(string(definition), "server='"+site+"'")
	})
	g.add(map[string]any{"embed": ds.Name(), "from": from}, nil)
}

// connections makes edits of where a data source gets its data from.
func (g *generator) connections(ds *tds.Datasource) {
	for c := range ds.Connections() {
		set := map[string]any{}
		for name, old := range map[string]string{"server": c.Server(), "dbname": c.DBName(), "username": c.Username(), "initial_sql": c.InitialSQL(), "caption": c.Caption()} {
			if old != "" && c.Server() != "" && g.maybe(70) {
				set[name] = g.name()
			}
		}
		if len(set) > 0 {
			match := map[string]any{}
			if c.Name() != "" {
				match["name"] = c.Name()
			}
			g.add(map[string]any{"connection": match, "set": set}, ds)
		}
	}
	for table := range ds.Tables() {
		switch from := table.Name; {
		case g.maybe(30):
			g.add(map[string]any{"table": map[string]any{"from": from.String(), "to": "[" + g.name() + "].[" + g.name() + "]"}}, ds)
		case from.Schema() != "" && g.maybe(50):
			g.add(map[string]any{"schema": map[string]any{"from": from.Schema(), "to": g.name()}}, ds)
		case from.Database() != "" && g.maybe(50):
			g.add(map[string]any{"database": map[string]any{"from": from.Database(), "to": g.name()}}, ds)
		}
	}
	for q := range ds.SQLQueries() {
		g.add(map[string]any{"custom_sql": q.Name(), "sql": "SELECT '" + g.name() + "' -- <> & \"" + g.name()}, ds)
	}
	for p := range ds.Procedures() {
		set := map[string]any{}
		for a := range p.Arguments() {
			if a.Datatype == "string" {
				set[a.Name] = g.text()
			}
		}
		if len(set) > 0 {
			g.add(map[string]any{"stored_procedure": p.Table().String(), "set": set, "new": true}, ds)
		}
	}
}

// fields makes edits of some fields of a data source.
func (g *generator) fields(ds *tds.Datasource, worksheets []string) {
	for c := range ds.Columns() {
		if !g.maybe(40) {
			continue
		}
		values := []any{g.text(), g.text(), nil}
		set := map[string]any{"caption": g.text(), "description": g.text()}
		possible := []map[string]any{{"caption": c.Name, "to": g.text()}, {"column": c.Name, "set": set}}
		if c.Datatype == "string" {
			possible = append(possible,
				map[string]any{"column": c.Name, "set": set, "aliases": []any{map[string]any{"value": g.name(), "as": g.text()}}},
				map[string]any{"filter": c.Name, "include": values, "manual": g.maybe(50)},
				map[string]any{"filter": c.Name, "exclude": fmt.Sprintf("${[v%d, deep.v%d]}", g.vars, g.vars)})
			if ds.HasExtract() {
				possible = append(possible, map[string]any{"extract_filter": c.Name, "include": values})
			}
			if len(worksheets) > 0 {
				possible = append(possible, map[string]any{"worksheet_filter": c.Name, "worksheet": pick(g, worksheets...), "include": values})
			}
		}
		g.add(pick(g, possible...), ds)
	}
	g.add(map[string]any{"calculated_field": "New " + g.name(), "formula": `"` + g.name() + `"`, "datatype": "string"}, ds)
}

// entries makes edits of what a package holds.
func (g *generator) entries(t testing.TB, f *documents.File) {
	t.Helper()
	for entry := range f.Entries() {
		ext := filepath.Ext(entry.Name)
		if !slices.Contains([]string{".csv", ".png", ".txt"}, strings.ToLower(ext)) || !g.maybe(60) {
			continue
		}
		file := g.perSite(t, "data"+ext, func(site string) string { return "\x89PNG,of," + site })
		edit := map[string]any{"data_file": entry.Name, "file": file}
		if g.maybe(50) {
			edit["as"] = "file_${site.key}" + ext
		}
		g.add(edit, nil)
	}
}

// texts makes edits of what people see: a table for each site, and texts in the manifest.
func (g *generator) texts(t testing.TB, f *documents.File) {
	t.Helper()
	texts, err := f.Texts(tds.TextSelection{Except: []tds.TextKind{tds.FolderTexts, tds.CaptionTexts, tds.DatasourceTexts, tds.ParameterTexts}})
	if err != nil {
		t.Fatal(err)
	}
	var plain []string
	for _, text := range texts {
		if !strings.ContainsAny(text.Text, "<¦‖\n\"\r") && len(text.Text) > 3 && !slices.Contains(plain, text.Text) {
			plain = append(plain, text.Text)
		}
	}
	if len(plain) == 0 {
		return
	}
	g.random.Shuffle(len(plain), func(i, j int) { plain[i], plain[j] = plain[j], plain[i] })
	if g.maybe(50) {
		g.add(map[string]any{"text": plain[0], "with": g.name()}, nil)
		return
	}
	table := g.perSite(t, "strings.csv", func(site string) string {
		text := "from,to\n"
		for i, from := range plain[:min(len(plain), 10)] {
			text += fmt.Sprintf("%q,\"%s %d\"\n", from, site, i)
		}
		return text
	})
	g.add(map[string]any{"translate": table}, nil)
}

// workbook makes edits of what workbooks alone have.
func (g *generator) workbook(f *documents.File) {
	wb, ok := f.Workbook()
	if !ok {
		return
	}
	for p := range wb.Parameters() {
		switch {
		case p.Datatype != "string":
		case g.maybe(50):
			v := g.name()
			g.add(map[string]any{"parameter": p.Name, "value": v, "values": []any{map[string]any{"value": v, "as": g.text()}, g.text()}, "pin": true}, nil)
		default:
			g.add(map[string]any{"parameter": p.Name, "caption": g.text()}, nil)
		}
	}
	g.add(map[string]any{"parameter": "New " + g.name(), "add": map[string]any{"type": "string", "description": g.text()}, "value": g.text()}, nil)
	for v := range wb.Views() {
		if g.maybe(30) {
			g.add(map[string]any{"view": v.Name, "name": g.name()}, nil)
		}
	}
}

// manifest is the manifest with the edits, as JSON, which is YAML.
func (g *generator) manifest(t testing.TB, file string) string {
	t.Helper()
	sites := map[string]any{}
	for i, key := range g.sites {
		vars := map[string]any{"list0": []any{key, key}, "list1": []any{"x", key + "l"}, "list2": []any{1, strings.ToUpper(key)}}
		deep := map[string]any{}
		for v := range g.vars {
			vars[fmt.Sprintf("v%d", v+1)] = fmt.Sprintf("%sv%dz", key, v+1)
			if (v+i)%2 == 0 {
				deep[fmt.Sprintf("v%d", v+1)] = fmt.Sprintf("%sd%dz", key, v+1)
			}
		}
		vars["deep"] = deep
		sites[key] = map[string]any{"vars": vars, "project": "For " + key, "server": map[string]any{"url": "https://" + key + ".example.com"}}
	}
	defaults := map[string]any{}
	for v := range g.vars {
		defaults[fmt.Sprintf("v%d", v+1)] = fmt.Sprintf("nobody%d", v+1)
	}
	var text bytes.Buffer
	enc := json.NewEncoder(&text)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(map[string]any{
		"version": 1, "vars": map[string]any{"deep": defaults}, "sites": sites,
		"templates": map[string]any{"it": map[string]any{
			"file": file, "edits": g.edits,
			"publish": map[string]any{
				"as": "It of ${site.key}", "project": "P/${upper(site.key)}", "description": "For ${site.key} & others", "tags": []any{"${site.key}", "x"},
				"owner":       "${site.key}",
				"permissions": map[string]any{"rules": []any{map[string]any{"group": "${site.key}", "role": "Viewer"}}},
				"schedules":   []any{map[string]any{"name": "At night, ${site.key}"}},
				"credentials": []any{map[string]any{"connection": map[string]any{}, "user": "u${site.key}", "password": "p${site.key}", "optional": true}},
			},
		}},
	}); err != nil {
		t.Fatal(err)
	}
	return text.String()
}
