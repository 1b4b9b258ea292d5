package documents_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/beevik/etree"

	"github.com/tabtemplate/tabtemplate/documents/internal/doctest"
)

func TestSoundnessSees(t *testing.T) {
	t.Parallel()
	if got := dangling(t, []byte(doctest.FX2)); len(got) > 0 {
		t.Errorf("in a sound document dangle %v", got)
	}
	for name, bad := range map[string]string{
		"connection postgres.d":      strings.Replace(doctest.FX1, "relation connection='postgres.c'", "relation connection='postgres.d'", 1),
		"filtered field [X]":         doctest.Replace(t, doctest.FX1, "<object-graph>", "<filter class='categorical' column='[X]' /><object-graph>"),
		"field [X]":                  doctest.Replace(t, doctest.FX1, "<layout ", "<column-instance column='[X]' name='[none:X:nk]' /><layout "),
		"parameter [P]":              doctest.Replace(t, doctest.FX1, "name='[Tenant]' role='dimension' type='nominal' />", "name='[T]'><calculation formula='[Parameters].[P]' /></column>"),
		"data source gone":           doctest.Replace(t, doctest.FX1, "</datasources>", "</datasources><worksheets><datasource-dependencies datasource='gone' /></worksheets>"),
		"feature ISO8601PeriodTypes": doctest.Replace(t, doctest.FX1, "<object-graph>", "<filter column='[Tenant]' period-type-v2='year' /><object-graph>"),
	} {
		got := dangling(t, []byte(bad))
		if len(got) != 1 || got[name] == 0 {
			t.Errorf("%s: found %v", name, got)
		}
		assertFaults(t, name, got, reopened(t, []byte(bad)))
	}
}

// TestSoundnessSeesViews damages a workbook in one place at a time.
func TestSoundnessSeesViews(t *testing.T) {
	t.Parallel()
	plain, err := os.ReadFile(filepath.Join("..", "testdata", "odd", "plain-2024.3.twb"))
	if err != nil {
		t.Fatal(err)
	}
	if got := dangling(t, plain); len(got) > 0 {
		t.Errorf("in a sound document dangle %v", got)
	}
	type damage func(*etree.Element)
	set := func(attr, value string) damage {
		return func(el *etree.Element) { el.CreateAttr(attr, value) }
	}
	text := func(value string) damage {
		return func(el *etree.Element) { el.SetText(value) }
	}
	drop := func(el *etree.Element) { el.Parent().RemoveChild(el) }
	double := func(el *etree.Element) { el.Parent().InsertChildAt(el.Index(), el.Copy()) }
	toEnd := func(el *etree.Element) { el.Parent().AddChild(el) }
	const (
		sheet  = "//worksheet[@name='By region']"
		view   = sheet + "/table/view"
		copies = "/datasource-dependencies[@datasource='federated.0orders']"
		area   = "/datasource-dependencies[@datasource='Parameters']/column"
		orders = "//datasource[@caption='Orders']"
		of     = "[federated.0orders]."
	)
	for _, c := range []struct {
		found, path string
		damage      damage
	}{
		{"sheet W", "//window[@name='By region']", set("name", "W")},
		{"sheet V", "//viewpoint[@name='By region']", set("name", "V")},
		{"sheet Z", "//devicelayout//zone[@name='By region']", set("name", "Z")},
		{"sheet T", "//thumbnail", set("name", "T")},
		{"sheet S", "//edit-parameter-action/source", set("worksheet", "S")},
		{"sheet D", "//action/source", set("dashboard", "D")},
		{"sheet E", "//exclude-sheet", set("name", "E")},
		{"sheet M", "//param[@name='target']", set("value", "M")},
		{"sheet X", "//param[@name='exclude']", set("value", "Goals,X")},
		{"sheet C", "//story-point", set("captured-sheet", "C")},
		{"second sheet By region", sheet, func(el *etree.Element) { double(el); drop(el.FindElement("simple-id")) }},
		{"second simple-id {0B6C9C1E-2222-4A53-9C0B-000000000006}", "//window[@name='Goals']/simple-id", double},
		{"simple-id {0}", "//button", set("action", `tabdoc:goto-sheet window-id="{0}"`)},

		{"parameter [Count]", view + "/filter/groupfilter[@count]", set("count", "[Parameters].[Count]")},
		{"parameter [Zone]", "//zone[@type-v2='paramctrl']", set("param", "[Parameters].[Zone]")},
		{"parameter [Run]", sheet + "//title//run[2]", text("<[Parameters].[Run]>")},
		{"parameter [Gone]", view + area, set("name", "[Gone]")},

		{"data source gone", view, func(el *etree.Element) { el.CreateElement("datasource-dependencies").CreateAttr("datasource", "gone") }},
		{"field " + of + "[card]", "//card[@type='filter']", set("param", of+"[card]")},
		{"field " + of + "[zone]", "//zone[@type-v2='filter']", set("param", of+"[zone]")},
		{"field " + of + "[action]", "//param[@name='source-field']", set("value", of+"[action]")},
		{"field " + of + "[color]", "//encodings/color", set("column", of+"[color]")},
		{"field " + of + "[run]", "//customized-tooltip//run[2]", text("<" + of + "[run]>")},
		{"field " + of + "[sum:amount:qk]", view + copies + "/column-instance[@derivation='Sum']", drop},
		{"field [day]", view + copies + "/column[@caption='Day']", drop},

		{"filter of slice " + of + "[none:day:qk]", "//shared-view/filter", drop},
		{"slice of filter " + of + "[:Measure Names]", view + "/filter[1]", set("column", of+"[:Measure Names]")},
		{"second slice " + of + "[none:day:qk]", view + "/slices/column[2]", double},
		{"second filter of [region]", orders + "/filter", double},
		{"second filter of " + of + "[none:region:nk]", view + "/filter[2]", double},
		{"second filter of " + of + "[none:day:qk]", "//shared-view/filter", double},
		{"filters sorted before " + of + "[none:Calculation_1:nk]", view + "/filter[1]", toEnd},
		{"second column [amount]", orders + "/column[@caption='Amount']", double},
		{"second column-instance [none:region:nk]", view + copies + "/column-instance[3]", double},

		{"drifted value", "//dashboard" + area, set("value", `"e"`)},
		{"drifted value", "//attribute[@name='datasource']", func(el *etree.Element) { el.SetText(strings.Replace(el.Text(), "value='&quot;w", "value='&quot;e", 1)) }},
		{"drifted caption", "//dashboard" + area, set("caption", "Where")},
		{"drifted alias", "//dashboard" + area, set("alias", "Where")},
		{"drifted param-domain-type", "//dashboard" + area, set("param-domain-type", "any")},
		{"drifted formula", "//dashboard" + area + "/calculation", set("formula", `"e"`)},
		{"drifted calculation", view + copies + "/column/calculation", drop},
		{"drifted caption of a data source", view + "/datasources/datasource[2]", set("caption", "Aufträge")},
	} {
		tree := etree.NewDocument()
		if err := tree.ReadFromBytes(plain); err != nil {
			t.Fatal(err)
		}
		el := tree.FindElement(c.path)
		if el == nil {
			t.Errorf("%s: the fixture has no %s", c.found, c.path)
			continue
		}
		c.damage(el)
		bad, err := tree.WriteToBytes()
		if err != nil {
			t.Fatal(err)
		}
		got := dangling(t, bad)
		if got[c.found] == 0 {
			t.Errorf("%s: found %v", c.found, got)
		}
		assertFaults(t, c.found, got, reopened(t, bad))
	}
}
