package replicate

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/tabtemplate/tabtemplate/documents"
	"github.com/tabtemplate/tabtemplate/documents/tds"
	"github.com/tabtemplate/tabtemplate/rest"
	"github.com/tabtemplate/tabtemplate/templates/deploy"
)

// workbook copies one workbook.
func (c *copier) workbook(ctx context.Context, item *Item) error {
	w, err := c.from.Workbooks.ByLUID(ctx, item.FromLUID)
	if err != nil {
		return err
	}
	item.Name, item.FromContentURL = w.Name, w.ContentURL
	project, err := c.target(ctx, item, w.ProjectLUID)
	if err == nil {
		err = elsewhere(w.ProjectLUID, project)
	}
	if err != nil {
		return err
	}
	return c.withFile(func(to io.Writer) (rest.DownloadInfo, error) {
		return c.from.Workbooks.Download(ctx, w.LUID, to, rest.DownloadOptions{WithoutExtract: c.WithoutExtracts})
	}, func(f *documents.File) error {
		if err := c.repoint(ctx, item, f); err != nil {
			return err
		}
		if c.Edit != nil {
			if err := c.Edit(*item, f); err != nil {
				return err
			}
		}
		return c.publishWorkbook(ctx, item, w, project, f)
	})
}

func (c *copier) publishWorkbook(ctx context.Context, item *Item, w rest.Workbook, project rest.Project, f *documents.File) error {
	if c.DryRun {
		there, err := rest.Workbook{}, error(rest.ErrNotFound)
		if project.LUID != "" {
			there, err = c.to.Workbooks.ByName(ctx, w.Name, project.LUID)
		}
		return c.foresee(item, identity{there.LUID, there.ContentURL}, err)
	}
	content, err := f.Content()
	if err != nil {
		return err
	}
	defer content.Close() // it was only read
	contents := deploy.Contents(f)
	action := Created
	published, err := c.to.Workbooks.Publish(ctx, rest.WorkbookPublish{
		Name: w.Name, ProjectLUID: project.LUID, Source: content, Contents: contents, Mode: c.Mode, Keep: c.Keep,
		Description: w.Description, ShowTabs: w.ShowTabs, Tags: w.Tags, HiddenViews: hidden(w, contents),
		Connections: c.connections(*item, contents),
		Before: func(existing *rest.Workbook) error {
			if existing != nil {
				action = Overwritten
			}
			return nil
		},
		Warn: func(warning string) { item.Warnings = append(item.Warnings, warning) },
	})
	if published.LUID == "" {
		return err
	}
	item.ToLUID, item.ToContentURL, item.Action = published.LUID, published.ContentURL, action
	return errors.Join(err, c.permissions(ctx, c.from.Workbooks.Permissions(w.LUID), c.to.Workbooks.Permissions(published.LUID)))
}

// hidden are the sheets that the file shows and the site does not: they were hidden when the workbook was published.
func hidden(w rest.Workbook, f *rest.FileContents) []string {
	var names []string
	for _, sheet := range f.Sheets {
		shown := slices.ContainsFunc(w.Views, func(v rest.View) bool { return v.Name == sheet.Name })
		if !shown && !sheet.Hidden && len(w.Views) > 0 {
			names = append(names, sheet.Name)
		}
	}
	return names
}

// repoint leads the references of a workbook to copies of the data sources they lead to, which it makes first.
func (c *copier) repoint(ctx context.Context, item *Item, f *documents.File) error {
	for ds := range f.Datasources() {
		ref, ok := ds.Published()
		if !ok {
			continue
		}
		copied, err := c.datasource(ctx, ref.ContentURL)
		if err != nil {
			return fmt.Errorf("its data source %q: %w", ds.Label(), err)
		}
		if copied.Action == Failed {
			item.Action = Skipped
			return fmt.Errorf("its data source %q has no copy: %w", ds.Label(), copied.Err)
		}
		if copied.ToLUID == "" { // it would be made by what is a dry run
			continue
		}
		err = ds.Repoint(tds.PublishedRef{
			Server: c.to.ServerURL(), SiteContentURL: c.to.SiteContentURL(), ContentURL: copied.ToContentURL,
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// withFile downloads a file to a temporary folder and opens it.
func (c *copier) withFile(download func(io.Writer) (rest.DownloadInfo, error), use func(*documents.File) error) (err error) {
	c.files++ // a workbook is open while its data sources are copied
	path, _, err := rest.SaveFile(filepath.Join(c.folder, strconv.Itoa(c.files)), download)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.Remove(path)) }()
	f, err := documents.Open(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return use(f)
}

// permissions copies the rules, if they are to be copied.
func (c *copier) permissions(ctx context.Context, from, to *rest.Permissions) error {
	if c.Permissions == nil {
		return nil
	}
	_, err := from.Copy(ctx, to, c.Permissions)
	return err
}
