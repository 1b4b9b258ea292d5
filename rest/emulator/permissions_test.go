package emulator

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// call sends a request without a body, or with the children of a tsRequest.
func (w *world) call(method, path, body string) *answer {
	w.t.Helper()
	if body != "" {
		body = "<tsRequest>" + body + "</tsRequest>"
	}
	return w.send(method + " S/" + path + " HTTP/1.1\nX-Tableau-Auth: TOKEN\n\n" + body)
}

// remember gives what an answer is about a name, as those that the server begins with have.
func (w *world) remember(name string, a *answer) *answer {
	w.t.Helper()
	luid := longLUID.FindString(string(a.raw))
	if luid == "" {
		w.t.Fatalf("answer %s is about nothing", a.body)
	}
	w.names[name] = luid
	return a
}

// startAccess returns a world with the users eve and max, who have the site role, and the project TEAM at the top. The
// administrator is signed in.
func startAccess(t *testing.T, role string) *world {
	t.Helper()
	w := start(t, WithUser("eve", "secret", role), WithUser("max", "secret", role))
	for _, name := range []string{"eve", "max"} {
		w.names[strings.ToUpper(name)] = w.of("").userOf(w.server.findAccount(name)).LUID
	}
	w.names["ALLUSERS"] = w.of("").groupsOf(w.names["EVE"])[0]
	w.remember("TEAM", w.call("POST", "projects", `<project name="Team"/>`).wantStatus(201))
	return w
}

// as signs somebody in whose password is secret.
func (w *world) as(name string) *world {
	w.t.Helper()
	w.signIn(`name="`+name+`" password="secret"`, "")
	return w
}

func (w *world) asAdmin() *world {
	w.t.Helper()
	w.signIn(`name="admin" password="p@ss&amp;&lt;w&gt;"`, "")
	return w
}

// grantees writes rules of one grantee: a name, such as user EVE, and capabilities with their modes.
func grantees(kind, id string, capabilities ...string) string {
	var b strings.Builder
	for _, c := range capabilities {
		name, mode, _ := strings.Cut(c, " ")
		fmt.Fprintf(&b, `<capability name="%s" mode="%s"/>`, name, mode)
	}
	return `<granteeCapabilities><` + kind + ` id="` + id + `"/><capabilities>` + b.String() + `</capabilities></granteeCapabilities>`
}

func (w *world) grant(path, kind, id string, capabilities ...string) *answer {
	w.t.Helper()
	return w.call("PUT", path, `<permissions>`+grantees(kind, id, capabilities...)+`</permissions>`)
}

// A new project begins with what All Users are given in the Default project, and rules are added, told and deleted.
func TestPermissions(t *testing.T) {
	t.Parallel()
	w := startAccess(t, "Creator")
	team := `<project id="#TEAM" name="Team"><owner id="#ADMIN"/></project>`
	everyone := grantees("group", "#ALLUSERS", "Read Allow", "Write Allow")
	w.get("projects/TEAM/permissions").want(200, `<permissions>`+team+everyone+`</permissions>`)

	w.grant("projects/TEAM/permissions", "user", "EVE", "Read Deny", "ProjectLeader Allow").
		want(200, `<permissions>`+team+everyone+grantees("user", "#EVE", "Read Deny", "ProjectLeader Allow")+`</permissions>`)
	// What is denied already stays so, and a grantee keeps what the request does not mention.
	w.call("PUT", "projects/TEAM/permissions", `<permissions><project id="TEAM"/>`+
		grantees("user", "EVE", "Read Allow", "Write Allow")+grantees("user", "MAX")+`</permissions>`).
		want(200, `<permissions>`+team+everyone+grantees("user", "#EVE", "Read Deny", "ProjectLeader Allow", "Write Allow")+`</permissions>`)

	for _, test := range []struct {
		method, path, body string
		code               int
		detail             string
	}{
		{"PUT", "projects/TEAM/permissions", ``, 400000, "permissions"},
		{"PUT", "projects/TEAM/permissions", `<permissions><granteeCapabilities/></permissions>`, 400000, "user"},
		{"PUT", "projects/TEAM/permissions", `<permissions><project id="PROJECT"/></permissions>`, 404009, "#PROJECT"},
		{"PUT", "projects/TEAM/permissions", `<permissions>` + grantees("user", "MAX", "Read Allow", "Filter Allow") + `</permissions>`, 400009, "Filter"},
		{"PUT", "projects/TEAM/permissions", `<permissions>` + grantees("user", "MAX", "InheritedProjectLeader Allow") + `</permissions>`, 400009, "Inherited"},
		{"PUT", "projects/TEAM/permissions", `<permissions>` + grantees("user", "MAX", "Read Perhaps") + `</permissions>`, 400000, "Perhaps"},
		{"PUT", "projects/TEAM/permissions", `<permissions>` + grantees("user", "none", "Read Allow") + `</permissions>`, 404002, "none"},
		{"PUT", "projects/TEAM/permissions", `<permissions>` + grantees("group", "none", "Read Allow") + `</permissions>`, 404012, "none"},
		{"PUT", "projects/TEAM/permissions", `<permissions>` + grantees("groupSet", "none", "Read Allow") + `</permissions>`, 404012, "none"},
		{"GET", "projects/none/permissions", ``, 404005, "none"},
		{"GET", "workbooks/none/permissions", ``, 404006, "none"},
		{"GET", "datasources/none/permissions", ``, 404004, "none"},
		{"GET", "views/none/permissions", ``, 404011, "none"},
		{"GET", "projects/TEAM/default-permissions/workbook", ``, 404003, "default-permissions/workbook"},
		{"DELETE", "projects/TEAM/permissions/users/EVE/Read/Allow", ``, 404003, "Read"},
		{"DELETE", "projects/TEAM/permissions/users/MAX/Read/Deny", ``, 404003, "#MAX"},
		{"DELETE", "projects/TEAM/permissions/users/none/Read/Deny", ``, 404002, "none"},
		{"DELETE", "projects/TEAM/permissions/groups/none/Read/Deny", ``, 404012, "none"},
		{"DELETE", "projects/TEAM/permissions/users/EVE/Filter/Deny", ``, 400009, "Filter"},
		{"DELETE", "projects/TEAM/permissions/people/EVE/Read/Deny", ``, 404003, "people"},
	} {
		w.call(test.method, test.path, test.body).wantError(test.code, test.detail)
	}

	w.call("DELETE", "projects/TEAM/permissions/users/EVE/Read/Deny", "").wantStatus(204)
	w.grant("projects/TEAM/permissions", "user", "EVE", "Read Allow").
		want(200, `<permissions>`+team+everyone+grantees("user", "#EVE", "ProjectLeader Allow", "Write Allow", "Read Allow")+`</permissions>`)
}

