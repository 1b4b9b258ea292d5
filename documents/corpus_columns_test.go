package documents_test

import (
	"errors"
	"fmt"
	"strings"

	"github.com/tabtemplate/tabtemplate/documents"
	"github.com/tabtemplate/tabtemplate/documents/tds"
)

// columnVerbs change fields: what people see of them, and calculations.
var columnVerbs = map[string]verb{
	"columns": func(f *documents.File) (n int, err error) {
		for ds, c := range fields(f) {
			n++
			caption, format := "Ü <"+c.Name+">", `c"$"#,##0`
			err = errors.Join(err, ds.UpdateColumn(c.Name, tds.ColumnPatch{
				Caption: &caption, Description: new("a\n'b'"), Format: &format, Aggregation: new("Min"), Hidden: new(!strings.HasPrefix(c.Name, "[A")),
			}))
			got, bad := ds.Column(c.Name)
			if bad != nil || got.Caption != caption || got.Description != "a\n'b'" || got.Format != format || got.Aggregation != "Min" || got.Hidden == strings.HasPrefix(c.Name, "[A") {
				err = errors.Join(err, fmt.Errorf("%s reads as %+v: %w", c.Name, got, bad))
			}
		}
		return n, err
	},
	"aliases": func(f *documents.File) (n int, err error) {
		for ds, c := range fields(f) {
			v := map[string]tds.Value{"string": tds.String(`50% "x" #1 \`), "integer": tds.Integer(7), "boolean": tds.Boolean(true)}[c.Datatype]
			if v == tds.Null() {
				continue
			}
			n++
			want := tds.Alias{Member: v, Text: "ü <7>"}
			err = errors.Join(err, ds.UpdateColumn(c.Name, tds.ColumnPatch{Aliases: []tds.Alias{want}}))
			got, bad := ds.Column(c.Name)
			found := false
			for _, a := range got.Aliases {
				found = found || a == want
			}
			if !found {
				err = errors.Join(err, fmt.Errorf("%s reads as %+v: %w", c.Name, got.Aliases, bad))
			}
		}
		return n, err
	},
	"calculations added": func(f *documents.File) (n int, err error) {
		for ds := range f.Datasources() {
			field := tds.CalculatedField{Caption: "Row <Level> Security", Formula: "1\n// net", Datatype: "integer", Role: "dimension"}
			for c := range ds.Columns() {
				if _, bad := ds.Column(c.Label()); bad == nil && c.Datatype == "string" && c.Caption != "" {
					field.Formula = "IIF([" + strings.ReplaceAll(c.Caption, "]", "]]") + "]\n= USERNAME(), 1, 0)"
				}
			}
			n++
			name, bad := ds.SetCalculatedField(field)
			got, missing := ds.Column(name)
			if err = errors.Join(err, bad, missing); got.Caption != field.Caption || got.Class != "tableau" || got.Role != "dimension" {
				err = errors.Join(err, fmt.Errorf("%s reads as %+v", name, got))
			}
		}
		return n, err
	},
	"calculations changed": func(f *documents.File) (n int, err error) {
		for ds, c := range fields(f) {
			if c.Class != "tableau" {
				continue
			}
			formula := "1 + 1"
			for plain := range ds.Columns() {
				if plain.Class == "" && plain.Datatype != "table" {
					formula = "MAX(" + plain.Name + ")\n// it's"
				}
			}
			n++
			name, bad := ds.SetCalculatedField(tds.CalculatedField{Caption: c.Name, Formula: formula})
			got, missing := ds.Column(c.Name)
			if err = errors.Join(err, bad, missing); name != c.Name || strings.ReplaceAll(got.Formula, "\r", "") != formula {
				err = errors.Join(err, fmt.Errorf("%s reads as %+v", c.Name, got))
			}
		}
		return n, err
	},
	"calculations removed": func(f *documents.File) (n int, err error) {
		for again := true; again; { // what is gone uses nothing any more
			again = false
			for ds, c := range fields(f) {
				if c.Class == "" {
					continue
				}
				switch bad := ds.RemoveCalculatedField(c.Name); {
				case bad == nil:
					again = true
					n++
					if _, bad := ds.Column(c.Name); !errors.Is(bad, tds.ErrNotFound) {
						err = errors.Join(err, fmt.Errorf("%s is still there (%w)", c.Name, bad))
					}
				case !strings.Contains(bad.Error(), "it is used by"):
					err = errors.Join(err, bad)
				}
			}
		}
		return n, err
	},
}

// fields lists the fields of all data sources as they are at first.
func fields(f *documents.File) func(func(*tds.Datasource, tds.Column) bool) {
	return func(yield func(*tds.Datasource, tds.Column) bool) {
		for ds := range f.Datasources() {
			var all []tds.Column
			for c := range ds.Columns() {
				all = append(all, c)
			}
			for _, c := range all {
				if c.Datatype != "table" && !yield(ds, c) {
					return
				}
			}
		}
	}
}
