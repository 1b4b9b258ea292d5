package main

import (
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/tabtemplate/tabtemplate/rest"
)

// A second sign-in is told by flags and variables of its own, and is else the first one's, to another site.
func TestSecondSignIn(t *testing.T) {
	t.Setenv(configVariable, t.TempDir())
	t.Setenv(passwordVariable, "first")
	t.Setenv("TABTEMPLATE_TO_PASSWORD", "second")
	to := func(server, site, user, password string) signIn {
		return signIn{server: server, site: site, credentials: rest.UserPassword{Name: user, Password: password}}
	}
	first := []string{"--server", "https://a", "--site", "x", "--user", "ana"}
	for _, c := range []struct {
		args []string
		env  map[string]string
		want signIn
		err  string
	}{
		{want: to("https://a", "x", "ana", "first")},
		{args: []string{"--to-site", "y"}, want: to("https://a", "y", "ana", "first")},
		{args: []string{"--to-site", ""}, want: to("https://a", "", "ana", "first")},
		{env: map[string]string{"TABTEMPLATE_TO_SITE": "y"}, want: to("https://a", "y", "ana", "first")},
		{args: []string{"--to-server", "https://b", "--to-user", "eve"}, want: to("https://b", "", "eve", "second")},
		{args: []string{"--to-user", "eve"}, env: map[string]string{"TABTEMPLATE_TO_SERVER": "https://b"}, want: to("https://b", "", "eve", "second")},
		{args: []string{"--to-user", "eve"}, err: "--to-user or --to-token-name says who signs in to --to-server, and that is not given"},
		{args: []string{"--to-server", "https://b"}, err: "who signs in to https://b? Say it with --to-token-name or --to-user, or with TABTEMPLATE_TO_TOKEN_NAME or TABTEMPLATE_TO_USER"},
		{args: []string{"--to-server", "https://b", "--to-profile", "p"}, err: "--to-server and --to-profile exclude each other: which says where to sign in to?"},
		{args: []string{"--to-profile", "p"}, err: `there is no profile "p"`},
	} {
		t.Run(strings.Join(c.args, " "), func(t *testing.T) {
			for name, value := range c.env {
				t.Setenv(name, value)
			}
			var in sessionFlags
			second := sessionFlags{prefix: "to-", like: &in}
			cmd := &cobra.Command{Use: "copy", RunE: func(cmd *cobra.Command, _ []string) error {
				got, err := second.signIn(t.Context(), &app{}, cmd.InOrStdin())
				if text := errorText(err); text != c.err {
					t.Errorf("the error is %q, want %q", text, c.err)
				}
				if err == nil && got != c.want {
					t.Errorf("%s, site %q, as %v; want %s, site %q, as %v", got.server, got.site, got.credentials, c.want.server, c.want.site, c.want.credentials)
				}
				return nil
			}}
			in.flags(cmd)
			second.flags(cmd)
			cmd.SetArgs(append(first, c.args...))
			cmd.SetIn(strings.NewReader(""))
			if err := cmd.Execute(); err != nil {
				t.Error(err)
			}
		})
	}
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
