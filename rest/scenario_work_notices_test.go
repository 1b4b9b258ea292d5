package rest_test

import (
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/tabtemplate/tabtemplate/rest"
	"github.com/tabtemplate/tabtemplate/rest/emulator"
)

var noticeScenarios = []scenario{
	{rows: []int{119, 120, 121, 122, 201, 202}, name: "a webhook is told of what is published", run: testWebhooks},
	{rows: []int{123}, name: "the metadata of the site", run: testMetadata},
	{rows: []int{124, 125, 126, 127}, name: "metrics are no more", run: testMetrics},
	{rows: []int{194, 195, 196, 197, 198, 199, 200}, name: "people are alerted", run: testDataAlerts},
}

// A receiver takes the messages of webhooks.
type receiver func(*http.Request) *http.Response

func (r receiver) RoundTrip(q *http.Request) (*http.Response, error) { return r(q), nil }

func testWebhooks(t *testing.T) {
	w := newWorkplace(t, emulator.WithWebhookClient(&http.Client{Transport: receiver(func(q *http.Request) *http.Response {
		return &http.Response{StatusCode: http.StatusTeapot, Body: io.NopCloser(strings.NewReader("thanks")), Request: q}
	})}))
	ctx := t.Context()
	const address = "https://example.com/hook?site=acme&key=1"
	made, err := w.Webhooks.Create(ctx, rest.WebhookCreate{Name: "Tell me, & all", Event: rest.WorkbookDeleted, URL: address})
	noError(t, err)
	all, err := w.Webhooks.All(ctx)
	if err != nil || len(all) != 1 || all[0] != made || made.Name != "Tell me, & all" || made.Event != rest.WorkbookDeleted || made.URL != address || !made.Enabled {
		t.Errorf("%+v, %v", all, err)
	}
	for _, ref := range []string{made.Name, made.LUID} {
		if found, err := w.Webhooks.Find(ctx, ref); err != nil || found != made {
			t.Errorf("found by %s: %+v, %v", ref, found, err)
		}
	}
	if _, err := w.Webhooks.Find(ctx, "Tell me"); !errors.Is(err, rest.ErrNotFound) || !strings.Contains(err.Error(), `there is "Tell me, & all"`) {
		t.Errorf("found by no name: %v", err)
	}
	test, err := w.Webhooks.Test(ctx, made.LUID)
	if err != nil || test.Status != http.StatusTeapot || test.Body != "thanks" {
		t.Errorf("%+v, %v", test, err)
	}
	changed, err := w.Webhooks.Update(ctx, made.LUID, rest.WebhookUpdate{Enabled: new(false), Reason: new("a pause")})
	if err != nil || changed.Enabled || changed.Reason != "a pause" || changed.Event != rest.WorkbookDeleted || changed.URL != address {
		t.Errorf("%+v, %v", changed, err)
	}
	changed, err = w.Webhooks.Update(ctx, made.LUID, rest.WebhookUpdate{Enabled: new(true), Name: new("Other"), Event: new(rest.DatasourceDeleted), URL: new("https://example.com/")})
	if err != nil || !changed.Enabled || changed.Name != "Other" || changed.Event != rest.DatasourceDeleted || changed.URL != "https://example.com/" {
		t.Errorf("%+v, %v", changed, err)
	}
	noError(t, w.Workbooks.Delete(ctx, w.workbook.LUID))
	noError(t, w.Datasources.Delete(ctx, w.datasource.LUID))
	sent, err := w.server.Deliveries("acme")
	noError(t, err)
	if len(sent) != 2 || sent[1].Event != "DatasourceDeleted" || sent[1].URL != "https://example.com/" {
		t.Errorf("%+v", sent)
	}
	noError(t, w.Webhooks.Delete(ctx, made.LUID))
	if _, err := w.Webhooks.ByLUID(ctx, made.LUID); !errors.Is(err, rest.ErrNotFound) {
		t.Errorf("deleted: %v", err)
	}
	for _, event := range []rest.WebhookEvent{
		rest.DatasourceCreated, rest.DatasourceUpdated, rest.DatasourceRefreshStarted, rest.DatasourceRefreshSucceeded, rest.DatasourceRefreshFailed,
		rest.WorkbookCreated, rest.WorkbookUpdated, rest.WorkbookRefreshStarted, rest.WorkbookRefreshSucceeded, rest.WorkbookRefreshFailed,
		rest.ViewDeleted, rest.FlowCompleted, rest.LabelCreated, rest.LabelUpdated, rest.LabelDeleted, rest.UserDeleted, rest.UserPromotedToAdmin, rest.UserDemotedFromAdmin,
	} {
		if h, err := w.Webhooks.Create(ctx, rest.WebhookCreate{Name: "n", Event: event, URL: "https://example.com/"}); err != nil || h.Event != event {
			t.Errorf("%s: %+v, %v", event, h, err)
		}
	}
}

