package rest

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"testing"
)

func TestQueryPlan(t *testing.T) {
	t.Parallel()
	latest := Version{3, 29}
	for _, test := range []struct {
		query   Query
		version Version
		want    string
		local   int
	}{
		{Query{}, latest, "", 0},
		{
			Query{Filters: []Filter{Eq("projectName", "Finance"), Gte("updatedAt", "2026-05-01T06:00:00Z")}, Sort: []Order{Asc("name"), Desc("size")}},
			latest, "filter=projectName:eq:Finance,updatedAt:gte:2026-05-01T06:00:00Z&sort=name:asc,size:desc", 0,
		},
		{Query{Filters: []Filter{Eq("name", "R+D 50% é;=#/?")}}, latest, "filter=name:eq:R%2BD%2050%25%20%C3%A9%3B%3D%23%2F%3F", 0},
		{Query{Filters: []Filter{In("name", "a b", "c")}}, latest, "filter=name:in:[a%20b,c]", 0},
		{Query{Filters: []Filter{Eq("name", "mark*")}}, latest, "filter=name:eq:mark%2A", 0},
		{Query{Filters: []Filter{Eq("name", "Acme, Inc. & Co")}}, latest, "filter=name:eq:Acme%2A%20Inc.%20%2A%20Co", 1},
		{Query{Filters: []Filter{Eq("name", "Acme, Inc.")}}, Version{3, 21}, "", 1},
		{Query{Filters: []Filter{In("name", "a", "b,c")}}, latest, "", 1},
		{Query{Filters: []Filter{In("name", "a]")}}, latest, "", 1},
		{Query{Filters: []Filter{Gte("createdAt", "2026-01-01T00:00:00Z"), Lt("createdAt", "2026-02-01T00:00:00Z")}}, latest, "filter=createdAt:gte:2026-01-01T00:00:00Z", 1},
		{Query{Filters: []Filter{In("name", "a,b"), Eq("name", "a")}}, latest, "filter=name:eq:a", 1},
	} {
		p, err := test.query.plan(test.version, workbookFilters)
		if err != nil || p.query != test.want || len(p.local) != test.local {
			t.Errorf("%+v at %s:\n got %s, %d local, %v\nwant %s, %d local", test.query, test.version, p.query, len(p.local), err, test.want, test.local)
		}
		if _, err := url.ParseQuery(p.query); err != nil {
			t.Errorf("%s: %v", p.query, err)
		}
	}
}

func TestQueryRefused(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		query Query
		want  string
	}{
		{Query{PageSize: 1001}, "page size 1001"},
		{Query{PageSize: -1}, "page size -1"},
		{Query{Filters: []Filter{Eq("na:me", "a")}}, "not the name of a field"},
		{Query{Filters: []Filter{{}}}, "not the name of a field"},
		{Query{Filters: []Filter{Eq("name", "")}}, "empty value"},
		{Query{Filters: []Filter{In("name")}}, "empty value"},
		{Query{Filters: []Filter{Gt("createdAt", "yesterday")}}, "neither a number nor a time"},
		{Query{Sort: []Order{Asc("")}}, "not the name of a field"},
	} {
		_, err := test.query.plan(Version{3, 29}, workbookFilters)
		errorHas(t, err, test.want)
	}
}

func TestMatching(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		filter Filter
		value  string
		want   bool
	}{
		{Eq("f", "a,b"), "a,b", true},
		{Eq("f", "a,b"), "axb", false},
		{Eq("f", "a*,b"), "axx,b", true},
		{Eq("f", "*a*b*"), "xxaxxbxx", true},
		{Eq("f", "a*a"), "a", false},
		{Eq("f", "*b*a"), "ab", false},
		{In("f", "a,b", "c"), "c", true},
		{In("f", "a,b", "c"), "a", false},
		{Gt("f", "9"), "10", true},
		{Gt("f", "10"), "10", false},
		{Gte("f", "10"), "10", true},
		{Lt("f", "2026-05-01T06:00:00Z"), "2026-05-01T05:59:59Z", true},
		{Lte("f", "2026-05-01T06:00:00Z"), "2026-05-01T06:00:01Z", false},
		{Gt("f", "9"), "many", false},
	} {
		if got := test.filter.matches([]string{"no", test.value}); got != test.want {
			t.Errorf("%+v matches %q: %v", test.filter, test.value, got)
		}
	}
}

