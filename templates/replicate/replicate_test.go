package replicate_test

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tabtemplate/tabtemplate/documents"
	"github.com/tabtemplate/tabtemplate/documents/tds"
	"github.com/tabtemplate/tabtemplate/rest"
	"github.com/tabtemplate/tabtemplate/rest/emulator"
	"github.com/tabtemplate/tabtemplate/templates/replicate"
)

const demo = "../../testdata/demo/"

// server is an emulator with the sites dev and prod, and the same groups on both.
func server(t *testing.T, opts ...emulator.Option) *rest.Client {
	t.Helper()
	e, err := emulator.New(append([]emulator.Option{
		emulator.WithSite("dev", "Dev"), emulator.WithSite("prod", "Prod"), emulator.WithStrict(),
		emulator.WithUser("ana", "secret", "ServerAdministrator"), emulator.WithUser("bob", "secret", "Creator"),
	}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() })
	c, err := rest.NewClient(emulator.URL, rest.WithHTTPClient(&http.Client{Transport: e.Transport()}))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func signIn(t *testing.T, c *rest.Client, site string) *rest.Session {
	t.Helper()
	s, err := c.SignIn(t.Context(), rest.UserPassword{Name: "ana", Password: "secret"}, site)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// stocked puts the demo's data source and its workbook on a site, and gives the workbook.
func stocked(t *testing.T, s *rest.Session) rest.Workbook {
	t.Helper()
	ctx := t.Context()
	project, err := s.Projects.EnsurePath(ctx, "Finance/EMEA")
	if err != nil {
		t.Fatal(err)
	}
	orders := open(t, "orders.tds")
	if _, err := s.Datasources.Publish(ctx, rest.DatasourcePublish{
		Name: "Orders", ProjectLUID: project.LUID, Source: orders, Tags: []string{"gold"}, Description: "All orders",
	}); err != nil {
		t.Fatal(err)
	}
	w, err := s.Workbooks.Publish(ctx, rest.WorkbookPublish{
		Name: "Sales", ProjectLUID: project.LUID, Source: edited(t, "sales.twbx", func(f *documents.File) error {
			ds, err := f.Datasource("Orders")
			if err != nil {
				return err
			}
			return ds.Repoint(tds.PublishedRef{Server: s.ServerURL(), SiteContentURL: s.SiteContentURL(), ContentURL: "Orders"})
		}), Tags: []string{"managed"}, ShowTabs: true, Description: "Sales of all",
	})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func open(t *testing.T, name string) rest.Source {
	return edited(t, name, func(*documents.File) error { return nil })
}

func edited(t *testing.T, name string, edit func(*documents.File) error) rest.Source {
	t.Helper()
	f, err := documents.Open(demo + name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	if err := edit(f); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if _, err := f.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	return bytes.NewReader(b.Bytes())
}

// document opens what is published.
func document(t *testing.T, s *rest.Session, workbookLUID string) *documents.File {
	t.Helper()
	var b bytes.Buffer
	if _, err := s.Workbooks.Download(t.Context(), workbookLUID, &b, rest.DownloadOptions{}); err != nil {
		t.Fatal(err)
	}
	f, err := documents.OpenReader(bytes.NewReader(b.Bytes()), int64(b.Len()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	return f
}

// brief is a report without LUIDs.
func brief(r *replicate.Report) []string {
	var lines []string
	for _, i := range r.Items {
		line := string(i.Kind) + " " + i.Name + " " + string(i.Action) + ": " + i.FromProject + "/" + i.FromContentURL + " -> " + i.ToProject + "/" + i.ToContentURL
		if i.Err != nil {
			line += ", " + i.Err.Error()
		}
		lines = append(lines, line)
	}
	return lines
}

func TestToAnotherServer(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	from, to := signIn(t, server(t), "dev"), signIn(t, server(t), "prod")
	w := stocked(t, from)
	// The name is taken on the other site, in another project: the copy has another content URL, and so has the reference.
	elsewhere, err := to.Projects.EnsurePath(ctx, "Elsewhere")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := to.Datasources.Publish(ctx, rest.DatasourcePublish{Name: "Orders", ProjectLUID: elsewhere.LUID, Source: open(t, "orders.tds")}); err != nil {
		t.Fatal(err)
	}
	var seen []replicate.Action
	options := replicate.Options{
		Project:        func(path string) string { return strings.Replace(path, "Finance", "Money", 1) },
		CreateProjects: true,
		Credentials: func(of replicate.Item, c rest.FileConnection) *rest.ConnectionCredentials {
			return &rest.ConnectionCredentials{Username: "app-" + c.Class, Password: "p", Embed: true}
		},
		Progress: func(i replicate.Item) { seen = append(seen, i.Action) },
	}
	report, err := replicate.Copy(ctx, from, to, replicate.Selection{Workbooks: []string{w.LUID}}, options)
	if err != nil || report.Err() != nil {
		t.Fatal(err, report.Err())
	}
	copied := report.Items[1]
	if diff := cmp.Diff([]string{
		"data source Orders created: Finance/EMEA/Orders -> Money/EMEA/" + report.Items[0].ToContentURL,
		"workbook Sales created: Finance/EMEA/Sales -> Money/EMEA/Sales",
	}, brief(report)); diff != "" || report.Items[0].ToContentURL == "Orders" || !slices.Equal(seen, []replicate.Action{replicate.Created, replicate.Created}) {
		t.Errorf("%s; told %v", diff, seen)
	}
	got, err := to.Workbooks.ByLUID(ctx, copied.ToLUID)
	if err != nil || !got.ShowTabs || got.Description != "Sales of all" || !slices.Equal(got.Tags, []string{"managed"}) || len(got.Views) != len(w.Views) {
		t.Errorf("%+v, %v", got, err)
	}
	orders, err := to.Datasources.ByLUID(ctx, report.Items[0].ToLUID)
	if err != nil || orders.Description != "All orders" || !slices.Equal(orders.Tags, []string{"gold"}) {
		t.Errorf("%+v, %v", orders, err)
	}
	ds, err := document(t, to, copied.ToLUID).Datasource("Orders")
	if err != nil {
		t.Fatal(err)
	}
	if ref, ok := ds.Published(); !ok || ref.SiteContentURL != "prod" || ref.ContentURL != report.Items[0].ToContentURL {
		t.Errorf("the copy refers to %+v", ref)
	}

	// A second time it is refused, and with Overwrite it replaces.
	report, err = replicate.Copy(ctx, from, to, replicate.Selection{Workbooks: []string{w.LUID}}, options)
	if err != nil || !errors.Is(report.Err(), rest.ErrConflict) || report.Items[0].Action != replicate.Failed || report.Items[1].Action != replicate.Skipped {
		t.Errorf("%v, %v", brief(report), err)
	}
	options.Mode = rest.Overwrite
	report, err = replicate.Copy(ctx, from, to, replicate.Selection{Workbooks: []string{w.LUID}}, options)
	if err != nil || report.Err() != nil || report.Items[0].Action != replicate.Overwritten || report.Items[1].ToLUID != copied.ToLUID {
		t.Errorf("%v, %v", brief(report), err)
	}
}

// What is published on the new site already is used, and permissions go along by name.
func TestReuseAndPermissions(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	c := server(t)
	from, to := signIn(t, c, "dev"), signIn(t, c, "prod")
	w := stocked(t, from)
	project, err := to.Projects.EnsurePath(ctx, "Finance/EMEA")
	if err != nil {
		t.Fatal(err)
	}
	there, err := to.Datasources.Publish(ctx, rest.DatasourcePublish{Name: "Orders", ProjectLUID: project.LUID, Source: open(t, "orders.tds")})
	if err != nil {
		t.Fatal(err)
	}
	bob, err := from.Users.ByName(ctx, "bob")
	if err != nil {
		t.Fatal(err)
	}
	rule := rest.PermissionRule{Grantee: rest.Grantee{UserLUID: bob.LUID}, Capabilities: slices.Concat(rest.Allow("Read"), rest.Deny("ExportXml"))}
	if _, err := from.Workbooks.Permissions(w.LUID).Set(ctx, []rest.PermissionRule{rule}); err != nil {
		t.Fatal(err)
	}
	report, err := replicate.Copy(ctx, from, to, replicate.Selection{Workbooks: []string{w.LUID}}, replicate.Options{
		ReuseDatasources: true, Permissions: &rest.GranteeMapping{},
	})
	if err != nil || report.Err() != nil || report.Items[0].Action != replicate.Reused || report.Items[0].ToLUID != there.LUID {
		t.Fatalf("%v, %v", brief(report), err)
	}
	bobThere, err := to.Users.ByName(ctx, "bob")
	if err != nil {
		t.Fatal(err)
	}
	rules, err := to.Workbooks.Permissions(report.Items[1].ToLUID).Rules(ctx)
	if err != nil || len(rules.Rules) != 1 || rules.Rules[0].Grantee.UserLUID != bobThere.LUID || len(rules.Rules[0].Capabilities) != 2 {
		t.Errorf("%+v, %v", rules, err)
	}
}

func TestEdit(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	c := server(t)
	from, to := signIn(t, c, "dev"), signIn(t, c, "prod")
	w := stocked(t, from)
	swap := func(of replicate.Item, f *documents.File) error {
		if of.Kind != replicate.Workbook {
			return nil
		}
		ds, err := f.Datasource("Sales facts")
		if err != nil {
			return err
		}
		conn, err := ds.Connection(tds.ConnectionMatch{Class: "postgres"})
		if err != nil {
			return err
		}
		return conn.Update(tds.ConnectionPatch{Server: "db.prod"})
	}
	report, err := replicate.Copy(ctx, from, to, replicate.Selection{Workbooks: []string{w.LUID}}, replicate.Options{CreateProjects: true, Edit: swap})
	if err != nil || report.Err() != nil {
		t.Fatal(err, report.Err())
	}
	connections, err := to.Workbooks.Connections(ctx, report.Items[1].ToLUID)
	if err != nil || !slices.ContainsFunc(connections, func(c rest.Connection) bool { return c.Server == "db.prod" }) {
		t.Errorf("%+v, %v", connections, err)
	}
	if len(report.Items[1].Warnings) != 1 || !strings.Contains(report.Items[1].Warnings[0], "db.prod") {
		t.Errorf("warnings %q", report.Items[1].Warnings)
	}
}

// What fails for one stops no other, and is told.
func TestFailures(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	c := server(t)
	from, to := signIn(t, c, "dev"), signIn(t, c, "prod")
	w := stocked(t, from)
	report, err := replicate.Copy(ctx, from, to, replicate.Selection{Workbooks: []string{"00000000-0000-0000-0000-000000000000", w.LUID}}, replicate.Options{})
	if err != nil || len(report.Items) != 2 {
		t.Fatalf("%v, %v", brief(report), err)
	}
	for i, want := range []replicate.Action{replicate.Failed, replicate.Failed} {
		if report.Items[i].Action != want || !errors.Is(report.Items[i].Err, rest.ErrNotFound) {
			t.Errorf("item %d: %s, %v", i, report.Items[i].Action, report.Items[i].Err)
		}
	}
	for _, mode := range []rest.PublishMode{rest.Append, 7} {
		if _, err := replicate.Copy(ctx, from, to, replicate.Selection{}, replicate.Options{Mode: mode}); err == nil {
			t.Errorf("mode %s is taken", mode)
		}
	}
	report, err = replicate.Copy(ctx, from, from, replicate.Selection{Workbooks: []string{w.LUID}}, replicate.Options{Mode: rest.Overwrite})
	if err != nil || len(report.Items) != 1 || report.Items[0].Action != replicate.Failed || !strings.Contains(report.Err().Error(), "onto itself") {
		t.Errorf("%v, %v", brief(report), err)
	}
	over, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := replicate.Copy(over, from, to, replicate.Selection{Workbooks: []string{w.LUID}}, replicate.Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

// A data source that a workbook leads to and that is gone is told of as one that failed, once for all workbooks that need it.
func TestMissingDatasource(t *testing.T) {
	t.Parallel()
	c := server(t)
	from, to := signIn(t, c, "dev"), signIn(t, c, "prod")
	w := stocked(t, from)
	orders, err := from.Datasources.Find(t.Context(), "Finance/EMEA/Orders")
	if err == nil {
		err = from.Datasources.Delete(t.Context(), orders.LUID)
	}
	if err != nil {
		t.Fatal(err)
	}
	report, err := replicate.Copy(t.Context(), from, to, replicate.Selection{Workbooks: []string{w.LUID, w.LUID}}, replicate.Options{CreateProjects: true})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, item := range report.Items {
		got = append(got, strings.Join([]string{string(item.Kind), item.Name, string(item.Action)}, " "))
		if !errors.Is(item.Err, rest.ErrNotFound) {
			t.Errorf("%s %s: %v", item.Kind, item.Name, item.Err)
		}
	}
	if want := []string{"data source Orders failed", "workbook Sales skipped", "workbook Sales skipped"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

// A dry run says what the copy after it does, and does nothing.
func TestDryRun(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	from, to := signIn(t, server(t), "dev"), signIn(t, server(t), "prod")
	what := replicate.Selection{Workbooks: []string{stocked(t, from).LUID}}
	for _, o := range []replicate.Options{
		{}, // there is no such project
		{CreateProjects: true},
		{CreateProjects: true}, // all of it is there
		{CreateProjects: true, Mode: rest.Overwrite},
	} {
		before := everything(t, to)
		o.DryRun = true
		foreseen, err := replicate.Copy(ctx, from, to, what, o)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(before, everything(t, to)); diff != "" {
			t.Errorf("the dry run has changed something:\n%s", diff)
		}
		o.DryRun = false
		done, err := replicate.Copy(ctx, from, to, what, o)
		if err != nil {
			t.Fatal(err)
		}
		for i, item := range foreseen.Items {
			if did := done.Items[i]; item.Kind != did.Kind || item.Name != did.Name || item.ToProject != did.ToProject || item.Action != did.Action || (item.Err == nil) != (did.Err == nil) {
				t.Errorf("foreseen %+v, done %+v", item, did)
			}
		}
		if len(done.Items) == 0 || len(done.Items) != len(foreseen.Items) {
			t.Errorf("foreseen %v, done %v", brief(foreseen), brief(done))
		}
	}
}

// everything is what is on a site, and since when.
func everything(t *testing.T, s *rest.Session) (all []string) {
	t.Helper()
	for p, err := range s.Projects.All(t.Context(), rest.Query{}) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, p.LUID+p.UpdatedAt.String())
	}
	for w, err := range s.Workbooks.All(t.Context(), rest.Query{}) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, w.LUID+w.UpdatedAt.String())
	}
	for d, err := range s.Datasources.All(t.Context(), rest.Query{}) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, d.LUID+d.UpdatedAt.String())
	}
	return all
}

// A data source is copied once, whether it is named, needed or both.
func TestDatasources(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	from, to := signIn(t, server(t), "dev"), signIn(t, server(t), "prod")
	w := stocked(t, from)
	orders, err := from.Datasources.ByName(ctx, "Orders", "")
	if err != nil {
		t.Fatal(err)
	}
	what := replicate.Selection{Workbooks: []string{w.LUID}, Datasources: []string{orders.LUID, orders.LUID, w.LUID}}
	report, err := replicate.Copy(ctx, from, to, what, replicate.Options{CreateProjects: true})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, i := range report.Items {
		got = append(got, string(i.Kind)+" "+i.Name+" "+string(i.Action))
	}
	if diff := cmp.Diff([]string{"data source Orders created", "data source  failed", "workbook Sales created"}, got); diff != "" {
		t.Error(diff)
	}
	if err := report.Items[1].Err; !errors.Is(err, rest.ErrNotFound) {
		t.Errorf("what is no data source: %v", err)
	}
	// A copy on the same site may go on with the data source of the original.
	archive := replicate.Options{CreateProjects: true, ReuseDatasources: true, Project: func(string) string { return "Archive" }}
	report, err = replicate.Copy(ctx, from, from, replicate.Selection{Workbooks: []string{w.LUID}}, archive)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"data source Orders reused: Finance/EMEA/Orders -> Finance/EMEA/Orders",
		"workbook Sales created: Finance/EMEA/Sales -> Archive/Sales_1",
	}
	if diff := cmp.Diff(want, brief(report)); diff != "" {
		t.Error(diff)
	}
	if uses := published(t, document(t, from, report.Items[1].ToLUID)); uses != "Orders" {
		t.Errorf("the copy uses %q", uses)
	}
}

// published is the content URL of the data source that a workbook refers to.
func published(t *testing.T, f *documents.File) string {
	t.Helper()
	ds, err := f.Datasource("Orders")
	if err != nil {
		t.Fatal(err)
	}
	ref, _ := ds.Published()
	return ref.ContentURL
}
