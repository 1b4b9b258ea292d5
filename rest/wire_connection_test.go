package rest

import (
	"context"
	"fmt"
	"strings"
	"testing"
)

var connectionRows = []wireRow{
	{
		rows: []int{32}, name: "Query Workbook Connections, of files: nothing but ids and classes",
		call: func(ctx context.Context, s *Session) error {
			found, err := s.Workbooks.Connections(ctx, wireWorkbook)
			return differs(found, err, []Connection{{LUID: wireConnection, Class: "dataengine"}, {LUID: "c2", Class: "dataengine"}})
		},
		seen: []string{"GET workbooks/" + wireWorkbook + "/connections"},
		reply: []reply{ok(`<connections><connection id="` + wireConnection + `" type="dataengine" />` +
			`<connection id="c2" type="dataengine" /></connections>`)},
	},
	{
		rows: []int{53}, name: "Query Data Source Connections",
		call: func(ctx context.Context, s *Session) error {
			found, err := s.Datasources.Connections(ctx, wireDatasource)
			return differs(found, err, []Connection{
				{
					LUID: "c1", Class: "postgres", Server: "db.example.com", Port: "5432", Username: "app", EmbedPassword: true,
					AuthenticationType: "auth-user-pass", QueryTagging: true, DatasourceLUID: "d9", DatasourceName: "orders",
				},
				{LUID: "c2", Class: "hyper", Filename: "a.hyper"},
			})
		},
		seen: []string{"GET datasources/" + wireDatasource + "/connections"},
		reply: []reply{ok(`<connections><connection id="c1" type="postgres" serverAddress="db.example.com" serverPort="5432" userName="app" ` +
			`embedPassword="TRUE" authenticationType="auth-user-pass" queryTaggingEnabled="true" later="x"><datasource id="d9" name="orders"/></connection>` +
			`<connection id="c2" dbClass="hyper" filename="a.hyper" serverAddress="" serverPort="" userName=""/></connections>`)},
	},
	{
		rows: []int{38}, name: "Update Workbook Connection",
		call: func(ctx context.Context, s *Session) error {
			updated, err := s.Workbooks.UpdateConnection(ctx, wireWorkbook, wireConnection, ConnectionUpdate{
				Server: new("db.example.com"), Port: new("5432"), Username: new("app"), Password: new(`p<&">`), EmbedPassword: new(true),
				QueryTagging: new(false),
			})
			return differs(updated, err, Connection{LUID: wireConnection, Server: "db.example.com", Port: "5432", Username: "app"})
		},
		seen: []string{"PUT workbooks/" + wireWorkbook + "/connections/" + wireConnection + "\n\n" +
			`<tsRequest><connection serverAddress="db.example.com" serverPort="5432" userName="app" password="p&lt;&amp;&quot;&gt;" ` +
			`embedPassword="true" queryTaggingEnabled="false"/></tsRequest>`},
		reply: []reply{ok(`<connection id="` + wireConnection + `" serverAddress="db.example.com" serverPort="5432" userName="app" queryTaggingEnabled="false"/>`)},
	},
	{
		rows: []int{38}, name: "Update Workbook Connection with nothing",
		call: func(ctx context.Context, s *Session) error {
			_, err := s.Workbooks.UpdateConnection(ctx, wireWorkbook, wireConnection, ConnectionUpdate{})
			return err
		},
		seen:  []string{"PUT workbooks/" + wireWorkbook + "/connections/" + wireConnection + "\n\n<tsRequest><connection/></tsRequest>"},
		reply: []reply{ok(`<connection id="` + wireConnection + `"/>`)},
	},
	{
		rows: []int{55}, name: "Update Data Source Connection",
		call: func(ctx context.Context, s *Session) error {
			updated, err := s.Datasources.UpdateConnection(ctx, wireDatasource, wireConnection, ConnectionUpdate{
				Password: new("s3cret"), EmbedPassword: new(false), AuthenticationType: new("auth-user-pass"),
			})
			return differs(updated, err, Connection{LUID: wireConnection, Class: "postgres"})
		},
		seen: []string{"PUT datasources/" + wireDatasource + "/connections/" + wireConnection + "\n\n" +
			`<tsRequest><connection password="s3cret" embedPassword="false" authenticationType="auth-user-pass"/></tsRequest>`},
		reply: []reply{ok(`<connection id="` + wireConnection + `" type="postgres"/>`)},
	},
	{
		rows: []int{136, 137}, name: "Update Workbook Connections, Update Data Source Connections",
		call: func(ctx context.Context, s *Session) error {
			u := ConnectionUpdate{Username: new("app"), Password: new("s3cret"), EmbedPassword: new(true), AuthenticationType: new("auth-keypair")}
			_, err := s.Workbooks.UpdateConnections(ctx, wireWorkbook, []string{"c1", "c2"}, u)
			if err != nil {
				return err
			}
			updated, err := s.Datasources.UpdateConnections(ctx, wireDatasource, []string{"c1"}, u)
			return differs(updated, err, []Connection{{LUID: "c1", Username: "app", EmbedPassword: true}})
		},
		seen: []string{
			"PUT workbooks/" + wireWorkbook + "/connections\n\n<tsRequest><connectionLuids><connectionLuid>c1</connectionLuid>" +
				`<connectionLuid>c2</connectionLuid></connectionLuids><connection userName="app" password="s3cret" embedPassword="true" ` +
				`authenticationType="auth-keypair"/></tsRequest>`,
			"PUT datasources/" + wireDatasource + "/connections\n\n<tsRequest><connectionLuids><connectionLuid>c1</connectionLuid>" +
				`</connectionLuids><connection userName="app" password="s3cret" embedPassword="true" authenticationType="auth-keypair"/></tsRequest>`,
		},
		reply: []reply{ok(`<connections><connection id="c1" userName="app" embedPassword="true"/></connections>`)},
	},
}

