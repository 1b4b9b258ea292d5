package twb_test

import (
	"slices"
	"testing"

	"github.com/tabtemplate/tabtemplate/documents"
	"github.com/tabtemplate/tabtemplate/documents/internal/doctest"
	"github.com/tabtemplate/tabtemplate/documents/twb"
)

// tabs is a workbook with two worksheets, a dashboard that shows one of them and a story,
// with these windows.
func tabs(windows string) string {
	return `<workbook>
  <actions>
    <nav-action caption='Open map' name='[Action1]'>
      <source dashboard='Board' type='sheet' />
      <params><param name='sheet' value='Map' /></params>
    </nav-action>
  </actions>
  <worksheets><worksheet name='Map' /><worksheet name='List' /></worksheets>
  <dashboards>
    <dashboard name='Board'>
      <zones>
        <zone h='100' id='1' name='Map' w='100' x='0' y='0' />
        <zone h='100' id='2' type-v2='dashboard-object' w='100' x='0' y='0'>
          <button action='tabdoc:goto-sheet window-id=&quot;{L}&quot;' />
          <button action='tabdoc:export window-id=&quot;{M}&quot;' />
        </zone>
      </zones>
    </dashboard>
    <dashboard name='Tale' type='storyboard'>
      <zones><zone><flipboard><story-points><story-point captured-sheet='Board' id='1' /></story-points></flipboard></zone></zones>
    </dashboard>
  </dashboards>
` + windows + `
</workbook>`
}

const modern = `  <windows source-height='30'>
    <window class='worksheet' maximized='true' name='Map'>
      <simple-id uuid='{M}' />
    </window>
    <window class='worksheet' name='List'>
      <simple-id uuid='{L}' />
    </window>
    <window class='dashboard' name='Board' />
    <window class='dashboard' name='Tale' />
  </windows>`

const old = `  <windows>
    <window auto-hidden='0' class='worksheet' maximized='1' name='Map' />
    <window class='hidden-worksheet' name='List' />
    <window auto-hidden='0' class='dashboard' maximized='0' name='Board' />
    <window auto-hidden='0' class='dashboard' maximized='0' name='Tale' />
  </windows>`

// onViews is an edit of the views of a workbook.
func onViews(edit func(*twb.Workbook) error) func(*documents.File) error {
	return func(f *documents.File) error {
		wb, _ := f.Workbook()
		return edit(wb)
	}
}

func hide(names ...string) func(*documents.File) error {
	return onViews(func(wb *twb.Workbook) error {
		for _, name := range names {
			if err := wb.HideView(name); err != nil {
				return err
			}
		}
		return nil
	})
}

func show(name string) func(*documents.File) error {
	return onViews(func(wb *twb.Workbook) error { return wb.ShowView(name) })
}

