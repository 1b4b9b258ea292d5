package emulator

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

var nameInAnswer = regexp.MustCompile(`<workbook id="#[0-9]+" name="([^"]*)"`)

// TSC-18 and the documented expressions: what each finds, in order.
func TestFilterAndSort(t *testing.T) {
	t.Parallel()
	w := start(t)
	for i, name := range []string{"b", "A, b&amp;c", "a", "mark-ample", "[x]"} {
		w.publish("workbook", "", `name="`+name+`" showTabs="`+fmt.Sprint(i%2 == 0)+`"`, ``, "a.twb", salesTWB).wantStatus(201)
		w.clock.advance(time.Minute)
	}
	w.send("PUT S/workbooks/a/tags?key=contentUrl HTTP/1.1\nX-Tableau-Auth: TOKEN\n\n" +
		`<tsRequest><tags><tag label="gold"/><tag label="new"/></tags></tsRequest>`).wantStatus(200)
	all := []string{"b", "A, b&amp;c", "a", "mark-ample", "[x]"}
	tests := map[string][]string{
		"sort=name%3Adesc&filter=createdAt%3Agte%3A2020-01-01T00%3A00%3A00Z%2Cname%3Aeq%3AA%2C+b%26c&pageNumber=1&pageSize=100": {"A, b&amp;c"},
		"filter=name%3Ain%3A%5Ba%2Cb%5D":                    {"b", "a"},
		"filter=name:in:[a,b]&sort=name:asc":                {"a", "b"},
		"filter=name:in:[]":                                 {},
		"filter=name:in:[a,name:eq:b]":                      {"a"},
		"sort=name:asc":                                     {"A, b&amp;c", "[x]", "a", "b", "mark-ample"},
		"sort=createdAt:desc":                               {"[x]", "mark-ample", "a", "A, b&amp;c", "b"},
		"sort=displayTabs:asc,name:desc":                    {"mark-ample", "A, b&amp;c", "b", "a", "[x]"},
		"filter=name:eq:mark*":                              {"mark-ample"},
		"filter=name:eq:*-ample":                            {"mark-ample"},
		"filter=name:eq:*a*":                                {"a", "mark-ample"},
		"filter=name:eq:A":                                  {},
		"filter=name:eq:[x]":                                {"[x]"},
		"filter=tags:eq:gold":                               {"a"},
		"filter=tags:in:[old,new]":                          {"a"},
		"filter=displayTabs:eq:false":                       {"A, b&amp;c", "mark-ample"},
		"filter=createdAt:gt:2026-03-02T10:03:00Z":          {"[x]"},
		"filter=createdAt:lte:2026-03-02T11:01:00.5%2B0100": {"b", "A, b&amp;c"},
		"filter=createdAt:lt:2026-03-02T10:01:00Z":          {"b"},
		"filter=createdAt:eq:2026-03-02T10:01:00Z":          {"A, b&amp;c"},
		"filter=createdAt:gt:2026-03-02T10:03:00Z,createdAt:lt:2026-03-02T10:01:00Z": {"b"}, // the last term on a field counts
		"filter=name:eq:a,name:in:[a,b],projectName:eq:Default":                      {"b", "a"},
		"filter=sheetCount:eq:3&x;y=z;&None&None":                                    all,
		"filter=size:lt:1":                                       {},
		"filter=hasExtracts:eq:true":                             {},
		"filter=ownerName:eq:admin&fields=_default_,owner._all_": all,
		"filter=": all,
	}
	for query, want := range tests {
		got := []string{}
		for _, m := range nameInAnswer.FindAllStringSubmatch(w.get("workbooks?"+query).wantStatus(200).body, -1) {
			got = append(got, m[1])
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", query, got, want)
		}
	}
	w.get("views?filter=viewUrlName:eq:Map").wantIn(`totalAvailable="5"`)
	w.get("views?filter=contentUrl%3Aeq%3Aa%2Fsheets%2FMap").wantIn(`totalAvailable="1"`, `contentUrl="a/sheets/Map"`)
	w.get("views?filter=workbookName:eq:a,sheetType:eq:dashboard").wantIn(`totalAvailable="1"`)
}

