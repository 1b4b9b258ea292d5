package rest_test

import (
	"context"
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

var identityScenarios = []scenario{
	{[]int{83, 84, 85, 86, 87}, "a user comes, changes and goes", userComesAndGoes},
	{[]int{83, 84, 85, 87}, "users of two directories with the same name", usersOfTwoDirectories},
	{[]int{83}, "many users, page by page", manyUsers},
	{[]int{87}, "the content of a user who goes has an heir", userLeavesContent},
	{[]int{182, 183}, "users by CSV", usersByCSV},
	{[]int{88, 89, 90, 92, 93, 94, 95, 97}, "a local group", localGroup},
	{[]int{94, 95, 96, 97, 98}, "the users of a group as they shall be", groupMembers},
	{[]int{89, 91, 92, 94}, "a group of an Active Directory", directoryGroup},
	{[]int{184, 185, 186, 187, 188, 189, 190}, "a group set", groupSet},
	{[]int{44, 45, 46, 47, 48, 49}, "a site is made, suspended and deleted", siteLife},
	{[]int{45, 46, 48}, "the site of its own administrator", ownSite},
	{[]int{227, 228}, "the extracts of a site are encrypted", siteExtracts},
	{[]int{47, 49, 85, 87, 90, 95, 186}, "answers are lost", madeOnce},
	{[]int{128, 191, 192, 193}, "favorites are added, ordered and deleted", favorites},
}

// asRoot is a session of a server administrator on the site "acme", and a client of the same server.
func asRoot(t *testing.T, server ...emulator.Option) (*rest.Session, *rest.Client) {
	t.Helper()
	e, err := emulator.New(append([]emulator.Option{
		emulator.WithStrict(), emulator.WithSite("acme", "Acme"), emulator.WithUser("root", "secret", "ServerAdministrator"),
	}, server...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() })
	client, err := rest.NewClient(emulator.URL, rest.WithHTTPClient(&http.Client{Transport: e.Transport()}))
	if err != nil {
		t.Fatal(err)
	}
	session, err := client.SignIn(t.Context(), rest.UserPassword{Name: "root", Password: "secret"}, "acme")
	if err != nil {
		t.Fatal(err)
	}
	return session, client
}

// must is the result of a call that has to work.
func must[T any](result T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return result
	}
}

// is fails unless the error is of the kind, or nil for nil.
func is(t *testing.T, err, kind error) {
	t.Helper()
	if !errors.Is(err, kind) || (err == nil) != (kind == nil) {
		t.Errorf("error %v, want %v", err, kind)
	}
}

// names are those of a list in the order of the alphabet.
func names[T any](t *testing.T, list iter.Seq2[T, error], name func(T) string) string {
	t.Helper()
	var all []string
	for item, err := range list {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, name(item))
	}
	slices.Sort(all)
	return strings.Join(all, " ")
}

func userName(u rest.User) string   { return u.Name }
func groupName(g rest.Group) string { return g.Name }

func expect[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %+v, want %+v", what, got, want)
	}
}

