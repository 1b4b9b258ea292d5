package rest

import (
	"context"
	"errors"
	"fmt"
	"slices"
)

var accessRows = slices.Concat(
	projectRows,
	permissionRows(65, "Project", "projects/p1/permissions", "project", "Write", func(s *Session) *Permissions {
		return s.Projects.Permissions("p1")
	}),
	permissionRows(68, "Default", "projects/p1/default-permissions/workbooks", "project", "ExportXml", func(s *Session) *Permissions {
		return s.Projects.DefaultPermissions("p1", WorkbookContent)
	}),
	permissionRows(71, "Default", "projects/p1/default-permissions/datasources", "project", "Connect", func(s *Session) *Permissions {
		return s.Projects.DefaultPermissions("p1", DatasourceContent)
	}),
	permissionRows(74, "Default", "projects/p1/default-permissions/flows", "project", "Execute", func(s *Session) *Permissions {
		return s.Projects.DefaultPermissions("p1", FlowContent)
	}),
	permissionRows(77, "Workbook", "workbooks/w1/permissions", "workbook", "WebAuthoring", func(s *Session) *Permissions {
		return s.Workbooks.Permissions("w1")
	}),
	permissionRows(80, "Data Source", "datasources/d1/permissions", "datasource", "SaveAs", func(s *Session) *Permissions {
		return s.Datasources.Permissions("d1")
	}),
	permissionRows(146, "View", "views/v1/permissions", "view", "RunExplainData", func(s *Session) *Permissions {
		return s.Views.Permissions("v1")
	}),
	permissionRows(163, "Flow", "flows/f1/permissions", "flow", "WebAuthoringForFlows", func(s *Session) *Permissions {
		return s.Flows.Permissions("f1")
	}),
	moreDefaultRows,
)

var projectRows = []wireRow{
	{
		rows: []int{61}, name: "Query Projects",
		call: func(ctx context.Context, s *Session) error {
			found, err := Collect(s.Projects.All(ctx, Query{Filters: []Filter{Eq("topLevelProject", "true")}, Sort: []Order{Asc("name")}}))
			if err == nil && (len(found) != 2 || found[0].Writeable == nil || *found[0].Writeable || !found[0].TopLevel ||
				found[0].Contents.Workbooks != 3 || found[0].Contents.Datasources != 1 || found[0].OwnerLUID != "u1" || found[0].FavoritesTotal != 2 ||
				found[1].ContentPermissions != LockedToProject || found[1].ControllingLUID != "p1" || found[1].TopLevel || found[1].Contents != nil) {
				err = fmt.Errorf("%+v", found)
			}
			return err
		},
		seen: []string{"GET projects?filter=topLevelProject:eq:true&sort=name:asc&pageNumber=1&pageSize=100"},
		reply: []reply{ok(`<pagination pageNumber="1" pageSize="100" totalAvailable="2"/><projects>
			<project id="p1" name="Default" description="" topLevelProject="true" writeable="false" favoritesTotal="2" contentPermissions="ManagedByOwner" new="x">
				<owner id="u1"/><contentsCounts projectCount="1" workbookCount="3" viewCount="9" datasourceCount="1"/><more/></project>
			<project id="p2" name="North" parentProjectId="p1" topLevelProject="false" contentPermissions="LockedToProject" controllingPermissionsProjectId="p1"><owner id="u1"/></project></projects>`)},
	},
	{
		rows: []int{62}, name: "Create Project",
		call: func(ctx context.Context, s *Session) error {
			p, err := s.Projects.Create(ctx, ProjectCreate{
				Name: `R&D "Ost"/Süd`, Description: "a\nb", ContentPermissions: LockedToProjectWithoutNested, ParentLUID: "p1", OwnerLUID: "u2",
				PublishSamples: true,
			})
			if err == nil && (p.LUID != "p9" || p.OwnerLUID != "u2") {
				err = fmt.Errorf("%+v", p)
			}
			return err
		},
		seen: []string{"POST projects?publishSamples=true\n\n" +
			`<tsRequest><project name="R&amp;D &quot;Ost&quot;/Süd" description="a&#10;b" contentPermissions="LockedToProjectWithoutNested" parentProjectId="p1"><owner id="u2"/></project></tsRequest>`},
		reply: []reply{{status: 201, body: tsResponse(`<project id="p9" name="x"><owner id="u2"/></project>`)}},
	},
	{
		rows: []int{63}, name: "Update Project",
		call: func(ctx context.Context, s *Session) error {
			var errs []error
			for _, u := range []ProjectUpdate{
				{Name: new("New, name"), Description: new(""), ContentPermissions: new(ManagedByOwner), ParentLUID: new(""), OwnerLUID: new("u2")},
				{PublishSamples: true},
			} {
				p, err := s.Projects.Update(ctx, "p1", u)
				errs = append(errs, err)
				if p.Name != "New, name" {
					errs = append(errs, fmt.Errorf("%+v", p))
				}
			}
			_, err1 := s.Projects.Lock(ctx, "p1")
			_, err2 := s.Projects.LockWithoutNested(ctx, "p1")
			_, err3 := s.Projects.Unlock(ctx, "p1")
			return errors.Join(append(errs, err1, err2, err3)...)
		},
		seen: []string{
			"PUT projects/p1\n\n" +
				`<tsRequest><project name="New, name" description="" contentPermissions="ManagedByOwner" parentProjectId=""><owner id="u2"/></project></tsRequest>`,
			"PUT projects/p1?publishSamples=true\n\n<tsRequest><project/></tsRequest>",
			"PUT projects/p1\n\n" + `<tsRequest><project contentPermissions="LockedToProject"/></tsRequest>`,
			"PUT projects/p1\n\n" + `<tsRequest><project contentPermissions="LockedToProjectWithoutNested"/></tsRequest>`,
			"PUT projects/p1\n\n" + `<tsRequest><project contentPermissions="ManagedByOwner"/></tsRequest>`,
		},
		reply: []reply{ok(`<project id="p1" name="New, name"/>`)},
	},
	{
		rows: []int{64}, name: "Delete Project",
		call:  func(ctx context.Context, s *Session) error { return s.Projects.Delete(ctx, "p1") },
		seen:  []string{"DELETE projects/p1"},
		reply: []reply{{status: 204}},
	},
}

