package tds

import (
	"cmp"
	"errors"
	"fmt"
	"iter"
	"net/url"
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
	// Channel is http or https, and Port that of the server. When repointing, they may
	// be given where Server does not have them.
	Channel, Port string
	// SiteContentURL is the site's part of the URL; empty is the Default site.
	SiteContentURL string
	// ContentURL is the server's unique name of the data source on the site.
	ContentURL string
	// Caption is what people see of the data source. When repointing, empty leaves all
	// names that people see alone.
	Caption string
	// FriendlyName is the name of the published data source as people see it: often
	// with its project, "Sales | Project : Finance". When repointing, empty is the
	// Caption.
	FriendlyName string
	// DerivedFrom is the URL that the data source was made from. Repointing ignores it:
	// what a data source has is moved along, or with DropDerivedFrom removed.
	DerivedFrom     string
	DropDerivedFrom bool
}

// Published tells what a data source refers to; not ok if it does not refer to a
// published one. A data source that was itself published once, and only says where,
// does not.
func (ds *Datasource) Published() (ref PublishedRef, ok bool) {
	conn, location := ds.proxy(), ds.el.Child("repository-location")
	if !conn.Exists() {
		return ref, false
	}
	ref = PublishedRef{
		Server: conn.Value("server"), Channel: conn.Value("channel"), Port: conn.Value("port"),
		SiteContentURL: location.Value("site"), ContentURL: conn.Value("dbname"),
		Caption: ds.Caption(), FriendlyName: conn.Value("server-ds-friendly-name"), DerivedFrom: location.Value("derived-from"),
	}
	server := serverParts{ref.Channel, ref.Server, ref.Port}
	if server.scheme != "" && server.host != "" && !strings.Contains(server.host, "://") {
		ref.Server = server.url()
	}
	return ref, true
}

// Host is the host of Server.
func (ref PublishedRef) Host() string {
	p, err := parseServer(ref.Server)
	if err != nil {
		return ref.Server
	}
	return p.host
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
	return serverParts{scheme: u.Scheme, host: u.Hostname(), port: u.Port()}, nil
}

// server is what ref says of the server, in its URL and apart, with the usual port of a
// channel where none is given.
func (ref PublishedRef) server() (serverParts, error) {
	p, err := parseServer(ref.Server)
	if err != nil {
		return p, err
	}
	bad := checkPort(ref.Port)
	switch {
	case ref.Channel != "" && ref.Channel != "http" && ref.Channel != "https":
		return p, fmt.Errorf("channel %q is neither http nor https", ref.Channel)
	case bad != nil:
		return p, bad
	case p.host == "" && ref.Channel+ref.Port != "":
		return p, errors.New("a channel or port is given without the server")
	case differ(p.scheme, ref.Channel):
		return p, fmt.Errorf("server %q is not of channel %s", ref.Server, ref.Channel)
	case differ(p.port, ref.Port):
		return p, fmt.Errorf("server %q is not at port %s", ref.Server, ref.Port)
	}
	p.scheme, p.port = cmp.Or(p.scheme, ref.Channel), cmp.Or(p.port, ref.Port)
	if p.port == "" && p.scheme != "" {
		p.port = defaultPort(p.scheme)
	}
	return p, nil
}

func differ(a, b string) bool { return a != "" && b != "" && a != b }

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
				root, err := Inside(a)
				if err != nil {
					yield(nil, fmt.Errorf("the copy of the published data source: %w", err))
					return
				}
				if root.Exists() && !yield(Wrap(root), nil) {
					return
				}
			}
		}
	}
}
