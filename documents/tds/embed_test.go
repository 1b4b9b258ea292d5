package tds_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tabtemplate/tabtemplate/documents"
	"github.com/tabtemplate/tabtemplate/documents/internal/doctest"
	"github.com/tabtemplate/tabtemplate/documents/tds"
)

// referring is a workbook with a reference to a published data source, a parameter, another
// data source, and a view.
const referring = `<workbook version='18.1'>
  <document-format-change-manifest>
    <_.fcp.ObjectModelEncapsulateLegacy.true...ObjectModelEncapsulateLegacy />
  </document-format-change-manifest>
  <datasources>
    <datasource hasconnection='false' inline='true' name='Parameters' version='18.1'>
      <column caption='Region' datatype='string' name='[Parameter 1]' param-domain-type='any' role='measure' type='nominal' value='&quot;EMEA&quot;'>
        <calculation class='tableau' formula='&quot;EMEA&quot;' />
      </column>
    </datasource>
    <datasource caption='Sales here' inline='true' name='sqlproxy.1' version='18.1'>
      <repository-location id='Sales' path='/t/dev/datasources' revision='1.0' site='dev' />
      <connection channel='https' class='sqlproxy' dbname='Sales' directory='/dataserver' port='443' server='tab.example.com' username=''>
        <relation name='sqlproxy' table='[sqlproxy]' type='table' />
        <metadata-records>
          <metadata-record class='column'>
            <local-name>[Tenant]</local-name>
          </metadata-record>
          <metadata-record class='measure'>
            <local-name>[Amount]</local-name>
          </metadata-record>
        </metadata-records>
      </connection>
      <aliases enabled='yes' />
      <column caption='Umsatz' datatype='real' layered='true' name='[Amount]' role='measure' type='quantitative' />
      <column caption='Ratio' datatype='real' layered='true' name='[Calculation_1]' role='measure' type='quantitative'>
        <calculation class='tableau' formula='SUM([Amount])' />
      </column>
      <column caption='Mine' datatype='real' name='[Calculation_2]' role='measure' type='quantitative'>
        <calculation class='tableau' formula='SUM([Amount]) * 2' />
      </column>
      <group name='[Top]' name-style='unqualified'>
        <groupfilter function='level-members' level='[Tenant]' />
      </group>
      <layout dim-ordering='alphabetic' measure-ordering='alphabetic' show-structure='true' />
      <_.fcp.ObjectModelEncapsulateLegacy.true...object-graph>
        <objects>
          <object caption='Migrated Data' id='Migrated Data'>
            <properties context=''>
              <relation name='sqlproxy' table='[sqlproxy]' type='table' />
            </properties>
          </object>
        </objects>
      </_.fcp.ObjectModelEncapsulateLegacy.true...object-graph>
    </datasource>
    <datasource caption='Other' inline='true' name='federated.o' version='18.1'>
      <connection class='federated'>
        <named-connections>
          <named-connection caption='db' name='postgres.c'>
            <connection class='postgres' dbname='dev' server='db1' />
          </named-connection>
        </named-connections>
      </connection>
    </datasource>
  </datasources>
  <worksheets>
    <worksheet name='Sheet'>
      <table>
        <view>
          <datasources>
            <datasource caption='Sales here' name='sqlproxy.1' />
          </datasources>
          <datasource-dependencies datasource='sqlproxy.1'>
            <column caption='Umsatz' datatype='real' layered='true' name='[Amount]' role='measure' type='quantitative' />
            <column caption='Ratio' datatype='real' layered='true' name='[Calculation_1]' role='measure' type='quantitative'>
              <calculation class='tableau' formula='SUM([Amount])' />
            </column>
            <column-instance column='[Calculation_1]' derivation='User' name='[usr:Calculation_1:qk]' pivot='key' type='quantitative' />
          </datasource-dependencies>
        </view>
      </table>
    </worksheet>
  </worksheets>
</workbook>
`

