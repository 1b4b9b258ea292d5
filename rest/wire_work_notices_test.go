package rest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"
)

const (
	mondayNumbers = `<subscription id="b1" subject="Monday numbers" attachImage="true" attachPdf="false" suspended="false"><content id="v1" type="View" ` +
		`name="Map" sendIfViewEmpty="true"/><schedule id="h2" name="Mondays"/><user id="u1" name="ana"/></subscription>`
	datasourceHook = `<webhook id="k1" name="webhook-name" event="DatasourceCreated" isEnabled="true" statusChangeReason="" createdAt="2026-01-05T08:00:00Z">` +
		`<webhook-source><webhook-source-event-datasource-created/></webhook-source><webhook-destination><webhook-destination-http method="POST" ` +
		`url="https://example.com/hook?a=1&amp;b=2"/></webhook-destination><owner id="u1" name="ana"/></webhook>`
	safariAlert = `<dataAlert id="a1" subject="Data Alert test" creatorId="u1" createdAt="2020-08-10T23:17:06Z" updatedAt="2020-08-10T23:17:07Z" frequency="Daily" ` +
		`alertCondition="above" alertThreshold="5.0" public="true"><owner id="u1" name="Bob"/><view id="v1" name="ENDANGERED SAFARI"><workbook id="w1" name="Safari stats"/>` +
		`<project id="p1" name="Default"/></view><recipients><recipient id="u2" name="Eve" lastSent="2020-08-11T00:00:00Z"/></recipients></dataAlert>`
	exampleMetric = `<metric id="m1" name="Example metric" description="Description of my metric." webpageUrl="https://test/#/site/site-name/metrics/3" ` +
		`createdAt="2020-01-02T01:02:03Z" updatedAt="2020-01-02T01:02:04Z" suspended="true"><project id="p1" name="Default"/><owner id="u1"/>` +
		`<tags><tag label="Test"/></tags><underlyingView id="v1"/></metric>`
)

func isMondayNumbers(n Subscription) bool {
	return n.LUID == "b1" && n.Subject == "Monday numbers" && n.AttachImage && !n.AttachPDF && !n.Suspended && n.ContentLUID == "v1" &&
		n.ContentType == SubscribedView && n.ContentName == "Map" && n.SendIfViewEmpty && n.Schedule.LUID == "h2" && n.Schedule.Name == "Mondays" &&
		n.UserLUID == "u1" && n.UserName == "ana"
}

