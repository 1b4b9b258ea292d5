package templates

import (
	"slices"

	"go.yaml.in/yaml/v4"

	"github.com/tabtemplate/tabtemplate/documents"
)

// scrubSpec takes out of a file what belongs to its author.
var scrubSpec = verbSpec{key: "scrub", what: "the edit that scrubs", decode: decodeScrub}

// scrubAll is the word for all that can be scrubbed but the rows of extracts, without which a file may be of no use.
const scrubAll = "all"

// scrubVerb is the same for all sites.
type scrubVerb struct {
	kinds []documents.TraceKind
}

func decodeScrub(d *editDecoder) verb {
	v := &scrubVerb{}
	d.narrowed()
	d.known["scrub"] = func(n *yaml.Node) {
		if n.Kind == yaml.ScalarNode && n.ShortTag() == "!!str" && (n.Value == scrubAll || !slices.Contains(scrubWords(), n.Value)) {
			v.kinds = d.scrubbed(n)
			return
		}
		if !d.isList(n, "scrub") {
			return
		}
		if len(n.Content) == 0 {
			d.problem(n, "", "scrub must not be empty")
		}
		for _, item := range n.Content {
			v.kinds = append(v.kinds, d.scrubbed(follow(item))...)
		}
	}
	return v
}

// scrubbed decodes a word of scrub. In a data source there is not all that there is in a file.
func (d *editDecoder) scrubbed(n *yaml.Node) (kinds []documents.TraceKind) {
	word := d.plain(n, "a word of scrub")
	narrowed := has(d.node, "datasource")
	for _, k := range documents.ScrubKinds() {
		switch is := word == string(k); {
		case is && narrowed && !k.OfDatasources():
			d.problem(n, "make it an edit without a data source", "%s are not in a data source", k)
		case is, word == scrubAll && k != documents.TraceExtracts:
			kinds = append(kinds, k)
		}
	}
	if words := scrubWords(); word != "" && !slices.Contains(words, word) {
		d.problem(n, suggest(word, words), "%q is nothing that can be scrubbed", word)
	}
	return kinds
}

// scrubWords are all that scrub takes.
func scrubWords() []string {
	words := []string{scrubAll}
	for _, k := range documents.ScrubKinds() {
		words = append(words, string(k))
	}
	return words
}

func (v *scrubVerb) resolve(*evaluator) rule { return v }

// apply takes out what there is. That there is none is fine: the edit says how the file is to be.
func (v *scrubVerb) apply(to *Rendering, e resolved) error {
	if e.datasource == "" {
		return to.File.Scrub(v.kinds)
	}
	datasources, err := e.datasources(to.File)
	if err != nil || len(datasources) == 0 {
		return err
	}
	return to.File.Scrub(v.kinds, datasources...)
}
