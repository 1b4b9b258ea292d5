package main

import (
	"fmt"
	"strings"

	"github.com/tabtemplate/tabtemplate/documents"
	"github.com/tabtemplate/tabtemplate/documents/tds"
)

type datasourceInfo struct {
	Name           string             `json:"name"`
	Caption        string             `json:"caption,omitempty"`
	Published      *publishedInfo     `json:"published,omitempty"`
	Connections    []connectionInfo   `json:"connections,omitempty"`
	Tables         []tableInfo        `json:"tables,omitempty"`
	SQL            []customSQLInfo    `json:"custom_sql,omitempty"`
	Procedures     []procedureInfo    `json:"stored_procedures,omitempty"`
	Logical        []logicalTableInfo `json:"logical_tables,omitempty"`
	Relationships  []relationshipInfo `json:"relationships,omitempty"`
	Filters        []filterInfo       `json:"filters,omitempty"`
	HasExtract     bool               `json:"has_extract"` // and it is enabled
	Extract        *extractInfo       `json:"extract,omitempty"`
	ExtractFilters []filterInfo       `json:"extract_filters,omitempty"`
	Fields         []fieldInfo        `json:"fields,omitempty"`
}

type publishedInfo struct {
	Server         string `json:"server"`
	Channel        string `json:"channel,omitempty"`
	Port           string `json:"port,omitempty"`
	SiteContentURL string `json:"site_content_url"`
	ContentURL     string `json:"content_url"`
	FriendlyName   string `json:"friendly_name,omitempty"`
	DerivedFrom    string `json:"derived_from,omitempty"`
}

type connectionInfo struct {
	Name       string            `json:"name,omitempty"`
	Caption    string            `json:"caption,omitempty"`
	Class      string            `json:"class"`
	Properties map[string]string `json:"properties,omitempty"` // by the names that the manifest's set takes
	Attributes map[string]string `json:"attributes"`           // as in the document; passwords redacted
}

type tableInfo struct {
	Name       string            `json:"name"`
	Alias      string            `json:"alias"`
	Connection string            `json:"connection,omitempty"`
	Columns    []tableColumnInfo `json:"columns,omitempty"`
	Differing  []string          `json:"differing,omitempty"` // names in other copies, in a document that is not sound
}

type tableColumnInfo struct {
	Name     string `json:"name"` // of the field
	Remote   string `json:"remote_name"`
	Datatype string `json:"datatype"`
}

type customSQLInfo struct {
	Name       string `json:"name"`
	Connection string `json:"connection,omitempty"`
	SQL        string `json:"sql"`
}

type procedureInfo struct {
	Name       string         `json:"name"`
	Procedure  string         `json:"procedure"`
	Connection string         `json:"connection,omitempty"`
	Arguments  []argumentInfo `json:"arguments,omitempty"`
}

type argumentInfo struct {
	Name      string `json:"name"`
	Value     string `json:"value"`
	Parameter string `json:"parameter,omitempty"` // the workbook parameter it is linked to
}

type logicalTableInfo struct {
	ID       string       `json:"id,omitempty"`
	Caption  string       `json:"caption"`
	Says     string       `json:"says"` // the relation in words
	Relation relationInfo `json:"relation"`
}

type relationInfo struct {
	Kind       string         `json:"kind"`
	Name       string         `json:"name,omitempty"`
	Connection string         `json:"connection,omitempty"`
	Table      string         `json:"table,omitempty"`
	SQL        string         `json:"sql,omitempty"`
	Join       string         `json:"join,omitempty"`
	On         string         `json:"on,omitempty"`
	Keys       []string       `json:"keys,omitempty"` // the columns that on names
	Pivot      []pivotInfo    `json:"pivot,omitempty"`
	Of         []relationInfo `json:"of,omitempty"`
}

type pivotInfo struct {
	Name string   `json:"name"`
	From []string `json:"from"`
}

type relationshipInfo struct {
	First       string   `json:"first"` // IDs of logical tables
	Second      string   `json:"second"`
	On          string   `json:"on"`
	Keys        []string `json:"keys,omitempty"` // the fields that on names
	Cardinality string   `json:"cardinality"`
	FirstAll    bool     `json:"first_all_match,omitempty"` // every row of it has one of the other
	SecondAll   bool     `json:"second_all_match,omitempty"`
}

