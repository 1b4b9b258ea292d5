package tds

import (
	"strings"
	"testing"
)

var sqlForms = []struct{ stored, written string }{
	{"SELECT 1", "SELECT 1"},
	{"a <<= 5 AND b <<>> 0", "a <= 5 AND b <> 0"},
	{"c >> <[Parameters].[Parameter 1]>", "c > <[Parameters].[Parameter 1]>"},
	{"a << b AND c >>= d", "a < b AND c >= d"},
	{"x <<<[Parameters].[P]>", "x <<[Parameters].[P]>"},
	{"<[Parameters].[P]>>>", "<[Parameters].[P]>>"},
	{"<<<[Parameters].[P]>>>", "<<[Parameters].[P]>>"},
	{"<<<<[Parameters].[P]>>", "<<[Parameters].[P]>"}, // two brackets, and text: not a placeholder after one of them
	{"<[Parameters].[a]]b]><[Parameters].[c.d > e]>", "<[Parameters].[a]]b]><[Parameters].[c.d > e]>"},
	{"<<[Parameters]>>", "<[Parameters]>"},
	{"<<[Parameters].[]>>", "<[Parameters].[]>"},
	{"<<[Parameters].[a\n]>>", "<[Parameters].[a\n]>"},
	{"<<[Parameters].[a] >>", "<[Parameters].[a] >"},
	{"<<[parameters].[a]>>", "<[parameters].[a]>"},
	{"<<[Orders].[a]>>", "<[Orders].[a]>"},
	{"a <<<< 2, b >>>> 1", "a << 2, b >> 1"},
}

func TestDecodeSQL(t *testing.T) {
	t.Parallel()
	for _, c := range sqlForms {
		if got := decodeSQL(c.stored); got != c.written {
			t.Errorf("%q is read as %q, not %q", c.stored, got, c.written)
		}
	}
	for stored, want := range map[string]string{ // what only other programs write
		"a < b AND c > d":         "a < b AND c > d",
		"a <<< b":                 "a << b",
		"<<[Parameters].[P]>>":    "<[Parameters].[P]>",
		"a <>> b":                 "a <> b",
		"<[Parameters].[P] >>> 1": "<[Parameters].[P] >> 1",
	} {
		if got := decodeSQL(stored); got != want {
			t.Errorf("%q is read as %q, not %q", stored, got, want)
		}
	}
}

func TestEncodeSQL(t *testing.T) {
	t.Parallel()
	for _, c := range sqlForms {
		want := c.stored
		if want == "<<<<[Parameters].[P]>>" {
			want = "<<<[Parameters].[P]>" // as people write it, that is a placeholder
		}
		if got := encodeSQL(c.written); got != want {
			t.Errorf("%q is written as %q, not %q", c.written, got, want)
		}
	}
}

// FuzzSQL: SQL is read back as it was written, and tokens cover stored text without gaps.
func FuzzSQL(f *testing.F) {
	for _, c := range sqlForms {
		f.Add(c.stored)
		f.Add(c.written)
	}
	f.Fuzz(func(t *testing.T, text string) {
		stored := encodeSQL(text)
		if got := decodeSQL(stored); got != text {
			t.Fatalf("%q is written as %q and read back as %q", text, stored, got)
		}
		read := decodeSQL(text) // taken as stored text
		if got := decodeSQL(encodeSQL(read)); got != read {
			t.Fatalf("%q is read as %q, but after writing that as %q", text, read, got)
		}
		var all strings.Builder
		for token := range sqlTokens(text) {
			if token.start != all.Len() || token.end <= token.start {
				t.Fatalf("token %+v of %q does not begin at %d", token, text, all.Len())
			}
			all.WriteString(text[token.start:token.end])
		}
		if all.String() != text {
			t.Fatalf("the tokens of %q are %q", text, &all)
		}
	})
}

// FuzzReplacement: what is replaced is replaced in the text that people read, bytes beside
// it stay as they were stored, and a second time changes nothing.
func FuzzReplacement(f *testing.F) {
	f.Add("a << dev.t AND x = <[Parameters].[dev]>\r\n>> 1", "dev.", "<acme>\n.")
	f.Add("<dev>", "dev", "[Parameters].[P]")
	f.Add("orders, acme.orders", "orders", "acme.orders")
	f.Add("aab", "ab", "b")
	f.Fuzz(func(t *testing.T, stored, from, to string) {
		if from == "" {
			return
		}
		pairs := []Replacement{{unixLines(from), unixLines(to)}}
		write := func(to string) string { return strings.ReplaceAll(encodeSQL(to), "\n", "\r\n") }
		once := func(stored string) (out string, hits []hit, err error) {
			r := newReplacing(SQLReplace{Replacements: pairs})
			out = stored
			hits, err = r.inPassage(newPassage(stored), "", pairs, write, func(s string) error { out = s; return nil })
			return out, hits, err
		}
		out, hits, err := once(stored)
		if err != nil || len(hits) == 0 {
			if out != stored {
				t.Fatalf("%q became %q (%v)", stored, out, err)
			}
			return
		}
		text := newPassage(stored).text
		want := ""
		at := 0
		for _, h := range hits {
			want += text[at:h.start] + pairs[0].To
			at = h.end
		}
		if want += text[at:]; newPassage(out).text != want {
			t.Fatalf("%q with %q for %q reads %q, not %q", stored, to, from, newPassage(out).text, want)
		}
		if again, hits, err := once(out); err != nil || again != out || len(hits) > 0 {
			t.Fatalf("%q with %q for %q became %q, and then %q (%v)", stored, to, from, out, again, err)
		}
	})
}
