package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"github.com/tabtemplate/tabtemplate/templates"
	"github.com/tabtemplate/tabtemplate/templates/deploy"
)

// publishFlags are what can be said of publishing.
type publishFlags struct {
	siteFlags
	resume, force, failFast, dryRun bool
	maxFailures, retries            int
}

func (a *app) publishCommand() *cobra.Command {
	var f publishFlags
	cmd := &cobra.Command{
		Use:   "publish --all | --site KEY…",
		Short: "Render the templates and publish them to sites",
		Long: `publish renders every template of the manifest for each site and publishes it there,
over what has its name in its project. What is there as it is to be is left alone, so
that a second run does what is left. A site that fails does not stop the others; the
exit code is then 3.

What was published is kept in the folder of --state. A run that was cut short, however
hard, goes on with --resume: nothing is published twice, and nothing forgotten.

--dry-run says what would be done, as plan does, and does nothing.

With "url: emulator" in the manifest nothing leaves this machine: a Tableau Server
inside the process takes everything, so that the manifest can be tried.`,
		Example: `  tabtemplate publish --all
  tabtemplate publish --site acme --site globex --json
  tabtemplate publish --all --resume
  tabtemplate publish --all --shard 2/4 --jobs 8 --rate 20`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.publish(cmd.Context(), &f) },
	}
	f.flags(cmd)
	flags := cmd.Flags()
	flags.BoolVar(&f.resume, "resume", false, "go on with the last run, if it was cut short and nothing has changed since; else begin a new one")
	flags.BoolVar(&f.force, "force", false, "publish also what did not change")
	flags.BoolVar(&f.dryRun, "dry-run", false, "say what would be done, as plan does, and do nothing")
	flags.BoolVar(&f.failFast, "fail-fast", false, "begin no further site once one has failed")
	flags.IntVar(&f.maxFailures, "max-failures", 0, "begin no further site once `N` have failed (default no limit)")
	flags.IntVar(&f.retries, "retries", 1, "`N` more tries, after all other sites, for those that failed for a reason that may pass")
	return cmd
}

func (f *publishFlags) check() error {
	switch {
	case f.failFast && f.maxFailures != 0:
		return usagef("--fail-fast and --max-failures exclude each other")
	case f.maxFailures < 0:
		return usagef("--max-failures %d: it must be 1 or more", f.maxFailures)
	case f.retries < 0:
		return usagef("--retries %d: it must be 0 or more", f.retries)
	}
	return nil
}

func (a *app) publish(ctx context.Context, f *publishFlags) (err error) {
	if err := f.check(); err != nil {
		return err
	}
	if f.dryRun {
		planned := planFlags{siteFlags: f.siteFlags, force: f.force}
		planned.looks = true
		return a.plan(ctx, &planned)
	}
	r, err := f.open(a)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.close()) }()
	o := &r.options
	o.Resume, o.Force, o.MaxFailures, o.Retries = f.resume && o.Store != nil, f.force, f.maxFailures, f.retries
	if f.failFast {
		o.MaxFailures = 1
	}
	if f.retries == 0 {
		o.Retries = -1
	}
	watch := a.watch(len(o.Shard.Sites(o.Sites)), "failed")
	watch.observe(o)
	work, done := r.gently(ctx, a)
	defer done()
	report, err := deploy.Publish(work, r.manifest, *o)
	watch.over()
	if report == nil {
		return masked(r.manifest, err)
	}
	if err := a.report(r.manifest, report, watch); err != nil {
		return err
	}
	r.howToGoOn(a, report)
	switch {
	case err != nil:
		return masked(r.manifest, err)
	case ctx.Err() != nil && report.Left() > 0:
		return &interruptedError{fmt.Sprintf("%d published", published(report)), report.Left()}
	case report.Failures() > 0:
		return errSites
	}
	return nil
}

// masked is err without the secrets that the manifest has read.
func masked(m *templates.Manifest, err error) error {
	if err == nil || m.Mask(err.Error()) == err.Error() {
		return err
	}
	return errors.New(m.Mask(err.Error()))
}

func published(r *deploy.Report) int {
	return r.Count(deploy.Created) + r.Count(deploy.Overwritten)
}

// howToGoOn says what to do about what is left. What was published to the emulator of this process is gone.
func (r *siteRun) howToGoOn(a *app, report *deploy.Report) {
	switch {
	case r.store == nil:
	case report.Left() > 0:
		a.hintText("the same command with --resume goes on with the sites that were not reached")
	case report.Failures() > 0 && report.Failures() < len(report.Sites):
		a.hintText("the same command again does what is left: what was published is left alone")
	}
}

// outcome is a result in one line.
func outcome(r deploy.Result) string { return paintOutcome(io.Discard, r) }

// paintOutcome is that with its colour.
func paintOutcome(w io.Writer, r deploy.Result) string {
	line := r.Site
	if r.Template != "" {
		line += " " + r.Template
	}
	return line + ": " + paintWord(w, r.Action)
}

// reason is why a result is a failure, to go after its outcome.
func reason(r deploy.Result) string {
	if r.Message == "" {
		return ""
	}
	return ": " + strings.ReplaceAll(r.Message, "\n", "; ")
}

// report prints the outcome of publishing, with what it warns of and what to do about failures.
func (a *app) report(m *templates.Manifest, r *deploy.Report, w *watch) error {
	if a.json {
		if err := a.printJSON(r); err != nil {
			return err
		}
	} else {
		printReport(a.stdout, m, r, w)
	}
	var all warnings
	for _, s := range r.Sites {
		for _, res := range s.Results {
			if res.Err == nil {
				all.add(res.Template, res.Warnings)
			}
			if res.Drift != "" {
				all.add(res.Template, []string{res.Drift})
			}
		}
	}
	all.print(a.stderr)
	for _, s := range r.Sites {
		for _, res := range s.Results {
			a.hintText(res.Hint)
		}
	}
	return nil
}

// rowsShown is how many results people are shown one by one.
const rowsShown = 200

func printReport(w io.Writer, m *templates.Manifest, r *deploy.Report, watch *watch) {
	t := newTable(w, "Site", "Template", "What happened", "Published as", "Views", "Changes", "Time")
	var fails failures
	for _, s := range r.Sites {
		for _, res := range s.Results {
			if res.Action == deploy.LeftOut {
				t.AppendRow(table.Row{s.Site, res.Template, paintWord(w, res.Action)})
				continue
			}
			name, views, changes := "", "", ""
			if res.LUID != "" {
				name = strings.TrimPrefix(res.Project+"/"+res.Name, "/")
				changes = fmt.Sprint(res.Changes)
			}
			if res.Err != nil {
				if site, err := m.Site(s.Site); err == nil { // where it was tried
					text := outcome(res) + reason(res)
					fails.add(site, text, strings.TrimLeft(strings.TrimPrefix(text, s.Site), ": "), res.Err)
				}
			}
			if res.Views > 0 {
				views = fmt.Sprint(res.Views)
			}
			t.AppendRow(table.Row{s.Site, res.Template, paintWord(w, res.Action), name, views, changes, res.Duration.Round(time.Millisecond)})
		}
	}
	if t.Length() <= rowsShown {
		t.Render()
	} else {
		fmt.Fprintf(w, "%s; --json prints each\n", count(t.Length(), "result"))
	}
	fmt.Fprintln(w)
	fmt.Fprintf(w, "%d published on %d of %d sites\n", published(r), len(r.Sites)-r.Failures(), len(r.Sites))
	fmt.Fprintf(w, "  %s\n", watch.summary(r))
	fails.list(w)
}
