package emulator

import (
	"strings"
	"testing"
)

func TestSiteRefused(t *testing.T) {
	t.Parallel()
	w := start(t)
	const sites = "POST /api/3.29/sites"
	w.change(sites, ``).wantError(400000, "name")
	w.change(sites, `<site name="x"/>`).wantError(400000, "contentUrl")
	w.change(sites, `<site name="x" contentUrl="遊び場"/>`).wantError(400000, "遊び場")
	w.change(sites, `<site name="default" contentUrl="x"/>`).wantError(409001, "#SITE")
	w.change(sites, `<site name="x" contentUrl="Finance"/>`).wantError(409002, "finance")
	w.change(sites, `<site name="x" contentUrl="x" adminMode="ContentOnly" userQuota="5"/>`).wantError(400000, "userQuota")
	w.change(sites, `<site name="x" contentUrl="x" adminMode="Content"/>`).wantError(400000, "adminMode")
	w.change(sites, `<site name="x" contentUrl="x" state="Asleep"/>`).wantError(400000, "state")
	w.change(sites, `<site name="x" contentUrl="x" storageQuota="-5"/>`).wantError(400000, "storageQuota")
	w.change(sites, `<site name="x" contentUrl="x" revisionLimit="1"/>`).wantError(400000, "revisionLimit")
	if n := w.server.siteInfos.Len(); n != 2 {
		t.Errorf("%d sites, want 2", n)
	}
	w.change("PUT /api/3.29/sites/SITE", ``).wantError(400000, "site")
	w.change("PUT /api/3.29/sites/SITE", `<site contentUrl="main"/>`).wantError(403004, "#SITE")
	w.change("PUT /api/3.29/sites/SITE", `<site name="finance"/>`).wantError(409001, "#FINANCE")
	w.change("PUT /api/3.29/sites/FINANCE", `<site contentUrl="no url"/>`).wantError(400000, "no url")
	w.change("PUT /api/3.29/sites/LUID1", `<site name="x"/>`).wantError(404000, "#1")
	w.send("DELETE /api/3.29/sites/SITE"+tscHeaders+"\n").wantError(403004, "default site")
	w.send("DELETE /api/3.29/sites/LUID1"+tscHeaders+"\n").wantError(404000, "#1")

	w.signIn(`name="ana" password="secret"`, "")
	w.change(sites, `<site name="x" contentUrl="x"/>`).wantError(403004, "#ANA")
	w.change("PUT /api/3.29/sites/FINANCE", `<site name="x"/>`).wantError(403004, "#ANA")
	w.change("PUT /api/3.29/sites/SITE", `<site commentingEnabled="FALSE"/>`).wantStatus(200).wantIn(`commentingEnabled="false"`)
	w.send("POST /api/3.29/sites/FINANCE/encrypt-extracts"+tscXML).wantError(403004, "#ANA")
	w.send("DELETE /api/3.29/sites/SITE"+tscHeaders+"\n").wantError(403004, "#ANA")
}

// A site administrator changes what is the site's own, and not what the server gives it.
func TestSiteByItsAdministrator(t *testing.T) {
	t.Parallel()
	w := start(t)
	const finance = "PUT /api/3.29/sites/FINANCE"
	w.change(finance, `<site userQuota="9" storageQuota="10"/>`).wantStatus(200)
	w.signIn(`name="ana" password="secret"`, "finance")
	for attribute, value := range map[string]string{
		"state": "Suspended", "adminMode": "ContentOnly", "userQuota": "99", "storageQuota": "100", "contentUrl": "money",
		"tierCreatorCapacity": "1", "tierExplorerCapacity": "1", "tierViewerCapacity": "1",
	} {
		w.change(finance, `<site name="Mine" `+attribute+`="`+value+`"/>`).wantError(403004, attribute)
	}
	w.change(finance, `<site contentUrl="x y"/>`).wantError(403004, "contentUrl")
	w.change(finance, `<site name="Money" contentUrl="finance" state="Active" adminMode="ContentAndUsers" userQuota="9" storageQuota="10" `+
		`commentingEnabled="false"/>`).wantStatus(200).wantIn(`name="Money" contentUrl="finance"`, `userQuota="9" storageQuota="10" state="Active"`, `commentingEnabled="false"`)
}

