package main

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/tabtemplate/tabtemplate/rest"
)

type exportFlags struct {
	in      sessionFlags
	to      destination
	format  string
	fullPDF bool

	filters, parameters []string
	width, height       int
	resolution          string
	pageSize            string
	landscape           bool
	maxAge              int
	language            string
}

func (a *app) exportCommand() *cobra.Command {
	var f exportFlags
	cmd := &cobra.Command{
		Use:   "export VIEW|WORKBOOK -o FILE",
		Short: "Export a view or a workbook as a picture, pages or data",
		Long: `export has the server draw a view as a picture (png) or a page (pdf) or give its data (csv, xlsx),
or make pages (pdf) or slides (pptx) of a whole workbook. The extension of the file says which, or
--format. It prints the path of the file; with -o - the file itself goes to the output.

VIEW is a workbook and a view in it, as in Sales/Overview or Dashboards/Sales/Overview; the name
of a view alone; the part of its URL, such as SalesReport/Overview; the URL in a browser; or a
LUID. WORKBOOK is what it is for download. For pages, a view comes first where both have the name;
--full-pdf is of the workbook. tabcmd has its fullpdf, too; its get of a view is export.

Filters and parameters are for this one export; what others see stays as it is.`,
		Example: `  tabtemplate export Sales/Overview -o overview.png --resolution high
  tabtemplate export Sales/Overview -o emea.pdf --filter Region=EMEA --page-size A4 --landscape
  tabtemplate export Dashboards/Sales --full-pdf -o sales.pdf
  tabtemplate export Sales -o sales.pptx
  tabtemplate export Sales/Overview --format csv -o - | head`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usagef("export what? Name one view or workbook, as in `tabtemplate export Sales/Overview -o overview.png`")
			}
			return f.check()
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			options, err := f.options()
			if err != nil {
				return err
			}
			return a.withSession(cmd, &f.in, func(ctx context.Context, s *rest.Session) error {
				return a.export(ctx, s, &f, args[0], options)
			})
		},
	}
	f.in.flags(cmd)
	f.to.flags(cmd)
	flags := cmd.Flags()
	choiceFlag(flags, &f.format, "format", "the `FORMAT`: png, pdf, csv, xlsx or pptx (default what the extension of -o says)", formats...)
	flags.BoolVar(&f.fullPDF, "full-pdf", false, "make a pdf of the views of a workbook: all of them if it shows them in tabs, else the first")
	flags.StringArrayVar(&f.filters, "filter", nil, "keep only what has a value in a field: `FIELD=VALUE`; may be given again, for more values or fields")
	flags.StringArrayVar(&f.parameters, "parameter", nil, "set a parameter: `NAME=VALUE`; may be given again")
	flags.IntVar(&f.width, "width", 0, "lay the view out `PIXELS` wide")
	flags.IntVar(&f.height, "height", 0, "lay the view out `PIXELS` high")
	choiceFlag(flags, &f.resolution, "resolution", "make a picture twice as wide and high with `WORD` high", "standard", "high")
	choiceFlag(flags, &f.pageSize, "page-size", "the `SIZE` of pages, such as A4 or Letter; Unspecified is that of the view (default Legal)", pageSizes...)
	flags.BoolVar(&f.landscape, "landscape", false, "turn the pages")
	flags.IntVar(&f.maxAge, "max-age", 0, "how many `MINUTES` old what the server has drawn before may be; 1 is the least (default the server's choice)")
	flags.StringVar(&f.language, "language", "", "the `LANGUAGE` of texts and numbers, such as de or en-GB (default that of the user)")
	return cmd
}

// formats are what can be made of views, or of workbooks.
var formats = []string{"png", "pdf", "csv", "xlsx", "pptx"}

var pageSizes = []string{
	string(rest.PageA3), string(rest.PageA4), string(rest.PageA5), string(rest.PageB4), string(rest.PageB5), string(rest.PageExecutive),
	string(rest.PageFolio), string(rest.PageLedger), string(rest.PageLegal), string(rest.PageLetter), string(rest.PageNote),
	string(rest.PageQuarto), string(rest.PageTabloid), string(rest.PageUnspecified),
}

