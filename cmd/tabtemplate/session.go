package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"

	"github.com/spf13/cobra"

	"github.com/tabtemplate/tabtemplate/rest"
	"github.com/tabtemplate/tabtemplate/templates"
	"github.com/tabtemplate/tabtemplate/templates/deploy"
)

// The variables of the environment that say how to sign in.
const (
	serverVariable      = "TABTEMPLATE_SERVER"
	siteVariable        = "TABTEMPLATE_SITE"
	userVariable        = "TABTEMPLATE_USER"
	passwordVariable    = "TABTEMPLATE_PASSWORD"
	tokenNameVariable   = "TABTEMPLATE_TOKEN_NAME"
	tokenSecretVariable = "TABTEMPLATE_TOKEN_SECRET"
)

// sessionFlags are those of the verbs that work on one site of a server. Where to sign in to is said by one of these, the
// first that is there: --server, a manifest named with --file, TABTEMPLATE_SERVER, the manifest of the current folder.
type sessionFlags struct {
	server    string
	site      string // of a server its content URL, of a manifest its key
	user      string
	password  string // path of a file
	tokenName string
	token     string // path of a file

	siteGiven, fileGiven bool
}

func (f *sessionFlags) flags(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.server, "server", "", "the `URL` of the server (default $"+serverVariable+", else the manifest's)")
	flags.StringVar(&f.site, "site", "", "the `SITE`: with a server the part of the URL that names it (default $"+siteVariable+", else the Default site), with a manifest its key there")
	flags.StringVar(&f.user, "user", "", "the `NAME` to sign in with (default $"+userVariable+")")
	flags.StringVar(&f.password, "password-file", "", "the `FILE` with the password, - for the input (default $"+passwordVariable+", else asked for)")
	flags.StringVar(&f.tokenName, "token-name", "", "the `NAME` of the personal access token to sign in with (default $"+tokenNameVariable+")")
	flags.StringVar(&f.token, "token-file", "", "the `FILE` with the secret of that, - for the input (default $"+tokenSecretVariable+", else asked for)")
	before := cmd.PreRunE
	cmd.PreRunE = func(cmd *cobra.Command, args []string) error {
		f.siteGiven, f.fileGiven = flags.Changed("site"), cmd.Flags().Changed("file")
		if before != nil {
			return before(cmd, args)
		}
		return nil
	}
}

// signIn is where to sign in to, and with what.
type signIn struct {
	server, site string
	credentials  rest.Credentials
}

// withSession runs work signed in, and signs out.
func (a *app) withSession(cmd *cobra.Command, f *sessionFlags, work func(context.Context, *rest.Session) error) (err error) {
	in, err := f.signIn(cmd.Context(), a, cmd.InOrStdin())
	if err != nil {
		return err
	}
	s, err := in.open(cmd.Context())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.SignOut(context.WithoutCancel(cmd.Context()))) }()
	return work(cmd.Context(), s)
}

// open signs in.
func (in signIn) open(ctx context.Context) (*rest.Session, error) {
	c, err := rest.NewClient(in.server, rest.WithHTTPClient(&http.Client{Transport: directTransport()}))
	if err != nil {
		return nil, &usageError{err}
	}
	return c.SignIn(ctx, in.credentials, in.site)
}

// signIn finds out where to sign in to, and with what. It asks for what is missing where there is somebody to ask.
func (f *sessionFlags) signIn(ctx context.Context, a *app, stdin io.Reader) (signIn, error) {
	switch {
	case f.server != "" && f.fileGiven:
		return signIn{}, usagef("--server and --file exclude each other: which says where to sign in to?")
	case f.server != "":
		return f.onServer(ctx, a, stdin, f.server)
	case f.fileGiven:
		return f.ofManifest(a)
	case os.Getenv(serverVariable) != "":
		return f.onServer(ctx, a, stdin, os.Getenv(serverVariable))
	}
	if _, err := os.Stat(a.manifest); !errors.Is(err, fs.ErrNotExist) {
		return f.ofManifest(a)
	}
	return signIn{}, usagef("which server? Say it with --server or %s, or run this in the folder of a manifest", serverVariable)
}

// onServer signs in by flags and the environment.
func (f *sessionFlags) onServer(ctx context.Context, a *app, stdin io.Reader, server string) (signIn, error) {
	in := signIn{server: server, site: f.site}
	if !f.siteGiven {
		in.site = os.Getenv(siteVariable)
	}
	user, token := f.user, f.tokenName
	if user == "" && token == "" {
		user, token = os.Getenv(userVariable), os.Getenv(tokenNameVariable)
	}
	switch {
	case user != "" && token != "":
		return in, usagef("who signs in, the user %q or the personal access token %q? Say one", user, token)
	case user != "":
		secret, err := f.secret(ctx, a, stdin, "password of "+user, f.password, passwordVariable, "--password-file")
		in.credentials = rest.UserPassword{Name: user, Password: secret}
		return in, err
	case token != "":
		secret, err := f.secret(ctx, a, stdin, "secret of token "+token, f.token, tokenSecretVariable, "--token-file")
		in.credentials = rest.PersonalAccessToken{Name: token, Secret: secret}
		return in, err
	}
	return in, usagef("who signs in to %s? Say it with --token-name or --user, or with %s or %s", server, tokenNameVariable, userVariable)
}

// secret reads a secret from its file, from the environment, or from who sits at the terminal.
func (f *sessionFlags) secret(ctx context.Context, a *app, stdin io.Reader, what, path, variable, flag string) (string, error) {
	var text string
	var err error
	_, asked := terminalOf(stdin)
	switch {
	case path == "-" || path == "" && os.Getenv(variable) == "" && asked:
		text, err = a.askSecret(ctx, what, stdin)
	case path != "":
		var read []byte
		read, err = os.ReadFile(path)
		text = withoutLineEnd(read)
	default:
		text = os.Getenv(variable)
	}
	if err != nil {
		return "", fmt.Errorf("reading the %s: %w", what, err)
	}
	if text == "" {
		return "", usagef("the %s is missing: %s names a file that has it, and %s is it", what, flag, variable)
	}
	return text, nil
}

// ofManifest signs in to a site of the manifest as publish does.
func (f *sessionFlags) ofManifest(a *app) (signIn, error) {
	if f.user+f.password+f.tokenName+f.token != "" {
		return signIn{}, usagef("%s says who signs in; with --server the flags do", a.manifest)
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
	return signIn{site.Server.URL, site.ContentURL, credentials}, err
}
