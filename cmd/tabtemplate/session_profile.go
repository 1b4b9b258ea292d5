package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/tabtemplate/tabtemplate/cmd/tabtemplate/internal/profile"
	"github.com/tabtemplate/tabtemplate/rest"
)

// configVariable names the folder of the profiles.
const configVariable = "TABTEMPLATE_CONFIG"

// profileStore is where the profiles are.
func profileStore() (*profile.Store, error) {
	dir := os.Getenv(configVariable)
	if dir == "" {
		config, err := os.UserConfigDir()
		if err != nil {
			return nil, fmt.Errorf("finding the folder of the profiles, which %s can name: %w", configVariable, err)
		}
		dir = filepath.Join(config, "tabtemplate")
	}
	return profile.Open(dir)
}

// ofProfile signs in as a profile says, with "" the default one.
func (f *sessionFlags) ofProfile(name string) (signIn, error) {
	store, err := profileStore()
	if err != nil {
		return signIn{}, err
	}
	p, err := store.Find(name)
	if missing, ok := errors.AsType[*profile.NotFoundError](err); ok && name == "" {
		return signIn{}, nowhere(missing)
	} else if err != nil {
		return signIn{}, noProfile(err)
	}
	if f.saysWho() {
		return signIn{}, usagef("profile %q says who signs in; with %s the flags do", p.Name, f.flag("server"))
	}
	secret, err := store.Secret(p.Name)
	if err != nil {
		return signIn{}, &profileError{p.Name, err}
	}
	in := signIn{server: p.Server, site: p.Site, credentials: rest.UserPassword{Name: p.User, Password: secret}, profile: p.Name}
	if p.TokenName != "" {
		in.credentials = rest.PersonalAccessToken{Name: p.TokenName, Secret: secret}
	}
	if f.siteGiven {
		in.site = f.site
	}
	return in, nil
}

// nowhere is the error of a command that nothing says where to sign in to.
func nowhere(missing *profile.NotFoundError) error {
	text := "which server? Say it with --server or %s, save it once with `tabtemplate login`, or run this in the folder of a manifest"
	if len(missing.Names) > 0 {
		return usagef(text+" (%w)", serverVariable, missing)
	}
	return usagef(text, serverVariable)
}

// noProfile makes a usage error of a profile that is not there.
func noProfile(err error) error {
	if _, ok := errors.AsType[*profile.NotFoundError](err); ok {
		return &usageError{err}
	}
	return err
}

// profileError is a profile that is of no use.
type profileError struct {
	name string
	err  error
}

func (e *profileError) Error() string { return e.err.Error() }

func (e *profileError) Unwrap() error { return e.err }

// Hint says how to sign in anew where the server, or the keyring, does not have the secret any more.
func (e *profileError) Hint() string {
	again := fmt.Sprintf("`tabtemplate login %s` asks for the secret of profile %q again", e.name, e.name)
	refused, ok := errors.AsType[*rest.Error](e.err)
	switch {
	case errors.Is(e.err, profile.ErrNoSecret):
		return again
	case !ok:
		return ""
	case errors.Is(e.err, rest.ErrAuthentication):
		return again + "; " + refused.Hint()
	}
	return refused.Hint()
}

// completeProfiles offers the names of the profiles.
func completeProfiles(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
	store, err := profileStore()
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	saved, err := store.All()
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var names []cobra.Completion
	for _, p := range saved {
		names = append(names, cobra.CompletionWithDesc(p.Name, p.Server))
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}
