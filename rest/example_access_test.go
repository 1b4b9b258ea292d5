package rest_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/tabtemplate/tabtemplate/rest"
)

func ExampleProjectsService_Tree() {
	ctx := context.Background()
	session := signIn(ctx)
	project, err := session.Projects.EnsurePath(ctx, "Finance/EMEA/North")
	if err != nil {
		log.Fatal(err)
	}
	tree, err := session.Projects.Tree(ctx)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(tree.Path(project.LUID))
	fmt.Println(tree.Path(project.ParentLUID))
	// Output:
	// Finance/EMEA/North
	// Finance/EMEA
}

func ExampleProjectsService_Update() {
	ctx := context.Background()
	session := signIn(ctx)
	project, err := session.Projects.EnsurePath(ctx, "Finance/EMEA")
	if err != nil {
		log.Fatal(err)
	}
	moved, err := session.Projects.Update(ctx, project.LUID, rest.ProjectUpdate{
		Name:       new("Europe"),
		ParentLUID: new(""), // to the top level
	})
	if err != nil {
		log.Fatal(err)
	}
	locked, err := session.Projects.Lock(ctx, moved.LUID)
	fmt.Println(locked.Name, locked.TopLevel, locked.ContentPermissions, err)
	// Output: Europe true LockedToProject <nil>
}

// What new workbooks of a project begin with.
func ExampleProjectsService_DefaultPermissions() {
	ctx := context.Background()
	session := signIn(ctx)
	project, err := session.Projects.EnsurePath(ctx, "Finance")
	if err != nil {
		log.Fatal(err)
	}
	everybody, err := session.Groups.ByName(ctx, "All Users")
	if err != nil {
		log.Fatal(err)
	}
	workbooks := session.Projects.DefaultPermissions(project.LUID, rest.WorkbookContent)
	explore, err := workbooks.Role("Explore")
	if err != nil {
		log.Fatal(err)
	}
	rules := []rest.PermissionRule{{
		Grantee:      rest.Grantee{GroupLUID: everybody.LUID},
		Capabilities: append(explore, rest.Deny("ExportXml")...),
	}}
	if _, err := workbooks.Set(ctx, rules); err != nil {
		log.Fatal(err)
	}
	again, err := workbooks.Set(ctx, rules) // changes nothing, and sends nothing that would
	fmt.Println(len(again.Added), len(again.Deleted), err)
	// Output: 0 0 <nil>
}

func ExamplePermissions_Add() {
	ctx := context.Background()
	session := signIn(ctx)
	project, err := session.Projects.EnsurePath(ctx, "Finance")
	if err != nil {
		log.Fatal(err)
	}
	permissions := session.Projects.Permissions(project.LUID)
	_, err = permissions.Add(ctx, rest.PermissionRule{
		Grantee:      rest.Grantee{UserLUID: session.UserLUID()},
		Capabilities: rest.Deny("Write"),
	})
	if err != nil {
		log.Fatal(err)
	}
	set, err := permissions.Rules(ctx)
	if err != nil {
		log.Fatal(err)
	}
	for _, rule := range set.Rules {
		fmt.Println("for a group:", rule.GroupLUID != "", rule.Capabilities)
	}
	// Output:
	// for a group: true [{Read Allow} {Write Allow}]
	// for a group: false [{Write Deny}]
}

// The permissions of a project on one site become those of a project on another, with groups and users of the same names.
func ExamplePermissions_Copy() {
	ctx := context.Background()
	one, other := signIn(ctx), signIn(ctx) // each of a server of its own
	from, err := one.Projects.EnsurePath(ctx, "Finance")
	if err != nil {
		log.Fatal(err)
	}
	to, err := other.Projects.EnsurePath(ctx, "Finance")
	if err != nil {
		log.Fatal(err)
	}
	mapping := &rest.GranteeMapping{SkipUnmatched: true}
	copied, err := one.Projects.Permissions(from.LUID).Copy(ctx, other.Projects.Permissions(to.LUID), mapping)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("changed:", len(copied.Added)+len(copied.Deleted), "left out:", copied.Unmatched)
	// Output: changed: 0 left out: []
}

// A locked project sets the permissions of all that is in it.
func ExampleLockedError() {
	ctx := context.Background()
	session := signIn(ctx)
	project, err := session.Projects.EnsurePath(ctx, "Finance/EMEA")
	if err != nil {
		log.Fatal(err)
	}
	if _, err := session.Projects.Lock(ctx, project.ParentLUID); err != nil {
		log.Fatal(err)
	}
	_, err = session.Projects.Permissions(project.LUID).Set(ctx, nil)
	locked, ok := errors.AsType[*rest.LockedError](err)
	fmt.Println(ok && locked.ProjectLUID == project.ParentLUID)
	// Output: true
}

func ExamplePermissions_Set() {
	ctx := context.Background()
	session := signIn(ctx)
	project, err := session.Projects.EnsurePath(ctx, "Finance")
	if err != nil {
		log.Fatal(err)
	}
	group, err := session.Groups.Create(ctx, rest.GroupCreate{Name: "Controllers"})
	if err != nil {
		log.Fatal(err)
	}
	permissions := session.Projects.DefaultPermissions(project.LUID, rest.WorkbookContent)
	view, err := permissions.Role("View")
	if err != nil {
		log.Fatal(err)
	}
	// The rule for All Users, which a new project has, goes.
	changes, err := permissions.Set(ctx, []rest.PermissionRule{
		{Grantee: rest.Grantee{GroupLUID: group.LUID}, Capabilities: view},
	})
	fmt.Println(len(changes.Added), "rule added,", len(changes.Deleted), "deleted,", err)
	// Output: 1 rule added, 1 deleted, <nil>
}
