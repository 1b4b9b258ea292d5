package emulator

import (
	"cmp"
	"strings"
)

var subscriptionOperations = []operation{
	op("GET", "sites/{site}/subscriptions", onSite, nil, listSubscriptions).since(2, 3),
	op("POST", "sites/{site}/subscriptions", onSite, readXML, createSubscription).since(2, 3),
	op("GET", "sites/{site}/subscriptions/{id}", onSite, nil, getSubscription).since(2, 3),
	op("PUT", "sites/{site}/subscriptions/{id}", onSite, readXML, updateSubscription).since(2, 3),
	op("DELETE", "sites/{site}/subscriptions/{id}", onSite, nil, deleteSubscription).since(2, 3),
}

// The codes of the reference's "Subscriptions Methods".
const (
	codeSubject                = 400067
	codeSubscribedType         = 400068
	codeSubscriptionSchedule   = 400069
	codeSubscriptionUnreadable = 403058
	codeUnsubscribeForbidden   = 403059
	codeSubscribeForbidden     = 403060
	codeSubscriberUnable       = 403063 // the subscriber may not read the content
	codeSubscriptionUpdate     = 403065
	codeNoSubscription         = 404025
)

// subscription is mail to a user, with what a view or workbook shows, as often as a schedule has it.
type subscription struct {
	LUID, Subject, Message string
	AttachImage, AttachPDF bool
	PageOrientation        string // as given
	PageSize               string // as given
	Suspended              bool
	ContentType            string // View or Workbook
	Content                string // LUID
	SendIfViewEmpty        bool
	Schedule, User         string // LUIDs
}

// subscribable are the kinds of content that people subscribe to, as answers spell them.
var subscribable = []string{"View", "Workbook"}

// listSubscriptions answers GET subscriptions: all for administrators, their own for others.
func listSubscriptions(c *call) (*reply, error) {
	var list []*subscription
	for _, n := range c.site.subscriptions.All() {
		if c.user.isAdministrator() || n.User == c.user.LUID {
			list = append(list, n)
		}
	}
	return listing[*subscription]{
		name: "subscriptions", items: list,
		render: func(n *subscription) *element { return n.render(c) },
	}.reply(c)
}

// subscription returns the one in the path. It is for its user and administrators; others are refused with the code.
func (c *call) subscription(code int) (*subscription, error) {
	n := c.site.subscriptions.Get(c.vars["id"])
	switch {
	case n == nil:
		return nil, refuse(codeNoSubscription, "Subscription '%s' could not be found.", c.vars["id"])
	case n.User != c.user.LUID && !c.user.isAdministrator():
		return nil, refuse(code, "User '%s' may not use subscription '%s'.", c.user.LUID, n.LUID)
	}
	return n, nil
}

// getSubscription answers GET subscriptions/{id}.
func getSubscription(c *call) (*reply, error) {
	n, err := c.subscription(codeSubscriptionUnreadable)
	if err != nil {
		return nil, err
	}
	return ok(n.render(c)), nil
}

// createSubscription answers POST subscriptions.
func createSubscription(c *call) (*reply, error) {
	body := c.body.child("subscription")
	if body.child("content") == nil || body.child("schedule") == nil || body.child("user") == nil {
		return nil, refuse(codeSubscription, "The subscription '%s' has no content, no schedule or no user.", body.attr("subject"))
	}
	n := &subscription{LUID: c.server.newID(), AttachImage: true, SendIfViewEmpty: true}
	to, err := c.person(body.child("user").attr("id"))
	if err != nil {
		return nil, err
	}
	n.User = to.LUID
	if err := n.readContent(c, body.child("content")); err != nil {
		return nil, err
	}
	if err := n.change(c, body); err != nil {
		return nil, err
	}
	switch {
	case n.Subject == "":
		return nil, refuse(codeSubject, "The subscription to %s '%s' has no subject.", n.ContentType, n.Content)
	case n.Schedule == "":
		return nil, refuse(codeSubscription, "The subscription to %s '%s' has no schedule.", n.ContentType, n.Content)
	}
	c.site.subscriptions.Put(n)
	return created(c.path("subscriptions", n.LUID), n.render(c)), nil
}

// readContent puts into n what it is a subscription to, which both the caller and the subscriber must be able to read.
func (n *subscription) readContent(c *call, content *element) error {
	kind, known := spelled(subscribable, content.attr("type"))
	if !known {
		return refuse(codeSubscribedType, "The content '%s' has the type '%s', which is none of %s.",
			content.attr("id"), content.attr("type"), strings.Join(subscribable, ", "))
	}
	on, err := n.setContent(c, kind, content.attr("id"))
	if err != nil {
		return err
	}
	if err := c.allow(codeSubscribeForbidden, "Read", on); err != nil {
		return err
	}
	if n.User != c.user.LUID && on.owner != c.user.LUID && !c.user.isAdministrator() {
		return refuse(codeSubscribeForbidden, "User '%s' may not subscribe user '%s' to %s '%s'.", c.user.LUID, n.User, on.kind, on.luid)
	}
	if !c.site.rightsOf(c.site.users.Get(n.User)).may("Read", on) {
		return refuse(codeSubscriberUnable, "User '%s' may not read %s '%s'.", n.User, on.kind, on.luid)
	}
	return nil
}

// setContent finds the view or workbook of a subscription, and returns what rights on it are about.
func (n *subscription) setContent(c *call, kind, luid string) (securable, error) {
	n.ContentType, n.Content = kind, luid
	if kind == "Workbook" {
		if a := c.site.workbooks.Get(luid); a != nil {
			return a.securable(), nil
		}
		return securable{}, refuse(codeNoWorkbook, "The workbook '%s' could not be found.", luid)
	}
	if v := c.site.views.Get(luid); v != nil {
		return v.securable(c.site.workbooks.Get(v.Workbook)), nil
	}
	return securable{}, refuse(codeNoView, "View '%s' could not be found.", luid)
}

