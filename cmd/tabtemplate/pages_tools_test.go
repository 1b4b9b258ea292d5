package main

import (
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/tabtemplate/tabtemplate/templates"
)

// toolsPage is for people who come from other tools.
const toolsPage = "../../docs/from-other-tools.md"

// tabcmdVerbs are all that tabcmd has, of Tableau Server and of version 2.
var tabcmdVerbs = strings.Fields(`addusers createextracts creategroup createproject createsite createsiteusers createusers
	decryptextracts delete deleteextracts deletegroup deleteproject deletesite deletesiteusers deleteusers editdomain editsite
	encryptextracts export get help initialuser list listdomains listsites login logout publish publishsamples reencryptextracts
	refreshextracts removeusers reset_openid_sub runschedule set syncgroup upgradethumbnails validateidpmetadata version`)

var codeSpan = regexp.MustCompile("`([^`]+)`")

// A toolsRow is a row of a table on the page: what is in code in each of its cells.
type toolsRow struct {
	line  int
	cells [][]string
}

// toolsRows are the rows of the tables on the page for people who come from other tools.
func toolsRows(t *testing.T) (rows []toolsRow) {
	t.Helper()
	page, err := os.ReadFile(toolsPage)
	if err != nil {
		t.Fatal(err)
	}
	for n, line := range strings.Split(string(page), "\n") {
		if !strings.HasPrefix(line, "| ") {
			continue
		}
		row := toolsRow{line: n + 1}
		for cell := range strings.SplitSeq(strings.Trim(line, "| "), " | ") {
			var code []string
			for _, m := range codeSpan.FindAllStringSubmatch(cell, -1) {
				code = append(code, m[1])
			}
			row.cells = append(row.cells, code)
		}
		rows = append(rows, row)
	}
	return rows
}

// Every command that a page names in its text is there, with its flags.
func TestCommandsInText(t *testing.T) {
	t.Parallel()
	found := 0
	for _, path := range pages(t) {
		page, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for n, line := range strings.Split(string(page), "\n") {
			for _, m := range codeSpan.FindAllStringSubmatch(line, -1) {
				words := strings.Fields(m[1])
				if len(words) < 2 || words[0] != "tabtemplate" {
					continue
				}
				found++
				if wrong := wrongCommand(words[1:]); wrong != "" {
					t.Errorf("%s:%d: %s: %s", path, n+1, m[1], wrong)
				}
			}
		}
	}
	if found == 0 {
		t.Error("no page names a command")
	}
}

var localLink = regexp.MustCompile(`\]\(([^)\s#:]+)[)#]`)

// What a page links to in the repository is there.
func TestLinksOnPages(t *testing.T) {
	t.Parallel()
	for _, path := range pages(t) {
		page, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for n, line := range strings.Split(string(page), "\n") {
			line = codeSpan.ReplaceAllLiteralString(line, "code")
			for _, m := range localLink.FindAllStringSubmatch(line, -1) {
				if _, err := os.Stat(filepath.Join(filepath.Dir(path), m[1])); err != nil {
					t.Errorf("%s:%d: a link to %s, which is not there", path, n+1, m[1])
				}
			}
		}
	}
}

// wrongCommand says what is not there of a command and its flags.
func wrongCommand(words []string) string {
	root := testRoot()
	cmd, _, err := root.Find(words)
	if err != nil {
		return err.Error()
	}
	cmd.InitDefaultHelpFlag()
	if cmd == root && !strings.HasPrefix(words[0], "-") {
		return "no such command"
	}
	for _, word := range words {
		name, long := strings.CutPrefix(word, "--")
		name, _, _ = strings.Cut(name, "=")
		if long && cmd.Flags().Lookup(name) == nil && cmd.InheritedFlags().Lookup(name) == nil {
			return "no flag --" + name
		}
	}
	return ""
}

// The page has every verb of tabcmd, and every verb of edits that it names is one.
func TestWordsOfOtherTools(t *testing.T) {
	t.Parallel()
	var theirs []string
	for _, row := range toolsRows(t) {
		for _, code := range row.cells[0] {
			theirs = append(theirs, strings.Fields(code)[0])
		}
		if len(row.cells) < 3 {
			continue
		}
		for _, verb := range row.cells[1] {
			if !strings.HasPrefix(verb, "file: ") && !strings.Contains(string(templates.Schema()), fmt.Sprintf("%q: {", verb)) {
				t.Errorf("%s:%d: no edit %s", toolsPage, row.line, verb)
			}
		}
	}
	for _, verb := range tabcmdVerbs {
		if !slices.Contains(theirs, verb) {
			t.Errorf("%s: tabcmd's %s is not on it", toolsPage, verb)
		}
	}
}

// The Go in the tables compiles.
func TestGoForOtherTools(t *testing.T) {
	t.Parallel()
	var source strings.Builder
	fmt.Fprintf(&source, "package page\nimport (%q; %q; %q)\n", module+"documents", module+"documents/tds", module+"documents/twb")
	source.WriteString("var ( f *documents.File; ds *tds.Datasource; c *tds.Connection; wb *twb.Workbook )\nfunc use(...any) {}\n")
	calls := 0
	for _, row := range toolsRows(t) {
		if len(row.cells) < 3 {
			continue
		}
		for _, code := range row.cells[2] {
			if strings.Contains(code, "(") {
				calls++
				fmt.Fprintf(&source, "//line %s:%d\nfunc _() { use(%s) }\n", toolsPage, row.line, code)
			}
		}
	}
	if calls == 0 {
		t.Fatal("no Go in the tables")
	}
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "page.go", source.String(), 0)
	if err != nil {
		t.Fatal(err)
	}
	checked := types.Config{Importer: importer.ForCompiler(fset, "gc", exported(t)), Error: func(err error) { t.Error(err) }}
	_, _ = checked.Check("page", fset, []*ast.File{file}, nil) // it has told of every error
}
