package rest

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"reflect"
	"slices"
	"time"
)

var identityRows = slices.Concat(userRows, groupRows, groupSetRows, siteRows, favoriteRows)

// same says how a result differs from what it should be.
func same(got any, err error, want any) error {
	if err != nil || !reflect.DeepEqual(got, want) {
		return fmt.Errorf("got %+v, %w\nwant %+v", got, err, want)
	}
	return nil
}

// sameList is same for a list.
func sameList[T any](list iter.Seq2[T, error], want ...T) error {
	got, err := Collect(list)
	return same(got, err, want)
}

const (
	wireAna  = `<user id="u1" name="ana" fullName="Ana Ruiz" email="ana@example.com" siteRole="SiteAdministratorCreator" authSetting="ServerDefault" externalAuthUserId="" lastLogin="2026-03-01T09:12:45Z" locale="" language="en"><domain name="local"/></user>`
	wirePage = `<pagination pageNumber="1" pageSize="100" totalAvailable="1"/>`
)

var wantAna = User{
	LUID: "u1", Name: "ana", FullName: "Ana Ruiz", Email: "ana@example.com", SiteRole: SiteRoleSiteAdministratorCreator,
	AuthSetting: AuthServerDefault, LastLogin: time.Date(2026, 3, 1, 9, 12, 45, 0, time.UTC), Language: "en", Domain: "local",
}

