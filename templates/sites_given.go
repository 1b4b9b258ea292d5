package templates

import (
	"errors"
	"fmt"
	"iter"
	"maps"
	"math"
	"slices"
	"strings"
	"time"
)

// A SiteSource is a site that stands in no file; see [WithSites].
type SiteSource struct {
	// Key is what a manifest would have as the key of the site. It can be the name of a folder.
	Key string
	// ContentURL is the site's part of the URL; "" is the Default site.
	ContentURL string
	// Project is the path of the project for templates that name none; "" for the default project.
	Project string
	// ServerURL is the address of the server, with a scheme and a host; "" for the one of the manifest.
	ServerURL string
	// SignIn says who signs in; the zero value for what the manifest says. Its secrets are masked as those of env are.
	SignIn SignIn
	// Vars are what is different from the vars of the manifest, at any depth: string, bool, int, int32, int64, float64, time.Time,
	// nil, and []any, []string and map[string]any of these. They are taken as they are: $ means nothing in them.
	Vars map[string]any
}

// WithSites adds sites to those of the manifest, after them; the manifest then needs none. Load ranges over them once. An
// error ends it, and is that of Load; what is wrong with a site is a [Problem] that names it.
func WithSites(sites iter.Seq2[SiteSource, error]) Option {
	return func(o *options) error {
		if sites == nil {
			return errors.New("the sites of WithSites are nil")
		}
		o.sites = append(o.sites, sites)
		return nil
	}
}

// given gathers the sites of WithSites.
func (o *options) given() (all []SiteSource, err error) {
	for _, sites := range o.sites {
		for s, err := range sites {
			if err != nil {
				return nil, err
			}
			all = append(all, s)
		}
	}
	return all, nil
}

// givenSites adds the sites of WithSites. What stands for a var in the manifest is a copy, so that the caller may change
// the vars later.
func (d *manifestDecoder) givenSites() {
	for i, s := range d.manifest.given {
		at := location{src: &source{site: s.Key, order: len(d.manifest.sources) + i}}
		spec := siteSpec{key: s.Key, at: at, contentURL: s.ContentURL, contentURLAt: at}
		spec.project = s.Project
		d.checkProject(at, s.Project)
		spec.server = serverSettings{d.serverOf(s.ServerURL, at), d.givenSignIn(s.SignIn, at)}
		for _, name := range slices.Sorted(maps.Keys(s.Vars)) {
			d.checkVar(name, at)
		}
		spec.vars = d.givenMap(s.Vars, nil, at)
		d.manifest.given[i].Vars = spec.vars
		d.addSite(spec, d.defaults)
	}
}

func (d *manifestDecoder) givenSignIn(s SignIn, at location) *signInSettings {
	if s == (SignIn{}) {
		return nil
	}
	given := &signInSettings{}
	kinds, whole := 0, true
	plain := func(to **value, text string) {
		*to = &value{at: at, what: "the name to sign in with", literal: text}
		whole = whole && text != ""
	}
	secret := func(to **value, text Secret) {
		*to = &value{at: at, what: "the secret to sign in with", literal: string(text), secret: true}
		whole = whole && text != ""
	}
	if s.TokenName != "" || s.TokenSecret != "" {
		kinds++
		plain(&given.tokenName, s.TokenName)
		secret(&given.tokenSecret, s.TokenSecret)
	}
	if s.User != "" || s.Password != "" {
		kinds++
		plain(&given.user, s.User)
		secret(&given.password, s.Password)
	}
	if app := s.ConnectedApp; app != nil {
		kinds++
		given.app = &connectedAppSettings{}
		plain(&given.app.clientID, app.ClientID)
		plain(&given.app.secretID, app.SecretID)
		secret(&given.app.secret, app.Secret)
		plain(&given.app.user, app.User)
		if app.Scopes != nil {
			given.app.scopes = &list{at: at, what: "scopes"}
		}
		for _, scope := range app.Scopes {
			given.app.scopes.items = append(given.app.scopes.items, &value{at: at, what: "a scope", literal: scope})
		}
	}
	if kinds != 1 || !whole {
		d.report(at.problem("", "its SignIn must have a token with its secret, a user with a password, or a connected app with all but scopes"))
		return nil
	}
	return given
}

func (d *manifestDecoder) givenMap(vars map[string]any, path []string, at location) map[string]any {
	out := map[string]any{}
	for _, name := range slices.Sorted(maps.Keys(vars)) {
		below := append(path[:len(path):len(path)], name)
		if _, isMap := vars[name].(map[string]any); !isMap {
			d.leaf(leaf{path: below, at: at})
		}
		out[name] = d.givenValue(vars[name], below, at)
	}
	return out
}

// maxDepth is how deep vars may be in each other. A map that is in itself is deeper.
const maxDepth = 100

// givenValue returns a var as one of a manifest is.
func (d *manifestDecoder) givenValue(v any, path []string, at location) any {
	fault := func(why string) any {
		d.report(at.problem("", "the var %q %s", strings.Join(path[:min(len(path), 5)], "."), why))
		return nil
	}
	if len(path) > maxDepth {
		return fault("is in itself, or too deep")
	}
	switch v := v.(type) {
	case nil, string, bool, int, time.Time:
		return v
	case int32:
		return int(v)
	case int64:
		if int64(int(v)) != v {
			return fault("is too large for this machine")
		}
		return int(v)
	case float64:
		if math.IsInf(v, 0) || math.IsNaN(v) {
			return fault("is not a decimal number")
		}
		return v
	case map[string]any:
		return d.givenMap(v, path, at)
	case []string:
		return anys(v)
	case []any:
		items := make([]any, len(v))
		for i, item := range v {
			items[i] = d.givenValue(item, append(path[:len(path):len(path)], fmt.Sprint(i)), at)
		}
		return items
	}
	return fault(fmt.Sprintf("is a %T: it must be text, a number, a boolean, a date, a list or a map", v))
}
