package emulator

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/tabtemplate/tabtemplate/documents/twb"
)

// publish answers POST workbooks and POST datasources, once the body is read: 201 with what was published, or 202 with
// the job that will publish it.
func publish(c *call) (*reply, error) {
	p := c.publication
	if p.sessionID != "" {
		if _, err := c.upload(p.sessionID); err != nil { // another publish may have used it up
			return nil, err
		}
	}
	where, by := c.site, c.user
	if _, err := p.target(where); err != nil {
		return nil, err
	}
	if p.asJob {
		delete(c.site.uploads, p.sessionID)
		return c.startJob(p.kind.jobType, func(now time.Time) error {
			_, err := c.server.commit(p, where, by, now)
			return err
		}), nil
	}
	a, err := c.server.commit(p, where, by, c.now)
	if err != nil {
		return nil, err
	}
	delete(c.site.uploads, p.sessionID)
	return created(c.path(p.kind.collection, a.luid), a.renderWhole(c)), nil
}

// target is where a publication goes: a project, and the asset it overwrites, if there is one.
type target struct {
	project  *project
	existing *asset
}

// target finds where the publication goes on a site. No project means the default project; an unknown one is refused,
// since a client that was given none sends a random LUID.
func (p *publication) target(where *site) (target, error) {
	t := target{project: where.defaultProject()}
	if luid := p.request.child("project").attr("id"); luid != "" {
		if t.project = where.project(luid); t.project == nil {
			return target{}, refuse(codeNoProject, "Project '%s' could not be found.", luid)
		}
	}
	t.existing = find(where.assets, func(a *asset) bool {
		return a.kind == p.kind && a.project == t.project && a.name == p.name
	})
	switch {
	case t.existing == nil && p.mustExist:
		return target{}, refuse(p.kind.missing, "The %s '%s' could not be found in project '%s'.", p.kind.element, p.name,
			t.project.luid)
	case t.existing != nil && !p.overwrite:
		return target{}, refuse(p.kind.exists, "The %s '%s' has the name '%s' in project '%s' already, and overwrite was not true.",
			p.kind.element, t.existing.luid, p.name, t.project.luid)
	}
	return t, nil
}

// inspect opens the file of a publication. The bare extract files are not looked into.
func (p *publication) inspect() (content, error) {
	if !slices.Contains([]string{"twb", "twbx", "tds", "tdsx"}, p.fileType) {
		return content{
			fileType:    p.fileType,
			connections: []fileConnection{{datasource: p.name, class: p.fileType}},
			hasExtract:  true,
		}, nil
	}
	found, err := analyze(p.data, int64(p.data.size()))
	switch {
	case err != nil:
		return content{}, refuse(codePublish, "The file of %s '%s' could not be read: %v.", p.kind.element, p.name, err)
	case found.fileType != p.fileType:
		return content{}, refuse(codePublish, "The file of %s '%s' is a .%s, not a .%s.", p.kind.element, p.name,
			found.fileType, p.fileType)
	case len(found.sheets) > 0 && !slices.ContainsFunc(found.sheets, p.shows):
		return content{}, refuse(codePublish, "All views of workbook '%s' are hidden.", p.name)
	}
	return found, nil
}

// shows tells whether a sheet becomes a view: unless the file or the request hides it.
func (p *publication) shows(s sheet) bool { return !s.hidden && !p.hidden[s.name] }

// commit publishes. Everything is checked before anything is changed. An overwritten asset keeps its LUID, content URL
// and tags, and gets a new revision and owner.
func (s *Server) commit(p *publication, where *site, by *user, now time.Time) (*asset, error) {
	t, err := p.target(where)
	if err != nil {
		return nil, err
	}
	if p.problem != nil {
		return nil, p.problem
	}
	published, err := p.resolve(where)
	if err != nil {
		return nil, err
	}
	a := t.existing
	if a == nil {
		a = s.newAsset(p, where, t.project, stamp(now))
		where.assets = append(where.assets, a)
	}
	a.owner, a.updatedAt = by, stamp(now)
	a.describe(p.request)
	a.showTabs, a.encryptExtracts, a.useRemoteQueryAgent = p.showTabs, p.encrypt, p.remoteQuery
	a.hasExtracts = p.content.hasExtract
	a.connections = s.newConnections(p, a, published)
	a.views = s.newViews(p, a)
	a.addRevision(p, by)
	return a, nil
}

