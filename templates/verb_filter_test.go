package templates

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// facts is a data source with an extract and a field of each type that filters differ on.
const facts = `<?xml version='1.0' encoding='utf-8' ?>

<!-- build 20243.24.1010.1014                               -->
<datasource formatted-name='Facts' version='18.1' xmlns:user='http://www.tableausoftware.com/xml/user'>
  <column caption='Amount' datatype='real' name='[amount]' role='measure' type='quantitative' />
  <column caption='Facts' datatype='table' name='[__tableau_internal_object_id__].[facts]' role='measure' type='quantitative' />
  <column caption='Order Date' datatype='date' name='[order_date]' role='dimension' type='ordinal' />
  <column caption='Tenant' datatype='string' name='[tenant_id]' role='dimension' type='nominal' />
  <extract count='-1' enabled='true' object-id='' units='records'>
    <connection class='hyper' dbname='Data/Extracts/facts.hyper' />
    <filter class='categorical' column='[none:tenant_id:nk]'><groupfilter function='level-members' level='[none:tenant_id:nk]' /></filter>
  </extract>
  <filter class='categorical' column='[tenant_id]' filter-group='2'><groupfilter function='level-members' level='[tenant_id]' /></filter>
</datasource>
`

// filtered renders facts with edits and returns its filters, those of its extract and the warnings, or what went wrong.
func filtered(t *testing.T, edits string) string {
	t.Helper()
	path := inFolder(t, `version: 1
server: {url: emulator}
vars: {least: 99.5, n: 3, day: 2024-06-30, unit: week, missing: ~, word: all, way: include}
sites: {acme: }
templates:
  facts: {file: facts.tds, publish: {as: Facts}, edits: [
`+edits+`
]}
`)
	if err := os.WriteFile(filepath.Join(filepath.Dir(path), "facts.tds"), []byte(facts), 0o600); err != nil {
		t.Fatal(err)
	}
	m, err := Load(path)
	if found, ok := errors.AsType[Problems](err); ok {
		return show(path, found)
	}
	if err != nil {
		t.Fatal(err)
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
		return strings.ReplaceAll(err.Error(), path, "m.yaml")
	}
	var out []string
	for ds := range rendering.File.Datasources() {
		for f := range ds.Filters() {
			if out = append(out, f.String()); f.Manual {
				out[len(out)-1] += ", as a list"
			}
		}
		for f := range ds.ExtractFilters() {
			out = append(out, "extract: "+f.String())
		}
	}
	for _, w := range rendering.Warnings() {
		out = append(out, "warning: "+w)
	}
	return strings.Join(out, "\n")
}