// defining is the data source that was published, as a file.
const defining = `<?xml version='1.0' encoding='utf-8' ?>

<datasource formatted-name='Sales' inline='true' version='18.1' xmlns:user='http://www.tableausoftware.com/xml/user'>
  <document-format-change-manifest>
    <_.fcp.ObjectModelEncapsulateLegacy.true...ObjectModelEncapsulateLegacy />
    <SchemaViewerObjectModel />
  </document-format-change-manifest>
  <repository-location id='Sales' path='/t/dev/datasources' revision='1.0' site='dev' />
  <connection class='federated'>
    <named-connections>
      <named-connection caption='db' name='postgres.c'>
        <connection class='postgres' dbname='prod' server='db2' username='svc' />
      </named-connection>
    </named-connections>
    <_.fcp.ObjectModelEncapsulateLegacy.false...relation connection='postgres.c' name='orders' table='[Sales].[orders]' type='table' />
    <_.fcp.ObjectModelEncapsulateLegacy.true...relation connection='postgres.c' name='orders' table='[Sales].[orders]' type='table' />
    <metadata-records>
      <metadata-record class='column'>
        <local-name>[Tenant]</local-name>
        <parent-name>[orders]</parent-name>
      </metadata-record>
      <metadata-record class='column'>
        <local-name>[Amount]</local-name>
        <parent-name>[orders]</parent-name>
      </metadata-record>
    </metadata-records>
  </connection>
  <aliases enabled='no' />
  <column caption='Amount' datatype='real' name='[Amount]' role='measure' type='quantitative' />
  <column caption='Ratio' datatype='real' name='[Calculation_1]' role='measure' type='quantitative'>
    <calculation class='tableau' formula='SUM([Sales].[Amount]) // [Sales].[x]&#13;&#10;+ 1' />
  </column>
  <column caption='Here' datatype='boolean' name='[Calculation_3]' role='dimension' type='nominal'>
    <calculation class='tableau' formula='[Tenant] = [Parameters].[Parameter 1]' />
  </column>
  <column-instance column='[Tenant]' derivation='None' name='[none:Tenant:nk]' pivot='key' type='nominal' />
  <group name='[Top]' name-style='unqualified' user:ui-builder='filter-group'>
    <groupfilter function='member' level='[Tenant]' member='&quot;a&quot;' />
  </group>
  <layout dim-ordering='ordinal' measure-ordering='ordinal' show-structure='true' />
  <style>
    <style-rule element='mark'>
      <encoding attr='color' field='[:Measure Names]' type='palette'>
        <map to='#4e79a7'>
          <bucket>&quot;[Sales].[sum:Amount:qk]&quot;</bucket>
        </map>
      </encoding>
    </style-rule>
  </style>
  <datasource-dependencies datasource='Parameters'>
    <column caption='Region' datatype='string' name='[Parameter 1]' param-domain-type='any' role='measure' type='nominal' value='&quot;APAC&quot;' />
  </datasource-dependencies>
  <filter class='categorical' column='[Calculation_3]' filter-group='2'>
    <groupfilter function='member' level='[Calculation_3]' member='true' user:ui-domain='database' user:ui-enumeration='inclusive' user:ui-marker='enumerate' />
  </filter>
  <_.fcp.ObjectModelEncapsulateLegacy.true...object-graph>
    <objects>
      <object caption='orders' id='Migrated Data'>
        <properties context=''>
          <relation connection='postgres.c' name='orders' table='[Sales].[orders]' type='table' />
        </properties>
      </object>
    </objects>
  </_.fcp.ObjectModelEncapsulateLegacy.true...object-graph>
</datasource>
`

// embed puts a definition, with replacements in pairs, in the place of the reference.
func embed(t testing.TB, pairs ...string) func(*documents.File) error {
	def := datasource(t, doctest.Replace(t, defining, pairs...))
	return func(f *documents.File) error {
		ds, err := f.Datasource("sqlproxy.1")
		if err != nil {
			return err
		}
		return ds.Embed(def)
	}
}

// embeddedConnection is the name that the definition's connection gets, because another data
// source has its own.
const embeddedConnection = "postgres.164mfwa5lkswodvgcok7hry1fqsr"

