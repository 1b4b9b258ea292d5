package main

import (
	"bufio"
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tabtemplate/tabtemplate/rest"
)

type deleteFlags struct {
	in          sessionFlags
	kind        kindFlags
	yes, dryRun bool
}

func (a *app) deleteCommand() *cobra.Command {
	var f deleteFlags
	cmd := &cobra.Command{
		Use:   "delete NAME…",
		Short: "Delete workbooks, data sources or projects",
		Long: `delete takes workbooks and published data sources off a site, or with --project projects with
all that is in them. It asks before that, and says what is in a project; where nobody can be
asked, --yes is the answer. There is no way back: download what may be wanted again.

` + namesHelp,
		Example: `  tabtemplate delete Dashboards/Sales
  tabtemplate delete Orders --datasource --dry-run
  tabtemplate delete Finance/Old --project --yes`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usagef("delete what? Name workbooks or data sources, or with --project projects")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			kinds, err := f.kind.kinds()
			if err != nil {
				return err
			}
			if _, asked := terminalOf(cmd.InOrStdin()); !asked && !f.yes && !f.dryRun {
				return usagef("nobody can be asked whether to delete %s: --yes says so", strings.Join(args, ", "))
			}
			return a.withSession(cmd, &f.in, func(ctx context.Context, s *rest.Session) error {
				return a.delete(ctx, s, &f, kinds, args, cmd.InOrStdin())
			})
		},
	}
	f.in.flags(cmd)
	f.kind.flags(cmd)
	flags := cmd.Flags()
	flags.BoolVar(&f.kind.project, "project", false, "each NAME is that of a project, which goes with all that is in it")
	flags.BoolVar(&f.yes, "yes", false, "do not ask")
	flags.BoolVar(&f.dryRun, "dry-run", false, "say what would be deleted, and delete nothing")
	return cmd
}

func (a *app) delete(ctx context.Context, s *rest.Session, f *deleteFlags, kinds []contentKind, names []string, stdin io.Reader) error {
	find, err := newFinder(ctx, s, kinds...)
	if err != nil {
		return err
	}
	found, err := find.all(ctx, names)
	if err != nil {
		return err
	}
	if f.kind.project { // each takes those in it along
		depth := func(c content) int { return strings.Count(c.path, "/") }
		slices.SortStableFunc(found, func(a, b content) int { return depth(b) - depth(a) })
	}
	inside, err := find.inside(ctx, found)
	if err != nil {
		return err
	}
	if !f.dryRun && !f.yes {
		agreed, err := a.confirm(ctx, stdin, deletionText(found, inside))
		if err != nil || !agreed {
			a.note("nothing is deleted")
			return err
		}
	}
	rows, err := each(ctx, a, found, func(c content, row *workRow) error {
		*row = rowOf(c)
		row.Notes = inside[c]
		if f.dryRun {
			row.Action = "delete"
			return nil
		}
		if err := deleteContent(ctx, s, c); err != nil {
			return fmt.Errorf("deleting %v: %w", c, err)
		}
		row.Action = "deleted"
		return nil
	})
	printing := a.printTable(rows, []any{"WITH"}, func(row workRow) []any { return []any{strings.Join(row.Notes, ", ")} })
	return cmp.Or(printing, err)
}

func deleteContent(ctx context.Context, s *rest.Session, c content) error {
	if c.kind == aProject {
		return s.Projects.Delete(ctx, c.luid)
	}
	return c.service(s).Delete(ctx, c.luid)
}

// inside lists what is in projects and in those within them, by what deletes it.
func (f *finder) inside(ctx context.Context, found []content) (map[content][]string, error) {
	if len(found) == 0 || found[0].kind != aProject { // projects are never mixed with others
		return nil, nil
	}
	inside := map[content][]string{}
	add := func(item content) {
		for _, c := range found {
			if c.kind == aProject && strings.HasPrefix(item.path, c.path+"/") {
				inside[c] = append(inside[c], item.String())
			}
		}
	}
	for _, p := range f.tree.All() {
		add(content{kind: aProject, path: f.tree.Path(p.LUID)})
	}
	for w, err := range f.s.Workbooks.All(ctx, rest.Query{PageSize: 1000}) {
		if err != nil {
			return nil, err
		}
		add(f.workbook(w))
	}
	for d, err := range f.s.Datasources.All(ctx, rest.Query{PageSize: 1000}) {
		if err != nil {
			return nil, err
		}
		add(f.datasource(d))
	}
	return inside, nil
}

// deletionText asks about all that is to be deleted: what was named in any case, and the first of what goes with it.
func deletionText(found []content, inside map[content][]string) string {
	const shown = 20
	var lines []string
	untold, told := 0, 0
	for _, c := range found {
		lines = append(lines, c.String())
		for _, item := range inside[c] {
			if told++; told > shown {
				untold++
				continue
			}
			lines = append(lines, "  with "+item)
		}
	}
	if untold > 0 {
		lines = append(lines, fmt.Sprintf("  and %d more that are in them", untold))
	}
	return strings.Join(lines, "\n") + "\ndelete " + count(len(found), string(found[0].kind)) + "?"
}

// confirm asks a question at the terminal, to which no answer is a no.
func (a *app) confirm(ctx context.Context, stdin io.Reader, question string) (bool, error) {
	fmt.Fprintf(a.stderr, "%s [y/N] ", question)
	answer := make(chan string, 1)
	go func() {
		line, _ := bufio.NewReader(stdin).ReadString('\n') // an input that ends is no answer
		answer <- strings.ToLower(strings.TrimSpace(line))
	}()
	select {
	case text := <-answer:
		return text == "y" || text == "yes", nil
	case <-ctx.Done():
		fmt.Fprintln(a.stderr)
		return false, ctx.Err()
	}
}