// Content begins with the default permissions of its project, and goes its own way from there.
func TestDefaultPermissions(t *testing.T) {
	t.Parallel()
	w := startAccess(t, "Creator")
	for _, collection := range []string{
		"workbooks", "datasources", "flows", "metrics", "lenses", "dataroles", "databases", "tables", "virtualconnections", "virtualConnections",
	} {
		w.get("projects/TEAM/default-permissions/" + collection).wantStatus(200).
			wantIn(`<permissions><project id="#TEAM" name="Team"><owner id="#ADMIN"/></project><granteeCapabilities><group id="#ALLUSERS"/>`)
	}
	explore := []string{
		"Read Allow", "Filter Allow", "ViewComments Allow", "AddComment Allow", "ExportImage Allow", "ExportData Allow",
		"ShareView Allow", "ViewUnderlyingData Allow", "WebAuthoring Allow", "RunExplainData Allow",
	}
	w.grant("projects/TEAM/default-permissions/workbooks", "user", "EVE", "Write Allow", "ChangeHierarchy Deny").wantStatus(200)
	w.grant("projects/TEAM/default-permissions/workbooks", "user", "EVE", "Connect Allow").wantError(400009, "Connect")
	w.grant("projects/TEAM/default-permissions/datasources", "user", "EVE", "Filter Allow").wantError(400009, "Filter")
	w.grant("projects/TEAM/default-permissions/datasources", "user", "EVE", "Connect Deny").wantStatus(200)
	w.remember("BOOK", w.publish("workbook", "", `name="Sales"`, `<project id="TEAM"/>`, "a.twb", salesTWB).wantStatus(201))
	w.remember("SOURCE", w.publish("datasource", "", `name="Orders"`, `<project id="TEAM"/>`, "a.tds", ordersTDS).wantStatus(201))
	everyone := grantees("group", "#ALLUSERS", explore...)
	w.get("workbooks/BOOK/permissions").want(200, `<permissions><workbook id="#BOOK" name="Sales"><owner id="#ADMIN"/></workbook>`+
		everyone+grantees("user", "#EVE", "Write Allow", "ChangeHierarchy Deny")+`</permissions>`)
	w.get("datasources/SOURCE/permissions").want(200, `<permissions><datasource id="#SOURCE" name="Orders"><owner id="#ADMIN"/></datasource>`+
		grantees("group", "#ALLUSERS", "Read Allow", "Connect Allow")+grantees("user", "#EVE", "Connect Deny")+`</permissions>`)

	w.grant("projects/TEAM/default-permissions/flows", "user", "EVE", "Execute Allow").wantStatus(200)
	w.remember("FLOW", w.publish("flow", "flowType=tfl", `name="Prep"`, `<project id="TEAM"/>`, "a.tfl", "PK").wantStatus(201))
	w.get("flows/FLOW/permissions").want(200, `<permissions><flow id="#FLOW" name="Prep"><owner id="#ADMIN"/></flow>`+
		grantees("group", "#ALLUSERS", "Read Allow")+grantees("user", "#EVE", "Execute Allow")+`</permissions>`)
	w.grant("flows/FLOW/permissions", "user", "EVE", "Filter Allow").wantError(400009, "Filter")
	w.call("DELETE", "flows/FLOW/permissions/users/EVE/Execute/Allow", "").wantStatus(204)

	// A project within another begins with what that has, one at the top with what the Default project has.
	w.remember("NESTED", w.call("POST", "projects", `<project name="Nested" parentProjectId="TEAM"/>`).wantStatus(201))
	w.get("projects/NESTED/default-permissions/workbooks").wantIn(`<user id="#EVE"/>`)
	w.remember("OTHER", w.call("POST", "projects", `<project name="Other"/>`).wantStatus(201))
	if body := w.get("projects/OTHER/default-permissions/workbooks").body; strings.Contains(body, "#EVE") {
		t.Errorf("a project at the top has the rules of another one: %s", body)
	}
	w.call("DELETE", "projects/TEAM/default-permissions/workbooks/users/EVE/Write/Allow", "").wantStatus(204)
	w.get("workbooks/BOOK/permissions").wantIn(`<capability name="Write" mode="Allow"/>`)
	w.get("projects/NESTED/default-permissions/workbooks").wantIn(`<capability name="Write" mode="Allow"/>`)

	// Nothing is left of what is gone.
	w.call("DELETE", "projects/TEAM", "").wantStatus(204)
	for _, set := range w.of("").permissions.All() {
		for _, name := range []string{"TEAM", "NESTED", "BOOK", "SOURCE", "FLOW"} {
			if strings.HasPrefix(set.On, w.names[name]) {
				t.Errorf("the rules on %s are still there", name)
			}
		}
	}
	if n := w.of("").views.Len(); n != 0 {
		t.Errorf("%d views are left", n)
	}
}

