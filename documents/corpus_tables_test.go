package documents_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/tabtemplate/tabtemplate/documents"
	"github.com/tabtemplate/tabtemplate/documents/tds"
)

// tableVerbs swap what real files read.
var tableVerbs = map[string]verb{
	"tables": func(f *documents.File) (n int, err error) {
		for ds := range f.Datasources() {
			for t := range ds.Tables() {
				want := tds.TableName{`acme & "co"`, "it's [new] " + t.Alias}
				n++
				_, e := ds.SwapTable(tds.Swap{From: t.Name.String(), To: want.String(), All: true})
				err = errors.Join(err, e)
				if got, e := readTable(ds, t); e != nil || !got.Name.Equal(want) || len(got.Differing) > 0 {
					err = errors.Join(err, fmt.Errorf("read %s (%w), want %s", got, e, want))
				}
			}
		}
		return n, err
	},
	"schemas": func(f *documents.File) (n int, err error) {
		for ds := range f.Datasources() {
			for t := range ds.Tables() {
				if t.Name.Schema() == "" || t.Name.Schema() == "acme ]1[" {
					continue
				}
				n++
				_, e := ds.SwapSchema(tds.Swap{From: t.Name.Schema(), To: "acme ]1[", All: true})
				err = errors.Join(err, e)
				if got, e := readTable(ds, t); e != nil || got.Name.Schema() != "acme ]1[" || got.Name.Table() != t.Name.Table() {
					err = errors.Join(err, fmt.Errorf("read %s (%w)", got, e))
				}
			}
		}
		return n, err
	},
	"databases": func(f *documents.File) (n int, err error) {
		for ds := range f.Datasources() {
			for t := range ds.Tables() {
				// No file here has a database in the names of its tables: they get one first.
				name := tds.TableName{"DEV", "public", "t " + t.Alias}
				if t.Name.Database() == "" {
					_, e := ds.SwapTable(tds.Swap{From: t.Name.String(), To: name.String(), All: true})
					err = errors.Join(err, e)
				}
				n++
			}
			if hasTables(ds) {
				_, e := ds.SwapDatabase(tds.Swap{From: "DEV", To: "PROD", All: true})
				err = errors.Join(err, e)
			}
			for t := range ds.Tables() {
				if t.Name.Database() != "PROD" || t.Name.Schema() != "public" {
					err = errors.Join(err, fmt.Errorf("read %s", t))
				}
			}
		}
		return n, err
	},
}

func hasTables(ds *tds.Datasource) bool {
	for range ds.Tables() {
		return true
	}
	return false
}

// readTable finds the table that was t, by what is never changed.
func readTable(ds *tds.Datasource, t tds.Table) (tds.Table, error) {
	for got := range ds.Tables() {
		if got.Alias == t.Alias && got.Connection == t.Connection {
			return got, nil
		}
	}
	return tds.Table{}, tds.ErrNotFound
}

// TestCorpusModel checks that the model of real files has every physical table, that its
// relationships are of its tables, and that the copies of tables agree and are all there are.
func TestCorpusModel(t *testing.T) {
	t.Parallel()
	tables, columns, relationships := 0, 0, 0
	for _, path := range corpus(t) {
		f := open(t, path)
		for ds := range f.Datasources() {
			model := ds.Model()
			inModel, ids := map[string]bool{}, map[string]bool{}
			for _, logical := range model.Tables {
				ids[logical.ID] = true
				eachTable(logical.Relation, func(r tds.Relation) { inModel[r.Connection+" "+r.Name+" "+r.Table.String()] = true })
			}
			for table := range ds.Tables() {
				tables++
				columns += len(table.Columns)
				if !inModel[table.Connection+" "+table.Alias+" "+table.Name.String()] {
					t.Errorf("%s: %s: %s is not in the model", path, ds, table)
				}
				if n := copiesOf(ds, table); n != table.Copies {
					t.Errorf("%s: %s: %s has %d copies, and %d were found", path, ds, table, n, table.Copies)
				}
				if len(table.Differing) > 0 {
					t.Errorf("%s: %s: copies of %s say %v", path, ds, table, table.Differing)
				}
			}
			for _, r := range model.Relationships {
				relationships++
				if !ids[r.First.Table] || !ids[r.Second.Table] || r.On.Op == "" {
					t.Errorf("%s: %s: the relationship %s is not of its tables", path, ds, r)
				}
			}
		}
	}
	if tables < 20 || columns < 100 || relationships == 0 {
		t.Errorf("read %d tables, %d columns, %d relationships", tables, columns, relationships)
	}
	t.Logf("%d tables, %d columns, %d relationships", tables, columns, relationships)
}

// copiesOf counts the relations anywhere in a data source that are a table, but for those of
// its extract.
func copiesOf(ds *tds.Datasource, table tds.Table) (n int) {
next:
	for el := range ds.Element().Descendants("relation") {
		connection, ok := el.Attr("connection")
		if el.Value("type") != "table" || el.Value("name") != table.Alias || ok && connection != table.Connection {
			continue
		}
		for around := el.Parent(); around.Exists(); around = around.Parent() {
			if around.Name() == "extract" || around.Value("context") == "extract" {
				continue next
			}
		}
		n++
	}
	return n
}

func eachTable(r tds.Relation, do func(tds.Relation)) {
	if r.Kind == tds.TableRelation {
		do(r)
	}
	for _, inner := range r.Inner {
		eachTable(inner, do)
	}
}
