package emulator

import (
	"strings"
	"testing"
)

func (w *world) change(request, body string) *answer {
	w.t.Helper()
	return w.send(request + " HTTP/1.1\nX-Tableau-Auth: TOKEN\n\n<tsRequest>" + body + "</tsRequest>")
}

func (w *world) delete(path string) *answer {
	w.t.Helper()
	return w.send("DELETE S/" + path + " HTTP/1.1\nX-Tableau-Auth: TOKEN\n\n")
}

// asNew signs a user in whom the test has added, after giving them a password.
func (w *world) asNew(luid, name, site string) {
	w.t.Helper()
	w.change("PUT S/users/"+luid, `<user password="pw"/>`).wantStatus(200)
	w.signIn(`name="`+name+`" password="pw"`, site)
}

const admin = `name="admin" password="p@ss&amp;&lt;w&gt;"`

func TestAddUserRefused(t *testing.T) {
	t.Parallel()
	w := start(t, WithSAML("finance"))
	for body, code := range map[string]int{
		`<user siteRole="Viewer"/>`:               400000,
		`<user name="local\" siteRole="Viewer"/>`: 400000,
		``:                                     400000,
		`<user name="bob"/>`:                   400013,
		`<user name="bob" siteRole="viewer"/>`: 400013,
		`<user name="bob" siteRole="SupportUser"/>`:                                   400013,
		`<user name="guest" siteRole="Viewer"/>`:                                      409005,
		`<user name="bob" siteRole="Guest"/>`:                                         409005,
		`<user name="ANA_" siteRole="Viewer" authSetting="SAML"/>`:                    400003,
		`<user name="bob" siteRole="Viewer" idpConfigurationId="x"/>`:                 400003,
		`<user name="bob" siteRole="Viewer" authSetting="a" idpConfigurationId="b"/>`: 400003,
		`<user name="local\Ana" siteRole="Viewer"/>`:                                  409017,
	} {
		w.change("POST S/users", body).wantError(code, "")
	}
	if n := w.of("").users.Len() + w.server.accounts.Len(); n != 3+2 {
		t.Errorf("%d users and accounts, want 5", n)
	}
	w.signIn(admin, "finance")
	w.change("POST /api/3.29/sites/FINANCE/users", `<user name="bob" siteRole="Viewer" authSetting="SAML"/>`).wantStatus(201).wantIn(`authSetting="SAML"`)
}

// An account is one for all sites, with one name and password, and a user on each.
func TestUserOnTwoSites(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.change("POST S/users", `<user name="bob" siteRole="Viewer"/>`).wantStatus(201)
	w.change("PUT S/users/LUID2", `<user fullName="Bob B" password="pw"/>`).wantStatus(200)
	w.signIn(admin, "finance")
	w.ids.last.Store(worldBegins + 10)
	w.change("POST /api/3.29/sites/FINANCE/users", `<user name="BOB" siteRole="Creator"/>`).
		wantStatus(201).wantIn(`<user id="#11" name="bob" fullName="Bob B"`, `siteRole="Creator"`)
	if n := w.server.accounts.Len(); n != 3 {
		t.Errorf("%d accounts, want 3", n)
	}
	w.signIn(`name="bob" password="pw"`, "finance")
	w.signIn(`name="bob" password="pw"`, "")
	w.get("users/LUID2").wantStatus(200).wantIn(`siteRole="Viewer"`, `lastLogin="2026-03-02T10:00:00Z"`)

	// off one site the account stays, off both it is gone
	w.signIn(admin, "")
	w.delete("users/LUID2").wantStatus(204)
	w.signIn(`name="bob" password="pw"`, "finance")
	w.signIn(admin, "finance")
	w.send("DELETE /api/3.29/sites/FINANCE/users/LUID11 HTTP/1.1\nX-Tableau-Auth: TOKEN\n\n").wantStatus(204)
	if n := w.server.accounts.Len(); n != 2 {
		t.Errorf("%d accounts, want 2", n)
	}
}

func TestUserOfADomain(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.change("POST S/users", `<user name="example.com\ana" siteRole="Viewer"/>`).wantStatus(201).
		wantIn(`name="ana"`, `<domain name="example.com"/>`)
	w.get("users?filter=domainName:eq:example.com").wantIn(`totalAvailable="1"`)
	w.get("users?filter=isLocal:eq:true").wantIn(`totalAvailable="2"`)
	w.change("POST S/users", `<user name="EXAMPLE\Ana" siteRole="Viewer"/>`).wantError(409017, "")
	w.signIn(`name="ana" password="secret"`, "") // the local one
	w.signIn(`name="local\ana" password="secret"`, "")
	w.send("POST /api/3.29/auth/signin HTTP/1.1\n\n"+`<tsRequest><credentials name="example.com\ana" password="secret"><site/></credentials></tsRequest>`).
		wantError(401001, "")

	w.signIn(admin, "")
	w.send("GET /api/3.29/domains HTTP/1.1\nX-Tableau-Auth: TOKEN\n\n").wantStatus(200).
		wantIn(`name="local" shortName="local"/>`, `<domain id="#2" name="example.com" shortName="example"/></domainList>`)
	w.change("PUT /api/3.29/domains/LUID2", `<domain name="corp.example.com" shortName="corp"/>`).
		want(200, `<domain id="#2" name="corp.example.com" shortName="corp"/>`)
	w.get("users?filter=domainName:eq:corp.example.com").wantIn(`totalAvailable="1"`)
	w.change("PUT /api/3.29/domains/LUID2", `<domain name="LOCAL"/>`).wantError(403004, "local")
	w.change("PUT /api/3.29/domains/LUID77", `<domain name="x"/>`).wantError(404029, "#77")
}

