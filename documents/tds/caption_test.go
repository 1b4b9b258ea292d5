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

// named is a workbook with a data source of a caption in all places that have it, and in
// those that only look as if they had it.
func named(caption string) string {
	list := func(indent string) string {
		return indent + "<datasources><datasource caption='" + caption + "' name='federated.a' /><datasource caption='Orders' name='federated.b' /></datasources>\n"
	}
	var b strings.Builder
	b.WriteString("<workbook>\n  <datasources>\n    <datasource name='Parameters' />\n    <datasource caption='" + caption + "' name='federated.a'>\n" +
		"      <connection class='federated'><named-connections><named-connection caption='Orders' name='c' /></named-connections></connection>\n" +
		"      <column caption='Orders' name='[Orders]' />\n" +
		"      <object-graph><objects><object caption='Orders' id='Orders_1' /></objects></object-graph>\n" +
		"    </datasource>\n    <datasource caption='Returns' name='Orders (copy)' />\n  </datasources>\n" +
		"  <shared-views><shared-view name='federated.a'>\n" + list("    ") + "  </shared-view></shared-views>\n" +
		"  <actions>\n" + list("    ") + "  </actions>\n  <worksheets>\n")
	for range 12 {
		b.WriteString("    <worksheet name='Orders'><table><view>\n" + list("      ") + "    </view></table></worksheet>\n")
	}
	b.WriteString("    <worksheet name='old'><table><view><datasources><datasource caption='Orders (old)' name='federated.a' /></datasources></view></table></worksheet>\n" +
		"    <worksheet name='bare'><table><view><datasources><datasource name='federated.a' /></datasources></view></table></worksheet>\n" +
		"  </worksheets>\n  <gizmo><datasource caption='Orders' name='federated.a' /></gizmo>\n</workbook>\n") // which nobody knows, case 86
	return b.String()
}

func rename(name, caption string) func(*documents.File) error {
	return func(f *documents.File) error { return f.RenameDatasource(name, caption) }
}

// TestRenameDatasource is case 71.
func TestRenameDatasource(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"Orders", "federated.a"} {
		f := doctest.Edited(t, named("Orders"), rename(name, "Orders of <Acme>"), named("Orders of &lt;Acme&gt;"))
		if n := f.ChangeCount(); n != 15 {
			t.Errorf("case 71: %d changes", n)
		}
		var notes []string
		for n := range f.Notes() {
			notes = append(notes, n.Text)
		}
		want := []string{`the caption "Orders (old)" of a copy stays: the data source had another, "Orders"`}
		if name == "Orders" { // renamed a second time
			want = append(want, `there is no data source "Orders"; "Orders of <Acme>" is there already`)
		}
		if diff := cmp.Diff(want, notes); diff != "" {
			t.Errorf("case 71: notes (-want +got):\n%s", diff)
		}
		if ds, err := f.Datasource("Orders of <Acme>"); err != nil || ds.Name() != "federated.a" {
			t.Errorf("reads as %v, %v", ds, err)
		}
	}
}

// TestRenameDatasourceOfOtherForms: a caption is added where there is none, to the data
// source and to the views that list it, and a copy that has the new one already is fine.
func TestRenameDatasourceOfOtherForms(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, in, want string }{
		{
			"no caption", "<workbook><datasources><datasource name='a' /></datasources><worksheets><worksheet><table><view><datasources><datasource name='a' /></datasources></view></table></worksheet></worksheets></workbook>",
			"<workbook><datasources><datasource caption='B' name='a' /></datasources><worksheets><worksheet><table><view><datasources><datasource caption='B' name='a' /></datasources></view></table></worksheet></worksheets></workbook>",
		},
		{
			"copies that say the name, and the new caption", "<workbook><datasources><datasource name='a' /></datasources><actions><datasources><datasource caption='a' name='a' /></datasources></actions><dashboards><dashboard><datasources><datasource caption='B' name='a' /></datasources></dashboard></dashboards></workbook>",
			"<workbook><datasources><datasource caption='B' name='a' /></datasources><actions><datasources><datasource caption='B' name='a' /></datasources></actions><dashboards><dashboard><datasources><datasource caption='B' name='a' /></datasources></dashboard></dashboards></workbook>",
		},
		{"a data source file", "<datasource formatted-name='a' inline='true' />", "<datasource caption='B' formatted-name='a' inline='true' />"},
		{"case 52: a published one keeps the name it was published under", published("A", "A"), published("B", "B")},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f := doctest.Edited(t, c.in, rename("a", "B"), c.want)
			for n := range f.Notes() {
				t.Errorf("noted: %s", n)
			}
		})
	}
	list := "<actions><datasources><datasource name='B' /></datasources></actions></workbook>" // which people see as B
	doctest.Edited(t, "<workbook><datasources><datasource name='B' /></datasources>"+list, rename("B", "B"),
		"<workbook><datasources><datasource caption='B' name='B' /></datasources>"+list)
}