// A project that is locked sets the permissions for all that is in it; those of content are told and not to be changed.
func TestLockedProject(t *testing.T) {
	t.Parallel()
	w := startAccess(t, "Creator")
	w.remember("NESTED", w.call("POST", "projects", `<project name="Nested" parentProjectId="TEAM"/>`))
	w.remember("BOOK", w.publish("workbook", "", `name="Sales"`, `<project id="TEAM"/>`, "a.twb", salesTWB))
	w.remember("DEEP", w.publish("workbook", "", `name="Deep"`, `<project id="NESTED"/>`, "a.twb", salesTWB))
	w.names["VIEW"] = w.of("").workbooks.Get(w.names["DEEP"]).Views[0]
	w.grant("workbooks/BOOK/permissions", "user", "EVE", "Delete Allow")
	w.grant("workbooks/DEEP/permissions", "user", "EVE", "Delete Allow")

	w.call("PUT", "projects/TEAM", `<project contentPermissions="LockedToProjectWithoutNested"/>`).
		wantIn(`contentPermissions="LockedToProjectWithoutNested"`)
	w.grant("projects/TEAM/default-permissions/workbooks", "user", "MAX", "Write Allow").wantStatus(200)
	parent := `<permissions><parent id="#TEAM" type="Project"/>`
	w.get("workbooks/BOOK/permissions").wantIn(parent+`<workbook id="#BOOK"`, `<user id="#MAX"/>`)
	w.get("workbooks/DEEP/permissions").wantIn(`<permissions><workbook`, `<user id="#EVE"/>`)
	w.grant("workbooks/BOOK/permissions", "user", "EVE", "Read Allow").wantError(403004, "#TEAM")
	w.call("DELETE", "workbooks/BOOK/permissions/users/MAX/Write/Allow", "").wantError(403004, "#TEAM")
	w.get("projects?filter=name:eq:Nested").wantIn(`contentPermissions="ManagedByOwner"><owner`)

	w.call("PUT", "projects/TEAM", `<project contentPermissions="LockedToProject"/>`).wantIn(`contentPermissions="LockedToProject"`)
	w.get("projects?filter=name:eq:Nested").wantIn(`contentPermissions="LockedToProject" controllingPermissionsProjectId="#TEAM"`)
	for _, path := range []string{"workbooks/DEEP/permissions", "views/VIEW/permissions", "projects/NESTED/permissions", "projects/NESTED/default-permissions/workbooks"} {
		w.get(path).wantIn(parent)
		w.grant(path, "user", "EVE", "Read Allow").wantError(403004, "#TEAM")
	}
	w.get("views/VIEW/permissions").wantIn(`<user id="#MAX"/>`)
	w.call("PUT", "projects/NESTED", `<project contentPermissions="ManagedByOwner"/>`).wantError(403004, "#TEAM")
	w.call("PUT", "projects/NESTED", `<project name="Within" contentPermissions="LockedToProject"/>`).wantIn(`name="Within"`)
	w.call("POST", "projects", `<project name="New" parentProjectId="TEAM" contentPermissions="ManagedByOwner"/>`).wantError(403004, "#TEAM")

	// Owners and leaders do not set permissions either.
	w.grant("projects/TEAM/permissions", "user", "EVE", "ProjectLeader Allow").wantStatus(200)
	w.as("max").remember("MINE", w.publish("workbook", "", `name="Mine"`, `<project id="NESTED"/>`, "a.twb", salesTWB).wantStatus(201))
	w.grant("workbooks/MINE/permissions", "user", "MAX", "Read Allow").wantError(403004, "ChangePermissions")
	w.call("DELETE", "workbooks/MINE", "").wantStatus(204)
	w.as("eve").grant("workbooks/BOOK/permissions", "user", "MAX", "Read Allow").wantError(403004, "#TEAM")
	w.grant("projects/TEAM/default-permissions/workbooks", "user", "MAX", "Delete Allow").wantStatus(200)

	// What was locked keeps what it had when the lock is opened, and can be changed again.
	w.call("PUT", "projects/TEAM", `<project contentPermissions="ManagedByOwner"/>`).wantStatus(200)
	w.get("workbooks/DEEP/permissions").wantIn(`<permissions><workbook`, grantees("user", "#MAX", "Write Allow", "Delete Allow"))
	w.get("projects/NESTED/default-permissions/workbooks").wantIn(`<permissions><project id="#NESTED"`, `<user id="#MAX"/>`)
	w.grant("workbooks/DEEP/permissions", "user", "MAX", "Read Deny").wantIn(`mode="Deny"`)
	w.get("projects/NESTED/permissions").wantIn(`<permissions><project id="#NESTED"`, grantees("user", "#EVE", "ProjectLeader Allow"))
}

