package rest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
)

// A Connection is a data connection of published content. Which fields it has depends on its class: that of an extract or a
// file has no server. Nothing on the server gives its password away. ("Query Workbook Connections", "Query Data Source
// Connections", "Query Flow Connections")
type Connection struct {
	LUID               string `api:"@id|@connectionId"`
	Class              string `api:"@type|@dbClass"` // such as postgres or sqlproxy; "" in the answer to an update
	Server             string `api:"@serverAddress|@server"`
	Port               string `api:"@serverPort|@port"`
	Username           string `api:"@userName|@username"`
	EmbedPassword      bool   `api:"@embedPassword"`       // a password is kept on the server
	AuthenticationType string `api:"@authenticationType"`  // such as auth-user-pass
	QueryTagging       bool   `api:"@queryTaggingEnabled"` // told to administrators alone
	Filename           string `api:"@filename"`
	GoogleSheetID      string `api:"@googleSheetId"`
	InstanceURL        string `api:"@instanceUrl"` // this and the next tell of OAuth
	OAuthConfigID      string `api:"@oauthConfigId"`
	OAuthScope         string `api:"@scope"`
	ManagedKeychain    bool   `api:"@useOAuthManagedKeychain"` // saved OAuth credentials are used
	DatasourceLUID     string `api:"datasource/@id"`           // of the published data source that a workbook's connection belongs to
	DatasourceName     string `api:"datasource/@name"`
}

// A ConnectionUpdate is a change of a connection: the fields that are not nil. What the file of the content says stays as it
// is. A value of this type shows no secret when it is printed.
type ConnectionUpdate struct {
	Server             *string `api:"@serverAddress"`
	Port               *string `api:"@serverPort"` // a number
	Username           *string `api:"@userName"`
	Password           *string `api:"@password"`
	EmbedPassword      *bool   `api:"@embedPassword"`       // keep the password on the server; else every viewer is asked
	AuthenticationType *string `api:"@authenticationType"`  // such as auth-user-pass
	QueryTagging       *bool   `api:"@queryTaggingEnabled"` // for administrators; Tableau advises against it from API 3.23 on
	redacted
}

// carry gives a request the change, after other elements.
func (u ConnectionUpdate) carry(q *request, before ...*element) error {
	if u.Port != nil && *u.Port != "" {
		if _, err := strconv.ParseUint(*u.Port, 10, 16); err != nil {
			return fmt.Errorf("%q is not the number of a port", *u.Port)
		}
	}
	if u.Password != nil {
		q.secrets = []string{*u.Password}
	}
	return q.carry(append(before, encodeElement("connection", u))...)
}

func (c *content[T]) connections(ctx context.Context, luid string) ([]Connection, error) {
	q, err := c.request(http.MethodGet, "Query "+c.title+" Connections", luid, "/connections")
	var found []Connection
	if err == nil {
		found, err = readAll[Connection](ctx, c.s, q, "connections", "connection")
	}
	if err != nil {
		return nil, fmt.Errorf("listing the connections of %s %q: %w", c.kind, luid, err)
	}
	return found, nil
}

func (c *content[T]) updateConnection(ctx context.Context, luid, connectionLUID string, u ConnectionUpdate) (Connection, error) {
	q, err := c.request(http.MethodPut, "Update "+c.title+" Connection", luid, "/connections/"+segments(connectionLUID))
	if err == nil {
		err = errors.Join(checkLUID("connection", connectionLUID), u.carry(q))
	}
	var updated Connection
	if err == nil {
		updated, err = read[Connection](ctx, c.s, q, "connection")
	}
	if err != nil {
		return Connection{}, fmt.Errorf("updating connection %q of %s %q: %w", connectionLUID, c.kind, luid, err)
	}
	return updated, nil
}

// A luidList names the connections of a bulk update.
type luidList struct {
	LUIDs []string `api:"connectionLuid/text()"`
}

