package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What init writes for a real file checks, renders and publishes as it is. Only a workbook that refers to a published data
// source, which the emulator does not have, is not published; init says so.
func TestInitCorpus(t *testing.T) {
	t.Parallel()
	roots := []string{filepath.Join("..", "..", "testdata")}
	corpus := filepath.Join("..", "..", "..", "shared", "corpus")
	if _, err := os.Stat(corpus); err == nil {
		roots = append(roots, corpus)
	} else {
		t.Log("there are no real files in ../shared/corpus next to the repository")
	}
	tested := 0
	for _, root := range roots {
		err := filepath.WalkDir(root, func(path string, _ os.DirEntry, err error) error {
			switch strings.ToLower(filepath.Ext(path)) {
			case ".twb", ".twbx", ".tds", ".tdsx":
				tested++
				t.Run(filepath.Base(path), func(t *testing.T) { t.Parallel(); initAndPublish(t, path) })
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	}
	if tested < 9 {
		t.Errorf("%d files", tested)
	}
}

func initAndPublish(t *testing.T, path string) {
	manifest := filepath.Join(t.TempDir(), "tabtemplate.yaml")
	command := func(args ...string) (int, string) {
		var stdout, stderr bytes.Buffer
		code := run(t.Context(), append(args, "-f", manifest), strings.NewReader(""), &stdout, &stderr)
		return code, stdout.String() + stderr.String()
	}
	code, said := command("init", path)
	if code != exitOK {
		t.Fatalf("init: %d\n%s", code, said)
	}
	refers := strings.Contains(said, "refers to the published data source")
	for _, args := range [][]string{
		{"check"}, {"check", "--all"}, {"render", "--all", "--out", filepath.Join(filepath.Dir(manifest), "out")}, {"plan", "--all"},
	} {
		if code, said := command(args...); code != exitOK {
			t.Errorf("%s: %d\n%s", args, code, said)
		}
	}
	switch code, said := command("publish", "--all"); {
	case refers && (code != exitSites || !strings.Contains(said, "not found on site")):
		t.Errorf("publish without a data source: %d\n%s", code, said)
	case !refers && code != exitOK:
		t.Errorf("publish: %d\n%s", code, said)
	}
}
