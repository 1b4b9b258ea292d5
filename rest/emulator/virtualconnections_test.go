package emulator

import (
	"strings"
	"testing"
)

// vcJSON is the definition of a virtual connection to one database.
const vcJSON = `{"policyCollection":{"luid":"p1","policies":[]},"revision":{"luid":"r1","revisableProperties":` +
	`{"connections":[{"dbClass":"postgres","server":"db.example.com","port":5432,"username":"pgadmin"}],"tables":[]}}}`

const shownVC = `{&#34;policyCollection&#34;:{&#34;luid&#34;:&#34;p1&#34;`

// publishVC publishes a virtual connection as TSC does.
func (w *world) publishVC(name, query, content string) *answer {
	w.t.Helper()
	return w.tscSends("POST", "virtualConnections?"+query, `<tsRequest><virtualConnection name="`+name+`"><project id="TEAM" />`+
		`<owner id="ADMIN" /><content>`+content+`</content></virtualConnection></tsRequest>`)
}

const newVC = "overwrite=false&publishAsDraft=false"

// withVC returns a world in which admin has published the virtual connection VC in the project TEAM, where eve and max are
// creators.
func withVC(t *testing.T, opts ...Option) *world {
	t.Helper()
	w := startAccess(t, "Creator", opts...)
	w.remember("VC", w.publishVC("vconn", newVC, vcJSON).wantStatus(201))
	w.names["DB"] = w.of("").virtualConnections.Get(w.names["VC"]).Connections[0].LUID
	return w
}

