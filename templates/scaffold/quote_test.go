package scaffold

import (
	"math"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"
)

// What is quoted reads back as it was, as a value, in a list and as a key of a mapping in braces, and stands in one line.
func FuzzQuote(f *testing.F) {
	for _, s := range []string{
		"", "a", "Acme, Inc.", "it's", `"quoted"`, "true", "No", "null", "~", "1", "1.5", "0x1F", "2024-01-31", "12:30", "-", "- a", "a: b", "a #b",
		"#b", "[a]", "{a}", "${x}", "%a", "@a", "`a", "&a", "*a", "!a", "|", ">", "a\nb", "a\r\nb", "a\tb", " a", "a ", "Übung", "データ", "\u0085", "\u2028", "\ufeff", "😀",
		"\x7f", ".inf", "...", "---", "=", "<<", `a\b`, "a\u00a0b", "e\u0301",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if strings.ToValidUTF8(s, "") != s || strings.ContainsRune(s, 0) {
			t.Skip("no text of XML")
		}
		quoted := quote(s)
		if strings.ContainsAny(quoted, "\n\r\u0085\u2028\u2029") {
			t.Errorf("%q is more than a line: %q", s, quoted)
		}
		var got struct {
			Value string
			List  []string
			Map   map[string]string
		}
		text := "value: " + quoted + " # comment\nlist: [" + quoted + ", b]\nmap: {a: " + quoted + ", b: c}\n"
		if err := yaml.Unmarshal([]byte(text), &got); err != nil {
			t.Fatalf("%q: %v in\n%s", s, err, text)
		}
		if got.Value != s || len(got.List) != 2 || got.List[0] != s || got.Map["a"] != s || got.Map["b"] != "c" {
			t.Errorf("%q reads back as %+q from\n%s", s, got, text)
		}
	})
}

func TestScalar(t *testing.T) {
	t.Parallel()
	for want, v := range map[string]any{
		"null": nil, "true": true, "5": int64(5), "0.5": 0.5, "7": 7.0, "-0.0": math.Copysign(0, -1), "1" + strings.Repeat("0", 20) + ".0": 1e20,
		"'5'": "5", "[a, 'true', 1, null]": []any{"a", "true", int64(1), nil},
	} {
		if got := scalar(v); got != want {
			t.Errorf("scalar(%#v) = %s, want %s", v, got, want)
		}
	}
}

func TestWord(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"Region": "region", "p_Select View": "p_select_view", "1st Dim": "_1st_dim", "  Größe (m²)  ": "größe_m", "売上": "売上", "${x}": "x", "---": "", "": "",
	} {
		if got := word(text); got != want {
			t.Errorf("word(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestWrapped(t *testing.T) {
	t.Parallel()
	for _, line := range wrapped("one\ntwo\x01three " + strings.Repeat("word ", 60)) {
		if n := len([]rune(line)); n == 0 || n > commentWidth || strings.ContainsAny(line, "\n\x01") {
			t.Errorf("%d: %q", n, line)
		}
	}
}
