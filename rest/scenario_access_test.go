package rest_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/tabtemplate/tabtemplate/rest"
	"github.com/tabtemplate/tabtemplate/rest/emulator"
)

var accessScenarios = []scenario{
	{rows: []int{61, 62, 63, 64}, name: "projects from making to deleting", run: testProjectLife},
	{rows: []int{61}, name: "names with slashes, and projects out of sight", run: testProjectNames},
	{rows: []int{65, 66, 67}, name: "who leads a project", run: testProjectPermissions},
	{rows: []int{68, 69, 70, 71, 72, 73, 74, 75, 76, 149}, name: "what content begins with", run: testDefaultPermissions},
	{rows: []int{77, 78, 79, 80, 81, 82, 163, 164, 165}, name: "the rules on content", run: testContentPermissions},
	{rows: []int{146, 147, 148}, name: "the rules on a view", run: testViewPermissions},
	{rows: []int{63, 66, 77}, name: "a locked project", run: testLockedProject},
	{rows: []int{65, 66, 77, 78}, name: "copies to another site", run: testCopyPermissions},
}

// A ruledWorld is a server with two sites: people and groups on both, but Bo and the group Berlin on the first alone.
type ruledWorld struct {
	t      *testing.T
	server *emulator.Server
}

func newRuledWorld(t *testing.T) ruledWorld {
	t.Helper()
	people := []emulator.SeedUser{{Name: "eve", Role: "Creator", Password: "eve-password"}}
	server, err := emulator.New(
		emulator.WithStrict(), emulator.WithRequestLog(5000),
		emulator.WithSite("acme", "Acme"), emulator.WithSite("globex", "Globex"), emulator.WithUser("ana", "secret", "SiteAdministratorCreator"),
		emulator.WithSeed(emulator.Seed{
			Files: fstest.MapFS{"map.twb": {Data: []byte(template)}, "orders.tds": {Data: []byte(orders)}, "clean.tfl": {Data: []byte("a flow")}},
			Sites: []emulator.SeedSite{
				{
					ContentURL: "acme", Users: append(people, emulator.SeedUser{Name: "bo", Role: "Explorer"}),
					Groups: []emulator.SeedGroup{{Name: "R&D, [Süd]"}, {Name: "Berlin", Users: []string{"eve"}}}, Projects: []emulator.SeedProject{{Path: "Finance"}, {Path: "Finance/EMEA"}},
					Workbooks: []emulator.SeedContent{{File: "map.twb"}}, Datasources: []emulator.SeedContent{{File: "orders.tds"}}, Flows: []emulator.SeedContent{{File: "clean.tfl"}},
				},
				{ContentURL: "globex", Users: people, Groups: []emulator.SeedGroup{{Name: "R&D, [Süd]"}}, Workbooks: []emulator.SeedContent{{File: "map.twb"}}},
			},
		}))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	return ruledWorld{t, server}
}

const orders = `<?xml version='1.0' encoding='utf-8' ?><datasource formatted-name='orders' inline='true' version='18.1'>` +
	`<connection class='postgres' dbname='shop' server='db.example.com' port='5432' username='app' /></datasource>`

func (w ruledWorld) signIn(user, site string) *rest.Session {
	w.t.Helper()
	c, err := rest.NewClient(emulator.URL, rest.WithHTTPClient(&http.Client{Transport: w.server.Transport()}))
	if err != nil {
		w.t.Fatal(err)
	}
	password := map[string]string{"ana": "secret", "eve": "eve-password"}[user]
	s, err := c.SignIn(w.t.Context(), rest.UserPassword{Name: user, Password: password}, site)
	if err != nil {
		w.t.Fatal(err)
	}
	return s
}

// luid is that of the one object of a name in a list, such as groups.
func (w ruledWorld) luid(s *rest.Session, list, name string) string {
	w.t.Helper()
	answer, err := s.Do(w.t.Context(), rest.Request{Path: list, Query: url.Values{"pageSize": {"1000"}}})
	if err != nil {
		w.t.Fatal(err)
	}
	var said struct {
		Lists []struct {
			Items []struct {
				LUID string `xml:"id,attr"`
				Name string `xml:"name,attr"`
			} `xml:",any"`
		} `xml:",any"`
	}
	if err := answer.Decode(&said); err != nil {
		w.t.Fatal(err)
	}
	for _, l := range said.Lists {
		for _, item := range l.Items {
			if item.Name == name {
				return item.LUID
			}
		}
	}
	w.t.Fatalf("there is no %q in %s", name, list)
	return ""
}

