package templates

import (
	"strings"
	"testing"
)

// captionsBook has two data sources of one caption, one of another, and a view that lists it.
const captionsBook = `<workbook>
  <datasources>
    <datasource caption='Orders' name='federated.a' />
    <datasource caption='Facts' name='federated.b' />
    <datasource caption='Facts' name='federated.c' />
  </datasources>
  <worksheets>
    <worksheet name='Map'>
      <table>
        <view>
          <datasources>
            <datasource caption='Orders' name='federated.a' />
          </datasources>
        </view>
      </table>
    </worksheet>
  </worksheets>
</workbook>
`

func TestDatasourceCaptionEdits(t *testing.T) {
	t.Parallel()
	const failed = `rendering template "book" for site "acme": m.yaml:7 edit 1: `
	second := strings.Replace(failed, "7 edit 1", "8 edit 2", 1)
	for _, c := range []struct{ name, edits, want string }{
		{"rename", "{datasource_caption: Orders, to: 'Orders (${lang})'}", "Orders (de), Facts, Facts"},
		{"by internal name", "{datasource_caption: federated.b, to: Plan}", "Orders, Plan, Facts"},
		{"what is", "{datasource_caption: Bestellungen, to: Orders}", "Orders, Facts, Facts"},
		{"the same twice", "{datasource_caption: Orders, to: A},\n{datasource_caption: Orders, to: A}", "A, Facts, Facts"},
		{"none, optional", "{datasource_caption: Gone, to: Away, optional: true}", "Orders, Facts, Facts"},
		{"none", "{datasource_caption: Gone, to: Away}", failed + `renaming data source "Gone": no data source "Gone"; there are: "Orders", "Facts", "Facts"`},
		{"taken", "{datasource_caption: Orders, to: Facts}", failed + `renaming data source "Orders": another data source, federated.b, has the caption "Facts"`},
		{"several", "{datasource_caption: Facts, to: Plan, all: true}", failed + `renaming data source "Facts": 2 matches for data source "Facts": federated.b, federated.c`},
		{
			"case 83: two captions", "{datasource_caption: Orders, to: A},\n{datasource_caption: Orders, to: B}",
			second + `renaming data source "Orders": /workbook/datasource[@caption='Orders']: m.yaml:7 edit 1 and m.yaml:8 edit 2 set it differently`,
		},
		{"what comes after names it by the new caption", "{datasource_caption: Orders, to: A},\n{scrub: [credentials], datasource: A}", "A, Facts, Facts"},
		{
			"and not by the old one", "{datasource_caption: Orders, to: A},\n{scrub: [credentials], datasource: Orders}",
			second + `no data source "Orders"; there are: A, Facts, Facts`,
		},
		{"empty", "{datasource_caption: Orders, to: ''}", "m.yaml:7:34: to must not be empty\n"},
		{"no caption", "{datasource_caption: Orders}", "m.yaml:7:1: the edit of the caption of a data source has no to\n"},
		{"narrowed", "{datasource_caption: Orders, to: A, datasource: Orders}", "m.yaml:7:37: unknown key \"datasource\" in the edit of the caption of a data source\n\tknown here: all, datasource_caption, optional, to, when\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			rendering, got := renderFields(t, captionsBook, c.edits)
			if rendering != nil {
				var captions []string
				for ds := range rendering.File.Datasources() {
					captions = append(captions, ds.Caption())
				}
				got = strings.Join(captions, ", ")
			}
			if got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}
