package rest

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"
)

// What the server would refuse is refused before anything is sent, with all that is wrong.
func TestWorkRefusals(t *testing.T) {
	t.Parallel()
	daily := Daily("05:00")
	refused := func(want string, call func(ctx context.Context, s *Session) error) {
		t.Helper()
		s, f := signedIn(t, inOrder(t))
		err := call(t.Context(), s)
		for part := range strings.SplitSeq(want, "|") {
			errorHas(t, err, part)
		}
		if len(f.lines()) != 0 {
			t.Errorf("%v: sent %q", err, f.lines())
		}
	}
	schedule := func(c ScheduleCreate) func(context.Context, *Session) error {
		return func(ctx context.Context, s *Session) error { _, err := s.Schedules.Create(ctx, c); return err }
	}
	refused(`creating schedule "": |priority 101 is not between 1 and 100|execution order "serial" is none of Parallel, Serial|"Yearly"|the name is empty|type "Report" is none of Extract, Subscription, Flow`,
		schedule(ScheduleCreate{Type: "Report", Priority: 101, ExecutionOrder: "serial", Frequency: Frequency{Kind: "Yearly", Start: "05:00:00"}}))
	refused("frequency", schedule(ScheduleCreate{Name: "a", Type: ExtractSchedule}))

	update := func(luid string, u ScheduleUpdate) func(context.Context, *Session) error {
		return func(ctx context.Context, s *Session) error { _, err := s.Schedules.Update(ctx, luid, u); return err }
	}
	refused(`the new name is empty|state "active" is none of Active, Suspended|priority 0|execution order ""|takes an end`,
		update("h1", ScheduleUpdate{Name: new(""), State: new("active"), Priority: new(0), ExecutionOrder: new(""), Frequency: EveryHours(2, "05:00", "")}))
	refused(`"" is not the LUID of a schedule`, update("", ScheduleUpdate{}))
	refused("frequency", update("h1", ScheduleUpdate{Frequency: Frequency{Start: "05:00:00"}}))

	states := func(state string, luids ...string) func(context.Context, *Session) error {
		return func(ctx context.Context, s *Session) error {
			_, err := s.Schedules.SetStates(ctx, state, luids...)
			return err
		}
	}
	refused(`state "off" is none of`, states("off", "h1"))
	refused("no LUIDs", states(ScheduleActive))

	refused(`not the LUID of a schedule|not the LUID of a workbook`, func(ctx context.Context, s *Session) error {
		_, err := s.Schedules.AddWorkbook(ctx, "", "..", RefreshOptions{})
		return err
	})
	refused("not the LUID of a schedule", func(ctx context.Context, s *Session) error { _, err := s.Schedules.RunNow(ctx, ""); return err })
	refused("the list has no filters", func(ctx context.Context, s *Session) error {
		_, err := Collect(s.Schedules.All(ctx, Query{Filters: []Filter{Eq("name", "a")}}))
		return err
	})

	task := func(c ExtractRefreshTaskCreate) func(context.Context, *Session) error {
		return func(ctx context.Context, s *Session) error { _, err := s.Tasks.Create(ctx, c); return err }
	}
	refused("one workbook or one data source", task(ExtractRefreshTaskCreate{Frequency: daily.On(time.Monday)}))
	refused("one workbook or one data source", task(ExtractRefreshTaskCreate{WorkbookLUID: "w1", DatasourceLUID: "d1", Frequency: daily.On(time.Monday)}))
	refused("days of the week", task(ExtractRefreshTaskCreate{WorkbookLUID: "w1", Frequency: daily}))
	change := func(u ExtractRefreshTaskUpdate) func(context.Context, *Session) error {
		return func(ctx context.Context, s *Session) error { _, err := s.Tasks.Update(ctx, "t1", u); return err }
	}
	refused("nothing to change", change(ExtractRefreshTaskUpdate{}))
	refused("days of the week", change(ExtractRefreshTaskUpdate{Frequency: daily}))

	subscription := func(c SubscriptionCreate) func(context.Context, *Session) error {
		return func(ctx context.Context, s *Session) error { _, err := s.Subscriptions.Create(ctx, c); return err }
	}
	refused(`the subject is empty|the LUID of the content is empty|the LUID of the user is empty|type of content "Flow" is none of View, Workbook|either a schedule or a frequency`,
		subscription(SubscriptionCreate{ContentType: "Flow"}))
	refused("either a schedule or a frequency|days of the week",
		subscription(SubscriptionCreate{Subject: "s", ContentType: "view", ContentLUID: "v1", UserLUID: "u1", ScheduleLUID: "h1", Frequency: &daily}))

	for _, url := range []string{"", "example.com/hook", "ftp://example.com/", "https:///hook"} {
		refused("https://host/path", func(ctx context.Context, s *Session) error {
			_, err := s.Webhooks.Create(ctx, WebhookCreate{Name: "n", Event: ViewDeleted, URL: url})
			return err
		})
	}
	refused("a name and an event", func(ctx context.Context, s *Session) error {
		_, err := s.Webhooks.Create(ctx, WebhookCreate{URL: "https://example.com/"})
		return err
	})
	refused("https://host/path|the event is empty", func(ctx context.Context, s *Session) error {
		_, err := s.Webhooks.Update(ctx, "k1", WebhookUpdate{URL: new("hook"), Event: new(WebhookEvent(""))})
		return err
	})
	refused(`condition "over" is none of above|frequency "sometimes"|visibility "all"|the name of a worksheet|one view or one custom view`, func(ctx context.Context, s *Session) error {
		_, err := s.DataAlerts.Create(ctx, DataAlertCreate{Condition: "over", Frequency: "sometimes", Visibility: "all"})
		return err
	})
	refused(`frequency "sometimes"`, func(ctx context.Context, s *Session) error {
		_, err := s.DataAlerts.Update(ctx, "a1", DataAlertUpdate{Frequency: new("sometimes")})
		return err
	})
	refused("not the LUID of a user", func(ctx context.Context, s *Session) error { return s.DataAlerts.RemoveUser(ctx, "a1", "..") })
	refused("writing the variables", func(ctx context.Context, s *Session) error {
		return s.Metadata.Query(ctx, "{}", map[string]any{"x": func() {}}, nil)
	})
}

