package emulator

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// graphQL sends a query as TSC does and returns the answer with LUIDs by name.
func (w *world) graphQL(query, variables string) string {
	w.t.Helper()
	quoted, _ := json.Marshal(query)
	a := w.send("POST /api/metadata/graphql HTTP/1.1\nX-Tableau-Auth: TOKEN\ncontent-type: application/json\n\n" +
		`{"query": ` + string(quoted) + `, "variables": ` + variables + `}`).wantStatus(200)
	if got := a.header.Get("Content-Type"); got != "application/json" {
		w.t.Errorf("Content-Type %q", got)
	}
	return a.body
}

// withLineage returns a world with a workbook that has a database and one that is on a published data source.
func withLineage(t *testing.T, opts ...Option) *world {
	t.Helper()
	w := start(t, append([]Option{WithUser("ben", "secret", "Viewer"), WithUser("cleo", "secret", "Creator")}, opts...)...)
	w.publishSales()
	w.publish("datasource", "", `name="Orders"`, "", "o.tds", columnsTDS).wantStatus(201)
	w.publish("workbook", "", `name="On it"`, "", "p.twb", publishedTWB).wantStatus(201)
	where := w.of("")
	w.names["SOURCE"], w.names["OTHERBOOK"] = where.datasources.All()[0].LUID, where.workbooks.All()[1].LUID
	w.names["DATABASE"], w.names["TABLE"] = where.databases.All()[0].LUID, where.tables.All()[0].LUID
	return w
}