var userRows = []wireRow{
	{
		rows: []int{83}, name: "Get Users on Site",
		call: func(ctx context.Context, s *Session) error {
			return sameList(s.Users.All(ctx, Query{}), wantAna)
		},
		seen:  []string{"GET users?fields=_all_&pageNumber=1&pageSize=100"},
		reply: []reply{ok(wirePage + "<users>" + wireAna + "</users>")},
	},
	{
		rows: []int{83}, name: "Get Users on Site, with fields of one's own",
		call: func(ctx context.Context, s *Session) error {
			q := Query{Filters: []Filter{In("siteRole", "Viewer", "Explorer"), Gte("lastLogin", "2026-01-01T00:00:00Z")}, Fields: []string{"name"}, PageSize: 1000}
			return sameList(s.Users.All(ctx, q), User{Name: "ana"})
		},
		seen: []string{
			"GET users?filter=siteRole:in:[Viewer,Explorer],lastLogin:gte:2026-01-01T00:00:00Z&fields=name,id&pageNumber=1&pageSize=1000",
		},
		reply: []reply{ok(`<pagination pageNumber="1" pageSize="1000" totalAvailable="1"/><users><user name="ana"/></users>`)},
	},
	{
		rows: []int{83}, name: "Get Users on Site by name",
		call: func(ctx context.Context, s *Session) error {
			user, err := s.Users.ByName(ctx, `local\O'Neil & Sons`)
			return same(user, err, User{LUID: "u2", Name: "O'Neil & Sons", Domain: "local"})
		},
		seen: []string{"GET users?filter=name:eq:O%27Neil%20%2A%20Sons&fields=_all_&pageNumber=1&pageSize=100"},
		reply: []reply{ok(`<users><user id="u1" name="O'Neil, not Sons"/><user id="u2" name="O'Neil &amp; Sons"><domain name="local"/></user>` +
			`<user id="u3" name="O'Neil &amp; Sons"><domain name="example.com"/></user></users>`)},
	},
	{
		rows: []int{84}, name: "Query User on Site",
		call: func(ctx context.Context, s *Session) error {
			user, err := s.Users.Find(ctx, "9a41b8c2-0c4e-4b6f-8a5d-2f7e6c1b3d90")
			return same(user, err, wantAna)
		},
		seen:  []string{"GET users/9a41b8c2-0c4e-4b6f-8a5d-2f7e6c1b3d90"},
		reply: []reply{ok(wireAna)},
	},
	{
		rows: []int{85}, name: "Add User to Site",
		call: func(ctx context.Context, s *Session) error {
			user, err := s.Users.Add(ctx, UserAdd{Name: `example.com\bob "b"`, SiteRole: SiteRoleViewer, AuthSetting: AuthSAML})
			return same(user, err, User{LUID: "u2", Name: `bob "b"`, SiteRole: SiteRoleViewer})
		},
		seen:  []string{"POST users\n\n" + `<tsRequest><user name="example.com\bob &quot;b&quot;" siteRole="Viewer" authSetting="SAML"/></tsRequest>`},
		reply: []reply{{status: 201, body: tsResponse(`<user id="u2" name="bob &quot;b&quot;" siteRole="Viewer" externalAuthUserId=""/>`)}},
	},
	{
		rows: []int{85, 86}, name: "Add User to Site, with full name, e-mail address and password",
		call: func(ctx context.Context, s *Session) error {
			user, err := s.Users.Add(ctx, UserAdd{
				Name: "bob", SiteRole: SiteRoleViewer, IDPConfigurationLUID: "i1", FullName: "Bob é", Email: "bob@example.com", Password: "pass<word",
			})
			return same(user, err, User{LUID: "u2", Name: "bob", FullName: "Bob é", Email: "bob@example.com", SiteRole: SiteRoleViewer})
		},
		seen: []string{
			"POST users\n\n" + `<tsRequest><user name="bob" siteRole="Viewer" idpConfigurationId="i1"/></tsRequest>`,
			"PUT users/u2\n\n" + `<tsRequest><user fullName="Bob é" email="bob@example.com" password="pass&lt;word"/></tsRequest>`,
		},
		reply: []reply{
			{status: 201, body: tsResponse(`<user id="u2" name="bob" siteRole="Viewer"/>`)},
			ok(`<user name="bob" fullName="Bob é" email="bob@example.com" siteRole="Viewer"/>`),
		},
	},
	{
		rows: []int{86}, name: "Update User",
		call: func(ctx context.Context, s *Session) error {
			user, err := s.Users.Update(ctx, "u2", UserUpdate{
				FullName: new(""), Email: new("b@example.com"), Password: new("p&w"), SiteRole: new(SiteRoleExplorer), AuthSetting: new(AuthOpenID),
			})
			return same(user, err, User{LUID: "u2", Name: "bob", SiteRole: SiteRoleExplorer})
		},
		seen: []string{
			"PUT users/u2\n\n" + `<tsRequest><user fullName="" email="b@example.com" password="p&amp;w" siteRole="Explorer" authSetting="OpenID"/></tsRequest>`,
		},
		reply: []reply{ok(`<user name="bob" siteRole="Explorer"/>`)},
	},
	{
		rows: []int{86}, name: "Update User who administers the server",
		call: func(ctx context.Context, s *Session) error {
			user, err := s.Users.Update(ctx, "u2", UserUpdate{Email: new("b@example.com"), SiteRole: new(SiteRoleServerAdministrator)})
			return same(user, err, User{LUID: "u2", SiteRole: SiteRoleServerAdministrator})
		},
		seen:  []string{"PUT users/u2\n\n" + `<tsRequest><user email="b@example.com"/></tsRequest>`},
		reply: []reply{ok(`<user siteRole="ServerAdministrator"/>`)},
	},
	{
		rows: []int{87}, name: "Remove User from Site",
		call: func(ctx context.Context, s *Session) error {
			return errors.Join(s.Users.Remove(ctx, "u2", ""), s.Users.Remove(ctx, "u3", "u1"))
		},
		seen:  []string{"DELETE users/u2", "DELETE users/u3?mapAssetsTo=u1"},
		reply: []reply{{status: 204}},
	},
	{
		rows: []int{88}, name: "Get Groups for a User",
		call: func(ctx context.Context, s *Session) error {
			return sameList(s.Users.Groups(ctx, "u1", Query{}), Group{LUID: "g0", Name: "All Users", Domain: "local"}, wantSales)
		},
		seen:  []string{"GET users/u1/groups?pageNumber=1&pageSize=100"},
		reply: []reply{ok(wireGroups)},
	},
	{
		rows: []int{182}, name: "Import Users to Site from CSV",
		call: func(ctx context.Context, s *Session) error {
			job, err := s.Users.ImportCSV(ctx, []UserImport{
				{Name: `example.com\bob`, SiteRole: SiteRoleExplorerCanPublish, AuthSetting: AuthSAML},
				{Name: "carl", Password: `a"b,c`, FullName: "Carl, Ö", Email: "carl@example.com", SiteRole: SiteRoleSiteAdministratorCreator},
				{Name: "dora", IDPConfigurationLUID: "i1"},
			})
			return same(job, err, Job{LUID: "j1", Mode: "Asynchronous", Type: "UserImport", CreatedAt: time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC), FinishCode: "1"})
		},
		seen: []string{`POST users/import

--BOUNDARY
Content-Disposition: form-data; name="tableau_user_import"; filename="users.csv"
Content-Type: text/csv

example.com\bob,,,Explorer,None,1,
carl,"a""b,c","Carl, Ö",Creator,Site,1,carl@example.com
dora,,,Unlicensed,None,0,

--BOUNDARY
Content-Disposition: form-data; name="request_payload"; filename=""
Content-Type: text/xml

<tsRequest><user name="bob" authSetting="SAML"/><user name="carl" authSetting="ServerDefault"/><user name="dora" idpConfigurationId="i1"/></tsRequest>
--BOUNDARY--
`},
		reply: []reply{{status: 202, body: tsResponse(`<job id="j1" mode="Asynchronous" type="UserImport" progress="0" createdAt="2026-03-02T10:00:00Z" finishCode="1"/>`)}},
	},
	{
		rows: []int{183}, name: "Delete Users from Site with CSV",
		call: func(ctx context.Context, s *Session) error {
			job, err := s.Users.DeleteCSV(ctx, `example.com\bob`, "carl, c")
			return same(job, err, Job{})
		},
		seen: []string{`POST users/delete

--BOUNDARY
Content-Disposition: form-data; name="tableau_user_delete"; filename="users.csv"
Content-Type: text/csv

example.com\bob,,,,,,
"carl, c",,,,,,

--BOUNDARY--
`},
		reply: []reply{{status: 200}},
	},
}