func (c *content[T]) updateConnections(ctx context.Context, luid string, connectionLUIDs []string, u ConnectionUpdate) ([]Connection, error) {
	q, err := c.request(http.MethodPut, "Update "+c.title+" Connections", luid, "/connections")
	var updated []Connection
	if err == nil {
		q.since = sinceConnectionBulk
		err = errors.Join(checkBulk(connectionLUIDs, u), u.carry(q, encodeElement("connectionLuids", luidList{connectionLUIDs})))
	}
	if err == nil {
		updated, err = readAll[Connection](ctx, c.s, q, "connections", "connection")
	}
	if err != nil {
		return nil, fmt.Errorf("updating %d connections of %s %q: %w", len(connectionLUIDs), c.kind, luid, err)
	}
	return updated, nil
}

// checkBulk refuses what cannot be changed for several connections at once.
func checkBulk(connectionLUIDs []string, u ConnectionUpdate) error {
	var errs []error
	if len(connectionLUIDs) == 0 {
		errs = append(errs, errors.New("there are no connections"))
	}
	for _, luid := range connectionLUIDs {
		errs = append(errs, checkLUID("connection", luid))
	}
	if u.Server != nil || u.Port != nil || u.QueryTagging != nil {
		errs = append(errs, errors.New("several connections at once cannot be given a Server, Port or QueryTagging"))
	}
	return errors.Join(errs...)
}

// Connections lists the connections of a workbook ("Query Workbook Connections").
func (ws *WorkbooksService) Connections(ctx context.Context, luid string) ([]Connection, error) {
	return ws.content.connections(ctx, luid)
}

// UpdateConnection changes a connection of a workbook, and with it all other connections of the workbook to the same class of
// data source, as the server does it ("Update Workbook Connection"). To change some of them, see UpdateConnections. A workbook
// without that connection is an [ErrNotFound].
func (ws *WorkbooksService) UpdateConnection(ctx context.Context, luid, connectionLUID string, u ConnectionUpdate) (Connection, error) {
	return ws.content.updateConnection(ctx, luid, connectionLUID, u)
}

// UpdateConnections changes the authentication type, user name and password of the connections it names, all of them or none
// ("Update Workbook Connections", API 3.26).
func (ws *WorkbooksService) UpdateConnections(ctx context.Context, luid string, connectionLUIDs []string, u ConnectionUpdate) ([]Connection, error) {
	return ws.content.updateConnections(ctx, luid, connectionLUIDs, u)
}

// Connections lists the connections of a data source ("Query Data Source Connections").
func (ds *DatasourcesService) Connections(ctx context.Context, luid string) ([]Connection, error) {
	return ds.content.connections(ctx, luid)
}

// UpdateConnection changes a connection of a data source, like [WorkbooksService.UpdateConnection] ("Update Data Source
// Connection", API 2.3).
func (ds *DatasourcesService) UpdateConnection(ctx context.Context, luid, connectionLUID string, u ConnectionUpdate) (Connection, error) {
	return ds.content.updateConnection(ctx, luid, connectionLUID, u)
}

// UpdateConnections changes several connections of a data source, like [WorkbooksService.UpdateConnections] ("Update Data
// Source Connections", API 3.26).
func (ds *DatasourcesService) UpdateConnections(ctx context.Context, luid string, connectionLUIDs []string, u ConnectionUpdate) ([]Connection, error) {
	return ds.content.updateConnections(ctx, luid, connectionLUIDs, u)
}

// Connections lists the connections of a flow ("Query Flow Connections").
func (fs *FlowsService) Connections(ctx context.Context, luid string) ([]Connection, error) {
	return fs.content.connections(ctx, luid)
}

// UpdateConnection changes a connection of a flow, like [WorkbooksService.UpdateConnection] ("Update Flow Connection").
func (fs *FlowsService) UpdateConnection(ctx context.Context, luid, connectionLUID string, u ConnectionUpdate) (Connection, error) {
	return fs.content.updateConnection(ctx, luid, connectionLUID, u)
}
