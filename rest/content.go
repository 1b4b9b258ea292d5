package rest

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// A content is what workbooks and data sources have in common: the calls differ in words alone.
type content[T any] struct {
	s      *Session
	kind   string // "workbook", as messages say it
	plural string // "workbooks", as paths say it
	part   string // "tableau_workbook", the name of the file's part
	typeOf string // "workbookType", the parameter that tells a file's type

	list  func(*envelope) []T
	one   func(*envelope) (T, bool)
	ident func(T) identity
	field func(T, string) ([]string, bool)
}

// An identity is what lookups go by.
type identity struct {
	luid, name, projectLUID, projectName string
	updatedAt                            time.Time
}

func (c *content[T]) path(luid, rest string) string {
	return c.plural + "/" + url.PathEscape(luid) + rest
}

func (c *content[T]) all(ctx context.Context, q Query) iter.Seq2[T, error] {
	return listing[T]{
		session: c.s, path: c.plural, query: q, items: c.list, field: c.field,
		luid: func(item T) string { return c.ident(item).luid },
	}.all(ctx)
}

// named finds the objects of a name: those in the project, or in all with "", and those elsewhere.
func (c *content[T]) named(ctx context.Context, name, projectLUID string) (here, elsewhere []T, err error) {
	if name == "" {
		return nil, nil, errors.New("the name is empty")
	}
	for item, err := range c.all(ctx, Query{Filters: []Filter{Eq("name", name)}}) {
		if err != nil {
			return nil, nil, err
		}
		id := c.ident(item)
		switch {
		case id.name != name: // the server takes a * in the name for any text
		case projectLUID == "" || id.projectLUID == projectLUID:
			here = append(here, item)
		default:
			elsewhere = append(elsewhere, item)
		}
	}
	return here, elsewhere, nil
}

func (c *content[T]) byName(ctx context.Context, name, projectLUID string) (T, error) {
	var none T
	here, elsewhere, err := c.named(ctx, name, projectLUID)
	switch {
	case err != nil:
	case len(here) == 1:
		return here[0], nil
	case len(here) > 1:
		err = &AmbiguousError{Kind: c.kind, Name: name, Matches: convert(here, c.place)}
	default:
		missing := &NotFoundError{Kind: c.kind, Name: name, Available: convert(elsewhere, c.place)}
		if projectLUID != "" {
			missing.In = "project " + projectLUID
		}
		err = missing
	}
	return none, fmt.Errorf("finding %s %q: %w", c.kind, name, err)
}

// place tells where an object is.
func (c *content[T]) place(item T) string {
	id := c.ident(item)
	return fmt.Sprintf("%s in project %q (%s)", id.luid, id.projectName, id.projectLUID)
}

func (c *content[T]) byLUID(ctx context.Context, luid string) (T, error) {
	item, err := c.read(ctx, luid)
	if err != nil {
		return item, fmt.Errorf("reading %s %q: %w", c.kind, luid, err)
	}
	return item, nil
}

func (c *content[T]) read(ctx context.Context, luid string) (T, error) {
	var none T
	if err := checkLUID(c.kind, luid); err != nil {
		return none, err
	}
	env, err := c.s.call(ctx, &request{method: http.MethodGet, path: c.path(luid, "")})
	if err != nil {
		return none, err
	}
	item, ok := c.one(env)
	if !ok {
		return none, missing(c.kind)
	}
	return item, nil
}

func (c *content[T]) connections(ctx context.Context, luid string) ([]Connection, error) {
	env, err := c.get(ctx, luid, "/connections")
	if err != nil {
		return nil, fmt.Errorf("listing the connections of %s %q: %w", c.kind, luid, err)
	}
	return convert(env.Connections, wireConnection.connection), nil
}

func (c *content[T]) get(ctx context.Context, luid, rest string) (*envelope, error) {
	if err := checkLUID(c.kind, luid); err != nil {
		return nil, err
	}
	return c.s.call(ctx, &request{method: http.MethodGet, path: c.path(luid, rest)})
}