func TestFilterEdits(t *testing.T) {
	t.Parallel()
	const (
		tenant  = "Tenant all\n"
		extract = "extract: Tenant all\n"
		warning = `warning: data source "Facts" has an extract, which keeps the rows of the template until it is refreshed`
		note    = `warning: /datasource/extract: the rows in the extract of data source "Facts" stay as they are until it is refreshed`
	)
	for edit, want := range map[string]string{
		"{filter: Tenant, include: [a, ~]}":                                     "Tenant include a, null\n" + extract + warning,
		"{filter: Tenant, include: ['${word}']}":                                "Tenant include all\n" + extract + warning,
		"{filter: Amount, include: all}":                                        "Amount all\n" + tenant + extract + warning,
		"{filter: Amount, range: {min: 1, max: '${least}'}}":                    "Amount range 1 to 99.5\n" + tenant + extract + warning,
		"{filter: Amount, range: {max: 7}, nulls: include}":                     "Amount range to 7 or null\n" + tenant + extract + warning,
		"{filter: Amount, range: {}, nulls: exclude}":                           "Amount range any but null\n" + tenant + extract + warning,
		"{filter: Amount, range: {}, nulls: only}":                              "Amount range only null\n" + tenant + extract + warning,
		"{filter: Order Date, range: {min: 2023-01-03, max: '${day}'}}":         "Order Date range 2023-01-03 to 2024-06-30\n" + tenant + extract + warning,
		"{filter: Order Date, last: {years: 2}}":                                "Order Date last 2 years\n" + tenant + extract + warning,
		"{filter: Order Date, last: {days: '${n * 2}'}, nulls: '${way}'}":       "Order Date last 6 days or null\n" + tenant + extract + warning,
		"{filter: Order Date, previous: {months: 1}}":                           "Order Date previous month\n" + tenant + extract + warning,
		"{filter: Order Date, this: 'iso_${unit}'}":                             "Order Date this iso-week\n" + tenant + extract + warning,
		"{filter: Order Date, next: {iso_quarters: 3}, anchor: '${day}'}":       "Order Date next 3 iso-quarters as of 2024-06-30\n" + tenant + extract + warning,
		"{filter: Order Date, to_date: year, anchor: 2024-06-30}":               "Order Date year to date as of 2024-06-30\n" + tenant + extract + warning,
		"{filter: Order Date, to_date: {years: '${n}'}}":                        "Order Date last 3 years to date\n" + tenant + extract + warning,
		"{filter: Tenant, include: [a], manual: true}":                          "Tenant include a, as a list\n" + extract + warning,
		"{filter: Tenant, exclude: [a], manual: '${n == 3}'}":                   "Tenant exclude a, as a list\n" + extract + warning,
		"{filter: Tenant, remove: true}":                                        extract + warning,
		"{filter: '[tenant_id]', datasource: Facts, remove: true}":              extract + warning,
		"{filter: Amount, remove: true, optional: true}":                        tenant + strings.TrimSpace(extract),
		"{extract_filter: Tenant, exclude: [a]}":                                tenant + "extract: Tenant exclude a\n" + note,
		"{extract_filter: Order Date, this: year}":                              tenant + "extract: Order Date this year\n" + extract + note,
		"{extract_filter: Tenant, remove: true}":                                tenant + note,
		"{extract_filter: Nobody, remove: true, optional: true}":                tenant + strings.TrimSpace(extract),
		"{extract_filter: Nobody, include: [a], optional: true}":                tenant + strings.TrimSpace(extract),
		"{filter: Amount, remove: true}":                                        `no filter on field "Amount"; there are: Tenant`,
		"{extract_filter: Amount, remove: true, datasource: Facts}":             `no extract filter on field "Amount" in data source "Facts"; there are: Tenant`,
		"{filter: Order Date, range: {min: '${day}', max: 2024-06-29}}":         "the range from 2024-06-30 to 2024-06-29 is the wrong way round",
		"{filter: Amount, range: {min: '${unit}'}}":                             "(an expression converts it with float(…))",
		"{filter: Amount, this: year}":                                          "relative dates are for dates, the datatype is real",
		"{filter: Amount, range: {}}":                                           "range must have min, max or both, or the edit nulls\n",
		"{filter: Amount, range: {min: ~}}":                                     "must be a value, not null\n\tleave it out where there is to be none\n",
		"{filter: Amount, range: {max: '${missing}'}}":                          "must be a value, not null\n",
		"{filter: Order Date, this: day, anchor: '${missing}'}":                 "must be a value, not null\n",
		"{filter: Amount, range: {from: 1}}":                                    "unknown key \"from\" in range\n",
		"{filter: Amount, range: [1, 2]}":                                       "range must be a mapping, not a list\n",
		"{filter: Order Date, last: {year: 2}}":                                 "unknown key \"year\" in last\n\tdid you mean \"years\"?\n",
		"{filter: Order Date, last: {years: 2, days: 1}}":                       "last must have one period, like last: {months: 3}\n",
		"{filter: Order Date, next: {}}":                                        "next must have one period, like next: {months: 3}\n",
		"{filter: Order Date, last: {years: 0}}":                                "must be a whole number, 1 or more\n",
		"{filter: Order Date, last: {years: '${least}'}}":                       "must be a whole number, 1 or more\n\tan expression converts it with int(…)\n",
		"{filter: Order Date, this: months}":                                    "must be a period like month or year\n\tdid you mean \"month\"?\n",
		"{filter: Order Date, to_date: 7}":                                      "to_date must be text, not a number",
		"{filter: Order Date, this: day, nulls: only}":                          "nulls must be include or exclude\n",
		"{filter: Amount, range: {min: 1}, nulls: only}":                        "nulls must be include or exclude\n",
		"{filter: Amount, range: {}, nulls: keep}":                              "nulls must be include, exclude or only\n",
		"{filter: Tenant, include: [a], nulls: include}":                        "nulls is for range and relative dates, not for include\n\tnull is one of the values\n",
		"{filter: Tenant, remove: true, anchor: 2024-01-01}":                    "anchor is for relative dates, not for remove\n",
		"{filter: Amount, include: ['1']}":                                      `"1" is a string, the datatype is real (write it without quotes)`,
		"{filter: '[Amount]', include: [1]}":                                    `no field "[Amount]"; there are: Amount, Tenant, Order Date (brackets mean the internal name: without them it is the field that is shown as "Amount")`,
		"{filter: Order Date, last: {hours: 3}}":                                "a date has no hours, a datetime has",
		"{filter: Order Date, to_date: {year: 2}}":                              "unknown key \"year\" in to_date\n\tdid you mean \"years\"?\n",
		"{filter: Order Date, to_date: {}}":                                     "to_date must have one period, like to_date: {months: 3}\n",
		"{filter: Amount, range: {min: 1}, manual: true}":                       "manual is for include and exclude, not for range\n",
		"{filter: Tenant, include: all, manual: true}":                          "manual is for a list of values, not for all\n",
		"{filter: Tenant, remove: yes}":                                         "m.yaml:7:26: remove must be true or false, not text\n",
		"{filter: Tenant, remove: false}":                                       "remove can only be true\n\tleave the edit out\n",
		"{filter: Tenant, remove: true, include: [a]}":                          "a filter can have only one of include and remove\n",
		"{filter: Tenant, include: '${word}'}":                                  "must be a list, not text\n", // the word counts only where the manifest says it
		"{filter: Tenant, include: everything}":                                 "include must be a list, not text\n",
		"{filter: Tenant, include: [a]},\n{filter: Tenant, remove: true}":       "edit 1 and m.yaml:8 edit 2 set it differently",
		"{filter: Amount, range: {min: 1}},\n{filter: Amount, range: {min: 2}}": "edit 1 and m.yaml:8 edit 2 set it differently",
	} {
		t.Run(edit, func(t *testing.T) {
			t.Parallel()
			got := filtered(t, edit)
			if strings.HasPrefix(want, "Tenant ") || strings.HasPrefix(want, "Amount ") || strings.HasPrefix(want, "extract: ") {
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("filters (-want +got):\n%s", diff)
				}
			} else if !strings.Contains(got, want) {
				t.Errorf("got  %s\nwant %s", got, want)
			}
		})
	}
}

