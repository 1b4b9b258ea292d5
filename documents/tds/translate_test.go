package tds_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/tabtemplate/tabtemplate/documents"
	"github.com/tabtemplate/tabtemplate/documents/internal/doctest"
	"github.com/tabtemplate/tabtemplate/documents/tds"
)

func translate(tr tds.Translation, want int) func(*documents.File) error {
	return orders(func(ds *tds.Datasource) error {
		matched, err := ds.Translate(tr)
		if err == nil && matched != want {
			return errors.New("wrong number of matches")
		}
		return err
	})
}

// only selects kinds of texts.
func only(kinds ...tds.TextKind) tds.TextSelection { return tds.TextSelection{Only: kinds} }

// captionsToo selects captions, those of fields that nobody customised among them.
func captionsToo() tds.TextSelection {
	return tds.TextSelection{Only: []tds.TextKind{tds.CaptionTexts}, Create: true}
}

// TestTranslate is case 72: captions of the data source and of the copies that are equal
// change; a copy without one, folders, parameters, members and formulas stay.
func TestTranslate(t *testing.T) {
	t.Parallel()
	strings72 := map[string]string{"Gebiet": "Region", "Ratio": "X", "Profit Ratio": "Marge", "North": "Nord", "Sales": "Umsatz", "nowhere": "x"}
	head, tail, _ := strings.Cut(book, "federated.a (copy)")
	captions := strings.NewReplacer("caption='Gebiet'", "caption='Region'", "caption='Profit Ratio'", "caption='Marge'").Replace(head) + "federated.a (copy)" + tail
	t.Run("captions", func(t *testing.T) {
		t.Parallel()
		f := doctest.Edited(t, book, translate(tds.Translation{Strings: strings72, TextSelection: only(tds.CaptionTexts)}, 2), captions)
		noted(t, f, `the caption of this copy stays "Ratio": it was not that of the data source`, `fields without a column of their own keep their names: "Sales"`)
	})
	t.Run("aliases", func(t *testing.T) {
		t.Parallel()
		doctest.Edited(t, book, translate(tds.Translation{Strings: strings72, TextSelection: only(tds.CaptionTexts, tds.AliasTexts)}, 3), strings.ReplaceAll(captions, "value='North'", "value='Nord'"))
	})
	t.Run("fields that nobody customised", func(t *testing.T) {
		t.Parallel()
		want := doctest.Replace(t, captions, "      <column-instance column='[Calculation_1]' derivation='User' name='[usr:Calculation_1:qk]' pivot='key' type='quantitative' />\n      <folders", `      <column caption='Umsatz' datatype='real' name='[Sales]' role='measure' type='quantitative' />
      <column-instance column='[Calculation_1]' derivation='User' name='[usr:Calculation_1:qk]' pivot='key' type='quantitative' />
      <folders`, "            <column datatype='real' name='[Sales]'", "            <column caption='Umsatz' datatype='real' name='[Sales]'")
		doctest.Edited(t, book, translate(tds.Translation{Strings: strings72, TextSelection: captionsToo()}, 3), want)
	})
	t.Run("a name that was never captioned", func(t *testing.T) {
		t.Parallel()
		const in = `<datasource formatted-name='Orders'><column name='[Region]' /><column caption='Region' name='[x]' /></datasource>`
		doctest.Edited(t, in, translate(tds.Translation{Strings: map[string]string{"Region": "Gebiet"}}, 2),
			`<datasource formatted-name='Orders'><column caption='Gebiet' name='[Region]' /><column caption='Gebiet' name='[x]' /></datasource>`)
	})
}

// TestTranslateFolder is the rest of case 72: a word of the table is the name of a folder, the
// caption of a parameter, an alias of it and a member; only what people see of fields changes.
func TestTranslateFolder(t *testing.T) {
	t.Parallel()
	in := strings.ReplaceAll(book, "Gebiet", "Region")
	head, tail, _ := strings.Cut(in, "federated.a (copy)")
	const master = "caption='Region' datatype='string' hidden='true'"
	want := strings.ReplaceAll(head, master, "caption='Gebiet' datatype='string' hidden='true'")
	const inView = "caption='Region' datatype='string' name='[Region]'"
	if want = strings.ReplaceAll(want, inView, "caption='Gebiet' datatype='string' name='[Region]'"); strings.Count(want, "'Gebiet'") != 3 {
		t.Fatalf("the document has other copies:\n%s", want)
	}
	for _, create := range []bool{false, true} {
		f := doctest.Edited(t, in, translate(tds.Translation{Strings: map[string]string{"Region": "Gebiet"}, TextSelection: tds.TextSelection{Only: []tds.TextKind{tds.CaptionTexts}, Create: create}}, 1), want+"federated.a (copy)"+tail)
		for _, stays := range []string{"<folder name='Region'>", "<column caption='Region' datatype='string' name='[Parameter 1]'", "value='Region' />", "<local-name>[Region]<"} {
			if !strings.Contains(doctest.Written(t, f), stays) {
				t.Errorf("%s is gone", stays)
			}
		}
	}
}

