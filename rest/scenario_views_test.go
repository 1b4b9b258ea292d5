package rest_test

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tabtemplate/tabtemplate/rest"
	"github.com/tabtemplate/tabtemplate/rest/emulator"
)

func testViews(t *testing.T) {
	s, ctx := against(t, nil), t.Context()
	w, other := publishedTo(t, s, "Dashboards", "Sales"), publishedTo(t, s, "Finance", "Costs")
	view := w.Views[0]
	v := got(s.Views.ByLUID(ctx, view.LUID))(t)
	printsAs(t, "a view", []any{v.Name, v.ContentURL, v.URLName, v.WorkbookLUID, v.ProjectLUID, v.OwnerLUID, v.TotalViews == nil},
		[]any{"Map", "Sales/sheets/Map", "Map", w.LUID, w.ProjectLUID, s.UserLUID(), true})
	var data bytes.Buffer
	for range 2 {
		got(s.Views.Data(ctx, view.LUID, &data, rest.RenderOptions{}))(t)
	}
	printsAs(t, "looked at", *got(s.Views.WithUsage().ByLUID(ctx, view.LUID))(t).TotalViews, 2)
	printsAs(t, "looked at, in the workbook", *got(s.Views.WithUsage().OfWorkbook(ctx, w.LUID))(t)[0].TotalViews, 2)
	printsAs(t, "recently", got(s.Views.RecentlyViewed(ctx))(t)[0].View.LUID, view.LUID)

	printsAs(t, "by name", got(s.Views.ByName(ctx, "Map", w.LUID))(t).LUID, view.LUID)
	printsAs(t, "by LUID", got(s.Views.Find(ctx, view.LUID))(t).WorkbookLUID, w.LUID)
	_, err := s.Views.Find(ctx, "Map")
	if several, is := errors.AsType[*rest.AmbiguousError](err); !is || len(several.Matches) != 2 || !slices.Contains(several.Matches, view.LUID+" at Sales/sheets/Map") {
		t.Errorf("two views of a name: %v", err)
	}
	for _, lookUp := range []func() (rest.View, error){
		func() (rest.View, error) { return s.Views.ByName(ctx, "M*", w.LUID) }, func() (rest.View, error) { return s.Views.Find(ctx, "M*") },
	} {
		_, err := lookUp()
		failsAs(t, "a view of no name", err, rest.ErrNotFound)
	}
	_, err = s.Views.ByName(ctx, "Mapp", w.LUID)
	if none, is := errors.AsType[*rest.NotFoundError](err); !is || fmt.Sprint(none.Available) != `["Map" "Debug"]` {
		t.Errorf("the views there are: %v", err)
	}
	printsAs(t, "of that name", len(got(s.Views.ByURLName(ctx, "Map"))(t)), 2)
	printsAs(t, "of no name", len(got(s.Views.ByURLName(ctx, "M*"))(t)), 0)
	all := listed(t, s.Views.WithUsage().All(ctx, rest.Query{Sort: []rest.Order{rest.Desc("hitsTotal")}, PageSize: 3}))
	printsAs(t, "all", []any{len(all), all[0].LUID, *all[0].TotalViews, *all[3].TotalViews}, []any{4, view.LUID, 2, 0})
	of := listed(t, s.Views.All(ctx, rest.Query{Filters: []rest.Filter{rest.Eq("workbookName", "Costs")}, Fields: []string{"_all_"}}))
	printsAs(t, "of a workbook", []any{len(of), of[0].WorkbookName, of[0].ProjectName, of[0].SheetType}, []any{2, "Costs", "Finance", "worksheet"})

	failsAs(t, "deleting", s.Views.Delete(ctx, other.Views[0].LUID), nil)
	left := got(s.Views.OfWorkbook(ctx, other.LUID))(t)
	printsAs(t, "left", []any{len(left), left[0].Name}, []any{1, "Debug"})
	failsAs(t, "deleting the last", s.Views.Delete(ctx, left[0].LUID), rest.ErrForbidden)
	printsAs(t, "the one that is left", got(s.Views.Find(ctx, "Map"))(t).LUID, view.LUID)
	_, err = s.Views.ByLUID(ctx, other.Views[0].LUID)
	failsAs(t, "the deleted one", err, rest.ErrNotFound)
}

