package tds_test

import (
	"errors"
	"testing"

	"github.com/tabtemplate/tabtemplate/documents"
	"github.com/tabtemplate/tabtemplate/documents/internal/doctest"
	"github.com/tabtemplate/tabtemplate/documents/tds"
)

// TestRulesClaimWhatTheyFind is case 83 for what a rule finds as it wants it: another rule
// may not want it otherwise, whatever the template says.
func TestRulesClaimWhatTheyFind(t *testing.T) {
	t.Parallel()
	class := func(class string) func(*documents.File) error {
		return update(tds.ConnectionMatch{}, tds.ConnectionPatch{Class: class, Server: "db1", DBName: "dev"})
	}
	caption := func(caption string) func(*documents.File) error {
		return repoint(tds.PublishedRef{ContentURL: "Sales", SiteContentURL: "dev", Caption: caption})
	}
	const extract = `<datasource formatted-name='x'><connection class='federated' /><extract enabled='true'><connection class='hyper' dbname='Data/acme.hyper' /></extract></datasource>`
	for _, c := range []struct {
		name, in           string
		first, other, same func(*documents.File) error
	}{
		{"class", doctest.FX1, class("postgres"), class("redshift"), class("postgres")},
		{
			"caption", `<datasource caption='Sales' formatted-name='x'><connection class='sqlproxy' dbname='Sales' server='h' /></datasource>`,
			caption("Sales"), caption("Other"), caption(""),
		},
		{
			"extract", extract, attachTo(tds.NewExtract{Path: "Data/acme.hyper"}),
			extractVerb((*tds.Datasource).RemoveExtract), attachTo(tds.NewExtract{Path: "Data/acme.hyper"}),
		},
	} {
		f := doctest.Open(t, c.in)
		in := func(rule string, edit func(*documents.File) error) error {
			return f.Atomically(rule, func() error { return edit(f) })
		}
		if err := errors.Join(in("first", c.first), in("second", c.same)); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		bad, ok := errors.AsType[*documents.ConflictError](in("second", c.other))
		if got := doctest.Written(t, f); !ok || bad.First != "first" || got != c.in {
			t.Errorf("%s: %v, want a conflict with the first rule, and got\n%s", c.name, bad, got)
		}
	}
}
