package rest

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"time"
)

// A VirtualConnection is a way to databases that data sources share ("List Virtual Connections", API 3.18).
type VirtualConnection struct {
	LUID              string    `api:"@id"`
	Name              string    `api:"@name"`
	WebpageURL        string    `api:"@webpageUrl"`
	ProjectLUID       string    `api:"project/@id"` // told by ByLUID, like all that follows
	OwnerLUID         string    `api:"owner/@id"`
	Tags              []string  `api:"tags/tag/@label"`
	Content           string    `api:"content/text()"` // its definition, in JSON
	HasExtracts       bool      `api:"@hasExtracts"`
	Certified         bool      `api:"@isCertified"`
	CertificationNote string    `api:"@certificationNote"`
	CreatedAt         time.Time `api:"@createdAt"`
	UpdatedAt         time.Time `api:"@updatedAt"`
}

// VirtualConnectionsService works with virtual connections (API 3.18): it lists and reads them, and changes the databases they
// lead to. Publishing and deleting them takes [Session.Do].
type VirtualConnectionsService struct{ s *Session }

// All lists the virtual connections the user can read ("List Virtual Connections").
func (vs *VirtualConnectionsService) All(ctx context.Context, q Query) iter.Seq2[VirtualConnection, error] {
	return listing[VirtualConnection]{
		op: "List Virtual Connections", since: sinceVirtual, path: "virtualConnections", query: q,
		items: []string{"virtualConnections", "virtualConnection"}, kinds: virtualConnectionFilters, whole: true,
	}.all(ctx, vs.s)
}

// ByLUID reads a virtual connection with its definition ("Get Virtual Connection", API 3.23).
func (vs *VirtualConnectionsService) ByLUID(ctx context.Context, luid string) (VirtualConnection, error) {
	err := checkLUID("virtual connection", luid)
	var found VirtualConnection
	if err == nil {
		found, err = read[VirtualConnection](ctx, vs.s, &request{
			op: "Get Virtual Connection", since: sinceVirtualRead, method: http.MethodGet, path: "virtualConnections/" + segments(luid),
		}, "virtualConnection")
	}
	if err != nil {
		return VirtualConnection{}, fmt.Errorf("reading virtual connection %q: %w", luid, err)
	}
	return found, nil
}

// ByName finds a virtual connection by its exact name, as the list has it. The errors are a [*NotFoundError] and an
// [*AmbiguousError].
func (vs *VirtualConnectionsService) ByName(ctx context.Context, name string) (VirtualConnection, error) {
	var found VirtualConnection
	err := errors.New("the name is empty")
	if name != "" {
		q := Query{Filters: []Filter{Eq("name", name)}}
		found, err = only("virtual connection", name, "", vs.All(ctx, q), func(v VirtualConnection) bool { return v.Name == name },
			func(v VirtualConnection) string { return v.LUID }, nil)
	}
	if err != nil {
		return VirtualConnection{}, fmt.Errorf("finding virtual connection %q: %w", name, err)
	}
	return found, nil
}

// Find is ByLUID for what looks like a LUID, and else ByName.
func (vs *VirtualConnectionsService) Find(ctx context.Context, nameOrLUID string) (VirtualConnection, error) {
	if luidForm.MatchString(nameOrLUID) {
		return vs.ByLUID(ctx, nameOrLUID)
	}
	return vs.ByName(ctx, nameOrLUID)
}

// Connections lists the database connections of a virtual connection ("List Virtual Connection Database Connections").
func (vs *VirtualConnectionsService) Connections(ctx context.Context, luid string) iter.Seq2[Connection, error] {
	if err := checkLUID("virtual connection", luid); err != nil {
		return failing[Connection](fmt.Errorf("listing the connections of virtual connection %q: %w", luid, err))
	}
	return listing[Connection]{
		op: "List Virtual Connection Database Connections", since: sinceVirtual, path: "virtualConnections/" + segments(luid) + "/connections",
		items: []string{"virtualConnectionConnections", "connection"}, key: "@connectionId",
	}.all(ctx, vs.s)
}

// UpdateConnection changes a database connection of a virtual connection ("Update Virtual Connection Database Connections").
func (vs *VirtualConnectionsService) UpdateConnection(ctx context.Context, luid, connectionLUID string, u ConnectionUpdate) (Connection, error) {
	q := &request{
		op: "Update Virtual Connection Database Connections", since: sinceVirtual, method: http.MethodPut,
		path: "virtualConnections/" + segments(luid, "connections", connectionLUID, "modify"),
	}
	err := errors.Join(checkLUID("virtual connection", luid), checkLUID("connection", connectionLUID), u.carry(q))
	var updated Connection
	if err == nil {
		updated, err = read[Connection](ctx, vs.s, q, "connection")
	}
	if err != nil {
		return Connection{}, fmt.Errorf("updating connection %q of virtual connection %q: %w", connectionLUID, luid, err)
	}
	return updated, nil
}
