package rest_test

import (
	"strings"
	"testing"
	"testing/synctest"

	"github.com/tabtemplate/tabtemplate/rest"
	"github.com/tabtemplate/tabtemplate/rest/emulator"
)

func siteLife(t *testing.T) {
	ctx := t.Context()
	s, client := asRoot(t)
	const name = "R+D & É/50%?"
	made := must(s.Sites.Create(ctx, rest.SiteCreate{
		Name: name, ContentURL: "r-and_d",
		SiteSettings: rest.SiteSettings{
			AdminMode: new(rest.ContentAndUsers), UserQuota: new(3), StorageQuota: new(500), RevisionLimit: new(7), DisableSubscriptions: new(true),
			CommentingEnabled: new(false), Attributes: map[string]string{"userVisibilityMode": "LIMITED", "brandNewSwitch": "a<b"},
		},
	}))(t)
	for i, site := range []rest.Site{
		made, must(s.Sites.ByLUID(ctx, made.LUID))(t), must(s.Sites.ByName(ctx, name))(t), must(s.Sites.Find(ctx, name))(t), must(s.Sites.Find(ctx, made.LUID))(t), must(s.Sites.ByContentURL(ctx, "r-and_d"))(t),
	} {
		if site.LUID != made.LUID || site.Name != name || site.UserQuota != 3 || site.StorageQuota != 500 || site.RevisionLimit != 7 ||
			!site.DisableSubscriptions || site.CommentingEnabled || !site.RunNowEnabled || site.State != rest.SiteActive ||
			site.Attributes["userVisibilityMode"] != "LIMITED" || site.Attributes["brandNewSwitch"] != "a<b" || site.Attributes["name"] != "" {
			t.Errorf("%d: %+v", i, site)
		}
	}
	_, err := s.Sites.Create(ctx, rest.SiteCreate{Name: name, ContentURL: "other"})
	is(t, err, rest.ErrConflict)
	_, err = s.Sites.Create(ctx, rest.SiteCreate{Name: "Other", ContentURL: "R-AND_D"})
	is(t, err, rest.ErrConflict)
	_, err = s.Sites.ByName(ctx, "nowhere")
	is(t, err, rest.ErrNotFound)
	expect(t, "sites", names(t, s.Sites.All(ctx, rest.Query{PageSize: 2}), func(site rest.Site) string { return site.ContentURL }), " acme r-and_d")
	expect(t, "default site", must(s.Sites.ByContentURL(ctx, ""))(t).Name, "Default")

	viewer := rest.UserPassword{Name: "eve", Password: "secret"}
	there := must(client.SignIn(ctx, rest.UserPassword{Name: "root", Password: "secret"}, "r-and_d"))(t)
	must(there.Users.Add(ctx, rest.UserAdd{Name: "eve", SiteRole: rest.SiteRoleViewer, Password: "secret"}))(t)
	usage := must(s.Sites.Usage(ctx, made.LUID))(t)
	expect(t, "usage", usage, rest.SiteUsage{Users: 2, Creators: 1, Viewers: 1})

	suspended := must(s.Sites.Update(ctx, made.LUID, rest.SiteUpdate{State: new(rest.SiteSuspended), Name: new("R&D")}))(t)
	expect(t, "state", suspended.State, rest.SiteSuspended)
	expect(t, "content URL", suspended.ContentURL, "r-and_d")
	expect(t, "quota", suspended.UserQuota, 3)
	_, err = client.SignIn(ctx, viewer, "r-and_d")
	if err == nil {
		t.Error("signed in to a suspended site")
	}
	must(s.Sites.Update(ctx, made.LUID, rest.SiteUpdate{State: new(rest.SiteActive)}))(t)
	must(client.SignIn(ctx, viewer, "r-and_d"))(t)

	if err := s.Sites.Delete(ctx, made.LUID); err == nil || !strings.Contains(err.Error(), "sign in to the one") {
		t.Errorf("deleting another site: %v", err)
	}
	is(t, there.Sites.Delete(ctx, made.LUID), nil)
	_, err = s.Sites.ByLUID(ctx, made.LUID)
	is(t, err, rest.ErrNotFound)
	_, err = there.Sites.Current(ctx)
	is(t, err, rest.ErrSignedOut)
	is(t, there.SignOut(ctx), nil)
	must(s.Sites.Create(ctx, rest.SiteCreate{Name: name, ContentURL: "r-and_d"}))(t) // and made again
	again := must(client.SignIn(ctx, rest.UserPassword{Name: "root", Password: "secret"}, "r-and_d"))(t)
	expect(t, "users of the new site", names(t, again.Users.All(ctx, rest.Query{}), userName), "root")
}