func TestUpdateUser(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.change("POST S/users", `<user name="bob" siteRole="Viewer"/>`).wantStatus(201)
	w.change("PUT S/users/LUID2", `<user fullName="Bob" email="b@example.com"/>`).wantStatus(200)
	w.change("PUT S/users/LUID2", `<user siteRole="" email="c@example.com"/>`).wantStatus(200).
		wantIn(`fullName="Bob" email="c@example.com" siteRole="Viewer"`)
	w.change("PUT S/users/LUID2", `<user siteRole="Boss"/>`).wantError(400013, "Boss")
	w.change("PUT S/users/SYSTEM", `<user siteRole="Viewer"/>`).wantError(404002, "#SYSTEM")
	w.change("PUT S/users/LUID2", ``).wantError(400000, "user")

	// a person may change their own name and password, and no more
	w.asNew("LUID2", "bob", "")
	w.change("PUT S/users/LUID2", `<user fullName="Bobby" password="other"/>`).wantStatus(200)
	w.change("PUT S/users/LUID2", `<user siteRole="Creator"/>`).wantError(403004, "#2")
	w.change("PUT S/users/ANA", `<user fullName="x"/>`).wantError(403004, "#2")
	w.get("users/ANA").wantError(403133, "#ANA")
	w.get("users/LUID2").wantStatus(200).wantIn(`fullName="Bobby"`)
	w.get("users").wantError(403004, "#2")
	w.get("users/ANA/groups").wantError(403133, "#ANA")
	w.change("POST S/users", `<user name="x" siteRole="Viewer"/>`).wantError(403004, "#2")
	w.delete("users/ANA").wantError(403004, "#2")
	w.signIn(`name="bob" password="other"`, "")

	// only a server administrator makes another, on all sites
	w.signIn(`name="ana" password="secret"`, "")
	w.change("PUT S/users/LUID2", `<user siteRole="ServerAdministrator"/>`).wantError(403004, "#ANA")
	w.change("PUT S/users/ADMIN", `<user siteRole="Viewer"/>`).wantError(403004, "#ANA")
	w.delete("users/ADMIN").wantError(403004, "#ANA")
	w.signIn(admin, "")
	w.change("PUT S/users/ANA", `<user siteRole="ServerAdministrator"/>`).wantStatus(200)
	w.signIn(`name="ana" password="secret"`, "finance")
	w.send("GET /api/3.29/sites HTTP/1.1\nX-Tableau-Auth: TOKEN\n\n").wantStatus(200)
}

// Who owns something is not removed unless it goes to somebody else. A removed user's sessions and tokens end.
func TestRemoveUser(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.signIn(`name="ana" password="secret"`, "")
	ana := w.token
	w.publish("workbook", "", `name="Sales"`, "", "a.twb", salesTWB).wantStatus(201)
	w.hook("WorkbookUpdated", "https://example.com/hook").wantStatus(201)
	w.change("POST S/projects", `<project name="Hers"/>`).wantStatus(201)
	w.signIn(admin, "")
	w.change("POST S/groups", `<group name="G"/>`).wantStatus(201)
	group := w.of("").groups.All()[1].LUID
	w.change("POST S/groups/"+group+"/users", `<user id="ANA"/>`).wantStatus(200)

	hers := w.of("").workbooks.All()[0]
	schedule := find(w.server.schedules.All(), func(s *schedule) bool { return s.Type == "Subscription" }).LUID
	w.change("POST S/subscriptions", `<subscription subject="x"><content id="`+hers.LUID+`" type="Workbook"/><schedule id="`+schedule+`"/><user id="ANA"/></subscription>`).wantStatus(201)

	w.delete("users/ANA").wantError(409003, "owns content")
	w.delete("users/ANA?mapAssetsTo=LUID99").wantError(404002, "#99")
	w.delete("users/ANA?mapAssetsTo=ANA").wantError(404002, "#ANA")
	w.delete("users/ANA?mapAssetsTo=ADMIN").wantStatus(204)
	w.get("workbooks").wantIn(`<owner id="#ADMIN" name="admin"/>`)
	w.get("projects?filter=name:eq:Hers").wantIn(`<owner id="#ADMIN"/>`)
	w.get("groups/" + group + "/users").wantIn(`totalAvailable="0"`)
	w.get("webhooks").wantIn(`<owner id="#ADMIN"`)
	w.get("subscriptions").wantIn(`totalAvailable="0"`)
	w.token = ana
	w.get("projects").wantError(401002, "")
	w.signIn(`name="ana" password="secret"`, "finance") // she is on that site still
}

