package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/tabtemplate/tabtemplate/rest"
)

// groupUsers is a verb that puts users into a group, or takes them out.
type groupUsers struct {
	in     sessionFlags
	table  string
	dryRun bool

	remove     bool
	word, done string // what is done, and was
	already    string // what is to be said of users for whom there is nothing to do
}

func (a *app) addUsersCommand() *cobra.Command {
	g := &groupUsers{word: "add", done: "added", already: "there already"}
	return a.groupUsersCommand(g, &cobra.Command{
		Use:   "add-users GROUP [NAME…]",
		Short: "Put users into a group",
		Long: `add-users puts users of the site into a group: those that are named, and those of a table. Who is
in it already stays. One user who is not on the site stops no other; create-users puts users there.

Of a table, CSV in UTF-8, only the first column counts, or the one that a first line calls
username. All of it is checked before the first request.`,
		Example: `  tabtemplate add-users Sales ana bob
  tabtemplate add-users Sales --users people.csv
  tabtemplate add-users Sales --users people.csv --dry-run`,
	})
}

func (a *app) removeUsersCommand() *cobra.Command {
	g := &groupUsers{remove: true, word: "remove", done: "removed", already: "not in it"}
	return a.groupUsersCommand(g, &cobra.Command{
		Use:   "remove-users GROUP [NAME…]",
		Short: "Take users out of a group",
		Long: `remove-users takes users out of a group: those that are named, and those of a table. They stay on
the site. Who is not in the group is no error, and one user who is not on the site stops no other.

Of a table, CSV in UTF-8, only the first column counts, or the one that a first line calls
username. All of it is checked before the first request.`,
		Example: `  tabtemplate remove-users Sales ana
  tabtemplate remove-users Sales --users people.csv`,
	})
}

func (a *app) groupUsersCommand(g *groupUsers, cmd *cobra.Command) *cobra.Command {
	cmd.Args = func(cmd *cobra.Command, args []string) error {
		switch {
		case len(args) == 0:
			return usagef("%s needs the group, and whom", cmd.Name())
		case len(args) == 1 && g.table == "":
			return usagef("which users? Name them after the group, or a table of them with --users FILE")
		}
		return nil
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		var rows []userRow
		for _, name := range args[1:] {
			rows = append(rows, userRow{name: name})
		}
		if g.table != "" {
			more, err := readUsers(g.table, true)
			if err != nil {
				return err
			}
			rows = append(rows, more...)
		}
		return a.withSession(cmd, &g.in, func(ctx context.Context, s *rest.Session) error {
			return a.groupUsers(ctx, s, g, args[0], rows)
		})
	}
	g.in.flags(cmd)
	flags := cmd.Flags()
	flags.StringVar(&g.table, "users", "", "a `TABLE` of users, CSV")
	flags.BoolVar(&g.dryRun, "dry-run", false, "say what would be done, and do nothing")
	return cmd
}

func (a *app) groupUsers(ctx context.Context, s *rest.Session, g *groupUsers, name string, rows []userRow) error {
	group, err := findGroup(ctx, s, name)
	if err != nil {
		return err
	}
	in := map[string]bool{}
	for user, err := range s.Groups.Users(ctx, group.LUID, rest.Query{PageSize: 1000}) {
		if err != nil {
			return err
		}
		in[user.LUID] = true
	}
	change := s.Groups.AddUsers
	if g.remove {
		change = s.Groups.RemoveUsers
	}
	return a.workOnUsers(ctx, rows, g.table, func(row userRow, result *userResult) error {
		user, err := s.Users.Find(ctx, row.name)
		if err != nil {
			return err
		}
		result.LUID, result.Role = user.LUID, user.SiteRole
		switch {
		case in[user.LUID] != g.remove:
			result.Action = g.already
		case g.dryRun:
			result.Action, in[user.LUID] = g.word, !g.remove
		default:
			if err := change(ctx, group.LUID, user.LUID); err != nil {
				return err
			}
			result.Action, in[user.LUID] = g.done, !g.remove
		}
		return nil
	})
}
