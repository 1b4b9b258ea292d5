package twb_test

import (
	"strings"
	"testing"

	"github.com/tabtemplate/tabtemplate/documents"
	"github.com/tabtemplate/tabtemplate/documents/internal/doctest"
	"github.com/tabtemplate/tabtemplate/documents/tds"
	"github.com/tabtemplate/tabtemplate/documents/twb"
)

// filteredBook is FX1 with more fields and these worksheets and what stands beside them.
func filteredBook(t testing.TB, views string) string {
	t.Helper()
	return doctest.Replace(t, doctest.FX1,
		"      <column datatype='string' name='[Tenant]' ", `      <column caption='Amount' datatype='real' name='[amount]' role='measure' type='quantitative' />
      <column caption='Order Date' datatype='date' name='[order_date]' role='dimension' type='ordinal' />
      <column caption='Region' datatype='string' name='[Calculation_1]' role='dimension' type='nominal'>
        <calculation class='tableau' formula='LEFT([Tenant], 1)' />
      </column>
      <column datatype='string' name='[Tenant]' `,
		"  </datasources>\n</workbook>", "  </datasources>\n"+strings.TrimPrefix(views, "\n")+"</workbook>")
}

// onWorksheet is a worksheet with these lines in its view, in place of those from the copies
// of fields to the aggregation.
func onWorksheet(name, lines string) string {
	return `    <worksheet name='` + name + `'>
      <table>
        <view>
          <datasources>
            <datasource caption='Orders' name='federated.a' />
          </datasources>
` + strings.TrimPrefix(lines, "\n") + `          <aggregation value='true' />
        </view>
      </table>
    </worksheet>
`
}

func worksheets(all ...string) string {
	return "  <worksheets>\n" + strings.Join(all, "") + "  </worksheets>\n"
}

func setFilter(at twb.FilterPlace, filter tds.Filter) func(*documents.File) error {
	return func(f *documents.File) error {
		wb, _ := f.Workbook()
		return wb.SetFilter(at, filter)
	}
}

var onMap = twb.FilterPlace{Worksheet: "Map"}

// case 61: a worksheet without filters.
func TestAddFilter(t *testing.T) {
	t.Parallel()
	in := filteredBook(t, worksheets(onWorksheet("Map", ``)))
	doctest.Edited(t, in, setFilter(onMap, tds.Include("Region", tds.String("acme"))), filteredBook(t, worksheets(onWorksheet("Map", `
`))))
}