func workbookList(page, size, total int, names ...string) reply {
	list := fmt.Sprintf(`<pagination pageNumber="%d" pageSize="%d" totalAvailable="%d"/><workbooks>`, page, size, total)
	for _, name := range names {
		list += fmt.Sprintf(`<workbook id="id-%s" name=%q unknown="x"><project id="p1" name="Default"/><owner id="u1"/><tags><tag label="gold"/></tags><new/></workbook>`, name, name)
	}
	return ok(list + `</workbooks>`)
}

func TestPaging(t *testing.T) {
	t.Parallel()
	const endless = 9_000_000_000_000_000_000
	nameless := ok(`<pagination pageNumber="2" pageSize="1" totalAvailable="9"/><workbooks><workbook name="b"/></workbooks>`)
	for name, test := range map[string]struct {
		replies []reply
		want    []string
		err     string
	}{
		"empty":                {[]reply{workbookList(1, 2, 0)}, nil, ""},
		"one page":             {[]reply{workbookList(1, 2, 2, "a", "b")}, []string{"a", "b"}, ""},
		"three pages":          {[]reply{workbookList(1, 2, 5, "a", "b"), workbookList(2, 2, 5, "c", "d"), workbookList(3, 2, 5, "e")}, []string{"a", "b", "c", "d", "e"}, ""},
		"total grows":          {[]reply{workbookList(1, 2, 3, "a", "b"), workbookList(2, 2, 5, "b", "c"), workbookList(3, 2, 5, "d")}, []string{"a", "b", "c", "d"}, ""},
		"total shrinks":        {[]reply{workbookList(1, 2, 5, "a", "b"), workbookList(2, 2, 3, "c")}, []string{"a", "b", "c"}, ""},
		"past the end":         {[]reply{workbookList(1, 2, 3, "a", "b"), refusal("400006", "Invalid page number", "too far")}, []string{"a", "b"}, ""},
		"empty page":           {[]reply{workbookList(1, 2, 9, "a", "b"), workbookList(2, 2, 9)}, []string{"a", "b"}, ""},
		"server's own size":    {[]reply{workbookList(1, 1, 2, "a"), workbookList(2, 1, 2, "b")}, []string{"a", "b"}, ""},
		"no size in the echo":  {[]reply{workbookList(1, 0, 3, "a", "b"), workbookList(2, 0, 3, "c")}, []string{"a", "b", "c"}, ""},
		"first page again":     {[]reply{workbookList(1, 2, 9, "a", "b"), workbookList(1, 2, 9, "a", "b")}, []string{"a", "b"}, "asked for page 2, the server sent page 1"},
		"one item for ever":    {[]reply{workbookList(1, 1, endless, "a"), workbookList(2, 1, endless, "a")}, []string{"a"}, "page 2 brings nothing new"},
		"no LUID for ever":     {[]reply{workbookList(1, 1, 9, "a"), nameless}, []string{"a", "b"}, "page 2 brings nothing new"},
		"last page is old":     {[]reply{workbookList(1, 1, 2, "a"), workbookList(2, 1, 2, "a")}, []string{"a"}, ""},
		"immense pages":        {[]reply{workbookList(1, endless-1, endless, "a"), workbookList(2, endless-1, endless, "b")}, []string{"a", "b"}, ""},
		"less than nothing":    {[]reply{workbookList(1, -1, -1, "a")}, []string{"a"}, ""},
		"refused on page one":  {[]reply{refusal("400006", "Invalid page number", "no")}, nil, "code 400006"},
		"no pagination at all": {[]reply{ok(`<workbooks><workbook id="1" name="a"/></workbooks>`)}, []string{"a"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, f := signedIn(t, inOrder(t, test.replies...))
			list, err := Collect(s.Workbooks.All(t.Context(), Query{PageSize: 2, Filters: []Filter{Eq("ownerName", "ana")}}))
			equal(t, "workbooks", convert(list, func(w Workbook) string { return w.Name }), test.want)
			if test.err == "" {
				errorIs(t, err, nil)
			} else {
				errorHas(t, err, test.err)
			}
			for i, line := range f.lines() {
				if want := fmt.Sprintf("GET workbooks?filter=ownerName:eq:ana&pageNumber=%d&pageSize=2", i+1); line != want {
					t.Errorf("request %s, want %s", line, want)
				}
			}
		})
	}
}

