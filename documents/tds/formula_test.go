package tds

import (
	"errors"
	"strings"
	"testing"
)

func TestReferences(t *testing.T) {
	t.Parallel()
	for formula, want := range map[string]string{
		"":                                    "",
		"1+1":                                 "",
		"SUM([a])/[b]":                        "[a] [b]",
		"[a]+[a]":                             "[a]",
		"[a]]b] + [x]":                        "[a]]b] [x]",
		"[Parameters].[P 1]":                  "[Parameters].[P 1]",
		"[ds.1 (copy)].[f]]]-[g]":             "[ds.1 (copy)].[f]]] [g]",
		`"[no]" + [a] + '[no]'`:               "[a]",
		`"a""[no]" + 'it''s [no]' + [a]`:      "[a]",
		"// [no]\n[a]":                        "[a]",
		"// [no]\r[a]":                        "[a]",
		"[a] // [no]":                         "[a]",
		"/* [no] ' */ [a] /**/ [b]":           "[a] [b]",
		`"http://x" + [a]`:                    "[a]",
		"[a//b] / [c'd]":                      "[a//b] [c'd]",
		"{FIXED [a],[b] : MAX(#2024-01-31#)}": "[a] [b]",
		"[Ä 東]":                               "[Ä 東]",
	} {
		if got := strings.Join(references(formula), " "); got != want {
			t.Errorf("%s: %s, want %s", formula, got, want)
		}
	}
}

func TestTokenizeRefuses(t *testing.T) {
	t.Parallel()
	for formula, want := range map[string]string{
		`1 + "abc`:       `string that begins with "\"abc"`,
		`'it''s`:         "string",
		"/* a":           "comment",
		"[a + [b]]":      "field in brackets",
		"[a].[b":         "field in brackets",
		`IF "x" THEN 'y`: `"'y"`,
	} {
		if _, err := tokenize(formula); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", formula, err, want)
		}
	}
}

func TestRewriteFormula(t *testing.T) {
	t.Parallel()
	got, err := rewriteFormula(`"[a]" /*[a]*/ + [a]`, func(ref string) (string, error) { return "[Calculation_1]", nil })
	if want := `"[a]" /*[a]*/ + [Calculation_1]`; got != want || err != nil {
		t.Errorf("%s (%v), want %s", got, err, want)
	}
	boom := errors.New("boom")
	if _, err := rewriteFormula("[a]", func(string) (string, error) { return "", boom }); !errors.Is(err, boom) {
		t.Error(err)
	}
}

// FuzzFormula holds the tokenizer to giving back every byte: a formula whose references
// keep their names is the same formula, and what is a string or a comment is never one.
func FuzzFormula(f *testing.F) {
	for _, seed := range []string{
		"", "SUM([a])/[Parameters].[P]", `"a""[no]" + 'it''s' // [x]` + "\r\n[b]]c]", "/* [a] */ [b].[c]", "[a", `"`, "/*", "[]", "[a].[", "#2024-01-01#", "{FIXED [a] : MIN([b], #1, 2#)})",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, formula string) {
		parts, broken := scanFormula(formula)
		for _, p := range parts {
			if p.text == "" || p.call && p.args < 1 {
				t.Fatalf("%q has %+v", formula, p)
			}
		}
		same, err := rewriteFormula(formula, func(ref string) (string, error) { return ref, nil })
		if err != nil {
			if _, again := tokenize(formula); again == nil || broken == nil {
				t.Fatalf("%q: %v", formula, err)
			}
			return
		}
		if same != formula {
			t.Fatalf("%q became %q", formula, same)
		}
		renamed, err := rewriteFormula(formula, func(string) (string, error) { return "[n]", nil })
		if err != nil {
			t.Fatal(err)
		}
		if refs := references(renamed); len(refs) > 1 || len(refs) != min(1, len(references(formula))) {
			t.Fatalf("%q became %q with %q", formula, renamed, refs)
		}
		for _, ref := range references(formula) {
			if qualifier, field := splitReference(ref); qualifier != "" && qualifier+"."+field != ref || !strings.HasPrefix(field, "[") {
				t.Fatalf("%q is %q and %q", ref, qualifier, field)
			}
		}
	})
}
