package rest

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

const (
	jobQueued  = `<job id="j1" mode="Asynchronous" type="PublishWorkbook" progress="0" createdAt="2026-03-02T10:00:00Z" finishCode="1"/>`
	jobRunning = `<job id="j1" mode="Asynchronous" type="PublishWorkbook" progress="40" createdAt="2026-03-02T10:00:00Z" startedAt="2026-03-02T10:00:01Z" finishCode="1"/>`
	jobDone    = `<job id="j1" mode="Asynchronous" type="PublishWorkbook" progress="100" createdAt="2026-03-02T10:00:00Z" startedAt="2026-03-02T10:00:01Z" completedAt="2026-03-02T10:00:09Z" finishCode="0"/>`
)

func TestJobErr(t *testing.T) {
	t.Parallel()
	ended := func(code, rest string) string {
		return `<job id="j2" completedAt="2026-03-02T10:00:09Z" finishCode="` + code + `">` + rest + `</job>`
	}
	for _, test := range []struct{ job, want string }{
		{jobQueued, ""},
		{jobRunning, ""},
		{jobDone, ""},
		{ended("3", ""), ""},
		{ended("0", `<statusNotes><statusNote type="CountOfUsersProcessed" value="3"/></statusNotes>`), ""},
		{ended("0", `<statusNotes><statusNote type="PublishError" text="no space"/></statusNotes>`), "job j2 failed: no space"},
		{ended("1", `<extractRefreshJob><notes>The login for 'app' failed.</notes></extractRefreshJob>`), "job j2 failed: The login for 'app' failed."},
		{ended("1", "<extractRefreshJob><notes>Line 1\n\tand line 2</notes></extractRefreshJob>"), "job j2 failed: Line 1 and line 2"},
		{ended("1", `<updateUploadedFileJob><notes>a</notes></updateUploadedFileJob><statusNotes><statusNote text="b"/></statusNotes>`), "job j2 failed: b; a"},
		{ended("2", ""), "job j2 was cancelled"},
	} {
		s, _ := signedIn(t, inOrder(t, ok(test.job)))
		job, err := s.Jobs.ByLUID(t.Context(), "j2")
		if err != nil {
			t.Fatal(err)
		}
		if err := job.Err(); (err == nil) != (test.want == "") || err != nil && err.Error() != test.want {
			t.Errorf("%s: %v, want %q", test.job, err, test.want)
		}
	}
}

func TestJobWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, f := signedIn(t, inOrder(t, ok(jobQueued), ok(jobRunning), ok(jobRunning), ok(jobDone)))
		start := time.Now()
		job, err := s.Jobs.Wait(t.Context(), "j1")
		if err != nil || !job.Done() || job.Progress != 100 || job.Type != "PublishWorkbook" {
			t.Errorf("%+v, %v", job, err)
		}
		if want := 500*time.Millisecond + 700*time.Millisecond + 980*time.Millisecond; time.Since(start) != want {
			t.Errorf("waited %v, want %v", time.Since(start), want)
		}
		equal(t, "requests", f.lines(), []string{"GET jobs/j1", "GET jobs/j1", "GET jobs/j1", "GET jobs/j1"})
	})
	synctest.Test(t, func(t *testing.T) {
		s, _ := signedIn(t, func(seenRequest) reply { return ok(jobRunning) })
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		job, err := s.Jobs.Wait(ctx, "j1")
		errorIs(t, err, context.DeadlineExceeded)
		if job.Progress != 40 {
			t.Errorf("the last state is lost: %+v", job)
		}
	})
	s, _ := signedIn(t, inOrder(t, refusal("404018", "Resource Not Found", "j1")))
	_, err := s.Jobs.Wait(t.Context(), "j1")
	if _, is := errors.AsType[*JobError](err); is || !errors.Is(err, ErrNotFound) || !errors.Is(err, ErrJobGone) {
		t.Errorf("%v", err)
	}
}

func TestJobWaitFunc(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, _ := signedIn(t, inOrder(t, ok(jobQueued), ok(jobRunning), ok(jobDone)))
		var seen []int
		job, err := s.Jobs.WaitFunc(t.Context(), "j1", func(j Job) { seen = append(seen, j.Progress) })
		if err != nil || !job.Done() {
			t.Errorf("%+v, %v", job, err)
		}
		equal(t, "progress", seen, []int{0, 40, 100})
	})
	synctest.Test(t, func(t *testing.T) { // gone after it was seen
		s, _ := signedIn(t, inOrder(t, ok(jobRunning), refusal("400031", "Bad Request", "j1")))
		job, err := s.Jobs.WaitFunc(t.Context(), "j1", func(Job) {})
		if errorIs(t, err, ErrJobGone); job.Progress != 40 {
			t.Errorf("%+v", job)
		}
	})
}

func TestJobWaitAll(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		looks := map[string]int{}
		s, f := signedIn(t, func(r seenRequest) reply {
			luid := r.Path[strings.LastIndex(r.Path, "/")+1:]
			looks[luid]++
			switch {
			case luid == "gone":
				return refusal("404018", "Resource Not Found", "gone")
			case luid == "fast" || looks[luid] == 3:
				return ok(strings.Replace(jobDone, `"j1"`, `"`+luid+`"`, 1))
			}
			return ok(jobRunning)
		})
		start := time.Now()
		jobs, err := s.Jobs.WaitAll(t.Context(), "slow", "gone", "fast")
		if errorIs(t, err, ErrJobGone); len(jobs) != 3 || jobs[0].LUID != "slow" || !jobs[0].Done() || jobs[1].LUID != "" || jobs[2].LUID != "fast" {
			t.Errorf("%+v", jobs)
		}
		equal(t, "requests", f.lines(), []string{"GET jobs/slow", "GET jobs/gone", "GET jobs/fast", "GET jobs/slow", "GET jobs/slow"})
		if waited := time.Since(start); waited != 1200*time.Millisecond {
			t.Errorf("waited %v", waited)
		}
		if jobs, err := s.Jobs.WaitAll(t.Context()); err != nil || len(jobs) != 0 {
			t.Errorf("no jobs: %v, %v", jobs, err)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		s, _ := signedIn(t, func(seenRequest) reply { return ok(jobRunning) })
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		jobs, err := s.Jobs.WaitAll(ctx, "j1", "j2")
		if errorIs(t, err, context.DeadlineExceeded); len(jobs) != 2 || jobs[1].Progress != 40 {
			t.Errorf("the last states are lost: %+v", jobs)
		}
	})
}

// A finish code that is no number is not taken for success.
func TestUnreadableFinishCode(t *testing.T) {
	t.Parallel()
	for code, good := range map[string]bool{"0": true, "": true, " 3 ": true, "1": false, "done": false, "0x0": false} {
		j := Job{LUID: "j", FinishCode: FinishCode(code), CompletedAt: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}
		if err := j.Err(); (err == nil) != good {
			t.Errorf("finish code %q: %v", code, err)
		}
	}
}
