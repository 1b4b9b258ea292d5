package rest

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// A Job is work the server does in the background ("Query Job", API 2.6).
type Job struct {
	LUID        string    `api:"@id"`
	Type        string    `api:"@type"`     // such as PublishWorkbook, PublishDatasource, RefreshExtract
	Progress    int       `api:"@progress"` // percent
	CreatedAt   time.Time `api:"@createdAt"`
	StartedAt   time.Time `api:"@startedAt"`   // zero while queued
	CompletedAt time.Time `api:"@completedAt"` // zero until it has ended
	FinishCode  string    `api:"@finishCode"`  // means something once ended: 0 success, 1 failed, 2 cancelled, 3 completed
	StatusNotes []JobNote `api:"statusNotes/statusNote"`
	Details     []string  `api:"extractRefreshJob/notes/text()|updateUploadedFileJob/notes/text()"`
}

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
	good := slices.Contains([]string{"", "0", "3"}, strings.TrimSpace(j.FinishCode))
	if !j.Done() || good && !complains {
		return nil
	}
	return &JobError{Job: j}
}

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

// Error says how the job ended and what the server noted.
func (e *JobError) Error() string {
	how := "failed"
	switch strings.TrimSpace(e.Job.FinishCode) {
	case "0", "1", "3":
	case "2":
		how = "was cancelled"
	default:
		how = fmt.Sprintf("ended with the finish code %q", e.Job.FinishCode)
	}
	text := fmt.Sprintf("job %s %s", e.Job.LUID, how)
	if notes := e.Job.Notes(); len(notes) > 0 {
		text += ": " + strings.Join(notes, "; ")
	}
	return text
}

// JobsService asks for jobs and waits for them.
type JobsService struct{ s *Session }

// ByLUID asks for the state of a job ("Query Job").
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
	return read[Job](ctx, js.s, q, "job")
}

// Wait asks for a job until it has ended, at growing intervals from half a second to half a minute; its only time limit is the
// context. A job that ended badly is no error of Wait: see [Job.Err].
func (js *JobsService) Wait(ctx context.Context, luid string) (Job, error) {
	return js.wait(ctx, luid, func(Job) {})
}

func (js *JobsService) wait(ctx context.Context, luid string, report func(Job)) (Job, error) {
	for interval := firstWait; ; interval = min(interval*7/5, longestWait) {
		job, err := js.get(ctx, luid)
		if err != nil {
			return Job{}, fmt.Errorf("waiting for job %q: %w", luid, err)
		}
		report(job)
		if job.Done() {
			return job, nil
		}
		if err := pause(ctx, interval); err != nil {
			return job, fmt.Errorf("waiting for job %q: %w", luid, err)
		}
	}
}
