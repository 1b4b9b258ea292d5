package replicate

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/tabtemplate/tabtemplate/documents"
	"github.com/tabtemplate/tabtemplate/rest"
)

// Options say how to copy. The zero value makes new copies in projects of the same paths, which have to be there.
type Options struct {
	// Mode says what becomes of a workbook or data source of the same name in the same project: with rest.CreateNew it is left
	// alone, and the copy fails.
	Mode rest.PublishMode
	// Keep says what of an overwritten workbook or data source stays as it was on its site.
	Keep rest.Keep
	// ReuseDatasources takes a published data source that is there already, of the same name in the same project, in place of a
	// copy; within a site, a workbook goes on with the one it has. Nothing compares the two.
	ReuseDatasources bool
	// Project gives the path of the project to copy to, for the path of the project that something is in. nil for the same.
	Project func(path string) string
	// CreateProjects makes projects that are missing.
	CreateProjects bool
	// WithoutExtracts leaves the extracts behind. A workbook or data source that has only those has no data then.
	WithoutExtracts bool
	// Credentials gives what a connection of a database signs in with, or nil for nothing. It is asked for each connection of
	// each file, as that is after Edit. nil for none at all.
	Credentials func(of Item, c rest.FileConnection) *rest.ConnectionCredentials
	// Edit may change a file before it is published: lead its connections elsewhere, for instance. The references of a workbook
	// to published data sources lead to the new ones already. An error fails this one copy. nil for nothing.
	Edit func(of Item, f *documents.File) error
	// Permissions copies the rules on each workbook and data source, by the names of users and groups. nil leaves to the project
	// what the copies begin with.
	Permissions *rest.GranteeMapping
	// DryRun changes nothing on either site: the report is what would be done. Files are downloaded for what they refer to, and edited.
	// A copy that would be a new one has no ToLUID.
	DryRun bool
	// Folder is where files lie on their way, "" for the usual place of temporary files.
	Folder string
	// Progress is told of every item as it is done; it must not block. nil for nobody.
	Progress func(Item)
}

// Kind is what was copied.
type Kind string

// What can be copied.
const (
	Workbook   Kind = "workbook"
	Datasource Kind = "data source"
)

// Action is what became of a copy.
type Action string

// What became of a copy.
const (
	Created     Action = "created"
	Overwritten Action = "overwritten"
	Reused      Action = "reused"  // it was there, see Options.ReuseDatasources
	Failed      Action = "failed"  // see Item.Err
	Skipped     Action = "skipped" // a data source it needs failed
)

// Item is one workbook or data source.
type Item struct {
	Kind           Kind
	Name           string
	FromLUID       string
	FromProject    string // path
	ToLUID         string // "" unless there is a copy
	ToProject      string // path
	FromContentURL string
	ToContentURL   string
	Action         Action
	Warnings       []string // what nobody has to mend, but somebody should know
	Err            error    // why there is no copy, or what is not right about it
}

// Report is what was done, in the order it was done in: data sources before the workbooks that need them.
type Report struct {
	Items []Item
}

// Err joins what failed; nil if nothing did.
func (r *Report) Err() error {
	var errs []error
	for _, item := range r.Items {
		if item.Err != nil {
			errs = append(errs, fmt.Errorf("%s %q: %w", item.Kind, item.Name, item.Err))
		}
	}
	return errors.Join(errs...)
}

// Selection is what to copy, by LUIDs on the site it is on.
type Selection struct {
	Workbooks   []string
	Datasources []string // beside those that the workbooks need
}

