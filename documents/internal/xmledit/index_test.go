package xmledit

import (
	"bytes"
	"errors"
	"runtime"
	"strings"
	"testing"
)

// sound are documents that must be accepted and written as they are.
var sound = map[string]string{
	"only a root":         "<a/>",
	"one line":            "<a><b c='1' /><d></d></a>",
	"byte order mark":     "\xEF\xBB\xBF<?xml version='1.0' encoding='utf-8' ?>\r\n<a/>",
	"CRLF":                "<?xml version='1.0' encoding='utf-8' ?>\r\n\r\n<!-- build -->\r\n<a>\r\n  <b />\r\n</a>\r\n",
	"mixed line ends":     "<a>\r\n <b/>\n <c/>\r <d/>\r\r\n</a>\n",
	"CDATA":               "<a><![CDATA[x < y & z]]>t<![CDATA[]]]]><![CDATA[>]]></a>",
	"double quotes":       `<a b="it's" c='"'/>`,
	"attributes on lines": "<a\n  b='1'\n\tc = \"2\"\n></a >",
	"colon first":         "<datasource :source-version='18.1' formatted-name='x' />",
	"feature prefix":      "<_.fcp.A.true...b _.fcp.C.false...d='1'></_.fcp.A.true...b>",
	"undeclared prefix":   "<a user:b='1'><x:y/></a>",
	"references":          "<a b='&amp;&lt;&gt;&apos;&quot;&#9;&#10;&#13;&#x1F600;&#198;'>&#13;&#10;&amp;</a>",
	"tab in text":         "<a>\t&#9;</a>",
	"comments":            "<!-- x --><a><!-- - - --></a><!-- y -->",
	"instruction":         "<?xml version=\"1.0\" standalone='yes'?><?p?><a><?q r s?></a>",
	"unsorted":            "<a z='1' b='2' a='3'/>",
	"names":               "<żółć Ä-1.='1' _x:y='2'/>",
	"bracket in text":     "<a>[x]] ]>]</a>",
	"no end of line":      "<a>\n</a>",
}

// unsound are documents that must be refused, with kind and place.
var unsound = []struct {
	name, in string
	kind     ErrorKind
	at       string
}{
	{"nothing", "", Empty, "1:1"},
	{"no root", "  \n", Malformed, "2:1"},
	{"two roots", "<a/>\n<b/>", Malformed, "2:1"},
	{"text after the root", "<a/>\nx", Malformed, "2:1"},
	{"text before the root", "x<a/>", Malformed, "1:1"},
	{"CDATA outside", "<![CDATA[x]]><a/>", Malformed, "1:1"},
	{"duplicate attribute", "<a b='1' c='2' b='3'/>", DuplicateAttribute, "1:16"},
	{"adjacent duplicate", "<a b='1' b='3'/>", DuplicateAttribute, "1:10"},
	{"no quotes", "<a b=c>", Malformed, "1:6"},
	{"no value", "<a b>", Malformed, "1:5"},
	{"no blank", "<a b='1'c='2'/>", Malformed, "1:9"},
	{"open value", "<a b='1>", Malformed, "1:6"},
	{"less-than in value", "<a b='<'/>", Malformed, "1:7"},
	{"wrong end tag", "<a>\n <b></c></a>", Malformed, "2:5"},
	{"longer end tag", "<a></ab>", Malformed, "1:4"},
	{"end tag of nothing", "</a>", Malformed, "1:1"},
	{"no end tag", "<a>\n<b>", Malformed, "2:1"},
	{"open end tag", "<a></a", Malformed, "1:4"},
	{"open tag", "<a ", Malformed, "1:4"},
	{"slash", "<a / >", Malformed, "1:4"},
	{"name with digit", "<1a/>", Malformed, "1:1"},
	{"name with dash", "<a -b='1'/>", Malformed, "1:4"},
	{"section end in text", "<a>]]></a>", Malformed, "1:4"},
	{"entity", "<a>&nbsp;</a>", BadReference, "1:4"},
	{"bare ampersand", "<a b='x & y'/>", BadReference, "1:9"},
	{"reference to NUL", "<a>&#1;</a>", BadReference, "1:4"},
	{"reference to a surrogate", "<a>&#xD800;</a>", BadReference, "1:4"},
	{"reference too high", "<a>&#99999999999;</a>", BadReference, "1:4"},
	{"upper case X", "<a>&#X41;</a>", BadReference, "1:4"},
	{"control character", "<a>\n\x01</a>", BadCharacter, "2:1"},
	{"U+FFFE", "<a>\uFFFE</a>", BadCharacter, "1:4"},
	{"cp1252", "<?xml version='1.0' encoding='utf-8' ?>\n<a>caf\xE9</a>", BadEncoding, "2:7"},
	{"surrogate bytes", "<a>\xED\xA0\x80</a>", BadEncoding, "1:4"},
	{"UTF-16", "\xFF\xFE<\x00a\x00", BadEncoding, "1:1"},
	{"UTF-16 without mark", "<\x00a\x00/\x00>\x00", BadEncoding, "1:1"},
	{"declared latin-1", "<?xml version='1.0' encoding='iso-8859-1'?><a/>", BadEncoding, "1:21"},
	{"declaration without version quotes", "<?xml version=1.0?><a/>", Malformed, "1:7"},
	{"declaration with another word", "<?xml version='1.0' charset='x'?><a/>", Malformed, "1:21"},
	{"declaration without anything", "<?xml ?><a/>", Malformed, "1:7"},
	{"declaration without version", "<?xml encoding='utf-8'?><a/>", Malformed, "1:7"},
	{"declaration of XML 2", "<?xml version='2.0'?><a/>", Malformed, "1:7"},
	{"declared ASCII", "<?xml version='1.0' encoding='us-ascii'?><a/>", BadEncoding, "1:21"},
	{"standalone", "<?xml version='1.0' standalone='maybe'?><a/>", Malformed, "1:21"},
	{"declaration out of order", "<?xml version='1.0' standalone='no' encoding='utf-8'?><a/>", Malformed, "1:37"},
	{"late declaration", "\n<?xml version='1.0'?><a/>", Malformed, "2:1"},
	{"DOCTYPE", "<!DOCTYPE x [<!ENTITY a 'aaaa'>]><x>&a;</x>", Doctype, "1:1"},
	{"doctype in lower case", "<!doctype html><a/>", Doctype, "1:1"},
	{"comment with --", "<a><!-- x -- y --></a>", Malformed, "1:11"},
	{"open comment", "<a><!-- x</a>", Malformed, "1:4"},
	{"open CDATA", "<a><![CDATA[x]]</a>", Malformed, "1:4"},
	{"open instruction", "<a><?x </a>", Malformed, "1:4"},
	{"markup declaration", "<a><!ELEMENT x></a>", Malformed, "1:4"},
	{"name that is not UTF-8", "<a caf\xE9='1'/>", BadEncoding, "1:7"},
	{"column in characters", "<a>żółć&x;</a>", BadReference, "1:8"},
	{"after a lone CR", "<a>\r\r\n&x;</a>", BadReference, "3:1"},
	{"too deep", strings.Repeat("<a>", 9), TooDeep, "1:25"},
	{"too large", "<a>" + strings.Repeat("x", 500) + "</a>", TooLarge, "1:1"},
	{"too many", "<a>" + strings.Repeat("<b/>", 20) + "</a>", TooLarge, "1:84"},
	{"large attribute", "<a b='" + strings.Repeat("x", 101) + "'/>", TooLarge, "1:7"},
	{"long name", "<" + strings.Repeat("x", 200) + "/>", "", ""},
}

