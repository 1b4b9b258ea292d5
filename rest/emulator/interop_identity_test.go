package emulator

import (
	"strings"
	"testing"
)

// The rows of the list of what clients in use send and need, for signing in, sites, users and groups. Requests are as
// the named clients send them.

const (
	tscHeaders = " HTTP/1.1\nUser-Agent: Tableau Server Client/0.39\nAccept-Encoding: gzip, deflate\nAccept: */*\nConnection: keep-alive\nx-tableau-auth: TOKEN\n"
	tscXML     = tscHeaders + "content-type: text/xml\n\n"
	ttHeaders  = " HTTP/1.1\nUser-Agent: python-requests/2.32\nX-tableau-auth: TOKEN\n\n"
)

// add adds a user and returns the answer, which names them with the next LUID but one: an account is made, too.
func (w *world) add(name, role string) *answer {
	w.t.Helper()
	return w.send("POST S/users" + tscXML + `<tsRequest><user name="` + name + `" siteRole="` + role + `" /></tsRequest>`).wantStatus(201)
}

func TestInteropTSCIdentity(t *testing.T) {
	t.Parallel()
	t.Run("TSC-1 server info", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		w.send("GET /api/2.4/serverInfo HTTP/1.1\nUser-Agent: Tableau Server Client/0.39\nAccept: */*\n\n").
			want(200, `<serverInfo><productVersion build="20262.26.0601.1200">2026.2.0</productVersion><restApiVersion>3.29</restApiVersion></serverInfo>`)
	})
	t.Run("TSC-2 and TSC-40 password and sign out", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		a := w.send("POST /api/3.29/auth/signin HTTP/1.1\nUser-Agent: python-requests/2.32\nAccept: */*\n\n" +
			`<tsRequest><credentials name="admin" password="p@ss&amp;&lt;w&gt;"><site contentUrl="" /></credentials></tsRequest>`)
		a.want(200, signedIn)
		w.token = string(tokenInAnswer.FindSubmatch(a.raw)[1])
		w.send("POST /api/3.29/auth/signout" + tscXML).wantStatus(204)
		w.send("POST /api/3.29/auth/signout"+tscXML).wantError(401002, "token")
	})
	t.Run("TSC-3 personal access token and impersonation", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		w.send("POST /api/3.29/auth/signin HTTP/1.1\n\n"+
			`<tsRequest><credentials personalAccessTokenName="ci" personalAccessTokenSecret="k1==:secret"><site contentUrl="finance" /><user id="ANA" /></credentials></tsRequest>`).
			wantError(401001, "Error signing in") // ana is another user on that site
		w.send("POST /api/3.29/auth/signin HTTP/1.1\n\n"+
			`<tsRequest><credentials personalAccessTokenName="ci" personalAccessTokenSecret="k1==:secret"><site contentUrl="" /><user id="ANA" /></credentials></tsRequest>`).
			wantStatus(200).wantIn(`token="`, `<site id="#SITE" contentUrl=""/>`, `<user id="#ANA"/>`)
	})
	t.Run("TSC-4 list with a Pager", func(t *testing.T) {
		t.Parallel()
		w := start(t)
		w.send("GET S/users?fields=_all_&pageNumber=2&pageSize=1" + tscHeaders + "\n").wantStatus(200).
			wantIn(`<pagination pageNumber="2" pageSize="1" totalAvailable="2"/><users><user id="#ANA"`)
	})
	t.Run("TSC-23 users", func(t *testing.T) {
		t.Parallel()
		w := start(t)
		w.add("bob", "Viewer").want(201, `<user id="#2" name="bob" fullName="bob" email="" siteRole="Viewer" authSetting="ServerDefault" externalAuthUserId="" locale="" language="en"><domain name="local"/></user>`)
		w.send("PUT S/users/LUID2" + tscXML + `<tsRequest><user fullName="Bob &#233;" email="bob@example.com" siteRole="Explorer" password="s3cret" /></tsRequest>`).
			wantStatus(200).wantIn(`name="bob" fullName="Bob é" email="bob@example.com" siteRole="Explorer"`)
		w.send("GET S/users?fields=_all_&pageNumber=1&pageSize=100"+tscHeaders+"\n").wantStatus(200).
			wantIn(`totalAvailable="3"`, `<user id="#2" name="bob" fullName="Bob é" email="bob@example.com"`, `<domain name="local"/>`)
		w.publish("workbook", "", `name="Sales"`, "", "a.twb", salesTWB).wantStatus(201)
		w.send("DELETE S/users/LUID2?mapAssetsTo=ANA" + tscHeaders + "\n").wantStatus(204)
		w.send("GET S/users/LUID2"+tscHeaders+"\n").wantError(404002, "#2")
	})
	t.Run("TSC-24 groups of a user", func(t *testing.T) {
		t.Parallel()
		w := start(t)
		w.send("GET S/users/ANA/groups?pageNumber=1&pageSize=100"+tscHeaders+"\n").
			want(200, `<pagination pageNumber="1" pageSize="100" totalAvailable="1"/><groups><group id="#ALLUSERS" name="All Users"><domain name="local"/></group></groups>`)
	})
	t.Run("TSC-25 groups", func(t *testing.T) {
		t.Parallel()
		w := start(t)
		w.send("POST S/groups"+tscXML+`<tsRequest><group name="Sales" minimumSiteRole="Viewer" /></tsRequest>`).
			want(201, `<group id="#1" name="Sales" minimumSiteRole="Viewer"><domain name="local"/></group>`)
		w.send("POST S/groups?asJob=true"+tscXML+`<tsRequest><group name="Staff"><import source="ActiveDirectory" domainName="example.com" grantLicenseMode="onLogin" siteRole="Viewer" /></group></tsRequest>`).
			want(202, `<job id="#3" mode="Asynchronous" type="GroupImport" progress="0" createdAt="2026-03-02T10:00:00Z" finishCode="1"/>`)
		w.get("jobs/LUID3").wantIn(`completedAt="2026-03-02T10:00:00Z"`, `finishCode="0"`)
		w.send("GET S/groups?pageNumber=1&pageSize=100&filter=name%3Aeq%3AStaff"+tscHeaders+"\n").wantStatus(200).
			wantIn(`totalAvailable="1"`, `name="Staff"><domain name="example.com"/><import source="ActiveDirectory" domainName="example.com" siteRole="Viewer" grantLicenseMode="onLogin"/></group>`)
		w.send("PUT S/groups/LUID1"+tscXML+`<tsRequest><group name="Sales EMEA" /></tsRequest>`).
			want(200, `<group id="#1" name="Sales EMEA" minimumSiteRole="Viewer"><domain name="local"/></group>`)
		w.send("POST S/groups/LUID1/users" + tscXML + `<tsRequest><user id="ANA" /></tsRequest>`).wantStatus(200).
			wantIn(`<user id="#ANA" name="ana" siteRole="SiteAdministratorCreator"`)
		w.send("POST S/groups/LUID1/users"+tscXML+`<tsRequest><users><user id="ANA" /><user id="ADMIN" /></users></tsRequest>`).
			wantStatus(200).wantIn(`<users><user id="#ANA"`, `<user id="#ADMIN"`)
		w.send("PUT S/groups/LUID1/users/remove" + tscXML + `<tsRequest><users><user id="ANA" /></users></tsRequest>`).wantStatus(200)
		w.send("DELETE S/groups/LUID1/users/ADMIN" + tscHeaders + "\n").wantStatus(204)
		w.send("GET S/groups/LUID1/users?pageNumber=1&pageSize=100"+tscHeaders+"\n").
			want(200, `<pagination pageNumber="1" pageSize="100" totalAvailable="0"/><users/>`)
	})
	t.Run("TSC-33 sites", func(t *testing.T) {
		t.Parallel()
		w := start(t)
		w.send("POST /api/3.29/sites"+tscXML+`<tsRequest><site name="N x" contentUrl="nx" adminMode="ContentAndUsers" userQuota="15" storageQuota="1000" `+
			`disableSubscriptions="true" subscribeOthersEnabled="true" revisionLimit="30" editingFlowsEnabled="none" extractEncryptionMode="enabled" dataAlertsEnabled="True" somethingNew="x" /></tsRequest>`).
			want(201, `<site id="#1" name="N x" contentUrl="nx" adminMode="ContentAndUsers" userQuota="15" storageQuota="1000" state="Active" disableSubscriptions="true" `+
				`revisionHistoryEnabled="true" revisionLimit="30" `+
				strings.Replace(siteSwitches, `editingFlowsEnabled="true" schedulingFlowsEnabled="true"`, `editingFlowsEnabled="none" schedulingFlowsEnabled="true" extractEncryptionMode="enabled"`, 1)+
				` somethingNew="x"/>`)
		w.send("GET /api/3.29/sites?pageNumber=1&pageSize=100"+tscHeaders+"\n").wantStatus(200).wantIn(`totalAvailable="3"`, `name="N x" contentUrl="nx"`)
		w.send("GET /api/3.29/sites/N%20x?key=name" + tscHeaders + "\n").wantStatus(200).wantIn(`<site id="#1"`)
		w.send("GET /api/3.29/sites/N+x?key=name" + tscHeaders + "\n").wantStatus(200).wantIn(`<site id="#1"`)
	})
	t.Run("TSC-34 switch site", func(t *testing.T) {
		t.Parallel()
		w := start(t)
		old := w.token
		a := w.send("POST /api/3.29/auth/switchSite"+tscXML+`<tsRequest><site contentUrl="finance" /></tsRequest>`).
			wantStatus(200).wantIn(`<site id="#FINANCE" contentUrl="finance"/>`, `estimatedTimeToExpiration="4:00:00"`)
		w.get("projects").wantError(401002, "invalid") // the old token
		w.token, w.site = string(tokenInAnswer.FindSubmatch(a.raw)[1]), w.of("finance").luid
		if w.token == old {
			t.Error("the token stayed")
		}
		w.get("projects").wantStatus(200)
		w.send("POST /api/3.29/auth/switchSite"+tscXML+`<tsRequest><site contentUrl="Finance" /></tsRequest>`).wantError(403070, "#FINANCE")
		w.send("POST /api/3.29/auth/switchSite"+tscXML+`<tsRequest><site contentUrl="nowhere" /></tsRequest>`).wantError(401001, "")
	})
	t.Run("TSC-38 users by CSV", func(t *testing.T) {
		t.Parallel()
		w := start(t)
		body := crlf("--5f0c2b9a7e6d4c31a8b70f9e2d1c4b6a\nContent-Disposition: form-data; name=\"tableau_user_import\"; filename=\"tsc_users_file.csv\"\nContent-Type: file\n\n" +
			"bob,pw,Bob,Viewer,,0,bob@example.com\nlocal\\carl,,\"Carl, C.\",Creator,,1,\n" +
			"\n--5f0c2b9a7e6d4c31a8b70f9e2d1c4b6a\nContent-Disposition: form-data; name=\"request_payload\"; filename=\"\"\nContent-Type: text/xml\n\n" +
			`<tsRequest><user name="bob" authSetting="ServerDefault" /><user name="carl" authSetting="ServerDefault" /></tsRequest>` +
			"\n--5f0c2b9a7e6d4c31a8b70f9e2d1c4b6a--\n")
		w.sendBytes("POST S/users/import"+tscHead, []byte(body)).
			want(202, `<job id="#1" mode="Asynchronous" type="UserImport" progress="0" createdAt="2026-03-02T10:00:00Z" finishCode="1"/>`)
		w.get("jobs/LUID1").wantIn(`finishCode="0"`)
		w.get("users?filter=name:in:[bob,carl]&fields=_all_").wantIn(`totalAvailable="2"`,
			`name="bob" fullName="Bob" email="bob@example.com" siteRole="Viewer"`, `name="carl" fullName="Carl, C." email="" siteRole="Creator"`)
		w.signIn(`name="bob" password="pw"`, "")
	})
}