// Those who lead a project lead what is nested in it, which permissions tell and no request can set.
func TestInheritedProjectLeader(t *testing.T) {
	t.Parallel()
	w := startAccess(t, "ExplorerCanPublish")
	w.remember("NESTED", w.call("POST", "projects", `<project name="Nested" parentProjectId="TEAM"/>`))
	w.remember("INNER", w.call("POST", "projects", `<project name="Inner" parentProjectId="NESTED"/>`))
	w.remember("BOOK", w.publish("workbook", "", `name="Sales"`, `<project id="INNER"/>`, "a.twb", salesTWB))
	w.as("eve").call("DELETE", "projects/INNER", "").wantError(403004, "ProjectLeader")
	w.asAdmin().grant("projects/TEAM/permissions", "user", "EVE", "ProjectLeader Allow")
	w.grant("projects/NESTED/permissions", "user", "EVE", "Read Deny")
	w.get("projects/INNER/permissions").wantIn(grantees("user", "#EVE", "InheritedProjectLeader Allow"))
	w.get("projects/NESTED/permissions").wantIn(grantees("user", "#EVE", "Read Deny", "InheritedProjectLeader Allow"))
	w.get("projects/TEAM/permissions").wantIn(grantees("user", "#EVE", "ProjectLeader Allow"))

	w.as("eve").get("projects?filter=name:eq:Nested").wantIn(`totalAvailable="1"`) // denied, and led
	w.grant("workbooks/BOOK/permissions", "user", "MAX", "Write Allow").wantStatus(200)
	w.call("POST", "projects", `<project name="Another" parentProjectId="INNER"/>`).wantStatus(201)
	w.call("POST", "projects", `<project name="Another"/>`).wantError(403045, "administrator")
	w.call("PUT", "projects/INNER", `<project><owner id="EVE"/></project>`).wantError(403004, "owner")
	w.call("PUT", "projects/INNER", `<project parentProjectId="TEAM"/>`).wantStatus(200)
	w.call("PUT", "projects/INNER", `<project parentProjectId=""/>`).wantError(403004, "administrator")
	w.call("PUT", "projects/INNER", `<project parentProjectId="PROJECT"/>`).wantError(403004, "#PROJECT")
	w.call("DELETE", "projects/INNER", "").wantStatus(204)
}

