package templates

import (
	"go.yaml.in/yaml/v4"

	"github.com/tabtemplate/tabtemplate/documents/tds"
)

// textSpec replaces a part of what people see.
var textSpec = verbSpec{
	key: "text", what: "the edit of a text", keys: []string{"with", "only", "except"}, required: []string{"with"},
	decode: decodeText,
}

type textVerb struct {
	text, with *value
	selection  tds.TextSelection
}

func decodeText(d *editDecoder) verb {
	v := &textVerb{}
	d.narrowed()
	d.known["text"] = func(n *yaml.Node) { v.text = d.text(n, "text", use{}) }
	d.known["with"] = func(n *yaml.Node) { v.with = d.text(n, "with", use{}) }
	d.textKinds(&v.selection)
	return v
}

type textRule struct{ replacement tds.TextReplacement }

func (v *textVerb) resolve(e *evaluator) rule {
	return &textRule{tds.TextReplacement{From: e.selector(v.text), To: e.selector(v.with), TextSelection: v.selection}}
}

func (r *textRule) apply(to *Rendering, e resolved) error {
	return e.inTexts(to.File, func(t texts) error {
		_, err := t.ReplaceText(r.replacement)
		return err
	})
}
