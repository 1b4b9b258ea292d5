package templates

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tabtemplate/tabtemplate/documents/tds"
)

// TestStringTable: every text is there once, and what is written reads back.
func TestStringTable(t *testing.T) {
	t.Parallel()
	var table StringTable
	table.Add([]tds.Text{
		{Kind: tds.Captions, Text: "Region", Where: `data source "a, b"`},
		{Kind: tds.Aliases, Text: "=1+1\n\"x\", y ", Where: "w"},
		{Kind: tds.Titles, Text: "Region", Where: "elsewhere"},
		{Kind: tds.Captions, Text: "Region", Where: "elsewhere"},
	})
	table.Add([]tds.Text{{Kind: tds.Texts, Text: "Region", Where: "another file"}, {Kind: tds.Texts, Text: "New", Where: "another file"}})
	want := []StringRow{
		{From: "Region", Kinds: []tds.TextKind{tds.Captions, tds.Titles, tds.Texts}, Where: `data source "a, b"`, Count: 4},
		{From: "=1+1\n\"x\", y ", Kinds: []tds.TextKind{tds.Aliases}, Where: "w", Count: 1},
		{From: "New", Kinds: []tds.TextKind{tds.Texts}, Where: "another file", Count: 1},
	}
	if diff := cmp.Diff(want, table.Rows); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
	var out strings.Builder
	n, err := table.WriteTo(&out)
	if err != nil || n != int64(out.Len()) {
		t.Fatalf("%d bytes of %d: %v", n, out.Len(), err)
	}
	path := filepath.Join(t.TempDir(), "strings.csv")
	if err := os.WriteFile(path, []byte(out.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	again, err := ReadStringTable(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, again.Rows); diff != "" {
		t.Errorf("read again (-want +got):\n%s", diff)
	}
}

// TestStringTableUpdate: translations are kept for what they were made for, and what is gone
// is kept, too.
func TestStringTableUpdate(t *testing.T) {
	t.Parallel()
	row := func(from, to string, count int, kinds ...tds.TextKind) StringRow {
		return StringRow{From: from, To: to, Kinds: kinds, Count: count}
	}
	for _, c := range []struct {
		name           string
		now, old, want []StringRow
	}{
		{"one", []StringRow{row("a", "", 1, tds.Titles)}, []StringRow{row("a", "A", 5, tds.Titles)}, []StringRow{row("a", "A", 1, tds.Titles)}},
		{"new", []StringRow{row("a", "", 1, tds.Titles)}, nil, []StringRow{row("a", "", 1, tds.Titles)}},
		{"gone", nil, []StringRow{row("a", "A", 5, tds.Titles)}, []StringRow{row("a", "A", 0, tds.Titles)}},
		{"of all kinds", []StringRow{row("a", "", 1, tds.Titles, tds.Texts)}, []StringRow{row("a", "A", 0)}, []StringRow{row("a", "A", 1, tds.Titles, tds.Texts)}},
		{"not translated", []StringRow{row("a", "", 1, tds.Titles, tds.Texts)}, []StringRow{row("a", "", 1, tds.Titles)}, []StringRow{row("a", "", 1, tds.Titles, tds.Texts)}},
		{
			"different ones, and a new kind", []StringRow{row("a", "", 3, tds.Titles, tds.Texts, tds.Labels, tds.Actions)},
			[]StringRow{row("a", "A", 1, tds.Texts, tds.Captions), row("a", "Ä", 1, tds.Titles, tds.Actions)},
			[]StringRow{row("a", "A", 3, tds.Texts), row("a", "Ä", 3, tds.Titles, tds.Actions), row("a", "", 3, tds.Labels)},
		},
		{
			"one of all kinds, and one of a kind", []StringRow{row("a", "", 3, tds.Titles, tds.Texts)},
			[]StringRow{row("a", "A", 1), row("a", "Ä", 1, tds.Titles)},
			[]StringRow{row("a", "Ä", 3, tds.Titles), row("a", "A", 3, tds.Texts)},
		},
	} {
		table := StringTable{Rows: c.now}
		table.Update(&StringTable{Rows: c.old})
		if diff := cmp.Diff(c.want, table.Rows); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}
