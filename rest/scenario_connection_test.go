package rest_test

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/tabtemplate/tabtemplate/rest"
)

// connected is a workbook with a data source of three connections, two of which are of one class.
const connected = `<?xml version='1.0' encoding='utf-8' ?>
<workbook source-build='2024.1.0' version='18.1'>
  <datasources>
    <datasource caption='Orders' inline='true' name='federated.1' version='18.1'>
      <connection class='federated'>
        <named-connections>
          <named-connection caption='a' name='postgres.1'>
            <connection class='postgres' dbname='sales' port='5432' server='a.example.com' username='reader' />
          </named-connection>
          <named-connection caption='b' name='postgres.2'>
            <connection class='postgres' dbname='sales' port='5432' server='b.example.com' username='reader' />
          </named-connection>
          <named-connection caption='c' name='mysql.1'>
            <connection class='mysql' dbname='costs' port='' server='c.example.com' username='' />
          </named-connection>
        </named-connections>
        <relation connection='postgres.1' name='orders' table='[public].[orders]' type='table' />
      </connection>
    </datasource>
  </datasources>
  <worksheets><worksheet name='Map'><table /></worksheet></worksheets>
</workbook>
`

// addresses are the servers, ports, users and whether passwords are embedded of connections, in order.
func addresses(t testing.TB, connections []rest.Connection, err error) string {
	t.Helper()
	if err != nil {
		t.Error(err)
	}
	var lines []string
	for _, c := range connections {
		lines = append(lines, fmt.Sprintf("%s %s:%s %s %v", c.Class, c.Server, c.Port, c.Username, c.EmbedPassword))
	}
	slices.Sort(lines)
	return strings.Join(lines, ", ")
}

func testWorkbookConnections(t *testing.T) {
	s := against(t, nil)
	w := publishedWorkbook(t, s, connected)
	found, err := s.Workbooks.Connections(t.Context(), w.LUID)
	was := "mysql c.example.com:  false, postgres a.example.com:5432 reader false, postgres b.example.com:5432 reader false"
	if now := addresses(t, found, err); now != was {
		t.Fatalf("%s\nwant %s", now, was)
	}
	moved := found[slices.IndexFunc(found, func(c rest.Connection) bool { return c.Server == "a.example.com" })]
	mysql := found[slices.IndexFunc(found, func(c rest.Connection) bool { return c.Class == "mysql" })]
	if moved.DatasourceName != "Orders" || moved.DatasourceLUID == "" {
		t.Errorf("%+v", moved)
	}
	updated, err := s.Workbooks.UpdateConnection(t.Context(), w.LUID, moved.LUID, rest.ConnectionUpdate{
		Server: new("new.example.com"), Port: new("5433"), Password: new("s3cret"), EmbedPassword: new(true),
	})
	if err != nil || updated.LUID != moved.LUID || updated.Server != "new.example.com" || updated.Username != "reader" {
		t.Errorf("%+v, %v", updated, err)
	}
	// The server changes all connections of the class.
	want := "mysql c.example.com:  false, postgres new.example.com:5433 reader true, postgres new.example.com:5433 reader true"
	found, err = s.Workbooks.Connections(t.Context(), w.LUID)
	if now := addresses(t, found, err); now != want {
		t.Errorf("%s\nwant %s", now, want)
	}
	several, err := s.Workbooks.UpdateConnections(t.Context(), w.LUID, []string{moved.LUID, mysql.LUID}, rest.ConnectionUpdate{
		Username: new("ops"), AuthenticationType: new("auth-user-pass"),
	})
	if now := addresses(t, several, err); now != "mysql c.example.com: ops false, postgres new.example.com:5433 ops true" {
		t.Error(now)
	}
	if several[0].AuthenticationType != "auth-user-pass" {
		t.Errorf("%+v", several)
	}
	_, err = s.Workbooks.UpdateConnection(t.Context(), w.LUID, w.LUID, rest.ConnectionUpdate{Server: new("x")})
	if refused, ok := errors.AsType[*rest.Error](err); !ok || refused.Code != "404020" || !errors.Is(err, rest.ErrNotFound) {
		t.Errorf("a connection that is not there: %v", err)
	}
	if _, err = s.Workbooks.UpdateConnections(t.Context(), w.LUID, []string{moved.LUID, w.LUID}, rest.ConnectionUpdate{Username: new("x")}); !errors.Is(err, rest.ErrNotFound) {
		t.Errorf("one of several is not there: %v", err)
	}
	found, err = s.Workbooks.Connections(t.Context(), w.LUID)
	if now := addresses(t, found, err); strings.Contains(now, " x ") || strings.Count(now, "ops") != 2 {
		t.Errorf("afterwards: %s", now)
	}
}

func testDatasourceConnection(t *testing.T) {
	s := against(t, nil)
	d := publishedDatasource(t, s, "Orders", live)
	found, err := s.Datasources.Connections(t.Context(), d.LUID)
	if now := addresses(t, found, err); now != "postgres a.example.com:5432 reader false" {
		t.Fatal(now)
	}
	if _, err := s.Datasources.UpdateConnection(t.Context(), d.LUID, found[0].LUID, rest.ConnectionUpdate{
		Username: new("eve"), Password: new("s3cret"), EmbedPassword: new(true),
	}); err != nil {
		t.Error(err)
	}
	several, err := s.Datasources.UpdateConnections(t.Context(), d.LUID, []string{found[0].LUID}, rest.ConnectionUpdate{EmbedPassword: new(false)})
	if now := addresses(t, several, err); now != "postgres a.example.com:5432 eve false" {
		t.Error(now)
	}
	// What the server is told of a connection survives in the data source, not in its file.
	var file bytes.Buffer
	if _, err := s.Datasources.Download(t.Context(), d.LUID, &file, rest.DownloadOptions{}); err != nil || file.String() != live {
		t.Errorf("%v:\n%s", err, file.String())
	}
}
