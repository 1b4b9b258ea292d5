package rest

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

var (
	granteeGroup = Grantee{GroupLUID: "g0"}
	granteeUser  = Grantee{UserLUID: "u1"}
)

// permissionsOf writes the answer with the rules of a workbook, as "group g0 Read Allow".
func permissionsOf(rules ...string) reply {
	body := `<permissions><workbook id="w1"/>`
	for _, rule := range rules {
		f := strings.Fields(rule)
		body += `<granteeCapabilities><` + f[0] + ` id="` + f[1] + `"/><capabilities><capability name="` + f[2] + `" mode="` + f[3] + `"/></capabilities></granteeCapabilities>`
	}
	return ok(body + `</permissions>`)
}

func ruleFor(g Grantee, capabilities ...[]Capability) PermissionRule {
	return PermissionRule{Grantee: g, Capabilities: slices.Concat(capabilities...)}
}

const onW1 = "workbooks/w1/permissions"

// What is taken away goes last, what is turned around goes first, and all that is new goes in one request in between.
func TestSetPermissionsInOrder(t *testing.T) {
	t.Parallel()
	done := reply{status: 204}
	s, f := signedIn(t, inOrder(t,
		permissionsOf("group g0 ChangePermissions Allow", "user u1 Write Deny", "group g0 Write Deny", "group g0 Read Allow", "user u1 Read Allow", "user u1 Filter Allow"),
		done, done, permissionsOf("group g0 Read Deny", "group g0 Write Allow", "group g0 Delete Deny"), done, done, done))
	changes, err := s.Workbooks.Permissions("w1").Set(t.Context(), []PermissionRule{
		ruleFor(granteeGroup, Deny("Read", "Delete"), Allow("Write", "Write")), ruleFor(granteeUser, Allow("Read")), ruleFor(granteeGroup, Allow("Write")),
	})
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "requests", f.lines(), []string{
		"GET " + onW1,
		"DELETE " + onW1 + "/groups/g0/Read/Allow",
		"DELETE " + onW1 + "/groups/g0/Write/Deny",
		"PUT " + onW1,
		"DELETE " + onW1 + "/users/u1/Filter/Allow",
		"DELETE " + onW1 + "/users/u1/Write/Deny",
		"DELETE " + onW1 + "/groups/g0/ChangePermissions/Allow",
	})
	if len(rulings(changes.Deleted)) != 5 || len(rulings(changes.Added)) != 3 {
		t.Errorf("%+v", changes)
	}
}

func TestSetPermissionsOfSome(t *testing.T) {
	t.Parallel()
	done := reply{status: 204}
	there := permissionsOf("group g0 Read Allow", "group g0 Write Deny", "user u1 Read Deny", "user u2 Read Allow", "group g3 Filter Deny")
	s, f := signedIn(t, inOrder(t, there, done, permissionsOf("group g0 Read Allow", "group g0 Write Allow"), done))
	changes, err := s.Workbooks.Permissions("w1").SetFor(t.Context(), ruleFor(granteeGroup, Allow("Read", "Write")), ruleFor(granteeUser))
	errorIs(t, err, nil)
	equal(t, "requests", f.lines(), []string{
		"GET " + onW1, "DELETE " + onW1 + "/groups/g0/Write/Deny", "PUT " + onW1, "DELETE " + onW1 + "/users/u1/Read/Deny",
	})
	if len(rulings(changes.Deleted)) != 2 || len(rulings(changes.Added)) != 1 {
		t.Errorf("%+v", changes)
	}
	s, f = signedIn(t, inOrder(t, there))
	changes, err = s.Workbooks.Permissions("w1").SetFor(t.Context(), ruleFor(granteeGroup, Deny("Write"), Allow("Read")))
	if err != nil || len(changes.Added)+len(changes.Deleted) > 0 || len(f.lines()) != 1 {
		t.Errorf("they are so: %+v, %v, %v", changes, err, f.lines())
	}
	_, err = s.Workbooks.Permissions("w1").SetFor(t.Context(), ruleFor(granteeGroup, Deny("Read"), Allow("Read")))
	errorHas(t, err, "both allowed and denied")
}

