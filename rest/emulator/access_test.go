package emulator

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// fact is a rule as the model below knows it.
type fact struct{ on, grantee, capability, mode string }

// model is a plain telling of "Effective permissions" in Tableau's help: every question goes through all facts again.
type model struct {
	facts    []fact
	parent   map[string]string // of a project; of content the project it is in
	lock     map[string]string // of a project
	owner    map[string]string
	role     string
	grantees []string // the groups of the user, whose LUID is eve
}

// atMost are what the site roles of the test can have at most of the capabilities of the test.
var atMost = map[string]string{
	"Creator":            "Read Write ExportXml WebAuthoring ChangePermissions ProjectLeader",
	"ExplorerCanPublish": "Read Write ExportXml WebAuthoring ChangePermissions ProjectLeader",
	"Explorer":           "Read WebAuthoring",
	"Viewer":             "Read",
	"Unlicensed":         "",
}

func (m *model) may(capability, on string, isProject bool) bool {
	if m.role == serverAdministrator {
		return true
	}
	if !slices.Contains(strings.Fields(atMost[m.role]), capability) {
		return false
	}
	path := m.path(on, isProject)
	for _, project := range path {
		if m.owner[project] == "eve" || m.ruled("ProjectLeader", m.ruler(project, true)) {
			return true
		}
	}
	if m.owner[on] == "eve" {
		return capability != "ChangePermissions" || m.ruler(on, isProject) == on
	}
	return m.ruled(capability, m.ruler(on, isProject))
}

// path returns the projects that something is in, or that it is, the innermost first.
func (m *model) path(on string, isProject bool) []string {
	var path []string
	if !isProject {
		on = m.parent[on]
	}
	for ; on != ""; on = m.parent[on] {
		path = append(path, on)
	}
	return path
}

// ruler returns whose facts hold for something: itself, or the project that it is locked to.
func (m *model) ruler(on string, isProject bool) string {
	path := m.path(on, isProject)
	for _, project := range slices.Backward(path) {
		if m.lock[project] == "LockedToProject" || project == path[0] && m.lock[project] == "LockedToProjectWithoutNested" {
			if isProject {
				return project
			}
			return project + "/workbooks"
		}
	}
	return on
}

func (m *model) ruled(capability, ruler string) bool {
	has := func(grantee, mode string) bool {
		return slices.Contains(m.facts, fact{ruler, grantee, capability, mode})
	}
	member := func(mode string) bool {
		return slices.ContainsFunc(m.grantees, func(group string) bool { return has(group, mode) })
	}
	switch {
	case has("eve", "Deny"):
		return false
	case has("eve", "Allow"):
		return true
	case member("Deny"):
		return false
	}
	return member("Allow")
}

// Random rules, groups, locks, owners and site roles on a tree of projects: the rights are those of the model.
func TestRights(t *testing.T) {
	t.Parallel()
	projects := []string{"a", "a/b", "a/b/c", "a/d"}
	capabilities := strings.Fields("Read Write ExportXml WebAuthoring ChangePermissions ProjectLeader")
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 7))
		pick := func(words ...string) string { return words[r.IntN(len(words))] }
		m := &model{parent: make(map[string]string), lock: make(map[string]string), owner: make(map[string]string)}
		m.role = pick("Creator", "ExplorerCanPublish", "Creator", "Explorer", "Viewer", "Unlicensed", serverAdministrator)
		w := newWorld(t)
		where := w.of("")
		eve := &rights{where, &user{LUID: "eve", Role: m.role}, make(map[string]bool)}
		for _, group := range []string{"g1", "g2", "g3"} {
			if r.IntN(2) == 0 {
				eve.groups[group] = true
				m.grantees = append(m.grantees, group)
			}
		}
		sets := make(map[string][]rule)
		addRules := func(on string) {
			for range r.IntN(8) {
				f := fact{on, pick("eve", "max", "g1", "g2", "g3"), pick(capabilities...), pick("Allow", "Allow", "Deny")}
				opposite := fact{f.on, f.grantee, f.capability, "Allow"}
				if f.mode == "Allow" {
					opposite.mode = "Deny"
				}
				if !slices.Contains(m.facts, f) && !slices.Contains(m.facts, opposite) {
					m.facts = append(m.facts, f)
					sets[on] = append(sets[on], rule{grantee{"any", f.grantee}, f.capability, f.mode})
				}
			}
		}
		err := w.server.store.Do(func() error {
			for _, luid := range projects {
				p := &project{LUID: luid, Owner: pick("eve", "max", "max", "max", "max")}
				p.ContentPermissions = pick(managedByOwner, managedByOwner, managedByOwner, lockedToProject, lockedWithoutNested)
				if i := strings.LastIndexByte(luid, '/'); i > 0 {
					p.Parent = luid[:i]
				}
				where.projects.Put(p)
				workbook := &asset{Kind: "workbook", LUID: "in " + luid, Project: luid, Owner: pick("eve", "max", "max")}
				where.workbooks.Put(workbook)
				m.parent[luid], m.lock[luid], m.owner[luid] = p.Parent, p.ContentPermissions, p.Owner
				m.parent[workbook.LUID], m.owner[workbook.LUID] = luid, workbook.Owner
				addRules(luid)
				addRules(luid + "/workbooks")
				addRules(workbook.LUID)
			}
			for on, rules := range sets {
				where.setRules(on, rules)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, luid := range projects {
			for _, capability := range capabilities {
				what := fmt.Sprintf("seed %d: %s with %s on %s", seed, m.role, capability, luid)
				if got, want := eve.may(capability, where.projects.Get(luid).securable()), m.may(capability, luid, true); got != want {
					t.Errorf("%s: %v, want %v", what, got, want)
				}
				workbook := where.workbooks.Get("in " + luid)
				if got, want := eve.may(capability, workbook.securable()), m.may(capability, workbook.LUID, false); got != want {
					t.Errorf("%s, its workbook: %v, want %v", what, got, want)
				}
			}
		}
	}
}
