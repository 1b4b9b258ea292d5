package emulator

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
)

// What clients in use send although nothing published says so: the checklist, line by line.

func TestLenientXML(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"bare":                       `<tsRequest><project name="N&#233;" description="d"><owner id="ANA" /></project></tsRequest>`,
		"attributes in any order":    `<tsRequest><project description="d" name="N&#233;"><owner id="ANA"/></project></tsRequest>`,
		"declaration":                `<?xml version="1.0" encoding="UTF-8"?><tsRequest><project name="Né" description="d"><owner id="ANA"/></project></tsRequest>`,
		"standalone":                 `<?xml version="1.0" encoding="UTF-8" standalone="yes"?><tsRequest><project name="Né" description="d"><owner id="ANA"/></project></tsRequest>`,
		"ASCII":                      `<?xml version='1.0' encoding='us-ascii'?><tsRequest><project name='N&#xE9;' description='d'><owner id='ANA'/></project></tsRequest>`,
		"the namespace":              `<tsRequest xmlns="http://tableau.com/api"><project name="Né" description="d"><owner id="ANA"/></project></tsRequest>`,
		"the old namespace":          `<tsRequest xmlns="http://tableausoftware.com/api"><project name="Né" description="d"><owner id="ANA"/></project></tsRequest>`,
		"any namespace":              `<tsRequest xmlns="urn:x"><project name="Né" description="d"><owner id="ANA"/></project></tsRequest>`,
		"a prefix":                   `<t:tsRequest xmlns:t="http://tableau.com/api"><t:project name="Né" description="d"><t:owner id="ANA"/></t:project></t:tsRequest>`,
		"a place of the schema":      `<tsRequest xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="http://tableau.com/api x.xsd"><project name="Né" description="d"><owner id="ANA"/></project></tsRequest>`,
		"a byte order mark":          "\ufeff" + `<tsRequest><project name="Né" description="d"><owner id="ANA"/></project></tsRequest>`,
		"line ends":                  "\r\n<tsRequest>\r\n\t<project name=\"Né\" description=\"d\">\r\n\t\t<owner id=\"ANA\"/>\r\n</project>\r\n</tsRequest>\r\n",
		"LF":                         "\n<tsRequest>\n<project name=\"Né\" description=\"d\">\n<owner id=\"ANA\"/>\n</project>\n</tsRequest>\n",
		"more of the owner":          `<tsRequest><project name="Né" description="d"><owner id="ANA" name="ana" siteRole="Viewer" x="y"><domain name="local"/></owner></project></tsRequest>`,
		"unknown children":           `<tsRequest><project name="Né" description="d"><x><y/></x><owner id="ANA"/></project></tsRequest>`,
		"unknown attributes":         `<tsRequest a="b"><project name="Né" description="d" x="y"><owner id="ANA"/></project></tsRequest>`,
		"empty attributes":           `<tsRequest><project name="Né" description="d" contentPermissions="" parentProjectId=""><owner id="ANA"/></project></tsRequest>`,
		"comments":                   `<!-- a --><tsRequest><!-- b --><project name="Né" description="d"><owner id="ANA"/></project></tsRequest><!-- c -->`,
		"more children of the root":  `<tsRequest><schedule/><project name="Né" description="d"><owner id="ANA"/></project><project name="other"/></tsRequest>`,
		"JSON":                       `{"project":{"name":"N\u00e9","description":"d","owner":{"id":"ANA"}}}`,
		"JSON, a byte order mark":    "\ufeff" + `{"project":{"name":"Né","description":"d","owner":{"id":"ANA"}}}`,
		"JSON with the root's name":  `{"tsRequest":{"project":{"name":"Né","description":"d","owner":{"id":"ANA"}}}}`,
		"JSON with lists and blanks": "\n { \"project\" : [ { \"owner\" : [ { \"id\" : \"ANA\" } ], \"name\" : \"Né\", \"description\" : \"d\" } ] }\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := start(t)
			w.send("POST S/projects"+askXML+body).wantStatus(201).wantIn(`name="Né"`, `description="d"`, `<owner id="#ANA"`, `topLevelProject="true"`)
		})
	}
}