func testRenderings(t *testing.T) {
	s, ctx := against(t, nil), t.Context()
	w := publishedTo(t, s, "Dashboards", "Sales, all & sundry")
	view := w.Views[0].LUID
	filters := map[string][]string{"Sub-Category": {"Books, New", "Paper & Co+"}, "Region": {"EMEA"}}
	parameters := map[string]string{"Top N": "10"}
	var small int64
	for _, test := range []struct {
		name, begins string
		call         func(*bytes.Buffer) (rest.DownloadInfo, error)
	}{
		{"image/png", "\x89PNG", func(b *bytes.Buffer) (rest.DownloadInfo, error) {
			info, err := s.Views.Image(ctx, view, b, rest.RenderOptions{})
			small = info.Size
			return info, err
		}},
		{"image/png", "\x89PNG", func(b *bytes.Buffer) (rest.DownloadInfo, error) {
			info, err := s.Views.Image(ctx, view, b, rest.RenderOptions{HighResolution: true, Filters: filters, MaxAge: time.Minute, Language: "de"})
			if info.Size <= small {
				t.Errorf("%d bytes in high resolution, %d else", info.Size, small)
			}
			return info, err
		}},
		{"image/png", "\x89PNG", func(b *bytes.Buffer) (rest.DownloadInfo, error) {
			return s.Views.Image(ctx, view, b, rest.RenderOptions{Width: 200, Height: 100})
		}},
		{"application/pdf", "%PDF", func(b *bytes.Buffer) (rest.DownloadInfo, error) {
			return s.Views.PDF(ctx, view, b, rest.RenderOptions{PageType: rest.PageA4, Orientation: rest.Landscape, Width: 800, Height: 600, Parameters: parameters})
		}},
		{"application/pdf", "%PDF", func(b *bytes.Buffer) (rest.DownloadInfo, error) {
			return s.Workbooks.PDF(ctx, w.LUID, b, rest.RenderOptions{PageType: rest.PageUnspecified})
		}},
		{"application/vnd.openxmlformats-officedocument.presentationml.presentation", "PK", func(b *bytes.Buffer) (rest.DownloadInfo, error) {
			return s.Workbooks.PowerPoint(ctx, w.LUID, b, rest.RenderOptions{MaxAge: time.Hour})
		}},
		{"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "PK", func(b *bytes.Buffer) (rest.DownloadInfo, error) {
			return s.Views.CrosstabExcel(ctx, view, b, rest.RenderOptions{Filters: filters})
		}},
		{"text/csv", "Top N,Region,Sub-Category,Workbook,View\r\n10,EMEA,\"Books, New\",\"Sales, all & sundry\",Map\r\n10,EMEA,Paper & Co+,", func(b *bytes.Buffer) (rest.DownloadInfo, error) {
			return s.Views.Data(ctx, view, b, rest.RenderOptions{Filters: filters, Parameters: parameters})
		}},
		{"image/png", "\x89PNG", func(b *bytes.Buffer) (rest.DownloadInfo, error) { return s.Workbooks.PreviewImage(ctx, w.LUID, b) }},
		{"image/png", "\x89PNG", func(b *bytes.Buffer) (rest.DownloadInfo, error) { return s.Views.PreviewImage(ctx, w.LUID, view, b) }},
	} {
		var b bytes.Buffer
		info, err := test.call(&b)
		if err != nil || !strings.HasPrefix(info.ContentType, test.name) || info.Size != int64(b.Len()) || !strings.HasPrefix(b.String(), test.begins) {
			t.Errorf("%s: %+v, %v: %.200q", test.name, info, err, b.String())
		}
	}
	var b bytes.Buffer
	_, err := s.Views.PreviewImage(ctx, w.LUID, "nowhere", &b)
	failsAs(t, "the thumbnail of no view", err, rest.ErrNotFound)
	for _, call := range []func() (rest.DownloadInfo, error){
		func() (rest.DownloadInfo, error) { return s.Views.Data(ctx, "nowhere", &b, rest.RenderOptions{}) },
		func() (rest.DownloadInfo, error) {
			return s.Views.CrosstabExcel(ctx, "nowhere", &b, rest.RenderOptions{})
		},
		func() (rest.DownloadInfo, error) { return s.Workbooks.PDF(ctx, "nowhere", &b, rest.RenderOptions{}) },
	} {
		_, err := call()
		failsAs(t, "rendering nothing", err, rest.ErrNotFound)
	}
	printsAs(t, "written", b.Len(), 0)
}

