package rest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// The kinds of failure a caller can act on, to be asked for with errors.Is.
var (
	// ErrNotFound: the server has no such object, or hides it from this user.
	ErrNotFound = errors.New("not found")
	// ErrConflict: an object with that name exists already.
	ErrConflict = errors.New("exists already")
	// ErrAuthentication: the credentials were refused, or the session has ended and could not be renewed.
	ErrAuthentication = errors.New("not signed in")
	// ErrForbidden: the user lacks a right, a licence or a quota.
	ErrForbidden = errors.New("forbidden")
	// ErrInvalid: the server did not accept the request or the file.
	ErrInvalid = errors.New("refused as invalid")
	// ErrBusy: the object is being published by somebody else at the moment.
	ErrBusy = errors.New("being published right now")
	// ErrRateLimited: too many requests.
	ErrRateLimited = errors.New("too many requests")
	// ErrUnavailable: the server could not be reached, or failed.
	ErrUnavailable = errors.New("server unavailable")
	// ErrNotTableauServer: what answered does not speak the REST API; the URL is wrong, or a proxy stands in between.
	ErrNotTableauServer = errors.New("not a Tableau Server")
	// ErrOutcomeUnknown: the request may or may not have been carried out, and looking on the server did not tell.
	ErrOutcomeUnknown = errors.New("outcome unknown")
	// ErrPublished: the file is published, but what comes after that failed, such as reading what has become of it.
	ErrPublished = errors.New("published")
	// ErrJobGone: the server has no record of the job, or none any more: it keeps them for a short time. What the job was to do
	// may have been done; look for that.
	ErrJobGone = errors.New("the job's record is gone")
	// ErrSignedOut: the session was used after SignOut.
	ErrSignedOut = errors.New("session is signed out")
	// ErrReplaced: the session was used after another took its place, by SwitchSite or by a SignIn with the same personal
	// access token.
	ErrReplaced = errors.New("session is replaced by another")
)

// An Error is a refusal by the server, or a request that got no usable answer. It holds no secret: neither header nor query
// nor body of the request ("Handling Errors").
type Error struct {
	Operation  string        // Tableau's name of the operation, such as Publish Workbook
	Method     string        // such as POST
	Path       string        // path of the URL, without the query
	Status     int           // HTTP status, 0 without an answer
	Code       string        // Tableau's code such as 404006, empty when the answer was not Tableau's
	Summary    string        // Tableau's summary, or the text of the HTTP status
	Detail     string        // Tableau's detail, or the first 2 KB of another body
	RequestID  string        // the server's name for the request, to be found in its logs; empty when it gave none
	RetryAfter time.Duration // what the server asked for, 0 without
	Attempts   int           // how often the request was sent
	Err        error         // why there was no usable answer, nil with one

	ambiguous bool   // one of the attempts may have been carried out
	partial   bool   // the server cannot have got all of the request
	location  string // target of a redirect that was not followed
}

// Error says what was asked and what the server answered.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Method + " " + e.Path + ": ")
	switch {
	case e.Err != nil:
		b.WriteString(e.Err.Error())
	case e.Code != "":
		fmt.Fprintf(&b, "%s: %s (code %s)", strings.ToLower(e.Summary), e.Detail, e.Code)
	default:
		fmt.Fprintf(&b, "status %d %s", e.Status, e.Summary)
		if e.Detail != "" && len(e.Detail) <= 200 && !strings.HasPrefix(e.Detail, "<") {
			b.WriteString(": " + e.Detail)
		}
	}
	if e.Attempts > 1 {
		fmt.Fprintf(&b, " (%d attempts)", e.Attempts)
	}
	return b.String()
}

// Unwrap is the cause of a request without an answer.
func (e *Error) Unwrap() error { return e.Err }

// Is tells the kind of the error: errors.Is(err, rest.ErrNotFound).
func (e *Error) Is(target error) bool { return target == e.kind() }

