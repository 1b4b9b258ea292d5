package tds_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tabtemplate/tabtemplate/documents"
	"github.com/tabtemplate/tabtemplate/documents/internal/doctest"
	"github.com/tabtemplate/tabtemplate/documents/tds"
)

// connectionOf is the one connection of a data source file.
func connectionOf(t testing.TB, in string) *tds.Connection {
	t.Helper()
	c, err := datasource(t, in).Connection(tds.ConnectionMatch{})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestPropertiesByClass is cases 3 and 31: each property is set where the class keeps it,
// reads back from there, and two names of one attribute are an error.
func TestPropertiesByClass(t *testing.T) {
	t.Parallel()
	const forked = `<connection _.fcp.DatabricksCatalog.false...dbname='/old' _.fcp.DatabricksCatalog.true...dbname='main' _.fcp.DatabricksCatalog.true...v-http-path='/sql/1' class='databricks' server='adb' />`
	for _, c := range []struct {
		name, in, property string
		patch              tds.ConnectionPatch
		want               string
		read               func(*tds.Connection) string
	}{
		{
			"case 31: role in service", `<connection class='snowflake' service='OLD' warehouse='W' />`, "role",
			tds.ConnectionPatch{Role: "NEW"},
			`<connection class='snowflake' service='NEW' warehouse='W' />`, (*tds.Connection).Role,
		},
		{
			"role that is there", `<connection class='snowflake' role='OLD' service='S' />`, "role",
			tds.ConnectionPatch{Role: "NEW"},
			`<connection class='snowflake' role='NEW' service='S' />`, (*tds.Connection).Role,
		},
		{
			"role that is added", `<connection class='snowflake' warehouse='W' />`, "role",
			tds.ConnectionPatch{Role: "NEW"},
			`<connection class='snowflake' service='NEW' warehouse='W' />`, (*tds.Connection).Role,
		},
		{
			"warehouse", `<connection class='snowflake' warehouse='W' />`, "warehouse",
			tds.ConnectionPatch{Warehouse: "NEW"},
			`<connection class='snowflake' warehouse='NEW' />`, (*tds.Connection).Warehouse,
		},
		{
			"service of oracle", `<connection class='oracle' service='orcl' />`, "service",
			tds.ConnectionPatch{Service: "NEW"},
			`<connection class='oracle' service='NEW' />`, (*tds.Connection).Service,
		},
		{
			"catalog of databricks", `<connection class='databricks' dbname='main' v-http-path='/sql/1' />`, "catalog",
			tds.ConnectionPatch{Catalog: "NEW"},
			`<connection class='databricks' dbname='NEW' v-http-path='/sql/1' />`, (*tds.Connection).Catalog,
		},
		{
			"case 3: catalog behind a feature", forked, "catalog",
			tds.ConnectionPatch{Catalog: "NEW"},
			strings.Replace(forked, "'main'", "'NEW'", 1), (*tds.Connection).Catalog,
		},
		{
			"dbname behind a feature", forked, "dbname",
			tds.ConnectionPatch{DBName: "NEW"},
			strings.Replace(forked, "'main'", "'NEW'", 1), (*tds.Connection).DBName,
		},
		{
			"case 3: HTTP path in both generations", forked, "http_path",
			tds.ConnectionPatch{HTTPPath: "NEW"},
			strings.NewReplacer("'/old'", "'NEW'", "'/sql/1'", "'NEW'").Replace(forked), (*tds.Connection).HTTPPath,
		},
		{
			"catalog beside the old path", `<connection _.fcp.DatabricksCatalog.false...dbname='/old' class='databricks' />`, "catalog",
			tds.ConnectionPatch{Catalog: "NEW"},
			`<connection _.fcp.DatabricksCatalog.false...dbname='/old' _.fcp.DatabricksCatalog.true...dbname='NEW' class='databricks' />`, (*tds.Connection).Catalog,
		},
		{
			"catalog of bigquery", `<connection CATALOG='p' EXECCATALOG='b' class='bigquery' project='q' />`, "catalog",
			tds.ConnectionPatch{Catalog: "NEW"},
			`<connection CATALOG='NEW' EXECCATALOG='b' class='bigquery' project='q' />`, (*tds.Connection).Catalog,
		},
		{
			"project", `<connection class='bigquery' project='q' />`, "project",
			tds.ConnectionPatch{Project: "NEW"},
			`<connection class='bigquery' project='NEW' />`, (*tds.Connection).Project,
		},
		{
			"initial SQL", `<connection class='postgres' one-time-sql='' server='a' />`, "initial_sql",
			tds.ConnectionPatch{InitialSQL: "NEW"},
			`<connection class='postgres' one-time-sql='NEW' server='a' />`, (*tds.Connection).InitialSQL,
		},
		{
			"query band", `<connection class='teradata' server='a' />`, "query_band",
			tds.ConnectionPatch{QueryBand: "NEW"},
			`<connection class='teradata' query-band-spec='NEW' server='a' />`, (*tds.Connection).QueryBand,
		},
		{
			"authentication", `<connection authentication='sspi' class='sqlserver' />`, "authentication",
			tds.ConnectionPatch{Authentication: "NEW"},
			`<connection authentication='NEW' class='sqlserver' />`, (*tds.Connection).Authentication,
		},
		{
			"sslmode", `<connection class='postgres' server='a' />`, "sslmode",
			tds.ConnectionPatch{SSLMode: "NEW"},
			`<connection class='postgres' server='a' sslmode='NEW' />`, (*tds.Connection).SSLMode,
		},
		{
			"filename", `<connection class='excel-direct' filename='a.xlsx' password='' server='' />`, "filename",
			tds.ConnectionPatch{Filename: "NEW"},
			`<connection class='excel-direct' filename='NEW' password='' server='' />`, (*tds.Connection).Filename,
		},
		{
			"directory", `<connection class='textscan' directory='Data' filename='a.csv' />`, "directory",
			tds.ConnectionPatch{Directory: "NEW"},
			`<connection class='textscan' directory='NEW' filename='a.csv' />`, (*tds.Connection).Directory,
		},
		{
			"a plug-in by the usual names", `<connection class='acme_jdbc' server='a' v-x='1' />`, "initial_sql",
			tds.ConnectionPatch{InitialSQL: "NEW"},
			`<connection class='acme_jdbc' one-time-sql='NEW' server='a' v-x='1' />`, (*tds.Connection).InitialSQL,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f := doctest.Edited(t, leaf(c.in), update(tds.ConnectionMatch{}, c.patch), leaf(c.want))
			if got := c.read(connectionOf(t, doctest.Written(t, f))); got != "NEW" {
				t.Errorf("reads back as %q", got)
			}
			doctest.Edited(t, leaf(c.in), update(tds.ConnectionMatch{}, attrs(c.property, "NEW")), leaf(c.want))
		})
	}
}