func userComesAndGoes(t *testing.T) {
	ctx := t.Context()
	s, client := asRoot(t)
	const name = `Ruiz, Ána & Co/"x"+50%`
	add := rest.UserAdd{
		Name: name, SiteRole: rest.SiteRoleViewer, FullName: "Ruiz, Ana <a&b>", Email: "ana@example.com", Password: "hush & hush",
	}
	made := must(s.Users.Add(ctx, add))(t)
	want := rest.User{
		LUID: made.LUID, Name: name, FullName: add.FullName, Email: add.Email, SiteRole: rest.SiteRoleViewer,
		AuthSetting: rest.AuthServerDefault, Language: "en", Domain: "local",
	}
	expect(t, "made", made, want)
	expect(t, "by name", must(s.Users.Find(ctx, name))(t), want)
	expect(t, "by LUID", must(s.Users.Find(ctx, made.LUID))(t), want)
	expect(t, "by full name", names(t, s.Users.All(ctx, rest.Query{Filters: []rest.Filter{rest.Eq("friendlyName", add.FullName)}}), userName), name)

	_, err := s.Users.Add(ctx, add)
	is(t, err, rest.ErrConflict)
	again := add
	again.SiteRole, again.Email = rest.SiteRoleExplorer, "a@example.com"
	want.SiteRole, want.Email = again.SiteRole, again.Email
	expect(t, "added or updated", must(s.Users.AddOrUpdate(ctx, again))(t), want)
	expect(t, "added or updated twice", must(s.Users.AddOrUpdate(ctx, again))(t), want)

	theirs := must(client.SignIn(ctx, rest.UserPassword{Name: name, Password: "hush & hush"}, "acme"))(t)
	_, err = theirs.Users.ByLUID(ctx, s.UserLUID())
	is(t, err, rest.ErrForbidden)
	must(theirs.Users.Update(ctx, made.LUID, rest.UserUpdate{Password: new("other")}))(t)
	is(t, theirs.SignOut(ctx), nil)
	_, err = client.SignIn(ctx, rest.UserPassword{Name: name, Password: "hush & hush"}, "acme")
	is(t, err, rest.ErrAuthentication)
	is(t, must(client.SignIn(ctx, rest.UserPassword{Name: name, Password: "other"}, "acme"))(t).SignOut(ctx), nil)
	if last := must(s.Users.ByLUID(ctx, made.LUID))(t).LastLogin; last.IsZero() || last.Location() != time.UTC {
		t.Errorf("last sign-in %v", last)
	}

	root := must(s.Users.ByName(ctx, "ROOT"))(t)
	root = must(s.Users.Update(ctx, root.LUID, rest.UserUpdate{FullName: new("Root"), SiteRole: &root.SiteRole}))(t)
	expect(t, "root", root.SiteRole, rest.SiteRoleServerAdministrator)
	expect(t, "root", root.FullName, "Root")
	_, err = s.Users.Update(ctx, made.LUID, rest.UserUpdate{SiteRole: new(rest.SiteRoleServerAdministrator)})
	if err == nil || must(s.Users.ByLUID(ctx, made.LUID))(t).SiteRole != rest.SiteRoleExplorer {
		t.Errorf("a server administrator was made: %v", err)
	}
	_, err = s.Users.Update(ctx, made.LUID, rest.UserUpdate{AuthSetting: new(rest.AuthSAML)})
	is(t, err, rest.ErrInvalid)

	is(t, s.Users.Remove(ctx, made.LUID, ""), nil)
	is(t, s.Users.Remove(ctx, made.LUID, ""), rest.ErrNotFound)
	_, err = s.Users.ByName(ctx, name)
	is(t, err, rest.ErrNotFound)
	expect(t, "users left", names(t, s.Users.All(ctx, rest.Query{}), userName), "root")
}

func usersOfTwoDirectories(t *testing.T) {
	ctx := t.Context()
	s, _ := asRoot(t)
	local := must(s.Users.Add(ctx, rest.UserAdd{Name: "bob", SiteRole: rest.SiteRoleViewer}))(t)
	far := must(s.Users.Add(ctx, rest.UserAdd{Name: `example.com\bob`, SiteRole: rest.SiteRoleViewer}))(t)
	expect(t, "domain", far.Domain, "example.com")
	_, err := s.Users.ByName(ctx, "bob")
	if ambiguous, ok := errors.AsType[*rest.AmbiguousError](err); !ok || len(ambiguous.Matches) != 2 {
		t.Errorf("%v", err)
	}
	expect(t, "local", must(s.Users.ByName(ctx, `local\bob`))(t).LUID, local.LUID)
	expect(t, "elsewhere", must(s.Users.ByName(ctx, `example\Bob`))(t).LUID, far.LUID)
	is(t, s.Users.Remove(ctx, far.LUID, ""), nil)
	expect(t, "the other is there", must(s.Users.ByName(ctx, "bob"))(t).LUID, local.LUID)
}

func manyUsers(t *testing.T) {
	ctx := t.Context()
	s, _ := asRoot(t)
	var want []string
	for i := range 25 {
		name := fmt.Sprintf("user%02d", i)
		must(s.Users.Add(ctx, rest.UserAdd{Name: name, SiteRole: rest.SiteRoleViewer}))(t)
		want = append(want, name)
	}
	viewers := rest.Query{Filters: []rest.Filter{rest.Eq("siteRole", "Viewer")}, Sort: []rest.Order{rest.Desc("name")}, PageSize: 4}
	expect(t, "viewers", names(t, s.Users.All(ctx, viewers), userName), strings.Join(want, " "))
	few := rest.Query{Filters: []rest.Filter{rest.In("name", "user03", "user07")}, Fields: []string{"id", "name"}}
	for user, err := range s.Users.All(ctx, few) {
		if err != nil || user.LUID == "" || user.FullName != "" {
			t.Errorf("%+v, %v", user, err)
		}
	}
	alike := rest.Query{Filters: viewers.Filters, Fields: []string{"siteRole"}, PageSize: 4}
	roles := names(t, s.Users.All(ctx, alike), func(u rest.User) string { return string(u.SiteRole) })
	expect(t, "site roles", roles, strings.TrimSpace(strings.Repeat("Viewer ", 25)))
	none := rest.Query{Filters: []rest.Filter{rest.Eq("siteRole", "Creator")}}
	expect(t, "creators", names(t, s.Users.All(ctx, none), userName), "")
}

