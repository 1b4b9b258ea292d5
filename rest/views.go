package rest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"time"
)

// A View is a worksheet, dashboard or story of a published workbook ("Get View"). Within a [Workbook] it has no fields that
// tell of the workbook.
type View struct {
	LUID           string            `api:"@id"`
	Name           string            `api:"@name"`
	ContentURL     string            `api:"@contentUrl"`  // such as Sales/sheets/Map
	URLName        string            `api:"@viewUrlName"` // the last part of ContentURL
	SheetType      string            `api:"@sheetType"`   // worksheet, dashboard or story; "" when the server does not say
	WorkbookLUID   string            `api:"workbook/@id"`
	WorkbookName   string            `api:"workbook/@name"` // this and the other names are told when Fields asks for them
	OwnerLUID      string            `api:"owner/@id"`
	OwnerName      string            `api:"owner/@name"`
	ProjectLUID    string            `api:"project/@id"`
	ProjectName    string            `api:"project/@name"`
	LocationLUID   string            `api:"location/@id"`
	LocationType   string            `api:"location/@type"` // Project or PersonalSpace
	LocationName   string            `api:"location/@name"`
	FavoritesTotal int               `api:"@favoritesTotal"`
	RecentlyViewed bool              `api:"@recentlyViewed"`
	CreatedAt      time.Time         `api:"@createdAt"`
	UpdatedAt      time.Time         `api:"@updatedAt"`
	Tags           []string          `api:"tags/tag/@label"`
	TotalViews     *int64            `api:"usage/@totalViewCount"` // how often it was looked at; nil unless asked for: see WithUsage
	Acceleration   *DataAcceleration `api:"dataAccelerationConfig"`
}

// ViewsService works with the views of a site: the worksheets, dashboards and stories of its workbooks. OfWorkbook lists those
// of one workbook, All those of the site.
//
// Image and PDF write what a view looks like, Data its numbers as CSV and CrosstabExcel as an Excel file, with filters and
// parameters set by [RenderOptions]. WithUsage tells how often views are looked at. Views are published and hidden with their
// workbook: see [WorkbooksService.Publish].
type ViewsService struct {
	s     *Session
	usage bool
}

// WithUsage is the same service, asking for usage statistics: views come with TotalViews.
func (vs *ViewsService) WithUsage() *ViewsService { return &ViewsService{vs.s, true} }

// statistics is the parameter that asks for usage statistics.
func (vs *ViewsService) statistics() string {
	if vs.usage {
		return "includeUsageStatistics=true"
	}
	return ""
}

// All lists the views the user can read ("Query Views for Site", API 2.2).
func (vs *ViewsService) All(ctx context.Context, q Query) iter.Seq2[View, error] {
	return vs.list(ctx, "Query Views for Site", Version{2, 2}, q)
}

func (vs *ViewsService) list(ctx context.Context, op string, since Version, q Query) iter.Seq2[View, error] {
	return listing[View]{
		op: op, since: since, path: "views", query: q, extra: vs.statistics(), items: []string{"views", "view"}, kinds: viewFilters,
	}.all(ctx, vs.s)
}

// ByLUID reads a view ("Get View", API 3.0).
func (vs *ViewsService) ByLUID(ctx context.Context, luid string) (View, error) {
	err := checkLUID("view", luid)
	var v View
	if err == nil {
		q := &request{op: "Get View", since: Version{3, 0}, method: http.MethodGet, path: "views/" + segments(luid), query: vs.statistics()}
		v, err = read[View](ctx, vs.s, q, "view")
	}
	if err != nil {
		return View{}, fmt.Errorf("reading view %q: %w", luid, err)
	}
	return v, nil
}

// ByName finds a view by its exact name in a workbook, or in all of them with "". The errors are a [*NotFoundError], which lists
// the views that the workbook has, and an [*AmbiguousError].
func (vs *ViewsService) ByName(ctx context.Context, name, workbookLUID string) (View, error) {
	v, err := vs.byName(ctx, name, workbookLUID)
	if err != nil {
		return View{}, fmt.Errorf("finding view %q: %w", name, err)
	}
	return v, nil
}

func (vs *ViewsService) byName(ctx context.Context, name, workbookLUID string) (View, error) {
	if name == "" {
		return View{}, errors.New("the name is empty")
	}
	is := func(v View) bool { return v.Name == name } // the server takes a * in the name for any text
	where := func(v View) string { return v.LUID + " at " + v.ContentURL }
	if workbookLUID == "" {
		return only("view", name, "", vs.All(ctx, Query{Filters: []Filter{Eq("name", name)}}), is, where, nil)
	}
	called := func(v View) string { return v.Name }
	return only("view", name, "workbook "+workbookLUID, each(vs.OfWorkbook(ctx, workbookLUID)), is, where, called)
}

