package rest

import (
	"errors"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

const threeProjects = `<pagination pageNumber="1" pageSize="1000" totalAvailable="4"/><projects>
	<project id="p1" name="Default" description="d" topLevelProject="true" createdAt="2026-01-05T08:00:00Z" updatedAt="2026-01-05T08:00:00.5+0200" contentPermissions="ManagedByOwner"><owner id="u1"/></project>
	<project id="p2" name="Finance" topLevelProject="true"/>
	<project id="p3" name="EMEA" parentProjectId="p2"/>
	<project id="p4" name="EMEA" parentProjectId="p1"/></projects>`

const listProjects = "GET projects?pageNumber=1&pageSize=1000"

func TestProjectByPath(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ path, want, err string }{
		{"Default", "p1", ""},
		{"Finance/EMEA", "p3", ""},
		{"finance", "", `finding project "finance": no project "finance"; there is "Default", "Finance"`},
		{"Finance/APAC/Japan", "", `no project "APAC" in project "Finance"; there is "EMEA"`},
		{"Finance/EMEA/North", "", `no project "North" in project "Finance/EMEA"`},
		{"", "", "empty part"},
		{"/Finance", "", "empty part"},
	} {
		s, _ := signedIn(t, func(seenRequest) reply { return ok(threeProjects) })
		p, err := s.Projects.ByPath(t.Context(), test.path)
		if test.err != "" {
			errorHas(t, err, test.err)
			continue
		}
		if err != nil || p.LUID != test.want {
			t.Errorf("%s: %+v, %v", test.path, p, err)
		}
	}
}

func TestProjectFields(t *testing.T) {
	t.Parallel()
	s, _ := signedIn(t, func(seenRequest) reply { return ok(threeProjects) })
	p, err := s.Projects.ByPath(t.Context(), "Default")
	want := Project{
		LUID: "p1", Name: "Default", Description: "d", ContentPermissions: "ManagedByOwner", OwnerLUID: "u1",
		CreatedAt: time.Date(2026, 1, 5, 8, 0, 0, 0, time.UTC), UpdatedAt: time.Date(2026, 1, 5, 6, 0, 0, 5e8, time.UTC),
	}
	if err != nil || p != want {
		t.Errorf("%+v, %v\nwant %+v", p, err, want)
	}
}

func TestAmbiguousProject(t *testing.T) {
	t.Parallel()
	s, _ := signedIn(t, func(seenRequest) reply {
		return ok(`<projects><project id="p1" name="A"/><project id="p2" name="A"/></projects>`)
	})
	_, err := s.Projects.ByPath(t.Context(), "A")
	if ambiguous, is := errors.AsType[*AmbiguousError](err); !is || strings.Join(ambiguous.Matches, " ") != "p1 p2" {
		t.Errorf("%v", err)
	}
}

func TestCreateProject(t *testing.T) {
	t.Parallel()
	s, f := signedIn(t, inOrder(t, reply{status: 201, body: tsResponse(`<project id="p9" name="A&amp;B" parentProjectId="p2"/>`)}))
	p, err := s.Projects.Create(t.Context(), ProjectCreate{Name: "A&B", Description: "x", ParentLUID: "p2", ContentPermissions: "LockedToProject"})
	if err != nil || p.LUID != "p9" {
		t.Fatalf("%+v, %v", p, err)
	}
	want := `<tsRequest><project name="A&amp;B" description="x" contentPermissions="LockedToProject" parentProjectId="p2"/></tsRequest>`
	if got := f.last(); got.line() != "POST projects" || got.Body != want || got.Header.Get(tokenHeader) != testToken {
		t.Errorf("%s %s", got.line(), got.Body)
	}
}

func TestCreateProjectConflicts(t *testing.T) {
	t.Parallel()
	exists := refusal("409006", "Resource Conflict", "exists")
	synctest.Test(t, func(t *testing.T) {
		s, _ := signedIn(t, inOrder(t, exists))
		_, err := s.Projects.Create(t.Context(), ProjectCreate{Name: "EMEA", ParentLUID: "p2"})
		errorIs(t, err, ErrConflict)
	})
	synctest.Test(t, func(t *testing.T) { // made by the attempt that was not answered, and listed late
		s, f := signedIn(t, inOrder(t, reply{err: syscall.ECONNRESET}, exists, ok(`<projects/>`), ok(threeProjects)))
		p, err := s.Projects.Create(t.Context(), ProjectCreate{Name: "EMEA", ParentLUID: "p2"})
		if err != nil || p.LUID != "p3" {
			t.Errorf("%+v, %v", p, err)
		}
		equal(t, "requests", f.lines(), []string{"POST projects", "POST projects", listProjects, listProjects})
	})
	synctest.Test(t, func(t *testing.T) { // at most once more
		s, f := signedIn(t, func(seenRequest) reply { return reply{status: 502} })
		_, err := s.Projects.Create(t.Context(), ProjectCreate{Name: "X"})
		errorIs(t, err, ErrUnavailable)
		equal(t, "requests", f.lines(), []string{"POST projects", "POST projects"})
	})
}

func TestEnsurePath(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		made := func(children string) reply { return reply{status: 201, body: tsResponse(children)} }
		s, f := signedIn(t, inOrder(t, ok(threeProjects), made(`<project id="p5" name="APAC" parentProjectId="p2"/>`),
			refusal("409006", "Resource Conflict", "exists"), ok(`<projects><project id="p6" name="Japan" parentProjectId="p5"/></projects>`)))
		p, err := s.Projects.EnsurePath(t.Context(), "Finance/APAC/Japan")
		if err != nil || p.LUID != "p6" {
			t.Errorf("%+v, %v", p, err)
		}
		equal(t, "requests", f.lines(), []string{listProjects, "POST projects", "POST projects", listProjects})
		if want := `<tsRequest><project name="Japan" parentProjectId="p5"/></tsRequest>`; f.seen[3].Body != want {
			t.Errorf("body %s", f.seen[3].Body)
		}
	})
	s, f := signedIn(t, inOrder(t, ok(threeProjects)))
	p, err := s.Projects.EnsurePath(t.Context(), "Finance/EMEA")
	if err != nil || p.LUID != "p3" || len(f.lines()) != 1 {
		t.Errorf("%+v, %v, %v", p, err, f.lines())
	}
}

func TestDeleteFindsNothingTheSecondTime(t *testing.T) {
	t.Parallel()
	gone := refusal("404006", "Resource Not Found", "w1")
	synctest.Test(t, func(t *testing.T) {
		s, _ := signedIn(t, inOrder(t, reply{status: http.StatusBadGateway}, gone, gone))
		errorIs(t, s.Workbooks.Delete(t.Context(), "w1"), nil)
		errorIs(t, s.Workbooks.Delete(t.Context(), "w1"), ErrNotFound)
		errorHas(t, s.Workbooks.Delete(t.Context(), ".."), "not the LUID")
		errorHas(t, s.Datasources.Delete(t.Context(), ""), "not the LUID")
	})
	s, f := signedIn(t, inOrder(t, reply{status: http.StatusNoContent}))
	errorIs(t, s.Datasources.Delete(t.Context(), "a/b"), nil)
	equal(t, "requests", f.lines(), []string{"DELETE datasources/a%2Fb"})
}
