package rest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

const (
	maxAnswer = 32 << 20 // bytes of an XML answer; a page of 1000 workbooks is below 2 MB
	maxRefuse = 64 << 10 // bytes read of the body of an error
)

// A request is one call, complete but for the server and the token, and can be sent any number of times.
type request struct {
	op      string  // Tableau's name of the operation
	since   Version // the first API version that has it
	method  string
	scope   scope
	path    string      // below the scope, segments escaped
	query   string      // escaped, without the question mark
	body    *payload    // nil for none
	token   secret      // nil before the sign-in
	secrets []string    // texts in the body that no error may show
	header  http.Header // beyond what every request has, or instead of it

	once     bool // must not be repeated once it may have been carried out
	appends  bool // may be carried out in part, as far as the body has come
	raw      bool // the answer need not be a tsResponse
	tries    int  // how often it may be sent, 0 for the usual number
	download bool // the answer is a file, whose body is left open
}

// carry gives the request a body of elements.
func (q *request) carry(children ...*element) error {
	body, err := encodeRequest(children...)
	if err == nil {
		q.body = xmlPayload(body)
	}
	return err
}

// A scope is where a path begins.
type scope int

const (
	siteScope    scope = iota // /api/3.29/sites/LUID/
	versionScope              // /api/3.29/
	apiScope                  // /api/
)

// An answer is what a request has got from the server.
type answer struct {
	*http.Response
	content []byte
	root    *element // of the content, an empty one without content; nil for a raw one and for a download
}

// exchange sends a request that is answered by a tsResponse, or by nothing, which is an empty element. The path begins at
// /api/.
func (c *Client) exchange(ctx context.Context, base *url.URL, q *request) (*element, error) {
	got, err := c.send(ctx, base, q)
	if err != nil {
		return nil, err
	}
	return got.root, nil
}

// send sends a request until it is answered, as often as the rules of repeating allow. The body of a download is left open.
func (c *Client) send(ctx context.Context, base *url.URL, q *request) (*answer, error) {
	unclear := false
	for attempt := 1; ; attempt++ {
		if err := c.waitForTurn(ctx, q.op); err != nil {
			e := q.failure(base)
			e.Err, e.Attempts, e.ambiguous = unsentError{err}, attempt-1, unclear
			return nil, e
		}
		start := time.Now()
		got, e := c.attempt(ctx, base, q)
		if e == nil {
			c.logAnswer(ctx, base, q, got.StatusCode, attempt, time.Since(start))
			return got, nil
		}
		unclear = unclear || e.mayHaveHappened()
		e.Attempts, e.ambiguous = attempt, unclear
		c.truce.note(e)
		wait, again := q.again(attempt, e)
		c.logFailure(ctx, e, time.Since(start), wait, again)
		if !again {
			return nil, e
		}
		if err := sleep(ctx, wait); err != nil {
			return nil, fmt.Errorf("%w before it could be repeated: %w", err, e)
		}
	}
}

// failure is the beginning of an error about the request.
func (q *request) failure(base *url.URL) *Error {
	return &Error{Operation: q.op, Method: q.method, Path: base.Path + "/api/" + q.path}
}

// attempt sends a request once.
func (c *Client) attempt(ctx context.Context, base *url.URL, q *request) (*answer, *Error) {
	e := q.failure(base)
	req, sent, err := c.build(ctx, base, q)
	if err != nil {
		e.Err = unsentError{err}
		return nil, e
	}
	// The transport may still be reading the body after it has returned; nothing reads the caller's file once this has.
	defer func() { e.partial = !sent.stop() && !q.appends }()
	resp, err := c.http.Do(req)
	if err != nil {
		if wrapped, ok := errors.AsType[*url.Error](err); ok {
			err = wrapped.Err // without the URL, whose query is nobody's business
		}
		e.Err = err
		return nil, e
	}
	c.clock.note(resp.Header.Get("Date"))
	success := resp.StatusCode >= 200 && resp.StatusCode < 300
	if success && q.download {
		return &answer{Response: resp}, nil
	}
	defer resp.Body.Close()
	if !success {
		c.refused(e, resp, q)
		return nil, e
	}
	content, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if err != nil {
		e.Err = fmt.Errorf("reading the answer: %w", err)
		return nil, e
	}
	got := &answer{Response: resp, content: content}
	if err := got.decode(q); err != nil {
		e.Status, e.Err = resp.StatusCode, err
		return nil, e
	}
	return got, nil
}

