package emulator

import (
	"slices"
	"strconv"

	"github.com/tabtemplate/tabtemplate/rest/emulator/internal/graphql"
)

// lineage is what one query sees: what the caller may read, and what it is on.
type lineage struct {
	call   *call
	assets map[string][]any // by kind
	onTop  map[string][]any // workbooks and data sources by the LUIDs of the databases and tables they are on
}

func newLineage(c *call) *lineage {
	l := &lineage{call: c, assets: make(map[string][]any), onTop: make(map[string][]any)}
	for _, k := range kinds {
		for _, a := range k.of(c.site).All() {
			if !c.may("Read", a.securable()) {
				continue
			}
			l.assets[a.Kind] = append(l.assets[a.Kind], a)
			databases, tables := c.site.databasesOf(a)
			for _, d := range databases {
				l.onTop[d.LUID] = append(l.onTop[d.LUID], a)
			}
			for _, t := range tables {
				l.onTop[t.LUID] = append(l.onTop[t.LUID], a)
			}
		}
	}
	return l
}

// downstream returns the assets of a kind that are on a database or table, workbooks also through data sources.
func (l *lineage) downstream(luid, kind string) []any {
	found := []any{}
	for _, top := range l.onTop[luid] {
		a := top.(*asset)
		if a.Kind == kind {
			found = append(found, a)
		}
		if kind == workbooks.element && a.Kind == datasources.element {
			found = append(found, l.workbooksOn(a)...)
		}
	}
	return unique(found)
}

func unique(items []any) []any {
	var once []any
	for _, item := range items {
		if !slices.Contains(once, item) {
			once = append(once, item)
		}
	}
	return slices.Clip(once)
}

// workbooksOn returns the workbooks on a published data source.
func (l *lineage) workbooksOn(source *asset) []any {
	found := []any{}
	for _, w := range l.assets[workbooks.element] {
		if slices.Contains(l.sourcesOf(w.(*asset)), any(source)) {
			found = append(found, w)
		}
	}
	return found
}

// sourcesOf returns the published data sources that a workbook is on and the caller may read.
func (l *lineage) sourcesOf(workbook *asset) []any {
	found := []any{}
	for _, conn := range workbook.Connections {
		source := l.call.site.datasources.Get(conn.DatasourceLUID)
		if conn.Class == publishedClass && source != nil && l.call.may("Read", source.securable()) {
			found = append(found, source)
		}
	}
	return unique(found)
}

// upstream returns the databases and tables that assets are on and the caller may read.
func (l *lineage) upstream(assets ...any) (databases, tables []any) {
	databases, tables = []any{}, []any{}
	for _, a := range assets {
		d, t := l.call.site.databasesOf(a.(*asset))
		for _, one := range d {
			if l.call.may("Read", one.securable()) {
				databases = append(databases, one)
			}
		}
		for _, one := range t {
			if l.call.may("Read", one.securable()) {
				tables = append(tables, one)
			}
		}
	}
	return unique(databases), unique(tables)
}

// ofWorkbook returns a workbook with the published data sources it is on.
func (l *lineage) ofWorkbook(workbook *asset) []any { return append(l.sourcesOf(workbook), workbook) }

// viewsOf returns the views of a workbook that the caller may see, only the dashboards, only the others, or all.
func (l *lineage) viewsOf(workbook *asset, typeName string) []any {
	found := []any{}
	for _, v := range readableViews(l.call, l.call.site.viewsOf(workbook)) {
		if typeName == "" || typeOfMetadata(v) == typeName {
			found = append(found, v)
		}
	}
	return found
}

func (l *lineage) allViews(typeName string) []any {
	found := []any{}
	for _, w := range l.assets[workbooks.element] {
		found = append(found, l.viewsOf(w.(*asset), typeName)...)
	}
	return found
}

// embeddedSource is a data source within a workbook.
type embeddedSource struct {
	name     string
	workbook *asset
	luid     string
}

// embeddedIn returns the data sources within a workbook, those that stand for published ones too.
func embeddedIn(workbook *asset) []any {
	found := []any{}
	for _, conn := range workbook.Connections {
		found = append(found, embeddedSource{conn.DatasourceName, workbook, conn.DatasourceLUID})
	}
	return unique(found)
}

// on returns the connections of the data source alone, as an asset.
func (e embeddedSource) on() *asset {
	alone := *e.workbook
	alone.Connections = slices.DeleteFunc(slices.Clone(alone.Connections), func(conn connection) bool {
		return conn.DatasourceLUID != e.luid
	})
	return &alone
}

