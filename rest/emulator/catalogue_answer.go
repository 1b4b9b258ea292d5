package emulator

import (
	"cmp"
	"slices"
)

var catalogueOperations = slices.Concat([]operation{
	op("GET", "sites/{site}/databases", onSite, nil, listDatabases).since(3, 5),
	op("GET", "sites/{site}/databases/{id}", onSite, nil, getDatabase).since(3, 5),
	op("PUT", "sites/{site}/databases/{id}", onSite, readXML, updateDatabase).since(3, 5),
	op("DELETE", "sites/{site}/databases/{id}", onSite, nil, deleteDatabase).since(3, 5),
	op("PUT", "sites/{site}/databases/{id}/tags", onSite, readXML, addTagsToDatabase).since(3, 9),
	op("DELETE", "sites/{site}/databases/{id}/tags/{tag...}", onSite, nil, deleteTagFromDatabase).since(3, 9),
	op("GET", "sites/{site}/databases/{id}/tables", onSite, nil, listTables).since(3, 5),
	op("GET", "sites/{site}/tables", onSite, nil, listTables).since(3, 5),
	op("GET", "sites/{site}/tables/{id}", onSite, nil, getTable).since(3, 5),
	op("PUT", "sites/{site}/tables/{id}", onSite, readXML, updateTable).since(3, 5),
	op("DELETE", "sites/{site}/tables/{id}", onSite, nil, deleteTable).since(3, 5),
	op("PUT", "sites/{site}/tables/{id}/tags", onSite, readXML, addTagsToTable).since(3, 9),
	op("DELETE", "sites/{site}/tables/{id}/tags/{tag...}", onSite, nil, deleteTagFromTable).since(3, 9),
	op("GET", "sites/{site}/tables/{id}/columns", onSite, nil, listColumns).since(3, 5),
	op("GET", "sites/{site}/tables/{id}/columns/{column}", onSite, nil, getColumn).since(3, 5),
	op("PUT", "sites/{site}/tables/{id}/columns/{column}", onSite, readXML, updateColumn).since(3, 5),
	op("DELETE", "sites/{site}/tables/{id}/columns/{column}", onSite, nil, deleteColumn).since(3, 5),
},
	permissionOperations("sites/{site}/databases/{id}/permissions", apiVersion{3, 5}, ruledDatabase),
	permissionOperations("sites/{site}/databases/{id}/default-permissions/tables", apiVersion{3, 5}, ruledTableDefaults),
	permissionOperations("sites/{site}/tables/{id}/permissions", apiVersion{3, 5}, ruledTable),
)

// The elements of the catalogue.
const (
	databaseElement = "database"
	tableElement    = "table"
)

// database returns the one in the path when the caller has the capability on it.
func (c *call) database(capability string) (*database, error) {
	d := c.site.databases.Get(c.vars["id"])
	if d == nil {
		return nil, refuse(codeNoContent, "Database '%s' could not be found.", c.vars["id"])
	}
	return d, c.allow(codeForbidden, capability, d.securable())
}

// table returns the one in the path when the caller has the capability on it.
func (c *call) table(capability string) (*databaseTable, error) {
	t := c.site.tables.Get(c.vars["id"])
	if t == nil {
		return nil, refuse(codeNoContent, "Table '%s' could not be found.", c.vars["id"])
	}
	return t, c.allow(codeForbidden, capability, t.securable())
}

// listDatabases answers GET databases: those that the caller may see.
func listDatabases(c *call) (*reply, error) {
	var databases []*database
	for _, d := range c.site.databases.All() {
		if c.may("Read", d.securable()) {
			databases = append(databases, d)
		}
	}
	return listing[*database]{
		name: "databases", items: databases,
		fields: map[string]field[*database]{
			"connectionType": textField(func(d *database) string { return d.Class }),
			"name":           textField(func(d *database) string { return d.Name }),
		},
		render: func(d *database) *element { return d.render(c.site) },
	}.reply(c)
}

// getDatabase answers GET databases/{id}.
func getDatabase(c *call) (*reply, error) {
	d, err := c.database("Read")
	if err != nil {
		return nil, err
	}
	return ok(d.render(c.site)), nil
}

