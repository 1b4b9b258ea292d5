package emulator

import (
	"cmp"
	"strconv"

	"github.com/tabtemplate/tabtemplate/documents/tds"
	"github.com/tabtemplate/tabtemplate/rest/emulator/internal/graphql"
)

// columnOf is a column with its table.
type columnOf struct {
	column
	table *databaseTable
}

// metadataLists are what a query may begin with: everything of a type that the caller may read.
var metadataLists = map[string]func(l *lineage) []any{
	"workbooks":            func(l *lineage) []any { return append([]any{}, l.assets[workbooks.element]...) },
	"publishedDatasources": func(l *lineage) []any { return append([]any{}, l.assets[datasources.element]...) },
	"flows":                func(l *lineage) []any { return append([]any{}, l.assets[flows.element]...) },
	"sheets":               func(l *lineage) []any { return l.allViews("Sheet") },
	"dashboards":           func(l *lineage) []any { return l.allViews("Dashboard") },
	"databases":            func(l *lineage) []any { return l.databases("") },
	"databaseServers":      func(l *lineage) []any { return l.databases("DatabaseServer") },
	"databaseTables":       (*lineage).tables,
	"columns": func(l *lineage) []any {
		found := []any{}
		for _, t := range l.tables() {
			found = append(found, columnsOf(t.(*databaseTable))...)
		}
		return found
	},
	"tableauUsers": func(l *lineage) []any {
		found := []any{}
		for _, u := range l.call.site.users.All() {
			if u.Name != systemName && (u.LUID == l.call.user.LUID || l.call.user.isAdministrator()) {
				found = append(found, u)
			}
		}
		return found
	},
}

func (l *lineage) databases(typeName string) []any {
	found := []any{}
	for _, d := range l.call.site.databases.All() {
		if l.call.may("Read", d.securable()) && (typeName == "" || typeOfMetadata(d) == typeName) {
			found = append(found, d)
		}
	}
	return found
}

func (l *lineage) tables() []any {
	found := []any{}
	for _, t := range l.call.site.tables.All() {
		if l.call.may("Read", t.securable()) {
			found = append(found, t)
		}
	}
	return found
}

func columnsOf(t *databaseTable) []any {
	found := []any{}
	for _, col := range t.Columns {
		found = append(found, columnOf{col, t})
	}
	return found
}

// databaseMetadata are the fields of databases, tables and columns.
var databaseMetadata = map[string]graphql.Fields[*lineage]{
	"DatabaseServer": serverMetadata(),
	"File":           fileMetadata(),
	"DatabaseTable":  tableMetadata(),
	"Column": {
		"id":          metadataField(func(l *lineage, c columnOf) any { return l.id(c.LUID) }),
		"luid":        metadataField(func(_ *lineage, c columnOf) any { return c.LUID }),
		"name":        metadataField(func(_ *lineage, c columnOf) any { return c.Name }),
		"description": metadataField(func(_ *lineage, c columnOf) any { return textOrNull(c.Description) }),
		"remoteType":  metadataField(func(_ *lineage, c columnOf) any { return cmp.Or(c.Type, "NULL") }),
		"table":       metadataField(func(_ *lineage, c columnOf) any { return c.table }),
	},
}

// describedMetadata are the fields that databases and tables have alike.
func describedMetadata[T any](of func(T) *described) graphql.Fields[*lineage] {
	field := func(get func(l *lineage, d *described) any) graphql.Resolver[*lineage] {
		return metadataField(func(l *lineage, object T) any { return get(l, of(object)) })
	}
	return graphql.Fields[*lineage]{
		"id":                field(func(l *lineage, d *described) any { return l.id(d.LUID) }),
		"luid":              field(func(_ *lineage, d *described) any { return d.LUID }),
		"name":              field(func(_ *lineage, d *described) any { return d.Name }),
		"description":       field(func(_ *lineage, d *described) any { return textOrNull(d.Description) }),
		"isCertified":       field(func(_ *lineage, d *described) any { return d.Certified }),
		"certificationNote": field(func(_ *lineage, d *described) any { return textOrNull(d.CertificationNote) }),
		"contact":           field(func(l *lineage, d *described) any { return l.user(d.Contact) }),
		"tags":              field(func(_ *lineage, d *described) any { return tagMetadataOf(d.Tags) }),
		"downstreamWorkbooks": field(func(l *lineage, d *described) any {
			return l.downstream(d.LUID, workbooks.element)
		}),
		"downstreamDatasources": field(func(l *lineage, d *described) any { return l.downstream(d.LUID, datasources.element) }),
	}
}

func anyDatabaseMetadata() graphql.Fields[*lineage] {
	fields := describedMetadata(func(d *database) *described { return &d.described })
	fields["connectionType"] = metadataField(func(_ *lineage, d *database) any { return d.Class })
	fields["isEmbedded"] = metadataField(func(_ *lineage, d *database) any { return d.FilePath != "" })
	fields["tables"] = metadataField(func(l *lineage, d *database) any {
		found := []any{}
		for _, t := range l.call.site.tablesOf(d) {
			if l.call.may("Read", t.securable()) {
				found = append(found, t)
			}
		}
		return found
	})
	return fields
}

func serverMetadata() graphql.Fields[*lineage] {
	fields := anyDatabaseMetadata()
	fields["hostName"] = metadataField(func(_ *lineage, d *database) any { return d.Host })
	fields["port"] = metadataField(func(_ *lineage, d *database) any {
		port, err := strconv.Atoi(d.Port)
		if err != nil {
			return nil
		}
		return port
	})
	return fields
}

func fileMetadata() graphql.Fields[*lineage] {
	fields := anyDatabaseMetadata()
	fields["filePath"] = metadataField(func(_ *lineage, d *database) any { return d.FilePath })
	return fields
}

func tableMetadata() graphql.Fields[*lineage] {
	fields := describedMetadata(func(t *databaseTable) *described { return &t.described })
	in := func(get func(*database) any) graphql.Resolver[*lineage] {
		return metadataField(func(l *lineage, t *databaseTable) any { return get(l.call.site.databases.Get(t.Database)) })
	}
	fields["schema"] = metadataField(func(_ *lineage, t *databaseTable) any { return t.Schema })
	fields["fullName"] = metadataField(func(_ *lineage, t *databaseTable) any {
		if t.Schema == "" {
			return tds.TableName{t.Name}.String()
		}
		return tds.TableName{t.Schema, t.Name}.String()
	})
	fields["connectionType"] = in(func(d *database) any { return d.Class })
	fields["isEmbedded"] = in(func(d *database) any { return d.FilePath != "" })
	fields["database"] = in(func(d *database) any { return d })
	fields["columns"] = metadataField(func(_ *lineage, t *databaseTable) any { return columnsOf(t) })
	return fields
}
