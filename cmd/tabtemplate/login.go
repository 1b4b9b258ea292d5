package main

import (
	"cmp"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tabtemplate/tabtemplate/cmd/tabtemplate/internal/profile"
	"github.com/tabtemplate/tabtemplate/rest"
)

func (a *app) loginCommand() *cobra.Command {
	var in sessionFlags
	cmd := &cobra.Command{
		Use:   "login [NAME] --server URL [--site SITE] [--user NAME | --token-name NAME]",
		Short: "Save where to sign in to, and with what, as a profile",
		Long: `login signs in once, and when that works it saves server, site and who signs in as a profile.
The commands that work on a site of a server then need no flags: they take the profile of the
last login, or the one that --profile names. NAME is "default" when it is left out.

The password, or the secret of the token, is asked for on a terminal and is not shown; elsewhere
it comes from a file or from the environment. It is kept in the keyring of this system; where
there is none, it is in a file that only you can read, and login says where.

login NAME of a profile that is there asks for its secret again, such as for a new password.

A personal access token has one session at a time: of two commands that use it at once, one fails.
Give those that run side by side tokens of their own.`,
		Example: `  tabtemplate login --server https://tableau.example.com --user ana
  tabtemplate login prod --server https://tableau.example.com --site finance --token-name ci
  tabtemplate login prod --token-file new-secret.txt
  tabtemplate workbooks --profile prod`,
		Args:              atMostOneArg("the NAME of the profile"),
		ValidArgsFunction: completeProfiles,
		RunE:              func(cmd *cobra.Command, args []string) error { return a.login(cmd, &in, argument(args)) },
	}
	in.serverFlags(cmd, "that of the profile", "that of the profile")
	return cmd
}

func (a *app) logoutCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "logout [NAME]",
		Short: "Forget a profile and its secret",
		Long: `logout takes a profile away, and its secret out of the keyring: the profile of the last login,
or the one that is named. On the server nothing changes: a personal access token is good for as
long as it was, until it is revoked there.`,
		Example: `  tabtemplate logout
  tabtemplate logout prod`,
		Args:              atMostOneArg("the NAME of the profile"),
		ValidArgsFunction: completeProfiles,
		RunE: func(_ *cobra.Command, args []string) error {
			store, err := profileStore()
			if err != nil {
				return err
			}
			name, err := store.Remove(argument(args))
			if err != nil {
				return noProfile(err)
			}
			a.note("profile %q is gone", name)
			return nil
		},
	}
}

// profileRow is what `profiles --json` tells of a profile.
type profileRow struct {
	profile.Profile
	Secret  string `json:"secret"`  // where it is kept: keyring or file
	Default bool   `json:"default"` // it is taken where none is named
}

func (a *app) profilesCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "profiles",
		Short: "List the saved profiles",
		Long: `profiles lists what login has saved; the default one, which the last login made, has a *. Secrets
are not shown: SECRET says where one is kept.

With --json each has name, server, site, user, token_name, secret and default.`,
		Example: `  tabtemplate profiles
  tabtemplate profiles --json`,
		Args: noArgs,
		RunE: func(*cobra.Command, []string) error { return a.listProfiles() },
	}
}

func (a *app) listProfiles() error {
	store, err := profileStore()
	if err != nil {
		return err
	}
	saved, err := store.All()
	if err != nil {
		return err
	}
	rows := []profileRow{}
	t := newTable(a.stdout, "PROFILE", "SERVER", "SITE", "SIGNS IN", "SECRET", "")
	for _, p := range saved {
		row := profileRow{p.Profile, "keyring", p.Default}
		if p.InFile {
			row.Secret = "file"
		}
		who, mark := "user "+p.User, ""
		if p.TokenName != "" {
			who = "token " + p.TokenName
		}
		if p.Default {
			mark = "*"
		}
		rows = append(rows, row)
		t.AppendRow([]any{p.Name, p.Server, p.Site, who, row.Secret, mark})
	}
	if a.json {
		return a.printJSON(rows)
	}
	t.Render()
	return nil
}

// login signs in and saves how. What is not said of a profile that is there stays as it is.
func (a *app) login(cmd *cobra.Command, in *sessionFlags, name string) error {
	store, err := profileStore()
	if err != nil {
		return err
	}
	server := cmp.Or(in.server, in.env(serverVariable))
	if server == "" {
		known, err := store.Find(name)
		if _, missing := errors.AsType[*profile.NotFoundError](err); missing {
			return usagef("which server? Say it with --server or %s", serverVariable)
		} else if err != nil {
			return err
		}
		name, server = known.Name, known.Server
		if !in.siteGiven {
			in.site, in.siteGiven = known.Site, true
		}
		if in.user == "" && in.tokenName == "" {
			in.user, in.tokenName = known.User, known.TokenName
		}
	}
	name = cmp.Or(name, profile.Default)
	if err := profile.CheckName(name); err != nil {
		return &usageError{err}
	}
	to, err := in.onServer(cmd.Context(), a, cmd.InOrStdin(), server)
	if err != nil {
		return err
	}
	s, err := to.open(cmd.Context(), a.log())
	if err != nil {
		return err
	}
	to.server = s.ServerURL()
	if err := signOut(cmd.Context(), s); err != nil {
		return err
	}
	return a.saveProfile(store, name, to)
}

func (a *app) saveProfile(store *profile.Store, name string, in signIn) error {
	p := profile.Profile{Name: name, Server: in.server, Site: in.site}
	var secret, who string
	switch c := in.credentials.(type) {
	case rest.UserPassword:
		p.User, secret, who = c.Name, c.Password, "user "+c.Name
	case rest.PersonalAccessToken:
		p.TokenName, secret, who = c.Name, c.Secret, "token "+c.Name
	}
	inFile, err := store.Save(p, secret)
	if err != nil {
		return fmt.Errorf("saving profile %q: %w", name, err)
	}
	site := "the Default site"
	if p.Site != "" {
		site = fmt.Sprintf("site %q", p.Site)
	}
	a.note("profile %q: %s on %s of %s", name, who, site, p.Server)
	if inFile != nil {
		a.note("this system has no keyring that can be used (%v): the secret is in %s, which only you can read", inFile, store.Path())
	}
	return nil
}

// note tells people what was done.
func (a *app) note(format string, args ...any) {
	if !a.quiet {
		fmt.Fprintf(a.stderr, format+"\n", args...)
	}
}

// atMostOneArg accepts one argument or none.
func atMostOneArg(what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) > 1 {
			return usagef("%s takes one argument at most, %s", cmd.Name(), what)
		}
		return nil
	}
}

// argument is the one argument, "" for none.
func argument(args []string) string { return strings.Join(args, "") }
