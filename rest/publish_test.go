package rest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

const (
	noWorkbooks = `<pagination pageNumber="1" pageSize="100" totalAvailable="0"/><workbooks/>`
	lookUp      = "GET workbooks?filter=name:eq:Sales&pageNumber=1&pageSize=100"
)

// published is the workbook Sales with a LUID, updated at a second.
func published(luid string, second int) string {
	return fmt.Sprintf(`<workbook id=%q name="Sales" contentUrl="Sales" webpageUrl="http://localhost/#/workbooks/7" showTabs="true" size="2"
		createdAt="2026-03-02T10:00:00Z" updatedAt="2026-03-02T10:00:%02dZ" encryptExtracts="false" defaultViewId="v1">
		<project id="p1" name="Default"/><location id="p1" type="Project" name="Default"/><owner id="u1" name="ana"/><tags><tag label="gold"/></tags>
		<views><view id="v1" name="Map" contentUrl="Sales/sheets/Map" createdAt="2026-03-02T10:00:05Z" updatedAt="2026-03-02T10:00:05Z" viewUrlName="Map"><tags/></view></views></workbook>`,
		luid, second)
}

func listed(workbook string) reply { return ok(`<workbooks>` + workbook + `</workbooks>`) }

func created(children string) reply { return reply{status: 201, body: tsResponse(children)} }

func accepted() reply { return reply{status: 202, body: tsResponse(jobQueued)} }

func sales(change func(*WorkbookPublish)) WorkbookPublish {
	p := WorkbookPublish{Name: "Sales", ProjectLUID: "p1", Source: bytesSource("PK\x03\x04file")}
	if change != nil {
		change(&p)
	}
	return p
}

func TestPublishInBlocks(t *testing.T) {
	t.Parallel()
	const session = "7720:170fe6b1c1c7422dadff20f944d58a52-1:0"
	for _, version := range []string{"3.29", "3.26"} {
		answer := func(r seenRequest) reply {
			switch {
			case strings.HasSuffix(r.Path, "/fileUploads"):
				return created(`<fileUpload uploadSessionId="` + session + `" fileSize="0"/>`)
			case r.Method == http.MethodPut:
				return ok(`<fileUpload uploadSessionId="` + session + `" fileSize="1"/>`)
			case r.Method == http.MethodPost:
				return accepted()
			case strings.Contains(r.Path, "/jobs/"):
				return ok(jobDone)
			case strings.HasSuffix(r.Path, "/workbooks"):
				return listed(published("w1", 1))
			}
			return ok(published("w1", 9))
		}
		var progress []Progress
		s, f := signedIn(t, answer, WithVersion(version), WithSingleRequestLimit(4), WithBlockSize(4))
		w, err := s.Workbooks.Publish(t.Context(), sales(func(p *WorkbookPublish) {
			p.Source, p.Mode = bytesSource("PK\x03\x04abcdXY"), Overwrite
			p.Progress = func(now Progress) { progress = append(progress, now) }
		}))
		if err != nil || w.LUID != "w1" || w.UpdatedAt.Second() != 9 {
			t.Errorf("%+v, %v", w, err)
		}
		if last := progress[len(progress)-1]; last.Sent != 10 || last.Total != 10 || !last.Job.Done() {
			t.Errorf("last progress %+v", last)
		}
		blocks := map[string]string{}
		var order, others []string
		for _, r := range f.seen[1:] {
			line := strings.Replace(r.line(), "/api/3.26/sites/"+testSite+"/", "", 1)
			if r.Method == http.MethodPut {
				_, boundary, _ := strings.Cut(r.Header.Get("Content-Type"), "boundary=")
				blocks[line] += strings.ReplaceAll(r.Body, boundary, "B")
				order = append(order, line)
				continue
			}
			others = append(others, line)
		}
		block := func(content string) string {
			return "--B\r\nContent-Disposition: form-data; name=\"request_payload\"; filename=\"\"\r\nContent-Type: text/xml\r\n\r\n\r\n" +
				"--B\r\nContent-Disposition: form-data; name=\"tableau_file\"; filename=\"file\"\r\nContent-Type: application/octet-stream\r\n\r\n" +
				content + "\r\n--B--\r\n"
		}
		put := "PUT fileUploads/" + session
		if version == "3.26" {
			equal(t, "blocks", []string{blocks[put]}, []string{block("PK\x03\x04") + block("abcd") + block("XY")})
		} else {
			slices.Sort(order)
			equal(t, "block lines", order, []string{put + "?sequenceID=1", put + "?sequenceID=2", put + "?sequenceID=3"})
			equal(t, "blocks", []string{blocks[order[0]], blocks[order[1]], blocks[order[2]]}, []string{block("PK\x03\x04"), block("abcd"), block("XY")})
		}
		equal(t, "other requests", others, []string{
			lookUp, "GET workbooks/w1", "POST fileUploads", "GET workbooks/w1", "POST workbooks?uploadSessionId=" + session + "&workbookType=twbx&overwrite=true&asJob=true",
			"GET jobs/j1", "GET workbooks/w1",
		})
	}
}

