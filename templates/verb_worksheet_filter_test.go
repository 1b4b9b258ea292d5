package templates

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// filteredViews is a workbook with filters on worksheets, in groups and shared.
const filteredViews = `<?xml version='1.0' encoding='utf-8' ?>

<workbook version='18.1' xmlns:user='http://www.tableausoftware.com/xml/user'>
  <datasources>
    <datasource caption='Orders' name='federated.a'>
      <column caption='Amount' datatype='real' name='[amount]' role='measure' type='quantitative' />
      <column caption='Region' datatype='string' name='[region]' role='dimension' type='nominal' />
      <column caption='Tenant' datatype='string' name='[tenant]' role='dimension' type='nominal' />
    </datasource>
    <datasource caption='Targets' name='federated.b'>
      <column caption='Region' datatype='string' name='[region]' role='dimension' type='nominal' />
    </datasource>
  </datasources>
  <shared-views>
    <shared-view name='federated.a'>
      <filter class='categorical' column='[federated.a].[none:tenant:nk]'><groupfilter function='level-members' level='[none:tenant:nk]' /></filter>
    </shared-view>
  </shared-views>
  <worksheets>
    <worksheet name='Map'><table><view>
      <datasources><datasource name='federated.a' /></datasources>
      <filter class='categorical' column='[federated.a].[none:region:nk]'><groupfilter function='level-members' level='[none:region:nk]' /></filter>
      <slices><column>[federated.a].[none:region:nk]</column><column>[federated.a].[none:tenant:nk]</column></slices>
      <aggregation value='true' />
    </view></table></worksheet>
    <worksheet name='List'><table><view>
      <datasources><datasource name='federated.b' /></datasources>
      <filter class='categorical' column='[federated.b].[none:region:nk]'><groupfilter function='level-members' level='[none:region:nk]' /></filter>
      <slices><column>[federated.b].[none:region:nk]</column></slices>
      <aggregation value='true' />
    </view></table></worksheet>
    <worksheet name='Bare'><table><view>
      <datasources><datasource name='federated.a' /></datasources>
      <aggregation value='true' />
    </view></table></worksheet>
  </worksheets>
</workbook>
`