// Everything on a site goes with it, and who was only there is gone; its name and content URL are free again.
func TestDeleteSite(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.signIn(admin, "finance")
	w.site = w.of("finance").luid
	w.ids.last.Store(worldBegins)
	w.change("POST S/users", `<user name="bob" siteRole="Creator"/>`).wantStatus(201)
	w.asNew("LUID2", "bob", "finance")
	w.publish("workbook", "", `name="Sales"`, "", "a.twb", salesTWB).wantStatus(201)
	w.send("POST S/fileUploads" + tscXML).wantStatus(201)
	w.publish("workbook", "asJob=true", `name="Later"`, "", "a.twb", salesTWB).wantStatus(202)
	bobs := w.token
	w.signIn(admin, "finance")
	w.send("DELETE /api/3.29/sites/FINANCE" + tscHeaders + "\n").wantStatus(204)
	w.token = bobs
	w.get("projects").wantError(401002, "")
	w.trySignIn(`name="bob" password="pw"`, "").wantError(401001, "")
	if accounts, uploads, queue := w.server.accounts.Len(), w.server.uploads.Len(), w.server.queue.Len(); accounts != 2 || uploads != 0 || queue != 0 {
		t.Errorf("%d accounts, %d uploads and %d jobs are left", accounts, uploads, queue)
	}
	w.signIn(admin, "")
	w.change("POST /api/3.29/sites", `<site name="Finance" contentUrl="finance"/>`).wantStatus(201)
	w.signIn(admin, "finance") // server administrators are on every new site
	w.trySignIn(`name="ana" password="secret"`, "finance").wantError(401001, "")
}

// To a suspended site only server administrators have access.
func TestSuspendedSite(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.change("PUT /api/3.29/sites/FINANCE", `<site state="Suspended"/>`).wantStatus(200)
	w.trySignIn(`name="ana" password="secret"`, "finance").wantError(401001, "")
	w.signIn(admin, "finance")
}

func TestEncryptExtracts(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.publish("datasource", "", `name="Orders"`, "", "a.tds", ordersTDS).wantStatus(201)
	encrypted := func(want bool) {
		t.Helper()
		for _, a := range w.of("").datasources.All() {
			if got := a.EncryptExtracts; got != (want && a.HasExtracts) {
				t.Errorf("encrypted %v, want %v", got, want)
			}
		}
	}
	where := w.of("")
	changed := *where.datasources.All()[0]
	changed.HasExtracts = true
	if err := w.server.store.Do(func() error { where.datasources.Put(&changed); return nil }); err != nil {
		t.Fatal(err)
	}
	w.send("POST S/encrypt-extracts" + tscXML).wantStatus(200)
	encrypted(true)
	w.send("POST S/reencrypt-extracts" + tscXML).wantStatus(200)
	encrypted(true)
	w.send("POST S/decrypt-extracts" + tscXML).wantStatus(200)
	encrypted(false)
}

// The world of WithDemo, and the credentials its comment tells.
func TestDemo(t *testing.T) {
	t.Parallel()
	server, err := New(WithDemo(), WithIDs(new(ids).next))
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, server: server, site: server.siteByContentURL("").luid}
	for name, role := range map[string]string{"admin": "ServerAdministrator", "ana": "SiteAdministratorCreator", "eve": "Viewer"} {
		w.signIn(`name="`+name+`" password="`+name+`-password"`, "finance")
		w.signIn(`personalAccessTokenName="`+name+`-token" personalAccessTokenSecret="`+name+`-secret"`, "")
		luid := w.of("").userOf(server.findAccount(name)).LUID
		w.get("users/"+luid).wantStatus(200).wantIn(`name="`+name+`"`, `siteRole="`+role+`"`)
	}
	w.signIn(`name="ana" password="ana-password"`, "")
	a := w.get("projects?sort=name:asc").wantIn(`totalAvailable="3"`, `name="Default"`, `name="Finance"`, `name="North"`)
	if strings.Count(a.body, "parentProjectId=") != 1 {
		t.Errorf("North is not within Finance: %s", a.body)
	}
	w.get("groups?fields=_all_").wantIn(`name="All Users" userCount="3"`, `name="Sales" userCount="2"`)
	if _, err := New(WithDemo(), WithUser("ANA", "x", "Viewer")); err == nil {
		t.Error("ana is given twice, and no error")
	}
}
