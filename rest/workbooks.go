package rest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"strings"
	"time"
)

// A Workbook is a published workbook ("Query Workbook"). Lists leave out the views and the policy, and have more of the other
// fields with "_all_" in the Fields of a [Query].
type Workbook struct {
	LUID              string            `api:"@id"`
	Name              string            `api:"@name"`
	Description       string            `api:"@description"`
	ContentURL        string            `api:"@contentUrl"` // the server's unique name
	PrimaryContentURL string            `api:"@primaryContentUrl"`
	WebpageURL        string            `api:"@webpageUrl|@webpageurl"`
	ProjectLUID       string            `api:"project/@id"` // "" in a personal space
	ProjectName       string            `api:"project/@name"`
	LocationLUID      string            `api:"location/@id"`   // of the project or the personal space it is in
	LocationType      string            `api:"location/@type"` // Project or PersonalSpace
	LocationName      string            `api:"location/@name"`
	OwnerLUID         string            `api:"owner/@id"`
	OwnerName         string            `api:"owner/@name"`
	ShowTabs          bool              `api:"@showTabs"`
	SizeMB            int64             `api:"@size"` // megabytes, at least 1
	SheetCount        int               `api:"@sheetCount"`
	HasExtracts       bool              `api:"@hasExtracts"`
	EncryptExtracts   bool              `api:"@encryptExtracts"`
	RecentlyViewed    bool              `api:"@recentlyViewed"`
	ShareDescription  string            `api:"@shareDescription"`
	CreatedAt         time.Time         `api:"@createdAt"`
	UpdatedAt         time.Time         `api:"@updatedAt"`
	LastPublishedAt   time.Time         `api:"@lastPublishedAt"`
	DefaultViewLUID   string            `api:"@defaultViewId"`
	Tags              []string          `api:"tags/tag/@label"`
	Views             []View            `api:"views/view"`
	Acceleration      *DataAcceleration `api:"dataAccelerationConfig"`
	Freshness         *DataFreshness    `api:"dataFreshnessPolicy"` // nil when it was never set
}

// A DataAcceleration is whether the server prepares what views show before anybody looks at them.
type DataAcceleration struct {
	Enabled       bool      `api:"@accelerationEnabled!"`
	Now           bool      `api:"@accelerateNow"`      // as soon as possible; in updates alone
	Status        string    `api:"@accelerationStatus"` // such as On, Off or Pending; in answers alone
	LastUpdatedAt time.Time `api:"@lastUpdatedAt"`      // in answers alone
}

func (w Workbook) identity() identity {
	return identity{w.LUID, w.Name, w.ProjectLUID, w.ProjectName, w.UpdatedAt}
}

// WorkbooksService works with the workbooks of a site. A workbook is found by [WorkbooksService.Find], by its name, its LUID
// or the path of its project and its name; the calls about one take the LUID.
//
// Publish, Update and Delete change it, Download and the revisions give its file, PDF, PowerPoint and PreviewImage what it
// looks like. Connections and UpdateConnection are about the databases it reads, Refresh and CreateExtracts about its
// extracts, Permissions and the tags about who works with it and how it is found. A schedule refreshes it regularly by
// [SchedulesService.AddWorkbook]. Its views are with [ViewsService].
type WorkbooksService struct{ content *content[Workbook] }

func newWorkbooksService(s *Session) *WorkbooksService {
	return &WorkbooksService{&content[Workbook]{
		s: s, kind: "workbook", title: "Workbook", plural: "workbooks", item: "workbook",
		part: "tableau_workbook", typeOf: "workbookType", jobs: true, kinds: workbookFilters,
		shared: func(w *Workbook) shared { return shared{&w.OwnerLUID, &w.OwnerName, &w.Tags} },
	}}
}

// All lists the workbooks the user can read, without their views ("Query Workbooks for Site").
func (ws *WorkbooksService) All(ctx context.Context, q Query) iter.Seq2[Workbook, error] {
	return ws.content.all(ctx, q)
}

// ByName finds a workbook by its exact name in a project, or in all of them with "". The errors are a [*NotFoundError], which
// lists the other projects with a workbook of that name, and an [*AmbiguousError].
func (ws *WorkbooksService) ByName(ctx context.Context, name, projectLUID string) (Workbook, error) {
	return ws.content.byName(ctx, name, projectLUID)
}

// ByLUID reads a workbook with its views ("Query Workbook").
func (ws *WorkbooksService) ByLUID(ctx context.Context, luid string) (Workbook, error) {
	return ws.content.byLUID(ctx, luid)
}

// ByContentURL reads a workbook with its views by the server's unique name for it, which is case-sensitive ("Get Workbook", API
// 3.17).
func (ws *WorkbooksService) ByContentURL(ctx context.Context, contentURL string) (Workbook, error) {
	q, err := ws.content.request(http.MethodGet, "Get Workbook", contentURL, "")
	var w Workbook
	if err == nil {
		q.since, q.query = Version{3, 17}, "key=contentUrl"
		w, err = read[Workbook](ctx, ws.content.s, q, "workbook")
	}
	switch {
	case errors.Is(err, ErrNotFound):
		return Workbook{}, fmt.Errorf("reading the workbook with the content URL %q, which is case-sensitive: %w", contentURL, err)
	case err != nil:
		return Workbook{}, fmt.Errorf("reading the workbook with the content URL %q: %w", contentURL, err)
	}
	return w, nil
}

// OfUser lists the workbooks that a user can read ("Query Workbooks for User").
func (ws *WorkbooksService) OfUser(ctx context.Context, userLUID string) iter.Seq2[Workbook, error] {
	return ws.content.ofUser(ctx, userLUID, "")
}

