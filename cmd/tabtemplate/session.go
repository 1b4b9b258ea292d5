package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/tabtemplate/tabtemplate/rest"
	"github.com/tabtemplate/tabtemplate/templates"
	"github.com/tabtemplate/tabtemplate/templates/deploy"
)

// The variables of the environment that say how to sign in.
const (
	serverVariable      = "TABTEMPLATE_SERVER"
	profileVariable     = "TABTEMPLATE_PROFILE"
	siteVariable        = "TABTEMPLATE_SITE"
	userVariable        = "TABTEMPLATE_USER"
	passwordVariable    = "TABTEMPLATE_PASSWORD"
	tokenNameVariable   = "TABTEMPLATE_TOKEN_NAME"
	tokenSecretVariable = "TABTEMPLATE_TOKEN_SECRET"
)

// sessionFlags are those of the verbs that work on one site of a server. Where to sign in to is said by one of these, the
// first that is there: --server, --profile, a manifest named with --file, TABTEMPLATE_SERVER, TABTEMPLATE_PROFILE, the manifest
// of the current folder, the profile of the last login.
//
// A verb that signs in twice has two of them. The flags and variables of the second one have a prefix, such as --to-server and
// TABTEMPLATE_TO_SERVER, and where those name no server it signs in as the first one does, to the site that --to-site names.
type sessionFlags struct {
	prefix string        // "to-", "" for none
	like   *sessionFlags // the first of two, nil for none

	server    string
	profile   string
	site      string // of a server or a profile its content URL, of a manifest its key
	user      string
	password  string // path of a file
	tokenName string
	token     string // path of a file

	siteGiven bool // by the flag or the variable
	fileGiven bool

	known map[string]string // secrets that were read, by what they are of: nobody is asked twice
}

func (f *sessionFlags) flags(cmd *cobra.Command) {
	otherwise, site, profile := "the manifest's or the profile's", "the profile's or the Default site", "the one of the last login"
	if f.like != nil {
		otherwise, site, profile = "that of --server", "that of --site", "what signs in to the site that is copied from"
	}
	f.text(cmd, &f.profile, "profile", "the profile to sign in with, by the `NAME` that login gave it", profileVariable, profile)
	cobra.CheckErr(cmd.RegisterFlagCompletionFunc(f.prefix+"profile", completeProfiles))
	f.serverFlags(cmd, otherwise, site)
}

// serverFlags are those that need no profile.
func (f *sessionFlags) serverFlags(cmd *cobra.Command, otherServer, otherSite string) {
	f.text(cmd, &f.server, "server", "the `URL` of the server", serverVariable, otherServer)
	f.text(cmd, &f.site, "site", "the `SITE`: the part of the URL that names it, with a manifest its key there", siteVariable, otherSite)
	f.text(cmd, &f.user, "user", "the `NAME` to sign in with", userVariable, "the profile's")
	f.text(cmd, &f.password, "password-file", "the `FILE` with the password, - for the input", passwordVariable, "asked for")
	f.text(cmd, &f.tokenName, "token-name", "the `NAME` of the personal access token to sign in with", tokenNameVariable, "the profile's")
	f.text(cmd, &f.token, "token-file", "the `FILE` with the secret of that, - for the input", tokenSecretVariable, "asked for")
	cobra.CheckErr(cmd.RegisterFlagCompletionFunc(f.prefix+"site", f.completeSite))
	before := cmd.PreRunE
	cmd.PreRunE = func(cmd *cobra.Command, args []string) error {
		f.siteGiven, f.fileGiven = cmd.Flags().Changed(f.prefix+"site"), f.like == nil && cmd.Flags().Changed("file")
		if site := f.env(siteVariable); site != "" && !f.siteGiven {
			f.site, f.siteGiven = site, true
		}
		if before != nil {
			return before(cmd, args)
		}
		return nil
	}
}

// text adds a flag that a variable stands in for.
func (f *sessionFlags) text(cmd *cobra.Command, p *string, name, usage, variable, otherwise string) {
	cmd.Flags().StringVar(p, f.prefix+name, "", usage+" (default $"+f.variable(variable)+", else "+otherwise+")")
}

