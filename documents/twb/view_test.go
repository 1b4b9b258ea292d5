package twb_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/tabtemplate/tabtemplate/documents/tds"
	"github.com/tabtemplate/tabtemplate/documents/twb"
)

func TestViews(t *testing.T) {
	t.Parallel()
	const in = `<workbook>
  <worksheets><worksheet name='Map' /><worksheet name='Hidden' /><worksheet name='Old' /><worksheet name='Loose' /></worksheets>
  <dashboards><dashboard name='Board' /><dashboard name='Tale' type='storyboard' /></dashboards>
  <windows>
    <window class='dashboard' name='Board' />
    <window class='schema' name='Orders' />
    <window class='worksheet' hidden='true' name='Hidden' />
    <window class='worksheet' name='Map' />
    <window class='worksheet' name='Map' />
    <window class='hidden-worksheet' name='Old' />
    <window class='dashboard' name='Tale' />
  </windows>
</workbook>`
	const want = `dashboard "Board", worksheet "Hidden" hidden, worksheet "Map", worksheet "Old" hidden, story "Tale", worksheet "Loose"`
	if got := views(workbook(t, in)); got != want {
		t.Errorf("views: %s, want %s", got, want)
	}
}

// TestDamagedTabs reads workbooks whose sheets and windows do not match one to one.
func TestDamagedTabs(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		sheets, windows string
		want            string
	}{
		"no windows": {`<worksheets><worksheet name='A' /></worksheets><dashboards><dashboard name='B' /></dashboards>`, ``, `worksheet "A", dashboard "B"`},
		"a window for a sheet that is not there": {
			`<worksheets><worksheet name='A' /></worksheets>`,
			`<window class='worksheet' name='gone' /><window class='worksheet' hidden='true' name='A' />`,
			`worksheet "A" hidden`,
		},
		"no name": {`<worksheets><worksheet /></worksheets>`, `<window class='worksheet' hidden='true' /><window class='schema' />`, `worksheet "" hidden`},
		"a worksheet and a dashboard with one name": {
			`<worksheets><worksheet name='A' /></worksheets><dashboards><dashboard name='A' /></dashboards>`,
			`<window class='dashboard' name='A' /><window class='worksheet' hidden='true' name='A' />`,
			`dashboard "A", worksheet "A" hidden`,
		},
		"two worksheets with one name": {
			`<worksheets><worksheet name='A' /><worksheet name='B' /><worksheet name='A' /></worksheets>`,
			`<window class='worksheet' hidden='true' name='A' /><window class='worksheet' name='A' /><window class='worksheet' name='B' />`,
			`worksheet "A" hidden, worksheet "A", worksheet "B"`,
		},
		"two windows for one sheet": {
			`<worksheets><worksheet name='A' /></worksheets>`,
			`<window class='worksheet' hidden='true' name='A' /><window class='worksheet' name='A' />`,
			`worksheet "A" hidden`,
		},
		"names like those of fields": {
			`<worksheets><worksheet name='[x]' /><worksheet name='&quot;y&apos;' /></worksheets>`,
			`<window class='worksheet' name='&quot;y&apos;' /><window class='worksheet' hidden='1' name='[x]' />`,
			`worksheet "\"y'", worksheet "[x]" hidden`,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := views(workbook(t, "<workbook>"+tt.sheets+"<windows>"+tt.windows+"</windows></workbook>")); got != tt.want {
				t.Errorf("views: %s, want %s", got, tt.want)
			}
		})
	}
}

func TestView(t *testing.T) {
	t.Parallel()
	wb := workbook(t, `<workbook><worksheets><worksheet name='A' /><worksheet name='B' /></worksheets><dashboards><dashboard name='A' /></dashboards></workbook>`)
	if v, err := wb.View("B"); err != nil || v.Name != "B" || v.Kind != twb.Worksheet {
		t.Errorf("B: %v, %v", v, err)
	}
	if _, err := wb.View("C"); !errors.Is(err, tds.ErrNotFound) || err.Error() != `no view "C"; there are: worksheet "A", worksheet "B", dashboard "A"` {
		t.Errorf("C: %v", err)
	}
	if _, err := wb.View("A"); !errors.Is(err, tds.ErrAmbiguous) || err.Error() != `2 matches for view "A": worksheet "A", dashboard "A"` {
		t.Errorf("A: %v", err)
	}
}

// views lists the views of a workbook in words.
func views(wb *twb.Workbook) string {
	var all []string
	for v := range wb.Views() {
		words := v.String()
		if v.Hidden {
			words += " hidden"
		}
		all = append(all, words)
	}
	return strings.Join(all, ", ")
}