func userLeavesContent(t *testing.T) {
	ctx := t.Context()
	s, client := asRoot(t, emulator.WithUser("dora", "secret", "SiteAdministratorCreator"))
	theirs := must(client.SignIn(ctx, rest.UserPassword{Name: "dora", Password: "secret"}, "acme"))(t)
	project := must(theirs.Projects.Create(ctx, rest.ProjectCreate{Name: "Hers"}))(t)
	dora := theirs.UserLUID()
	is(t, s.Users.Remove(ctx, dora, ""), rest.ErrConflict)
	is(t, s.Users.Remove(ctx, dora, s.UserLUID()), nil)
	found := must(s.Projects.ByPath(ctx, "Hers"))(t)
	expect(t, "project", found.LUID, project.LUID)
	expect(t, "owner", found.OwnerLUID, s.UserLUID())
}

func usersByCSV(t *testing.T) {
	ctx := t.Context()
	s, client := asRoot(t, emulator.WithSAML("acme"))
	must(s.Users.Add(ctx, rest.UserAdd{Name: "known", SiteRole: rest.SiteRoleViewer}))(t)
	roles := []rest.SiteRole{
		rest.SiteRoleUnlicensed, rest.SiteRoleViewer, rest.SiteRoleExplorer, rest.SiteRoleExplorerCanPublish, rest.SiteRoleCreator,
		rest.SiteRoleSiteAdministratorExplorer, rest.SiteRoleSiteAdministratorCreator, rest.SiteRoleServerAdministrator,
	}
	users := []rest.UserImport{
		{Name: "known", SiteRole: rest.SiteRoleExplorer, FullName: "Known, \"K\"", Email: "k@example.com", AuthSetting: rest.AuthSAML},
		{Name: `example.com\far`, Password: "a,b\"c", SiteRole: rest.SiteRoleViewer},
	}
	for _, role := range roles {
		users = append(users, rest.UserImport{Name: "a " + string(role), SiteRole: role})
	}
	job := must(s.Users.ImportCSV(ctx, users))(t)
	is(t, must(s.Jobs.Wait(ctx, job.LUID))(t).Err(), nil)
	for _, role := range roles {
		expect(t, "site role", must(s.Users.ByName(ctx, "a "+string(role)))(t).SiteRole, role)
	}
	known := must(s.Users.ByName(ctx, "known"))(t)
	expect(t, "known", known.FullName+" "+known.Email+" "+string(known.SiteRole)+" "+string(known.AuthSetting), `Known, "K" k@example.com Explorer SAML`)
	is(t, must(client.SignIn(ctx, rest.UserPassword{Name: `example.com\far`, Password: "a,b\"c"}, "acme"))(t).SignOut(ctx), nil)

	job = must(s.Users.DeleteCSV(ctx, `example.com\far`, "known", "a Creator"))(t)
	is(t, must(s.Jobs.Wait(ctx, job.LUID))(t).Err(), nil)
	expect(t, "users left", len(strings.Split(names(t, s.Users.All(ctx, rest.Query{}), func(u rest.User) string { return u.LUID }), " ")), 8)
	_, err := s.Users.ByName(ctx, "known")
	is(t, err, rest.ErrNotFound)
}

