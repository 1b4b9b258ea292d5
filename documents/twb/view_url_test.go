package twb_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/tabtemplate/tabtemplate/documents/twb"
)

func TestURLName(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"Sales":                       "Sales",
		"Overview Dashboard":          "OverviewDashboard",
		"Sales & Quota (web)":         "SalesQuotaweb",
		"Cube - Aliasing_Grouping":    "Cube-Aliasing_Grouping",
		"DP – From Viz":               "DPFromViz",
		"Años 2.0":                    "Aos20",
		"販売":                          "",
		"[x]'\"":                      "x",
		"All: Densification,\n Cubes": "AllDensificationCubes",
	} {
		if got := twb.URLName(name); got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
}

func TestFreeURLName(t *testing.T) {
	t.Parallel()
	taken := func(name string) bool { return name == "Map" || name == "Map_1" || name == "_1" }
	for name, want := range map[string]string{"Map": "Map_2", "M ap!": "Map_2", "map": "map", "地図": "_2"} {
		if got := twb.FreeURLName(name, taken); got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
}

// TestViewURLNames numbers what a server shows alone, in the order of the tabs.
func TestViewURLNames(t *testing.T) {
	t.Parallel()
	wb := workbook(t, `<workbook>
  <worksheets><worksheet name='A b' /><worksheet name='Ab_1' /><worksheet name='Ab' /><worksheet name='A-b' /><worksheet name='A.b' /><worksheet name='地' /><worksheet name='図' /></worksheets>
  <windows><window name='Ab' /><window hidden='true' name='A-b' /><window hidden='true' name='地' /><window name='A b' /></windows>
</workbook>`)
	var got []string
	for v := range wb.Views() {
		got = append(got, fmt.Sprintf("%s=%s", v.Name, v.URLName))
	}
	if want := "Ab=Ab A-b= 地= A b=Ab_1 Ab_1=Ab_1_1 A.b=Ab_2 図=_1"; strings.Join(got, " ") != want {
		t.Errorf("%q, want %q", strings.Join(got, " "), want)
	}
}

// TestViewsManyAlike names many views that a server would call the same; it takes forever if
// the numbers are tried from 1 for each.
func TestViewsManyAlike(t *testing.T) {
	t.Parallel()
	const n = 50_000
	wb := workbook(t, "<workbook><worksheets>"+strings.Repeat("<worksheet name='地図' />", n)+"</worksheets><windows>"+
		strings.Repeat("<window class='worksheet' name='地図' />", n)+"</windows></workbook>")
	last := ""
	for v := range wb.Views() {
		last = v.URLName
	}
	if last != fmt.Sprintf("_%d", n) {
		t.Errorf("the last is %q", last)
	}
}
