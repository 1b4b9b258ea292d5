// Package templates reads a manifest and renders templates for the sites in it: one workbook or data source file, edited
// for each tenant by the rules of the manifest.
//
// A manifest is a YAML file that names the sites, the vars that are different on each, the template files, and for each
// file how it is published and what is edited on the way:
//
//	version: 1
//	server: {url: https://tableau.example.com}
//	vars:
//	  db: {server: warehouse.internal, port: 5432}
//	sites:
//	  acme: {vars: {tenant: "Acme, Inc.", db: {name: acme_prod}}}
//	templates:
//	  orders:
//	    file: orders.tds
//	    publish: {as: Orders, project: Data Sources}
//	    edits:
//	      - connection: {class: postgres}
//	        set: {server: '${db.server}', port: '${db.port}', dbname: '${db.name}'}
//	      - filter: Tenant
//	        include: ['${tenant}']
//	  sales:
//	    file: sales.twbx
//	    publish: {as: 'Sales for ${tenant}'}
//	    edits:
//	      - published: Orders
//	        to: '${published.orders}'
//	      - parameter: Region
//	        value: EMEA
//
// Load checks all of it, for every site, and returns everything that is wrong at once. Open opens the template files,
// and Render edits a copy of one for one site:
//
//	m, err := templates.Load("tabtemplate.yaml")
//	r, err := m.Open()
//	defer r.Close()
//	for _, site := range m.Sites() {
//		published := map[string]templates.Published{}
//		for _, t := range m.Templates() {
//			if !t.For(site) {
//				continue
//			}
//			rendering, err := r.Render(site, t, published)
//			err = rendering.File.Save(rendering.Name + rendering.File.Kind().Ext())
//			published[t.Name], err = m.Predict(site, t) // or what a server made of it
//		}
//	}
//
// # Values
//
// ${…} holds an expression of expr-lang over the vars, site.key, site.content_url, site.project and, in the `to` of an
// edit, published.<template>. A scalar that is one whole ${…} keeps the type of the result; inside text the result is
// written as text; $${ is a literal ${. What a var holds is never expanded again.
//
// Besides env, file and secret an expression may call
//
//	abs, all, any, ceil, concat, count, filter, find, findIndex, findLast, findLastIndex, first, flatten, float,
//	floor, fromBase64, fromJSON, fromPairs, get, groupBy, hasPrefix, hasSuffix, indexOf, int, join, keys, last,
//	lastIndexOf, len, lower, map, max, mean, median, min, none, one, reduce, repeat, replace, reverse, round,
//	sort, sortBy, split, splitAfter, string, sum, take, toBase64, toJSON, toPairs, trim, trimPrefix, trimSuffix,
//	uniq, upper, values
//
// and no other function: what reads the clock or time zones is left out, so that a manifest renders the same at any time.
//
// What the functions env, file and secret return is secret. The package reads none by itself: WithEnv, WithFiles and
// WithSecrets say where from. Secrets are read when a site is rendered or signed in to, never by Load. Neither they nor what expressions make
// of them are shown in errors or changes.
//
// # Rules
//
// An edit that matches nothing is an error, unless it says `optional: true`; one that matches several things is an error,
// unless it says `all: true`. An edit is done whole or not at all, and two edits that want one place to be different are
// an error.
package templates
