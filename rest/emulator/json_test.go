package emulator

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// wantJSON checks the status and the whole body of an answer in JSON.
func (a *answer) wantJSON(status int, body string) *answer {
	a.t.Helper()
	a.wantStatus(status)
	if got := a.header.Get("Content-Type"); got != "application/json;charset=UTF-8" {
		a.t.Errorf("Content-Type %q", got)
	}
	if want := strings.ReplaceAll(body, "\n", ""); a.body != want {
		a.t.Errorf("answer\n got %s\nwant %s", a.body, want)
	}
	return a
}

const askXML = " HTTP/1.1\nX-Tableau-Auth: TOKEN\n\n"

const askJSON = " HTTP/1.1\nX-Tableau-Auth: TOKEN\nAccept: application/json\n"

// SMP-10 and the senders of JSON: requests and answers are the same tree as in XML.
func TestJSON(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.send("POST /api/3.6/auth/signin HTTP/1.1\nAccept: application/json\nContent-Type: application/json\n\n"+
		`{"credentials":{"name":"ana","password":"secret","site":{"contentUrl":""}}}`).
		wantStatus(200).wantIn(`{"credentials":{"site":{"id":"`, `","contentUrl":""},"user":{"id":"`, `"},"token":"`, `"estimatedTimeToExpiration":"4:00:00"}}`)
	w.send("GET /api/3.29/serverinfo HTTP/1.1\nAccept: application/json\n\n").wantJSON(200,
		`{"serverInfo":{"productVersion":{"value":"2026.2.0","build":"20262.26.0601.1200"},"prepConductorVersion":"2026.2.0","restApiVersion":"3.29","platform":"linux",`+
			`"serverSettings":{"oAuthEnabled":"false","sheetImageMaxAgeFloor":"60","sheetImageMaxAgeCeiling":"43200","offlineInteractionSupportedPhase":"0"}}}`)
	w.send("GET S/workbooks"+askJSON).wantJSON(200,
		`{"pagination":{"pageNumber":"1","pageSize":"100","totalAvailable":"0"},"workbooks":{}}`)
	w.send("POST S/projects"+askJSON+"Content-Type: application/json\n\n"+
		`{"project":{"name":"<North> & \"South\"","parentProjectId":null,"description":17,"contentPermissions":"LockedToProject"}}`).
		wantStatus(201).wantIn(`{"project":{"owner":{"id":"`, `"name":"<North> & \"South\"","description":"17","topLevelProject":"true"`)
	w.send("GET S/projects?filter=name:eq:Default" + askJSON).wantStatus(200).
		wantIn(`{"pagination":{"pageNumber":"1","pageSize":"100","totalAvailable":"1"},"projects":{"project":[{"owner":{"id":"`)
	w.send("GET S/workbooks/nothing"+askJSON).wantJSON(404,
		`{"error":{"summary":"Resource Not Found","detail":"The workbook 'nothing' could not be found.","code":"404006"}}`)
	w.send("GET /api/3.29/nothing" + askJSON).wantStatus(404).wantIn(`"code":"404003"}}`)
	w.send("GET S/projects HTTP/1.1\nAccept: application/json\n").wantStatus(401).wantIn(`{"error":{"summary":"Unauthorized Access"`, `"code":"401000"}}`)
}

// A publish whose payload is JSON, with the lists in each of their shapes and all scalars that JSON has.
func TestPublishInJSON(t *testing.T) {
	t.Parallel()
	w := start(t)
	for i, views := range []string{
		`"views":{"view":[{"name":"Map","hidden":true}]}`,
		`"views":{"view":{"name":"Map","hidden":"true"}}`,
	} {
		body := tsc(fmt.Sprintf(`{"tsRequest":{"workbook":{"name":%d,"showTabs":true,%s,"connections":{},"tags":[]}}}`, i, views),
			"tableau_workbook", "a.twb", salesTWB)
		a := w.sendBytes("POST S/workbooks"+tscHead+"Accept: application/json", []byte(body)).wantStatus(201)
		a.wantIn(`"tags":{},"views":{"view":[{"tags":{},`, fmt.Sprintf(`"name":"%d"`, i), `"showTabs":"true"`)
		if strings.Contains(a.body, `"Map"`) {
			t.Errorf("the view Map is not hidden: %s", a.body)
		}
	}
	w.send("PUT S/workbooks/0/tags?key=contentUrl"+askJSON+"\n"+`{"tags":{"tag":{"label":"gold"}}}`).wantJSON(200, `{"tags":{"tag":[{"label":"gold"}]}}`)
	w.send("PUT S/workbooks/0/tags?key=contentUrl"+askJSON+"\n"+`{"tags":{}}`).wantJSON(200, `{"tags":{"tag":[{"label":"gold"}]}}`)
}