const wireGroups = `<pagination pageNumber="1" pageSize="100" totalAvailable="2"/>
	<groups><group id="g0" name="All Users"><domain name="local"/></group>
	<group id="g1" name="Sales" minimumSiteRole="Viewer"><domain name="local"/></group></groups>`

var (
	wantSales = Group{LUID: "g1", Name: "Sales", MinimumSiteRole: SiteRoleViewer, Domain: "local"}
	wantStaff = Group{
		LUID: "g2", Name: "Staff", Domain: "example.com",
		Import: &DirectoryImport{Source: "ActiveDirectory", Domain: "example.com", SiteRole: SiteRoleViewer, GrantLicenseMode: GrantOnLogin},
	}
	staffImport = DirectoryGroup{Name: "Staff", Domain: "example.com", SiteRole: SiteRoleViewer, GrantLicenseMode: GrantOnLogin}
)

const (
	wireStaff = `<group id="g2" name="Staff"><domain name="example.com"/><import source="ActiveDirectory" domainName="example.com" siteRole="Viewer" grantLicenseMode="onLogin"/></group>`
	sentStaff = `<tsRequest><group name="Staff"><import source="ActiveDirectory" domainName="example.com" siteRole="Viewer" grantLicenseMode="onLogin"/></group></tsRequest>`
	wireJob   = `<job id="j1" mode="Asynchronous" type="GroupImport" progress="0" createdAt="2026-03-02T10:00:00Z" finishCode="1"/>`
)

var groupJob = Job{LUID: "j1", Mode: "Asynchronous", Type: "GroupImport", CreatedAt: time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC), FinishCode: "1"}

