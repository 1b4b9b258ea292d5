package main

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tabtemplate/tabtemplate/templates"
)

// The manifest that --help shows is one.
func TestExampleManifest(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "tabtemplate.yaml")
	for name, text := range map[string]string{path: exampleManifest, filepath.Join(dir, "sales.twbx"): ""} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	m, err := templates.Load(path, templates.WithEnv(os.LookupEnv))
	if err != nil {
		t.Fatal(err)
	}
	if len(m.Warnings()) > 0 || len(m.Sites()) != 2 {
		t.Errorf("%d sites, warnings: %v", len(m.Sites()), m.Warnings())
	}
}

// An interrupted run stops before the next site, and says so.
func TestInterrupted(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errors.New("interrupted"))
	manifest, out := filepath.Join("..", "..", "testdata", "demo", "tabtemplate.yaml"), filepath.Join(t.TempDir(), "out")
	var stdout, stderr strings.Builder
	code := run(ctx, []string{"render", "--all", "-f", manifest, "--out", out}, strings.NewReader(""), &stdout, &stderr)
	if code != exitFailed || stdout.Len() > 0 || stderr.String() != "error: rendering: interrupted\n" {
		t.Errorf("exit code %d\n%s%s", code, stdout.String(), stderr.String())
	}
	if _, err := os.Stat(out); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("there is something in %s: %v", out, err)
	}
}
