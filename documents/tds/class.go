package tds

import (
	"maps"
	"slices"
	"strings"
)

// properties are the facts of a connection that people change, by the names that
// [ConnectionPatch] and manifests use, each with the attribute that holds it unless
// the class of the connection says otherwise (format 5.4, 5.5).
var properties = map[string]string{
	"server": "server", "port": "port", "dbname": "dbname", "schema": "schema", "service": "service",
	"warehouse": "warehouse", "role": "role", "catalog": "CATALOG", "http_path": "v-http-path", "project": "project",
	"username": "username", "authentication": "authentication", "sslmode": "sslmode",
	"filename": "filename", "directory": "directory", "initial_sql": "one-time-sql", "query_band": "query-band-spec",
}

// connectionClass is what is known of the connections of a class.
type connectionClass struct {
	// attributes are those that its connections are known to have, apart by spaces.
	attributes string
	// holds names the attributes of a property that is not held by its usual one: the
	// first that a connection has counts; where it has none, the last is added.
	holds map[string][]string
	// instead tells what the class has in the place of a property that it has not.
	instead map[string]string
	// own are properties that mean something else in other classes, so that their
	// values do not survive a change of class.
	own []string
	// needs are the properties and attributes without which there is no connection.
	needs []string
	// port and authentication are what Tableau writes where nothing else was chosen.
	port, authentication string
}

const (
	signIn   = "authentication one-time-sql server server-oauth server-userid username workgroup-auth-mode "
	inTables = "the schema in the names of tables"
	inServer = `server, as "host,port"`
	inPath   = "dbname, the path of the file"
)

// connectionClasses are those that are known. There are more: plug-ins bring their own, and their
// connections are read and edited by the usual names.
var connectionClasses = map[string]connectionClass{
	"postgres": {
		attributes: signIn + "dbname odbc-native-protocol port sslcert sslmode tablename",
		instead:    map[string]string{"schema": inTables},
		needs:      []string{"server", "dbname"}, port: "5432", authentication: "username-password",
	},
	"redshift": {
		attributes: signIn + "dbname odbc-connect-string-extras odbc-native-protocol port schema single-node sslmode tablename",
		needs:      []string{"server", "dbname"}, port: "5439", authentication: "username-password",
	},
	"sqlserver": {
		attributes: signIn + "application-intent dbname minimum-driver-version multi-subnet-failover odbc-native-protocol sslmode tablename",
		instead:    map[string]string{"port": inServer, "schema": inTables},
		needs:      []string{"server", "dbname"}, authentication: "sqlserver",
	},
	"azure_sqldb": {
		attributes: signIn + "application-intent dbname minimum-driver-version multi-subnet-failover odbc-native-protocol sslmode tablename",
		instead:    map[string]string{"port": inServer, "schema": inTables},
		needs:      []string{"server", "dbname"}, authentication: "sqlserver",
	},
	"mysql": {
		attributes: signIn + "dbname odbc-native-protocol port source-charset sslmode tablename",
		instead:    map[string]string{"schema": "dbname"},
		needs:      []string{"server", "dbname"}, port: "3306",
	},
	"oracle": {
		attributes: signIn + "port schema service",
		instead:    map[string]string{"dbname": "service and schema"},
		needs:      []string{"server", "service"}, port: "1521", authentication: "RDBMS",
	},
	"saphana": {
		attributes: signIn + "connection-type port schema sslcert sslmode",
		needs:      []string{"server", "port"}, authentication: "username-password",
	},
	"teradata": {
		attributes: signIn + "dbname odbc-connect-string-extras odbc-native-protocol query-band-spec schema source-charset sslmode",
		needs:      []string{"server", "authentication"},
	},
	"snowflake": {
		attributes: signIn + "dbname instanceurl max-varchar-size oauth-config-id odbc-connect-string-extras role schema service temp-table-detection warehouse",
		holds:      map[string][]string{"role": {"role", "service"}},
		own:        []string{"service"},
		needs:      []string{"server", "dbname", "schema", "warehouse"}, authentication: "Username Password",
	},
	"databricks": {
		attributes: signIn + "authentication-type dbname instanceurl oauth-config-id odbc-connect-string-extras schema v-http-path",
		holds:      map[string][]string{"catalog": {"dbname"}},
		needs:      []string{"server", "http_path", "authentication"},
	},
	"bigquery": {
		attributes: signIn + "CATALOG EXECCATALOG REDIRECT_URI SCOPE bq_schema connection-dialect connection-protocol login_title odbc-connect-string-extras project schema table",
		instead:    map[string]string{"dbname": "CATALOG, project and schema (project.dataset)", "port": "server"},
		own:        []string{"server", "schema"},
		needs:      []string{"server", "catalog", "project", "schema", "authentication"},
	},
	"msolap": {attributes: signIn + "dbname tablename", needs: []string{"server", "dbname"}},
	"genericodbc": {
		attributes: signIn + "dbname odbc-connect-string-extras odbc-dbms-name odbc-driver odbc-dsn odbc-native-protocol port schema",
		needs:      []string{"odbc-driver", "odbc-dsn"},
	},
	"genericjdbc": {
		attributes: signIn + "dbname dialect jdbcproperties jdbcurl port schema warehouse",
		needs:      []string{"jdbcurl", "dialect"},
	},
	"excel-direct": {
		attributes: "cleaning compat dataRefreshTime filename interpretationMode password server validate workgroup-auth-mode",
		instead:    map[string]string{"dbname": "filename", "server": "filename", "port": "filename", "directory": "filename"},
		own:        []string{"server"}, needs: []string{"filename"},
	},
	"textscan": {
		attributes: "csvFile directory filename password server workgroup-auth-mode",
		instead:    map[string]string{"dbname": inFile, "server": inFile, "port": inFile},
		own:        []string{"server"}, needs: []string{"directory", "filename"},
	},
	"ogrdirect": {
		attributes: "directory filename password server workgroup-auth-mode",
		instead:    map[string]string{"dbname": inFile, "server": inFile, "port": inFile},
		own:        []string{"server"}, needs: []string{"directory", "filename"},
	},
	"msaccess": {
		attributes: "authentication driver filename mdwpath tablename username",
		instead:    map[string]string{"dbname": "filename", "server": "filename", "port": "filename", "directory": "filename"},
		needs:      []string{"filename"}, authentication: "no",
	},
	"hyper":      hyperFile,
	"dataengine": hyperFile,
}

