package main

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tabtemplate/tabtemplate/rest"
)

var jobList = list[rest.BackgroundJob]{
	order: "-created_at",
	columns: []column[rest.BackgroundJob]{
		{name: "luid", value: func(j rest.BackgroundJob) any { return j.LUID }},
		{name: "type", server: "jobType", value: func(j rest.BackgroundJob) any { return j.Type }},
		{name: "status", server: "status", value: func(j rest.BackgroundJob) any { return string(j.Status) }},
		{name: "title", value: func(j rest.BackgroundJob) any { return j.Title }},
		{name: "created_at", server: "createdAt", value: func(j rest.BackgroundJob) any { return j.CreatedAt }},
		{name: "ended_at", server: "completedAt", value: func(j rest.BackgroundJob) any { return j.EndedAt }},
		{name: "subtitle", more: true, value: func(j rest.BackgroundJob) any { return j.Subtitle }},
		{name: "started_at", more: true, server: "startedAt", value: func(j rest.BackgroundJob) any { return j.StartedAt }},
		{name: "priority", more: true, server: "priority", value: func(j rest.BackgroundJob) any { return j.Priority }},
	},
	all: func(ctx context.Context, s *rest.Session, q rest.Query) iter.Seq2[rest.BackgroundJob, error] {
		return s.Jobs.All(ctx, q)
	},
}

// jobFields are those of a single job, of which the server tells more.
var jobFields = []column[rest.Job]{
	{name: "luid", value: func(j rest.Job) any { return j.LUID }},
	{name: "type", value: func(j rest.Job) any { return j.Type }},
	{name: "status", value: func(j rest.Job) any { return string(jobStatus(j)) }},
	{name: "progress", value: func(j rest.Job) any { return j.Progress }},
	{name: "created_at", value: func(j rest.Job) any { return j.CreatedAt }},
	{name: "started_at", value: func(j rest.Job) any { return j.StartedAt }},
	{name: "ended_at", value: func(j rest.Job) any { return j.CompletedAt }},
	{name: "workbook", value: func(j rest.Job) any { return j.WorkbookName }},
	{name: "datasource", value: func(j rest.Job) any { return j.DatasourceName }},
	{name: "flow", value: func(j rest.Job) any { return j.FlowName }},
	{name: "notes", value: func(j rest.Job) any { return j.Notes() }},
}

// jobStatus is the status of a single job in the words of the list.
func jobStatus(j rest.Job) rest.JobStatus {
	switch {
	case !j.Done() && j.StartedAt.IsZero():
		return rest.JobPending
	case !j.Done():
		return rest.JobInProgress
	case j.Err() == nil:
		return rest.JobSuccess
	case j.FinishCode == rest.FinishCancelled:
		return rest.JobCancelled
	}
	return rest.JobFailed
}

// jobFlags are those of a single job.
type jobFlags struct{ wait, cancel, dryRun bool }

func (a *app) jobsCommand() *cobra.Command {
	var f jobFlags
	cmd := a.listCommand(&cobra.Command{
		Use:   "jobs [LUID]",
		Short: "List the jobs of a site; show, await or cancel one",
		Long: `jobs lists what the server does in the background, the latest first: all of it for administrators, and
their own for others. Servers keep this for a short time only.

With the LUID of a job it shows that one with its progress and notes. --wait waits for its end, and
fails when it ends badly; --cancel cancels it. It has these fields:
` + fieldsText(namesOf(jobFields)),
		Example: `  tabtemplate jobs --filter 'status=InProgress'
  tabtemplate jobs --filter 'created_at>2026-01-31' --filter 'status=Failed' --json
  tabtemplate jobs 8d5d7e1f-3f5a-4b5e-9a93-2f4fd5b1c0aa --wait
  tabtemplate jobs 8d5d7e1f-3f5a-4b5e-9a93-2f4fd5b1c0aa --cancel`,
	}, "the LUID of a job", jobList.names(), func(l *lister, luid string) error {
		switch {
		case luid == "" && (f.wait || f.cancel || f.dryRun):
			return usagef("which job? --wait, --cancel and --dry-run go with its LUID")
		case luid == "":
			return runList(l, jobList)
		case l.cmd.Flags().Changed("filter") || l.cmd.Flags().Changed("sort") || l.cmd.Flags().Changed("limit") || l.cmd.Flags().Changed("fields"):
			return usagef("a single job is shown whole: --filter, --fields, --sort and --limit are for the list")
		case f.dryRun && !f.cancel:
			return usagef("--dry-run goes with --cancel")
		}
		return a.withSession(l.cmd, &l.in, func(ctx context.Context, s *rest.Session) error { return a.oneJob(ctx, s, luid, f) })
	})
	cmd.Flags().BoolVar(&f.wait, "wait", false, "wait until the job has ended")
	cmd.Flags().BoolVar(&f.cancel, "cancel", false, "cancel the job")
	cmd.Flags().BoolVar(&f.dryRun, "dry-run", false, "say what --cancel would cancel, and change nothing")
	return cmd
}

// oneJob shows a job, after it was cancelled or has ended if that is wanted.
func (a *app) oneJob(ctx context.Context, s *rest.Session, luid string, f jobFlags) error {
	job, err := s.Jobs.ByLUID(ctx, luid)
	switch {
	case err != nil:
		return err
	case f.cancel && job.Done():
		return errors.Join(a.printJob(job), errors.New("there is nothing to cancel: the job has ended"))
	case f.cancel && f.dryRun:
		a.note("would cancel job %s", job.LUID)
		return a.printJob(job)
	case f.cancel:
		if err := s.Jobs.Cancel(ctx, job.LUID); err != nil {
			return err
		}
		a.note("cancelled job %s", job.LUID)
		if job, err = s.Jobs.ByLUID(ctx, luid); err != nil {
			return err
		}
	}
	if f.wait {
		if job, err = a.await(ctx, s, luid); err != nil {
			return err
		}
	}
	if err := a.printJob(job); err != nil || f.cancel || !f.wait {
		return err
	}
	return job.Err()
}

// await waits for a job, and tells of it when something has changed.
func (a *app) await(ctx context.Context, s *rest.Session, luid string) (rest.Job, error) {
	told := ""
	job, err := s.Jobs.WaitFunc(ctx, luid, func(j rest.Job) {
		if now := fmt.Sprintf("%s, %d%%", jobStatus(j), j.Progress); now != told && !j.Done() {
			told = now
			a.note("job %s: %s", luid, now)
		}
	})
	if ctx.Err() != nil {
		a.note("the job goes on: `tabtemplate jobs %s --wait` waits for it again", luid)
	}
	return job, err
}

// printJob prints what is known of a job, a field a line.
func (a *app) printJob(job rest.Job) error {
	var o object
	for _, c := range jobFields {
		o = append(o, field{c.name, c.value(job)})
	}
	if a.json {
		return a.printJSON(o)
	}
	t := newTable(a.stdout)
	for _, f := range o {
		text := valueText(f.value)
		if notes, ok := f.value.([]string); ok {
			text = strings.Join(notes, "\n")
		}
		if text != "" {
			t.AppendRow([]any{strings.ToUpper(strings.ReplaceAll(f.name, "_", " ")), text})
		}
	}
	t.Render()
	return a.stdout.err
}