// A Content-Type decides nothing: not whether a body is XML, nor that there is one.
func TestLenientContentTypes(t *testing.T) {
	t.Parallel()
	for name, headers := range map[string]string{
		"none": "", "text/xml": "content-type: text/xml\n", "application/xml": "Content-Type: application/xml; charset=utf-8\n",
		"curl -d": "Content-Type: application/x-www-form-urlencoded\n", "text/plain": "Content-Type: text/plain\n",
		"JSON although it is XML": "Content-Type: application/json\n", "an empty one": "Content-Type:\n", "nonsense": "Content-Type: ;;\n",
		"cookies": "Cookie: workgroup_session_id=x; a=b\n", "no space": "Accept:*/*\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := start(t)
			ask := func(method, path, body string) *answer {
				return w.send(method + " " + path + " HTTP/1.1\nx-tableau-auth:TOKEN\n" + headers + "\n" + body)
			}
			ask("POST", "S/projects", `<tsRequest><project name="North"/></tsRequest>`).wantStatus(201)
			ask("GET", "S/projects", "").wantStatus(200)
			ask("GET", "S/projects", "<tsRequest />").wantIn(`totalAvailable="2"`) // SMP-8
			ask("DELETE", "S/projects/LUID1", "").wantStatus(204)
			ask("POST", "S/fileUploads", "").wantStatus(201)
			ask("POST", "/api/3.29/auth/signout", "").wantStatus(204)
		})
	}
}

func TestLenientPaths(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.publish("workbook", "", `name="A B"`, "", "a.twb", salesTWB).wantStatus(201)
	for _, path := range []string{
		"S/workbooks/", "S/WorkBooks", "/API/3.29/Sites/SITE/workbooks", "//api/3.29/sites/SITE/workbooks", "S/workbooks/?pageSize=10",
		"S/workbooks?None&None", "S/workbooks?a;b=c;&=&%zz&pageNumber=1", "S/workbooks?x=%ff", "S/workbooks?pageSize=100&pageNumber=1",
		"S/workbooks?sort=name:asc&filter=name:eq:A+B", "S/workbooks?filter=name:eq:A%20B&sort=", "S/%77orkbooks",
	} {
		w.send("GET " + path + askXML).wantStatus(200).wantIn(`totalAvailable="1"`)
	}
	for _, path := range []string{
		"S/workbooks/LUID1?pageNumber=1", "S/workbooks/LUID1/?None&None", "S/workbooks/AB?key=contentUrl", "/api/3.29/sites/SITE/",
		"/api/3.29/sites/SITE/?pageNumber=1", "/api/3.29/sites/Default?key=name&x", "S/users/ANA", "S/workbooks/LUID1/views/?includeUsageStatistics=True",
	} {
		w.send("GET " + path + askXML).wantStatus(200)
	}
	w.send("POST S/projects?pageNumber=1&publishSamples=False" + askXML + `<tsRequest><project name="North"/></tsRequest>`).wantStatus(201)
	for request, code := range map[string]int{
		"GET S/workbooks/ab?key=contentUrl":    404006, // values keep their case
		"GET S/workbooks/AB?key=ContentUrl":    404006,
		"GET /api/3.29//sites/SITE/workbooks":  404003,
		"GET S/workbooks//views":               404003,
		"GET S/views/LUID1/pdf/maxAge=60":      404003, // CRL-5
		"GET /api/3.29/../3.29/serverinfo":     404003,
		"GET S/workbooks/LUID1%2Fviews":        404006, // one segment
		"GET S/workbooks/LUID1s":               404006, // CRL-11
		"GET /api/3.29/sites/SITEs/workbooks":  404000,
		"POST /api/3.29/auth/signout/x":        404003,
		"GET /api/3.29/sites/SITE/workbooks/x": 404006,
	} {
		w.send(request+askXML).wantError(code, "")
	}
}

// TSC-20 and its kin: everything after tags/ is the tag, as it was meant.
func TestLenientTags(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.publish("workbook", "", `name="Sales"`, "", "a.twb", salesTWB).wantStatus(201)
	for path, tag := range map[string]string{
		"b/c": "b/c", "b%2Fc": "b/c", "a%20b": "a b", "a+b": "a+b", "x%3Fy%23z%25": "x?y#z%", "a;b": "a;b", "%C3%BC": "ü", "a/b/c%2Fd": "a/b/c/d",
	} {
		w.send("PUT S/workbooks/LUID1/tags" + askXML + `<tsRequest><tags><tag label="` + tag + `"/></tags></tsRequest>`).wantStatus(200)
		w.send("DELETE S/workbooks/LUID1/tags/" + path + " HTTP/1.1\nX-Tableau-Auth: TOKEN\n\n").wantStatus(204)
		w.send("DELETE S/workbooks/LUID1/tags/"+path+" HTTP/1.1\nX-Tableau-Auth: TOKEN\n\n").wantError(404007, tag)
	}
}

