// Package replicate copies published workbooks, with the published data sources they need, and data sources alone, from one site
// to another, of the same server or of another one.
//
//	what := replicate.Selection{Workbooks: []string{luid}}
//	report, err := replicate.Copy(ctx, from, to, what, replicate.Options{Mode: rest.Overwrite, CreateProjects: true})
//
// Each workbook is downloaded, its references are followed to the data sources of its site, those are downloaded and published
// first, the references are led to the new ones, and the workbook is published. What the files hold otherwise stays, byte for
// byte. Passwords of databases are in no file: they are given, or viewers are asked for them. Description, tabs, tags and
// certification go along, and the rules on content if that is asked for. Owner, revisions, schedules, subscriptions, alerts and
// custom views do not. A sheet that the user cannot see on the one site is hidden on the other.
//
// What fails is in the report and stops nothing that does not need it. Running it again copies again: with rest.Overwrite the
// copies are replaced, and keep their LUIDs.
package replicate
