package main

import (
	"strings"
	"testing"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
)

// The flag goes before the environment, and of that NO_COLOR before what asks for colours.
func TestWantsColours(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		flag     string
		terminal bool
		env      string
		want     bool
	}{
		{colourAuto, true, "", true},
		{colourAuto, false, "", false},
		{colourAuto, true, "TERM=dumb", false},
		{colourAuto, true, "TERM=xterm", true},
		{colourAuto, true, "NO_COLOR=1", false},
		{colourAuto, true, "CLICOLOR=0", false},
		{colourAuto, true, "CLICOLOR=1", true},
		{colourAuto, false, "CLICOLOR=1", false},
		{colourAuto, false, "CLICOLOR_FORCE=1", true},
		{colourAuto, false, "CLICOLOR_FORCE=0", false},
		{colourAuto, false, "FORCE_COLOR=1", true},
		{colourAuto, true, "FORCE_COLOR=1 NO_COLOR=1", false},
		{colourAuto, true, "CLICOLOR_FORCE=1 TERM=dumb", true},
		{colourAlways, false, "NO_COLOR=1 TERM=dumb", true},
		{colourNever, true, "CLICOLOR_FORCE=1", false},
	} {
		getenv := func(name string) string {
			for _, one := range strings.Fields(test.env) {
				if value, is := strings.CutPrefix(one, name+"="); is {
					return value
				}
			}
			return ""
		}
		if got := wantsColours(test.flag, test.terminal, getenv); got != test.want {
			t.Errorf("%q, terminal %t, %s: %t", test.flag, test.terminal, test.env, got)
		}
	}
}

// Columns of a table are as wide as people see them, whatever the words and their colours are made of.
func TestTableWidths(t *testing.T) {
	t.Parallel()
	const before = len("123456789") + 2 + len("left out") + 2 // the rocket is as wide as two letters
	for _, mode := range []string{colourNever, colourAlways} {
		var shown strings.Builder
		w := &output{w: &oneAtATime{w: &shown, colour: &mode}}
		rows := newTable(w, "Site", "State", "As")
		for _, name := range []string{"acme", "東京支社", "🚀 Rocket", "Zoë", "ａｂｃ", "한국", "e\u0301te\u0301"} {
			for _, action := range []string{"created", "left out"} {
				rows.AppendRow(table.Row{name, action, "Sales"})
			}
		}
		rows.Render()
		lines := strings.Split(strings.TrimSuffix(shown.String(), "\n"), "\n")
		for _, line := range lines[1:] {
			columns, _, _ := strings.Cut(line, "Sales")
			if got := text.StringWidthWithoutEscSequences(columns); got != before {
				t.Errorf("--color %s: %q is %d wide, want %d", mode, columns, got, before)
			}
		}
		if painted := strings.Contains(shown.String(), "\x1b[32mcreated\x1b[0m"); painted != (mode == colourAlways) {
			t.Errorf("--color %s:\n%s", mode, shown.String())
		}
	}
}