type filterInfo struct {
	Field   string       `json:"field"`
	Class   string       `json:"class"`
	Kind    string       `json:"kind"`
	Values  []string     `json:"values,omitempty"`
	Manual  bool         `json:"manual,omitempty"` // the values are a list that was typed in
	Min     string       `json:"min,omitempty"`    // empty where the range is open
	Max     string       `json:"max,omitempty"`
	Nulls   string       `json:"nulls,omitempty"`   // include or only, of a range or relative dates
	Periods *periodsInfo `json:"periods,omitempty"` // of relative dates
	Says    string       `json:"says"`              // all of it in words
	short   string       // that, but for values that are too many for people
}

// periodsInfo are periods counted from the current one, which is 0.
type periodsInfo struct {
	Period string `json:"period"`
	First  int    `json:"first"`
	Last   int    `json:"last"`
	ToDate bool   `json:"to_date,omitempty"`
	Anchor string `json:"anchor,omitempty"` // what counts as now
}

type fieldInfo struct {
	Name        string      `json:"name"`
	Caption     string      `json:"caption,omitempty"`
	RemoteName  string      `json:"remote_name,omitempty"`
	Table       string      `json:"table,omitempty"`
	Datatype    string      `json:"datatype"`
	Role        string      `json:"role,omitempty"`
	Type        string      `json:"type,omitempty"`
	Aggregation string      `json:"aggregation,omitempty"`
	Format      string      `json:"format,omitempty"`
	Hidden      bool        `json:"hidden,omitempty"`
	Description string      `json:"description,omitempty"`
	Folder      string      `json:"folder,omitempty"`
	Formula     string      `json:"formula,omitempty"`
	Calculation string      `json:"calculation,omitempty"` // tableau, bin or categorical-bin
	Aliases     []aliasInfo `json:"aliases,omitempty"`
}

type aliasInfo struct {
	Value string `json:"value"`
	As    string `json:"as"`
}

// connectionProperties are the names of what people change of a connection.
var connectionProperties = []struct {
	name string
	read func(*tds.Connection) string
}{
	{"server", (*tds.Connection).Server},
	{"port", (*tds.Connection).Port},
	{"dbname", (*tds.Connection).DBName},
	{"catalog", (*tds.Connection).Catalog},
	{"schema", (*tds.Connection).Schema},
	{"service", (*tds.Connection).Service},
	{"warehouse", (*tds.Connection).Warehouse},
	{"role", (*tds.Connection).Role},
	{"project", (*tds.Connection).Project},
	{"http_path", (*tds.Connection).HTTPPath},
	{"directory", (*tds.Connection).Directory},
	{"filename", (*tds.Connection).Filename},
	{"username", (*tds.Connection).Username},
	{"authentication", (*tds.Connection).Authentication},
	{"sslmode", (*tds.Connection).SSLMode},
	{"initial_sql", (*tds.Connection).InitialSQL},
	{"query_band", (*tds.Connection).QueryBand},
}

func inspectDatasource(f *documents.File, ds *tds.Datasource) datasourceInfo {
	info := datasourceInfo{Name: ds.Name(), Caption: ds.Caption(), HasExtract: ds.HasExtract()}
	if ref, ok := ds.Published(); ok {
		info.Published = &publishedInfo{
			ref.Server, ref.Channel, ref.Port, ref.SiteContentURL, ref.ContentURL, ref.FriendlyName, ref.DerivedFrom,
		}
	}
	for c := range ds.Connections() {
		info.Connections = append(info.Connections, inspectConnection(c))
	}
	info.inspectTables(ds)
	for f := range ds.Filters() {
		info.Filters = append(info.Filters, inspectFilter(f))
	}
	for f := range ds.ExtractFilters() {
		info.ExtractFilters = append(info.ExtractFilters, inspectFilter(f))
	}
	info.Extract = inspectExtract(f, ds)
	for c := range ds.Columns() {
		if c.Datatype != "table" { // Tableau's own, of a table as a whole
			info.Fields = append(info.Fields, inspectField(c))
		}
	}
	return info
}

func inspectConnection(c *tds.Connection) connectionInfo {
	info := connectionInfo{c.Name(), c.Caption(), c.Class(), map[string]string{}, map[string]string{}}
	for name, value := range c.Attrs() {
		info.Attributes[name] = tds.Redact(name, value)
	}
	for _, p := range connectionProperties {
		if v := p.read(c); v != "" {
			info.Properties[p.name] = tds.Redact(p.name, v)
		}
	}
	return info
}

