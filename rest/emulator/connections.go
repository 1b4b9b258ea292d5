package emulator

import (
	"slices"
	"strconv"
	"strings"
)

// connection is a connection of the content, with the credentials it was published with or was given since. Of a
// password only is kept that one was embedded.
type connection struct {
	LUID, Class, Server, Port, DBName, Username string
	Embedded                                    bool
	AuthenticationType                          string // as a request named it; "" when none did
	QueryTagging                                bool
	DatasourceLUID, DatasourceName              string
	Filename                                    string      // of a file
	Tables                                      []fileTable // that the content reads
}

// listConnections answers GET of the connections of one asset; there is no paging.
func (k *kind) listConnections(c *call) (*reply, error) {
	a, err := k.findFor(c, codeConnForbidden, "Read")
	if err != nil {
		return nil, err
	}
	list := node("connections")
	for i := range a.Connections {
		list.add(a.Connections[i].render(c))
	}
	return ok(list), nil
}

// render writes a connection. Query tagging is for administrators to see.
func (conn *connection) render(c *call) *element {
	e := node("connection", node("datasource").with("id", conn.DatasourceLUID).with("name", conn.DatasourceName)).
		with("id", conn.LUID).
		with("type", conn.Class).
		withOptional("serverAddress", conn.Server).
		withOptional("serverPort", conn.Port).
		withOptional("userName", conn.Username).
		withBool("embedPassword", conn.Embedded).
		withOptional("authenticationType", conn.AuthenticationType)
	if c.user.isAdministrator() {
		e.withBool("queryTaggingEnabled", conn.QueryTagging)
	}
	return e
}

// updateConnection answers PUT connections/{id}. All connections of the asset to the same type of data source change.
func (k *kind) updateConnection(c *call) (*reply, error) {
	return k.changeConnections(c, func(a *asset) ([]int, error) {
		i, err := a.connectionIndex(c.vars["connection"])
		if err != nil {
			return nil, err
		}
		chosen := []int{i} // the answer tells of this one
		for other := range a.Connections {
			if other != i && a.Connections[other].Class == a.Connections[i].Class {
				chosen = append(chosen, other)
			}
		}
		return chosen, nil
	}, func(list []*element) *element { return list[0] })
}

// updateConnections answers PUT connections: those named in the request change, all of them or none. Clients spell the
// list of them in two ways.
func (k *kind) updateConnections(c *call) (*reply, error) {
	return k.changeConnections(c, func(a *asset) ([]int, error) {
		var chosen []int
		for _, spelling := range []string{"onnectionLuid", "onnectionLUID"} {
			for e := range c.body.child("c" + spelling + "s").each("c" + spelling) {
				i, err := a.connectionIndex(strings.TrimSpace(e.text))
				if err != nil {
					return nil, err
				}
				chosen = append(chosen, i)
			}
		}
		if len(chosen) == 0 {
			return nil, refuse(codeMalformed, "The request body has no connectionLuids.")
		}
		return chosen, nil
	}, func(list []*element) *element { return node("connections", list...) })
}

// changeConnections changes the chosen connections of an asset and answers with what tell makes of them.
func (k *kind) changeConnections(c *call, choose func(*asset) ([]int, error), tell func([]*element) *element) (*reply, error) {
	a, err := k.findFor(c, codeConnUpdate, "Write")
	if err != nil {
		return nil, err
	}
	chosen, err := choose(a)
	if err != nil {
		return nil, err
	}
	request := c.body.child("connection")
	if request == nil {
		return nil, refuse(codeMalformed, "The request body has no connection.")
	}
	changed := *a
	changed.Connections = slices.Clone(a.Connections)
	var list []*element
	for _, i := range chosen {
		if err := changed.Connections[i].change(c, request); err != nil {
			return nil, err
		}
		list = append(list, changed.Connections[i].render(c))
	}
	k.of(c.site).Put(&changed)
	c.site.catalogue(&changed)
	return ok(tell(list)), nil
}

func (a *asset) connectionIndex(luid string) (int, error) {
	i := slices.IndexFunc(a.Connections, func(conn connection) bool { return conn.LUID == luid })
	if i < 0 {
		return 0, refuse(codeNoConnection, "The %s '%s' has no connection '%s'.", a.Kind, a.LUID, luid)
	}
	return i, nil
}

// change puts into the connection what the request says of it. An empty attribute is as good as none. The file does not
// change: what is in it is one thing, what the server connects to another.
func (conn *connection) change(c *call, request *element) error {
	if port := request.attr("serverPort"); port != "" {
		if _, err := strconv.ParseUint(port, 10, 16); err != nil {
			return refuse(codeMalformed, "The serverPort of connection '%s' must be the number of a port, not '%s'.", conn.LUID, port)
		}
	}
	for _, f := range []struct {
		name string
		to   *string
	}{
		{"serverAddress", &conn.Server},
		{"serverPort", &conn.Port},
		{"userName", &conn.Username},
		{"authenticationType", &conn.AuthenticationType},
	} {
		if value := request.attr(f.name); value != "" {
			*f.to = value
		}
	}
	if request.attr("queryTaggingEnabled") != "" && !c.user.isAdministrator() {
		return refuse(codeConnUpdate, "User '%s' is not an administrator and may not set the query tagging of connection '%s'.", c.user.LUID, conn.LUID)
	}
	if err := request.readFlag("queryTaggingEnabled", &conn.QueryTagging); err != nil {
		return err
	}
	return request.readFlag("embedPassword", &conn.Embedded)
}
