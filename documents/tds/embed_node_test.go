package tds

import (
	"strings"
	"testing"
)

// TestRequalified gives names another data source, where they are qualified with the old one
// and nowhere else.
func TestRequalified(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		value     string
		isFormula bool
		want      string
	}{
		{"[a].[x]", false, "[b]]%].[x]"},
		{"[a]", false, "[a]"},
		{"[a].x", false, "[a].x"},
		{"[aa].[x] [x].[a]", false, "[aa].[x] [x].[a]"},
		{"[[a].[x]", false, "[[a].[x]"}, // the name is [a
		{"<[a].[none:x:nk]> of [a].[y]", false, "<[b]]%].[none:x:nk]> of [b]]%].[y]"},
		{"[a].[__tableau_internal_object_id__].[a].[z]", false, "[b]]%].[__tableau_internal_object_id__].[a].[z]"},
		{`"[a].[sum:x:qk]"`, false, `"[b]]\%].[sum:x:qk]"`},
		{"SUM([a].[x]) + [x] // [a].[x]\n+ '[a].[x]'", true, "SUM([b]]%].[x]) + [x] // [a].[x]\n+ '[a].[x]'"},
		{"[a].[x", true, "[b]]%].[x"}, // no formula
		{"[a].[", false, "[b]]%].["},
		{"", false, ""},
	} {
		if got := requalified(c.value, "a", "b]%", c.isFormula); got != c.want {
			t.Errorf("%s: %s, want %s", c.value, got, c.want)
		}
	}
}

// FuzzRequalified goes to another data source and back.
func FuzzRequalified(f *testing.F) {
	for _, s := range []string{"[a].[x]", `"[a\%].[x]"`, "[a].[x].[a].[y]", "SUM([a].[x]) // [a].[x]", "[[a].[x]", "[a].[x", "]].["} {
		f.Add(s, "a", "b", true)
		f.Add(s, "a%", "b]\"", false)
	}
	f.Fuzz(func(t *testing.T, value, from, to string, isFormula bool) {
		there := requalified(value, from, to, isFormula)
		if from == "" || to == "" || strings.ContainsAny(from+to, "\\\"") || strings.Contains(value, bracket(to)) || strings.Contains(value, dataValueEscaper.Replace(bracket(to))) {
			return
		}
		if back := requalified(there, to, from, isFormula); back != value {
			t.Errorf("%q became %q, and that %q", value, there, back)
		}
	})
}
