package rest

import (
	"context"
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

// Download writes the file of a data source to w ("Download Data Source"). See [DownloadOptions] for what can go wrong.
func (ds *DatasourcesService) Download(ctx context.Context, luid string, w io.Writer, o DownloadOptions) (DownloadInfo, error) {
	return ds.content.download(ctx, luid, w, o)
}

// Delete deletes a data source ("Delete Data Source").
func (ds *DatasourcesService) Delete(ctx context.Context, luid string) error {
	return ds.content.delete(ctx, luid)
}
