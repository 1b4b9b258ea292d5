package emulator

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/tabtemplate/tabtemplate/documents/twb"
	"github.com/tabtemplate/tabtemplate/rest/emulator/internal/state"
)

// publish answers POST workbooks and POST datasources, once the body is read: 201 with what was published, or 202 with
// the job that will publish it.
func publish(c *call) (*reply, error) {
	p := c.publication
	if p.SessionID != "" {
		u, err := c.upload(p.SessionID)
		if err != nil { // another publish may have used it up
			return nil, err
		}
		if file, err := u.file(); err != nil || !slices.Equal(file, p.Data) {
			return nil, refuse(codePublish, "Upload '%s' was sent another block while it was being published.", u.ID)
		}
		c.server.uploads.Delete(u.ID)
		c.server.store.Release(u.pieces())
	}
	if err := p.check(c); err != nil {
		return nil, err
	}
	if p.AsJob && p.kind() != flows {
		c.server.store.Keep(p.Data)
		return c.startJob(job{Kind: "publish_" + p.Kind, About: object{p.Kind, "", p.Name}, Work: work{Publish: p}}), nil
	}
	a, err := c.server.commit(p, c.site, c.user, c.now)
	if err != nil {
		return nil, err
	}
	answer := created(c.path(p.kind().collection, a.LUID), nil)
	answer.body = a.renderWhole(c)
	return answer, nil
}

// check refuses what the caller may not publish, and what cannot be published now: the same asset is being published by
// a job.
func (p *publication) check(c *call) error {
	if _, err := p.target(c.site, c.user); err != nil {
		return err
	}
	if luid := p.Thumbnails.User; luid != "" && c.site.users.Get(luid) == nil {
		return refuse(codeNoUser, "User '%s' could not be found.", luid)
	}
	if luid := p.Thumbnails.Group; luid != "" && c.site.groups.Get(luid) == nil {
		return refuse(codeNoGroup, "Group '%s' could not be found.", luid)
	}
	for _, q := range c.server.queue.All() {
		if q.Site != c.site.luid {
			continue
		}
		other := c.site.jobs.Get(q.Job).Work.Publish
		if other != nil && other.Kind == p.Kind && other.Name == p.Name && other.projectOn(c.site) == p.projectOn(c.site) {
			return refuse(codePublishing, "The %s '%s' is being published by job '%s'.", p.Kind, p.Name, q.Job)
		}
	}
	return nil
}

// projectOn is the project that the publication goes to.
func (p *publication) projectOn(where *site) string {
	return cmp.Or(p.Project, where.defaultProject().LUID)
}

// do publishes what a job was started for.
func (p *publication) do(s *Server, where *site, j *job) (notes string, err error) {
	by := where.users.Get(j.User)
	if by == nil {
		return "", refuse(codeNoUser, "User '%s' could not be found.", j.User)
	}
	_, err = s.commit(p, where, by, j.EndedAt)
	return "", err
}

// drop lets go of the file.
func (p *publication) drop(s *Server, _ *site, _ *job) { s.store.Release(p.Data) }

// target is where a publication goes: a project, and the asset it overwrites, if there is one.
type target struct {
	project  *project
	existing *asset
}

// target finds where the publication goes on a site. No project means the default project; an unknown one is refused,
// since a client that was given none sends a random LUID. It takes the right to publish to the project, and to overwrite
// what is there.
func (p *publication) target(where *site, by *user) (target, error) {
	k := p.kind()
	t := target{project: where.projects.Get(p.projectOn(where))}
	if t.project == nil {
		return target{}, refuse(codeNoProject, "Project '%s' could not be found.", p.Project)
	}
	r := where.rightsOf(by)
	if !r.may("Write", t.project.securable()) {
		return target{}, refuse(codePublishForbidden, "User '%s' may not publish to project '%s'.", by.LUID, t.project.LUID)
	}
	t.existing = where.named(k, p.Name, t.project.LUID)
	switch {
	case t.existing == nil && p.MustExist:
		return target{}, refuse(k.missing, "The %s '%s' could not be found in project '%s'.", k.element, p.Name, t.project.LUID)
	case t.existing != nil && !p.Overwrite:
		return target{}, refuse(k.exists, "The %s '%s' has the name '%s' in project '%s' already, and overwrite was not true.",
			k.element, t.existing.LUID, p.Name, t.project.LUID)
	case t.existing != nil && !r.may("Write", t.existing.securable()):
		return target{}, refuse(codePublishForbidden, "User '%s' may not overwrite %s '%s'.", by.LUID, k.element, t.existing.LUID)
	}
	return t, nil
}