// The views of a workbook with tabs have its rules. When the tabs go, they begin with those and go their own way.
func TestViewPermissions(t *testing.T) {
	t.Parallel()
	w := startAccess(t, "Viewer")
	publish := func(tabs string) {
		w.remember("BOOK", w.publish("workbook", "overwrite=true", `name="Sales" showTabs="`+tabs+`"`, `<project id="TEAM"/>`, "a.twb", salesTWB).wantStatus(201))
		w.names["VIEW"] = w.of("").workbooks.Get(w.names["BOOK"]).Views[0]
		w.names["HIDDEN"] = w.of("").workbooks.Get(w.names["BOOK"]).Views[2]
	}
	publish("true")
	w.grant("workbooks/BOOK/permissions", "user", "EVE", "Read Deny", "ExtractRefresh Allow", "ExportXml Allow")
	w.get("views/VIEW/permissions").wantIn(`<permissions><view id="#VIEW" name="Tale of 100 Start-ups"><owner id="#ADMIN"/></view>`,
		grantees("user", "#EVE", "Read Deny", "ExportXml Allow"))
	w.grant("views/VIEW/permissions", "user", "EVE", "Filter Deny").wantError(403004, "#BOOK")
	w.get("views/HIDDEN/permissions").wantError(404011, "#HIDDEN")

	publish("false")
	w.grant("workbooks/BOOK/permissions", "user", "MAX", "Read Deny")
	w.get("views/VIEW/permissions").wantIn(grantees("user", "#EVE", "Read Deny", "ExportXml Allow") + `</permissions>`)
	w.grant("views/VIEW/permissions", "user", "MAX", "Filter Deny").wantIn(grantees("user", "#MAX", "Filter Deny"))
	w.grant("views/VIEW/permissions", "user", "MAX", "ExtractRefresh Deny").wantError(400009, "ExtractRefresh")
	w.call("DELETE", "views/VIEW/permissions/users/EVE/Read/Deny", "").wantStatus(204)
	w.as("eve").get("views/VIEW/permissions").wantStatus(200)
	w.get("workbooks/BOOK/permissions").wantError(403004, "Read")

	w.asAdmin()
	publish("true") // and back: what was set on views is gone
	w.get("views/VIEW/permissions").wantIn(grantees("user", "#MAX", "Read Deny"), "Read")
	w.as("eve").get("views/VIEW/permissions").wantError(403004, "Read")
}

