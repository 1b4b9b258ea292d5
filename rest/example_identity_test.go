package rest_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/tabtemplate/tabtemplate/rest"
)

// The users of a list are put on the site and into a group, whether they are there already or not.
func ExampleGroupsService_AddUsers() {
	ctx := context.Background()
	session := signIn(ctx)
	group, err := session.Groups.ByName(ctx, "Sales")
	if errors.Is(err, rest.ErrNotFound) {
		group, err = session.Groups.Create(ctx, rest.GroupCreate{Name: "Sales"})
	}
	if err != nil {
		log.Fatal(err)
	}
	var luids []string
	for _, name := range []string{"kim", "lee"} {
		user, err := session.Users.AddOrUpdate(ctx, rest.UserAdd{
			Name: name, SiteRole: rest.SiteRoleViewer, Email: name + "@example.com",
		})
		if err != nil {
			log.Fatal(err)
		}
		luids = append(luids, user.LUID)
	}
	if err := session.Groups.AddUsers(ctx, group.LUID, luids...); err != nil {
		log.Fatal(err)
	}
	for user, err := range session.Groups.Users(ctx, group.LUID, rest.Query{Sort: []rest.Order{rest.Asc("name")}}) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(user.Name, user.SiteRole)
	}
	// Output:
	// kim Viewer
	// lee Viewer
}

// A site is suspended, which leaves everything else of it as it is.
func ExampleSitesService_Update() {
	ctx := context.Background()
	session := signIn(ctx)
	site, err := session.Sites.Create(ctx, rest.SiteCreate{Name: "Finance", ContentURL: "finance"})
	if err != nil {
		log.Fatal(err)
	}
	site, err = session.Sites.Update(ctx, site.LUID, rest.SiteUpdate{State: new(rest.SiteSuspended)})
	fmt.Println(site.Name, site.State, err)
	// Output: Finance Suspended <nil>
}

// Many users are put on the site by one request, and the server works on them in the background.
func ExampleUsersService_ImportCSV() {
	ctx := context.Background()
	session := signIn(ctx)
	job, err := session.Users.ImportCSV(ctx, []rest.UserImport{
		{Name: "kim", FullName: "Kim Lee", SiteRole: rest.SiteRoleCreator},
		{Name: "lee", FullName: "Lee, Robin", SiteRole: rest.SiteRoleViewer},
	})
	if err == nil {
		job, err = session.Jobs.Wait(ctx, job.LUID)
	}
	if err != nil || job.Err() != nil {
		log.Fatal(err, job.Err())
	}
	user, err := session.Users.ByName(ctx, "lee")
	fmt.Println(user.FullName, user.SiteRole, err)
	// Output: Lee, Robin Viewer <nil>
}

func ExampleFavoritesService_Add() {
	ctx := context.Background()
	session := signIn(ctx)
	project, err := session.Projects.EnsurePath(ctx, "Dashboards")
	if err != nil {
		log.Fatal(err)
	}
	content := rest.FavoriteContent{Kind: rest.FavoriteProject, LUID: project.LUID}
	if err := session.Favorites.Add(ctx, session.UserLUID(), content, "Start here"); err != nil {
		log.Fatal(err)
	}
	for favorite, err := range session.Favorites.All(ctx, session.UserLUID(), rest.Query{}) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(favorite.Label, favorite.Project.Name)
	}
	// Output: Start here Dashboards
}

func ExampleUsersService_AddOrUpdate() {
	ctx := context.Background()
	session := signIn(ctx)
	for _, role := range []rest.SiteRole{rest.SiteRoleViewer, rest.SiteRoleExplorer} { // once more does no harm
		user, err := session.Users.AddOrUpdate(ctx, rest.UserAdd{Name: "ana", SiteRole: role, FullName: "Ana Silva"})
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(user.Name, user.SiteRole, user.FullName)
	}
	// Output:
	// ana Viewer Ana Silva
	// ana Explorer Ana Silva
}
