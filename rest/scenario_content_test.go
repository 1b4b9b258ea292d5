package rest_test

import (
	"bytes"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tabtemplate/tabtemplate/rest"
	"github.com/tabtemplate/tabtemplate/rest/emulator"
)

var contentScenarios = []scenario{
	{rows: []int{1, 2, 4, 5, 144, 145}, name: "tags", run: testTags},
	{rows: []int{6, 24, 29, 30, 31, 37}, name: "workbooks are found, changed and deleted", run: testWorkbooks},
	{rows: []int{30}, name: "many pages of workbooks", run: testManyPages},
	{rows: []int{29, 30, 52, 51}, name: "by name, LUID and path", run: testFinding},
	{rows: []int{37, 24, 25}, name: "data freshness and view acceleration", run: testFreshness},
	{rows: []int{11, 18, 131, 8}, name: "revisions of a workbook", run: testWorkbookRevisions},
	{rows: []int{129, 130, 132}, name: "revisions of a data source", run: testDatasourceRevisions},
	{rows: []int{14, 15, 23, 24, 142, 249}, name: "views", run: testViews},
	{rows: []int{7, 9, 10, 25, 26, 27, 28, 33}, name: "renderings", run: testRenderings},
	{rows: []int{17}, name: "what a downgrade would cost", run: testDowngrade},
	{rows: []int{3, 12, 13, 20, 21, 34, 36, 150, 151, 152, 153}, name: "custom views", run: testCustomViews},
	{rows: []int{16, 19, 35}, name: "recommendations", run: testRecommendations},
}

// twoUsers signs two administrators of a site in to the same emulator.
func twoUsers(t *testing.T, server ...emulator.Option) (ana, ben *rest.Session) {
	t.Helper()
	e, err := emulator.New(append([]emulator.Option{
		emulator.WithStrict(), emulator.WithSite("acme", "Acme"),
		emulator.WithUser("ana", "secret", "SiteAdministratorCreator"), emulator.WithUser("ben", "secret", "SiteAdministratorCreator"),
	}, server...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() })
	c, err := rest.NewClient(emulator.URL, rest.WithHTTPClient(&http.Client{Transport: e.Transport()}))
	if err != nil {
		t.Fatal(err)
	}
	for name, s := range map[string]**rest.Session{"ana": &ana, "ben": &ben} {
		if *s, err = c.SignIn(t.Context(), rest.UserPassword{Name: name, Password: "secret"}, "acme"); err != nil {
			t.Fatal(err)
		}
	}
	return ana, ben
}

