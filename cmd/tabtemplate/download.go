package main

import (
	"context"
	"io"

	"github.com/spf13/cobra"

	"github.com/tabtemplate/tabtemplate/rest"
)

// contentService is what workbooks and data sources have in common.
type contentService interface {
	Download(ctx context.Context, luid string, w io.Writer, o rest.DownloadOptions) (rest.DownloadInfo, error)
	DownloadRevision(ctx context.Context, luid string, number int, w io.Writer, o rest.DownloadOptions) (rest.DownloadInfo, error)
	Refresh(ctx context.Context, luid string, o rest.RefreshOptions) (rest.Job, error)
	Delete(ctx context.Context, luid string) error
}

type downloadFlags struct {
	in        sessionFlags
	kind      kindFlags
	to        destination
	noExtract bool
	revision  int
}

func (a *app) downloadCommand() *cobra.Command {
	var f downloadFlags
	cmd := &cobra.Command{
		Use:   "download NAME… [-o FILE]",
		Short: "Download workbooks and data sources",
		Long: `download saves the files of workbooks and published data sources, byte for byte as the server
has them, and prints their paths. tabcmd calls it get.

` + namesHelp + `

Files take the names that the server gives them, in the current folder or in the folder of -o;
for a single one -o may name the file. Nothing is written over without --overwrite, and nothing
is left behind by a download that fails or is interrupted.`,
		Example: `  tabtemplate download Dashboards/Sales
  tabtemplate download Sales Orders -o backup/
  tabtemplate download Orders --datasource --no-extract -o orders.tds
  tabtemplate download Sales --revision 3 -o before.twbx`,
		Args: func(_ *cobra.Command, args []string) error {
			switch {
			case len(args) == 0:
				return usagef("download what? Name workbooks or data sources, as in `tabtemplate download Dashboards/Sales`")
			case f.revision < 0:
				return usagef("--revision %d: revisions are numbered from 1", f.revision)
			case len(args) > 1 && !f.to.isFolder():
				return usagef("several files do not go into one: -o FOLDER/ is a folder")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			kinds, err := f.kind.kinds()
			if err != nil {
				return err
			}
			return a.withSession(cmd, &f.in, func(ctx context.Context, s *rest.Session) error {
				return a.download(ctx, s, &f, kinds, args)
			})
		},
	}
	f.in.flags(cmd)
	f.kind.flags(cmd)
	f.to.flags(cmd)
	cmd.Flags().BoolVar(&f.noExtract, "no-extract", false, "leave out the extracts")
	cmd.Flags().IntVar(&f.revision, "revision", 0, "an earlier revision, by its `NUMBER` (default the current one)")
	return cmd
}

// namesHelp says how things are named.
const namesHelp = `NAME is a name, the path of its project and its name as in Dashboards/EMEA/Sales, a content
URL or a LUID. Where a workbook and a data source have it, --workbook or --datasource says which.`

func (a *app) download(ctx context.Context, s *rest.Session, f *downloadFlags, kinds []contentKind, names []string) error {
	find, err := newFinder(ctx, s, kinds...)
	if err != nil {
		return err
	}
	found, err := find.all(ctx, names)
	if err != nil {
		return err
	}
	rows, err := each(ctx, a, found, func(c content, row *workRow) error {
		*row = rowOf(c)
		m := a.meter(c.name, 0)
		defer m.over()
		path, bytes, err := f.to.save(a, "", func(w io.Writer) (rest.DownloadInfo, error) {
			o := rest.DownloadOptions{WithoutExtract: f.noExtract}
			if f.revision > 0 {
				return c.service(s).DownloadRevision(ctx, c.luid, f.revision, m.counting(w), o)
			}
			return c.service(s).Download(ctx, c.luid, m.counting(w), o)
		})
		if err == nil {
			row.Action, row.File, row.Bytes = "downloaded", path, bytes
		}
		return err
	})
	return a.saved(&f.to, rows, err)
}

// saved prints the paths of what was saved, after what went wrong.
func (a *app) saved(to *destination, rows []workRow, err error) error {
	if to.toStdout() || len(rows) == 0 {
		return err
	}
	if printing := a.printRows(rows, func(row workRow) string { return row.File }); printing != nil {
		return printing
	}
	return err
}
