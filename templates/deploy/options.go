package deploy

import (
	"errors"
	"fmt"

	"github.com/tabtemplate/tabtemplate/rest"
	"github.com/tabtemplate/tabtemplate/templates"
)

// Options say how to work on the sites. The zero value works on all of them.
type Options struct {
	// Sites to work on, each once; nil for all of the manifest. Those that the Shard does not have are left out.
	Sites []*templates.Site
	Shard Shard
	// Jobs is how many sites of each server are worked on at a time; 0 for 4. Sites that sign in with one personal access token
	// are worked on one after the other, because a server keeps one session for each token.
	Jobs int
	// Retries is how often sites are tried again, once all others are done, that failed for a reason that may pass: a server
	// that does not answer, or too many requests. 0 for 1, a negative number for not at all.
	Retries int
	// MaxFailures is the number of failed sites after which no further site is begun or tried again; 0 for no limit. Those that are
	// to be tried again count, too.
	MaxFailures int
	// Stop is asked before each site; once it says so no further site is begun, and those that were are finished. nil for never.
	Stop func() bool

	// Client makes the client of a server; it is asked once for each, also when it fails, and for several servers at a
	// time. nil for rest.NewClient(server.URL).
	Client func(templates.Server) (*rest.Client, error)
	// Credentials are what a site is signed in to with; nil for those of the manifest.
	Credentials func(*templates.Site) (rest.Credentials, error)

	// Store keeps what was published, so that what did not change is left alone; nil for none.
	Store Store
	// Resume goes on with the last run of the store if that was cut short and had the same sites and inputs: what it did is
	// not looked at again.
	Resume bool
	// Force publishes also what did not change.
	Force bool

	// Result is told of every result as it comes, SiteDone of every site when nothing more is done there, and Sent how many
	// more bytes of files have been sent: one call of them at a time, none of which may block. nil for nobody.
	Result   func(Result)
	SiteDone func(SiteResult)
	Sent     func(bytes int64)
}

const (
	defaultJobs    = 4
	defaultRetries = 1
)

// complete returns the options with their defaults.
func (o Options) complete(m *templates.Manifest) (Options, error) {
	var errs []error
	if o.Jobs < 0 {
		errs = append(errs, fmt.Errorf("%d jobs at a time: it must be 1 or more", o.Jobs))
	}
	if o.MaxFailures < 0 {
		errs = append(errs, fmt.Errorf("at most %d failures: it must be 1 or more, or 0 for any number", o.MaxFailures))
	}
	if o.Resume && o.Store == nil {
		errs = append(errs, errors.New("there is no store to resume from"))
	}
	if o.Sites == nil {
		o.Sites = m.Sites()
	}
	if s := o.Shard; s != (Shard{}) && (s.Index < 1 || s.Index > s.Count) {
		errs = append(errs, fmt.Errorf("there is no shard %d/%d: the first of four is 1/4", s.Index, s.Count))
		return o, errors.Join(errs...)
	}
	seen := map[*templates.Site]bool{}
	for _, s := range o.Sites {
		if seen[s] {
			errs = append(errs, fmt.Errorf("site %q is given twice", s.Key))
		}
		seen[s] = true
	}
	o.Sites = o.Shard.Sites(o.Sites)
	if o.Jobs == 0 {
		o.Jobs = defaultJobs
	}
	if o.Retries == 0 {
		o.Retries = defaultRetries
	}
	if o.Client == nil {
		o.Client = func(s templates.Server) (*rest.Client, error) { return rest.NewClient(s.URL) }
	}
	if o.Credentials == nil {
		o.Credentials = Credentials
	}
	if o.Store == nil {
		o.Store = NewMemoryStore()
	}
	return o, errors.Join(errs...)
}

// Credentials are those with which the manifest signs in to a site. A connected app whose scopes it does not say has all that this
// package needs.
func Credentials(s *templates.Site) (rest.Credentials, error) {
	signIn, err := s.SignIn()
	switch {
	case err != nil:
		return nil, err
	case signIn.TokenName != "":
		return rest.PersonalAccessToken{Name: signIn.TokenName, Secret: string(signIn.TokenSecret)}, nil
	case signIn.ConnectedApp != nil:
		app := signIn.ConnectedApp
		scopes := app.Scopes
		if scopes == nil {
			scopes = publishScopes
		}
		return rest.ConnectedApp{
			ClientID: app.ClientID, SecretID: app.SecretID, SecretValue: string(app.Secret), UserName: app.User, Scopes: scopes,
		}, nil
	case signIn.User != "":
		return rest.UserPassword{Name: signIn.User, Password: string(signIn.Password)}, nil
	}
	return rest.UserPassword{Name: "admin", Password: "admin"}, nil // of the emulator, which lets anybody in
}

// publishScopes are what a connected app may be allowed at most for this package: to look at what there is, to publish it with all
// settings that a manifest has, and to read it back.
var publishScopes = []string{
	"tableau:content:read", "tableau:projects:create",
	"tableau:workbooks:create", "tableau:workbooks:update", "tableau:workbooks:download",
	"tableau:datasources:create", "tableau:datasources:update", "tableau:datasources:download",
	"tableau:file_uploads:create", "tableau:file_uploads:update", "tableau:jobs:read",
	"tableau:workbook_tags:update", "tableau:datasource_tags:update",
	"tableau:permissions:read", "tableau:permissions:update", "tableau:permissions:delete",
	"tableau:users:read", "tableau:groups:read",
	"tableau:schedules:read", "tableau:schedules:update",
	"tableau:tasks:read", "tableau:tasks:create", "tableau:tasks:update", "tableau:tasks:delete", "tableau:tasks:run",
}
