package emulator

import (
	"strings"
)

var siteOperations = []operation{
	op("GET", "sites", anyToken, nil, listSites),
	op("POST", "sites", anyToken, readXML, createSite),
	op("GET", "sites/{site}", anyToken, nil, getSite),
	op("PUT", "sites/{site}", anyToken, readXML, updateSite),
	op("DELETE", "sites/{site}", anyToken, nil, deleteSite),
	op("POST", "sites/{site}/encrypt-extracts", anyToken, nil, encryptExtracts(true)).since(3, 5),
	op("POST", "sites/{site}/decrypt-extracts", anyToken, nil, encryptExtracts(false)).since(3, 5),
	op("POST", "sites/{site}/reencrypt-extracts", anyToken, nil, reencryptExtracts).since(3, 5),
}

// listSites answers GET sites, which is for server administrators.
func listSites(c *call) (*reply, error) {
	if c.user.Role != serverAdministrator {
		return nil, refuse(codeSiteList, "User '%s' is not a server administrator and may not list the sites.", c.user.LUID)
	}
	return listing[*siteInfo]{
		name: "sites", items: c.server.siteInfos.All(),
		render: (*siteInfo).render,
	}.reply(c)
}

// getSite answers GET sites/{id}, and by content URL or name with ?key=. Others' sites are for server administrators.
func getSite(c *call) (*reply, error) {
	info, err := c.siteInfo()
	if err != nil {
		return nil, err
	}
	if info.LUID != c.session.Site && c.user.Role != serverAdministrator {
		return nil, refuse(codeForbidden, "User '%s' may not read site '%s'.", c.user.LUID, info.LUID)
	}
	withUsage, err := c.flag("includeUsage")
	if err != nil {
		return nil, err
	}
	e := info.render()
	if withUsage {
		e.add(c.server.site(info.LUID).usage())
	}
	return ok(e), nil
}

// siteInfo returns the site in the path: by its LUID, or with ?key= by its name or content URL, in which a plus may stand
// for a space.
func (c *call) siteInfo() (*siteInfo, error) {
	id, infos := c.vars["site"], c.server.siteInfos
	for _, spelling := range []string{id, strings.ReplaceAll(id, "+", " ")} {
		var info *siteInfo
		switch c.query["key"] {
		case "contentUrl":
			info = find(infos.FindAll(contentURLIndex, fold(spelling)), func(i *siteInfo) bool { return i.ContentURL == spelling })
		case "name":
			info = find(infos.FindAll(nameIndex, fold(spelling)), func(i *siteInfo) bool { return i.Name == spelling })
		default:
			info = infos.Get(spelling)
		}
		if info != nil {
			return info, nil
		}
	}
	return nil, refuse(codeNoSite, "Site '%s' could not be found.", id)
}

// administeredSite returns the site in the path for those who may change it: its administrators, signed in to it, and
// server administrators.
func (c *call) administeredSite() (*siteInfo, error) {
	info, err := c.siteInfo()
	if err != nil {
		return nil, err
	}
	own := info.LUID == c.session.Site && c.user.isAdministrator()
	if !own && c.user.Role != serverAdministrator {
		return nil, refuse(codeForbidden, "User '%s' may not change site '%s'.", c.user.LUID, info.LUID)
	}
	return info, nil
}

// createSite answers POST sites. Only server administrators are on a new site.
func createSite(c *call) (*reply, error) {
	if err := c.administerServer(); err != nil {
		return nil, err
	}
	s := c.server
	body := c.body.child("site")
	name, contentURL := body.attr("name"), body.attr("contentUrl")
	if name == "" || contentURL == "" {
		return nil, refuse(codeMalformed, "The request body has no site with a name and a contentUrl.")
	}
	if err := s.checkSiteNames("", name, contentURL); err != nil {
		return nil, err
	}
	where := s.addSite(contentURL, name)
	info := *where.described()
	if err := info.change(body); err != nil {
		return nil, err
	}
	s.siteInfos.Put(&info)
	administrators := s.serverAdministrators()
	for _, a := range s.accounts.All() {
		if administrators[a.LUID] {
			s.addUser(where, a, serverAdministrator)
		}
	}
	s.event(c.site, "SiteCreated", info.LUID, info.Name, c.now)
	return created("/api/"+c.version+"/sites/"+info.LUID, info.render()), nil
}

// checkSiteNames refuses a name or a content URL that another site than the one with the LUID has, or that no site can
// have.
func (s *Server) checkSiteNames(luid, name, contentURL string) error {
	if !siteContentURL.MatchString(contentURL) {
		return refuse(codeMalformed, "The contentUrl '%s' of a site may hold letters, digits, hyphens and underscores.", contentURL)
	}
	another := func(i *siteInfo) bool { return i.LUID != luid }
	if other := find(s.siteInfos.FindAll(nameIndex, fold(name)), another); other != nil {
		return refuse(codeSiteNameExists, "Site '%s' has the name '%s' already.", other.LUID, other.Name)
	}
	if other := find(s.siteInfos.FindAll(contentURLIndex, fold(contentURL)), another); other != nil {
		return refuse(codeSiteURLExists, "A site already exists with the content URL '%s': '%s'.", other.ContentURL, other.LUID)
	}
	return nil
}

