package rest

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"strings"
)

// A Subscription is mail to a user with what a view or a workbook shows, as often as its schedule has it ("Get Subscription").
type Subscription struct {
	LUID            string   `api:"@id"`
	Subject         string   `api:"@subject"`
	Message         string   `api:"@message"`
	AttachImage     bool     `api:"@attachImage"`
	AttachPDF       bool     `api:"@attachPdf"`
	PageOrientation string   `api:"@pageOrientation"` // of the PDF: PORTRAIT or LANDSCAPE
	PageSize        string   `api:"@pageSizeOption"`  // of the PDF, such as A4 or LETTER
	Suspended       bool     `api:"@suspended"`
	OnRefresh       bool     `api:"@refreshExtractTriggered"` // sent when the extract has been refreshed, on no schedule
	ContentType     string   `api:"content/@type"`            // SubscribedView or SubscribedWorkbook
	ContentLUID     string   `api:"content/@id"`
	ContentName     string   `api:"content/@name"`
	CustomViewLUID  string   `api:"content/@customViewId"`
	SendIfViewEmpty bool     `api:"content/@sendIfViewEmpty"`
	Schedule        Schedule `api:"schedule"` // LUID and name; on Tableau Cloud times alone
	UserLUID        string   `api:"user/@id"`
	UserName        string   `api:"user/@name"`
}

// What can be subscribed to.
const (
	SubscribedView     = "View"
	SubscribedWorkbook = "Workbook"
)

// SubscriptionsService works with subscriptions (API 2.3): views and workbooks that users get by mail, on a schedule or, with
// Tableau Cloud, at times of their own.
type SubscriptionsService struct{ s *Session }

// All lists the subscriptions of the site, all of them to administrators and to others their own ("List Subscriptions", API
// 2.3). The list takes no filters.
func (ss *SubscriptionsService) All(ctx context.Context, q Query) iter.Seq2[Subscription, error] {
	return listing[Subscription]{
		op: "List Subscriptions", since: Version{2, 3}, path: "subscriptions", query: q, items: []string{"subscriptions", "subscription"},
	}.all(ctx, ss.s)
}

// ByLUID reads a subscription ("Get Subscription", API 2.3).
func (ss *SubscriptionsService) ByLUID(ctx context.Context, luid string) (Subscription, error) {
	q, err := ss.request(http.MethodGet, "Get Subscription", luid)
	var n Subscription
	if err == nil {
		n, err = read[Subscription](ctx, ss.s, q, "subscription")
	}
	if err != nil {
		return Subscription{}, fmt.Errorf("reading subscription %q: %w", luid, err)
	}
	return n, nil
}

// SubscriptionCreate describes a subscription to make. Required are Subject, ContentType, ContentLUID, UserLUID, and on Tableau
// Server ScheduleLUID, on Tableau Cloud Frequency.
type SubscriptionCreate struct {
	Subject         string     `api:"@subject"`
	AttachImage     *bool      `api:"@attachImage"` // nil for the server's choice, which is true
	AttachPDF       bool       `api:"@attachPdf"`
	Message         string     `api:"@message"`
	PageOrientation string     `api:"@pageOrientation"` // of the PDF: PORTRAIT or LANDSCAPE
	PageSize        string     `api:"@pageSizeOption"`  // of the PDF, such as A4 or LETTER
	ContentType     string     `api:"content/@type"`    // SubscribedView or SubscribedWorkbook, in any case
	ContentLUID     string     `api:"content/@id"`
	CustomViewLUID  string     `api:"content/@customViewId"`    // a custom view of the view
	SendIfViewEmpty *bool      `api:"content/@sendIfViewEmpty"` // nil for the server's choice, which is true
	ScheduleLUID    string     `api:"schedule/@id"`             // a schedule for subscriptions
	Frequency       *Frequency `api:"schedule"`                 // times of its own, instead of a schedule
	UserLUID        string     `api:"user/@id"`                 // who gets the mail
}

func (c SubscriptionCreate) check() error {
	var errs []error
	for _, required := range []struct{ what, value string }{
		{"subject", c.Subject}, {"LUID of the content", c.ContentLUID}, {"LUID of the user", c.UserLUID},
	} {
		if required.value == "" {
			errs = append(errs, fmt.Errorf("the %s is empty", required.what))
		}
	}
	errs = append(errs, checkWord("type of content", c.ContentType, SubscribedView, SubscribedWorkbook))
	if (c.ScheduleLUID == "") == (c.Frequency == nil) {
		errs = append(errs, errors.New("a subscription has either a schedule or a frequency"))
	}
	if c.Frequency != nil {
		errs = append(errs, c.Frequency.CheckCloud())
	}
	return errors.Join(errs...)
}

