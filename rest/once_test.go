package rest

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
)

// subscribe makes the subscription of mondayNumbers.
func subscribe(ctx context.Context, s *Session) error {
	_, err := s.Subscriptions.Create(ctx, SubscriptionCreate{
		Subject: "Monday numbers", ContentType: SubscribedView, ContentLUID: "v1", ScheduleLUID: "h2", UserLUID: "u1",
	})
	return err
}

// What must not be made twice is looked for once it is unclear whether it was made.
func TestMadeOnce(t *testing.T) {
	t.Parallel()
	const none = `<pagination pageNumber="1" pageSize="1000" totalAvailable="0"/>`
	lost := reply{err: errors.New("connection reset")}
	there := ok(`<pagination pageNumber="1" pageSize="1000" totalAvailable="2"/><subscriptions><subscription id="b0" subject="Monday numbers">` +
		`<content id="v2" type="View"/><schedule id="h2"/><user id="u1"/></subscription>` + mondayNumbers + `</subscriptions>`)
	const post, list = "POST subscriptions", "GET subscriptions?pageNumber=1&pageSize=1000"
	looks := func(n int, rest ...string) []string { return append(slices.Repeat([]string{list}, n), rest...) }
	for name, test := range map[string]struct {
		replies []reply
		want    error
		lines   []string
	}{
		"it was made":                {[]reply{lost, there}, nil, append([]string{post}, looks(1)...)},
		"its answer is a gateway's":  {[]reply{{status: 504}, ok(none), there}, nil, append([]string{post}, looks(2)...)},
		"it was not made":            {[]reply{lost, ok(none), ok(none), ok(none), ok(none), ok(none), ok(mondayNumbers)}, nil, append([]string{post}, looks(5, post)...)},
		"twice unclear":              {[]reply{lost, ok(none), ok(none), ok(none), ok(none), ok(none), lost, ok(none), ok(none), ok(none), ok(none), ok(none)}, ErrOutcomeUnknown, append([]string{post}, looks(5, append([]string{post}, looks(5)...)...)...)},
		"the look is refused":        {[]reply{lost, refusal("403004", "Forbidden", "no")}, ErrOutcomeUnknown, append([]string{post}, looks(1)...)},
		"it is refused":              {[]reply{refusal("400063", "Bad Request", "no")}, ErrInvalid, []string{post}},
		"the server has no time yet": {[]reply{{status: 429}, ok(mondayNumbers)}, nil, []string{post, post}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s, f := signedIn(t, inOrder(t, test.replies...))
				errorIs(t, subscribe(t.Context(), s), test.want)
				equal(t, "requests", f.lines(), test.lines)
			})
		})
	}
}

