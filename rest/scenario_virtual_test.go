package rest_test

import (
	"errors"
	"net/http"
	"testing"

	"github.com/tabtemplate/tabtemplate/rest"
)

func testVirtualConnection(t *testing.T) {
	s := against(t, nil)
	project := projectFor(t, s, "Data").LUID
	const definition = `{"policyCollection":{"luid":"p1","policies":[]},"revision":{"luid":"r1","revisableProperties":` +
		`{"connections":[{"dbClass":"postgres","server":"a.example.com","port":5432,"username":"reader"}],"tables":[]}}}`
	if _, err := s.Do(t.Context(), rest.Request{Method: http.MethodPost, Path: "virtualConnections", Body: []byte(
		`<tsRequest><virtualConnection name="CRM"><project id="` + project + `"/><owner id="` + s.UserLUID() + `"/><content>` + definition +
			`</content></virtualConnection></tsRequest>`)}); err != nil {
		t.Fatal(err)
	}
	listed, err := listOf(s.VirtualConnections.All(t.Context(), rest.Query{Filters: []rest.Filter{rest.Eq("name", "CRM")}}))
	if err != nil || len(listed) != 1 {
		t.Fatalf("%+v, %v", listed, err)
	}
	one, err := s.VirtualConnections.ByLUID(t.Context(), listed[0].LUID)
	if err != nil || one.ProjectLUID != project || one.OwnerLUID != s.UserLUID() || one.Content != definition {
		t.Errorf("%+v, %v", one, err)
	}
	for _, ref := range []string{"CRM", one.LUID} {
		if same, err := s.VirtualConnections.Find(t.Context(), ref); err != nil || same.LUID != one.LUID {
			t.Errorf("found by %s: %+v, %v", ref, same, err)
		}
	}
	if _, err := s.VirtualConnections.Find(t.Context(), "CR*"); !errors.Is(err, rest.ErrNotFound) {
		t.Errorf("found by no name: %v", err)
	}
	found, err := listOf(s.VirtualConnections.Connections(t.Context(), one.LUID))
	if now := addresses(t, found, err); now != "postgres a.example.com:5432 reader false" {
		t.Fatal(now)
	}
	updated, err := s.VirtualConnections.UpdateConnection(t.Context(), one.LUID, found[0].LUID, rest.ConnectionUpdate{
		Server: new("b.example.com"), Port: new("5433"), Username: new("ops"), Password: new("s3cret"),
	})
	if err != nil || updated.LUID != found[0].LUID || updated.Server != "b.example.com" {
		t.Errorf("%+v, %v", updated, err)
	}
	found, err = listOf(s.VirtualConnections.Connections(t.Context(), one.LUID))
	if now := addresses(t, found, err); now != "postgres b.example.com:5433 ops false" {
		t.Error(now)
	}
	if _, err := listOf(s.VirtualConnections.Connections(t.Context(), "")); err == nil {
		t.Error("the connections of nothing are listed")
	}
}
