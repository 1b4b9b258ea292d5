package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tabtemplate/tabtemplate/documents"
	"github.com/tabtemplate/tabtemplate/packaging"
	"github.com/tabtemplate/tabtemplate/rest"
)

// What an argument of diff begins with that is no file.
const (
	publishedPrefix = "published:"
	renderedPrefix  = "rendered:"
)

func (a *app) diffCommand() *cobra.Command {
	var in sessionFlags
	cmd := &cobra.Command{
		Use:   "diff A B",
		Short: "Say how two workbooks or data sources differ, by meaning",
		Long: `diff compares two files and says what is different in the words that Tableau has for it:
data sources with their connections, tables, custom SQL, filters, fields and extracts, published
data sources, parameters, views, and the files in the package. What several places of a document
say, copies of a parameter, is told once. What has no name here is told by its path, so that
nothing different is silent. The order of attributes, white space and how a package is made
differ in nothing, nor does a .twb from a .twbx with the same in it. Secrets are not shown.

A and B are files, or

  published:PROJECT/NAME   what is published on a site of a server, by its path, name, content
                           URL or LUID
  rendered:SITE/TEMPLATE   what the manifest makes of a template for a site, by their keys there

What servers change on their own in what is published, such as the place where it was, is
counted and makes no difference.

It exits with 0 if there is no difference, with 1 if there is one, and with 2 if it cannot tell.`,
		Example: `  tabtemplate diff old.twbx new.twbx
  tabtemplate diff sales.twbx published:Dashboards/Sales --server https://tableau.example.com
  tabtemplate diff rendered:acme/sales rendered:globex/sales
  tabtemplate diff --json old.tds new.tdsx | jq '.[].what'`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 2 {
				return usagef("diff compares two files, got %d", len(args))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			d := &differ{app: a}
			if err := d.run(cmd, &in, args); err != nil {
				return &troubleError{err}
			}
			if d.different {
				return errDifferent
			}
			return nil
		},
	}
	in.flags(cmd)
	cmd.ValidArgsFunction = completeCompared
	return cmd
}

// errDifferent says that diff has found a difference, which it has told.
var errDifferent = errors.New("there are differences")

// troubleError is why diff cannot tell whether there is a difference.
type troubleError struct{ err error }

func (e *troubleError) Error() string { return e.err.Error() }

func (e *troubleError) Unwrap() error { return e.err }

// differ is one run of diff.
type differ struct {
	app     *app
	session *rest.Session // nil if nothing that is published is compared
	closers []func() error
	masks   []func(string) string // of the secrets of sites that were rendered for

	different bool
}

func (d *differ) run(cmd *cobra.Command, in *sessionFlags, args []string) error {
	if !strings.HasPrefix(args[0], publishedPrefix) && !strings.HasPrefix(args[1], publishedPrefix) {
		return d.compare(cmd.Context(), args)
	}
	return d.app.withSession(cmd, in, func(ctx context.Context, s *rest.Session) error {
		d.session = s
		return d.compare(ctx, args)
	})
}

func (d *differ) compare(ctx context.Context, args []string) (err error) {
	defer func() {
		for _, closes := range d.closers {
			err = errors.Join(err, closes())
		}
	}()
	var files [2]*documents.File
	var failed []error
	for i, arg := range args {
		files[i], err = d.open(ctx, arg)
		failed = append(failed, err)
	}
	if err := errors.Join(failed...); err != nil {
		return err
	}
	told, byServer := []distinction{}, 0
	for one, err := range documents.Diff(files[0], files[1]) {
		if err != nil {
			return err
		}
		if d.session != nil && one.ByServer != "" {
			byServer++
			continue
		}
		told = append(told, d.masked(tellDistinction(one)))
	}
	if d.app.json {
		if err := d.app.printJSON(told); err != nil {
			return err
		}
	} else {
		printDistinctions(d.app.stdout, told)
	}
	if byServer > 0 && !d.app.quiet {
		fmt.Fprintf(d.app.stderr, "besides %s by the server\n", count(byServer, "change"))
	}
	d.different = len(told) > 0
	return nil
}

// masked takes the secrets out that a manifest has read.
func (d *differ) masked(one distinction) distinction {
	for _, mask := range d.masks {
		one.From, one.To, one.What, one.Path = mask(one.From), mask(one.To), mask(one.What), mask(one.Path)
		one.Of = slices.Clone(one.Of)
		for i := range one.Of {
			one.Of[i] = mask(one.Of[i])
		}
	}
	return one
}

// open opens what an argument names.
func (d *differ) open(ctx context.Context, arg string) (*documents.File, error) {
	if name, ok := strings.CutPrefix(arg, publishedPrefix); ok {
		return d.published(ctx, name)
	}
	if name, ok := strings.CutPrefix(arg, renderedPrefix); ok {
		return d.rendered(name)
	}
	f, err := documents.Open(arg)
	if err != nil {
		return nil, err
	}
	d.closers = append(d.closers, f.Close)
	return f, nil
}

// rendered renders a template for a site: SITE/TEMPLATE, either of which may have a slash.
func (d *differ) rendered(name string) (*documents.File, error) {
	m, err := d.app.read()
	if err != nil {
		return nil, err
	}
	key, template, ok := strings.Cut(name, "/")
	if !ok {
		return nil, usagef("%s%s: write %sSITE/TEMPLATE, the keys of both in the manifest", renderedPrefix, name, renderedPrefix)
	}
	s, err := m.Site(key)
	if err != nil {
		return nil, &usageError{err}
	}
	t, err := m.Template(template)
	if err != nil {
		return nil, &usageError{err}
	}
	r := &renderer{app: d.app, manifest: m}
	if err := r.open(nil); err != nil {
		return nil, err
	}
	d.closers = append(d.closers, r.templates.Close)
	d.masks = append(d.masks, s.Mask)
	rendering, err := r.template(s, t)
	if err != nil {
		return nil, errors.New(s.Mask(oneLine(err)))
	}
	return rendering.File, nil
}

// published downloads a workbook or data source that is published.
func (d *differ) published(ctx context.Context, name string) (*documents.File, error) {
	find, err := newFinder(ctx, d.session, aWorkbook, aDatasource)
	if err != nil {
		return nil, err
	}
	find.byLUID = true
	c, err := find.find(ctx, name)
	if err != nil {
		return nil, err
	}
	spool := packaging.NewSpool(downloadInMemory)
	d.closers = append(d.closers, spool.Close)
	if _, err := c.service(d.session).Download(ctx, c.luid, spool, rest.DownloadOptions{}); err != nil {
		return nil, err
	}
	f, err := documents.OpenReader(spool, spool.Size())
	if err != nil {
		return nil, fmt.Errorf("reading what is published as %q: %w", name, err)
	}
	return f, nil
}

// downloadInMemory is how much of what is published is kept in memory; what is larger goes to the disk.
const downloadInMemory = 16 << 20
