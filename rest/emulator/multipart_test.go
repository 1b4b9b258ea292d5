package emulator

import (
	"strings"
	"testing"
)

// The forms of a publish that are known from senders in use. Every one publishes the same workbook.
func TestMultipartVariants(t *testing.T) {
	t.Parallel()
	const payload = `<tsRequest><workbook name="Sales"><project id=""/></workbook></tsRequest>`
	file := strings.TrimSuffix(salesTWB, "\r\n") // the line end before a boundary belongs to the boundary
	tests := map[string]struct{ contentType, body string }{
		"reference, no disposition type": {"multipart/mixed; boundary=b1", crlf("--b1\nContent-Disposition: name=\"request_payload\"\nContent-Type: text/xml\n\n"+
			payload+"\n--b1\nContent-Disposition: name=\"tableau_workbook\"; filename=\"Sales.twb\"\nContent-Type: application/octet-stream\n\n") + file + crlf("\n--b1--\n")},
		"curl, two semicolons and attachment": {"multipart/mixed;; boundary=------------------------2fe110b0d4b1a0a4", crlf("--------------------------2fe110b0d4b1a0a4\n"+
			"Content-Disposition: attachment; name=\"request_payload\"; filename=\"publish-workbook.xml\"\nContent-Type: application/xml\n\n"+payload+
			"\n--------------------------2fe110b0d4b1a0a4\nContent-Disposition: attachment; name=\"tableau_workbook\"; filename=\"MY_WORKBOOK.twb\"\nContent-Type: application/octet-stream\n\n") +
			file + crlf("\n--------------------------2fe110b0d4b1a0a4--\n")},
		"PSTableauREST, type first, unquoted name, encoded file name": {"multipart/mixed; boundary=\"b 3\"; charset=utf-8", crlf("--b 3\nContent-Type: text/xml; charset=utf-8\nContent-Disposition: form-data; name=request_payload\n\n"+
			payload+"\n--b 3\nContent-Type: application/octet-stream\nContent-Disposition: form-data; name=tableau_workbook; filename=x.twb; filename*=utf-8''%C3%BCber.twb\n\n") + file + crlf("\n--b 3--\n")},
		"tableau_tools, whole path, no line end at the end": {"multipart/mixed; boundary=b4", crlf("--b4\nContent-Disposition: name=\"request_payload\"\nContent-Type: text/xml\n\n"+payload+
			"\n--b4\nContent-Disposition: name=\"tableau_workbook\"; filename=\"/home/me/v1.2/Sales.twb\"\nContent-Type: application/octet-stream\n\n") + file + crlf("\n--b4--")},
		"Windows path": {"multipart/mixed; boundary=b5", crlf("--b5\nContent-Disposition: name=\"request_payload\"\nContent-Type: text/xml\n\n"+payload+
			"\n--b5\nContent-Disposition: name=\"tableau_workbook\"; filename=\"C:\\a;b\\Sales.twb\"\n\n") + file + crlf("\n--b5--\n")},
		"hand-written, LF and a blank preamble": {"multipart/mixed; boundary=b6", "\n--b6\nContent-Disposition: name=\"request_payload\"\nContent-Type: text/xml\n\n" + payload +
			"\n--b6\nContent-Disposition: name=\"tableau_workbook\"; filename=\"Sales.twb\"\nContent-Type: application/octet-stream\n\n" + file + "\n--b6--\n"},
		"TSC, raw UTF-8 and %22 in the name": {"multipart/mixed; boundary=b7", crlf("--b7\nContent-Disposition: form-data; name=\"request_payload\"; filename=\"\"\nContent-Type: text/xml\n\n"+payload+
			"\n--b7\nContent-Disposition: form-data; name=\"tableau_workbook\"; filename=\"Ü %22x%22.twb\"\nContent-Type: application/octet-stream\n\n") + file + crlf("\n--b7--\n")},
		"Java, name last, commas and colons in quotes": {"multipart/mixed; boundary=Boundary_1_12345_67890", crlf("--Boundary_1_12345_67890\nContent-Type: text/plain\nContent-Disposition: form-data; name=\"request_payload\"\n\n"+payload+
			"\n--Boundary_1_12345_67890\nContent-Type: application/octet-stream\nContent-Disposition: form-data; filename=\"Sales.twb\"; modification-date=\"Mon, 02 Mar 2026 10:00:00 GMT; x\"; size=1387; name=\"tableau_workbook\"\n\n") + file + crlf("\n--Boundary_1_12345_67890--\n")},
		"file first": {"multipart/mixed; boundary=b9", crlf("--b9\nContent-Disposition: name=\"tableau_workbook\"; filename=\"Sales.twb\"\n\n") + file +
			crlf("\n--b9\nContent-Disposition: name=\"request_payload\"\n\n"+payload+"\n--b9--\n")},
		"form-data":                         {"multipart/form-data; boundary=b10", crlf("--b10\nContent-Disposition: form-data; name=\"request_payload\"\n\n"+payload+"\n--b10\nContent-Disposition: form-data; name=\"tableau_workbook\"; filename=\"Sales.twb\"\n\n") + file + crlf("\n--b10--\n")},
		"no boundary told":                  {"multipart/mixed", crlf("--b11\nContent-Disposition: form-data; name=\"request_payload\"\n\n"+payload+"\n--b11\nContent-Disposition: form-data; name=\"tableau_workbook\"; filename=\"Sales.twb\"\n\n") + file + crlf("\n--b11--\n")},
		"no file name":                      {"multipart/mixed; boundary=b12", crlf("--b12\nContent-Disposition: form-data; name=\"request_payload\"\n\n"+payload+"\n--b12\nContent-Disposition: form-data; name=\"tableau_workbook\"\n\n") + file + crlf("\n--b12--\n")},
		"colon in the boundary, upper case": {"Multipart/Mixed; Boundary=a:b", crlf("--a:b\nCONTENT-DISPOSITION: FORM-DATA; NAME=\"request_payload\"\n\n"+payload+"\n--a:b\nContent-Disposition: form-data; Name=\"tableau_workbook\"; FileName=\"SALES.TWB\"\n\n") + file + crlf("\n--a:b--\n")},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := start(t)
			w.sendBytes("POST S/workbooks HTTP/1.1\nX-Tableau-Auth:TOKEN\nContent-Type: "+test.contentType, []byte(test.body)).
				wantStatus(201).wantIn(`<workbook id="#1" name="Sales"`, `<view id="#4" name="Tale of 100 Start-ups"`)
			w.wantContent("workbooks/LUID1/content", file)
		})
	}
}