// What people may do by their site role, with the rules that every project begins with and with everything allowed, and
// as leader and owner: the code of the refusal, 0 where there is none.
func TestRoles(t *testing.T) {
	t.Parallel()
	personas := []struct{ name, role, rules string }{
		{"Unlicensed", "Unlicensed", "all"},
		{"Guest", "Guest", "all"},
		{"Viewer", "Viewer", "all"},
		{"Explorer", "Explorer", "all"},
		{"ExplorerCanPublish", "ExplorerCanPublish", "all"},
		{"by template", "Creator", "template"},
		{"denied", "Creator", "denied"},
		{"leader", "Creator", "leader"},
		{"leader who views", "Viewer", "leader"},
		{"owner", "ExplorerCanPublish", "owner"},
		{"SiteAdministratorExplorer", "SiteAdministratorExplorer", "denied"},
		{"ServerAdministrator", serverAdministrator, "denied"},
	}
	operations := []struct {
		method, path, body string
		want               [12]int // of the personas
	}{
		{"PUT", "projects/TEAM", `<project/>`, [...]int{403004, 0, 0, 0, 0, 0, 403004, 0, 0, 0, 0, 0}},
		{"GET", "projects/TEAM/permissions", ``, [...]int{403004, 0, 0, 0, 0, 0, 403004, 0, 0, 0, 0, 0}},
		{"GET", "projects/TEAM/default-permissions/workbooks", ``, [...]int{403004, 0, 0, 0, 0, 0, 403004, 0, 0, 0, 0, 0}},
		{"GET", "workbooks/BOOK/permissions", ``, [...]int{403004, 0, 0, 0, 0, 0, 403004, 0, 0, 0, 0, 0}},
		{"GET", "workbooks/BOOK", ``, [...]int{403018, 0, 0, 0, 0, 0, 403018, 0, 0, 0, 0, 0}},
		{"GET", "workbooks/BOOK/content", ``, [...]int{403019, 403019, 403019, 403019, 0, 403019, 403019, 0, 403019, 0, 0, 0}},
		{"GET", "workbooks/BOOK/revisions", ``, [...]int{403056, 403056, 403056, 403056, 0, 403056, 403056, 0, 403056, 0, 0, 0}},
		{"GET", "workbooks/BOOK/connections", ``, [...]int{403021, 0, 0, 0, 0, 0, 403021, 0, 0, 0, 0, 0}},
		{"PUT", "workbooks/BOOK/connections/CONN", `<connection userName="x"/>`, [...]int{403029, 403029, 403029, 403029, 0, 403029, 403029, 0, 403029, 0, 0, 0}},
		{"GET", "workbooks/BOOK/views", ``, [...]int{403004, 0, 0, 0, 0, 0, 403004, 0, 0, 0, 0, 0}},
		{"GET", "views/VIEW", ``, [...]int{403004, 0, 0, 0, 0, 0, 403004, 0, 0, 0, 0, 0}},
		{"GET", "views/VIEW/data", ``, [...]int{403032, 0, 0, 0, 0, 0, 403032, 0, 0, 0, 0, 0}},
		{"GET", "views/VIEW/crosstab/excel", ``, [...]int{403004, 0, 0, 0, 0, 0, 403004, 0, 0, 0, 0, 0}},
		{"GET", "workbooks/BOOK/pdf", ``, [...]int{403004, 0, 0, 0, 0, 0, 403004, 0, 0, 0, 0, 0}},
		{"POST", "workbooks/BOOK/refresh", ``, [...]int{403032, 403032, 403032, 403032, 409090, 403032, 403032, 409090, 403032, 409090, 409090, 409090}}, // who may finds no extract
		{"PUT", "workbooks/BOOK/tags", `<tags><tag label="a"/></tags>`, [...]int{403004, 0, 0, 0, 0, 0, 403004, 0, 0, 0, 0, 0}},
		{"DELETE", "workbooks/BOOK/tags/gold", ``, [...]int{403004, 403004, 403004, 403004, 403004, 403004, 403004, 0, 0, 0, 0, 0}},
		{"PUT", "workbooks/BOOK", `<workbook name="Book"/>`, [...]int{403027, 403027, 403027, 403027, 0, 403027, 403027, 0, 403027, 0, 0, 0}},
		{"PUT", "workbooks/BOOK", `<workbook><owner id="ANA"/></workbook>`, [...]int{403027, 403027, 403027, 403027, 403027, 403027, 403027, 403027, 403027, 403027, 0, 0}},
		{"GET", "datasources/SOURCE", ``, [...]int{403004, 0, 0, 0, 0, 0, 403004, 0, 0, 0, 0, 0}},
		{"GET", "datasources/SOURCE/content", ``, [...]int{403019, 403019, 403019, 403019, 0, 403019, 403019, 0, 403019, 403019, 0, 0}},
		{"DELETE", "datasources/SOURCE", ``, [...]int{403004, 403004, 403004, 403004, 0, 403004, 403004, 0, 403004, 403004, 0, 0}},
		{"POST", "workbooks", `name="New"`, [...]int{403007, 403007, 403007, 403007, 0, 0, 403007, 0, 403007, 0, 0, 0}},
		{"POST", "workbooks?overwrite=true", `name="Over"`, [...]int{403007, 403007, 403007, 403007, 0, 403007, 403007, 0, 403007, 0, 0, 0}},
		{"PUT", "workbooks/BOOK/permissions", `<permissions/>`, [...]int{403004, 403004, 403004, 403004, 0, 403004, 403004, 0, 403004, 0, 0, 0}},
		{"DELETE", "workbooks/BOOK/permissions/users/MAX/Filter/Allow", ``, [...]int{403004, 403004, 403004, 403004, 0, 403004, 403004, 0, 403004, 0, 0, 0}},
		{"DELETE", "workbooks/BOOK", ``, [...]int{403004, 403004, 403004, 403004, 0, 403004, 403004, 0, 403004, 0, 0, 0}},
		{"POST", "projects", `<project name="Top"/>`, [...]int{403045, 403045, 403045, 403045, 403045, 403045, 403045, 403045, 403045, 403045, 0, 0}},
		{"POST", "projects", `<project name="Within" parentProjectId="TEAM"/>`, [...]int{403045, 403045, 403045, 403045, 403045, 403045, 403045, 0, 403045, 403045, 0, 0}},
		{"PUT", "projects/TEAM", `<project description="d"/>`, [...]int{403004, 403004, 403004, 403004, 403004, 403004, 403004, 0, 403004, 403004, 0, 0}},
		{"PUT", "projects/TEAM", `<project><owner id="ANA"/></project>`, [...]int{403004, 403004, 403004, 403004, 403004, 403004, 403004, 403004, 403004, 403004, 0, 0}},
		{"PUT", "projects/TEAM/permissions", `<permissions/>`, [...]int{403004, 403004, 403004, 403004, 403004, 403004, 403004, 0, 403004, 403004, 0, 0}},
		{"PUT", "projects/TEAM/default-permissions/flows", `<permissions/>`, [...]int{403004, 403004, 403004, 403004, 403004, 403004, 403004, 0, 403004, 403004, 0, 0}},
		{"DELETE", "projects/TEAM", ``, [...]int{403004, 403004, 403004, 403004, 403004, 403004, 403004, 0, 403004, 403004, 0, 0}},
	}
	for i, persona := range personas {
		t.Run(persona.name, func(t *testing.T) {
			t.Parallel()
			w := startAccess(t, "Viewer")
			for _, name := range []string{"BOOK", "OVER"} {
				w.remember(name, w.publish("workbook", "", `name="`+name[:1]+strings.ToLower(name[1:])+`" showTabs="true"`, `<project id="TEAM"/>`, "a.twb", salesTWB))
			}
			w.remember("SOURCE", w.publish("datasource", "", `name="Orders"`, `<project id="TEAM"/>`, "a.tds", ordersTDS))
			book := w.of("").workbooks.Get(w.names["BOOK"])
			w.names["CONN"], w.names["VIEW"] = book.Connections[0].LUID, book.Views[0]
			w.call("PUT", "workbooks/BOOK/tags", `<tags><tag label="gold"/></tags>`).wantStatus(200)
			w.grant("workbooks/BOOK/permissions", "user", "MAX", "Filter Allow")
			w.prepare(persona.role, persona.rules)
			for _, o := range operations {
				var a *answer
				if path, query, _ := strings.Cut(o.path, "?"); path == "workbooks" {
					a = w.publish("workbook", query, o.body, `<project id="TEAM"/>`, "a.twb", salesTWB)
				} else {
					a = w.call(o.method, o.path, o.body)
				}
				if want := o.want[i]; want != 0 {
					a.wantError(want, "")
				} else if a.status > 299 {
					t.Errorf("%s %s %s: %s", o.method, o.path, o.body, a.body)
				}
			}
		})
	}
}