// A block without a number whose outcome is unclear starts the upload anew; one with a number is sent again.
func TestUploadRepeats(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		version  string
		failure  reply
		sessions int
		blocks   int
		err      error
	}{
		{"3.29", reply{status: 502}, 1, 3, nil},
		{"3.29", refusal("404015", "Not Found", "session"), 1, 1, ErrNotFound}, // the publish begins anew
		{"3.26", reply{err: syscall.ECONNRESET}, 2, 3, nil},
		{"3.26", refusal("429000", "Too many", "slow down"), 1, 3, nil},
		{"3.26", refusal("403004", "Forbidden", "no"), 1, 1, ErrForbidden},
	} {
		synctest.Test(t, func(t *testing.T) {
			sessions, blocks := 0, 0
			s, _ := signedIn(t, func(r seenRequest) reply {
				if r.Method == http.MethodPost {
					sessions++
					return created(`<fileUpload uploadSessionId="1:a-1:0"/>`)
				}
				if blocks++; blocks == 1 {
					return test.failure
				}
				return ok(`<fileUpload fileSize="1"/>`)
			}, WithVersion(test.version), WithBlockSize(4), WithUploadParallelism(1))
			last := int64(0)
			m := newMeter(8, func(p Progress) {
				if p.Sent <= last || p.Sent > p.Total {
					t.Errorf("progress %+v after %d bytes", p, last)
				}
				last = p.Sent
			})
			_, err := s.upload(t.Context(), bytesSource("abcdefgh"), m)
			errorIs(t, err, test.err)
			if sessions != test.sessions || blocks != test.blocks {
				t.Errorf("%s, %+v: %d sessions and %d blocks, want %d and %d", test.version, test.failure, sessions, blocks, test.sessions, test.blocks)
			}
		})
	}
}

func TestBlockSize(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ size, wanted, most, want int64 }{
		{100, 10, 0, 10},
		{32 << 30, 32 << 20, 0, 34359739},
		{100, 10, 5, 20},
		{100, 10, 5000, 10},
		{60_000 << 20, 32 << 20, 0, 60 << 20},
		{60_000<<20 + 1, 32 << 20, 0, 0},
	} {
		got, err := blockSize(test.size, test.wanted, test.most)
		if got != test.want || (err == nil) != (test.want > 0) {
			t.Errorf("%+v: %d, %v", test, got, err)
		}
	}
}

// revision is a list of one revision, published by the session's user or by somebody else.
func revision(number, second int, publisher string) reply {
	return ok(fmt.Sprintf(`<pagination pageNumber="1" pageSize="100" totalAvailable="1"/><revisions><revision revisionNumber="%d"
		publishedAt="2026-03-02T10:00:%02dZ" current="true" deleted="false"><publisher id=%q/></revision></revisions>`, number, second, publisher))
}

// at is an answer of a second by the server's clock.
func at(second int, r reply) reply {
	r.header = http.Header{"Date": {time.Date(2026, 3, 2, 10, 0, second, 0, time.UTC).Format(http.TimeFormat)}}
	return r
}

