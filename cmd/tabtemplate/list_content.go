package main

import (
	"cmp"
	"context"
	"iter"

	"github.com/spf13/cobra"

	"github.com/tabtemplate/tabtemplate/rest"
)

// placed is what lies in a project.
type placed[T any] struct {
	it   T
	path string // of the project; where the user cannot see that, what the server calls the place
}

type (
	placedWorkbook   = placed[rest.Workbook]
	placedDatasource = placed[rest.Datasource]
	placedProject    = placed[rest.Project] // path is its own
)

// inProjects finds out the paths of the projects that the objects of a list lie in.
func inProjects[T any](ctx context.Context, s *rest.Session, all iter.Seq2[T, error], place func(T) (luid, name string)) iter.Seq2[placed[T], error] {
	return func(yield func(placed[T], error) bool) {
		tree, err := s.Projects.Tree(ctx)
		if err != nil {
			yield(placed[T]{}, err)
			return
		}
		for item, err := range all {
			luid, name := place(item)
			if !yield(placed[T]{item, cmp.Or(tree.Path(luid), name)}, err) {
				return
			}
		}
	}
}

// listOf is a list that comes whole.
func listOf[T any](items []T, err error) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		if err != nil {
			yield(*new(T), err)
			return
		}
		for _, item := range items {
			if !yield(item, nil) {
				return
			}
		}
	}
}

var projectList = list[placedProject]{
	order: "path",
	columns: []column[placedProject]{
		{name: "path", value: func(p placedProject) any { return p.path }},
		{name: "name", more: true, value: func(p placedProject) any { return p.it.Name }},
		{name: "description", value: func(p placedProject) any { return p.it.Description }},
		{name: "content_permissions", value: func(p placedProject) any { return string(p.it.ContentPermissions) }},
		{name: "updated_at", value: func(p placedProject) any { return p.it.UpdatedAt }},
		{name: "created_at", more: true, value: func(p placedProject) any { return p.it.CreatedAt }},
		{name: "luid", more: true, value: func(p placedProject) any { return p.it.LUID }},
		{name: "parent_luid", more: true, value: func(p placedProject) any { return p.it.ParentLUID }},
		{name: "owner_luid", more: true, value: func(p placedProject) any { return p.it.OwnerLUID }},
	},
	all: func(ctx context.Context, s *rest.Session, _ rest.Query) iter.Seq2[placedProject, error] {
		tree, err := s.Projects.Tree(ctx) // paths take all projects, whichever are wanted
		if err != nil {
			return listOf[placedProject](nil, err)
		}
		var projects []placedProject
		for _, p := range tree.All() {
			projects = append(projects, placedProject{p, tree.Path(p.LUID)})
		}
		return listOf(projects, nil)
	},
}

var workbookList = list[placedWorkbook]{
	order: "name",
	columns: []column[placedWorkbook]{
		{name: "name", server: "name", value: func(w placedWorkbook) any { return w.it.Name }},
		{name: "project", value: func(w placedWorkbook) any { return w.path }},
		{name: "owner", server: "ownerName", value: func(w placedWorkbook) any { return w.it.OwnerName }},
		{name: "updated_at", server: "updatedAt", value: func(w placedWorkbook) any { return w.it.UpdatedAt }},
		{name: "tags", server: "tags", value: func(w placedWorkbook) any { return w.it.Tags }},
		{name: "luid", more: true, value: func(w placedWorkbook) any { return w.it.LUID }},
		{name: "content_url", more: true, server: "contentUrl", value: func(w placedWorkbook) any { return w.it.ContentURL }},
		{name: "description", more: true, value: func(w placedWorkbook) any { return w.it.Description }},
		{name: "size_mb", more: true, server: "size", value: func(w placedWorkbook) any { return w.it.SizeMB }},
		{name: "sheet_count", more: true, server: "sheetCount", value: func(w placedWorkbook) any { return w.it.SheetCount }},
		{name: "has_extracts", more: true, server: "hasExtracts", value: func(w placedWorkbook) any { return w.it.HasExtracts }},
		{name: "show_tabs", more: true, value: func(w placedWorkbook) any { return w.it.ShowTabs }},
		{name: "created_at", more: true, server: "createdAt", value: func(w placedWorkbook) any { return w.it.CreatedAt }},
		{name: "project_luid", more: true, value: func(w placedWorkbook) any { return w.it.ProjectLUID }},
		{name: "owner_luid", more: true, value: func(w placedWorkbook) any { return w.it.OwnerLUID }},
		{name: "webpage_url", more: true, value: func(w placedWorkbook) any { return w.it.WebpageURL }},
	},
	all: func(ctx context.Context, s *rest.Session, q rest.Query) iter.Seq2[placedWorkbook, error] {
		q.Fields = []string{"_default_", "owner.name", "sheetCount", "hasExtracts"} // the list has them when they are asked for
		return inProjects(ctx, s, s.Workbooks.All(ctx, q), func(w rest.Workbook) (luid, name string) {
			return w.ProjectLUID, cmp.Or(w.ProjectName, w.LocationName)
		})
	},
}

