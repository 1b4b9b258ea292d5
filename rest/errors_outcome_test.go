package rest

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
)

func TestOutcome(t *testing.T) {
	t.Parallel()
	refused := &net.OpError{Op: "dial", Err: errors.New("connection refused")}
	reset := &net.OpError{Op: "read", Err: errors.New("connection reset by peer")}
	for name, test := range map[string]struct {
		replies []reply
		call    func(*Session) error
		want    Outcome
	}{
		"no server":                           {[]reply{{err: refused}}, deleting, NotSent},
		"refused":                             {[]reply{refusal("403004", "Forbidden", "w1")}, deleting, NotDone},
		"a read that breaks":                  {[]reply{{err: reset}}, reading, NotDone},
		"a write that breaks, then no server": {[]reply{{err: reset}, {err: refused}}, deleting, Unclear},
		"a write that breaks, then a refusal": {[]reply{{status: 504}, refusal("403004", "Forbidden", "w1")}, deleting, Unclear},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := 0
				s, _ := signedIn(t, func(seenRequest) reply {
					n++
					return test.replies[min(n, len(test.replies))-1]
				})
				e, ok := errors.AsType[*Error](test.call(s))
				if !ok || e.Outcome() != test.want {
					t.Errorf("%v is %s, want %s", e, e.Outcome(), test.want)
				}
			})
		})
	}
}

func deleting(s *Session) error { return s.Workbooks.Delete(context.Background(), "w1") }
func reading(s *Session) error  { _, err := s.Workbooks.ByLUID(context.Background(), "w1"); return err }

func TestRequestID(t *testing.T) {
	t.Parallel()
	refusedAs := func(header string) reply {
		r := refusal("404006", "Resource Not Found", "w1")
		r.header = http.Header{header: {"abc\x7f123"}}
		return r
	}
	for header, want := range map[string]string{"X-Request-Id": "abc 123", "X-Tableau-Request-Id": "abc 123", "X-Other": ""} {
		s, _ := signedIn(t, inOrder(t, refusedAs(header)))
		e, ok := errors.AsType[*Error](reading(s))
		if !ok || e.RequestID != want || e.Operation != "Query Workbook" {
			t.Errorf("%s: %+v", header, e)
		}
	}
}

func TestHints(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		e    Error
		want string
	}{
		{Error{Status: 401, Code: "401001"}, "15 days"},
		{Error{Status: 403, Code: "403007", Detail: "A workbook with that name already exists."}, "overwrite"},
		{Error{Status: 403, Code: "403007", Summary: "Unlicensed user"}, "licence"},
		{Error{Status: 403, Code: "403007", Detail: "The data source could not be reached."}, "reach"},
		{Error{Status: 403, Code: "403007"}, "may not publish"},
		{Error{Status: 400, Code: "400011", Detail: "The workbook 'Sales' could not be published: Datasource 'Orders' not found on site ''."}, "publish the data source there first"},
		{Error{Status: 400, Code: "400011"}, "an extract may be missing"},
		{Error{Status: 403, Code: "403999"}, "lacks a capability"},
		{Error{Status: 429}, "less often"},
		{Error{Status: 502}, "try again"},
		{Error{Status: 404, Code: "404006"}, ""},
		{Error{Status: 404, Code: "404006", Path: "/api/3.29/sites/" + testSite + "/workbooks/Sales%20%26%20Co/refresh"}, `"Sales & Co" is not a LUID`},
		{Error{Status: 404, Code: "404006", Path: "/api/3.29/sites/" + testSite + "/workbooks/" + testSite}, ""},
		{Error{Status: 404, Code: "404006", Path: "/api/3.29/sites/" + testSite + "/tasks/extractRefreshes/x"}, ""},
		{Error{Status: 404, Code: "404006", Path: "/api/3.29/sites/" + testSite + "/workbooks/Sales", Operation: "Get Workbook"}, ""},
		{Error{Status: 404, Code: "404005"}, "path of a project to its LUID"},
		{Error{Status: 409, Code: "409003", Operation: "Publish Data Source"}, "overwrite"},
		{Error{Status: 409, Code: "409003", Operation: "Remove User from Site"}, "owns content"},
		{Error{Status: 409, Code: "409003", Operation: "Update Workbook"}, ""},
	} {
		if got := test.e.Hint(); !strings.Contains(got, test.want) || test.want == "" && got != "" {
			t.Errorf("%+v: %q, want %q", test.e, got, test.want)
		}
		if text := test.e.Error(); test.want != "" && strings.Contains(text, test.e.Hint()) {
			t.Errorf("the error holds its hint: %s", text)
		}
	}
}