// TSC-36: what the Metadata API tells is what is on the site.
func TestMetadata(t *testing.T) {
	t.Parallel()
	w := withLineage(t)
	for name, test := range map[string]struct{ query, variables, want string }{
		"workbooks": {
			`{ workbooks { luid name projectName projectLuid owner { luid username } sheets { name path } dashboards { name } tags { name } } }`, `null`,
			`{"data":{"workbooks":[{"luid":"#WORKBOOK","name":"Sales","projectName":"Default","projectLuid":"#PROJECT","owner":{"luid":"#ADMIN","username":"admin"},` +
				`"sheets":[{"name":"Tale of 100 Start-ups","path":"Sales/Taleof100Start-ups"},{"name":"Map","path":"Sales/Map"}],"dashboards":[{"name":"Übersicht"}],"tags":[]},` +
				`{"luid":"#OTHERBOOK","name":"On it","projectName":"Default","projectLuid":"#PROJECT","owner":{"luid":"#ADMIN","username":"admin"},` +
				`"sheets":[{"name":"Map","path":"Onit/Map"}],"dashboards":[],"tags":[]}]}}`,
		},
		"filter, alias, variable, fragment": {
			`query Q($names: [String]) { mine: workbooks(filter: {nameWithin: $names}) { ...F up: upstreamDatasources { luid } } } fragment F on Workbook { name upstreamTables { fullName } }`,
			`{"names": ["On it"]}`,
			`{"data":{"mine":[{"name":"On it","upstreamTables":[{"fullName":"[public].[orders]"}],"up":[{"luid":"#SOURCE"}]}]}}`,
		},
		"upstream and downstream": {
			`{ databases { __typename luid name connectionType ... on DatabaseServer { hostName port } tables { luid schema columns { name remoteType table { name } } } downstreamWorkbooks { luid } downstreamDatasources { luid } } }`, `{}`,
			`{"data":{"databases":[{"__typename":"DatabaseServer","luid":"#DATABASE","name":"sales","connectionType":"postgres","hostName":"db.example.com","port":5432,` +
				`"tables":[{"luid":"#TABLE","schema":"public","columns":[{"name":"id","remoteType":"I8","table":{"name":"orders"}},{"name":"region","remoteType":"WSTR","table":{"name":"orders"}}]}],` +
				`"downstreamWorkbooks":[{"luid":"#WORKBOOK"},{"luid":"#OTHERBOOK"}],"downstreamDatasources":[{"luid":"#SOURCE"}]}]}}`,
		},
		"embedded": {
			`{ workbooks { embeddedDatasources { name upstreamTables { luid } parentPublishedDatasources { luid } } } }`, `{}`,
			`{"data":{"workbooks":[{"embeddedDatasources":[{"name":"Orders","upstreamTables":[{"luid":"#TABLE"}],"parentPublishedDatasources":[]}]},` +
				`{"embeddedDatasources":[{"name":"Orders","upstreamTables":[{"luid":"#TABLE"}],"parentPublishedDatasources":[{"luid":"#SOURCE"}]}]}]}}`,
		},
		"filters all hold": {
			`{ workbooks(filter: {name: "Sales", luid: "x"}) { name } sheets(filter: {name: "Map"}) { workbook { name } } }`, `{}`,
			`{"data":{"workbooks":[],"sheets":[{"workbook":{"name":"Sales"}},{"workbook":{"name":"On it"}}]}}`,
		},
		"directives": {
			`query($yes: Boolean!) { publishedDatasources { name @skip(if: $yes) luid @include(if: $yes) hasExtracts } }`, `{"yes": true}`,
			`{"data":{"publishedDatasources":[{"luid":"#SOURCE","hasExtracts":false}]}}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			if got := w.graphQL(test.query, test.variables); got != test.want {
				t.Errorf("answer\n got %s\nwant %s", got, test.want)
			}
		})
	}
}

// TSC-36: TSC reads lists in pages until there is no next one.
func TestMetadataPages(t *testing.T) {
	t.Parallel()
	w := withLineage(t)
	const query = `query P($first: Int, $afterToken: String) { sheetsConnection(first: $first, after: $afterToken) ` +
		`{ nodes { name } pageInfo { hasNextPage endCursor } totalCount } }`
	var names []string
	cursor := `null`
	for range 3 {
		var answer struct {
			Data struct {
				SheetsConnection struct {
					Nodes    []struct{ Name string }
					PageInfo struct {
						HasNextPage bool
						EndCursor   string
					}
					TotalCount int
				}
			}
		}
		if err := json.Unmarshal([]byte(w.graphQL(query, `{"first": 2, "afterToken": `+cursor+`}`)), &answer); err != nil {
			t.Fatal(err)
		}
		page := answer.Data.SheetsConnection
		for _, n := range page.Nodes {
			names = append(names, n.Name)
		}
		if page.TotalCount != 3 {
			t.Errorf("totalCount %d", page.TotalCount)
		}
		if !page.PageInfo.HasNextPage {
			break
		}
		cursor = `"` + page.PageInfo.EndCursor + `"`
	}
	if got := strings.Join(names, ","); got != "Tale of 100 Start-ups,Map,Map" {
		t.Errorf("the pages have %s", got)
	}
}

// What is wrong with a query is told in the answer, with status 200.
func TestMetadataErrors(t *testing.T) {
	t.Parallel()
	w := withLineage(t)
	for query, message := range map[string]string{
		`{ workbooks { nonsense } }`:                                     `Cannot query field`,
		`{ workbooks { name }`:                                           `Expected Name, found`,
		`{ workbooks(filter: {owner: "x"}) { name } }`:                   `owner`,
		`query($a: Int!) { sheetsConnection(first: $a) { totalCount } }`: `must be defined`,
		`mutation { workbooks { name } }`:                                `mutation`,
		`{ __schema { types { name } } }`:                                `Introspection`,
		``:                                                               `no query`,
		strings.Repeat(`{a`, 6000):                                       `exceeded maximum nesting depth`,
	} {
		if got := w.graphQL(query, `{}`); !strings.HasPrefix(got, `{"errors":[{"message":`) || !strings.Contains(got, message) {
			t.Errorf("%.40s: %s, want %s", query, got, message)
		}
	}
	w.send("POST /api/metadata/graphql HTTP/1.1\nX-Tableau-Auth: TOKEN\n\n[]").wantError(400000, "JSON")
	w.send("POST /api/metadata/graphql HTTP/1.1\n\n{}").wantError(401000, "credentials")
	w.send("GET /api/metadata/graphql HTTP/1.1\nX-Tableau-Auth: TOKEN\n\n").wantError(405000, "GET")
}

// A query sees what the caller may read.
func TestMetadataRights(t *testing.T) {
	t.Parallel()
	w := withLineage(t)
	w.call("PUT", "workbooks/WORKBOOK/permissions", `<permissions>`+grantees("user", "BEN", "Read Deny")+`</permissions>`).wantStatus(200)
	w.call("PUT", "tables/TABLE/permissions", `<permissions>`+grantees("user", "BEN", "Read Deny")+`</permissions>`).wantStatus(200)
	const query = `{ workbooks { name upstreamTables { name } } databases { tables { name } } tableauUsers { username } }`
	want := `{"data":{"workbooks":[{"name":"On it","upstreamTables":[]}],"databases":[{"tables":[]}],"tableauUsers":[{"username":"ben"}]}}`
	if got := w.as("ben").graphQL(query, `{}`); got != want {
		t.Errorf("ben sees %s", got)
	}
}

// What is in a seed is of the one who owns what nobody made, who has no account.
func TestMetadataOfASeed(t *testing.T) {
	t.Parallel()
	w := seeded(t, "sites: [{datasources: [{file: files/orders.tds}]}]")
	want := `{"data":{"publishedDatasources":[{"owner":{"name":"_system","username":"_system","email":null}}]}}`
	if got := w.graphQL(`{ publishedDatasources { owner { name username email } } }`, `{}`); got != want {
		t.Errorf("answer %s", got)
	}
}

// Fragments that spread each other twice are no great many fields.
func TestMetadataFragments(t *testing.T) {
	t.Parallel()
	w := withLineage(t)
	var query strings.Builder
	query.WriteString(`{ workbooks(filter: {name: "Sales"}) { ...F0 } } fragment F40 on Workbook { name }`)
	for i := range 40 {
		fmt.Fprintf(&query, " fragment F%d on Workbook { ...F%d ...F%d }", i, i+1, i+1)
	}
	if got := w.graphQL(query.String(), `{}`); got != `{"data":{"workbooks":[{"name":"Sales"}]}}` {
		t.Errorf("answer %s", got)
	}
}

// The states of the index, and the switch.
func TestMetadataControl(t *testing.T) {
	t.Parallel()
	w := withLineage(t)
	status := func(w *world, of string) *answer {
		return w.send("GET /api/metadata/v1/control/" + of + "/status HTTP/1.1\nX-Tableau-Auth: TOKEN\n\n")
	}
	if got := status(w, "backfill").wantStatus(200).body; !strings.Contains(got, `"backfillComplete":true`) {
		t.Error(got)
	}
	want := `{"contentType":"PublishedDatasource","queueSize":0,"checkpointCreatedTime":"2026-03-02T10:00:00Z"}`
	if got := status(w, "eventing").wantStatus(200).body; got != want {
		t.Error(got)
	}
	status(w.as("ana"), "eventing").wantError(403004, "#ANA")
	off := start(t, WithoutMetadata())
	status(off, "eventing").wantError(404003, "metadata")
	off.send("POST /api/metadata/graphql HTTP/1.1\nX-Tableau-Auth: TOKEN\n\n{}").wantError(404003, "metadata")
}
