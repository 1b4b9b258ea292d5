package rest_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"strings"

	"github.com/tabtemplate/tabtemplate/rest"
	"github.com/tabtemplate/tabtemplate/rest/emulator"
)

// signIn signs in to an emulator; with a real server the address and the token are all there is to change.
func signIn(ctx context.Context) *rest.Session {
	server, err := emulator.New(emulator.WithOpen())
	if err != nil {
		log.Fatal(err)
	}
	client, err := rest.NewClient(emulator.URL, rest.WithHTTPClient(&http.Client{Transport: server.Transport()}))
	if err != nil {
		log.Fatal(err)
	}
	session, err := client.SignIn(ctx, rest.PersonalAccessToken{Name: "ci", Secret: "secret"}, "acme")
	if err != nil {
		log.Fatal(err)
	}
	return session
}

func Example() {
	ctx := context.Background()
	session := signIn(ctx)
	project, err := session.Projects.EnsurePath(ctx, "Dashboards/EMEA")
	if err != nil {
		log.Fatal(err)
	}
	workbook, err := session.Workbooks.Publish(ctx, rest.WorkbookPublish{
		Name:        "Sales",
		ProjectLUID: project.LUID,
		Source:      strings.NewReader(template), // a file on disk: see rest.OpenFile
		Mode:        rest.Overwrite,
		Tags:        []string{"managed"},
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(workbook.Name, workbook.ContentURL, workbook.Tags)
	fmt.Println(session.SignOut(ctx))
	// Output:
	// Sales Sales [managed]
	// <nil>
}

func ExampleWorkbooksService_All() {
	ctx := context.Background()
	session := signIn(ctx)
	project, err := session.Projects.EnsurePath(ctx, "Dashboards")
	if err != nil {
		log.Fatal(err)
	}
	for _, name := range []string{"Sales", "Costs"} {
		w := rest.WorkbookPublish{Name: name, ProjectLUID: project.LUID, Source: strings.NewReader(template)}
		if _, err := session.Workbooks.Publish(ctx, w); err != nil {
			log.Fatal(err)
		}
	}
	query := rest.Query{
		Filters: []rest.Filter{rest.Eq("projectName", "Dashboards")},
		Sort:    []rest.Order{rest.Asc("name")},
	}
	for workbook, err := range session.Workbooks.All(ctx, query) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(workbook.Name)
	}
	// Output:
	// Costs
	// Sales
}

func ExampleWorkbooksService_Download() {
	ctx := context.Background()
	session := signIn(ctx)
	project, err := session.Projects.EnsurePath(ctx, "Dashboards")
	if err != nil {
		log.Fatal(err)
	}
	workbook, err := session.Workbooks.Publish(ctx, rest.WorkbookPublish{
		Name: "Sales", ProjectLUID: project.LUID, Source: strings.NewReader(template),
	})
	if err != nil {
		log.Fatal(err)
	}
	info, err := session.Workbooks.Download(ctx, workbook.LUID, io.Discard, rest.DownloadOptions{})
	fmt.Println(info.FileName, info.Size == int64(len(template)), err)
	// Output: Sales.twb true <nil>
}

func ExampleProjectsService_ByPath() {
	ctx := context.Background()
	session := signIn(ctx)
	if _, err := session.Projects.EnsurePath(ctx, "Finance/EMEA"); err != nil {
		log.Fatal(err)
	}
	_, err := session.Projects.ByPath(ctx, "Finance/APAC")
	fmt.Println(errors.Is(err, rest.ErrNotFound))
	fmt.Println(err)
	// Output:
	// true
	// finding project "Finance/APAC": no project "APAC" in project "Finance"; there is "EMEA"
}

func ExampleError() {
	ctx := context.Background()
	session := signIn(ctx)
	_, err := session.Workbooks.ByLUID(ctx, "1a1b1c1d-2e2f-2a2b-3c3d-3e3f4a4b4c4d")
	if refused, ok := errors.AsType[*rest.Error](err); ok && errors.Is(err, rest.ErrNotFound) {
		fmt.Println(refused.Method, refused.Status, refused.Code)
	}
	// Output: GET 404 404006
}

func ExampleCollect() {
	ctx := context.Background()
	session := signIn(ctx)
	if _, err := session.Projects.EnsurePath(ctx, "Finance/EMEA"); err != nil {
		log.Fatal(err)
	}
	projects, err := rest.Collect(session.Projects.All(ctx, rest.Query{Sort: []rest.Order{rest.Asc("name")}}))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(projects), projects[1].Name)
	// Output: 3 EMEA
}
