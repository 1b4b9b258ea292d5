package emulator

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
	"time"
)

// TSC-1: server info is asked with 2.4, in Tableau's odd spelling, without a token.
func TestServerInfo(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.send("GET /api/2.4/serverInfo HTTP/1.1\nUser-Agent: Tableau Server Client/0.39\nAccept-Encoding: gzip, deflate\nAccept: */*\n\n").
		want(200, `<serverInfo><productVersion build="20262.26.0601.1200">2026.2.0</productVersion><restApiVersion>3.29</restApiVersion></serverInfo>`)
}

func TestServerInfoOfOlderServers(t *testing.T) {
	t.Parallel()
	for version, want := range map[string]string{
		"2.8":  `<productVersion build="10500.26.0601.1200">10.5.0</productVersion><restApiVersion>2.8</restApiVersion>`,
		"3.10": `<productVersion build="20204.26.0601.1200">2020.4.0</productVersion><restApiVersion>3.10</restApiVersion>`,
		"3.18": `<productVersion build="20223.26.0601.1200">2022.3.0</productVersion><restApiVersion>3.18</restApiVersion>`,
	} {
		w := newWorld(t, WithVersion(version))
		w.send("GET /api/2.4/serverinfo HTTP/1.1\n\n").want(200, `<serverInfo>`+want+`</serverInfo>`)
	}
}

const signedIn = `<credentials token="00000000000040008000000001000001|00000000000040008000000001000002|#SITE" ` +
	`estimatedTimeToExpiration="4:00:00"><site id="#SITE" contentUrl=""/><user id="#ADMIN"/></credentials>`

// TSC-2 and TSC-3, and what others send for the same: the token, the site and the user are in the answer.
func TestSignIn(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		"TSC, password": "POST /api/3.29/auth/signin HTTP/1.1\nUser-Agent: python-requests/2.32\n\n" +
			`<tsRequest><credentials name="admin" password="p@ss&amp;&lt;w&gt;"><site contentUrl="" /></credentials></tsRequest>`,
		"TSC, token": "POST /api/3.29/auth/signin HTTP/1.1\n\n" +
			`<tsRequest><credentials personalAccessTokenName="ci" personalAccessTokenSecret="k1==:secret"><site contentUrl="" /></credentials></tsRequest>`,
		"tableau_tools, no content URL": "POST /api/3.3/auth/signin HTTP/1.1\n\n" +
			`<tsRequest><credentials name="admin" password="p@ss&amp;&lt;w&gt;" ><site /></credentials></tsRequest>`,
		"another case": "POST /api/3.29/auth/signin HTTP/1.1\n\n" +
			`<tsRequest><credentials name="Admin" password="p@ss&amp;&lt;w&gt;"><site contentUrl="" /></credentials></tsRequest>`,
		"domain": "POST /api/3.29/auth/signin HTTP/1.1\n\n" +
			`<tsRequest><credentials name="local\admin" password="p@ss&amp;&lt;w&gt;"><site contentUrl="" /></credentials></tsRequest>`,
		"curl, form": "POST /api/3.4/auth/signin/ HTTP/1.1\nContent-Type: application/x-www-form-urlencoded\n\n" +
			`<tsRequest><credentials name="admin" password="p@ss&#38;&lt;w>"><site contentUrl=""/></credentials></tsRequest>`,
		"Java, declaration and namespace": "POST /api/3.4/AUTH/SignIn HTTP/1.1\nContent-Type: text/xml\n\n" +
			"\ufeff" + `<?xml version="1.0" encoding="UTF-8" standalone="yes"?><ns2:tsRequest xmlns:ns2="http://tableau.com/api"><ns2:credentials name="admin" password="p@ss&amp;&lt;w&gt;"><ns2:site contentUrl=""/></ns2:credentials></ns2:tsRequest>`,
	}
	for name, request := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.send(request).want(200, signedIn)
		})
	}
}

func TestSignInChunked(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	body := `<tsRequest><credentials name="admin" password="p@ss&amp;&lt;w&gt;"><site/></credentials></tsRequest>`
	w.sendBytes("POST /api/3.29/auth/signin HTTP/1.1\nTransfer-Encoding: chunked",
		fmt.Appendf(nil, "%x\r\n%s\r\n0\r\n\r\n", len(body), body)).want(200, signedIn)
}

