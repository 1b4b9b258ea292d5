package replicate_test

import (
	"context"
	"fmt"
	"log"
	"net/http"

	"github.com/tabtemplate/tabtemplate/documents"
	"github.com/tabtemplate/tabtemplate/documents/tds"
	"github.com/tabtemplate/tabtemplate/rest"
	"github.com/tabtemplate/tabtemplate/rest/emulator"
	"github.com/tabtemplate/tabtemplate/templates/replicate"
)

// A workbook goes from development to production, with the data source that it uses.
func ExampleCopy() {
	ctx := context.Background()
	from, to := signInToBoth(ctx)
	workbook, err := from.Workbooks.Find(ctx, "Finance/Sales")
	if err != nil {
		log.Fatal(err)
	}
	report, err := replicate.Copy(ctx, from, to, replicate.Selection{Workbooks: []string{workbook.LUID}}, replicate.Options{
		Mode:           rest.Overwrite,
		CreateProjects: true,
		Credentials: func(of replicate.Item, c rest.FileConnection) *rest.ConnectionCredentials {
			return &rest.ConnectionCredentials{Username: "reader", Password: "secret", Embed: true}
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	for _, item := range report.Items {
		fmt.Println(item.Kind, item.Name, item.Action, "in", item.ToProject)
	}
	fmt.Println(report.Err())
	// Output:
	// data source Orders created in Finance
	// workbook Sales created in Finance
	// <nil>
}

// signInToBoth signs in to two sites of an emulator; there is something on the first.
func signInToBoth(ctx context.Context) (dev, prod *rest.Session) {
	server, err := emulator.New(emulator.WithOpen())
	if err != nil {
		log.Fatal(err)
	}
	client, err := rest.NewClient(emulator.URL, rest.WithHTTPClient(&http.Client{Transport: server.Transport()}))
	if err != nil {
		log.Fatal(err)
	}
	var sessions []*rest.Session
	for _, site := range []string{"dev", "prod"} {
		s, err := client.SignIn(ctx, rest.UserPassword{Name: "ana", Password: "secret"}, site)
		if err != nil {
			log.Fatal(err)
		}
		sessions = append(sessions, s)
	}
	dev, prod = sessions[0], sessions[1]
	project, err := dev.Projects.EnsurePath(ctx, "Finance")
	if err != nil {
		log.Fatal(err)
	}
	orders, err := rest.OpenFile(demo + "orders.tds")
	if err != nil {
		log.Fatal(err)
	}
	if _, err := dev.Datasources.Publish(ctx, rest.DatasourcePublish{Name: "Orders", ProjectLUID: project.LUID, Source: orders}); err != nil {
		log.Fatal(err)
	}
	sales, err := documents.Open(demo + "sales.twbx")
	if err != nil {
		log.Fatal(err)
	}
	reference, err := sales.Datasource("Orders")
	if err != nil {
		log.Fatal(err)
	}
	if err := reference.Repoint(tds.PublishedRef{Server: dev.ServerURL(), SiteContentURL: "dev", ContentURL: "Orders"}); err != nil {
		log.Fatal(err)
	}
	content, err := sales.Content()
	if err != nil {
		log.Fatal(err)
	}
	if _, err := dev.Workbooks.Publish(ctx, rest.WorkbookPublish{Name: "Sales", ProjectLUID: project.LUID, Source: content}); err != nil {
		log.Fatal(err)
	}
	return dev, prod
}
