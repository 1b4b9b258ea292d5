package replicate

import (
	"context"
	"errors"
	"io"

	"github.com/tabtemplate/tabtemplate/documents"
	"github.com/tabtemplate/tabtemplate/rest"
	"github.com/tabtemplate/tabtemplate/templates/deploy"
)

// datasource gives the copy of a published data source, made when it is needed first. One that could not be made has no LUID.
func (c *copier) datasource(ctx context.Context, contentURL string) (*Item, error) {
	if copied, ok := c.copies[contentURL]; ok {
		return copied, nil
	}
	item := &Item{Kind: Datasource, Name: contentURL, FromContentURL: contentURL}
	original, err := c.original(ctx, contentURL)
	switch {
	case err == nil && c.ReuseDatasources && c.from == c.to:
		item.Name, item.FromLUID, item.FromProject = original.Name, original.LUID, c.paths.Path(original.ProjectLUID)
		item.ToLUID, item.ToProject, item.ToContentURL, item.Action = item.FromLUID, item.FromProject, contentURL, Reused
	case err == nil:
		item.Name, item.FromLUID = original.Name, original.LUID
		err = c.copyDatasource(ctx, item, original)
	case !errors.Is(err, rest.ErrNotFound): // another workbook may have more luck
		return nil, err
	}
	c.done(item, err)
	c.copies[contentURL] = item
	return item, nil
}

// namedDatasource copies a data source, whether or not a workbook needs it.
func (c *copier) namedDatasource(ctx context.Context, luid string) {
	item := &Item{Kind: Datasource, FromLUID: luid}
	original, err := c.from.Datasources.ByLUID(ctx, luid)
	if err == nil {
		if c.copies[original.ContentURL] != nil {
			return
		}
		item.Name, item.FromContentURL = original.Name, original.ContentURL
		err = c.copyDatasource(ctx, item, original)
		c.copies[original.ContentURL] = item
	}
	c.done(item, err)
}

// original finds the data source that a reference leads to.
func (c *copier) original(ctx context.Context, contentURL string) (rest.Datasource, error) {
	for ds, err := range c.from.Datasources.All(ctx, rest.Query{Filters: []rest.Filter{rest.Eq("contentUrl", contentURL)}}) {
		if err != nil {
			return rest.Datasource{}, err
		}
		if ds.ContentURL == contentURL {
			return ds, nil
		}
	}
	return rest.Datasource{}, &rest.NotFoundError{Kind: "data source with the content URL", Name: contentURL}
}

func (c *copier) copyDatasource(ctx context.Context, item *Item, original rest.Datasource) error {
	project, err := c.target(ctx, item, original.ProjectLUID)
	if err != nil {
		return err
	}
	if c.ReuseDatasources && project.LUID != "" {
		there, err := c.to.Datasources.ByName(ctx, original.Name, project.LUID)
		if err == nil {
			item.ToLUID, item.ToContentURL, item.Action = there.LUID, there.ContentURL, Reused
			return nil
		}
		if !errors.Is(err, rest.ErrNotFound) {
			return err
		}
	}
	if err := elsewhere(original.ProjectLUID, project); err != nil {
		return err
	}
	return c.withFile(func(to io.Writer) (rest.DownloadInfo, error) {
		return c.from.Datasources.Download(ctx, original.LUID, to, rest.DownloadOptions{WithoutExtract: c.WithoutExtracts})
	}, func(f *documents.File) error {
		if c.Edit != nil {
			if err := c.Edit(*item, f); err != nil {
				return err
			}
		}
		return c.publishDatasource(ctx, item, original, project, f)
	})
}

func (c *copier) publishDatasource(ctx context.Context, item *Item, original rest.Datasource, project rest.Project, f *documents.File) error {
	if c.DryRun {
		there, err := rest.Datasource{}, error(rest.ErrNotFound)
		if project.LUID != "" {
			there, err = c.to.Datasources.ByName(ctx, original.Name, project.LUID)
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
	published, err := c.to.Datasources.Publish(ctx, rest.DatasourcePublish{
		Name: original.Name, ProjectLUID: project.LUID, Source: content, Contents: contents, Mode: c.Mode, Keep: c.Keep,
		Description: original.Description, Tags: original.Tags,
		Certified: original.Certified, CertificationNote: original.CertificationNote,
		Connections: c.connections(*item, contents),
		Before: func(existing *rest.Datasource) error {
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
	return errors.Join(err, c.permissions(ctx, c.from.Datasources.Permissions(original.LUID), c.to.Datasources.Permissions(published.LUID)))
}
