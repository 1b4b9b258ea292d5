package emulator

import (
	"testing"
	"time"
)

const defaultProject = `<project id="#PROJECT" name="Default" description="" topLevelProject="true" createdAt="2026-03-02T10:00:00Z" updatedAt="2026-03-02T10:00:00Z" contentPermissions="ManagedByOwner"><owner id="#SYSTEM"/></project>`

// TSC-4: the Pager stops by the values of pagination.
func TestListProjects(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.get("projects?pageNumber=1&pageSize=100").want(200,
		`<pagination pageNumber="1" pageSize="100" totalAvailable="1"/><projects>`+defaultProject+`</projects>`)
	w.get("projects?filter=name%3Aeq%3ADefault").wantIn(`totalAvailable="1"`)
	w.get("projects?filter=name:eq:Nothing&pageNumber=1").want(200,
		`<pagination pageNumber="1" pageSize="100" totalAvailable="0"/><projects/>`)
}

// TSC-21: create a tree, read one project by an empty update, move, rename, delete.
func TestProjects(t *testing.T) {
	t.Parallel()
	w := start(t)
	send := func(method, path, body string) *answer {
		return w.send(method + " S/" + path + " HTTP/1.1\nX-Tableau-Auth: TOKEN\ncontent-type: text/xml\n\n" + body)
	}
	finance := `<project id="#1" name="Finance &amp; Co" description="café" topLevelProject="true" createdAt="2026-03-02T10:00:00Z" updatedAt="2026-03-02T10:00:00Z" contentPermissions="LockedToProject"><owner id="#ADMIN"/></project>`
	a := send("POST", "projects?publishSamples=False", `<tsRequest><project contentPermissions="LockedToProject" description="caf&#233;" name="Finance &amp; Co" /></tsRequest>`)
	a.want(201, finance)
	if got, want := a.header.Get("Location"), w.expand("/api/3.29/sites/SITE/projects/LUID1"); got != want {
		t.Errorf("Location %q, want %q", got, want)
	}
	send("POST", "projects", `<tsRequest><project name="North" parentProjectId="LUID1"/></tsRequest>`).wantStatus(201).
		wantIn(`id="#2" name="North"`, `parentProjectId="#1"`, `topLevelProject="false"`)
	send("POST", "projects", `<tsRequest><project name="North"/></tsRequest>`).wantStatus(201).wantIn(`id="#3"`, `topLevelProject="true"`)

	w.clock.advance(time.Hour)
	send("PUT", "projects/LUID1?publishSamples=False", `<tsRequest><project /></tsRequest>`).want(200, finance)
	send("PUT", "projects/LUID2", `<tsRequest><project name="South" description="x"><owner id="ANA"/></project></tsRequest>`).wantStatus(200).
		wantIn(`name="South" description="x" parentProjectId="#1"`, `updatedAt="2026-03-02T11:00:00Z"`, `<owner id="#ANA"/>`)
	w.get("projects?filter=topLevelProject:eq:false").wantIn(`totalAvailable="1"`, `name="South"`)
	w.get("projects?filter=parentProjectId:eq:LUID1").wantIn(`totalAvailable="1"`, `name="South"`)

	for _, test := range []struct {
		method, path, body string
		code               int
		detail             string
	}{
		{"POST", "projects", `<tsRequest><project/></tsRequest>`, 400000, "name"},
		{"POST", "projects", ``, 400000, "name"},
		{"POST", "projects", `<tsRequest><project name="North"/></tsRequest>`, 409006, "#3"},
		{"POST", "projects", `<tsRequest><project name="N" parentProjectId="none"/></tsRequest>`, 404005, "none"},
		{"POST", "projects", `<tsRequest><project name="N" contentPermissions="Open"/></tsRequest>`, 400000, "Open"},
		{"POST", "projects", `<tsRequest><project name="N"><owner id="none"/></project></tsRequest>`, 404002, "none"},
		{"PUT", "projects/none", `<tsRequest><project/></tsRequest>`, 404005, "none"},
		{"PUT", "projects/LUID1", ``, 400000, "project"},
		{"PUT", "projects/LUID1", `<tsRequest><project name="X" parentProjectId="LUID2"/></tsRequest>`, 400000, "#1"},
		{"PUT", "projects/LUID2", `<tsRequest><project name="North" parentProjectId=""/></tsRequest>`, 409006, "#3"},
		{"PUT", "projects/PROJECT", `<tsRequest><project name="X"/></tsRequest>`, 403004, "#PROJECT"},
		{"PUT", "projects/PROJECT", `<tsRequest><project parentProjectId="LUID1"/></tsRequest>`, 400000, "#PROJECT"},
		{"DELETE", "projects/PROJECT", ``, 403004, "#PROJECT"},
		{"DELETE", "projects/none", ``, 404005, "none"},
		{"GET", "projects/PROJECT", ``, 405000, "GET"},
	} {
		send(test.method, test.path, test.body).wantError(test.code, test.detail)
	}
	w.get("projects").wantIn(`totalAvailable="4"`, finance, defaultProject) // nothing refused was done

	send("PUT", "projects/LUID2", `<tsRequest><project parentProjectId=""/></tsRequest>`).wantIn(`topLevelProject="true"`)
	send("PUT", "projects/LUID2", `<tsRequest><project parentProjectId="LUID1"/></tsRequest>`).wantIn(`parentProjectId="#1"`)
	w.publish("workbook", "", `name="Sales"`, `<project id="LUID2"/>`, "a.twb", salesTWB).wantStatus(201)
	w.publish("workbook", "", `name="Sales"`, ``, "a.twb", salesTWB).wantStatus(201)
	send("DELETE", "projects/LUID1", ``).wantStatus(204)
	w.get("projects").wantIn(`totalAvailable="2"`, `name="Default"`, `id="#3" name="North"`)
	w.get("workbooks").wantIn(`totalAvailable="1"`, `<project id="#PROJECT" name="Default"/>`)
}

// Who may not change a project, or move it somewhere, does not learn what is there.
func TestProjectRightsComeFirst(t *testing.T) {
	t.Parallel()
	w := start(t, WithUser("eve", "secret", "Creator"))
	w.change("POST S/projects", `<project name="Hidden"/>`).wantStatus(201)
	w.change("POST S/projects", `<project name="Secret" parentProjectId="LUID1"/>`).wantStatus(201)
	eve := w.of("").userOf(w.server.findAccount("eve")).LUID
	w.change("POST S/projects", `<project name="Eves"><owner id="`+eve+`"/></project>`).wantStatus(201)
	w.signIn(`name="eve" password="secret"`, "")
	w.change("PUT S/projects/PROJECT", `<project parentProjectId="none"/>`).wantError(403004, "#PROJECT")
	w.change("PUT S/projects/LUID1", `<project name="Eves"/>`).wantError(403004, "#1")
	w.change("PUT S/projects/LUID1", `<project contentPermissions="Open"/>`).wantError(403004, "#1")
	w.change("PUT S/projects/LUID3", `<project name="Secret" parentProjectId="LUID1"/>`).wantError(403004, "#1")
	w.change("PUT S/projects/LUID3", `<project name="Hidden"/>`).wantError(409006, "#1")
}
