package emulator

import (
	"strconv"
	"time"

	"github.com/tabtemplate/tabtemplate/rest/emulator/internal/state"
)

// contentTables are what is published on a site, and the projects it is in.
type contentTables struct {
	projects    *state.Table[project]
	workbooks   *state.Table[asset]
	datasources *state.Table[asset]
	views       *state.Table[view] // of workbooks, hidden ones too
}

func openContent(store *state.Store, path string) contentTables {
	byLUID := func(a *asset) string { return a.LUID }
	return contentTables{
		projects:    state.NewTable(store, path+"projects", func(p *project) string { return p.LUID }),
		workbooks:   state.NewTable(store, path+"workbooks", byLUID),
		datasources: state.NewTable(store, path+"datasources", byLUID),
		views:       state.NewTable(store, path+"views", func(v *view) string { return v.LUID }),
	}
}

// kind is a kind of published content. What workbooks and data sources do alike is written once, in terms of it.
type kind struct {
	element    string   // the element of one
	collection string   // the list element, and the word in the path
	part       string   // the part of a multipart body that holds the file
	typeParam  string   // the query parameter that tells the type of an uploaded file
	types      []string // the types of file it can be, which are also the extensions
	event      string   // what the names of events about one begin with
	missing    int      // the code when one is not there
	exists     int      // the code when one is there and may not be overwritten
}

var workbooks = &kind{
	element: "workbook", collection: "workbooks", part: "tableau_workbook", typeParam: "workbookType",
	types: []string{"twb", "twbx"}, event: "Workbook",
	missing: codeNoWorkbook, exists: codeWorkbookExists,
}

var datasources = &kind{
	element: "datasource", collection: "datasources", part: "tableau_datasource", typeParam: "datasourceType",
	types: []string{"tds", "tdsx", "hyper", "tde", "parquet"}, event: "Datasource",
	missing: codeNoDatasource, exists: codeDatasourceExists,
}

var kinds = []*kind{workbooks, datasources}

// kindOf returns the kind with the element.
func kindOf(element string) *kind {
	return find(kinds, func(k *kind) bool { return k.element == element })
}

// of returns the table of the kind on a site.
func (k *kind) of(where *site) *state.Table[asset] {
	if k == workbooks {
		return where.workbooks
	}
	return where.datasources
}

// fields are what a list of the kind may be filtered and sorted by.
func (k *kind) fields(where *site) map[string]field[*asset] {
	if k == workbooks {
		return workbookFields(where)
	}
	return datasourceFields(where)
}

// assetOperations are the operations that workbooks and data sources have alike.
func assetOperations(k *kind, path string) []operation {
	return []operation{
		op("GET", path, onSite, nil, k.list),
		op("POST", path, onSite, k.readPublish, publish),
		op("GET", path+"/{id}", onSite, nil, k.get),
		op("DELETE", path+"/{id}", onSite, nil, k.delete),
		op("GET", path+"/{id}/connections", onSite, nil, k.listConnections),
		op("PUT", path+"/{id}/tags", onSite, readXML, k.addTags),
		op("DELETE", path+"/{id}/tags/{tag...}", onSite, nil, k.deleteTag),
		op("GET", path+"/{id}/content", onSite, nil, k.download),
		op("GET", path+"/{id}/revisions", onSite, nil, k.listRevisions).since(2, 3),
		op("GET", path+"/{id}/revisions/{number}/content", onSite, nil, k.downloadRevision).since(2, 3),
	}
}

// asset is a published workbook or data source.
type asset struct {
	Kind                           string // the element of the kind
	LUID, Name, ContentURL         string
	Description                    string
	Number                         int    // of its web page
	Project                        string // LUID
	Owner                          string // LUID of a user
	Tags                           []string
	CreatedAt, UpdatedAt           time.Time
	EncryptExtracts, HasExtracts   bool
	Connections                    []connection
	Revisions                      []revision // the last is the current one
	ShowTabs                       bool       // of workbooks
	Views                          []string   // of workbooks: LUIDs in the order of the sheets, hidden ones too
	Certified, UseRemoteQueryAgent bool       // of data sources
	CertificationNote              string     // of data sources
}

func (a *asset) kind() *kind { return kindOf(a.Kind) }

// connection is a connection of the content, with the credentials it was published with. Of a password only is kept
// that one was embedded.
type connection struct {
	LUID, Class, Server, Port, Username string
	Embedded                            bool
	DatasourceLUID, DatasourceName      string
}

// revision is one version of the content.
type revision struct {
	Number      int
	FileType    string
	Data        state.Blob
	Publisher   string // LUID of a user
	PublishedAt time.Time
}

// maxRevisions is how many revisions a site keeps, its revisionLimit.
const maxRevisions = 25

func (a *asset) current() *revision { return &a.Revisions[len(a.Revisions)-1] }

// megabytes is how the API tells sizes: whole, and at least 1 when there is anything.
func megabytes(bytes int64) int { return int((bytes + mebibyte - 1) / mebibyte) }

func (a *asset) size() int { return megabytes(a.current().Data.Size()) }

// connectionClass is the type of a data source as lists tell it: the class of its first connection.
func (a *asset) connectionClass() string {
	if len(a.Connections) == 0 {
		return ""
	}
	return a.Connections[0].Class
}