var subscriptionRows = []wireRow{
	{
		rows: []int{114}, name: "List Subscriptions",
		call: func(ctx context.Context, s *Session) error {
			return wantAll(s.Subscriptions.All(ctx, Query{}), func(all []Subscription) bool {
				n := all[1]
				return len(all) == 3 && isMondayNumbers(all[0]) && n.Message == "overview" && n.AttachPDF && n.Suspended && n.PageOrientation == "PORTRAIT" &&
					n.PageSize == "A5" && n.ContentType == SubscribedWorkbook && n.OnRefresh && all[2].Schedule.LUID == "" && all[2].Schedule.Kind == "Daily" &&
					all[2].CustomViewLUID == "cv1"
			})
		},
		seen: []string{"GET subscriptions?pageNumber=1&pageSize=100"},
		reply: []reply{ok(`<pagination pageNumber="1" pageSize="100" totalAvailable="3"/><subscriptions>` + mondayNumbers +
			`<subscription id="b2" subject="Last 7 Days" message="overview" attachImage="false" attachPdf="true" suspended="true" pageOrientation="PORTRAIT" ` +
			`pageSizeOption="A5" refreshExtractTriggered="true"><content id="w1" type="Workbook" sendIfViewEmpty="true"/><user id="u2"/></subscription>` +
			`<subscription id="b3"><content id="v1" type="View" customViewId="cv1"/><schedule frequency="Daily" nextRunAt="2026-03-03T02:30:00Z"/></subscription></subscriptions>`)},
	},
	{
		rows: []int{115}, name: "Get Subscription",
		call: func(ctx context.Context, s *Session) error {
			n, err := s.Subscriptions.ByLUID(ctx, "b1")
			return want(n, err, isMondayNumbers)
		},
		seen: []string{"GET subscriptions/b1"}, reply: []reply{ok(mondayNumbers)},
	},
	{
		rows: []int{116}, name: "Create Subscription",
		call: func(ctx context.Context, s *Session) error {
			for _, c := range []SubscriptionCreate{
				{Subject: "Numbers, & more", ContentType: "view", ContentLUID: "v1", ScheduleLUID: "h2", UserLUID: "u1"},
				{
					Subject: "All", AttachImage: new(false), AttachPDF: true, Message: "Look:\nhere", PageOrientation: "LANDSCAPE", PageSize: "A4",
					ContentType: SubscribedWorkbook, ContentLUID: "w1", SendIfViewEmpty: new(false), ScheduleLUID: "h2", UserLUID: "u1",
				},
				{Subject: "Cloud", ContentType: "WORKBOOK", ContentLUID: "w1", Frequency: new(Weekly("06:00", time.Monday)), UserLUID: "u1"},
			} {
				n, err := s.Subscriptions.Create(ctx, c)
				if err := want(n, err, isMondayNumbers); err != nil {
					return err
				}
			}
			return nil
		},
		seen: []string{
			"POST subscriptions\n\n" + `<tsRequest><subscription subject="Numbers, &amp; more"><content type="View" id="v1"/><schedule id="h2"/><user id="u1"/></subscription></tsRequest>`,
			"POST subscriptions\n\n" + `<tsRequest><subscription subject="All" attachImage="false" attachPdf="true" message="Look:&#10;here" pageOrientation="LANDSCAPE" pageSizeOption="A4">` +
				`<content type="Workbook" id="w1" sendIfViewEmpty="false"/><schedule id="h2"/><user id="u1"/></subscription></tsRequest>`,
			"POST subscriptions\n\n" + `<tsRequest><subscription subject="Cloud"><content type="Workbook" id="w1"/><schedule frequency="Weekly"><frequencyDetails start="06:00:00">` +
				`<intervals><interval weekDay="Monday"/></intervals></frequencyDetails></schedule><user id="u1"/></subscription></tsRequest>`,
		},
		reply: []reply{{status: 201, body: tsResponse(mondayNumbers)}},
	},
	{
		rows: []int{117}, name: "Update Subscription",
		call: func(ctx context.Context, s *Session) error {
			for _, u := range []SubscriptionUpdate{
				{Subject: new("x")},
				{
					Subject: new("Figures"), AttachImage: new(true), AttachPDF: new(false), Message: new(""), PageSize: new("A5"), PageOrientation: new("PORTRAIT"),
					Suspended: new(true), SendIfViewEmpty: new(false), ScheduleLUID: new("h3"),
				},
			} {
				n, err := s.Subscriptions.Update(ctx, "b1", u)
				if err := want(n, err, isMondayNumbers); err != nil {
					return err
				}
			}
			return nil
		},
		seen: []string{
			"PUT subscriptions/b1\n\n" + `<tsRequest><subscription subject="x"/></tsRequest>`,
			"PUT subscriptions/b1\n\n" + `<tsRequest><subscription subject="Figures" attachImage="true" attachPdf="false" message="" pageOrientation="PORTRAIT" pageSizeOption="A5" ` +
				`suspended="true"><content sendIfViewEmpty="false"/><schedule id="h3"/></subscription></tsRequest>`,
		},
		reply: []reply{ok(mondayNumbers)},
	},
	{
		rows: []int{118}, name: "Delete Subscription",
		call: func(ctx context.Context, s *Session) error { return s.Subscriptions.Delete(ctx, "b1") },
		seen: []string{"DELETE subscriptions/b1"}, reply: []reply{{status: 204}},
	},
}

func isDatasourceHook(w Webhook) bool {
	return w.LUID == "k1" && w.Name == "webhook-name" && w.Event == DatasourceCreated && w.URL == "https://example.com/hook?a=1&b=2" && w.Enabled &&
		w.OwnerLUID == "u1" && w.OwnerName == "ana" && w.CreatedAt.Equal(instant("2026-01-05T08:00:00Z"))
}

