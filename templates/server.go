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

// SignIn says who signs in to a server: a personal access token, or a user with a password. One pair is empty.
type SignIn struct {
	TokenName   string
	TokenSecret Secret
	User        string
	Password    Secret
}

// serverSettings is what a manifest or one of its sites says of a server. What a site leaves out is the manifest's.
type serverSettings struct {
	server Server
	signIn *signInSettings
}

type signInSettings struct {
	token          bool
	name, password *value // of the token or of the user
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
		return Server{URL: u.Scheme + "://" + strings.ToLower(u.Host)}
	}
	return Server{URL: text} // so that the sites are not said to have none
}

func (d *decoder) signIn(n *yaml.Node) *signInSettings {
	var token, user, password *value
	text := func(to **value, what string) func(n *yaml.Node) {
		return func(n *yaml.Node) { *to = d.text(n, what, use{secrets: true}) }
	}
	settings := &signInSettings{}
	if !d.record(n, "sign_in", fields{
		"user":     text(&user, "user"),
		"password": text(&password, "password"),
		"token": func(n *yaml.Node) {
			settings.token = d.record(n, "token", fields{"name": text(&token, "name"), "secret": text(&settings.password, "secret")}) &&
				d.required(n, "token", "name", "secret")
		},
	}) {
		return nil
	}
	switch hasToken, hasUser := d.has(n, "token"), d.has(n, "user") || d.has(n, "password"); {
	case hasToken && hasUser:
		d.problem(n, "", "sign_in must have a token, or a user and a password, not both")
	case hasToken:
		settings.name = token
	case hasUser:
		d.required(n, "sign_in", "user", "password")
		settings.name, settings.password = user, password
	default:
		d.problem(n, "", "sign_in must have a token, or a user and a password")
	}
	return settings
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
	name, _ := e.text(s.signIn.name)
	password, _ := e.text(s.signIn.password)
	if len(e.found) > 0 {
		return SignIn{}, fmt.Errorf("signing in to site %q: %w", s.Key, s.masked(e))
	}
	if s.signIn.token {
		return SignIn{TokenName: name, TokenSecret: Secret(password)}, nil
	}
	return SignIn{User: name, Password: Secret(password)}, nil
}
