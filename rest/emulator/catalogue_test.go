package emulator

import (
	"strings"
	"testing"
)

// columnsTDS is ordersTDS with two columns of its table.
var columnsTDS = strings.Replace(ordersTDS, "</connection>\r\n</datasource>", crlf(`<metadata-records>
      <metadata-record class='column'>
        <remote-name>id</remote-name>
        <local-name>[id]</local-name>
        <parent-name>[orders]</parent-name>
        <local-type>integer</local-type>
      </metadata-record>
      <metadata-record class='column'>
        <remote-name>region</remote-name>
        <local-name>[region]</local-name>
        <parent-name>[orders]</parent-name>
        <local-type>string</local-type>
      </metadata-record>
    </metadata-records>
  </connection>
</datasource>`), 1)

// withCatalogue returns a world in which cleo has published a workbook and a data source on the table TABLE, with the
// columns ID and REGION, of the database DATABASE.
func withCatalogue(t *testing.T) *world {
	t.Helper()
	w := start(t, WithUser("ben", "secret", "Viewer"), WithUser("cleo", "secret", "Creator"))
	w.as("cleo").publishSales()
	w.publish("datasource", "", `name="Orders"`, "", "o.tds", columnsTDS).wantStatus(201)
	where := w.of("")
	if where.databases.Len() != 1 || where.tables.Len() != 1 || len(where.tables.All()[0].Columns) != 2 {
		t.Fatalf("%d databases, %d tables", where.databases.Len(), where.tables.Len())
	}
	table := where.tables.All()[0]
	w.names["DATABASE"], w.names["TABLE"] = where.databases.All()[0].LUID, table.LUID
	w.names["COLUMN1"], w.names["COLUMN2"] = table.Columns[0].LUID, table.Columns[1].LUID
	w.asAdmin()
	return w
}

// The operations 203 to 216, as TSC calls those it has.
func TestCatalogue(t *testing.T) {
	t.Parallel()
	w := withCatalogue(t)
	const databaseXML = `<database id="#DATABASE" name="sales" isCertified="false" connectionType="postgres" type="DatabaseServer" ` +
		`hostName="db.example.com" port="5432" isEmbedded="false" contentPermissions="ManagedByOwner"><site id="#SITE"/><tags/></database>`
	const tableXML = `<table id="#TABLE" name="orders" isCertified="false" isEmbedded="false" schema="public"><site id="#SITE"/><tags/>` +
		`<location id="#DATABASE" type="Database" name="sales"/></table>`
	w.get("databases").want(200, `<pagination pageNumber="1" pageSize="100" totalAvailable="1"/><databases>`+databaseXML+`</databases>`)
	w.get("databases/DATABASE").want(200, databaseXML)
	w.get("tables").want(200, `<pagination pageNumber="1" pageSize="100" totalAvailable="1"/><tables>`+tableXML+`</tables>`)
	w.get("databases/DATABASE/tables").want(200, `<pagination pageNumber="1" pageSize="100" totalAvailable="1"/><tables>`+tableXML+`</tables>`)
	w.get("tables/TABLE").want(200, tableXML)
	w.get("tables/TABLE/columns").want(200, `<pagination pageNumber="1" pageSize="100" totalAvailable="2"/><columns>`+
		`<column id="#COLUMN1" name="id" remoteType="I8" parentTableId="#TABLE"><site id="#SITE"/></column>`+
		`<column id="#COLUMN2" name="region" remoteType="WSTR" parentTableId="#TABLE"><site id="#SITE"/></column></columns>`)

	t.Run("TSC update", func(t *testing.T) {
		w.call("PUT", "databases/DATABASE", `<database isCertified="none" description="All sales"><contact id="ANA" /></database>`).
			wantIn(`description="All sales"`, `isCertified="false"`, `<contact id="#ANA" name="ana"/>`)
		w.call("PUT", "databases/DATABASE", `<database isCertified="true" certificationNote="ok" />`).
			wantIn(`description="All sales"`, `isCertified="true"`, `certificationNote="ok"`, `<certifier id="#ADMIN" name="admin"/>`)
		w.call("PUT", "tables/TABLE", `<table isCertified="true" />`).wantIn(`isCertified="true"`)
		w.call("PUT", "tables/TABLE", `<table isCertified="false" />`).wantIn(`isCertified="false"`)
		w.call("PUT", "tables/TABLE/columns/COLUMN1", `<column description="Number" />`).wantIn(`<column id="#COLUMN1" name="id" description="Number"`)
		w.get("tables/TABLE/columns/COLUMN1").wantIn(`description="Number"`)
		w.call("PUT", "databases/DATABASE", `<database><contact id="none" /></database>`).wantError(404002, "none")
		w.call("PUT", "databases/DATABASE", "").wantError(400000, "database")
		w.call("PUT", "tables/TABLE/columns/COLUMN1", "").wantError(400000, "column")
	})
	t.Run("TSC tags", func(t *testing.T) {
		w.call("PUT", "databases/DATABASE/tags", `<tags><tag label="gold"/></tags>`).want(200, `<tags><tag label="gold"/></tags>`)
		w.call("PUT", "tables/TABLE/tags", `<tags><tag label="gold"/></tags>`).wantStatus(200)
		w.get("databases/DATABASE").wantIn(`<tags><tag label="gold"/></tags>`)
		w.call("DELETE", "databases/DATABASE/tags/gold", "").wantStatus(204)
		w.call("DELETE", "tables/TABLE/tags/silver", "").wantError(404007, "silver")
	})
	t.Run("another publish changes nothing that people keep", func(t *testing.T) {
		w.publish("datasource", "overwrite=true", `name="Orders"`, "", "o.tds", columnsTDS).wantStatus(201)
		w.get("databases").wantIn(`totalAvailable="1"`, `description="All sales"`)
		w.get("tables/TABLE/columns").wantIn(`totalAvailable="2"`, `description="Number"`)
	})
	for _, path := range []string{"databases/none", "databases/none/tables", "tables/none", "tables/TABLE/columns/none", "tables/none/columns"} {
		w.get(path).wantError(404029, "none")
	}
	w.call("DELETE", "tables/TABLE/columns/COLUMN1", "").wantStatus(204)
	w.get("tables/TABLE/columns").wantIn(`totalAvailable="1"`)
	w.call("DELETE", "tables/TABLE", "").wantStatus(204)
	w.publish("datasource", "overwrite=true", `name="Orders"`, "", "o.tds", columnsTDS).wantStatus(201)
	w.get("tables/TABLE/columns").wantIn(`totalAvailable="2"`)
	w.call("DELETE", "databases/DATABASE", "").wantStatus(204)
	w.get("tables/TABLE").wantError(404029, "#TABLE")
}

