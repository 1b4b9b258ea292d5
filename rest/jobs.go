package rest

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"slices"
	"strings"
	"time"
)

// A Job is work the server does in the background ("Query Job", API 2.6). What it is about is told by those of the LUIDs that
// its type has; a job that publishes does not name what it publishes.
type Job struct {
	LUID        string     `api:"@id"`
	Mode        string     `api:"@mode"`     // Asynchronous
	Type        string     `api:"@type"`     // such as PublishWorkbook, PublishDatasource, RefreshExtract, RunFlow
	Progress    int        `api:"@progress"` // percent
	CreatedAt   time.Time  `api:"@createdAt"`
	StartedAt   time.Time  `api:"@startedAt"` // zero while queued
	UpdatedAt   time.Time  `api:"@updatedAt"`
	CompletedAt time.Time  `api:"@completedAt"` // zero until it has ended
	FinishCode  FinishCode `api:"@finishCode"`  // means something once ended
	StatusNotes []JobNote  `api:"statusNotes/statusNote"`
	// Details are further notes, from the part of the answer that is for the job's type.
	Details []string `api:"extractRefreshJob/notes/text()|updateUploadedFileJob/notes/text()|extractCreationJob/notes/text()|runFlowJobType/notes/text()|subscriptionJobType/notes/text()"`

	WorkbookLUID          string `api:"extractRefreshJob/workbook/@id|extractCreationJob/workbook/@id|thumbnailsRefreshJob/workbook/@id"`
	WorkbookName          string `api:"extractRefreshJob/workbook/@name|extractCreationJob/workbook/@name|thumbnailsRefreshJob/workbook/@name"`
	DatasourceLUID        string `api:"extractRefreshJob/datasource/@id|updateUploadedFileJob/datasource/@id|extractCreationJob/datasource/@id"`
	DatasourceName        string `api:"extractRefreshJob/datasource/@name|updateUploadedFileJob/datasource/@name|extractCreationJob/datasource/@name"`
	ConnectionLUID        string `api:"updateUploadedFileJob/connectionLuid/text()"` // of the data source, when a single connection is updated
	ViewLUID              string `api:"extractRefreshJob/view/@id"`
	VirtualConnectionLUID string `api:"extractRefreshJob/virtualConnection/@id"`
	FlowLUID              string `api:"runFlowJobType/flow/@id"`
	FlowName              string `api:"runFlowJobType/flow/@name"`
	FlowRunLUID           string `api:"runFlowJobType/@flowRunId"`
	SubscriptionLUID      string `api:"subscriptionJobType/subscriptionId/text()"`
	SubscriptionSubject   string `api:"subscriptionJobType/subscriptionSubject/text()"`
}

// A FinishCode is how a job ended. While a job runs servers give it the code of a failed one: ask [Job.Done] first.
type FinishCode string

// The finish codes.
const (
	FinishSuccess   FinishCode = "0"
	FinishFailed    FinishCode = "1"
	FinishCancelled FinishCode = "2"
	FinishCompleted FinishCode = "3" // ended well, some servers say
)

// A JobNote is something the server has to say about a job.
type JobNote struct {
	Type  string `api:"@type"`
	Value string `api:"@value"`
	Text  string `api:"@text"`
}

// Done says that the job has ended, well or not.
func (j Job) Done() bool { return !j.CompletedAt.IsZero() }

// Notes are what the server has to say about the job, for people to read.
func (j Job) Notes() []string {
	var notes []string
	for _, n := range j.StatusNotes {
		if n.Text == "" {
			n.Text = strings.TrimSpace(n.Type + " " + n.Value)
		}
		notes = append(notes, n.Text)
	}
	notes = append(notes, j.Details...)
	return slices.DeleteFunc(notes, func(note string) bool { return note == "" })
}

// Err is a [*JobError] when the job has ended badly, and nil when it is under way or has ended well.
func (j Job) Err() error {
	complains := slices.ContainsFunc(j.StatusNotes, func(n JobNote) bool {
		kind := strings.ToLower(n.Type)
		return strings.Contains(kind, "error") || strings.Contains(kind, "fail")
	})
	// A code that is not known is not success.
	good := slices.Contains([]FinishCode{"", FinishSuccess, FinishCompleted}, j.FinishCode.trimmed())
	if !j.Done() || good && !complains {
		return nil
	}
	return &JobError{Job: j}
}

