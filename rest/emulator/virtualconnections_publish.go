package emulator

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// virtualRevision is one version of the definition of a virtual connection.
type virtualRevision struct {
	Of       string // LUID
	Revision revision
	Content  string // JSON; "" once the revision is deleted
}

func (r *virtualRevision) key() string { return r.Of + "/" + strconv.Itoa(r.Revision.Number) }

// revisionsOf returns the revisions of a virtual connection, the current one last.
func (where *site) revisionsOf(v *virtualConnection) []*virtualRevision {
	var found []*virtualRevision
	for _, r := range where.virtualRevisions.All() {
		if r.Of == v.LUID {
			found = append(found, r)
		}
	}
	return found
}

// publishVirtualConnection answers POST virtualConnections.
func publishVirtualConnection(c *call) (*reply, error) {
	request := c.body.child(virtualConnectionElement)
	if request.attr("name") == "" {
		return nil, refuse(codeMalformed, "The request body has no virtualConnection with a name.")
	}
	definition, err := readDefinition(request)
	if err != nil {
		return nil, err
	}
	v, err := c.publishedVirtualConnection(request)
	if err != nil {
		return nil, err
	}
	isNew := v.LUID == ""
	v.LUID = cmp.Or(v.LUID, c.server.newID())
	v.Connections = definition.connections
	for i := range v.Connections {
		v.Connections[i].LUID = c.server.newID()
	}
	if isNew {
		v.Number = c.server.nextNumber()
		c.site.beginRules(v.securable())
	}
	c.site.virtualConnections.Put(v)
	current := c.addVirtualRevision(v, definition.content)
	return created(c.path("virtualConnections", v.LUID), v.renderWith(c, current)), nil
}

// publishedVirtualConnection returns what a request publishes: a copy of what it overwrites, or a new one without a LUID.
func (c *call) publishedVirtualConnection(request *element) (*virtualConnection, error) {
	overwrite, err := c.flag("overwrite")
	if err != nil {
		return nil, err
	}
	draft, err := c.flag("publishAsDraft")
	if err != nil {
		return nil, err
	}
	project := cmp.Or(request.child("project").attr("id"), c.site.defaultProject().LUID)
	in := c.site.projects.Get(project)
	if in == nil {
		return nil, refuse(codeNoProject, "Project '%s' could not be found.", project)
	}
	if err := c.allow(codePublishForbidden, "Write", in.securable()); err != nil {
		return nil, err
	}
	v := &virtualConnection{
		Name: request.attr("name"), Project: project, Owner: c.user.LUID, Draft: draft, CreatedAt: stamp(c.now), UpdatedAt: stamp(c.now),
	}
	existing := c.site.sameVirtualConnection(v)
	switch {
	case existing != nil && !overwrite:
		return nil, refuse(codeDatasourceExists, "Virtual connection '%s' has the name '%s' in project '%s' already, and overwrite was not true.",
			existing.LUID, v.Name, project)
	case existing != nil:
		if err := c.allow(codePublishForbidden, "Write", existing.securable()); err != nil {
			return nil, err
		}
		*v = *existing
		v.UpdatedAt = stamp(c.now)
	}
	return v, v.changeOwner(c, request, codePublishForbidden)
}

// definition is what a virtual connection is made of.
type definition struct {
	content     string // JSON without passwords
	connections []connection
}

