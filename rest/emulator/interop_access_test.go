package emulator

import (
	"strings"
	"testing"
)

// The requests below are those of the clients, byte for byte but for LUIDs and tokens; what is asserted is what the
// clients read of the answer, and what they left on the server.

// tscSends sends a request as TSC does.
func (w *world) tscSends(method, path, body string) *answer {
	w.t.Helper()
	head := method + " S/" + path + " HTTP/1.1\nUser-Agent: Tableau Server Client/0.39\nAccept-Encoding: gzip, deflate\nAccept: */*\n" +
		"Connection: keep-alive\nx-tableau-auth: TOKEN\n"
	if body != "" {
		head += "content-type: text/xml\n"
	}
	return w.send(head + "\n" + body)
}

func TestInteropTSCAccess(t *testing.T) {
	t.Parallel()
	w := startAccess(t, "Viewer")
	t.Run("TSC-21 projects: create, get by id, update, delete", func(t *testing.T) {
		w := startAccess(t, "Viewer")
		w.remember("MADE", w.tscSends("POST", "projects?publishSamples=False",
			`<tsRequest><project name="Caf&#233;" description="d" contentPermissions="LockedToProjectWithoutNested" parentProjectId="TEAM" /></tsRequest>`).
			want(201, `<project id="#2" name="Café" description="d" parentProjectId="#TEAM" topLevelProject="false" createdAt="2026-03-02T10:00:00Z" updatedAt="2026-03-02T10:00:00Z" contentPermissions="LockedToProjectWithoutNested"><owner id="#ADMIN"/></project>`))
		w.tscSends("PUT", "projects/MADE?publishSamples=False", `<tsRequest><project /></tsRequest>`).wantStatus(200).
			wantIn(`id="#MADE" name="Café" description="d" parentProjectId="#TEAM"`, `updatedAt="2026-03-02T10:00:00Z"`)
		w.tscSends("PUT", "projects/MADE?publishSamples=False",
			`<tsRequest><project name="Tea" description="d" contentPermissions="ManagedByOwner" parentProjectId=""><owner id="ANA" /></project></tsRequest>`).
			wantStatus(200).wantIn(`name="Tea"`, `topLevelProject="true"`, `contentPermissions="ManagedByOwner"`, `<owner id="#ANA"/>`)
		w.tscSends("DELETE", "projects/MADE", "").wantStatus(204)
		w.tscSends("GET", "projects?pageNumber=1&pageSize=100", "").wantIn(`totalAvailable="2"`)
	})
	t.Run("TSC-21 get by id as somebody who only sees the project", func(t *testing.T) {
		w := startAccess(t, "Viewer").as("eve")
		w.tscSends("PUT", "projects/TEAM?publishSamples=False", `<tsRequest><project /></tsRequest>`).wantStatus(200).wantIn(`name="Team"`)
		w.tscSends("PUT", "projects/TEAM?publishSamples=False", `<tsRequest><project name="Mine" /></tsRequest>`).wantError(403004, "#TEAM")
	})
	t.Run("TSC-22 permissions", func(t *testing.T) {
		w.tscSends("GET", "projects/TEAM/permissions", "").wantIn(`<granteeCapabilities><group id="#ALLUSERS"/><capabilities>`)
		w.tscSends("PUT", "projects/TEAM/permissions", `<tsRequest><permissions>`+
			`<granteeCapabilities><user id="EVE" /><capabilities><capability name="Read" mode="Allow" /><capability name="Write" mode="Deny" /></capabilities></granteeCapabilities>`+
			`<granteeCapabilities><group id="ALLUSERS" /><capabilities><capability name="Read" mode="Allow" /></capabilities></granteeCapabilities>`+
			`</permissions></tsRequest>`).wantStatus(200).
			wantIn(grantees("group", "#ALLUSERS", "Read Allow", "Write Allow") + grantees("user", "#EVE", "Read Allow", "Write Deny"))
		w.tscSends("PUT", "projects/TEAM/default-permissions/workbooks", `<tsRequest><permissions>`+
			`<granteeCapabilities><group id="ALLUSERS" /><capabilities><capability name="ExportXml" mode="Allow" /></capabilities></granteeCapabilities>`+
			`</permissions></tsRequest>`).wantStatus(200).wantIn(`<capability name="ExportXml" mode="Allow"/></capabilities></granteeCapabilities></permissions>`)
		w.tscSends("DELETE", "projects/TEAM/default-permissions/workbooks/groups/ALLUSERS/ExportXml/Allow", "").wantStatus(204)
		w.tscSends("DELETE", "projects/TEAM/permissions/groups/ALLUSERS/Read/Allow", "").wantStatus(204)
		w.tscSends("DELETE", "projects/TEAM/permissions/users/EVE/Write/Deny", "").wantStatus(204)
		w.tscSends("GET", "projects/TEAM/permissions", "").
			wantIn(grantees("group", "#ALLUSERS", "Write Allow") + grantees("user", "#EVE", "Read Allow") + `</permissions>`)
	})
	t.Run("TSC 2.3 a grantee holds no other id", func(t *testing.T) {
		root, err := parseXML(w.tscSends("GET", "projects/TEAM/permissions", "").raw)
		if err != nil {
			t.Fatal(err)
		}
		for g := range root.child("permissions").each("granteeCapabilities") {
			if n := countIDs(g); n != 1 {
				t.Errorf("there are %d ids in a grantee", n)
			}
		}
	})
	t.Run("TSC 2.3 contents of projects", func(t *testing.T) {
		w := startAccess(t, "Viewer")
		w.call("POST", "projects", `<project name="Nested" parentProjectId="TEAM"/>`)
		w.publish("workbook", "", `name="Sales"`, `<project id="TEAM"/>`, "a.twb", salesTWB)
		w.publish("datasource", "", `name="Orders"`, `<project id="TEAM"/>`, "a.tds", ordersTDS)
		w.tscSends("GET", "projects?fields=_all_&filter=name%3Aeq%3ATeam", "").wantIn(`writeable="true"`,
			`<contentsCounts projectCount="1" workbookCount="1" viewCount="3" datasourceCount="1"/></project>`)
		if body := w.tscSends("GET", "projects?pageNumber=1&pageSize=100", "").body; strings.Contains(body, "contentsCounts") || strings.Contains(body, "writeable") {
			t.Errorf("what nobody asked for is in %s", body)
		}
	})
}

