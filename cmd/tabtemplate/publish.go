package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"github.com/tabtemplate/tabtemplate/rest"
	"github.com/tabtemplate/tabtemplate/rest/emulator"
	"github.com/tabtemplate/tabtemplate/templates"
	"github.com/tabtemplate/tabtemplate/templates/deploy"
)

func (a *app) publishCommand() *cobra.Command {
	var sites selection
	var jobs int
	cmd := &cobra.Command{
		Use:   "publish --all | --site KEY…",
		Short: "Render the templates and publish them to sites",
		Long: `publish renders every template of the manifest for each site and publishes it there,
over what has its name in its project. It can be run again. A site that fails does
not stop the others; the exit code is then 3.

With "url: emulator" in the manifest nothing leaves this machine: a Tableau Server
inside the process takes everything, so that the manifest can be tried.`,
		Example: `  tabtemplate publish --all
  tabtemplate publish --site acme --site globex --json`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.publish(cmd.Context(), &sites, jobs)
		},
	}
	sites.flags(cmd)
	cmd.Flags().IntVar(&jobs, "jobs", 4, "how many sites at a time; those that share a personal access token wait for each other")
	return cmd
}

func (a *app) publish(ctx context.Context, sites *selection, jobs int) error {
	if jobs < 1 {
		return usagef("--jobs %d: it must be 1 or more", jobs)
	}
	m, picked, err := a.load(sites)
	if err != nil {
		return err
	}
	if err := checkSignIns(picked); err != nil {
		return err
	}
	server, err := emulator.New(emulator.WithOpen()) // used where the manifest says so
	if err != nil {
		return err
	}
	defer server.Close()
	direct := directTransport()
	report, err := deploy.Publish(ctx, m, deploy.Options{
		Sites: picked, Jobs: jobs,
		Client: func(s templates.Server) (*rest.Client, error) {
			client := &http.Client{Transport: direct}
			if s.Emulator {
				client.Transport = server.Transport()
			}
			return rest.NewClient(s.URL, rest.WithHTTPClient(client))
		},
		Progress: a.progress,
	})
	if report == nil {
		return masked(m, err)
	}
	if err := a.report(m, report); err != nil {
		return err
	}
	switch {
	case err != nil && ctx.Err() != nil:
		return interrupted(report)
	case report.Failures() > 0:
		return errors.Join(errSites, masked(m, err))
	}
	return masked(m, err)
}

// checkSignIns refuses sites for which the manifest says nothing of how to sign in. What it says may still fail, such as
// a secret that is not there: that is the failure of the site alone.
func checkSignIns(sites []*templates.Site) error {
	var missing []string
	for _, s := range sites {
		_, err := s.SignIn()
		if _, said := errors.AsType[templates.Problems](err); err != nil && !said {
			missing = append(missing, s.Key)
		}
	}
	if len(missing) > 0 {
		return usagef("the manifest does not say how to sign in: there is no sign_in for %s", strings.Join(missing, ", "))
	}
	return nil
}

// answerTime is how long a server may take to begin its answer. Publishing in one request is answered when the server has
// taken in the whole file, which can take minutes; a server that is silent for longer will not answer any more.
const answerTime = 15 * time.Minute

// directTransport is Go's own, except that it does not wait for an answer for ever.
func directTransport() *http.Transport {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.ResponseHeaderTimeout = answerTime
	return t
}

// masked is err without the secrets that the manifest has read.
func masked(m *templates.Manifest, err error) error {
	if err == nil || m.Mask(err.Error()) == err.Error() {
		return err
	}
	return errors.New(m.Mask(err.Error()))
}

// interrupted says how far publishing came. What failed is in the report.
func interrupted(r *deploy.Report) error {
	left := 0
	for _, s := range r.Sites {
		if len(s.Results) == 0 {
			left++
		}
	}
	return &interruptedError{fmt.Sprintf("%d published", published(r)), left}
}

func published(r *deploy.Report) int {
	n := 0
	for _, s := range r.Sites {
		for _, res := range s.Results {
			if res.Err == nil {
				n++
			}
		}
	}
	return n
}

// progress tells of one result as it comes, a line each. Why it failed stands in the report, which with --json is not for
// people.
func (a *app) progress(r deploy.Result) {
	switch {
	case a.quiet:
	case a.json:
		fmt.Fprintln(a.stderr, outcome(r)+reason(r))
	default:
		fmt.Fprintln(a.stderr, outcome(r))
	}
}

// outcome is a result in one line.
func outcome(r deploy.Result) string {
	line := r.Site
	if r.Template != "" {
		line += " " + r.Template
	}
	return line + ": " + string(r.Action)
}

// reason is why a result is a failure, to go after its outcome.
func reason(r deploy.Result) string {
	if r.Message == "" {
		return ""
	}
	return ": " + strings.ReplaceAll(r.Message, "\n", "; ")
}

// report prints the outcome of publishing, with what it warns of and what to do about failures.
func (a *app) report(m *templates.Manifest, r *deploy.Report) error {
	if a.json {
		if err := a.printJSON(r); err != nil {
			return err
		}
	} else {
		printReport(a.stdout, m, r)
	}
	var all warnings
	for _, s := range r.Sites {
		for _, res := range s.Results {
			if res.Err == nil {
				all.add(res.Template, res.Warnings)
			}
		}
	}
	all.print(a.stderr)
	for _, s := range r.Sites {
		if s.Warning != "" {
			fmt.Fprintf(a.stderr, "warning: %s: %s\n", s.Site, s.Warning)
		}
		for _, res := range s.Results {
			a.hint(res.Err)
		}
	}
	return nil
}

func printReport(w io.Writer, m *templates.Manifest, r *deploy.Report) {
	t := newTable(w, "Site", "Template", "What happened", "Published as", "Views", "Changes", "Time")
	var fails failures
	for _, s := range r.Sites {
		for _, res := range s.Results {
			name, views, changes := "", "", ""
			if res.Err == nil {
				name = strings.TrimPrefix(res.Project+"/"+res.Name, "/")
				changes = fmt.Sprint(res.Changes)
			} else if site, err := m.Site(s.Site); err == nil { // where it was tried
				text := outcome(res) + reason(res)
				fails.add(site, text, strings.TrimLeft(strings.TrimPrefix(text, s.Site), ": "), res.Err)
			}
			if res.Views > 0 {
				views = fmt.Sprint(res.Views)
			}
			t.AppendRow(table.Row{s.Site, res.Template, res.Action, name, views, changes, res.Duration.Round(time.Millisecond)})
		}
	}
	t.Render()
	fmt.Fprintf(w, "\n%d published on %d of %d sites\n", published(r), len(r.Sites)-r.Failures(), len(r.Sites))
	for _, f := range fails.order {
		fmt.Fprintf(w, "  %s\n", f)
	}
}