// viewsFiltered renders filteredViews with an edit and returns the filters of its views and the warnings, or what went wrong.
func viewsFiltered(t *testing.T, edit string) string {
	t.Helper()
	path := inFolder(t, `version: 1
server: {url: emulator}
vars: {sheets: [Map, Bare], sheet: Bare, least: '1', nobody: []}
sites: {acme: }
templates:
  views: {file: views.twb, publish: {as: Views}, edits: [
`+edit+`
]}
  orders: {file: orders.tds, publish: {as: Orders}}
`)
	for name, text := range map[string]string{"views.twb": filteredViews, "orders.tds": facts} {
		if err := os.WriteFile(filepath.Join(filepath.Dir(path), name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	m, err := Load(path)
	if err != nil {
		return strings.ReplaceAll(err.Error(), path, "m.yaml")
	}
	r, err := m.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	}()
	rendering, err := r.Render(m.sites[0], m.templates[0], nil)
	if err != nil {
		text := strings.ReplaceAll(err.Error(), path, "m.yaml")
		if advised, ok := errors.AsType[hinter](err); ok {
			text += "\nhint: " + advised.Hint()
		}
		return text
	}
	var out []string
	wb, _ := rendering.File.Workbook()
	for f := range wb.Filters() {
		where := f.Worksheet
		if where == "" {
			where = "shared"
		}
		out = append(out, where+": "+f.String())
	}
	for _, w := range rendering.Warnings() {
		_, text, _ := strings.Cut(w, ": ")
		out = append(out, "warning: "+text)
	}
	return strings.Join(out, "\n")
}

func TestWorksheetFilterEdits(t *testing.T) {
	t.Parallel()
	const (
		mapAll  = "Map: Region all\n"
		listAll = "List: Region all\n"
		shared  = "shared: Tenant all"
	)
	for edit, want := range map[string]string{
		"{worksheet_filter: Region, worksheet: Map, include: [a]}":                            "Map: Region include a\n" + listAll + shared,
		"{worksheet_filter: Region, worksheet: [Map, List], include: [a]}":                    "Map: Region include a\nList: Region include a\n" + shared,
		"{worksheet_filter: Region, worksheet: '${sheets}', include: [a]}":                    "Map: Region include a\n" + listAll + "Bare: Region include a\n" + shared,
		"{worksheet_filter: Region, datasource: Orders, exclude: [a, ~]}":                     "Map: Region exclude a, null\n" + listAll + shared,
		"{worksheet_filter: Region, all: true, include: [a]}":                                 "Map: Region include a\nList: Region include a\n" + shared,
		"{worksheet_filter: Amount, worksheet: '${sheet}', range: {min: 1}, nulls: include}":  mapAll + listAll + "Bare: Amount range from 1 or null\n" + shared,
		"{worksheet_filter: Tenant, include: [a]}":                                            mapAll + listAll + "shared: Tenant include a",
		"{worksheet_filter: Tenant, shared: true, include: [a], manual: true}":                mapAll + listAll + "shared: Tenant include a",
		"{worksheet_filter: Region, shared: true, datasource: Targets, include: [a]}":         mapAll + listAll + shared + "\nshared: Region include a\nwarning: worksheet \"List\" has a filter of its own on Region, which the shared one does not change",
		"{worksheet_filter: Region, worksheet: List, remove: true}":                           mapAll + shared,
		"{worksheet_filter: Amount, remove: true, optional: true}":                            mapAll + listAll + shared,
		"{worksheet_filter: Region, worksheet: [Nowhere, Map], optional: true, include: [a]}": "Map: Region include a\n" + listAll + shared,
	} {
		t.Run(edit, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(want, viewsFiltered(t, edit)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestWorksheetFilterHints: a filter that is on no worksheet is added where the edit says where.
func TestWorksheetFilterHints(t *testing.T) {
	t.Parallel()
	const hint = "\nhint: worksheet or shared: true, which say where, add a filter that is not there"
	for edit, want := range map[string]bool{
		"{worksheet_filter: Amount, range: {min: 1}}":                       true,
		"{worksheet_filter: Amount, datasource: Orders, range: {min: 1}}":   true,
		"{worksheet_filter: Amount, datasource: Targets, range: {min: 1}}":  false,
		"{worksheet_filter: Amount, datasource: Nowhere, range: {min: 1}}":  false,
		"{worksheet_filter: Amuont, range: {min: 1}}":                       false,
		"{worksheet_filter: Amount, remove: true}":                          false,
		"{worksheet_filter: Amount, shared: true, remove: true}":            false,
		"{worksheet_filter: Amount, worksheet: Nowhere, range: {min: 1}}":   false,
		"{worksheet_filter: YEAR(Amount), worksheet: Map, range: {min: 1}}": false,
	} {
		if got := viewsFiltered(t, edit); strings.HasSuffix(got, hint) != want || !strings.Contains(got, ": no ") {
			t.Errorf("%s: %s", edit, got)
		}
	}
}

func TestWorksheetFilterProblems(t *testing.T) {
	t.Parallel()
	for edit, want := range map[string]string{
		"{worksheet_filter: Region, include: [a]}":                               "2 matches for a filter on field \"Region\" in the worksheets: data source \"Orders\", data source \"Targets\"",
		"{worksheet_filter: Amount, remove: true}":                               "no filter on field \"Amount\" in the worksheets; there are: Region, Tenant",
		"{worksheet_filter: Region, worksheet: Nowhere, include: [a]}":           "no view \"Nowhere\"",
		"{worksheet_filter: Amount, worksheet: Bare, range: {min: '${least}'}}":  "(an expression converts it with float(…))",
		"{worksheet_filter: Region, worksheet: '${nobody}', include: [a]}":       "the list is empty",
		"{worksheet_filter: Region, worksheet: '', include: [a]}":                "must be a name or a list of names",
		"{worksheet_filter: Region, worksheet: Map, shared: true, include: [a]}": "a worksheet cannot be named beside shared",
		"{worksheet_filter: Region}":                                             "a filter must have one of include",
		"{worksheet_filter: Region, include: [a]}]}\n  more: {file: orders.tds, publish: {as: More}, edits: [{worksheet_filter: Region, include: [a]}": "worksheets are in workbooks, and template \"more\" is a data source",
	} {
		t.Run(edit, func(t *testing.T) {
			t.Parallel()
			if got := viewsFiltered(t, edit); !strings.Contains(got, want) {
				t.Errorf("%s", got)
			}
		})
	}
}