func countIDs(e *element) int {
	n := 0
	for _, c := range e.children {
		if c.attr("id") != "" {
			n++
		}
		n += countIDs(c)
	}
	return n
}

func TestInteropTabcmdProjects(t *testing.T) {
	t.Parallel()
	w := startAccess(t, "Viewer")
	t.Run("CMD-3 createproject", func(t *testing.T) {
		w.remember("NEW", w.tscSends("POST", "projects?publishSamples=False", `<tsRequest><project name="New" description="desc" /></tsRequest>`).
			wantStatus(201).wantIn(`name="New" description="desc"`))
		w.tscSends("POST", "projects?publishSamples=False", `<tsRequest><project name="New" description="desc" /></tsRequest>`).wantError(409006, "#NEW")
	})
	t.Run("CMD-4 createproject with a path", func(t *testing.T) {
		w.remember("OUTER", w.tscSends("POST", "projects?publishSamples=False", `<tsRequest><project name="A" /></tsRequest>`))
		w.remember("INNER", w.tscSends("POST", "projects?publishSamples=False", `<tsRequest><project name="B" parentProjectId="OUTER" /></tsRequest>`))
		w.tscSends("GET", "projects?filter=name%3Aeq%3AA&pageNumber=1&pageSize=100", "").wantIn(`totalAvailable="1"`, `id="#OUTER"`)
		w.tscSends("GET", "projects?filter=name%3Aeq%3AB%2CparentProjectId%3Aeq%3A"+w.names["OUTER"]+"&pageNumber=1&pageSize=100", "").
			wantIn(`totalAvailable="1"`, `id="#INNER"`)
		w.tscSends("GET", "projects?filter=name%3Aeq%3ANothing&pageNumber=1&pageSize=100", "").wantIn(`totalAvailable="0"`)
		w.tscSends("POST", "projects?publishSamples=False", `<tsRequest><project name="C" description="" parentProjectId="INNER" /></tsRequest>`).
			wantStatus(201).wantIn(`parentProjectId="#INNER"`)
	})
	t.Run("CMD-5 deleteproject", func(t *testing.T) {
		w.tscSends("GET", "projects?filter=name%3Aeq%3ANew&pageNumber=1&pageSize=100", "").wantIn(`id="#NEW"`)
		w.tscSends("DELETE", "projects/NEW", "").wantStatus(204)
		w.tscSends("GET", "projects?filter=name%3Aeq%3ANew&pageNumber=1&pageSize=100", "").wantIn(`totalAvailable="0"`)
	})
	t.Run("CMD-6 publishsamples", func(t *testing.T) {
		w.tscSends("GET", "projects?filter=name%3Aeq%3ADefault&pageNumber=1&pageSize=100", "").wantIn(`totalAvailable="1"`, `id="#PROJECT"`)
		w.tscSends("PUT", "projects/PROJECT?publishSamples=True",
			`<tsRequest><project name="Default" contentPermissions="ManagedByOwner"><owner id="SYSTEM" /></project></tsRequest>`).
			wantStatus(200).wantIn(`id="#PROJECT" name="Default"`)
		w.tscSends("GET", "workbooks?pageNumber=1&pageSize=100", "").wantIn(`totalAvailable="0"`)
		w.tscSends("PUT", "projects/PROJECT?publishSamples=Perhaps", `<tsRequest><project /></tsRequest>`).wantError(400008, "publishSamples")
	})
}