func TestUserLists(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.clock.advance(90 * 60 * 1e9)
	for _, name := range []string{"Bob", "carl", "Dora"} {
		w.change("POST S/users", `<user name="`+name+`" siteRole="Viewer"/>`).wantStatus(201)
	}
	for query, want := range map[string]string{
		"sort=name:desc":                                   "Dora carl Bob ana admin",
		"filter=name:cieq:BOB":                             "Bob",
		"filter=name:eq:*a&sort=name:asc":                  "ana Dora",
		"filter=siteRole:eq:Viewer&sort=name:asc":          "Bob carl Dora",
		"filter=siteRole:in:[Creator,ServerAdministrator]": "admin",
		"filter=lastLogin:gte:2026-03-02T09:00:00Z":        "admin",
		"filter=friendlyName:eq:carl":                      "carl",
		"filter=luid:eq:ANA":                               "ana",
		"pageSize=2&pageNumber=3":                          "Dora",
	} {
		a := w.get("users?" + query).wantStatus(200)
		var names []string
		for _, part := range strings.Split(a.body, ` name="`)[1:] {
			name, _, _ := strings.Cut(part, `"`)
			names = append(names, name)
		}
		if got := strings.Join(names, " "); got != want {
			t.Errorf("%s: %s, want %s", query, got, want)
		}
	}
	w.get("users?filter=password:eq:x").wantError(400065, "password")
	w.get("users?pageSize=1&fields=_default_").want(200, `<pagination pageNumber="1" pageSize="1" totalAvailable="5"/>`+
		`<users><user id="#ADMIN" name="admin" siteRole="ServerAdministrator" lastLogin="2026-03-02T10:00:00Z" externalAuthUserId=""/></users>`)
}

// Licenses are limited by the quota of the site, and only server administrators manage the users of a site that says so.
func TestSiteLimitsUsers(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.change("PUT /api/3.29/sites/SITE", `<site userQuota="3"/>`).wantStatus(200)
	w.change("POST S/users", `<user name="bob" siteRole="Viewer"/>`).wantStatus(201)
	w.change("POST S/users", `<user name="carl" siteRole="Viewer"/>`).wantError(403008, "3 users")
	w.change("POST S/users", `<user name="carl" siteRole="Unlicensed"/>`).wantStatus(201)
	w.send("GET /api/3.29/sites/SITE?includeUsage=true HTTP/1.1\nX-Tableau-Auth: TOKEN\n\n").wantStatus(200).
		wantIn(`userQuota="3"`, `<usage numUsers="3" numCreators="2" numExplorers="0" numViewers="1" storage="0"/>`)

	w.change("PUT /api/3.29/sites/SITE", `<site adminMode="ContentOnly" userQuota="3"/>`).wantError(400000, "userQuota")
	w.change("PUT /api/3.29/sites/SITE", `<site adminMode="ContentOnly"/>`).wantStatus(200)
	w.signIn(`name="ana" password="secret"`, "")
	w.change("POST S/users", `<user name="dora" siteRole="Viewer"/>`).wantError(403004, "server administrator")
	w.change("POST S/groups", `<group name="G"/>`).wantError(403004, "server administrator")
}

// What is the same on all sites is not the administrator's of one of them: not of who administers the server, nor of who
// is on another site too.
func TestAccountOfOtherSites(t *testing.T) {
	t.Parallel()
	w := start(t, WithUser("bob", "secret", "Viewer"), WithUser("lou", "secret", "Viewer", ""))
	for _, name := range []string{"bob", "lou"} {
		w.names[strings.ToUpper(name)] = w.of("").userOf(w.server.findAccount(name)).LUID
	}
	w.as("ana")
	w.change("PUT S/users/ADMIN", `<user password="mine"/>`).wantError(403004, "#ADMIN")
	w.change("PUT S/users/BOB", `<user password="mine"/>`).wantError(403004, "#BOB")
	w.change("PUT S/users/BOB", `<user email="ana@example.com"/>`).wantError(403004, "#BOB")
	w.change("PUT S/users/BOB", `<user fullName="bob" siteRole="Explorer"/>`).wantError(403004, "#BOB")
	w.change("PUT S/users/BOB", `<user siteRole="Explorer"/>`).wantStatus(200)
	w.change("PUT S/users/LOU", `<user password="new" email="lou@example.com"/>`).wantStatus(200)
	w.sendCSV("users/import", "tableau_user_import", "bob,mine\nadmin,mine\nlou,newer\n", "").wantStatus(202)
	w.signIn(admin, "")
	w.as("bob")
	w.signIn(`name="lou" password="newer"`, "")
}