// prepare gives eve a role and rules, and signs her in.
func (w *world) prepare(role, rules string) {
	w.t.Helper()
	all := func(capabilities []string, mode string) []string {
		var modes []string
		for _, c := range capabilities {
			if c != "ProjectLeader" {
				modes = append(modes, c+" "+mode)
			}
		}
		return modes
	}
	for _, path := range []string{"projects/TEAM", "workbooks/BOOK", "workbooks/OVER", "datasources/SOURCE"} {
		about := typeOf(strings.TrimSuffix(path[:strings.IndexByte(path, '/')], "s"))
		switch rules {
		case "all":
			w.grant(path+"/permissions", "user", "EVE", all(about.capabilities, "Allow")...).wantStatus(200)
		case "denied":
			w.grant(path+"/permissions", "user", "EVE", all(about.capabilities, "Deny")...).wantStatus(200)
		}
	}
	if rules == "leader" {
		w.grant("projects/TEAM/permissions", "user", "EVE", "ProjectLeader Allow").wantStatus(200)
	}
	w.as("eve")
	err := w.server.store.Do(func() error {
		where := w.of("")
		u := *where.users.Get(w.names["EVE"])
		u.Role = role
		where.users.Put(&u)
		for _, a := range where.workbooks.All() {
			if rules == "owner" {
				owned := *a
				owned.Owner = u.LUID
				where.workbooks.Put(&owned)
			}
		}
		return nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

// Groups and group sets give rights to who is in them, and rules for one who is gone are gone.
func TestGroupPermissions(t *testing.T) {
	t.Parallel()
	w := startAccess(t, "Viewer")
	w.call("DELETE", "projects/TEAM/permissions/groups/ALLUSERS/Read/Allow", "").wantStatus(204)
	for _, name := range []string{"SALES", "NORTH"} {
		w.remember(name, w.call("POST", "groups", `<group name="`+name[:1]+strings.ToLower(name[1:])+`"/>`).wantStatus(201))
		w.call("POST", "groups/"+name+"/users", `<user id="EVE"/>`).wantStatus(200)
	}
	w.remember("SET", w.call("POST", "groupsets", `<groupSet name="All of sales"/>`).wantStatus(201))
	w.call("PUT", "groupsets/SET/groups/SALES", "").wantStatus(200)
	wantRead := func(who string, want bool) {
		t.Helper()
		token := w.token
		defer func() { w.token = token }()
		if got := strings.Contains(w.as(who).get("projects").body, "#TEAM"); got != want {
			t.Errorf("%s sees the project: %v, want %v", who, got, want)
		}
	}
	wantRead("eve", false)
	w.grant("projects/TEAM/permissions", "groupSet", "SET", "Read Allow").wantIn(grantees("groupSet", "#SET", "Read Allow"))
	wantRead("eve", true)
	wantRead("max", false)
	w.grant("projects/TEAM/permissions", "group", "NORTH", "Read Deny")
	wantRead("eve", false)
	w.grant("projects/TEAM/permissions", "user", "EVE", "Read Allow")
	wantRead("eve", true)
	w.call("DELETE", "projects/TEAM/permissions/users/EVE/Read/Allow", "").wantStatus(204)
	w.call("DELETE", "groups/NORTH", "").wantStatus(204)
	wantRead("eve", true)
	w.call("DELETE", "groups/SALES/users/EVE", "").wantStatus(204)
	wantRead("eve", false)
	w.call("DELETE", "projects/TEAM/permissions/groupSets/SET/Read/Allow", "").wantStatus(204)
	w.grant("projects/TEAM/permissions", "user", "MAX", "Read Allow")
	w.call("DELETE", "users/MAX", "").wantStatus(204)
	w.get("projects/TEAM/permissions").wantIn(`<owner id="#ADMIN"/></project>` + grantees("group", "#ALLUSERS", "Write Allow") + `</permissions>`)
}

// What leaves a locked project keeps the rules it had there.
func TestMoveFromLockedProject(t *testing.T) {
	t.Parallel()
	w := startAccess(t, "Creator")
	w.remember("BOOK", w.publish("workbook", "", `name="Sales"`, `<project id="TEAM"/>`, "a.twb", salesTWB))
	w.names["VIEW"] = w.of("").workbooks.Get(w.names["BOOK"]).Views[0]
	w.call("PUT", "projects/TEAM", `<project contentPermissions="LockedToProject"/>`).wantStatus(200)
	w.grant("projects/TEAM/default-permissions/workbooks", "user", "EVE", "Write Deny").wantStatus(200)
	w.call("PUT", "workbooks/BOOK", `<workbook><project id="PROJECT"/></workbook>`).wantStatus(200)
	for _, path := range []string{"workbooks/BOOK/permissions", "views/VIEW/permissions"} {
		w.get(path).wantIn(`<permissions><`+strings.TrimSuffix(path[:strings.IndexByte(path, '/')], "s"), grantees("user", "#EVE", "Write Deny"))
		w.grant(path, "user", "MAX", "Write Deny").wantStatus(200)
	}
	w.call("PUT", "workbooks/BOOK", `<workbook showTabs="true"/>`).wantStatus(200)
	w.grant("views/VIEW/permissions", "user", "MAX", "Read Deny").wantError(403004, "#BOOK")
}

// Lists tell people of what they may read, and count nothing else.
func TestListsByRights(t *testing.T) {
	t.Parallel()
	w := startAccess(t, "Viewer")
	for _, name := range []string{"FIRST", "SECOND", "THIRD"} {
		w.remember(name, w.publish("workbook", "", `name="`+strings.ToLower(name)+`" showTabs="true"`, `<project id="TEAM"/>`, "a.twb", salesTWB))
	}
	w.remember("SOURCE", w.publish("datasource", "", `name="Orders"`, `<project id="TEAM"/>`, "a.tds", ordersTDS))
	w.grant("workbooks/SECOND/permissions", "user", "EVE", "Read Deny")
	w.grant("datasources/SOURCE/permissions", "user", "EVE", "Read Deny")
	lists := func(who string, workbooks, views, datasources, theirs string) {
		t.Helper()
		for path, total := range map[string]string{
			"workbooks": workbooks, "views": views, "datasources": datasources, "users/EVE/workbooks": theirs,
			"workbooks?filter=name:eq:second": map[string]string{"2": "0", "3": "1"}[workbooks],
		} {
			if !strings.Contains(w.get(path).body, `totalAvailable="`+total+`"`) {
				t.Errorf("%s: %s has not %s: %s", who, path, total, w.get(path).body)
			}
		}
	}
	lists("admin", "3", "9", "1", "2")
	w.as("eve").get("workbooks?pageSize=1&pageNumber=2").wantIn(`totalAvailable="2"`, `id="#THIRD"`)
	lists("eve", "2", "6", "0", "2")
	w.as("max")
	lists("max", "3", "9", "1", "2")
}

// BenchmarkListByRights lists one page of 10,000 workbooks to somebody who may read half of them by a rule of their own.
func BenchmarkListByRights(b *testing.B) {
	s, err := New(WithUser("eve", "secret", "Viewer"))
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	where := s.siteByContentURL("")
	eve := where.userOf(s.findAccount("eve"))
	err = s.store.Do(func() error {
		for i := range 10_000 {
			a := &asset{Kind: "workbook", LUID: s.newID(), Project: where.defaultProject().LUID}
			where.workbooks.Put(a)
			where.beginRules(a.securable())
			if i%2 == 0 {
				where.setRules(a.LUID, append(slices.Clone(where.rules(a.LUID)), rule{grantee{"user", eve.LUID}, "Read", modeDeny}))
			}
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		c := &call{server: s, site: where, user: eve}
		if n := len(readable(c, where.workbooks.All())); n != 5_000 {
			b.Fatalf("%d workbooks can be read", n)
		}
	}
}