func TestPropertiesRefused(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, in string
		patch    tds.ConnectionPatch
		words    []string
	}{
		{"warehouse of postgres", `<connection class='postgres' />`, tds.ConnectionPatch{Warehouse: "w"}, []string{"postgres has no warehouse; it has authentication, dbname, initial_sql, port, server, sslmode, username"}},
		{"role and service of snowflake", `<connection class='snowflake' />`, attrs("role", "a", "service", "b"), []string{"role and service are one attribute of class snowflake, service"}},
		{"catalog and dbname of databricks", `<connection class='databricks' />`, tds.ConnectionPatch{Catalog: "a", DBName: "b"}, []string{"catalog and dbname are one attribute"}},
		{"initial SQL by two names", `<connection class='postgres' />`, tds.ConnectionPatch{InitialSQL: "a", Attrs: map[string]string{"one-time-sql": "b"}}, []string{"one attribute", "one-time-sql"}},
		{"HTTP path by two names", `<connection class='databricks' />`, attrs("http_path", "a", "v-http-path", "a"), []string{"one attribute", "v-http-path"}},
		{"catalog of a plug-in", `<connection class='acme_jdbc' />`, tds.ConnectionPatch{Catalog: "a"}, []string{"where class acme_jdbc keeps its catalog is not known"}},
		{"case 31: dbname of oracle, new", `<connection class='oracle' />`, tds.ConnectionPatch{DBName: "a", New: true}, []string{"oracle has no dbname", "service and schema"}},
		{"filename of hyper", `<connection class='hyper' dbname='Data/x.hyper' />`, tds.ConnectionPatch{Filename: "y.hyper"}, []string{"hyper has no filename; it has dbname"}},
		{"set and removed", `<connection class='postgres' one-time-sql='x' />`, tds.ConnectionPatch{InitialSQL: "y", Remove: []string{"one-time-sql"}}, []string{"one-time-sql is set and removed"}},
		{"removing what no class has", `<connection class='postgres' server='s' />`, tds.ConnectionPatch{Remove: []string{"usernam"}}, []string{`no attribute "usernam"`, "caption, class, dbname, initial_sql, port, server, sslmode, username"}},
		{"removing the class", `<connection class='postgres' />`, tds.ConnectionPatch{Remove: []string{"class"}}, []string{"class cannot be removed"}},
		{"an empty class", `<connection class='postgres' />`, attrs("class", ""), []string{"class is empty"}},
		{"class twice", `<connection class='postgres' />`, tds.ConnectionPatch{Class: "mysql", Attrs: map[string]string{"class": "mysql"}}, []string{"class is given twice"}},
		{"class in another case", `<connection class='postgres' />`, attrs("CLASS", "mysql"), []string{`"CLASS" is no attribute to set`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			doctest.Refused(t, leaf(c.in), update(tds.ConnectionMatch{}, c.patch), append(c.words, "updating")...)
		})
	}
}