// ttSends sends a request as tableau_tools does, at version 3.3 and without a Content-Type.
func (w *world) ttSends(method, path, body string) *answer {
	w.t.Helper()
	return w.send(method + " /api/3.3/sites/SITE/" + path + " HTTP/1.1\nUser-Agent: python-requests/2.31.0\nAccept-Encoding: gzip, deflate\n" +
		"Accept: */*\nConnection: keep-alive\nX-tableau-auth: TOKEN\n\n" + body)
}

func TestInteropTableauTools(t *testing.T) {
	t.Parallel()
	w := startAccess(t, "Creator")
	t.Run("TT-1 find a project", func(t *testing.T) {
		w.ttSends("GET", "projects?filter=name:eq:Default&pageNumber=1", "").wantIn(`totalAvailable="1"`, `<project id="#PROJECT" name="Default"`)
		w.ttSends("GET", "projects?pageNumber=1", "").wantIn(`<project id="#PROJECT"`, `<project id="#TEAM"`, `contentPermissions="ManagedByOwner"`)
	})
	t.Run("TT-2 a project with its permissions, before every publish", func(t *testing.T) {
		w.call("PUT", "projects/TEAM", `<project contentPermissions="LockedToProjectWithoutNested"/>`).wantStatus(200)
		w.as("eve").ttSends("GET", "projects?pageNumber=1", "").wantIn(`contentPermissions="LockedToProject"`)
		w.ttSends("GET", "projects/TEAM/permissions?pageNumber=1", "").wantIn(`<group id="#ALLUSERS"/>`)
		for _, kind := range []string{"workbooks", "datasources", "flows"} {
			a := w.ttSends("GET", "projects/TEAM/default-permissions/"+kind+"?pageNumber=1", "").wantIn(`<group id="#ALLUSERS"/>`, `name="Read"`)
			if strings.Contains(a.body, "RunExplainData") {
				t.Errorf("a capability that the client does not know: %s", a.body)
			}
		}
		w.asAdmin().call("PUT", "projects/TEAM", `<project contentPermissions="ManagedByOwner"/>`).wantStatus(200)
	})
	t.Run("TT-12 permissions: delete what differs, then put", func(t *testing.T) {
		w.grant("projects/TEAM/permissions", "user", "EVE", "Read Allow", "Write Deny")
		w.ttSends("DELETE", "projects/TEAM/permissions/users/EVE/Write/Deny", "").wantStatus(204)
		w.ttSends("DELETE", "projects/TEAM/permissions/users/EVE/Read/Allow", "").wantStatus(204)
		w.ttSends("PUT", "projects/TEAM/permissions", `<tsRequest><permissions><granteeCapabilities><user id="EVE" /><capabilities>`+
			`<capability mode="Allow" name="Read" /><capability mode="Allow" name="ProjectLeader" /></capabilities></granteeCapabilities></permissions></tsRequest>`).
			wantStatus(200).wantIn(grantees("user", "#EVE", "Read Allow", "ProjectLeader Allow"))
		w.ttSends("PUT", "projects/TEAM/default-permissions/workbooks", `<tsRequest><permissions><granteeCapabilities><user id="EVE" /><capabilities>`+
			`<capability mode="Deny" name="ExportXml" /></capabilities></granteeCapabilities></permissions></tsRequest>`).
			wantStatus(200).wantIn(grantees("user", "#EVE", "ExportXml Deny"))
	})
	t.Run("TT-13 projects", func(t *testing.T) {
		w.remember("MADE", w.ttSends("POST", "projects", `<tsRequest><project name="Made" description="d" contentPermissions="LockedToProject" /></tsRequest>`).
			wantStatus(201).wantIn(`contentPermissions="LockedToProject"`))
		w.ttSends("POST", "projects", `<tsRequest><project name="Made" contentPermissions="LockedToProject" /></tsRequest>`).wantError(409006, "#MADE")
		w.ttSends("PUT", "projects/MADE", `<tsRequest><project name="Mode" /></tsRequest>`).wantStatus(200).wantIn(`name="Mode" description="d"`)
		w.ttSends("DELETE", "projects/MADE", "").wantStatus(204)
	})
}