// Every operation about one object refuses what is no LUID before it is sent.
func TestWorkLUIDs(t *testing.T) {
	t.Parallel()
	for name, call := range map[string]func(context.Context, *Session) error{
		"cancel":              func(ctx context.Context, s *Session) error { return s.Jobs.Cancel(ctx, "") },
		"wait":                func(ctx context.Context, s *Session) error { _, err := s.Jobs.WaitAll(ctx, ""); return err },
		"read task":           func(ctx context.Context, s *Session) error { _, err := s.Tasks.ByLUID(ctx, ""); return err },
		"run task":            func(ctx context.Context, s *Session) error { _, err := s.Tasks.RunNow(ctx, ""); return err },
		"delete task":         func(ctx context.Context, s *Session) error { return s.Tasks.Delete(ctx, "") },
		"read linked task":    func(ctx context.Context, s *Session) error { _, err := s.Tasks.LinkedByLUID(ctx, ""); return err },
		"run linked task":     func(ctx context.Context, s *Session) error { _, err := s.Tasks.RunLinked(ctx, ""); return err },
		"read schedule":       func(ctx context.Context, s *Session) error { _, err := s.Schedules.ByLUID(ctx, ""); return err },
		"delete schedule":     func(ctx context.Context, s *Session) error { return s.Schedules.Delete(ctx, "") },
		"read subscription":   func(ctx context.Context, s *Session) error { _, err := s.Subscriptions.ByLUID(ctx, ""); return err },
		"delete subscription": func(ctx context.Context, s *Session) error { return s.Subscriptions.Delete(ctx, "") },
		"read webhook":        func(ctx context.Context, s *Session) error { _, err := s.Webhooks.ByLUID(ctx, ""); return err },
		"test webhook":        func(ctx context.Context, s *Session) error { _, err := s.Webhooks.Test(ctx, ""); return err },
		"delete webhook":      func(ctx context.Context, s *Session) error { return s.Webhooks.Delete(ctx, "") },
		"read alert":          func(ctx context.Context, s *Session) error { _, err := s.DataAlerts.ByLUID(ctx, ""); return err },
		"delete alert":        func(ctx context.Context, s *Session) error { return s.DataAlerts.Delete(ctx, "") },
		"add to alert":        func(ctx context.Context, s *Session) error { return s.DataAlerts.AddUser(ctx, "a1", "") },
		"read metric":         func(ctx context.Context, s *Session) error { _, err := s.Metrics.ByLUID(ctx, ""); return err },
		"delete metric":       func(ctx context.Context, s *Session) error { return s.Metrics.Delete(ctx, "") },
	} {
		s, f := signedIn(t, inOrder(t))
		if err := call(t.Context(), s); err == nil || !strings.Contains(err.Error(), `"" is not the LUID of a`) || len(f.lines()) != 0 {
			t.Errorf("%s: %v, sent %q", name, err, f.lines())
		}
	}
}

