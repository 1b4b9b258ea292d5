package tds

import (
	"errors"
	"fmt"
	"iter"
	"net/url"
	"slices"
	"strings"

	"github.com/tabtemplate/tabtemplate/documents/internal/xmledit"
)

// PublishedRef names a published data source: where a data source of class sqlproxy
// gets its data (format 7).
type PublishedRef struct {
	// Server is the URL of the Tableau Server, https://tableau.example.com:8000,
	// or just its host, with or without a port; when repointing, empty leaves the
	// server alone.
	Server string
	// SiteContentURL is the site's part of the URL; empty is the Default site.
	SiteContentURL string
	// ContentURL is the server's unique name of the data source on the site.
	ContentURL string
}

// Published tells what a data source refers to; not ok if it does not refer to a
// published one. A data source that was itself published once, and only says where,
// does not.
func (ds *Datasource) Published() (ref PublishedRef, ok bool) {
	conn, location := ds.proxy(), ds.el.Child("repository-location")
	if !conn.Exists() {
		return ref, false
	}
	ref = PublishedRef{Server: conn.Value("server"), SiteContentURL: location.Value("site"), ContentURL: conn.Value("dbname")}
	server := serverParts{conn.Value("channel"), ref.Server, conn.Value("port")}
	if server.scheme != "" && server.host != "" && !strings.Contains(server.host, "://") {
		ref.Server = server.url()
	}
	return ref, true
}

// proxy is the connection to a published data source.
func (ds *Datasource) proxy() xmledit.Element {
	for c := range ds.el.Children("connection") {
		if c.Value("class") == "sqlproxy" {
			return c
		}
	}
	return xmledit.Element{}
}

func defaultPort(scheme string) string {
	if scheme == "http" {
		return "80"
	}
	return "443"
}

// serverParts are the parts of a server as documents write them.
type serverParts struct {
	scheme, host, port string // scheme, or scheme and port, empty if they were not given
}

func parseServer(s string) (serverParts, error) {
	if strings.Contains(s, "@") { // which is not shown
		return serverParts{}, errors.New("the URL of a server holds no credentials")
	}
	if !strings.Contains(s, "://") {
		u, err := url.Parse("//" + s)
		if err != nil || u.Host != s {
			return serverParts{}, fmt.Errorf("%q is neither a host nor the URL of a server", s)
		}
		return serverParts{host: u.Hostname(), port: u.Port()}, nil
	}
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" ||
		strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" {
		return serverParts{}, fmt.Errorf("%q is not the URL of a server, as https://tableau.example.com is", s)
	}
	p := serverParts{scheme: u.Scheme, host: u.Hostname(), port: u.Port()}
	if p.port == "" {
		p.port = defaultPort(u.Scheme)
	}
	return p, nil
}

// like takes from the URL of the server before what was not given.
func (p serverParts) like(old *url.URL) serverParts {
	if p.scheme != "" {
		return p
	}
	p.scheme = old.Scheme
	if p.port == "" {
		p.port = old.Port()
	}
	return p
}

// url is the server as a URL without its default port.
func (p serverParts) url() string {
	host := p.host
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	if p.port != "" && p.port != defaultPort(p.scheme) {
		host += ":" + p.port
	}
	return p.scheme + "://" + host
}

// Repoint makes the data source refer to another published one: its location, its
// connection, the data source tree, the base URL, and the same places in the copy
// nested in its metadata (format 7). Forms stay as they are: a server written as a
// URL stays one, an attribute that is not there is not invented. Captions, internal
// names and the revision stay. A data source that refers to no published one is an
// error.
func (ds *Datasource) Repoint(ref PublishedRef) error {
	if !ds.proxy().Exists() {
		return fmt.Errorf("repointing %s: it does not refer to a published data source", ds)
	}
	err := ref.check()
	server, bad := parseServer(ref.Server)
	if err = errors.Join(err, bad); err != nil {
		return fmt.Errorf("repointing %s: %w", ds, err)
	}
	return ds.el.Document().Atomically("", func() error {
		if err := ds.repoint(ref, server); err != nil {
			return fmt.Errorf("repointing %s: %w", ds, err)
		}
		return nil
	})
}

func (ref PublishedRef) check() error {
	if ref.ContentURL == "" {
		return errors.New("the content URL of the published data source is empty")
	}
	if strings.ContainsAny(ref.SiteContentURL, "/?#&% ") {
		return fmt.Errorf("%q cannot be a site's content URL", ref.SiteContentURL)
	}
	return nil
}

