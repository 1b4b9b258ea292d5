package templates

import (
	"strings"
	"testing"
)

// viewsBook has two worksheets, of which one is hidden, and a dashboard.
const viewsBook = `<workbook>
  <worksheets>
    <worksheet name='Map' />
    <worksheet name='Debug' />
  </worksheets>
  <dashboards>
    <dashboard name='Board' />
  </dashboards>
  <windows>
    <window class='dashboard' maximized='true' name='Board' />
    <window class='worksheet' name='Map' />
    <window class='worksheet' hidden='true' name='Debug' />
  </windows>
</workbook>
`

// withViews renders viewsBook with edits and returns its views, or what went wrong.
func withViews(t *testing.T, edits string) string {
	t.Helper()
	rendering, wrong := renderFields(t, viewsBook, edits)
	if rendering == nil {
		return wrong
	}
	wb, _ := rendering.File.Workbook()
	var out []string
	for v := range wb.Views() {
		line := v.String()
		if v.Hidden {
			line += " hidden"
		}
		out = append(out, line)
	}
	return strings.Join(out, ", ")
}

func TestViewEdits(t *testing.T) {
	t.Parallel()
	const failed = `rendering template "book" for site "acme": m.yaml:7 edit 1: `
	for _, c := range []struct{ name, edits, want string }{
		{"hide", "{view: Map, hidden: true}", `dashboard "Board", worksheet "Map" hidden, worksheet "Debug" hidden`},
		{"hide what is", "{view: Debug, hidden: '${hide}'}", `dashboard "Board", worksheet "Map", worksheet "Debug" hidden`},
		{"show", "{view: Debug, hidden: false}", `dashboard "Board", worksheet "Map", worksheet "Debug"`},
		{
			"the active one after another", "{view: Board, hidden: true},\n{view: Debug, hidden: false},\n{view: Map, hidden: true}",
			`dashboard "Board" hidden, worksheet "Map" hidden, worksheet "Debug"`,
		},
		{"none, optional", "{view: Gone, hidden: true, optional: true}", `dashboard "Board", worksheet "Map", worksheet "Debug" hidden`},
		{"none", "{view: '${lang}', hidden: true}", failed + `no view "de"; there are: dashboard "Board", worksheet "Map", worksheet "Debug"`},
		{
			"all", "{view: Map, hidden: true},\n{view: Board, hidden: true}",
			strings.Replace(failed, "7 edit 1", "8 edit 2", 1) + `hiding view "Board": it is the only view that is not hidden`,
		},
		{
			"two that want something else", "{view: Map, hidden: true},\n{view: Map, hidden: false}",
			strings.Replace(failed, "7 edit 1", "8 edit 2", 1) + `showing view "Map": /workbook/windows/window[@name='Map']/@hidden: m.yaml:7 edit 1 and m.yaml:8 edit 2 set it differently`,
		},
		{"rename", "{view: Map, name: '${lang}: Karte'}", `dashboard "Board", worksheet "de: Karte", worksheet "Debug" hidden`},
		{"rename and show", "{view: Debug, name: Log, hidden: false}", `dashboard "Board", worksheet "Map", worksheet "Log"`},
		{"rename, then hide under the new name", "{view: Map, name: Karte},\n{view: Karte, hidden: true}", `dashboard "Board", worksheet "Karte" hidden, worksheet "Debug" hidden`},
		{"rename what is", "{view: Karte, name: Map, hidden: true}", `dashboard "Board", worksheet "Map" hidden, worksheet "Debug" hidden`},
		{"rename none, optional", "{view: Gone, name: Away, hidden: true, optional: true}", `dashboard "Board", worksheet "Map", worksheet "Debug" hidden`},
		{"rename none", "{view: Gone, name: Away}", failed + `renaming view "Gone": no view "Gone"; there are: dashboard "Board", worksheet "Map", worksheet "Debug"`},
		{"rename to what there is", "{view: Map, name: board}", failed + `renaming view "Map": there is a dashboard "Board"`},
		{
			"hide under the old name", "{view: Map, name: Karte},\n{view: Map, hidden: true}",
			strings.Replace(failed, "7 edit 1", "8 edit 2", 1) + `no view "Map"; there are: dashboard "Board", worksheet "Karte", worksheet "Debug"`,
		},
		{
			"two names", "{view: Map, name: Karte},\n{view: Map, name: Carte}",
			strings.Replace(failed, "7 edit 1", "8 edit 2", 1) + `renaming view "Map": /workbook/view[@name='Map']: m.yaml:7 edit 1 and m.yaml:8 edit 2 set it differently`,
		},
		{"rename to nothing", "{view: Map, name: ''}", "m.yaml:7:19: name must not be empty\n"},
		{"nothing", "{view: Map}", "m.yaml:7:1: the edit of a view must have at least one of name, hidden\n"},
		{"no boolean", "{view: Map, hidden: maybe}", "m.yaml:7:21: hidden must be true or false, not text\n"},
		{"narrowed", "{view: Map, hidden: true, datasource: Orders}", "m.yaml:7:27: unknown key \"datasource\" in the edit of a view\n\tknown here: all, hidden, name, optional, view, when\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := withViews(t, c.edits); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

func TestViewOfDatasource(t *testing.T) {
	t.Parallel()
	_, err := Load(inFolder(t, "version: 1\nserver: {url: emulator}\nsites: {a: }\ntemplates:\n  one: {file: orders.tds, publish: {as: One}, edits: [{view: Map, hidden: true}]}\n"))
	if err == nil || !strings.Contains(err.Error(), `views are in workbooks, and template "one" is a data source`) {
		t.Errorf("%v", err)
	}
}

// Edits and hide_views together must leave a view that the server shows, and so must a file
// that nobody edits.
func TestShownViews(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, book, edits string
		hide              []string
		want              string
	}{
		{"one left", viewsBook, "{view: Map, hidden: true}", []string{"Debug"}, ""},
		{"one by an edit, one by the server", viewsBook, "{view: Map, hidden: true}", []string{"Board"}, "hide_views hides all views of the workbook"},
		{"shown by an edit", viewsBook, "{view: Debug, hidden: false}", []string{"Map", "Board"}, ""},
		{"renamed by an edit", viewsBook, "{view: Map, name: Karte}", []string{"Karte"}, ""},
		{"by the old name", viewsBook, "{view: Map, name: Karte}", []string{"Map"}, `hide_views: no view "Map"; there are: Board, Karte, Debug`},
		{"no views", "<workbook />", "", nil, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			rendering, wrong := renderFields(t, c.book, c.edits)
			if rendering == nil {
				t.Fatal(wrong)
			}
			rendering.HideViews = c.hide
			got := ""
			if err := rendering.checkViews(); err != nil {
				got = err.Error()
			}
			if got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
	all := strings.NewReplacer("class='dashboard'", "class='dashboard' hidden='true'", "class='worksheet' name", "class='worksheet' hidden='true' name").Replace(viewsBook)
	if _, wrong := renderFields(t, all, ""); wrong != `rendering template "book" for site "acme": all views of the workbook are hidden` {
		t.Errorf("all hidden in the file: %q", wrong)
	}
}
