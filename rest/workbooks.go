package rest

import (
	"context"
	"fmt"
	"io"
	"iter"
	"net/http"
	"time"
)

// A Workbook is a published workbook ("Query Workbook"). Lists leave out the views.
type Workbook struct {
	LUID            string    `api:"@id"`
	Name            string    `api:"@name"`
	Description     string    `api:"@description"`
	ContentURL      string    `api:"@contentUrl"` // the server's unique name
	WebpageURL      string    `api:"@webpageUrl|@webpageurl"`
	ProjectLUID     string    `api:"project/@id"` // "" in a personal space
	ProjectName     string    `api:"project/@name"`
	OwnerLUID       string    `api:"owner/@id"`
	OwnerName       string    `api:"owner/@name"`
	ShowTabs        bool      `api:"@showTabs"`
	SizeMB          int64     `api:"@size"` // megabytes, at least 1
	EncryptExtracts string    `api:"@encryptExtracts"`
	CreatedAt       time.Time `api:"@createdAt"`
	UpdatedAt       time.Time `api:"@updatedAt"`
	DefaultViewLUID string    `api:"@defaultViewId"`
	Tags            []string  `api:"tags/tag/@label"`
	Views           []View    `api:"views/view"`
}

func (w Workbook) identity() identity {
	return identity{w.LUID, w.Name, w.ProjectLUID, w.ProjectName, w.UpdatedAt}
}

// A View is a worksheet, dashboard or story of a published workbook ("Query Views for Workbook").
type View struct {
	LUID       string    `api:"@id"`
	Name       string    `api:"@name"`
	ContentURL string    `api:"@contentUrl"`  // such as Sales/sheets/Map
	URLName    string    `api:"@viewUrlName"` // the last part of ContentURL
	SheetType  string    `api:"@sheetType"`   // worksheet, dashboard or story; "" when the server does not say
	CreatedAt  time.Time `api:"@createdAt"`
	UpdatedAt  time.Time `api:"@updatedAt"`
	Tags       []string  `api:"tags/tag/@label"`
}

// WorkbooksService lists, publishes, downloads and deletes the workbooks of a site.
type WorkbooksService struct{ content *content[Workbook] }

func newWorkbooksService(s *Session) *WorkbooksService {
	return &WorkbooksService{&content[Workbook]{
		s: s, kind: "workbook", title: "Workbook", plural: "workbooks", item: "workbook",
		part: "tableau_workbook", typeOf: "workbookType", kinds: workbookFilters,
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

// Views lists the views of a workbook, without the hidden ones ("Query Views for Workbook").
func (ws *WorkbooksService) Views(ctx context.Context, luid string) ([]View, error) {
	q, err := ws.content.request(http.MethodGet, "Query Views for Workbook", luid, "/views")
	var views []View
	if err == nil {
		views, err = readAll[View](ctx, ws.content.s, q, "views", "view")
	}
	if err != nil {
		return nil, fmt.Errorf("listing the views of workbook %q: %w", luid, err)
	}
	return views, nil
}

// Connections lists the connections of a workbook ("Query Workbook Connections").
func (ws *WorkbooksService) Connections(ctx context.Context, luid string) ([]Connection, error) {
	return ws.content.connections(ctx, luid)
}

// AddTags adds tags to those a workbook has, and returns all of them ("Add Tags to Workbook").
func (ws *WorkbooksService) AddTags(ctx context.Context, luid string, labels ...string) ([]string, error) {
	return ws.content.addTags(ctx, luid, labels)
}

// Download writes the file of a workbook to w ("Download Workbook"). See [DownloadOptions] for what can go wrong.
func (ws *WorkbooksService) Download(ctx context.Context, luid string, w io.Writer, o DownloadOptions) (DownloadInfo, error) {
	return ws.content.download(ctx, luid, w, o)
}

// Delete deletes a workbook ("Delete Workbook").
func (ws *WorkbooksService) Delete(ctx context.Context, luid string) error {
	return ws.content.delete(ctx, luid)
}
