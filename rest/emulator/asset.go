package emulator

import (
	"slices"
	"time"

	"github.com/tabtemplate/tabtemplate/rest/emulator/internal/state"
)

// contentTables are what is published on a site, and the projects it is in.
type contentTables struct {
	projects    *state.Table[project]
	workbooks   *state.Table[asset]
	datasources *state.Table[asset]
	flows       *state.Table[asset]
	views       *state.Table[view] // of workbooks, those that people can see
	hiddenViews *state.Table[view]
	recents     *state.Table[recents]
	// hyperRequests are the requests to change rows that were taken.
	hyperRequests *state.Table[hyperRequest]
}

// The indexes of the tables of assets.
const (
	contentURLIndex = "content URL"
	nameIndex       = "project and name" // LUID, slash, name
)

func openContent(store *state.Store, path string) contentTables {
	assets := func(name string) *state.Table[asset] {
		return state.NewTable(store, path+name, func(a *asset) string { return a.LUID }).
			Index(contentURLIndex, func(a *asset) string { return a.ContentURL }).
			Index(nameIndex, func(a *asset) string { return a.Project + "/" + a.Name })
	}
	viewByLUID := func(v *view) string { return v.LUID }
	return contentTables{
		projects:    state.NewTable(store, path+"projects", func(p *project) string { return p.LUID }),
		workbooks:   assets("workbooks"),
		datasources: assets("datasources"),
		flows:       assets("flows"),
		views:       state.NewTable(store, path+"views", viewByLUID),
		hiddenViews: state.NewTable(store, path+"hiddenViews", viewByLUID),
		recents:     state.NewTable(store, path+"recents", func(r *recents) string { return r.User }),

		hyperRequests: state.NewTable(store, path+"hyperRequests", func(r *hyperRequest) string { return r.ID }),
	}
}

// kind is a kind of published content. What workbooks, data sources and flows do alike is written once, in terms of it.
type kind struct {
	element    string   // the element of one
	collection string   // the list element, and the word in the path
	part       string   // the part of a multipart body that holds the file
	typeParam  string   // the query parameter that tells the type of an uploaded file
	types      []string // the types of file it can be, which are also the extensions
	event      string   // what the names of events about one begin with; "" for none
	missing    int      // the code when one is not there
	exists     int      // the code when one is there and may not be overwritten
	unreadable int      // the code when one may not be read
	badTag     int      // the code when a tag of one cannot be added
}

var workbooks = &kind{
	element: "workbook", collection: "workbooks", part: "tableau_workbook", typeParam: "workbookType",
	types: []string{"twb", "twbx"}, event: "Workbook",
	missing: codeNoWorkbook, exists: codeWorkbookExists, unreadable: codeReadForbidden, badTag: codeTagWorkbook,
}

var datasources = &kind{
	element: "datasource", collection: "datasources", part: "tableau_datasource", typeParam: "datasourceType",
	types: []string{"tds", "tdsx", "hyper", "tde", "parquet"}, event: "Datasource",
	missing: codeNoDatasource, exists: codeDatasourceExists, unreadable: codeForbidden, badTag: codeMalformed,
}

var flows = &kind{
	element: "flow", collection: "flows", part: "tableau_flow", typeParam: "flowType",
	types:   []string{"tfl", "tflx"},
	missing: codeNoContent, exists: codeDatasourceExists, unreadable: codeForbidden, badTag: codeMalformed,
}

var kinds = []*kind{workbooks, datasources, flows}

// kindOf returns the kind with the element.
func kindOf(element string) *kind {
	return find(kinds, func(k *kind) bool { return k.element == element })
}

// of returns the table of the kind on a site.
func (k *kind) of(where *site) *state.Table[asset] {
	switch k {
	case workbooks:
		return where.workbooks
	case datasources:
		return where.datasources
	}
	return where.flows
}

// fields are what a list of the kind may be filtered and sorted by.
func (k *kind) fields(c *call) map[string]field[*asset] {
	switch k {
	case workbooks:
		return workbookFields(c)
	case datasources:
		return datasourceFields(c)
	}
	return flowFields(c)
}

