package rest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
)

// SiteSettings are what can be set of a site. What is nil stays as it is, or as the server has it for new sites.
type SiteSettings struct {
	AdminMode                 *AdminMode `api:"@adminMode"`
	UserQuota                 *int       `api:"@userQuota"`    // with ContentAndUsers alone; -1 for no limit
	StorageQuota              *int       `api:"@storageQuota"` // megabytes; -1 for no limit
	TierCreatorCapacity       *int       `api:"@tierCreatorCapacity"`
	TierExplorerCapacity      *int       `api:"@tierExplorerCapacity"`
	TierViewerCapacity        *int       `api:"@tierViewerCapacity"`
	DisableSubscriptions      *bool      `api:"@disableSubscriptions"`
	SubscribeOthersEnabled    *bool      `api:"@subscribeOthersEnabled"`
	RevisionHistoryEnabled    *bool      `api:"@revisionHistoryEnabled"`
	RevisionLimit             *int       `api:"@revisionLimit"` // 2 to 10000, or -1 for no limit
	GuestAccessEnabled        *bool      `api:"@guestAccessEnabled"`
	CacheWarmupEnabled        *bool      `api:"@cacheWarmupEnabled"`
	CommentingEnabled         *bool      `api:"@commentingEnabled"`
	DataAlertsEnabled         *bool      `api:"@dataAlertsEnabled"`
	EditingFlowsEnabled       *bool      `api:"@editingFlowsEnabled"`
	SchedulingFlowsEnabled    *bool      `api:"@schedulingFlowsEnabled"`
	CatalogingEnabled         *bool      `api:"@catalogingEnabled"`
	RunNowEnabled             *bool      `api:"@runNowEnabled"`
	ExtractEncryptionMode     *string    `api:"@extractEncryptionMode"`
	AutoSuspendRefreshEnabled *bool      `api:"@autoSuspendRefreshEnabled"`
	UseDefaultTimeZone        *bool      `api:"@useDefaultTimeZone"`
	TimeZone                  *string    `api:"@timeZone"`

	// Attributes are others, by their names on the wire and as they are to be written there. One that has a field is refused.
	Attributes map[string]string `api:"@*"`
}

