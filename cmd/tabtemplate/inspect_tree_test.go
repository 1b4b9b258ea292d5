package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jedib0t/go-pretty/v6/text"
)

// draw draws a tree as a file of so many columns would show it, 0 for any.
func draw(n *node, width int) string {
	var out bytes.Buffer
	n.draw(&out, width)
	return out.String()
}

func TestFolding(t *testing.T) {
	t.Parallel()
	root := &node{text: "big.twbx (twbx)"}
	for d := range 2 {
		ds := root.addKind("data source", fmt.Sprintf("data source %d", d))
		for i := range 9 {
			ds.addKind("connection", fmt.Sprintf("connection %d", i))
		}
		for i := range 3 {
			ds.addKind("custom SQL query", fmt.Sprintf("custom SQL %d", i))
		}
		ds.add("40 fields, 30 calculated")
		for i := range 30 {
			ds.addKind(calculation, fmt.Sprintf("calculation %d", i))
		}
	}
	for v := range 50 {
		view := root.addKind("view", fmt.Sprintf("worksheet %d", v))
		view.brief = view.text + ": Orders"
		view.add("uses Orders: Amount")
	}
	root.addKind("entry", "entry a")
	const want = `big.twbx (twbx)
├─ data source 0
│  ├─ connection 0
│  ├─ connection 1
│  ├─ custom SQL 0
│  ├─ 40 fields, 30 calculated
│  └─ … 7 more connections, 2 more custom SQL queries
├─ data source 1
│  ├─ connection 0
│  ├─ connection 1
│  ├─ custom SQL 0
│  ├─ 40 fields, 30 calculated
│  └─ … 7 more connections, 2 more custom SQL queries
`
	folded := root.fit()
	if got := draw(folded, 0); !strings.HasPrefix(got, want) || folded.lines() > screenLines {
		t.Errorf("%d lines:\n%s", folded.lines(), got)
	}
	if got := draw(folded, 0); !strings.HasSuffix(got, "├─ worksheet 15: Orders\n├─ … 34 more views\n└─ entry a\n") {
		t.Errorf("it ends with\n%s", got)
	}
	if small := (&node{text: "a", children: []*node{{kind: "view", text: "b", brief: "c", children: []*node{{text: "d"}}}}}); draw(small.fit(), 0) != draw(small, 0) {
		t.Errorf("folded without need:\n%s", draw(small.fit(), 0))
	}
}

// What is wide takes the columns that it takes, and what would do something to a terminal does nothing.
func TestDrawing(t *testing.T) {
	t.Parallel()
	root := &node{text: "売上.twbx"}
	ds := root.add("data source 日本語の注文データ")
	ds.add("caption\nof \x1b[31m two\u009b lines")
	root.add("short")
	for width, want := range map[int]string{
		0:  "売上.twbx\n├─ data source 日本語の注文データ\n│  └─ caption ⏎ of �[31m two� lines\n└─ short\n",
		20: "売上.twbx\n├─ data source 日本…\n│  └─ caption ⏎ of …\n└─ short\n",
		6:  "売上.…\n├─ da…\n│  └─ c…\n└─ sh…\n",
	} {
		if diff := cmp.Diff(want, draw(root, width)); diff != "" {
			t.Errorf("%d columns (-want +got):\n%s", width, diff)
		}
	}
}

// A real file fits a screen, and all of it has every name that there is.
func TestTreesOfTheCorpus(t *testing.T) {
	t.Parallel()
	corpus := filepath.Join("..", "..", "..", "shared", "corpus")
	if _, err := os.Stat(corpus); errors.Is(err, fs.ErrNotExist) {
		t.Skip("there are no real files in ../shared/corpus next to the repository")
	}
	for _, path := range corpusTrees(t, corpus) {
		i, err := inspectFile(path)
		if err != nil {
			t.Fatal(err)
		}
		folded, _ := i.tree(false)
		for _, line := range strings.Split(draw(folded, 80), "\n") {
			if width := text.StringWidthWithoutEscSequences(line); width > 80 {
				t.Errorf("%s: %d columns: %s", path, width, line)
			}
		}
		if folded.lines() > screenLines {
			t.Errorf("%s: %d lines", path, folded.lines())
		}
		whole, _ := i.tree(true)
		checkWhole(t, i, draw(whole, 0))
	}
}

// corpusTrees are the files below a folder that can be inspected.
func corpusTrees(t *testing.T, folder string) (paths []string) {
	t.Helper()
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() && slices.Contains([]string{".twb", ".twbx", ".tds", ".tdsx"}, strings.ToLower(filepath.Ext(path))) {
			if _, err := inspectFile(path); err == nil { // some are made to be no documents
				paths = append(paths, path)
			}
		}
		return err
	})
	if err != nil || len(paths) < 20 {
		t.Fatalf("%d files, %v", len(paths), err)
	}
	return paths
}

// checkWhole looks for everything that has a name.
func checkWhole(t *testing.T, i inspection, tree string) {
	t.Helper()
	var want []string
	for _, ds := range i.Datasources {
		want = append(want, "data source "+label(ds.Caption, ds.Name))
		for i, label := range ds.fieldLabels() {
			want = append(want, label+" ("+ds.Fields[i].says()+")")
		}
		for _, table := range ds.Tables {
			want = append(want, "table "+table.Name)
		}
		for _, q := range ds.SQL {
			want = append(want, "custom SQL "+q.Name)
		}
		for _, f := range ds.Filters {
			want = append(want, "filter "+f.Says)
		}
		for _, c := range ds.Connections {
			for _, p := range connectionProperties {
				if v := c.Properties[p.name]; v != "" && p.name != "initial_sql" {
					want = append(want, p.name+"="+v)
				}
			}
		}
	}
	for _, p := range i.Parameters {
		want = append(want, "parameter "+label(p.Caption, p.Name))
		for _, a := range p.Allowed {
			want = append(want, shown(a.Value, a.As))
		}
	}
	for _, v := range i.Views {
		want = append(want, v.Kind+" "+visible(v.Name))
	}
	for _, e := range i.Entries {
		want = append(want, "entry "+e.Name)
	}
	for _, text := range want {
		if !strings.Contains(tree, printable(text)) {
			t.Errorf("%s: no %q in all of it", i.File, text)
		}
	}
}