func TestJSONRefused(t *testing.T) {
	t.Parallel()
	w := start(t)
	deep := strings.Repeat(`{"a":`, maxDepth+1) + "1" + strings.Repeat("}", maxDepth+1)
	deeper := strings.Repeat(`{"a":[`, 5000)
	for body, detail := range map[string]string{
		`{`:                            "not well-formed JSON",
		`{"project":{"name":"x"}`:      "not well-formed JSON",
		`{"project":{"name":"x"}}{}`:   "something after the object",
		`{"project":{"name":[["x"]]}}`: "has a list in it",
		`{"a b":"x"}`:                  "cannot be the name",
		`{"":"x"}`:                     "cannot be the name",
		deep:                           "nested more than", deeper: "nested more than",
	} {
		w.send("POST S/projects"+askJSON+"\n"+body).wantStatus(400).wantIn(`"code":"400000"`, detail)
	}
}

func TestPrefersJSON(t *testing.T) {
	t.Parallel()
	for accept, want := range map[string]bool{
		"":                                          false,
		"*/*":                                       false,
		"application/*":                             false,
		"application/xml":                           false,
		"text/html, image/png":                      false,
		"application/json":                          true,
		"Application/JSON;charset=utf-8":            true,
		"application/json, text/plain, */*":         true, // axios
		"*/*, application/json":                     true,
		"application/json, */*;q=0.5":               true,
		"application/json;q=0.5, */*":               false,
		"application/json;q=0":                      false,
		"application/json; q=x":                     false,
		"application/xml, application/json":         false,
		"application/json, application/xml":         true,
		"application/json, text/xml;q=0.9":          true,
		"application/json;q=0.8, text/xml":          false,
		"text/html,application/xml;q=0.9,*/*;q=0.8": false, // browsers
	} {
		if got := prefersJSON(accept); got != want {
			t.Errorf("prefersJSON(%q) = %v", accept, got)
		}
	}
}

// A scalar is found both as an attribute and as a child, and where the element is from XML only as what it is.
func TestScalarsOfJSON(t *testing.T) {
	t.Parallel()
	fromJSON, err := parseJSON([]byte(`{"connectionLuids":{"connectionLuid":"a"},"more":{"connectionLuid":["b","c"]},"n":1e3,"b":false}`))
	if err != nil {
		t.Fatal(err)
	}
	if got := fromJSON.child("connectionLuids").child("connectionLuid"); got == nil || got.text != "a" || fromJSON.attr("n") != "1e3" || fromJSON.attr("b") != "false" {
		t.Errorf("child %v, attributes %v", got, fromJSON.attrs)
	}
	var texts []string
	for e := range fromJSON.child("more").each("connectionLuid") {
		texts = append(texts, e.text)
	}
	if fmt.Sprint(texts) != "[b c]" {
		t.Errorf("texts %v", texts)
	}
	fromXML, err := parseXML([]byte(`<project owner="x"/>`))
	if err != nil || fromXML.child("owner") != nil {
		t.Errorf("an attribute in XML is a child: %v, %v", fromXML, err)
	}
}

// What was read can be written, is JSON, and is read as the same again.
func FuzzParseJSON(f *testing.F) {
	f.Add([]byte(`{"tsRequest":{"a":{"b":[{"c":"x"},"y"],"value":"z"},"a":"\u00e9\u0000","n":-1.5e3}}`))
	f.Add([]byte(`{"tags":{"tag":[]},"site":null}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		first, err := parseJSON(body)
		if err != nil {
			return
		}
		written := wrapped(first)
		if !json.Valid(written) {
			t.Fatalf("%q is written as %q", body, written)
		}
		again, err := parseJSON(written)
		if err != nil && !strings.Contains(err.Error(), "nested") {
			t.Fatalf("%q: %v", written, err)
		}
		if err == nil && !bytes.Equal(wrapped(again), written) {
			t.Errorf("%q became %q", written, wrapped(again))
		}
		if _, err := parseXML(document([]*element{first})); err != nil && !strings.Contains(err.Error(), "nested") {
			t.Errorf("%q in XML: %v", body, err)
		}
	})
}

// wrapped writes an element as the root of a request.
func wrapped(e *element) []byte {
	var b bytes.Buffer
	b.WriteString(`{"tsRequest":`)
	e.writeJSON(&b)
	b.WriteByte('}')
	return b.Bytes()
}