// writes are the methods of the requests that change something, since the last call.
func (w ruledWorld) writes(before int) (methods string, now int) {
	all := w.server.Requests()
	for _, r := range all[before:] {
		if r.Method != http.MethodGet {
			methods += " " + r.Method
		}
	}
	return strings.TrimSpace(methods), len(all)
}

// wantRules fails unless the rules are these, as "group LUID Read Allow" in any order.
func wantRules(t *testing.T, p *rest.Permissions, want ...string) rest.PermissionSet {
	t.Helper()
	set, err := p.Rules(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, rule := range set.Rules {
		for _, c := range rule.Capabilities {
			got = append(got, strings.TrimSpace(fmt.Sprintf("%s%s%s %s %s", rule.GroupLUID, rule.GroupSetLUID, rule.UserLUID, c.Name, c.Mode)))
		}
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("rules\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	return set
}

func forUser(luid string, capabilities ...[]rest.Capability) rest.PermissionRule {
	return rest.PermissionRule{Grantee: rest.Grantee{UserLUID: luid}, Capabilities: slices.Concat(capabilities...)}
}

func forGroup(luid string, capabilities ...[]rest.Capability) rest.PermissionRule {
	return rest.PermissionRule{Grantee: rest.Grantee{GroupLUID: luid}, Capabilities: slices.Concat(capabilities...)}
}

func testProjectLife(t *testing.T) {
	ctx := t.Context()
	w := newRuledWorld(t)
	s := w.signIn("ana", "acme")
	made := must(s.Projects.Create(ctx, rest.ProjectCreate{
		Name: `R&D, "Süd"`, Description: "a\nb", ContentPermissions: rest.LockedToProjectWithoutNested, OwnerLUID: w.luid(s, "users", "eve"), PublishSamples: true,
	}))(t)
	inner := must(s.Projects.EnsurePath(ctx, `R&D, "Süd"/inner/most`))(t)
	if found := must(s.Projects.ByLUID(ctx, made.LUID))(t); found.OwnerLUID != w.luid(s, "users", "eve") || !found.TopLevel ||
		found.ContentPermissions != rest.LockedToProjectWithoutNested || found.Description != "a\nb" {
		t.Errorf("%+v", found)
	}
	for found, err := range s.Projects.All(ctx, rest.Query{Filters: []rest.Filter{rest.Eq("name", made.Name)}, Fields: []string{"_all_"}}) {
		if err != nil || found.Writeable == nil || !*found.Writeable || found.OwnerName != "eve" || found.Contents == nil || found.Contents.Projects != 1 {
			t.Errorf("%+v, %v", found, err)
		}
	}
	_, err := s.Projects.Create(ctx, rest.ProjectCreate{Name: made.Name})
	if !errors.Is(err, rest.ErrConflict) {
		t.Errorf("made twice: %v", err)
	}
	changed := must(s.Projects.Update(ctx, inner.LUID, rest.ProjectUpdate{Name: new("top"), Description: new("up"), ParentLUID: new("")}))(t)
	if changed.ParentLUID != "" || changed.Name != "top" || changed.Description != "up" || changed.OwnerLUID != inner.OwnerLUID {
		t.Errorf("%+v", changed)
	}
	if same := must(s.Projects.Update(ctx, inner.LUID, rest.ProjectUpdate{}))(t); same.Name != "top" || same.Description != "up" {
		t.Errorf("%+v", same)
	}
	must(s.Projects.Update(ctx, inner.LUID, rest.ProjectUpdate{Description: new("")}))(t)
	if found := must(s.Projects.Find(ctx, "top"))(t); found.Description != "" {
		t.Errorf("%+v", found)
	}
	if err := s.Projects.Delete(ctx, made.LUID); err != nil {
		t.Fatal(err)
	}
	_, err = s.Projects.Find(ctx, "inner")
	if missing, ok := errors.AsType[*rest.NotFoundError](err); !ok || !slices.Contains(missing.Available, `"top"`) {
		t.Errorf("%v", err)
	}
	if err := s.Projects.Delete(ctx, made.LUID); !errors.Is(err, rest.ErrNotFound) {
		t.Errorf("deleted twice: %v", err)
	}
}

func testProjectNames(t *testing.T) {
	ctx := t.Context()
	w := newRuledWorld(t)
	s := w.signIn("ana", "acme")
	must(s.Projects.Create(ctx, rest.ProjectCreate{Name: "Finance/EMEA"}))(t)
	odd := must(s.Projects.Create(ctx, rest.ProjectCreate{Name: "In/Out, & more"}))(t)
	nested := must(s.Projects.EnsurePath(ctx, "In/Out, & more/Deep"))(t)
	if nested.ParentLUID != odd.LUID {
		t.Errorf("%+v", nested)
	}
	_, err := s.Projects.ByPath(ctx, "Finance/EMEA")
	if ambiguous, ok := errors.AsType[*rest.AmbiguousError](err); !ok || len(ambiguous.Matches) != 2 {
		t.Errorf("%v", err)
	}
	// Eve sees the inner project alone.
	deep := s.Projects.Permissions(nested.LUID)
	must(deep.Set(ctx, []rest.PermissionRule{forUser(w.luid(s, "users", "eve"), rest.Allow("Read"))}))(t)
	must(s.Projects.Permissions(odd.LUID).Set(ctx, nil))(t)
	if found := must(w.signIn("eve", "acme").Projects.ByPath(ctx, "…/Deep"))(t); found.LUID != nested.LUID {
		t.Errorf("%+v", found)
	}
}

func testProjectPermissions(t *testing.T) {
	ctx := t.Context()
	w := newRuledWorld(t)
	s := w.signIn("ana", "acme")
	outer, inner := s.Projects.Permissions(w.luid(s, "projects", "Finance")), s.Projects.Permissions(w.luid(s, "projects", "EMEA"))
	group, eve := w.luid(s, "groups", "Berlin"), w.luid(s, "users", "eve")
	leader := must(outer.Role("Project Leader"))(t)
	must(outer.Set(ctx, []rest.PermissionRule{forGroup(group, leader, rest.Allow("Read")), forUser(eve, rest.Deny("Write"))}))(t)
	set := wantRules(t, outer, group+" ProjectLeader Allow", group+" Read Allow", eve+" Write Deny")
	if set.OwnerLUID == "" || set.ParentLUID != "" {
		t.Errorf("%+v", set)
	}
	// What is inherited stays, and does no harm when it is given back.
	must(inner.Set(ctx, nil))(t)
	set = wantRules(t, inner, group+" InheritedProjectLeader Allow")
	must(inner.Set(ctx, append(set.Rules, forUser(eve, rest.Allow("Read")))))(t)
	wantRules(t, inner, group+" InheritedProjectLeader Allow", eve+" Read Allow")
	_, err := outer.Add(ctx, forUser(eve, rest.Allow("InheritedProjectLeader")))
	if err == nil || !strings.Contains(err.Error(), "cannot be set") {
		t.Errorf("%v", err)
	}
	// Eve leads the project, and takes that from herself at last.
	_, before := w.writes(0)
	must(w.signIn("eve", "acme").Projects.Permissions(w.luid(s, "projects", "Finance")).Set(ctx, []rest.PermissionRule{forUser(eve, rest.Deny("Read"))}))(t)
	wantRules(t, outer, eve+" Read Deny")
	if writes, _ := w.writes(before); writes != "POST PUT DELETE DELETE DELETE" {
		t.Errorf("requests %s", writes)
	}
}

func testDefaultPermissions(t *testing.T) {
	ctx := t.Context()
	w := newRuledWorld(t)
	s := w.signIn("ana", "acme")
	finance, eve, group := w.luid(s, "projects", "Finance"), w.luid(s, "users", "eve"), w.luid(s, "groups", "Berlin")
	for _, of := range []rest.ContentType{
		rest.WorkbookContent, rest.DatasourceContent, rest.FlowContent, rest.MetricContent, rest.LensContent, rest.DataRoleContent,
		rest.DatabaseContent, rest.TableContent, rest.VirtualConnectionContent,
	} {
		p := s.Projects.DefaultPermissions(finance, of)
		must(p.Set(ctx, []rest.PermissionRule{forUser(eve, rest.Allow("Read", "Write"))}))(t)
		must(p.Add(ctx, forUser(eve, rest.Deny("Write")), forGroup(group, rest.Allow(p.Capabilities()...))))(t)
		must(p.Delete(ctx, forGroup(group, rest.Allow(p.Capabilities()...)), forUser(eve, rest.Deny("Read"))))(t)
		wantRules(t, p, eve+" Read Allow", eve+" Write Deny")
	}
	published := must(s.Workbooks.Publish(ctx, rest.WorkbookPublish{Name: "New", ProjectLUID: finance, Source: strings.NewReader(template)}))(t)
	wantRules(t, s.Workbooks.Permissions(published.LUID), eve+" Read Allow", eve+" Write Deny")
}

func testContentPermissions(t *testing.T) {
	ctx := t.Context()
	w := newRuledWorld(t)
	s := w.signIn("ana", "acme")
	group, eve, everyone := w.luid(s, "groups", "R&D, [Süd]"), w.luid(s, "users", "eve"), w.luid(s, "groups", "All Users")
	both := must(s.GroupSets.Create(ctx, rest.GroupSetCreate{Name: "Both"}))(t).LUID
	for name, p := range map[string]*rest.Permissions{
		"workbook":    s.Workbooks.Permissions(w.luid(s, "workbooks", "map")),
		"data source": s.Datasources.Permissions(w.luid(s, "datasources", "orders")),
		"flow":        s.Flows.Permissions(w.luid(s, "flows", "clean")),
	} {
		explore := must(p.Role("Explore"))(t)
		wanted := []rest.PermissionRule{
			forGroup(group, explore), forUser(eve, rest.Deny("Delete"), rest.Allow("Read")),
			{Grantee: rest.Grantee{GroupSetLUID: both}, Capabilities: rest.Allow("Read")},
		}
		must(p.Set(ctx, wanted))(t)
		_, before := w.writes(0)
		must(p.Set(ctx, wanted))(t)
		if writes, _ := w.writes(before); writes != "" {
			t.Errorf("%s: set twice, the second time it sends %s", name, writes)
		}
		must(p.Set(ctx, []rest.PermissionRule{
			forGroup(everyone, rest.Deny("Write")), forUser(eve, rest.Allow("Delete", "Read")), {Grantee: rest.Grantee{GroupSetLUID: both}},
		}))(t)
		wantRules(t, p, everyone+" Write Deny", eve+" Delete Allow", eve+" Read Allow")
		must(p.Delete(ctx, forUser(eve, rest.Allow("Read")), forGroup(everyone, rest.Allow("Write"))))(t)
		wantRules(t, p, everyone+" Write Deny", eve+" Delete Allow")
		p.Unchecked = true
		_, err := p.Add(ctx, forUser(eve, rest.Allow("FlyToTheMoon")))
		if refused, ok := errors.AsType[*rest.Error](err); !ok || refused.Code != "400009" {
			t.Errorf("%s: %v", name, err)
		}
		_, err = p.Add(ctx, forUser("00000000-0000-0000-0000-000000000000", rest.Allow("Read")))
		if !errors.Is(err, rest.ErrNotFound) {
			t.Errorf("%s: a user who is gone: %v", name, err)
		}
	}
	_, err := s.Workbooks.Permissions("00000000-0000-0000-0000-000000000000").Set(ctx, nil)
	if !errors.Is(err, rest.ErrNotFound) {
		t.Errorf("%v", err)
	}
}

func testViewPermissions(t *testing.T) {
	ctx := t.Context()
	w := newRuledWorld(t)
	s := w.signIn("ana", "acme")
	workbook := must(s.Workbooks.ByLUID(ctx, w.luid(s, "workbooks", "map")))(t)
	eve := w.luid(s, "users", "eve")
	p := s.Views.Permissions(workbook.Views[0].LUID)
	must(p.Set(ctx, []rest.PermissionRule{forUser(eve, rest.Allow("Read", "Filter"))}))(t)
	must(p.Delete(ctx, forUser(eve, rest.Allow("Filter"))))(t)
	wantRules(t, p, eve+" Read Allow")
	_, err := p.Add(ctx, forUser(eve, rest.Allow("ExtractRefresh")))
	if err == nil || !strings.Contains(err.Error(), "a view has no capability ExtractRefresh") {
		t.Errorf("%v", err)
	}
}

func testLockedProject(t *testing.T) {
	ctx := t.Context()
	w := newRuledWorld(t)
	s := w.signIn("ana", "acme")
	finance, eve := w.luid(s, "projects", "Finance"), w.luid(s, "users", "eve")
	workbook := must(s.Workbooks.Publish(ctx, rest.WorkbookPublish{
		Name: "Sales", ProjectLUID: w.luid(s, "projects", "EMEA"), Source: strings.NewReader(template),
	}))(t)
	p := s.Workbooks.Permissions(workbook.LUID)
	if locked := must(s.Projects.Lock(ctx, finance))(t); locked.ContentPermissions != rest.LockedToProject {
		t.Errorf("%+v", locked)
	}
	must(s.Projects.DefaultPermissions(finance, rest.WorkbookContent).Set(ctx, []rest.PermissionRule{forUser(eve, rest.Allow("Read"))}))(t)
	set := wantRules(t, p, eve+" Read Allow")
	if inner := must(s.Projects.Find(ctx, "Finance/EMEA"))(t); set.ParentLUID != finance || inner.ControllingLUID != finance {
		t.Errorf("%+v %+v", set, inner)
	}
	must(p.Set(ctx, set.Rules))(t)
	_, err := p.Add(ctx, forUser(eve, rest.Allow("Filter")))
	if locked, ok := errors.AsType[*rest.LockedError](err); !ok || locked.ProjectLUID != finance {
		t.Errorf("%v", err)
	}
	must(s.Projects.LockWithoutNested(ctx, finance))(t)
	must(p.Add(ctx, forUser(eve, rest.Allow("Filter"))))(t)
	if open := must(s.Projects.Unlock(ctx, finance))(t); open.ContentPermissions != rest.ManagedByOwner {
		t.Errorf("%+v", open)
	}
	wantRules(t, p, eve+" Filter Allow", eve+" Read Allow")
}

func testCopyPermissions(t *testing.T) {
	ctx := t.Context()
	w := newRuledWorld(t)
	s, there := w.signIn("ana", "acme"), w.signIn("ana", "globex")
	from, to := s.Workbooks.Permissions(w.luid(s, "workbooks", "map")), there.Workbooks.Permissions(w.luid(there, "workbooks", "map"))
	must(from.Set(ctx, []rest.PermissionRule{
		forGroup(w.luid(s, "groups", "R&D, [Süd]"), rest.Allow("Read", "Filter")), forUser(w.luid(s, "users", "eve"), rest.Deny("Filter")),
		forGroup(w.luid(s, "groups", "All Users"), rest.Allow("Read")),
	}))(t)
	mapping := &rest.GranteeMapping{}
	group, eve, everyone := w.luid(there, "groups", "R&D, [Süd]"), w.luid(there, "users", "eve"), w.luid(there, "groups", "All Users")
	must(from.Copy(ctx, to, mapping))(t)
	wantRules(t, to, group+" Read Allow", group+" Filter Allow", eve+" Filter Deny", everyone+" Read Allow")
	// The second time all is known, and nothing is to be done.
	_, before := w.writes(0)
	must(from.Copy(ctx, to, mapping))(t)
	if writes, now := w.writes(before); writes != "" || now != before+2 {
		t.Errorf("%d requests, %s", now-before, writes)
	}
	// Bo and Berlin are not there.
	must(from.Add(ctx, forUser(w.luid(s, "users", "bo"), rest.Allow("Read")), forGroup(w.luid(s, "groups", "Berlin"), rest.Allow("Write"))))(t)
	_, err := from.Copy(ctx, to, nil)
	unmatched, ok := errors.AsType[*rest.UnmatchedError](err)
	if !ok || len(unmatched.Names) != 2 || unmatched.Names[0].Name != "bo" || unmatched.Names[1] != (rest.GranteeName{Kind: "group", Name: "Berlin", Domain: "local"}) {
		t.Errorf("%v", err)
	}
	done := must(from.Copy(ctx, to, &rest.GranteeMapping{SkipUnmatched: true}))(t)
	if len(done.Unmatched) != 2 || len(done.Added)+len(done.Deleted) != 0 {
		t.Errorf("%+v", done)
	}
	// Renamed, Bo is Eve, and what is denied counts.
	rename := func(n rest.GranteeName) rest.GranteeName {
		if n.Name == "bo" {
			n.Name = "eve"
		}
		return n
	}
	must(from.Add(ctx, forUser(w.luid(s, "users", "bo"), rest.Allow("Filter"))))(t)
	must(from.Copy(ctx, to, &rest.GranteeMapping{Rename: rename, SkipUnmatched: true}))(t)
	wantRules(t, to, group+" Read Allow", group+" Filter Allow", eve+" Filter Deny", eve+" Read Allow", everyone+" Read Allow")
	// Within one site nobody has to be looked for.
	defaults := s.Projects.DefaultPermissions(w.luid(s, "projects", "Finance"), rest.WorkbookContent)
	must(from.Copy(ctx, defaults, nil))(t)
	_, before = w.writes(0)
	must(defaults.Copy(ctx, from, nil))(t)
	if writes, now := w.writes(before); writes != "" || now != before+2 {
		t.Errorf("%d requests, %s", now-before, writes)
	}
}