// TestRemoveAttributes is case 33: one preceding blank goes with the attribute, in every
// form it has.
func TestRemoveAttributes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, in string
		remove   []string
		want     string
	}{
		{"the last", `<connection class='postgres' server='a'  username='svc' />`, []string{"username"}, `<connection class='postgres' server='a'  />`},
		{"in the middle", `<connection class='postgres' one-time-sql='' server='a' />`, []string{"initial_sql"}, `<connection class='postgres' server='a' />`},
		{"all forms", `<connection _.fcp.D.false...dbname='a' _.fcp.D.true...dbname='b' class='databricks' />`, []string{"catalog"}, `<connection class='databricks' />`},
		{"not the other generation's", `<connection _.fcp.DatabricksCatalog.false...dbname='/old' _.fcp.DatabricksCatalog.true...dbname='b' class='databricks' />`, []string{"dbname"}, `<connection _.fcp.DatabricksCatalog.false...dbname='/old' class='databricks' />`},
		{"a password", `<connection class='postgres' password='hunter2' server='a' />`, []string{"password"}, `<connection class='postgres' server='a' />`},
		{"what is not there", `<connection class='postgres' server='a' />`, []string{"username", "sslmode"}, `<connection class='postgres' server='a' />`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			doctest.Edited(t, leaf(c.in), update(tds.ConnectionMatch{}, tds.ConnectionPatch{Remove: c.remove}), leaf(c.want))
		})
	}
}

