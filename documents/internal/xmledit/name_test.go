package xmledit

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestLocalName(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		full, local string
		features    []Feature
	}{
		{"column", "column", nil},
		{":source-version", ":source-version", nil},
		{"_.fcp.A.true...relation", "relation", []Feature{{"A", true}}},
		{"_.fcp.A.false..._.fcp.B.true...style-rule", "style-rule", []Feature{{"A", false}, {"B", true}}},
		{"_.fcp.A.true...", "_.fcp.A.true...", nil},
		{"a...b", "a...b", nil},
	} {
		if got := LocalName(c.full); got != c.local {
			t.Errorf("LocalName(%q) = %q, want %q", c.full, got, c.local)
		}
		if diff := cmp.Diff(c.features, Features(c.full)); diff != "" {
			t.Errorf("Features(%q): %s", c.full, diff)
		}
	}
}

func TestReadForms(t *testing.T) {
	t.Parallel()
	d := mustParse(t, `<c _.fcp.D.false...dbname='old' _.fcp.D.true...dbname='main' class='x'>`+
		`<_.fcp.A.false..._.fcp.B.true...style-rule element='animation' /></c>`)
	if got := d.Root().Value("dbname"); got != "main" {
		t.Errorf("dbname = %q, want the form for readers that know the feature", got)
	}
	if got := d.Root().Child("style-rule").Value("element"); got != "animation" {
		t.Errorf("style-rule behind two prefixes: element = %q", got)
	}
	if d.Root().Child("rule").Exists() {
		t.Error("a part of a name matched")
	}
}
