package emulator

import (
	"strconv"
	"strings"
	"time"
)

var jobOperations = []operation{
	op("GET", "sites/{site}/jobs", onSite, nil, listJobs).since(3, 1),
	op("GET", "sites/{site}/jobs/{id}", onSite, nil, getJob).since(2, 6),
	op("PUT", "sites/{site}/jobs/{id}", onSite, nil, cancelJob).since(3, 1),
}

// jobKind is what answers tell of the jobs of a kind.
type jobKind struct {
	jobType string              // of a single job; the list of jobs tells the kind itself
	detail  func(*job) *element // what the job is about, with its notes; nil for jobs with statusNotes
}

// jobKinds are the kinds of jobs, under the names that the list of jobs has for them.
var jobKinds = map[string]jobKind{
	"publish_workbook":           {jobType: "PublishWorkbook"},
	"publish_datasource":         {jobType: "PublishDatasource"},
	"import_ad_group":            {jobType: "GroupImport"},
	"sync_ad_group":              {jobType: "GroupSync"},
	"import_users":               {jobType: "UserImport"},
	"delete_users":               {jobType: "UserDelete"},
	"refresh_extracts":           {"RefreshExtract", refreshDetail},
	"increment_extracts":         {"RefreshExtract", refreshDetail},
	"create_extracts":            {"CreateExtract", extractionDetail},
	"delete_extracts":            {jobType: "DeleteExtract"},
	"update_uploaded_file":       {"UpdateUploadedFile", hyperDetail},
	"refresh_thumbnails":         {"RefreshThumbnails", thumbnailDetail},
	"run_flow":                   {"RunFlow", flowDetail},
	"materialize_views":          {jobType: "MaterializeViews"},
	"single_subscription_notify": {"SingleSubscriptionNotify", mailingDetail},
}

// job returns the job in the path. People see their own, administrators all.
func (c *call) job() (*job, error) {
	j := c.site.jobs.Get(c.vars["id"])
	switch {
	case j == nil:
		return nil, refuse(codeNoJob, "Job '%s' could not be found.", c.vars["id"])
	case j.User != c.user.LUID && !c.user.isAdministrator():
		return nil, refuse(codeForbidden, "User '%s' may not query job '%s'.", c.user.LUID, j.LUID)
	case j.isDone() && j.Fault.Gone != 0:
		return nil, refuse(j.Fault.Gone, "Job '%s' cannot be queried.", j.LUID)
	}
	return j, nil
}

// getJob answers GET jobs/{id}.
func getJob(c *call) (*reply, error) {
	j, err := c.job()
	if err != nil {
		return nil, err
	}
	return ok(j.render(c.now)), nil
}

// codeJobOver is the code for cancelling what is complete, after "Cancel Job" of the reference.
const codeJobOver = 403091

// cancelJob answers PUT jobs/{id}, which is for administrators.
func cancelJob(c *call) (*reply, error) {
	j, err := c.job()
	switch {
	case err != nil:
		return nil, err
	case !c.user.isAdministrator():
		return nil, refuse(codeViewForbidden, "User '%s' is no administrator and may not cancel job '%s'.", c.user.LUID, j.LUID)
	case j.isDone():
		return nil, refuse(codeJobOver, "Job '%s' is complete and cannot be cancelled.", j.LUID)
	}
	c.server.cancel(c.site, j, c.now)
	return ok(c.site.jobs.Get(j.LUID).render(c.now)), nil
}

// listJobs answers GET jobs: all for administrators, their own for others.
func listJobs(c *call) (*reply, error) {
	var jobs []*job
	for _, j := range c.site.jobs.All() {
		if (c.user.isAdministrator() || j.User == c.user.LUID) && !(j.isDone() && j.Fault.Gone != 0) {
			jobs = append(jobs, j)
		}
	}
	return listing[*job]{
		name: "backgroundJobs", items: jobs, fields: jobFields(c.now), render: (*job).renderListed,
	}.reply(c)
}

