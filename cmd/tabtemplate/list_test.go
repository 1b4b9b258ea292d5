package main

import (
	"context"
	"errors"
	"iter"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/tabtemplate/tabtemplate/rest"
	"github.com/tabtemplate/tabtemplate/rest/emulator"
)

// What the server can filter and sort by it is asked for.
func TestListAsksTheServer(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		flags   lister
		filters []rest.Filter
		sort    []rest.Order
		page    int
	}{
		{name: "nothing", sort: []rest.Order{rest.Asc("name")}, page: 1000},
		{name: "few", flags: lister{limit: 3}, sort: []rest.Order{rest.Asc("name")}, page: 3},
		{name: "greatest first", flags: lister{sort: "-size_mb"}, sort: []rest.Order{rest.Desc("size")}, page: 1000},
		{name: "what is sorted here needs everything", flags: lister{sort: "project", limit: 3}, page: 1000},
		{
			name:    "a filter on each kind",
			flags:   lister{filters: []string{"name=Sales, EMEA", "size_mb>=5", "updated_at<2026-01-31", "has_extracts=true", "tags=gold"}},
			filters: []rest.Filter{rest.Eq("name", "Sales, EMEA"), rest.Gte("size", "5"), rest.Lt("updatedAt", "2026-01-31T00:00:00Z"), rest.Eq("hasExtracts", "true"), rest.Eq("tags", "gold")},
			sort:    []rest.Order{rest.Asc("name")}, page: 1000,
		},
		{
			name:    "values as the server writes them",
			flags:   lister{filters: []string{"has_extracts=T", "size_mb>=+05"}},
			filters: []rest.Filter{rest.Eq("hasExtracts", "true"), rest.Gte("size", "5")},
			sort:    []rest.Order{rest.Asc("name")}, page: 1000,
		},
		{
			name:    "of a field the first, since the server heeds one alone",
			flags:   lister{filters: []string{"created_at>2026-01-01T06:00:00+06:00", "created_at<=2026-01-31"}, limit: 3},
			filters: []rest.Filter{rest.Gt("createdAt", "2026-01-01T00:00:00Z")}, sort: []rest.Order{rest.Asc("name")}, page: 1000,
		},
		{
			name:  "what it does not know, or not like this",
			flags: lister{filters: []string{"project=Sales", "name!=Sales", "name~sales", "name=S*", "owner="}},
			sort:  []rest.Order{rest.Asc("name")}, page: 1000,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.flags.app = &app{}
			got, err := workbookList.choose(&c.flags)
			if err != nil {
				t.Fatal(err)
			}
			if want := (rest.Query{Filters: c.filters, Sort: c.sort, PageSize: c.page}); !reflect.DeepEqual(got.query, want) {
				t.Errorf("the query is %+v\nwant %+v", got.query, want)
			}
			if len(got.conditions) != len(c.flags.filters) {
				t.Errorf("%d conditions are checked here, of %d", len(got.conditions), len(c.flags.filters))
			}
		})
	}
}

// Every filter and sort that a column sends is one that the client lets pass.
func TestColumnsOfTheServer(t *testing.T) {
	t.Parallel()
	e, err := emulator.New(emulator.WithDemo())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() })
	server := httptest.NewServer(e)
	t.Cleanup(server.Close)
	c, err := rest.NewClient(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	s, err := c.SignIn(t.Context(), rest.UserPassword{Name: "admin", Password: "admin-password"}, "")
	if err != nil {
		t.Fatal(err)
	}
	acceptsColumns(t, s, workbookList)
	acceptsColumns(t, s, datasourceList)
	acceptsColumns(t, s, userList)
	acceptsColumns(t, s, memberList("Sales"))
	acceptsColumns(t, s, groupList)
	acceptsColumns(t, s, jobList)
}

func acceptsColumns[T any](t *testing.T, s *rest.Session, l list[T]) {
	t.Helper()
	var none T
	for _, c := range l.columns {
		if c.server == "" {
			continue
		}
		condition := c.name + "=x"
		switch c.value(none).(type) {
		case bool:
			condition = c.name + "=true"
		case int, int64:
			condition = c.name + ">=1"
		case time.Time:
			condition = c.name + ">2026-01-31"
		}
		for _, f := range []lister{{filters: []string{condition}}, {sort: c.name}} {
			f.app = &app{}
			chosen, err := l.choose(&f)
			if err != nil {
				t.Error(err)
				continue
			}
			if _, err := rest.Collect(l.all(t.Context(), s, chosen.query)); err != nil {
				t.Errorf("%q, sort %q: %v", f.filters, f.sort, err)
			}
		}
	}
}

// numbers is a list that says what of it was read, and fails at 5 if it is read so far.
func numbers(read *int) list[int] {
	return list[int]{
		columns: []column[int]{{name: "n", value: func(n int) any { return n }}, {name: "even", value: func(n int) any { return n%2 == 0 }, more: true}},
		all: func(context.Context, *rest.Session, rest.Query) iter.Seq2[int, error] {
			return func(yield func(int, error) bool) {
				for *read = 1; *read < 5; *read++ {
					if !yield(*read, nil) {
						return
					}
				}
				yield(0, errors.New("the server is gone"))
			}
		},
	}
}