// publishedTo publishes a workbook with the views Map and Debug to a project.
func publishedTo(t *testing.T, s *rest.Session, project, name string) rest.Workbook {
	t.Helper()
	p, err := s.Projects.EnsurePath(t.Context(), project)
	if err != nil {
		t.Fatal(err)
	}
	w, err := s.Workbooks.Publish(t.Context(), rest.WorkbookPublish{
		Name: name, ProjectLUID: p.LUID, Source: strings.NewReader(template), Mode: rest.Overwrite, ShowTabs: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// got is the value of a call that may not fail.
func got[T any](value T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
}

// listed is all of a list that may not fail.
func listed[T any](t *testing.T, items iter.Seq2[T, error]) []T {
	t.Helper()
	var all []T
	for item, err := range items {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, item)
	}
	return all
}

// printsAs fails unless two values print the same.
func printsAs(t *testing.T, what string, got, want any) {
	t.Helper()
	if g, w := fmt.Sprint(got), fmt.Sprint(want); g != w {
		t.Errorf("%s: %s, want %s", what, g, w)
	}
}

// failsAs fails unless an error is of a kind; nil stands for none.
func failsAs(t *testing.T, what string, err, kind error) {
	t.Helper()
	if !errors.Is(err, kind) {
		t.Errorf("%s: %v, want %v", what, err, kind)
	}
}

func testTags(t *testing.T) {
	s, ctx := against(t, nil), t.Context()
	w := publishedTo(t, s, "Dashboards", "Sales")
	hard := []string{"a/b & c", `"é", d?`, "100%"}
	printsAs(t, "tags", got(s.Workbooks.AddTags(ctx, w.LUID, hard...))(t), hard)
	printsAs(t, "once more", got(s.Workbooks.AddTags(ctx, w.LUID, "100%", "new"))(t), append(slices.Clone(hard), "new"))
	for _, label := range hard {
		failsAs(t, "taking off "+label, s.Workbooks.DeleteTag(ctx, w.LUID, label), nil)
	}
	failsAs(t, "a tag that is not there", s.Workbooks.DeleteTag(ctx, w.LUID, "a/b & c"), rest.ErrNotFound)
	printsAs(t, "what is left", got(s.Workbooks.ByLUID(ctx, w.LUID))(t).Tags, "[new]")

	v := w.Views[0]
	printsAs(t, "tags of a view", got(s.Views.AddTags(ctx, v.LUID, "GDP"))(t), "[GDP]")
	d := got(s.Datasources.Publish(ctx, rest.DatasourcePublish{
		Name: "Orders", ProjectLUID: w.ProjectLUID, Source: strings.NewReader("<datasource/>"),
	}))(t)
	printsAs(t, "tags of a data source", got(s.Datasources.AddTags(ctx, d.LUID, "GDP", "old"))(t), "[GDP old]")
	failsAs(t, "taking it off the data source", s.Datasources.DeleteTag(ctx, d.LUID, "old"), nil)

	targets := []rest.TagTarget{{LUID: w.LUID, Type: "Workbook"}, {LUID: v.LUID, Type: "View"}, {LUID: d.LUID, Type: "Datasource"}}
	failsAs(t, "many", s.Tags.BatchAdd(ctx, []string{"..", "a, b"}, targets...), nil)
	failsAs(t, "many", s.Tags.BatchDelete(ctx, []string{"..", "GDP"}, targets...), nil)
	printsAs(t, "the view", got(s.Views.ByLUID(ctx, v.LUID))(t).Tags, "[a, b]")
	printsAs(t, "the workbook", got(s.Workbooks.AddTags(ctx, w.LUID))(t), "[new a, b]")
	printsAs(t, "the data source", got(s.Datasources.ByLUID(ctx, d.LUID))(t).Tags, "[a, b]")
	failsAs(t, "the view", s.Views.DeleteTag(ctx, v.LUID, "a, b"), nil)
	printsAs(t, "the view", got(s.Views.AddTags(ctx, v.LUID))(t), "[]")

	printsAs(t, "set", got(s.Workbooks.SetTags(ctx, w.LUID, "NEW", "b/c"))(t), "[NEW b/c]")
	printsAs(t, "set of a view", got(s.Views.SetTags(ctx, v.LUID, "x"))(t), "[x]")
	printsAs(t, "set of a data source", got(s.Datasources.SetTags(ctx, d.LUID))(t), "[]")
	printsAs(t, "the workbook", got(s.Workbooks.ByLUID(ctx, w.LUID))(t).Tags, "[NEW b/c]")
	printsAs(t, "the data source", got(s.Datasources.ByLUID(ctx, d.LUID))(t).Tags, "[]")
}

func testWorkbooks(t *testing.T) {
	ana, ben := twoUsers(t)
	ctx := t.Context()
	w, other := publishedTo(t, ana, "Dashboards", "Sales"), publishedTo(t, ana, "Other/Place", "Costs")
	changed := got(ana.Workbooks.Update(ctx, w.LUID, rest.WorkbookUpdate{
		Name: new("Ümsätze, A & B / C"), ShowTabs: new(false), Description: new("All of <them>"), ProjectLUID: new(other.ProjectLUID),
		OwnerLUID: new(ben.UserLUID()), EncryptExtracts: new(true), RecentlyViewed: new(true),
	}))(t)
	again := got(ana.Workbooks.ByLUID(ctx, w.LUID))(t)
	for _, now := range []rest.Workbook{changed, again} {
		printsAs(t, "after the update", []any{now.Name, now.ShowTabs, now.Description, now.ProjectName, now.LocationName, now.OwnerLUID, now.OwnerName, now.EncryptExtracts},
			[]any{"Ümsätze, A & B / C", false, "All of <them>", "Place", "Place", ben.UserLUID(), "ben", true})
	}
	printsAs(t, "what was looked at", got(ana.Views.RecentlyViewed(ctx))(t)[0].Workbook.LUID, w.LUID)
	printsAs(t, "views", len(again.Views), 2)
	printsAs(t, "by content URL", got(ana.Workbooks.ByContentURL(ctx, again.ContentURL))(t).LUID, w.LUID)
	_, err := ana.Workbooks.ByContentURL(ctx, strings.ToUpper(again.ContentURL))
	failsAs(t, "in the wrong case", err, rest.ErrNotFound)

	failsAs(t, "emptying the description", errOf(ana.Workbooks.Update(ctx, w.LUID, rest.WorkbookUpdate{Description: new("")})), nil)
	printsAs(t, "the description", got(ana.Workbooks.ByLUID(ctx, w.LUID))(t).Description, "")
	printsAs(t, "of ben", len(listed(t, ana.Workbooks.OfUser(ctx, ben.UserLUID()))), 2)
	owned := listed(t, ana.Workbooks.OwnedBy(ctx, ben.UserLUID()))
	printsAs(t, "owned by ben", []any{len(owned), owned[0].Name}, []any{1, "Ümsätze, A & B / C"})
	for _, err := range ana.Workbooks.OfUser(ctx, "nobody") {
		failsAs(t, "of nobody", err, rest.ErrNotFound)
	}
	all := listed(t, ana.Workbooks.All(ctx, rest.Query{Filters: []rest.Filter{rest.Eq("name", "Ümsätze, A & B / C"), rest.Eq("ownerName", "ben")}, Fields: []string{"_all_"}}))
	printsAs(t, "filtered", []any{len(all), all[0].SheetCount, all[0].LastPublishedAt.IsZero()}, []any{1, 2, false})

	failsAs(t, "deleting", ana.Workbooks.Delete(ctx, w.LUID), nil)
	printsAs(t, "what is left", listed(t, ana.Workbooks.All(ctx, rest.Query{}))[0].LUID, other.LUID)
	_, err = ana.Views.OfWorkbook(ctx, w.LUID)
	failsAs(t, "views of a deleted workbook", err, rest.ErrNotFound)
	failsAs(t, "updating a deleted workbook", errOf(ana.Workbooks.Update(ctx, w.LUID, rest.WorkbookUpdate{Name: new("x")})), rest.ErrNotFound)
}

// errOf is the error of a call.
func errOf[T any](_ T, err error) error { return err }

func testManyPages(t *testing.T) {
	s := against(t, nil)
	printsAs(t, "an empty site", len(listed(t, s.Workbooks.All(t.Context(), rest.Query{}))), 0)
	var want []string
	for i := range 7 {
		want = append(want, publishedTo(t, s, "Dashboards", fmt.Sprint("Sales ", i)).LUID)
	}
	for _, size := range []int{1, 2, 3, 7} {
		var got []string
		for _, w := range listed(t, s.Workbooks.All(t.Context(), rest.Query{PageSize: size, Sort: []rest.Order{rest.Desc("name")}})) {
			got = append([]string{w.LUID}, got...)
		}
		printsAs(t, fmt.Sprint("pages of ", size), got, want)
	}
}

func testFinding(t *testing.T) {
	s, ctx := against(t, nil), t.Context()
	top, deep := publishedTo(t, s, "Finance", "Sales, all & sundry"), publishedTo(t, s, "Finance/EMEA", "Sales, all & sundry")
	odd := publishedTo(t, s, "Finance", "EMEA/Plan")
	for ref, want := range map[string]string{
		top.LUID: top.LUID, "Finance/Sales, all & sundry": top.LUID, "Finance/EMEA/Sales, all & sundry": deep.LUID,
		"EMEA/Plan": odd.LUID, "Finance/EMEA/Plan": odd.LUID,
	} {
		w, err := s.Workbooks.Find(ctx, ref)
		if err != nil || w.LUID != want || len(w.Views) != 2 {
			t.Errorf("%s: %+v, %v", ref, w, err)
		}
	}
	_, err := s.Workbooks.Find(ctx, "Sales, all & sundry")
	ambiguous, ok := errors.AsType[*rest.AmbiguousError](err)
	if !ok || len(ambiguous.Matches) != 2 || !strings.Contains(ambiguous.Matches[1], `in project "Finance/EMEA"`) {
		t.Errorf("%v", err)
	}
	_, err = s.Workbooks.Find(ctx, "APAC/EMEA/Plan")
	missing, ok := errors.AsType[*rest.NotFoundError](err)
	if !ok || len(missing.Available) != 1 || !strings.Contains(missing.Available[0], `in project "Finance"`) {
		t.Errorf("%v", err)
	}
	_, err = s.Workbooks.ByName(ctx, "EMEA/Plan", deep.ProjectLUID)
	if err == nil || !strings.Contains(err.Error(), `no workbook "EMEA/Plan" in project "Finance/EMEA"; there is `+odd.LUID+` in project "Finance"`) {
		t.Errorf("%v", err)
	}
	d := got(s.Datasources.Publish(ctx, rest.DatasourcePublish{
		Name: "Orders", ProjectLUID: deep.ProjectLUID, Source: strings.NewReader("<datasource/>"),
	}))(t)
	printsAs(t, "a data source", got(s.Datasources.Find(ctx, "Finance/EMEA/Orders"))(t).LUID, d.LUID)
}

func testFreshness(t *testing.T) {
	s, ctx := against(t, nil), t.Context()
	w := publishedTo(t, s, "Dashboards", "Sales")
	for _, policy := range []rest.DataFreshness{
		{Option: rest.FreshnessAlwaysLive},
		{Option: rest.FreshnessEvery, Every: &rest.FreshEvery{Frequency: rest.FreshnessHours, Value: 4}},
		{Option: rest.FreshnessAt, At: &rest.FreshAt{Frequency: rest.FreshnessDay, Time: "00:45:00", Timezone: "UTC"}},
		{Option: rest.FreshnessAt, At: &rest.FreshAt{Frequency: rest.FreshnessWeek, Time: "08:15:00", Timezone: "Europe/Berlin", WeekDays: []rest.CalendarDay{"Monday", "Friday"}}},
		{Option: rest.FreshnessAt, At: &rest.FreshAt{Frequency: rest.FreshnessMonth, Time: "23:00:00", Timezone: "UTC", MonthDays: []rest.CalendarDay{"1", "LastDay"}}},
		{Option: rest.FreshnessSiteDefault},
	} {
		got(s.Workbooks.Update(ctx, w.LUID, rest.WorkbookUpdate{Freshness: &policy}))(t)
		got := got(s.Workbooks.ByLUID(ctx, w.LUID))(t).Freshness
		printsAs(t, "policy", policyText(got), policyText(&policy))
	}

	on := rest.WorkbookUpdate{AcceleratedViews: []string{w.Views[1].LUID}, Acceleration: &rest.DataAcceleration{Enabled: true, Now: true}}
	failsAs(t, "accelerating what nobody has seen", errOf(s.Workbooks.Update(ctx, w.LUID, on)), rest.ErrInvalid)
	var data bytes.Buffer
	got(s.Views.Data(ctx, w.Views[1].LUID, &data, rest.RenderOptions{}))(t)
	changed := got(s.Workbooks.Update(ctx, w.LUID, on))(t)
	printsAs(t, "views", []any{changed.Views[0].Acceleration.Status, changed.Views[1].Acceleration.Enabled}, []any{"Off", true})
	printsAs(t, "the workbook", changed.Acceleration.Enabled, true)
	on.Acceleration = &rest.DataAcceleration{}
	changed = got(s.Workbooks.Update(ctx, w.LUID, on))(t)
	printsAs(t, "off again", []any{changed.Views[1].Acceleration.Status, changed.Acceleration == nil}, []any{"Off", true})
}

// policyText is a policy with all it leads to.
func policyText(f *rest.DataFreshness) string {
	text := string(f.Option)
	if f.At != nil {
		text += fmt.Sprintf(" %+v", *f.At)
	}
	if f.Every != nil {
		text += fmt.Sprintf(" %+v", *f.Every)
	}
	return text
}

func testWorkbookRevisions(t *testing.T) {
	s, ctx := against(t, nil), t.Context()
	w := publishedTo(t, s, "Dashboards", "Sales")
	longer := template + "<!-- the second -->"
	got(s.Workbooks.Publish(ctx, rest.WorkbookPublish{
		Name: "Sales", ProjectLUID: w.ProjectLUID, Source: strings.NewReader(longer), Mode: rest.Overwrite,
	}))(t)
	revisions := listed(t, s.Workbooks.Revisions(ctx, w.LUID))
	if len(revisions) != 2 || revisions[0].Current || !revisions[1].Current || revisions[0].PublisherName != "ana" ||
		revisions[0].SizeBytes != int64(len(template)) || time.Since(revisions[1].PublishedAt) > time.Hour {
		t.Fatalf("%+v", revisions)
	}
	var first, now bytes.Buffer
	info := got(s.Workbooks.DownloadRevision(ctx, w.LUID, 1, &first, rest.DownloadOptions{}))(t)
	got(s.Workbooks.Download(ctx, w.LUID, &now, rest.DownloadOptions{}))(t)
	if first.String() != template || now.String() != longer || !strings.HasSuffix(info.FileName, ".twb") {
		t.Errorf("%+v: %q, now %q", info, first.String(), now.String())
	}
	_, err := s.Workbooks.DownloadRevision(ctx, w.LUID, 2, &first, rest.DownloadOptions{})
	failsAs(t, "the current one", err, rest.ErrNotFound)
	failsAs(t, "removing the current one", s.Workbooks.DeleteRevision(ctx, w.LUID, 2), rest.ErrForbidden)
	failsAs(t, "removing the first", s.Workbooks.DeleteRevision(ctx, w.LUID, 1), nil)
	printsAs(t, "then", listed(t, s.Workbooks.Revisions(ctx, w.LUID))[0].Deleted, true)
	failsAs(t, "removing it again", s.Workbooks.DeleteRevision(ctx, w.LUID, 1), rest.ErrNotFound)
}

func testDatasourceRevisions(t *testing.T) {
	s, ctx := against(t, nil), t.Context()
	p := got(s.Projects.EnsurePath(ctx, "Data"))(t)
	var d rest.Datasource
	for i := range 3 {
		d = got(s.Datasources.Publish(ctx, rest.DatasourcePublish{
			Name: "Orders", ProjectLUID: p.LUID, Mode: rest.Overwrite, Source: strings.NewReader(fmt.Sprintf("<datasource version='%d'/>", i+1)),
		}))(t)
	}
	failsAs(t, "removing the first", s.Datasources.DeleteRevision(ctx, d.LUID, 1), nil)
	var states []string
	for _, r := range listed(t, s.Datasources.Revisions(ctx, d.LUID)) {
		states = append(states, fmt.Sprint(r.Number, r.Deleted, r.Current))
	}
	printsAs(t, "revisions", states, "[1 true false 2 false false 3 false true]")
	var file bytes.Buffer
	got(s.Datasources.DownloadRevision(ctx, d.LUID, 2, &file, rest.DownloadOptions{}))(t)
	printsAs(t, "the second", file.String(), "<datasource version='2'/>")
	_, err := s.Datasources.DownloadRevision(ctx, d.LUID, 1, &file, rest.DownloadOptions{})
	failsAs(t, "one that was removed", err, rest.ErrNotFound)
}
