package emulator

import (
	"slices"
	"strings"
	"time"
)

var connectedAppOperations = slices.Concat(
	appOperations("sites/{site}/connected-apps/direct-trust", 3, 17),
	appOperations("sites/{site}/connected-applications", 3, 14),
)

// appOperations are the operations on connected apps, which have an older path too.
func appOperations(path string, major, minor int) []operation {
	return []operation{
		op("GET", path, onSite, nil, listApps).since(major, minor),
		op("POST", path, onSite, readXML, createApp).since(major, minor),
		op("GET", path+"/{id}", onSite, nil, getApp).since(major, minor),
		op("PUT", path+"/{id}", onSite, readXML, updateApp).since(major, minor),
		op("DELETE", path+"/{id}", onSite, nil, deleteApp).since(major, minor),
		op("POST", path+"/{id}/secrets", onSite, nil, createSecret).since(major, minor),
		op("GET", path+"/{id}/secrets/{secret}", onSite, nil, getSecret).since(major, minor),
		op("DELETE", path+"/{id}/secrets/{secret}", onSite, nil, deleteSecret).since(major, minor),
	}
}

// connectedApp is an application that a site trusts to sign people in, by tokens that are signed with its secrets.
type connectedApp struct {
	ClientID, Name        string // the first is a LUID
	Enabled               bool
	Projects              []string // LUIDs of those it may embed content of; none for all
	DomainSafelist        string
	UnrestrictedEmbedding bool
	Secrets               []appSecret
	CreatedAt             time.Time
}

// appSecret is what a connected app signs with. It has to be readable: the signature is made with it, and the API tells
// it to administrators.
type appSecret struct {
	LUID, Value string
	CreatedAt   time.Time
}

// maxSecrets is how many secrets a connected app has at most, so that one can take the place of another.
const maxSecrets = 2

// app returns the connected app in the path for those who may see and change it, the administrators.
func (c *call) app() (*connectedApp, error) {
	if err := c.administerSite(); err != nil {
		return nil, err
	}
	if app := c.site.connectedApps.Get(c.vars["id"]); app != nil {
		return app, nil
	}
	return nil, refuse(codeNoContent, "Connected app '%s' could not be found.", c.vars["id"])
}

func (app *connectedApp) render() *element {
	e := node("connectedApplication")
	for _, secret := range app.Secrets {
		e.add(node("secret").with("id", secret.LUID).with("createdAt", formatTime(secret.CreatedAt)))
	}
	projects := node("projectIds")
	for _, luid := range app.Projects {
		projects.add(textNode("projectId", luid))
	}
	if len(app.Projects) > 1 {
		e.add(projects)
	}
	e.with("name", app.Name).withBool("enabled", app.Enabled).with("clientId", app.ClientID)
	if len(app.Projects) == 1 {
		e.with("projectId", app.Projects[0])
	}
	return e.with("createdAt", formatTime(app.CreatedAt)).
		with("domainSafelist", app.DomainSafelist).
		withBool("unrestrictedEmbedding", app.UnrestrictedEmbedding)
}

// listApps answers GET connected-apps/direct-trust; there is no paging.
func listApps(c *call) (*reply, error) {
	if err := c.administerSite(); err != nil {
		return nil, err
	}
	return listing[*connectedApp]{
		name: "connectedApplications", items: c.site.connectedApps.All(), render: (*connectedApp).render, unpaged: true,
	}.reply(c)
}

// createApp answers POST connected-apps/direct-trust.
func createApp(c *call) (*reply, error) {
	if err := c.administerSite(); err != nil {
		return nil, err
	}
	body := c.body.child("connectedApplication")
	app := &connectedApp{ClientID: c.server.newID(), CreatedAt: stamp(c.now)}
	if body.attr("name") == "" {
		return nil, refuse(codeMalformed, "The request body has no connectedApplication with a name.")
	}
	if err := c.changeApp(app, body); err != nil {
		return nil, err
	}
	return created(c.path("connected-apps/direct-trust", app.ClientID), app.render()), nil
}