// check finds out the format, and refuses what does not go with it.
func (f *exportFlags) check() error {
	said := f.format
	if f.fullPDF {
		f.format = "pdf"
	}
	extension := strings.ToLower(strings.TrimPrefix(filepath.Ext(f.to.out), "."))
	if f.format == "" && slices.Contains(formats, extension) {
		f.format = extension
	}
	switch {
	case f.fullPDF && said != "" && said != "pdf":
		return usagef("--full-pdf and --format %s exclude each other", said)
	case f.format == "":
		return usagef("in which format? -o FILE.png says it, or --format; there are %s", strings.Join(formats, ", "))
	case f.maxAge < 0:
		return usagef("--max-age %d: it must be 1 or more", f.maxAge)
	case (f.width == 0) != (f.height == 0) || f.width < 0 || f.height < 0:
		return usagef("--width and --height go together, and are more than 0")
	}
	for _, group := range []struct {
		flags string
		given bool
		of    string
	}{
		{"--filter, --parameter and --language", len(f.filters)+len(f.parameters) > 0 || f.language != "", "png, pdf, csv, xlsx"},
		{"--width and --height", f.width != 0, "png, pdf"},
		{"--resolution", f.resolution != "", "png"},
		{"--page-size and --landscape", f.pageSize != "" || f.landscape, "pdf"},
	} {
		if group.given && !slices.Contains(strings.Split(group.of, ", "), f.format) {
			return usagef("%s: for %s, not for %s", group.flags, group.of, f.format)
		}
	}
	return nil
}

// options are those of the export, as the client takes them.
func (f *exportFlags) options() (rest.RenderOptions, error) {
	o := rest.RenderOptions{
		MaxAge: time.Duration(f.maxAge) * time.Minute, Language: f.language, HighResolution: f.resolution == "high",
		Width: f.width, Height: f.height, PageType: rest.PageType(f.pageSize),
	}
	if f.landscape {
		o.Orientation = rest.Landscape
	}
	for _, text := range f.filters {
		field, value, ok := strings.Cut(text, "=")
		if !ok || field == "" {
			return o, usagef("--filter %s: it must be FIELD=VALUE", text)
		}
		if o.Filters == nil {
			o.Filters = map[string][]string{}
		}
		o.Filters[field] = append(o.Filters[field], value)
	}
	for _, text := range f.parameters {
		name, value, ok := strings.Cut(text, "=")
		if !ok || name == "" {
			return o, usagef("--parameter %s: it must be NAME=VALUE", text)
		}
		if o.Parameters == nil {
			o.Parameters = map[string]string{}
		}
		o.Parameters[name] = value
	}
	return o, nil
}

// A drawing is a call that exports a view or a workbook.
type drawing func(ctx context.Context, luid string, w io.Writer, o rest.RenderOptions) (rest.DownloadInfo, error)

// drawings are what can be made of a view and of a workbook, by the format.
func drawings(s *rest.Session, kind contentKind) map[string]drawing {
	if kind == aWorkbook {
		return map[string]drawing{"pdf": s.Workbooks.PDF, "pptx": s.Workbooks.PowerPoint}
	}
	return map[string]drawing{"png": s.Views.Image, "pdf": s.Views.PDF, "csv": s.Views.Data, "xlsx": s.Views.CrosstabExcel}
}

func (a *app) export(ctx context.Context, s *rest.Session, f *exportFlags, name string, o rest.RenderOptions) error {
	c, err := f.find(ctx, s, name)
	if err != nil {
		return err
	}
	draw := drawings(s, c.kind)[f.format]
	if draw == nil {
		return f.otherFormat(ctx, s, c)
	}
	rows, err := each(ctx, a, []content{c}, func(c content, row *workRow) error {
		*row = rowOf(c)
		m := a.meter(c.name, 0)
		defer m.over()
		path, bytes, err := f.to.save(a, fileName(c.name)+"."+f.format, func(w io.Writer) (rest.DownloadInfo, error) {
			return draw(ctx, c.luid, m.counting(w), o)
		})
		row.Action, row.File, row.Bytes = "exported", path, bytes
		return err
	})
	return a.saved(&f.to, rows, err)
}

// otherFormat is the error of a format that there is of a view and not of a workbook, or the other way round.
func (f *exportFlags) otherFormat(ctx context.Context, s *rest.Session, c content) error {
	if c.kind == aView {
		workbook := strings.TrimSuffix(c.path, "/"+c.name)
		return withAdvice(fmt.Errorf("%v cannot be exported as %s, which is of a whole workbook: a view is png, pdf, csv or xlsx", c, f.format),
			fmt.Sprintf("name the workbook, %q", workbook))
	}
	views, err := s.Views.OfWorkbook(ctx, c.luid)
	if err != nil {
		return err
	}
	var names []string
	for _, v := range views {
		names = append(names, fmt.Sprintf("%q", c.path+"/"+v.Name))
	}
	return withAdvice(fmt.Errorf("%v cannot be exported as %s, which is of a single view: a workbook is pdf or pptx", c, f.format),
		"name one of its views: "+strings.Join(names, ", "))
}