func (ds *Datasource) repoint(ref PublishedRef, server serverParts) error {
	conn, location := ds.proxy(), ds.el.Child("repository-location")
	old := []string{conn.Value("dbname"), location.Value("id")} // the same, but in files of other programs
	if err := errors.Join(
		repointLocation(location, ref, server),
		repointBase(ds.el, server),
		conn.SetAttr("dbname", ref.ContentURL),
		repointServer(conn, server),
	); err != nil {
		return err
	}
	for pds := range ds.el.Child("data-source-tree").Descendants("pds") {
		if to := pds.Value("datasource-url"); to != "" && slices.Contains(old, to) {
			if err := pds.SetAttr("datasource-url", ref.ContentURL); err != nil {
				return err
			}
		}
	}
	for nested, err := range ds.Nested() {
		if err == nil && nested.proxy().Exists() {
			err = nested.repoint(ref, server)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// repointLocation rewrites a repository-location; one without attributes says
// nothing and stays so.
func repointLocation(loc xmledit.Element, ref PublishedRef, server serverParts) error {
	if _, ok := loc.Attr("id"); !ok {
		return nil
	}
	path := "/datasources"
	if ref.SiteContentURL != "" {
		path = "/t/" + ref.SiteContentURL + path
	}
	location := path
	if old := loc.Value("path"); "/"+old == path {
		path = old
	}
	err := errors.Join(loc.SetAttr("id", ref.ContentURL), loc.SetAttr("path", path))
	if ref.SiteContentURL == "" {
		err = errors.Join(err, loc.RemoveAttr("site"))
	} else {
		err = errors.Join(err, loc.SetAttr("site", ref.SiteContentURL))
	}
	from, ok := loc.Attr("derived-from")
	if !ok || err != nil {
		return err
	}
	return loc.SetAttr("derived-from", derivedFrom(from, location+"/"+ref.ContentURL, server))
}

// derivedFrom keeps the form of the old value: absolute or host-relative, with or
// without a revision.
func derivedFrom(from, path string, server serverParts) string {
	u, err := url.Parse(from)
	if err != nil {
		u = &url.URL{}
	}
	moved := (&url.URL{Path: path, RawQuery: u.RawQuery}).String()
	switch {
	case u.Host == "":
		return moved
	case server.host == "":
		return (&url.URL{Scheme: u.Scheme, Host: u.Host}).String() + moved
	}
	return server.like(u).url() + moved
}

// repointBase rewrites the base URL that an element was saved with.
func repointBase(el xmledit.Element, server serverParts) error {
	if _, ok := el.Attr("xml:base"); !ok || server.host == "" {
		return nil
	}
	old, err := url.Parse(el.Value("xml:base"))
	if err == nil && strings.TrimSuffix(old.String(), "/") == server.like(old).url() {
		return nil
	}
	if server.scheme == "" && (err != nil || old.Scheme == "") {
		return fmt.Errorf("the base URL %q needs the new server as a URL", el.Value("xml:base"))
	}
	return el.SetAttr("xml:base", server.like(old).url())
}

// repointServer rewrites the server of a connection in the form it has.
func repointServer(conn xmledit.Element, server serverParts) error {
	if server.host == "" {
		return nil
	}
	value := server.host
	if old, err := url.Parse(conn.Value("server")); err == nil && old.Host != "" {
		value = server.like(old).url()
	}
	err := conn.SetAttr("server", value)
	isURL := value != server.host
	usual := map[string]string{"channel": "https", "port": defaultPort(server.scheme)}
	for _, a := range [...][2]string{{"channel", server.scheme}, {"port", server.port}} {
		switch _, ok := conn.Attr(a[0]); {
		case a[1] == "":
		case ok:
			err = errors.Join(err, conn.SetAttr(a[0], a[1]))
		case !isURL && a[1] != usual[a[0]]:
			err = errors.Join(err, fmt.Errorf("the connection has no %s, so that it cannot say %s", a[0], a[1]))
		}
	}
	return err
}

// nestedCodec is the layer between the text of the capability attribute that holds
// a copy of the published data source, and that copy: a DataValue string.
var nestedCodec = xmledit.Codec{Decode: decodeDataValue, Encode: dataValueEscaper.Replace}

// Nested lists the copies of data sources that the metadata of a reference to a
// published data source holds (format 7). One that cannot be read is an error.
func (ds *Datasource) Nested() iter.Seq2[*Datasource, error] {
	return func(yield func(*Datasource, error) bool) {
		for r := range ds.proxy().Child("metadata-records").Children("metadata-record") {
			if r.Value("class") != "capability" {
				continue
			}
			for a := range r.Descendants("attribute") {
				if a.Value("name") != "datasource" || strings.TrimSpace(a.Text()) == "" {
					continue
				}
				inner, err := a.Embedded(nestedCodec)
				if err != nil {
					yield(nil, fmt.Errorf("the copy of the published data source: %w", err))
					return
				}
				if !yield(Wrap(inner.Root()), nil) {
					return
				}
			}
		}
	}
}
