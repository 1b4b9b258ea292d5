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

// exchange sends a request that is answered by a tsResponse, or by nothing, which is an empty element. The path begins at
// /api/.
func (c *Client) exchange(ctx context.Context, base *url.URL, q *request) (*element, error) {
	resp, body, err := c.send(ctx, base, q)
	if err != nil {
		return nil, err
	}
	if len(body) == 0 {
		return newElement("tsResponse"), nil
	}
	answer, err := decode(body)
	if err != nil {
		e := q.failure(base)
		e.Status, e.Err = resp.StatusCode, err
		e.ambiguous = e.mayHaveHappened()
		return nil, e
	}
	return answer, nil
}

// send sends a request until it is answered, as often as the rules of repeating allow. The body of a download is left open.
func (c *Client) send(ctx context.Context, base *url.URL, q *request) (*http.Response, []byte, error) {
	unclear := false
	for attempt := 1; ; attempt++ {
		if err := c.waitForTurn(ctx); err != nil {
			return nil, nil, err
		}
		start := time.Now()
		resp, body, e := c.attempt(ctx, base, q)
		if e == nil {
			c.logAnswer(ctx, q, resp.StatusCode, attempt, time.Since(start))
			return resp, body, nil
		}
		unclear = unclear || e.mayHaveHappened()
		e.Attempts, e.ambiguous = attempt, unclear
		wait, again := q.again(attempt, e)
		c.logFailure(ctx, e, time.Since(start), wait, again)
		if !again {
			return nil, nil, e
		}
		if err := sleep(ctx, wait); err != nil {
			return nil, nil, fmt.Errorf("%w before it could be repeated: %w", err, e)
		}
	}
}

// failure is the beginning of an error about the request.
func (q *request) failure(base *url.URL) *Error {
	return &Error{Operation: q.op, Method: q.method, Path: base.Path + "/api/" + q.path}
}

// attempt sends a request once.
func (c *Client) attempt(ctx context.Context, base *url.URL, q *request) (*http.Response, []byte, *Error) {
	e := q.failure(base)
	req, sent, err := c.build(ctx, base, q)
	if err != nil {
		e.Err = err
		return nil, nil, e
	}
	// The transport may still be reading the body after it has returned; nothing reads the caller's file once this has.
	defer sent.stop()
	resp, err := c.http.Do(req)
	if err != nil {
		if wrapped, ok := errors.AsType[*url.Error](err); ok {
			err = wrapped.Err // without the URL, whose query is nobody's business
		}
		e.Err = err
		return nil, nil, e
	}
	success := resp.StatusCode >= 200 && resp.StatusCode < 300
	if success && q.download {
		return resp, nil, nil
	}
	defer resp.Body.Close()
	if !success {
		c.refused(e, resp, q)
		return nil, nil, e
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	switch {
	case err != nil:
		e.Err = fmt.Errorf("reading the answer: %w", err)
		return nil, nil, e
	case len(body) > maxAnswer:
		e.Status, e.Err = resp.StatusCode, errTooLarge
		return nil, nil, e
	}
	return resp, body, nil
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
