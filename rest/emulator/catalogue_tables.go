package emulator

import (
	"cmp"
	"slices"
)

// listTables answers GET tables and GET databases/{id}/tables: those that the caller may see.
func listTables(c *call) (*reply, error) {
	var in *database
	if c.vars["id"] != "" {
		var err error
		if in, err = c.database("Read"); err != nil {
			return nil, err
		}
	}
	var tables []*databaseTable
	for _, t := range c.site.tables.All() {
		if (in == nil || t.Database == in.LUID) && c.may("Read", t.securable()) {
			tables = append(tables, t)
		}
	}
	return listing[*databaseTable]{
		name: "tables", items: tables,
		fields: map[string]field[*databaseTable]{
			"name":   textField(func(t *databaseTable) string { return t.Name }),
			"schema": textField(func(t *databaseTable) string { return t.Schema }),
		},
		render: func(t *databaseTable) *element { return t.render(c.site) },
	}.reply(c)
}

// getTable answers GET tables/{id}.
func getTable(c *call) (*reply, error) {
	t, err := c.table("Read")
	if err != nil {
		return nil, err
	}
	return ok(t.render(c.site)), nil
}

// updateTable answers PUT tables/{id}.
func updateTable(c *call) (*reply, error) {
	t, err := c.table("Write")
	if err != nil {
		return nil, err
	}
	changed := *t
	if err := changed.describe(c, tableElement); err != nil {
		return nil, err
	}
	c.site.tables.Put(&changed)
	return ok(changed.render(c.site)), nil
}

// deleteTable answers DELETE tables/{id}. It comes back with the next content on it.
func deleteTable(c *call) (*reply, error) {
	t, err := c.table("Delete")
	if err != nil {
		return nil, err
	}
	c.site.dropTable(t)
	return noContent(), nil
}

// addTagsToTable answers PUT tables/{id}/tags.
func addTagsToTable(c *call) (*reply, error) {
	t, err := c.table("Read")
	if err != nil {
		return nil, err
	}
	return t.tagged(c.site).add(c, codeMalformed)
}

// deleteTagFromTable answers DELETE tables/{id}/tags/{tag}.
func deleteTagFromTable(c *call) (*reply, error) {
	t, err := c.table("Read")
	if err != nil {
		return nil, err
	}
	return t.tagged(c.site).delete(c)
}

// tagged returns a copy of a table, to change its tags.
func (t *databaseTable) tagged(where *site) tagged {
	changed := *t
	changed.Tags = slices.Clone(t.Tags)
	return tagged{&changed.Tags, t.securable(), func() { where.tables.Put(&changed) }}
}

func (t *databaseTable) render(where *site) *element {
	e := t.renderAs(where, tableElement)
	e.add(node("location").with("id", t.Database).with("type", "Database").with("name", where.databases.Get(t.Database).Name))
	return e.withBool("isEmbedded", where.databases.Get(t.Database).FilePath != "").withOptional("schema", t.Schema)
}

// listColumns answers GET tables/{id}/columns.
func listColumns(c *call) (*reply, error) {
	t, err := c.table("Read")
	if err != nil {
		return nil, err
	}
	return listing[column]{
		name: "columns", items: t.Columns,
		fields: map[string]field[column]{"name": textField(func(col column) string { return col.Name })},
		render: func(col column) *element { return col.render(c.site, t) },
	}.reply(c)
}

// column returns a copy of the table in the path and the index of the column in the path.
func (c *call) column(capability string) (databaseTable, int, error) {
	t, err := c.table(capability)
	if err != nil {
		return databaseTable{}, 0, err
	}
	i := slices.IndexFunc(t.Columns, func(col column) bool { return col.LUID == c.vars["column"] })
	if i < 0 {
		return databaseTable{}, 0, refuse(codeNoContent, "Table '%s' has no column '%s'.", t.LUID, c.vars["column"])
	}
	changed := *t
	changed.Columns = slices.Clone(t.Columns)
	return changed, i, nil
}

// getColumn answers GET tables/{id}/columns/{id}.
func getColumn(c *call) (*reply, error) {
	t, i, err := c.column("Read")
	if err != nil {
		return nil, err
	}
	return ok(t.Columns[i].render(c.site, &t)), nil
}

// updateColumn answers PUT tables/{id}/columns/{id}: another description.
func updateColumn(c *call) (*reply, error) {
	t, i, err := c.column("Write")
	if err != nil {
		return nil, err
	}
	body := c.body.child("column")
	if body == nil {
		return nil, refuse(codeMalformed, "The request body has no column.")
	}
	t.Columns[i].Description = cmp.Or(body.attr("description"), t.Columns[i].Description)
	c.site.tables.Put(&t)
	return ok(t.Columns[i].render(c.site, &t)), nil
}

// deleteColumn answers DELETE tables/{id}/columns/{id}.
func deleteColumn(c *call) (*reply, error) {
	t, i, err := c.column("Write")
	if err != nil {
		return nil, err
	}
	t.Columns = slices.Delete(t.Columns, i, i+1)
	c.site.tables.Put(&t)
	return noContent(), nil
}

func (col column) render(where *site, t *databaseTable) *element {
	return node("column", node("site").with("id", where.luid)).
		with("id", col.LUID).
		with("name", col.Name).
		withOptional("description", col.Description).
		withOptional("remoteType", col.Type).
		with("parentTableId", t.LUID)
}
