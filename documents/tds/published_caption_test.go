package tds_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tabtemplate/tabtemplate/documents"
	"github.com/tabtemplate/tabtemplate/documents/internal/doctest"
	"github.com/tabtemplate/tabtemplate/documents/tds"
)

// shown is a workbook with a published data source and views that list it, given the
// names that people see of it: of the data source, of the published one, and in views.
func shown(t testing.TB, caption, friendly, view string) string {
	t.Helper()
	views := `  </datasources>
  <shared-views>
    <shared-view name='sqlproxy.1'>
      <datasources>
        <datasource caption='` + view + `' name='sqlproxy.1' />
      </datasources>
    </shared-view>
  </shared-views>
  <worksheets>
    <worksheet name='one'>
      <table>
        <view>
          <datasources>
            <datasource caption='` + view + `' name='sqlproxy.1' />
            <datasource caption='Sales' name='sqlproxy.1 (copy)' />
            <datasource name='Parameters' />
          </datasources>
          <datasource-dependencies datasource='sqlproxy.1' />
        </view>
      </table>
    </worksheet>
    <worksheet name='two'>
      <table>
        <view>
          <datasources>
            <datasource caption='Sales (old)' name='sqlproxy.1' />
          </datasources>
        </view>
      </table>
    </worksheet>
    <worksheet name='three'>
      <table>
        <view>
          <datasources>
            <datasource name='sqlproxy.1' />
          </datasources>
        </view>
      </table>
    </worksheet>
  </worksheets>
  <dashboards>
    <dashboard name='all'>
      <datasources>
        <datasource caption='` + view + `' name='sqlproxy.1' />
      </datasources>
    </dashboard>
  </dashboards>
`
	nested := strings.NewReplacer("<datasource :source", "<datasource caption='"+view+"' :source",
		"server='tab.example.com'>", "server='tab.example.com' server-ds-friendly-name='"+friendly+"'>",
		"<pds caption='Sales'", "<pds caption='"+view+"'").Replace(inner(t))
	tree := `      <data-source-tree>
        <pds caption='` + view + `' datasource-url='Sales' name='sqlproxy.1' />
        <pds caption='Other' datasource-url='Sales' name='sqlproxy.2' />
      </data-source-tree>
`
	conn := `<connection class='sqlproxy' composed-connection-name='sqlproxy.1' dbname='Sales' server='tab.example.com' server-ds-friendly-name='` + friendly + `'>`
	in := reference(devLocation, conn, capability(asText(nested)), tree)
	return doctest.Replace(t, in, "caption='Sales | Project : Dev' inline", "caption='"+caption+"' inline", "  </datasources>\n", views)
}

// TestRepointCaption is cases 52 and 71: captions stay unless a new one is given; then all
// copies change that had the old one, and no internal name does.
func TestRepointCaption(t *testing.T) {
	t.Parallel()
	before := shown(t, "Sales", "Sales | Project : Dev", "Sales")
	same := tds.PublishedRef{SiteContentURL: "dev", ContentURL: "Sales"}
	withNames := func(caption, friendly string) tds.PublishedRef {
		ref := same
		ref.Caption, ref.FriendlyName = caption, friendly
		return ref
	}
	for _, c := range []struct {
		name string
		ref  tds.PublishedRef
		want string
	}{
		{"case 52: none", same, before},
		{"case 52: a caption", withNames("Umsatz", ""), shown(t, "Umsatz", "Umsatz", "Umsatz")},
		{"case 52: a caption and a friendly name", withNames("Umsatz", "Umsatz | Acme"), shown(t, "Umsatz", "Umsatz | Acme", "Umsatz")},
		{"case 52: a friendly name", withNames("", "Sales | Acme"), shown(t, "Sales", "Sales | Acme", "Sales")},
		{"case 52: what they are", withNames("Sales", "Sales | Project : Dev"), before},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f := doctest.Edited(t, before, repoint(c.ref), c.want)
			var drifted []string
			for n := range f.Notes() {
				drifted = append(drifted, n.Text)
			}
			var want []string
			if c.ref.Caption == "Umsatz" {
				want = []string{
					`the caption "Other" of a copy stays: the data source had another, "Sales"`,
					`the caption "Sales (old)" of a copy stays: the data source had another, "Sales"`,
				}
			}
			if diff := cmp.Diff(want, drifted); diff != "" {
				t.Errorf("case 71: notes (-want +got):\n%s", diff)
			}
			if ref, _ := first(f).Published(); c.ref.Caption != "" && ref.Caption != c.ref.Caption {
				t.Errorf("reads as %+v", ref)
			}
		})
	}
}