// inspect opens the file of a publication. The bare extract files are not looked into.
func (p *publication) inspect(data *state.Reader) (content, error) {
	if p.Kind == flows.element {
		return analyzeFlow(data, data.Size(), p.FileType)
	}
	if !slices.Contains([]string{"twb", "twbx", "tds", "tdsx"}, p.FileType) {
		return content{
			FileType:    p.FileType,
			Connections: []fileConnection{{Datasource: p.Name, Class: p.FileType}},
			HasExtract:  true,
		}, nil
	}
	found, err := analyze(data, data.Size())
	switch {
	case err != nil:
		return content{}, refuse(codePublish, "The file of %s '%s' could not be read: %v.", p.Kind, p.Name, err)
	case found.FileType != p.FileType:
		return content{}, refuse(codePublish, "The file of %s '%s' is a .%s, not a .%s.", p.Kind, p.Name,
			found.FileType, p.FileType)
	case len(found.Sheets) > 0 && !slices.ContainsFunc(found.Sheets, p.shows):
		return content{}, refuse(codePublish, "All views of workbook '%s' are hidden.", p.Name)
	case p.Append && !found.HasExtract:
		return content{}, refuse(codePublish, "The file of %s '%s' has no extract to append.", p.Kind, p.Name)
	}
	return found, nil
}

// shows tells whether a sheet can be seen: unless the file or the request hides it.
func (p *publication) shows(s sheet) bool { return !s.Hidden && !p.Hidden[s.Name] }

// commit publishes. An overwritten asset keeps its LUID, content URL and tags, and gets a new revision and owner.
func (s *Server) commit(p *publication, where *site, by *user, now time.Time) (*asset, error) {
	t, err := p.target(where, by)
	if err != nil {
		return nil, err
	}
	if p.Problem != nil {
		return nil, p.Problem.err()
	}
	published, err := p.resolve(where)
	if err != nil {
		return nil, err
	}
	if err := s.checkConnections(p); err != nil {
		return nil, err
	}
	if err := where.checkQuota(p, t.existing); err != nil {
		return nil, err
	}
	a := s.newAsset(p, where, t, stamp(now))
	a.Owner, a.UpdatedAt = by.LUID, stamp(now)
	a.describe(p)
	a.ShowTabs, a.EncryptExtracts, a.UseRemoteQueryAgent = p.ShowTabs, p.Encrypt, p.RemoteQuery
	a.Thumbnails = p.Thumbnails
	a.HasExtracts = p.Content.HasExtract
	a.Connections = s.newConnections(p, a, published)
	a.Views = s.newViews(p, where, a)
	a.OutputSteps = s.newOutputSteps(p, a)
	s.addRevision(where, a, p)
	p.kind().of(where).Put(a)
	where.catalogue(a)
	if t.existing == nil {
		where.beginRules(a.securable())
	}
	where.fitViewRules(a)
	happened := "Created"
	if t.existing != nil {
		happened = "Updated"
	}
	s.tell(where, a, happened, now)
	return a, nil
}

// newAsset returns a copy of the asset that is there, or a new one.
func (s *Server) newAsset(p *publication, where *site, t target, now time.Time) *asset {
	if t.existing != nil {
		a := *t.existing
		return &a
	}
	a := &asset{
		Kind: p.Kind, LUID: s.newID(), Name: p.Name, Project: t.project.LUID, Number: s.nextNumber(), CreatedAt: now,
	}
	if p.kind() != flows {
		a.ContentURL = twb.FreeURLName(p.Name, func(url string) bool { return where.byContentURL(p.kind(), url) != nil })
	}
	return a
}

// describe takes over what the request says in words; what it does not mention stays.
func (a *asset) describe(p *publication) {
	if p.Description != nil {
		a.Description = *p.Description
	}
	if p.Certified != nil {
		a.Certified = *p.Certified
	}
	if p.CertificationNote != nil {
		a.CertificationNote = *p.CertificationNote
	}
}

// resolve finds the published data sources that a workbook refers to, by content URL. One that is not on the site is
// refused, in words that people know from the server.
func (p *publication) resolve(where *site) (map[string]*asset, error) {
	published := make(map[string]*asset)
	if p.Kind != workbooks.element {
		return published, nil
	}
	for _, ref := range p.Content.Published {
		found := where.byContentURL(datasources, ref.ContentURL)
		if found == nil || ref.SiteContentURL != "" && ref.SiteContentURL != where.contentURL() {
			return nil, refuse(codePublish, "The workbook '%s' could not be published: Datasource '%s' not found on site '%s'.",
				p.Name, ref.ContentURL, where.contentURL())
		}
		published[ref.ContentURL] = found
	}
	return published, nil
}

