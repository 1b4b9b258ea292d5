package tds

import (
	"fmt"
	"iter"

	"github.com/tabtemplate/tabtemplate/documents/internal/xmledit"
)

// Secret is a place in a data source that holds a password or another secret, which is
// told to nobody.
type Secret struct {
	Path      string // the attribute: /datasource/connection/@password
	Line, Col int    // of its element, or of what that is nested in; from 1
}

// String is the secret in one line: its place.
func (s Secret) String() string { return fmt.Sprintf("%d:%d %s", s.Line, s.Col, s.Path) }

// Secrets lists the attributes of connections that hold a secret, be it their whole value
// or a setting in it: those of sources, of the wrapper around them, of extracts, of
// references to published data sources, and of the copies nested in these (hard case
// 35). An empty password is none. A nested copy that cannot be read is an error, which
// comes last.
func (ds *Datasource) Secrets() iter.Seq2[Secret, error] {
	return func(yield func(Secret, error) bool) {
		for _, place := range ds.secrets() {
			at := place.el.Position()
			if !yield(Secret{place.el.Path() + "/@" + place.attr.Name, at.Line, at.Col}, nil) {
				return
			}
		}
		for nested, err := range ds.Nested() {
			if err != nil {
				yield(Secret{}, fmt.Errorf("secrets of %s: %w", ds, err))
				return
			}
			for secret, err := range nested.Secrets() {
				if !yield(secret, err) || err != nil {
					return
				}
			}
		}
	}
}

// ScrubSecrets takes the secrets out of the data source: a password becomes empty, one in
// a list of settings or in SQL the word redacted. Attributes stay, also empty ones. A
// nested copy that cannot be read is an error.
func (ds *Datasource) ScrubSecrets() error {
	err := ds.el.Document().Atomically("", func() error {
		for nested, err := range ds.Nested() {
			if err == nil {
				err = nested.ScrubSecrets()
			}
			if err != nil {
				return err
			}
		}
		for _, place := range ds.secrets() {
			value := Redact(place.attr.Name, place.attr.Value)
			if value == redacted {
				value = ""
			}
			if err := place.el.SetAttr(place.attr.Name, value); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("scrubbing secrets of %s: %w", ds, err)
	}
	return nil
}

// secretPlace is an attribute that holds a secret.
type secretPlace struct {
	el   xmledit.Element
	attr xmledit.Attr
}

// secrets are the places in the data source itself, without those of nested copies.
func (ds *Datasource) secrets() []secretPlace {
	var places []secretPlace
	for el := range ds.el.Descendants("connection") {
		for attr := range el.Attrs() {
			if Redact(attr.Name, attr.Value) != attr.Value {
				places = append(places, secretPlace{el, attr})
			}
		}
	}
	return places
}