// What a server is too old for is not sent.
func TestWorkVersions(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		version string
		call    func(context.Context, *Session) error
	}{
		{"3.0", func(ctx context.Context, s *Session) error { _, err := Collect(s.Jobs.All(ctx, Query{})); return err }},
		{"3.0", func(ctx context.Context, s *Session) error { return s.Jobs.Cancel(ctx, "j1") }},
		{"2.5", func(ctx context.Context, s *Session) error { _, err := s.Tasks.RunNow(ctx, "t1"); return err }},
		{"3.5", func(ctx context.Context, s *Session) error { return s.Tasks.Delete(ctx, "t1") }},
		{"3.18", func(ctx context.Context, s *Session) error {
			_, err := s.Tasks.Create(ctx, ExtractRefreshTaskCreate{WorkbookLUID: "w1", Frequency: Weekly("05:00", 1)})
			return err
		}},
		{"3.19", func(ctx context.Context, s *Session) error {
			_, err := s.Tasks.Update(ctx, "t1", ExtractRefreshTaskUpdate{Incremental: new(true)})
			return err
		}},
		{"3.7", func(ctx context.Context, s *Session) error { _, err := s.Schedules.ByLUID(ctx, "h1"); return err }},
		{"3.26", func(ctx context.Context, s *Session) error {
			_, err := s.Schedules.SetStates(ctx, ScheduleActive, "h1")
			return err
		}},
		{"2.7", func(ctx context.Context, s *Session) error {
			_, err := s.Schedules.AddDatasource(ctx, "h1", "d1", RefreshOptions{})
			return err
		}},
		{"3.2", func(ctx context.Context, s *Session) error {
			_, err := s.Schedules.AddFlow(ctx, "h1", "f1")
			return err
		}},
		{"3.14", func(ctx context.Context, s *Session) error { _, err := s.Tasks.RunLinked(ctx, "l1"); return err }},
		{"3.5", func(ctx context.Context, s *Session) error { _, err := s.Webhooks.All(ctx); return err }},
		{"3.4", func(ctx context.Context, s *Session) error { return s.Metadata.Query(ctx, "{ x }", nil, nil) }},
		{"3.8", func(ctx context.Context, s *Session) error { return s.Metrics.Delete(ctx, "m1") }},
		{"3.19", func(ctx context.Context, s *Session) error {
			_, err := s.DataAlerts.Create(ctx, DataAlertCreate{Subject: "s", Condition: AlertAbove, WorksheetName: "w", ViewLUID: "v1"})
			return err
		}},
	} {
		s, f := signedIn(t, inOrder(t), WithVersion("3.29"))
		s.version, _ = ParseVersion(test.version)
		err := test.call(t.Context(), s)
		if old, ok := errors.AsType[*VersionError](err); !ok || old.Speaks != s.version || len(f.lines()) != 0 {
			t.Errorf("API %s: %v, sent %q", test.version, err, f.lines())
		}
	}
}

