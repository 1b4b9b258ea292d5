package emulator

import (
	"fmt"
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
func startAccess(t *testing.T, role string, opts ...Option) *world {
	t.Helper()
	w := start(t, append([]Option{WithUser("eve", "secret", role), WithUser("max", "secret", role)}, opts...)...)
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
	w.call("PUT", "favorites/ADMIN", `<favorite label="Ours"><project id="TEAM"/></favorite>`).wantStatus(200)
	w.call("DELETE", "projects/TEAM", "").wantStatus(204)
	if n := w.of("").favorites.Len(); n != 0 {
		t.Errorf("%d favorites are left", n)
	}
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
