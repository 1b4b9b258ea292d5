package documents_test

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/tabtemplate/tabtemplate/documents"
	"github.com/tabtemplate/tabtemplate/documents/tds"
	"github.com/tabtemplate/tabtemplate/documents/twb"
)

// viewVerbs hold real files to the verbs of views.
var viewVerbs = map[string]verb{
	"hide all views but one": func(f *documents.File) (n int, err error) {
		return setHidden(f, func(i, count int) bool { return i < count-1 })
	},
	"show all views": func(f *documents.File) (n int, err error) {
		return setHidden(f, func(int, int) bool { return false })
	},
}

// setHidden hides the views of which hide says so, by their place among all, and shows the
// others first.
func setHidden(f *documents.File, hide func(i, count int) bool) (n int, err error) {
	wb, ok := f.Workbook()
	if !ok {
		return 0, nil
	}
	var views []twb.View
	for v := range wb.Views() {
		views = append(views, v)
	}
	for _, hidden := range []bool{false, true} {
		for i, v := range views {
			switch {
			case hide(i, len(views)) != hidden:
				continue
			case hidden:
				err = errors.Join(err, wb.HideView(v.Name))
			default:
				err = errors.Join(err, wb.ShowView(v.Name))
			}
			n++
		}
	}
	i := 0
	for v := range wb.Views() {
		if v.Name != views[i].Name || v.Hidden != hide(i, len(views)) || v.Hidden != (v.URLName == "") {
			err = errors.Join(err, fmt.Errorf("%s reads hidden %t, with the URL name %q", v, v.Hidden, v.URLName))
		}
		i++
	}
	return n, err
}

// TestCorpusViewURLs holds the rule for names in URLs to the repository locations of real
// views, which say what a server called them.
func TestCorpusViewURLs(t *testing.T) {
	t.Parallel()
	// What was renamed since, or has a number there instead, says nothing about the rule.
	others := map[string]string{
		"Close Section": "Close", "Sales by State": "Map1", "Sales by Sub-Category": "Sheet32", "Product Revenue Insights": "Dashboard1",
		"Seasonality Selection 1": "SalesCat1", "Seasonality Selection 2": "SalesCat2",
		"Heat Map": "Sheet2", "Obesity Map": "Geographical", "Obesity Scatter Plot": "Scatter-Contributors",
		"S&P Forward Returns": "ForwardResults", "S&P Returns Vs Conditions": "RecentConditions", "S&P Returns by Decade": "SelectedMetricBar",
		"Sales Analysis": "15891406",
	}
	checked := 0
	for _, path := range corpus(t) {
		f := open(t, path)
		wb, ok := f.Workbook()
		if !ok {
			continue
		}
		for v := range wb.Views() {
			path := fmt.Sprintf("/workbook/%[1]ss/%[1]s[@name='%s']/repository-location", v.Kind, v.Name)
			locations, err := f.Elements(path)
			if err != nil && !errors.Is(err, tds.ErrNotFound) {
				t.Fatal(err)
			}
			for _, location := range locations {
				id, _ := location.Attr("id")
				if want := cmp.Or(others[v.Name], twb.URLName(v.Name)); id != want {
					t.Errorf("%s is %q on the server, not %q", location, id, want)
				}
				checked++
			}
		}
	}
	if checked < 20 {
		t.Errorf("only %d views say what a server called them", checked)
	}
}

// TestCorpusUses reads what all real views are made of. What they have a copy with an instance
// of is what they use themselves (format 8), and nothing that they use is missing.
func TestCorpusUses(t *testing.T) {
	t.Parallel()
	views, fields, missing := 0, 0, map[string]bool{}
	for _, path := range corpus(t) {
		wb, ok := open(t, path).Workbook()
		if !ok {
			continue
		}
		for u := range wb.AllUses() {
			views++
			for _, d := range u.Datasources {
				if d.Missing {
					missing[d.Name] = true
				}
				for _, x := range d.Fields {
					fields++
					if x.Missing {
						missing[x.Label()] = true
					}
				}
				users, err := wb.DatasourceViews(d.Name)
				if !slices.ContainsFunc(users, func(v twb.View) bool { return v == u.View }) {
					t.Errorf("%s: %s uses %s, which is used by %v, %v", path, u.View, d.Label(), users, err)
				}
			}
			for _, p := range u.Parameters {
				if p.Missing {
					missing[p.Label()] = true
				}
			}
		}
	}
	t.Logf("%d views, %d fields", views, fields)
	if views < 80 || fields < 400 || len(missing) > 0 {
		t.Errorf("%d views use %d fields; missing: %v", views, fields, missing)
	}
}
