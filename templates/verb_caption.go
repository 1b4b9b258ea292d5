package templates

import (
	"go.yaml.in/yaml/v4"

	"github.com/tabtemplate/tabtemplate/documents/tds"
)

// captionSpec gives a field another caption: the part of an edit of a column that most need.
var captionSpec = verbSpec{
	key: "caption", what: "the edit of a caption", keys: []string{"to"}, required: []string{"to"},
	decode: decodeCaption,
}

type captionVerb struct{ field, to *value }

func decodeCaption(d *editDecoder) verb {
	v := &captionVerb{}
	d.narrowed()
	d.known["caption"] = d.selector(&v.field, "caption")
	d.known["to"] = func(n *yaml.Node) { v.to = d.text(n, "to", use{secrets: true}) }
	return v
}

func (v *captionVerb) resolve(e *evaluator) rule {
	return &columnRule{field: e.selector(v.field), patch: tds.ColumnPatch{Caption: new(e.selector(v.to))}}
}