// updateDatabase answers PUT databases/{id}.
func updateDatabase(c *call) (*reply, error) {
	d, err := c.database("Write")
	if err != nil {
		return nil, err
	}
	changed := *d
	if err := changed.describe(c, databaseElement); err != nil {
		return nil, err
	}
	c.site.databases.Put(&changed)
	return ok(changed.render(c.site)), nil
}

// describe takes over what the request says in words, who is to be asked, and whether it is certified: by whom is known.
// TSC writes none for a certification that was never set.
func (d *described) describe(c *call, name string) error {
	body := c.body.child(name)
	if body == nil {
		return refuse(codeMalformed, "The request body has no %s.", name)
	}
	d.Description = cmp.Or(body.attr("description"), d.Description)
	if contact := body.child("contact").attr("id"); contact != "" {
		if _, err := c.person(contact); err != nil {
			return err
		}
		d.Contact = contact
	}
	if certified, known := parseBool(body.attr("isCertified")); known && body.attr("isCertified") != "" {
		d.certify(certified, c.user.LUID)
	}
	if note, given := body.lookup("certificationNote"); given && d.Certified {
		d.CertificationNote = note
	}
	return nil
}

func (d *described) certify(certified bool, by string) {
	d.Certified, d.Certifier = certified, by
	if !certified {
		d.Certifier, d.CertificationNote = "", ""
	}
}

// deleteDatabase answers DELETE databases/{id}. It comes back with the next content on it.
func deleteDatabase(c *call) (*reply, error) {
	d, err := c.database("Delete")
	if err != nil {
		return nil, err
	}
	c.site.dropDatabase(d)
	return noContent(), nil
}

// addTagsToDatabase answers PUT databases/{id}/tags.
func addTagsToDatabase(c *call) (*reply, error) {
	d, err := c.database("Read")
	if err != nil {
		return nil, err
	}
	return d.tagged(c.site).add(c, codeMalformed)
}

// deleteTagFromDatabase answers DELETE databases/{id}/tags/{tag}.
func deleteTagFromDatabase(c *call) (*reply, error) {
	d, err := c.database("Read")
	if err != nil {
		return nil, err
	}
	return d.tagged(c.site).delete(c)
}

// tagged returns a copy of a database, to change its tags.
func (d *database) tagged(where *site) tagged {
	changed := *d
	changed.Tags = slices.Clone(d.Tags)
	return tagged{&changed.Tags, d.securable(), func() { where.databases.Put(&changed) }}
}

// render writes a database.
func (d *database) render(where *site) *element {
	kind := "DatabaseServer"
	if d.FilePath != "" {
		kind = "File"
	}
	return d.renderAs(where, databaseElement).
		with("connectionType", d.Class).
		with("type", kind).
		withOptional("hostName", d.Host).
		withOptional("port", d.Port).
		withOptional("filePath", d.FilePath).
		withBool("isEmbedded", d.FilePath != "").
		with("contentPermissions", managedByOwner)
}

// renderAs writes what databases and tables have in common.
func (d *described) renderAs(where *site, name string) *element {
	e := node(name, node("site").with("id", where.luid))
	for _, person := range []struct{ name, luid string }{{"contact", d.Contact}, {"certifier", d.Certifier}} {
		if person.luid != "" {
			e.add(node(person.name).with("id", person.luid).with("name", where.userName(person.luid)))
		}
	}
	e.add(renderTags(d.Tags))
	return e.with("id", d.LUID).
		with("name", d.Name).
		withOptional("description", d.Description).
		withBool("isCertified", d.Certified).
		withOptional("certificationNote", d.CertificationNote)
}

func ruledDatabase(c *call) (*ruled, error) {
	d, err := c.database("Read")
	if err != nil {
		return nil, err
	}
	return c.ruledContent(d.securable(), d.Name), nil
}

func ruledTable(c *call) (*ruled, error) {
	t, err := c.table("Read")
	if err != nil {
		return nil, err
	}
	return c.ruledContent(t.securable(), t.Name), nil
}

// ruledTableDefaults finds the permissions that new tables of a database begin with.
func ruledTableDefaults(c *call) (*ruled, error) {
	r, err := ruledDatabase(c)
	if err != nil {
		return nil, err
	}
	r.about = typeOf(tableElement)
	r.key = defaultsKey(r.on.luid, r.about)
	return r, nil
}