func TestSetPermissionsChangesNothing(t *testing.T) {
	t.Parallel()
	locked := ok(`<permissions><parent id="p1" type="Project"/><granteeCapabilities><user id="u1"/><capabilities><capability name="Read" mode="Allow"/></capabilities></granteeCapabilities></permissions>`)
	for name, test := range map[string]struct {
		there  reply
		wanted []PermissionRule
	}{
		"equal":              {permissionsOf("user u1 Read Allow", "group g0 Read Deny"), []PermissionRule{ruleFor(granteeGroup, Deny("Read")), ruleFor(granteeUser, Allow("Read"))}},
		"nothing":            {permissionsOf(), nil},
		"rule without any":   {permissionsOf(), []PermissionRule{ruleFor(granteeUser)}},
		"locked, as it is":   {locked, []PermissionRule{ruleFor(granteeUser, Allow("Read"))}},
		"inherited":          {permissionsOf("user u1 InheritedProjectLeader Allow"), nil},
		"inherited, given":   {permissionsOf("user u1 InheritedProjectLeader Allow"), []PermissionRule{ruleFor(granteeUser, Allow("InheritedProjectLeader"))}},
		"unknown, given":     {permissionsOf("user u1 FlyToTheMoon Allow"), []PermissionRule{ruleFor(granteeUser, Allow("FlyToTheMoon"))}},
		"somebody, no rules": {ok(`<permissions><granteeCapabilities><robot id="r1"/><capabilities/></granteeCapabilities></permissions>`), nil},
	} {
		s, f := signedIn(t, inOrder(t, test.there))
		changes, err := s.Workbooks.Permissions("w1").Set(t.Context(), test.wanted)
		if err != nil || len(changes.Added)+len(changes.Deleted) > 0 || len(f.lines()) != 1 {
			t.Errorf("%s: %+v, %v, %v", name, changes, err, f.lines())
		}
	}
}

// A server may keep both modes of a capability; what is not wanted goes, and nothing is added.
func TestSetPermissionsWhereBothModesAre(t *testing.T) {
	t.Parallel()
	s, f := signedIn(t, inOrder(t, permissionsOf("user u1 Read Allow", "user u1 Read Deny"), reply{status: 204}))
	_, err := s.Workbooks.Permissions("w1").Set(t.Context(), []PermissionRule{ruleFor(granteeUser, Allow("Read"))})
	errorIs(t, err, nil)
	equal(t, "requests", f.lines(), []string{"GET " + onW1, "DELETE " + onW1 + "/users/u1/Read/Deny"})
	s, f = signedIn(t, inOrder(t, permissionsOf("user u1 Read Allow", "user u1 Read Deny"), reply{status: 204}, reply{status: 204}))
	_, err = s.Workbooks.Permissions("w1").Delete(t.Context(), ruleFor(granteeUser, Allow("Read"), Deny("Read")))
	errorIs(t, err, nil)
	equal(t, "requests", f.lines(), []string{"GET " + onW1, "DELETE " + onW1 + "/users/u1/Read/Allow", "DELETE " + onW1 + "/users/u1/Read/Deny"})
}

func TestAddPermissionTurnsOver(t *testing.T) {
	t.Parallel()
	s, f := signedIn(t, inOrder(t, permissionsOf("user u1 Read Deny", "group g0 Read Deny"), reply{status: 204}, permissionsOf("user u1 Read Allow")))
	_, err := s.Workbooks.Permissions("w1").Add(t.Context(), ruleFor(granteeUser, Allow("Read")))
	errorIs(t, err, nil)
	equal(t, "requests", f.lines(), []string{"GET " + onW1, "DELETE " + onW1 + "/users/u1/Read/Deny", "PUT " + onW1})
}

