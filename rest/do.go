package rest

import (
	"cmp"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// A Request is a call of an operation that this package has no method for.
type Request struct {
	// Method is GET when it is empty.
	Method string
	// Path leads on from /api/3.29/sites/LUID/, such as "collections/" + luid. From "/" on it leads on from the API version,
	// such as "/settings/extensions", and from "/api/" on from the server, such as "/api/-/search". Parts that come from
	// elsewhere are to be escaped with [url.PathEscape].
	Path string
	// Query is added to the path; nil for none.
	Query url.Values
	// Body is XML, <tsRequest>…</tsRequest>, or JSON; nil for none.
	Body []byte
	// ContentType is that of the body; "" for application/xml if that begins with a <, and for application/json else.
	ContentType string
	// Accept is what the answer shall be, such as application/json; "" for application/xml.
	Accept string
	// Header is sent beside what every request has.
	Header http.Header
	// Once is for a request that must not be sent again when it is unclear whether the server has carried it out. A POST or
	// PATCH is like that without it.
	Once bool
	// Into is written what the server answers, of any length; nil to have up to 32 MiB of it in the Response.
	Into io.Writer
}

// A Response is the answer to a [Request].
type Response struct {
	Status int
	Header http.Header
	Body   []byte // empty with Into
}

// Decode reads an answer in XML with [xml.Unmarshal]; tags that name no namespace match those of all servers.
func (r Response) Decode(into any) error {
	if err := xml.Unmarshal(r.Body, into); err != nil {
		return fmt.Errorf("reading the answer: %w", err)
	}
	return nil
}

// Do sends a request of the caller's own making as this package sends its own: with the session's token, which is renewed when
// it has ended, repeated where that is safe, and with an [*Error] when the server refuses it.
func (s *Session) Do(ctx context.Context, r Request) (Response, error) {
	q, err := r.request()
	if err != nil {
		return Response{}, fmt.Errorf("calling %s %q: %w", cmp.Or(r.Method, http.MethodGet), r.Path, err)
	}
	if r.Into != nil {
		return s.doInto(ctx, q, r.Into)
	}
	var answer Response
	q.raw = true
	err = s.signed(ctx, q, func(base *url.URL, q *request) error {
		got, err := s.client.send(ctx, base, q)
		if err == nil {
			answer = Response{got.StatusCode, got.Header, got.content}
		}
		return err
	})
	return answer, err
}

func (s *Session) doInto(ctx context.Context, q *request, w io.Writer) (Response, error) {
	q.download = true
	resp, err := s.open(ctx, q)
	if err != nil {
		return Response{}, err
	}
	defer resp.Body.Close()
	n, err := io.Copy(w, resp.Body)
	if err == nil {
		err = checkEnd(resp, n)
	}
	return Response{Status: resp.StatusCode, Header: resp.Header}, err
}

// request is the call in the words of the package's own.
func (r Request) request() (*request, error) {
	method := cmp.Or(r.Method, http.MethodGet)
	q := &request{op: "custom request", method: method, path: r.Path, query: r.Query.Encode(), header: http.Header{}}
	q.once = r.Once || q.method == http.MethodPost || q.method == http.MethodPatch
	switch rest, found := strings.CutPrefix(r.Path, "/api/"); {
	case found:
		q.scope, q.path = apiScope, rest
	case strings.HasPrefix(r.Path, "/"):
		q.scope, q.path = versionScope, r.Path[1:]
	}
	if err := errors.Join(checkMethod(q.method), checkPath(q.path), checkHeader(r.Header)); err != nil {
		return nil, err
	}
	if len(r.Body) > 0 {
		q.body = &payload{contentType: r.ContentType, head: r.Body}
		switch {
		case r.ContentType != "":
		case strings.HasPrefix(strings.TrimLeft(string(r.Body), " \t\r\n"), "<"):
			q.body.contentType = "application/xml"
		default:
			q.body.contentType = "application/json"
		}
	}
	for name, values := range r.Header {
		q.header[http.CanonicalHeaderKey(name)] = values
	}
	if r.Accept != "" {
		q.header.Set("Accept", r.Accept)
	}
	return q, nil
}

func checkMethod(method string) error {
	if strings.ContainsFunc(method, func(r rune) bool { return r < 'A' || r > 'Z' }) {
		return fmt.Errorf("%q is not a method such as GET", method)
	}
	return nil
}

// checkHeader refuses what is not the caller's to send, and what no header can hold. A value is not repeated: it may be a secret.
func checkHeader(header http.Header) error {
	for name, values := range header {
		switch canonical := http.CanonicalHeaderKey(name); {
		case canonical == tokenHeader || canonical == "Authorization":
			return fmt.Errorf("the header %s is the session's to set", canonical)
		case name == "" || strings.ContainsFunc(name, func(r rune) bool { return r <= ' ' || r > '~' || r == ':' }):
			return fmt.Errorf("%q is not the name of a header", name)
		case slices.ContainsFunc(values, hasControl):
			return fmt.Errorf("the header %s has a line break or another control character", canonical)
		}
	}
	return nil
}

func hasControl(value string) bool {
	return strings.ContainsFunc(value, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f })
}

// checkPath refuses a path that would lead elsewhere than it says.
func checkPath(path string) error {
	switch plain, err := url.PathUnescape(path); {
	case path == "":
		return errors.New("the path is empty")
	case err != nil || strings.ContainsAny(path, "?#\\") || hasControl(path):
		return errors.New("the path is not a URL path; the query goes elsewhere, and parts have to be escaped")
	default:
		for part := range strings.SplitSeq(plain, "/") {
			if part == ".." || part == "." {
				return errors.New("the path holds . or .. as a part")
			}
		}
	}
	return nil
}
