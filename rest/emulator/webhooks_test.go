package emulator

import (
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
)

const createdHook = `<webhook id="#1" name="hook" event="WorkbookCreated" isEnabled="true" statusChangeReason="" createdAt="2026-03-02T10:00:00Z" updatedAt="2026-03-02T10:00:00Z">` +
	`<webhook-source><webhook-source-event-workbook-created/></webhook-source>` +
	`<webhook-destination><webhook-destination-http method="POST" url="https://example.com/h"/></webhook-destination>` +
	`<owner id="#ADMIN" name="admin"/></webhook>`

// Each client names the event in its own way and gets the same webhook.
func TestCreateWebhook(t *testing.T) {
	t.Parallel()
	const destination = `<webhook-destination><webhook-destination-http method="POST" url="https://example.com/h" /></webhook-destination>`
	tests := map[string]string{
		"TSC-37": "content-type: text/xml\n\n<tsRequest><webhook name=\"hook\"><webhook-source><webhook-source-event-workbook-created /></webhook-source>" + destination + "</webhook></tsRequest>",
		"SMP-10, event": "Content-Type: application/json\n\n" +
			`{"webhook":{"event":"WorkbookCreated","webhook-destination":{"webhook-destination-http":{"method":"POST","url":"https://example.com/h"}},"name":"hook"}}`,
		"SMP-10, source": "Content-Type: application/json\n\n" +
			`{"webhook":{"webhook-source":{"webhook-source-event-workbook-created":{}},"webhook-destination":{"webhook-destination-http":{"method":"POST","url":"https://example.com/h"}},"name":"hook"}}`,
		"both": "\n<tsRequest><webhook name=\"hook\" event=\"workbookcreated\"><webhook-source><webhook-source-event-workbook-created/></webhook-source>" + destination + "</webhook></tsRequest>",
	}
	for name, request := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := start(t)
			w.send("POST S/webhooks HTTP/1.1\nX-Tableau-Auth: TOKEN\n"+request).want(201, createdHook)
			w.get("webhooks").want(200, "<webhooks>"+createdHook+"</webhooks>")
			// SMP-8 reads with a body.
			w.send("GET S/webhooks/LUID1 HTTP/1.1\nX-Tableau-Auth: TOKEN\n\n<tsRequest />").want(200, createdHook)
		})
	}
}

func (w *world) hook(event, url string) *answer {
	w.t.Helper()
	return w.send("POST S/webhooks HTTP/1.1\nX-Tableau-Auth: TOKEN\n\n<tsRequest><webhook name=\"" + event + "\" event=\"" + event + "\">" +
		"<webhook-destination><webhook-destination-http method=\"POST\" url=\"" + url + "\"/></webhook-destination></webhook></tsRequest>")
}

func TestWebhookRefused(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.hook("WorkbookPainted", "https://example.com/h").wantError(400000, "WorkbookPainted")
	w.hook("WorkbookCreated", "file:///etc/passwd").wantError(400000, "file:///etc/passwd")
	w.hook("WorkbookCreated", "").wantError(400000, "destination")
	w.send("POST S/webhooks HTTP/1.1\nX-Tableau-Auth: TOKEN\n\n"+
		`<tsRequest><webhook name="x" event="WorkbookCreated"><webhook-source><webhook-source-event-workbook-deleted/></webhook-source></webhook></tsRequest>`).
		wantError(400000, "not the same")
	w.send("POST S/webhooks HTTP/1.1\nX-Tableau-Auth: TOKEN\n\n<tsRequest/>").wantError(400000, "webhook")
	w.get("webhooks/none").wantError(404029, "none")
	w.get("webhooks").want(200, "<webhooks/>")
}

func TestUpdateWebhook(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.hook("WorkbookCreated", "https://example.com/h").wantStatus(201)
	w.send("PUT S/webhooks/LUID1 HTTP/1.1\nX-Tableau-Auth: TOKEN\n\n" +
		`<tsRequest><webhook isEnabled="false" statusChangeReason="too loud"/></tsRequest>`).
		wantStatus(200).wantIn(`name="WorkbookCreated" event="WorkbookCreated" isEnabled="false" statusChangeReason="too loud"`)
	w.publish("workbook", "", `name="Sales"`, "", "a.twb", salesTWB).wantStatus(201)
	if sent, err := w.server.Deliveries(""); err != nil || len(sent) != 0 {
		t.Errorf("a webhook that is off was sent %v, %v", sent, err)
	}
	w.send("DELETE S/webhooks/LUID1 HTTP/1.1\nX-Tableau-Auth: TOKEN\n\n").wantStatus(204)
	w.get("webhooks/LUID1").wantError(404029, "")
}