// viewList lists the views of a workbook, as they come there.
func viewList(workbook string) list[rest.View] {
	return list[rest.View]{
		columns: []column[rest.View]{
			{name: "name", value: func(v rest.View) any { return v.Name }},
			{name: "sheet_type", more: true, value: func(v rest.View) any { return v.SheetType }},
			{name: "content_url", value: func(v rest.View) any { return v.ContentURL }},
			{name: "updated_at", value: func(v rest.View) any { return v.UpdatedAt }},
			{name: "tags", value: func(v rest.View) any { return v.Tags }},
			{name: "luid", more: true, value: func(v rest.View) any { return v.LUID }},
			{name: "created_at", more: true, value: func(v rest.View) any { return v.CreatedAt }},
		},
		all: func(ctx context.Context, s *rest.Session, _ rest.Query) iter.Seq2[rest.View, error] {
			find, err := newFinder(ctx, s, aWorkbook)
			if err != nil {
				return listOf[rest.View](nil, err)
			}
			w, err := find.find(ctx, workbook)
			if err != nil {
				return listOf[rest.View](nil, err)
			}
			return listOf(viewsOf(ctx, s, w))
		},
	}
}

// viewsOf are the views of a workbook. Servers tell what kind of sheets they are in the list of all views alone, when asked.
func viewsOf(ctx context.Context, s *rest.Session, w content) ([]rest.View, error) {
	views, err := s.Views.OfWorkbook(ctx, w.luid)
	if err != nil {
		return nil, err
	}
	types := map[string]string{}
	for v, err := range s.Views.All(ctx, rest.Query{Filters: []rest.Filter{rest.Eq("workbookName", w.name)}, Fields: []string{"sheetType"}, PageSize: 1000}) {
		if err != nil {
			return nil, err
		}
		types[v.LUID] = v.SheetType
	}
	for i := range views {
		views[i].SheetType = cmp.Or(views[i].SheetType, types[views[i].LUID])
	}
	return views, nil
}

var datasourceList = list[placedDatasource]{
	order: "name",
	columns: []column[placedDatasource]{
		{name: "name", server: "name", value: func(d placedDatasource) any { return d.it.Name }},
		{name: "project", value: func(d placedDatasource) any { return d.path }},
		{name: "class", server: "type", value: func(d placedDatasource) any { return d.it.Class }},
		{name: "owner", server: "ownerName", value: func(d placedDatasource) any { return d.it.OwnerName }},
		{name: "updated_at", server: "updatedAt", value: func(d placedDatasource) any { return d.it.UpdatedAt }},
		{name: "tags", server: "tags", value: func(d placedDatasource) any { return d.it.Tags }},
		{name: "luid", more: true, value: func(d placedDatasource) any { return d.it.LUID }},
		{name: "content_url", more: true, server: "contentUrl", value: func(d placedDatasource) any { return d.it.ContentURL }},
		{name: "description", more: true, server: "description", value: func(d placedDatasource) any { return d.it.Description }},
		{name: "size_mb", more: true, server: "size", value: func(d placedDatasource) any { return d.it.SizeMB }},
		{name: "has_extracts", more: true, server: "hasExtracts", value: func(d placedDatasource) any { return d.it.HasExtracts }},
		{name: "certified", more: true, server: "isCertified", value: func(d placedDatasource) any { return d.it.Certified }},
		{name: "created_at", more: true, server: "createdAt", value: func(d placedDatasource) any { return d.it.CreatedAt }},
		{name: "project_luid", more: true, value: func(d placedDatasource) any { return d.it.ProjectLUID }},
		{name: "owner_luid", more: true, value: func(d placedDatasource) any { return d.it.OwnerLUID }},
		{name: "webpage_url", more: true, value: func(d placedDatasource) any { return d.it.WebpageURL }},
	},
	all: func(ctx context.Context, s *rest.Session, q rest.Query) iter.Seq2[placedDatasource, error] {
		q.Fields = []string{"_default_", "owner.name"}
		return inProjects(ctx, s, s.Datasources.All(ctx, q), func(d rest.Datasource) (luid, name string) {
			return d.ProjectLUID, cmp.Or(d.ProjectName, d.LocationName)
		})
	},
}

func (a *app) projectsCommand() *cobra.Command {
	return a.listCommand(&cobra.Command{
		Use:   "projects",
		Short: "List the projects of a site, by their paths",
		Long:  `projects lists the projects that the user may see, each with the path that leads to it.`,
		Example: `  tabtemplate projects
  tabtemplate projects --filter 'path=Finance/*'
  tabtemplate projects --fields path --quiet | grep EMEA`,
	}, "", projectList.names(), func(l *lister, _ string) error { return runList(l, projectList) })
}

func (a *app) workbooksCommand() *cobra.Command {
	return a.listCommand(&cobra.Command{
		Use:   "workbooks [WORKBOOK]",
		Short: "List the workbooks of a site, or the views of one",
		Long: `workbooks lists the workbooks that the user may see. With a WORKBOOK - its name, its path such as
Finance/EMEA/Sales, its content URL or its LUID - it lists the views of that one. Those have these
fields:
` + fieldsText(viewList("").names()),
		Example: `  tabtemplate workbooks
  tabtemplate workbooks --filter 'project=Finance*' --sort -updated_at --limit 20
  tabtemplate workbooks --filter 'tags=managed' --fields luid --quiet
  tabtemplate workbooks Finance/EMEA/Sales --json`,
	}, "a WORKBOOK", workbookList.names(), func(l *lister, workbook string) error {
		if workbook != "" {
			return runList(l, viewList(workbook))
		}
		return runList(l, workbookList)
	})
}

func (a *app) datasourcesCommand() *cobra.Command {
	return a.listCommand(&cobra.Command{
		Use:   "datasources",
		Short: "List the published data sources of a site",
		Long:  `datasources lists the published data sources that the user may see.`,
		Example: `  tabtemplate datasources
  tabtemplate datasources --filter 'certified=false' --filter 'updated_at<2026-01-01'
  tabtemplate datasources --filter 'class=postgres' --json`,
	}, "", datasourceList.names(), func(l *lister, _ string) error { return runList(l, datasourceList) })
}
