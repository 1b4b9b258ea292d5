package templates_test

import (
	"context"
	"fmt"
	"io"
	"log"

	"github.com/tabtemplate/tabtemplate/templates"
)

// Render the templates for one site, without publishing anything.
func Example() {
	m, err := templates.Load("testdata/tabtemplate.yaml")
	if err != nil {
		log.Fatal(err)
	}
	r, err := m.Open()
	if err != nil {
		log.Fatal(err)
	}
	defer r.Close()
	site, err := m.Site("acme")
	if err != nil {
		log.Fatal(err)
	}
	published := map[string]templates.Published{}
	for _, template := range m.Templates() {
		rendering, err := r.Render(site, template, published)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%s, in %s:\n", rendering.Name, rendering.Project)
		for change := range rendering.Changes() {
			if change.Old != "" {
				fmt.Printf("  line %d: %s -> %s\n", change.Line, change.Old, change.New)
			}
		}
		if published[template.Name], err = m.Predict(site, template); err != nil {
			log.Fatal(err)
		}
	}
	// Output:
	// Orders, in Data Sources:
	//   line 7: db1 -> warehouse.internal
	//   line 8: dev -> acme_prod
	//   line 8: 5432 -> 5433
	//   line 8: db1 -> warehouse.internal
	// Sales for Acme, Inc., in Dashboards/EMEA:
	//   line 8: "none" -> "EMEA"
	//   line 9: "none" -> "EMEA"
	//   line 43: OrdersDev -> Orders
	//   line 43: /t/dev/datasources -> /t/acme/datasources
	//   line 43: dev -> acme
	//   line 44: https -> http
	//   line 44: OrdersDev -> Orders
	//   line 44: 443 -> 80
	//   line 44: tab.example.com -> tableau.localhost
}

// Render a template for all sites, some at a time, and tell of each in the order of the manifest.
func ExampleEach() {
	m, err := templates.Load("testdata/tabtemplate.yaml")
	if err != nil {
		log.Fatal(err)
	}
	r, err := m.Open()
	if err != nil {
		log.Fatal(err)
	}
	defer r.Close()
	orders, err := m.Template("orders")
	if err != nil {
		log.Fatal(err)
	}
	type result struct {
		size int64
		err  error
	}
	err = templates.Each(context.Background(), m.Sites(), 0, func(s *templates.Site) (done result) {
		rendering, err := r.Render(s, orders, nil)
		if err != nil {
			return result{err: err}
		}
		done.size, done.err = rendering.File.WriteTo(io.Discard)
		return done
	}, func(s *templates.Site, done result) error {
		fmt.Println(s.Key, done.size > 0, done.err)
		return nil
	})
	if err != nil {
		log.Fatal(err)
	}
	// Output:
	// acme true <nil>
	// globex true <nil>
}

// The edits of data sources: every fact has its verb.
func Example_datasource() {
	m, err := templates.Load("testdata/edits.yaml")
	if err != nil {
		log.Fatal(err)
	}
	r, err := m.Open()
	if err != nil {
		log.Fatal(err)
	}
	defer r.Close()
	for _, site := range m.Sites() {
		rendering, err := r.Render(site, m.Templates()[0], nil)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(site.Key)
		for ds := range rendering.File.Datasources() {
			for c := range ds.Connections() {
				fmt.Println(" ", c.Class(), c.Server(), c.Username(), c.InitialSQL())
			}
			for t := range ds.Tables() {
				fmt.Println(" ", t.Name)
			}
			for c := range ds.Columns() {
				if c.Formula != "" {
					fmt.Println(" ", c.Label(), "=", c.Formula)
				}
			}
			for f := range ds.Filters() {
				fmt.Println(" ", f)
			}
		}
	}
	// Output:
	// acme
	//   postgres warehouse.internal acme_reader SET app.tenant = 'acme'
	//   [acme].[orders]
	//   Mine = IIF([Tenant] = USERNAME(), 1, 0)
	//   Mine include 1
	//   Kunde exclude null
}

// Sites that a program keeps elsewhere, in a database say, go with the templates of a manifest.
func ExampleWithSites() {
	rows := [][]string{{"initech", "Initech", "APAC", "initech_prod"}, {"hooli", "Hooli", "AMER", "hooli_prod"}}
	sites := func(yield func(templates.SiteSource, error) bool) {
		for _, row := range rows { // of a query, whose error is yielded last
			s := templates.SiteSource{
				Key: row[0], ContentURL: row[0],
				Vars: map[string]any{"tenant": row[1], "region": row[2], "db": map[string]any{"name": row[3]}},
			}
			if !yield(s, nil) {
				return
			}
		}
	}
	m, err := templates.Load("testdata/tabtemplate.yaml", templates.WithSites(sites))
	if err != nil {
		log.Fatal(err)
	}
	for _, site := range m.Sites() {
		p, err := m.Templates()[1].Publish(site)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%s: %s, in %s\n", site.Key, p.Name, p.Project)
	}
	// Output:
	// acme: Sales for Acme, Inc., in Dashboards/EMEA
	// globex: Sales for Globex, in Dashboards/AMER
	// initech: Sales for Initech, in Dashboards/APAC
	// hooli: Sales for Hooli, in Dashboards/AMER
}