// assetOperations are the operations that every kind has.
func assetOperations(k *kind, path string) []operation {
	return []operation{
		op("GET", path, onSite, nil, k.list),
		op("POST", path, onSite, k.readPublish, publish),
		op("GET", path+"/{id}", onSite, nil, k.get),
		op("PUT", path+"/{id}", onSite, readXML, k.update),
		op("DELETE", path+"/{id}", onSite, nil, k.delete),
		op("GET", path+"/{id}/connections", onSite, nil, k.listConnections),
		op("PUT", path+"/{id}/connections/{connection}", onSite, readXML, k.updateConnection),
		op("PUT", path+"/{id}/tags", onSite, readXML, k.addTags),
		op("DELETE", path+"/{id}/tags/{tag...}", onSite, nil, k.deleteTag),
		op("GET", path+"/{id}/content", onSite, nil, k.download),
	}
}

// historyOperations are the operations of the kinds that have more than flows: revisions, and connections that are
// changed many at a time.
func historyOperations(k *kind, path string) []operation {
	return []operation{
		op("PUT", path+"/{id}/connections", onSite, readXML, k.updateConnections).since(3, 26),
		op("GET", path+"/{id}/revisions", onSite, nil, k.listRevisions).since(2, 3),
		op("GET", path+"/{id}/revisions/{number}/content", onSite, nil, k.downloadRevision).since(2, 3),
		op("DELETE", path+"/{id}/revisions/{number}", onSite, nil, k.deleteRevision).since(2, 3),
	}
}

// asset is a published workbook, data source or flow.
type asset struct {
	Kind                         string // the element of the kind
	LUID, Name, ContentURL       string // flows have no content URL
	Description                  string
	Number                       int    // of its web page
	Project                      string // LUID
	Owner                        string // LUID of a user
	Tags                         []tag
	CreatedAt, UpdatedAt         time.Time
	EncryptExtracts, HasExtracts bool
	Connections                  []connection
	Revisions                    []revision // the last is the current one
	Views                        []string   // of a workbook: LUIDs in the order of the sheets, hidden ones too

	ShowTabs                       bool       // of a workbook
	Thumbnails                     thumbnails // of a workbook
	Freshness                      *freshness // of a workbook; nil for one that was never set
	Certified, UseRemoteQueryAgent bool       // of a data source
	CertificationNote              string     // of a data source
	OutputSteps                    []flowStep // of a flow
}

// thumbnails are whom the pictures of a workbook are made as: a user or a group, by LUID.
type thumbnails struct{ User, Group string }

func (a *asset) kind() *kind { return kindOf(a.Kind) }

// megabytes is how the API tells sizes: whole, and at least 1 when there is anything.
func megabytes(bytes int64) int { return int((bytes + mebibyte - 1) / mebibyte) }

func (a *asset) size() int { return megabytes(a.current().Size) }

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

// findFor returns the asset in the path when the caller has a capability on it, and otherwise refuses with the code.
func (k *kind) findFor(c *call, code int, capability string) (*asset, error) {
	a, err := k.find(c)
	if err != nil {
		return nil, err
	}
	return a, c.allow(code, capability, a.securable())
}

func (where *site) byContentURL(k *kind, contentURL string) *asset {
	return k.of(where).Find(contentURLIndex, contentURL)
}

// named returns the asset of the name in a project.
func (where *site) named(k *kind, name, project string) *asset {
	return k.of(where).Find(nameIndex, project+"/"+name)
}

// get answers GET of one asset.
func (k *kind) get(c *call) (*reply, error) {
	a, err := k.findFor(c, k.unreadable, "Read")
	if err != nil {
		return nil, err
	}
	return ok(a.renderWhole(c)...), nil
}

// list answers GET of the assets of a kind on the site: those that the caller may read.
func (k *kind) list(c *call) (*reply, error) {
	return k.reply(c, readable(c, k.of(c.site).All()))
}

