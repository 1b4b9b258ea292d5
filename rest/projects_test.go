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
		{"", "", "it is empty"},
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

func TestDefaultProjectOfTree(t *testing.T) {
	t.Parallel()
	s, _ := signedIn(t, func(seenRequest) reply { return ok(threeProjects) })
	tree, err := s.Projects.Tree(t.Context())
	errorIs(t, err, nil)
	if p, err := tree.Default(); err != nil || p.LUID != "p1" {
		t.Errorf("%+v, %v", p, err)
	}
}

// Servers write the name of the project every site has in one way or the other, and others may have the name further down.
func TestDefaultProject(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ projects, want, err string }{
		{threeProjects, "p1", ""},
		{`<projects><project id="p1" name="A"/><project id="p2" name="Default" parentProjectId="p1"/><project id="p3" name="default"/></projects>`, "p3", ""},
		{`<projects><project id="p1" name="A"/></projects>`, "", `finding project "default": no project "default"; there is "A"`},
	} {
		s, _ := signedIn(t, func(seenRequest) reply { return ok(test.projects) })
		p, err := s.Projects.Default(t.Context())
		if test.err != "" {
			errorHas(t, err, test.err)
		} else if err != nil || p.LUID != test.want {
			t.Errorf("%+v, %v", p, err)
		}
	}
}

func TestProjectFields(t *testing.T) {
	t.Parallel()
	s, _ := signedIn(t, func(seenRequest) reply { return ok(threeProjects) })
	p, err := s.Projects.ByPath(t.Context(), "Default")
	want := Project{
		LUID: "p1", Name: "Default", Description: "d", TopLevel: true, ContentPermissions: ManagedByOwner, OwnerLUID: "u1",
		CreatedAt: time.Date(2026, 1, 5, 8, 0, 0, 0, time.UTC), UpdatedAt: time.Date(2026, 1, 5, 6, 0, 0, 5e8, time.UTC),
	}
	if err != nil || p != want {
		t.Errorf("%+v, %v\nwant %+v", p, err, want)
	}
}

// Names hold slashes, one parent is out of sight, two projects lie in one another, and two have one full path.
const oddProjects = `<projects><project id="p1" name="A/B"/><project id="p2" name="A"/><project id="p3" name="C" parentProjectId="p1"/>
	<project id="p4" name="B" parentProjectId="p2"/><project id="p5" name="D" parentProjectId="p4"/><project id="p6" name="EMEA" parentProjectId="hidden"/>
	<project id="p7" name="X" parentProjectId="p8"/><project id="p8" name="Y" parentProjectId="p7"/><project id="p9" name="D" parentProjectId="p2"/></projects>`

func TestProjectTree(t *testing.T) {
	t.Parallel()
	s, f := signedIn(t, func(seenRequest) reply { return ok(oddProjects) })
	tree, err := s.Projects.Tree(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	paths := convert(tree.All(), func(p Project) string { return p.LUID + " " + tree.Path(p.LUID) })
	equal(t, "paths", paths, []string{
		"p1 A/B", "p2 A", "p3 A/B/C", "p4 A/B", "p5 A/B/D", "p6 …/EMEA", "p7 …/Y/X", "p8 …/Y", "p9 A/D",
	})
	equal(t, "children", convert(tree.Children("p2"), func(p Project) string { return p.LUID }), []string{"p4", "p9"})
	for _, test := range []struct{ find, luid, err string }{
		{"A/B/C", "p3", ""},
		{"A/B/D", "p5", ""},
		{"p4", "p4", ""},
		{"C", "p3", ""},
		{"A", "p2", ""},
		{"…/EMEA", "p6", ""},
		{"EMEA", "p6", ""},
		{"A/B", "", `project "A/B" is ambiguous: p1, p4`},
		{"A/B/E", "", `project "A/B" is ambiguous: p1, p4`},
		{"D", "", `project "D" is ambiguous: p5 at "A/B/D", p9 at "A/D"`},
		{"A/E/F", "", `no project "E" in project "A"; there is "B", "D"`},
		{"none", "", `no project "none"; there is "A/B", "A"`},
		{"A//B", "", "empty part"},
	} {
		p, err := tree.Find(test.find)
		if test.err != "" {
			errorHas(t, err, test.err)
		} else if err != nil || p.LUID != test.luid {
			t.Errorf("%s: %+v, %v", test.find, p, err)
		}
	}
	if path := tree.Path("none"); path != "" {
		t.Error(path)
	}
	equal(t, "requests", f.lines(), []string{listProjects})
}

func TestFindProject(t *testing.T) {
	t.Parallel()
	s, f := signedIn(t, func(seenRequest) reply { return ok(oddProjects) })
	_, err := s.Projects.ByPath(t.Context(), "A/B")
	if ambiguous, is := errors.AsType[*AmbiguousError](err); !is || strings.Join(ambiguous.Matches, " ") != "p1 p4" {
		t.Errorf("%v", err)
	}
	if p, err := s.Projects.ByLUID(t.Context(), "p9"); err != nil || p.Name != "D" {
		t.Errorf("%+v, %v", p, err)
	}
	if p, err := s.Projects.Find(t.Context(), "C"); err != nil || p.LUID != "p3" {
		t.Errorf("%+v, %v", p, err)
	}
	_, err = s.Projects.ByLUID(t.Context(), "A/B")
	errorIs(t, err, ErrNotFound)
	_, err = s.Projects.Find(t.Context(), "")
	errorHas(t, err, "empty")
	equal(t, "requests", f.lines(), []string{listProjects, listProjects, listProjects, listProjects})
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

func TestProjectMistakes(t *testing.T) {
	t.Parallel()
	s, f := signedIn(t, inOrder(t), WithVersion("3.20"))
	_, err := s.Projects.Create(t.Context(), ProjectCreate{Name: "A", OwnerLUID: "u2"})
	errorHas(t, err, `creating project "A": the owner of a new project: needs API 3.21`)
	_, err = s.Projects.Create(t.Context(), ProjectCreate{})
	errorHas(t, err, "the name is empty")
	_, err = s.Projects.Update(t.Context(), "p1", ProjectUpdate{Name: new("")})
	errorHas(t, err, `updating project "p1": the name is empty`)
	_, err = s.Projects.Lock(t.Context(), "..")
	errorHas(t, err, "not the LUID")
	_, err = s.Projects.EnsurePath(t.Context(), "")
	errorHas(t, err, "the path is empty")
	errorHas(t, s.Projects.Delete(t.Context(), ""), "not the LUID")
	equal(t, "requests", f.lines(), nil)
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
