package rest_test

import (
	"context"
	"fmt"
	"log"
	"strings"
	"time"

	"github.com/tabtemplate/tabtemplate/rest"
)

// publishOrders publishes a data source to work with: an extract, or one that is live.
func publishOrders(ctx context.Context, session *rest.Session, file string) rest.Datasource {
	project, err := session.Projects.EnsurePath(ctx, "Data")
	if err != nil {
		log.Fatal(err)
	}
	datasource, err := session.Datasources.Publish(ctx, rest.DatasourcePublish{
		Name: "Orders", ProjectLUID: project.LUID, Source: strings.NewReader(file),
	})
	if err != nil {
		log.Fatal(err)
	}
	return datasource
}

func ExampleDatasourcesService_Refresh() {
	ctx := context.Background()
	session := signIn(ctx)
	datasource := publishOrders(ctx, session, hyper)

	job, err := session.Datasources.Refresh(ctx, datasource.LUID, rest.RefreshOptions{})
	if err != nil {
		log.Fatal(err)
	}
	job, err = session.Jobs.Wait(ctx, job.LUID)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(job.Type, job.Done(), job.Err())
	// Output: RefreshExtract true <nil>
}

// Change the server, the user and the password of the connections to one server.
func ExampleDatasourcesService_UpdateConnection() {
	ctx := context.Background()
	session := signIn(ctx)
	datasource := publishOrders(ctx, session, live)

	connections, err := session.Datasources.Connections(ctx, datasource.LUID)
	if err != nil {
		log.Fatal(err)
	}
	for _, connection := range connections {
		if connection.Server != "a.example.com" {
			continue
		}
		updated, err := session.Datasources.UpdateConnection(ctx, datasource.LUID, connection.LUID, rest.ConnectionUpdate{
			Server:        new("b.example.com"),
			Username:      new("ops"),
			Password:      new("secret"),
			EmbedPassword: new(true),
		})
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(updated.Server, updated.Port, updated.Username, updated.EmbedPassword)
	}
	// Output: b.example.com 5432 ops true
}

// Replace the orders of the last days by those of a file, in one step.
func ExampleDatasourcesService_UpdateData() {
	ctx := context.Background()
	session := signIn(ctx)
	datasource := publishOrders(ctx, session, hyper)
	file := strings.NewReader(hyper) // an *os.File needs its size with it: see rest.Source

	job, err := session.Datasources.UpdateData(ctx, datasource.LUID, rest.DataUpdate{
		Source: file,
		Actions: []rest.HyperAction{
			{
				Kind: rest.HyperDelete, TargetSchema: "Extract", TargetTable: "Extract",
				Condition: rest.HyperConst("Order Date", rest.HyperGte, time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)),
			},
			{
				Kind: rest.HyperInsert, SourceSchema: "Extract", SourceTable: "new orders",
				TargetSchema: "Extract", TargetTable: "Extract",
			},
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	job, err = session.Jobs.Wait(ctx, job.LUID)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(job.Type, job.Err())
	// Output: UpdateUploadedFile <nil>
}