// flag is how one of the flags is typed.
func (f *sessionFlags) flag(name string) string { return "--" + f.prefix + name }

// variable is the name of one of the variables: TABTEMPLATE_TO_SERVER for TABTEMPLATE_SERVER, with the prefix "to-".
func (f *sessionFlags) variable(name string) string {
	prefix := strings.ToUpper(strings.ReplaceAll(f.prefix, "-", "_"))
	return strings.Replace(name, "_", "_"+prefix, 1)
}

// env is the value of one of the variables.
func (f *sessionFlags) env(name string) string { return os.Getenv(f.variable(name)) }

// signIn is where to sign in to, and with what.
type signIn struct {
	server, site string
	credentials  rest.Credentials
	profile      string // that says so, "" for none
}

// withSession runs work signed in as flags say, and signs out.
func (a *app) withSession(cmd *cobra.Command, f *sessionFlags, work func(context.Context, *rest.Session) error) error {
	in, err := f.signIn(cmd.Context(), a, cmd.InOrStdin())
	if err != nil {
		return err
	}
	return a.signedIn(cmd.Context(), in, work)
}

// signedIn runs work signed in, and signs out.
func (a *app) signedIn(ctx context.Context, in signIn, work func(context.Context, *rest.Session) error) (err error) {
	s, err := in.open(ctx, a.log())
	if err != nil {
		return err
	}
	defer func() {
		if left := signOut(ctx, s); err == nil {
			err = left
		} // else it failed for the same reason, or for one that matters more
	}()
	return work(ctx, s)
}

// signOutTime is how long a server may take to sign out, for which a person waits who has interrupted a command.
const signOutTime = 5 * time.Second

// signOut signs out, also after an interrupt.
func signOut(ctx context.Context, s *rest.Session) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), signOutTime)
	defer cancel()
	return s.SignOut(ctx)
}

// open signs in.
func (in signIn) open(ctx context.Context, log rest.Option) (*rest.Session, error) {
	c, err := rest.NewClient(in.server, rest.WithHTTPClient(&http.Client{Transport: directTransport()}), log)
	if err != nil {
		return nil, &usageError{err}
	}
	s, err := c.SignIn(ctx, in.credentials, in.site)
	if err != nil && in.profile != "" {
		err = &profileError{in.profile, err}
	}
	return s, err
}

// signIn finds out where to sign in to, and with what. It asks for what is missing where there is somebody to ask.
func (f *sessionFlags) signIn(ctx context.Context, a *app, stdin io.Reader) (signIn, error) {
	if err := f.onePlace(); err != nil {
		return signIn{}, err
	}
	switch {
	case f.server != "":
		return f.onServer(ctx, a, stdin, f.server)
	case f.profile != "":
		return f.ofProfile(f.profile)
	case f.fileGiven:
		return f.ofManifest(a)
	case f.env(serverVariable) != "":
		return f.onServer(ctx, a, stdin, f.env(serverVariable))
	case f.env(profileVariable) != "":
		return f.ofProfile(f.env(profileVariable))
	case f.like != nil:
		return f.asFirst(ctx, a, stdin)
	}
	if _, err := os.Stat(a.manifest); !errors.Is(err, fs.ErrNotExist) {
		return f.ofManifest(a)
	}
	return f.ofProfile("")
}

// onePlace refuses flags that name more than one place to sign in to.
func (f *sessionFlags) onePlace() error {
	var said []string
	for _, place := range []struct {
		flag  string
		given bool
	}{{f.flag("server"), f.server != ""}, {f.flag("profile"), f.profile != ""}, {"--file", f.fileGiven}} {
		if place.given {
			said = append(said, place.flag)
		}
	}
	if len(said) > 1 {
		return usagef("%s exclude each other: which says where to sign in to?", strings.Join(said, " and "))
	}
	return nil
}