// Without a client messages are recorded, in Tableau's form.
func TestDeliveriesAreRecorded(t *testing.T) {
	t.Parallel()
	w := start(t)
	for _, event := range []string{"WorkbookCreated", "WorkbookUpdated", "WorkbookDeleted", "ViewDeleted", "DatasourceCreated"} {
		w.hook(event, "https://example.com/"+event).wantStatus(201)
	}
	w.publish("workbook", "", `name="Sales"`, "", "a.twb", salesTWB).wantStatus(201)
	luid := longLUID.FindString(string(w.get("workbooks").raw[len(xmlHead):]))
	w.publish("workbook", "overwrite=true", `name="Sales"`, "", "a.twb", salesTWB).wantStatus(201)
	w.send("DELETE S/workbooks/" + luid + " HTTP/1.1\nX-Tableau-Auth: TOKEN\n\n").wantStatus(204)
	sent, err := w.server.Deliveries("")
	if err != nil {
		t.Fatal(err)
	}
	var events []string
	for _, d := range sent {
		events = append(events, d.Event)
		if d.Status != 0 || d.URL != "https://example.com/"+d.Event {
			t.Errorf("%+v", d)
		}
	}
	if got := strings.Join(events, " "); got != "WorkbookCreated WorkbookUpdated WorkbookDeleted ViewDeleted ViewDeleted ViewDeleted" {
		t.Errorf("events %s", got)
	}
	want := `{"resource":"WORKBOOK","event_type":"WorkbookCreated","resource_name":"Sales","site_luid":"#SITE","resource_luid":"` +
		w.shorten(luid) + `","created_at":"2026-03-02T10:00:00.000Z"}`
	if got := w.shorten(string(sent[0].Body)); got != want {
		t.Errorf("body %s, want %s", got, want)
	}
	w.get("webhooks/LUID1/test").want(200, `<webhookTestResult id="#1" status="503"><body>The message is recorded. This server does not send any.</body></webhookTestResult>`)
	if _, err := w.server.Deliveries("none"); err == nil {
		t.Error("messages of a site that is not there")
	}
}

func TestDeliveriesAreSent(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var got []string
	receiver := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		mu.Lock()
		defer mu.Unlock()
		got = append(got, r.Header.Get("Content-Type")+" "+string(body))
		rw.WriteHeader(http.StatusTeapot)
		io.WriteString(rw, "short and stout")
	}))
	t.Cleanup(receiver.Close)
	w := start(t, WithWebhookClient(receiver.Client()))
	w.hook("WorkbookCreated", receiver.URL).wantStatus(201)
	w.hook("WorkbookUpdated", "http://127.0.0.1:1").wantStatus(201)
	w.get("webhooks/LUID1/test").want(200, `<webhookTestResult id="#1" status="418"><body>short and stout</body></webhookTestResult>`)
	for range 2 { // the messages are sent when the handler returns, or at the end of an earlier one
		body := tsc(`<tsRequest><workbook name="Sales"/></tsRequest>`, "tableau_workbook", "a.twb", salesTWB)
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/api/3.29/sites/"+w.site+"/workbooks?overwrite=true", strings.NewReader(body))
		r.Header.Set("X-Tableau-Auth", w.token)
		answer := httptest.NewRecorder()
		if w.server.ServeHTTP(answer, r); answer.Code != http.StatusCreated {
			t.Fatalf("%d: %s", answer.Code, answer.Body)
		}
	}
	sent, err := w.server.Deliveries("")
	for err == nil && slices.ContainsFunc(sent, func(d Delivery) bool { return d.Status == 0 && d.Problem == "" }) {
		runtime.Gosched() // the handler of an earlier request has taken it along, and is at it
		sent, err = w.server.Deliveries("")
	}
	if err != nil {
		t.Fatal(err)
	}
	if len(sent) != 3 || sent[0].Status != http.StatusTeapot || sent[1].Status != http.StatusTeapot || sent[2].Problem == "" {
		t.Errorf("deliveries %+v", sent)
	}
	mu.Lock()
	defer mu.Unlock()
	if len(got) != 2 || !strings.HasPrefix(got[1], `application/json {"resource":"WORKBOOK","event_type":"WorkbookCreated"`) {
		t.Errorf("sent: %q", got)
	}
}

// An answer without a body ends before the webhooks are sent: its length says so.
func TestAnswerBeforeWebhooks(t *testing.T) {
	t.Parallel()
	w := start(t, WithWebhookClient(&http.Client{Transport: deaf{}}))
	a := w.send("POST S/encrypt-extracts" + tscXML + "<tsRequest/>").wantStatus(200)
	if got := a.header.Get("Content-Length"); got != "0" {
		t.Errorf("Content-Length %q of an answer without a body, which is %q", got, a.raw)
	}
}
