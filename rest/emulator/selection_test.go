package emulator

import (
	"bytes"
	"fmt"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
)

// ask asks a list as a request with the query does, and returns the list element or the refusal.
func ask[T any](t *testing.T, l listing[T], query string) string {
	t.Helper()
	answer, err := l.reply(&call{query: parseQuery(query)})
	if err != nil {
		answer = refusalOf(err).reply()
	}
	recorder := httptest.NewRecorder()
	answer.write(recorder, httptest.NewRequest("GET", "/", nil))
	body := strings.TrimSuffix(strings.TrimPrefix(recorder.Body.String(), xmlHead), xmlTail)
	return regexp.MustCompile(`^<pagination[^>]*/>`).ReplaceAllString(body, "")
}

// "Using Fields in the REST API", and the names that TSC writes.
func TestFields(t *testing.T) {
	t.Parallel()
	l := listing[int]{name: "workbooks", items: []int{1}, render: func(int) *element {
		return node("workbook",
			node("project").with("id", "p").withExtra("description", "d"),
			node("owner").with("id", "o").withExtra("email", "e"),
			node("tags", node("tag").with("label", "gold")),
			node("dataAccelerationConfig").asExtra(),
		).with("id", "w").with("name", "Sales").withExtra("sheetCount", "3")
	}}
	const (
		project = `<project id="p"/>`
		owner   = `<owner id="o"/>`
		tags    = `<tags><tag label="gold"/></tags>`
		whole   = `<workbook id="w" name="Sales" sheetCount="3"><project id="p" description="d"/><owner id="o" email="e"/>` + tags + `<dataAccelerationConfig/></workbook>`
	)
	for fields, want := range map[string]string{
		"":                              `<workbook id="w" name="Sales">` + project + owner + tags + `</workbook>`,
		"_default_":                     `<workbook id="w" name="Sales">` + project + owner + tags + `</workbook>`,
		"_all_":                         whole,
		"id,_all_":                      whole,
		"name":                          `<workbook name="Sales"/>`,
		"description":                   `<workbook/>`, // a field that this one does not have
		"name,sheetCount":               `<workbook name="Sales" sheetCount="3"/>`,
		"_default_,sheetCount":          `<workbook id="w" name="Sales" sheetCount="3">` + project + owner + tags + `</workbook>`,
		"_default_,owner._all_":         `<workbook id="w" name="Sales">` + project + `<owner id="o" email="e"/>` + tags + `</workbook>`,
		"owner":                         `<workbook>` + owner + `</workbook>`,
		"owner.email, project.id":       `<workbook>` + project + `<owner email="e"/></workbook>`,
		"owner.email,owner":             `<workbook><owner id="o" email="e"/></workbook>`,
		"workbook.name,workbook.tag":    `<workbook name="Sales">` + tags + `</workbook>`,
		"workbook._all_":                whole,
		"workbook.owner.id,owner.email": `<workbook><owner id="o" email="e"/></workbook>`,
		"dataAccelerationConfig":        `<workbook><dataAccelerationConfig/></workbook>`,
	} {
		if got := ask(t, l, "fields="+fields); got != "<workbooks>"+want+"</workbooks>" {
			t.Errorf("%s:\n got %s\nwant %s", fields, got, want)
		}
	}
	for _, fields := range []string{"nothing", "Name", "owner.nothing", "owner.owner", "name.x", "view.name", "owner.", ".", "id,", "a.b.c.d", "_ALL_"} {
		for _, items := range [][]int{l.items, nil} {
			l := listing[int]{name: l.name, items: items, render: l.render}
			if got := ask(t, l, "fields="+fields); !strings.Contains(got, `<error code="400065">`) {
				t.Errorf("%s: %s", fields, got)
			}
		}
	}
	schedules := listing[int]{name: "schedules", items: l.items, render: func(int) *element { return node("schedule").with("id", "s") }}
	if got := ask(t, schedules, "fields=nothing"); got != `<schedules><schedule id="s"/></schedules>` {
		t.Errorf("a list that does not heed fields: %s", got)
	}
	jobs := listing[int]{name: "backgroundJobs", items: l.items, render: func(int) *element {
		return node("backgroundJob").with("id", "j").with("title", "Sales")
	}}
	if got := ask(t, jobs, "fields=job.title"); got != `<backgroundJobs><backgroundJob title="Sales"/></backgroundJobs>` {
		t.Errorf("jobs: %s", got)
	}
}

