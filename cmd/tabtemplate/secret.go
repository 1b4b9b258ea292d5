package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/zalando/go-keyring"
	"golang.org/x/term"
)

const (
	// keyringService is what the secrets in the system's keyring belong to.
	keyringService = "tabtemplate"
	// secretsVariable names the folder of the secrets where --secrets does not.
	secretsVariable = "TABTEMPLATE_SECRETS"
	// maxSecret is the most bytes that are read of a secret. Keyrings take fewer.
	maxSecret = 64 << 10
)

func (a *app) secretCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "secret",
		Short: "Keep the secrets that the manifest reads with secret(NAME)",
		Long: `secret puts secrets into the keyring of this system, from where the expressions of a
manifest read them: ${secret("NAME")}. Nothing shows them again.

Where there is no keyring, as on a server or in a container, --secrets DIR reads each secret
from the file of that name in a folder, which is how Kubernetes and Docker mount secrets. Put
the files there with their means.`,
		Example: `  tabtemplate secret set tableau-token
  tabtemplate secret delete tableau-token`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(a.secretSetCommand(), a.secretDeleteCommand())
	return cmd
}

func (a *app) secretSetCommand() *cobra.Command {
	var dryRun bool
	cmd := &cobra.Command{
		Use:   "set NAME",
		Short: "Put a secret into the keyring, over what has its name",
		Long: `set asks for the secret on a terminal, and does not show what is typed. Else it reads the
secret from its input, whose last line end is no part of it.`,
		Example: `  tabtemplate secret set tableau-token
  pass show tableau/token | tabtemplate secret set tableau-token`,
		Args: oneArg("NAME"),
		RunE: func(cmd *cobra.Command, args []string) error { return a.setSecret(cmd, args[0], dryRun) },
	}
	cmd.Flags().BoolVar(&dryRun, "dry-run", false, "say what would be done, and ask for no secret")
	return cmd
}

func (a *app) secretDeleteCommand() *cobra.Command {
	var dryRun bool
	cmd := &cobra.Command{
		Use:   "delete NAME",
		Short: "Take a secret out of the keyring",
		Long: `delete takes a secret out of the keyring. A manifest that reads it with secret(NAME) fails
from then on.`,
		Example: `  tabtemplate secret delete tableau-token --dry-run
  tabtemplate secret delete tableau-token`,
		Args: oneArg("NAME"),
		RunE: func(_ *cobra.Command, args []string) error { return a.deleteSecret(args[0], dryRun) },
	}
	cmd.Flags().BoolVar(&dryRun, "dry-run", false, "say what would be done, and leave the secret there")
	return cmd
}

// oneArg accepts one argument.
func oneArg(what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) != 1 {
			return usagef("%s takes one argument, %s", cmd.Name(), what)
		}
		return nil
	}
}

func (a *app) setSecret(cmd *cobra.Command, name string, dryRun bool) error {
	if err := a.inKeyring(name); err != nil {
		return err
	}
	if dryRun {
		_, err := keyring.Get(keyringService, name)
		switch {
		case err == nil:
			fmt.Fprintf(a.stdout, "would put the secret %q into the keyring, over the one that is there\n", name)
		case errors.Is(err, keyring.ErrNotFound):
			fmt.Fprintf(a.stdout, "would put the secret %q into the keyring\n", name)
		default:
			return keyringError(name, err)
		}
		return nil
	}
	secret, err := a.askSecret(cmd.Context(), name, cmd.InOrStdin())
	switch {
	case err != nil:
		return fmt.Errorf("reading the secret: %w", err)
	case secret == "":
		return usagef("the secret is empty")
	}
	return keyringError(name, keyring.Set(keyringService, name, secret))
}

func (a *app) deleteSecret(name string, dryRun bool) error {
	if err := a.inKeyring(name); err != nil {
		return err
	}
	if !dryRun {
		return keyringError(name, keyring.Delete(keyringService, name))
	}
	if _, err := keyring.Get(keyringService, name); err != nil {
		return keyringError(name, err)
	}
	fmt.Fprintf(a.stdout, "would take the secret %q out of the keyring\n", name)
	return nil
}

// inKeyring refuses what cannot be done in the keyring.
func (a *app) inKeyring(name string) error {
	if dir := a.secretsFolder(); dir != "" {
		return usagef("the secrets are the files of the folder %s, and not in the keyring: leave out --secrets and %s", dir, secretsVariable)
	}
	return secretName(name)
}

// askSecret asks for a secret where there is somebody to ask, and else takes what there is to read.
func (a *app) askSecret(ctx context.Context, name string, stdin io.Reader) (string, error) {
	f, asked := terminalOf(stdin)
	if !asked {
		text, err := io.ReadAll(io.LimitReader(stdin, maxSecret+1))
		if err == nil && len(text) > maxSecret {
			err = fmt.Errorf("more than %d bytes", maxSecret)
		}
		return withoutLineEnd(text), err
	}
	before, err := term.GetState(int(f.Fd()))
	if err != nil {
		return "", err
	}
	fmt.Fprintf(a.stderr, "%s: ", name)
	defer fmt.Fprintln(a.stderr)
	var text []byte
	typed := make(chan error, 1)
	go func() {
		read, err := term.ReadPassword(int(f.Fd()))
		text = read
		typed <- err
	}()
	select {
	case err := <-typed:
		return string(text), err
	case <-ctx.Done(): // the terminal would go on without echo
		return "", errors.Join(ctx.Err(), term.Restore(int(f.Fd()), before))
	}
}

// terminalOf is the terminal that an input is, where somebody can be asked.
func terminalOf(stdin io.Reader) (*os.File, bool) {
	f, isFile := stdin.(*os.File)
	return f, isFile && term.IsTerminal(int(f.Fd()))
}

// secret reads a secret for the manifest.
func (a *app) secret(name string) (string, error) {
	if err := secretName(name); err != nil {
		return "", err
	}
	dir := a.secretsFolder()
	if dir == "" {
		text, err := keyring.Get(keyringService, name)
		return text, keyringError(name, err)
	}
	text, err := os.ReadFile(filepath.Join(dir, name))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", fmt.Errorf("there is no secret %q: the folder %s has no such file", name, dir)
	case err != nil:
		return "", fmt.Errorf("reading the secret %q: %w", name, err)
	}
	return withoutLineEnd(text), nil
}

// secretsFolder is the folder of the secrets, "" for the keyring.
func (a *app) secretsFolder() string { return cmp.Or(a.secrets, os.Getenv(secretsVariable)) }

// secretName refuses names that no file of a folder can have, in the keyring too, so that a manifest can go from one to
// the other.
func secretName(name string) error {
	if name == "." || !filepath.IsLocal(name) || strings.ContainsAny(name, `/\`) {
		return usagef("%q cannot be the name of a secret: it names a file", name)
	}
	return nil
}

// withoutLineEnd is a text without the line end that editors put last.
func withoutLineEnd(text []byte) string {
	return strings.TrimSuffix(strings.TrimSuffix(string(text), "\n"), "\r")
}

// keyringError says what to do about an error of the keyring.
func keyringError(name string, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, keyring.ErrNotFound):
		return fmt.Errorf("there is no secret %q in the keyring: `tabtemplate secret set %s` puts it there", name, name)
	case errors.Is(err, keyring.ErrSetDataTooBig):
		return fmt.Errorf("the secret %q is too long for the keyring of this system", name)
	}
	return fmt.Errorf("this system has no keyring that can be used (%w): keep the secrets in the files of a folder and name it with "+
		"--secrets, or read them with env or file", err)
}