func (c FinishCode) trimmed() FinishCode { return FinishCode(strings.TrimSpace(string(c))) }

// scrubbed is the job without secrets in what the server says about it.
func (j Job) scrubbed(secrets []string) Job {
	j.Details = convert(j.Details, func(text string) string { return tidy(text, secrets) })
	j.StatusNotes = convert(j.StatusNotes, func(n JobNote) JobNote {
		return JobNote{tidy(n.Type, secrets), tidy(n.Value, secrets), tidy(n.Text, secrets)}
	})
	return j
}

// A JobError is a job that failed or was cancelled.
type JobError struct{ Job Job }

// Error says how the job ended and what the server noted, on one line.
func (e *JobError) Error() string {
	how := "failed"
	switch e.Job.FinishCode.trimmed() {
	case FinishSuccess, FinishFailed, FinishCompleted:
	case FinishCancelled:
		how = "was cancelled"
	default:
		how = fmt.Sprintf("ended with the finish code %q", e.Job.FinishCode)
	}
	text := fmt.Sprintf("job %s %s", e.Job.LUID, how)
	if notes := e.Job.Notes(); len(notes) > 0 {
		text += ": " + strings.Join(convert(notes, func(note string) string { return tidy(note, nil) }), "; ")
	}
	return text
}

// JobsService lists and cancels jobs, and waits for them. Refreshes and other calls that take long give a [Job]; Wait waits
// for it, and [Job.Err] then tells whether it ended well:
//
//	job, err := s.Workbooks.Refresh(ctx, w.LUID, rest.RefreshOptions{})
//	job, err = s.Jobs.Wait(ctx, job.LUID)
//	err = job.Err()
type JobsService struct{ s *Session }

// All lists the jobs of the site, all of them to administrators and to others their own ("Query Jobs", API 3.1). Filtering by
// status, jobType and createdAt keeps the list short.
func (js *JobsService) All(ctx context.Context, q Query) iter.Seq2[BackgroundJob, error] {
	return listing[BackgroundJob]{
		op: "Query Jobs", since: sinceJobList, path: "jobs", query: q, items: []string{"backgroundJobs", "backgroundJob"}, kinds: jobFilters, whole: true,
	}.all(ctx, js.s)
}

// A BackgroundJob is a job as the list of jobs has it ("Query Jobs"); [JobsService.ByLUID] tells more of it.
type BackgroundJob struct {
	LUID      string    `api:"@id"`
	Type      string    `api:"@jobType"` // in other words than Job.Type: refresh_extracts, publish_workbook, single_subscription_notify
	Status    JobStatus `api:"@status"`
	Priority  int       `api:"@priority"` // 1 to 100, 1 is the most urgent
	Title     string    `api:"@title"`    // the name of what it is about
	Subtitle  string    `api:"@subtitle"` // the kind of what it is about
	CreatedAt time.Time `api:"@createdAt"`
	StartedAt time.Time `api:"@startedAt"`            // zero while queued
	EndedAt   time.Time `api:"@endedAt|@completedAt"` // zero until it has ended
}

// Done says that the job has ended, well or not.
func (j BackgroundJob) Done() bool {
	return !slices.Contains([]JobStatus{JobPending, JobInProgress}, j.Status)
}

// A JobStatus is how far a job of the list is.
type JobStatus string

// The states of jobs, as filters have them, too.
const (
	JobPending    JobStatus = "Pending"
	JobInProgress JobStatus = "InProgress"
	JobSuccess    JobStatus = "Success"
	JobFailed     JobStatus = "Failed"
	JobCancelled  JobStatus = "Cancelled"
)

// ByLUID asks for the state of a job ("Query Job"). Without a record of it on the server the error is an [ErrJobGone].
func (js *JobsService) ByLUID(ctx context.Context, luid string) (Job, error) {
	job, err := js.get(ctx, luid)
	if err != nil {
		return Job{}, fmt.Errorf("querying job %q: %w", luid, err)
	}
	return job, nil
}

