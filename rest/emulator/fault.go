package emulator

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"path"
	"strings"
	"time"
)

// Fault makes one or more requests go wrong, so that a client can be tested for what it does then. It says which
// requests, and what happens to them; one that says nothing of the latter cuts the connection. Requests of which several
// faults are true suffer the one that was given first. Only requests of the API suffer faults.
type Fault struct {
	// Method is the method of the requests; "" for any.
	Method string `json:"method,omitempty"`
	// Path is a pattern, as of [path.Match], for what follows /api/{version} in the path, in any case, such as
	// "/sites/*/workbooks"; "" for any.
	Path string `json:"path,omitempty"`
	// Query is parameters that the requests have, such as "overwrite=true&asJob=*"; an asterisk stands for any text.
	Query string `json:"query,omitempty"`
	// User is the name of the user whose session the requests are of; "" for any, and for none.
	User string `json:"user,omitempty"`
	// Call is which of the requests that match goes wrong first, counted from 1; 0 for the first one.
	Call int `json:"call,omitempty"`
	// Count is how many of the requests that match go wrong from that one on; 0 for only that one when Call is given,
	// and for all of them when it is not.
	Count int `json:"count,omitempty"`

	// Stage is when the connection is cut, or Answer is sent.
	Stage Stage `json:"stage,omitempty"`
	// Answer is what is sent instead of the server's answer; see [Refusal].
	Answer *Answer `json:"answer,omitempty"`
	// RequestBytes is how many bytes of the request body are read before the connection is cut; 0 for all of them
	// when the server has done its work, and for none before.
	RequestBytes int64 `json:"requestBytes,omitempty"`
	// EndSession ends the session of the request before the server looks at it, as when its token expires or the
	// personal access token is used elsewhere.
	EndSession bool `json:"endSession,omitempty"`
	// HideNewest is how many of the newest objects are missing from the list, as when the search index is behind.
	HideNewest int `json:"hideNewest,omitempty"`
	// Repeat is how many objects of a page of a list are on the page after it as well.
	Repeat int `json:"repeat,omitempty"`
	// Garble is what is done to the server's answer; nil for nothing.
	Garble *Garble `json:"garble,omitempty"`
}

// Answer is an answer that a [Fault] sends.
type Answer struct {
	// Code is the error code of a refusal in the API's own form; 0 for an answer in another form.
	Code int `json:"code,omitempty"`
	// Detail is what such a refusal says.
	Detail string `json:"detail,omitempty"`
	// Status is the HTTP status; 0 for the one of the code, or 200.
	Status int `json:"status,omitempty"`
	// Header are headers such as Retry-After, Location and Content-Type, which is text/html for a body without one.
	Header map[string]string `json:"header,omitempty"`
	// Body is the body when there is no code.
	Body string `json:"body,omitempty"`
}

// Garble is what a [Fault] does to an answer on its way. The fields can be combined.
type Garble struct {
	// Bytes is how many bytes of the body are sent; 0 for all. The connection is cut then.
	Bytes int64 `json:"bytes,omitempty"`
	// Short makes the Content-Length that of the bytes that are sent, so that the body seems to be whole.
	Short bool `json:"short,omitempty"`
	// Pause is how long the server waits before each piece of the body, by the time of the process. There are eight of
	// them in a short one.
	Pause time.Duration `json:"-"`
	// Gzip compresses the body, whether the client accepts that or not.
	Gzip bool `json:"gzip,omitempty"`
	// HTTP10 makes it an answer of HTTP/1.0 with the names of the headers in lower case, which ends the connection.
	HTTP10 bool `json:"http10,omitempty"`
	// NoDeclaration leaves out the XML declaration.
	NoDeclaration bool `json:"noDeclaration,omitempty"`
	// OldNamespace makes the namespace that of version 9.0 of the server.
	OldNamespace bool `json:"oldNamespace,omitempty"`
	// Unknown adds attributes and elements that no version knows.
	Unknown bool `json:"unknown,omitempty"`
	// Sparse leaves out the attributes that are not needed to know what the answer is about.
	Sparse bool `json:"sparse,omitempty"`
}

// MarshalJSON writes the pause as [time.Duration] writes itself.
func (g Garble) MarshalJSON() ([]byte, error) {
	type plain Garble
	text := ""
	if g.Pause != 0 {
		text = g.Pause.String()
	}
	return json.Marshal(struct {
		plain
		Pause string `json:"pause,omitempty"`
	}{plain(g), text})
}

// UnmarshalJSON reads the pause as [time.ParseDuration] does.
func (g *Garble) UnmarshalJSON(data []byte) error {
	type plain Garble
	read := struct {
		*plain
		Pause string `json:"pause"`
	}{plain: (*plain)(g)}
	err := strictJSON(data, &read)
	if err == nil && read.Pause != "" {
		g.Pause, err = time.ParseDuration(read.Pause)
	}
	return err
}

// Stage is when a [Fault] strikes. In JSON it is "before" or "after".
type Stage int

// The stages of a request at which a [Fault] strikes.
const (
	// BeforeHandler is before the server has done anything.
	BeforeHandler Stage = iota
	// AfterCommit is after the server has done what was asked, when the client is about to be told.
	AfterCommit
)

var stageNames = []string{BeforeHandler: "before", AfterCommit: "after"}