// The other things that are made once are found again by what they are.
func TestMadeOnceOfEachKind(t *testing.T) {
	t.Parallel()
	page := `<pagination pageNumber="1" pageSize="1000" totalAvailable="1"/>`
	for name, test := range map[string]struct {
		call  func(context.Context, *Session) (string, error)
		lists string
		luid  string
	}{
		"a subscription with times of its own": {
			func(ctx context.Context, s *Session) (string, error) {
				n, err := s.Subscriptions.Create(ctx, SubscriptionCreate{Subject: "s", ContentType: "View", ContentLUID: "v1", UserLUID: "u1", Frequency: new(Daily("05:00").On(1))})
				return n.LUID, err
			},
			page + `<subscriptions><subscription id="b9" subject="s"><content id="v1"/><schedule frequency="Daily"><frequencyDetails start="05:00:00"/></schedule><user id="u1"/></subscription></subscriptions>`,
			"b9",
		},
		"a webhook": {
			func(ctx context.Context, s *Session) (string, error) {
				w, err := s.Webhooks.Create(ctx, WebhookCreate{Name: "webhook-name", Event: DatasourceCreated, URL: "https://example.com/hook?a=1&b=2"})
				return w.LUID, err
			},
			`<webhooks><webhook id="k0" name="webhook-name"/>` + datasourceHook + `</webhooks>`, "k1",
		},
		"a data alert": {
			func(ctx context.Context, s *Session) (string, error) {
				a, err := s.DataAlerts.Create(ctx, DataAlertCreate{Subject: "Data Alert test", Condition: AlertAbove, Threshold: 5, WorksheetName: "Map", ViewLUID: "v1"})
				return a.LUID, err
			},
			page + `<dataAlerts>` + strings.Replace(strings.Replace(safariAlert, `id="a1"`, `id="a0"`, 1), `"above"`, `"below"`, 1) +
				strings.Replace(safariAlert, `creatorId="u1"`, `creatorId="9a41b8c2-0c4e-4b6f-8a5d-2f7e6c1b3d90"`, 1) + `</dataAlerts>`, "a1",
		},
		"a task on Tableau Cloud": {
			func(ctx context.Context, s *Session) (string, error) {
				c, err := s.Tasks.Create(ctx, ExtractRefreshTaskCreate{DatasourceLUID: "d1", Frequency: Monthly("23:30", 15)})
				return c.LUID, err
			},
			`<tasks><task>` + extractTask + `</task><task><extractRefresh id="t8" type="IncrementExtractTask">` +
				`<schedule frequency="Monthly"><frequencyDetails start="23:30:00"/></schedule><datasource id="d1"/></extractRefresh></task>` +
				`<task><extractRefresh id="t9" type="RefreshExtractTask"><schedule frequency="Monthly"><frequencyDetails start="23:30:00"/></schedule><datasource id="d1"/></extractRefresh></task></tasks>`,
			"t9",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, f := signedIn(t, inOrder(t, reply{status: http.StatusBadGateway}, ok(test.lists)))
			luid, err := test.call(t.Context(), s)
			if err != nil || luid != test.luid {
				t.Errorf("%q, %v", luid, err)
			}
			if lines := f.lines(); len(lines) != 2 {
				t.Errorf("requests %q", lines)
			}
		})
	}
}

// A schedule's name is its own: sent again, it is either made or there.
func TestScheduleMadeOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, f := signedIn(t, inOrder(t, reply{status: 503}, refusal("409021", "Conflict", "h1"), ok(`<schedules/>`),
			ok(`<pagination pageNumber="1" pageSize="1000" totalAvailable="1"/><schedules>`+weeknights+`</schedules>`)))
		h, err := s.Schedules.Create(t.Context(), ScheduleCreate{Name: "Weeknights", Type: ExtractSchedule, Frequency: Weekly("02:30", 1, 5)})
		if err != nil || h.LUID != "h1" {
			t.Errorf("%+v, %v", h, err)
		}
		const post, list = "POST /api/3.29/schedules", "GET /api/3.29/schedules?pageNumber=1&pageSize=1000"
		equal(t, "requests", f.lines(), []string{post, post, list, list}) // lists lag behind
	})
}