// jobFields are what jobs may be filtered and sorted by, after "Filtering and Sorting in the REST API".
func jobFields(now time.Time) map[string]field[*job] {
	return map[string]field[*job]{
		"args":        operatorsField((*job).args, "has"),
		"completedAt": timeField(func(j *job) time.Time { return stamp(j.EndedAt) }),
		"createdAt":   timeField(func(j *job) time.Time { return stamp(j.CreatedAt) }),
		"jobType":     textField(func(j *job) string { return j.Kind }),
		"notes":       operatorsField(func(j *job) string { return j.Notes }, "has"),
		"priority":    intField(func(j *job) int { return j.Priority }),
		"progress":    intField(func(j *job) int { return j.progress(now) }),
		"startedAt":   timeField((*job).startedAt),
		"status":      operatorsField(func(j *job) string { return j.Status }, "eq"),
		"subtitle":    operatorsField((*job).subtitle, "eq", "has"),
		"title":       operatorsField(func(j *job) string { return j.About.Name }, "eq", "has"),
	}
}

// args are what the job was given to work on.
func (j *job) args() string {
	return strings.Join([]string{j.subtitle(), j.About.LUID, j.About.Name}, ", ")
}

// subtitle is the kind of thing that the job is about, with the name of that for a title.
func (j *job) subtitle() string {
	if j.About.Kind == "" {
		return ""
	}
	return strings.ToUpper(j.About.Kind[:1]) + j.About.Kind[1:]
}

// startedAt is when the job started, the zero time as long as it waits.
func (j *job) startedAt() time.Time {
	if j.Status == jobPending {
		return time.Time{}
	}
	return stamp(j.StartsAt)
}

// progress is how much of the job is done, in percent.
func (j *job) progress(now time.Time) int {
	switch {
	case j.isDone():
		return 100
	case j.Status == jobPending || j.Takes == 0:
		return 0
	}
	return min(99, int(100*now.Sub(j.StartsAt)/j.Takes))
}

// finishCode is 0 for success, 1 for failure, 2 for cancelled. It is 1 until the job is done.
func (j *job) finishCode() string {
	switch j.Status {
	case jobSuccess:
		return "0"
	case jobCancelled:
		return "2"
	}
	return "1"
}

// renderListed writes a job as the list of jobs does.
func (j *job) renderListed() *element {
	return node("backgroundJob").
		with("id", j.LUID).
		with("status", j.Status).
		with("createdAt", formatTime(j.CreatedAt)).
		withTime("startedAt", j.startedAt()).
		withTime("endedAt", j.EndedAt).
		with("priority", strconv.Itoa(j.Priority)).
		with("jobType", j.Kind).
		withOptional("title", j.About.Name).
		withOptional("subtitle", j.subtitle())
}

// withTime adds a time unless it is the zero time.
func (e *element) withTime(name string, t time.Time) *element {
	if t.IsZero() {
		return e
	}
	return e.with(name, formatTime(t))
}

// render writes a single job. A client knows by completedAt that it is over.
func (j *job) render(now time.Time) *element {
	e := node("job").
		with("id", j.LUID).
		with("mode", "Asynchronous").
		with("type", jobKinds[j.Kind].jobType).
		with("progress", strconv.Itoa(j.progress(now))).
		with("createdAt", formatTime(j.CreatedAt)).
		withTime("startedAt", j.startedAt()).
		withTime("completedAt", j.EndedAt).
		with("finishCode", j.finishCode())
	e.add(j.renderDetail()...)
	return e
}

// renderBrief writes a job as the operations that refresh and run things answer.
func (j *job) renderBrief() *element {
	e := node("job").
		with("id", j.LUID).
		with("mode", "Asynchronous").
		with("type", jobKinds[j.Kind].jobType).
		with("createdAt", formatTime(j.CreatedAt))
	e.add(j.renderDetail()...)
	return e
}

// renderDetail writes what the job is about and how it went, in the form that its kind has.
func (j *job) renderDetail() []*element {
	switch detail := jobKinds[j.Kind].detail; {
	case detail != nil:
		return []*element{detail(j)}
	case j.Failure != nil:
		note := node("statusNote").
			with("type", "Error").
			with("value", strconv.Itoa(j.Failure.Code)).
			with("text", j.Failure.Detail)
		return []*element{node("statusNotes", note)}
	}
	return nil
}

// renderNotes writes what the job tells of how it went, where it has told anything.
func (j *job) renderNotes() []*element {
	if j.Notes == "" {
		return nil
	}
	return []*element{textNode("notes", j.Notes)}
}

func (o object) render() *element { return node(o.Kind).with("id", o.LUID).with("name", o.Name) }