// After a commit whose outcome is unclear the client looks before it sends again.
func TestReconcile(t *testing.T) {
	t.Parallel()
	const (
		post, read, over = "POST workbooks", "GET workbooks/w1", "POST workbooks?overwrite=true"
		history          = "GET workbooks/w1/revisions?pageNumber=1&pageSize=1000"
		me, somebody     = "9a41b8c2-0c4e-4b6f-8a5d-2f7e6c1b3d90", "u2"
	)
	cut, busy, gone := reply{err: syscall.ECONNRESET}, refusal("403131", "Busy", "x"), refusal("404018", "Not Found", "j1")
	none, old, fresh, mine := ok(noWorkbooks), listed(published("w1", 1)), ok(published("w1", 9)), revision(2, 9, me)
	overwrite := func(p *WorkbookPublish) { p.Mode = Overwrite }
	asJob := func(p *WorkbookPublish) { p.AsJob = true }
	nothing := []reply{none, none, none, none} // of four looks
	for name, test := range map[string]struct {
		change  func(*WorkbookPublish)
		replies []reply
		want    []string
		err     error
	}{
		"arrived": {nil, []reply{none, cut, listed(published("w1", 9)), fresh, mine}, []string{lookUp, post, lookUp, read, history}, nil},
		"arrived, listed late": {
			nil,
			[]reply{none, cut, none, none, listed(published("w1", 9)), fresh, mine},
			[]string{lookUp, post, lookUp, lookUp, lookUp, read, history},
			nil,
		},
		"arrived, 502": {nil, []reply{none, {status: 502}, old, fresh, mine}, []string{lookUp, post, lookUp, read, history}, nil},
		"arrived, HTML": {
			nil,
			[]reply{none, {status: 200, body: "<html>"}, old, fresh, mine},
			[]string{lookUp, post, lookUp, read, history},
			nil,
		},
		"arrived, no history": {
			nil,
			[]reply{none, cut, old, fresh, refusal("403053", "Forbidden", "no history")},
			[]string{lookUp, post, lookUp, read, history},
			nil,
		},
		"arrived over an old one": {
			overwrite,
			[]reply{old, ok(published("w1", 2)), cut, ok(published("w1", 2)), fresh, mine},
			[]string{lookUp, read, over, read, read, history},
			nil,
		},
		"changed by somebody else, lost": { // the change is not taken for the publish
			overwrite,
			[]reply{
				old, ok(published("w1", 2)), cut, fresh, revision(1, 1, me), fresh, revision(1, 1, me),
				fresh, revision(2, 9, somebody), fresh, revision(2, 9, somebody), created(published("w1", 9)),
			},
			[]string{lookUp, read, over, read, history, read, history, read, history, read, history, over},
			nil,
		},
		"published a moment ago, lost": {
			overwrite,
			append([]reply{at(9, old), at(9, fresh), mine, cut, fresh, mine, fresh, mine, fresh, mine, fresh, mine}, created(published("w1", 9))),
			[]string{lookUp, read, history, over, read, history, read, history, read, history, read, history, over},
			nil,
		},
		"published a moment ago, arrived": {
			overwrite,
			[]reply{at(9, old), at(9, fresh), mine, cut, fresh, revision(3, 9, me)},
			[]string{lookUp, read, history, over, read, history},
			nil,
		},
		"taken, but listed late": { // what is listed at last is older than the publish
			nil,
			[]reply{at(30, none), cut, old, fresh},
			[]string{lookUp, post, lookUp, read},
			ErrConflict,
		},
		"there, but listed late, arrived": {
			overwrite,
			[]reply{at(5, none), cut, old, fresh, mine},
			[]string{lookUp, over, lookUp, read, history},
			nil,
		},
		"lost, sent again": {
			nil,
			slices.Concat([]reply{none, cut}, nothing, []reply{created(published("w1", 9))}),
			[]string{lookUp, post, lookUp, lookUp, lookUp, lookUp, post},
			nil,
		},
		"lost, then taken by the first": {
			nil,
			slices.Concat([]reply{none, cut}, nothing, []reply{refusal("403130", "Conflict", "exists"), old, fresh, mine}),
			[]string{lookUp, post, lookUp, lookUp, lookUp, lookUp, post, lookUp, read, history},
			nil,
		},
		"lost, then taken by somebody": {
			nil,
			slices.Concat([]reply{none, cut}, nothing, []reply{refusal("403130", "Conflict", "exists"), old, fresh, revision(1, 9, somebody)}),
			[]string{lookUp, post, lookUp, lookUp, lookUp, lookUp, post, lookUp, read, history},
			ErrConflict,
		},
		"looking fails": { // nothing is known, so nothing is repeated
			overwrite,
			[]reply{old, ok(published("w1", 2)), cut, refusal("403004", "Forbidden", "w1"), ok(""), ok(published("w1", 2)), refusal("403004", "Forbidden", "w1")},
			[]string{lookUp, read, over, read, read, read, read},
			ErrOutcomeUnknown,
		},
		"500, not there": {nil, slices.Concat([]reply{none, {status: 500}}, nothing), []string{lookUp, post, lookUp, lookUp, lookUp, lookUp}, ErrOutcomeUnknown},
		"refused":        {nil, []reply{none, refusal("403130", "Conflict", "exists")}, []string{lookUp, post}, ErrConflict},
		"taken":          {nil, []reply{old, ok(published("w1", 1))}, []string{lookUp, read}, ErrConflict},
		"taken, but just deleted": {
			nil,
			[]reply{old, refusal("404006", "Not Found", "w1"), created(published("w1", 9))},
			[]string{lookUp, read, post},
			nil,
		},
		"busy, then free": {
			overwrite,
			[]reply{old, ok(published("w1", 1)), busy, ok(published("w1", 1)), created(published("w1", 9))},
			[]string{lookUp, read, over, read, over},
			nil,
		},
		"busy with another one of the same user, then lost": { // which is not taken for it
			overwrite,
			slices.Concat([]reply{old, ok(published("w1", 1)), busy, ok(published("w1", 5)), cut},
				slices.Repeat([]reply{ok(published("w1", 5))}, 4), []reply{created(published("w1", 9))}),
			[]string{lookUp, read, over, read, over, read, read, read, read, over},
			nil,
		},
		"busy with what takes the name": {
			nil,
			[]reply{none, busy, old, ok(published("w1", 5))},
			[]string{lookUp, post, lookUp, read},
			ErrConflict,
		},
		"as a job, new": {
			asJob,
			[]reply{none, accepted(), ok(jobDone), none, listed(published("w1", 9)), fresh},
			[]string{lookUp, post + "?asJob=true", "GET jobs/j1", lookUp, lookUp, read},
			nil,
		},
		"job gone, arrived": {
			asJob,
			[]reply{none, accepted(), gone, old, fresh, mine},
			[]string{lookUp, post + "?asJob=true", "GET jobs/j1", lookUp, read, history},
			nil,
		},
		"job gone, not there": {
			asJob,
			slices.Concat([]reply{none, accepted(), refusal("400031", "Bad Request", "j1")}, nothing),
			[]string{lookUp, post + "?asJob=true", "GET jobs/j1", lookUp, lookUp, lookUp, lookUp},
			ErrOutcomeUnknown,
		},
		"expired before it": {
			nil,
			[]reply{none, refusal("401002", "Unauthorized", "token"), created(published("w1", 9))},
			[]string{lookUp, post, post},
			nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s, f := signedIn(t, inOrder(t, test.replies...))
				w, err := s.Workbooks.Publish(t.Context(), sales(test.change))
				errorIs(t, err, test.err)
				if errors.Is(err, ErrOutcomeUnknown) != (test.err == ErrOutcomeUnknown) {
					t.Errorf("the outcome is not told as it is: %v", err)
				}
				if err == nil && (w.LUID != "w1" || w.UpdatedAt.Second() != 9 || len(w.Views) != 1) {
					t.Errorf("%+v", w)
				}
				equal(t, "requests", f.lines(), test.want)
			})
		})
	}
}