func TestInteropTabcmdIdentity(t *testing.T) {
	t.Parallel()
	t.Run("3.1 the three calls before every command", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		w.send("GET /api/2.4/serverInfo HTTP/1.1\nUser-Agent: Tabcmd/2.0\n\n").wantStatus(200)
		w.signIn(`name="Ana" password="secret"`, "") // lower-cased in truth: the case does not matter
		w.send("GET S/users/ANA"+tscHeaders+"\n").wantStatus(200).wantIn(`<user id="#ANA" name="ana"`, `siteRole="SiteAdministratorCreator"`)
	})
	t.Run("CMD-1 listsites", func(t *testing.T) {
		t.Parallel()
		w := start(t)
		w.send("GET /api/3.29/sites"+tscHeaders+"\n").wantStatus(200).wantIn(`totalAvailable="2"`, `name="Finance"`)
	})
	t.Run("CMD-17 creategroup and deletegroup", func(t *testing.T) {
		t.Parallel()
		w := start(t)
		w.send("POST S/groups" + tscXML + `<tsRequest><group name="G" /></tsRequest>`).wantStatus(201)
		w.send("POST S/groups"+tscXML+`<tsRequest><group name="g" /></tsRequest>`).wantError(409009, "#1")
		w.send("GET S/groups?filter=name%3Aeq%3AG&pageNumber=1&pageSize=100"+tscHeaders+"\n").wantIn(`totalAvailable="1"`, `<group id="#1"`)
		w.send("DELETE S/groups/LUID1" + tscHeaders + "\n").wantStatus(204)
		w.send("GET S/groups?filter=name%3Aeq%3AG&pageNumber=1&pageSize=100" + tscHeaders + "\n").wantIn(`totalAvailable="0"`)
	})
	t.Run("CMD-18 addusers and removeusers", func(t *testing.T) {
		t.Parallel()
		w := start(t)
		w.send("POST S/groups" + tscXML + `<tsRequest><group name="G" /></tsRequest>`).wantStatus(201)
		w.send("GET S/users?filter=name%3Aeq%3AAna&fields=_all_&pageNumber=1&pageSize=100"+tscHeaders+"\n").
			wantIn(`totalAvailable="1"`, `<user id="#ANA" name="ana"`)
		w.send("POST S/groups/LUID1/users" + tscXML + `<tsRequest><user id="ANA" /></tsRequest>`).wantStatus(200)
		w.send("POST S/groups/LUID1/users"+tscXML+`<tsRequest><user id="ANA" /></tsRequest>`).wantError(409011, "#ANA")
		w.send("DELETE S/groups/LUID1/users/ANA" + tscHeaders + "\n").wantStatus(204)
		w.send("DELETE S/groups/LUID1/users/ANA"+tscHeaders+"\n").wantError(404002, "#ANA")
	})
	t.Run("CMD-19 and CMD-20 createsiteusers and deletesiteusers", func(t *testing.T) {
		t.Parallel()
		w := start(t)
		w.add("bob", "Viewer")
		w.send("POST S/users"+tscXML+`<tsRequest><user name="Bob" siteRole="Viewer" /></tsRequest>`).wantError(409017, "#2")
		w.send("GET S/users?filter=name%3Aeq%3Abob&fields=_all_&pageNumber=1&pageSize=100" + tscHeaders + "\n").wantIn(`<user id="#2"`)
		w.send("DELETE S/users/LUID2" + tscHeaders + "\n").wantStatus(204)
	})
	t.Run("CMD-22 and CMD-23 createsite, editsite and deletesite", func(t *testing.T) {
		t.Parallel()
		w := start(t)
		w.send("POST /api/3.29/sites"+tscXML+`<tsRequest><site name="N" contentUrl="url" adminMode="ContentOnly" tierCreatorCapacity="none" /></tsRequest>`).wantError(400000, "tierCreatorCapacity")
		w.send("POST /api/3.29/sites" + tscXML + `<tsRequest><site name="N" contentUrl="url" adminMode="ContentOnly" askDataMode="EnabledByDefault" /></tsRequest>`).wantStatus(201)
		w.names["NEW"] = w.of("url").luid
		w.send("GET /api/3.29/sites/N?key=name" + tscHeaders + "\n").wantStatus(200).wantIn(`<site id="#NEW" name="N" contentUrl="url" adminMode="ContentOnly"`)
		w.send("PUT /api/3.29/sites/NEW"+tscXML+`<tsRequest><site name="M" contentUrl="url" adminMode="ContentOnly" state="Suspended" /></tsRequest>`).
			wantStatus(200).wantIn(`name="M" contentUrl="url" adminMode="ContentOnly" state="Suspended"`, `askDataMode="EnabledByDefault"`)
		w.send("DELETE /api/3.29/sites/NEW"+tscHeaders+"\n").wantError(403004, "#NEW") // signed in elsewhere
		w.signIn(`name="admin" password="p@ss&amp;&lt;w&gt;"`, "url")
		w.send("DELETE /api/3.29/sites/NEW" + tscHeaders + "\n").wantStatus(204)
		w.send("GET /api/3.29/sites"+tscHeaders+"\n").wantError(401002, "token")
	})
	t.Run("CMD-24 encryptextracts, decryptextracts and reencryptextracts", func(t *testing.T) {
		t.Parallel()
		w := start(t)
		for _, verb := range []string{"encrypt-extracts", "decrypt-extracts", "reencrypt-extracts"} {
			w.send("POST S/" + verb + tscXML + `<tsRequest />`).wantStatus(200)
			w.send("POST /api/3.29/sites/FINANCE/" + verb + tscXML + `<tsRequest />`).wantStatus(200)
		}
	})
}

