package rest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
)

// A Session is a sign-in to one site. It is safe for concurrent use, and is renewed by itself when the server ends it: once for
// all calls that notice it, and at most twice a minute, because two processes with the same personal access token would else
// end each other's sessions for ever.
type Session struct {
	Workbooks       *WorkbooksService
	Views           *ViewsService
	CustomViews     *CustomViewsService
	Datasources     *DatasourcesService
	Flows           *FlowsService
	Projects        *ProjectsService
	Users           *UsersService
	Groups          *GroupsService
	GroupSets       *GroupSetsService
	Sites           *SitesService
	Jobs            *JobsService
	Tasks           *TasksService
	Schedules       *SchedulesService
	Subscriptions   *SubscriptionsService
	Favorites       *FavoritesService
	DataAlerts      *DataAlertsService
	Webhooks        *WebhooksService
	Recommendations *RecommendationsService
	Metadata        *MetadataService
	Metrics         *MetricsService

	client  *Client
	version Version
	site    grant // of the first sign-in; the token is in state
	who     func() *request
	state   *sessionState
}

// A grant is what a sign-in answers.
type grant struct {
	base       *url.URL // the server's address, elsewhere after a redirect
	token      secret
	siteLUID   string
	contentURL string
	userLUID   string
}

type wireCredentials struct {
	Token          string `api:"@token"`
	SiteLUID       string `api:"site/@id"`
	SiteContentURL string `api:"site/@contentUrl"`
	UserLUID       string `api:"user/@id"`
}

// sessionState is the part of a session that changes.
type sessionState struct {
	mu       sync.Mutex
	token    secret
	serial   int         // counts the tokens
	renewing *renewal    // the sign-in under way, nil without one
	renewals []time.Time // of the last two
	ended    error       // why the session cannot be used any more
	over     bool        // the server has ended the session, too
}

// A renewal is one new sign-in that many calls wait for.
type renewal struct {
	done chan struct{}
	err  error // set before done is closed
}

// SignIn signs in to a site, named by its part of the URL; "" is the Default site ("Sign In"). The first sign-in of a client
// asks the server for its version, unless one is pinned. Refused credentials are an [ErrAuthentication], and the server does
// not say which part was wrong.
//
// A redirect is followed, with the same request, to a host in the same parent domain over https, or to the same host; the
// session then stays there. Several sites with one personal access token: see [PersonalAccessToken].
func (c *Client) SignIn(ctx context.Context, credentials Credentials, siteContentURL string) (*Session, error) {
	s, err := c.newSession(ctx, credentials, siteContentURL)
	if err != nil {
		return nil, fmt.Errorf("signing in to %s of %s: %w", siteName(siteContentURL), c.base, err)
	}
	return s, nil
}

func (c *Client) newSession(ctx context.Context, credentials Credentials, siteContentURL string) (*Session, error) {
	if credentials == nil {
		return nil, errors.New("no credentials")
	}
	if slices.Contains(credentials.secrets(), "") {
		return nil, errors.New("the credentials hold an empty secret")
	}
	version, err := c.negotiate(ctx)
	if err != nil {
		return nil, err
	}
	if version.before(credentials.since()) {
		return nil, &VersionError{Feature: credentials.kind(), Needs: credentials.since(), Speaks: version}
	}
	body, err := encodeRequest(credentials.element().add(newElement("site").set("contentUrl", siteContentURL)))
	if err != nil {
		return nil, err
	}
	// A closure, so that no printing of the session reaches the credentials.
	who := func() *request {
		return &request{
			op: "Sign In", method: http.MethodPost, path: version.String() + "/auth/signin",
			body: xmlPayload(body), secrets: credentials.secrets(),
		}
	}
	g, err := c.signIn(ctx, c.base, who())
	if err != nil {
		return nil, err
	}
	s := &Session{client: c, version: version, site: g, who: who, state: &sessionState{token: g.token}}
	s.serve()
	return s, nil
}

// serve gives the session its services.
func (s *Session) serve() {
	s.Workbooks = newWorkbooksService(s)
	s.Datasources = newDatasourcesService(s)
	s.Views = &ViewsService{s}
	s.CustomViews = &CustomViewsService{s}
	s.Flows = &FlowsService{s}
	s.Projects = &ProjectsService{s}
	s.Users = &UsersService{s}
	s.Groups = &GroupsService{s}
	s.GroupSets = &GroupSetsService{s}
	s.Sites = &SitesService{s}
	s.Jobs = &JobsService{s}
	s.Tasks = &TasksService{s}
	s.Schedules = &SchedulesService{s}
	s.Subscriptions = &SubscriptionsService{s}
	s.Favorites = &FavoritesService{s}
	s.DataAlerts = &DataAlertsService{s}
	s.Webhooks = &WebhooksService{s}
	s.Recommendations = &RecommendationsService{s}
	s.Metadata = &MetadataService{s}
	s.Metrics = &MetricsService{s}
}

