package rest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"
)

// A Webhook is a URL that is told when something happens on the site ("Get Webhook").
type Webhook struct {
	LUID      string       `api:"@id"`
	Name      string       `api:"@name"`
	Event     WebhookEvent `api:"@event"`
	URL       string       `api:"webhook-destination/webhook-destination-http/@url"`
	Enabled   bool         `api:"@isEnabled"`
	Reason    string       `api:"@statusChangeReason"` // why it was disabled
	OwnerLUID string       `api:"owner/@id"`
	OwnerName string       `api:"owner/@name"`
	CreatedAt time.Time    `api:"@createdAt"`
	UpdatedAt time.Time    `api:"@updatedAt"`
}

// A WebhookEvent is what a webhook is told of, under the API event name of "Webhooks Events and Payloads". Others than the ones
// below may be given as they are written there.
type WebhookEvent string

// The events.
const (
	DatasourceCreated          WebhookEvent = "webhook-source-event-datasource-created"
	DatasourceUpdated          WebhookEvent = "webhook-source-event-datasource-updated"
	DatasourceDeleted          WebhookEvent = "webhook-source-event-datasource-deleted"
	DatasourceRefreshStarted   WebhookEvent = "webhook-source-event-datasource-refresh-started"
	DatasourceRefreshSucceeded WebhookEvent = "webhook-source-event-datasource-refresh-succeeded"
	DatasourceRefreshFailed    WebhookEvent = "webhook-source-event-datasource-refresh-failed"
	WorkbookCreated            WebhookEvent = "webhook-source-event-workbook-created"
	WorkbookUpdated            WebhookEvent = "webhook-source-event-workbook-updated"
	WorkbookDeleted            WebhookEvent = "webhook-source-event-workbook-deleted"
	WorkbookRefreshStarted     WebhookEvent = "webhook-source-event-workbook-refresh-started"
	WorkbookRefreshSucceeded   WebhookEvent = "webhook-source-event-workbook-refresh-succeeded"
	WorkbookRefreshFailed      WebhookEvent = "webhook-source-event-workbook-refresh-failed"
	ViewDeleted                WebhookEvent = "webhook-source-event-view-deleted"
	FlowCompleted              WebhookEvent = "webhook-source-event-flow-completed"
	LabelCreated               WebhookEvent = "webhook-source-event-label-created"
	LabelUpdated               WebhookEvent = "webhook-source-event-label-updated"
	LabelDeleted               WebhookEvent = "webhook-source-event-label-deleted"
	UserDeleted                WebhookEvent = "webhook-source-event-user-deleted"
	UserPromotedToAdmin        WebhookEvent = "webhook-event-user-promoted-admin"
	UserDemotedFromAdmin       WebhookEvent = "webhook-event-user-demoted-admin"
)

// WebhooksService works with webhooks (API 3.6): messages of a site to a URL when something happens, such as
// [WorkbookRefreshFailed]. It is for administrators.
type WebhooksService struct{ s *Session }

// All lists the webhooks of the site ("List Webhooks", API 3.6).
func (ws *WebhooksService) All(ctx context.Context) ([]Webhook, error) {
	answer, err := ws.s.call(ctx, &request{op: "List Webhooks", since: Version{3, 6}, method: http.MethodGet, path: "webhooks"})
	if err != nil {
		return nil, fmt.Errorf("listing the webhooks: %w", err)
	}
	return convert(answer.below([]string{"webhooks", "webhook"}), decodeWebhook), nil
}

// decodeWebhook reads a webhook. The event is the name of an element; the attribute beside it is there on some servers, and
// spelled in another way.
func decodeWebhook(e *element) Webhook {
	w := decodeElement[Webhook](e)
	if source := e.child("webhook-source"); source != nil && len(source.children) > 0 {
		w.Event = WebhookEvent(source.children[0].name)
	}
	return w
}

// ByLUID reads a webhook ("Get Webhook", API 3.6).
func (ws *WebhooksService) ByLUID(ctx context.Context, luid string) (Webhook, error) {
	q, err := ws.request(http.MethodGet, "Get Webhook", luid, "")
	var w Webhook
	if err == nil {
		w, err = ws.answered(ctx, q)
	}
	if err != nil {
		return Webhook{}, fmt.Errorf("reading webhook %q: %w", luid, err)
	}
	return w, nil
}

// ByName finds a webhook by its exact name. The errors are a [*NotFoundError], which lists the webhooks there are, and an
// [*AmbiguousError].
func (ws *WebhooksService) ByName(ctx context.Context, name string) (Webhook, error) {
	found, err := only("webhook", name, "", each(ws.All(ctx)), func(w Webhook) bool { return w.Name == name },
		func(w Webhook) string { return fmt.Sprintf("%s for %s", w.LUID, w.Event) }, func(w Webhook) string { return w.Name })
	if err != nil {
		return Webhook{}, fmt.Errorf("finding webhook %q: %w", name, err)
	}
	return found, nil
}

// Find is ByLUID for what looks like a LUID, and else ByName.
func (ws *WebhooksService) Find(ctx context.Context, nameOrLUID string) (Webhook, error) {
	if luidForm.MatchString(nameOrLUID) {
		return ws.ByLUID(ctx, nameOrLUID)
	}
	return ws.ByName(ctx, nameOrLUID)
}

// WebhookCreate describes a webhook to make. All is required.
type WebhookCreate struct {
	Name  string `api:"@name"`
	Event WebhookEvent
	URL   string // where the messages go, by POST; servers want https with a certificate they trust. No error shows it: it may hold a key
}

