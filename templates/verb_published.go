package templates

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"go.yaml.in/yaml/v4"

	"github.com/tabtemplate/tabtemplate/documents"
	"github.com/tabtemplate/tabtemplate/documents/tds"
)

// publishedSpec makes a data source refer to a published one, which it did before or not.
var publishedSpec = verbSpec{
	key: "published", what: "the edit of a published data source",
	keys: []string{"to", "embedded", "caption", "friendly_name", "drop_derived_from"}, required: []string{"to"},
	decode: decodePublished,
}

type publishedVerb struct {
	name                  *value
	to                    *value     // a published template or the content URL of a data source on the site
	elsewhere             *elsewhere // or where it is if not there
	caption, friendlyName *value
	dropDerivedFrom       bool
	embedded              bool // it may be one that holds its connections itself
}

// elsewhere is a data source on a site or server that need not be the one that is published to.
type elsewhere struct{ contentURL, site, server *value }

func decodePublished(d *editDecoder) verb {
	v := &publishedVerb{}
	d.known["published"] = d.selector(&v.name, "published")
	d.known["to"] = func(n *yaml.Node) {
		if n.Kind != yaml.MappingNode {
			v.to = d.text(n, "to", use{secrets: true, published: true})
			return
		}
		v.elsewhere = &elsewhere{}
		d.record(n, "to", fields{
			"content_url": d.selector(&v.elsewhere.contentURL, "content_url"),
			"site":        d.selector(&v.elsewhere.site, "site"),
			"server":      d.selector(&v.elsewhere.server, "server"),
		})
		d.required(n, "to", "content_url")
	}
	d.known["embedded"] = func(n *yaml.Node) { v.embedded = d.flag(n, "embedded") }
	d.known["caption"] = d.selector(&v.caption, "caption")
	d.known["friendly_name"] = d.selector(&v.friendlyName, "friendly_name")
	d.known["drop_derived_from"] = func(n *yaml.Node) { v.dropDerivedFrom = d.flag(n, "drop_derived_from") }
	return v
}

type publishedRule struct {
	name     string
	to       tds.PublishedRef
	embedded bool
}

func (v *publishedVerb) resolve(e *evaluator) rule {
	r := &publishedRule{embedded: v.embedded}
	r.name = e.selector(v.name)
	if v.elsewhere != nil {
		r.to = v.elsewhere.resolve(e)
	} else {
		r.to = v.here(e)
	}
	r.to.Caption, r.to.FriendlyName = e.selector(v.caption), e.selector(v.friendlyName)
	r.to.DropDerivedFrom = v.dropDerivedFrom
	return r
}

// here is what `to` is on the site.
func (v *publishedVerb) here(e *evaluator) tds.PublishedRef {
	to, ok := e.eval(v.to)
	if !ok {
		return tds.PublishedRef{}
	}
	switch to := to.(type) {
	case Published:
		return tds.PublishedRef{Server: to.ServerURL, SiteContentURL: to.SiteContentURL, ContentURL: to.ContentURL}
	case string:
		return onSite(e, v.to, to)
	}
	e.found = append(e.found, v.to.at.problem("", "to must be a published data source or its content URL, not %s", kindOf(to)))
	return tds.PublishedRef{}
}

// onSite is the data source of a content URL on the site.
func onSite(e *evaluator, v *value, contentURL string) tds.PublishedRef {
	if fault := contentURLFault(contentURL); fault != "" {
		e.found = append(e.found, v.at.problem("a content URL is the name in the data source's address, not its caption",
			"%q cannot be the content URL of a data source: it %s", contentURL, fault))
	}
	return tds.PublishedRef{Server: e.site.Server.URL, SiteContentURL: e.site.ContentURL, ContentURL: contentURL}
}

func (v *elsewhere) resolve(e *evaluator) tds.PublishedRef {
	contentURL, ok := e.text(v.contentURL)
	if !ok {
		return tds.PublishedRef{}
	}
	ref := onSite(e, v.contentURL, contentURL)
	if site, ok := e.text(v.site); ok {
		if strings.ContainsFunc(site, notContentURL) {
			e.found = append(e.found, v.site.at.problem("\"\" is the Default site", "%q cannot be the content_url of a site", site))
		}
		ref.SiteContentURL = site
	}
	if server, ok := e.text(v.server); ok {
		if u, err := url.Parse(server); err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
			e.found = append(e.found, v.server.at.problem("write https://tableau.example.com", "%q is not the URL of a server", server))
		}
		ref.Server = server
	}
	return ref
}

// contentURLFault says why text cannot be the content URL of something that is published.
func contentURLFault(text string) string {
	switch {
	case text == "":
		return "is empty"
	case strings.ContainsFunc(text, unicode.IsSpace):
		return "has a space"
	case strings.ContainsAny(text, `/\`):
		return "has a slash"
	}
	return ""
}

func (r *publishedRule) apply(to *Rendering, e resolved) error {
	matches, there := references(to.File, r.name)
	embedded := embeddedOf(to.File, r.name)
	if r.embedded {
		matches = slices.Concat(matches, embedded)
	}
	matches, err := choose(e, "published data source "+strconv.Quote(r.name), matches, there, (*tds.Datasource).Label)
	if err != nil {
		if len(embedded) > 0 && !r.embedded {
			err = fmt.Errorf("%w (%s holds its connections itself: with embedded: true it is made to refer to a published one)", err, embedded[0])
		}
		return err
	}
	for _, ds := range matches {
		if err := to.File.Refer(ds, r.to); err != nil {
			return err
		}
		to.repointed[ds.Name()] = true
	}
	return nil
}

// references lists the data sources that refer to published ones and go by a name: their caption, or else their internal
// name, or else the content URL of the published one; and what there is.
func references(f *documents.File, name string) (matches []*tds.Datasource, there []string) {
	var byCaption, byName, byContentURL []*tds.Datasource
	for ds := range f.Datasources() {
		ref, ok := ds.Published()
		if !ok {
			continue
		}
		there = append(there, fmt.Sprintf("%s (content URL %s)", ds.Label(), ref.ContentURL))
		switch name {
		case ds.Caption():
			byCaption = append(byCaption, ds)
		case ds.Name():
			byName = append(byName, ds)
		case ref.ContentURL:
			byContentURL = append(byContentURL, ds)
		}
	}
	for _, found := range [][]*tds.Datasource{byCaption, byName, byContentURL} {
		if len(found) > 0 {
			return found, there
		}
	}
	return nil, there
}

// embeddedOf lists the data sources that hold their connections themselves and go by a name: their caption, or else their
// internal name.
func embeddedOf(f *documents.File, name string) []*tds.Datasource {
	var byCaption, byName []*tds.Datasource
	for ds := range f.Datasources() {
		switch _, published := ds.Published(); {
		case published:
		case ds.Caption() == name:
			byCaption = append(byCaption, ds)
		case ds.Name() == name:
			byName = append(byName, ds)
		}
	}
	if len(byCaption) > 0 {
		return byCaption
	}
	return byName
}