// TSC-24: what a user may see, is in, and likes.
func TestInteropListsOfUser(t *testing.T) {
	t.Parallel()
	w := startAccess(t, "Viewer")
	w.remember("BOOK", w.publish("workbook", "", `name="Sales"`, `<project id="TEAM"/>`, "a.twb", salesTWB))
	w.remember("OTHER", w.publish("workbook", "", `name="Other"`, `<project id="TEAM"/>`, "a.twb", salesTWB))
	w.grant("workbooks/OTHER/permissions", "user", "EVE", "Read Deny")
	t.Run("TSC-24 workbooks of a user", func(t *testing.T) {
		w.tscSends("GET", "users/EVE/workbooks?pageNumber=1&pageSize=100", "").
			wantIn(`<pagination pageNumber="1" pageSize="100" totalAvailable="1"/><workbooks><workbook id="#BOOK"`)
	})
	t.Run("TSC-24 groups of a user", func(t *testing.T) {
		w.tscSends("GET", "users/EVE/groups?pageNumber=1&pageSize=100", "").
			wantIn(`<pagination pageNumber="1" pageSize="100" totalAvailable="1"/><groups><group id="#ALLUSERS" name="All Users"`)
	})
	t.Run("TSC-24 favorites of a user", func(t *testing.T) {
		w.tscSends("PUT", "favorites/EVE", `<tsRequest><favorite label="Mine"><workbook id="BOOK" /></favorite></tsRequest>`).wantStatus(200)
		w.tscSends("GET", "favorites/EVE", "").wantIn(`<favorites><favorite label="Mine"`, `<workbook id="#BOOK"`)
	})
}

func TestInteropSamplePermissions(t *testing.T) {
	t.Parallel()
	w := startAccess(t, "Viewer")
	w.remember("BOOK", w.publish("workbook", "", `name="Sales"`, `<project id="TEAM"/>`, "a.twb", salesTWB))
	w.grant("workbooks/BOOK/permissions", "user", "EVE", "Filter Deny")
	sample := func(method, path, body string) *answer {
		return w.send(method + " /api/3.28/sites/SITE/" + path + " HTTP/1.1\nUser-Agent: python-requests/2.31.0\nAccept: */*\nx-tableau-auth: TOKEN\n\n" + body)
	}
	t.Run("SMP-6 update_permission", func(t *testing.T) {
		sample("GET", "users", "").wantStatus(200).wantIn(`id="#EVE" name="eve"`)
		sample("GET", "users/EVE/workbooks", "").wantStatus(200).wantIn(`<workbook id="#BOOK" name="Sales"`)
		sample("GET", "workbooks/BOOK/permissions", "").wantStatus(200).wantIn(grantees("user", "#EVE", "Filter Deny"))
		sample("DELETE", "workbooks/BOOK/permissions/users/EVE/Filter/Deny", "").wantStatus(204)
		sample("PUT", "workbooks/BOOK/permissions", `<tsRequest><permissions><workbook id="BOOK" /><granteeCapabilities><user id="EVE" /><capabilities>`+
			`<capability mode="Allow" name="Filter" /></capabilities></granteeCapabilities></permissions></tsRequest>`).wantStatus(200)
		sample("GET", "workbooks/BOOK/permissions", "").wantIn(grantees("user", "#EVE", "Filter Allow"))
	})
	t.Run("SMP-9 grantees with more than an id", func(t *testing.T) {
		sample("PUT", "workbooks/BOOK/permissions", `<?xml version="1.0" encoding="UTF-8" standalone="yes"?><tsRequest xmlns="http://tableau.com/api"><permissions>`+
			`<granteeCapabilities><group id="ALLUSERS" name="All Users"><domain name="local"/></group><capabilities>`+
			`<capability name="ExportXml" mode="Deny"/></capabilities></granteeCapabilities></permissions></tsRequest>`).
			wantStatus(200).wantIn(`<capability name="ExportXml" mode="Deny"/></capabilities>`)
	})
}