var groupRows = []wireRow{
	{
		rows: []int{89}, name: "Query Groups",
		call: func(ctx context.Context, s *Session) error {
			return sameList(s.Groups.All(ctx, Query{Sort: []Order{Asc("name")}}), Group{LUID: "g0", Name: "All Users", Domain: "local"}, wantSales)
		},
		seen:  []string{"GET groups?sort=name:asc&pageNumber=1&pageSize=100"},
		reply: []reply{ok(wireGroups)},
	},
	{
		rows: []int{89}, name: "Query Groups by LUID and by name",
		call: func(ctx context.Context, s *Session) error {
			byLUID, err := s.Groups.Find(ctx, "5c0a6d5e-8f3e-4a52-9d51-0f6a7b0f5a11")
			if err := same(byLUID, err, Group{LUID: "5c0a6d5e-8f3e-4a52-9d51-0f6a7b0f5a11", Name: "Sales"}); err != nil {
				return err
			}
			byName, err := s.Groups.Find(ctx, "Sales")
			return same(byName, err, wantSales)
		},
		seen: []string{
			"GET groups?filter=luid:eq:5c0a6d5e-8f3e-4a52-9d51-0f6a7b0f5a11&pageNumber=1&pageSize=100",
			"GET groups?filter=name:eq:Sales&pageNumber=1&pageSize=100",
		},
		reply: []reply{ok(`<groups><group id="5c0a6d5e-8f3e-4a52-9d51-0f6a7b0f5a11" name="Sales"/></groups>`), ok(wireGroups)},
	},
	{
		rows: []int{90}, name: "Create Group",
		call: func(ctx context.Context, s *Session) error {
			group, err := s.Groups.Create(ctx, GroupCreate{Name: "Sales", MinimumSiteRole: SiteRoleViewer})
			return same(group, err, wantSales)
		},
		seen:  []string{"POST groups\n\n" + `<tsRequest><group name="Sales" minimumSiteRole="Viewer"/></tsRequest>`},
		reply: []reply{{status: 201, body: tsResponse(`<group id="g1" name="Sales" minimumSiteRole="Viewer"><domain name="local"/></group>`)}},
	},
	{
		rows: []int{91}, name: "Create Group of an Active Directory",
		call: func(ctx context.Context, s *Session) error {
			group, err := s.Groups.CreateFromActiveDirectory(ctx, staffImport)
			if err := same(group, err, wantStaff); err != nil {
				return err
			}
			job, err := s.Groups.CreateFromActiveDirectoryAsJob(ctx, DirectoryGroup{Name: "R&D", Domain: "example.com"})
			return same(job, err, groupJob)
		},
		seen: []string{
			"POST groups\n\n" + sentStaff,
			"POST groups?asJob=true\n\n" + `<tsRequest><group name="R&amp;D"><import source="ActiveDirectory" domainName="example.com" siteRole="Unlicensed"/></group></tsRequest>`,
		},
		reply: []reply{{status: 201, body: tsResponse(wireStaff)}, {status: 202, body: tsResponse(wireJob)}},
	},
	{
		rows: []int{92}, name: "Update Group",
		call: func(ctx context.Context, s *Session) error {
			group, err := s.Groups.Update(ctx, "g1", GroupUpdate{Name: new("Sales"), MinimumSiteRole: new(SiteRoleViewer), ExternalUserEnabled: new(false)})
			return same(group, err, wantSales)
		},
		seen:  []string{"PUT groups/g1\n\n" + `<tsRequest><group name="Sales" minimumSiteRole="Viewer" externalUserEnabled="false"/></tsRequest>`},
		reply: []reply{ok(`<group id="g1" name="Sales" minimumSiteRole="Viewer"><domain name="local"/></group>`)},
	},
	{
		rows: []int{92}, name: "Update Group of an Active Directory",
		call: func(ctx context.Context, s *Session) error {
			group, err := s.Groups.Synchronize(ctx, "g2", staffImport)
			if err := same(group, err, wantStaff); err != nil {
				return err
			}
			job, err := s.Groups.SynchronizeAsJob(ctx, "g2", staffImport)
			return same(job, err, groupJob)
		},
		seen:  []string{"PUT groups/g2\n\n" + sentStaff, "PUT groups/g2?asJob=true\n\n" + sentStaff},
		reply: []reply{ok(wireStaff), {status: 202, body: tsResponse(wireJob)}},
	},
	{
		rows: []int{93}, name: "Delete Group",
		call:  func(ctx context.Context, s *Session) error { return s.Groups.Delete(ctx, "g1") },
		seen:  []string{"DELETE groups/g1"},
		reply: []reply{{status: 204}},
	},
	{
		rows: []int{94}, name: "Get Users in Group",
		call: func(ctx context.Context, s *Session) error {
			return sameList(s.Groups.Users(ctx, "g1", Query{}), User{
				LUID: "u1", Name: "ana", SiteRole: SiteRoleSiteAdministratorCreator, LastLogin: time.Date(2026, 3, 1, 9, 12, 45, 0, time.UTC),
			})
		},
		seen:  []string{"GET groups/g1/users?pageNumber=1&pageSize=100"},
		reply: []reply{ok(wirePage + `<users><user id="u1" name="ana" siteRole="SiteAdministratorCreator" externalAuthUserId="" lastLogin="2026-03-01T09:12:45Z"/></users>`)},
	},
	{
		rows: []int{95}, name: "Add User to Group",
		call:  func(ctx context.Context, s *Session) error { return s.Groups.AddUsers(ctx, "g1", "u1") },
		seen:  []string{"POST groups/g1/users\n\n" + `<tsRequest><user id="u1"/></tsRequest>`},
		reply: []reply{ok(`<user id="u1" name="ana" siteRole="Viewer"/>`)},
	},
	{
		rows: []int{95, 97}, name: "Add and Remove Users one by one, of an older server",
		opts: []Option{WithVersion("3.20")},
		call: func(ctx context.Context, s *Session) error {
			return errors.Join(s.Groups.AddUsers(ctx, "g1", "u1", "u2"), s.Groups.RemoveUsers(ctx, "g1", "u1", "u2"))
		},
		seen: []string{
			"POST /api/3.20/sites/" + testSite + "/groups/g1/users\n\n" + `<tsRequest><user id="u1"/></tsRequest>`,
			"POST /api/3.20/sites/" + testSite + "/groups/g1/users\n\n" + `<tsRequest><user id="u2"/></tsRequest>`,
			"DELETE /api/3.20/sites/" + testSite + "/groups/g1/users/u1",
			"DELETE /api/3.20/sites/" + testSite + "/groups/g1/users/u2",
		},
		reply: []reply{
			refusal("409011", "Resource Conflict", "in the group already"), ok(`<user id="u2"/>`),
			{status: 204},
			refusal("404002", "Resource Not Found", "not in the group"),
		},
	},
	{
		rows: []int{96}, name: "Add Users to Group",
		call:  func(ctx context.Context, s *Session) error { return s.Groups.AddUsers(ctx, "g1", "u1", "u2") },
		seen:  []string{"POST groups/g1/users\n\n" + `<tsRequest><users><user id="u1"/><user id="u2"/></users></tsRequest>`},
		reply: []reply{ok(`<users><user id="u1"/><user id="u2"/></users>`)},
	},
	{
		rows: []int{97}, name: "Remove User from Group",
		call:  func(ctx context.Context, s *Session) error { return s.Groups.RemoveUsers(ctx, "g1", "u1") },
		seen:  []string{"DELETE groups/g1/users/u1"},
		reply: []reply{{status: 204}},
	},
	{
		rows: []int{98}, name: "Remove Users from Group",
		call:  func(ctx context.Context, s *Session) error { return s.Groups.RemoveUsers(ctx, "g1", "u1", "u2") },
		seen:  []string{"PUT groups/g1/users/remove\n\n" + `<tsRequest><users><user id="u1"/><user id="u2"/></users></tsRequest>`},
		reply: []reply{{status: 200}},
	},
	{
		rows: []int{94, 96, 98}, name: "the users of a group as they shall be, in three requests",
		call: func(ctx context.Context, s *Session) error {
			added, removed, err := s.Groups.SetUsers(ctx, "g1", "u5", "u2", "u4", "u5")
			return same([][]string{added, removed}, err, [][]string{{"u5", "u4"}, {"u1", "u3"}})
		},
		seen: []string{
			"GET groups/g1/users?pageNumber=1&pageSize=1000",
			"POST groups/g1/users\n\n" + `<tsRequest><users><user id="u5"/><user id="u4"/></users></tsRequest>`,
			"PUT groups/g1/users/remove\n\n" + `<tsRequest><users><user id="u1"/><user id="u3"/></users></tsRequest>`,
		},
		reply: []reply{ok(`<users><user id="u1"/><user id="u2"/><user id="u3"/></users>`), {status: 200}},
	},
	{
		rows: []int{94}, name: "the users of a group as they are",
		call: func(ctx context.Context, s *Session) error {
			added, removed, err := s.Groups.SetUsers(ctx, "g1", "u2", "u1")
			return same([][]string{added, removed}, err, [][]string{nil, nil})
		},
		seen:  []string{"GET groups/g1/users?pageNumber=1&pageSize=1000"},
		reply: []reply{ok(`<users><user id="u1"/><user id="u2"/></users>`)},
	},
}