func localGroup(t *testing.T) {
	ctx := t.Context()
	s, _ := asRoot(t)
	const name = `Sales, & <Ö>/"EMEA"`
	made := must(s.Groups.Create(ctx, rest.GroupCreate{Name: name, MinimumSiteRole: rest.SiteRoleViewer}))(t)
	want := rest.Group{LUID: made.LUID, Name: name, MinimumSiteRole: rest.SiteRoleViewer, Domain: "local"}
	expect(t, "made", made, want)
	_, err := s.Groups.Create(ctx, rest.GroupCreate{Name: name})
	is(t, err, rest.ErrConflict)
	expect(t, "by name", must(s.Groups.Find(ctx, name))(t), want)
	expect(t, "by LUID", must(s.Groups.Find(ctx, made.LUID))(t), want)
	_, err = s.Groups.ByLUID(ctx, s.UserLUID())
	is(t, err, rest.ErrNotFound)
	_, err = s.Groups.ByName(ctx, "Sales")
	is(t, err, rest.ErrNotFound)

	expect(t, "empty", names(t, s.Groups.Users(ctx, made.LUID, rest.Query{}), userName), "")
	is(t, s.Groups.AddUsers(ctx, made.LUID, s.UserLUID()), nil)
	is(t, s.Groups.AddUsers(ctx, made.LUID, s.UserLUID()), nil)
	expect(t, "users", names(t, s.Groups.Users(ctx, made.LUID, rest.Query{}), userName), "root")
	expect(t, "groups of the user", names(t, s.Users.Groups(ctx, s.UserLUID(), rest.Query{}), groupName), "All Users "+name)
	for group, err := range s.Groups.All(ctx, rest.Query{Filters: []rest.Filter{rest.Eq("name", name)}, Fields: []string{"_all_"}}) {
		if err != nil || group.UserCount != 1 {
			t.Errorf("%+v, %v", group, err)
		}
	}

	want.Name, want.MinimumSiteRole = "Sales", rest.SiteRoleExplorer
	expect(t, "updated", must(s.Groups.Update(ctx, made.LUID, rest.GroupUpdate{Name: new("Sales"), MinimumSiteRole: new(rest.SiteRoleExplorer)}))(t), want)
	everybody := must(s.Groups.ByName(ctx, "All Users"))(t)
	_, err = s.Groups.Update(ctx, everybody.LUID, rest.GroupUpdate{Name: new("Some")})
	is(t, err, rest.ErrForbidden)
	_, err = s.Groups.Synchronize(ctx, made.LUID, rest.DirectoryGroup{Name: "Sales", Domain: "example.com"})
	is(t, err, rest.ErrInvalid)

	is(t, s.Groups.RemoveUsers(ctx, made.LUID, s.UserLUID()), nil)
	is(t, s.Groups.RemoveUsers(ctx, made.LUID, s.UserLUID()), nil)
	expect(t, "users left", names(t, s.Groups.Users(ctx, made.LUID, rest.Query{}), userName), "")
	is(t, s.Groups.Delete(ctx, made.LUID), nil)
	is(t, s.Groups.Delete(ctx, made.LUID), rest.ErrNotFound)
	is(t, s.Groups.AddUsers(ctx, made.LUID, s.UserLUID()), rest.ErrNotFound)
	expect(t, "groups left", names(t, s.Groups.All(ctx, rest.Query{}), groupName), "All Users")
}

func groupMembers(t *testing.T) {
	for _, version := range []string{"3.29", "3.20"} { // in one request, and in one for each
		server, _ := asRoot(t, emulator.WithVersion(version))
		checkMembers(t.Context(), t, server)
	}
}

func checkMembers(ctx context.Context, t *testing.T, s *rest.Session) {
	group := must(s.Groups.Create(ctx, rest.GroupCreate{Name: "Sales"}))(t)
	var luids []string
	for _, name := range []string{"a", "b", "c", "d", "e"} {
		luids = append(luids, must(s.Users.Add(ctx, rest.UserAdd{Name: name, SiteRole: rest.SiteRoleViewer}))(t).LUID)
	}
	in := func(want string) {
		t.Helper()
		expect(t, "users", names(t, s.Groups.Users(ctx, group.LUID, rest.Query{PageSize: 2}), userName), want)
	}
	is(t, s.Groups.AddUsers(ctx, group.LUID, luids[:3]...), nil)
	is(t, s.Groups.AddUsers(ctx, group.LUID, luids[1:4]...), nil)
	in("a b c d")
	is(t, s.Groups.RemoveUsers(ctx, group.LUID, luids[3:]...), nil) // one of them is not in it
	in("a b c")
	is(t, s.Groups.AddUsers(ctx, group.LUID, luids[4], "00000000-0000-0000-0000-000000000000"), rest.ErrNotFound)
	for range 2 {
		added, removed, err := s.Groups.SetUsers(ctx, group.LUID, luids[0], luids[3], luids[4])
		is(t, err, nil)
		if slices.Contains(added, luids[0]) || slices.Contains(removed, luids[0]) {
			t.Errorf("added %v, removed %v", added, removed)
		}
		in("a d e")
	}
	added, removed, err := s.Groups.SetUsers(ctx, group.LUID)
	is(t, err, nil)
	expect(t, "added and removed", fmt.Sprint(len(added), len(removed)), "0 3")
	in("")
}

