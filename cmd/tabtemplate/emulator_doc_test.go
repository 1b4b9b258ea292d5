package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tabtemplate/tabtemplate/rest/emulator"
)

// The seed in docs/emulator.md is one that an emulator begins with.
func TestSeedOfTheDocument(t *testing.T) {
	t.Parallel()
	document, err := os.ReadFile("../../docs/emulator.md")
	if err != nil {
		t.Fatal(err)
	}
	_, seed, found := strings.Cut(string(document), "```yaml seed\n")
	seed, _, closed := strings.Cut(seed, "```")
	if !found || !closed {
		t.Fatal("there is no seed in the document")
	}
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "world.yaml")
	if err := os.WriteFile(file, []byte(seed), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(filepath.Join(filepath.Dir(file), "testdata"), os.DirFS(filepath.Join(root, "testdata"))); err != nil {
		t.Fatal(err)
	}
	world, err := emulator.LoadSeed(file, nil)
	if err != nil {
		t.Fatal(err)
	}
	server, err := emulator.New(emulator.WithSeed(world))
	if err != nil {
		t.Fatal(err)
	}
	server.Close()
}
