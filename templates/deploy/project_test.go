package deploy

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/tabtemplate/tabtemplate/rest"
	"github.com/tabtemplate/tabtemplate/rest/emulator"
	"github.com/tabtemplate/tabtemplate/templates"
)

func TestProjects(t *testing.T) {
	t.Parallel()
	w := newSettingsWorld(t)
	s := w.signIn("ana", emulator.URL)
	p := newProjects(s)
	standard, err := s.Projects.Default(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	wantLines(t, "one listing for all", w.requests(func() {
		for _, path := range []string{"", "Default", "default", "DEFAULT"} {
			for range 2 {
				if found, err := p.ensure(t.Context(), templates.Publish{Project: path, CreateProject: true}); err != nil || found.LUID != standard.LUID {
					t.Errorf("%q: %+v, %v", path, found, err)
				}
			}
		}
		if found, err := p.find(t.Context(), "Finance/EMEA"); err != nil || found.Name != "EMEA" {
			t.Error(found, err)
		}
	}), "GET projects")

	wantLines(t, "missing", w.requests(func() {
		for _, find := range []func() (rest.Project, error){
			func() (rest.Project, error) { return p.find(t.Context(), "Finance/APAC/Japan") },
			func() (rest.Project, error) {
				return p.ensure(t.Context(), templates.Publish{Project: "Finance/APAC/Japan"})
			},
		} {
			_, err := find()
			const want = `finding project "Finance/APAC/Japan": no project "APAC" in project "Finance"; there is "EMEA"`
			if missing, ok := errors.AsType[*rest.NotFoundError](err); !ok || err.Error() != want || missing.Kind != "project" {
				t.Error(err)
			}
		}
	}))

	want := templates.Publish{Project: "Finance/APAC/Japan", CreateProject: true}
	wantLines(t, "made", w.requests(func() {
		for range 2 {
			if made, err := p.ensure(t.Context(), want); err != nil || made.Name != "Japan" {
				t.Error(made, err)
			}
		}
		if found, err := p.find(t.Context(), "Finance/APAC"); err != nil || found.Name != "APAC" {
			t.Error("what was made on the way:", err)
		}
	}), "GET projects", "POST projects", "POST projects", "GET projects")
}

// Templates of one site that want the same projects at once make each once.
func TestProjectsAreMadeOnce(t *testing.T) {
	t.Parallel()
	w := newSettingsWorld(t)
	p := newProjects(w.signIn("ana", emulator.URL))
	var made sync.Map
	sent := w.requests(func() {
		var group sync.WaitGroup
		for i := range 12 {
			path := []string{"New", "New/A", "New/B"}[i%3]
			group.Go(func() {
				project, err := p.ensure(t.Context(), templates.Publish{Project: path, CreateProject: true})
				if err != nil {
					t.Error(err)
				}
				if first, there := made.LoadOrStore(path, project.LUID); there && first != project.LUID {
					t.Errorf("%s was made twice", path)
				}
			})
		}
		group.Wait()
	})
	wantLines(t, "changes", changes(sent), "POST projects", "POST projects", "POST projects")
}

// What fails half way is gone on with, also when the tree was read before.
func TestProjectsAfterFailure(t *testing.T) {
	t.Parallel()
	w := newSettingsWorld(t)
	p := newProjects(w.signIn("ana", emulator.URL))
	want := templates.Publish{Project: "A/B", CreateProject: true}
	if _, err := p.find(t.Context(), "A"); !errors.Is(err, rest.ErrNotFound) {
		t.Error(err)
	}
	if err := w.server.AddFault(emulator.Fault{Method: http.MethodPost, Path: "/sites/*/projects", Call: 2, Answer: emulator.Refusal(403004, "no")}); err != nil {
		t.Fatal(err)
	}
	if _, err := p.ensure(t.Context(), want); !errors.Is(err, rest.ErrForbidden) {
		t.Error(err)
	}
	if found, err := p.find(t.Context(), "A"); err != nil || found.Name != "A" {
		t.Error("what was made before the failure:", err)
	}
	sent := w.requests(func() {
		if made, err := p.ensure(t.Context(), want); err != nil || made.Name != "B" {
			t.Error(made, err)
		}
	})
	if strings.Count(strings.Join(sent, " "), "POST") != 1 || !slices.Contains(sent, "POST projects") {
		t.Error(sent)
	}
}
