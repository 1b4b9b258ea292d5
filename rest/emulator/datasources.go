package emulator

import (
	"strconv"
	"strings"
)

// connectionClass is the type of a data source as lists tell it: the class of its first connection.
func (a *asset) connectionClass() string {
	if len(a.Connections) == 0 {
		return ""
	}
	return a.Connections[0].Class
}

// renderDatasource writes a data source.
func (a *asset) renderDatasource(c *call) *element {
	e := node(a.Kind, c.renderProject(a.Project), c.renderLocation(a.Project), c.renderOwner(a.Owner), renderTags(a.Tags)).
		with("id", a.LUID).
		with("name", a.Name).
		with("description", a.Description).
		with("contentUrl", a.ContentURL).
		with("webpageUrl", c.webPage(datasources.collection, a.Number)).
		with("size", strconv.Itoa(a.size())).
		with("createdAt", formatTime(a.CreatedAt)).
		with("updatedAt", formatTime(a.UpdatedAt)).
		withBool("encryptExtracts", a.EncryptExtracts).
		with("type", a.connectionClass()).
		withBool("hasExtracts", a.HasExtracts).
		withBool("isCertified", a.Certified).
		withOptional("certificationNote", a.CertificationNote).
		withBool("useRemoteQueryAgent", a.UseRemoteQueryAgent)
	if c.query["fields"] != "" { // counting takes a while
		e.withExtra("databaseName", strings.Join(a.databaseNames(), ", ")).
			withExtra("serverName", strings.Join(a.serverNames(), ", ")).
			withExtra("favoritesTotal", strconv.Itoa(c.site.favoritesTotal(a.LUID))).
			withExtra("connectedWorkbooksCount", strconv.Itoa(c.site.connectedWorkbooks(a)))
	}
	return e
}

// connectedWorkbooks is how many workbooks refer to a data source.
func (where *site) connectedWorkbooks(a *asset) int {
	count := 0
	for _, workbook := range where.workbooks.All() {
		for _, conn := range workbook.Connections {
			if conn.DatasourceLUID == a.LUID {
				count++
				break
			}
		}
	}
	return count
}

// changeDatasource puts into a copy of a data source what only data sources have.
func (a *asset) changeDatasource(request *element) error {
	if certified := request.attr("isCertified"); !strings.EqualFold(certified, "none") { // TSC writes it for a flag never set
		if err := request.readFlag("isCertified", &a.Certified); err != nil {
			return err
		}
	}
	if note, given := request.lookup("certificationNote"); given {
		a.CertificationNote = note
	}
	return request.readFlag("useRemoteQueryAgent", &a.UseRemoteQueryAgent)
}

// datasourceFields are what data sources may be filtered and sorted by, after "Filtering and Sorting in the REST API".
func datasourceFields(c *call) map[string]field[*asset] {
	fields := assetFields(c)
	fields["authenticationType"] = textsField(func(a *asset) []string {
		return a.eachConnection(func(conn *connection) string { return conn.AuthenticationType })
	})
	fields["connectionTo"] = textsField((*asset).serverNames)
	fields["connectionType"] = textsField(func(a *asset) []string {
		return a.eachConnection(func(conn *connection) string { return conn.Class })
	})
	fields["databaseName"] = textsField((*asset).databaseNames)
	fields["databaseUserName"] = textsField(func(a *asset) []string {
		return a.eachConnection(func(conn *connection) string { return conn.Username })
	})
	fields["description"] = textField(func(a *asset) string { return a.Description })
	fields["hasEmbeddedPassword"] = boolField(func(a *asset) bool {
		for _, conn := range a.Connections {
			if conn.Embedded {
				return true
			}
		}
		return false
	})
	fields["isCertified"] = boolField(func(a *asset) bool { return a.Certified })
	fields["serverName"] = textsField((*asset).serverNames)
	fields["serverPort"] = textsField(func(a *asset) []string {
		return a.eachConnection(func(conn *connection) string { return conn.Port })
	}, "eq")
	fields["type"] = textField((*asset).connectionClass)
	return fields
}

// eachConnection returns what get tells of each connection.
func (a *asset) eachConnection(get func(*connection) string) []string {
	var told []string
	for i := range a.Connections {
		told = append(told, get(&a.Connections[i]))
	}
	return told
}

func (a *asset) serverNames() []string {
	return a.eachConnection(func(conn *connection) string { return conn.Server })
}

func (a *asset) databaseNames() []string {
	return a.eachConnection(func(conn *connection) string { return conn.DBName })
}