func directoryGroup(t *testing.T) {
	ctx := t.Context()
	s, _ := asRoot(t, emulator.WithDirectoryGroup("example.com", "Staff", "kim", "lee"), emulator.WithDirectoryGroup("example.com", "R & D", "kim"))
	staff := rest.DirectoryGroup{Name: "Staff", Domain: "example.com", SiteRole: rest.SiteRoleViewer, GrantLicenseMode: rest.GrantOnSync}
	made := must(s.Groups.CreateFromActiveDirectory(ctx, staff))(t)
	want := rest.DirectoryImport{Source: "ActiveDirectory", Domain: "example.com", SiteRole: rest.SiteRoleViewer, GrantLicenseMode: rest.GrantOnSync}
	if made.Domain != "example.com" || made.Import == nil || *made.Import != want {
		t.Errorf("%+v", made)
	}
	expect(t, "users", names(t, s.Groups.Users(ctx, made.LUID, rest.Query{}), userName), "kim lee")
	expect(t, "kim", must(s.Users.ByName(ctx, "kim"))(t).SiteRole, rest.SiteRoleViewer)

	job := must(s.Groups.CreateFromActiveDirectoryAsJob(ctx, rest.DirectoryGroup{Name: "R & D", Domain: "example.com"}))(t)
	is(t, must(s.Jobs.Wait(ctx, job.LUID))(t).Err(), nil)
	byJob := must(s.Groups.ByName(ctx, `example.com\R & D`))(t)
	expect(t, "site role", byJob.Import.SiteRole, rest.SiteRoleUnlicensed)
	expect(t, "users", names(t, s.Groups.Users(ctx, byJob.LUID, rest.Query{}), userName), "kim")

	must(s.Groups.Create(ctx, rest.GroupCreate{Name: "Staff"}))(t)
	_, err := s.Groups.ByName(ctx, "Staff")
	if ambiguous, ok := errors.AsType[*rest.AmbiguousError](err); !ok || len(ambiguous.Matches) != 2 {
		t.Errorf("%v", err)
	}
	lee := must(s.Users.ByName(ctx, "lee"))(t)
	is(t, s.Groups.RemoveUsers(ctx, made.LUID, lee.LUID), nil)
	must(s.Groups.Synchronize(ctx, made.LUID, staff))(t)
	expect(t, "synchronized", names(t, s.Groups.Users(ctx, made.LUID, rest.Query{}), userName), "kim lee")
	is(t, s.Groups.RemoveUsers(ctx, made.LUID, lee.LUID), nil)
	job = must(s.Groups.SynchronizeAsJob(ctx, made.LUID, staff))(t)
	is(t, must(s.Jobs.Wait(ctx, job.LUID))(t).Err(), nil)
	expect(t, "synchronized by a job", names(t, s.Groups.Users(ctx, made.LUID, rest.Query{}), userName), "kim lee")
}

func groupSet(t *testing.T) {
	ctx := t.Context()
	s, _ := asRoot(t)
	sales := must(s.Groups.Create(ctx, rest.GroupCreate{Name: "Sales"}))(t)
	made := must(s.GroupSets.Create(ctx, rest.GroupSetCreate{Name: "A, B & C"}))(t)
	_, err := s.GroupSets.Create(ctx, rest.GroupSetCreate{Name: "A, B & C"})
	is(t, err, rest.ErrConflict)
	is(t, s.GroupSets.AddGroup(ctx, made.LUID, sales.LUID), nil)
	is(t, s.GroupSets.AddGroup(ctx, made.LUID, sales.LUID), nil)
	for _, find := range []string{"A, B & C", made.LUID} {
		set := must(s.GroupSets.Find(ctx, find))(t)
		if set.Name != "A, B & C" || set.GroupCount != 1 || len(set.Groups) != 1 || set.Groups[0].LUID != sales.LUID {
			t.Errorf("%s: %+v", find, set)
		}
	}
	expect(t, "renamed", must(s.GroupSets.Update(ctx, made.LUID, rest.GroupSetUpdate{Name: new("ABC")}))(t).Name, "ABC")
	is(t, s.GroupSets.RemoveGroup(ctx, made.LUID, sales.LUID), nil)
	is(t, s.GroupSets.RemoveGroup(ctx, made.LUID, sales.LUID), rest.ErrNotFound)
	expect(t, "groups in it", len(must(s.GroupSets.ByName(ctx, "ABC"))(t).Groups), 0)
	is(t, s.GroupSets.Delete(ctx, made.LUID), nil)
	expect(t, "group sets left", names(t, s.GroupSets.All(ctx, rest.Query{}), func(set rest.GroupSet) string { return set.Name }), "")
	expect(t, "the group is there", must(s.Groups.Find(ctx, sales.LUID))(t).Name, "Sales")
}