func TestSignInRefused(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		body string
		code int
	}{
		"password":       {`<tsRequest><credentials name="admin" password="x"><site/></credentials></tsRequest>`, 401001},
		"user":           {`<tsRequest><credentials name="eve" password="x"><site/></credentials></tsRequest>`, 401001},
		"no credentials": {`<tsRequest><credentials><site/></credentials></tsRequest>`, 401001},
		"site":           {`<tsRequest><credentials name="ana" password="secret"><site contentUrl="x"/></credentials></tsRequest>`, 401001},
		"secret":         {`<tsRequest><credentials personalAccessTokenName="ci" personalAccessTokenSecret="x"><site/></credentials></tsRequest>`, 401001},
		"impersonation":  {`<tsRequest><credentials name="ana" password="secret"><site/><user id="00000000-0000-4000-8000-000000000002"/></credentials></tsRequest>`, 401001},
		"empty":          {``, 400000},
		"not XML":        {`credentials`, 400000},
		"cut off":        {`<tsRequest><credentials`, 400000},
		"two roots":      {`<tsRequest/><tsRequest/>`, 400000},
		"doctype":        {`<!DOCTYPE x [<!ENTITY a "b">]><tsRequest/>`, 400000},
		"latin 1":        {`<?xml version="1.0" encoding="ISO-8859-1"?><tsRequest/>`, 400000},
		"other root":     {`<credentials/>`, 400000},
		"too deep":       {strings.Repeat("<tsRequest>", 33) + strings.Repeat("</tsRequest>", 33), 400000},
		"too large":      {`<tsRequest>` + strings.Repeat(" ", 4<<20) + `</tsRequest>`, 413000},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.sendBytes("POST /api/3.29/auth/signin HTTP/1.1", []byte(test.body)).wantError(test.code, "")
			if n := w.server.sessions.Len(); n != 0 {
				t.Errorf("%d sessions", n)
			}
		})
	}
}

func TestImpersonation(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.send("POST /api/3.29/auth/signin HTTP/1.1\n\n" +
		`<tsRequest><credentials name="admin" password="p@ss&amp;&lt;w&gt;"><site/><user id="ANA"/></credentials></tsRequest>`).
		wantStatus(200).wantIn(`<user id="#ANA"/>`)
}

// TSC-40 and a token's end in every other way.
func TestTokenEnds(t *testing.T) {
	t.Parallel()
	t.Run("signed out", func(t *testing.T) {
		t.Parallel()
		w := start(t)
		w.send("POST /api/3.29/auth/signout HTTP/1.1\nX-Tableau-Auth: TOKEN\ncontent-type: text/xml\n\n").wantStatus(204)
		w.get("projects").wantError(401002, "token")
		w.send("POST /api/3.29/auth/signout?pageNumber=1 HTTP/1.1\nX-Tableau-Auth: TOKEN\n\n").wantError(401002, "token")
	})
	t.Run("idle", func(t *testing.T) {
		t.Parallel()
		w := start(t)
		w.clock.advance(239 * time.Minute)
		w.get("projects").wantStatus(200)
		w.clock.advance(239 * time.Minute) // the use before started the time again
		w.get("projects").wantStatus(200)
		w.clock.advance(240 * time.Minute)
		w.get("projects").wantError(401002, "expired")
	})
	t.Run("second sign-in with the token", func(t *testing.T) {
		t.Parallel()
		w := start(t)
		credentials := `personalAccessTokenName="ci" personalAccessTokenSecret="k1==:secret"`
		first := w.signIn(credentials, "")
		second := w.signIn(credentials, "finance")
		w.token = first
		w.get("projects").wantError(401002, "token")
		w.token, w.site = second, w.of("finance").luid
		w.get("projects").wantStatus(200)
	})
	t.Run("two sign-ins with the password live side by side", func(t *testing.T) {
		t.Parallel()
		w := start(t)
		first := w.token
		w.signIn(`name="admin" password="p@ss&amp;&lt;w&gt;"`, "")
		w.get("projects").wantStatus(200)
		w.token = first
		w.get("projects").wantStatus(200)
	})
}

func TestAccess(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.send("GET S/projects HTTP/1.1\n\n").wantError(401000, "credentials")
	w.send("GET S/projects HTTP/1.1\nx-tableau-auth: made-up\n\n").wantError(401002, "token")
	w.send("GET /api/3.29/sites/FINANCE/projects HTTP/1.1\nX-Tableau-Auth:TOKEN\n\n").wantError(401002, "for site '#SITE', not for '#FINANCE'")
	w.send("GET /api/3.29/sites/none/projects HTTP/1.1\nX-Tableau-Auth:TOKEN\n\n").wantError(404000, "none")
}

func TestOpen(t *testing.T) {
	t.Parallel()
	server, err := New(WithOpen())
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, server: server}
	w.signIn(`name="anyone" password="x"`, "acme")
	w.send("GET /api/3.29/sites?pageSize=10 HTTP/1.1\nX-Tableau-Auth: TOKEN\n\n").wantStatus(200).
		wantIn(`totalAvailable="2"`, `name="Default" contentUrl=""`, `name="acme" contentUrl="acme"`)
	first := w.signIn(`personalAccessTokenName="ci" personalAccessTokenSecret="a"`, "acme")
	w.signIn(`personalAccessTokenName="ci" personalAccessTokenSecret="a"`, "ACME")
	if n := server.siteInfos.Len(); n != 2 {
		t.Errorf("%d sites, want 2", n)
	}
	w.token = first
	w.send("GET /api/3.29/sites HTTP/1.1\nX-Tableau-Auth: TOKEN\n\n").wantError(401002, "token")
	claims := base64.RawURLEncoding.EncodeToString([]byte(`{"sub":"ci@example.com"}`))
	w.signIn(`jwt="eyJhbGciOiJIUzI1NiJ9.`+claims+`.c2ln" isUat="false"`, "")
	w.send("POST /api/3.29/auth/signin HTTP/1.1\n\n"+`<tsRequest><credentials name="a"><site contentUrl="no/url"/></credentials></tsRequest>`).
		wantError(401001, "Error signing in")
	w.send("POST /api/3.29/auth/signin HTTP/1.1\n\n"+`<tsRequest><credentials jwt="a.b.c"><site/></credentials></tsRequest>`).
		wantError(401001, "Error signing in")
}