// signIn sends the credentials, also to where the server says it has moved.
func (c *Client) signIn(ctx context.Context, base *url.URL, q *request) (grant, error) {
	for range 4 {
		answer, err := c.exchange(ctx, base, q)
		refused, ok := errors.AsType[*Error](err)
		if ok && refused.location != "" && refused.Status != http.StatusSeeOther {
			if base, err = moved(base, refused.location, "/api/"+q.path); err != nil {
				return grant{}, err
			}
			continue
		}
		if ok {
			refused.ambiguous = false // a sign-in nobody has the token of is none
		}
		if err != nil {
			return grant{}, err
		}
		var said wireCredentials
		if found := answer.child("credentials"); found != nil {
			said = decodeElement[wireCredentials](found)
		}
		if said.Token == "" || said.SiteLUID == "" {
			return grant{}, missing("credentials with a token and a site")
		}
		return grant{
			base: base, token: conceal(said.Token), siteLUID: said.SiteLUID, contentURL: said.SiteContentURL, userLUID: said.UserLUID,
		}, nil
	}
	return grant{}, errors.New("the server redirects the sign-in again and again")
}

// moved is the base address after a redirect of the sign-in, if credentials may be sent there.
func moved(base *url.URL, location, path string) (*url.URL, error) {
	target, err := base.Parse(location)
	if err != nil || target.User != nil {
		return nil, errors.New("the sign-in is redirected to something that is not a URL")
	}
	there := target.Scheme + "://" + target.Host
	sameHost := strings.EqualFold(target.Host, base.Host) && target.Scheme == base.Scheme
	if !sameHost && (target.Scheme != "https" || !relatedHosts(base.Hostname(), target.Hostname())) {
		return nil, fmt.Errorf("the sign-in is redirected to %s, which must not see the credentials", there)
	}
	prefix, ok := strings.CutSuffix(target.Path, path)
	if !ok {
		return nil, fmt.Errorf("the sign-in is redirected to %s%s, which is no sign-in", there, target.Path)
	}
	return &url.URL{Scheme: target.Scheme, Host: target.Host, Path: prefix}, nil
}

// relatedHosts says that two hosts are the same, or that one is below the other or below its parent domain. A parent such as
// "com" or "co.uk" relates nobody: two labels with a country's at the end and a short one before it count as such.
func relatedHosts(from, to string) bool {
	from, to = strings.ToLower(from), strings.ToLower(to)
	if from == to {
		return true
	}
	if net.ParseIP(from) != nil || net.ParseIP(to) != nil {
		return false
	}
	if strings.HasSuffix(to, "."+from) {
		return true
	}
	_, parent, _ := strings.Cut(from, ".")
	first, rest, ok := strings.Cut(parent, ".")
	if !ok || len(rest) == 2 && len(first) <= 3 {
		return false
	}
	return to == parent || strings.HasSuffix(to, "."+parent)
}

// call sends a request. With an expired token it signs in again and sends it once more.
func (s *Session) call(ctx context.Context, q *request) (*element, error) {
	var answer *element
	err := s.signed(ctx, q, func(base *url.URL, q *request) (err error) {
		answer, err = s.client.exchange(ctx, base, q)
		return err
	})
	return answer, err
}

// read sends a request whose answer holds one element of that name.
func read[T any](ctx context.Context, s *Session, q *request, name string) (T, error) {
	answer, err := s.call(ctx, q)
	if err == nil && answer.child(name) == nil {
		err = missing(name)
	}
	if err != nil {
		var none T
		return none, err
	}
	return decodeElement[T](answer.child(name)), nil
}

// send sends a request with a body of elements.
func (s *Session) send(ctx context.Context, q *request, body ...*element) (*element, error) {
	if err := q.carry(body...); err != nil {
		return nil, err
	}
	return s.call(ctx, q)
}

// remove sends a DELETE. What a second attempt does not find, the first one has deleted.
func (s *Session) remove(ctx context.Context, q *request) error {
	_, err := s.call(ctx, q)
	if refused, ok := errors.AsType[*Error](err); ok && refused.ambiguous && refused.kind() == ErrNotFound {
		return nil
	}
	return err
}

// readAll sends a request whose answer holds a list that does not come in pages, such as views/view.
func readAll[T any](ctx context.Context, s *Session, q *request, path ...string) ([]T, error) {
	answer, err := s.call(ctx, q)
	if err != nil {
		return nil, err
	}
	return decodeAll[T](answer.below(path)), nil
}

// open sends a request that is answered by a file, whose body the caller closes.
func (s *Session) open(ctx context.Context, q *request) (*http.Response, error) {
	var resp *http.Response
	err := s.signed(ctx, q, func(base *url.URL, q *request) (err error) {
		resp, _, err = s.client.send(ctx, base, q)
		return err
	})
	return resp, err
}

func (s *Session) signed(ctx context.Context, q *request, send func(*url.URL, *request) error) error {
	if err := s.needs(q.op, q.since); err != nil {
		return err
	}
	q2 := *q
	switch q.scope {
	case siteScope:
		q2.path = s.version.String() + "/sites/" + segments(s.site.siteLUID) + "/" + q.path
	case versionScope:
		q2.path = s.version.String() + "/" + q.path
	}
	for renewed := false; ; renewed = true {
		token, serial, err := s.state.current()
		if err != nil {
			return err
		}
		q2.token = token
		err = send(s.site.base, &q2)
		if refused, ok := errors.AsType[*Error](err); !ok || !refused.expired() || renewed {
			return err
		}
		if err := s.renew(ctx, serial); err != nil {
			return fmt.Errorf("signing in again: %w", err)
		}
	}
}