// TestChangeOfClass keeps what both classes have, where the new one has it.
func TestChangeOfClass(t *testing.T) {
	t.Parallel()
	const postgres = `<connection authentication='username-password' class='postgres' dbname='dev' odbc-native-protocol='yes' one-time-sql='' port='5432' server='db1' sslmode='require' username='svc' workgroup-auth-mode='prompt' />`
	const snowflake = `<connection authentication='oauth' class='snowflake' dbname='DEV' odbc-connect-string-extras='' one-time-sql='' schema='PUBLIC' server='s' service='ROLE' username='svc' warehouse='W' />`
	for _, c := range []struct {
		name, in string
		patch    tds.ConnectionPatch
		want     string
	}{
		{
			"to a sibling", postgres,
			tds.ConnectionPatch{Class: "redshift"},
			`<connection authentication='username-password' class='redshift' dbname='dev' odbc-native-protocol='yes' one-time-sql='' port='5439' server='db1' sslmode='require' username='svc' workgroup-auth-mode='prompt' />`,
		},
		{
			"with other attributes", postgres,
			tds.ConnectionPatch{Class: "snowflake", Server: "acme.snowflakecomputing.com", Schema: "PUBLIC", Warehouse: "W", Role: "R"},
			`<connection authentication='Username Password' class='snowflake' dbname='dev' one-time-sql='' schema='PUBLIC' server='acme.snowflakecomputing.com' service='R' username='svc' warehouse='W' workgroup-auth-mode='prompt' />`,
		},
		{
			"the port moves into the server", postgres,
			tds.ConnectionPatch{Class: "sqlserver", Server: "h,1433", Authentication: "sspi"},
			`<connection authentication='sspi' class='sqlserver' dbname='dev' odbc-native-protocol='yes' one-time-sql='' server='h,1433' sslmode='require' username='svc' workgroup-auth-mode='prompt' />`,
		},
		{
			"a role is no service", snowflake,
			tds.ConnectionPatch{Class: "oracle", Service: "orcl"},
			`<connection authentication='RDBMS' class='oracle' one-time-sql='' port='1521' schema='PUBLIC' server='s' service='orcl' username='svc' />`,
		},
		{
			"no authentication of the old class", snowflake,
			tds.ConnectionPatch{Class: "databricks", HTTPPath: "/sql/1", Authentication: "oauth"},
			`<connection authentication='oauth' class='databricks' dbname='DEV' odbc-connect-string-extras='' one-time-sql='' schema='PUBLIC' server='s' username='svc' v-http-path='/sql/1' />`,
		},
		{
			"plain names for forks",
			`<connection _.fcp.DatabricksCatalog.false...dbname='/old' _.fcp.DatabricksCatalog.true...dbname='main' _.fcp.DatabricksCatalog.true...v-http-path='/sql/1' authentication='oauth' class='databricks' schema='s' server='adb' />`,
			tds.ConnectionPatch{Class: "snowflake", Warehouse: "W"},
			`<connection authentication='Username Password' class='snowflake' dbname='main' schema='s' server='adb' warehouse='W' />`,
		},
		{
			"without an authentication", postgres,
			tds.ConnectionPatch{Class: "mysql"},
			`<connection class='mysql' dbname='dev' odbc-native-protocol='yes' one-time-sql='' port='3306' server='db1' sslmode='require' username='svc' workgroup-auth-mode='prompt' />`,
		},
		{
			"a file to a database", `<connection class='excel-direct' cleaning='no' compat='no' filename='Data/a.xlsx' password='' server='' validate='no' />`,
			tds.ConnectionPatch{Class: "mysql", Server: "h", DBName: "acme", Username: "u"},
			`<connection class='mysql' dbname='acme' port='3306' server='h' username='u' />`,
		},
		{
			"a hyper file to a text file", `<connection authentication='auth-none' class='hyper' dbname='Data/x.hyper' schema='Extract' tablename='Extract' username='tableau_internal_user' />`,
			tds.ConnectionPatch{Class: "textscan", Directory: "Data", Filename: "x.csv"},
			`<connection class='textscan' directory='Data' filename='x.csv' />`,
		},
		{
			"an empty value that is given", postgres,
			tds.ConnectionPatch{Class: "snowflake", Schema: "S", Attrs: map[string]string{"warehouse": ""}},
			`<connection authentication='Username Password' class='snowflake' dbname='dev' one-time-sql='' schema='S' server='db1' username='svc' warehouse='' workgroup-auth-mode='prompt' />`,
		},
		{
			"a plug-in", postgres,
			tds.ConnectionPatch{Class: "acme_jdbc", Attrs: map[string]string{"v-tenant": "t"}, Remove: []string{"port"}, New: true},
			`<connection authentication='username-password' class='acme_jdbc' dbname='dev' odbc-native-protocol='yes' one-time-sql='' server='db1' sslmode='require' username='svc' v-tenant='t' workgroup-auth-mode='prompt' />`,
		},
		{
			"from a plug-in", `<connection authentication='x' class='acme_jdbc' dbname='d' port='1' server='s' v-tenant='t' />`,
			tds.ConnectionPatch{Class: "postgres"},
			`<connection authentication='username-password' class='postgres' dbname='d' port='5432' server='s' />`,
		},
		{
			"settings of the old driver", "<connection class='genericodbc' dbname='d' odbc-dsn='x' server='s'>\n          <connection-customization class='genericodbc' enabled='true' version='18.1' />\n        </connection>",
			tds.ConnectionPatch{Class: "postgres", Port: "6432"},
			"<connection authentication='username-password' class='postgres' dbname='d' port='6432' server='s'>\n        </connection>",
		},
		{"the class it has", postgres, tds.ConnectionPatch{Class: "postgres"}, postgres},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f := doctest.Edited(t, leaf(c.in), update(tds.ConnectionMatch{}, c.patch), leaf(c.want))
			if got := connectionOf(t, doctest.Written(t, f)); got.Class() != c.patch.Class || got.Name() != "x.1" {
				t.Errorf("it is %s", got)
			}
			if noted := len(slices.Collect(f.Notes())) > 0; noted != c.patch.New { // nothing is named as the old class needs it
				t.Errorf("noted: %t", noted)
			}
		})
	}
}

