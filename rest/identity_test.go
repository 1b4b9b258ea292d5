package rest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
)

// What no server can do is refused before anything is sent, all of it at once.
func TestIdentityRefusedLocally(t *testing.T) {
	t.Parallel()
	badSettings := SiteSettings{
		AdminMode: new(ContentOnly), UserQuota: new(5), StorageQuota: new(-2), TierViewerCapacity: new(-1), RevisionLimit: new(1),
		Attributes: map[string]string{"time zone": "x", "timeZone": "x"},
	}
	for _, test := range []struct {
		call func(context.Context, *Session) error
		want string // lines
	}{
		{func(ctx context.Context, s *Session) error { return second(s.Users.ByLUID(ctx, "..")) }, `not the LUID of a user`},
		{func(ctx context.Context, s *Session) error { return second(s.Users.ByName(ctx, `local\`)) }, `the name is empty`},
		{func(ctx context.Context, s *Session) error {
			return second(s.Users.Add(ctx, UserAdd{AuthSetting: AuthSAML, IDPConfigurationLUID: "i1"}))
		}, "the name is empty\nno site role\nexclude each other"},
		{func(ctx context.Context, s *Session) error {
			return second(s.Users.Update(ctx, "u1", UserUpdate{Password: new(""), SiteRole: new(SiteRole(""))}))
		}, "site role is empty\npassword is empty"},
		{func(ctx context.Context, s *Session) error { return s.Users.Remove(ctx, "", "u2") }, `not the LUID of a user`},
		{func(ctx context.Context, s *Session) error {
			return second(s.Users.ImportCSV(ctx, []UserImport{{}, {Name: "a", SiteRole: SiteRoleGuest}}))
		}, "user 1, \"\": the name is empty\nuser 2, \"a\": a CSV file cannot say the site role \"Guest\""},
		{func(ctx context.Context, s *Session) error { return second(s.Users.ImportCSV(ctx, nil)) }, `there are none`},
		{func(ctx context.Context, s *Session) error { return second(s.Users.DeleteCSV(ctx)) }, `there are none`},
		{func(ctx context.Context, s *Session) error { return second(s.Users.DeleteCSV(ctx, "a", "")) }, `a name is empty`},
		{func(ctx context.Context, s *Session) error { return lastOf(s.Users.Groups(ctx, "", Query{})) }, `listing the groups of user "": "" is not the LUID of a user`},
		{func(ctx context.Context, s *Session) error { return lastOf(s.Groups.Users(ctx, "", Query{})) }, `listing the users of group "": "" is not the LUID of a group`},

		{func(ctx context.Context, s *Session) error { return second(s.Groups.ByLUID(ctx, "")) }, `not the LUID of a group`},
		{func(ctx context.Context, s *Session) error { return second(s.Groups.Create(ctx, GroupCreate{})) }, `the name is empty`},
		{func(ctx context.Context, s *Session) error {
			return second(s.Groups.CreateFromActiveDirectory(ctx, DirectoryGroup{Name: "Staff"}))
		}, `a name and a domain`},
		{func(ctx context.Context, s *Session) error {
			return second(s.Groups.Update(ctx, "g1", GroupUpdate{Name: new("")}))
		}, `the name is empty`},
		{func(ctx context.Context, s *Session) error { return lastOf(s.Groups.Users(ctx, ".", Query{})) }, `not the LUID of a group`},
		{func(ctx context.Context, s *Session) error { return s.Groups.AddUsers(ctx, "", "u1", "", "..") }, "of a group\n\"\" is not the LUID of a user\n\"..\" is not"},
		{func(ctx context.Context, s *Session) error { return s.Groups.RemoveUsers(ctx, "g1", "") }, "of a user"},

		{func(ctx context.Context, s *Session) error { return second(s.GroupSets.Create(ctx, GroupSetCreate{})) }, `the name is empty`},
		{func(ctx context.Context, s *Session) error {
			return second(s.GroupSets.Update(ctx, "e1", GroupSetUpdate{}))
		}, `the name is empty`},
		{func(ctx context.Context, s *Session) error { return s.GroupSets.AddGroup(ctx, "e1", "") }, `not the LUID of a group`},

		{func(ctx context.Context, s *Session) error { return second(s.Sites.ByName(ctx, "")) }, `finding site "": the name is empty`},
		{func(ctx context.Context, s *Session) error {
			return second(s.Sites.Create(ctx, SiteCreate{ContentURL: "a b", SiteSettings: badSettings}))
		}, "content URL \"a b\"\nContentOnly\nstorage quota -2\ncapacity for viewers -1\nrevision limit 1\n\"time zone\" is not the name\ntimeZone has a field\nthe name is empty"},
		{func(ctx context.Context, s *Session) error {
			return second(s.Sites.Update(ctx, "s1", SiteUpdate{Name: new(""), ContentURL: new(""), SiteSettings: SiteSettings{Attributes: map[string]string{"state": "x"}}}))
		}, "state has a field\ncontent URL \"\"\nthe name is empty"},
		{func(ctx context.Context, s *Session) error { return s.Sites.Delete(ctx, "s2") }, `the session is on site "finance"`},
		{func(ctx context.Context, s *Session) error { return second(s.Sites.DeleteAsJob(ctx, "s2")) }, `sign in to the one`},
		{func(ctx context.Context, s *Session) error {
			return lastOf(s.Sites.All(ctx, Query{Filters: []Filter{Eq("name", "a")}}))
		}, `no filters`},

		{func(ctx context.Context, s *Session) error { return lastOf(s.Favorites.All(ctx, "", Query{})) }, `listing the favorites of user "": "" is not the LUID of a user`},
		{func(ctx context.Context, s *Session) error {
			return s.Favorites.Add(ctx, "u1", FavoriteContent{"metric", "m1"}, "x")
		}, `"metric" is not a kind`},
		{func(ctx context.Context, s *Session) error {
			return s.Favorites.Add(ctx, "u1", FavoriteContent{FavoriteView, "v1"}, "")
		}, `label is empty`},
		{func(ctx context.Context, s *Session) error {
			return s.Favorites.Delete(ctx, "u1", FavoriteContent{FavoriteView, ""})
		}, `not the LUID of a view`},
		{func(ctx context.Context, s *Session) error { return s.Favorites.Order(ctx, "u1", FavoriteContent{}) }, `"" is not a kind`},
	} {
		s, f := signedIn(t, inOrder(t))
		err := test.call(t.Context(), s)
		for line := range strings.SplitSeq(test.want, "\n") {
			errorHas(t, err, line)
		}
		equal(t, "requests", f.lines(), nil)
	}
}

// second is the error of a call that returns something else too.
func second[T any](_ T, err error) error { return err }

func lastOf[T any](list func(func(T, error) bool)) error { return second(Collect(list)) }

// Nothing is sent where nothing is to be done.
func TestNothingToDo(t *testing.T) {
	t.Parallel()
	s, f := signedIn(t, inOrder(t))
	errorIs(t, errors.Join(s.Groups.AddUsers(t.Context(), "g1"), s.Groups.RemoveUsers(t.Context(), "g1"), s.Favorites.Order(t.Context(), "u1")), nil)
	equal(t, "requests", f.lines(), nil)
}

func TestIdentityVersions(t *testing.T) {
	t.Parallel()
	_, isVersion := errors.AsType[*VersionError](SiteRoleCreator.check(Version{2, 8}))
	if !isVersion || SiteRoleCreator.check(Version{3, 0}) != nil || SiteRolePublisher.check(Version{2, 8}) != nil || SiteRole("").check(Version{2, 0}) != nil {
		t.Error("site roles and versions")
	}
	s, f := signedIn(t, func(seenRequest) reply { return ok(`<users/>`) })
	s.version = Version{2, 4} // has no choice of fields
	_, err := Collect(s.Users.All(t.Context(), Query{}))
	errorIs(t, err, nil)
	equal(t, "requests", f.lines(), []string{"GET /api/2.4/sites/" + testSite + "/users?pageNumber=1&pageSize=100"})
	for feature, call := range map[string]func() error{
		"Add Project to Favorites": func() error { return s.Favorites.Add(t.Context(), "u1", FavoriteContent{FavoriteProject, "p1"}, "x") },
		"Organize Favorites":       func() error { return s.Favorites.Order(t.Context(), "u1", FavoriteContent{FavoriteView, "v1"}) },
		"Get Favorites for User":   func() error { return lastOf(s.Favorites.All(t.Context(), "u1", Query{})) },
		"Get Group Set":            func() error { return second(s.GroupSets.ByLUID(t.Context(), "e1")) },
		"Delete Site":              func() error { return second(s.Sites.DeleteAsJob(t.Context(), testSite)) },
		"Encrypt Extracts":         func() error { return s.Sites.EncryptExtracts(t.Context(), testSite) },
		"Import Users":             func() error { return second(s.Users.ImportCSV(t.Context(), []UserImport{{Name: "a"}})) },
		"Get Groups for a User":    func() error { return lastOf(s.Users.Groups(t.Context(), "u1", Query{})) },
	} {
		old, is := errors.AsType[*VersionError](call())
		if !is || !strings.HasPrefix(old.Feature, feature) {
			t.Errorf("%s: %v", feature, old)
		}
	}
}

func TestUserByName(t *testing.T) {
	t.Parallel()
	list := `<users><user id="u1" name="ana"><domain name="local"/></user><user id="u2" name="Ana"><domain name="example.com"/></user><user id="u3" name="anabel"/></users>`
	for _, test := range []struct{ name, want, err string }{
		{`local\ana`, "u1", ""},
		{`EXAMPLE.com\ana`, "u2", ""},
		{`example\ANA`, "u2", ""},
		{`ana`, "", `finding user "ana": user "ana" is ambiguous: u1 in domain "local", u2 in domain "example.com"`},
		{`ana*`, "", `no user "ana*"`},
		{`other\ana`, "", `no user "other\\ana"`},
	} {
		s, _ := signedIn(t, func(seenRequest) reply { return ok(list) })
		user, err := s.Users.Find(t.Context(), test.name)
		if test.err != "" {
			errorHas(t, err, test.err)
		} else if err != nil || user.LUID != test.want {
			t.Errorf("%s: %+v, %v", test.name, user, err)
		}
	}
}

// A first attempt without an answer, and the second says that it exists: it is what the first has made, listed a little later.
func TestMadeByTheAttemptWithoutAnAnswer(t *testing.T) {
	t.Parallel()
	lost := reply{err: syscall.ECONNRESET}
	for name, test := range map[string]struct {
		code    string
		call    func(context.Context, *Session) (string, error)
		replies []reply
		want    []string
	}{
		"user": {"409017", func(ctx context.Context, s *Session) (string, error) {
			made, err := s.Users.Add(ctx, UserAdd{Name: "bob", SiteRole: SiteRoleViewer})
			return made.LUID, err
		}, []reply{ok(`<users/>`), ok(`<users><user id="x1" name="bob"/></users>`)}, []string{
			"POST users", "POST users", "GET users?filter=name:eq:bob&fields=_all_&pageNumber=1&pageSize=100",
			"GET users?filter=name:eq:bob&fields=_all_&pageNumber=1&pageSize=100",
		}},
		"group": {"409009", func(ctx context.Context, s *Session) (string, error) {
			made, err := s.Groups.Create(ctx, GroupCreate{Name: "Sales"})
			return made.LUID, err
		}, []reply{ok(`<groups><group id="x2" name="Sales"><domain name="example.com"/></group><group id="x1" name="sales"><domain name="local"/></group></groups>`)}, []string{
			"POST groups", "POST groups", "GET groups?filter=name:eq:Sales&pageNumber=1&pageSize=100",
		}},
		"directory group": {"409009", func(ctx context.Context, s *Session) (string, error) {
			made, err := s.Groups.CreateFromActiveDirectory(ctx, staffImport)
			return made.LUID, err
		}, []reply{ok(`<groups><group id="x2" name="Staff"><domain name="local"/></group><group id="x1" name="Staff"><domain name="example.com"/></group></groups>`)}, []string{
			"POST groups", "POST groups", "GET groups?filter=name:eq:Staff&pageNumber=1&pageSize=100",
		}},
		"group set": {"409120", func(ctx context.Context, s *Session) (string, error) {
			made, err := s.GroupSets.Create(ctx, GroupSetCreate{Name: "EMEA"})
			return made.LUID, err
		}, []reply{ok(`<groupSets><groupSet id="x1" name="EMEA"/></groupSets>`)}, []string{
			"POST groupsets", "POST groupsets", "GET groupsets?filter=name:eq:EMEA&pageNumber=1&pageSize=100",
		}},
		"site": {"409001", func(ctx context.Context, s *Session) (string, error) {
			made, err := s.Sites.Create(ctx, SiteCreate{Name: "EMEA", ContentURL: "emea"})
			return made.LUID, err
		}, []reply{ok(`<site id="x1" name="EMEA"/>`)}, []string{
			"POST /api/3.29/sites", "POST /api/3.29/sites", "GET /api/3.29/sites/emea?key=contentUrl",
		}},
	} {
		synctest.Test(t, func(t *testing.T) {
			s, f := signedIn(t, inOrder(t, append([]reply{lost, refusal(test.code, "Resource Conflict", "exists")}, test.replies...)...))
			luid, err := test.call(t.Context(), s)
			if err != nil || luid != "x1" {
				t.Errorf("%s: %q, %v", name, luid, err)
			}
			equal(t, name, f.lines(), test.want)
		})
	}
	synctest.Test(t, func(t *testing.T) { // there already
		s, f := signedIn(t, inOrder(t, refusal("409017", "Resource Conflict", "exists")))
		errorIs(t, second(s.Users.Add(t.Context(), UserAdd{Name: "bob", SiteRole: SiteRoleViewer})), ErrConflict)
		equal(t, "requests", f.lines(), []string{"POST users"})
	})
	synctest.Test(t, func(t *testing.T) { // never listed
		none := ok(`<users/>`)
		s, f := signedIn(t, inOrder(t, lost, refusal("409017", "Resource Conflict", "exists"), none, none, none, none, none))
		errorIs(t, second(s.Users.Add(t.Context(), UserAdd{Name: "bob", SiteRole: SiteRoleViewer})), ErrConflict)
		if n := len(f.lines()); n != 7 {
			t.Errorf("%d requests", n)
		}
	})
}

func TestAddOrUpdateUser(t *testing.T) {
	t.Parallel()
	add := UserAdd{Name: "bob", SiteRole: SiteRoleExplorer, AuthSetting: AuthSAML, Email: "bob@example.com"}
	conflict := refusal("409017", "Resource Conflict", "exists")
	listed := ok(`<users><user id="u2" name="bob" siteRole="Viewer"/></users>`)
	updated := ok(`<user name="bob" email="bob@example.com" siteRole="Explorer"/>`)
	const (
		post   = "POST users"
		list   = "GET users?filter=name:eq:bob&fields=_all_&pageNumber=1&pageSize=100"
		put    = "PUT users/u2"
		update = `<tsRequest><user email="bob@example.com" siteRole="Explorer" authSetting="SAML"/></tsRequest>`
	)
	for name, test := range map[string]struct {
		replies []reply
		want    []string
		body    string
	}{
		"new": {
			[]reply{ok(`<user id="u2" name="bob" siteRole="Explorer"/>`), updated},
			[]string{post, put},
			`<tsRequest><user email="bob@example.com"/></tsRequest>`,
		},
		"there already":         {[]reply{conflict, listed, updated}, []string{post, list, put}, update},
		"there after no answer": {[]reply{{err: syscall.ECONNRESET}, conflict, listed, updated}, []string{post, post, list, put}, update},
	} {
		synctest.Test(t, func(t *testing.T) {
			s, f := signedIn(t, inOrder(t, test.replies...))
			user, err := s.Users.AddOrUpdate(t.Context(), add)
			if err != nil || user.LUID != "u2" || user.SiteRole != SiteRoleExplorer {
				t.Errorf("%s: %+v, %v", name, user, err)
			}
			equal(t, name, f.lines(), test.want)
			if f.last().Body != test.body {
				t.Errorf("%s: %s", name, f.last().Body)
			}
		})
	}
	s, _ := signedIn(t, inOrder(t, conflict, ok(`<users/>`))) // hidden, such as the guest
	errorIs(t, second(s.Users.AddOrUpdate(t.Context(), add)), ErrConflict)
}

// The user is on the site, and comes back with the error; the password that a server repeats in it does not.
func TestAddUserButNotThePassword(t *testing.T) {
	t.Parallel()
	s, _ := signedIn(t, inOrder(t, ok(`<user id="u2" name="bob"/>`), refusal("400000", "Bad Request", "hush-hush is weak")))
	add := UserAdd{Name: "bob", SiteRole: SiteRoleViewer, Password: "hush-hush"}
	user, err := s.Users.Add(t.Context(), add)
	if user.LUID != "u2" || !errors.Is(err, ErrInvalid) || strings.Contains(err.Error(), "hush") {
		t.Errorf("%+v, %v", user, err)
	}
	errorHas(t, err, "redacted is weak")
	errorHas(t, err, "on the site, but not as asked for")
	s, _ = signedIn(t, inOrder(t, refusal("400000", "Bad Request", "hush-hush is weak")))
	imported := UserImport{Name: "bob", Password: "hush-hush"}
	_, err = s.Users.ImportCSV(t.Context(), []UserImport{imported})
	errorHas(t, err, "redacted is weak")
	for _, value := range []any{add, imported, UserUpdate{Password: &add.Password}} {
		if text := fmt.Sprintf("%v %+v %#v", value, value, value); text != "redacted redacted redacted" {
			t.Errorf("printed: %s", text)
		}
	}
}

func TestUserDoesNotBecomeServerAdministrator(t *testing.T) {
	t.Parallel()
	s, _ := signedIn(t, inOrder(t, ok(`<user name="bob" siteRole="Viewer"/>`)))
	_, err := s.Users.Update(t.Context(), "u2", UserUpdate{SiteRole: new(SiteRoleServerAdministrator)})
	errorHas(t, err, `updating user "u2": the user is no server administrator`)
}

// A CSV file is sent once: the server may be at work on it.
func TestImportIsNotRepeated(t *testing.T) {
	t.Parallel()
	s, f := signedIn(t, inOrder(t, reply{status: http.StatusBadGateway}))
	_, err := s.Users.ImportCSV(t.Context(), []UserImport{{Name: "bob"}})
	if refused, ok := errors.AsType[*Error](err); !ok || refused.Outcome() != Unclear {
		t.Errorf("%v", err)
	}
	equal(t, "requests", f.lines(), []string{"POST users/import"})
}

func TestGroupByLUIDIsThatGroup(t *testing.T) {
	t.Parallel()
	s, _ := signedIn(t, inOrder(t, ok(`<groups><group id="g2" name="A"/></groups>`), refusal("401001", "Signin Error", "no")))
	_, err := s.Groups.ByLUID(t.Context(), "g1")
	errorIs(t, err, ErrNotFound)
	errorHas(t, err, `reading group "g1": no group "g1"`)
	errorIs(t, second(s.Groups.ByLUID(t.Context(), "g1")), ErrAuthentication)
}

// Of an older server each user is a request of their own. One whom nobody knows does not keep the others out; a group that is
// not there does.
func TestMembersOneByOne(t *testing.T) {
	t.Parallel()
	unknown := refusal("404002", "Resource Not Found", "no user")
	s, f := signedIn(t, inOrder(t, ok(`<user/>`), unknown, ok(`<user/>`)), WithVersion("3.20"))
	err := s.Groups.AddUsers(t.Context(), "g1", "u1", "u2", "u3")
	errorHas(t, err, `adding users to group "g1": user "u2": POST`)
	errorIs(t, err, ErrNotFound)
	if n := len(f.lines()); n != 3 {
		t.Errorf("%d requests", n)
	}
	s, f = signedIn(t, inOrder(t, refusal("404012", "Resource Not Found", "no group")), WithVersion("3.20"))
	errorIs(t, s.Groups.RemoveUsers(t.Context(), "g1", "u1", "u2", "u3"), ErrNotFound)
	if n := len(f.lines()); n != 1 {
		t.Errorf("%d requests", n)
	}
}

func TestSetUsersFailsHalfway(t *testing.T) {
	t.Parallel()
	no := refusal("403004", "Forbidden", "no")
	s, _ := signedIn(t, inOrder(t, ok(`<users><user id="u1"/></users>`), ok(`<user/>`), no))
	added, removed, err := s.Groups.SetUsers(t.Context(), "g1", "u2")
	errorIs(t, err, ErrForbidden)
	equal(t, "added", added, []string{"u2"})
	equal(t, "removed", removed, nil)
	s, _ = signedIn(t, inOrder(t, ok(`<users><user id="u1"/></users>`), no))
	added, _, err = s.Groups.SetUsers(t.Context(), "g1", "u2")
	errorIs(t, err, ErrForbidden)
	equal(t, "added", added, nil)
}

// Whether a site is gone is looked for when the answer is lost; the request itself is sent once.
func TestDeleteSiteWithoutAnAnswer(t *testing.T) {
	t.Parallel()
	const del, get = "DELETE /api/3.29/sites/" + testSite, "GET /api/3.29/sites/" + testSite
	lost := reply{status: http.StatusGatewayTimeout}
	s, f := signedIn(t, inOrder(t, lost, refusal("404000", "Resource Not Found", "no site")))
	errorIs(t, s.Sites.Delete(t.Context(), testSite), nil)
	errorIs(t, second(s.Sites.Current(t.Context())), ErrSignedOut)
	equal(t, "requests", f.lines(), []string{del, get})

	s, f = signedIn(t, inOrder(t, lost, ok(wireFinance), ok(wireFinance)))
	errorIs(t, s.Sites.Delete(t.Context(), testSite), ErrUnavailable)
	errorIs(t, second(s.Sites.Current(t.Context())), nil)
	equal(t, "requests", f.lines(), []string{del, get, get})
}

// Favorites have no LUIDs of their own: those of their content tell them apart.
func TestFavoritesOverSeveralPages(t *testing.T) {
	t.Parallel()
	page := func(number, label string) reply {
		return ok(`<pagination pageNumber="` + number + `" pageSize="1" totalAvailable="2"/><favorites><favorite label="` + label + `"><view id="v` + number + `"/></favorite></favorites>`)
	}
	s, _ := signedIn(t, inOrder(t, page("1", "a"), page("2", "b")))
	favorites, err := Collect(s.Favorites.All(t.Context(), "u1", Query{PageSize: 1}))
	if err != nil || len(favorites) != 2 || favorites[1].Label != "b" {
		t.Errorf("%+v, %v", favorites, err)
	}
}

func TestFavoriteContent(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		favorite Favorite
		want     FavoriteContent
	}{
		{Favorite{Workbook: &Workbook{LUID: "1"}}, FavoriteContent{FavoriteWorkbook, "1"}},
		{Favorite{View: &View{LUID: "1"}}, FavoriteContent{FavoriteView, "1"}},
		{Favorite{Datasource: &Datasource{LUID: "1"}}, FavoriteContent{FavoriteDatasource, "1"}},
		{Favorite{Project: &Project{LUID: "1"}}, FavoriteContent{FavoriteProject, "1"}},
		{Favorite{Flow: &Flow{LUID: "1"}}, FavoriteContent{FavoriteFlow, "1"}},
		{Favorite{Collection: &Collection{LUID: "1"}}, FavoriteContent{FavoriteCollection, "1"}},
		{Favorite{}, FavoriteContent{}},
	} {
		if got := test.favorite.Content(); got != test.want {
			t.Errorf("%+v, want %+v", got, test.want)
		}
	}
}
