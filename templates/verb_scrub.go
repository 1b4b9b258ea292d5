package templates

import (
	"slices"
	"strconv"
	"strings"

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
	word := d.word(n, "a word of scrub")
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
	extracts := slices.Contains(v.kinds, documents.TraceExtracts)
	if e.datasource == "" {
		to.scrubbed[""] = to.scrubbed[""] || extracts
		return to.File.Scrub(v.kinds)
	}
	datasources, err := e.datasources(to.File)
	if err != nil || len(datasources) == 0 {
		return err
	}
	for _, ds := range datasources {
		to.scrubbed[ds.Name()] = to.scrubbed[ds.Name()] || extracts
	}
	return to.File.Scrub(v.kinds, datasources...)
}

// scrubWarnings tells, once for all of them, of the template's files with rows that stay although extracts are scrubbed:
// whoever asks for that may take them for extracts. It leaves out what fileWarnings tells of.
func (r *Rendering) scrubWarnings() []string {
	replaced := r.replaced()
	var stay []string
	add := func(entry string) {
		if name := strconv.Quote(entry); !replaced[entry] && !slices.Contains(stay, name) {
			stay = append(stay, name)
		}
	}
	for _, ref := range r.references {
		if ref.Source && ref.Entry != "" && !r.touched[ref.Datasource] && (r.scrubbed[""] || r.scrubbed[ref.Datasource]) {
			add(ref.Entry)
		}
	}
	if r.scrubbed[""] {
		for t := range r.File.Traces(documents.TraceFiles) {
			if t.Datasource == "" && !r.packed.entries[t.Entry] {
				add(t.Entry)
			}
		}
	}
	if stay == nil {
		return nil
	}
	return []string{"the rows of extracts are scrubbed, but these files of the template are none and go to the site: " + strings.Join(stay, ", ") +
		": an edit `data_file` replaces each, or removes it"}
}