func TestChangeOfClassRefused(t *testing.T) {
	t.Parallel()
	const postgres = `<connection class='postgres' dbname='dev' port='5432' server='db1' />`
	for _, c := range []struct {
		name, from, in string
		patch          tds.ConnectionPatch
		words          []string
	}{
		{"what it needs", "postgres", postgres, tds.ConnectionPatch{Class: "snowflake"}, []string{"class snowflake needs schema, warehouse"}},
		{"a port of its own", "postgres", postgres, tds.ConnectionPatch{Class: "saphana"}, []string{"class saphana needs port"}},
		{
			"an authentication of its own", "snowflake", `<connection authentication='oauth' class='snowflake' server='s' />`,
			tds.ConnectionPatch{Class: "databricks", HTTPPath: "/sql/1"},
			[]string{"class databricks needs authentication"},
		},
		{"the path of a file", "hyper", `<connection class='hyper' dbname='Data/x.hyper' />`, tds.ConnectionPatch{Class: "postgres", Server: "h"}, []string{"class postgres needs dbname"}},
		{"a host that is none", "postgres", postgres, tds.ConnectionPatch{Class: "bigquery", Catalog: "p", Project: "p", Authentication: "oauth"}, []string{"class bigquery needs server, schema"}},
		{"a role that is no service", "snowflake", `<connection class='snowflake' server='s' service='ROLE' />`, tds.ConnectionPatch{Class: "oracle"}, []string{"oracle needs service"}},
		{"what it does not have", "postgres", postgres, tds.ConnectionPatch{Class: "sqlserver", Port: "1433"}, []string{"sqlserver has no port", "host,port"}},
		{"the wrapper", "postgres", postgres, tds.ConnectionPatch{Class: "federated"}, []string{"federated is the wrapper"}},
		{"a published data source", "postgres", postgres, tds.ConnectionPatch{Class: "sqlproxy", New: true}, []string{"published data source"}},
		{"a misspelt class", "postgres", postgres, tds.ConnectionPatch{Class: "postgers"}, []string{`no class "postgers"`, "mysql", "postgres"}},
		{"a password on the way", "postgres", postgres, tds.ConnectionPatch{Class: "redshift", Attrs: map[string]string{"password": "hunter2"}}, []string{"publishing"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f := doctest.Open(t, leaf(c.in))
			doctest.Refused(t, leaf(c.in), update(tds.ConnectionMatch{}, c.patch), append(c.words, "updating "+c.from)...)
			if err := update(tds.ConnectionMatch{}, c.patch)(f); err == nil || len(slices.Collect(f.Notes())) > 0 {
				t.Errorf("%v, and notes: %v", err, slices.Collect(f.Notes()))
			}
		})
	}
}

// TestChangeOfClassOfAnOldFile has no named connection, and its relations stay.
func TestChangeOfClassOfAnOldFile(t *testing.T) {
	t.Parallel()
	in := "<datasource formatted-name='x'><connection class='sqlserver' dbname='d' server='h'><relation name='t' table='[dbo].[t]' type='table' /></connection></datasource>"
	doctest.Edited(t, in, update(tds.ConnectionMatch{}, tds.ConnectionPatch{Class: "postgres"}),
		strings.Replace(in, "<connection class='sqlserver' dbname='d' server='h'>", "<connection authentication='username-password' class='postgres' dbname='d' port='5432' server='h'>", 1))
}

// TestNotesOfConnections tells what still names what was replaced, and no secret.
func TestNotesOfConnections(t *testing.T) {
	t.Parallel()
	text := strings.Replace(leaf(`<connection class='textscan' directory='Data' filename='orders.csv' />`), "    </named-connections>\n",
		"    </named-connections>\n    <relation connection='x.1' name='orders' table='[orders#csv]' type='table' />\n", 1)
	for _, c := range []struct {
		name, in string
		patch    tds.ConnectionPatch
		want     []string
	}{
		{
			"a URL of the server", leaf(`<connection class='databricks' instanceurl='https://adb-1.net/oidc' server='adb-1.net' username='svc@adb-1.network' />`),
			tds.ConnectionPatch{Server: "adb-2.net"},
			[]string{`instanceurl "https://adb-1.net/oidc" still names "adb-1.net", which was the server`},
		},
		{
			"a host in another case", leaf(`<connection class='databricks' instanceurl='https://ADB-1.net' server='adb-1.net' v-http-path='/ädb-1.net' />`),
			tds.ConnectionPatch{Server: "adb-2.net"},
			[]string{`instanceurl "https://ADB-1.net" still names "adb-1.net", which was the server`},
		},
		{
			"a project in three places", leaf(`<connection CATALOG='p' EXECCATALOG='pay' class='bigquery' project='p' schema='p.ds' />`),
			tds.ConnectionPatch{Project: "q"},
			[]string{`CATALOG "p" still names "p", which was the project`, `schema "p.ds" still names "p", which was the project`},
		},
		{
			"all of them set", leaf(`<connection CATALOG='p' class='bigquery' project='p' schema='p.ds' />`), tds.ConnectionPatch{Project: "q", Catalog: "q", Schema: "q.ds"}, nil,
		},
		{
			"a secret", leaf(`<connection class='genericodbc' odbc-connect-string-extras='PWD=db1;HOST=db1' password='db1' server='db1' />`),
			tds.ConnectionPatch{Server: "db2"},
			[]string{`odbc-connect-string-extras "PWD=redacted;HOST=db1" still names "db1", which was the server`},
		},
		{"case 22: a table named after its file", text, tds.ConnectionPatch{Filename: "acme.csv"}, []string{"the table [orders#csv] still names the file that the connection had; table: {from: '[orders#csv]', to: '[acme#csv]'} swaps it"}},
		{"the same server", leaf(`<connection class='databricks' instanceurl='https://adb-1.net' server='adb-1.net' />`), tds.ConnectionPatch{Server: "adb-1.net"}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f := doctest.Open(t, c.in)
			if err := update(tds.ConnectionMatch{}, c.patch)(f); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, notes(f)); diff != "" {
				t.Errorf("notes (-want +got):\n%s", diff)
			}
		})
	}
}