func (st *sessionState) current() (secret, int, error) {
	st.mu.Lock()
	defer st.mu.Unlock()
	return st.token, st.serial, st.ended
}

// renew signs in again unless the token with that serial number has been replaced. One caller does it and the others wait for
// its outcome; when its context ends it, the next takes over. Refused credentials end the session.
func (s *Session) renew(ctx context.Context, serial int) error {
	for {
		r, mine, err := s.state.startRenewal(serial)
		switch {
		case err != nil || r == nil:
			return err
		case mine:
			g, err := s.client.signIn(ctx, s.site.base, s.who())
			s.state.endRenewal(r, g.token, err)
			return err
		}
		select {
		case <-r.done:
		case <-ctx.Done():
			return ctx.Err()
		}
		if !ended(r.err) {
			return r.err
		}
	}
}

// startRenewal gives the renewal to wait for, or the one that is the caller's to do, or none when the token is new already.
func (st *sessionState) startRenewal(serial int) (r *renewal, mine bool, err error) {
	st.mu.Lock()
	defer st.mu.Unlock()
	switch {
	case st.ended != nil:
		return nil, false, st.ended
	case st.serial != serial:
		return nil, false, nil
	case st.renewing != nil:
		return st.renewing, false, nil
	case len(st.renewals) == 2 && time.Since(st.renewals[0]) < time.Minute:
		return nil, false, fmt.Errorf("%w: the server ended the session for the third time in a minute; "+
			"another process may be using the same personal access token", ErrAuthentication)
	}
	st.renewing = &renewal{done: make(chan struct{})}
	return st.renewing, true, nil
}

func (st *sessionState) endRenewal(r *renewal, token secret, err error) {
	st.mu.Lock()
	defer st.mu.Unlock()
	st.renewing = nil
	r.err = err
	close(r.done)
	switch {
	case err == nil:
		st.token = token
		st.serial++
		st.renewals = append(st.renewals[max(0, len(st.renewals)-1):], time.Now())
	case errors.Is(err, ErrAuthentication) && st.ended == nil:
		st.ended, st.over = err, true
	}
}

// SignOut ends the session on the server ("Sign Out"); later calls are refused with [ErrSignedOut], even if it fails. It may
// be called again until the server has answered. A session the server has ended already is no error.
func (s *Session) SignOut(ctx context.Context) error {
	r, over := s.state.close()
	if over {
		return nil
	}
	if r != nil { // a new token is on its way, and is the one to end
		select {
		case <-r.done:
		case <-ctx.Done():
			return fmt.Errorf("signing out: %w", ctx.Err())
		}
	}
	token, _, _ := s.state.current()
	q := &request{op: "Sign Out", method: http.MethodPost, path: s.version.String() + "/auth/signout", token: token}
	_, err := s.client.exchange(ctx, s.site.base, q)
	refused, ok := errors.AsType[*Error](err)
	if gone := ok && refused.expired(); err != nil && !gone {
		return fmt.Errorf("signing out: %w", err)
	}
	s.state.finish()
	return nil
}

// close ends the session here, and gives the renewal under way. It says whether the server has ended the session before.
func (st *sessionState) close() (r *renewal, over bool) {
	st.mu.Lock()
	defer st.mu.Unlock()
	st.ended = ErrSignedOut
	return st.renewing, st.over
}

// finish notes that the server has ended the session.
func (st *sessionState) finish() {
	st.mu.Lock()
	defer st.mu.Unlock()
	st.over = true
}

// SiteLUID is the LUID of the site.
func (s *Session) SiteLUID() string { return s.site.siteLUID }

// SiteContentURL is the site's part of the URL; "" is the Default site.
func (s *Session) SiteContentURL() string { return s.site.contentURL }

// UserLUID is the LUID of the user who signed in.
func (s *Session) UserLUID() string { return s.site.userLUID }

// ServerURL is the address of the server that took the sign-in, without a slash at the end.
func (s *Session) ServerURL() string { return s.site.base.String() }

// Version is the API version the session uses.
func (s *Session) Version() Version { return s.version }

// String names the site and the server.
func (s *Session) String() string {
	return fmt.Sprintf("rest.Session(site %q of %s)", s.site.contentURL, s.site.base)
}

// GoString is String.
func (s *Session) GoString() string { return s.String() }

// LogValue is String.
func (s *Session) LogValue() slog.Value { return slog.StringValue(s.String()) }

// needs refuses a feature that the session's version does not have.
func (s *Session) needs(feature string, since Version) error {
	if s.version.before(since) {
		return &VersionError{Feature: feature, Needs: since, Speaks: s.version}
	}
	return nil
}

// siteName is how an error names a site.
func siteName(contentURL string) string {
	if contentURL == "" {
		return "the Default site"
	}
	return fmt.Sprintf("site %q", contentURL)
}