// published is a reference to a published data source, and what it has nested.
func published(caption, nested string) string {
	tree := func(caption string) string {
		return "<data-source-tree><pds caption='" + caption + "' datasource-url='S' name='a' /><pds caption='A' datasource-url='T' /></data-source-tree>"
	}
	in := "<datasource caption='" + nested + "'><connection class='sqlproxy' dbname='S' server-ds-friendly-name='A' />" + tree(nested) + "</datasource>"
	return "<datasource caption='" + caption + "' formatted-name='a'><connection class='sqlproxy' dbname='S' server-ds-friendly-name='A'>" +
		"<metadata-records><metadata-record class='capability'><attributes><attribute name='datasource'>" + asText(in) + "</attribute></attributes></metadata-record></metadata-records>" +
		"</connection>" + tree(caption) + "</datasource>"
}

func TestRenameDatasourceRefused(t *testing.T) {
	t.Parallel()
	const in = "<workbook><datasources><datasource name='Parameters' /><datasource caption='A' name='a' /><datasource name='b' /><datasource caption='A' name='c' /></datasources></workbook>"
	for _, c := range []struct {
		name, caption string
		is            error
		words         string
	}{
		{"a", "", nil, `renaming data source "a": the new caption is empty`},
		{"a", "b", nil, `renaming data source "a": another data source, b, has the caption "b"`},
		{"b", "A", nil, `another data source, a, has the caption "A"`},
		{"a", "Parameters", nil, `another data source, Parameters, has the caption`}, // which Tableau keeps for itself
		{"A", "B", tds.ErrAmbiguous, `2 matches for data source "A": a, c`},
		{"x", "y", tds.ErrNotFound, `no data source "x"; there are: "A", "b", "A"`},
		{"x", "A", tds.ErrNotFound, `no data source "x"`}, // which of the two is it?
		{"Parameters", "y", tds.ErrNotFound, `no data source "Parameters"`},
		{"a", "\x00", nil, "character"},
	} {
		doctest.Refused(t, in, rename(c.name, c.caption), c.words)
		if err := rename(c.name, c.caption)(doctest.Open(t, in)); c.is != nil && !errors.Is(err, c.is) {
			t.Errorf("%q to %q: %v", c.name, c.caption, err)
		}
	}
	doctest.Edited(t, in, rename("a", "A"), in) // it had it before
	doctest.Refused(t, shown(t, "Sales", "Sales", "Sales"), func(f *documents.File) error {
		return f.Atomically("", func() error {
			return errors.Join(f.RenameDatasource("Sales", "Umsatz"), errors.New("undo"))
		})
	}, "undo")
}

// TestRenameDatasourceTwoNames is case 83: in any order, and whatever they call it, two rules
// that give one data source two names contradict each other; the same name twice is fine.
func TestRenameDatasourceTwoNames(t *testing.T) {
	t.Parallel()
	type rule struct{ name, to string }
	for _, c := range []struct {
		first, second rule
		conflict      bool
	}{
		{rule{"Orders", "A"}, rule{"Orders", "B"}, true},
		{rule{"Orders", "A"}, rule{"federated.a", "B"}, true},
		{rule{"federated.a", "A"}, rule{"A", "B"}, true},
		{rule{"Orders", "Orders"}, rule{"federated.a", "B"}, true},
		{rule{"federated.a", "A"}, rule{"Returns", "Orders"}, true},
		{rule{"Orders", "A"}, rule{"Orders", "A"}, false},
		{rule{"Orders", "A"}, rule{"federated.a", "A"}, false},
		{rule{"Orders", "A"}, rule{"Returns", "B"}, false},
	} {
		f := doctest.Open(t, named("Orders"))
		err := f.Atomically("first", func() error { return f.RenameDatasource(c.first.name, c.first.to) })
		if err != nil {
			t.Fatal(err)
		}
		before := doctest.Written(t, f)
		err = f.Atomically("second", func() error { return f.RenameDatasource(c.second.name, c.second.to) })
		var conflict *documents.ConflictError
		switch {
		case c.conflict && (!errors.As(err, &conflict) || conflict.First != "first" || conflict.Second != "second"):
			t.Errorf("%v then %v: %v", c.first, c.second, err)
		case c.conflict && doctest.Written(t, f) != before:
			t.Errorf("%v then %v: changed", c.first, c.second)
		case !c.conflict && err != nil:
			t.Errorf("%v then %v: %v", c.first, c.second, err)
		}
	}
	f := doctest.Open(t, shown(t, "Sales", "Sales", "Sales"))
	if err := f.Atomically("first", func() error { return repoint(tds.PublishedRef{ContentURL: "S", Caption: "A"})(f) }); err != nil {
		t.Fatal(err)
	}
	err := f.Atomically("second", func() error { return f.RenameDatasource("Sales", "B") })
	if conflict, ok := errors.AsType[*documents.ConflictError](err); !ok || conflict.First != "first" {
		t.Errorf("repointed, then renamed: %v", err)
	}
}