// TestExtractFilterOfTheExtract sets an extract filter where there is an extract, of two data sources that have the field.
func TestExtractFilterOfTheExtract(t *testing.T) {
	t.Parallel()
	const extract = `<extract enabled='true'><connection class='hyper' dbname='x.hyper' /></extract>`
	book := strings.Replace(fieldsBook, "    </datasource>\n    <datasource caption='Targets'", extract+"\n    </datasource>\n    <datasource caption='Targets'", 1)
	for _, c := range []struct{ book, edit, want string }{
		{book, "{extract_filter: Region, include: [n]}", "Orders: Region include n"},
		{book, "{extract_filter: Region, include: [n], all: true}", "Orders: Region include n"},
		{fieldsBook, "{extract_filter: Region, include: [n]}", `2 matches for field "Region": Orders, Targets`},
		{book, "{extract_filter: Quota, include: [7]}", `extract filter on "Quota" of data source "Targets": no extract in data source "Targets"`},
		{book, "{filter: Region, include: [n]}", `2 matches for field "Region": Orders, Targets`},
	} {
		rendering, got := renderFields(t, c.book, c.edit)
		if rendering != nil {
			for ds := range rendering.File.Datasources() {
				for f := range ds.ExtractFilters() {
					got += ds.Label() + ": " + f.String()
				}
			}
		}
		if !strings.HasSuffix(strings.TrimSuffix(got, "; there are none"), c.want) {
			t.Errorf("%s: %s, want %s", c.edit, got, c.want)
		}
	}
}
