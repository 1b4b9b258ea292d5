package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tabtemplate/tabtemplate/templates"
)

// Files that cannot be written leave nothing behind: not the one before, not a folder.
func TestWriteFails(t *testing.T) {
	t.Parallel()
	m, err := templates.Load(demo)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	r := &renderer{manifest: m, out: filepath.Join(dir, "out", "of")}
	if err := r.open(nil); err != nil {
		t.Fatal(err)
	}
	s := m.Sites()[0]
	var renderings []*templates.Rendering
	for _, template := range m.Templates() {
		rendering, err := r.template(s, template)
		if err != nil {
			t.Fatal(err)
		}
		renderings = append(renderings, rendering)
	}
	paths, err := r.paths(s, renderings)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.templates.Close(); err != nil { // from here on the package cannot be read
		t.Fatal(err)
	}
	if err := r.write(s, renderings, paths); err == nil {
		t.Error("nothing fails")
	}
	if there := filesIn(t, dir); there != "." {
		t.Errorf("it leaves %s", there)
	}
}

// filesIn lists all there is in a folder.
func filesIn(t *testing.T, dir string) string {
	t.Helper()
	var all []string
	err := fs.WalkDir(os.DirFS(dir), ".", func(path string, _ fs.DirEntry, err error) error {
		all = append(all, path)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(all, " ")
}

// When a file does not get to its place, those before it are gone, except where they replaced another.
func TestMoveAllFails(t *testing.T) {
	t.Parallel()
	from, to := t.TempDir(), t.TempDir()
	for _, path := range []string{filepath.Join(from, "new"), filepath.Join(from, "old"), filepath.Join(from, "last"), filepath.Join(to, "old")} {
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	paths := []string{filepath.Join(to, "new"), filepath.Join(to, "old"), filepath.Join(to, "nowhere", "last")}
	old, err := lookAt(paths)
	if err != nil {
		t.Fatal(err)
	}
	if err := moveAll(from, paths, old); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%v", err)
	}
	if there := filesIn(t, to); there != ". old" {
		t.Errorf("there is %s", there)
	}
}

// A file that is written again keeps its permissions: who made it private did so for a reason.
func TestPermissions(t *testing.T) {
	t.Parallel()
	out := t.TempDir()
	path := filepath.Join(out, "acme", "Orders.tds")
	args := []string{"render", "--site", "acme", "-f", demo, "--out", out}
	runOK(t, args...)
	if err := os.Chmod(path, 0o400); err != nil {
		t.Fatal(err)
	}
	runOK(t, args...)
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm()&0o222 != 0 {
		t.Errorf("%v", info.Mode())
	}
	if there := filesIn(t, out); there != ". acme acme/Orders.tds acme/Sales for Acme, Inc..twbx" {
		t.Errorf("there is %s", there)
	}
}
