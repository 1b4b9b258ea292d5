package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/tabtemplate/tabtemplate/rest"
)

type refreshFlags struct {
	in                        sessionFlags
	kind                      kindFlags
	incremental, wait, dryRun bool
	timeout                   time.Duration
}

func (a *app) refreshCommand() *cobra.Command {
	var f refreshFlags
	cmd := &cobra.Command{
		Use:   "refresh NAME… [--wait]",
		Short: "Refresh the extracts of workbooks and data sources",
		Long: `refresh has the server refresh the extracts of workbooks and published data sources, and prints
the LUID of the job that does it. One that is under way already is that job. tabcmd calls it
refreshextracts.

With --wait it waits until the jobs have ended: the exit code tells whether they ended well, and
what the server notes of one that failed is in its error. A refresh that takes longer than
--timeout, or is no longer waited for because of an interrupt, goes on on the server.

` + namesHelp,
		Example: `  tabtemplate refresh Finance/Orders
  tabtemplate refresh Sales Orders --wait --timeout 30m
  tabtemplate refresh Orders --datasource --incremental --json`,
		Args: func(_ *cobra.Command, args []string) error {
			switch {
			case len(args) == 0:
				return usagef("refresh what? Name workbooks or data sources, as in `tabtemplate refresh Finance/Orders`")
			case f.timeout != 0 && !f.wait:
				return usagef("--timeout says how long to --wait")
			case f.timeout < 0:
				return usagef("--timeout %v: it must be more than nothing", f.timeout)
			case f.wait && f.dryRun:
				return usagef("--wait and --dry-run exclude each other: there is nothing to wait for")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			kinds, err := f.kind.kinds()
			if err != nil {
				return err
			}
			return a.withSession(cmd, &f.in, func(ctx context.Context, s *rest.Session) error {
				return a.refresh(ctx, s, &f, kinds, args)
			})
		},
	}
	f.in.flags(cmd)
	f.kind.flags(cmd)
	flags := cmd.Flags()
	flags.BoolVar(&f.incremental, "incremental", false, "add the new rows alone, where the extract is made for that")
	flags.BoolVar(&f.wait, "wait", false, "wait until the jobs have ended")
	flags.DurationVar(&f.timeout, "timeout", 0, "how much `TIME` to wait at most, such as 90s or 30m (default no limit)")
	flags.BoolVar(&f.dryRun, "dry-run", false, "say what would be refreshed, and refresh nothing")
	return cmd
}

func (a *app) refresh(ctx context.Context, s *rest.Session, f *refreshFlags, kinds []contentKind, names []string) error {
	find, err := newFinder(ctx, s, kinds...)
	if err != nil {
		return err
	}
	found, err := find.all(ctx, names)
	if err != nil {
		return err
	}
	if f.dryRun {
		rows, err := each(ctx, a, found, func(c content, row *workRow) error {
			*row = rowOf(c)
			row.Action = "refresh"
			return nil
		})
		return cmp.Or(a.printTable(rows, nil, func(workRow) []any { return nil }), err)
	}
	started := map[content]string{} // the LUIDs of their jobs: all begin before one is waited for
	rows, err := each(ctx, a, found, func(c content, row *workRow) error {
		*row = rowOf(c)
		job, err := c.service(s).Refresh(ctx, c.luid, rest.RefreshOptions{Incremental: f.incremental})
		if err == nil {
			row.Action, row.Job, started[c] = "started", job.LUID, job.LUID
		}
		return err
	})
	if ctx.Err() != nil || len(rows) == 0 {
		return err
	}
	if !f.wait {
		return cmp.Or(a.printRows(rows, func(row workRow) string { return row.Job }), err)
	}
	var running []content
	for _, c := range found {
		if started[c] != "" {
			running = append(running, c)
		}
	}
	ended, failed := a.awaitRefreshes(ctx, s, f, running, started)
	for _, row := range rows {
		if row.Job == "" {
			ended = append(ended, row)
		}
	}
	if len(ended) > 0 {
		if err := a.printTable(ended, []any{"JOB"}, func(row workRow) []any { return []any{row.Job} }); err != nil {
			return err
		}
	}
	return cmp.Or(failed, err)
}

// awaitRefreshes waits until jobs have ended.
func (a *app) awaitRefreshes(ctx context.Context, s *rest.Session, f *refreshFlags, running []content, jobs map[content]string) ([]workRow, error) {
	limited := ctx
	if f.timeout > 0 {
		var stop context.CancelFunc
		limited, stop = context.WithTimeout(ctx, f.timeout)
		defer stop()
	}
	return each(ctx, a, running, func(c content, row *workRow) error {
		*row = rowOf(c)
		row.Job = jobs[c]
		m := a.meter(c.name, 100)
		defer m.over()
		begun := time.Now()
		job, err := s.Jobs.WaitFunc(limited, row.Job, func(j rest.Job) {
			m.show(int64(j.Progress), fmt.Sprintf("%d%%, %v", j.Progress, time.Since(begun).Round(time.Second)))
		})
		if limited.Err() != nil && ctx.Err() == nil && errors.Is(err, context.DeadlineExceeded) {
			row.Action = "unfinished"
			return withAdvice(fmt.Errorf("refreshing %v: job %s has not ended after %v", c, row.Job, f.timeout),
				"it goes on on the server; the same command again waits for the same job")
		}
		if err != nil {
			return fmt.Errorf("refreshing %v: %w", c, err)
		}
		row.Notes = job.Notes()
		if err := job.Err(); err != nil {
			return fmt.Errorf("refreshing %v: %w", c, err)
		}
		row.Action = "refreshed"
		return nil
	})
}