// TestSQLLeft notes the SQL that still names what a connection had, each query once, as
// long as it does.
func TestSQLLeft(t *testing.T) {
	t.Parallel()
	in := readingTables(`<relation join='inner' type='join'><relation connection='c' name='Q' type='text'>SELECT * FROM dev.public.t JOIN Dev.u, my_dev</relation>` +
		`<relation connection='c' name='R' type='text'>SELECT * FROM devices</relation></relation>`)
	in = strings.Replace(in, "class='postgres' dbname='dev' server='db1'", "class='snowflake' dbname='dev' one-time-sql='USE dev.public' project='p-1' schema='public' server='db1'", 1)
	bigquery := readingTables("<relation connection='c' type='text'>SELECT * FROM `p-1.ds.t` -- on q</relation>")
	bigquery = strings.Replace(bigquery, "class='postgres' dbname='dev' server='db1'", "CATALOG='q' class='bigquery' one-time-sql='SET @@dataset_id = &quot;p-1.ds&quot;' project='p-1' schema='p-1.ds'", 1)
	databricks := strings.Replace(in, "class='snowflake'", "class='databricks'", 1)
	const initial, query = "the initial SQL still says ", `custom SQL "Q" still says `
	const database, schema = `"dev", the old name of the database`, `"public", the old name of the schema`
	for _, c := range []struct {
		name, in string
		patch    tds.ConnectionPatch
		want     []string
	}{
		{"a database", in, tds.ConnectionPatch{DBName: "acme"}, []string{initial + database, query + database}},
		{"a schema", in, tds.ConnectionPatch{Schema: "acme"}, []string{initial + schema, query + schema}},
		{"both", in, tds.ConnectionPatch{DBName: "acme", Schema: "acme"}, []string{initial + database + ", and " + schema, query + database + ", and " + schema}},
		{"a catalog that is the database", databricks, tds.ConnectionPatch{Catalog: "acme"}, []string{initial + database, query + database}},
		{"a catalog", bigquery, tds.ConnectionPatch{Catalog: "acme"}, []string{`custom SQL still says "q", the old name of the catalog`}},
		{"a project", bigquery, tds.ConnectionPatch{Project: "acme", Schema: "acme.ds"}, []string{
			initial + `"p-1", the old name of the project, and "p-1.ds", the old name of the schema`,
			`custom SQL still says "p-1", the old name of the project, and "p-1.ds", the old name of the schema`,
		}},
		{"SQL that is set with it", in, tds.ConnectionPatch{DBName: "acme", InitialSQL: "USE acme.public"}, []string{query + database}},
		{"what it had", in, tds.ConnectionPatch{DBName: "dev", Warehouse: "w"}, nil},
	} {
		if strings.Contains(c.in, "databricks") {
			c.in = strings.Replace(c.in, " project='p-1'", "", 1)
		}
		f := doctest.Open(t, c.in)
		if err := update(tds.ConnectionMatch{}, c.patch)(f); err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if diff := cmp.Diff(c.want, notes(f)); diff != "" {
			t.Errorf("%s: notes (-want +got):\n%s", c.name, diff)
		}
	}
	f := doctest.Open(t, in)
	for _, edit := range []func(*documents.File) error{
		update(tds.ConnectionMatch{}, tds.ConnectionPatch{DBName: "acme"}),
		update(tds.ConnectionMatch{}, tds.ConnectionPatch{InitialSQL: "USE acme.public"}),
		setSQL(t, tds.RelationMatch{Name: "Q"}, "SELECT * FROM acme.public.t", ""),
	} {
		if err := edit(f); err != nil {
			t.Fatal(err)
		}
	}
	if got := notes(f); got != nil {
		t.Errorf("after the SQL was set: %q", got)
	}
}

