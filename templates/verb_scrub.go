package templates

import "go.yaml.in/yaml/v4"

// scrubSpec takes out of a file what belongs to its author.
var scrubSpec = verbSpec{key: "scrub", what: "the edit that scrubs", decode: decodeScrub}

// scrubbed is what there is to scrub; whether it can be yet.
var scrubbed = map[string]bool{"credentials": true, "thumbnails": false, "provenance": false, "caches": false}

type scrubVerb struct{}

func decodeScrub(d *editDecoder) verb {
	d.narrowed()
	d.known["scrub"] = func(n *yaml.Node) {
		if !d.isList(n, "scrub") {
			return
		}
		if len(n.Content) == 0 {
			d.problem(n, "", "scrub must not be empty")
		}
		for _, item := range n.Content {
			item = follow(item)
			word := d.plain(item, "a word of scrub")
			done, known := scrubbed[word]
			switch {
			case word == "" || done:
			case known:
				d.problem(item, "take it out of the list", "%q cannot be scrubbed yet: only credentials can", word)
			default:
				d.problem(item, suggest(word, []string{"credentials"}), "%q is nothing that can be scrubbed", word)
			}
		}
	}
	return scrubVerb{}
}

func (v scrubVerb) resolve(*evaluator) rule { return v }

// apply takes the secrets out of all data sources. That there are none is fine: the edit says how the file is to be.
func (scrubVerb) apply(to *Rendering, e resolved) error {
	datasources, err := e.datasources(to.File)
	if err != nil {
		return err
	}
	for _, ds := range datasources {
		if err := ds.ScrubSecrets(); err != nil {
			return err
		}
	}
	return nil
}