func testDowngrade(t *testing.T) {
	s, ctx := against(t, nil), t.Context()
	p := got(s.Projects.EnsurePath(ctx, "Dashboards"))(t)
	file := strings.Replace(template, "<datasources />", "<document-format-change-manifest><IntuitiveSorting /><ParameterAction /></document-format-change-manifest><datasources />", 1)
	w := got(s.Workbooks.Publish(ctx, rest.WorkbookPublish{Name: "Sales", ProjectLUID: p.LUID, Source: strings.NewReader(file)}))(t)
	printsAs(t, "to 10.5", got(s.Workbooks.DowngradeInfo(ctx, w.LUID, "10.5"))(t), "[{IntuitiveSorting Severe} {ParameterAction Severe}]")
	printsAs(t, "to 2018.3", got(s.Workbooks.DowngradeInfo(ctx, w.LUID, "2018.3"))(t), "[{ParameterAction Severe}]")
	printsAs(t, "to 2024.2", len(got(s.Workbooks.DowngradeInfo(ctx, w.LUID, "2024.2"))(t)), 0)
	_, err := s.Workbooks.DowngradeInfo(ctx, w.LUID, "8.0")
	failsAs(t, "to one that is too old", err, rest.ErrInvalid)
}

// definition is what a custom view of the view Map is made of.
const definition = `[{"isSourceView":true,"viewName":"Map","tcv":"PGIvPg"}]`

func testCustomViews(t *testing.T) {
	ana, ben := twoUsers(t)
	ctx := t.Context()
	w := publishedTo(t, ana, "Dashboards", "Sales")
	v := got(ana.CustomViews.Publish(ctx, rest.CustomViewPublish{Name: "North, & more", WorkbookLUID: w.LUID, Source: strings.NewReader(definition)}))(t)
	printsAs(t, "published", []any{v.Name, v.ViewName, v.WorkbookName, v.OwnerName, v.Shared, v.CreatedAt.IsZero()}, []any{"North, & more", "Map", "Sales", "ana", false, false})
	_, err := ana.CustomViews.Publish(ctx, rest.CustomViewPublish{Name: v.Name, WorkbookLUID: w.LUID, Source: strings.NewReader(definition)})
	failsAs(t, "a second one", err, rest.ErrConflict)
	var b bytes.Buffer
	info := got(ana.CustomViews.Download(ctx, v.LUID, &b))(t)
	printsAs(t, "downloaded", []any{b.String(), info.FileName}, []any{definition, "North, & more.json"})
	got(ana.CustomViews.Publish(ctx, rest.CustomViewPublish{Name: "Theirs", Shared: true, OwnerLUID: ben.UserLUID(), WorkbookLUID: w.LUID, Source: bytes.NewReader(b.Bytes())}))(t)

	all := listed(t, ana.CustomViews.All(ctx, rest.Query{Filters: []rest.Filter{rest.Eq("viewId", w.Views[0].LUID)}, Sort: []rest.Order{rest.Desc("name")}}))
	printsAs(t, "of the view", []any{len(all), all[0].Name, all[0].Shared, all[0].OwnerLUID}, []any{2, "Theirs", true, ben.UserLUID()})
	printsAs(t, "by name", got(ana.CustomViews.Find(ctx, "Theirs"))(t), got(ana.CustomViews.ByName(ctx, "Theirs", w.Views[0].LUID))(t))
	printsAs(t, "by LUID", got(ana.CustomViews.Find(ctx, v.LUID))(t), v)
	_, err = ana.CustomViews.ByName(ctx, "Theirs", w.Views[1].LUID)
	failsAs(t, "by name, of another view", err, rest.ErrNotFound)
	changed := got(ana.CustomViews.Update(ctx, v.LUID, rest.CustomViewUpdate{Name: new("South"), OwnerLUID: new(ben.UserLUID())}))(t)
	printsAs(t, "updated", []any{changed, changed.Name, changed.OwnerName}, []any{got(ben.CustomViews.ByLUID(ctx, v.LUID))(t), "South", "ben"})

	for begins, call := range map[string]func() (rest.DownloadInfo, error){
		"\x89PNG": func() (rest.DownloadInfo, error) {
			return ana.CustomViews.Image(ctx, v.LUID, &b, rest.RenderOptions{HighResolution: true})
		},
		"%PDF": func() (rest.DownloadInfo, error) {
			return ana.CustomViews.PDF(ctx, v.LUID, &b, rest.RenderOptions{PageType: rest.PageA3})
		},
		"Region": func() (rest.DownloadInfo, error) {
			return ana.CustomViews.Data(ctx, v.LUID, &b, rest.RenderOptions{Filters: map[string][]string{"Region": {"EMEA"}}})
		},
	} {
		b.Reset()
		if _, err := call(); err != nil || !strings.HasPrefix(b.String(), begins) {
			t.Errorf("%s: %v: %.50q", begins, err, b.String())
		}
	}

	users := []string{ana.UserLUID(), "nobody", ben.UserLUID()}
	results := got(ana.CustomViews.SetDefaultFor(ctx, v.LUID, users...))(t)
	printsAs(t, "results", []any{len(results), results[0].Err(), results[2].Err()}, []any{3, nil, nil})
	failsAs(t, "nobody", results[1].Err(), rest.ErrNotFound)
	printsAs(t, "default of", len(listed(t, ana.CustomViews.DefaultUsers(ctx, v.LUID))), 2)
	failsAs(t, "deleting", ana.CustomViews.Delete(ctx, v.LUID), nil)
	_, err = ana.CustomViews.ByLUID(ctx, v.LUID)
	failsAs(t, "a deleted one", err, rest.ErrNotFound)
	printsAs(t, "left", len(listed(t, ana.CustomViews.All(ctx, rest.Query{}))), 1)
}

