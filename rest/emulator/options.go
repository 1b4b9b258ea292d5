package emulator

import (
	"cmp"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/tabtemplate/tabtemplate/rest/emulator/internal/state"
)

// An Option configures [New].
type Option func(*options) error

type options struct {
	version       apiVersion
	clock         func() time.Time
	newID         func() string
	open          bool
	strict        bool
	sites         []siteOption
	users         []userOption
	tokens        []tokenOption
	requestLimit  int64
	uploadLimit   int64
	storageLimit  int64
	sessionLimit  int
	concurrency   int
	idleLimit     time.Duration
	tokenLifetime time.Duration
	apps          []appOption
	issuers       []issuer
	saml          []string // content URLs of sites
	directory     []directoryGroup

	jobTime    time.Duration
	jobsByHand bool
	jobFaults  []*armedJobFault

	faults  []*armedFault
	control bool
	logged  int // requests to be remembered

	unreachable []string
	exports     map[string][]byte // by content URL, a full stop and format

	hosts  []string // names beside those of this machine under which the page is answered
	noPage bool

	seeds    []*Seed
	stateDir string          // of WithState; "" for memory
	snapshot *state.Snapshot // to begin with; nil for an empty world

	noMetadata bool

	webhookClient *http.Client // nil: messages are recorded, not sent
}

type siteOption struct{ contentURL, name string }

type userOption struct {
	name, password, role string
	sites                []string // nil for every site
}

type tokenOption struct{ name, secret, user string }

const mebibyte = 1 << 20

func defaults() options {
	return options{
		version:       apiVersion{3, 29},
		clock:         time.Now,
		newID:         randomLUID,
		requestLimit:  64 * mebibyte,
		uploadLimit:   1024 * mebibyte,
		storageLimit:  4096 * mebibyte,
		sessionLimit:  1000,
		concurrency:   1000,
		idleLimit:     240 * time.Minute,
		tokenLifetime: 365 * 24 * time.Hour,
	}
}

// randomLUID makes a LUID of the shape the schema asks for (resourceIdType), a random UUID.
func randomLUID() string {
	var b [16]byte
	rand.Read(b[:]) // never fails
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	return formatLUID(b)
}

func formatLUID(b [16]byte) string {
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[0:4], b[4:6], b[6:8], b[8:10], b[10:16])
}

// WithVersion sets the newest REST API version the server speaks, as "major.minor". Every version from 2.0 up to it is
// answered. The default is 3.29.
func WithVersion(version string) Option {
	return func(o *options) error {
		v, ok := parseVersion(version)
		if !ok || v.before(oldestVersion) {
			return fmt.Errorf("version %q is not a REST API version such as 3.29", version)
		}
		o.version = v
		return nil
	}
}

// WithClock sets the clock of the server: what objects are dated with, and what tokens, upload sessions and jobs run
// by. The emulator makes one call at a time. The default is [time.Now].
func WithClock(now func() time.Time) Option {
	return func(o *options) error {
		if now == nil {
			return errors.New("the clock is nil")
		}
		o.clock = now
		return nil
	}
}

// WithIDs sets the source of LUIDs, tokens and upload sessions. Every call must return another LUID, of the form
// 00000000-0000-4000-8000-000000000000 with any hexadecimal digits. The emulator makes one call at a time. The default
// is random.
func WithIDs(next func() string) Option {
	return func(o *options) error {
		if next == nil {
			return errors.New("the source of ids is nil")
		}
		o.newID = next
		return nil
	}
}

// WithSite adds a site under its content URL, the site's part of the URL. The name is what people see; "" stands for the
// content URL. The Default site, whose content URL is "", is always there.
func WithSite(contentURL, name string) Option {
	return func(o *options) error {
		if contentURL == "" {
			return errors.New(`site "": the Default site is always there`)
		}
		if !siteContentURL.MatchString(contentURL) {
			return fmt.Errorf("site %q: a content URL holds letters, digits, hyphens and underscores", contentURL)
		}
		if slices.ContainsFunc(o.sites, func(s siteOption) bool { return strings.EqualFold(s.contentURL, contentURL) }) {
			return fmt.Errorf("site %q is given twice", contentURL)
		}
		o.sites = append(o.sites, siteOption{contentURL, cmp.Or(name, contentURL)})
		return nil
	}
}

