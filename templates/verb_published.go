package templates

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"

	"go.yaml.in/yaml/v4"

	"github.com/tabtemplate/tabtemplate/documents/tds"
)

// publishedSpec makes a data source refer to another published one.
var publishedSpec = verbSpec{
	key: "published", what: "the edit of a published data source", keys: []string{"to"}, required: []string{"to"},
	decode: decodePublished,
}

type publishedVerb struct{ name, to *value }

func decodePublished(d *editDecoder) verb {
	v := &publishedVerb{}
	d.known["published"] = d.selector(&v.name, "published")
	d.known["to"] = func(n *yaml.Node) { v.to = d.text(n, "to", use{secrets: true, published: true}) }
	return v
}

type publishedRule struct {
	name string
	to   tds.PublishedRef
}

func (v *publishedVerb) resolve(e *evaluator) rule {
	r := &publishedRule{}
	r.name = e.selector(v.name)
	to, ok := e.eval(v.to)
	if !ok {
		return r
	}
	switch to := to.(type) {
	case Published:
		r.to = tds.PublishedRef{Server: to.ServerURL, SiteContentURL: to.SiteContentURL, ContentURL: to.ContentURL}
	case string:
		if fault := contentURLFault(to); fault != "" {
			e.found = append(e.found, v.to.at.problem("a content URL is the name in the data source's address, not its caption",
				"%q cannot be the content URL of a data source: it %s", to, fault))
		}
		r.to = tds.PublishedRef{Server: e.site.Server.URL, SiteContentURL: e.site.ContentURL, ContentURL: to}
	default:
		e.found = append(e.found, v.to.at.problem("", "must be a published data source or its content URL, not %s", kindOf(to)))
	}
	return r
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
	var byCaption, byName, byContentURL []*tds.Datasource
	var there []string
	for ds := range to.File.Datasources() {
		ref, ok := ds.Published()
		if !ok {
			continue
		}
		there = append(there, fmt.Sprintf("%s (content URL %s)", ds.Label(), ref.ContentURL))
		switch r.name {
		case ds.Caption():
			byCaption = append(byCaption, ds)
		case ds.Name():
			byName = append(byName, ds)
		case ref.ContentURL:
			byContentURL = append(byContentURL, ds)
		}
	}
	matches := byContentURL
	for _, better := range [][]*tds.Datasource{byName, byCaption} {
		if len(better) > 0 {
			matches = better
		}
	}
	matches, err := choose(e, "published data source "+strconv.Quote(r.name), matches, there, (*tds.Datasource).Label)
	if err != nil {
		return err
	}
	for _, ds := range matches {
		if err := ds.Repoint(r.to); err != nil {
			return err
		}
		to.repointed[ds.Name()] = true
	}
	return nil
}