func TestLenientValues(t *testing.T) {
	t.Parallel()
	w := start(t)
	for i, value := range []string{"true", "True", "TRUE"} {
		w.publish("workbook", "overwrite="+value, `name="w" showTabs="`+value+`"`, "", "a.twb", salesTWB).wantIn(`showTabs="true"`)
		w.publish("workbook", "overwrite=true", `name="w" showTabs=""`, "", "a.twb", salesTWB).wantIn(`showTabs="false"`)
		w.publish("datasource", "overwrite=true", fmt.Sprintf(`name="d%d" isCertified="none"`, i), `<project id=""/>`, "a.tds", ordersTDS).wantIn(`isCertified="false"`)
	}
	w.publish("workbook", "overwrite=yes", `name="w"`, "", "a.twb", salesTWB).wantError(400008, "overwrite")
	for _, name := range []string{"ana", "aNA", "Ana", `local\ana`} {
		w.send("POST /api/3.29/auth/signin HTTP/1.1\n\n" + `<tsRequest><credentials name="` + name + `" password="secret"><site/></credentials></tsRequest>`).wantStatus(200)
	}
}

// The body of curl's PUT comes after the server has said that it wants it, and others' in chunks; a connection goes on
// after both, and after a refusal of which nobody read the body.
func TestLenientTransfer(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.server.Transport()
	conn, err := w.server.pipe.dial(t.Context(), "tcp", "tableau.localhost:80")
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	in := bufio.NewReader(conn)
	const body = `<tsRequest><project name="North"/></tsRequest>`
	head := func(request, headers string) string {
		return crlf(w.expand(request + " HTTP/1.1\nHost: tableau.localhost\nX-Tableau-Auth: TOKEN\n" + headers + "\n"))
	}
	write := func(s string) {
		if _, err := io.WriteString(conn, s); err != nil {
			t.Fatal(err)
		}
	}
	read := func(want int) {
		t.Helper()
		resp, err := http.ReadResponse(in, nil)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(resp.Body)
		if err != nil || resp.StatusCode != want {
			t.Fatalf("%v: status %d, want %d: %s", err, resp.StatusCode, want, got)
		}
	}
	write(head("POST S/projects", fmt.Sprintf("Expect: 100-continue\nContent-Length: %d\n", len(body))))
	read(100)
	write(body)
	read(201)
	write(head("PUT S/projects/LUID1", "Transfer-Encoding: chunked\n") + crlf(fmt.Sprintf("%x\n%s\n%x;x=y\n%s\n0\n\n", 5, body[:5], len(body)-5, body[5:])))
	read(200)
	write(head("PUT S/projects/none", fmt.Sprintf("Content-Length: %d\n", len(body))) + body)
	read(404)
	write(head("POST S/nothing", "Content-Length: 300000\n") + strings.Repeat("x", 300000))
	read(404)
	write(head("GET S/projects", ""))
	read(200)
}

// Requests that need no body come without one, be it declared as XML or not at all; so does one that needs one, and is
// told.
func TestLenientEmptyBodies(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.publish("workbook", "", `name="Sales"`, "", "a.twb", salesTWB).wantStatus(201)
	for _, request := range []string{
		"POST S/workbooks/LUID1/refresh", "POST S/fileUploads", "POST S/encrypt-extracts", "POST /api/3.29/auth/signout?pageNumber=1",
	} {
		for _, headers := range []string{"", "content-type: text/xml\n", "Content-Type: application/xml\n"} {
			if a := w.send(request + " HTTP/1.1\nX-Tableau-Auth: TOKEN\n" + headers + "\n"); a.status >= 300 && a.status != 409 {
				t.Errorf("%s with %q: %s", request, headers, a.body)
			}
			if strings.Contains(request, "signout") {
				w.signIn(`name="admin" password="p@ss&amp;&lt;w&gt;"`, "")
			}
		}
	}
	for _, request := range []string{"POST S/projects", "PUT S/workbooks/LUID1", "POST /api/3.29/auth/signin", "POST S/users"} {
		w.send(request+askXML).wantError(400000, "")
	}
}
