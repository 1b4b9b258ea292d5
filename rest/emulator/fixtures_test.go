package emulator

// The files that the tests publish. They are small, and every line ends in CR LF as Tableau writes them.
var (
	// salesTWB has two worksheets, a dashboard, a hidden worksheet, and a data source with a connection to a server.
	salesTWB = crlf(`<?xml version='1.0' encoding='utf-8' ?>

<workbook source-build='2023.1.0 (20231.23.0310.1045)' version='18.1' xmlns:user='http://www.tableausoftware.com/xml/user'>
  <datasources>
    <datasource caption='Orders' inline='true' name='federated.1' version='18.1'>
      <connection class='federated'>
        <named-connections>
          <named-connection caption='db.example.com' name='postgres.1'>
            <connection authentication='username-password' class='postgres' dbname='sales' port='5432' server='db.example.com' username='template' />
          </named-connection>
        </named-connections>
        <relation connection='postgres.1' name='orders' table='[public].[orders]' type='table' />
      </connection>
    </datasource>
  </datasources>
  <worksheets>
    <worksheet name='Tale of 100 Start-ups'>
      <table />
    </worksheet>
    <worksheet name='Map'>
      <table />
    </worksheet>
    <worksheet name='Scratch'>
      <table />
    </worksheet>
  </worksheets>
  <dashboards>
    <dashboard name='Übersicht'>
      <zones />
    </dashboard>
  </dashboards>
  <windows>
    <window class='worksheet' name='Tale of 100 Start-ups' />
    <window class='worksheet' name='Map' />
    <window class='worksheet' hidden='true' name='Scratch' />
    <window class='dashboard' name='Übersicht' />
  </windows>
</workbook>
`)

	// publishedTWB is on the published data source Orders of the Default site.
	publishedTWB = crlf(`<?xml version='1.0' encoding='utf-8' ?>

<workbook source-build='2023.1.0 (20231.23.0310.1045)' version='18.1' xmlns:user='http://www.tableausoftware.com/xml/user'>
  <datasources>
    <datasource caption='All orders' inline='true' name='sqlproxy.0mdpe3b0pxyg9515cqplt1bbb1z5' version='18.1'>
      <repository-location id='Orders' path='/datasources' revision='1.0' />
      <connection channel='http' class='sqlproxy' dbname='Orders' directory='/dataserver' port='80' server='tableau.localhost' username=''>
        <relation name='sqlproxy' table='[sqlproxy]' type='table' />
      </connection>
    </datasource>
  </datasources>
  <worksheets>
    <worksheet name='Map'>
      <table />
    </worksheet>
  </worksheets>
  <windows>
    <window class='worksheet' name='Map' />
  </windows>
</workbook>
`)

	// ordersTDS is a data source with one connection.
	ordersTDS = crlf(`<?xml version='1.0' encoding='utf-8' ?>

<datasource formatted-name='federated.1' inline='true' source-platform='win' version='18.1' xmlns:user='http://www.tableausoftware.com/xml/user'>
  <connection class='federated'>
    <named-connections>
      <named-connection caption='db.example.com' name='postgres.1'>
        <connection authentication='username-password' class='postgres' dbname='sales' port='5432' server='db.example.com' username='template' />
      </named-connection>
    </named-connections>
    <relation connection='postgres.1' name='orders' table='[public].[orders]' type='table' />
  </connection>
</datasource>
`)
)
