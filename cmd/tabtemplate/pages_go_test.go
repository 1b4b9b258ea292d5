package main

import (
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// pagePackages are those that the Go on the pages uses.
var pagePackages = []string{
	"bytes", "cmp", "context", "errors", "fmt", "io", "iter", "log", "net/http", "os", "testing", "time",
	module + "documents", module + "documents/tds", module + "documents/twb", module + "packaging",
	module + "rest", module + "rest/emulator", module + "templates", module + "templates/deploy", module + "templates/replicate",
}

// The Go on the pages compiles: each block as the body of a function, with a context and a secret from elsewhere.
func TestGoOnPages(t *testing.T) {
	t.Parallel()
	fset := token.NewFileSet()
	checked := types.Config{
		Importer: importer.ForCompiler(fset, "gc", exported(t)),
		Error: func(err error) {
			if e, ok := err.(types.Error); !ok || !e.Soft { // what a page does not use is none
				t.Error(err)
			}
		},
	}
	blocks := 0
	for _, path := range pages(t) {
		for _, b := range blocksOf(t, path) {
			if b.lang != "go" {
				continue
			}
			blocks++
			var source strings.Builder
			source.WriteString("package page\n")
			for _, name := range pagePackages {
				fmt.Fprintf(&source, "import %q\n", name)
			}
			fmt.Fprintf(&source, "var ( ctx context.Context; secret string; t *testing.T )\nfunc _() {\n//line %s:%d\n%s}\n", b.page, b.line+1, b.text)
			file, err := parser.ParseFile(fset, "page.go", source.String(), 0)
			if err != nil {
				t.Error(err)
				continue
			}
			_, _ = checked.Check("page", fset, []*ast.File{file}, nil) // it has told of every error
		}
	}
	if blocks == 0 {
		t.Error("there is no Go on the pages")
	}
}

// exported opens what the compiler knows of packages.
func exported(t *testing.T) importer.Lookup {
	list := exec.CommandContext(t.Context(), "go", append([]string{"list", "-export", "-deps", "-f", "{{.ImportPath}} {{.Export}}"}, pagePackages...)...)
	list.Stderr = t.Output()
	out, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for line := range strings.Lines(string(out)) {
		name, file, _ := strings.Cut(strings.TrimSpace(line), " ")
		files[name] = file
	}
	return func(name string) (io.ReadCloser, error) { return os.Open(files[name]) }
}