// TestTranslateRefused: a table that nothing of is used, and one that cannot be applied
// twice with the same result.
func TestTranslateRefused(t *testing.T) {
	t.Parallel()
	refused := func(words map[string]string, want ...string) {
		t.Helper()
		doctest.Refused(t, book, translate(tds.Translation{Strings: words}, 0), want...)
	}
	refused(nil, `translating data source "Orders": no text with a translation`, `"Orders", "Profit Ratio", "Gain¦ per sale", "Gebiet", "North", "South", "Sales", "Profit", "Region"`)
	refused(map[string]string{"x": "y"}, "no text with a translation")
	refused(map[string]string{"Sales": "Umsatz"}, "no text with a translation", `these have one, but no column of their own, which is made only if that is asked for: "Sales"`)
	refused(map[string]string{"Gebiet": "Region", "Region": "Raum"}, `"Gebiet" is to be "Region", which is to be "Raum"`)
	refused(map[string]string{"Gebiet": "Region", "Area": "Gebiet"}, `"Gebiet" is to be "Region", and is what "Area" is to be`)
	refused(map[string]string{"Gebiet": ""}, `"Gebiet" is to be nothing`)
	refused(map[string]string{"Gebiet": "Profit"}, `the fields "Gebiet" and "Profit" would both be shown as "Profit"`)
	refused(map[string]string{"Gebiet": "X", "Profit Ratio": "X"}, `the fields "Profit Ratio" and "Gebiet" would both be shown as "X"`)
	// Neither is of this data source.
	doctest.Edited(t, book, translate(tds.Translation{Strings: map[string]string{"Gebiet": "Gebiet", "Gift": "Geschenk", "Poison": "Gift"}}, 1), book)
}

// TestManyColumns is case 81 for columns: list, find, translate and create take time that
// grows as they do.
func TestManyColumns(t *testing.T) {
	t.Parallel()
	const n = 30_000 // with a column, and as many without
	var columns, metadata, copies strings.Builder
	words := map[string]string{}
	for i := range n {
		fmt.Fprintf(&columns, "<column caption='C%d' datatype='string' name='[c%06d]' role='dimension' type='nominal' />\n", i, i)
		fmt.Fprintf(&copies, "<column caption='C%d' datatype='string' name='[c%06d]' role='dimension' type='nominal' />\n", i, i)
		fmt.Fprintf(&metadata, "<metadata-record class='column'><remote-name>r%d</remote-name><local-name>[c%06d a]</local-name><local-type>string</local-type></metadata-record>\n", i, i)
		words[fmt.Sprintf("C%d", i)] = fmt.Sprintf("K%d", i)
		words[fmt.Sprintf("c%06d a", i)] = fmt.Sprintf("M%d", i)
	}
	f := doctest.Open(t, "<workbook><datasources><datasource name='federated.a'>\n<connection class='federated'><metadata-records>"+metadata.String()+
		"</metadata-records></connection>\n"+columns.String()+"</datasource></datasources><worksheets><worksheet name='w'><table><view><datasource-dependencies datasource='federated.a'>\n"+
		copies.String()+"</datasource-dependencies></view></table></worksheet></worksheets></workbook>")
	ds := first(f)
	if c, err := ds.Column("r29999"); err != nil || c.Name != "[c029999 a]" {
		t.Errorf("%+v (%v)", c, err)
	}
	matched, err := ds.Translate(tds.Translation{Strings: words, TextSelection: captionsToo()})
	if matched != 2*n || err != nil {
		t.Errorf("%d translated: %v", matched, err)
	}
	count := 0
	for c := range ds.Columns() {
		if !strings.HasPrefix(c.Caption, "K") && !strings.HasPrefix(c.Caption, "M") {
			t.Fatalf("%+v", c)
		}
		count++
	}
	out := doctest.Written(t, f)
	if count != 2*n || strings.Count(out, "caption='K") != 2*n {
		t.Errorf("%d columns", count)
	}
	if i := strings.Index(out, "name='[c000001 a]'"); i > strings.Index(out, "name='[c000001]'") || i < strings.Index(out, "name='[c000000]'") {
		t.Error("not in the order of names")
	}
}