// Find is ByLUID for what looks like a LUID, and else ByName in all workbooks.
func (vs *ViewsService) Find(ctx context.Context, nameOrLUID string) (View, error) {
	if luidForm.MatchString(nameOrLUID) {
		return vs.ByLUID(ctx, nameOrLUID)
	}
	return vs.ByName(ctx, nameOrLUID, "")
}

// ByURLName lists the views with a name in the URL, which stays when a view gets another name: Map for a view at
// …/#/site/acme/views/Sales/Map. Views of several workbooks may have the same ("Get View by Path", API 3.6).
func (vs *ViewsService) ByURLName(ctx context.Context, name string) ([]View, error) {
	var views []View
	for v, err := range vs.list(ctx, "Get View by Path", Version{3, 6}, Query{Filters: []Filter{Eq("viewUrlName", name)}}) {
		if err != nil {
			return nil, fmt.Errorf("finding views %q: %w", name, err)
		}
		if v.URLName == "" || v.URLName == name { // the server takes a * in the name for any text
			views = append(views, v)
		}
	}
	return views, nil
}

// OfWorkbook lists the views of a workbook, without the hidden ones ("Query Views for Workbook").
func (vs *ViewsService) OfWorkbook(ctx context.Context, workbookLUID string) ([]View, error) {
	err := checkLUID("workbook", workbookLUID)
	var views []View
	if err == nil {
		views, err = readAll[View](ctx, vs.s, &request{
			op: "Query Views for Workbook", method: http.MethodGet,
			path: "workbooks/" + segments(workbookLUID) + "/views", query: vs.statistics(),
		}, "views", "view")
	}
	if err != nil {
		return nil, fmt.Errorf("listing the views of workbook %q: %w", workbookLUID, err)
	}
	return views, nil
}

// Delete deletes a view from its workbook ("Delete View", API 3.27).
func (vs *ViewsService) Delete(ctx context.Context, luid string) error {
	err := checkLUID("view", luid)
	if err == nil {
		err = vs.s.remove(ctx, &request{op: "Delete View", since: Version{3, 27}, method: http.MethodDelete, path: "views/" + segments(luid)})
	}
	if err != nil {
		return fmt.Errorf("deleting view %q: %w", luid, err)
	}
	return nil
}

// Image writes a view to w as a PNG picture, 784 pixels wide unless the options say more ("Query View Image", API 2.5).
func (vs *ViewsService) Image(ctx context.Context, luid string, w io.Writer, o RenderOptions) (DownloadInfo, error) {
	return vs.s.render(ctx, viewImage, luid, w, o)
}

// PDF writes a view to w as a PDF file ("Query View PDF", API 2.7).
func (vs *ViewsService) PDF(ctx context.Context, luid string, w io.Writer, o RenderOptions) (DownloadInfo, error) {
	return vs.s.render(ctx, viewPDF, luid, w, o)
}

// Data writes the summary data of a view to w as CSV; of a dashboard it is that of its first view ("Query View Data", API 2.7).
func (vs *ViewsService) Data(ctx context.Context, luid string, w io.Writer, o RenderOptions) (DownloadInfo, error) {
	return vs.s.render(ctx, viewData, luid, w, o)
}

// CrosstabExcel writes the summary data of a view to w as an Excel file; of a dashboard it is that of its first view ("Download
// View Crosstab Excel", API 3.9).
func (vs *ViewsService) CrosstabExcel(ctx context.Context, luid string, w io.Writer, o RenderOptions) (DownloadInfo, error) {
	return vs.s.render(ctx, viewCrosstab, luid, w, o)
}

// PreviewImage writes the thumbnail of a view of a workbook to w, as a PNG picture ("Query View Preview Image").
func (vs *ViewsService) PreviewImage(ctx context.Context, workbookLUID, luid string, w io.Writer) (DownloadInfo, error) {
	err := errors.Join(checkLUID("workbook", workbookLUID), checkLUID("view", luid))
	var info DownloadInfo
	if err == nil {
		info, err = vs.s.picture(ctx, &request{
			op: "Query View Preview Image", method: http.MethodGet,
			path: "workbooks/" + segments(workbookLUID, "views", luid, "previewImage"),
		}, w, 0)
	}
	if err != nil {
		return info, fmt.Errorf("reading the thumbnail of view %q: %w", luid, err)
	}
	return info, nil
}

// A RecentItem is something that the user has looked at: a view or a workbook, the other is nil.
type RecentItem struct {
	View     *View     `api:"view"`
	Workbook *Workbook `api:"workbook"`
}

// RecentlyViewed lists what the user who signed in has looked at, the latest first ("Get Recently Viewed", API 3.5).
func (vs *ViewsService) RecentlyViewed(ctx context.Context) ([]RecentItem, error) {
	q := &request{op: "Get Recently Viewed", since: Version{3, 5}, method: http.MethodGet, path: "content/recent"}
	items, err := readAll[RecentItem](ctx, vs.s, q, "recents", "recent")
	if err != nil {
		return nil, fmt.Errorf("listing what was viewed recently: %w", err)
	}
	return items, nil
}