// String returns the name of the stage.
func (s Stage) String() string {
	if s < 0 || int(s) >= len(stageNames) {
		return fmt.Sprintf("stage %d", int(s))
	}
	return stageNames[s]
}

// MarshalText implements [encoding.TextMarshaler].
func (s Stage) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText implements [encoding.TextUnmarshaler].
func (s *Stage) UnmarshalText(text []byte) error {
	for stage, name := range stageNames {
		if name == string(text) {
			*s = Stage(stage)
			return nil
		}
	}
	return fmt.Errorf("stage %q is neither before nor after", text)
}

// Refusal returns an answer with an error in the API's own form. The first three digits of the code are the HTTP status.
func Refusal(code int, detail string) *Answer { return &Answer{Code: code, Detail: detail} }

// check tells what is wrong with a fault.
func (f Fault) check() error {
	_, err := path.Match(f.Path, "")
	if f.Path != "" && !strings.HasPrefix(f.Path, "/") || strings.HasPrefix(strings.ToLower(f.Path), "/api/") {
		err = errors.Join(err, errors.New("a path is what follows the version, such as /sites/*/workbooks"))
	}
	for _, n := range []struct {
		what  string
		value int64
	}{
		{"call", int64(f.Call)},
		{"count", int64(f.Count)},
		{"requestBytes", f.RequestBytes},
		{"hideNewest", int64(f.HideNewest)},
		{"repeat", int64(f.Repeat)},
	} {
		if n.value < 0 {
			err = errors.Join(err, fmt.Errorf("%s %d is negative", n.what, n.value))
		}
	}
	if f.Stage != BeforeHandler && f.Stage != AfterCommit {
		err = errors.Join(err, fmt.Errorf("there is no %v", f.Stage))
	}
	if a := f.Answer; a != nil {
		if status := a.status(); status < 100 || status > 999 || a.Code != 0 && a.Code < 100_000 {
			err = errors.Join(err, fmt.Errorf("the answer has no HTTP status but %d, and code %d", status, a.Code))
		}
	}
	if g := f.Garble; g != nil && (g.Bytes < 0 || g.Pause < 0) {
		err = errors.Join(err, fmt.Errorf("bytes %d or pause %v is negative", g.Bytes, g.Pause))
	}
	if err != nil {
		return fmt.Errorf("fault on %q: %w", f.Path, err)
	}
	return nil
}

func (a *Answer) status() int { return cmp.Or(a.Status, a.Code/1000, http.StatusOK) }

// armedFault is a fault and what it has met.
type armedFault struct {
	Fault
	seen int // requests that matched
}

// WithFault adds a fault. Without any, nothing goes wrong.
func WithFault(f Fault) Option {
	return func(o *options) error {
		o.faults = append(o.faults, &armedFault{Fault: f})
		return f.check()
	}
}

// AddFault adds a fault to those that the server has, after them. It is an error when the fault could never be one.
func (s *Server) AddFault(f Fault) error {
	if err := f.check(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, &armedFault{Fault: f})
	return nil
}

// ClearFaults takes away all faults, also those given with [WithFault].
func (s *Server) ClearFaults() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
}

// faultFor counts a request and returns the fault it meets, one that does nothing for none.
func (s *Server) faultFor(c *call) (*Fault, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, words, isAPI := splitPath(c.request.URL.EscapedPath())
	if !isAPI {
		return nil, nil
	}
	if given := c.request.Header.Get(faultHeader); given != "" && s.control {
		return readFault([]byte(given))
	}
	user := s.userOfToken(c.request.Header.Get("X-Tableau-Auth"))
	var met *Fault
	for _, f := range s.faults {
		if !f.matches(c, "/"+strings.Join(words, "/"), user) {
			continue
		}
		f.seen++
		if met == nil && f.isOn() {
			met = &f.Fault
		}
	}
	return met, nil
}

// isOn tells whether the request seen last is one that goes wrong.
func (f *armedFault) isOn() bool {
	first, count := max(1, f.Call), f.Count
	if count == 0 && f.Call > 0 {
		count = 1
	}
	return f.seen >= first && (count == 0 || f.seen < first+count)
}

func (f *Fault) matches(c *call, resource, user string) bool {
	if f.Method != "" && !strings.EqualFold(f.Method, c.request.Method) || f.User != "" && !strings.EqualFold(f.User, user) {
		return false
	}
	if f.Query != "" {
		for name, value := range parseQuery(f.Query) {
			if given, is := c.query[name]; !is || !wildcard(value)(given) {
				return false
			}
		}
	}
	if f.Path == "" {
		return true
	}
	matched, _ := path.Match(strings.ToLower(f.Path), strings.ToLower(resource))
	return matched
}

// userOfToken returns the name of the user a token is for, "" for none.
func (s *Server) userOfToken(token string) string {
	n := s.sessions.Get(sessionKey(token))
	if n == nil {
		return ""
	}
	where := s.site(n.Site)
	if where == nil {
		return ""
	}
	return where.userName(n.User)
}

// strikes tells whether the fault sends its answer or cuts the connection at the stage: a fault that does something
// else, or that is none, does neither.
func (f *Fault) strikes(stage Stage) bool {
	if f == nil || f.Stage != stage {
		return false
	}
	return f.Answer != nil || f.RequestBytes > 0 || !f.EndSession && f.HideNewest == 0 && f.Repeat == 0 && f.Garble == nil
}
