package rest_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strings"

	"github.com/tabtemplate/tabtemplate/rest"
)

// A file is published over what has its name, and what that would lose is kept.
func ExampleWorkbooksService_Publish() {
	ctx := context.Background()
	session := signIn(ctx)
	project, err := session.Projects.EnsurePath(ctx, "Dashboards")
	if err != nil {
		log.Fatal(err)
	}
	folder, err := os.MkdirTemp("", "")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(folder)
	path := filepath.Join(folder, "sales.twb")
	if err := os.WriteFile(path, []byte(template), 0o600); err != nil {
		log.Fatal(err)
	}
	file, err := rest.OpenFile(path)
	if err != nil {
		log.Fatal(err)
	}
	defer file.Close()
	publish := rest.WorkbookPublish{
		Name: "Sales", ProjectLUID: project.LUID, Source: file, Mode: rest.Overwrite, Keep: rest.KeepAll, HiddenViews: []string{"Debug"},
		Before: func(existing *rest.Workbook) error {
			fmt.Println("overwrites:", existing != nil)
			return nil
		},
	}
	for range 2 {
		workbook, err := session.Workbooks.Publish(ctx, publish)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(workbook.Name, len(workbook.Views))
	}
	// Output:
	// overwrites: false
	// Sales 1
	// overwrites: true
	// Sales 1
}

// Credentials are given to each database of a data source. With what the file holds, those that lead nowhere are found before
// anything is sent.
func ExampleDatasourcesService_Publish() {
	ctx := context.Background()
	session := signIn(ctx)
	project, err := session.Projects.EnsurePath(ctx, "Data Sources")
	if err != nil {
		log.Fatal(err)
	}
	_, err = session.Datasources.Publish(ctx, rest.DatasourcePublish{
		Name: "Orders", ProjectLUID: project.LUID, Source: strings.NewReader(twoDatabases),
		Contents: &rest.FileContents{Connections: []rest.FileConnection{
			{Datasource: "Orders", Class: "postgres", Server: "db.example.com", Port: "5432"},
			{Datasource: "Orders", Class: "mysql", Server: "db.example.com", Port: "3306"},
		}},
		Connections: []rest.PublishConnection{
			{Server: "db.example.com", Port: "3307", Credentials: rest.ConnectionCredentials{Username: "app", Password: "secret", Embed: true}},
		},
	})
	fmt.Println(err)
	// Output:
	// publishing data source "Orders": the credentials of "app" are for db.example.com:3307, where no connection leads; there is postgres db.example.com:5432 ("Orders"), mysql db.example.com:3306 ("Orders")
}
