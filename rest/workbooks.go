package rest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"strconv"
	"time"
)

// A Workbook is a published workbook ("Query Workbook"). Lists leave out the views.
type Workbook struct {
	LUID            string
	Name            string
	Description     string
	ContentURL      string // the server's unique name
	WebpageURL      string
	ProjectLUID     string // "" in a personal space
	ProjectName     string
	OwnerLUID       string
	ShowTabs        bool
	SizeMB          int64 // megabytes, at least 1
	EncryptExtracts string
	CreatedAt       time.Time
	UpdatedAt       time.Time
	DefaultViewLUID string
	Tags            []string
	Views           []View
}

// A View is a worksheet, dashboard or story of a published workbook ("Query Views for Workbook").
type View struct {
	LUID       string
	Name       string
	ContentURL string // such as Sales/sheets/Map
	URLName    string // the last part of ContentURL
	SheetType  string // worksheet, dashboard or story; "" when the server does not say
	CreatedAt  time.Time
	UpdatedAt  time.Time
	Tags       []string
}

type wireWorkbook struct {
	ID              string     `xml:"id,attr"`
	Name            string     `xml:"name,attr"`
	Description     string     `xml:"description,attr"`
	ContentURL      string     `xml:"contentUrl,attr"`
	WebpageURL      string     `xml:"webpageUrl,attr"`
	ShowTabs        wireBool   `xml:"showTabs,attr"`
	Size            wireInt    `xml:"size,attr"`
	EncryptExtracts string     `xml:"encryptExtracts,attr"`
	CreatedAt       wireTime   `xml:"createdAt,attr"`
	UpdatedAt       wireTime   `xml:"updatedAt,attr"`
	DefaultViewID   string     `xml:"defaultViewId,attr"`
	Project         wireRef    `xml:"project"`
	Owner           wireRef    `xml:"owner"`
	Tags            []wireTag  `xml:"tags>tag"`
	Views           []wireView `xml:"views>view"`
}

type wireView struct {
	ID          string    `xml:"id,attr"`
	Name        string    `xml:"name,attr"`
	ContentURL  string    `xml:"contentUrl,attr"`
	ViewURLName string    `xml:"viewUrlName,attr"`
	SheetType   string    `xml:"sheetType,attr"`
	CreatedAt   wireTime  `xml:"createdAt,attr"`
	UpdatedAt   wireTime  `xml:"updatedAt,attr"`
	Tags        []wireTag `xml:"tags>tag"`
}

func (w wireWorkbook) workbook() Workbook {
	return Workbook{
		LUID: w.ID, Name: w.Name, Description: w.Description, ContentURL: w.ContentURL, WebpageURL: w.WebpageURL,
		ProjectLUID: w.Project.ID, ProjectName: w.Project.Name, OwnerLUID: w.Owner.ID, ShowTabs: bool(w.ShowTabs),
		SizeMB: int64(w.Size), EncryptExtracts: w.EncryptExtracts, CreatedAt: w.CreatedAt.Time, UpdatedAt: w.UpdatedAt.Time,
		DefaultViewLUID: w.DefaultViewID, Tags: tagsOf(w.Tags), Views: convert(w.Views, wireView.view),
	}
}

func (w wireView) view() View {
	return View{
		LUID: w.ID, Name: w.Name, ContentURL: w.ContentURL, URLName: w.ViewURLName, SheetType: w.SheetType,
		CreatedAt: w.CreatedAt.Time, UpdatedAt: w.UpdatedAt.Time, Tags: tagsOf(w.Tags),
	}
}

// WorkbooksService lists, publishes, downloads and deletes the workbooks of a site.
type WorkbooksService struct{ content *content[Workbook] }

func newWorkbooksService(s *Session) *WorkbooksService {
	return &WorkbooksService{&content[Workbook]{
		s: s, kind: "workbook", plural: "workbooks", part: "tableau_workbook", typeOf: "workbookType",
		list: func(env *envelope) []Workbook { return convert(env.Workbooks, wireWorkbook.workbook) },
		one: func(env *envelope) (Workbook, bool) {
			if env.Workbook == nil {
				return Workbook{}, false
			}
			return env.Workbook.workbook(), true
		},
		ident: func(w Workbook) identity {
			return identity{w.LUID, w.Name, w.ProjectLUID, w.ProjectName, w.UpdatedAt}
		},
		field: func(w Workbook, field string) ([]string, bool) {
			if field == "size" {
				return []string{strconv.FormatInt(w.SizeMB, 10)}, true
			}
			return commonField(field, w.Name, w.ContentURL, w.ProjectName, w.Tags, w.CreatedAt, w.UpdatedAt)
		},
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
	env, err := ws.content.get(ctx, luid, "/views")
	if err != nil {
		return nil, fmt.Errorf("listing the views of workbook %q: %w", luid, err)
	}
	return convert(env.Views, wireView.view), nil
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
	Name        string
	ProjectLUID string // required: without it the workbook could not be found again after an interruption
	Source      Source // a .twb or .twbx, told apart by its first bytes
	Mode        PublishMode

	Description         string               // API 3.21
	ShowTabs            bool                 // show the views in tabs
	HiddenViews         []string             // names of sheets to leave out of the published workbook (API 3.2)
	Connections         []WorkbookConnection // credentials; those embedded in an overwritten workbook are lost unless given again (API 2.8)
	Tags                []string             // added after publishing
	SkipConnectionCheck bool                 // publish even if a database cannot be reached
	AsJob               bool                 // publish in the background and wait (API 3.0); files uploaded in blocks always are, if the server can

	Progress func(Progress) // called often, one call at a time; it must not block. nil for none
}

// WorkbookConnection gives credentials to the connections of a workbook that lead to a server. The server drops silently what
// matches no connection of the file.
type WorkbookConnection struct {
	Server      string // as it stands in the file; may be empty with OAuth
	Port        string // as it stands in the file, or empty
	Credentials ConnectionCredentials
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
	workbook := newElement("workbook").set("name", p.Name).setText("description", p.Description)
	if p.ShowTabs {
		workbook.setBool("showTabs", true)
	}
	if len(p.Connections) > 0 {
		errs = append(errs, s.needs("connection credentials", sinceConnectionLists))
		connections := newElement("connections")
		for _, c := range p.Connections {
			errs = append(errs, c.Credentials.check())
			secrets = append(secrets, c.Credentials.Password)
			connections.add(newElement("connection", c.Credentials.element()).
				setText("serverAddress", c.Server).setText("serverPort", c.Port))
		}
		workbook.add(connections)
	}
	workbook.add(newElement("project").set("id", p.ProjectLUID))
	if len(p.HiddenViews) > 0 {
		views := newElement("views")
		for _, name := range p.HiddenViews {
			views.add(newElement("view").set("name", name).setBool("hidden", true))
		}
		workbook.add(views)
	}
	if err := errors.Join(errs...); err != nil {
		return nil, nil, err
	}
	body, err = encodeRequest(workbook)
	return body, secrets, err
}

// workbookTypes tells the files that can be a workbook by how they begin.
var workbookTypes = []fileType{
	{"twbx", func(head []byte) bool { return bytes.HasPrefix(head, []byte("PK\x03\x04")) }},
	{"twb", isText},
}