func TestPermissionMistakes(t *testing.T) {
	t.Parallel()
	robot := ok(`<permissions><granteeCapabilities><robot id="r1"/><capabilities><capability name="Read" mode="Allow"/></capabilities></granteeCapabilities></permissions>`)
	for _, test := range []struct {
		rule     PermissionRule
		version  string
		there    reply
		err      string
		requests int
	}{
		{ruleFor(granteeUser, Allow("Reed", "Connect")), "3.29", permissionsOf(), "a workbook has no capability Reed, Connect; there is AddComment, ChangeHierarchy", 1},
		{ruleFor(granteeUser, Allow("InheritedProjectLeader")), "3.29", permissionsOf(), "cannot be set", 1},
		{ruleFor(granteeUser, Allow("Read")), "3.29", robot, "neither a user nor a group", 1},
		{ruleFor(Grantee{}, Allow("Read")), "3.29", reply{}, "rule 1 is for nobody", 0},
		{ruleFor(Grantee{UserLUID: "u1", GroupLUID: "g0"}, Allow("Read")), "3.29", reply{}, "several grantees", 0},
		{ruleFor(Grantee{UserLUID: ".."}, Allow("Read")), "3.29", reply{}, "not the LUID", 0},
		{ruleFor(Grantee{GroupSetLUID: "s1"}, Allow("Read")), "3.21", reply{}, "needs API 3.22", 0},
		{ruleFor(granteeUser, Allow("")), "3.29", reply{}, "without a name", 0},
		{ruleFor(granteeUser, []Capability{{"Read", "allow"}}), "3.29", reply{}, `the mode of Read is "allow"`, 0},
		{ruleFor(granteeUser, Allow("Read"), Deny("Read")), "3.29", reply{}, "Read is both allowed and denied for user u1", 0},
	} {
		s, f := signedIn(t, inOrder(t, test.there), WithVersion(test.version))
		_, err := s.Workbooks.Permissions("w1").Set(t.Context(), []PermissionRule{test.rule})
		errorHas(t, err, test.err)
		if len(f.lines()) != test.requests {
			t.Errorf("%s: %v", test.err, f.lines())
		}
	}
	s, f := signedIn(t, inOrder(t), WithVersion("3.22"))
	for part, p := range map[string]*Permissions{
		"not the LUID":                         s.Projects.Permissions(""),
		"no default permissions for \"view\"":  s.Projects.DefaultPermissions("p1", ViewContent),
		"no default permissions for \"other\"": s.Projects.DefaultPermissions("p1", "other"),
		"Query Default Permissions: needs":     s.Projects.DefaultPermissions("p1", TableContent),
	} {
		_, err := p.Rules(t.Context())
		errorHas(t, err, part)
	}
	equal(t, "requests", f.lines(), nil)
}

func TestUncheckedCapability(t *testing.T) {
	t.Parallel()
	s, f := signedIn(t, inOrder(t, permissionsOf(), permissionsOf("user u1 FlyToTheMoon Allow")))
	p := s.Workbooks.Permissions("w1")
	p.Unchecked = true
	_, err := p.Add(t.Context(), ruleFor(granteeUser, Allow("FlyToTheMoon")))
	if err != nil || len(f.lines()) != 2 {
		t.Errorf("%v, %v", err, f.lines())
	}
}

func TestLockedPermissions(t *testing.T) {
	t.Parallel()
	s, f := signedIn(t, inOrder(t, ok(`<permissions><parent id="p1" type="Project"/><workbook id="w1"/></permissions>`)))
	_, err := s.Workbooks.Permissions("w1").Add(t.Context(), ruleFor(granteeUser, Allow("Read")))
	locked, is := errors.AsType[*LockedError](err)
	if !is || locked.ProjectLUID != "p1" || !errors.Is(err, ErrForbidden) || len(f.lines()) != 1 {
		t.Errorf("%v, %v", err, f.lines())
	}
	errorHas(t, err, `adding to the permissions of workbook "w1": the permissions are locked to project "p1"`)
}

// What was done before it went wrong is told, and a rule that has gone by itself is no failure.
func TestPermissionsHalfway(t *testing.T) {
	t.Parallel()
	gone, done := refusal("404002", "Resource Not Found", "u1"), reply{status: 204}
	there := permissionsOf("user u1 Read Allow", "group g0 Read Allow")
	s, _ := signedIn(t, inOrder(t, there, done, refusal("403004", "Forbidden", "no")))
	changes, err := s.Workbooks.Permissions("w1").Set(t.Context(), nil)
	errorIs(t, err, ErrForbidden)
	errorHas(t, err, "deleting Allow Read for group g0")
	if len(changes.Deleted) != 1 || changes.Deleted[0].Grantee != granteeUser {
		t.Errorf("%+v", changes)
	}
	s, _ = signedIn(t, inOrder(t, there, gone, done, permissionsOf()))
	changes, err = s.Workbooks.Permissions("w1").Set(t.Context(), nil)
	if err != nil || len(changes.Deleted) != 1 || changes.Deleted[0].Grantee != granteeGroup {
		t.Errorf("%+v, %v", changes, err)
	}
	s, _ = signedIn(t, inOrder(t, there, gone, done, permissionsOf("user u1 Read Allow")))
	_, err = s.Workbooks.Permissions("w1").Set(t.Context(), nil)
	errorIs(t, err, ErrNotFound)
	s, _ = signedIn(t, inOrder(t, permissionsOf(), permissionsOf("user u1 Read Deny")))
	_, err = s.Workbooks.Permissions("w1").Add(t.Context(), ruleFor(granteeUser, Allow("Read")))
	errorHas(t, err, "has not added Allow Read for user u1")
	s, _ = signedIn(t, inOrder(t, permissionsOf(), refusal("400009", "Bad Request", "no")))
	_, err = s.Workbooks.Permissions("w1").Add(t.Context(), ruleFor(granteeUser, Allow("ExtractRefresh")))
	errorIs(t, err, ErrInvalid)
}

