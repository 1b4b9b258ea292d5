package templates

import (
	"fmt"
	"net/url"
	"strings"

	"go.yaml.in/yaml/v4"
)

// emulatorURL is the address that `url: emulator` stands for.
const emulatorURL = "http://tableau.localhost"

// A Server is where a site lives.
type Server struct {
	// URL has a scheme and a host, and no slash at its end.
	URL string
	// Emulator says that the manifest asks for a Tableau Server inside this process; URL is then the address of that.
	Emulator bool
}

// SignIn says who signs in to a server: a personal access token, a user with a password, or a connected app. The others are
// empty.
type SignIn struct {
	TokenName    string
	TokenSecret  Secret
	User         string
	Password     Secret
	ConnectedApp *ConnectedApp
}

// A ConnectedApp signs in as a user with what the scopes allow, without a secret of the user's.
type ConnectedApp struct {
	ClientID string // of the connected app
	SecretID string // of one of its secrets
	Secret   Secret
	User     string
	Scopes   []string // such as tableau:content:read; nil when the manifest does not say
}

// serverSettings is what a manifest or one of its sites says of a server. What a site leaves out is the manifest's.
type serverSettings struct {
	server Server
	signIn *signInSettings
}

// signInSettings is a `sign_in`, as it is written.
type signInSettings struct {
	tokenName, tokenSecret *value
	user, password         *value
	app                    *connectedAppSettings
}

type connectedAppSettings struct {
	clientID, secretID, secret, user *value
	scopes                           *list
}

func (d *decoder) serverSettings(n *yaml.Node, what string) serverSettings {
	var s serverSettings
	d.record(n, what, fields{
		"url":     func(n *yaml.Node) { s.server = d.serverURL(n) },
		"sign_in": func(n *yaml.Node) { s.signIn = d.signIn(n) },
	})
	return s
}

func (d *decoder) serverURL(n *yaml.Node) Server { return d.serverOf(d.word(n, "url"), d.src.node(n)) }

// serverOf is the server with an address, none for "".
func (d *decoder) serverOf(text string, at location) Server {
	switch {
	case text == "":
		return Server{}
	case text == "emulator":
		return Server{URL: emulatorURL, Emulator: true}
	}
	const hint = "write https://tableau.example.com, or emulator"
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "":
		d.report(at.problem(hint, "url %q is not the address of a server", text))
	case u.User != nil || u.RawQuery != "" || u.Fragment != "" || strings.Trim(u.Path, "/") != "":
		d.report(at.problem(hint, "url must be a scheme and a host, and nothing after it"))
	default:
		host := strings.ToLower(u.Host)
		if standard := map[string]string{"https": ":443", "http": ":80"}[u.Scheme]; strings.HasSuffix(host, standard) {
			host = strings.TrimSuffix(host, standard) // so that one server is one, however it is written
		}
		return Server{URL: u.Scheme + "://" + host}
	}
	return Server{URL: text} // so that the sites are not said to have none
}

func (d *decoder) signIn(n *yaml.Node) *signInSettings {
	settings := &signInSettings{}
	text := func(to **value, what string) func(n *yaml.Node) {
		return func(n *yaml.Node) { *to = d.text(n, what, use{secrets: true}) }
	}
	if !d.record(n, "sign_in", fields{
		"user":     text(&settings.user, "user"),
		"password": text(&settings.password, "password"),
		"token": func(n *yaml.Node) {
			if d.record(n, "token", fields{"name": text(&settings.tokenName, "name"), "secret": text(&settings.tokenSecret, "secret")}) {
				d.required(n, "token", "name", "secret")
			}
		},
		"connected_app": func(n *yaml.Node) {
			app := &connectedAppSettings{}
			settings.app = app
			const what = "connected_app"
			if d.record(n, what, fields{
				"client_id": text(&app.clientID, "client_id"), "secret_id": text(&app.secretID, "secret_id"),
				"secret": text(&app.secret, "secret"), "user": text(&app.user, "user"),
				"scopes": func(n *yaml.Node) { app.scopes = d.names(n, "scopes") },
			}) {
				d.required(n, what, "client_id", "secret_id", "secret", "user")
			}
		},
	}) {
		return nil
	}
	const ways = "a token, a connected_app, or a user and a password"
	given := 0
	for _, is := range []bool{d.has(n, "token"), d.has(n, "connected_app"), d.has(n, "user") || d.has(n, "password")} {
		if is {
			given++
		}
	}
	switch {
	case given > 1:
		d.problem(n, "", "sign_in must have one of these alone: "+ways)
	case given == 0:
		d.problem(n, "", "sign_in must have "+ways)
	case d.has(n, "user") || d.has(n, "password"):
		d.required(n, "sign_in", "user", "password")
	}
	return settings
}

// on evaluates a sign_in for a site. Secrets are read only by an evaluator that may.
func (settings *signInSettings) on(e *evaluator) SignIn {
	s := SignIn{
		TokenName: e.selector(settings.tokenName), TokenSecret: Secret(e.selector(settings.tokenSecret)),
		User: e.selector(settings.user), Password: Secret(e.selector(settings.password)),
	}
	if app := settings.app; app != nil {
		s.ConnectedApp = &ConnectedApp{
			ClientID: e.selector(app.clientID), SecretID: e.selector(app.secretID), Secret: Secret(e.selector(app.secret)),
			User: e.selector(app.user), Scopes: e.distinct(app.scopes, wordFault),
		}
	}
	return s
}

// SignIn evaluates the sign_in of the site's server. The secrets of the manifest are read at each call. For the emulator,
// which can let everybody in, it may be empty; for another server a manifest that has none is an error.
func (s *Site) SignIn() (SignIn, error) {
	if s.signIn == nil && s.Server.Emulator {
		return SignIn{}, nil
	}
	if s.signIn == nil {
		return SignIn{}, fmt.Errorf("the manifest does not say how to sign in to %s for site %q: it has no sign_in", s.Server.URL, s.Key)
	}
	e := s.evaluator()
	e.secrets = true
	signIn := s.signIn.on(e)
	if len(e.found) > 0 {
		return SignIn{}, fmt.Errorf("signing in to site %q: %w", s.Key, s.masked(e))
	}
	return signIn, nil
}