func (js *JobsService) get(ctx context.Context, luid string) (Job, error) {
	if err := checkLUID("job", luid); err != nil {
		return Job{}, err
	}
	q := &request{op: "Query Job", since: sinceJobs, method: http.MethodGet, path: "jobs/" + segments(luid)}
	job, err := read[Job](ctx, js.s, q, "job")
	if e, ok := errors.AsType[*Error](err); ok && (e.kind() == ErrNotFound || e.Code == "400031") {
		err = fmt.Errorf("%w: %w", ErrJobGone, err)
	}
	return job, err
}

// Cancel cancels a job that waits or runs: refreshes, subscriptions, runs of flows and some others, for administrators
// ("Cancel Job", API 3.1). The job ends some time later; wait for it to be sure. One that is over is an [ErrForbidden].
func (js *JobsService) Cancel(ctx context.Context, luid string) error {
	err := checkLUID("job", luid)
	if err == nil {
		q := &request{op: "Cancel Job", since: sinceJobList, method: http.MethodPut, path: "jobs/" + segments(luid)}
		_, err = js.s.call(ctx, q) // servers answer with the job, with notes, or with nothing
	}
	if err != nil {
		return fmt.Errorf("cancelling job %q: %w", luid, err)
	}
	return nil
}

// Wait asks for a job until it has ended, at growing intervals from half a second to half a minute; its only time limit is the
// context. A job that ended badly is no error of Wait: see [Job.Err]. When the context ends first the last known state comes
// with the error; a record that the server has dropped meanwhile is an [ErrJobGone].
func (js *JobsService) Wait(ctx context.Context, luid string) (Job, error) {
	return js.wait(ctx, luid, func(Job) {})
}

// WaitFunc is [JobsService.Wait] that reports every state it sees, the last one included.
func (js *JobsService) WaitFunc(ctx context.Context, luid string, report func(Job)) (Job, error) {
	return js.wait(ctx, luid, report)
}

func (js *JobsService) wait(ctx context.Context, luid string, report func(Job)) (Job, error) {
	var job Job
	for interval := firstWait; ; interval = nextPoll(interval) {
		now, err := js.get(ctx, luid)
		if err == nil {
			job = now
			report(job)
			if job.Done() {
				return job, nil
			}
			err = pause(ctx, interval)
		}
		if err != nil {
			return job, fmt.Errorf("waiting for job %q: %w", luid, err)
		}
	}
}

// WaitAll waits for several jobs together, asking for one after the other, and returns them in the order of the LUIDs. As with
// Wait, a job that ended badly is no error. The error joins those of the jobs that could not be waited for.
func (js *JobsService) WaitAll(ctx context.Context, luids ...string) ([]Job, error) {
	jobs, errs := make([]Job, len(luids)), make([]error, len(luids))
	over := func(i int) bool { return jobs[i].Done() || errs[i] != nil }
	for interval := firstWait; ; interval = nextPoll(interval) {
		waiting := false
		for i, luid := range luids {
			if over(i) {
				continue
			}
			job, err := js.get(ctx, luid)
			if err != nil {
				errs[i] = fmt.Errorf("waiting for job %q: %w", luid, err)
				continue
			}
			jobs[i] = job
			waiting = waiting || !over(i)
		}
		if !waiting {
			return jobs, errors.Join(errs...)
		}
		if err := pause(ctx, interval); err != nil {
			return jobs, errors.Join(append(errs, fmt.Errorf("waiting for %d jobs: %w", len(luids), err))...)
		}
	}
}

// underWay looks for a job that waits or runs. The list of jobs does not say which object one is about: it is narrowed down by
// filters, and each job that comes into question is asked for.
func (js *JobsService) underWay(ctx context.Context, filters []Filter, is func(BackgroundJob, Job) bool) (Job, bool, error) {
	for _, status := range []JobStatus{JobPending, JobInProgress} { // in this order, as a job goes from the one to the other
		q := Query{Filters: append([]Filter{Eq("status", string(status))}, filters...)}
		for listed, err := range js.All(ctx, q) {
			if err != nil {
				return Job{}, false, err
			}
			job, err := js.get(ctx, listed.LUID)
			switch {
			case errors.Is(err, ErrJobGone):
			case err != nil:
				return Job{}, false, err
			case is(listed, job):
				return job, true, nil
			}
		}
	}
	return Job{}, false, nil
}

// nextPoll is the interval after an interval.
func nextPoll(interval time.Duration) time.Duration { return min(interval*7/5, longestWait) }