func ownSite(t *testing.T) {
	ctx := t.Context()
	s := against(t, nil)
	mine := must(s.Sites.Current(ctx))(t)
	expect(t, "site", mine.Name+" "+mine.LUID, "Acme "+s.SiteLUID())
	expect(t, "by content URL", must(s.Sites.ByContentURL(ctx, "acme"))(t).LUID, s.SiteLUID())
	for _, err := range s.Sites.All(ctx, rest.Query{}) {
		is(t, err, rest.ErrForbidden)
	}
	changed := must(s.Sites.Update(ctx, s.SiteLUID(), rest.SiteUpdate{SiteSettings: rest.SiteSettings{CommentingEnabled: new(false)}}))(t)
	if changed.CommentingEnabled || !changed.CacheWarmupEnabled {
		t.Errorf("%+v", changed)
	}
	_, err := s.Sites.Update(ctx, s.SiteLUID(), rest.SiteUpdate{State: new(rest.SiteSuspended)})
	is(t, err, rest.ErrForbidden)
	_, err = s.Sites.Create(ctx, rest.SiteCreate{Name: "Mine", ContentURL: "mine"})
	is(t, err, rest.ErrForbidden)
	is(t, s.Sites.Delete(ctx, s.SiteLUID()), rest.ErrForbidden)
	expect(t, "state", must(s.Sites.Current(ctx))(t).State, rest.SiteActive)
}

func siteExtracts(t *testing.T) {
	ctx := t.Context()
	s := against(t, nil)
	project := must(s.Projects.EnsurePath(ctx, "Data"))(t)
	d := must(s.Datasources.Publish(ctx, rest.DatasourcePublish{Name: "Orders", ProjectLUID: project.LUID, Source: strings.NewReader("Hyper\x72")}))(t)
	encrypted := func(want bool) {
		t.Helper()
		expect(t, "encrypted", must(s.Datasources.ByLUID(ctx, d.LUID))(t).EncryptExtracts, want)
	}
	encrypted(false)
	is(t, s.Sites.EncryptExtracts(ctx, s.SiteLUID()), nil)
	encrypted(true)
	is(t, s.Sites.ReencryptExtracts(ctx, s.SiteLUID()), nil)
	encrypted(true)
	is(t, s.Sites.DecryptExtracts(ctx, s.SiteLUID()), nil)
	encrypted(false)
	is(t, s.Sites.EncryptExtracts(ctx, project.LUID), rest.ErrNotFound)
}

