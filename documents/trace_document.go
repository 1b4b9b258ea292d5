package documents

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/tabtemplate/tabtemplate/documents/internal/xmledit"
	"github.com/tabtemplate/tabtemplate/documents/tds"
)

// tracedElements are the elements that have traces of each kind; those in copies of published
// data sources are found by way of the attribute that holds the copy.
var tracedElements = map[TraceKind][]string{
	TraceThumbnails:  {"thumbnails"},
	TraceProvenance:  {"workbook", "datasource", "repository-location", "attribute"},
	TraceCredentials: {"connection", "named-connection", "attribute"},
	TraceUsers: {
		"connection", "named-connection", "relation", "mapped-image", "refresh-event", "local-data", "local-data-typed", "zone", "image-path", "link", "attribute",
	},
	TraceHistory:     {"connection", "refresh-event", "attribute"},
	TraceStatistics:  {"statistics", "approx-count", "attribute"},
	TraceExtracts:    {"extract"},
	TracePublished:   {"datasource"},
	TraceConnections: {"connection"},
	TraceSQL:         {"relation", "attribute"},
	TraceDesign:      {"groupfilter", "calculation", "min", "max", "alias", "member", "value", "bucket", "link", "shape", "zone", "image-path", "attribute"},
}

// document looks at the document, unless only what the package holds is asked for.
func (s *traceScan) document() {
	for kind, names := range tracedElements {
		if !s.wants(kind) {
			continue
		}
		for _, name := range names {
			if !slices.Contains(s.elements, name) {
				s.elements = append(s.elements, name)
			}
		}
	}
	if len(s.elements) > 0 {
		s.within(s.f.doc.Root())
	}
}

// within looks at an element and at all in it.
func (s *traceScan) within(root xmledit.Element) {
	s.look(root)
	for el := range root.Descendants(s.elements...) {
		s.look(el)
	}
}

func (s *traceScan) look(el xmledit.Element) {
	switch el.Name() {
	case "workbook":
		s.workbook(el)
	case "datasource":
		s.datasourceAt(el)
	case "repository-location":
		s.location(el)
	case "thumbnails":
		s.thumbnails(el)
	case "connection":
		s.connection(el)
	case "named-connection":
		s.secrets(el) // its caption may be the address
		s.paths(el)
	case "relation":
		s.query(el)
		s.paths(el)
	case "refresh-event":
		s.refreshEvent(el)
	case "statistics", "approx-count":
		s.statistics(el)
	case "extract":
		s.extract(el)
	case "attribute":
		s.nested(el)
	default:
		if _, ok := pathAttributes[el.Name()]; ok {
			s.paths(el)
		}
		if noun := designNoun(el); noun != "" {
			s.tally(el, noun)
		}
	}
}

// nested looks at the copy of a published data source that an attribute of metadata holds
// (format 7).
func (s *traceScan) nested(el xmledit.Element) {
	root, err := tds.Inside(el)
	if err != nil {
		s.unread = append(s.unread, fmt.Errorf("the copy of the published data source: %w", err))
		return
	}
	if root.Exists() {
		s.within(root)
	}
}

// following makes an edit that claims nothing: a rule may still say what is to be there.
func following(el xmledit.Element, edit func() error) func() error {
	return func() error { return el.Document().Following(edit) }
}

// without takes an attribute out.
func without(el xmledit.Element, attr string) func() error {
	return following(el, func() error { return el.RemoveAttr(attr) })
}

// emptied empties an attribute.
func emptied(el xmledit.Element, attr string) func() error {
	return following(el, func() error { return el.SetAttr(attr, "") })
}

// workbook finds what tells of the author, the site and the machine of a workbook, which
// newer programs leave behind feature prefixes.
func (s *traceScan) workbook(el xmledit.Element) {
	s.base(el)
	for a := range el.Attrs() {
		name := xmledit.LocalName(a.Name)
		switch name {
		case "author-id", "site-id", "machine-id", "license-type":
		default:
			if !strings.HasPrefix(name, "creator-") {
				continue
			}
		}
		if !el.Asked(a.Name) {
			s.add(TraceProvenance, el, a.Name, strconv.Quote(a.Value), without(el, a.Name))
		}
	}
}

// datasourceAt finds what a data source tells of the server: where it was saved, and where
// the published one is that it refers to.
func (s *traceScan) datasourceAt(el xmledit.Element) {
	s.base(el)
	ref, published := tds.Wrap(el).Published()
	if !published || el.Holder().Exists() || asksPublished(el) {
		return
	}
	site := "the Default site"
	if ref.SiteContentURL != "" {
		site = fmt.Sprintf("site %q", ref.SiteContentURL)
	}
	s.add(TracePublished, el, "", fmt.Sprintf("refers to the published data source %q of %s on %s", ref.ContentURL, site, hostOf(ref.Server)))
}

// asksPublished tells whether an edit or a rule said what a data source refers to.
func asksPublished(el xmledit.Element) bool {
	for c := range el.Children("connection") {
		if c.Value("class") == "sqlproxy" && c.Asked("dbname") {
			return true
		}
	}
	return false
}

// base finds the address of the server that a workbook or data source was saved on. Of a
// reference to a published data source it is one of the places that say where that is
// (format 7), unless it says something else.
func (s *traceScan) base(el xmledit.Element) {
	const name = "xml:base"
	value := el.Value(name)
	if value == "" || el.Asked(name) {
		return
	}
	if ref, ok := tds.Wrap(el).Published(); ok && hostOf(value) == hostOf(ref.Server) {
		return
	}
	s.add(TraceProvenance, el, name, shownURL(value), without(el, name))
}

