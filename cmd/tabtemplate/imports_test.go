package main

import (
	"bytes"
	"encoding/json"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/tabtemplate/tabtemplate/"

// arrows are all the imports of this module's packages among themselves that are
// allowed. Nothing may import cmd.
var arrows = map[string][]string{
	"packaging":                          nil,
	"documents/internal/xmledit":         nil,
	"documents/tds":                      {"documents/internal/xmledit"},
	"documents/twb":                      {"documents/internal/xmledit", "documents/tds"},
	"documents":                          {"documents/internal/xmledit", "documents/tds", "documents/twb", "packaging"},
	"documents/internal/doctest":         {"documents"}, // for tests alone
	"rest/escaped":                       nil,
	"rest":                               {"rest/escaped"},
	"rest/emulator":                      {"documents", "documents/tds", "documents/twb", "packaging", "rest/emulator/internal/export", "rest/emulator/internal/graphql", "rest/emulator/internal/webpage", "rest/emulator/internal/state", "rest/emulator/internal/strictyaml"},
	"rest/emulator/internal/export":      nil,
	"rest/emulator/internal/graphql":     nil,
	"rest/emulator/internal/state":       nil,
	"rest/emulator/internal/strictyaml":  nil,
	"rest/emulator/internal/webpage":     {"rest/emulator/browsertest"}, // for tests alone
	"rest/emulator/browsertest":          nil,
	"templates":                          {"documents", "documents/tds", "documents/twb", "rest/escaped"},
	"templates/deploy":                   {"documents", "documents/tds", "documents/twb", "packaging", "rest", "templates"},
	"templates/replicate":                {"documents", "documents/tds", "rest", "templates/deploy"},
	"templates/scaffold":                 {"documents", "documents/tds", "templates"},
	"cmd/tabtemplate/internal/manual":    nil,
	"cmd/tabtemplate/internal/modelpage": {"cmd/tabtemplate/internal/onepage", "rest/emulator/browsertest"}, // the latter for tests alone
	"cmd/tabtemplate/internal/onepage":   nil,
	"cmd/tabtemplate/internal/planpage":  {"cmd/tabtemplate/internal/onepage", "rest/emulator/browsertest"}, // the latter for tests alone
	"cmd/tabtemplate/internal/profile":   {"packaging"},
	"cmd/tabtemplate": {
		"cmd/tabtemplate/internal/manual",
		"cmd/tabtemplate/internal/modelpage",
		"cmd/tabtemplate/internal/planpage",
		"cmd/tabtemplate/internal/profile",
		"documents",
		"documents/tds",
		"documents/twb",
		"packaging",
		"rest",
		"rest/emulator",
		"templates",
		"templates/deploy",
		"templates/replicate",
		"templates/scaffold",
	},
}

func TestImportArrows(t *testing.T) {
	t.Parallel()
	list := exec.Command("go", "list", "-deps", "-json=ImportPath,Imports", "./...")
	list.Dir = "../.."
	out, err := list.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	seen := 0
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var pkg struct {
			ImportPath string
			Imports    []string
		}
		if err := d.Decode(&pkg); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		name, ours := strings.CutPrefix(pkg.ImportPath, module)
		if !ours {
			continue
		}
		seen++
		allowed, ok := arrows[name]
		if !ok {
			t.Errorf("%s: the table of arrows does not have this package", name)
		}
		for _, imported := range pkg.Imports {
			if to, ours := strings.CutPrefix(imported, module); ours && !slices.Contains(allowed, to) {
				t.Errorf("%s must not import %s", name, to)
			}
		}
	}
	if seen != len(arrows) {
		t.Errorf("%d packages, the table of arrows has %d", seen, len(arrows))
	}
}
