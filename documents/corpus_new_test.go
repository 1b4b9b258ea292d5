package documents_test

import (
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tabtemplate/tabtemplate/documents"
	"github.com/tabtemplate/tabtemplate/documents/tds"
)

// Every verb works on a new data source as on one that Tableau made.
func TestNewVerbs(t *testing.T) {
	t.Parallel()
	template := newFile(t, tds.Spec{Name: "Orders", Connections: []tds.NewConnection{warehouse}, Relation: ordersTable, Columns: []tds.NewColumn{
		{Name: "tenant", Datatype: "string"}, {Name: "amount", Datatype: "real"}, {Name: "day", Datatype: "date"},
	}})
	total := 0
	for name, verb := range eachVerb() {
		f := template.Clone()
		n, err := verb(f)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		total += n
		once := document(t, written(t, f)) // which may be a package now
		assertReported(t, name, written(t, template), once, f.Changes())
		assertLikeEmpty(t, once)
	}
	if total < 3 {
		t.Errorf("verbs applied %d times", total)
	}
	path := filepath.Join(t.TempDir(), "orders.tds")
	if err := template.Save(path); err != nil {
		t.Fatal(err)
	}
	if ds, err := open(t, path).Datasource("Orders"); err != nil || ds.Label() != "Orders" {
		t.Errorf("saved and opened again: %v, %v", ds, err)
	}
}

// TestCorpusMadeAnew reads what real data sources are made of, and makes a new one of that.
func TestCorpusMadeAnew(t *testing.T) {
	t.Parallel()
	anew := 0
	for _, path := range corpus(t) {
		for ds := range open(t, path).Datasources() {
			spec, ok := specOf(ds)
			if !ok {
				continue
			}
			f, err := documents.New(spec)
			if err != nil {
				t.Errorf("%s: %s: %v", path, ds, err)
				continue
			}
			anew++
			again, _ := specOf(made(f))
			for i, c := range again.Connections { // what a new one has in any case
				for _, name := range []string{"authentication", "port"} {
					if _, ok := spec.Connections[i].Settings.Attrs[name]; !ok {
						delete(c.Settings.Attrs, name)
					}
				}
			}
			if diff := cmp.Diff(spec, again); diff != "" {
				t.Errorf("%s: %s (-real +new):\n%s", path, ds, diff)
			}
			assertLikeEmpty(t, written(t, f))
		}
	}
	t.Logf("made %d real data sources anew", anew)
	if anew < 10 {
		t.Errorf("only %d real data sources could be made anew", anew)
	}
}

// specOf reads a spec from a data source; not ok if it holds what cannot be made.
func specOf(ds *tds.Datasource) (spec tds.Spec, ok bool) {
	spec.Name = ds.Name()
	for c := range ds.Connections() {
		attrs := maps.Collect(c.Attrs())
		delete(attrs, "class")
		for name := range attrs {
			if strings.Contains(name, "password") || strings.HasPrefix(name, "_.fcp.") {
				return spec, false
			}
		}
		caption := c.Caption()
		if spec.Bare = c.Name() == ""; caption == "" && !spec.Bare {
			caption = c.Server() // which a new one has for a caption
		}
		spec.Connections = append(spec.Connections, tds.NewConnection{
			Name: c.Name(), Caption: caption, Settings: tds.ConnectionPatch{Class: c.Class(), Attrs: attrs, New: true},
		})
	}
	tables := ds.Model().Tables
	if len(tables) != 1 || len(spec.Connections) == 0 {
		return spec, false
	}
	spec.Relation = tables[0].Relation
	return spec, canMake(spec.Relation)
}

func canMake(r tds.Relation) bool {
	kinds := []tds.RelationKind{tds.TableRelation, tds.SQLRelation, tds.ProcRelation, tds.JoinRelation}
	return slices.Contains(kinds, r.Kind) && !slices.ContainsFunc(r.Inner, func(in tds.Relation) bool { return !canMake(in) })
}

// FuzzNew: what a spec says reads back, or making it is an error.
func FuzzNew(f *testing.F) {
	f.Add("Orders", "orders", "SELECT 1 <> 2", "tenant", "West")
	f.Add("", "a]b", "<[Parameters].[P]>\r\n]]>", "[x]", `50% \ "`)
	f.Add("\x00", "", "", "", "\x01")
	f.Fuzz(func(t *testing.T, name, table, sql, column, value string) {
		spec := tds.Spec{
			Name: name, Connections: []tds.NewConnection{warehouse}, Columns: []tds.NewColumn{{Name: column, Caption: value, Datatype: "string"}},
			Relation: tds.Relation{
				Kind: tds.JoinRelation, Join: "inner", Clause: compare("=", value, "1"),
				Inner: []tds.Relation{
					{Kind: tds.TableRelation, Name: "t", Connection: "postgres.w", Table: tds.TableName{table}},
					{Kind: tds.SQLRelation, Name: name + "q", Connection: "postgres.w", SQL: sql},
				},
			},
		}
		made, err := documents.New(spec)
		if err != nil {
			return
		}
		for ds := range made.Datasources() {
			if diff := cmp.Diff(spec.Relation, ds.Model().Tables[0].Relation); diff != "" {
				t.Errorf("relation (-want +got):\n%s", diff)
			}
			if c, err := ds.Column("[" + strings.ReplaceAll(tds.Unbracket(column), "]", "]]") + "]"); err != nil || c.Caption != value {
				t.Errorf("column %+v, %v", c, err)
			}
		}
	})
}
