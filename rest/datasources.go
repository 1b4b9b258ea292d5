package rest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"iter"
	"time"
)

// A Datasource is a published data source ("Query Data Source").
type Datasource struct {
	LUID            string    `api:"@id"`
	Name            string    `api:"@name"`
	Description     string    `api:"@description"`
	ContentURL      string    `api:"@contentUrl"` // the server's unique name
	WebpageURL      string    `api:"@webpageUrl"`
	Class           string    `api:"@type"` // of its connection, such as hyper or postgres
	ProjectLUID     string    `api:"project/@id"`
	ProjectName     string    `api:"project/@name"`
	OwnerLUID       string    `api:"owner/@id"`
	OwnerName       string    `api:"owner/@name"`
	HasExtracts     bool      `api:"@hasExtracts"`
	Certified       bool      `api:"@isCertified"`
	EncryptExtracts string    `api:"@encryptExtracts"`
	CreatedAt       time.Time `api:"@createdAt"`
	UpdatedAt       time.Time `api:"@updatedAt"`
	Tags            []string  `api:"tags/tag/@label"`
}

func (d Datasource) identity() identity {
	return identity{d.LUID, d.Name, d.ProjectLUID, d.ProjectName, d.UpdatedAt}
}

// DatasourcesService lists, publishes, downloads and deletes the published data sources of a site.
type DatasourcesService struct{ content *content[Datasource] }

func newDatasourcesService(s *Session) *DatasourcesService {
	return &DatasourcesService{&content[Datasource]{
		s: s, kind: "data source", title: "Data Source", plural: "datasources", item: "datasource",
		part: "tableau_datasource", typeOf: "datasourceType", kinds: datasourceFilters, tagsSince: sinceDatasourceTags,
	}}
}

// All lists the data sources the user can read ("Query Data Sources").
func (ds *DatasourcesService) All(ctx context.Context, q Query) iter.Seq2[Datasource, error] {
	return ds.content.all(ctx, q)
}

// ByName finds a data source by its exact name in a project, or in all of them with "". The errors are a [*NotFoundError],
// which lists the other projects with a data source of that name, and an [*AmbiguousError].
func (ds *DatasourcesService) ByName(ctx context.Context, name, projectLUID string) (Datasource, error) {
	return ds.content.byName(ctx, name, projectLUID)
}

// ByLUID reads a data source ("Query Data Source").
func (ds *DatasourcesService) ByLUID(ctx context.Context, luid string) (Datasource, error) {
	return ds.content.byLUID(ctx, luid)
}

// Connections lists the connections of a data source ("Query Data Source Connections").
func (ds *DatasourcesService) Connections(ctx context.Context, luid string) ([]Connection, error) {
	return ds.content.connections(ctx, luid)
}

// AddTags adds tags to those a data source has, and returns all of them ("Add Tags to Data Source", API 2.6).
func (ds *DatasourcesService) AddTags(ctx context.Context, luid string, labels ...string) ([]string, error) {
	return ds.content.addTags(ctx, luid, labels)
}

// Download writes the file of a data source to w ("Download Data Source"). See [DownloadOptions] for what can go wrong.
func (ds *DatasourcesService) Download(ctx context.Context, luid string, w io.Writer, o DownloadOptions) (DownloadInfo, error) {
	return ds.content.download(ctx, luid, w, o)
}

// Delete deletes a data source ("Delete Data Source").
func (ds *DatasourcesService) Delete(ctx context.Context, luid string) error {
	return ds.content.delete(ctx, luid)
}

// DatasourcePublish describes a data source to publish. Name, ProjectLUID and Source are required.
type DatasourcePublish struct {
	Name   string `api:"@name"`
	Source Source // a .tds, .tdsx, .hyper or .parquet, told apart by its first bytes
	Mode   PublishMode

	Description string                 `api:"@description"`
	Credentials *ConnectionCredentials `api:"connectionCredentials"` // of its connection, nil for none; those of an overwritten data source are lost unless given again
	ProjectLUID string                 `api:"project/@id"`           // required: without it the data source could not be found again after an interruption
	Tags        []string               // added after publishing (API 2.6)
	AsJob       bool                   // publish in the background and wait (API 3.0); files uploaded in blocks always are, if the server can

	Progress func(Progress) // called often, one call at a time; it must not block. nil for none
}

// Publish publishes a data source and returns it as it is on the server, also when a job did it ("Publish Data Source"). It
// behaves like [WorkbooksService.Publish]; what was to be appended is never sent again once its outcome is unclear, because
// rows could arrive twice.
func (ds *DatasourcesService) Publish(ctx context.Context, p DatasourcePublish) (Datasource, error) {
	c := ds.content
	prepare := func() (publication, error) {
		kind, err := sniff(p.Source, datasourceTypes)
		if err != nil {
			return publication{}, err
		}
		body, secrets, err := p.encode(c.s)
		return publication{
			name: p.Name, projectLUID: p.ProjectLUID, source: p.Source, fileType: kind, mode: p.Mode, xml: body, secrets: secrets,
			asJob: p.AsJob, tags: p.Tags, progress: p.Progress,
		}, err
	}
	return c.publish(ctx, p.Name, prepare)
}

// encode writes the request, after checking what the version allows.
func (p DatasourcePublish) encode(s *Session) (body []byte, secrets []string, err error) {
	var errs []error
	if p.Credentials != nil {
		errs = append(errs, p.Credentials.check())
		secrets = []string{p.Credentials.Password}
	}
	if len(p.Tags) > 0 {
		errs = append(errs, s.needs("tags of a data source", sinceDatasourceTags))
	}
	if err := errors.Join(errs...); err != nil {
		return nil, nil, err
	}
	body, err = encodeRequest(encodeElement("datasource", p))
	return body, secrets, err
}

// datasourceTypes tells the files that can be a data source by how they begin.
var datasourceTypes = []fileType{
	{"tdsx", func(head []byte) bool { return bytes.HasPrefix(head, []byte("PK\x03\x04")) }},
	{"hyper", func(head []byte) bool { return bytes.HasPrefix(head, []byte("Hyper")) }},
	{"parquet", func(head []byte) bool { return bytes.HasPrefix(head, []byte("PAR1")) }},
	{"tds", isText},
}
