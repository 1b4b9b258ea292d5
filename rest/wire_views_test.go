package rest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
)

// Published samples of views. The reference leaves out the views around those of one name.
const (
	sheet1XML = `<view id="57dc5674-23aa-4a83-b3d4-8653cf3c735f" name="Sheet 1" contentUrl="workbook/sheets/Sheet1" createdAt="2019-05-07T17:59:42Z" updatedAt="2019-05-07T17:59:48Z" viewUrlName="Sheet1">` +
		`<workbook id="w1"/><owner id="u1"/><project id="p1"/><tags/></view>`
	viewsOfSite = `<pagination pageNumber="1" pageSize="100" totalAvailable="2"/><views>` +
		`<view id="` + sampleView + `" name="Economic Indicators" contentUrl="Finance/sheets/EconomicIndicators"><workbook id="` + sampleWorkbook + `"/><owner id="` + sampleUser + `"/><usage totalViewCount="0"/></view>` +
		`<view id="v2" name="Investing in the Dow" contentUrl="Finance/sheets/InvestingintheDow"><workbook id="w2"/><owner id="u2"/></view></views>`
)

func sheet1() View {
	return View{
		LUID: "57dc5674-23aa-4a83-b3d4-8653cf3c735f", Name: "Sheet 1", ContentURL: "workbook/sheets/Sheet1", URLName: "Sheet1", WorkbookLUID: "w1",
		OwnerLUID: "u1", ProjectLUID: "p1", CreatedAt: utc("2019-05-07T17:59:42Z"), UpdatedAt: utc("2019-05-07T17:59:48Z"),
	}
}

// rendered is the row of something that is rendered.
func rendered(number int, name, line, contentType string, call func(context.Context, *Session, io.Writer) (DownloadInfo, error)) wireRow {
	return wireRow{
		rows: []int{number}, name: name, seen: []string{line}, reply: []reply{file(contentType, "bytes")},
		call: func(ctx context.Context, s *Session) error {
			return writes("bytes", func(w *bytes.Buffer) (DownloadInfo, error) { return call(ctx, s, w) })
		},
	}
}

const xlsxType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

