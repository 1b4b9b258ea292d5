package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tabtemplate/tabtemplate/documents"
	"github.com/tabtemplate/tabtemplate/templates"
	"github.com/tabtemplate/tabtemplate/templates/deploy"
)

func (a *app) verifyCommand() *cobra.Command {
	f := siteFlags{stateless: true}
	cmd := &cobra.Command{
		Use:   "verify --all | --site KEY…",
		Short: "Say whether what is published is what the manifest renders now",
		Long: `verify downloads what is published of every template on each site, and compares it with
what the manifest renders now: the document, the files in the package, and what the server
shows of the settings. It changes nothing, on the server or on the disk. What servers change
on their own, such as the place where something was published, makes no difference.

The exit code is 3 when something is different, missing or could not be compared.`,
		Example: `  tabtemplate verify --all
  tabtemplate verify --site acme
  tabtemplate verify --all --json | jq -r '.[] | select(.action != "same") | .site'`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.verify(cmd.Context(), &f) },
	}
	f.flags(cmd)
	return cmd
}

func (a *app) verify(ctx context.Context, f *siteFlags) (err error) {
	r, err := f.open(a)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.close()) }()
	work, done := r.gently(ctx, a)
	defer done()
	watch := a.watch(len(r.options.Shard.Sites(r.options.Sites)), "not the same")
	watch.observe(&r.options)
	list := jsonList[deploy.Verified]{w: a.stdout}
	report, err := deploy.Verify(work, r.manifest, r.options, func(v deploy.Verified) error {
		if a.json {
			return list.add(v)
		}
		printVerified(a.stdout, v)
		return a.stdout.err
	})
	watch.over()
	if report == nil {
		return masked(r.manifest, err)
	}
	if a.json {
		list.end()
	} else {
		printVerdict(a.stdout, r.manifest, report, watch)
	}
	for _, s := range report.Sites {
		for _, res := range s.Results {
			a.hintText(res.Hint)
		}
	}
	switch {
	case err != nil:
		return masked(r.manifest, err)
	case ctx.Err() != nil && report.Left() > 0:
		return &interruptedError{fmt.Sprintf("%d compared", report.Count(deploy.Same)+report.Count(deploy.Different)), report.Left()}
	case report.Failures()+report.Count(deploy.Different)+report.Count(deploy.Missing) > 0:
		return errSites
	}
	return nil
}

// printVerified prints what is different, for people. What is the same is told as progress.
func printVerified(w io.Writer, v deploy.Verified) {
	if v.Action != deploy.Different {
		return
	}
	fmt.Fprintln(w, paintOutcome(w, v.Result))
	byServer := 0
	for _, d := range v.Differences {
		if d.ByServer != "" {
			byServer++
			continue
		}
		printDifference(w, d)
	}
	if v.More > 0 {
		fmt.Fprintf(w, "  and %s\n", count(v.More, "other difference"))
	}
	if byServer > 0 {
		fmt.Fprintf(w, "  besides %s by the server\n", count(byServer, "change"))
	}
}

// printDifference prints a difference as a change is printed: what the manifest renders, and what is published.
func printDifference(w io.Writer, d deploy.Difference) {
	place := d.Setting
	switch {
	case d.Entry != "":
		place = d.Entry
	case d.Path != "":
		place = fmt.Sprintf("%d:%d %s", d.Line, d.Col, d.Path)
	}
	what := map[documents.DifferenceKind]string{
		documents.DifferenceMissing: " (missing)", documents.DifferenceAdded: " (not in the manifest's)", documents.DifferenceOrder: " (in another order)",
	}
	fmt.Fprintf(w, "  %s%s\n", place, what[d.Kind])
	rendered, published := linesOf(d.Path, d.Rendered), linesOf(d.Path, d.Published)
	if len(rendered) > 1 && len(published) > 1 {
		printDiff(w, rendered, published)
		return
	}
	for _, line := range rendered {
		fmt.Fprintln(w, "    rendered:  "+line)
	}
	for _, line := range published {
		fmt.Fprintln(w, "    published: "+line)
	}
}

// printVerdict sums up.
func printVerdict(w io.Writer, m *templates.Manifest, r *deploy.Report, watch *watch) {
	var missing, failed failures
	for _, s := range r.Sites {
		site, err := m.Site(s.Site)
		if err != nil {
			continue // there is none but of the manifest
		}
		for _, res := range s.Results {
			text := outcome(res) + reason(res)
			general := strings.TrimLeft(strings.TrimPrefix(text, s.Site), ": ")
			switch {
			case res.Action == deploy.Missing:
				missing.add(site, text, general, nil)
			case res.Err != nil:
				failed.add(site, text, general, res.Err)
			}
		}
	}
	fmt.Fprintf(w, "%s: %s\n", count(len(r.Sites), "site"), watch.summary(r))
	missing.list(w)
	failed.list(w)
}
