package rest

import (
	"context"
	"testing"
)

var virtualRows = []wireRow{
	{
		rows: []int{229, 230, 231, 232}, name: "virtual connections",
		call: func(ctx context.Context, s *Session) error {
			listed, err := Collect(s.VirtualConnections.All(ctx, Query{}))
			if err := differs(listed, err, []VirtualConnection{{LUID: "v1", Name: "CRM", Certified: true}}); err != nil {
				return err
			}
			one, err := s.VirtualConnections.ByLUID(ctx, "v1")
			if err := differs(one, err, VirtualConnection{LUID: "v1", Name: "CRM", ProjectLUID: "p1", OwnerLUID: "u1", Content: `{"a":1}`}); err != nil {
				return err
			}
			found, err := Collect(s.VirtualConnections.Connections(ctx, "v1"))
			err = differs(found, err, []Connection{{LUID: "c1", Class: "postgres", Server: "db", Port: "5432", Username: "app"}, {LUID: "c2"}})
			if err != nil {
				return err
			}
			updated, err := s.VirtualConnections.UpdateConnection(ctx, "v1", "c1", ConnectionUpdate{Server: new("db2"), Password: new("s3cret")})
			return differs(updated, err, Connection{LUID: "c1", Server: "db2"})
		},
		seen: []string{
			"GET virtualConnections?pageNumber=1&pageSize=100",
			"GET virtualConnections/v1",
			"GET virtualConnections/v1/connections?pageNumber=1&pageSize=100",
			"GET virtualConnections/v1/connections?pageNumber=2&pageSize=100",
			"PUT virtualConnections/v1/connections/c1/modify\n\n" + `<tsRequest><connection serverAddress="db2" password="s3cret"/></tsRequest>`,
		},
		reply: []reply{
			ok(`<pagination pageNumber="1" pageSize="100" totalAvailable="1"/><virtualConnections><virtualConnection id="v1" name="CRM" isCertified="true"/></virtualConnections>`),
			ok(`<virtualConnection id="v1" name="CRM"><project id="p1"/><owner id="u1"/><tags/><content>{"a":1}</content></virtualConnection>`),
			ok(`<pagination pageNumber="1" pageSize="1" totalAvailable="2"/><virtualConnectionConnections><connection connectionId="c1" dbClass="postgres" server="db" port="5432" username="app"/></virtualConnectionConnections>`),
			ok(`<pagination pageNumber="2" pageSize="1" totalAvailable="2"/><virtualConnectionConnections><connection connectionId="c1"/><connection connectionId="c2"/></virtualConnectionConnections>`),
			ok(`<connection id="c1" serverAddress="db2"/>`),
		},
	},
}

// Nothing that a server quotes holds the password.
func TestVirtualConnectionPassword(t *testing.T) {
	t.Parallel()
	s, _ := signedIn(t, func(seenRequest) reply { return refusal("400000", "Bad Request", "password=&quot;s3cret&quot;") })
	_, err := s.VirtualConnections.UpdateConnection(t.Context(), "v1", "c1", ConnectionUpdate{Password: new("s3cret")})
	errorHas(t, err, hidden)
}
