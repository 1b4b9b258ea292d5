package emulator

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tabtemplate/tabtemplate/rest/emulator/internal/state"
)

var webhookOperations = []operation{
	op("GET", "sites/{site}/webhooks", onSite, nil, listWebhooks).since(3, 6),
	op("POST", "sites/{site}/webhooks", onSite, readXML, createWebhook).since(3, 6),
	op("GET", "sites/{site}/webhooks/{id}", onSite, nil, getWebhook).since(3, 6),
	op("PUT", "sites/{site}/webhooks/{id}", onSite, readXML, updateWebhook).since(3, 6),
	op("DELETE", "sites/{site}/webhooks/{id}", onSite, nil, deleteWebhook).since(3, 6),
	op("GET", "sites/{site}/webhooks/{id}/test", onSite, nil, testWebhook).since(3, 6),
}

// webhookTables are the webhooks of a site and what they were told.
type webhookTables struct {
	webhooks   *state.Table[webhook]
	deliveries *state.Table[delivery]
}

func openWebhooks(store *state.Store, path string) webhookTables {
	return webhookTables{
		webhooks:   state.NewTable(store, path+"webhooks", func(w *webhook) string { return w.LUID }),
		deliveries: state.NewTable(store, path+"deliveries", func(d *delivery) string { return d.LUID }),
	}
}

// webhook is a URL that is told of an event.
type webhook struct {
	LUID, Name, Event, URL string
	Owner                  string // LUID of a user
	Enabled                bool
	StatusChangeReason     string
	CreatedAt, UpdatedAt   time.Time
}

// delivery is one message to a webhook.
type delivery struct {
	LUID, Webhook, Site string // LUIDs
	Event, URL          string
	Body                json.RawMessage
	At                  time.Time
	Status              int // of the answer; 0 when there was none
	Problem             string
}

// maxDeliveries is how many messages a site remembers.
const maxDeliveries = 1000

// webhookEvent is something that webhooks are told of: its name, the name as webhook-source writes it, and what kind of
// resource it is about, after "Webhooks Events and Payloads".
type webhookEvent struct{ name, source, resource string }

var webhookEvents = []webhookEvent{
	{"AdminPromoted", "webhook-event-user-promoted-admin", "USER"},
	{"AdminDemoted", "webhook-event-user-demoted-admin", "USER"},
	{"DatasourceUpdated", "webhook-source-event-datasource-updated", "DATASOURCE"},
	{"DatasourceCreated", "webhook-source-event-datasource-created", "DATASOURCE"},
	{"DatasourceDeleted", "webhook-source-event-datasource-deleted", "DATASOURCE"},
	{"DatasourceRefreshStarted", "webhook-source-event-datasource-refresh-started", "EXTRACTS"},
	{"DatasourceRefreshSucceeded", "webhook-source-event-datasource-refresh-succeeded", "EXTRACTS"},
	{"DatasourceRefreshFailed", "webhook-source-event-datasource-refresh-failed", "EXTRACTS"},
	{"FlowCompleted", "webhook-source-event-flow-completed", "FLOW"},
	{"LabelCreated", "webhook-source-event-label-created", "LABEL"},
	{"LabelUpdated", "webhook-source-event-label-updated", "LABEL"},
	{"LabelDeleted", "webhook-source-event-label-deleted", "LABEL"},
	{"SiteCreated", "webhook-source-event-site-created", "SITE"},
	{"SiteUpdated", "webhook-source-event-site-updated", "SITE"},
	{"SiteDeleted", "webhook-source-event-site-deleted", "SITE"},
	{"UserDeleted", "webhook-source-event-user-deleted", "USER"},
	{"ViewDeleted", "webhook-source-event-view-deleted", "VIEW"},
	{"WorkbookUpdated", "webhook-source-event-workbook-updated", "WORKBOOK"},
	{"WorkbookCreated", "webhook-source-event-workbook-created", "WORKBOOK"},
	{"WorkbookDeleted", "webhook-source-event-workbook-deleted", "WORKBOOK"},
	{"WorkbookRefreshStarted", "webhook-source-event-workbook-refresh-started", "EXTRACTS"},
	{"WorkbookRefreshSucceeded", "webhook-source-event-workbook-refresh-succeeded", "EXTRACTS"},
	{"WorkbookRefreshFailed", "webhook-source-event-workbook-refresh-failed", "EXTRACTS"},
}

// findEvent returns the event by either name, in any case because both spellings are in use with different ones.
func findEvent(name string) *webhookEvent {
	i := slices.IndexFunc(webhookEvents, func(e webhookEvent) bool {
		return strings.EqualFold(e.name, name) || strings.EqualFold(e.source, name)
	})
	if i < 0 {
		return nil
	}
	return &webhookEvents[i]
}

// event tells the webhooks of a site what has happened to a resource of it. The event is one of webhookEvents, by name.
func (s *Server) event(where *site, name, luid, resourceName string, now time.Time) {
	for _, w := range where.webhooks.All() {
		if w.Enabled && w.Event == name {
			s.message(where, w, luid, resourceName, now)
		}
	}
}

