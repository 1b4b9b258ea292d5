package tds_test

import (
	"errors"
	"testing"

	"github.com/tabtemplate/tabtemplate/documents"
	"github.com/tabtemplate/tabtemplate/documents/internal/doctest"
	"github.com/tabtemplate/tabtemplate/documents/tds"
)

// TestContradictions is case 83 for what is removed or found as it is to be: whether two
// rules contradict each other does not depend on what the document says.
func TestContradictions(t *testing.T) {
	t.Parallel()
	type edit = func(*tds.Datasource) error
	column := func(p tds.ColumnPatch) edit {
		return func(ds *tds.Datasource) error { return ds.UpdateColumn("[Region]", p) }
	}
	alias := func(text string) edit {
		return column(tds.ColumnPatch{Aliases: []tds.Alias{{Member: tds.String("a"), Text: text}}})
	}
	filter := func(value string) edit {
		return func(ds *tds.Datasource) error { return ds.SetFilter(tds.Include("[Region]", tds.String(value))) }
	}
	noFilter := func(ds *tds.Datasource) error { return ds.RemoveFilter("Gebiet") }
	calculate := func(ds *tds.Datasource) error {
		_, err := ds.SetCalculatedField(tds.CalculatedField{Caption: "New", Formula: "1", Datatype: "integer"})
		return err
	}
	uncalculate := func(ds *tds.Datasource) error { return ds.RemoveCalculatedField("New") }
	translate := func(kind tds.TextKind) edit {
		return func(ds *tds.Datasource) error {
			_, err := ds.Translate(tds.Translation{Strings: map[string]string{"Area": "Gebiet", "N": "North"}, TextSelection: only(kind)})
			return err
		}
	}
	for _, c := range []struct {
		name                  string
		before, first, second edit
		conflict              bool
	}{
		{"a filter removed and set", filter("x"), noFilter, filter("y"), true},
		{"a filter removed and set on another field", filter("x"), noFilter, func(ds *tds.Datasource) error {
			return ds.SetFilter(tds.IncludeAll("Sales"))
		}, false},
		{"a filter set twice", nil, filter("x"), filter("x"), false},
		{"an alias taken away and set", nil, alias(""), alias("A"), true},
		{"an alias set twice", nil, alias("A"), alias("A"), false},
		{"an alias that is there and another", nil, alias("North"), alias("A"), true},
		{"a description removed and set", nil, column(tds.ColumnPatch{Description: new("")}), column(tds.ColumnPatch{Description: new("x")}), true},
		{"a format that is not there and one", nil, column(tds.ColumnPatch{Format: new("")}), column(tds.ColumnPatch{Format: new("n0")}), true},
		{"a calculation removed and added", calculate, uncalculate, calculate, true},
		{"a calculation added and removed", nil, calculate, uncalculate, true},
		{"a caption translated before, and another", nil, translate(tds.CaptionTexts), column(tds.ColumnPatch{Caption: new("Land")}), true},
		{"a caption translated before, and the same", nil, translate(tds.CaptionTexts), column(tds.ColumnPatch{Caption: new("Gebiet")}), false},
		{"an alias translated before, and another", nil, translate(tds.AliasTexts), alias("A"), true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f := doctest.Open(t, book)
			if c.before != nil {
				if err := orders(c.before)(f); err != nil {
					t.Fatal(err)
				}
			}
			if err := f.Atomically("one", func() error { return orders(c.first)(f) }); err != nil {
				t.Fatal(err)
			}
			err := f.Atomically("two", func() error { return orders(c.second)(f) })
			if _, is := errors.AsType[*documents.ConflictError](err); is != c.conflict || err != nil && !is {
				t.Errorf("%v", err)
			}
		})
	}
}