func TestFilterRefused(t *testing.T) {
	t.Parallel()
	w := start(t) // with no workbook: a wrong filter is wrong on an empty list too
	for _, query := range []string{
		"filter=name", "filter=name:eq", "filter=nothing:eq:a", "filter=Name:eq:a", "filter=name:EQ:a", "filter=name:like:a", "filter=name:gt:a",
		"filter=name:in:a,b", "filter=size:eq:big", "filter=createdAt:gt:yesterday", "filter=displayTabs:eq:maybe", "filter=displayTabs:gt:true",
		"filter=displayTabs:eq:", "sort=name", "sort=name:up", "sort=nothing:asc", "sort=name:asc,",
	} {
		w.get("workbooks?"+query).wantError(400065, "The ")
	}
}

func TestPaging(t *testing.T) {
	t.Parallel()
	w := start(t)
	for i := range 5 {
		w.publish("workbook", "", fmt.Sprintf(`name="w%d"`, i), ``, "a.twb", salesTWB).wantStatus(201)
	}
	for query, want := range map[string]string{
		"":                        `<pagination pageNumber="1" pageSize="100" totalAvailable="5"/>w0w1w2w3w4`,
		"pageSize=2":              `<pagination pageNumber="1" pageSize="2" totalAvailable="5"/>w0w1`,
		"pageSize=2&pageNumber=3": `<pagination pageNumber="3" pageSize="2" totalAvailable="5"/>w4`,
		"pageNumber=1&pageSize=5": `<pagination pageNumber="1" pageSize="5" totalAvailable="5"/>w0w1w2w3w4`,
		"pageSize=1000":           `<pagination pageNumber="1" pageSize="1000" totalAvailable="5"/>w0w1w2w3w4`,
		"pageSize=&pageNumber=":   `<pagination pageNumber="1" pageSize="100" totalAvailable="5"/>w0w1w2w3w4`,
		"pageSize=2&filter=name:in:[w4,w1,w3]&sort=name:desc&pageNumber=2": `<pagination pageNumber="2" pageSize="2" totalAvailable="3"/>w1`,
	} {
		body := w.get("workbooks?" + query).wantStatus(200).body
		pagination := regexp.MustCompile(`<pagination[^>]*>`).FindString(body)
		for _, m := range nameInAnswer.FindAllStringSubmatch(body, -1) {
			pagination += m[1]
		}
		if pagination != want {
			t.Errorf("%s: %s, want %s", query, pagination, want)
		}
		if !strings.HasPrefix(body, xmlHead+"<pagination") || !strings.HasSuffix(body, "</workbooks></tsResponse>") {
			t.Errorf("%s: the pagination is not first, or the list not last: %s", query, body)
		}
	}
	for query, code := range map[string]int{
		"pageNumber=0": 400006, "pageNumber=-1": 400006, "pageNumber=x": 400006, "pageNumber=2": 400006, "pageSize=2&pageNumber=4": 400006,
		"pageSize=0": 400007, "pageSize=-1": 400007, "pageSize=x": 400007, "pageSize=1001": 403014,
	} {
		w.get("workbooks?"+query).wantError(code, "page")
	}
	w.get("datasources?pageNumber=1").want(200, `<pagination pageNumber="1" pageSize="100" totalAvailable="0"/><datasources/>`)
	w.get("datasources?pageNumber=2").wantError(400006, "page")
}

// Whatever a filter holds, it is answered with a list or refused with 400065.
func FuzzFilter(f *testing.F) {
	for _, s := range []string{"name:eq:a", "name:in:[a,b],size:gt:1", "tags:eq:*", "createdAt:gte:2026-03-02T10:00:00Z", "name:eq:(,]["} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, expression string) {
		l := listing[*asset]{name: "workbooks", fields: workbookFields(nil), items: []*asset{}}
		_, err := l.filter(parseQuery("filter=" + url.QueryEscape(expression))["filter"])
		if refusal, ok := err.(*apiError); err != nil && (!ok || refusal.code != codeFilter) {
			t.Errorf("filter %q: %v", expression, err)
		}
	})
}