// metadataTypeNames are the types of the kinds of content.
var metadataTypeNames = map[string]string{"workbook": "Workbook", "datasource": "PublishedDatasource", "flow": "Flow"}

// typeOfMetadata tells the type of an object.
func typeOfMetadata(of any) string {
	switch of := of.(type) {
	case *asset:
		return metadataTypeNames[of.Kind]
	case *view:
		if of.SheetType == "dashboard" {
			return "Dashboard"
		}
		return "Sheet"
	case *database:
		if of.FilePath != "" {
			return "File"
		}
		return "DatabaseServer"
	case *databaseTable:
		return "DatabaseTable"
	case columnOf:
		return "Column"
	case *user:
		return "TableauUser"
	}
	return ""
}

// id returns what the Metadata API knows something by, which is not its LUID.
func (l *lineage) id(luid string) any { return l.call.site.cataloguedLUID("metadata", luid) }

func textOrNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func (l *lineage) user(luid string) any {
	if u := l.call.site.users.Get(luid); u != nil {
		return u
	}
	return nil
}

// account returns the account of a user; the one who owns what nobody made has only a name.
func (l *lineage) account(u *user) *account {
	if a := l.call.server.accounts.Get(u.Account); a != nil {
		return a
	}
	return &account{Name: u.Name}
}

func tagMetadataOf(tags []tag) any {
	list := []any{}
	for _, t := range tags {
		list = append(list, t)
	}
	return list
}

// metadataField makes a resolver of a function on objects of one type.
func metadataField[T any](get func(l *lineage, of T) any) graphql.Resolver[*lineage] {
	return func(l *lineage, of any, _ map[string]any) any { return get(l, of.(T)) }
}

// contentMetadata are the fields of what is published, and of who published it.
var contentMetadata = map[string]graphql.Fields[*lineage]{
	"Workbook":            workbookMetadata(),
	"PublishedDatasource": datasourceMetadata(),
	"Flow":                assetMetadata(),
	"Sheet":               viewMetadata(),
	"Dashboard":           viewMetadata(),
	"EmbeddedDatasource": {
		"id":                         metadataField(func(l *lineage, e embeddedSource) any { return l.id(e.workbook.LUID + e.luid) }),
		"name":                       metadataField(func(_ *lineage, e embeddedSource) any { return e.name }),
		"workbook":                   metadataField(func(_ *lineage, e embeddedSource) any { return e.workbook }),
		"parentPublishedDatasources": metadataField(func(l *lineage, e embeddedSource) any { return l.sourcesOf(e.on()) }),
		"upstreamDatabases": metadataField(func(l *lineage, e embeddedSource) any {
			databases, _ := l.upstream(l.ofWorkbook(e.on())...)
			return databases
		}),
		"upstreamTables": metadataField(func(l *lineage, e embeddedSource) any {
			_, tables := l.upstream(l.ofWorkbook(e.on())...)
			return tables
		}),
	},
	"TableauUser": {
		"id":       metadataField(func(l *lineage, u *user) any { return l.id(u.LUID) }),
		"luid":     metadataField(func(_ *lineage, u *user) any { return u.LUID }),
		"name":     metadataField(func(l *lineage, u *user) any { return l.account(u).friendlyName() }),
		"username": metadataField(func(_ *lineage, u *user) any { return u.Name }),
		"email":    metadataField(func(l *lineage, u *user) any { return textOrNull(l.account(u).Email) }),
		"ownedWorkbooks": metadataField(func(l *lineage, u *user) any {
			return l.ownedBy(u, workbooks)
		}),
		"ownedPublishedDatasources": metadataField(func(l *lineage, u *user) any { return l.ownedBy(u, datasources) }),
	},
	"TableauSite": {
		"id":   metadataField(func(l *lineage, where *site) any { return l.id(where.luid) }),
		"luid": metadataField(func(_ *lineage, where *site) any { return where.luid }),
		"name": metadataField(func(_ *lineage, where *site) any { return where.described().Name }),
		"uri":  metadataField(func(_ *lineage, where *site) any { return "sites/" + where.luid }),
	},
	"Tag": {
		"id":   metadataField(func(l *lineage, t tag) any { return l.id("tag " + t.Label) }),
		"name": metadataField(func(_ *lineage, t tag) any { return t.Label }),
	},
}

func (l *lineage) ownedBy(u *user, k *kind) any {
	return slices.DeleteFunc(slices.Clone(l.assets[k.element]), func(a any) bool { return a.(*asset).Owner != u.LUID })
}

