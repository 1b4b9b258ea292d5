package rest

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"time"
)

// A content is what workbooks, data sources and flows have in common: the calls differ in words alone.
type content[T publishable] struct {
	s         *Session
	kind      string // "workbook", as messages say it
	title     string // "Workbook", as the names of operations say it
	plural    string // "workbooks", as paths say it
	item      string // "workbook", the element
	since     Version
	tagsSince Version
	part      string // "tableau_workbook", the name of the file's part
	typeOf    string // "workbookType", the parameter that tells a file's type
	jobs      bool   // whether it can be published as a job
	kinds     filterKinds
	shared    func(*T) shared
}

// A shared points to the fields that all contents have and that change after publishing.
type shared struct {
	ownerLUID, ownerName *string
	tags                 *[]string
}

// publishable is implemented by the objects of contents.
type publishable interface{ identity() identity }

// An identity is what lookups go by.
type identity struct {
	luid, name, projectLUID, projectName string
	updatedAt                            time.Time
}

// request is a call about one object; rest is what follows its LUID in the path.
func (c *content[T]) request(method, op, luid, rest string) (*request, error) {
	if err := checkLUID(c.kind, luid); err != nil {
		return nil, err
	}
	return &request{op: op, since: c.since, method: method, path: c.plural + "/" + segments(luid) + rest}, nil
}

func (c *content[T]) all(ctx context.Context, q Query) iter.Seq2[T, error] {
	return listing[T]{
		op: "Query " + c.title + "s", since: c.since, path: c.plural, query: q, items: []string{c.plural, c.item}, kinds: c.kinds,
	}.all(ctx, c.s)
}

// ofUser lists what a user can read, or something else with further query parameters.
func (c *content[T]) ofUser(ctx context.Context, userLUID, extra string) iter.Seq2[T, error] {
	if err := checkLUID("user", userLUID); err != nil {
		return failing[T](fmt.Errorf("listing the %s of user %q: %w", c.plural, userLUID, err))
	}
	return listing[T]{
		op: "Query " + c.title + "s for User", since: c.since, path: "users/" + segments(userLUID) + "/" + c.plural, extra: extra,
		items: []string{c.plural, c.item},
	}.all(ctx, c.s)
}

func (c *content[T]) byLUID(ctx context.Context, luid string) (T, error) {
	item, err := c.read(ctx, luid)
	if err != nil {
		return item, fmt.Errorf("reading %s %q: %w", c.kind, luid, err)
	}
	return item, nil
}

func (c *content[T]) read(ctx context.Context, luid string) (T, error) {
	q, err := c.request(http.MethodGet, "Query "+c.title, luid, "")
	if err != nil {
		var none T
		return none, err
	}
	return read[T](ctx, c.s, q, c.item)
}

// A change is what an object can be updated with.
type change interface {
	// check refuses what the server would refuse.
	check(s *Session) error
}

func (c *content[T]) update(ctx context.Context, luid, query string, u change) (T, error) {
	q, err := c.request(http.MethodPut, "Update "+c.title, luid, "")
	err = errors.Join(err, u.check(c.s))
	if err == nil {
		q.query = query
		err = q.carry(encodeElement(c.item, u))
	}
	var updated T
	if err == nil {
		updated, err = read[T](ctx, c.s, q, c.item)
	}
	if err != nil {
		return updated, fmt.Errorf("updating %s %q: %w", c.kind, luid, err)
	}
	return updated, nil
}

func (c *content[T]) delete(ctx context.Context, luid string) error {
	q, err := c.request(http.MethodDelete, "Delete "+c.title, luid, "")
	if err == nil {
		err = c.s.remove(ctx, q)
	}
	if err != nil {
		return fmt.Errorf("deleting %s %q: %w", c.kind, luid, err)
	}
	return nil
}

// ConnectionCredentials are what a published connection signs in to its database with.
type ConnectionCredentials struct {
	Username string `api:"@name!"`
	Password string `api:"@password"` // left out with OAuth
	Embed    bool   `api:"@embed!"`   // keep them on the server; else every viewer is asked
	OAuth    bool   `api:"@oAuth"`    // Username is that of a saved OAuth credential
	redacted
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