func TestInteropOthersIdentity(t *testing.T) {
	t.Parallel()
	t.Run("4.1 and TT-10 sign in and add a user", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		a := w.send("POST /api/3.3/auth/signin HTTP/1.1\nUser-Agent: python-requests/2.32\n\n" +
			`<tsRequest><credentials name="admin" password="p@ss&amp;&lt;w&gt;"><site /></credentials></tsRequest>`).wantStatus(200)
		w.token = string(tokenInAnswer.FindSubmatch(a.raw)[1])
		w.ids.last.Store(worldBegins)
		w.send("POST /api/3.3/sites/SITE/users" + ttHeaders + `<tsRequest><user name="bob" siteRole="Interactor" /></tsRequest>`).
			wantStatus(201).wantIn(`<user id="#2" name="bob" fullName="bob" email="" siteRole="Interactor"`)
		w.send("PUT /api/3.3/sites/SITE/users/LUID2" + ttHeaders + `<tsRequest><user fullName="Bob" siteRole="Publisher" email="b@example.com" password="x" /></tsRequest>`).
			wantStatus(200).wantIn(`fullName="Bob" email="b@example.com" siteRole="Publisher"`)
		w.send("GET /api/3.3/sites/SITE/users?filter=name:eq:bob&fields=_all_&pageNumber=1"+ttHeaders).wantStatus(200).wantIn(`totalAvailable="1"`, `name="bob"`)
		w.send("POST /api/3.3/auth/signout?pageNumber=1" + ttHeaders).wantStatus(204)
	})
	t.Run("TT-11 group members", func(t *testing.T) {
		t.Parallel()
		w := start(t)
		w.send("POST /api/3.3/sites/SITE/groups/?asJob=false" + ttHeaders + `<tsRequest><group name="Staff"><import source="ActiveDirectory" domainName="example.com" siteRole="Unlicensed" /></group></tsRequest>`).
			wantStatus(201).wantIn(`<group id="#2" name="Staff"`)
		w.send("POST /api/3.3/sites/SITE/groups/LUID2/users/" + ttHeaders + `<tsRequest><user id="ANA" /></tsRequest>`).wantStatus(200).wantIn(`<user id="#ANA"`)
		w.send("GET /api/3.3/sites/SITE/groups/LUID2/users?pageNumber=1" + ttHeaders).wantStatus(200).wantIn(`<pagination pageNumber="1" pageSize="100" totalAvailable="1"/><users><user id="#ANA"`)
		w.send("DELETE /api/3.3/sites/SITE/groups/LUID2/users/ANA" + ttHeaders).wantStatus(204)
	})
	t.Run("TT-17 sites", func(t *testing.T) {
		t.Parallel()
		w := start(t)
		w.send("POST /api/3.3/sites/" + ttHeaders + `<tsRequest><site name="New" contentUrl="new" /></tsRequest>`).wantStatus(201).wantIn(`name="New"`)
		w.send("POST /api/3.3/sites/"+ttHeaders+`<tsRequest><site name="new" contentUrl="other" /></tsRequest>`).wantError(409001, "New")
		w.send("POST /api/3.3/sites/"+ttHeaders+`<tsRequest><site name="Other" contentUrl="NEW" /></tsRequest>`).wantError(409002, "new")
		w.send("PUT /api/3.3/sites/SITE/"+ttHeaders+`<tsRequest><site name="Main" revisionLimit="10" /></tsRequest>`).wantStatus(200).wantIn(`name="Main" contentUrl=""`, `revisionLimit="10"`)
		w.send("GET /api/3.3/sites/SITE?pageNumber=1" + ttHeaders).wantStatus(200).wantIn(`name="Main"`)
	})
	t.Run("SMP-7 users by group", func(t *testing.T) {
		t.Parallel()
		w := start(t)
		w.send("GET /api/3.28/sites/SITE/groups HTTP/1.1\nx-tableau-auth: TOKEN\n\n").wantStatus(200).wantIn(`<group id="#ALLUSERS" name="All Users">`)
		w.send("GET /api/3.28/sites/SITE/groups/ALLUSERS/users HTTP/1.1\nx-tableau-auth: TOKEN\n\n").wantStatus(200).wantIn(`totalAvailable="2"`)
		a := w.send("GET /api/3.28/sites/SITE/groups/ALLUSERS/users?pageSize=100&pageNumber=1 HTTP/1.1\nx-tableau-auth: TOKEN\n\n").wantStatus(200).
			wantIn(`<user id="#ADMIN" name="admin"`, `<user id="#ANA" name="ana"`)
		if strings.Contains(a.body, systemName) {
			t.Error("the owner of what nobody made is told of")
		}
	})
}