func favorites(t *testing.T) {
	ctx := t.Context()
	s := against(t, []emulator.Option{emulator.WithUser("eve", "secret", "Viewer")})
	project := must(s.Projects.EnsurePath(ctx, "Dashboards"))(t)
	workbook := must(s.Workbooks.Publish(ctx, rest.WorkbookPublish{Name: "Sales", ProjectLUID: project.LUID, Source: strings.NewReader(template)}))(t)
	datasource := must(s.Datasources.Publish(ctx, rest.DatasourcePublish{Name: "Orders", ProjectLUID: project.LUID, Source: strings.NewReader("Hyper\x72")}))(t)
	eve := must(s.Users.ByName(ctx, "eve"))(t).LUID
	contents := []rest.FavoriteContent{
		{Kind: rest.FavoriteWorkbook, LUID: workbook.LUID},
		{Kind: rest.FavoriteView, LUID: workbook.Views[0].LUID},
		{Kind: rest.FavoriteDatasource, LUID: datasource.LUID},
		{Kind: rest.FavoriteProject, LUID: project.LUID},
	}
	labels := func(want string) {
		t.Helper()
		var got []string
		for favorite, err := range s.Favorites.All(ctx, eve, rest.Query{PageSize: 3}) {
			if err != nil {
				t.Fatal(err)
			}
			if favorite.AddedAt.IsZero() || favorite.Position != len(got) {
				t.Errorf("%+v", favorite)
			}
			for i, c := range contents {
				if c == favorite.Content() {
					got = append(got, favorite.Label[:1]+"0123"[i:i+1])
				}
			}
		}
		expect(t, "favorites", strings.Join(got, " "), want)
	}
	labels("")
	for i, label := range []string{"a & b", "b", "c", "d"} {
		is(t, s.Favorites.Add(ctx, eve, contents[i], label), nil)
	}
	is(t, s.Favorites.Add(ctx, eve, contents[1], "x"), nil) // another label
	labels("a0 x1 c2 d3")
	is(t, s.Favorites.Order(ctx, eve, contents[3], contents[1]), nil)
	labels("d3 x1 a0 c2")
	is(t, s.Favorites.Delete(ctx, eve, contents[3]), nil)
	is(t, s.Favorites.Delete(ctx, eve, contents[2]), nil)
	is(t, s.Favorites.Delete(ctx, eve, contents[2]), rest.ErrNotFound)
	must(s.Projects.ByPath(ctx, "Dashboards"))(t) // only out of the favorites
	is(t, s.Favorites.Add(ctx, eve, rest.FavoriteContent{Kind: rest.FavoriteView, LUID: workbook.LUID}, "x"), rest.ErrNotFound)
	is(t, s.Favorites.Order(ctx, eve, contents[2]), rest.ErrNotFound)
}

// The server does as asked, and the connection is cut before it says so: nothing is done twice, and nothing looks as if it failed.
func madeOnce(t *testing.T) {
	cut := func(method, path string) emulator.Option {
		return emulator.WithFault(emulator.Fault{Method: method, Path: path, Call: 1, Stage: emulator.AfterCommit})
	}
	synctest.Test(t, func(t *testing.T) {
		ctx := t.Context()
		s, client := asRoot(t, cut("POST", "/sites/*/users"), cut("POST", "/sites/*/groups"), cut("POST", "/sites/*/groups/*/users"),
			cut("POST", "/sites/*/groupsets"), cut("POST", "/sites"), cut("DELETE", "/sites/*"), cut("DELETE", "/sites/*/users/*"))
		user := must(s.Users.Add(ctx, rest.UserAdd{Name: "eve", SiteRole: rest.SiteRoleViewer, FullName: "Eve E"}))(t)
		expect(t, "user", user.FullName, "Eve E")
		group := must(s.Groups.Create(ctx, rest.GroupCreate{Name: "Sales"}))(t)
		is(t, s.Groups.AddUsers(ctx, group.LUID, user.LUID), nil)
		expect(t, "users of the group", names(t, s.Groups.Users(ctx, group.LUID, rest.Query{}), userName), "eve")
		set := must(s.GroupSets.Create(ctx, rest.GroupSetCreate{Name: "Set"}))(t)
		expect(t, "group set", set.Name, "Set")
		is(t, s.Users.Remove(ctx, user.LUID, ""), nil)
		expect(t, "users", names(t, s.Users.All(ctx, rest.Query{}), userName), "root")

		site := must(s.Sites.Create(ctx, rest.SiteCreate{Name: "Emea", ContentURL: "emea"}))(t)
		there := must(client.SignIn(ctx, rest.UserPassword{Name: "root", Password: "secret"}, "emea"))(t)
		is(t, there.Sites.Delete(ctx, site.LUID), nil)
		is(t, there.SignOut(ctx), nil)
		expect(t, "sites", names(t, s.Sites.All(ctx, rest.Query{}), func(site rest.Site) string { return site.Name }), "Acme Default")
	})
}