// The operations 229 to 236 as TSC sends them and reads their answers.
func TestInteropTSCVirtualConnections(t *testing.T) {
	t.Parallel()
	w := withVC(t)
	attributes := `id="#VC" name="vconn" webpageUrl="http://tableau.localhost/#/virtualconnections/1" createdAt="2026-03-02T10:00:00Z"` +
		` updatedAt="2026-03-02T10:00:00Z" hasExtracts="false" isCertified="false"`
	whole := `<virtualConnection ` + attributes + `><project id="#TEAM"/><owner id="#ADMIN"/><tags/><content>` +
		strings.ReplaceAll(vcJSON, `"`, "&#34;") + `</content></virtualConnection>`
	w.tscSends("GET", "virtualConnections?pageNumber=1&pageSize=100", "").
		want(200, `<pagination pageNumber="1" pageSize="100" totalAvailable="1"/><virtualConnections><virtualConnection `+attributes+`/></virtualConnections>`)
	w.tscSends("GET", "virtualConnections/VC", "").want(200, whole)
	w.tscSends("GET", "virtualConnections/VC/connections?pageNumber=1&pageSize=100", "").
		want(200, `<pagination pageNumber="1" pageSize="100" totalAvailable="1"/><virtualConnectionConnections>`+
			`<connection connectionId="#DB" dbClass="postgres" server="db.example.com" port="5432" username="pgadmin"/></virtualConnectionConnections>`)
	w.tscSends("PUT", "virtualConnections/VC/connections/DB/modify",
		`<tsRequest><connection serverAddress="localhost" serverPort="5433" userName="ops" password="password" /></tsRequest>`).
		want(200, `<connection id="#DB" serverAddress="localhost" serverPort="5433" userName="ops"/>`)
	w.get("virtualconnections/VC/connections").wantIn(`server="localhost" port="5433" username="ops"`)

	t.Run("update", func(t *testing.T) {
		w.clock.advance(60e9)
		w.tscSends("PUT", "virtualConnections/VC", `<tsRequest><virtualConnection name="testv1" isCertified="true" certificationNote="demo">`+
			`<project id="PROJECT" /><owner id="EVE" /></virtualConnection></tsRequest>`).
			want(200, `<virtualConnection id="#VC" name="testv1" webpageUrl="http://tableau.localhost/#/virtualconnections/1" createdAt="2026-03-02T10:00:00Z"`+
				` updatedAt="2026-03-02T10:01:00Z" hasExtracts="false" isCertified="true" certificationNote="demo"><project id="#PROJECT"/><owner id="#EVE"/><tags/></virtualConnection>`)
		w.tscSends("PUT", "virtualConnections/VC", `<tsRequest><virtualConnection name="vconn"><project id="TEAM" /><owner id="ADMIN" /></virtualConnection></tsRequest>`).
			wantIn(`name="vconn"`, `isCertified="true"`, `<owner id="#ADMIN"/>`)
	})
	t.Run("tags", func(t *testing.T) {
		w.tscSends("PUT", "virtualConnections/VC/tags", `<tsRequest><tags><tag label="a/b" /></tags></tsRequest>`).want(200, `<tags><tag label="a/b"/></tags>`)
		w.get("virtualConnections/VC").wantIn(`<tags><tag label="a/b"/></tags>`)
		w.get("virtualConnections?filter=tags:eq:a/b,isCertified:eq:true").wantIn(`totalAvailable="1"`)
		w.tscSends("DELETE", "virtualConnections/VC/tags/a/b", "").wantStatus(204)
		w.edit("tags:batchCreate", `<tagBatch><tags><tag label="x" /></tags><contents><content contentType="virtualConnection" id="VC" /></contents></tagBatch>`).wantStatus(200)
		w.tscSends("DELETE", "virtualConnections/VC/tags/x", "").wantStatus(204)
		w.tscSends("DELETE", "virtualConnections/VC/tags/x", "").wantError(404007, "x")
	})
	t.Run("permissions", func(t *testing.T) {
		w.tscSends("PUT", "virtualConnections/VC/permissions", `<tsRequest><permissions>`+grantees("user", "EVE", "Write Allow")+`</permissions></tsRequest>`).
			want(200, `<permissions><virtualConnection id="#VC" name="vconn"><owner id="#ADMIN"/></virtualConnection>`+
				grantees("group", "#ALLUSERS", "Read Allow", "Connect Allow")+grantees("user", "#EVE", "Write Allow")+`</permissions>`)
		w.tscSends("DELETE", "virtualConnections/VC/permissions/users/EVE/Write/Allow", "").wantStatus(204)
		w.tscSends("GET", "virtualConnections/VC/permissions", "").wantStatus(200)
	})
	t.Run("JSON", func(t *testing.T) {
		a := w.send("GET S/virtualconnections/VC/connections HTTP/1.1\nX-Tableau-Auth: TOKEN\nAccept: application/json\n\n").wantStatus(200)
		a.wantIn(`"virtualConnectionConnections":{"connection":[{"connectionId":"#DB","dbClass":"postgres"`)
	})
	w.tscSends("DELETE", "virtualConnections/VC", "").wantStatus(204)
	w.tscSends("GET", "virtualConnections/VC", "").wantError(404029, "#VC")
	where := w.of("")
	if where.virtualRevisions.Len() > 0 || where.permissions.Get(w.names["VC"]) != nil {
		t.Error("something of the virtual connection is left")
	}
}

func TestVirtualConnectionRevisions(t *testing.T) {
	t.Parallel()
	w := withVC(t)
	w.publishVC("vconn", newVC, vcJSON).wantError(409003, "#VC")
	w.clock.advance(60e9)
	w.publishVC("vconn", "overwrite=true&publishAsDraft=false", `{"test": 0}`).wantStatus(201).wantIn(`id="#VC"`, `<content>{&#34;test&#34;: 0}</content>`)
	w.get("virtualconnections/VC/connections").wantIn(`totalAvailable="0"`)
	w.tscSends("GET", "virtualConnections/VC/revisions?pageNumber=1&pageSize=100", "").
		want(200, `<pagination pageNumber="1" pageSize="100" totalAvailable="2"/><revisions>`+
			`<revision publishedAt="2026-03-02T10:00:00Z" revisionNumber="1" deleted="false" current="false" sizeInBytes="207"><publisher id="#ADMIN" name="admin"/></revision>`+
			`<revision publishedAt="2026-03-02T10:01:00Z" revisionNumber="2" deleted="false" current="true" sizeInBytes="11"><publisher id="#ADMIN" name="admin"/></revision></revisions>`)
	w.tscSends("GET", "virtualConnections/VC/revisions/1", "").wantStatus(200).wantIn(`<virtualConnection id="#VC" name="vconn"`, shownVC)
	w.get("virtualConnections/VC/revisions/2").wantError(404024, "'2'")
	w.setSite(`revisionLimit="2"`)
	w.publishVC("vconn", "overwrite=true&publishAsDraft=false", `{"test": 1}`).wantStatus(201)
	w.get("virtualConnections/VC/revisions").wantIn(`revisionNumber="1" deleted="true"`, `revisionNumber="2" deleted="false"`)
	w.get("virtualConnections/VC/revisions/1").wantError(404024, "'1'")
	w.setSite(`revisionHistoryEnabled="false"`)
	w.get("virtualConnections/VC/revisions").wantError(403053, "#VC")
}