// Whether a publish that has not arrived is sent again goes by the last answer to it.
func TestMayRepeat(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		mode PublishMode
		last Error
		want bool
	}{
		{CreateNew, Error{Err: syscall.ECONNRESET, ambiguous: true}, true},
		{Overwrite, Error{Status: 502, ambiguous: true}, true},
		{Overwrite, Error{Status: 403, Code: "403131"}, true}, // busy
		{Append, Error{Err: syscall.ECONNRESET, ambiguous: true}, false},
		{CreateNew, Error{Status: 500, ambiguous: true}, false},
		{CreateNew, Error{Status: 403, Code: "403004"}, false},
		{CreateNew, Error{Status: 404, Code: "404015"}, false}, // the upload session is used up
		{CreateNew, Error{Status: 404, Code: "404015", ambiguous: true}, false},
		{Overwrite, Error{Status: 502, Code: "404015", ambiguous: true}, false},
		{CreateNew, Error{Status: 404, Code: "404005", ambiguous: true}, true},
	} {
		d := &delivery[Workbook]{p: publication[Workbook]{mode: test.mode}}
		if got := d.mayRepeat(&test.last); got != test.want {
			t.Errorf("%v after %+v: %v, want %v", test.mode, test.last, got, test.want)
		}
	}
}

// What was to be appended is never sent twice.
func TestReconcileAppend(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		same := `<datasource id="d1" name="Sales" updatedAt="2026-03-02T10:00:01Z"><project id="p1"/></datasource>`
		posts := 0
		s, _ := signedIn(t, func(r seenRequest) reply {
			switch {
			case r.Method == http.MethodPost:
				posts++
				return reply{status: 504}
			case strings.HasSuffix(r.Path, "/d1"):
				return ok(same)
			}
			return ok(`<datasources>` + same + `</datasources>`)
		})
		_, err := s.Datasources.Publish(t.Context(), DatasourcePublish{Name: "Sales", ProjectLUID: "p1", Source: bytesSource("Hyper"), Mode: Append})
		errorIs(t, err, ErrOutcomeUnknown)
		errorIs(t, err, ErrUnavailable)
		if posts != 1 {
			t.Errorf("%d posts", posts)
		}
	})
}