// kind goes by Tableau's code, and by the status without one: some calls answer 404 for another code.
func (e *Error) kind() error {
	switch e.Code {
	case "400080", "400130":
		return ErrNotFound
	case "403130", "403166":
		return ErrConflict
	case "403131":
		return ErrBusy
	case "403007": // one code for four things
		if strings.Contains(strings.ToLower(e.Detail+e.Summary), "already exists") {
			return ErrConflict
		}
		return ErrForbidden
	}
	if e.Err != nil {
		if _, file := errors.AsType[sourceError](e.Err); file || e.Status != 0 || ended(e.Err) {
			return nil // not the server's doing, or told by the cause
		}
		return ErrUnavailable
	}
	status := e.Status
	if code, err := strconv.Atoi(e.Code); err == nil && len(e.Code) == 6 {
		status = code / 1000
	}
	switch {
	case status >= 500 || status == http.StatusRequestTimeout:
		return ErrUnavailable
	case status == http.StatusUnauthorized:
		return ErrAuthentication
	case status == http.StatusForbidden:
		return ErrForbidden
	case status == http.StatusNotFound:
		return ErrNotFound
	case status == http.StatusConflict:
		return ErrConflict
	case status == http.StatusTooManyRequests:
		return ErrRateLimited
	case status >= 400:
		return ErrInvalid
	}
	return nil
}

// expired says that the token is no longer good, which signing in again cures.
func (e *Error) expired() bool { return e.Code == "401000" || e.Code == "401002" }

// unknownVersion says that the server does not speak the version in the path.
func (e *Error) unknownVersion() bool { return e.Code == "404001" || e.Code == "404003" }

// readError fills in what the body of a failed answer says, be it XML, JSON, HTML or text.
func (e *Error) readError(body []byte, secrets []string) {
	body = bytes.TrimSpace(bytes.TrimPrefix(body, []byte("\xEF\xBB\xBF")))
	var said *wireError
	switch {
	case bytes.HasPrefix(body, []byte("<")):
		if answer, err := decode(body); err == nil && answer.child("error") != nil {
			read := decodeElement[wireError](answer.child("error"))
			said = &read
		}
	case bytes.HasPrefix(body, []byte("{")):
		var answer struct {
			Error *wireError `json:"error"`
		}
		if json.Unmarshal(body, &answer) == nil {
			said = answer.Error
		}
	}
	if said == nil {
		said = &wireError{Summary: http.StatusText(e.Status), Detail: string(body)}
	}
	e.Code = tidy(said.Code, secrets)
	e.Summary = tidy(said.Summary, secrets)
	e.Detail = tidy(said.Detail, secrets)
}

type wireError struct {
	Code    string `api:"@code" json:"code"`
	Summary string `api:"summary/text()" json:"summary"`
	Detail  string `api:"detail/text()" json:"detail"`
}

// tidy makes a server's text fit for an error: no secrets, one line, no control characters, 2 KB.
func tidy(text string, secrets []string) string {
	text = scrub(strings.ToValidUTF8(text, string(utf8.RuneError)), secrets)
	text = strings.Join(strings.FieldsFunc(text, func(r rune) bool { return r <= ' ' || r == 0x7f }), " ")
	return strings.ToValidUTF8(text[:min(len(text), 2048)], "")
}

// A NotFoundError is a lookup by name that matched nothing. errors.Is(err, ErrNotFound) holds.
type NotFoundError struct {
	Kind      string   // "workbook", "data source" or "project"
	Name      string   // what was looked for
	In        string   // where, such as `project "Finance"`; empty for the site
	Available []string // what there is instead: the projects at that level, or the other projects that hold the name
}

// Error names what was looked for and what there is.
func (e *NotFoundError) Error() string {
	text := fmt.Sprintf("no %s %q", e.Kind, e.Name)
	if e.In != "" {
		text += " in " + e.In
	}
	if len(e.Available) > 0 {
		text += "; there is " + shorten(e.Available)
	}
	return text
}

// Is makes errors.Is(err, ErrNotFound) true.
func (e *NotFoundError) Is(target error) bool { return target == ErrNotFound }

// An AmbiguousError is a lookup by name that matched more than one object.
type AmbiguousError struct {
	Kind    string   // "workbook", "data source" or "project"
	Name    string   // what was looked for
	Matches []string // each match, with its project and LUID
}

// Error names what was looked for and every match.
func (e *AmbiguousError) Error() string {
	return fmt.Sprintf("%s %q is ambiguous: %s", e.Kind, e.Name, shorten(e.Matches))
}

// shorten lists the first twenty of some names.
func shorten(names []string) string {
	const most = 20
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
}
