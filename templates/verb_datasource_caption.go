package templates

import (
	"errors"

	"github.com/tabtemplate/tabtemplate/documents/tds"
)

// datasourceCaptionSpec gives a data source another caption.
var datasourceCaptionSpec = verbSpec{
	key: "datasource_caption", what: "the edit of the caption of a data source", keys: []string{"to"}, required: []string{"to"},
	decode: decodeDatasourceCaption,
}

type datasourceCaptionVerb struct{ name, to *value }

func decodeDatasourceCaption(d *editDecoder) verb {
	v := &datasourceCaptionVerb{}
	d.known["datasource_caption"] = d.selector(&v.name, "datasource_caption")
	d.known["to"] = d.selector(&v.to, "to")
	return v
}

type datasourceCaptionRule struct{ name, to string }

func (v *datasourceCaptionVerb) resolve(e *evaluator) rule {
	return &datasourceCaptionRule{e.selector(v.name), e.selector(v.to)}
}

func (r *datasourceCaptionRule) apply(to *Rendering, e resolved) error {
	err := to.File.RenameDatasource(r.name, r.to)
	switch {
	case e.optional && errors.Is(err, tds.ErrNotFound):
		return nil
	case errors.Is(err, tds.ErrAmbiguous):
		return &advisedError{err, "no two data sources can get one caption: give the internal name of the one that is meant"}
	}
	return err
}
