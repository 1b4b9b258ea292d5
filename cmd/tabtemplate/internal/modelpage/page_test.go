package modelpage

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"
)

// object is what a key of the JSON has.
type object = map[string]any

func list[T any](items ...T) []T { return items }

// write writes a page.
func write(t testing.TB, files ...object) string {
	t.Helper()
	var out bytes.Buffer
	if err := Write(&out, files); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// sales is a workbook with a bit of everything.
func sales() object {
	column := func(name, remote string) object {
		return object{"name": name, "remote_name": remote, "datatype": "string"}
	}
	table := func(name, connection string, columns ...object) object {
		return object{"name": "[public].[" + name + "]", "alias": name, "connection": connection, "columns": columns}
	}
	leaf := func(name string) object {
		return object{"kind": "table", "name": name, "connection": "postgres.a", "table": "[public].[" + name + "]"}
	}
	return object{
		"file": "sales.twbx", "kind": "twbx",
		"datasources": list(
			object{
				"name": "federated.a", "caption": "Orders", "has_extract": false,
				"connections": list(object{"name": "postgres.a", "class": "postgres", "properties": object{"dbname": "prod", "server": "db"}, "attributes": object{}}),
				"tables": list(
					table("orders", "postgres.a", column("[id]", "id"), column("[amount]", "amount"), column("[customer]", "customer")),
					table("customers", "postgres.a", column("[id (customers)]", "id"), column("[region]", "region")),
				),
				"custom_sql": list(object{"name": "Targets", "connection": "postgres.a", "sql": "SELECT *\nFROM targets"}),
				"logical_tables": list(
					object{"id": "orders_1", "caption": "Orders and customers", "says": "", "relation": object{
						"kind": "join", "join": "left", "on": "[orders].[customer] = [customers].[id]",
						"keys": list("[orders].[customer]", "[customers].[id]"), "of": list(leaf("orders"), leaf("customers")),
					}},
					object{"id": "targets_2", "caption": "Targets", "says": "", "relation": object{
						"kind": "text", "name": "Targets", "connection": "postgres.a", "sql": "SELECT *\nFROM targets",
					}},
				),
				"relationships": list(object{"first": "orders_1", "second": "targets_2", "on": "[region] = [goal region]", "cardinality": "many-to-one"}),
				"filters":       list(object{"field": "Region", "class": "categorical", "kind": "include", "says": "Region include EMEA"}),
				"fields": list(
					object{"name": "[Calculation_1]", "caption": "Net", "datatype": "real", "role": "measure", "formula": "[amount] / 1.19"},
					object{"name": "[amount]", "caption": "Amount", "remote_name": "amount", "table": "orders", "datatype": "real", "role": "measure"},
					object{"name": "[id]", "remote_name": "id", "table": "orders", "datatype": "integer"},
					object{"name": "[region]", "caption": "Region", "remote_name": "region", "table": "customers", "datatype": "string"},
					object{"name": "[goal region]", "remote_name": "region", "table": "Targets", "datatype": "string"},
				),
			},
			object{
				"name": "sqlproxy.b", "caption": "Stock", "has_extract": false,
				"published": object{"server": "https://tableau.example.com", "site_content_url": "", "content_url": "Stock"},
				"fields":    list(object{"name": "[parts]", "caption": "Parts", "datatype": "integer"}),
			},
		),
		"parameters": list(object{"name": "[Parameter 1]", "caption": "Top", "datatype": "integer", "domain": "range", "value": "5", "min": "1", "max": "10"}),
		"views": list(
			object{"name": "Board", "kind": "dashboard", "hidden": false, "url_name": "Board", "shows": list("Map"), "datasources": list(
				object{"name": "federated.a", "caption": "Orders", "fields": list(object{"name": "[region]", "caption": "Region"})},
			)},
			object{"name": "Map", "kind": "worksheet", "hidden": true, "datasources": list(
				object{"name": "federated.a", "caption": "Orders", "fields": list(
					object{"name": "[Calculation_1]", "caption": "Net"}, object{"name": "[amount]", "caption": "Amount", "indirect": true}, object{"name": "[region]", "caption": "Region"},
				)},
			), "parameters": list(object{"name": "[Parameter 1]", "caption": "Top"})},
			object{"name": "Parts", "kind": "worksheet", "hidden": false, "url_name": "Parts", "datasources": list(
				object{"name": "sqlproxy.b", "caption": "Stock", "fields": list(object{"name": "[parts]", "caption": "Parts"})},
				object{"name": "gone", "caption": "Old", "missing": true, "fields": list(object{"name": "[x]", "missing": true})},
			)},
		),
		"filters": list(object{"says": "Region include EMEA", "worksheet": "Map", "worksheets": list("Map"), "datasource": "federated.a", "column": "[none:region:nk]"}),
		"entries": list(object{"name": "sales.twb", "size": 1234, "purpose": "document"}),
	}
}

// hostile is what people could call something.
const hostile = "</script><!--<script>alert('1')</script> \" ' & \\ ]]> \u2028\u2029 \u202egnirts \ufeff\u00a0\x01 👩‍👩‍👧 日本語 مرحبا \ud7ff"

// hostileFile has that for every name.
func hostileFile(t testing.TB) object {
	t.Helper()
	text, err := json.Marshal(sales())
	if err != nil {
		t.Fatal(err)
	}
	name, err := json.Marshal(hostile)
	if err != nil {
		t.Fatal(err)
	}
	text = regexp.MustCompile(`"(file|caption|content_url|says|on|sql|formula|alias|server)":"[^"]*"`).ReplaceAllFunc(text, func(pair []byte) []byte {
		key, _, _ := bytes.Cut(pair, []byte(":"))
		return fmt.Appendf(nil, "%s:%s", key, name)
	})
	var file object
	if err := json.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	return file
}

// The policy lets the script and the style of the page do their work, and nothing else.
func TestPolicy(t *testing.T) {
	t.Parallel()
	page := write(t, sales())
	policy := regexp.MustCompile(`<meta http-equiv="Content-Security-Policy" content="(.*?)">`).FindStringSubmatch(page)[1]
	for _, tag := range []string{"script", "style"} {
		text := regexp.MustCompile(`(?s)<`+tag+`>(.*?)</`+tag+`>`).FindAllStringSubmatch(page, -1)
		if len(text) != 1 || strings.Contains(text[0][1], "\r") {
			t.Fatalf("%d of %s, or one that a browser reads in another way", len(text), tag)
		}
		sum := sha256.Sum256([]byte(text[0][1]))
		if want := tag + "-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"; !strings.Contains(policy, want) {
			t.Errorf("%s: no %s", policy, want)
		}
	}
	if !strings.HasPrefix(policy, "default-src 'none'; ") || strings.Contains(policy, "unsafe") {
		t.Error(policy)
	}
	before, after, _ := strings.Cut(write(t), "[]")
	for _, outside := range []string{`src="`, `http://`, `https://`, `@import`, `url(`, ` style="`, ` onclick`, `innerHTML`, `{{`} {
		if strings.Contains(strings.ReplaceAll(before+after, "http://www.w3.org/2000/svg", ""), outside) {
			t.Errorf("%s in the page", outside)
		}
	}
}

// Whatever is in it, the data stays text inside its element, and it is what went in.
func TestHostileText(t *testing.T) {
	t.Parallel()
	file := hostileFile(t)
	page := write(t, file)
	if got := strings.Count(page, "</script>"); got != 2 {
		t.Errorf("%d ends of scripts, want those of the data and of the code", got)
	}
	_, after, _ := strings.Cut(page, `id="files">`)
	text, _, _ := strings.Cut(after, "</script>")
	if i := strings.IndexAny(text, "<>&\u2028\u2029"); i >= 0 {
		t.Errorf("not escaped: %q", text[i:min(len(text), i+30)])
	}
	var read []object
	if err := json.Unmarshal([]byte(text), &read); err != nil || read[0]["file"] != hostile {
		t.Errorf("read again it is %q, %v", read, err)
	}
	if write(t, file) != page {
		t.Error("the same files give another page")
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left") }

func TestWriteFails(t *testing.T) {
	t.Parallel()
	if err := Write(full{}, []object{sales()}); err == nil || err.Error() != "no space left" {
		t.Errorf("writing to a full disk: %v", err)
	}
	if err := Write(&bytes.Buffer{}, func() {}); err == nil {
		t.Error("what is no data was written")
	}
}