// TestEmbed puts a definition in the place of a reference: the connections, the logical
// tables, filters and what else is missing; the workbook's own names and captions stay.
func TestEmbed(t *testing.T) {
	t.Parallel()
	rel := "relation connection='" + embeddedConnection + "' name='orders' table='[Sales].[orders]' type='table' />"
	from, to, _ := strings.Cut(referring, "      <repository-location")
	_, to, _ = strings.Cut(to, "</connection>\n")
	want := from + `      <connection class='federated'>
        <named-connections>
          <named-connection caption='db' name='` + embeddedConnection + `'>
            <connection class='postgres' dbname='prod' server='db2' username='svc' />
          </named-connection>
        </named-connections>
        <_.fcp.ObjectModelEncapsulateLegacy.false...` + rel + `
        <_.fcp.ObjectModelEncapsulateLegacy.true...` + rel + `
        <metadata-records>
          <metadata-record class='column'>
            <local-name>[Tenant]</local-name>
            <parent-name>[orders]</parent-name>
          </metadata-record>
          <metadata-record class='column'>
            <local-name>[Amount]</local-name>
            <parent-name>[orders]</parent-name>
          </metadata-record>
        </metadata-records>
      </connection>
` + to
	want = strings.ReplaceAll(want, " layered='true'", "")
	want = strings.ReplaceAll(want, "formula='SUM([Amount])'", "formula='SUM([sqlproxy.1].[Amount]) // [Sales].[x]&#13;&#10;+ 1'")
	want = doctest.Replace(t, want,
		"<workbook version='18.1'>", "<workbook version='18.1' xmlns:user='http://www.tableausoftware.com/xml/user'>",
		"  </document-format-change-manifest>", "    <SchemaViewerObjectModel />\n  </document-format-change-manifest>",
		"      <group name='[Top]' name-style='unqualified'>\n        <groupfilter function='level-members' level='[Tenant]' />\n      </group>\n",
		`      <column caption='Here' datatype='boolean' name='[Calculation_3]' role='dimension' type='nominal'>
        <calculation class='tableau' formula='[Tenant] = [Parameters].[Parameter 1]' />
      </column>
      <column-instance column='[Tenant]' derivation='None' name='[none:Tenant:nk]' pivot='key' type='nominal' />
      <group name='[Top]' name-style='unqualified' user:ui-builder='filter-group'>
        <groupfilter function='member' level='[Tenant]' member='&quot;a&quot;' />
      </group>
`,
		"show-structure='true' />\n", `show-structure='true' />
      <style>
        <style-rule element='mark'>
          <encoding attr='color' field='[:Measure Names]' type='palette'>
            <map to='#4e79a7'>
              <bucket>&quot;[sqlproxy.1].[sum:Amount:qk]&quot;</bucket>
            </map>
          </encoding>
        </style-rule>
      </style>
      <datasource-dependencies datasource='Parameters'>
        <column caption='Region' datatype='string' name='[Parameter 1]' param-domain-type='any' role='measure' type='nominal' value='&quot;EMEA&quot;'>
          <calculation class='tableau' formula='&quot;EMEA&quot;' />
        </column>
      </datasource-dependencies>
      <filter class='categorical' column='[Calculation_3]' filter-group='2'>
        <groupfilter function='member' level='[Calculation_3]' member='true' user:ui-domain='database' user:ui-enumeration='inclusive' user:ui-marker='enumerate' />
      </filter>
`, "caption='Migrated Data' id", "caption='orders' id",
		"<relation name='sqlproxy' table='[sqlproxy]' type='table' />", "<"+rel)
	f := doctest.Edited(t, referring, embed(t), want)
	if _, ok := first(f).Published(); ok {
		t.Error("it is still a reference")
	}
}