// TestRepointCaptionOfOne has no friendly name and no caption: the caption is given to the
// data source alone, and nothing else is invented.
func TestRepointCaptionOfOne(t *testing.T) {
	t.Parallel()
	in := "<datasource formatted-name='sqlproxy.1'><connection class='sqlproxy' dbname='Sales' server='h' /></datasource>"
	doctest.Edited(t, in, repoint(tds.PublishedRef{ContentURL: "Sales", Caption: "Umsatz"}),
		strings.Replace(in, "<datasource formatted", "<datasource caption='Umsatz' formatted", 1))
}

// TestRepointDerivedFrom is case 48: derived-from follows, or is removed, also in the
// nested copy.
func TestRepointDerivedFrom(t *testing.T) {
	t.Parallel()
	const derived = `derived-from='https://old.example/t/dev/datasources/Sales?rev=1.0' `
	with := func(text, inNested string) string {
		location := strings.Replace(devLocation, "id=", text+"id=", 1)
		nested := inner(t, "<repository-location id=", "<repository-location "+inNested+"id=")
		return reference(location, devServer, capability(asText(nested)), "")
	}
	ref := tds.PublishedRef{SiteContentURL: "dev", ContentURL: "Sales", DropDerivedFrom: true}
	f := doctest.Edited(t, with(derived, derived), repoint(ref), with("", ""))
	if got, _ := first(f).Published(); got.DerivedFrom != "" {
		t.Errorf("reads as %+v", got)
	}
	doctest.Edited(t, with("", ""), repoint(ref), with("", ""))
	ref.DropDerivedFrom = false
	doctest.Edited(t, with(derived, derived), repoint(ref), with(derived, derived))
}

// TestRepointServerApart is case 53 with the channel and the port given apart.
func TestRepointServerApart(t *testing.T) {
	t.Parallel()
	const normal = `<connection channel='https' class='sqlproxy' dbname='Sales' port='443' server='h' username=''>`
	const asURL = `<connection class='sqlproxy' dbname='Sales' server='https://10ax.example.com' username=''>`
	for _, c := range []struct {
		name, in, want        string
		server, channel, port string
	}{
		{"case 53: a URL stays one", asURL, strings.Replace(asURL, "https://10ax.example.com", "http://new.example:8000", 1), "new.example", "http", "8000"},
		{"case 53: three values", normal, strings.NewReplacer("'h'", "'new.example'", "https", "http", "443", "8000").Replace(normal), "new.example", "http", "8000"},
		{"the usual port", normal, strings.NewReplacer("'h'", "'new.example'", "https", "http", "443", "80").Replace(normal), "new.example", "http", ""},
		{"only a port", normal, strings.NewReplacer("'h'", "'new.example'", "443", "8443").Replace(normal), "new.example", "", "8443"},
		{"a port beside a URL", normal, strings.NewReplacer("'h'", "'new.example'", "443", "8443").Replace(normal), "https://new.example", "", "8443"},
		{"all twice", normal, strings.Replace(normal, "'h'", "'new.example'", 1), "https://new.example:443", "https", "443"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			ref := tds.PublishedRef{Server: c.server, Channel: c.channel, Port: c.port, SiteContentURL: "dev", ContentURL: "Sales"}
			doctest.Edited(t, reference(devLocation, c.in, "", ""), repoint(ref), reference(devLocation, c.want, "", ""))
		})
	}
	in := reference(devLocation, normal, "", "")
	for words, ref := range map[string]tds.PublishedRef{
		"without the server":            {Channel: "http"},
		"neither http nor https":        {Server: "h", Channel: "ftp"},
		`port "x" is not a number`:      {Server: "h", Port: "x"},
		"not of channel http":           {Server: "https://h", Channel: "http"},
		`"h:80" is not at port 443`:     {Server: "h:80", Port: "443"},
		"neither a host nor the URL":    {Server: "h/x", Channel: "http"},
		"a channel or port is given":    {Port: "443"},
		`"https://h:8443" is not at po`: {Server: "https://h:8443", Port: "443"},
	} {
		ref.ContentURL = "Sales"
		doctest.Refused(t, in, repoint(ref), words, "repointing data source")
	}
}