// contentName is what the view or workbook is called now.
func (n *subscription) contentName(where *site) string {
	if n.ContentType == "Workbook" {
		return where.workbooks.Get(n.Content).Name
	}
	return where.anyView(n.Content).Name // which may have been hidden since
}

// updateSubscription answers PUT subscriptions/{id}. Only what the request holds changes; what is subscribed to and who
// subscribes never does.
func updateSubscription(c *call) (*reply, error) {
	n, err := c.subscription(codeSubscriptionUpdate)
	if err != nil {
		return nil, err
	}
	body := c.body.child("subscription")
	if body == nil {
		return nil, refuse(codeMalformed, "The request body has no subscription.")
	}
	changed := *n
	if err := changed.change(c, body); err != nil {
		return nil, err
	}
	c.site.subscriptions.Put(&changed)
	return ok(changed.render(c)), nil
}

// change puts into n what the request says of it.
func (n *subscription) change(c *call, body *element) error {
	n.Subject = cmp.Or(body.attr("subject"), n.Subject)
	n.PageOrientation = cmp.Or(body.attr("pageOrientation"), n.PageOrientation)
	n.PageSize = cmp.Or(body.attr("pageSizeOption"), n.PageSize)
	if message, given := body.lookup("message"); given {
		n.Message = message
	}
	for _, f := range []struct {
		of   *element
		name string
		to   *bool
	}{
		{body, "attachImage", &n.AttachImage},
		{body, "attachPdf", &n.AttachPDF},
		{body, "suspended", &n.Suspended},
		{body.child("content"), "sendIfViewEmpty", &n.SendIfViewEmpty},
	} {
		if err := f.of.readFlag(f.name, f.to); err != nil {
			return err
		}
	}
	return n.changeSchedule(c, body.child("schedule"))
}

// changeSchedule puts n on the schedule that the request names, or on one of its own that the request describes.
func (n *subscription) changeSchedule(c *call, body *element) error {
	luid := body.attr("id")
	if luid == "" && body.attr("frequency") == "" {
		return nil
	}
	var h *schedule
	var err error
	if luid == "" {
		h, err = c.newOwnSchedule(subscriptionSchedule, body)
	} else {
		h, err = c.server.schedule(luid)
	}
	switch {
	case err != nil:
		return err
	case h.Type != subscriptionSchedule:
		return refuse(codeSubscriptionSchedule, "Schedule '%s' is of the type %s, not %s.", h.LUID, h.Type, subscriptionSchedule)
	}
	if n.Schedule != "" {
		c.server.dropOwnSchedule(n.Schedule)
	}
	n.Schedule = h.LUID
	return nil
}

// deleteSubscription answers DELETE subscriptions/{id}.
func deleteSubscription(c *call) (*reply, error) {
	n, err := c.subscription(codeUnsubscribeForbidden)
	if err != nil {
		return nil, err
	}
	c.server.removeSubscription(c.site, n)
	return noContent(), nil
}

// removeSubscription deletes a subscription, and the schedule that belongs to it alone.
func (s *Server) removeSubscription(where *site, n *subscription) {
	where.subscriptions.Delete(n.LUID)
	s.dropOwnSchedule(n.Schedule)
}

func (n *subscription) render(c *call) *element {
	h := c.server.schedules.Get(n.Schedule)
	schedule := h.render()
	if h.Name != "" {
		schedule = node("schedule").with("id", h.LUID).with("name", h.Name)
	}
	return node("subscription",
		node("content").with("id", n.Content).with("type", n.ContentType).with("name", n.contentName(c.site)).
			withBool("sendIfViewEmpty", n.SendIfViewEmpty),
		schedule,
		node("user").with("id", n.User).with("name", c.site.userName(n.User)),
	).
		with("id", n.LUID).
		with("subject", n.Subject).
		withOptional("message", n.Message).
		withBool("attachImage", n.AttachImage).
		withBool("attachPdf", n.AttachPDF).
		withOptional("pageOrientation", n.PageOrientation).
		withOptional("pageSizeOption", n.PageSize).
		withBool("suspended", n.Suspended)
}

// mailing is the work of sending the mail of a subscription. The emulator sends none: the job is all there is to see.
type mailing struct{ Subscription string } // LUID

// job returns the job that sends the mail of a subscription.
func (n *subscription) job(h *schedule) job {
	return job{
		Kind: "single_subscription_notify", User: n.User, Priority: h.Priority,
		About: object{"subscription", n.LUID, n.Subject}, Work: work{Notify: &mailing{n.LUID}},
	}
}

// do sends the mail, which needs somebody to get it.
func (n *mailing) do(_ *Server, where *site, j *job) (notes string, err error) {
	if where.users.Get(j.User) == nil {
		return "", refuse(codeNoUser, "User '%s' could not be found.", j.User)
	}
	if where.subscriptions.Get(n.Subscription) == nil {
		return "", refuse(codeNoSubscription, "Subscription '%s' could not be found.", n.Subscription)
	}
	return "", nil
}

func (*mailing) drop(*Server, *site, *job) {}

// mailingDetail writes what the mail is for.
func mailingDetail(j *job) *element {
	return node("subscriptionJobType", append(j.renderNotes(),
		textNode("subscriptionId", j.About.LUID), textNode("subscriptionSubject", j.About.Name))...)
}