var viewRows = []wireRow{
	rendered(7, "Download View Crosstab Excel", "GET views/"+sampleUser+"/crosstab/excel?maxAge=60", xlsxType, func(ctx context.Context, s *Session, w io.Writer) (DownloadInfo, error) {
		return s.Views.CrosstabExcel(ctx, sampleUser, w, RenderOptions{MaxAge: time.Hour})
	}),
	{
		rows: []int{14}, name: "Get View",
		call: func(ctx context.Context, s *Session) error {
			v, err := s.Views.ByLUID(ctx, "v1")
			if err := wants(v, err, sheet1()); err != nil {
				return err
			}
			v, err = s.Views.WithUsage().ByLUID(ctx, "v1")
			return wants(v.TotalViews, err, new(int64(12)))
		},
		seen:  []string{"GET views/v1", "GET views/v1?includeUsageStatistics=true"},
		reply: []reply{ok(sheet1XML), ok(`<view id="v1"><usage totalViewCount="12"/></view>`)},
	},
	{
		rows: []int{15}, name: "Get View by Path",
		call: func(ctx context.Context, s *Session) error {
			for range 2 {
				v, err := first(s.Views.ByURLName(ctx, "Sheet1"))
				if err := wants(v, err, sheet1()); err != nil {
					return err
				}
			}
			return nil
		},
		seen: []string{
			"GET views?filter=viewUrlName:eq:Sheet1&pageNumber=1&pageSize=100",
			"GET views?filter=viewUrlName:eq:Sheet1&pageNumber=1&pageSize=100",
		},
		reply: []reply{ok(sheet1XML), ok(`<pagination pageNumber="1" pageSize="100" totalAvailable="1"/><views>` + sheet1XML + `</views>`)},
	},
	{
		rows: []int{16}, name: "Get Recommendations for Views",
		call: func(ctx context.Context, s *Session) error {
			for range 2 {
				found, err := s.Recommendations.Views(ctx)
				want := []Recommendation{{ViewLUID: "v1", Score: 94.100233876, SimilarUserLUIDs: []string{"u1", "u2"}}, {ViewLUID: "v2", Score: 94.038491833}}
				if err := wants(found, err, want); err != nil {
					return err
				}
			}
			return nil
		},
		seen: []string{"GET recommendations/?type=view", "GET recommendations/?type=view"},
		reply: []reply{
			{status: 200, body: `<tsRequest><recommendations><recommendation score="94.100233876"><view id="v1"/><similarUsersExplanation><users>` +
				`<user id="u1"/><user id="u2"/></users></similarUsersExplanation></recommendation>` +
				`<recommendation score="94.038491833"><view id="v2"/><popularExplanation/></recommendation></recommendations></tsRequest>`},
			ok(`<recommendations><recommendation contentType="view" recommendedId="v1" score="94.100233876"><explanation type="similarUsers"><users>` +
				`<user id="u1"/><user id="u2"/></users></explanation></recommendation>` +
				`<recommendation contentType="view" recommendedId="v2" score="94.038491833"><explanation type="popular"/></recommendation></recommendations>`),
		},
	},
	{
		rows: []int{19}, name: "Hide a Recommendation for a View",
		call: func(ctx context.Context, s *Session) error {
			return s.Recommendations.Hide(ctx, "57dc5674-23aa-4a83-b3d4-8653cf3c735f")
		},
		seen: []string{"PUT recommendations/dismissals\n\n" +
			`<tsRequest><recommendationDismissal><view id="57dc5674-23aa-4a83-b3d4-8653cf3c735f"/></recommendationDismissal></tsRequest>`},
		reply: []reply{{status: 200}},
	},
	{
		rows: []int{35}, name: "Unhide a Recommendation for a View",
		call:  func(ctx context.Context, s *Session) error { return s.Recommendations.Unhide(ctx, sampleView) },
		seen:  []string{"DELETE recommendations/dismissals/?type=view&id=" + sampleView},
		reply: []reply{{status: 204}},
	},
	{
		rows: []int{23}, name: "Query Views for Site",
		call: func(ctx context.Context, s *Session) error {
			views, err := Collect(s.Views.WithUsage().All(ctx, Query{Filters: []Filter{Eq("workbookName", "Finance")}}))
			return wants(views, err, []View{
				{LUID: sampleView, Name: "Economic Indicators", ContentURL: "Finance/sheets/EconomicIndicators", WorkbookLUID: sampleWorkbook, OwnerLUID: sampleUser, TotalViews: new(int64)},
				{LUID: "v2", Name: "Investing in the Dow", ContentURL: "Finance/sheets/InvestingintheDow", WorkbookLUID: "w2", OwnerLUID: "u2"},
			})
		},
		seen:  []string{"GET views?filter=workbookName:eq:Finance&includeUsageStatistics=true&pageNumber=1&pageSize=100"},
		reply: []reply{ok(viewsOfSite)},
	},
	{
		rows: []int{24}, name: "Query Views for Workbook",
		call: func(ctx context.Context, s *Session) error {
			_, err := s.Views.OfWorkbook(ctx, sampleWorkbook)
			if err != nil {
				return err
			}
			v, err := first(s.Views.WithUsage().OfWorkbook(ctx, sampleWorkbook))
			return wants(v, err, View{LUID: "v1", Name: "Tale of 100 Start-ups", ContentURL: "Finance/sheets/Taleof100Start-ups", TotalViews: new(int64(3))})
		},
		seen: []string{"GET workbooks/" + sampleWorkbook + "/views", "GET workbooks/" + sampleWorkbook + "/views?includeUsageStatistics=true"},
		reply: []reply{ok(`<views><view id="v1" name="Tale of 100 Start-ups" contentUrl="Finance/sheets/Taleof100Start-ups">` +
			`<usage totalViewCount="3"/></view></views>`)},
	},
	rendered(25, "Query View Data", `GET views/v1/data?maxAge=60&language=de&vf_Sub-Category=Bo%5C%2CNew%2CPaper%20%26%20Co%2B&vf_year=2017&vf_Parameters.Top%20N=10`, "text/csv",
		func(ctx context.Context, s *Session, w io.Writer) (DownloadInfo, error) {
			return s.Views.Data(ctx, "v1", w, RenderOptions{
				MaxAge: time.Hour, Language: "de", Parameters: map[string]string{"Top N": "10"},
				Filters: map[string][]string{"year": {"2017"}, "Sub-Category": {"Bo,New", "Paper & Co+"}},
			})
		}),
	rendered(26, "Query View Image", "GET views/v1/image?resolution=high&maxAge=60", "image/png", func(ctx context.Context, s *Session, w io.Writer) (DownloadInfo, error) {
		return s.Views.Image(ctx, "v1", w, RenderOptions{HighResolution: true, MaxAge: time.Hour})
	}),
	rendered(27, "Query View PDF", "GET views/v1/pdf?type=Letter&orientation=Portrait&vizHeight=600&vizWidth=800&vf_year=2017", "application/pdf",
		func(ctx context.Context, s *Session, w io.Writer) (DownloadInfo, error) {
			return s.Views.PDF(ctx, "v1", w, RenderOptions{
				PageType: PageLetter, Orientation: Portrait, Width: 800, Height: 600, Filters: map[string][]string{"year": {"2017"}},
			})
		}),
	rendered(28, "Query View Preview Image", "GET workbooks/w1/views/v1/previewImage", "image/png", func(ctx context.Context, s *Session, w io.Writer) (DownloadInfo, error) {
		return s.Views.PreviewImage(ctx, "w1", "v1", w)
	}),
	{
		rows: []int{142}, name: "Delete View",
		call: func(ctx context.Context, s *Session) error { return s.Views.Delete(ctx, "v1") },
		seen: []string{"DELETE views/v1"}, reply: []reply{{status: 204}},
	},
	{
		rows: []int{249}, name: "Recently viewed",
		call: func(ctx context.Context, s *Session) error {
			items, err := s.Views.RecentlyViewed(ctx)
			return wants(items, err, []RecentItem{{View: &View{LUID: "v1", WorkbookLUID: "w1"}}, {Workbook: &Workbook{LUID: "w1", Name: "Sales"}}})
		},
		seen:  []string{"GET content/recent"},
		reply: []reply{ok(`<recents><recent><view id="v1"><workbook id="w1"/></view></recent><recent><workbook id="w1" name="Sales"/></recent></recents>`)},
	},
}