func isSafariAlert(a DataAlert) bool {
	return a.LUID == "a1" && a.Subject == "Data Alert test" && a.CreatorLUID == "u1" && a.OwnerName == "Bob" && a.ViewName == "ENDANGERED SAFARI" &&
		a.WorkbookLUID == "w1" && a.ProjectName == "Default" && a.Frequency == AlertDaily && a.Condition == AlertAbove && a.Threshold == "5.0" && a.Public &&
		slices.Equal(a.Recipients, []AlertRecipient{{"u2", "Eve", instant("2020-08-11T00:00:00Z")}})
}

var noticeRows = []wireRow{
	{
		rows: []int{119}, name: "List Webhooks",
		call: func(ctx context.Context, s *Session) error {
			all, err := s.Webhooks.All(ctx)
			return want(all, err, func(all []Webhook) bool {
				return len(all) == 2 && isDatasourceHook(all[0]) && all[1].Event == "AdminPromoted" && all[1].URL == ""
			})
		},
		seen: []string{"GET webhooks"}, reply: []reply{ok(`<webhooks>` + datasourceHook + `<webhook id="k2" event="AdminPromoted"/></webhooks>`)},
	},
	{
		rows: []int{120}, name: "Get Webhook",
		call: func(ctx context.Context, s *Session) error {
			w, err := s.Webhooks.ByLUID(ctx, "k1")
			return want(w, err, isDatasourceHook)
		},
		seen: []string{"GET webhooks/k1"}, reply: []reply{ok(datasourceHook)},
	},
	{
		rows: []int{121}, name: "Create Webhook",
		call: func(ctx context.Context, s *Session) error {
			w, err := s.Webhooks.Create(ctx, WebhookCreate{Name: "webhook-name", Event: DatasourceCreated, URL: "https://example.com/hook?a=1&b=2"})
			return want(w, err, isDatasourceHook)
		},
		seen: []string{"POST webhooks\n\n" + `<tsRequest><webhook name="webhook-name"><webhook-source><webhook-source-event-datasource-created/></webhook-source>` +
			`<webhook-destination><webhook-destination-http method="POST" url="https://example.com/hook?a=1&amp;b=2"/></webhook-destination></webhook></tsRequest>`},
		reply: []reply{{status: 201, body: tsResponse(datasourceHook)}},
	},
	{
		rows: []int{122}, name: "Delete Webhook",
		call: func(ctx context.Context, s *Session) error { return s.Webhooks.Delete(ctx, "k1") },
		seen: []string{"DELETE webhooks/k1"}, reply: []reply{{status: 204}},
	},
	{
		rows: []int{201}, name: "Update Webhook",
		call: func(ctx context.Context, s *Session) error {
			for _, u := range []WebhookUpdate{{Enabled: new(false), Reason: new("too loud")}, {Name: new("n"), Event: new(ViewDeleted), URL: new("http://x/")}} {
				w, err := s.Webhooks.Update(ctx, "k1", u)
				if err := want(w, err, isDatasourceHook); err != nil {
					return err
				}
			}
			return nil
		},
		seen: []string{
			"PUT webhooks/k1\n\n" + `<tsRequest><webhook isEnabled="false" statusChangeReason="too loud"/></tsRequest>`,
			"PUT webhooks/k1\n\n" + `<tsRequest><webhook name="n"><webhook-source><webhook-source-event-view-deleted/></webhook-source><webhook-destination>` +
				`<webhook-destination-http method="POST" url="http://x/"/></webhook-destination></webhook></tsRequest>`,
		},
		reply: []reply{ok(datasourceHook)},
	},
	{
		rows: []int{202}, name: "Test Webhook",
		call: func(ctx context.Context, s *Session) error {
			t, err := s.Webhooks.Test(ctx, "k1")
			return want(t, err, func(t WebhookTest) bool { return t == WebhookTest{"k1", 200, "OK"} })
		},
		seen: []string{"GET webhooks/k1/test"}, reply: []reply{ok(`<webhookTestResult id="k1" status="200"><body>OK</body></webhookTestResult>`)},
	},
	{
		rows: []int{194, 195}, name: "List and Get Data-Driven Alerts",
		call: func(ctx context.Context, s *Session) error {
			if err := wantAll(s.DataAlerts.All(ctx, Query{Filters: []Filter{Eq("viewId", "v1")}}), func(all []DataAlert) bool {
				return len(all) == 1 && isSafariAlert(all[0])
			}); err != nil {
				return err
			}
			a, err := s.DataAlerts.ByLUID(ctx, "a1")
			return want(a, err, isSafariAlert)
		},
		seen: []string{"GET dataAlerts?filter=viewId:eq:v1&pageNumber=1&pageSize=100", "GET dataAlerts/a1"},
		reply: []reply{
			ok(`<pagination pageNumber="1" pageSize="100" totalAvailable="1"/><dataAlerts>` + safariAlert + `</dataAlerts>`),
			ok(`<pagination pageNumber="1" pageSize="100" totalAvailable="1"/>` + safariAlert),
		},
	},
	{
		rows: []int{196, 197, 198, 199, 200}, name: "make and change data-driven alerts",
		call: func(ctx context.Context, s *Session) error {
			a, err := s.DataAlerts.Create(ctx, DataAlertCreate{
				Subject: "Data Alert test", Condition: AlertAbove, Threshold: 5, Visibility: "public", WorksheetName: "Map", ViewLUID: "v1",
			})
			if err := want(a, err, isSafariAlert); err != nil {
				return err
			}
			a, err = s.DataAlerts.Update(ctx, "a1", DataAlertUpdate{Subject: new("s"), Frequency: new(AlertOnce), Public: new(false), OwnerLUID: new("u2")})
			if err := want(a, err, isSafariAlert); err != nil {
				return err
			}
			return errors.Join(s.DataAlerts.AddUser(ctx, "a1", "u2"), s.DataAlerts.RemoveUser(ctx, "a1", "u2"), s.DataAlerts.Delete(ctx, "a1"))
		},
		seen: []string{
			"POST dataAlerts\n\n" + `<tsRequest><dataAlertCreateAlert subject="Data Alert test" alertCondition="above" alertThreshold="5" visibility="public" worksheetName="Map" viewId="v1"/></tsRequest>`,
			"PUT dataAlerts/a1\n\n" + `<tsRequest><dataAlert subject="s" frequency="Once" public="false"><owner id="u2"/></dataAlert></tsRequest>`,
			"POST dataAlerts/a1/users\n\n" + `<tsRequest><user id="u2"/></tsRequest>`,
			"DELETE dataAlerts/a1/users/u2",
			"DELETE dataAlerts/a1",
		},
		reply: []reply{{status: 201, body: tsResponse(safariAlert)}, ok(safariAlert), ok(`<user id="u2" name="Eve" siteRole="Explorer"/>`), {status: 204}},
	},
}

