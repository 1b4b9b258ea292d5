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

// Repoint makes the data source refer to another published one: its location, its
// connection, the data source tree, the base URL, and the same places in the copy
// nested in its metadata (format 7). Forms stay as they are: a server written as a
// URL stays one, an attribute that is not there is not invented. Internal names and the
// revision stay, and so do captions unless a new one is given: then its copies change with
// it as when the data source is renamed (hard case 52), those that had drifted are noted,
// and one that another data source has is an error. So is a data source that refers to no
// published one.
func (ds *Datasource) Repoint(ref PublishedRef) error {
	if !ds.proxy().Exists() {
		return fmt.Errorf("repointing %s: it does not refer to a published data source", ds)
	}
	server, bad := ref.server()
	if err := errors.Join(ref.check(), bad); err != nil {
		return fmt.Errorf("repointing %s: %w", ds, err)
	}
	err := ds.el.Document().Atomically("", func() error { return ds.repointWithNames(ref, server) })
	if err != nil {
		return fmt.Errorf("repointing %s: %w", ds, err)
	}
	return nil
}

// repointWithNames rewrites all places, and the names that people see if there are new ones.
func (ds *Datasource) repointWithNames(ref PublishedRef, server serverParts) error {
	if err := ds.names(ref).put(ds); err != nil {
		return err
	}
	return ds.repoint(ref, server)
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

// repoint rewrites all places of the data source, and of the copies nested in it, but
// names that people see.
func (ds *Datasource) repoint(ref PublishedRef, server serverParts) error {
	conn := ds.proxy()
	for pds := range ds.treeNodes() {
		if err := pds.SetAttr("datasource-url", ref.ContentURL); err != nil {
			return err
		}
	}
	if err := errors.Join(
		repointLocation(ds.el.Child("repository-location"), ref, server),
		repointBase(ds.el, server),
		conn.SetAttr("dbname", ref.ContentURL),
		repointServer(conn, server),
	); err != nil {
		return err
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

// treeNodes lists the nodes of the data source tree that stand for the published data source.
func (ds *Datasource) treeNodes() iter.Seq[xmledit.Element] {
	// The same, but in files of other programs.
	urls := []string{ds.proxy().Value("dbname"), ds.el.Child("repository-location").Value("id")}
	return func(yield func(xmledit.Element) bool) {
		for tree := range ds.el.Children("data-source-tree") {
			for pds := range tree.Descendants("pds") {
				if to := pds.Value("datasource-url"); to != "" && slices.Contains(urls, to) && !yield(pds) {
					return
				}
			}
		}
	}
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
	switch {
	case !ok || err != nil:
		return err
	case ref.DropDerivedFrom:
		return loc.RemoveAttr("derived-from")
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
