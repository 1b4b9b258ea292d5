package templates

import (
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/tabtemplate/tabtemplate/documents/tds"
)

// credentialSettings is one of the `credentials` of a template, as it is written.
type credentialSettings struct {
	at                           location
	nth                          int // 1-based, in its template
	when                         *expression
	optional                     bool
	match                        connectionMatch
	datasource                   *value
	user, password, embed, oauth *value
}

func (d *manifestDecoder) credential(p *publishSettings, n *yaml.Node) {
	c := &credentialSettings{at: d.src.node(n), nth: len(p.credentials) + 1}
	secret := func(to **value, what string) func(n *yaml.Node) {
		return func(n *yaml.Node) { *to = d.text(n, what, use{secrets: true}) }
	}
	match := c.match.fields(&d.decoder)
	match["datasource"] = d.selector(&c.datasource, "datasource")
	const what = "a credential"
	if !d.record(n, what, fields{
		"connection": func(n *yaml.Node) { d.record(n, "connection", match) },
		"user":       secret(&c.user, "user"),
		"password":   secret(&c.password, "password"),
		"embed":      d.toggled(&c.embed, "embed"),
		"oauth":      d.toggled(&c.oauth, "oauth"),
		"optional":   func(n *yaml.Node) { c.optional = d.flag(n, "optional") },
		"when":       d.conditional(&c.when),
	}) {
		return
	}
	d.required(n, what, "connection", "user")
	if !d.has(n, "oauth") {
		d.required(n, what+" without oauth", "password")
	}
	p.credentials = append(p.credentials, c)
}

// A credentialRule is a credential for one site, and which connections it is for.
type credentialRule struct {
	*credentialSettings
	connections tds.ConnectionMatch
	datasource  string
	credential  Credential // without an address
}

// on evaluates a credential for a site. There is none when the site is not one it is for, or something went wrong; that is
// in the evaluator. Secrets are read only by an evaluator that may.
func (c *credentialSettings) on(e *evaluator) (credentialRule, bool) {
	if !e.holds(c.when) {
		return credentialRule{}, false
	}
	before := len(e.found)
	r := credentialRule{
		credentialSettings: c, connections: c.match.resolve(e), datasource: e.selector(c.datasource),
		credential: Credential{User: e.selector(c.user), Password: Secret(e.selector(c.password)), Embed: e.boolean(c.embed), OAuth: e.boolean(c.oauth)},
	}
	switch oauth := r.credential.OAuth; {
	case oauth && c.password != nil:
		e.found = append(e.found, c.password.at.problem("", "a credential with oauth has no password: the one that was saved is used"))
	case !oauth && c.password == nil:
		e.found = append(e.found, c.at.problem("", "a credential without oauth has no password"))
	}
	return r, len(e.found) == before
}

// An address is where a connection of a rendering leads.
type address struct {
	server, port string
	of           string // the connection, for people
}

// meets says whether credentials for an address reach another one: those for no port are for any.
func (a address) meets(b address) bool {
	return strings.EqualFold(a.server, b.server) && (a.port == b.port || a.port == "" || b.port == "")
}

// signIn gives a rendering its credentials, when all of its edits are done.
func (r *Rendering) signIn() error {
	given := map[address]*credentialRule{}
	var order []address
	for _, c := range r.Template.publish.credentials {
		e := r.Site.evaluator()
		e.secrets = true
		rule, ok := c.on(e)
		if len(e.found) > 0 {
			return r.Site.masked(e)
		}
		if !ok {
			continue
		}
		addresses, err := rule.addresses(r)
		if err != nil {
			return fmt.Errorf("%s credential %d: %w", c.at, c.nth, err)
		}
		for _, a := range addresses {
			for _, other := range order {
				if a.meets(other) && given[other].credential != rule.credential {
					return rule.differs(a, given[other], other)
				}
			}
			if given[a] == nil {
				given[a] = &rule
				order = append(order, a)
			}
		}
	}
	for _, a := range order {
		credential := given[a].credential
		credential.Server, credential.Port = a.server, a.port
		same := func(c Credential) bool { return strings.EqualFold(c.Server, a.server) && c.Port == a.port }
		if !slices.ContainsFunc(r.Credentials, same) {
			r.Credentials = append(r.Credentials, credential)
		}
	}
	r.shared = r.sharing(order)
	return nil
}

// differs is the error for two credentials that reach the same connection.
func (c *credentialRule) differs(a address, other *credentialRule, b address) error {
	return &advisedError{
		fmt.Errorf("%s credential %d is for %s, and credential %d, which differs, for %s: a server tells connections apart by their address alone",
			c.at, c.nth, a.of, other.nth, b.of),
		"give connections of one address the same credential",
	}
}

// sharing tells of connections that get a credential which is for another one.
func (r *Rendering) sharing(given []address) (out []string) {
	for ds := range r.File.Datasources() {
		for conn := range ds.Connections() {
			here := address{conn.Server(), conn.Port(), describe(conn)}
			i := slices.IndexFunc(given, func(a address) bool { return here.server != "" && a.meets(here) })
			if i >= 0 && !slices.Contains(given, here) {
				text := fmt.Sprintf("%s gets the credential of %s, because both have one address", here.of, given[i].of)
				out = append(out, r.Site.secrets.mask(text))
			}
		}
	}
	return out
}

// addresses are those of the connections that a credential is for.
func (c *credentialRule) addresses(in *Rendering) ([]address, error) {
	narrowed := resolved{edit: &edit{optional: c.optional}, datasource: c.datasource}
	datasources, err := narrowed.datasources(in.File)
	if err != nil {
		return nil, err
	}
	var found []address
	var there, local, references []string
	for _, ds := range datasources {
		for conn := range ds.Connections() {
			there = append(there, describe(conn))
			switch {
			case !c.connections.Matches(conn):
			case conn.Server() == "":
				local = append(local, describe(conn))
			default:
				found = append(found, address{conn.Server(), conn.Port(), describe(conn)})
			}
		}
		if ref, ok := ds.Published(); ok {
			references = append(references, ds.Label())
			if c.isFor(ref) {
				found = append(found, address{ref.Host(), ref.Port, fmt.Sprintf("the reference to the published data source %q", ref.ContentURL)})
			}
		}
	}
	switch {
	case len(found) > 0 || c.optional:
		return found, nil
	case len(local) > 0:
		return nil, fmt.Errorf("%s leads to no server, and takes no credential", strings.Join(local, ", "))
	}
	err = &tds.NotFoundError{What: c.connections.String() + narrowed.where(), There: there}
	if len(references) > 0 {
		return nil, &advisedError{err, "class: sqlproxy selects the references to published data sources: " + strings.Join(references, ", ")}
	}
	return nil, err
}

// isFor says whether a credential is for a reference to a published data source. It must ask for one by its class, because
// most need none: they are seen with the rights of who looks at the workbook.
func (c *credentialRule) isFor(ref tds.PublishedRef) bool {
	m := c.connections
	return m.Class == publishedClass && (m.Server == "" || strings.EqualFold(m.Server, ref.Host())) && (m.DBName == "" || m.DBName == ref.ContentURL) &&
		(m.Caption == "" || m.Caption == ref.Caption) && m.Name+m.Filename+m.Directory == ""
}

// publishedClass is the class of the connections that refer to published data sources.
const publishedClass = "sqlproxy"