func TestHideView(t *testing.T) {
	t.Parallel()
	hiddenList := doctest.Replace(t, modern, "'worksheet' name='List'", "'worksheet' hidden='true' name='List'")
	tests := map[string]struct {
		in    string
		edit  func(*documents.File) error
		want  []string // what is replaced by what
		views string
		notes []string
	}{
		"a worksheet that a dashboard shows": {
			in: modern, edit: hide("Map"),
			want:  []string{"'worksheet' maximized='true' name='Map'", "'worksheet' hidden='true' name='Map'", "name='List'", "maximized='true' name='List'"},
			views: `worksheet "Map" hidden, worksheet "List", dashboard "Board", story "Tale"`,
			notes: []string{`the action "Open map" goes to worksheet "Map", which is hidden`},
		},
		"a worksheet that a button goes to": {
			in: modern, edit: hide("List"),
			want:  []string{"name='List'", "hidden='true' name='List'"},
			views: `worksheet "Map", worksheet "List" hidden, dashboard "Board", story "Tale"`,
			notes: []string{`a button on dashboard "Board" goes to worksheet "List", which is hidden`},
		},
		"a dashboard": {
			in: modern, edit: hide("Board"),
			want:  []string{"name='Board' />", "hidden='true' name='Board' />"},
			views: `worksheet "Map", worksheet "List", dashboard "Board" hidden, story "Tale"`,
		},
		"a story": {
			in: modern, edit: hide("Tale"),
			want:  []string{"name='Tale' />", "hidden='true' name='Tale' />"},
			views: `worksheet "Map", worksheet "List", dashboard "Board", story "Tale" hidden`,
		},
		"all but the last": {
			in: modern, edit: hide("Map", "List", "Board"),
			want: []string{
				"maximized='true' name='Map'", "hidden='true' name='Map'", "name='List'", "hidden='true' name='List'",
				"name='Board' />", "hidden='true' name='Board' />", "name='Tale' />", "maximized='true' name='Tale' />",
			},
			views: `worksheet "Map" hidden, worksheet "List" hidden, dashboard "Board" hidden, story "Tale"`,
			notes: []string{
				`the action "Open map" goes to worksheet "Map", which is hidden`,
				`a button on dashboard "Board" goes to worksheet "List", which is hidden`,
			},
		},
		"hidden as a number": {
			in:   doctest.Replace(t, modern, "'worksheet' name='List'", "'worksheet' hidden='1' name='List'"),
			edit: hide("List"), views: `worksheet "Map", worksheet "List" hidden, dashboard "Board", story "Tale"`,
			notes: []string{`a button on dashboard "Board" goes to worksheet "List", which is hidden`},
		},
		"in an old version": {
			in: old, edit: hide("Map"),
			want: []string{
				"auto-hidden='0' class='worksheet' maximized='1' name='Map'", "class='hidden-worksheet' name='Map'",
				"maximized='0' name='Board'", "maximized='1' name='Board'",
			},
			views: `worksheet "Map" hidden, worksheet "List" hidden, dashboard "Board", story "Tale"`,
			notes: []string{`the action "Open map" goes to worksheet "Map", which is hidden`},
		},
		"in an old version, hidden": {
			in: old, edit: hide("List"), views: `worksheet "Map", worksheet "List" hidden, dashboard "Board", story "Tale"`,
		},
		"show": {
			in: hiddenList, edit: show("List"), want: []string{"hidden='true' ", ""},
			views: `worksheet "Map", worksheet "List", dashboard "Board", story "Tale"`,
		},
		"show what is": {
			in: modern, edit: show("Board"), views: `worksheet "Map", worksheet "List", dashboard "Board", story "Tale"`,
		},
		"show what says it is": {
			in:   doctest.Replace(t, modern, "'worksheet' name='List'", "'worksheet' hidden='false' name='List'"),
			edit: show("List"), views: `worksheet "Map", worksheet "List", dashboard "Board", story "Tale"`,
		},
		"show in an old version": {
			in: old, edit: show("List"),
			want:  []string{"class='hidden-worksheet' name='List'", "auto-hidden='0' class='worksheet' maximized='0' name='List'"},
			views: `worksheet "Map", worksheet "List", dashboard "Board", story "Tale"`,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := doctest.Edited(t, tabs(tt.in), tt.edit, tabs(doctest.Replace(t, tt.in, tt.want...)))
			wb, _ := f.Workbook()
			if got := views(wb); got != tt.views {
				t.Errorf("views: %s, want %s", got, tt.views)
			}
			var notes []string
			for n := range f.Notes() {
				notes = append(notes, n.Text)
			}
			if !slices.Equal(notes, tt.notes) {
				t.Errorf("notes: %q, want %q", notes, tt.notes)
			}
		})
	}
}

func TestHideViewRefused(t *testing.T) {
	t.Parallel()
	one := tabs(`<windows>
    <window class='worksheet' hidden='true' name='Map' />
    <window class='worksheet' hidden='true' name='List' />
    <window class='dashboard' hidden='true' name='Board' />
    <window class='dashboard' name='Tale' />
  </windows>`)
	twice := tabs(`<windows><window class='worksheet' name='Map' /><window class='worksheet' name='Map' /></windows>`)
	tests := map[string]struct {
		in    string
		edit  func(*documents.File) error
		words string
	}{
		"the last":                    {one, hide("Tale"), `hiding view "Tale": it is the only view that is not hidden`},
		"none":                        {tabs(modern), hide("Gone"), `hiding view "Gone": no view "Gone"; there are: worksheet "Map", worksheet "List", dashboard "Board", story "Tale"`},
		"none to show":                {tabs(modern), show("map"), `showing view "map": no view "map"; there are: worksheet "Map"`},
		"no window":                   {tabs(""), hide("Map"), `hiding view "Map": it has 0 windows, and it takes one to say whether it is hidden`},
		"two windows":                 {twice, hide("Map"), `hiding view "Map": it has 2 windows`},
		"a dashboard, old":            {tabs(old), hide("Board"), `hiding view "Board": the version of Tableau that wrote the workbook knows hidden worksheets only`},
		"several of the name":         {`<workbook><worksheets><worksheet name='A' /><worksheet name='A' /></worksheets></workbook>`, hide("A"), `hiding view "A": 2 matches for view "A": worksheet "A", worksheet "A"`},
		"a window that is of no view": {`<workbook><windows><window class='schema' name='s' /></windows></workbook>`, hide("s"), `hiding view "s": no view "s"; there are none`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			doctest.Refused(t, tt.in, tt.edit, tt.words)
		})
	}
}