// OwnedBy lists the workbooks that a user owns ("Query Workbooks for User").
func (ws *WorkbooksService) OwnedBy(ctx context.Context, userLUID string) iter.Seq2[Workbook, error] {
	return ws.content.ofUser(ctx, userLUID, "ownedBy=true")
}

// Download writes the file of a workbook to w ("Download Workbook"). See [DownloadOptions] for what can go wrong.
func (ws *WorkbooksService) Download(ctx context.Context, luid string, w io.Writer, o DownloadOptions) (DownloadInfo, error) {
	return ws.content.download(ctx, luid, w, o)
}

// Delete deletes a workbook ("Delete Workbook").
func (ws *WorkbooksService) Delete(ctx context.Context, luid string) error {
	return ws.content.delete(ctx, luid)
}

// A WorkbookUpdate is a change of a workbook: the fields that are not nil.
type WorkbookUpdate struct {
	Name             *string           `api:"@name"`
	ShowTabs         *bool             `api:"@showTabs"`
	RecentlyViewed   *bool             `api:"@recentlyViewed"` // put it on the list of what the user has looked at; false does nothing
	EncryptExtracts  *bool             `api:"@encryptExtracts"`
	Description      *string           `api:"@description"` // API 3.21
	ProjectLUID      *string           `api:"project/@id"`
	OwnerLUID        *string           `api:"owner/@id"`              // for administrators
	AcceleratedViews []string          `api:"views/view/@id"`         // LUIDs of the views that Acceleration is for, none for all of them
	Acceleration     *DataAcceleration `api:"dataAccelerationConfig"` // API 3.22
	Freshness        *DataFreshness    `api:"dataFreshnessPolicy"`    // API 3.22
}

// Update changes a workbook and returns it as it is then, with its views if their acceleration was changed ("Update Workbook").
func (ws *WorkbooksService) Update(ctx context.Context, luid string, u WorkbookUpdate) (Workbook, error) {
	query := ""
	if u.Acceleration != nil {
		query = "includeViewAccelerationStatus=true"
	}
	return ws.content.update(ctx, luid, query, u)
}

func (u WorkbookUpdate) check(s *Session) error {
	errs := []error{notEmpty("name", u.Name), notEmpty("LUID of the project", u.ProjectLUID), notEmpty("LUID of the owner", u.OwnerLUID)}
	if u.Description != nil {
		errs = append(errs, s.needs("the description of a workbook", sinceDescription))
	}
	if u.EncryptExtracts != nil {
		errs = append(errs, s.needs("the encryption of extracts", sinceExtracts))
	}
	if u.Acceleration != nil {
		errs = append(errs, s.needs("the acceleration of views", sinceAcceleration))
	} else if len(u.AcceleratedViews) > 0 {
		errs = append(errs, errors.New("there are AcceleratedViews without an Acceleration"))
	}
	for _, view := range u.AcceleratedViews {
		errs = append(errs, checkLUID("view", view))
	}
	if u.Freshness != nil {
		errs = append(errs, s.needs("a data freshness policy", sinceAcceleration), u.Freshness.check())
	}
	return errors.Join(errs...)
}

// PreviewImage writes the thumbnail of a workbook to w, as a PNG picture: usually that of its first view ("Query Workbook
// Preview Image").
func (ws *WorkbooksService) PreviewImage(ctx context.Context, luid string, w io.Writer) (DownloadInfo, error) {
	q, err := ws.content.request(http.MethodGet, "Query Workbook Preview Image", luid, "/previewImage")
	var info DownloadInfo
	if err == nil {
		info, err = ws.content.s.picture(ctx, q, w, 0)
	}
	if err != nil {
		return info, fmt.Errorf("reading the thumbnail of workbook %q: %w", luid, err)
	}
	return info, nil
}

// PDF writes the views of a workbook to w as a PDF file; without ShowTabs it is the first view alone ("Download Workbook PDF",
// API 3.4).
func (ws *WorkbooksService) PDF(ctx context.Context, luid string, w io.Writer, o RenderOptions) (DownloadInfo, error) {
	return ws.content.s.render(ctx, workbookPDF, luid, w, o)
}

// PowerPoint writes the views of a workbook to w as a PowerPoint file, one on each slide; without ShowTabs it is the first view
// alone. Of the options it knows MaxAge ("Download Workbook PowerPoint", API 3.8).
func (ws *WorkbooksService) PowerPoint(ctx context.Context, luid string, w io.Writer, o RenderOptions) (DownloadInfo, error) {
	return ws.content.s.render(ctx, workbookSlides, luid, w, o)
}

// A DowngradedFeature is something that a workbook loses in an older release of Tableau.
type DowngradedFeature struct {
	Name     string `api:"@name"`
	Severity string `api:"@severity"`
}

// DowngradeInfo lists what a workbook would lose in an older release of Tableau, such as 10.5 or 2019.3 ("Get Workbook Downgrade
// Info", API 3.5).
func (ws *WorkbooksService) DowngradeInfo(ctx context.Context, luid, release string) ([]DowngradedFeature, error) {
	q, err := ws.content.request(http.MethodGet, "Get Workbook Downgrade Info", luid, "/downGradeInfo")
	if strings.ContainsFunc(release, func(r rune) bool { return r != '.' && (r < '0' || r > '9') }) || !strings.Contains(release, ".") {
		err = errors.Join(err, fmt.Errorf("%q is no release of Tableau such as 2019.3", release))
	}
	var lost []DowngradedFeature
	if err == nil {
		q.since, q.query = Version{3, 5}, "productVersion="+release
		lost, err = readAll[DowngradedFeature](ctx, ws.content.s, q, "downgradeInfo", "downgradedFeature")
	}
	if err != nil {
		return nil, fmt.Errorf("asking what workbook %q would lose in %s: %w", luid, release, err)
	}
	return lost, nil
}