// TestNotesOfAnotherClass notes what is as it was written for the class before, where there
// is something and as long as it is so.
func TestNotesOfAnotherClass(t *testing.T) {
	t.Parallel()
	in := readingTables(`<relation join='inner' type='join'>` + tableFrom("orders", "[dev].[orders]") + `<relation connection='c' name='Q' type='text'>SELECT 1</relation></relation>` +
		`<relation connection='c' name='p' stored-proc='[dev].[p]' type='stored-proc' />`)
	in = strings.Replace(in, "class='postgres' dbname='dev'", "class='mysql' dbname='dev' one-time-sql='SET x'", 1)
	f := doctest.Open(t, in)
	edit := update(tds.ConnectionMatch{}, tds.ConnectionPatch{Class: "sqlserver", Authentication: "sqlserver"})
	if err := edit(f); err != nil {
		t.Fatal(err)
	}
	want := []string{
		"the initial SQL is still as it was written for class mysql", "the table [dev].[orders] is still named as in class mysql",
		"the stored procedure [dev].[p] is still named as in class mysql", `custom SQL "Q" is still as it was written for class mysql`,
	}
	if diff := cmp.Diff(want, notes(f)); diff != "" {
		t.Errorf("notes (-want +got):\n%s", diff)
	}
	for _, edit := range []func(*documents.File) error{
		swapTable(tds.Swap{From: "orders", To: "[dev].[dbo].[orders]"}), setSQL(t, tds.RelationMatch{}, "SELECT 2", ""),
		update(tds.ConnectionMatch{}, tds.ConnectionPatch{InitialSQL: "SET y"}),
	} {
		if err := edit(f); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(want[2:3], notes(f)); diff != "" {
		t.Errorf("notes after edits (-want +got):\n%s", diff)
	}
	for n := range f.Notes() {
		if n.Path != "/datasource" {
			t.Errorf("the note is about %s", n.Path)
		}
	}
}

// TestDatabaseInTables: what MySQL calls a database stands where others have the schema.
func TestDatabaseInTables(t *testing.T) {
	t.Parallel()
	in := strings.Replace(readingTables(tableFrom("orders", "[dev].[orders]")), "class='postgres'", "class='mysql'", 1)
	f := doctest.Open(t, in)
	if err := update(tds.ConnectionMatch{}, tds.ConnectionPatch{DBName: "acme"})(f); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"the table [dev].[orders] still names the database that the connection had"}, notes(f)); diff != "" {
		t.Errorf("notes (-want +got):\n%s", diff)
	}
}

// TestSecrets is case 35: secrets are told by their places alone, and scrubbed where they
// are; what is empty stays.
func TestSecrets(t *testing.T) {
	t.Parallel()
	nested := strings.Replace(inner(t), "<connection channel='https' class='sqlproxy'", "<connection channel='https' class='sqlproxy' password='hunter2'", 1)
	published := reference(devLocation, devServer, capability(asText(nested)), "")
	federated := func(wrapper, source, extras, excel, extract string) string {
		return `<datasource formatted-name='x'>
  <connection class='federated' password='` + wrapper + `'>
    <named-connections>
      <named-connection name='a'>
        <connection class='genericodbc' odbc-connect-string-extras='UID=u;PWD=` + extras + `;X=1' password='` + source + `' server='h' />
      </named-connection>
      <named-connection name='b'>
        <connection class='excel-direct' filename='a.xlsx' password='` + excel + `' server='' />
      </named-connection>
    </named-connections>
  </connection>
  <extract enabled='true'>
    <connection class='hyper' dbname='a.hyper' password='` + extract + `' />
  </extract>
</datasource>
`
	}
	scrub := func(f *documents.File) error { return f.Scrub([]documents.TraceKind{documents.TraceCredentials}) }
	for _, c := range []struct {
		name, in, want string
		places         []string
	}{
		{
			"everywhere", federated("hunter2", "hunter2", "hunter2", "", "hunter2"), federated("", "", "redacted", "", ""),
			[]string{
				"2:3 /datasource/connection/@password",
				"5:9 /datasource/connection/named-connections/named-connection[@name='a']/connection/@odbc-connect-string-extras",
				"5:9 /datasource/connection/named-connections/named-connection[@name='a']/connection/@password",
				"13:5 /datasource/extract/connection/@password",
			},
		},
		{"nowhere", federated("", "", "", "", ""), federated("", "", "", "", ""), nil},
		{
			"nested", published, strings.Replace(published, "password=&apos;hunter2&apos;", "password=&apos;&apos;", 1),
			[]string{"11:15 /workbook/datasources/datasource/connection/metadata-records/metadata-record/attributes/attribute[@name='datasource']/datasource/connection/@password"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			secrets := func(in string) (places []string) {
				for s, err := range doctest.Open(t, in).Traces(documents.TraceCredentials) {
					if err != nil {
						t.Error(err)
					}
					places = append(places, fmt.Sprintf("%d:%d %s", s.Line, s.Col, s.Path))
				}
				return places
			}
			if diff := cmp.Diff(c.places, secrets(c.in)); diff != "" {
				t.Errorf("secrets (-want +got):\n%s", diff)
			}
			f := doctest.Edited(t, c.in, scrub, c.want)
			if left := secrets(c.want); left != nil {
				t.Errorf("left: %v", left)
			}
			for change := range f.Changes() {
				if strings.Contains(change.String(), "hunter2") {
					t.Errorf("the change shows a secret: %s", change)
				}
			}
		})
	}
	broken := reference(devLocation, devServer, capability("&lt;datasource /&gt;"), "")
	doctest.Refused(t, broken, scrub, "scrubbing", "the copy of the published data source")
	n := 0
	for _, err := range doctest.Open(t, broken).Traces(documents.TraceCredentials) {
		if n++; err == nil {
			t.Error("a copy that cannot be read is passed over")
		}
	}
	if n != 1 {
		t.Errorf("%d errors", n)
	}
}

