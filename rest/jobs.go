package rest

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A Job is work the server does in the background ("Query Job", API 2.6).
type Job struct {
	LUID        string
	Type        string // such as PublishWorkbook, PublishDatasource, RefreshExtract
	Progress    int    // percent
	CreatedAt   time.Time
	StartedAt   time.Time // zero while queued
	CompletedAt time.Time // zero until it has ended
	FinishCode  int       // meaningful once ended: 0 success, 1 failed, 2 cancelled, 3 completed
	Notes       []string  // what the server has to say about it
	complaint   bool      // one of the notes reports an error
}

// Done says that the job has ended, well or not.
func (j Job) Done() bool { return !j.CompletedAt.IsZero() }

// Err is a [*JobError] when the job has ended badly, and nil when it is under way or has ended well.
func (j Job) Err() error {
	if !j.Done() || (j.FinishCode == 0 || j.FinishCode == 3) && !j.complaint {
		return nil
	}
	return &JobError{Job: j}
}

// A JobError is a job that failed or was cancelled.
type JobError struct{ Job Job }

// Error says how the job ended and what the server noted.
func (e *JobError) Error() string {
	how := "failed"
	if e.Job.FinishCode == 2 {
		how = "was cancelled"
	}
	text := fmt.Sprintf("job %s %s", e.Job.LUID, how)
	if len(e.Job.Notes) > 0 {
		text += ": " + strings.Join(e.Job.Notes, "; ")
	}
	return text
}

type wireJob struct {
	ID          string   `xml:"id,attr"`
	Type        string   `xml:"type,attr"`
	Progress    wireInt  `xml:"progress,attr"`
	CreatedAt   wireTime `xml:"createdAt,attr"`
	StartedAt   wireTime `xml:"startedAt,attr"`
	CompletedAt wireTime `xml:"completedAt,attr"`
	FinishCode  string   `xml:"finishCode,attr"`
	StatusNotes []struct {
		Type  string `xml:"type,attr"`
		Value string `xml:"value,attr"`
		Text  string `xml:"text,attr"`
	} `xml:"statusNotes>statusNote"`
	RefreshNotes string `xml:"extractRefreshJob>notes"`
	UploadNotes  string `xml:"updateUploadedFileJob>notes"`
}

func (w wireJob) job() Job {
	j := Job{
		LUID: w.ID, Type: w.Type, Progress: int(w.Progress),
		CreatedAt: w.CreatedAt.Time, StartedAt: w.StartedAt.Time, CompletedAt: w.CompletedAt.Time,
	}
	if code := strings.TrimSpace(w.FinishCode); code != "" {
		var err error
		if j.FinishCode, err = strconv.Atoi(code); err != nil { // not known is not success
			j.complaint = true
			j.Notes = append(j.Notes, fmt.Sprintf("the finish code is %q", code))
		}
	}
	for _, note := range w.StatusNotes {
		kind := strings.ToLower(note.Type)
		j.complaint = j.complaint || strings.Contains(kind, "error") || strings.Contains(kind, "fail")
		if note.Text == "" {
			note.Text = strings.TrimSpace(note.Type + " " + note.Value)
		}
		j.Notes = append(j.Notes, note.Text)
	}
	j.Notes = append(j.Notes, strings.TrimSpace(w.RefreshNotes), strings.TrimSpace(w.UploadNotes))
	j.Notes = slices.DeleteFunc(j.Notes, func(note string) bool { return note == "" })
	return j
}

// JobsService asks for jobs and waits for them.
type JobsService struct{ s *Session }

// Get asks for the state of a job.
func (js *JobsService) Get(ctx context.Context, luid string) (Job, error) {
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
	if err := js.s.needs("jobs", sinceJobs); err != nil {
		return Job{}, err
	}
	env, err := js.s.call(ctx, &request{method: http.MethodGet, path: "jobs/" + url.PathEscape(luid)})
	if err != nil {
		return Job{}, err
	}
	if env.Job == nil {
		return Job{}, missing("job")
	}
	return env.Job.job(), nil
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