func TestParseSound(t *testing.T) {
	t.Parallel()
	for name, in := range sound {
		d, err := Parse([]byte(in), Limits{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var out bytes.Buffer
		if _, err := d.WriteTo(&out); err != nil || out.String() != in {
			t.Errorf("%s: wrote %q (%v), want %q", name, &out, err, in)
		}
		if d.Changed() || len(d.Splices()) > 0 {
			t.Errorf("%s: changed without an edit", name)
		}
	}
}

func TestParseUnsound(t *testing.T) {
	t.Parallel()
	lim := Limits{Size: 400, Depth: 8, Attribute: 100, Nodes: 20}
	for _, c := range unsound {
		_, err := Parse([]byte(c.in), lim)
		if c.kind == "" {
			if err != nil {
				t.Errorf("%s: %v", c.name, err)
			}
			continue
		}
		bad, ok := errors.AsType[*SyntaxError](err)
		if !ok {
			t.Errorf("%s: accepted, or another error: %v", c.name, err)
			continue
		}
		if bad.Kind != c.kind || bad.Position.String() != c.at {
			t.Errorf("%s: %v; want %s at %s", c.name, err, c.kind, c.at)
		}
	}
}

func TestBillionLaughsCostsNothing(t *testing.T) { // not parallel: it counts allocations
	in := []byte("<!DOCTYPE x [" + strings.Repeat("<!ENTITY a '&b;&b;'>", 1<<16) + "]><x/>")
	allocs := testing.AllocsPerRun(3, func() {
		if _, err := Parse(in, Limits{}); err == nil {
			t.Fatal("accepted")
		}
	})
	if allocs > 20 {
		t.Errorf("%v allocations to refuse a DOCTYPE", allocs)
	}
}

func TestLargeButLegal(t *testing.T) {
	t.Parallel()
	in := strings.Repeat("<a>", 70) + "<b c='" + strings.Repeat("x", 700_000) + "'/>" + strings.Repeat("<d/>", 60_000) + strings.Repeat("</a>", 70)
	d, err := Parse([]byte(in), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	count := 0
	for range d.Root().Descendants("d") {
		count++
	}
	if count != 60_000 {
		t.Errorf("found %d of 60,000 elements", count)
	}
}

// TestADenseBeginningCostsLittle: what a document begins with does not decide how much
// memory is asked for.
func TestADenseBeginningCostsLittle(t *testing.T) { // not parallel: it looks at allocations
	in := []byte("<a><![CDATA[" + strings.Repeat("<", 1<<20) + "]]>" + strings.Repeat("x", 64<<20) + "</a>")
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if _, err := Parse(in, Limits{}); err != nil {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	if asked := after.TotalAlloc - before.TotalAlloc; asked > 40<<20 {
		t.Errorf("indexing one element took %d MiB", asked>>20)
	}
}