// TestNoPasswordIsRead reads a password as redacted, by all ways.
func TestNoPasswordIsRead(t *testing.T) {
	t.Parallel()
	c := connectionOf(t, leaf(`<connection class='postgres' _.fcp.A.true...password='hunter2' oauth-client-secret='hunter2' server='h' />`))
	for _, name := range []string{"password", "_.fcp.A.true...password", "oauth-client-secret"} {
		if value, ok := c.Attr(name); !ok || value != "redacted" {
			t.Errorf("%s reads as %q (%t)", name, value, ok)
		}
	}
	for name, value := range c.Attrs() {
		if value == "hunter2" {
			t.Errorf("%s is listed with its value", name)
		}
	}
	if value, ok := connectionOf(t, leaf(`<connection class='excel-direct' password='' />`)).Attr("password"); !ok || value != "" {
		t.Errorf("an empty password reads as %q (%t)", value, ok)
	}
}

// TestTablesLeft notes the tables that still name the database or the schema that a
// connection had, as long as they do: not those of another connection, nor of the extract.
func TestTablesLeft(t *testing.T) {
	t.Parallel()
	in := `<datasource formatted-name='x'>
  <connection class='federated'>
    <named-connections>
      <named-connection name='s.1'><connection class='snowflake' dbname='DEV' schema='PUBLIC' /></named-connection>
      <named-connection name='s.2'><connection class='snowflake' dbname='DEV' schema='PUBLIC' /></named-connection>
    </named-connections>
    <relation type='collection'>
      <relation connection='s.1' name='a' table='[DEV].[PUBLIC].[a]' type='table' />
      <relation connection='s.1' name='b' table='[PUBLIC].[b]' type='table' />
      <relation connection='s.1' name='c' table='[DEV].[c]' type='table' />
      <relation connection='s.1' name='d' table='[PUBLIC]' type='table' />
      <relation connection='s.2' name='e' table='[DEV].[PUBLIC].[e]' type='table' />
    </relation>
  </connection>
  <extract enabled='true'><connection class='hyper'><relation connection='s.1' name='f' table='[DEV].[PUBLIC].[f]' type='table' /></connection></extract>
  <object-graph><objects><object id='a'><properties context=''><relation connection='s.1' name='a' table='[DEV].[PUBLIC].[a]' type='table' /></properties></object></objects></object-graph>
</datasource>
`
	first := tds.ConnectionMatch{Name: "s.1"}
	database := "the table [DEV].[PUBLIC].[a] still names the database that the connection had"
	schema := "the table [DEV].[PUBLIC].[a] still names the schema that the connection had"
	other := "the table [PUBLIC].[b] still names the schema that the connection had"
	for _, test := range []struct {
		patch tds.ConnectionPatch
		swap  tds.Swap
		want  []string
	}{
		{tds.ConnectionPatch{DBName: "ACME"}, tds.Swap{}, []string{database}},
		{tds.ConnectionPatch{Schema: "S"}, tds.Swap{}, []string{schema, other}},
		{tds.ConnectionPatch{DBName: "ACME", Schema: "S"}, tds.Swap{}, []string{schema, database, other}},
		{tds.ConnectionPatch{DBName: "DEV", Schema: "PUBLIC", Warehouse: "W"}, tds.Swap{}, nil},
		{tds.ConnectionPatch{Schema: "S"}, tds.Swap{From: "PUBLIC", To: "S", In: first}, nil},
	} {
		f := doctest.Open(t, in)
		ds, err := f.Datasource("x")
		if err != nil {
			t.Fatal(err)
		}
		c, err := ds.Connection(first)
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Update(test.patch); err != nil {
			t.Fatal(err)
		}
		if test.swap.From != "" {
			if _, err := ds.SwapSchema(test.swap); err != nil {
				t.Fatal(err)
			}
		}
		if got := notes(f); !slices.Equal(got, test.want) {
			t.Errorf("%+v: %q, want %q", test.patch, got, test.want)
		}
	}
}