// What an answer to one resource says of it without the parameter.
func TestWhole(t *testing.T) {
	t.Parallel()
	render := func() *element {
		return node("user", node("domain").with("name", "local").asExtra()).with("id", "u").withExtra("email", "e")
	}
	for want, e := range map[string]*element{
		`<user id="u"/>`: render(),
		`<user id="u" email="e"><domain name="local"/></user>`: render().whole(),
	} {
		var b bytes.Buffer
		e.dropExtras()
		if e.writeTo(&b); b.String() != want {
			t.Errorf("%s, want %s", b.String(), want)
		}
	}
}

// The operators that only some lists have, and lists that come whole.
func TestOperators(t *testing.T) {
	t.Parallel()
	itself := func(s string) string { return s }
	l := listing[string]{
		name: "groups", items: []string{"Sales", "sales north", "Ops"}, unpaged: true,
		render: func(s string) *element { return node("group").with("name", s) },
		fields: map[string]field[string]{
			"name":  textField(itself, "cieq", "like"),
			"notes": operatorsField(itself, "has"),
		},
	}
	for filter, want := range map[string]string{
		"name:eq:sales":              "",
		"name:cieq:SALES":            "Sales",
		"name:like:SALES":            "Sales,sales north",
		"name:like:s*th":             "sales north",
		"notes:has:ale":              "Sales,sales north",
		"notes:has:ALE":              "",
		"name:eq:S*":                 "Sales",
		"name:eq:*s*s*":              "sales north",
		"name:eq:*":                  "Sales,sales north,Ops",
		"name:eq:Sales*Sales":        "",
		"name:in:[Ops,Sales,x]":      "Sales,Ops",
		"name:eq:Ops,name:eq:Sales":  "Sales",
		"name:eq:Ops,notes:has:Sale": "",
	} {
		got := ask(t, l, "filter="+filter+"&pageSize=1&pageNumber=7")
		var names []string
		for _, m := range regexp.MustCompile(`name="([^"]*)"`).FindAllStringSubmatch(got, -1) {
			names = append(names, m[1])
		}
		if strings.Join(names, ",") != want || !strings.HasPrefix(got, "<groups") {
			t.Errorf("%s: %s, want %s", filter, got, want)
		}
	}
	for _, filter := range []string{"notes:eq:x", "name:has:x", "name:gt:x", "notes:cieq:x"} {
		if got := ask(t, l, "filter="+filter); !strings.Contains(got, `<error code="400065">`) {
			t.Errorf("%s: %s", filter, got)
		}
	}
}

// A page costs what is on it: of a long list as much as of a short one.
func BenchmarkPage(b *testing.B) {
	for _, total := range []int{100, 10_000, 1_000_000} {
		b.Run(fmt.Sprint(total), func(b *testing.B) {
			l := listing[int]{name: "workbooks", items: make([]int, total), render: func(int) *element {
				return node("workbook", node("owner").with("id", "o")).with("id", "w").with("name", "Sales")
			}}
			c := &call{query: parseQuery("pageSize=100&pageNumber=" + fmt.Sprint(total/100))}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := l.reply(c); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// What is rendered is what is on the page.
func TestOnlyThePageIsRendered(t *testing.T) {
	t.Parallel()
	rendered := 0
	l := listing[int]{name: "workbooks", items: make([]int, 10_000), render: func(int) *element {
		rendered++
		return node("workbook")
	}}
	ask(t, l, "pageSize=10&pageNumber=1000")
	if rendered != 10 {
		t.Errorf("%d items were rendered, want 10", rendered)
	}
}