// assetMetadata are the fields that all published content has.
func assetMetadata() graphql.Fields[*lineage] {
	return graphql.Fields[*lineage]{
		"id":             metadataField(func(l *lineage, a *asset) any { return l.id(a.LUID) }),
		"luid":           metadataField(func(_ *lineage, a *asset) any { return a.LUID }),
		"name":           metadataField(func(_ *lineage, a *asset) any { return a.Name }),
		"description":    metadataField(func(_ *lineage, a *asset) any { return a.Description }),
		"createdAt":      metadataField(func(_ *lineage, a *asset) any { return formatTime(a.CreatedAt) }),
		"updatedAt":      metadataField(func(_ *lineage, a *asset) any { return formatTime(a.UpdatedAt) }),
		"vizportalUrlId": metadataField(func(_ *lineage, a *asset) any { return strconv.Itoa(a.Number) }),
		"uri": metadataField(func(l *lineage, a *asset) any {
			return "sites/" + l.call.site.luid + "/" + a.kind().collection + "/" + strconv.Itoa(a.Number)
		}),
		"projectName": metadataField(func(l *lineage, a *asset) any { return l.call.site.projects.Get(a.Project).Name }),
		"projectLuid": metadataField(func(_ *lineage, a *asset) any { return a.Project }),
		"site":        metadataField(func(l *lineage, _ *asset) any { return l.call.site }),
		"owner":       metadataField(func(l *lineage, a *asset) any { return l.user(a.Owner) }),
		"tags":        metadataField(func(_ *lineage, a *asset) any { return tagMetadataOf(a.Tags) }),
	}
}

func workbookMetadata() graphql.Fields[*lineage] {
	fields := assetMetadata()
	fields["views"] = metadataField(func(l *lineage, a *asset) any { return l.viewsOf(a, "") })
	fields["sheets"] = metadataField(func(l *lineage, a *asset) any { return l.viewsOf(a, "Sheet") })
	fields["dashboards"] = metadataField(func(l *lineage, a *asset) any { return l.viewsOf(a, "Dashboard") })
	fields["embeddedDatasources"] = metadataField(func(_ *lineage, a *asset) any { return embeddedIn(a) })
	fields["upstreamDatasources"] = metadataField(func(l *lineage, a *asset) any { return l.sourcesOf(a) })
	fields["upstreamDatabases"] = metadataField(func(l *lineage, a *asset) any {
		databases, _ := l.upstream(l.ofWorkbook(a)...)
		return databases
	})
	fields["upstreamTables"] = metadataField(func(l *lineage, a *asset) any {
		_, tables := l.upstream(l.ofWorkbook(a)...)
		return tables
	})
	return fields
}

func datasourceMetadata() graphql.Fields[*lineage] {
	fields := assetMetadata()
	fields["hasExtracts"] = metadataField(func(_ *lineage, a *asset) any { return a.HasExtracts })
	fields["isCertified"] = metadataField(func(_ *lineage, a *asset) any { return a.Certified })
	fields["certificationNote"] = metadataField(func(_ *lineage, a *asset) any { return textOrNull(a.CertificationNote) })
	fields["upstreamDatabases"] = metadataField(func(l *lineage, a *asset) any {
		databases, _ := l.upstream(a)
		return databases
	})
	fields["upstreamTables"] = metadataField(func(l *lineage, a *asset) any {
		_, tables := l.upstream(a)
		return tables
	})
	fields["downstreamWorkbooks"] = metadataField(func(l *lineage, a *asset) any { return l.workbooksOn(a) })
	return fields
}

func viewMetadata() graphql.Fields[*lineage] {
	return graphql.Fields[*lineage]{
		"id":        metadataField(func(l *lineage, v *view) any { return l.id(v.LUID) }),
		"luid":      metadataField(func(_ *lineage, v *view) any { return v.LUID }),
		"name":      metadataField(func(_ *lineage, v *view) any { return v.Name }),
		"createdAt": metadataField(func(_ *lineage, v *view) any { return formatTime(v.CreatedAt) }),
		"updatedAt": metadataField(func(_ *lineage, v *view) any { return formatTime(v.UpdatedAt) }),
		"path": metadataField(func(l *lineage, v *view) any {
			return l.call.site.workbooks.Get(v.Workbook).ContentURL + "/" + v.URLName
		}),
		"workbook": metadataField(func(l *lineage, v *view) any { return l.call.site.workbooks.Get(v.Workbook) }),
		"tags":     metadataField(func(_ *lineage, v *view) any { return tagMetadataOf(v.Tags) }),
	}
}
