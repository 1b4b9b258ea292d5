package documents_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/tabtemplate/tabtemplate/packaging"
)

var update = flag.Bool("update", false, "write testdata/demo/sales.twbx anew")

// TestDemoPackage keeps the workbook of the demo what testdata/README.md says it is:
// the files of its folder, packed as Tableau packs them.
func TestDemoPackage(t *testing.T) {
	t.Parallel()
	demo := filepath.Join("..", "testdata", "demo")
	at := time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
	entry := func(name string) packaging.Change {
		data, err := os.ReadFile(filepath.Join(demo, "sales", filepath.FromSlash(name)))
		if err != nil {
			t.Fatal(err)
		}
		return packaging.Change{Name: name, Content: packaging.Bytes(data), Modified: at}
	}
	pkg, err := packaging.Create(entry("Sales.twb"), entry("Image/logo.png"))
	if err != nil {
		t.Fatal(err)
	}
	var want bytes.Buffer
	if _, err := pkg.WriteTo(&want); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(demo, "sales.twbx")
	if *update {
		if err := os.WriteFile(path, want.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil || !bytes.Equal(got, want.Bytes()) {
		t.Errorf("%s is not what its folder holds (%v): run go test ./documents -run DemoPackage -update", path, err)
	}
}