const circlesXML = `<customView id="37d015c6-bc28-4c88-989c-72c0a171f7aa" name="New name 2" createdAt="2016-02-03T23:35:09Z" updatedAt="2022-09-28T23:56:01Z"` +
	` lastAccessedAt="2022-09-28T23:57:12Z" shared="true"><view id="v1" name="circle"/><workbook id="w1" name="marks and viz types 2"/><owner id="u1" name="workgroupuser"/></customView>`

func circles() CustomView {
	return CustomView{
		LUID: "37d015c6-bc28-4c88-989c-72c0a171f7aa", Name: "New name 2", CreatedAt: utc("2016-02-03T23:35:09Z"), UpdatedAt: utc("2022-09-28T23:56:01Z"),
		LastAccessedAt: utc("2022-09-28T23:57:12Z"), Shared: true, ViewLUID: "v1", ViewName: "circle", WorkbookLUID: "w1",
		WorkbookName: "marks and viz types 2", OwnerLUID: "u1", OwnerName: "workgroupuser",
	}
}

// manyUsers are one more than fit into a call.
var manyUsers = strings.Fields(strings.Repeat("u1 ", 100) + "u9")

var customViewRows = []wireRow{
	{
		rows: []int{3}, name: "Delete Custom View, with the status of the reference",
		call: func(ctx context.Context, s *Session) error { return s.CustomViews.Delete(ctx, "c1") },
		seen: []string{"DELETE customviews/c1"}, reply: []reply{{status: 201}},
	},
	{
		rows: []int{12}, name: "Get Custom View, with pagination before it",
		call: func(ctx context.Context, s *Session) error {
			v, err := s.CustomViews.ByLUID(ctx, "c1")
			return wants(v, err, circles())
		},
		seen: []string{"GET customviews/c1"}, reply: []reply{ok(`<pagination pageNumber="1" pageSize="100" totalAvailable="1673"/>` + circlesXML)},
	},
	rendered(13, "Get Custom View Image", "GET customviews/c1/image?resolution=high&maxAge=1&vf_year=2017", "image/png", func(ctx context.Context, s *Session, w io.Writer) (DownloadInfo, error) {
		return s.CustomViews.Image(ctx, "c1", w, RenderOptions{HighResolution: true, MaxAge: time.Minute, Filters: map[string][]string{"year": {"2017"}}})
	}),
	{
		rows: []int{20}, name: "List Custom Views",
		call: func(ctx context.Context, s *Session) error {
			v, err := first(Collect(s.CustomViews.All(ctx, Query{Filters: []Filter{Eq("viewId", "v1")}, Sort: []Order{Desc("createdAt")}, Fields: []string{"_all_"}})))
			return wants(v, err, circles())
		},
		seen:  []string{"GET customviews?filter=viewId:eq:v1&sort=createdAt:desc&fields=_all_&pageNumber=1&pageSize=100"},
		reply: []reply{ok(`<pagination pageNumber="1" pageSize="100" totalAvailable="1"/><customViews>` + circlesXML + `</customViews>`)},
	},
	{
		rows: []int{21}, name: "List Users with Custom View as Default",
		call: func(ctx context.Context, s *Session) error {
			users, err := Collect(s.CustomViews.DefaultUsers(ctx, "c1"))
			return wants(users, err, []string{"5c9a81df-7ec0-4752-a057-82cd2bb22c44"})
		},
		seen:  []string{"GET customviews/c1/default/users?pageNumber=1&pageSize=100"},
		reply: []reply{ok(`<pagination pageNumber="1" pageSize="100" totalAvailable="1"/><users><user id="5c9a81df-7ec0-4752-a057-82cd2bb22c44"/></users>`)},
	},
	{
		rows: []int{34}, name: "Set Custom View as Default for Users",
		call: func(ctx context.Context, s *Session) error {
			results, err := s.CustomViews.SetDefaultFor(ctx, "c1", manyUsers...)
			if err == nil && (results[0].Err() != nil || !errors.Is(results[1].Err(), ErrNotFound)) {
				err = fmt.Errorf("errors %v, %w", results[0].Err(), results[1].Err())
			}
			return wants(results, err, []DefaultViewResult{
				{UserLUID: "u1", Success: true},
				{UserLUID: "u9", Code: "404002", Summary: "Resource Not Found", Detail: "User 'u9' could not be found."},
			})
		},
		seen: []string{
			"POST customviews/c1/default/users\n\n<tsRequest><users>" + strings.Repeat(`<user id="u1"/>`, 100) + "</users></tsRequest>",
			"POST customviews/c1/default/users\n\n" + `<tsRequest><users><user id="u9"/></users></tsRequest>`,
		},
		reply: []reply{
			ok(`<customViewAsUserDefaultResults><customViewAsUserDefaultViewResult success="true"><user id="u1"/></customViewAsUserDefaultViewResult></customViewAsUserDefaultResults>`),
			ok(`<customViewAsUserDefaultResults><customViewAsUserDefaultViewResult success="false"><user id="u9"/><error code="404002"><summary>Resource Not Found</summary>` +
				`<detail>User 'u9' could not be found.</detail></error></customViewAsUserDefaultViewResult></customViewAsUserDefaultResults>`),
		},
	},
	{
		rows: []int{36}, name: "Update Custom View",
		call: func(ctx context.Context, s *Session) error {
			v, err := s.CustomViews.Update(ctx, "c1", CustomViewUpdate{Name: new("new-name"), OwnerLUID: new("cdfe8548-84c8-418e-9b33-2c0728b2398a")})
			return wants(v, err, circles())
		},
		seen: []string{"PUT customviews/c1\n\n" +
			`<tsRequest><customView name="new-name"><owner id="cdfe8548-84c8-418e-9b33-2c0728b2398a"/></customView></tsRequest>`},
		reply: []reply{ok(circlesXML)},
	},
	rendered(150, "Get Custom View PDF", "GET customviews/c1/pdf?type=A4", "application/pdf", func(ctx context.Context, s *Session, w io.Writer) (DownloadInfo, error) {
		return s.CustomViews.PDF(ctx, "c1", w, RenderOptions{PageType: PageA4})
	}),
	rendered(151, "Get Custom View Data", "GET customviews/c1/data?maxAge=1", "text/csv", func(ctx context.Context, s *Session, w io.Writer) (DownloadInfo, error) {
		return s.CustomViews.Data(ctx, "c1", w, RenderOptions{MaxAge: time.Minute})
	}),
	rendered(152, "Download Custom View", "GET /api/exp/sites/"+testSite+"/customviews/c1/content", "application/json", func(ctx context.Context, s *Session, w io.Writer) (DownloadInfo, error) {
		return s.CustomViews.Download(ctx, "c1", w)
	}),
	{
		rows: []int{153}, name: "Publish Custom View",
		call: func(ctx context.Context, s *Session) error {
			v, err := s.CustomViews.Publish(ctx, CustomViewPublish{Name: "Mine", Shared: true, WorkbookLUID: "w1", OwnerLUID: "u1", Source: strings.NewReader(`[{"viewName":"circle"}]`)})
			return wants(v, err, circles())
		},
		seen: []string{"POST /api/exp/sites/" + testSite + "/customviews\n\n" + `--BOUNDARY
Content-Disposition: form-data; name="request_payload"; filename=""
Content-Type: text/xml

<tsRequest><customView name="Mine" shared="true"><workbook id="w1"/><owner id="u1"/></customView></tsRequest>
--BOUNDARY
Content-Disposition: form-data; name="tableau_customview"; filename="Mine.json"
Content-Type: application/octet-stream

[{"viewName":"circle"}]
--BOUNDARY--
`},
		reply: []reply{{status: 201, body: tsResponse(circlesXML)}},
	},
}
