package main

import (
	"context"
	"encoding/json"
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
	server, err := emulator.New(emulator.WithOpen()) // used where the manifest says so
	if err != nil {
		return err
	}
	defer server.Close()
	report, err := deploy.Publish(ctx, m, deploy.Options{
		Sites: picked, Jobs: jobs,
		Client: func(s templates.Server) (*rest.Client, error) {
			if s.Emulator {
				return rest.NewClient(s.URL, rest.WithHTTPClient(&http.Client{Transport: server.Transport()}))
			}
			return rest.NewClient(s.URL)
		},
		Progress: a.progress,
	})
	if report == nil {
		return masked(m, err)
	}
	return errors.Join(a.report(report), masked(m, err))
}

// masked is err without the secrets that the manifest has read.
func masked(m *templates.Manifest, err error) error {
	if err == nil || m.Mask(err.Error()) == err.Error() {
		return err
	}
	return errors.New(m.Mask(err.Error()))
}

// progress tells of one result as it comes, a line each.
func (a *app) progress(r deploy.Result) {
	if !a.quiet {
		fmt.Fprintln(a.stderr, outcome(r))
	}
}

// outcome is a result in one line.
func outcome(r deploy.Result) string {
	line := r.Site
	if r.Template != "" {
		line += " " + r.Template
	}
	line += ": " + string(r.Action)
	if r.Message != "" {
		line += ": " + strings.ReplaceAll(r.Message, "\n", "; ")
	}
	return line
}

// report prints the outcome of publishing and says by its error that sites failed.
func (a *app) report(r *deploy.Report) error {
	if a.json {
		if err := a.printJSON(r); err != nil {
			return err
		}
	} else {
		printReport(a.stdout, r)
	}
	hints := map[string]bool{}
	for _, s := range r.Sites {
		if s.Warning != "" {
			fmt.Fprintf(a.stderr, "warning: %s: %s\n", s.Site, s.Warning)
		}
		for _, res := range s.Results {
			if h := a.advice(res.Err); h != "" && !hints[h] { // once, however many sites it is for
				hints[h] = true
				fmt.Fprintf(a.stderr, "hint: %s\n", h)
			}
		}
	}
	if r.Failures() > 0 {
		return errSites
	}
	return nil
}

func printReport(w io.Writer, r *deploy.Report) {
	t := newTable(w, "Site", "Template", "What happened", "Published as", "Views", "Changes", "Time")
	var failed []string
	published := 0
	for _, s := range r.Sites {
		for _, res := range s.Results {
			name, views, changes := "", "", ""
			if res.Err == nil {
				published++
				name = strings.TrimPrefix(res.Project+"/"+res.Name, "/")
				changes = fmt.Sprint(res.Changes)
			} else {
				failed = append(failed, outcome(res))
			}
			if res.Views > 0 {
				views = fmt.Sprint(res.Views)
			}
			t.AppendRow(table.Row{s.Site, res.Template, res.Action, name, views, changes, res.Duration.Round(time.Millisecond)})
		}
	}
	t.Render()
	fmt.Fprintf(w, "\n%d published on %d of %d sites\n", published, len(r.Sites)-r.Failures(), len(r.Sites))
	for _, f := range failed {
		fmt.Fprintln(w, "  "+f)
	}
}

// newTable is a table in plain style: columns and blanks, nothing drawn.
func newTable(w io.Writer, header ...any) table.Writer {
	t := table.NewWriter()
	t.SetOutputMirror(w)
	t.AppendHeader(header)
	style := table.StyleDefault
	style.Options = table.OptionsNoBordersAndSeparators
	style.Box.PaddingLeft = ""
	style.Box.PaddingRight = "  "
	t.SetStyle(style)
	t.SuppressTrailingSpaces()
	return t
}

func (a *app) printJSON(v any) error {
	enc := json.NewEncoder(a.stdout)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}