// changeApp keeps app, which is a copy or new, with what an element says of it.
func (c *call) changeApp(app *connectedApp, body *element) error {
	if name := body.attr("name"); name != "" {
		app.Name = name
	}
	for name, to := range map[string]*bool{"enabled": &app.Enabled, "unrestrictedEmbedding": &app.UnrestrictedEmbedding} {
		if err := body.readFlag(name, to); err != nil {
			return err
		}
	}
	if safelist, given := body.lookup("domainSafelist"); given {
		app.DomainSafelist = safelist
	}
	var projects []string
	if luid := body.attr("projectId"); luid != "" {
		projects = append(projects, luid)
	}
	for e := range body.child("projectIds").each("projectId") {
		projects = append(projects, strings.TrimSpace(e.text))
	}
	for _, luid := range projects {
		if c.site.projects.Get(luid) == nil {
			return refuse(codeNoProject, "Project '%s' could not be found.", luid)
		}
	}
	if projects != nil {
		app.Projects = projects
	}
	c.site.connectedApps.Put(app)
	return nil
}

// getApp answers GET connected-apps/direct-trust/{id}.
func getApp(c *call) (*reply, error) {
	app, err := c.app()
	if err != nil {
		return nil, err
	}
	return ok(app.render()), nil
}

// updateApp answers PUT connected-apps/direct-trust/{id}. Only what the request holds changes.
func updateApp(c *call) (*reply, error) {
	app, err := c.app()
	if err != nil {
		return nil, err
	}
	changed := *app
	if err := c.changeApp(&changed, c.body.child("connectedApplication")); err != nil {
		return nil, err
	}
	return ok(changed.render()), nil
}

// deleteApp answers DELETE connected-apps/direct-trust/{id}.
func deleteApp(c *call) (*reply, error) {
	app, err := c.app()
	if err != nil {
		return nil, err
	}
	c.site.connectedApps.Delete(app.ClientID)
	return noContent(), nil
}

// createSecret answers POST connected-apps/direct-trust/{id}/secrets.
func createSecret(c *call) (*reply, error) {
	app, err := c.app()
	if err != nil {
		return nil, err
	}
	if len(app.Secrets) == maxSecrets {
		return nil, refuse(codeForbidden, "Connected app '%s' has %d secrets, which is as many as it may have.", app.ClientID, maxSecrets)
	}
	secret := appSecret{LUID: c.server.newID(), Value: c.server.hexID(), CreatedAt: stamp(c.now)}
	changed := *app
	changed.Secrets = append(slices.Clone(app.Secrets), secret)
	c.site.connectedApps.Put(&changed)
	return created(c.path("connected-apps/direct-trust/"+app.ClientID+"/secrets", secret.LUID), secret.render()), nil
}

// secret returns the connected app and its secret in the path.
func (c *call) secret() (*connectedApp, int, error) {
	app, err := c.app()
	if err != nil {
		return nil, 0, err
	}
	i := slices.IndexFunc(app.Secrets, func(secret appSecret) bool { return secret.LUID == c.vars["secret"] })
	if i < 0 {
		return nil, 0, refuse(codeNoContent, "Connected app '%s' has no secret '%s'.", app.ClientID, c.vars["secret"])
	}
	return app, i, nil
}

// getSecret answers GET connected-apps/direct-trust/{id}/secrets/{secret}.
func getSecret(c *call) (*reply, error) {
	app, i, err := c.secret()
	if err != nil {
		return nil, err
	}
	return ok(app.Secrets[i].render()), nil
}

// deleteSecret answers DELETE connected-apps/direct-trust/{id}/secrets/{secret}. What is signed with it is not trusted
// any more.
func deleteSecret(c *call) (*reply, error) {
	app, i, err := c.secret()
	if err != nil {
		return nil, err
	}
	changed := *app
	changed.Secrets = slices.Delete(slices.Clone(app.Secrets), i, i+1)
	c.site.connectedApps.Put(&changed)
	return noContent(), nil
}

func (secret appSecret) render() *element {
	return node("connectedApplicationSecret").
		with("id", secret.LUID).
		with("value", secret.Value).
		with("createdAt", formatTime(secret.CreatedAt))
}
