package documents_test

import (
	"bytes"
	"path/filepath"
	"testing"

	"github.com/tabtemplate/tabtemplate/documents"
	"github.com/tabtemplate/tabtemplate/documents/tds"
	"github.com/tabtemplate/tabtemplate/packaging"
)

// What WriteEdits writes is the same for two files exactly when they would be written as the same bytes.
func TestWriteEdits(t *testing.T) {
	t.Parallel()
	base, err := documents.Open(filepath.Join("..", "testdata", "demo", "sales.twbx"))
	if err != nil {
		t.Fatal(err)
	}
	defer base.Close()
	entry := ""
	for e := range base.Entries() {
		if filepath.Ext(e.Name) != ".twb" {
			entry = e.Name
		}
	}
	dbname := func(name string) func(f *documents.File) error {
		return func(f *documents.File) error {
			for ds := range f.Datasources() {
				if conn, err := ds.Connection(tds.ConnectionMatch{Class: "postgres"}); err == nil {
					return conn.Update(tds.ConnectionPatch{DBName: name})
				}
			}
			t.Fatal("no connection")
			return nil
		}
	}
	content := func(text string) func(f *documents.File) error {
		return func(f *documents.File) error { return f.ReplaceEntry(entry, packaging.Bytes([]byte(text))) }
	}
	edits := map[string][]func(f *documents.File) error{
		"nothing":          nil,
		"one database":     {dbname("acme")},
		"the same again":   {dbname("acme")},
		"another database": {dbname("globex")},
		"an entry":         {content("rows")},
		"its other rows":   {content("rowz")},
		"both":             {dbname("acme"), content("rows")},
		"renamed":          {func(f *documents.File) error { return f.RenameEntry(entry, "other.bin") }},
		"added":            {func(f *documents.File) error { return f.AddEntry("more.csv", packaging.Bytes([]byte("x"))) }},
		"added as another": {func(f *documents.File) error { return f.AddEntry("less.csv", packaging.Bytes([]byte("x"))) }},
	}
	files, edited := map[string]string{}, map[string]string{}
	for name, steps := range edits {
		f := base.Clone()
		for _, step := range steps {
			if err := step(f); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		}
		var file, edit bytes.Buffer
		if _, err := f.WriteTo(&file); err != nil {
			t.Fatal(err)
		}
		if err := f.WriteEdits(&edit); err != nil {
			t.Fatal(err)
		}
		files[name], edited[name] = file.String(), edit.String()
	}
	for a := range edits {
		for b := range edits {
			if same := files[a] == files[b]; same != (edited[a] == edited[b]) {
				t.Errorf("%s and %s: the same file %v, the same edits %v", a, b, same, !same)
			}
		}
	}
}