const inFile = "directory and filename"

// hyperFile is a .hyper or .tde file that a person connected to.
var hyperFile = connectionClass{
	attributes: "access_mode authentication author-locale db-format dbname default-settings schema sslmode tablename update-time username workgroup-auth-mode",
	instead:    map[string]string{"filename": inPath, "directory": inPath, "server": inPath, "port": inPath},
	own:        []string{"dbname", "schema", "sslmode", "username"}, needs: []string{"dbname"}, authentication: "auth-none",
}

// wrappers are the classes that are no source themselves (format 5.2).
var wrappers = map[string]string{
	"federated": "is the wrapper of connections",
	"sqlproxy":  "is a reference to a published data source",
}

// otherAttributes are known of classes that are not described.
const otherAttributes = "bq-fetch-tasks bq-large-fetch-rows cloudFileId cloudFileName encryptionMode expected-driver-version googleSheetId"

// known tells whether connections of some class are known to have an attribute, by its
// name without prefixes. Plug-ins name their own with v- in front.
func known(attribute string) bool {
	if strings.HasPrefix(attribute, "v-") || slices.Contains(strings.Fields(otherAttributes), attribute) {
		return true
	}
	for name := range connectionClasses {
		if connectionClasses[name].has(attribute) {
			return true
		}
	}
	return slices.Contains(slices.Collect(maps.Values(properties)), attribute)
}

// has tells whether connections of the class are known to have an attribute.
func (k connectionClass) has(attribute string) bool {
	return slices.Contains(strings.Fields(k.attributes), attribute)
}

// described tells whether more than the name of the class is known.
func (k connectionClass) described() bool { return k.attributes != "" }

// keepers are the attributes that may hold a property, in the order of [connectionClass.holds].
func (k connectionClass) keepers(property string) []string {
	if at := k.holds[property]; at != nil {
		return at
	}
	return []string{properties[property]}
}

// lacks tells what a class has instead of a property that it has not; not ok if it has
// the property, or nothing is known of the class.
func (k connectionClass) lacks(property string) (instead string, ok bool) {
	if use, ok := k.instead[property]; ok {
		return use, true
	}
	if !k.described() || slices.ContainsFunc(k.keepers(property), k.has) {
		return "", false
	}
	return strings.Join(k.properties(), ", "), true
}

// properties are those that a class has, sorted.
func (k connectionClass) properties() []string {
	var names []string
	for name := range properties {
		if _, without := k.instead[name]; !without && slices.ContainsFunc(k.keepers(name), k.has) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// names of the classes that are described, sorted.
func classNames() []string { return slices.Sorted(maps.Keys(connectionClasses)) }