// siteSwitches are what a site is answered with besides its names and limits. A client in use sends each back, and takes
// those that are missing for off.
const siteSwitches = `subscribeOthersEnabled="true" allowSubscriptionAttachments="true" guestAccessEnabled="false" cacheWarmupEnabled="true" ` +
	`dataAlertsEnabled="true" commentingEnabled="true" commentingMentionsEnabled="true" flowsEnabled="true" editingFlowsEnabled="true" ` +
	`schedulingFlowsEnabled="true" mobileBiometricsEnabled="false" sheetImageEnabled="true" catalogingEnabled="true" ` +
	`derivedPermissionsEnabled="false" askDataMode="EnabledByDefault" authoringEnabled="true" customSubscriptionEmailEnabled="false" ` +
	`customSubscriptionFooterEnabled="false" userVisibilityMode="FULL" requestAccessEnabled="true" catalogObfuscationEnabled="true" ` +
	`flowAutoSaveEnabled="true" webExtractionEnabled="true" runNowEnabled="true" metricsContentTypeEnabled="true" ` +
	`notifySiteAdminsOnThrottle="false" namedSharingEnabled="true" useDefaultTimeZone="true" autoSuspendRefreshEnabled="true" ` +
	`autoSuspendRefreshInactivityWindow="30"`

// TSC-33: sites with paging and by key.
func TestSites(t *testing.T) {
	t.Parallel()
	w := start(t)
	defaultSite := `<site id="#SITE" name="Default" contentUrl="" adminMode="ContentAndUsers" state="Active" disableSubscriptions="false" revisionHistoryEnabled="true" revisionLimit="25" ` + siteSwitches + `/>`
	finance := `<site id="#FINANCE" name="Finance" contentUrl="finance" adminMode="ContentAndUsers" state="Active" disableSubscriptions="false" revisionHistoryEnabled="true" revisionLimit="25" ` + siteSwitches + `/>`
	get := func(path string) *answer {
		return w.send("GET /api/3.29/" + path + " HTTP/1.1\nX-Tableau-Auth: TOKEN\n\n")
	}
	get("sites?pageNumber=1&pageSize=100").want(200, `<pagination pageNumber="1" pageSize="100" totalAvailable="2"/><sites>`+defaultSite+finance+`</sites>`)
	get("sites/SITE").want(200, defaultSite)
	get("sites/finance?key=contentUrl").want(200, finance)
	get("sites/Finance?key=name").want(200, finance)
	get("sites/finance?key=name").wantError(404000, "finance")

	w.signIn(`name="ana" password="secret"`, "")
	get("sites").wantError(403069, "administrator")
	get("sites/SITE").want(200, defaultSite)
	get("sites/FINANCE").wantError(403004, "")
}

func TestNewRefusesMisuse(t *testing.T) {
	t.Parallel()
	server, err := New(WithVersion("1.9"), WithVersion("3"), WithClock(nil), WithIDs(nil), WithSite("", ""), WithSite("a b", ""),
		WithSite("x", ""), WithSite("X", ""), WithUser("", "p", "Viewer"), WithUser("u", "p", "Boss"), WithUser("v", "p", "Viewer"),
		WithUser("V", "p", "Viewer"), WithToken("", "", "v"), WithRequestLimit(0), WithUploadLimit(-1),
		WithIdleLimit(0), WithJobTime(-1), WithFault(Fault{Path: "["}), WithFault(Fault{Call: -1}),
		WithFault(Fault{Path: "/api/*/serverinfo"}))
	if err == nil || server != nil {
		t.Fatal("no error")
	}
	for _, want := range []string{
		`version "1.9"`, `version "3"`, "clock", "source of ids", "Default site", `site "a b"`, `site "X"`, `user "": `, `"Boss"`,
		`user "V"`, `token "": `, "request limit", "upload limit", "idle limit", "job time", "syntax error", "call -1", "what follows the version",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("error has no %q:\n%v", want, err)
		}
	}
	_, err = New(WithUser("v", "p", "Viewer", "y"), WithToken("t", "s", "nobody"))
	for _, want := range []string{`user "v": there is no site "y"`, `token "t": there is no user "nobody"`} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error has no %q: %v", want, err)
		}
	}
	if _, err := New(); err == nil || !strings.Contains(err.Error(), "nobody can sign in") {
		t.Errorf("New() = %v", err)
	}
}