func isExampleMetric(m Metric) bool {
	return m.LUID == "m1" && m.Name == "Example metric" && m.Description == "Description of my metric." && m.Suspended && m.ProjectName == "Default" &&
		m.ProjectLUID == "p1" && m.OwnerLUID == "u1" && m.ViewLUID == "v1" && slices.Equal(m.Tags, []string{"Test"}) && m.UpdatedAt.Equal(instant("2020-01-02T01:02:04Z"))
}

// graphQL is an answer of the Metadata API.
func graphQL(body string) reply {
	return reply{status: 200, body: body, header: http.Header{"Content-Type": {"application/json"}}}
}

var metadataRows = []wireRow{
	{
		rows: []int{124}, name: "List Metrics for Site",
		call: func(ctx context.Context, s *Session) error {
			return wantAll(s.Metrics.All(ctx, Query{PageSize: 1}), func(all []Metric) bool {
				return len(all) == 2 && isExampleMetric(all[0]) && all[1].LUID == "m2"
			})
		},
		seen: []string{"GET metrics?pageNumber=1&pageSize=1", "GET metrics?pageNumber=2&pageSize=1"},
		reply: []reply{
			ok(`<pagination pageNumber="1" pageSize="1" totalAvailable="2"/>` + exampleMetric),
			ok(`<pagination pageNumber="2" pageSize="1" totalAvailable="2"/><metrics><metric id="m2"/></metrics>`),
		},
	},
	{
		rows: []int{125, 126, 127}, name: "Get, Update and Delete Metric",
		call: func(ctx context.Context, s *Session) error {
			m, err := s.Metrics.ByLUID(ctx, "m1")
			if err := want(m, err, isExampleMetric); err != nil {
				return err
			}
			m, err = s.Metrics.Update(ctx, "m1", MetricUpdate{Name: new("n"), Description: new(""), Suspended: new(false), ProjectLUID: new("p2"), OwnerLUID: new("u2")})
			if err := want(m, err, isExampleMetric); err != nil {
				return err
			}
			return s.Metrics.Delete(ctx, "m1")
		},
		seen: []string{
			"GET metrics/m1",
			"PUT metrics/m1\n\n" + `<tsRequest><metric name="n" description="" suspended="false"><project id="p2"/><owner id="u2"/></metric></tsRequest>`,
			"DELETE metrics/m1",
		},
		reply: []reply{ok(exampleMetric), ok(exampleMetric), {status: 204}},
	},
	{
		rows: []int{123}, name: "Metadata API query",
		call: func(ctx context.Context, s *Session) error {
			var data struct {
				Workbooks []struct{ Name string }
			}
			err := s.Metadata.Query(ctx, "query ($name: String) { workbooks(filter: {name: $name}) { name } }", map[string]any{"name": `"a"`}, &data)
			if err := want(data.Workbooks, err, func(w []struct{ Name string }) bool { return len(w) == 1 && w[0].Name == "Ünï" }); err != nil {
				return err
			}
			err = s.Metadata.Query(ctx, "{ workbooks { name } }", nil, nil)
			problems, ok := errors.AsType[*GraphQLError](err)
			if !ok || problems.Problems[0].Extensions.Code != "NODE_LIMIT_EXCEEDED" ||
				err.Error() != "querying the metadata: Showing partial results. at workbooks.0.name, second" {
				return fmt.Errorf("the error is %w", err)
			}
			return nil
		},
		seen: []string{
			"POST /api/metadata/graphql\n\n" + `{"query":"query ($name: String) { workbooks(filter: {name: $name}) { name } }","variables":{"name":"\"a\""}}`,
			"POST /api/metadata/graphql\n\n" + `{"query":"{ workbooks { name } }"}`,
		},
		reply: []reply{
			graphQL(`{"data":{"workbooks":[{"name":"Ünï","more":1}]}}`),
			graphQL(`{"data":{"workbooks":[{"name":null}]},"errors":[{"message":"Showing partial\nresults.","path":["workbooks",0,"name"],` +
				`"extensions":{"severity":"WARNING","code":"NODE_LIMIT_EXCEEDED"}},{"message":"second"}]}`),
		},
		also: func(r seenRequest) error {
			if r.Header.Get("Content-Type") != "application/json" || r.Header.Get("Accept") != "application/json" || !json.Valid([]byte(r.Body)) {
				return fmt.Errorf("headers %v", r.Header)
			}
			return nil
		},
	},
	{
		rows: []int{123}, name: "Metadata API query, in pages",
		call: func(ctx context.Context, s *Session) error {
			type node struct{ Luid string }
			variables := map[string]any{"first": 1}
			list := MetadataNodes[node](ctx, s.Metadata, "Q", variables, "workbooksConnection")
			for range 2 { // ranging twice gives the same
				if err := wantAll(list, func(all []node) bool { return slices.Equal(all, []node{{"w1"}, {"w2"}}) }); err != nil {
					return err
				}
			}
			return want(variables, nil, func(v map[string]any) bool { return len(v) == 1 })
		},
		seen: slices.Repeat([]string{
			"POST /api/metadata/graphql\n\n" + `{"query":"Q","variables":{"first":1}}`,
			"POST /api/metadata/graphql\n\n" + `{"query":"Q","variables":{"after":"c1","first":1}}`,
		}, 2),
		reply: slices.Repeat([]reply{
			graphQL(`{"data":{"workbooksConnection":{"nodes":[{"luid":"w1"}],"pageInfo":{"hasNextPage":true,"endCursor":"c1"}}}}`),
			graphQL(`{"data":{"workbooksConnection":{"nodes":[{"luid":"w2"}],"pageInfo":{"hasNextPage":false,"endCursor":"c2"}}}}`),
		}, 2),
	},
}
