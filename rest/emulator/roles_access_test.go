package emulator

import (
	"slices"
	"strings"
	"testing"
)

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
