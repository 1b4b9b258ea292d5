package templates

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tabtemplate/tabtemplate/documents"
)

// sized is a schema that wants no workbook to have a size.
type sized struct{ err error }

func (s sized) Validate(document []byte) ([]documents.Violation, error) {
	if s.err != nil || !strings.Contains(string(document), " size='") {
		return nil, s.err
	}
	return []documents.Violation{{Line: 1, Col: 1, Element: "/workbook", Text: "unexpected attribute size"}}, nil
}

// TestCheck looks at all edits that fail, at what the others bring, and at what the template has itself.
func TestCheck(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, edits string
		schema      documents.Validator
		want        []string
	}{
		{"sound", repointed + "    - {scrub: all}\n", nil, []string{
			"warning published: data source \"Orders\" refers to the published data source \"Orders\", which no template is published as",
		}},
		{"several fail", "    - {parameter: None, value: 1}\n    - {filter: None, include: [a]}\n    - {scrub: all}\n", nil, []string{
			"error edits m.yaml:10: m.yaml:10 edit 1: no parameter",
			"error edits m.yaml:11: m.yaml:11 edit 2: no field",
		}},
		{"the whole does not fit", "    - {scrub: all}\n", nil, []string{
			"error edits m.yaml:6: data source \"Orders\" refers to the published data source \"OrdersDev\" of site \"dev\"",
		}},
		{"a schema", repointed + "    - {scrub: all}\n    - {xml: /workbook, add: {size: 1}}\n", sized{}, []string{
			"error schema: unexpected attribute size",
			"warning published: data source \"Orders\" refers",
		}},
		{"a schema that fails", repointed + "    - {scrub: all}\n", sized{errors.New("no more memory")}, []string{
			"error file: validating",
			"warning published: data source \"Orders\" refers",
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			m, r := cached(t, withEdits(test.edits))
			var got []string
			for _, f := range r.Checker(test.schema).Check(m.byKey["acme"], m.templates[0]) {
				if f.Level == Info || f.Kind == "files" {
					continue
				}
				got = append(got, strings.ReplaceAll(fmt.Sprintf("%s %s %s: %s", f.Level, f.Kind, f.Manifest, f.Text), " : ", ": "))
			}
			if !slices.EqualFunc(got, test.want, strings.HasPrefix) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(test.want, "\n"))
			}
		})
	}
}

func TestExamples(t *testing.T) {
	t.Parallel()
	m, err := Load(inFolder(t, `version: 1
server: {url: emulator}
sites: {a: {vars: {k: 1}}, b: {vars: {k: 1}}, c: {vars: {k: 2}}, d: {vars: {k: 3}}, e: {vars: {k: 2}}}
templates:
  orders: {file: orders.tds, when: k < 3, publish: {as: Orders}, edits: [{when: k == 1, scrub: all}]}
`))
	if err != nil {
		t.Fatal(err)
	}
	var keys []string
	for _, s := range m.Examples() {
		keys = append(keys, s.Key)
	}
	if diff := cmp.Diff([]string{"a", "c", "d"}, keys); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