// newConnections makes the connections of the content, with the usernames of the request. What was embedded before is gone.
func (s *Server) newConnections(p *publication, a *asset, published map[string]*asset) []connection {
	var connections []connection
	embedded := make(map[string]string) // LUIDs of the data sources within a workbook
	for _, from := range p.Content.Connections {
		conn := connection{
			LUID: s.newID(), Class: from.Class, Server: from.Server, Port: from.Port, DBName: from.DBName, Username: from.Username,
			Filename: from.Filename, Tables: from.Tables,
		}
		source := published[from.DBName]
		switch {
		case p.Kind == datasources.element:
			conn.DatasourceLUID, conn.DatasourceName = a.LUID, a.Name
		case from.Class == publishedClass && source != nil:
			conn.DatasourceLUID, conn.DatasourceName = source.LUID, source.Name
		default:
			embedded[from.Datasource] = cmp.Or(embedded[from.Datasource], s.newID())
			conn.DatasourceLUID, conn.DatasourceName = embedded[from.Datasource], from.Datasource
		}
		for _, given := range p.Credentials {
			if given.isFor(from) {
				conn.Username, conn.Embedded = given.Username, given.Embed
			}
		}
		connections = append(connections, conn)
	}
	return connections
}

// isFor tells whether the credentials are for a connection: the address is a key to match, not a value to set.
func (given credentials) isFor(conn fileConnection) bool {
	return (given.Server == "" || strings.EqualFold(given.Server, conn.Server)) &&
		(given.Port == "" || given.Port == conn.Port)
}

// newViews makes the views of a workbook and returns their LUIDs. A sheet that was there before keeps its view; the
// views of sheets that are gone go.
func (s *Server) newViews(p *publication, where *site, a *asset) []string {
	old := make(map[string]*view) // by name
	taken := make(map[string]bool)
	for _, luid := range a.Views {
		v := where.anyView(luid)
		old[v.Name], taken[v.URLName] = v, true
	}
	var luids []string
	for _, sheet := range p.Content.Sheets {
		v := view{Workbook: a.LUID, Name: sheet.Name, CreatedAt: a.UpdatedAt}
		if known := old[sheet.Name]; known != nil {
			v = *known
			delete(old, sheet.Name)
		} else {
			v.LUID = s.newID()
			v.URLName = twb.FreeURLName(sheet.Name, func(urlName string) bool { return taken[urlName] })
			taken[v.URLName] = true
		}
		v.SheetType, v.UpdatedAt = sheet.SheetType, a.UpdatedAt
		to, from := where.views, where.hiddenViews
		if !p.shows(sheet) {
			to, from = from, to
		}
		from.Delete(v.LUID)
		to.Put(&v)
		luids = append(luids, v.LUID)
	}
	for _, v := range old {
		where.views.Delete(v.LUID)
		s.forgetView(where, v.LUID)
	}
	return luids
}

// checkConnections refuses a publication whose connections lead to a server that cannot be reached.
func (s *Server) checkConnections(p *publication) error {
	if p.SkipCheck {
		return nil
	}
	for _, conn := range p.Content.Connections {
		if slices.ContainsFunc(s.unreachable, func(server string) bool { return strings.EqualFold(server, conn.Server) }) {
			return refuse(codeConnCheck, "The server '%s' of a connection of %s '%s' could not be reached.", conn.Server, p.Kind, p.Name)
		}
	}
	return nil
}

// checkQuota refuses a publication that the site has no room for. What counts is the current revision of everything
// but of what is overwritten, which is nil for nothing.
func (where *site) checkQuota(p *publication, overwritten *asset) error {
	limit, _ := where.described().number(storageQuota) // 0 or -1 for no limit
	quota := int64(limit) * mebibyte
	if quota <= 0 {
		return nil
	}
	used := p.Data.Size()
	for _, k := range kinds {
		for _, a := range k.of(where).All() {
			if a != overwritten {
				used += a.current().Size
			}
		}
	}
	if used > quota {
		return refuse(codeQuota, "The %s '%s' of %d bytes does not fit on site '%s', which has a quota of %d bytes.",
			p.Kind, p.Name, p.Data.Size(), where.luid, quota)
	}
	return nil
}
