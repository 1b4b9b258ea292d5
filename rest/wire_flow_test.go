package rest

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"
)

const flowAnswer = `<flow id="` + wireFlow + `" name="FlowOne" description="Descriptive" webpageUrl="http://tableauserver/#/flows/1" fileType="tflx" ` +
	`createdAt="2019-06-16T21:43:28Z" updatedAt="2019-06-16T21:43:28Z"><project id="p1" name="Default"/><owner id="u1"/><tags><tag label="i_love_tags"/></tags>` +
	`<parameters><parameter id="m1" type="String" name="Region" description="d" value="EMEA" isRequired="true"><domain domainType="List"><values><value>EMEA</value><value>APAC</value></values></domain></parameter></parameters></flow>`

var wireFlowOne = Flow{
	LUID: wireFlow, Name: "FlowOne", Description: "Descriptive", WebpageURL: "http://tableauserver/#/flows/1", FileType: "tflx",
	ProjectLUID: "p1", ProjectName: "Default", OwnerLUID: "u1", Tags: []string{"i_love_tags"},
	CreatedAt: time.Date(2019, 6, 16, 21, 43, 28, 0, time.UTC), UpdatedAt: time.Date(2019, 6, 16, 21, 43, 28, 0, time.UTC),
	Parameters: []FlowParameter{{
		LUID: "m1", Name: "Region", Type: "String", Description: "d", Value: "EMEA", Required: true, Domain: "List", Values: []string{"EMEA", "APAC"},
	}},
}

var flowRows = []wireRow{
	{
		rows: []int{154}, name: "Publish Flow",
		call: func(ctx context.Context, s *Session) error {
			f, err := s.Flows.Publish(ctx, FlowPublish{
				Name: "FlowOne", ProjectLUID: "p1", Source: bytesSource("PK\x03\x04flow"), Packaged: true, Description: "Descriptive",
				Connections: []PublishConnection{{Server: "db", Port: "5432", Credentials: ConnectionCredentials{Username: "u", Password: "s3cret", Embed: true}}},
			})
			return differs(f, err, wireFlowOne)
		},
		seen: []string{
			"GET flows?filter=name:eq:FlowOne&pageNumber=1&pageSize=100",
			"POST flows\n\n--BOUNDARY\nContent-Disposition: form-data; name=\"request_payload\"; filename=\"\"\nContent-Type: text/xml\n\n" +
				`<tsRequest><flow name="FlowOne" description="Descriptive"><project id="p1"/><connections><connection serverAddress="db" serverPort="5432">` +
				`<connectionCredentials name="u" password="s3cret" embed="true"/></connection></connections></flow></tsRequest>` +
				"\n--BOUNDARY\nContent-Disposition: form-data; name=\"tableau_flow\"; filename=\"FlowOne.tflx\"\nContent-Type: application/octet-stream\n\nPK\x03\x04flow\n--BOUNDARY--\n",
		},
		reply: []reply{
			ok(`<pagination pageNumber="1" pageSize="100" totalAvailable="0"/><flows/>`),
			{status: 201, body: tsResponse(`<flowOutputSteps/>` + flowAnswer)},
		},
	},
	{
		rows: []int{155, 157, 158, 159, 160}, name: "flows: list, read, update, delete, download",
		call: func(ctx context.Context, s *Session) error {
			listed, err := Collect(s.Flows.All(ctx, Query{Filters: []Filter{Eq("projectName", "Default")}}))
			if err := differs(listed, err, []Flow{wireFlowOne}); err != nil {
				return err
			}
			f, err := s.Flows.ByLUID(ctx, wireFlow)
			if err := differs(f, err, wireFlowOne); err != nil {
				return err
			}
			if _, err := s.Flows.Update(ctx, wireFlow, FlowUpdate{ProjectLUID: new("p2"), OwnerLUID: new("u2")}); err != nil {
				return err
			}
			var file strings.Builder
			if _, err := s.Flows.Download(ctx, wireFlow, &file, DownloadOptions{}); err != nil || file.String() != "PK" {
				return fmt.Errorf("download %q, %w", file.String(), err)
			}
			return s.Flows.Delete(ctx, wireFlow)
		},
		seen: []string{
			"GET flows?filter=projectName:eq:Default&pageNumber=1&pageSize=100",
			"GET flows/" + wireFlow,
			"PUT flows/" + wireFlow + "\n\n" + `<tsRequest><flow><project id="p2"/><owner id="u2"/></flow></tsRequest>`,
			"GET flows/" + wireFlow + "/content",
			"DELETE flows/" + wireFlow,
		},
		reply: []reply{
			ok(`<pagination pageNumber="1" pageSize="100" totalAvailable="1"/><flows>` + flowAnswer + `</flows>`),
			ok(flowAnswer + `<flowOutputSteps/>`),
			ok(flowAnswer),
			{status: 200, body: "PK", header: map[string][]string{"Content-Type": {"application/octet-stream"}}},
			{status: 204},
		},
	},
	{
		rows: []int{156}, name: "Query Flows for User",
		call: func(ctx context.Context, s *Session) error {
			owned, err := Collect(s.Flows.OwnedBy(ctx, "u1"))
			if err := differs(owned, err, []Flow{wireFlowOne}); err != nil {
				return err
			}
			_, err = Collect(s.Flows.OfUser(ctx, "u1"))
			return err
		},
		seen:  []string{"GET users/u1/flows?ownedBy=true&pageNumber=1&pageSize=100", "GET users/u1/flows?pageNumber=1&pageSize=100"},
		reply: []reply{ok(`<pagination pageNumber="1" pageSize="100" totalAvailable="1"/><flows>` + flowAnswer + `</flows>`)},
	},
	{
		rows: []int{161, 162}, name: "Query Flow Connections, Update Flow Connection",
		call: func(ctx context.Context, s *Session) error {
			found, err := s.Flows.Connections(ctx, wireFlow)
			if err := differs(found, err, []Connection{{LUID: "c1", Class: "sqlserver", Server: "test.database.com", Username: "bob"}}); err != nil {
				return err
			}
			_, err = s.Flows.UpdateConnection(ctx, wireFlow, "c1", ConnectionUpdate{Username: new("eve")})
			return err
		},
		seen: []string{
			"GET flows/" + wireFlow + "/connections",
			"PUT flows/" + wireFlow + "/connections/c1\n\n" + `<tsRequest><connection userName="eve"/></tsRequest>`,
		},
		reply: []reply{
			ok(`<connections><connection id="c1" type="sqlserver" embedPassword="false" serverAddress="test.database.com" userName="bob"/></connections>`),
			ok(`<connection id="c1" userName="eve"/>`),
		},
	},
}

func TestUnsendableFlows(t *testing.T) {
	t.Parallel()
	refusedUnsent(t, Version{3, 24}, map[string]func(context.Context, *Session) error{
		"the new LUID of the project is empty": func(ctx context.Context, s *Session) error {
			_, err := s.Flows.Update(ctx, "f1", FlowUpdate{ProjectLUID: new("")})
			return err
		},
		`updating connection ".." of flow "f1": ".." is not the LUID of a connection`: func(ctx context.Context, s *Session) error {
			_, err := s.Flows.UpdateConnection(ctx, "f1", "..", ConnectionUpdate{})
			return err
		},
	})
}
