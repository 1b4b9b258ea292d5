// Package deploy publishes what the templates of a manifest render, to all of its
// sites.
//
//	m, err := templates.Load("tabtemplate.yaml")
//	report, err := deploy.Publish(ctx, m, deploy.Options{})
//	for _, site := range report.Sites { ... }
//
// On each site the templates are published in an order in which each comes after
// those whose published data sources it uses, and what a server made of one, its
// content URL, goes into the next. A site that fails does not stop the others, nor a
// template those that do not need it: the report says for each what happened and
// why. Everything is published over what has its name in its project, so that a run
// can be repeated.
package deploy