// WithUser adds a user who signs in with a password. The site role is one of Tableau's, such as
// SiteAdministratorCreator; only a ServerAdministrator may list the sites. The user is on the sites named by content
// URL, or on all that the options make when none is named. User names compare case-insensitively.
func WithUser(name, password, siteRole string, siteContentURLs ...string) Option {
	return func(o *options) error {
		switch {
		case name == "" || password == "":
			return fmt.Errorf("user %q: a user has a name and a password", name)
		case !slices.Contains(siteRoles, siteRole):
			return fmt.Errorf("user %q: site role %q is none of %s", name, siteRole, strings.Join(siteRoles, ", "))
		case o.hasUser(name):
			return fmt.Errorf("user %q is given twice", name)
		}
		o.users = append(o.users, userOption{name, password, siteRole, siteContentURLs})
		return nil
	}
}

// WithToken adds a personal access token of a user given with [WithUser].
func WithToken(name, secret, user string) Option {
	return func(o *options) error {
		if name == "" || secret == "" {
			return fmt.Errorf("token %q: a token has a name and a secret", name)
		}
		o.tokens = append(o.tokens, tokenOption{name, secret, user})
		return nil
	}
}

// WithOpen lets any credentials in. A user not known yet becomes a ServerAdministrator of the site signed in to, named
// as in the credentials, and a site not known yet is made. The default is to know only what the options say.
func WithOpen() Option {
	return func(o *options) error {
		o.open = true
		return nil
	}
}

// WithRequestLimit sets how many bytes of a file one request may carry. The default is 64 MiB, the documented limit of
// a single request.
func WithRequestLimit(bytes int64) Option {
	return func(o *options) error {
		o.requestLimit = bytes
		return positive("request limit", bytes)
	}
}

// WithUploadLimit sets how many bytes an upload in blocks may add up to; they are kept for an hour after the last
// block if nobody publishes them, and a site has 100 such uploads open at most. The default is 1 GiB.
func WithUploadLimit(bytes int64) Option {
	return func(o *options) error {
		o.uploadLimit = bytes
		return positive("upload limit", bytes)
	}
}

// WithIdleLimit sets how long a token lives after its last use. The default is 240 minutes, Tableau Server's own.
func WithIdleLimit(d time.Duration) Option {
	return func(o *options) error {
		o.idleLimit = d
		return positive("idle limit", int64(d))
	}
}

// WithWebhookClient sets the client that sends messages to webhooks, each once and after the request that led to it has
// been answered. The default is to record them only; see [Server.Deliveries].
func WithWebhookClient(client *http.Client) Option {
	return func(o *options) error {
		if client == nil {
			return errors.New("the client for webhooks is nil")
		}
		o.webhookClient = client
		return nil
	}
}

// WithUnreachable names servers that cannot be reached: to publish content with a connection to one of them is refused with
// 403132, unless the request has skipConnectionCheck=true. Names compare case-insensitively. The default is that every
// server can be reached.
func WithUnreachable(servers ...string) Option {
	return func(o *options) error {
		if slices.Contains(servers, "") {
			return errors.New("an unreachable server has no name")
		}
		o.unreachable = append(o.unreachable, servers...)
		return nil
	}
}

// WithExport has the server answer with bytes of the caller's own where it would make a file. The content URL is that of a
// view, such as "Sales/sheets/Map", or of a workbook for what is made of all of it. The format is the extension of the
// file: csv, pdf, png, pptx or xlsx; png is for previews, too. Filters and other parameters make no difference then. The
// default is a valid file that names the view and what is applied to it.
func WithExport(contentURL, format string, data []byte) Option {
	return func(o *options) error {
		if exportTypes[format] == "" {
			return fmt.Errorf("export of %q: format %q is none of csv, pdf, png, pptx, xlsx", contentURL, format)
		}
		if o.exports == nil {
			o.exports = make(map[string][]byte)
		}
		o.exports[contentURL+"."+format] = slices.Clone(data)
		return nil
	}
}

func positive(what string, n int64) error {
	if n <= 0 {
		return fmt.Errorf("%s must be more than 0", what)
	}
	return nil
}

func (o *options) hasUser(name string) bool {
	return slices.ContainsFunc(o.users, func(u userOption) bool { return strings.EqualFold(u.name, name) })
}

var siteContentURL = regexp.MustCompile(`^[A-Za-z0-9_-]*$`)