// readDefinition reads the definition in a request.
func readDefinition(request *element) (definition, error) {
	var d definition
	for e := range request.each("content") {
		d.content = strings.TrimSpace(e.text)
	}
	var parsed map[string]any
	decoder := json.NewDecoder(strings.NewReader(d.content))
	decoder.UseNumber() // numbers stay as they are
	if err := decoder.Decode(&parsed); err != nil || decoder.More() {
		return definition{}, refuse(codeMalformed, "The content of virtual connection '%s' is not one object of JSON.", request.attr("name"))
	}
	if !d.read(parsed) {
		return d, nil
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(parsed)
	d.content = strings.TrimSpace(b.String())
	return d, err
}

// read collects the connections to databases in a value, takes out what is secret, and tells whether there was any. How
// the definition is laid out is not published: what has a dbClass is taken for a connection, wherever it is.
func (d *definition) read(value any) (hadSecrets bool) {
	switch value := value.(type) {
	case []any:
		for _, item := range value {
			hadSecrets = d.read(item) || hadSecrets
		}
	case map[string]any:
		text := func(name string) string {
			if value[name] == nil {
				return ""
			}
			return fmt.Sprint(value[name])
		}
		if class := text("dbClass"); class != "" {
			d.connections = append(d.connections, connection{
				Class: class, Server: text("server"), Port: text("port"), Username: text("username"),
			})
		}
		for _, name := range slices.Sorted(maps.Keys(value)) {
			if isSecretName(name) {
				delete(value, name)
				hadSecrets = true
				continue
			}
			hadSecrets = d.read(value[name]) || hadSecrets
		}
	}
	return hadSecrets
}

// addVirtualRevision makes a definition the current revision, and deletes those past the limit of the site.
func (c *call) addVirtualRevision(v *virtualConnection, content string) *virtualRevision {
	past := c.site.revisionsOf(v)
	current := &virtualRevision{Of: v.LUID, Content: content, Revision: revision{
		Number: 1, Size: int64(len(content)), Publisher: c.user.LUID, PublishedAt: v.UpdatedAt,
	}}
	if len(past) > 0 {
		current.Revision.Number = past[len(past)-1].Revision.Number + 1
	}
	if limit := c.site.revisionLimit(); limit >= 0 {
		for _, r := range past[:max(0, min(len(past), len(past)+1-limit))] {
			deleted := *r
			deleted.Revision.Deleted, deleted.Content = true, ""
			c.site.virtualRevisions.Put(&deleted)
		}
	}
	c.site.virtualRevisions.Put(current)
	return current
}

// virtualHistory returns the virtual connection in the path when its history is kept and the caller may change it.
func (c *call) virtualHistory() (*virtualConnection, error) {
	v, err := c.virtualConnection(codeHistoryForbidden, "Write")
	if err != nil {
		return nil, err
	}
	if !c.site.keepsRevisions() {
		return nil, refuse(codeNoHistory, "Revision history is not enabled for site '%s', so virtual connection '%s' has none.", c.site.luid, v.LUID)
	}
	return v, nil
}

// listVirtualRevisions answers GET virtualConnections/{id}/revisions, the oldest first.
func listVirtualRevisions(c *call) (*reply, error) {
	v, err := c.virtualHistory()
	if err != nil {
		return nil, err
	}
	all := c.site.revisionsOf(v)
	return listing[*virtualRevision]{
		name: "revisions", items: all,
		render: func(r *virtualRevision) *element { return r.Revision.render(c.site, r == all[len(all)-1]) },
	}.reply(c)
}

// getVirtualRevision answers GET virtualConnections/{id}/revisions/{number}. The current revision is not to be had here,
// as on the server.
func getVirtualRevision(c *call) (*reply, error) {
	v, err := c.virtualHistory()
	if err != nil {
		return nil, err
	}
	all := c.site.revisionsOf(v)
	past := find(all[:len(all)-1], func(r *virtualRevision) bool {
		return strconv.Itoa(r.Revision.Number) == c.vars["number"] && !r.Revision.Deleted
	})
	if past == nil {
		return nil, refuse(codeNoRevision, "Virtual connection '%s' has no past revision '%s'.", v.LUID, c.vars["number"])
	}
	return ok(v.renderWith(c, past)), nil
}

// listDatabaseConnections answers GET virtualConnections/{id}/connections.
func listDatabaseConnections(c *call) (*reply, error) {
	v, err := c.virtualConnection(codeConnForbidden, "Read")
	if err != nil {
		return nil, err
	}
	return listing[connection]{
		name: "virtualConnectionConnections", items: v.Connections,
		render: func(conn connection) *element {
			return node("connection").
				with("connectionId", conn.LUID).
				with("dbClass", conn.Class).
				withOptional("server", conn.Server).
				withOptional("port", conn.Port).
				withOptional("username", conn.Username)
		},
	}.reply(c)
}

// updateDatabaseConnection answers PUT virtualConnections/{id}/connections/{id}/modify. The definition stays as it was
// published.
func updateDatabaseConnection(c *call) (*reply, error) {
	v, err := c.virtualConnection(codeConnUpdate, "Write")
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(v.Connections, func(conn connection) bool { return conn.LUID == c.vars["connection"] })
	if i < 0 {
		return nil, refuse(codeNoConnection, "Virtual connection '%s' has no connection '%s'.", v.LUID, c.vars["connection"])
	}
	request := c.body.child("connection")
	if request == nil {
		return nil, refuse(codeMalformed, "The request body has no connection.")
	}
	changed := *v
	changed.Connections = slices.Clone(v.Connections)
	conn := &changed.Connections[i]
	if err := conn.change(c, request); err != nil {
		return nil, err
	}
	c.site.virtualConnections.Put(&changed)
	return ok(node("connection").
		with("id", conn.LUID).
		withOptional("serverAddress", conn.Server).
		withOptional("serverPort", conn.Port).
		withOptional("userName", conn.Username)), nil
}
