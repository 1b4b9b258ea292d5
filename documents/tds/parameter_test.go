package tds_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/tabtemplate/tabtemplate/documents"
	"github.com/tabtemplate/tabtemplate/documents/internal/doctest"
	"github.com/tabtemplate/tabtemplate/documents/tds"
)

// withParameters is a data source file that holds copies of parameters, and uses one for a
// stored procedure and in the copy of a published data source that is nested in it.
func withParameters(columns, argument, nested string) string {
	return `<datasource formatted-name='federated.a' inline='true' version='18.1'>
  <connection class='sqlproxy'>
    <relation name='p' stored-proc='[dbo].[p]' type='stored-proc'>
      <actual-parameters>
        <column name='@R' ordinal='1' parameter='[Parameters].[Parameter 1]' value='` + argument + `' />
      </actual-parameters>
    </relation>
    <metadata-records>
      <metadata-record class='capability'>
        <attributes>
          <attribute datatype='string' name='datasource'>&quot;&lt;datasource&gt;&lt;datasource-dependencies datasource=&apos;Parameters&apos;&gt;` + nested + `&lt;/datasource-dependencies&gt;&lt;/datasource&gt;&quot;</attribute>
        </attributes>
      </metadata-record>
    </metadata-records>
  </connection>
  <datasource-dependencies datasource='Parameters'>
    ` + columns + `
  </datasource-dependencies>
</datasource>
`
}

func copyOf(attrs, domain, value, inside string) string {
	return "<column " + attrs + "caption='Region' datatype='string' name='[Parameter 1]' param-domain-type='" + domain + "' role='measure' type='nominal' value='&quot;" + value + "&quot;'>" +
		"<calculation class='tableau' formula='&quot;" + value + "&quot;' />" + inside + "</column>"
}

// nestedCopy is the same as XML in a DataValue in XML.
func nestedCopy(value string) string {
	return fmt.Sprintf("&lt;column datatype=&apos;string&apos; name=&apos;[Parameter 1]&apos; value=&apos;&amp;quot;%[1]s&amp;quot;&apos; /&gt;", value)
}

// TestParametersOfADatasource: a data source file has copies, which are listed and set as
// the parameters of a workbook are.
func TestParametersOfADatasource(t *testing.T) {
	t.Parallel()
	other := "\n    <column datatype='integer' name='[Other]' param-domain-type='any' value='1' />"
	in := withParameters(copyOf("", "any", "w", "")+other, "&quot;w&quot;", nestedCopy("w"))
	var got []string
	for p := range datasource(t, in).Parameters() {
		got = append(got, fmt.Sprint(p.Label(), p.Name, p.Datatype, p.Domain.Kind, p.Value))
	}
	if want := "Region[Parameter 1]stringanyw,Other[Other]integerany1"; strings.Join(got, ",") != want {
		t.Errorf("listed are %v", got)
	}
	set := func(name string) func(*documents.File) error {
		return func(f *documents.File) error { return first(f).SetParameter(name, tds.String("e")) }
	}
	for _, name := range []string{"Region", "[Parameter 1]"} {
		doctest.Edited(t, in, set(name), withParameters(copyOf("", "any", "e", "")+other, "&quot;e&quot;", nestedCopy("e")))
	}
	doctest.Refused(t, in, set("Other"), `parameter "Other": "e" is a string, the datatype is integer`)
	doctest.Refused(t, in, set("No"), `no parameter "No"; there are: "Region", "Other"`)

	list := tds.Domain{Kind: tds.ListDomain, Allowed: []tds.Allowed{{Value: tds.String("w"), As: "West"}}}
	nested := strings.Replace(nestedCopy("w"), "&lt;column ", "&lt;column alias=&apos;West&apos; ", 1)
	nested = strings.Replace(nested, " value=", " param-domain-type=&apos;list&apos; value=", 1)
	doctest.Edited(t, in, func(f *documents.File) error {
		return first(f).UpdateParameter("Region", tds.ParameterPatch{Domain: &list})
	}, withParameters(copyOf("alias='West' ", "list", "w", "<aliases><alias key='&quot;w&quot;' value='West' /></aliases><members><member alias='West' value='&quot;w&quot;' /></members>")+other, "&quot;w&quot;", nested))
}

// TestParametersOfAWorkbook: what a data source of a workbook can refer to are the
// parameters of the workbook, and copies that have no master.
func TestParametersOfAWorkbook(t *testing.T) {
	t.Parallel()
	in := doctest.Replace(t, doctest.FX1, "  <datasources>\n", "  <datasources>\n    <datasource name='Parameters'><column caption='A' name='[Parameter 1]' param-domain-type='any' /></datasource>\n",
		"      <layout ", "      <datasource-dependencies datasource='Parameters'><column caption='Old' name='[Parameter 1]' param-domain-type='any' /><column caption='B' name='[Parameter 2]' param-domain-type='any' /></datasource-dependencies>\n      <layout ")
	var got []string
	for p := range datasource(t, in).Parameters() {
		got = append(got, p.Label())
	}
	if strings.Join(got, ",") != "A,B" {
		t.Errorf("listed are %v", got)
	}
}