// reply answers a list of the assets.
func (k *kind) reply(c *call, items []*asset) (*reply, error) {
	return listing[*asset]{
		name: k.collection, items: items, fields: k.fields(c),
		render: func(a *asset) *element { return a.render(c) },
	}.reply(c)
}

// readable leaves of assets those that the caller may read. For administrators that is all of them, at no cost.
func readable(c *call, all []*asset) []*asset {
	if c.user.isAdministrator() {
		return all
	}
	return slices.DeleteFunc(slices.Clone(all), func(a *asset) bool { return !c.may("Read", a.securable()) })
}

// delete answers DELETE. Views, connections and revisions go with the asset.
func (k *kind) delete(c *call) (*reply, error) {
	a, err := k.findFor(c, codeForbidden, "Read")
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
	c.site.forgetWarnings(a.LUID)
	c.server.forgetContent(c.site, a.LUID)
	c.server.tell(c.site, a, "Deleted", c.now)
	for _, luid := range a.Views {
		c.removeView(luid)
	}
	for _, r := range a.Revisions {
		c.server.store.Release(r.Data)
	}
}

// tell tells webhooks what happened to an asset. There are no events about flows as such.
func (s *Server) tell(where *site, a *asset, happened string, now time.Time) {
	if k := a.kind(); k.event != "" {
		s.event(where, k.event+happened, a.LUID, a.Name, now)
	}
}

// renderWhole writes an asset as single reads do: a workbook with its views, after its own project, owner and tags,
// which clients take from the first place they find them. A flow comes after its output steps.
func (a *asset) renderWhole(c *call) []*element {
	switch a.kind() {
	case workbooks:
		return []*element{a.renderWorkbookWhole(c)}
	case flows:
		return []*element{a.renderOutputSteps(), a.render(c)}
	}
	return []*element{a.render(c)}
}

// render writes an asset as lists do.
func (a *asset) render(c *call) *element {
	switch a.kind() {
	case workbooks:
		return a.renderWorkbook(c)
	case datasources:
		return a.renderDatasource(c)
	}
	return a.renderFlow(c)
}

// renderProject writes the project of content.
func (c *call) renderProject(luid string) *element {
	in := c.site.projects.Get(luid)
	return node("project").with("id", in.LUID).with("name", in.Name).withExtra("description", in.Description)
}

// renderLocation writes the project of content once more, as where it is.
func (c *call) renderLocation(luid string) *element {
	return node("location").with("id", luid).with("type", "Project").with("name", c.site.projects.Get(luid).Name)
}

// renderOwner writes the owner of content.
func (c *call) renderOwner(luid string) *element {
	e := node("owner").with("id", luid)
	u := c.site.users.Get(luid)
	if u == nil {
		return e
	}
	e.with("name", u.Name)
	if a := c.server.accounts.Get(u.Account); a != nil {
		e.withExtra("fullName", a.friendlyName()).withExtra("email", a.Email)
	}
	return e.withExtra("siteRole", u.Role)
}

// addOwnerFields adds what lists of content may be filtered and sorted by of its owner.
func addOwnerFields[T any](c *call, fields map[string]field[T], owner func(T) string) {
	account := func(item T) account {
		if u := c.site.users.Get(owner(item)); u != nil && u.Account != "" {
			return *c.server.accounts.Get(u.Account)
		}
		return account{}
	}
	fields["ownerDomain"] = textField(func(item T) string {
		if d := c.server.domains.Get(account(item).Domain); d != nil {
			return d.Name
		}
		return ""
	})
	fields["ownerEmail"] = textField(func(item T) string { return account(item).Email })
	fields["ownerName"] = textField(func(item T) string { return c.site.userName(owner(item)) })
}

// favoritesTotal is how many users have something as a favorite.
func (where *site) favoritesTotal(luid string) int {
	total := 0
	for _, f := range where.favorites.All() {
		if f.Content == luid {
			total++
		}
	}
	return total
}
