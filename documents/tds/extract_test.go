package tds_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tabtemplate/tabtemplate/documents"
	"github.com/tabtemplate/tabtemplate/documents/internal/doctest"
	"github.com/tabtemplate/tabtemplate/documents/tds"
)

// The place of an extract in FX1 and FX2, and that of what the object graph tells of it.
const (
	aheadLayout = "      <layout dim"
	liveEnd     = "            </properties>\n"
)

const graphExtract = `            <properties context='extract'>
              <relation name='Extract' table='[Extract].[Extract]' type='table' />
            </properties>
`

// ordersExtract is FX1 with an extract.
func ordersExtract(t testing.TB) string {
	return doctest.Replace(t, doctest.FX1, liveEnd, liveEnd+graphExtract, aheadLayout, `      <extract count='-1' enabled='true' object-id='' units='records'>
        <connection access_mode='readonly' class='hyper' dbname='Data/Extracts/t.hyper' schema='Extract' tablename='Extract' username='tableau_internal_user'>
          <relation name='Extract' table='[Extract].[Extract]' type='table' />
          <refresh increment-key='[id]' incremental-updates='true'>
            <refresh-event add-from-file-path='' increment-value='%null%' refresh-type='create' rows-inserted='10' timestamp-start='2024-01-01 10:00:00.000' />
            <refresh-event add-from-file-path='new.csv' increment-value='#2024-01-01#' refresh-type='increment' rows-inserted='2' timestamp-start='2024-02-01 10:00:00.000' />
          </refresh>
        </connection>
      </extract>
`+aheadLayout)
}

func TestExtract(t *testing.T) {
	t.Parallel()
	if _, ok := datasource(t, doctest.FX1).Extract(); ok || datasource(t, doctest.FX1).HasExtract() {
		t.Error("FX1 has an extract")
	}
	got, ok := datasource(t, ordersExtract(t)).Extract()
	want := tds.Extract{
		Enabled: true, Class: "hyper", Path: "Data/Extracts/t.hyper", Count: -1, Units: "records", Tables: []tds.TableName{{"Extract", "Extract"}},
		Refresh: tds.Refresh{Incremental: true, Key: "[id]", Events: []tds.RefreshEvent{
			{Type: "create", Start: "2024-01-01 10:00:00.000", Rows: 10, Value: "%null%"},
			{Type: "increment", Start: "2024-02-01 10:00:00.000", Rows: 2, File: "new.csv", Value: "#2024-01-01#"},
		}},
	}
	if diff := cmp.Diff(want, got); !ok || diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	// Forked relations tell of one table once, and a .tde may be written as of class hyper.
	got, _ = datasource(t, `<datasource name='x'><extract _.fcp.ObjectModelExtractV2.true...object-id='o' count='5' enabled='false' units='percent'>
<connection class='hyper' db-format='dataengine' dbname='a.tde'><_.fcp.F.false...relation table='[Extract].[a]' type='table' /><_.fcp.F.true...relation type='collection'>
<relation table='[Extract].[a]' type='table' /><relation table='[Extract].[b]' type='table' /></_.fcp.F.true...relation></connection></extract></datasource>`).Extract()
	want = tds.Extract{Class: "dataengine", Path: "a.tde", Count: 5, Units: "percent", ObjectID: "o", Tables: []tds.TableName{{"Extract", "a"}, {"Extract", "b"}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for _, odd := range []string{"<extract />", "<extract enabled='true'><connection /></extract>", "<extract><connection class='federated' /></extract>"} {
		if _, ok := datasource(t, "<datasource name='x'>"+odd+"</datasource>").Extract(); !ok {
			t.Errorf("%s is no extract", odd)
		}
	}
}

func extractVerb(verb func(*tds.Datasource) error) func(*documents.File) error {
	return func(f *documents.File) error { return verb(first(f)) }
}

func TestEnableExtract(t *testing.T) {
	t.Parallel()
	enable := func(to bool) func(*documents.File) error {
		return extractVerb(func(ds *tds.Datasource) error { return ds.EnableExtract(to) })
	}
	t.Run("case 74", func(t *testing.T) {
		t.Parallel()
		in := doctest.Replace(t, ordersExtract(t), "<extract count='-1' enabled='true' object-id='' units", "<extract _.fcp.ObjectModelExtractV2.true...object-id='' count='-1' enabled='true' units")
		want := doctest.Replace(t, in, "count='-1' enabled='true'", "count='-1' enabled='false'")
		f := doctest.Edited(t, in, enable(false), want)
		if first(f).HasExtract() {
			t.Error("it is still enabled")
		}
		doctest.Edited(t, want, enable(true), in)
	})
	doctest.Refused(t, doctest.FX1, enable(false), `disabling the extract of data source "Orders": no extract in data source "Orders"`)
	doctest.Refused(t, doctest.FX1, enable(true), "enabling the extract")
	if err := enable(true)(doctest.Open(t, doctest.FX1)); !errors.Is(err, tds.ErrNotFound) {
		t.Errorf("no extract: %v", err)
	}
}

func TestSetExtractPath(t *testing.T) {
	t.Parallel()
	set := func(path string) func(*documents.File) error {
		return extractVerb(func(ds *tds.Datasource) error { return ds.SetExtractPath(path) })
	}
	in := ordersExtract(t)
	doctest.Edited(t, in, set("Data/Extracts/o'neil.hyper"), strings.Replace(in, "t.hyper", "o&apos;neil.hyper", 1))
	doctest.Refused(t, in, set(""), "the path is empty")
	doctest.Refused(t, doctest.FX1, set("a"), "no extract")
	const several = `<datasource name='x'><extract><connection dbname='a' /><connection dbname='%' /></extract></datasource>`
	same := strings.Replace(several, "%", "a", 1)
	doctest.Edited(t, same, set("b"), strings.ReplaceAll(same, "'a'", "'b'"))
	doctest.Refused(t, several, set("b"), "2 matches for file", "a, %")
	doctest.Refused(t, "<datasource name='x'><extract /></datasource>", set("b"), "no connection")
}

func TestRemoveExtract(t *testing.T) {
	t.Parallel()
	remove := extractVerb((*tds.Datasource).RemoveExtract)
	t.Run("case 75", func(t *testing.T) {
		t.Parallel()
		f := doctest.Open(t, ordersExtract(t))
		if err := remove(f); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(doctest.FX1, doctest.Written(t, f)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if err := remove(f); !errors.Is(err, tds.ErrNotFound) {
			t.Errorf("a second time: %v", err)
		}
	})
	doctest.Refused(t, doctest.FX1, remove, "removing the extract", "no extract")
	only := doctest.Replace(t, ordersExtract(t), "<properties context=''>", "<properties context='extract'>")
	doctest.Refused(t, only, remove, `logical table "orders" has nothing but the extract`)
}

func TestScrubRefreshHistory(t *testing.T) {
	t.Parallel()
	want := ordersExtract(t)
	for range 2 {
		from := strings.Index(want, "            <refresh-event")
		want = want[:from] + want[from+strings.Index(want[from:], "\n")+1:]
	}
	t.Run("case 77", func(t *testing.T) {
		t.Parallel()
		f := doctest.Edited(t, ordersExtract(t), func(f *documents.File) error {
			return f.Scrub([]documents.TraceKind{documents.TraceHistory})
		}, want)
		if x, _ := first(f).Extract(); len(x.Refresh.Events) != 0 || x.Refresh.Key != "[id]" {
			t.Errorf("%+v", x.Refresh)
		}
	})
}