func TestRoles(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		version    string
		on         func(*Session) *Permissions
		role, want string
	}{
		{"3.29", onWorkbook, "View", "Read Filter ViewComments AddComment ExportImage ExportData"},
		{"3.29", onWorkbook, "Explore", "Read Filter ViewComments AddComment ExportImage ExportData ShareView ViewUnderlyingData WebAuthoring RunExplainData"},
		{"3.9", onWorkbook, "Explore", "Read Filter ViewComments AddComment ExportImage ExportData ShareView ViewUnderlyingData WebAuthoring"},
		{"3.29", onWorkbook, "Viewer", "Read ExportImage ExportData ViewComments AddComment"},
		{"3.29", onWorkbook, "Interactor", "Read Filter ViewComments AddComment ExportImage ExportData ShareView ViewUnderlyingData WebAuthoring"},
		{"3.29", onDatasource, "Publish", "Read Connect ExportXml Write SaveAs"},
		{"3.9", onDatasource, "Administer", "Read Connect ExportXml Write Delete ChangePermissions"},
		{"3.29", onDatasource, "Connector", "Read Connect"},
		{"3.29", onProject, "Publish", "Read Write"},
		{"3.29", onProject, "Project Leader", "ProjectLeader"},
		{"3.29", onProject, "Denied", "-Read -Write"},
		{"3.29", onDatasource, "Denied", "-Read -Connect -ExportXml -Write -SaveAs -ChangeHierarchy -Delete -ChangePermissions"},
		{"3.9", onFlow, "Publish", "Read ExportXml Write"},
		{"3.29", onFlow, "Administer", "Read ExportXml Execute Write WebAuthoringForFlows ChangeHierarchy Delete ChangePermissions"},
	} {
		s, _ := signedIn(t, inOrder(t), WithVersion(test.version))
		capabilities, err := test.on(s).Role(test.role)
		var got []string
		for _, c := range capabilities {
			got = append(got, map[CapabilityMode]string{ModeDeny: "-"}[c.Mode]+c.Name)
		}
		if err != nil || strings.Join(got, " ") != test.want {
			t.Errorf("%s at %s: %v, %v\nwant %s", test.role, test.version, got, err, test.want)
		}
	}
	s, _ := signedIn(t, inOrder(t))
	_, err := onProject(s).Role("Explore")
	errorHas(t, err, `a project has no role "Explore"; there is View, Publish, Project Leader, Viewer, Publisher, Denied`)
}

func onWorkbook(s *Session) *Permissions   { return s.Workbooks.Permissions("w1") }
func onDatasource(s *Session) *Permissions { return s.Datasources.Permissions("d1") }
func onProject(s *Session) *Permissions    { return s.Projects.Permissions("p1") }
func onFlow(s *Session) *Permissions       { return s.Flows.Permissions("f1") }

// Every role holds capabilities that its content has, each once.
func TestRolesHoldKnownCapabilities(t *testing.T) {
	t.Parallel()
	s, _ := signedIn(t, inOrder(t))
	for about, content := range ruledContents {
		p := &Permissions{s: s, about: about}
		for _, r := range content.roles {
			held, err := p.Role(r.name)
			seen := map[string]bool{}
			for _, c := range held {
				if !slices.Contains(p.Capabilities(), c.Name) || seen[c.Name] {
					t.Errorf("%s %s: %s", about, r.name, c.Name)
				}
				seen[c.Name] = true
			}
			if err != nil || len(held) == 0 {
				t.Errorf("%s %s: %v, %v", about, r.name, held, err)
			}
		}
	}
}