// An iterator can be ranged over twice, and stops asking when its user stops.
func TestPagingTwiceAndPartly(t *testing.T) {
	t.Parallel()
	s, f := signedIn(t, func(r seenRequest) reply { return workbookList(1, 2, 100, "a", "b") })
	all := s.Workbooks.All(t.Context(), Query{})
	for range 2 {
		for w, err := range all {
			if err != nil || w.Name != "a" {
				t.Errorf("%+v, %v", w, err)
			}
			break
		}
	}
	if len(f.lines()) != 2 {
		t.Errorf("requests %v", f.lines())
	}
}

// What the server cannot filter is finished here, and refused if it cannot be finished here either.
func TestFilteringHere(t *testing.T) {
	t.Parallel()
	s, f := signedIn(t, func(seenRequest) reply { return workbookList(1, 100, 3, "a,b", "axb", "a,c") })
	list, err := Collect(s.Workbooks.All(t.Context(), Query{Filters: []Filter{Eq("name", "a,b")}}))
	if err != nil || len(list) != 1 || list[0].Name != "a,b" {
		t.Errorf("%+v, %v", list, err)
	}
	if want := "GET workbooks?filter=name:eq:a%2Ab&pageNumber=1&pageSize=100"; !slices.Equal(f.lines(), []string{want}) {
		t.Errorf("requests %v, want %s", f.lines(), want)
	}
	_, err = Collect(s.Workbooks.All(t.Context(), Query{Filters: []Filter{Eq("ownerEmail", "a,b")}}))
	errorHas(t, err, `filter on "ownerEmail"`)
}

func TestByName(t *testing.T) {
	t.Parallel()
	answer := ok(`<pagination pageNumber="1" pageSize="100" totalAvailable="3"/><datasources>
		<datasource id="d1" name="Orders"><project id="p1" name="Default"/></datasource>
		<datasource id="d2" name="Orders"><project id="p2" name="North"/></datasource>
		<datasource id="d3" name="Orders*"><project id="p3" name="South"/></datasource></datasources>`)
	s, _ := signedIn(t, func(seenRequest) reply { return answer })
	d, err := s.Datasources.ByName(t.Context(), "Orders", "p2")
	if err != nil || d.LUID != "d2" || d.ProjectName != "North" {
		t.Errorf("%+v, %v", d, err)
	}
	_, err = s.Datasources.ByName(t.Context(), "Orders", "")
	if ambiguous, is := errors.AsType[*AmbiguousError](err); !is || len(ambiguous.Matches) != 2 {
		t.Errorf("%v", err)
	}
	errorHas(t, err, `data source "Orders" is ambiguous: d1 in project "Default" (p1), d2 in project "North" (p2)`)
	_, err = s.Datasources.ByName(t.Context(), "Orders", "p9")
	errorIs(t, err, ErrNotFound)
	errorHas(t, err, `no data source "Orders" in project p9; there is d1 in project "Default" (p1), d2`)
}
