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
		{Kind: tds.CaptionTexts, Text: "Region", Where: `data source "a, b"`},
		{Kind: tds.AliasTexts, Text: "=1+1\n\"x\", y ", Where: "w"},
		{Kind: tds.TitleTexts, Text: "Region", Where: "elsewhere"},
		{Kind: tds.CaptionTexts, Text: "Region", Where: "elsewhere"},
	})
	table.Add([]tds.Text{{Kind: tds.ZoneTexts, Text: "Region", Where: "another file"}, {Kind: tds.ZoneTexts, Text: "New", Where: "another file"}})
	want := []StringRow{
		{From: "Region", Kinds: []tds.TextKind{tds.CaptionTexts, tds.TitleTexts, tds.ZoneTexts}, Where: `data source "a, b"`, Count: 4},
		{From: "=1+1\n\"x\", y ", Kinds: []tds.TextKind{tds.AliasTexts}, Where: "w", Count: 1},
		{From: "New", Kinds: []tds.TextKind{tds.ZoneTexts}, Where: "another file", Count: 1},
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
		{"one", []StringRow{row("a", "", 1, tds.TitleTexts)}, []StringRow{row("a", "A", 5, tds.TitleTexts)}, []StringRow{row("a", "A", 1, tds.TitleTexts)}},
		{"new", []StringRow{row("a", "", 1, tds.TitleTexts)}, nil, []StringRow{row("a", "", 1, tds.TitleTexts)}},
		{"gone", nil, []StringRow{row("a", "A", 5, tds.TitleTexts)}, []StringRow{row("a", "A", 0, tds.TitleTexts)}},
		{"of all kinds", []StringRow{row("a", "", 1, tds.TitleTexts, tds.ZoneTexts)}, []StringRow{row("a", "A", 0)}, []StringRow{row("a", "A", 1, tds.TitleTexts, tds.ZoneTexts)}},
		{"not translated", []StringRow{row("a", "", 1, tds.TitleTexts, tds.ZoneTexts)}, []StringRow{row("a", "", 1, tds.TitleTexts)}, []StringRow{row("a", "", 1, tds.TitleTexts, tds.ZoneTexts)}},
		{
			"different ones, and a new kind",
			[]StringRow{row("a", "", 3, tds.TitleTexts, tds.ZoneTexts, tds.LabelTexts, tds.ActionTexts)},
			[]StringRow{row("a", "A", 1, tds.ZoneTexts, tds.CaptionTexts), row("a", "Ä", 1, tds.TitleTexts, tds.ActionTexts)},
			[]StringRow{row("a", "A", 3, tds.ZoneTexts), row("a", "Ä", 3, tds.TitleTexts, tds.ActionTexts), row("a", "", 3, tds.LabelTexts)},
		},
		{
			"one of all kinds, and one of a kind",
			[]StringRow{row("a", "", 3, tds.TitleTexts, tds.ZoneTexts)},
			[]StringRow{row("a", "A", 1), row("a", "Ä", 1, tds.TitleTexts)},
			[]StringRow{row("a", "Ä", 3, tds.TitleTexts), row("a", "A", 3, tds.ZoneTexts)},
		},
	} {
		table := StringTable{Rows: c.now}
		table.Update(&StringTable{Rows: c.old})
		if diff := cmp.Diff(c.want, table.Rows); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}