// decode reads the content.
func (a *answer) decode(q *request) (err error) {
	switch {
	case len(a.content) > maxAnswer:
		err = errTooLarge
	case q.raw:
	case len(a.content) == 0:
		a.root = newElement("tsResponse")
	default:
		a.root, err = decode(a.content)
	}
	return err
}

func (c *Client) build(ctx context.Context, base *url.URL, q *request) (*http.Request, *sentBody, error) {
	target := base.String() + "/api/" + q.path
	if q.query != "" {
		target += "?" + q.query
	}
	req, err := http.NewRequestWithContext(ctx, q.method, target, http.NoBody)
	if err != nil {
		return nil, nil, errors.New("building the request: the path is not a URL path")
	}
	sent := &sentBody{payload: q.body}
	if q.body != nil {
		req.ContentLength = q.body.size()
		req.GetBody = func() (io.ReadCloser, error) { return sent.open(), nil }
		req.Body = sent.open()
		req.Header.Set("Content-Type", q.body.contentType)
	}
	if q.token != nil {
		req.Header.Set(tokenHeader, q.token())
	}
	req.Header.Set("User-Agent", c.userAgent)
	req.Header.Set("Accept", "application/xml")
	if q.download {
		req.Header.Set("Accept", "*/*")
		// Compressed on the way, the length could not be checked.
		req.Header.Set("Accept-Encoding", "identity")
	}
	for name, values := range q.header {
		req.Header[name] = values
	}
	return req, sent, nil
}

// refused fills in what an answer outside 2xx says.
func (c *Client) refused(e *Error, resp *http.Response, q *request) {
	e.Status = resp.StatusCode
	e.RequestID = requestID(resp.Header)
	e.RetryAfter = retryAfter(resp.Header.Get("Retry-After"), time.Now())
	secrets := q.secrets
	if q.token != nil {
		secrets = append(secrets[:len(secrets):len(secrets)], q.token())
	}
	if e.Status >= 300 && e.Status < 400 {
		e.location = resp.Header.Get("Location")
		e.Summary = http.StatusText(e.Status)
		e.Detail = "a " + q.method + " is not redirected"
		return
	}
	// What cannot be read of the explanation is missing from the error; the status is known.
	body, _ := io.ReadAll(io.LimitReader(resp.Body, maxRefuse))
	e.readError(body, secrets)
}

// requestID is what servers and the proxies before them call a request; the header's name is not Tableau's alone to choose.
func requestID(h http.Header) string {
	for _, name := range []string{"X-Tableau-Request-Id", "X-Request-Id", "Request-Id", "X-Correlation-Id"} {
		if id := h.Get(name); id != "" {
			return tidy(id, nil)
		}
	}
	return ""
}

// escapeQuery escapes a query value; a space is %20, and colons stay, as servers expect of session ids and dates.
func escapeQuery(value string) string {
	return strings.NewReplacer("+", "%20", "%3A", ":").Replace(url.QueryEscape(value))
}

// checkLUID refuses what would make another path of a URL.
func checkLUID(kind, luid string) error {
	if luid == "" || luid == "." || luid == ".." {
		return fmt.Errorf("%q is not the LUID of a %s", luid, kind)
	}
	return nil
}

// segments joins parts of a path, each escaped.
func segments(parts ...string) string {
	escaped := make([]string, len(parts))
	for i, part := range parts {
		escaped[i] = url.PathEscape(part)
	}
	return strings.Join(escaped, "/")
}
