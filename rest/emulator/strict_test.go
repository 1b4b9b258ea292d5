package emulator

import (
	"slices"
	"strings"
	"testing"
)

// What clients send against the schema is refused in strict mode, and only there.
func TestStrict(t *testing.T) {
	t.Parallel()
	const put = "PUT S/projects/PROJECT" + askXML
	publish := func(contentType, payload string) string {
		return "POST S/workbooks HTTP/1.1\nX-Tableau-Auth: TOKEN\nContent-Type: " + contentType + "\n\n" +
			crlf("--b\nContent-Disposition: form-data; name=\"request_payload\"; filename=\"\"\nContent-Type: text/xml\n\n"+payload+
				"\n--b\nContent-Disposition: form-data; name=\"tableau_workbook\"; filename=\"a.twb\"\n\n") + salesTWB + crlf("\n--b--\n")
	}
	const mixed = "multipart/mixed; boundary=b"
	const plain = `<tsRequest><workbook name="Sales"/></tsRequest>`
	tests := map[string]struct {
		request string
		code    string // "" where strict mode takes it
	}{
		"schema order":                         {publish(mixed, `<tsRequest><workbook name="Sales"><connections/><project id=""/><views/></workbook></tsRequest>`), ""},
		"TSC-5 project before connections":     {publish(mixed, `<tsRequest><workbook name="Sales"><project id=""/><connections/></workbook></tsRequest>`), "400000"},
		"unknown child":                        {publish(mixed, `<tsRequest><workbook name="Sales"><nothing/></workbook></tsRequest>`), "400000"},
		"deep in the tree":                     {publish(mixed, `<tsRequest><workbook name="Sales"><connections><connection><connectionCredentials/><datasource/></connection></connections></workbook></tsRequest>`), "400000"},
		"JSON in any order":                    {publish(mixed, `{"workbook":{"views":{},"project":{},"name":"Sales"}}`), ""},
		"XML in any order":                     {put + `<tsRequest><project description="x"><contentsCounts/><owner/></project></tsRequest>`, "400000"},
		"boundary in quotes":                   {publish(`multipart/mixed; boundary="b"`, plain), "400000"},
		"no boundary":                          {publish(`multipart/mixed`, plain), "400000"},
		"form-data":                            {publish(`multipart/form-data; boundary=b`, plain), "400000"},
		"curl, two semicolons":                 {publish(`multipart/mixed;; boundary=b`, plain), ""},
		"reference, no disposition type":       {strings.ReplaceAll(publish(mixed, plain), "form-data; ", ""), ""},
		"below its version":                    {"GET /api/2.5/sites/SITE/jobs/x HTTP/1.1\nX-Tableau-Auth: TOKEN\n\n", "404003"},
		"at its version":                       {"GET /api/2.6/sites/SITE/workbooks/x/revisions HTTP/1.1\nX-Tableau-Auth: TOKEN\n\n", "404006"},
		"serverinfo at 2.3":                    {"GET /api/2.3/serverinfo HTTP/1.1\n\n", "404003"},
		"wrong method for tags of a workbook":  {"POST S/workbooks/x/tags" + askXML, "405000"},
		"wrong method for anything else, here": {"POST S/workbooks/x/content" + askXML, "405000"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			strict, lenient := start(t, WithStrict()).send(test.request), start(t).send(test.request)
			got := ""
			if _, rest, found := strings.Cut(strict.body, `<error code="`); found {
				got = rest[:6]
			}
			if got != test.code {
				t.Errorf("strict mode: %s, want code %q", strict.body, test.code)
			}
			if slices.Contains([]string{"400000", "404003"}, test.code) && strings.Contains(lenient.body, test.code) {
				t.Errorf("refused without strict mode: %s", lenient.body)
			}
		})
	}
	w := start(t, WithStrict())
	w.send("POST S/workbooks/x/tags" + askXML).wantStatus(404)
	w.send("POST S/views" + askXML).wantStatus(405)
	w.send("POST S/datasources/x/tags" + askXML).wantStatus(405)
	start(t).send("POST S/workbooks/x/tags" + askXML).wantStatus(405)
}
