package tds_test

import (
	"slices"
	"testing"

	"github.com/tabtemplate/tabtemplate/documents/tds"
)

// tableNames are hard case 40 and what is no name.
var tableNames = []struct {
	in   string
	want tds.TableName
}{
	{"[public].[orders]", tds.TableName{"public", "orders"}},
	{"[DEV].[public].[t]", tds.TableName{"DEV", "public", "t"}},
	{"[t]", tds.TableName{"t"}},
	{"[proj.ds].[events]", tds.TableName{"proj.ds", "events"}},
	{"[a]]b].[t]", tds.TableName{"a]b", "t"}},
	{"[a].[]]]", tds.TableName{"a", "]"}},
	{"['My Sheet$']", tds.TableName{"'My Sheet$'"}},
	{`[C:\x\y.csv#csv]`, tds.TableName{`C:\x\y.csv#csv`}},
	{"[a[b]", tds.TableName{"a[b"}},
	{"", nil},
	{"orders", nil},
	{"[]", nil},
	{"[a", nil},
	{"[a]b", nil},
	{"[a].", nil},
	{"[a]..[b]", nil},
	{".[a]", nil},
	{"[a]]", nil},
}

func TestTableName(t *testing.T) {
	t.Parallel()
	for _, c := range tableNames {
		got, err := tds.ParseTableName(c.in)
		if !slices.Equal(got, c.want) || (err == nil) != (c.want != nil) {
			t.Errorf("%s: %q, %v; want %q", c.in, got, err, c.want)
		}
		if c.want != nil && got.String() != c.in {
			t.Errorf("%s is written %s", c.in, got)
		}
	}
	n := tds.TableName{"d", "s", "t"}
	if n.Table() != "t" || n.Schema() != "s" || n.Database() != "d" || n[1:].Database() != "" || tds.TableName(nil).Table() != "" {
		t.Errorf("parts of %s: %s, %s, %s", n, n.Table(), n.Schema(), n.Database())
	}
}

// FuzzTableName: what is read is written as it was, and what is written is read as it was.
func FuzzTableName(f *testing.F) {
	for _, c := range tableNames {
		f.Add(c.in, "a]b", "c")
	}
	f.Fuzz(func(t *testing.T, in, schema, table string) {
		if n, err := tds.ParseTableName(in); err == nil && n.String() != in {
			t.Errorf("%q is written %q", in, n.String())
		}
		if schema == "" || table == "" {
			return
		}
		n := tds.TableName{schema, table}
		if again, err := tds.ParseTableName(n.String()); err != nil || !again.Equal(n) {
			t.Errorf("%q is read %q (%v)", n, again, err)
		}
	})
}
