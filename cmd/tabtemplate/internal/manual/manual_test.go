package manual_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"

	"github.com/tabtemplate/tabtemplate/cmd/tabtemplate/internal/manual"
)

func tree() *cobra.Command {
	run := func(*cobra.Command, []string) {}
	root := &cobra.Command{Use: "thing", Short: "Do things", Long: "thing does.\n\n  .a: 'b'\n    c\\d\n\n  last\nAnd so\non.", Run: run}
	root.PersistentFlags().StringP("file", "f", "x.yaml", "the `PATH` of it")
	sub := &cobra.Command{Use: "make NAME", Short: "Make one", Long: ".dots and 'quotes' ~ `ticks`", Example: "  thing make a\n  thing make b", Run: run}
	sub.Flags().Int("jobs", 4, "`N` at a time")
	sub.Flags().Bool("hid", false, "nothing")
	_ = sub.Flags().MarkHidden("hid")
	root.AddCommand(sub, &cobra.Command{Use: "secret", Hidden: true, Run: run})
	return root
}

// What help says comes out as it is, also where the language of man pages takes it for something else.
func TestPages(t *testing.T) {
	t.Parallel()
	pages := manual.Pages(tree(), manual.Edition{
		Version: "1.2-3", Date: "2026-11-22", Sections: []manual.Section{{Title: "Exit status", Text: "0, always."}},
	})
	want := map[string]string{
		"thing.1": `.TH "THING" "1" "2026-11-22" "thing 1.2\-3" "Manual of thing"
.SH "NAME"
thing \- Do things
.SH "SYNOPSIS"
.RS 4
.nf
thing [flags]
.fi
.RE
.SH "DESCRIPTION"
thing does.
.PP
.RS 4
.nf
\&.a: \(aqb\(aq
  c\ed

last
.fi
.RE
.PP
And so
on.
.SH "COMMANDS"
.TP
\fBmake\fR
Make one.
.SH "OPTIONS"
.TP
\fB\-f, \-\-file PATH\fR
the PATH of it (default x.yaml)
.TP
\fB\-h, \-\-help\fR
help for thing
.SH "EXIT STATUS"
0, always.
.SH "SEE ALSO"
\fBthing\-make\fR(1)
`,
		"thing-make.1": `.TH "THING\-MAKE" "1" "2026-11-22" "thing 1.2\-3" "Manual of thing"
.SH "NAME"
thing\-make \- Make one
.SH "SYNOPSIS"
.RS 4
.nf
thing make NAME [flags]
.fi
.RE
.SH "DESCRIPTION"
\&.dots and \(aqquotes\(aq \(ti \(gaticks\(ga
.SH "OPTIONS"
.TP
\fB\-h, \-\-help\fR
help for make
.TP
\fB\-\-jobs N\fR
N at a time (default 4)
.SH "OPTIONS OF ALL COMMANDS"
.TP
\fB\-f, \-\-file PATH\fR
the PATH of it (default x.yaml)
.SH "EXAMPLES"
.RS 4
.nf
thing make a
thing make b
.fi
.RE
.SH "SEE ALSO"
\fBthing\fR(1)
`,
	}
	got := map[string]string{}
	var names []string
	for _, p := range pages {
		got[p.Name] = string(p.Text)
		names = append(names, p.Name)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if order := strings.Join(names, " "); order != "thing-make.1 thing.1" {
		t.Error(order)
	}
}
