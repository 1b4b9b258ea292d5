package emulator

import (
	"maps"
	"slices"
	"strconv"
	"strings"
)

var authConfigurationOperations = []operation{
	op("GET", "sites/{site}/site-auth-configurations", onSite, nil, listAuthConfigurations).since(3, 24),
	op("PUT", "sites/{site}/site-oidc-configuration", onSite, readXML, createOIDC).since(3, 22),
	op("GET", "sites/{site}/site-oidc-configuration/{id}", onSite, nil, getOIDC).since(3, 24),
	op("PUT", "sites/{site}/site-oidc-configuration/{id}", onSite, readXML, updateOIDC).since(3, 22),
	op("PUT", "sites/{site}/disable-site-oidc-configuration", onSite, nil, deleteOIDC).since(3, 22),
}

// authConfiguration is a way to sign in on a site besides the server's own. The emulator signs nobody in by it.
type authConfiguration struct {
	LUID, Name  string
	AuthSetting string // SAML or OpenID
	Enabled     bool
	Attributes  map[string]string // of OpenID Connect; not the client's secret
}

// openID is the authentication setting of users who sign in by OpenID Connect.
const openID = "OpenID"

// oidcAttributes are the attributes of a configuration of OpenID Connect in the order they are told, and oidcRequired
// those it cannot do without.
var (
	oidcAttributes = strings.Fields(`testLoginUrl knownProviderAlias allowEmbeddedAuthentication useFullName clientId
		authorizationEndpoint tokenEndpoint userinfoEndpoint jwksUri endSessionEndpoint customScope prompt clientAuthentication
		essentialAcrValues voluntaryAcrValues emailMapping firstNameMapping lastNameMapping fullNameMapping`)
	oidcRequired = strings.Fields("clientId authorizationEndpoint tokenEndpoint userinfoEndpoint jwksUri")
)

// hiddenSecret is told in place of a secret.
const hiddenSecret = "*****"

// listAuthConfigurations answers GET site-auth-configurations; there is no paging.
func listAuthConfigurations(c *call) (*reply, error) {
	if err := c.administerSite(); err != nil {
		return nil, err
	}
	return listing[*authConfiguration]{
		name: "siteAuthConfigurations", items: c.site.authConfigurations.All(), unpaged: true,
		render: func(a *authConfiguration) *element {
			return node("siteAuthConfiguration").
				with("authSetting", a.listedSetting()).
				withBool("enabled", a.Enabled).
				with("idpConfigurationId", a.LUID).
				with("idpConfigurationName", a.Name).
				withOptional("knownProviderAlias", a.Attributes["knownProviderAlias"])
		},
	}.reply(c)
}

// listedSetting is how the list calls the authentication setting.
func (a *authConfiguration) listedSetting() string {
	if a.AuthSetting == openID {
		return "OIDC"
	}
	return a.AuthSetting
}

// oidc returns the configuration of OpenID Connect with a LUID for those who may see and change it, the administrators.
func (c *call) oidc(luid string) (*authConfiguration, error) {
	if err := c.administerSite(); err != nil {
		return nil, err
	}
	if a := c.site.authConfigurations.Get(luid); a != nil && a.AuthSetting == openID {
		return a, nil
	}
	return nil, refuse(codeNoContent, "OpenID Connect configuration '%s' could not be found.", luid)
}

func (a *authConfiguration) render() *element {
	e := node("siteOIDCConfiguration").withBool("enabled", a.Enabled)
	for _, name := range oidcAttributes {
		if name == "clientId" {
			e.with("idpConfigurationName", a.Name).with("idpConfigurationId", a.LUID)
		}
		e.withOptional(name, a.Attributes[name])
		if name == "clientId" {
			e.with("clientSecret", hiddenSecret)
		}
	}
	return e
}

// createOIDC answers PUT site-oidc-configuration.
func createOIDC(c *call) (*reply, error) {
	if err := c.administerSite(); err != nil {
		return nil, err
	}
	a := &authConfiguration{LUID: c.server.newID(), AuthSetting: openID, Attributes: map[string]string{
		"allowEmbeddedAuthentication": "false", "useFullName": "false",
	}}
	body := c.body.child("siteOIDCConfiguration")
	if body.attr("clientSecret") == "" {
		return nil, refuse(codeMalformed, "The request body has no siteOIDCConfiguration with a clientSecret.")
	}
	return c.changeOIDC(a, body)
}

// changeOIDC keeps a, which is a copy or new, with what an element says, and tells of it. The name of one attribute is in
// use in two spellings.
func (c *call) changeOIDC(a *authConfiguration, body *element) (*reply, error) {
	if name := body.attr("name"); name != "" {
		a.Name = name
	}
	if err := body.readFlag("enabled", &a.Enabled); err != nil {
		return nil, err
	}
	a.Attributes = maps.Clone(a.Attributes)
	for _, sent := range body.attrs {
		name := sent.name
		if name == "userInfoEndpoint" {
			name = "userinfoEndpoint"
		}
		value := sent.value
		if b, known := parseBool(value); known && value != "" {
			value = strconv.FormatBool(b)
		}
		if value != "" && slices.Contains(oidcAttributes, name) {
			a.Attributes[name] = value
		}
	}
	for _, name := range oidcRequired {
		if a.Name == "" || a.Attributes[name] == "" {
			return nil, refuse(codeMalformed, "The request body has no siteOIDCConfiguration with a name and %s.", strings.Join(oidcRequired, ", "))
		}
	}
	c.site.authConfigurations.Put(a)
	return ok(a.render()), nil
}

// getOIDC answers GET site-oidc-configuration/{id}.
func getOIDC(c *call) (*reply, error) {
	a, err := c.oidc(c.vars["id"])
	if err != nil {
		return nil, err
	}
	return ok(a.render()), nil
}

// updateOIDC answers PUT site-oidc-configuration/{id}. Only what the request holds changes.
func updateOIDC(c *call) (*reply, error) {
	a, err := c.oidc(c.vars["id"])
	if err != nil {
		return nil, err
	}
	changed := *a
	return c.changeOIDC(&changed, c.body.child("siteOIDCConfiguration"))
}

// deleteOIDC answers PUT disable-site-oidc-configuration. Who signed in that way has no way to.
func deleteOIDC(c *call) (*reply, error) {
	a, err := c.oidc(c.query["idpConfigurationId"])
	if err != nil {
		return nil, err
	}
	c.site.authConfigurations.Delete(a.LUID)
	return ok(), nil
}