// Create makes a webhook ("Create Webhook", API 3.6). When the outcome of the request is unclear, one of the same name, event
// and URL counts as made.
func (ws *WebhooksService) Create(ctx context.Context, c WebhookCreate) (Webhook, error) {
	made, err := ws.create(ctx, c)
	if err != nil {
		return Webhook{}, fmt.Errorf("creating webhook %q: %w", c.Name, err)
	}
	return made, nil
}

func (ws *WebhooksService) create(ctx context.Context, c WebhookCreate) (Webhook, error) {
	errs := []error{checkDestination(c.URL)}
	if c.Name == "" || c.Event == "" {
		errs = append(errs, errors.New("a webhook has a name and an event"))
	}
	if err := errors.Join(errs...); err != nil {
		return Webhook{}, err
	}
	q := &request{op: "Create Webhook", since: Version{3, 6}, method: http.MethodPost, path: "webhooks", once: true, secrets: []string{c.URL}}
	if err := q.carry(webhookElement(c, &c.Event, &c.URL)); err != nil {
		return Webhook{}, err
	}
	send := func() (Webhook, error) { return ws.answered(ctx, q) }
	return makeOnce(ctx, send, func() (Webhook, bool, error) {
		all, err := ws.All(ctx)
		for _, w := range all {
			if w.Name == c.Name && w.Event == c.Event && w.URL == c.URL {
				return w, true, nil
			}
		}
		return Webhook{}, false, err
	})
}

// WebhookUpdate says what to change of a webhook; what is nil stays as it is.
type WebhookUpdate struct {
	Name    *string `api:"@name"`
	Enabled *bool   `api:"@isEnabled"`
	Reason  *string `api:"@statusChangeReason"` // why it is disabled
	Event   *WebhookEvent
	URL     *string
}

// Update changes a webhook, or switches it on and off ("Update Webhook", API 3.6).
func (ws *WebhooksService) Update(ctx context.Context, luid string, u WebhookUpdate) (Webhook, error) {
	q, err := ws.request(http.MethodPut, "Update Webhook", luid, "")
	if u.URL != nil {
		err = errors.Join(err, checkDestination(*u.URL))
	}
	if u.Event != nil && *u.Event == "" {
		err = errors.Join(err, errors.New("the event is empty"))
	}
	if err == nil {
		q.secrets = []string{deref(u.URL)}
		err = q.carry(webhookElement(u, u.Event, u.URL))
	}
	var w Webhook
	if err == nil {
		w, err = ws.answered(ctx, q)
	}
	if err != nil {
		return Webhook{}, fmt.Errorf("updating webhook %q: %w", luid, err)
	}
	return w, nil
}

// Delete deletes a webhook ("Delete Webhook", API 3.6).
func (ws *WebhooksService) Delete(ctx context.Context, luid string) error {
	q, err := ws.request(http.MethodDelete, "Delete Webhook", luid, "")
	if err == nil {
		err = ws.s.remove(ctx, q)
	}
	if err != nil {
		return fmt.Errorf("deleting webhook %q: %w", luid, err)
	}
	return nil
}

// A WebhookTest is what came of a test message.
type WebhookTest struct {
	LUID   string `api:"@id"`
	Status int    `api:"@status"`     // HTTP status of the URL's answer
	Body   string `api:"body/text()"` // the answer, or why there was none
}

// Test has the server send a test message to the URL of a webhook ("Test Webhook", API 3.6). It is sent once: a request whose
// outcome is unclear is not repeated.
func (ws *WebhooksService) Test(ctx context.Context, luid string) (WebhookTest, error) {
	q, err := ws.request(http.MethodGet, "Test Webhook", luid, "/test")
	var t WebhookTest
	if err == nil {
		q.once = true
		t, err = read[WebhookTest](ctx, ws.s, q, "webhookTestResult")
	}
	if err != nil {
		return WebhookTest{}, fmt.Errorf("testing webhook %q: %w", luid, err)
	}
	return t, nil
}

// webhookElement writes a webhook; its event is the name of an element.
func webhookElement(item any, event *WebhookEvent, url *string) *element {
	e := encodeElement("webhook", item)
	if event != nil {
		e.add(newElement("webhook-source", newElement(string(*event))))
	}
	if url != nil {
		e.add(newElement("webhook-destination", newElement("webhook-destination-http").set("method", http.MethodPost).set("url", *url)))
	}
	return e
}

// answered sends a request that is answered by a webhook.
func (ws *WebhooksService) answered(ctx context.Context, q *request) (Webhook, error) {
	answer, err := ws.s.call(ctx, q)
	if err == nil && answer.child("webhook") == nil {
		err = missing("webhook")
	}
	if err != nil {
		return Webhook{}, err
	}
	return decodeWebhook(answer.child("webhook")), nil
}

// request is a call about one webhook; rest is what follows its LUID in the path.
func (ws *WebhooksService) request(method, op, luid, rest string) (*request, error) {
	if err := checkLUID("webhook", luid); err != nil {
		return nil, err
	}
	return &request{op: op, since: Version{3, 6}, method: method, path: "webhooks/" + segments(luid) + rest}, nil
}

// checkDestination refuses what no message can be sent to. The URL is not repeated in the error: it may hold a key.
func checkDestination(destination string) error {
	u, err := url.Parse(destination)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return errors.New("the URL of a webhook is of the form https://host/path")
	}
	return nil
}
