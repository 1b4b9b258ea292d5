package rest

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
	"reflect"
	"regexp"
	"strings"
	"testing"
)

const (
	pythonPage  = "../docs/python.md"
	thisPackage = "github.com/tabtemplate/tabtemplate/rest"
)

// What the page for people who come from Python writes in Go compiles, and it has every method of every service.
func TestGoOnThePageForPython(t *testing.T) {
	t.Parallel()
	source := pageAsGo(t)
	for _, service := range reflect.VisibleFields(reflect.TypeFor[Session]()) {
		for i := range service.Type.NumMethod() {
			call := "s." + service.Name + "." + service.Type.Method(i).Name
			if service.IsExported() && !strings.Contains(source, call+"(") {
				t.Errorf("the page does not have %s", call)
			}
		}
	}
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "page.go", source, 0)
	if err != nil {
		t.Fatal(err)
	}
	checked := types.Config{Importer: importer.ForCompiler(fset, "gc", compiled(t)), Error: func(err error) { t.Error(err) }}
	_, _ = checked.Check("page", fset, []*ast.File{file}, nil) // it has told of every error
}

// pageAsGo makes a file of the code in the last column of the page's tables, whose lines are those of the page.
func pageAsGo(t *testing.T) string {
	page, err := os.ReadFile(pythonPage)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	b.WriteString(`package page
import ("context"; "crypto/tls"; "errors"; "fmt"; "io"; "log/slog"; "time"; "` + thisPackage + `")
var (
	ctx context.Context; c *rest.Client; s *rest.Session; w io.Writer; file rest.Source; credentials rest.Credentials; targets []rest.SiteTarget
	job rest.Job; rule rest.PermissionRule; err error; into any; _ tls.Config; _ time.Time; _ slog.Level; _ = errors.New
	url, secret, query, id, workbookLUID, projectLUID, userLUID, viewLUID, groupLUID, scheduleLUID, connectionLUID, jobLUID string
)
func use(...any) {}
`)
	code := regexp.MustCompile("`([^`]+)`")
	for number, line := range strings.Split(string(page), "\n") {
		if !strings.HasPrefix(line, "| ") {
			continue
		}
		cells := strings.Split(strings.Trim(line, "| "), "|")
		for _, match := range code.FindAllStringSubmatch(cells[len(cells)-1], -1) {
			fmt.Fprintf(&b, "//line python.md:%d\nfunc _() { use(%s) }\n", number+1, match[1])
		}
	}
	return b.String()
}

// compiled opens what the compiler knows of this package and of those it uses.
func compiled(t *testing.T) importer.Lookup {
	list := exec.CommandContext(t.Context(), "go", "list", "-export", "-deps", "-f", "{{.ImportPath}} {{.Export}}", thisPackage)
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
