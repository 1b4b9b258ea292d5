package emulator

import (
	"strings"
	"testing"
)

// control sends a request to one of the paths that steer the server, and returns the status and the body.
func (w *world) control(request string) string {
	w.t.Helper()
	head, body, _ := strings.Cut(request, "\n\n")
	answer := w.raw(head, body)
	head, body, _ = strings.Cut(answer, "\r\n\r\n")
	return head[len("HTTP/1.1 "):][:3] + " " + strings.TrimSpace(body)
}

func TestControl(t *testing.T) {
	t.Parallel()
	const declared = " HTTP/1.1\nContent-Type: application/json\n\n"
	w := start(t, WithControl(), WithFault(Fault{Path: "/nothing"}))
	for _, test := range []struct{ request, want string }{
		{"GET /emulator/faults HTTP/1.1\n\n", `200 {"faults":[{"path":"/nothing","seen":0}]}`},
		{"DELETE /emulator/faults HTTP/1.1\n\n", `200 {"faults":[]}`},
		{
			"POST /emulator/faults" + declared + `{"method":"GET","path":"/sites/*/projects","stage":"after","answer":{"code":503000,"header":{"Retry-After":"5"}}}`,
			`200 {"faults":[{"method":"GET","path":"/sites/*/projects","stage":"after","answer":{"code":503000,"header":{"Retry-After":"5"}},"seen":0}]}`,
		},
		{"POST /emulator/faults HTTP/1.1\n\n{}", `415 {"error":"the body is not declared as application/json"}`},
		{"POST /emulator/faults" + declared + `{"x":1}`, `400 {"error":"400000: The fault cannot be read: json: unknown field \"x\"."}`},
		{"PUT /emulator/faults" + declared + `{}`, `405 {"error":"the method PUT is not for \"/emulator/faults\""}`},
		{"GET /emulator/nothing HTTP/1.1\n\n", `404 {"error":"there is nothing at \"/emulator/nothing\""}`},
		{"GET /emulator/clock HTTP/1.1\n\n", `200 {"now":"2026-03-02T10:00:00Z"}`},
		{"POST /emulator/clock" + declared + `{"advance":"1h30m"}`, `200 {"now":"2026-03-02T11:30:00Z"}`},
		{"POST /emulator/clock" + declared + `{"advance":"-1s"}`, `400 {"error":"time does not go back by 1s"}`},
		{"POST /emulator/clock" + declared + `{"advance":"soon"}`, `400 {"error":"time: invalid duration \"soon\""}`},
	} {
		if got := w.control(test.request); got != test.want {
			t.Errorf("%s\n got %s\nwant %s", test.request, got, test.want)
		}
	}
	if a := w.get("projects"); a.status != 503 || a.header.Get("Retry-After") != "5" || a.header.Get("Date") != "Mon, 02 Mar 2026 11:30:00 GMT" {
		t.Errorf("the fault did not strike: %s", a.body)
	}
	if got := w.control("GET /emulator/faults HTTP/1.1\n\n"); !strings.Contains(got, `"seen":1`) {
		t.Error(got)
	}
	w.control("DELETE /emulator/faults HTTP/1.1\n\n")
	w.get("projects").wantStatus(200)
	w.send("POST S/projects" + askXML + `<tsRequest><project name="North"/></tsRequest>`).wantIn(`createdAt="2026-03-02T11:30:00Z"`)
	w.send("POST /emulator/clock" + declared + `{"advance":"5h"}`)
	w.get("projects").wantError(401002, "")
}

// The fault in a header is that of its request alone.
func TestFaultHeader(t *testing.T) {
	t.Parallel()
	w := start(t, WithControl())
	ask := func(fault string) *answer {
		return w.send("GET S/projects HTTP/1.1\nX-Tableau-Auth: TOKEN\nX-Emulator-Fault: " + fault + "\n\n")
	}
	ask(`{"answer":{"code":429000,"detail":"Slow down."}}`).wantError(429000, "Slow down.")
	ask(`{"garble":{"sparse":true},"path":"/other"}`).wantStatus(200).wantIn(`name="Default"><owner`)
	ask(`{"nothing":1}`).wantError(400000, "unknown field")
	w.get("projects").wantStatus(200)
}

// A server that is not to be steered has none of this.
func TestNoControl(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.send("GET /emulator/faults HTTP/1.1\n\n").wantError(404003, "/emulator/faults")
	w.send("GET S/projects HTTP/1.1\nX-Tableau-Auth: TOKEN\nX-Emulator-Fault: {}\n\n").wantStatus(200)
}