func TestUnsendableConnections(t *testing.T) {
	t.Parallel()
	refusedUnsent(t, Version{3, 24}, map[string]func(context.Context, *Session) error{
		`"54x" is not the number of a port`: func(ctx context.Context, s *Session) error {
			_, err := s.Workbooks.UpdateConnection(ctx, "w1", "c1", ConnectionUpdate{Port: new("54x")})
			return err
		},
		"there are no connections": func(ctx context.Context, s *Session) error {
			_, err := s.Workbooks.UpdateConnections(ctx, "w1", nil, ConnectionUpdate{})
			return err
		},
		"several connections at once cannot be given": func(ctx context.Context, s *Session) error {
			_, err := s.Datasources.UpdateConnections(ctx, "d1", []string{"c1"}, ConnectionUpdate{Server: new("db")})
			return err
		},
		"Update Workbook Connections: needs API 3.26": func(ctx context.Context, s *Session) error {
			_, err := s.Workbooks.UpdateConnections(ctx, "w1", []string{"c1"}, ConnectionUpdate{})
			return err
		},
	})
}

// What a server quotes of a request holds no password, and neither does a printed update.
func TestConnectionPasswords(t *testing.T) {
	t.Parallel()
	u := ConnectionUpdate{Password: new(`s3<cret`)}
	s, _ := signedIn(t, func(seenRequest) reply {
		return refusal("400000", "Bad Request", "password=&quot;s3&lt;cret&quot; is s3&amp;lt;cret")
	})
	_, one := s.Workbooks.UpdateConnection(t.Context(), "w1", "c1", u)
	_, several := s.Datasources.UpdateConnections(t.Context(), "d1", []string{"c1"}, u)
	for _, text := range []string{one.Error(), several.Error(), fmt.Sprintf("%+v %#v %s", u, u, u)} {
		if strings.Contains(text, "cret") || !strings.Contains(text, hidden) {
			t.Error(text)
		}
	}
}