// message queues a message to a webhook, and forgets the oldest one when there are too many.
func (s *Server) message(where *site, w *webhook, luid, resourceName string, now time.Time) *delivery {
	body, err := json.Marshal(struct {
		Resource     string `json:"resource"`
		EventType    string `json:"event_type"`
		ResourceName string `json:"resource_name"`
		SiteLUID     string `json:"site_luid"`
		ResourceLUID string `json:"resource_luid"`
		CreatedAt    string `json:"created_at"`
	}{findEvent(w.Event).resource, w.Event, resourceName, where.luid, luid, now.UTC().Format("2006-01-02T15:04:05.000Z")})
	if err != nil {
		panic(err) // strings always have a JSON
	}
	d := &delivery{LUID: s.newID(), Webhook: w.LUID, Site: where.luid, Event: w.Event, URL: w.URL, Body: body, At: now}
	where.deliveries.Put(d)
	if s.webhookClient != nil {
		s.outbox.Put(&outgoing{d.LUID, where.luid})
	}
	if all := where.deliveries.All(); len(all) > maxDeliveries {
		where.deliveries.Delete(all[0].LUID)
	}
	return d
}

// outgoing is a message that nobody has sent yet.
type outgoing struct{ Delivery, Site string }

// deliver sends the messages that wait. It is called without the lock.
func (s *Server) deliver(ctx context.Context) {
	for _, d := range s.takeOutgoing() {
		s.send(ctx, d)
	}
}

// takeOutgoing takes the messages out of the outbox, so that each is sent once.
func (s *Server) takeOutgoing() []*delivery {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.outbox.Len() == 0 {
		return nil
	}
	var taken []*delivery
	s.store.Do(func() error { // an outbox that cannot be written is sent from again
		for _, o := range s.outbox.All() {
			if where := s.site(o.Site); where != nil {
				if d := where.deliveries.Get(o.Delivery); d != nil {
					taken = append(taken, d)
				}
			}
		}
		s.outbox.DeleteFunc(func(*outgoing) bool { return true })
		return nil
	})
	return taken
}

// maxWebhookAnswer is how much of what a webhook answers is read, in bytes.
const maxWebhookAnswer = 4096

// send sends one message and notes what came of it. It returns the answer.
func (s *Server) send(ctx context.Context, d *delivery) (status int, body string) {
	sent := *d
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, d.URL, bytes.NewReader(d.Body))
	if err == nil {
		req.Header.Set("Content-Type", "application/json")
		var resp *http.Response
		if resp, err = s.webhookClient.Do(req); err == nil {
			defer resp.Body.Close()
			answer, _ := io.ReadAll(io.LimitReader(resp.Body, maxWebhookAnswer)) // what can be read of it
			sent.Status, body = resp.StatusCode, string(answer)
		}
	}
	if err != nil {
		sent.Problem, body = err.Error(), err.Error()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if where := s.site(d.Site); where != nil && where.deliveries.Get(d.LUID) != nil {
		s.store.Do(func() error { // a note that cannot be written is only lost
			where.deliveries.Put(&sent)
			return nil
		})
	}
	return sent.Status, body
}

// webhook returns the webhook in the path for those who may see and change it, the administrators.
func (c *call) webhook() (*webhook, error) {
	if err := c.administerSite(); err != nil {
		return nil, err
	}
	if w := c.site.webhooks.Get(c.vars["id"]); w != nil {
		return w, nil
	}
	return nil, refuse(codeNoContent, "Webhook '%s' could not be found.", c.vars["id"])
}

// listWebhooks answers GET webhooks; there is no paging.
func listWebhooks(c *call) (*reply, error) {
	if err := c.administerSite(); err != nil {
		return nil, err
	}
	list := node("webhooks")
	for _, w := range c.site.webhooks.All() {
		list.add(w.render(c.site))
	}
	return ok(list), nil
}

// getWebhook answers GET webhooks/{id}.
func getWebhook(c *call) (*reply, error) {
	w, err := c.webhook()
	if err != nil {
		return nil, err
	}
	return ok(w.render(c.site)), nil
}

// createWebhook answers POST webhooks.
func createWebhook(c *call) (*reply, error) {
	if err := c.administerSite(); err != nil {
		return nil, err
	}
	now := stamp(c.now)
	w := &webhook{LUID: c.server.newID(), Owner: c.user.LUID, Enabled: true, CreatedAt: now, UpdatedAt: now}
	if err := w.change(c); err != nil {
		return nil, err
	}
	if w.Name == "" || w.Event == "" || w.URL == "" {
		return nil, refuse(codeMalformed, "A webhook needs a name, an event and a destination.")
	}
	c.site.webhooks.Put(w)
	return created(c.path("webhooks", w.LUID), w.render(c.site)), nil
}

