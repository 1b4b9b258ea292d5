package deploy_test

import (
	"context"
	"fmt"
	"log"
	"net/http"

	"github.com/tabtemplate/tabtemplate/documents"
	"github.com/tabtemplate/tabtemplate/rest"
	"github.com/tabtemplate/tabtemplate/rest/emulator"
	"github.com/tabtemplate/tabtemplate/templates"
	"github.com/tabtemplate/tabtemplate/templates/deploy"
)

func ExamplePublish() {
	m, err := templates.Load("../../testdata/demo/tabtemplate.yaml")
	if err != nil {
		log.Fatal(err)
	}
	// The server of this manifest is an emulator. For others, leave out Client.
	server, err := emulator.New(emulator.WithOpen())
	if err != nil {
		log.Fatal(err)
	}
	defer server.Close()
	report, err := deploy.Publish(context.Background(), m, deploy.Options{
		Client: func(s templates.Server) (*rest.Client, error) {
			return rest.NewClient(s.URL, rest.WithHTTPClient(&http.Client{Transport: server.Transport()}))
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	for _, site := range report.Sites {
		for _, r := range site.Results {
			if r.Err != nil {
				fmt.Println(site.Site, r.Template, r.Err)
				continue
			}
			fmt.Printf("%s: %s/%s is %s\n", site.Site, r.Project, r.Name, r.Action)
		}
	}
	// Output:
	// acme: Data Sources/Orders is created
	// acme: Dashboards/EMEA/Sales for Acme, Inc. is created
	// globex: Data Sources/Orders is created
	// globex: Dashboards/AMER/Sales for Globex is created
	// initech: Data Sources/Orders is created
	// initech: Dashboards/APAC/Sales for Initech is created
}

// What a file holds goes along with it, so that what the server would drop silently is an error before anything is sent.
func ExampleContents() {
	ctx := context.Background()
	server, err := emulator.New(emulator.WithOpen())
	if err != nil {
		log.Fatal(err)
	}
	defer server.Close()
	client, err := rest.NewClient(emulator.URL, rest.WithHTTPClient(&http.Client{Transport: server.Transport()}))
	if err != nil {
		log.Fatal(err)
	}
	session, err := client.SignIn(ctx, rest.UserPassword{Name: "ana", Password: "secret"}, "")
	if err != nil {
		log.Fatal(err)
	}
	project, err := session.Projects.EnsurePath(ctx, "Dashboards")
	if err != nil {
		log.Fatal(err)
	}
	file, err := documents.Open("../../testdata/demo/sales.twbx")
	if err != nil {
		log.Fatal(err)
	}
	defer file.Close()
	content, err := file.Content()
	if err != nil {
		log.Fatal(err)
	}
	defer content.Close()
	_, err = session.Workbooks.Publish(ctx, rest.WorkbookPublish{
		Name: "Sales", ProjectLUID: project.LUID, Source: content, Contents: deploy.Contents(file),
		ShowViews: []string{"Overview", "Order by Region"},
	})
	fmt.Println(err)
	// Output:
	// publishing workbook "Sales": no sheet "Order by Region" in the file; there is "Overview", "Orders by Region", "Facts", "Debug"
}