func TestListRows(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		flags lister
		app   app
		read  int
		want  string
		err   string
	}{
		{name: "no more is read than is wanted", flags: lister{limit: 2}, app: app{quiet: true}, read: 2, want: "1\n2\n"},
		{name: "of what is kept", flags: lister{limit: 2, filters: []string{"even=true"}}, app: app{quiet: true}, read: 4, want: "2\n4\n"},
		{name: "what is sorted is read whole", flags: lister{limit: 2, sort: "-n"}, app: app{quiet: true}, read: 5, err: "the server is gone"},
		{name: "lines go out as they come", app: app{quiet: true}, read: 5, want: "1\n2\n3\n4\n", err: "the server is gone"},
		{name: "JSON that is not whole does not look so", flags: lister{fields: []string{"n"}}, app: app{json: true}, read: 5, want: "[\n  {\n    \"n\": 1\n  },\n  {\n    \"n\": 2\n  },\n  {\n    \"n\": 3\n  },\n", err: "the server is gone"},
		{name: "no half table", read: 5, err: "the server is gone"},
		{name: "a table", flags: lister{limit: 1, fields: []string{"even", "n"}}, read: 1, want: "EVEN   N\nfalse  1\n"},
		{name: "JSON", flags: lister{limit: 1}, app: app{json: true}, read: 1, want: "[\n  {\n    \"n\": 1,\n    \"even\": false\n  }\n]\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var out strings.Builder
			read := 0
			c.app.stdout = &output{w: &out}
			c.flags.app = &c.app
			l := numbers(&read)
			chosen, err := l.choose(&c.flags)
			if err != nil {
				t.Fatal(err)
			}
			err = printRows(&c.app, chosen.columns, chosen.rows(l.all(t.Context(), nil, chosen.query)))
			if text := errorText(err); text != c.err || out.String() != c.want || read != c.read {
				t.Errorf("read %d, error %q, printed %q\nwant %d, %q, %q", read, text, &out, c.read, c.err, c.want)
			}
		})
	}
}

func TestObject(t *testing.T) {
	t.Parallel()
	var none []string
	o := object{
		{"text", "a\tb\n<&>"},
		{"none", none},
		{"tags", []string{"x", "y, z"}},
		{"never", time.Time{}},
		{"then", time.Date(2026, 1, 31, 6, 0, 0, 0, time.FixedZone("", 3600))},
		{"size", int64(3)},
	}
	var out strings.Builder
	if err := encodeJSON(&out, "", o); err != nil {
		t.Fatal(err)
	}
	want := "{\n  \"text\": \"a\\tb\\n<&>\",\n  \"none\": [],\n  \"tags\": [\n    \"x\",\n    \"y, z\"\n  ],\n  \"never\": null,\n  \"then\": \"2026-01-31T05:00:00Z\",\n  \"size\": 3\n}\n"
	if out.String() != want {
		t.Errorf("JSON:\n%s\nwant\n%s", &out, want)
	}
	if got, want := o.line(), "a b <&>\t\tx, y, z\t\t2026-01-31T05:00:00Z\t3"; got != want {
		t.Errorf("line %q, want %q", got, want)
	}
}

// Paths come as a tree does, and case counts last.
func TestCompareValues(t *testing.T) {
	t.Parallel()
	for _, ordered := range [][]any{
		{"a", "A/b", "a b", "B", "b"},
		{"Finance", "finance/EMEA", "Finance/EMEA/North", "Finance B"},
		{int64(2), int64(10)},
		{false, true},
		{time.Time{}, time.Unix(0, 0)},
		{[]string(nil), []string{"a"}, []string{"a", "b"}},
	} {
		for i := range ordered {
			for j := range ordered {
				if got := compareValues(ordered[i], ordered[j]); got < 0 != (i < j) || got > 0 != (i > j) {
					t.Errorf("%v and %v: %d", ordered[i], ordered[j], got)
				}
			}
		}
	}
}

// Who stops waiting for a job is told that it goes on, and how to wait again.
func TestInterruptedWait(t *testing.T) {
	t.Parallel()
	e, err := emulator.New(emulator.WithDemo(), emulator.WithJobsByHand())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() })
	server := httptest.NewServer(e)
	t.Cleanup(server.Close)
	c, err := rest.NewClient(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	s, err := c.SignIn(t.Context(), rest.UserPassword{Name: "admin", Password: "admin-password"}, "")
	if err != nil {
		t.Fatal(err)
	}
	job, err := s.Users.ImportCSV(t.Context(), []rest.UserImport{{Name: "bob"}})
	if err != nil {
		t.Fatal(err)
	}
	ctx, interrupt := context.WithCancel(t.Context())
	stderr := &hook{before: interrupt} // as soon as it says that it waits
	secret := strings.NewReader("admin-password")
	args := []string{"jobs", job.LUID, "--wait", "--server", server.URL, "--user", "admin", "--password-file", "-"}
	var stdout strings.Builder
	if code := run(ctx, args, secret, &stdout, stderr); code != exitFailed {
		t.Errorf("exit code %d", code)
	}
	want := "job " + job.LUID + ": Pending, 0%\nthe job goes on: `tabtemplate jobs " + job.LUID + " --wait` waits for it again\ninterrupted\n"
	if stderr.String() != want || stdout.Len() > 0 {
		t.Errorf("printed %q and %q, want %q", &stdout, stderr, want)
	}
}
