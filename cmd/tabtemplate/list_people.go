package main

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"

	"github.com/spf13/cobra"

	"github.com/tabtemplate/tabtemplate/rest"
)

var userColumns = []column[rest.User]{
	{name: "name", server: "name", value: func(u rest.User) any { return u.Name }},
	{name: "full_name", value: func(u rest.User) any { return u.FullName }},
	{name: "site_role", server: "siteRole", value: func(u rest.User) any { return string(u.SiteRole) }},
	{name: "last_login", server: "lastLogin", value: func(u rest.User) any { return u.LastLogin }},
	{name: "luid", more: true, value: func(u rest.User) any { return u.LUID }},
	{name: "email", more: true, value: func(u rest.User) any { return u.Email }},
	{name: "domain", more: true, value: func(u rest.User) any { return u.Domain }},
	{name: "auth_setting", more: true, value: func(u rest.User) any { return string(u.AuthSetting) }},
}

var userList = list[rest.User]{
	order: "name", columns: userColumns,
	all: func(ctx context.Context, s *rest.Session, q rest.Query) iter.Seq2[rest.User, error] {
		return s.Users.All(ctx, q)
	},
}

// memberList lists the users in a group.
func memberList(group string) list[rest.User] {
	return list[rest.User]{
		order: "name", columns: userColumns,
		all: func(ctx context.Context, s *rest.Session, q rest.Query) iter.Seq2[rest.User, error] {
			g, err := findGroup(ctx, s, group)
			if err != nil {
				return listOf[rest.User](nil, err)
			}
			q.Fields = []string{"_all_"}
			return s.Groups.Users(ctx, g.LUID, q)
		},
	}
}

// findGroup finds a group by its name or LUID. Where there is none the error has the names that are near.
func findGroup(ctx context.Context, s *rest.Session, name string) (rest.Group, error) {
	group, err := s.Groups.Find(ctx, name)
	if _, missing := errors.AsType[*rest.NotFoundError](err); !missing {
		return group, err
	}
	names := map[string]bool{}
	if gatherNames(names, s.Groups.All(ctx, rest.Query{PageSize: 1000}), func(g rest.Group) string { return g.Name }) != nil {
		return group, err // it is not there all the same
	}
	return group, fmt.Errorf("%w%s", err, didYouMean(name, slices.Sorted(maps.Keys(names))))
}

var groupList = list[rest.Group]{
	order: "name",
	columns: []column[rest.Group]{
		{name: "name", server: "name", value: func(g rest.Group) any { return g.Name }},
		{name: "domain", server: "domainName", value: func(g rest.Group) any { return g.Domain }},
		{name: "minimum_site_role", server: "minimumSiteRole", value: func(g rest.Group) any { return string(g.MinimumSiteRole) }},
		{name: "user_count", server: "userCount", value: func(g rest.Group) any { return g.UserCount }},
		{name: "luid", more: true, value: func(g rest.Group) any { return g.LUID }},
	},
	all: func(ctx context.Context, s *rest.Session, q rest.Query) iter.Seq2[rest.Group, error] {
		q.Fields = []string{"_default_", "userCount"} // the list has it when it is asked for
		return s.Groups.All(ctx, q)
	},
}

func (a *app) usersCommand() *cobra.Command {
	return a.listCommand(&cobra.Command{
		Use:   "users",
		Short: "List the users of a site",
		Long:  `users lists the users of a site, which is for administrators.`,
		Example: `  tabtemplate users
  tabtemplate users --filter 'last_login<2026-01-01' --fields name,email
  tabtemplate users --filter 'last_login=' --filter 'site_role!=Unlicensed'`,
	}, "", userList.names(), func(l *lister, _ string) error { return runList(l, userList) })
}

func (a *app) groupsCommand() *cobra.Command {
	return a.listCommand(&cobra.Command{
		Use:   "groups [GROUP]",
		Short: "List the groups of a site, or the users in one",
		Long: `groups lists the groups of a site. With a GROUP - its name, with its domain before it if need be as
in example.com\Sales, or its LUID - it lists the users in that one. Those have these fields:
` + fieldsText(userList.names()),
		Example: `  tabtemplate groups
  tabtemplate groups 'All Users' --filter 'site_role=Viewer' --fields name --quiet`,
	}, "a GROUP", groupList.names(), func(l *lister, group string) error {
		if group != "" {
			return runList(l, memberList(group))
		}
		return runList(l, groupList)
	})
}