// shownURL is an address in quotes, without the password that may be in it.
func shownURL(value string) string { return strconv.Quote(tds.Redact("", value)) }

// hostOf is the host of a server that is given as a URL or as a host, maybe with a port.
func hostOf(server string) string {
	if !strings.Contains(server, "://") {
		server = "//" + server
	}
	u, err := url.Parse(server)
	if err != nil {
		return tds.Redact("", server)
	}
	return strings.ToLower(u.Hostname())
}

// location finds where something was published (format 7.1): of a workbook, a view and a
// data source of its own. A reference to a published data source needs it, so that there
// only what it was made from is left, and only if that is another place.
func (s *traceScan) location(el xmledit.Element) {
	ref, published := tds.Wrap(el.Parent()).Published()
	if el.Parent().Name() != "datasource" || !published {
		if id := el.Value("id"); id+el.Value("path")+el.Value("site")+el.Value("derived-from")+el.Value("server-base") != "" {
			s.add(TraceProvenance, el, "", fmt.Sprintf("%q in %q", id, el.Value("path")), el.Remove)
		}
		return
	}
	for _, name := range []string{"derived-from", "server-base"} {
		value := el.Value(name)
		if value == "" || el.Asked(name) || isAt(value, el, ref.Server) {
			continue
		}
		s.add(TraceProvenance, el, name, shownURL(value), without(el, name))
	}
}

// isAt tells whether a URL leads to a location on a server, or to the server.
func isAt(value string, location xmledit.Element, server string) bool {
	u, err := url.Parse(value)
	if err != nil || u.Host != "" && strings.ToLower(u.Hostname()) != hostOf(server) {
		return false
	}
	path := strings.Trim(u.Path, "/")
	return path == "" || path == strings.Trim(location.Value("path"), "/")+"/"+location.Value("id")
}

// thumbnails finds the pictures of views. That of a view which a rule renamed goes like the
// others: its name is a copy.
func (s *traceScan) thumbnails(el xmledit.Element) {
	n := 0
	for range el.Children("thumbnail") {
		n++
	}
	if n > 0 && s.wants(TraceThumbnails) { // some workbooks have an empty list
		t := s.at(TraceThumbnails, el, "", "", following(el, el.Remove))
		t.Count, t.noun = n, "pictures of views"
		s.found = append(s.found, t)
	}
}

// extractUser is whom Tableau lets connect to the files of extracts.
const extractUser = "tableau_internal_user"

// connection finds secrets, users and times in a connection of any kind, and where a source
// leads to.
func (s *traceScan) connection(el xmledit.Element) {
	s.secrets(el)
	if s.wants(TraceConnections) && !el.Holder().Exists() {
		if c, ok := tds.SourceAt(el); ok && c.Unasked() != "" {
			s.add(TraceConnections, el, "", c.Unasked())
		}
	}
	for a := range el.Attrs() {
		if a.Value == "" || el.Asked(a.Name) {
			continue
		}
		switch xmledit.LocalName(a.Name) {
		case "username", "server-userid":
			if a.Value != extractUser {
				s.add(TraceUsers, el, a.Name, strconv.Quote(a.Value), emptied(el, a.Name))
			}
		case "update-time":
			s.add(TraceHistory, el, a.Name, a.Value, without(el, a.Name))
		case "dataRefreshTime":
			s.add(TraceHistory, el, a.Name, a.Value, emptied(el, a.Name))
		}
	}
	s.paths(el)
}

// secrets finds attributes that are a secret or have one.
func (s *traceScan) secrets(el xmledit.Element) {
	for a := range el.Attrs() {
		if secretless(a.Name, a.Value) != a.Value {
			s.add(TraceCredentials, el, a.Name, "a secret", withoutSecret(el, a.Name))
		}
	}
}

// secretless is an attribute of a connection without a secret; the SQL in one can still run.
func secretless(attr, value string) string {
	if xmledit.LocalName(attr) == "one-time-sql" {
		return tds.RedactSQL(value)
	}
	return tds.Redact(attr, value)
}

// query finds secrets in custom SQL, as OPENROWSET and dblink take them.
func (s *traceScan) query(el xmledit.Element) {
	if el.Value("type") == "text" && tds.SecretInSQL(el.Text()) {
		s.add(TraceSQL, el, "", "a secret in custom SQL")
	}
}

// withoutSecret takes the secret out of an attribute: one that is a secret by its name
// becomes empty.
func withoutSecret(el xmledit.Element, attr string) func() error {
	return func() error {
		value := secretless(attr, el.Value(attr))
		if tds.Redact(attr, "x") != "x" {
			value = ""
		}
		return el.SetAttr(attr, value)
	}
}

func (s *traceScan) refreshEvent(el xmledit.Element) {
	text := fmt.Sprintf("%s rows at %s", el.Value("rows-inserted"), el.Value("timestamp-start"))
	s.paths(el) // which is done before the event is gone
	s.add(TraceHistory, el, "", text, el.Remove)
}

// statistics finds values of the rows that the metadata tells of.
func (s *traceScan) statistics(el xmledit.Element) {
	if el.Parent().Name() == "metadata-record" {
		s.count(TraceStatistics, el, "statistics of columns", el.Remove)
	}
}