// The operations 207 to 209.
func TestCataloguePermissions(t *testing.T) {
	t.Parallel()
	w := withCatalogue(t)
	w.get("databases/DATABASE/permissions").want(200, `<permissions><database id="#DATABASE" name="sales"><owner id="#CLEO"/></database>`+
		grantees("group", "#ALLUSERS", "Read Allow")+`</permissions>`)
	w.call("PUT", "databases/DATABASE", `<database/>`).wantStatus(200)
	ben := w.as("ben")
	ben.get("tables").wantIn(`totalAvailable="1"`)
	ben.call("PUT", "databases/DATABASE", `<database description="x"/>`).wantError(403004, "#BEN")
	ben.call("DELETE", "tables/TABLE", "").wantError(403004, "#BEN")

	w.asAdmin().call("PUT", "tables/TABLE/permissions", `<permissions>`+grantees("user", "BEN", "Read Deny")+`</permissions>`).wantStatus(200)
	w.call("PUT", "databases/DATABASE/default-permissions/tables", `<permissions>`+grantees("user", "BEN", "Write Deny")+`</permissions>`).
		wantIn(grantees("user", "#BEN", "Write Deny"))
	w.get("databases/DATABASE/permissions").wantIn(`<capability name="Read" mode="Allow"/></capabilities></granteeCapabilities></permissions>`)
	w.call("DELETE", "databases/DATABASE/default-permissions/tables/users/BEN/Write/Deny", "").wantStatus(204)
	ben = w.as("ben")
	ben.get("tables").wantIn(`totalAvailable="0"`)
	ben.get("databases").wantIn(`totalAvailable="1"`)
}

// A connection that is led to another server brings that into the catalogue.
func TestCatalogueFollowsConnections(t *testing.T) {
	t.Parallel()
	w := withCatalogue(t)
	where := w.of("")
	source := where.datasources.All()[0]
	w.call("PUT", "datasources/"+source.LUID+"/connections/"+source.Connections[0].LUID, `<connection serverAddress="new.example.com"/>`).wantStatus(200)
	w.get("databases").wantIn(`totalAvailable="2"`, `hostName="new.example.com"`)
	databases, tables := where.databasesOf(where.datasources.All()[0])
	if len(databases) != 1 || databases[0].Host != "new.example.com" || len(tables) != 1 || tables[0].Name != "orders" {
		t.Errorf("%v, %v", databases, tables)
	}
}

func TestDatabaseOf(t *testing.T) {
	t.Parallel()
	where := start(t).of("")
	for _, test := range []struct {
		conn connection
		want string
	}{
		{connection{Class: "postgres", Server: "db"}, "db"},
		{connection{Class: "excel-direct", Filename: `C:\Users\a\Sales.xlsx`}, "Sales.xlsx"},
		{connection{Class: "textscan", Filename: "Data/a.csv"}, "a.csv"},
		{connection{Class: "sqlproxy", Server: "tableau"}, ""},
		{connection{Class: "hyper"}, ""},
	} {
		if d := where.databaseOf(&test.conn); d.Name != test.want || (d.LUID == "") != (test.want == "") {
			t.Errorf("%v is of %+v, want %q", test.conn, d, test.want)
		}
	}
}