// updateSite answers PUT sites/{id}. Only what the request holds changes.
func updateSite(c *call) (*reply, error) {
	info, err := c.administeredSite()
	if err != nil {
		return nil, err
	}
	body := c.body.child("site")
	if body == nil {
		return nil, refuse(codeMalformed, "The request body has no site.")
	}
	changed := *info
	if name := body.attr("name"); name != "" {
		changed.Name = name
	}
	if contentURL := body.attr("contentUrl"); contentURL != "" && contentURL != info.ContentURL {
		if info.ContentURL == "" {
			return nil, refuse(codeForbidden, "Site '%s' is the default site and keeps its content URL.", info.LUID)
		}
		changed.ContentURL = contentURL
	}
	if err := changed.change(body); err != nil {
		return nil, err
	}
	if err := c.mayChangeSite(info, &changed); err != nil {
		return nil, err
	}
	if err := c.server.checkSiteNames(info.LUID, changed.Name, changed.ContentURL); err != nil {
		return nil, err
	}
	c.server.siteInfos.Put(&changed)
	c.server.event(c.site, "SiteUpdated", changed.LUID, changed.Name, c.now)
	return ok(changed.render()), nil
}

// mayChangeSite refuses a change of what only server administrators change of a site. Others may send back what it is.
func (c *call) mayChangeSite(info, changed *siteInfo) error {
	if c.user.Role == serverAdministrator {
		return nil
	}
	if changed.ContentURL != info.ContentURL {
		return refuse(codeForbidden, "User '%s' may not change the contentUrl of site '%s'.", c.user.LUID, info.LUID)
	}
	for _, name := range serverAttributes {
		if changed.Attributes[name] != info.Attributes[name] {
			return refuse(codeForbidden, "User '%s' may not change the %s of site '%s'.", c.user.LUID, name, info.LUID)
		}
	}
	return nil
}

// deleteSite answers DELETE sites/{id}. One has to be signed in to the site, and everything on it goes with it.
func deleteSite(c *call) (*reply, error) {
	info, err := c.siteInfo()
	if err != nil {
		return nil, err
	}
	if err := c.administerServer(); err != nil {
		return nil, err
	}
	switch {
	case info.LUID != c.session.Site:
		return nil, refuse(codeForbidden, "User '%s' is signed in to site '%s' and may not delete site '%s'.", c.user.LUID, c.session.Site, info.LUID)
	case info.ContentURL == "":
		return nil, refuse(codeForbidden, "Site '%s' is the default site and cannot be deleted.", info.LUID)
	}
	c.clearSite()
	s := c.server
	s.siteInfos.Delete(info.LUID)
	s.store.Drop(sitePath(info.LUID))
	delete(s.opened, info.LUID)
	return noContent(), nil
}

// clearSite lets go of what is on the site of the call and kept elsewhere: files, uploads, jobs, sessions, and accounts
// that are on no other site.
func (c *call) clearSite() {
	s := c.server
	for _, k := range kinds {
		for _, a := range k.of(c.site).All() {
			c.remove(a)
		}
	}
	for _, t := range c.site.tasks.All() {
		s.removeTask(c.site, t)
	}
	for _, n := range c.site.subscriptions.All() {
		s.removeSubscription(c.site, n)
	}
	for _, u := range s.uploads.All() {
		if u.Site == c.site.luid {
			s.uploads.Delete(u.ID)
			s.store.Release(u.pieces())
		}
	}
	for _, q := range s.queue.All() {
		if q.Site == c.site.luid {
			j := c.site.jobs.Get(q.Job)
			j.Work.chore().drop(s, c.site, j)
			s.queue.Delete(q.Job)
		}
	}
	s.settings.Delete(c.site.luid)
	s.sessions.DeleteFunc(func(n *session) bool { return n.Site == c.site.luid })
	for _, u := range c.site.people() {
		c.site.users.Delete(u.LUID)
		s.forgetAccount(u.Account)
	}
}

// encryptExtracts answers POST encrypt-extracts and decrypt-extracts: all extracts of the site.
func encryptExtracts(encrypted bool) func(*call) (*reply, error) {
	return func(c *call) (*reply, error) {
		info, err := c.administeredSite()
		if err != nil {
			return nil, err
		}
		where := c.server.site(info.LUID)
		for _, k := range kinds {
			for _, a := range k.of(where).All() {
				if changed := *a; a.HasExtracts && a.EncryptExtracts != encrypted {
					changed.EncryptExtracts = encrypted
					k.of(where).Put(&changed)
				}
			}
		}
		return ok(), nil
	}
}

// reencryptExtracts answers POST reencrypt-extracts. The keys are the server's own affair: nothing is seen of it.
func reencryptExtracts(c *call) (*reply, error) {
	if _, err := c.administeredSite(); err != nil {
		return nil, err
	}
	return ok(), nil
}