// What starts something, or sends something, is sent once.
func TestRunIsSentOnce(t *testing.T) {
	t.Parallel()
	calls := map[string]func(context.Context, *Session) error{
		"a task":        func(ctx context.Context, s *Session) error { _, err := s.Tasks.RunNow(ctx, "t1"); return err },
		"a linked task": func(ctx context.Context, s *Session) error { _, err := s.Tasks.RunLinked(ctx, "l1"); return err },
		"a deletion": func(ctx context.Context, s *Session) error {
			_, err := s.Sites.DeleteAsJob(ctx, testSite)
			return err
		},
		"an import": func(ctx context.Context, s *Session) error {
			_, err := s.Users.ImportCSV(ctx, []UserImport{{Name: "ana"}})
			return err
		},
		"a group": func(ctx context.Context, s *Session) error {
			_, err := s.Groups.CreateFromActiveDirectoryAsJob(ctx, DirectoryGroup{Name: "g", Domain: "d"})
			return err
		},
		"a webhook": func(ctx context.Context, s *Session) error { _, err := s.Webhooks.Test(ctx, "k1"); return err },
	}
	for name, call := range calls {
		for _, status := range []int{0, 408, 500, 502, 503, 504} {
			answer := reply{status: status}
			if status == 0 {
				answer = reply{err: errors.New("connection reset")}
			}
			sent := 0
			s, _ := signedIn(t, func(r seenRequest) reply {
				if r.Method != http.MethodGet || strings.HasSuffix(r.Path, "/test") {
					sent++
					return answer
				}
				return refusal("404026", "Resource Not Found", "t1")
			})
			err := call(t.Context(), s)
			if want := name != "a webhook"; errors.Is(err, ErrOutcomeUnknown) != want || err == nil || sent != 1 {
				t.Errorf("%s after %d: sent %d times, %v", name, status, sent, err)
			}
		}
	}
}

// A refresh that is under way already, or was started by a request whose answer was lost, is found in the list of jobs.
func TestRunFindsItsJob(t *testing.T) {
	t.Parallel()
	const (
		run     = "POST tasks/extractRefreshes/t1/runNow"
		task    = "GET tasks/extractRefreshes/t1"
		content = "GET workbooks/w1"
		waiting = "GET jobs?filter=status:eq:Pending,title:eq:Sales&pageNumber=1&pageSize=100"
		running = "GET jobs?filter=status:eq:InProgress,title:eq:Sales&pageNumber=1&pageSize=100"
	)
	page := func(luids ...string) reply {
		list := ""
		for _, luid := range luids {
			list += `<backgroundJob id="` + luid + `" title="Sales"/>`
		}
		return ok(`<pagination pageNumber="1" pageSize="100" totalAvailable="` + strconv.Itoa(len(luids)) + `"/><backgroundJobs>` + list + `</backgroundJobs>`)
	}
	about := func(luid, workbook string) reply {
		return ok(`<job id="` + luid + `" type="RefreshExtract"><extractRefreshJob><workbook id="` + workbook + `"/></extractRefreshJob></job>`)
	}
	queued := refusal("409093", "Conflict", "queued")
	read := []reply{ok(`<task>` + extractTask + `</task>`), ok(`<workbook id="w1" name="Sales"/>`)}
	gone := refusal("404018", "Resource Not Found", "j0")
	for name, test := range map[string]struct {
		replies []reply
		lines   []string
		job     string
		want    error
	}{
		"it waits": {
			slices.Concat([]reply{queued}, read, []reply{page("j0", "j1", "j2"), gone, about("j1", "w9"), about("j2", "w1")}),
			[]string{run, task, content, waiting, "GET jobs/j0", "GET jobs/j1", "GET jobs/j2"},
			"j2", nil,
		},
		"it runs": {
			slices.Concat([]reply{{status: 502}}, read, []reply{page(), page("j3"), about("j3", "w1")}),
			[]string{run, task, content, waiting, running, "GET jobs/j3"},
			"j3", nil,
		},
		"it is somebody else's": {
			slices.Concat([]reply{queued}, read, []reply{page(), page()}), []string{run, task, content, waiting, running}, "", ErrConflict,
		},
		"it is nowhere": {
			slices.Concat([]reply{{status: 504}}, read, []reply{page(), page()}), []string{run, task, content, waiting, running}, "", ErrOutcomeUnknown,
		},
		"the look fails": {
			[]reply{queued, refusal("403004", "Forbidden", "no")}, []string{run, task}, "", ErrConflict,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, f := signedIn(t, inOrder(t, test.replies...))
			job, err := s.Tasks.RunNow(t.Context(), "t1")
			if errorIs(t, err, test.want); job.LUID != test.job {
				t.Errorf("job %q", job.LUID)
			}
			equal(t, "requests", f.lines(), test.lines)
		})
	}
}
