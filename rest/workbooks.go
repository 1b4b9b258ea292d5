package rest

import (
	"bytes"
	"context"
	"errors"
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

// WorkbookPublish describes a workbook to publish. Name, ProjectLUID and Source are required.
type WorkbookPublish struct {
	Name   string `api:"@name"`
	Source Source // a .twb or .twbx, told apart by its first bytes
	Mode   PublishMode

	Description         string               `api:"@description"` // API 3.21
	ShowTabs            bool                 `api:"@showTabs"`    // show the views in tabs
	HiddenViews         []string             // names of sheets to leave out of the published workbook (API 3.2)
	Connections         []WorkbookConnection `api:"connections/connection"` // credentials; those embedded in an overwritten workbook are lost unless given again (API 2.8)
	ProjectLUID         string               `api:"project/@id"`            // required: without it the workbook could not be found again after an interruption
	Tags                []string             // added after publishing
	SkipConnectionCheck bool                 // publish even if a database cannot be reached
	AsJob               bool                 // publish in the background and wait (API 3.0); files uploaded in blocks always are, if the server can

	Progress func(Progress) // called often, one call at a time; it must not block. nil for none
}

// WorkbookConnection gives credentials to the connections of a workbook that lead to a server. The server drops silently what
// matches no connection of the file.
type WorkbookConnection struct {
	Server      string                `api:"@serverAddress"` // as it stands in the file; may be empty with OAuth
	Port        string                `api:"@serverPort"`    // as it stands in the file, or empty
	Credentials ConnectionCredentials `api:"connectionCredentials"`
}

// Publish publishes a workbook and returns it as it is on the server, also when a job did it ("Publish Workbook"). Up to the
// single request limit the file is sent in one request, beyond in blocks.
//
// When the outcome of the publish is unclear, after a broken connection or a 502, Publish looks for the workbook and sends it
// again only if it has not arrived. If that cannot be told, the error is an [ErrOutcomeUnknown]. A name that is taken is an
// [ErrConflict] with [CreateNew]; a job that failed is a [*JobError]. If only the tags fail, the workbook is returned with the
// error.
func (ws *WorkbooksService) Publish(ctx context.Context, p WorkbookPublish) (Workbook, error) {
	c := ws.content
	prepare := func() (publication, error) {
		kind, err := sniff(p.Source, workbookTypes)
		if err != nil {
			return publication{}, err
		}
		body, secrets, err := p.encode(c.s)
		return publication{
			name: p.Name, projectLUID: p.ProjectLUID, source: p.Source, fileType: kind, mode: p.Mode, xml: body, secrets: secrets,
			skipCheck: p.SkipConnectionCheck, asJob: p.AsJob, tags: p.Tags, progress: p.Progress,
		}, err
	}
	return c.publish(ctx, p.Name, prepare)
}

// encode writes the request, after checking what the version allows.
func (p WorkbookPublish) encode(s *Session) (body []byte, secrets []string, err error) {
	var errs []error
	if p.Mode == Append {
		errs = append(errs, errors.New("a workbook cannot be appended to"))
	}
	if p.Description != "" {
		errs = append(errs, s.needs("the description of a workbook", sinceDescription))
	}
	if len(p.HiddenViews) > 0 {
		errs = append(errs, s.needs("hidden views", sinceHiddenViews))
	}
	if len(p.Connections) > 0 {
		errs = append(errs, s.needs("connection credentials", sinceConnectionLists))
	}
	for _, c := range p.Connections {
		errs = append(errs, c.Credentials.check())
		secrets = append(secrets, c.Credentials.Password)
	}
	if err := errors.Join(errs...); err != nil {
		return nil, nil, err
	}
	workbook := encodeElement("workbook", p)
	if len(p.HiddenViews) > 0 {
		views := newElement("views")
		for _, name := range p.HiddenViews {
			views.add(newElement("view").set("name", name).setBool("hidden", true))
		}
		workbook.add(views)
	}
	body, err = encodeRequest(workbook)
	return body, secrets, err
}

// workbookTypes tells the files that can be a workbook by how they begin.
var workbookTypes = []fileType{
	{"twbx", func(head []byte) bool { return bytes.HasPrefix(head, []byte("PK\x03\x04")) }},
	{"twb", isText},
}