func TestPublishCancelled(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	s, _ := signedIn(t, func(r seenRequest) reply {
		if r.Method == http.MethodPost {
			cancel()
			return reply{err: context.Canceled}
		}
		return ok(noWorkbooks)
	})
	_, err := s.Workbooks.Publish(ctx, sales(nil))
	errorIs(t, err, ErrOutcomeUnknown)
	errorIs(t, err, context.Canceled)
}

func TestPublishJobFails(t *testing.T) {
	t.Parallel()
	failed := `<job id="j1" completedAt="2026-03-02T10:00:09Z" finishCode="1"><statusNotes><statusNote text="password s3cret refused"/></statusNotes></job>`
	s, _ := signedIn(t, inOrder(t, ok(noWorkbooks), accepted(), ok(failed)))
	_, err := s.Workbooks.Publish(t.Context(), sales(func(p *WorkbookPublish) {
		p.AsJob = true
		p.Connections = []PublishConnection{{Server: "db", Credentials: ConnectionCredentials{Username: "u", Password: "s3cret"}}}
	}))
	if failure, is := errors.AsType[*JobError](err); !is || failure.Job.LUID != "j1" {
		t.Errorf("%v", err)
	}
	errorHas(t, err, "job j1 failed: password redacted refused")
}

func TestPublishTags(t *testing.T) {
	t.Parallel()
	tags := func(p *WorkbookPublish) { p.Tags = []string{"managed", "gold", "a&b"} } // it has one of them
	s, f := signedIn(t, inOrder(t, ok(noWorkbooks), created(published("w1", 5)), ok(`<tags><tag label="gold"/><tag label="managed"/><tag label="a&amp;b"/></tags>`),
		ok(noWorkbooks), created(published("w1", 5)), refusal("403004", "Forbidden", "no")))
	w, err := s.Workbooks.Publish(t.Context(), sales(tags))
	if err != nil || w.LUID != "w1" {
		t.Errorf("%+v, %v", w, err)
	}
	equal(t, "tags", w.Tags, []string{"gold", "managed", "a&b"})
	if got := f.seen[3]; got.line() != "PUT workbooks/w1/tags" || got.Body != `<tsRequest><tags><tag label="managed"/><tag label="a&amp;b"/></tags></tsRequest>` {
		t.Errorf("%s %s", got.line(), got.Body)
	}
	w, err = s.Workbooks.Publish(t.Context(), sales(tags))
	errorIs(t, err, ErrForbidden)
	if w.LUID != "w1" {
		t.Errorf("the published workbook is lost: %+v", w)
	}
}

// A file that fails is neither retried nor taken for an unclear outcome.
func TestPublishFileFails(t *testing.T) {
	t.Parallel()
	s, f := signedIn(t, func(seenRequest) reply { return ok(noWorkbooks) })
	_, err := s.Workbooks.Publish(t.Context(), sales(func(p *WorkbookPublish) { p.Source = halfSource{} }))
	errorHas(t, err, "reading the file to publish: unexpected EOF")
	if e, is := errors.AsType[*Error](err); !is || e.Attempts != 1 || errors.Is(err, ErrOutcomeUnknown) || errors.Is(err, ErrUnavailable) {
		t.Errorf("%+v", e)
	}
	equal(t, "requests", f.lines(), []string{lookUp})
}

// A halfSource ends in the middle.
type halfSource struct{}

func (halfSource) Size() int64 { return 1000 }
func (halfSource) ReadAt(p []byte, off int64) (int, error) {
	return strings.NewReader("PK\x03\x04"+strings.Repeat("x", 600)).ReadAt(p, off)
}