func TestVirtualConnectionDrafts(t *testing.T) {
	t.Parallel()
	w := withVC(t)
	draft := "overwrite=true&publishAsDraft=true"
	w.remember("DRAFT", w.publishVC("vconn", draft, `{"a":1}`).wantStatus(201))
	w.publishVC("vconn", draft, `{"a":2}`).wantStatus(201).wantIn(`id="#DRAFT"`)
	w.get("virtualConnections").wantIn(`totalAvailable="1"`, `id="#VC"`)
	w.get("virtualConnections/VC").wantIn(shownVC)
	w.get("virtualConnections/DRAFT").wantIn(`{&#34;a&#34;:2}`)
	w.as("eve").get("virtualConnections/VC").wantStatus(200)
	w.get("virtualConnections/DRAFT").wantError(404029, "#DRAFT")
}

// Of a definition no password is told, nor logged.
func TestVirtualConnectionSecrets(t *testing.T) {
	t.Parallel()
	w := withVC(t, WithRequestLog(9))
	secret := `{"c":[{"dbClass":"mysql","Password":"hunter2","more":{"clientSecret":"xyz","n":1.50}}]}`
	w.remember("OTHER", w.publishVC("other", newVC, secret).wantStatus(201).
		wantIn(`<content>{&#34;c&#34;:[{&#34;dbClass&#34;:&#34;mysql&#34;,&#34;more&#34;:{&#34;n&#34;:1.50}}]}</content>`))
	w.get("virtualConnections/OTHER/connections").wantIn(`dbClass="mysql"/>`)
	for _, r := range w.server.Requests() {
		if strings.Contains(r.Body, "hunter2") || strings.Contains(r.Body, "xyz") {
			t.Errorf("logged: %s", r.Body)
		}
	}
}