// Answers without what was asked for are errors, not zero values.
func TestWorkEmptyAnswers(t *testing.T) {
	t.Parallel()
	for name, call := range map[string]func(context.Context, *Session) error{
		"job":     func(ctx context.Context, s *Session) error { _, err := s.Jobs.ByLUID(ctx, "j1"); return err },
		"run":     func(ctx context.Context, s *Session) error { _, err := s.Tasks.RunNow(ctx, "t1"); return err },
		"task":    func(ctx context.Context, s *Session) error { _, err := s.Tasks.ByLUID(ctx, "t1"); return err },
		"webhook": func(ctx context.Context, s *Session) error { _, err := s.Webhooks.ByLUID(ctx, "k1"); return err },
		"cloud": func(ctx context.Context, s *Session) error {
			_, err := s.Tasks.Update(ctx, "t1", ExtractRefreshTaskUpdate{Incremental: new(true)})
			return err
		},
	} {
		s, _ := signedIn(t, inOrder(t, ok("<other/>")))
		if err := call(t.Context(), s); err == nil || !strings.Contains(err.Error(), "the answer holds no") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestMetadataFailures(t *testing.T) {
	t.Parallel()
	var data struct{ Name string }
	s, f := signedIn(t, inOrder(t,
		refusal("404003", "Resource Not Found", "Unknown resource"), graphQL("<html>a proxy</html>"), graphQL(`{"data":{"name":7}}`),
		graphQL(`{"data":null,"errors":[{"message":"Validation error","extensions":null}]}`), graphQL(`{"data":{"name":"kept"},"errors":[{"message":"warning"}]}`),
		reply{status: 503, header: map[string][]string{"Retry-After": {"0"}}}, graphQL(`{"data":{"name":"again"}}`),
	))
	ask := func() error { return s.Metadata.Query(t.Context(), "{ name }", nil, &data) }
	err := ask()
	errorIs(t, err, ErrNotFound)
	errorHas(t, err, "an administrator may have switched it off")
	errorIs(t, ask(), ErrNotTableauServer)
	errorHas(t, ask(), "reading the data")
	errorHas(t, ask(), "querying the metadata: Validation error")
	if errorHas(t, ask(), "querying the metadata: warning"); data.Name != "kept" {
		t.Errorf("what came with the warning is lost: %+v", data)
	}
	if err := ask(); err != nil || data.Name != "again" || len(f.lines()) != 7 { // a query changes nothing and is repeated
		t.Errorf("%v, %+v, %d requests", err, data, len(f.lines()))
	}
}

func TestMetadataNodesFailures(t *testing.T) {
	t.Parallel()
	const more = `{"data":{"c":{"nodes":["a"],"pageInfo":{"hasNextPage":true,"endCursor":"1"}}}}`
	for name, test := range map[string]struct {
		answers []reply
		want    string
		nodes   int
	}{
		"not the connection": {[]reply{graphQL(`{"data":{"d":{"nodes":["a"]}}}`)}, "the answer holds no c", 0},
		"the same page":      {[]reply{graphQL(more), graphQL(more)}, "c has more, but no cursor leads to it", 2},
		"no cursor":          {[]reply{graphQL(`{"data":{"c":{"nodes":[],"pageInfo":{"hasNextPage":true}}}}`)}, "no cursor", 0},
		"a warning":          {[]reply{graphQL(strings.TrimSuffix(more, "}") + `,"errors":[{"message":"late"}]}`)}, "querying the metadata: late", 1},
	} {
		s, _ := signedIn(t, inOrder(t, test.answers...))
		nodes, err := Collect(MetadataNodes[string](t.Context(), s.Metadata, "Q", nil, "c"))
		if errorHas(t, err, test.want); len(nodes) != test.nodes {
			t.Errorf("%s: %q", name, nodes)
		}
	}
	s, f := signedIn(t, inOrder(t, graphQL(`{"data":{"c":{"nodes":["a","b"],"pageInfo":{"hasNextPage":true,"endCursor":"1"}}}}`)))
	for node, err := range MetadataNodes[string](t.Context(), s.Metadata, "Q", nil, "c") {
		if node != "a" || err != nil {
			t.Errorf("%q, %v", node, err)
		}
		break
	}
	if body := f.last().Body; body != `{"query":"Q","variables":{"first":100}}` {
		t.Error(body)
	}
}