func testMetadata(t *testing.T) {
	w := newWorkplace(t)
	ctx := t.Context()
	for _, name := range []string{`A "quoted", one`, "B"} {
		_, err := w.Workbooks.Publish(ctx, rest.WorkbookPublish{Name: name, ProjectLUID: w.project.LUID, Source: strings.NewReader(template)})
		noError(t, err)
	}
	type workbook struct{ LUID, Name string }
	var data struct{ Workbooks []workbook }
	noError(t, w.Metadata.Query(ctx, "query ($name: String) { workbooks(filter: {name: $name}) { luid name } }", map[string]any{"name": `A "quoted", one`}, &data))
	if len(data.Workbooks) != 1 || data.Workbooks[0].Name != `A "quoted", one` {
		t.Errorf("%+v", data)
	}
	const pages = `query ($first: Int, $after: String) {
		workbooksConnection(first: $first, after: $after) { nodes { luid name } pageInfo { hasNextPage endCursor } }
	}`
	for _, first := range []int{1, 2, 100} {
		all := drain(t, rest.MetadataNodes[workbook](ctx, w.Metadata, pages, map[string]any{"first": first}, "workbooksConnection"))
		if len(all) != 3 || !slices.Contains(all, workbook{w.workbook.LUID, "Regional"}) {
			t.Errorf("%d at once: %+v", first, all)
		}
	}
	err := w.Metadata.Query(ctx, "{ workbooks { nme } }", nil, nil)
	if wrong, ok := errors.AsType[*rest.GraphQLError](err); !ok || len(wrong.Problems) != 1 || !strings.Contains(err.Error(), "nme") {
		t.Errorf("%v", err)
	}
	off := newWorkplace(t, emulator.WithoutMetadata())
	if err := off.Metadata.Query(ctx, "{ workbooks { name } }", nil, nil); !errors.Is(err, rest.ErrNotFound) || !strings.Contains(err.Error(), "switched it off") {
		t.Errorf("switched off: %v", err)
	}
}

func testMetrics(t *testing.T) {
	w := newWorkplace(t)
	ctx := t.Context()
	if all := drain(t, w.Metrics.All(ctx, rest.Query{})); len(all) != 0 {
		t.Errorf("%+v", all)
	}
	_, err := w.Metrics.ByLUID(ctx, w.workbook.LUID)
	_, updateErr := w.Metrics.Update(ctx, w.workbook.LUID, rest.MetricUpdate{Name: new("n")})
	for _, err := range []error{err, updateErr, w.Metrics.Delete(ctx, w.workbook.LUID)} {
		if !errors.Is(err, rest.ErrNotFound) {
			t.Errorf("%v", err)
		}
	}
}

func testDataAlerts(t *testing.T) {
	w := newWorkplace(t)
	ctx := t.Context()
	view := w.workbook.Views[0]
	made, err := w.DataAlerts.Create(ctx, rest.DataAlertCreate{
		Subject: "Sales > 5, & more", Condition: rest.AlertAboveOrEqual, Threshold: 5.5, Visibility: "public", WorksheetName: view.Name, ViewLUID: view.LUID,
	})
	noError(t, err)
	a, err := w.DataAlerts.ByLUID(ctx, made.LUID)
	if err != nil || a.Subject != "Sales > 5, & more" || a.Condition != rest.AlertAboveOrEqual || a.Threshold != "5.5" || !a.Public || a.Frequency != rest.AlertDaily ||
		a.ViewLUID != view.LUID || a.WorkbookName != "Regional" || a.ProjectName != "Dashboards" || a.OwnerLUID != w.UserLUID() || len(a.Recipients) != 1 {
		t.Errorf("%+v, %v", a, err)
	}
	if all := drain(t, w.DataAlerts.All(ctx, rest.Query{Filters: []rest.Filter{rest.Eq("frequency", rest.AlertDaily)}})); len(all) != 1 || all[0].LUID != made.LUID {
		t.Errorf("%+v", all)
	}
	a, err = w.DataAlerts.Update(ctx, made.LUID, rest.DataAlertUpdate{Subject: new("s"), Frequency: new(rest.AlertAsOftenAsPossible), Public: new(false)})
	if err != nil || a.Subject != "s" || a.Frequency != rest.AlertAsOftenAsPossible || a.Public || a.OwnerLUID != w.UserLUID() {
		t.Errorf("%+v, %v", a, err)
	}
	eve := w.eve(t)
	noError(t, w.DataAlerts.AddUser(ctx, made.LUID, eve))
	if a, err := w.DataAlerts.ByLUID(ctx, made.LUID); err != nil || len(a.Recipients) != 2 || a.Recipients[1].LUID != eve || a.Recipients[1].Name != "eve" {
		t.Errorf("%+v, %v", a, err)
	}
	noError(t, w.DataAlerts.RemoveUser(ctx, made.LUID, eve))
	if err := w.DataAlerts.RemoveUser(ctx, made.LUID, eve); !errors.Is(err, rest.ErrNotFound) {
		t.Errorf("removed twice: %v", err)
	}
	noError(t, w.DataAlerts.Delete(ctx, made.LUID))
	if all := drain(t, w.DataAlerts.All(ctx, rest.Query{})); len(all) != 0 {
		t.Errorf("%+v", all)
	}
}