// delete takes a second attempt that finds nothing for the success of the first.
func (c *content[T]) delete(ctx context.Context, luid string) error {
	err := checkLUID(c.kind, luid)
	if err == nil {
		_, err = c.s.call(ctx, &request{method: http.MethodDelete, path: c.path(luid, "")})
	}
	if refused, ok := errors.AsType[*Error](err); ok && refused.ambiguous && refused.kind() == ErrNotFound {
		return nil
	}
	if err != nil {
		return fmt.Errorf("deleting %s %q: %w", c.kind, luid, err)
	}
	return nil
}

func (c *content[T]) addTags(ctx context.Context, luid string, labels []string) ([]string, error) {
	tags := newElement("tags")
	for _, label := range labels {
		tags.add(newElement("tag").set("label", label))
	}
	body, err := encodeRequest(tags)
	if err == nil {
		err = checkLUID(c.kind, luid)
	}
	var env *envelope
	if err == nil {
		env, err = c.s.call(ctx, &request{method: http.MethodPut, path: c.path(luid, "/tags"), body: xmlPayload(body)})
	}
	if err != nil {
		return nil, fmt.Errorf("tagging %s %q: %w", c.kind, luid, err)
	}
	return tagsOf(env.Tags), nil
}

// commonField is what filters see of the fields that workbooks and data sources share.
func commonField(field, name, contentURL, projectName string, tags []string, created, updated time.Time) ([]string, bool) {
	switch field {
	case "name":
		return []string{name}, true
	case "contentUrl":
		return []string{contentURL}, true
	case "projectName":
		return []string{projectName}, true
	case "tags":
		return tags, true
	case "createdAt":
		return []string{created.Format(time.RFC3339)}, true
	case "updatedAt":
		return []string{updated.Format(time.RFC3339)}, true
	}
	return nil, false
}

// A Connection is a data connection of published content ("Query Workbook Connections", "Query Data Source Connections").
type Connection struct {
	LUID           string
	Class          string // such as postgres or sqlproxy
	Server         string
	Port           string
	Username       string
	EmbedPassword  bool
	DatasourceLUID string
	DatasourceName string
}

type wireConnection struct {
	ID            string   `xml:"id,attr"`
	Type          string   `xml:"type,attr"`
	ServerAddress string   `xml:"serverAddress,attr"`
	ServerPort    string   `xml:"serverPort,attr"`
	UserName      string   `xml:"userName,attr"`
	EmbedPassword wireBool `xml:"embedPassword,attr"`
	Datasource    wireRef  `xml:"datasource"`
}

func (w wireConnection) connection() Connection {
	return Connection{
		LUID: w.ID, Class: w.Type, Server: w.ServerAddress, Port: w.ServerPort, Username: w.UserName,
		EmbedPassword: bool(w.EmbedPassword), DatasourceLUID: w.Datasource.ID, DatasourceName: w.Datasource.Name,
	}
}

// ConnectionCredentials are what a published connection signs in to its database with.
type ConnectionCredentials struct {
	Username string
	Password string // left out with OAuth
	Embed    bool   // keep them on the server; else every viewer is asked
	OAuth    bool   // Username is that of a saved OAuth credential
	redacted
}

func (c ConnectionCredentials) element() *element {
	e := newElement("connectionCredentials").set("name", c.Username)
	if !c.OAuth {
		e.set("password", c.Password)
	}
	e.setBool("embed", c.Embed)
	if c.OAuth {
		e.setBool("oAuth", true)
	}
	return e
}

func (c ConnectionCredentials) check() error {
	if c.Username == "" {
		return errors.New("connection credentials have no user name")
	}
	if c.OAuth && c.Password != "" {
		return fmt.Errorf("connection credentials of %q have a password, which OAuth has not", c.Username)
	}
	return nil
}

// isText says whether a file begins like an XML document.
func isText(head []byte) bool {
	return strings.HasPrefix(strings.TrimLeft(strings.TrimPrefix(string(head), "\ufeff"), " \t\r\n"), "<")
}
