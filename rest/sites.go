package rest

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"strings"
)

// A Site is a site of the server ("Query Site"). It has more than a hundred attributes; those without a field here are in
// Attributes.
type Site struct {
	LUID                      string    `api:"@id"`
	Name                      string    `api:"@name"`
	ContentURL                string    `api:"@contentUrl"` // its part of the URL, "" for the Default site
	AdminMode                 AdminMode `api:"@adminMode"`
	State                     SiteState `api:"@state"`
	UserQuota                 int       `api:"@userQuota"`           // users with a licence at most, 0 or -1 without a limit
	StorageQuota              int       `api:"@storageQuota"`        // megabytes at most, 0 or -1 without a limit
	TierCreatorCapacity       int       `api:"@tierCreatorCapacity"` // users of each licence at most
	TierExplorerCapacity      int       `api:"@tierExplorerCapacity"`
	TierViewerCapacity        int       `api:"@tierViewerCapacity"`
	DisableSubscriptions      bool      `api:"@disableSubscriptions"`
	SubscribeOthersEnabled    bool      `api:"@subscribeOthersEnabled"`
	RevisionHistoryEnabled    bool      `api:"@revisionHistoryEnabled"`
	RevisionLimit             int       `api:"@revisionLimit"` // revisions kept of each workbook and data source
	GuestAccessEnabled        bool      `api:"@guestAccessEnabled"`
	CacheWarmupEnabled        bool      `api:"@cacheWarmupEnabled"`
	CommentingEnabled         bool      `api:"@commentingEnabled"`
	DataAlertsEnabled         bool      `api:"@dataAlertsEnabled"`
	EditingFlowsEnabled       bool      `api:"@editingFlowsEnabled"`
	SchedulingFlowsEnabled    bool      `api:"@schedulingFlowsEnabled"`
	CatalogingEnabled         bool      `api:"@catalogingEnabled"`
	RunNowEnabled             bool      `api:"@runNowEnabled"`             // extracts may be refreshed out of schedule
	ExtractEncryptionMode     string    `api:"@extractEncryptionMode"`     // enforced, enabled or disabled
	AutoSuspendRefreshEnabled bool      `api:"@autoSuspendRefreshEnabled"` // of extracts nobody looks at
	UseDefaultTimeZone        bool      `api:"@useDefaultTimeZone"`
	TimeZone                  string    `api:"@timeZone"`

	// Attributes are the others, by their names on the wire and as they are written there.
	Attributes map[string]string `api:"@*"`
}

// An AdminMode is who manages the users of a site.
type AdminMode string

// The modes of administration.
const (
	ContentAndUsers AdminMode = "ContentAndUsers" // its own administrators
	ContentOnly     AdminMode = "ContentOnly"     // those of the server alone
)

// A SiteState says whether a site can be used.
type SiteState string

// The states of a site.
const (
	SiteActive    SiteState = "Active"
	SiteSuspended SiteState = "Suspended" // only administrators of the server sign in
)

// SiteUsage is what is used of a site.
type SiteUsage struct {
	Users     int `api:"@numUsers"` // with a licence
	Creators  int `api:"@numCreators"`
	Explorers int `api:"@numExplorers"`
	Viewers   int `api:"@numViewers"`
	StorageMB int `api:"@storage"`
}

// SitesService works with the sites of the server. All but the session's own are for administrators of the server, whom
// Tableau Cloud does not have. Current reads the session's site. To work on a new site, sign in to it, or go there by
// [Session.SwitchSite].
type SitesService struct{ s *Session }

// All lists the sites of the server ("Query Sites"). The list has no filters.
func (ss *SitesService) All(ctx context.Context, q Query) iter.Seq2[Site, error] {
	return listing[Site]{op: "Query Sites", scope: versionScope, path: "sites", query: q, items: []string{"sites", "site"}}.all(ctx, ss.s)
}

// Current reads the site of the session ("Query Site").
func (ss *SitesService) Current(ctx context.Context) (Site, error) {
	return ss.ByLUID(ctx, ss.s.SiteLUID())
}

// ByLUID reads a site ("Query Site").
func (ss *SitesService) ByLUID(ctx context.Context, luid string) (Site, error) {
	site, err := ss.read(ctx, luid, "")
	if err != nil {
		return Site{}, fmt.Errorf("reading site %q: %w", luid, err)
	}
	return site, nil
}

// ByName reads the site with a name ("Query Site"). No such site is an [ErrNotFound].
func (ss *SitesService) ByName(ctx context.Context, name string) (Site, error) {
	err := errors.New("the name is empty")
	var site Site
	if name != "" {
		site, err = ss.read(ctx, name, "key=name")
	}
	if err != nil {
		return Site{}, fmt.Errorf("finding site %q: %w", name, err)
	}
	return site, nil
}

// Find is ByLUID for what looks like a LUID, and else ByName.
func (ss *SitesService) Find(ctx context.Context, nameOrLUID string) (Site, error) {
	if luidForm.MatchString(nameOrLUID) {
		return ss.ByLUID(ctx, nameOrLUID)
	}
	return ss.ByName(ctx, nameOrLUID)
}

// ByContentURL reads the site with a part of the URL, "" for the Default site ("Query Site"). No such site is an [ErrNotFound].
func (ss *SitesService) ByContentURL(ctx context.Context, contentURL string) (Site, error) {
	site, err := ss.byContentURL(ctx, contentURL)
	if err != nil {
		return Site{}, fmt.Errorf("finding %s: %w", siteName(contentURL), err)
	}
	return site, nil
}

func (ss *SitesService) byContentURL(ctx context.Context, contentURL string) (Site, error) {
	switch {
	case contentURL != "":
		return ss.read(ctx, contentURL, "key=contentUrl")
	case ss.s.SiteContentURL() == "":
		return ss.read(ctx, ss.s.SiteLUID(), "")
	}
	for site, err := range ss.All(ctx, Query{PageSize: maxPage}) { // no path has an empty part
		if err != nil || site.ContentURL == "" {
			return site, err
		}
	}
	return Site{}, &NotFoundError{Kind: "site"}
}

// Usage is what is used of a site ("Query Site").
func (ss *SitesService) Usage(ctx context.Context, luid string) (SiteUsage, error) {
	var site usedSite
	q, err := ss.request(http.MethodGet, "Query Site", luid)
	if err == nil {
		q.query = "includeUsage=true"
		site, err = read[usedSite](ctx, ss.s, q, "site")
	}
	if err != nil {
		return SiteUsage{}, fmt.Errorf("reading the usage of site %q: %w", luid, err)
	}
	return site.Usage, nil
}

type usedSite struct {
	Usage SiteUsage `api:"usage"`
}

func (ss *SitesService) read(ctx context.Context, id, query string) (Site, error) {
	q, err := ss.request(http.MethodGet, "Query Site", id)
	if err != nil {
		return Site{}, err
	}
	q.query = query
	return read[Site](ctx, ss.s, q, "site")
}

// request is a call about one site. A plus is escaped, because servers may take it for a space.
func (ss *SitesService) request(method, op, id string) (*request, error) {
	if err := checkLUID("site", id); err != nil {
		return nil, err
	}
	path := "sites/" + strings.ReplaceAll(segments(id), "+", "%2B")
	return &request{op: op, method: method, scope: versionScope, path: path}, nil
}