// Create subscribes a user to a view or a workbook ("Create Subscription", API 2.3). When the outcome of the request is
// unclear, a subscription to the same content, of the same user, at the same times and with the same subject counts as made.
func (ss *SubscriptionsService) Create(ctx context.Context, c SubscriptionCreate) (Subscription, error) {
	for _, known := range []string{SubscribedView, SubscribedWorkbook} {
		if strings.EqualFold(c.ContentType, known) {
			c.ContentType = known
		}
	}
	made, err := ss.create(ctx, c)
	if err != nil {
		return Subscription{}, fmt.Errorf("creating subscription %q: %w", c.Subject, err)
	}
	return made, nil
}

func (ss *SubscriptionsService) create(ctx context.Context, c SubscriptionCreate) (Subscription, error) {
	if err := c.check(); err != nil {
		return Subscription{}, err
	}
	q := &request{op: "Create Subscription", since: Version{2, 3}, method: http.MethodPost, path: "subscriptions", once: true}
	if err := q.carry(encodeElement("subscription", c)); err != nil {
		return Subscription{}, err
	}
	send := func() (Subscription, error) { return read[Subscription](ctx, ss.s, q, "subscription") }
	return makeOnce(ctx, send, func() (Subscription, bool, error) {
		for n, err := range ss.All(ctx, Query{PageSize: maxPage}) {
			if err != nil || c.describes(n) {
				return n, err == nil, err
			}
		}
		return Subscription{}, false, nil
	})
}

// describes says that a subscription is as it was to be made.
func (c SubscriptionCreate) describes(n Subscription) bool {
	sameTimes := n.Schedule.LUID == c.ScheduleLUID
	if c.Frequency != nil {
		sameTimes = n.Schedule.Kind == c.Frequency.Kind && n.Schedule.Start == c.Frequency.Start
	}
	return sameTimes && n.ContentLUID == c.ContentLUID && n.UserLUID == c.UserLUID && n.Subject == c.Subject &&
		n.CustomViewLUID == c.CustomViewLUID
}

// SubscriptionUpdate says what to change of a subscription; what is nil stays as it is. Who is subscribed to what never
// changes.
type SubscriptionUpdate struct {
	Subject         *string `api:"@subject"`
	AttachImage     *bool   `api:"@attachImage"`
	AttachPDF       *bool   `api:"@attachPdf"`
	Message         *string `api:"@message"`
	PageOrientation *string `api:"@pageOrientation"`
	PageSize        *string `api:"@pageSizeOption"`
	Suspended       *bool   `api:"@suspended"`
	SendIfViewEmpty *bool   `api:"content/@sendIfViewEmpty"`
	ScheduleLUID    *string `api:"schedule/@id"`
}

// Update changes, suspends or resumes a subscription ("Update Subscription", API 2.3).
func (ss *SubscriptionsService) Update(ctx context.Context, luid string, u SubscriptionUpdate) (Subscription, error) {
	q, err := ss.request(http.MethodPut, "Update Subscription", luid)
	if err == nil {
		err = q.carry(encodeElement("subscription", u))
	}
	var n Subscription
	if err == nil {
		n, err = read[Subscription](ctx, ss.s, q, "subscription")
	}
	if err != nil {
		return Subscription{}, fmt.Errorf("updating subscription %q: %w", luid, err)
	}
	return n, nil
}

// Delete ends a subscription ("Delete Subscription", API 2.3).
func (ss *SubscriptionsService) Delete(ctx context.Context, luid string) error {
	q, err := ss.request(http.MethodDelete, "Delete Subscription", luid)
	if err == nil {
		err = ss.s.remove(ctx, q)
	}
	if err != nil {
		return fmt.Errorf("deleting subscription %q: %w", luid, err)
	}
	return nil
}

// request is a call about one subscription.
func (ss *SubscriptionsService) request(method, op, luid string) (*request, error) {
	if err := checkLUID("subscription", luid); err != nil {
		return nil, err
	}
	return &request{op: op, since: Version{2, 3}, method: method, path: "subscriptions/" + segments(luid)}, nil
}