// permissionRows are the three operations on one kind of permissions: reading, adding and deleting. The capability is one
// that the content has.
func permissionRows(first int, title, path, element, capability string, on func(*Session) *Permissions) []wireRow {
	head := `<permissions><` + element + ` id="x1" name="Sales"><owner id="u9"/></` + element + `>`
	there := head + `<granteeCapabilities><group id="g0" name="All Users"/><capabilities><capability name="Read" mode="Allow"/>` +
		`<capability name="` + capability + `" mode="Deny"/></capabilities></granteeCapabilities></permissions>`
	return []wireRow{
		{
			rows: []int{first}, name: "Query " + title + " Permissions",
			call: func(ctx context.Context, s *Session) error {
				set, err := on(s).Rules(ctx)
				if err != nil {
					return err
				}
				if set.OwnerLUID != "u9" || set.ParentLUID != "" || len(set.Rules) != 1 || set.Rules[0].Grantee != (Grantee{GroupLUID: "g0"}) ||
					!slices.Equal(set.Rules[0].Capabilities, []Capability{{"Read", ModeAllow}, {capability, ModeDeny}}) {
					return fmt.Errorf("%+v", set)
				}
				return nil
			},
			seen:  []string{"GET " + path},
			reply: []reply{ok(there)},
		},
		{
			rows: []int{first + 1}, name: "Add " + title + " Permissions",
			call: func(ctx context.Context, s *Session) error {
				_, err := on(s).Add(ctx,
					PermissionRule{Grantee: Grantee{UserLUID: "u1"}, Capabilities: append(Allow("Read"), Deny(capability)...)},
					PermissionRule{Grantee: Grantee{GroupLUID: "g1"}, Capabilities: Allow(capability)},
					PermissionRule{Grantee: Grantee{GroupSetLUID: "s1"}, Capabilities: Allow("Read")})
				return err
			},
			seen: []string{
				"GET " + path,
				"PUT " + path + "\n\n<tsRequest><permissions>" +
					`<granteeCapabilities><user id="u1"/><capabilities><capability name="Read" mode="Allow"/><capability name="` + capability + `" mode="Deny"/></capabilities></granteeCapabilities>` +
					`<granteeCapabilities><group id="g1"/><capabilities><capability name="` + capability + `" mode="Allow"/></capabilities></granteeCapabilities>` +
					`<granteeCapabilities><groupSet id="s1"/><capabilities><capability name="Read" mode="Allow"/></capabilities></granteeCapabilities>` +
					`</permissions></tsRequest>`,
			},
			reply: []reply{ok(head + `</permissions>`)},
		},
		{
			rows: []int{first + 2}, name: "Delete " + title + " Permission",
			call: func(ctx context.Context, s *Session) error {
				done, err := on(s).Delete(ctx, PermissionRule{Grantee: Grantee{GroupLUID: "g0"}, Capabilities: append(Deny(capability), Allow("Read")...)})
				if err == nil && (len(done.Added) != 0 || len(done.Deleted) != 1 || len(done.Deleted[0].Capabilities) != 2) {
					err = fmt.Errorf("%+v", done)
				}
				return err
			},
			seen:  []string{"GET " + path, "DELETE " + path + "/groups/g0/Read/Allow", "DELETE " + path + "/groups/g0/" + capability + "/Deny"},
			reply: []reply{ok(there), {status: 204}},
		},
	}
}

// moreDefaultRows are the default permissions of kinds of content that nothing else is known of.
var moreDefaultRows = []wireRow{{
	rows: []int{149}, name: "More default permissions",
	call: func(ctx context.Context, s *Session) error {
		var errs []error
		for _, of := range []ContentType{MetricContent, LensContent, DataRoleContent, DatabaseContent, TableContent, VirtualConnectionContent} {
			_, err := s.Projects.DefaultPermissions("p1", of).Rules(ctx)
			errs = append(errs, err)
		}
		_, err := s.Projects.DefaultPermissions("p1", MetricContent).Set(ctx, []PermissionRule{{Grantee: Grantee{UserLUID: "u1"}, Capabilities: Allow("Write")}})
		return errors.Join(append(errs, err)...)
	},
	seen: []string{
		"GET projects/p1/default-permissions/metrics",
		"GET projects/p1/default-permissions/lenses",
		"GET projects/p1/default-permissions/dataroles",
		"GET projects/p1/default-permissions/databases",
		"GET projects/p1/default-permissions/tables",
		"GET projects/p1/default-permissions/virtualconnections",
		"GET projects/p1/default-permissions/metrics",
		"PUT projects/p1/default-permissions/metrics\n\n" +
			`<tsRequest><permissions><granteeCapabilities><user id="u1"/><capabilities><capability name="Write" mode="Allow"/></capabilities></granteeCapabilities></permissions></tsRequest>`,
	},
	reply: []reply{ok(`<permissions/>`)},
}}