// TestPublishedRoundTrip sets what was read, which changes nothing.
func TestPublishedRoundTrip(t *testing.T) {
	t.Parallel()
	for _, in := range []string{
		reference(devLocation, devServer, "", ""),
		reference("", `<connection class='sqlproxy' dbname='Sales' port='8000' server='h' server-ds-friendly-name='Sales | Project : Dev'>`, "", ""),
		reference(`<repository-location derived-from='/datasources/Sales?rev=2' id='Sales' path='/datasources' revision='1.0' />`,
			`<connection channel='http' class='sqlproxy' dbname='Sales' port='8000' server='2001:db8::1'>`, "", ""),
	} {
		ref, ok := datasource(t, in).Published()
		if !ok || ref.Caption != "Sales | Project : Dev" {
			t.Errorf("reads as %+v", ref)
		}
		doctest.Edited(t, in, repoint(ref), in)
	}
}

// TestReferencesIndependently is case 51: each of several references gets its own target,
// the others stay, and failing for one changes none.
func TestReferencesIndependently(t *testing.T) {
	t.Parallel()
	one := func(name, site, url string) string {
		return `<datasource caption='` + name + `' name='sqlproxy.` + name + `'><repository-location id='` + url + `' path='/t/` + site + `/datasources' revision='1.0' site='` + site + `' /><connection class='sqlproxy' dbname='` + url + `' server='h' /></datasource>`
	}
	all := func(ones ...string) string {
		return "<workbook><datasources>" + strings.Join(ones, "") + "</datasources></workbook>"
	}
	in := all(one("a", "dev", "S"), one("b", "dev", "S"), one("c", "dev", "S"))
	doctest.Edited(t, in, func(f *documents.File) error {
		ds, err := f.Datasource("b")
		if err != nil {
			return err
		}
		return ds.Repoint(tds.PublishedRef{SiteContentURL: "acme", ContentURL: "S_1"})
	}, all(one("a", "dev", "S"), one("b", "acme", "S_1"), one("c", "dev", "S")))
}

// TestRepointTreeInAllForms: the data source tree may stand in a form for each feature.
func TestRepointTreeInAllForms(t *testing.T) {
	t.Parallel()
	const in = `<datasource formatted-name='x'><connection class='sqlproxy' dbname='Sales' server='h' /><_.fcp.E.false...data-source-tree>` +
		`<pds datasource-url='Sales' /></_.fcp.E.false...data-source-tree><_.fcp.E.true...data-source-tree><pds datasource-url='Sales' /></_.fcp.E.true...data-source-tree></datasource>`
	doctest.Edited(t, in, repoint(tds.PublishedRef{ContentURL: "Acme"}), strings.ReplaceAll(in, "'Sales'", "'Acme'"))
}

// TestRepointCaptionTaken: people could not tell two data sources of one caption apart.
func TestRepointCaptionTaken(t *testing.T) {
	t.Parallel()
	one := func(name string) string {
		return `<datasource caption='` + name + `' name='sqlproxy.` + name + `'><connection class='sqlproxy' dbname='S' server='h' /></datasource>`
	}
	in := "<workbook><datasources>" + one("a") + one("b") + "</datasources></workbook>"
	doctest.Refused(t, in, repoint(tds.PublishedRef{ContentURL: "T", Caption: "b"}), `repointing data source "a": another data source, sqlproxy.b, has the caption "b"`)
}

// TestRepointCaptionOfLists: a view that calls the data source as the published one is called
// has drifted, whereas the copy of the published one may go by either name.
func TestRepointCaptionOfLists(t *testing.T) {
	t.Parallel()
	book := func(caption, friendly, tree string) string {
		return `<workbook><datasources><datasource caption='` + caption + `' name='a'><connection class='sqlproxy' dbname='S' server='h' server-ds-friendly-name='` + friendly + `' />` +
			`<data-source-tree><pds caption='` + tree + `' datasource-url='S' /></data-source-tree></datasource></datasources>` +
			`<dashboards><dashboard><datasources><datasource caption='Sales | Dev' name='a' /></datasources></dashboard></dashboards></workbook>`
	}
	doctest.Edited(t, book("Sales", "Sales | Dev", "Sales | Dev"), repoint(tds.PublishedRef{ContentURL: "S", Caption: "Umsatz"}), book("Umsatz", "Umsatz", "Umsatz"))
}
