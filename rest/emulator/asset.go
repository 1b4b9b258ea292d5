package emulator

import (
	"slices"
	"strconv"
	"time"
)

// kind is a kind of published content. What workbooks and data sources do alike is written once, in terms of it.
type kind struct {
	element    string   // the element of one
	collection string   // the list element, and the word in the path
	part       string   // the part of a multipart body that holds the file
	typeParam  string   // the query parameter that tells the type of an uploaded file
	types      []string // the types of file it can be, which are also the extensions
	jobType    string   // the type of a job that publishes one
	missing    int      // the code when one is not there
	exists     int      // the code when one is there and may not be overwritten
	fields     map[string]field[*asset]
}

var workbooks = &kind{
	element: "workbook", collection: "workbooks", part: "tableau_workbook", typeParam: "workbookType",
	types: []string{"twb", "twbx"}, jobType: "PublishWorkbook",
	missing: codeNoWorkbook, exists: codeWorkbookExists, fields: workbookFields,
}

var datasources = &kind{
	element: "datasource", collection: "datasources", part: "tableau_datasource", typeParam: "datasourceType",
	types: []string{"tds", "tdsx", "hyper", "tde", "parquet"}, jobType: "PublishDatasource",
	missing: codeNoDatasource, exists: codeDatasourceExists, fields: datasourceFields,
}

// asset is a published workbook or data source.
type asset struct {
	kind                           *kind
	luid, name, contentURL         string
	description                    string
	number                         int // of its web page
	project                        *project
	owner                          *user
	tags                           []string
	createdAt, updatedAt           time.Time
	encryptExtracts, hasExtracts   bool
	connections                    []*connection
	revisions                      []*revision // the last is the current one
	showTabs                       bool        // of workbooks
	views                          []*view     // of workbooks; hidden ones are left out
	certified, useRemoteQueryAgent bool        // of data sources
	certificationNote              string      // of data sources
}

// view is a sheet of a workbook that people can see.
type view struct {
	workbook             *asset
	luid, name, urlName  string
	sheetType            string // worksheet, dashboard, story
	createdAt, updatedAt time.Time
}

// connection is a connection of the content, with the credentials it was published with. Of a password only is kept
// that one was embedded.
type connection struct {
	luid, class, server, port, username string
	embedded                            bool
	datasourceLUID, datasourceName      string
}

// revision is one version of the content.
type revision struct {
	number      int
	fileType    string
	data        blocks
	publisher   *user
	publishedAt time.Time
}

// maxRevisions is how many revisions a site keeps, its revisionLimit.
const maxRevisions = 25

func (a *asset) current() *revision { return a.revisions[len(a.revisions)-1] }

// megabytes is how the API tells sizes: whole, and at least 1 when there is anything.
func megabytes(bytes int) int { return (bytes + mebibyte - 1) / mebibyte }

func (a *asset) size() int { return megabytes(a.current().data.size()) }

// connectionClass is the type of a data source as lists tell it: the class of its first connection.
func (a *asset) connectionClass() string {
	if len(a.connections) == 0 {
		return ""
	}
	return a.connections[0].class
}

func (a *asset) connectionClasses() []string {
	var classes []string
	for _, conn := range a.connections {
		classes = append(classes, conn.class)
	}
	return classes
}

func (a *asset) serverNames() []string {
	var servers []string
	for _, conn := range a.connections {
		servers = append(servers, conn.server)
	}
	return servers
}

// of returns the assets of the kind on a site.
func (k *kind) of(where *site) []*asset {
	var assets []*asset
	for _, a := range where.assets {
		if a.kind == k {
			assets = append(assets, a)
		}
	}
	return assets
}

// find returns the asset in the path: by its LUID, or with ?key=contentUrl by its content URL. Another spelling of the
// key finds nothing.
func (k *kind) find(c *call) (*asset, error) {
	by := func(a *asset) string { return a.luid }
	switch key := c.query["key"]; key {
	case "":
	case "contentUrl":
		by = func(a *asset) string { return a.contentURL }
	default:
		by = func(*asset) string { return "" }
	}
	found := find(c.site.assets, func(a *asset) bool { return a.kind == k && by(a) == c.vars["id"] })
	if found == nil {
		return nil, refuse(k.missing, "The %s '%s' could not be found.", k.element, c.vars["id"])
	}
	return found, nil
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
		name: k.collection, items: k.of(c.site), fields: k.fields,
		render: func(a *asset) *element { return a.render(c) },
	}.reply(c)
}

// delete answers DELETE. Views, connections and revisions go with the asset.
func (k *kind) delete(c *call) (*reply, error) {
	a, err := k.find(c)
	if err != nil {
		return nil, err
	}
	c.site.assets = slices.DeleteFunc(c.site.assets, func(other *asset) bool { return other == a })
	return noContent(), nil
}

// listConnections answers GET of the connections of one workbook or data source; there is no paging.
func (k *kind) listConnections(c *call) (*reply, error) {
	a, err := k.find(c)
	if err != nil {
		return nil, err
	}
	list := node("connections")
	for _, conn := range a.connections {
		list.add(conn.render())
	}
	return ok(list), nil
}

func (conn *connection) render() *element {
	return node("connection", node("datasource").with("id", conn.datasourceLUID).with("name", conn.datasourceName)).
		with("id", conn.luid).
		with("type", conn.class).
		withOptional("serverAddress", conn.server).
		withOptional("serverPort", conn.port).
		withOptional("userName", conn.username).
		withBool("embedPassword", conn.embedded)
}

// renderWhole writes an asset as single reads do: a workbook with its views, after its own project, owner and tags,
// which clients take from the first place they find them.
func (a *asset) renderWhole(c *call) *element {
	e := a.render(c)
	if a.kind == workbooks {
		views := node("views")
		for _, v := range a.views {
			views.add(v.render(renderTags(nil)))
		}
		e.add(views)
	}
	return e
}

// render writes an asset as lists do.
func (a *asset) render(c *call) *element {
	e := node(a.kind.element,
		node("project").with("id", a.project.luid).with("name", a.project.name),
		node("location").with("id", a.project.luid).with("type", "Project").with("name", a.project.name),
		node("owner").with("id", a.owner.luid).with("name", a.owner.account.name),
		renderTags(a.tags),
	).
		with("id", a.luid).
		with("name", a.name).
		with("description", a.description).
		with("contentUrl", a.contentURL).
		with("webpageUrl", c.webPage(a.kind.collection, a.number))
	if a.kind == workbooks {
		e.withBool("showTabs", a.showTabs)
	}
	e.with("size", strconv.Itoa(a.size())).
		with("createdAt", formatTime(a.createdAt)).
		with("updatedAt", formatTime(a.updatedAt)).
		withBool("encryptExtracts", a.encryptExtracts)
	switch {
	case a.kind == datasources:
		e.with("type", a.connectionClass()).
			withBool("hasExtracts", a.hasExtracts).
			withBool("isCertified", a.certified).
			withOptional("certificationNote", a.certificationNote).
			withBool("useRemoteQueryAgent", a.useRemoteQueryAgent)
	case len(a.views) > 0:
		e.with("defaultViewId", a.views[0].luid)
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