// Copy copies workbooks and published data sources, each data source once. Both sessions may be the same, to copy from one project
// to another. The error is one that concerns all of them, a context that ended among these; what failed for some is in the report,
// which is there even then, and in its Err.
func Copy(ctx context.Context, from, to *rest.Session, what Selection, o Options) (*Report, error) {
	report := &Report{}
	if o.Mode != rest.CreateNew && o.Mode != rest.Overwrite {
		return report, fmt.Errorf("copying: the mode %s is not one of %s and %s", o.Mode, rest.CreateNew, rest.Overwrite)
	}
	folder, err := os.MkdirTemp(o.Folder, "replicate-")
	if err != nil {
		return report, fmt.Errorf("copying: %w", err)
	}
	c := &copier{Options: o, from: from, to: to, folder: folder, report: report, copies: map[string]*Item{}}
	c.WithoutExtracts = c.WithoutExtracts || c.DryRun && o.Edit == nil // nothing of them is looked at
	err = errors.Join(c.all(ctx, what), os.RemoveAll(folder))
	if err != nil {
		return report, fmt.Errorf("copying: %w", err)
	}
	return report, nil
}

// A copier is one call of Copy.
type copier struct {
	Options
	from, to *rest.Session
	folder   string
	report   *Report
	files    int // downloaded so far

	paths  *rest.ProjectTree // of the projects to copy from
	copies map[string]*Item  // of data sources, by the content URL of the original
}

func (c *copier) all(ctx context.Context, what Selection) (err error) {
	if c.paths, err = c.from.Projects.Tree(ctx); err != nil {
		return err
	}
	for _, luid := range what.Datasources {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		c.namedDatasource(ctx, luid)
	}
	for _, luid := range what.Workbooks {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		item := Item{Kind: Workbook, FromLUID: luid}
		err := c.workbook(ctx, &item)
		c.done(&item, err)
	}
	return nil
}

// done puts an item into the report.
func (c *copier) done(item *Item, err error) {
	switch {
	case err != nil && item.Action == "":
		item.Action, item.Err = Failed, err
	case err != nil:
		item.Err = err
	}
	c.report.Items = append(c.report.Items, *item)
	if c.Progress != nil {
		c.Progress(*item)
	}
}

// target fills in where something goes, and finds the project.
func (c *copier) target(ctx context.Context, item *Item, projectLUID string) (rest.Project, error) {
	if projectLUID == "" {
		return rest.Project{}, errors.New("it is in a personal space, and not in a project")
	}
	item.FromProject = c.paths.Path(projectLUID)
	item.ToProject = item.FromProject
	if c.Project != nil {
		item.ToProject = c.Project(item.FromProject)
	}
	switch {
	case !c.CreateProjects:
		return c.to.Projects.ByPath(ctx, item.ToProject)
	case !c.DryRun:
		return c.to.Projects.EnsurePath(ctx, item.ToProject)
	}
	project, err := c.to.Projects.ByPath(ctx, item.ToProject)
	if errors.Is(err, rest.ErrNotFound) {
		return rest.Project{}, nil // it would be made
	}
	return project, err
}

// foresee says what publishing a copy would do: there and err are what is in its place.
func (c *copier) foresee(item *Item, there identity, err error) error {
	switch {
	case errors.Is(err, rest.ErrNotFound):
		item.Action = Created
	case err != nil:
		return err
	case c.Mode != rest.Overwrite:
		return fmt.Errorf("publishing %s %q: %w", item.Kind, item.Name, rest.ErrConflict)
	default:
		item.ToLUID, item.ToContentURL, item.Action = there.luid, there.contentURL, Overwritten
	}
	return nil
}

// An identity is what lookups tell of content.
type identity struct{ luid, contentURL string }

// elsewhere refuses a copy that would take the place of its original.
func elsewhere(from string, to rest.Project) error {
	if from == to.LUID {
		return errors.New("it would be copied onto itself: choose another project or site")
	}
	return nil
}

// connections asks for the credentials of a file's connections.
func (c *copier) connections(of Item, f *rest.FileContents) []rest.PublishConnection {
	if c.Credentials == nil {
		return nil
	}
	var given []rest.PublishConnection
	type place struct{ server, port string }
	known := map[place]bool{}
	for _, conn := range f.Connections {
		at := place{conn.Server, conn.Port}
		if conn.Class == rest.PublishedClass || conn.Server == "" || known[at] {
			continue
		}
		if credentials := c.Credentials(of, conn); credentials != nil {
			known[at] = true
			given = append(given, rest.PublishConnection{Server: conn.Server, Port: conn.Port, Credentials: *credentials})
		}
	}
	return given
}