// asFirst signs in as the first of two does.
func (f *sessionFlags) asFirst(ctx context.Context, a *app, stdin io.Reader) (signIn, error) {
	if f.saysWho() {
		return signIn{}, usagef("%s says who signs in to %s, and that is not given", f.flag("user")+" or "+f.flag("token-name"), f.flag("server"))
	}
	first := *f.like
	if _, said := os.LookupEnv(f.variable(siteVariable)); said || f.siteGiven { // "" is the Default site
		first.site, first.siteGiven = f.site, true
	}
	return first.signIn(ctx, a, stdin)
}

// saysWho says whether flags say who signs in.
func (f *sessionFlags) saysWho() bool { return f.user+f.password+f.tokenName+f.token != "" }

// onServer signs in by flags and the environment.
func (f *sessionFlags) onServer(ctx context.Context, a *app, stdin io.Reader, server string) (signIn, error) {
	in := signIn{server: server, site: f.site}
	user, token := f.user, f.tokenName
	if user == "" && token == "" {
		user, token = f.env(userVariable), f.env(tokenNameVariable)
	}
	switch {
	case user != "" && token != "":
		return in, usagef("who signs in, the user %q or the personal access token %q? Say one", user, token)
	case user != "":
		secret, err := f.secret(ctx, a, stdin, "password of "+user, f.password, passwordVariable, "password-file")
		in.credentials = rest.UserPassword{Name: user, Password: secret}
		return in, err
	case token != "":
		secret, err := f.secret(ctx, a, stdin, "secret of token "+token, f.token, tokenSecretVariable, "token-file")
		in.credentials = rest.PersonalAccessToken{Name: token, Secret: secret}
		return in, err
	}
	return in, usagef("who signs in to %s? Say it with %s or %s, or with %s or %s", server, f.flag("token-name"), f.flag("user"),
		f.variable(tokenNameVariable), f.variable(userVariable))
}

// secret reads a secret from its file, from the environment, or from who sits at the terminal.
func (f *sessionFlags) secret(ctx context.Context, a *app, stdin io.Reader, what, path, variable, flag string) (string, error) {
	if text, ok := f.known[what]; ok {
		return text, nil
	}
	var text string
	var err error
	_, asked := terminalOf(stdin)
	switch {
	case path == "-" || path == "" && f.env(variable) == "" && asked:
		text, err = a.askSecret(ctx, what, stdin)
	case path != "":
		var read []byte
		read, err = os.ReadFile(path)
		text = withoutLineEnd(read)
	default:
		text = f.env(variable)
	}
	if err != nil {
		return "", fmt.Errorf("reading the %s: %w", what, err)
	}
	if text == "" {
		return "", usagef("the %s is missing: %s names a file that has it, and %s is it", what, f.flag(flag), f.variable(variable))
	}
	f.known = map[string]string{what: text}
	return text, nil
}

// ofManifest signs in to a site of the manifest as publish does.
func (f *sessionFlags) ofManifest(a *app) (signIn, error) {
	if f.saysWho() {
		return signIn{}, usagef("%s says who signs in; with %s the flags do", a.manifest, f.flag("server"))
	}
	s := &selection{sites: []string{f.site}}
	if !f.siteGiven {
		s = &selection{all: true}
	}
	m, err := a.read()
	if err != nil {
		return signIn{}, err
	}
	sites, err := s.pick(m)
	switch {
	case err != nil:
		return signIn{}, &usageError{err}
	case len(sites) > 1:
		return signIn{}, usagef("which site of %s? --site KEY: it has %s", a.manifest, count(len(sites), "site"))
	case sites[0].Server.Emulator:
		return signIn{}, usagef("site %q is on the emulator, which is there while tabtemplate publishes and no longer: `tabtemplate serve` keeps one running", sites[0].Key)
	}
	if err := checkSignIns(sites); err != nil {
		return signIn{}, err
	}
	return manifestSignIn(sites[0])
}

func manifestSignIn(site *templates.Site) (signIn, error) {
	credentials, err := deploy.Credentials(site)
	return signIn{server: site.Server.URL, site: site.ContentURL, credentials: credentials}, err
}
