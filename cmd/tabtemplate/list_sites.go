package main

import (
	"context"
	"iter"

	"github.com/spf13/cobra"

	"github.com/tabtemplate/tabtemplate/rest"
)

var siteList = list[rest.Site]{
	order: "name",
	columns: []column[rest.Site]{
		{name: "content_url", value: func(s rest.Site) any { return s.ContentURL }},
		{name: "name", value: func(s rest.Site) any { return s.Name }},
		{name: "state", value: func(s rest.Site) any { return string(s.State) }},
		{name: "luid", more: true, value: func(s rest.Site) any { return s.LUID }},
		{name: "admin_mode", more: true, value: func(s rest.Site) any { return string(s.AdminMode) }},
		{name: "user_quota", more: true, value: func(s rest.Site) any { return s.UserQuota }},
		{name: "storage_quota_mb", more: true, value: func(s rest.Site) any { return s.StorageQuota }},
		{name: "revision_limit", more: true, value: func(s rest.Site) any { return s.RevisionLimit }},
		{name: "time_zone", more: true, value: func(s rest.Site) any { return s.TimeZone }},
	},
	all: func(ctx context.Context, s *rest.Session, q rest.Query) iter.Seq2[rest.Site, error] {
		return s.Sites.All(ctx, rest.Query{PageSize: q.PageSize}) // it is the list that has no filters
	},
}

func (a *app) sitesCommand() *cobra.Command {
	return a.listCommand(&cobra.Command{
		Use:   "sites",
		Short: "List the sites of a server",
		Long: `sites lists the sites of a server, which is for administrators of the server. CONTENT URL is what
--site takes: the part of the URL that names a site, which the Default site does not have. A quota of
0 or -1 is none.`,
		Example: `  tabtemplate sites
  tabtemplate sites --filter 'state!=Active'
  tabtemplate sites --fields content_url --quiet`,
	}, "", siteList.names(), func(l *lister, _ string) error { return runList(l, siteList) })
}