// updateWebhook answers PUT webhooks/{id}. Only what the request holds changes.
func updateWebhook(c *call) (*reply, error) {
	w, err := c.webhook()
	if err != nil {
		return nil, err
	}
	changed := *w
	if err := changed.change(c); err != nil {
		return nil, err
	}
	changed.UpdatedAt = stamp(c.now)
	c.site.webhooks.Put(&changed)
	return ok(changed.render(c.site)), nil
}

// change puts into w what the request says of it.
func (w *webhook) change(c *call) error {
	body := c.body.child("webhook")
	if body == nil {
		return refuse(codeMalformed, "The request body has no webhook.")
	}
	if name := body.attr("name"); name != "" {
		w.Name = name
	}
	event, err := eventOf(body)
	if err != nil {
		return err
	}
	if event != nil {
		w.Event = event.name
	}
	if address := body.child("webhook-destination").child("webhook-destination-http").attr("url"); address != "" {
		if u, err := url.Parse(address); err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
			return refuse(codeMalformed, "The destination '%s' is not a URL of http or https.", address)
		}
		w.URL = address
	}
	if err := body.readFlag("isEnabled", &w.Enabled); err != nil {
		return err
	}
	if reason, given := body.lookup("statusChangeReason"); given {
		w.StatusChangeReason = reason
	}
	return nil
}

// eventOf returns the event a request names, as an attribute or as an element of webhook-source, nil for none. When it
// names two they must be the same.
func eventOf(body *element) (*webhookEvent, error) {
	var named []string
	if name := body.attr("event"); name != "" {
		named = append(named, name)
	}
	if source := body.child("webhook-source"); source != nil {
		for _, e := range source.children {
			named = append(named, e.name)
		}
	}
	var event *webhookEvent
	for _, name := range named {
		found := findEvent(name)
		if found == nil {
			return nil, refuse(codeMalformed, "There is no event '%s'.", name)
		}
		if event != nil && found != event {
			return nil, refuse(codeMalformed, "The events '%s' and '%s' are not the same.", event.name, found.name)
		}
		event = found
	}
	return event, nil
}

// deleteWebhook answers DELETE webhooks/{id}.
func deleteWebhook(c *call) (*reply, error) {
	w, err := c.webhook()
	if err != nil {
		return nil, err
	}
	c.site.webhooks.Delete(w.LUID)
	return noContent(), nil
}

// testWebhook answers GET webhooks/{id}/test: it sends a message about the webhook itself and tells what came back.
// Without a client to send with, the message is only recorded, and the answer says so.
func testWebhook(c *call) (*reply, error) {
	w, err := c.webhook()
	if err != nil {
		return nil, err
	}
	d := c.server.message(c.site, w, w.LUID, w.Name, c.now)
	c.server.outbox.Delete(d.LUID)
	answer := ok(node("webhookTestResult"))
	answer.complete = func(ctx context.Context) {
		status, body := http.StatusServiceUnavailable, "The message is recorded. This server does not send any."
		if c.server.webhookClient != nil {
			status, body = c.server.send(ctx, d)
		}
		answer.body[0] = node("webhookTestResult", textNode("body", body)).
			with("id", w.LUID).with("status", strconv.Itoa(status))
	}
	return answer, nil
}

func (w *webhook) render(where *site) *element {
	source := findEvent(w.Event).source
	return node("webhook",
		node("webhook-source", node(source)),
		node("webhook-destination", node("webhook-destination-http").with("method", http.MethodPost).with("url", w.URL)),
		node("owner").with("id", w.Owner).with("name", where.userName(w.Owner))).
		with("id", w.LUID).
		with("name", w.Name).
		with("event", w.Event).
		withBool("isEnabled", w.Enabled).
		with("statusChangeReason", w.StatusChangeReason).
		with("createdAt", formatTime(w.CreatedAt)).
		with("updatedAt", formatTime(w.UpdatedAt))
}

// Delivery is a message to a webhook.
type Delivery struct {
	// URL is where it goes, Event is what it tells of, such as WorkbookCreated.
	URL, Event string
	// Body is the JSON of the message.
	Body []byte
	// Time is when the event was.
	Time time.Time
	// Status is the HTTP status of the answer, 0 when the message was not sent or not answered.
	Status int
	// Problem tells why there was no answer; "" when there was one, or when the message was not sent.
	Problem string
}

// Deliveries returns the messages to the webhooks of a site, the oldest first and at most the last 1000. The site is
// given by its content URL, "" for the Default site. Messages are sent only with [WithWebhookClient].
func (s *Server) Deliveries(siteContentURL string) ([]Delivery, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	where := s.siteByContentURL(siteContentURL)
	if where == nil {
		return nil, fmt.Errorf("messages of site %q: there is no such site", siteContentURL)
	}
	var deliveries []Delivery
	for _, d := range where.deliveries.All() {
		deliveries = append(deliveries, Delivery{d.URL, d.Event, slices.Clone(d.Body), d.At, d.Status, d.Problem})
	}
	return deliveries, nil
}
