package rest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"time"
)

// A Session is a sign-in to one site. It is safe for concurrent use: one is to be shared by all that work on the site.
//
// It is renewed by itself, with the credentials it began with: a minute before the time it lasts is over, and when a call
// notices that the server has ended it, which is then sent again. Whatever the number of calls, one of them signs in and the
// others wait. That is done at most twice a minute, because two processes with the same personal access token would else end
// each other's sessions for ever.
type Session struct {
	Workbooks          *WorkbooksService
	Views              *ViewsService
	CustomViews        *CustomViewsService
	Datasources        *DatasourcesService
	Flows              *FlowsService
	VirtualConnections *VirtualConnectionsService
	Projects           *ProjectsService
	Users              *UsersService
	Groups             *GroupsService
	GroupSets          *GroupSetsService
	Sites              *SitesService
	Jobs               *JobsService
	Tasks              *TasksService
	Schedules          *SchedulesService
	Subscriptions      *SubscriptionsService
	Favorites          *FavoritesService
	DataAlerts         *DataAlertsService
	Webhooks           *WebhooksService
	Recommendations    *RecommendationsService
	Tags               *TagsService
	Metadata           *MetadataService
	Metrics            *MetricsService

	client  *Client
	version Version
	login   *login
	site    grant // of the first sign-in; what a renewal changes is in state
	state   *sessionState
}

// serve gives the session its services.
func (s *Session) serve() {
	s.Workbooks = newWorkbooksService(s)
	s.Datasources = newDatasourcesService(s)
	s.Views = &ViewsService{s: s}
	s.CustomViews = &CustomViewsService{s}
	s.Flows = newFlowsService(s)
	s.VirtualConnections = &VirtualConnectionsService{s}
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
	s.Tags = &TagsService{s}
	s.Metadata = &MetadataService{s}
	s.Metrics = &MetricsService{s}
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
	return decodeChild[T](answer, name, err)
}

// decodeChild reads the element of an answer, unless there is an error or no such element.
func decodeChild[T any](answer *element, name string, err error) (T, error) {
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
	var got *answer
	err := s.signed(ctx, q, func(base *url.URL, q *request) (err error) {
		got, err = s.client.send(ctx, base, q)
		return err
	})
	if err != nil {
		return nil, err
	}
	return got.Response, nil
}

// signed sends a request with the token of the session. With one that the server does not take it signs in again and sends it
// once more, which is safe for every request: the server has done nothing.
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
	unclear := false // what was sent before the renewal may have been carried out
	for renewed := false; ; renewed = true {
		g, serial, err := s.ready(ctx)
		if err != nil {
			return err
		}
		q2.token = g.token
		err = send(g.base, &q2)
		refused, ok := errors.AsType[*Error](err)
		if !ok {
			return err
		}
		unclear = unclear || refused.ambiguous
		refused.ambiguous = unclear
		if renewed || !refused.expired() {
			return err
		}
		if renewErr := s.renew(ctx, serial, err); renewErr != nil {
			if unclear { // which the error of the renewal does not know
				return fmt.Errorf("%w: %w", err, renewErr)
			}
			return renewErr
		}
	}
}

// SiteLUID is the LUID of the site.
func (s *Session) SiteLUID() string { return s.site.siteLUID }

// SiteContentURL is the site's part of the URL; "" is the Default site.
func (s *Session) SiteContentURL() string { return s.site.contentURL }

// UserLUID is the LUID of the user who signed in.
func (s *Session) UserLUID() string { return s.site.userLUID }

// ServerURL is the address of the server that took the sign-in, without a slash at the end.
func (s *Session) ServerURL() string { return s.state.last().base.String() }

// ExpiresAt is when the server will end the session, by what it said at the last sign-in; some servers let it last longer while
// it is used. It is zero when the server did not say. The session is renewed by itself a minute before.
func (s *Session) ExpiresAt() time.Time { return s.state.last().expires }

// Version is the API version the session uses.
func (s *Session) Version() Version { return s.version }

// Cloud says that the server is one of Tableau Cloud, by its address.
func (s *Session) Cloud() bool { return isCloud(s.state.last().base) }

// String names the site and the server.
func (s *Session) String() string {
	return fmt.Sprintf("rest.Session(site %q of %s)", s.site.contentURL, s.ServerURL())
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
