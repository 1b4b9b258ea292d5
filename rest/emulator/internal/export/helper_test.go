package export_test

import (
	"strings"
	"testing"

	"github.com/tabtemplate/tabtemplate/rest/emulator/internal/export"
)

// sales is a view with something of everything.
func sales() export.View {
	return export.View{
		Workbook:  "Quarterly Sales",
		Name:      "Umsatz Übersicht",
		SheetType: "dashboard",
		Fields:    []export.Field{{Caption: "Region"}, {Caption: "Sales", Measure: true}},
		Filters: []export.Filter{
			{Field: "Region", Values: []string{"East & West", "North, far"}},
			{Field: "P 1", Values: []string{"5"}, Parameter: true},
		},
	}
}

// names are names that have broken programs.
var names = []string{
	"",
	" ",
	"Plain",
	"Größe (brutto) \\ netto",
	"销售概况",
	"emoji 😀 and 👩‍👩‍👧",
	"שלום",
	"a\tb\r\nc",
	"nul \x00 bell \x07 escape \x1b delete \x7f next \u0085",
	"broken \xff\xc3 utf-8",
	"\ufeffmark \uffff \ufffe",
	"'quoted'",
	"''",
	"History",
	"sheet1",
	"[a]:b*c?d/e\\f",
	"=1+1",
	`"<&>'`,
	"]]>",
	"{{.Title}}",
	"\\",
	"(",
	"਍ഊ", // its bytes in UTF-16 are line ends
	"_x0041_",
	`\.`,
	"0123456789012345678901234567890123456789",
	"012345678901234567890123456789😀",
	strings.Repeat("x", 5000),
	strings.Repeat("中", 5000),
}

// readable is a name as files hold it: what XML cannot hold is replaced.
func readable(name string) string {
	var b strings.Builder
	for _, r := range name {
		switch {
		case r == '\t', r == '\n', r == '\r':
			r = ' '
		case r < ' ', r >= 0x7f && r < 0xa0, r == 0xfeff, r == 0xfffe, r == 0xffff:
			r = 0xfffd
		}
		b.WriteRune(r)
	}
	return b.String()
}

// must ends the test when a file was not made.
func must(t testing.TB) func([]byte, error) []byte {
	return func(b []byte, err error) []byte {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
}

func parseSize(t testing.TB, width, height, resolution string) export.Size {
	t.Helper()
	s, err := export.ParseSize(width, height, resolution)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func parsePage(t testing.TB, kind, orientation string) export.Page {
	t.Helper()
	p, err := export.ParsePage(kind, orientation)
	if err != nil {
		t.Fatal(err)
	}
	return p
}