// TestEmbedRefused is case 85 and what else would not fit, each named.
func TestEmbedRefused(t *testing.T) {
	t.Parallel()
	const amount = "      <metadata-record class='column'>\n        <local-name>[Amount]</local-name>\n        <parent-name>[orders]</parent-name>\n      </metadata-record>\n"
	const column = "  <column caption='Amount' datatype='real' name='[Amount]' role='measure' type='quantitative' />\n"
	filter := "      <filter class='categorical' column='[Calculation_3]'><groupfilter function='member' level='[Calculation_3]' member='false' /></filter>\n"
	for _, c := range []struct {
		name, in string
		def      []string
		words    []string
	}{
		{"case 85: a field that a view uses", referring, []string{amount, "", column, ""}, []string{`embedding the definition of data source "Sales here"`, "[Amount] (used by", `worksheet "Sheet"`, `the formula of "Mine"`}},
		{"a parameter that is not there", strings.Replace(referring, "name='[Parameter 1]'", "name='[Parameter 2]'", 1), nil, []string{`parameter "Region" [Parameter 1]`}},
		{"another parameter of that name", strings.Replace(referring, "caption='Region'", "caption='Currency'", 1), nil, []string{`is "Region" (string) in the definition, and "Currency" (string) in the workbook`}},
		{"another filter", doctest.Replace(t, referring, "show-structure='true' />\n", "show-structure='true' />\n"+filter), nil, []string{"filter [Calculation_3] differently"}},
		{"a reference", referring, []string{"<connection class='federated'>", "<connection class='sqlproxy'>"}, []string{"does not say what"}},
		{"an embedded data source", doctest.Replace(t, referring, "class='sqlproxy' dbname", "class='postgres' dbname"), nil, []string{"does not refer to a published data source"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			doctest.Refused(t, c.in, embed(t, c.def...), c.words...)
		})
	}
}

// TestEmbedNotes tells of what is left: copies that had drifted, fields that nothing uses, a
// definition that does not tell its fields.
func TestEmbedNotes(t *testing.T) {
	t.Parallel()
	const drifted = "            <column caption='Ratio' datatype='real' layered='true' name='[Calculation_1]' role='measure' type='quantitative'>\n              <calculation class='tableau' formula='SUM([Amount])' />"
	for _, c := range []struct {
		name, in string
		def      []string
		want     string
	}{
		{"drift", doctest.Replace(t, referring, drifted, strings.Replace(drifted, "SUM(", "AVG(", 1)), nil, "the calculation of this copy stays: it was not that of the data source"},
		{"unused", doctest.Replace(t, referring, "      <group ", "      <column datatype='string' layered='true' name='[Old]' role='dimension' type='nominal' />\n      <group "), nil, `the definition lacks fields that nothing uses: "Old"`},
		{"no fields", referring, []string{"metadata-records>\n      <", "x>\n      <", "    </metadata-records>", "    </x>"}, "the definition does not tell its fields: whether it has those that the workbook uses is not known"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f := doctest.Open(t, c.in)
			if err := embed(t, c.def...)(f); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]string{c.want}, notes(f)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestDefinition finds the copy that a reference holds if it has connections of its own,
// which none that was seen has.
func TestDefinition(t *testing.T) {
	t.Parallel()
	_, err := datasource(t, reference(devLocation, devServer, capability(asText(inner(t))), "")).Definition()
	if !errors.Is(err, tds.ErrNoDefinition) {
		t.Errorf("a copy that is a reference: %v", err)
	}
	if _, err = datasource(t, reference(devLocation, devServer, "", "")).Definition(); !errors.Is(err, tds.ErrNoDefinition) {
		t.Errorf("no copy: %v", err)
	}
	f := doctest.Open(t, reference(devLocation, devServer, capability(asCDATA(`<datasource formatted-name='x'><connection class='postgres' dbname='d' server='s' /></datasource>`)), ""))
	def, err := first(f).Definition()
	if err != nil {
		t.Fatal(err)
	}
	if err := first(f).Embed(def); err != nil {
		t.Fatal(err)
	}
	var got []string
	for c := range first(f).Connections() {
		got = append(got, c.Class()+" "+c.Server())
	}
	if !slices.Equal(got, []string{"postgres s"}) {
		t.Errorf("connections %q", got)
	}
}