func inspectFilter(f tds.Filter) filterInfo {
	info := filterInfo{
		Field: f.Field, Class: f.Class, Kind: string(f.Kind), Values: stringsOf(f.Values), Manual: f.Manual,
		Min: bound(f.Min), Max: bound(f.Max), Nulls: string(f.Nulls), Says: f.String(),
	}
	if p := f.Periods; f.Kind == tds.Relative {
		info.Periods = &periodsInfo{string(p.Period), p.First, p.Last, p.ToDate, bound(p.Anchor)}
	}
	info.short = info.Says
	if more := len(f.Values) - listShown; more > 0 {
		f.Values = f.Values[:listShown]
		info.short = fmt.Sprintf("%s and %d more", f, more)
	}
	if f.Manual {
		info.Says += ", typed in"
		info.short += ", typed in"
	}
	return info
}

// inspectTables tells what the data source reads, and how that belongs together.
func (info *datasourceInfo) inspectTables(ds *tds.Datasource) {
	for t := range ds.Tables() {
		table := tableInfo{Name: t.Name.String(), Alias: t.Alias, Connection: t.Connection}
		for _, c := range t.Columns {
			table.Columns = append(table.Columns, tableColumnInfo{c.Name, c.Remote, c.Datatype})
		}
		for _, name := range t.Differing {
			table.Differing = append(table.Differing, name.String())
		}
		info.Tables = append(info.Tables, table)
	}
	for q := range ds.SQLQueries() {
		info.SQL = append(info.SQL, customSQLInfo{q.Name(), connectionName(q.Connection()), tds.Redact("", q.SQL())})
	}
	for p := range ds.Procedures() {
		procedure := procedureInfo{Name: p.Name(), Procedure: p.Table().String(), Connection: connectionName(p.Connection())}
		for a := range p.Arguments() {
			procedure.Arguments = append(procedure.Arguments, argumentInfo{a.Name, a.Value.String(), a.Parameter})
		}
		info.Procedures = append(info.Procedures, procedure)
	}
	model := ds.Model()
	for _, t := range model.Tables {
		info.Logical = append(info.Logical, logicalTableInfo{t.ID, t.Caption, t.Relation.String(), inspectRelation(t.Relation)})
	}
	for _, r := range model.Relationships {
		info.Relationships = append(info.Relationships, relationshipInfo{
			r.First.Table, r.Second.Table, r.On.String(), columnsIn(r.On), r.Cardinality(), r.First.AllMatch, r.Second.AllMatch,
		})
	}
}

func connectionName(c *tds.Connection) string {
	if c == nil {
		return ""
	}
	return c.Name()
}

func inspectRelation(r tds.Relation) relationInfo {
	info := relationInfo{
		Kind: string(r.Kind), Name: r.Name, Connection: r.Connection, Table: r.Table.String(),
		SQL: tds.Redact("", r.SQL), Join: r.Join, On: r.Clause.String(), Keys: columnsIn(r.Clause),
	}
	for _, p := range r.Pivot {
		info.Pivot = append(info.Pivot, pivotInfo{p.Name, p.From})
	}
	for _, inner := range r.Inner {
		info.Of = append(info.Of, inspectRelation(inner))
	}
	return info
}

// columnsIn lists the columns that an expression names, in its order.
func columnsIn(e tds.Expression) (columns []string) {
	if len(e.Args) == 0 && strings.HasPrefix(e.Op, "[") {
		return []string{e.Op}
	}
	for _, arg := range e.Args {
		columns = append(columns, columnsIn(arg)...)
	}
	return columns
}

func inspectField(c tds.Column) fieldInfo {
	info := fieldInfo{
		Name: c.Name, Caption: c.Caption, RemoteName: c.RemoteName, Table: c.Table, Datatype: c.Datatype, Role: c.Role,
		Type: c.Type, Aggregation: c.Aggregation, Format: c.Format, Hidden: c.Hidden, Description: c.Description,
		Folder: c.Folder, Formula: c.Formula, Calculation: c.Class,
	}
	for _, a := range c.Aliases {
		info.Aliases = append(info.Aliases, aliasInfo{a.Member.String(), a.Text})
	}
	return info
}
