package main

import (
	"cmp"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"github.com/tabtemplate/tabtemplate/templates"
	"github.com/tabtemplate/tabtemplate/templates/deploy"
)

func (a *app) reportCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "report FOLDER",
		Short: "Show what the last run did, of all shards together",
		Long: `report reads the journals below a folder, that of --state or one with those of all shards,
and shows what their last runs did: how many sites are done, what failed and what to do about it,
what somebody else had changed, which sites were not reached and which shards are missing. Runs
may be going on. The exit code is 3 unless every site of every shard is done. --json has the
result of each template on each site.`,
		Example: `  tabtemplate report .tabtemplate
  tabtemplate report --json artifacts | jq -r '.sites[] | select(.results == []) | .site'`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usagef("report needs one folder, got %d", len(args))
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error { return a.showReport(args[0]) },
	}
}

func (a *app) showReport(path string) error {
	m, err := deploy.ReadReport(path)
	if err != nil {
		return err
	}
	if a.json {
		if err := a.printJSON(m); err != nil {
			return err
		}
	} else {
		printRuns(a.stdout, path, m)
		printMerged(a.stdout, m)
	}
	a.warnOf(m)
	if m.Failures() > 0 || !m.Complete() {
		return errSites
	}
	return nil
}

// printRuns prints a line for each run, with its journal as it is in the folder.
func printRuns(w io.Writer, folder string, m *deploy.MergedReport) {
	t := newTable(w, "Shard", "Sites", "Began", "Time", "State", "Journal")
	for _, r := range m.Runs {
		state := "ended"
		if !r.Ended {
			state = "unfinished"
		}
		journal, err := filepath.Rel(folder, r.Journal)
		if err != nil || journal == "." {
			journal = r.Journal
		}
		t.AppendRow(table.Row{
			cmp.Or(r.Shard, "all"), r.Sites, r.Began.UTC().Format(time.DateTime + "Z"), r.Until.Sub(r.Began).Round(time.Second), state, journal,
		})
	}
	t.Render()
}

// printMerged prints what the runs did.
func printMerged(w io.Writer, m *deploy.MergedReport) {
	var left, drift []string
	var fails failures
	done, failed := 0, 0
	for _, s := range m.Sites {
		switch {
		case len(s.Results) == 0:
			left = append(left, s.Site)
		case s.Failed():
			failed++
		default:
			done++
		}
		for _, r := range s.Results {
			if r.Message != "" {
				text := outcome(r) + reason(r)
				site := &templates.Site{Key: s.Site, ContentURL: s.SiteContentURL}
				fails.add(site, text, strings.TrimLeft(strings.TrimPrefix(text, s.Site), ": "), nil)
			}
			if r.Drift != "" {
				drift = append(drift, fmt.Sprintf("%s %s: %s", s.Site, r.Template, r.Drift))
			}
		}
	}
	fmt.Fprintf(w, "\n%s: %d done, %d failed, %d not reached\n", count(len(m.Sites), "site"), done, failed, len(left))
	if counts := actionCounts(m); counts != "" {
		fmt.Fprintf(w, "templates on them: %s\n", counts)
	}
	fails.list(w)
	printList(w, "changed by others since", drift)
	printList(w, "not reached", left)
	printList(w, "slowest", slowest(m.Sites))
	printList(w, "shards that are missing", m.MissingShards)
}

// actions are in the order in which they are counted.
var actions = []deploy.Action{
	deploy.Created, deploy.Overwritten, deploy.Updated, deploy.Unchanged, deploy.Same, deploy.Different, deploy.Missing,
	deploy.LeftOut, deploy.Failed, deploy.Skipped,
}

// actionCounts is "2 created, 1 failed".
func actionCounts(r interface{ Count(deploy.Action) int }) string {
	var counts []string
	for _, action := range actions {
		if n := r.Count(action); n > 0 {
			counts = append(counts, fmt.Sprintf("%d %s", n, action))
		}
	}
	return strings.Join(counts, ", ")
}

// listed is how many lines a list has, before it says how many more there are.
const listed = 10

func printList(w io.Writer, title string, lines []string) {
	if len(lines) == 0 {
		return
	}
	fmt.Fprintf(w, "%s:\n", title)
	for _, line := range lines[:min(len(lines), listed)] {
		fmt.Fprintf(w, "  %s\n", line)
	}
	if more := len(lines) - listed; more > 0 {
		fmt.Fprintf(w, "  and %d more\n", more)
	}
}

// slowest are the sites that took longest, with their times.
func slowest(sites []deploy.SiteResult) []string {
	const shown = 3
	if len(sites) <= shown {
		return nil
	}
	took := func(s deploy.SiteResult) (sum time.Duration) {
		for _, r := range s.Results {
			sum += r.Duration
		}
		return sum
	}
	sorted := slices.SortedStableFunc(slices.Values(sites), func(a, b deploy.SiteResult) int { return cmp.Compare(took(b), took(a)) })
	var lines []string
	for _, s := range sorted[:shown] {
		lines = append(lines, fmt.Sprintf("%s %s", s.Site, took(s).Round(time.Millisecond)))
	}
	return lines
}

// warnOf says what is to be looked at, and what to do about failures.
func (a *app) warnOf(m *deploy.MergedReport) {
	if m.DifferentInputs {
		fmt.Fprintln(a.stderr, paintWord(a.stderr, "warning:"), "the runs had not the same manifest and templates: some sites may have what is older")
	}
	for _, r := range m.Runs {
		for _, t := range r.InFlight {
			fmt.Fprintf(a.stderr, "%s %s on site %q of %s: it is not known whether it was published; the next run looks\n",
				paintWord(a.stderr, "warning:"), t.Template, t.SiteContentURL, t.ServerURL)
		}
	}
	var all warnings
	for _, s := range m.Sites {
		for _, r := range s.Results {
			if r.Message == "" {
				all.add(r.Template, r.Warnings)
			}
		}
	}
	all.print(a.stderr)
	for _, s := range m.Sites {
		for _, r := range s.Results {
			a.hintText(r.Hint)
		}
	}
	if !m.Complete() {
		a.hintText("publish --resume goes on with a run that is unfinished")
	}
}