// Giving more users a default than fit into a call takes two of them.
func TestDefaultForManyUsers(t *testing.T) {
	t.Parallel()
	s := against(t, []emulator.Option{emulator.WithUser("ben", "secret", "Viewer")})
	w := publishedTo(t, s, "Dashboards", "Sales")
	v := got(s.CustomViews.Publish(t.Context(), rest.CustomViewPublish{Name: "North", WorkbookLUID: w.LUID, Source: strings.NewReader(definition)}))(t)
	users := []string{s.UserLUID()}
	for i := range 100 {
		users = append(users, fmt.Sprint("nobody-", i))
	}
	results := got(s.CustomViews.SetDefaultFor(t.Context(), v.LUID, users...))(t)
	printsAs(t, "results", []any{len(results), results[0].Success, results[100].Success, results[100].UserLUID}, []any{101, true, false, "nobody-99"})
}

func testRecommendations(t *testing.T) {
	ana, ben := twoUsers(t)
	ctx := t.Context()
	w := publishedTo(t, ana, "Dashboards", "Sales")
	printsAs(t, "before anybody has looked", len(got(ana.Recommendations.Views(ctx))(t)), 0)
	var b bytes.Buffer
	got(ben.Views.Data(ctx, w.Views[0].LUID, &b, rest.RenderOptions{}))(t)
	popular := got(ana.Recommendations.Views(ctx))(t)
	printsAs(t, "popular", popular, fmt.Sprintf("[{%s 100 []}]", w.Views[0].LUID))
	for _, s := range []*rest.Session{ana, ben} {
		got(s.Views.Data(ctx, w.Views[1].LUID, &b, rest.RenderOptions{}))(t)
	}
	printsAs(t, "with the same tastes", got(ana.Recommendations.Views(ctx))(t)[0].SimilarUserLUIDs, []string{ben.UserLUID()})

	failsAs(t, "hiding", ana.Recommendations.Hide(ctx, w.Views[0].LUID), nil)
	printsAs(t, "hidden", len(got(ana.Recommendations.Views(ctx))(t)), 0)
	failsAs(t, "unhiding", ana.Recommendations.Unhide(ctx, w.Views[0].LUID), nil)
	printsAs(t, "back", len(got(ana.Recommendations.Views(ctx))(t)), 1)
	failsAs(t, "unhiding what is not hidden", ana.Recommendations.Unhide(ctx, w.Views[0].LUID), rest.ErrNotFound)
	failsAs(t, "hiding nothing", ana.Recommendations.Hide(ctx, "nowhere"), rest.ErrNotFound)
}