func (a *asset) connectionClasses() []string {
	var classes []string
	for _, conn := range a.Connections {
		classes = append(classes, conn.Class)
	}
	return classes
}

func (a *asset) serverNames() []string {
	var servers []string
	for _, conn := range a.Connections {
		servers = append(servers, conn.Server)
	}
	return servers
}

// find returns the asset in the path: by its LUID, or with ?key=contentUrl by its content URL. Another spelling of the
// key finds nothing.
func (k *kind) find(c *call) (*asset, error) {
	var found *asset
	switch id := c.vars["id"]; c.query["key"] {
	case "":
		found = k.of(c.site).Get(id)
	case "contentUrl":
		found = c.site.byContentURL(k, id)
	}
	if found == nil {
		return nil, refuse(k.missing, "The %s '%s' could not be found.", k.element, c.vars["id"])
	}
	return found, nil
}

func (where *site) byContentURL(k *kind, contentURL string) *asset {
	return find(k.of(where).All(), func(a *asset) bool { return a.ContentURL == contentURL })
}

// get answers GET of one workbook or data source.
func (k *kind) get(c *call) (*reply, error) {
	a, err := k.find(c)
	if err != nil {
		return nil, err
	}
	return ok(a.renderWhole(c)), nil
}

// list answers GET of the workbooks or data sources of the site.
func (k *kind) list(c *call) (*reply, error) {
	return listing[*asset]{
		name: k.collection, items: k.of(c.site).All(), fields: k.fields(c.site),
		render: func(a *asset) *element { return a.render(c) },
	}.reply(c)
}

// delete answers DELETE. Views, connections and revisions go with the asset.
func (k *kind) delete(c *call) (*reply, error) {
	a, err := k.find(c)
	if err != nil {
		return nil, err
	}
	if err := c.allow(codeForbidden, "Delete", a.securable()); err != nil {
		return nil, err
	}
	c.remove(a)
	return noContent(), nil
}

// remove takes an asset off the site, with all that hangs on it.
func (c *call) remove(a *asset) {
	a.kind().of(c.site).Delete(a.LUID)
	c.site.forgetRules(a.LUID)
	c.server.event(c.site, a.kind().event+"Deleted", a.LUID, a.Name, c.now)
	for _, luid := range a.Views {
		v := c.site.views.Get(luid)
		c.site.views.Delete(luid)
		c.site.forgetRules(luid)
		c.server.event(c.site, "ViewDeleted", v.LUID, v.Name, c.now)
	}
	for _, r := range a.Revisions {
		c.server.store.Release(r.Data)
	}
}

// listConnections answers GET of the connections of one workbook or data source; there is no paging.
func (k *kind) listConnections(c *call) (*reply, error) {
	a, err := k.find(c)
	if err != nil {
		return nil, err
	}
	list := node("connections")
	for _, conn := range a.Connections {
		list.add(conn.render())
	}
	return ok(list), nil
}

func (conn *connection) render() *element {
	return node("connection", node("datasource").with("id", conn.DatasourceLUID).with("name", conn.DatasourceName)).
		with("id", conn.LUID).
		with("type", conn.Class).
		withOptional("serverAddress", conn.Server).
		withOptional("serverPort", conn.Port).
		withOptional("userName", conn.Username).
		withBool("embedPassword", conn.Embedded)
}

// renderWhole writes an asset as single reads do: a workbook with its views, after its own project, owner and tags,
// which clients take from the first place they find them.
func (a *asset) renderWhole(c *call) *element {
	e := a.render(c)
	if a.Kind == workbooks.element {
		views := node("views")
		for _, v := range c.site.viewsOf(a) {
			views.add(v.render(a, renderTags(v.Tags)))
		}
		e.add(views)
	}
	return e
}

// render writes an asset as lists do.
func (a *asset) render(c *call) *element {
	in := c.site.projects.Get(a.Project)
	e := node(a.Kind,
		node("project").with("id", in.LUID).with("name", in.Name),
		node("location").with("id", in.LUID).with("type", "Project").with("name", in.Name),
		node("owner").with("id", a.Owner).with("name", c.site.userName(a.Owner)),
		renderTags(a.Tags),
	).
		with("id", a.LUID).
		with("name", a.Name).
		with("description", a.Description).
		with("contentUrl", a.ContentURL).
		with("webpageUrl", c.webPage(a.kind().collection, a.Number))
	if a.Kind == workbooks.element {
		e.withBool("showTabs", a.ShowTabs)
	}
	e.with("size", strconv.Itoa(a.size())).
		with("createdAt", formatTime(a.CreatedAt)).
		with("updatedAt", formatTime(a.UpdatedAt)).
		withBool("encryptExtracts", a.EncryptExtracts)
	if a.Kind == datasources.element {
		return e.with("type", a.connectionClass()).
			withBool("hasExtracts", a.HasExtracts).
			withBool("isCertified", a.Certified).
			withOptional("certificationNote", a.CertificationNote).
			withBool("useRemoteQueryAgent", a.UseRemoteQueryAgent)
	}
	if shown := c.site.viewsOf(a); len(shown) > 0 {
		e.with("defaultViewId", shown[0].LUID)
	}
	return e
}

func renderTags(labels []string) *element {
	tags := node("tags")
	for _, label := range labels {
		tags.add(node("tag").with("label", label))
	}
	return tags
}
