package emulator

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/tabtemplate/tabtemplate/rest/emulator/internal/state"
	"github.com/tabtemplate/tabtemplate/rest/emulator/internal/strictyaml"
)

// planter makes what a seed says. It sends the requests that a client would, as the one who owns what nobody made.
type planter struct {
	server   *Server
	seed     *Seed
	now      time.Time
	found    SeedProblems
	received state.Blob      // all files
	failed   map[string]bool // what could not be made, by what it is and its name
}

// plant makes what a seed says and is not there yet, or nothing.
func (s *Server) plant(seed *Seed) error {
	p := &planter{server: s, seed: seed, now: s.clock().UTC(), failed: make(map[string]bool)}
	err := s.store.Do(func() error {
		for i, h := range seed.Schedules {
			p.schedule(fmt.Sprintf("schedules[%d]", i), h)
		}
		for i, site := range seed.Sites {
			p.site(fmt.Sprintf("sites[%d]", i), site)
		}
		if len(p.found) > 0 {
			return p.found
		}
		return nil
	})
	s.store.Discard(p.received)
	return err
}

// item makes one thing of the seed, the one at the path, whole or not at all. What is wrong with it is told, and the
// others go on.
func (p *planter) item(at, what, name string, make func() error) {
	if p.tell(at, fmt.Sprintf("%s %q", what, name), p.server.store.Do(make)) != nil {
		p.failed[what+" "+name] = true
	}
}

// tell takes an error for what is wrong with something, the thing at the path, unless it is told already. It returns
// errTold for any error, and nil for none.
func (p *planter) tell(at, what string, err error) error {
	if err == nil {
		return nil
	}
	if !errors.Is(err, errTold) {
		message := err.Error()
		if refusal, ok := errors.AsType[*apiError](err); ok {
			message = fmt.Sprintf("%s (code %d)", refusal.detail, refusal.code)
		}
		p.found = append(p.found, p.seed.problem(at, "", what+": "+message))
	}
	return errTold
}

// missing tells that what a name of the seed stands for is not there, unless why it is not is told already.
func (p *planter) missing(at, what, name string, known []string) error {
	if !p.failed[what+" "+name] {
		hint := strictyaml.Suggest(name, known)
		p.found = append(p.found, p.seed.problem(at, hint, fmt.Sprintf("there is no %s %q", what, name)))
	}
	return errTold
}

// ask sends a request of the API, whose path begins after the version, with an element as its body, and returns the answer.
func (p *planter) ask(where *site, method, path string, body *element) (*element, error) {
	var b bytes.Buffer
	if body != nil {
		node("tsRequest", body).writeTo(&b)
	}
	return p.send(where, method, path, "application/xml", &b)
}

func (p *planter) send(where *site, method, path, contentType string, body io.Reader) (*element, error) {
	s := p.server
	r, err := http.NewRequest(method, URL+"/api/"+s.version.String()+"/"+path, body)
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", contentType)
	c := &call{server: s, request: r, query: parseQuery(r.URL.RawQuery), now: p.now, site: where}
	c.user = where.users.Get(where.defaultProject().Owner)
	c.session = &session{Site: where.luid, User: c.user.LUID}
	op, err := s.route(c)
	if err != nil {
		return nil, err
	}
	if op.read != nil {
		err = op.read(c)
	}
	p.received = append(p.received, c.received...)
	if err != nil {
		return nil, err
	}
	answer, err := op.do(c)
	if err != nil {
		return nil, err
	}
	return node("tsResponse", answer.body...), nil
}

func (p *planter) schedule(at string, h SeedSchedule) {
	if find(p.server.namedSchedules(), func(known *schedule) bool { return known.Name == h.Name }) != nil {
		return
	}
	p.item(at, "schedule", h.Name, func() error {
		intervals := node("intervals")
		for _, wanted := range h.Intervals {
			one := node("interval")
			for name, value := range wanted {
				one.with(name, value)
			}
			intervals.add(one)
		}
		details := node("frequencyDetails", intervals).with("start", h.Start).withOptional("end", h.End)
		_, err := p.ask(p.server.siteByContentURL(""), "POST", "schedules", node("schedule", details).
			with("name", h.Name).
			with("priority", cmp.Or(h.Priority, fmt.Sprint(defaultPriority))).
			with("type", h.Type).
			with("frequency", h.Frequency).
			with("executionOrder", cmp.Or(h.ExecutionOrder, runsInParallel)))
		return err
	})
}

func (p *planter) site(at string, wanted SeedSite) {
	if p.server.siteByContentURL(wanted.ContentURL) == nil {
		p.item(at, "site", wanted.ContentURL, func() error {
			_, err := p.ask(p.server.siteByContentURL(""), "POST", "sites", node("site").
				with("name", cmp.Or(wanted.Name, wanted.ContentURL)).
				with("contentUrl", wanted.ContentURL))
			return err
		})
	}
	where := p.server.siteByContentURL(wanted.ContentURL)
	if where == nil {
		return // which is told
	}
	for i, u := range wanted.Users {
		p.user(where, fmt.Sprintf("%s.users[%d]", at, i), u)
	}
	for i, g := range wanted.Groups {
		p.group(where, fmt.Sprintf("%s.groups[%d]", at, i), g)
	}
	for i, in := range wanted.Projects {
		p.project(where, fmt.Sprintf("%s.projects[%d]", at, i), in)
	}
	for _, k := range []*kind{datasources, workbooks, flows} { // workbooks are on data sources
		for i, content := range *wanted.content(k) {
			p.content(where, k, fmt.Sprintf("%s.%s[%d]", at, k.collection, i), content)
		}
	}
	for i, h := range wanted.Webhooks {
		p.webhook(where, fmt.Sprintf("%s.webhooks[%d]", at, i), h)
	}
}

func (p *planter) webhook(where *site, at string, wanted SeedWebhook) {
	if find(where.webhooks.All(), func(h *webhook) bool { return h.Name == wanted.Name }) != nil {
		return
	}
	p.item(at, "webhook", wanted.Name, func() error {
		destination := node("webhook-destination-http").with("method", "POST").with("url", wanted.URL)
		_, err := p.ask(where, "POST", sitePath(where.luid)+"webhooks", node("webhook", node("webhook-destination", destination)).
			with("name", wanted.Name).
			with("event", wanted.Event))
		return err
	})
}