func TestMultipartRefused(t *testing.T) {
	t.Parallel()
	const payload = "--b\r\nContent-Disposition: name=\"request_payload\"\r\n\r\n<tsRequest><workbook name=\"Sales\"/></tsRequest>\r\n"
	const file = "--b\r\nContent-Disposition: name=\"tableau_workbook\"; filename=\"Sales.twb\"\r\n\r\n<workbook/>\r\n"
	tests := map[string]struct{ contentType, body, detail string }{
		"no body":           {"multipart/mixed; boundary=b", "", "cannot be read"},
		"not multipart":     {"text/xml", "<tsRequest/>", "boundary"},
		"other boundary":    {"multipart/mixed; boundary=c", payload + file + "--b--", "cannot be read"},
		"cut off":           {"multipart/mixed; boundary=b", payload + file[:len(file)-6], "cannot be read"},
		"no file":           {"multipart/mixed; boundary=b", payload + "--b--", "tableau_workbook"},
		"no payload":        {"multipart/mixed; boundary=b", file + "--b--", "workbook with a name"},
		"two files":         {"multipart/mixed; boundary=b", payload + file + file + "--b--", "more than one"},
		"other part":        {"multipart/mixed; boundary=b", payload + strings.ReplaceAll(file, "_workbook", "_datasource") + "--b--", "tableau_datasource"},
		"part with no name": {"multipart/mixed; boundary=b", "--b\r\n\r\nx\r\n--b--", "neither"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := start(t)
			w.sendBytes("POST S/workbooks HTTP/1.1\nX-Tableau-Auth: TOKEN\nContent-Type: "+test.contentType, []byte(test.body)).
				wantError(400000, test.detail)
		})
	}
}

func TestParseDisposition(t *testing.T) {
	t.Parallel()
	tests := map[string][2]string{
		``:                                   {"", ""},
		`form-data`:                          {"", ""},
		`name="a"; filename="C:\x\"`:         {"a", ""},
		`name="a"; filename="C:\x\y.twb"`:    {"a", "y.twb"},
		`name="a"; filename="\"q\" b.twb"`:   {"a", `"q" b.twb`},
		`filename="a;b=c.twb" ; name = "a"`:  {"a", "a;b=c.twb"},
		`name="a"; filename*=UTF-8''%zz.twb`: {"a", ""},
	}
	for header, want := range tests {
		if name, fileName := parseDisposition(header); name != want[0] || fileName != want[1] {
			t.Errorf("parseDisposition(%s) = %q, %q, want %q", header, name, fileName, want)
		}
	}
}

func FuzzParseDisposition(f *testing.F) {
	f.Add(`form-data; name="a"; filename="C:\x\"; filename*=UTF-8''%C3%BC`)
	f.Fuzz(func(t *testing.T, header string) {
		if _, fileName := parseDisposition(header); strings.ContainsAny(fileName, `/\`) {
			t.Errorf("parseDisposition(%q) left a directory in %q", header, fileName)
		}
	})
}
