package emulator

import (
	"net/url"
	"strings"
)

var authServerOperations = []operation{
	op("GET", "sites/{site}/connected-apps/external-authorization-servers", onSite, nil, listAuthServers).since(3, 16),
	op("POST", "sites/{site}/connected-apps/external-authorization-servers", onSite, readXML, createAuthServer).since(3, 16),
	op("GET", "sites/{site}/connected-apps/external-authorization-servers/{id}", onSite, nil, getAuthServer).since(3, 16),
	op("PUT", "sites/{site}/connected-apps/external-authorization-servers/{id}", onSite, readXML, updateAuthServer).since(3, 16),
	op("DELETE", "sites/{site}/connected-apps/external-authorization-servers/{id}", onSite, nil, deleteAuthServer).since(3, 16),
	op("GET", "domains", anyToken, nil, listDomains).since(3, 11),
	op("PUT", "domains/{id}", anyToken, readXML, updateDomain).since(3, 11),
}

// authServer is an external authorization server that a site knows. The emulator asks no other server anything: nobody
// signs in by one.
type authServer struct{ LUID, Name, IssuerURL, JWKSURI string }

// authServer returns the external authorization server in the path for those who may see and change it, the
// administrators.
func (c *call) authServer() (*authServer, error) {
	if err := c.administerSite(); err != nil {
		return nil, err
	}
	if a := c.site.authServers.Get(c.vars["id"]); a != nil {
		return a, nil
	}
	return nil, refuse(codeNoContent, "External authorization server '%s' could not be found.", c.vars["id"])
}

func (a *authServer) render() *element {
	return node("externalAuthorizationServer").
		with("id", a.LUID).
		with("name", a.Name).
		with("issuerUrl", a.IssuerURL).
		withOptional("jwksUri", a.JWKSURI)
}

// listAuthServers answers GET external-authorization-servers; there is no paging.
func listAuthServers(c *call) (*reply, error) {
	if err := c.administerSite(); err != nil {
		return nil, err
	}
	return listing[*authServer]{
		name: "externalAuthorizationServers", items: c.site.authServers.All(), render: (*authServer).render, unpaged: true,
	}.reply(c)
}

// createAuthServer answers POST external-authorization-servers.
func createAuthServer(c *call) (*reply, error) {
	if err := c.administerSite(); err != nil {
		return nil, err
	}
	a := &authServer{LUID: c.server.newID()}
	if err := c.changeAuthServer(a); err != nil {
		return nil, err
	}
	return created(c.path("connected-apps/external-authorization-servers", a.LUID), a.render()), nil
}

// changeAuthServer keeps a, which is a copy or new, with what the request says of it.
func (c *call) changeAuthServer(a *authServer) error {
	body := c.body.child("externalAuthorizationServer")
	for name, to := range map[string]*string{"name": &a.Name, "issuerUrl": &a.IssuerURL, "jwksUri": &a.JWKSURI} {
		if value := body.attr(name); value != "" {
			*to = value
		}
	}
	if a.Name == "" {
		a.Name = a.IssuerURL
	}
	if u, err := url.Parse(a.IssuerURL); err != nil || u.Host == "" {
		return refuse(codeMalformed, "The request body has no externalAuthorizationServer with a URL as issuerUrl, but '%s'.", a.IssuerURL)
	}
	c.site.authServers.Put(a)
	return nil
}

// getAuthServer answers GET external-authorization-servers/{id}.
func getAuthServer(c *call) (*reply, error) {
	a, err := c.authServer()
	if err != nil {
		return nil, err
	}
	return ok(a.render()), nil
}

// updateAuthServer answers PUT external-authorization-servers/{id}.
func updateAuthServer(c *call) (*reply, error) {
	a, err := c.authServer()
	if err != nil {
		return nil, err
	}
	changed := *a
	if err := c.changeAuthServer(&changed); err != nil {
		return nil, err
	}
	return ok(changed.render()), nil
}

// deleteAuthServer answers DELETE external-authorization-servers/{id}.
func deleteAuthServer(c *call) (*reply, error) {
	a, err := c.authServer()
	if err != nil {
		return nil, err
	}
	c.site.authServers.Delete(a.LUID)
	return noContent(), nil
}

// listDomains answers GET domains, which is for server administrators; there is no paging.
func listDomains(c *call) (*reply, error) {
	if err := c.administerServer(); err != nil {
		return nil, err
	}
	return listing[*domain]{
		name: "domainList", items: c.server.domains.All(), render: (*domain).render, unpaged: true,
	}.reply(c)
}

func (d *domain) render() *element {
	return node("domain").with("id", d.LUID).with("name", d.Name).with("shortName", d.Nickname)
}

// updateDomain answers PUT domains/{id}. The names of users and groups are in the domain under its new name.
func updateDomain(c *call) (*reply, error) {
	if err := c.administerServer(); err != nil {
		return nil, err
	}
	s := c.server
	d := s.domains.Get(c.vars["id"])
	switch {
	case d == nil:
		return nil, refuse(codeNoContent, "Domain '%s' could not be found.", c.vars["id"])
	case d.Name == localDomainName:
		return nil, refuse(codeForbidden, "Domain '%s' is the server's own and keeps its name.", d.LUID)
	}
	changed := *d
	body := c.body.child("domain")
	if name := body.attr("name"); name != "" {
		changed.Name = name
	}
	if nickname := body.attr("shortName"); nickname != "" {
		changed.Nickname = nickname
	}
	for _, other := range s.domains.All() {
		if other.LUID != d.LUID && strings.EqualFold(other.Name, changed.Name) {
			return nil, refuse(codeForbidden, "Domain '%s' has the name '%s' already.", other.LUID, other.Name)
		}
	}
	s.domains.Put(&changed)
	return ok(changed.render()), nil
}
