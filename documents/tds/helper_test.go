package tds_test

import (
	"testing"

	"github.com/tabtemplate/tabtemplate/documents"
	"github.com/tabtemplate/tabtemplate/documents/internal/doctest"
	"github.com/tabtemplate/tabtemplate/documents/tds"
)

// first is the first data source of a file.
func first(f *documents.File) *tds.Datasource {
	for ds := range f.Datasources() {
		return ds
	}
	return nil
}

// datasource opens a document and gives its first data source.
func datasource(t testing.TB, in string) *tds.Datasource {
	t.Helper()
	ds := first(doctest.Open(t, in))
	if ds == nil {
		t.Fatalf("no data source in %q", in)
	}
	return ds
}

// notes are the texts of the notes of a file.
func notes(f *documents.File) (texts []string) {
	for n := range f.Notes() {
		texts = append(texts, n.Text)
	}
	return texts
}

// leaf is a data source file with one named connection.
func leaf(connection string) string {
	return `<datasource formatted-name='federated.a' version='18.1'>
  <connection class='federated'>
    <named-connections>
      <named-connection caption='one' name='x.1'>
        ` + connection + `
      </named-connection>
    </named-connections>
  </connection>
</datasource>
`
}

// update changes the one connection that m selects.
func update(m tds.ConnectionMatch, p tds.ConnectionPatch) func(*documents.File) error {
	return func(f *documents.File) error {
		c, err := first(f).Connection(m)
		if err != nil {
			return err
		}
		return c.Update(p)
	}
}

func setFilter(filter tds.Filter) func(*documents.File) error {
	return func(f *documents.File) error { return first(f).SetFilter(filter) }
}

func repoint(ref tds.PublishedRef) func(*documents.File) error {
	return func(f *documents.File) error { return first(f).Repoint(ref) }
}