// describe takes over what the request says in words; what it does not mention stays.
func (a *asset) describe(request *element) {
	if description, given := request.lookup("description"); given {
		a.description = description
	}
	certified := request.attr("isCertified")
	if value, known := parseBool(certified); known && certified != "" { // TSC writes "none" for a flag never set
		a.certified = value
	}
	if note, given := request.lookup("certificationNote"); given {
		a.certificationNote = note
	}
}

func (s *Server) newAsset(p *publication, where *site, in *project, now time.Time) *asset {
	return &asset{
		kind: p.kind, luid: s.newID(), name: p.name, project: in, number: s.nextNumber(), createdAt: now,
		contentURL: twb.FreeURLName(p.name, func(url string) bool { return where.byContentURL(p.kind, url) != nil }),
	}
}

func (where *site) byContentURL(k *kind, contentURL string) *asset {
	return find(where.assets, func(a *asset) bool { return a.kind == k && a.contentURL == contentURL })
}

// resolve finds the published data sources that a workbook refers to, by content URL. One that is not on the site is
// refused, in words that people know from the server.
func (p *publication) resolve(where *site) (map[string]*asset, error) {
	published := make(map[string]*asset)
	if p.kind != workbooks {
		return published, nil
	}
	for _, ref := range p.content.published {
		found := where.byContentURL(datasources, ref.contentURL)
		if found == nil || ref.siteContentURL != "" && ref.siteContentURL != where.contentURL {
			return nil, refuse(codePublish, "The workbook '%s' could not be published: Datasource '%s' not found on site '%s'.",
				p.name, ref.contentURL, where.contentURL)
		}
		published[ref.contentURL] = found
	}
	return published, nil
}

// newConnections makes the connections of the content, with the usernames of the request. What was embedded before is gone.
func (s *Server) newConnections(p *publication, a *asset, published map[string]*asset) []*connection {
	var connections []*connection
	embedded := make(map[string]string) // LUIDs of the data sources within a workbook
	for _, from := range p.content.connections {
		conn := &connection{
			luid: s.newID(), class: from.class, server: from.server, port: from.port, username: from.username,
		}
		source := published[from.dbName]
		switch {
		case p.kind == datasources:
			conn.datasourceLUID, conn.datasourceName = a.luid, a.name
		case from.class == publishedClass && source != nil:
			conn.datasourceLUID, conn.datasourceName = source.luid, source.name
		default:
			embedded[from.datasource] = cmp.Or(embedded[from.datasource], s.newID())
			conn.datasourceLUID, conn.datasourceName = embedded[from.datasource], from.datasource
		}
		for _, given := range p.credentials {
			if given.isFor(from) {
				conn.username, conn.embedded = given.username, given.embed
			}
		}
		connections = append(connections, conn)
	}
	return connections
}

// isFor tells whether the credentials are for a connection: the address is a key to match, not a value to set.
func (given credentials) isFor(conn fileConnection) bool {
	return (given.server == "" || strings.EqualFold(given.server, conn.server)) &&
		(given.port == "" || given.port == conn.port)
}

// newViews makes the views of a workbook. A sheet that was there before keeps its view.
func (s *Server) newViews(p *publication, a *asset) []*view {
	var views []*view
	for _, from := range p.content.sheets {
		if !p.shows(from) {
			continue
		}
		v := find(a.views, func(old *view) bool { return old.name == from.name })
		if v == nil {
			taken := func(urlName string) bool {
				return slices.ContainsFunc(slices.Concat(a.views, views), func(v *view) bool { return v.urlName == urlName })
			}
			v = &view{workbook: a, luid: s.newID(), name: from.name, createdAt: a.updatedAt}
			v.urlName = twb.FreeURLName(from.name, taken)
		}
		v.sheetType, v.updatedAt = from.sheetType, a.updatedAt
		views = append(views, v)
	}
	return views
}

// addRevision adds the file as the current revision and drops the oldest past the limit.
func (a *asset) addRevision(p *publication, by *user) {
	number := 1
	if len(a.revisions) > 0 {
		number = a.current().number + 1
	}
	a.revisions = append(a.revisions, &revision{
		number: number, fileType: p.fileType, data: p.data, publisher: by, publishedAt: a.updatedAt,
	})
	a.revisions = a.revisions[max(0, len(a.revisions)-maxRevisions):]
}