var (
	contentURLPattern = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)
	attributePattern  = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9]*$`)
)

func checkContentURL(contentURL string) error {
	if !contentURLPattern.MatchString(contentURL) {
		return fmt.Errorf("the content URL %q of a site holds other than letters, digits, hyphens and underscores, or nothing", contentURL)
	}
	return nil
}

// checkSettings refuses settings that no site can have. T is the struct they are in.
func checkSettings[T any](s SiteSettings) error {
	var errs []error
	if deref(s.AdminMode) == ContentOnly && s.UserQuota != nil {
		errs = append(errs, errors.New("a site whose administrators do not manage its users (ContentOnly) has no user quota"))
	}
	for _, number := range []struct {
		name  string
		value *int
		least int
	}{
		{"user quota", s.UserQuota, -1},
		{"storage quota", s.StorageQuota, -1},
		{"capacity for creators", s.TierCreatorCapacity, 0},
		{"capacity for explorers", s.TierExplorerCapacity, 0},
		{"capacity for viewers", s.TierViewerCapacity, 0},
	} {
		if deref(number.value) < number.least {
			errs = append(errs, fmt.Errorf("the %s %d is less than %d", number.name, *number.value, number.least))
		}
	}
	if n := s.RevisionLimit; n != nil && *n != -1 && (*n < 2 || *n > 10000) {
		errs = append(errs, fmt.Errorf("the revision limit %d is neither between 2 and 10000 nor -1", *n))
	}
	for _, name := range slices.Sorted(maps.Keys(s.Attributes)) {
		if !attributePattern.MatchString(name) {
			errs = append(errs, fmt.Errorf("%q is not the name of an attribute", name))
		} else if len(placesLike[T](place{attr: name})) > 0 {
			errs = append(errs, fmt.Errorf("the attribute %s has a field of its own", name))
		}
	}
	return errors.Join(errs...)
}

// SiteCreate describes a site to make.
type SiteCreate struct {
	Name       string `api:"@name"`       // required
	ContentURL string `api:"@contentUrl"` // required: letters, digits, hyphens and underscores
	SiteSettings
}

// Create makes a site ("Create Site"). A name or content URL that another site has is an [ErrConflict].
func (ss *SitesService) Create(ctx context.Context, c SiteCreate) (Site, error) {
	site, err := ss.create(ctx, c)
	if err != nil {
		return Site{}, fmt.Errorf("creating site %q: %w", c.Name, err)
	}
	return site, nil
}

func (ss *SitesService) create(ctx context.Context, c SiteCreate) (Site, error) {
	errs := []error{checkContentURL(c.ContentURL), checkSettings[SiteCreate](c.SiteSettings)}
	if c.Name == "" {
		errs = append(errs, errors.New("the name is empty"))
	}
	if err := errors.Join(errs...); err != nil {
		return Site{}, err
	}
	q := &request{op: "Create Site", method: http.MethodPost, scope: versionScope, path: "sites"}
	if err := q.carry(encodeElement("site", c)); err != nil {
		return Site{}, err
	}
	site, _, err := create(ctx, ss.s, q, "site", func() (Site, error) { return ss.read(ctx, c.ContentURL, "key=contentUrl") })
	return site, err
}

// SiteUpdate is what to change of a site.
type SiteUpdate struct {
	Name       *string    `api:"@name"`
	ContentURL *string    `api:"@contentUrl"`
	State      *SiteState `api:"@state"`
	SiteSettings
}

// Update changes a site ("Update Site"). State, quotas, content URL and mode of administration are for administrators of the
// server.
func (ss *SitesService) Update(ctx context.Context, luid string, u SiteUpdate) (Site, error) {
	site, err := ss.update(ctx, luid, u)
	if err != nil {
		return Site{}, fmt.Errorf("updating site %q: %w", luid, err)
	}
	return site, nil
}

func (ss *SitesService) update(ctx context.Context, luid string, u SiteUpdate) (Site, error) {
	errs := []error{checkSettings[SiteUpdate](u.SiteSettings)}
	if u.ContentURL != nil {
		errs = append(errs, checkContentURL(*u.ContentURL))
	}
	if u.Name != nil && *u.Name == "" {
		errs = append(errs, errors.New("the name is empty"))
	}
	if err := errors.Join(errs...); err != nil {
		return Site{}, err
	}
	q, err := ss.request(http.MethodPut, "Update Site", luid)
	if err != nil {
		return Site{}, err
	}
	if err := q.carry(encodeElement("site", u)); err != nil {
		return Site{}, err
	}
	return read[Site](ctx, ss.s, q, "site")
}

// Delete deletes the site of the session with all that is on it, and ends the session with it ("Delete Site"). Another site than
// that is refused: sign in to it first. The Default site stays.
func (ss *SitesService) Delete(ctx context.Context, luid string) error {
	if err := ss.delete(ctx, luid); err != nil {
		return fmt.Errorf("deleting site %q: %w", luid, err)
	}
	return nil
}

func (ss *SitesService) delete(ctx context.Context, luid string) error {
	q, err := ss.deletion(luid)
	if err != nil {
		return err
	}
	_, err = ss.s.call(ctx, q)
	if refused, ok := errors.AsType[*Error](err); ok && refused.ambiguous && ss.isGone(ctx, luid) {
		err = nil
	}
	if err == nil {
		ss.s.state.end(fmt.Errorf("%w: its site has been deleted", ErrSignedOut))
	}
	return err
}

// isGone says that there is no such site any more, or nobody to be signed in to it.
func (ss *SitesService) isGone(ctx context.Context, luid string) bool {
	_, err := ss.read(ctx, luid, "")
	return errors.Is(err, ErrNotFound) || errors.Is(err, ErrAuthentication)
}

// DeleteAsJob has the server delete the site of the session in the background ("Delete Site", API 3.18). A server that does it
// at once answers no job: what comes back then is zero.
func (ss *SitesService) DeleteAsJob(ctx context.Context, luid string) (Job, error) {
	q, err := ss.deletion(luid)
	var job Job
	if err == nil {
		q.since, q.query = Version{3, 18}, "asJob=true"
		job, err = startWork(ctx, ss.s, q)
	}
	if err != nil {
		return Job{}, fmt.Errorf("deleting site %q: %w", luid, err)
	}
	return job, nil
}

// deletion is the request that deletes a site. It is sent once: the second would come without a session.
func (ss *SitesService) deletion(luid string) (*request, error) {
	if luid != ss.s.SiteLUID() {
		return nil, fmt.Errorf("the session is on %s, another site: sign in to the one to be deleted", siteName(ss.s.SiteContentURL()))
	}
	q, err := ss.request(http.MethodDelete, "Delete Site", luid)
	if err == nil {
		q.once = true
	}
	return q, err
}

// EncryptExtracts encrypts the extracts of a site ("Encrypt Extracts in a Site", API 3.5). The server goes on with it after it
// has answered.
func (ss *SitesService) EncryptExtracts(ctx context.Context, luid string) error {
	return ss.extracts(ctx, "Encrypt Extracts in a Site", "encrypting", "encrypt-extracts", luid)
}

// DecryptExtracts decrypts the extracts of a site ("Decrypt Extracts in a Site", API 3.5).
func (ss *SitesService) DecryptExtracts(ctx context.Context, luid string) error {
	return ss.extracts(ctx, "Decrypt Extracts in a Site", "decrypting", "decrypt-extracts", luid)
}

// ReencryptExtracts encrypts the extracts of a site with new keys ("Reencrypt Extracts in a Site", API 3.5).
func (ss *SitesService) ReencryptExtracts(ctx context.Context, luid string) error {
	return ss.extracts(ctx, "Reencrypt Extracts in a Site", "encrypting anew", "reencrypt-extracts", luid)
}

func (ss *SitesService) extracts(ctx context.Context, op, doing, word, luid string) error {
	q, err := ss.request(http.MethodPost, op, luid)
	if err == nil {
		q.since, q.path = sinceExtracts, q.path+"/"+word
		_, err = ss.s.send(ctx, q)
	}
	if err != nil {
		return fmt.Errorf("%s the extracts of site %q: %w", doing, luid, err)
	}
	return nil
}