func TestVirtualConnectionRefusals(t *testing.T) {
	t.Parallel()
	w := withVC(t)
	for _, test := range []struct {
		method, path, body string
		code               int
		detail             string
	}{
		{"POST", "virtualConnections", ``, 400000, "name"},
		{"POST", "virtualConnections", `<virtualConnection name="x"/>`, 400000, "'x'"},
		{"POST", "virtualConnections", `<virtualConnection name="x"><content>[]</content></virtualConnection>`, 400000, "JSON"},
		{"POST", "virtualConnections", `<virtualConnection name="x"><content>{} {}</content></virtualConnection>`, 400000, "JSON"},
		{"POST", "virtualConnections?overwrite=x", `<virtualConnection name="x"><content>{}</content></virtualConnection>`, 400008, "overwrite"},
		{"POST", "virtualConnections?publishAsDraft=x", `<virtualConnection name="x"><content>{}</content></virtualConnection>`, 400008, "publishAsDraft"},
		{"POST", "virtualConnections", `<virtualConnection name="x"><project id="none"/><content>{}</content></virtualConnection>`, 404005, "none"},
		{"POST", "virtualConnections", `<virtualConnection name="x"><owner id="none"/><content>{}</content></virtualConnection>`, 404002, "none"},
		{"PUT", "virtualConnections/VC", ``, 400000, "virtualConnection"},
		{"PUT", "virtualConnections/VC", `<virtualConnection><project id="none"/></virtualConnection>`, 404005, "none"},
		{"PUT", "virtualConnections/VC", `<virtualConnection isCertified="x"/>`, 400008, "isCertified"},
		{"PUT", "virtualConnections/VC/connections/none/modify", `<connection/>`, 404020, "none"},
		{"PUT", "virtualConnections/VC/connections/DB/modify", ``, 400000, "connection"},
		{"PUT", "virtualConnections/VC/connections/DB/modify", `<connection serverPort="x"/>`, 400000, "#DB"},
	} {
		w.call(test.method, test.path, test.body).wantError(test.code, test.detail)
	}
	for _, path := range []string{"", "/connections", "/revisions", "/revisions/1", "/permissions"} {
		w.get("virtualConnections/none"+path).wantError(404029, "none")
	}
	w.publishVC("second", newVC, `{}`).wantStatus(201)
	w.call("PUT", "virtualConnections/VC", `<virtualConnection name="second"/>`).wantError(409003, "second")

	w.as("eve") // sees it, and may not change it
	w.get("virtualConnections/VC").wantStatus(200)
	w.call("PUT", "virtualConnections/VC", `<virtualConnection name="x"/>`).wantError(403027, "#VC")
	w.call("DELETE", "virtualConnections/VC", "").wantError(403004, "#VC")
	w.call("PUT", "virtualConnections/VC/connections/DB/modify", `<connection serverPort="1"/>`).wantError(403029, "#VC")
	w.get("virtualConnections/VC/revisions").wantError(403056, "#VC")
	w.publishVC("mine", newVC, `{}`).wantError(403007, "#ADMIN")
	w.publishVC("vconn", "overwrite=true", `{}`).wantError(403007, "#VC")

	w.asAdmin().call("DELETE", "virtualConnections/VC/permissions/groups/ALLUSERS/Read/Allow", "").wantStatus(204)
	w.as("max").get("virtualConnections").wantIn(`totalAvailable="1"`, `name="second"`)
	w.get("virtualConnections/VC").wantError(403004, "#VC")
	w.get("virtualConnections/VC/connections").wantError(403021, "#VC")
}

// A virtual connection goes with its project, changes hands with its owner, and keeps its rules when it leaves a locked
// project.
func TestVirtualConnectionLife(t *testing.T) {
	t.Parallel()
	w := withVC(t)
	w.call("PUT", "projects/TEAM", `<project contentPermissions="LockedToProject"/>`).wantStatus(200)
	w.grant("projects/TEAM/default-permissions/virtualconnections", "user", "EVE", "Write Allow").wantStatus(200)
	w.grant("virtualConnections/VC/permissions", "user", "MAX", "Write Allow").wantError(403004, "#TEAM")
	w.call("PUT", "virtualConnections/VC", `<virtualConnection><project id="PROJECT"/></virtualConnection>`).wantStatus(200)
	w.get("virtualConnections/VC/permissions").wantIn(grantees("user", "#EVE", "Write Allow"))
	w.call("PUT", "virtualConnections/VC", `<virtualConnection><project id="TEAM"/><owner id="MAX"/></virtualConnection>`).wantStatus(200)
	w.call("DELETE", "virtualConnections/VC/permissions/users/EVE/Write/Allow", "").wantError(403004, "#TEAM")
	w.grant("projects/TEAM/default-permissions/virtualconnections", "user", "ANA", "Delete Deny").wantStatus(200)
	w.call("PUT", "projects/TEAM", `<project contentPermissions="ManagedByOwner"/>`).wantStatus(200)
	w.get("virtualConnections/VC/permissions").wantIn(grantees("user", "#EVE", "Write Allow") + grantees("user", "#ANA", "Delete Deny"))

	w.call("DELETE", "users/MAX", "").wantError(409003, "#VC")
	w.call("DELETE", "users/MAX?mapAssetsTo=EVE", "").wantStatus(204)
	w.get("virtualConnections/VC").wantIn(`<owner id="#EVE"/>`)
	w.call("DELETE", "projects/TEAM", "").wantStatus(204)
	w.get("virtualConnections/VC").wantError(404029, "#VC")
}
