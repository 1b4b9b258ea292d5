package rest

import (
	"context"
	"errors"
	"io"
	"iter"
	"time"
)

// A Datasource is a published data source ("Query Data Source"). Which fields a server fills in differs: lists have more of
// them with "_all_" in the Fields of a [Query].
type Datasource struct {
	LUID                string    `api:"@id"`
	Name                string    `api:"@name"`
	Description         string    `api:"@description"`
	ContentURL          string    `api:"@contentUrl"` // the server's unique name
	WebpageURL          string    `api:"@webpageUrl"`
	Class               string    `api:"@type"`       // of its connection, such as hyper or postgres
	ProjectLUID         string    `api:"project/@id"` // "" in a personal space
	ProjectName         string    `api:"project/@name"`
	LocationLUID        string    `api:"location/@id"`   // of the project or the personal space it is in
	LocationType        string    `api:"location/@type"` // Project or PersonalSpace
	LocationName        string    `api:"location/@name"`
	OwnerLUID           string    `api:"owner/@id"`
	OwnerName           string    `api:"owner/@name"`
	SizeMB              int64     `api:"@size"` // megabytes, at least 1
	HasExtracts         bool      `api:"@hasExtracts"`
	EncryptExtracts     bool      `api:"@encryptExtracts"`
	Certified           bool      `api:"@isCertified"`
	CertificationNote   string    `api:"@certificationNote"`
	UseRemoteQueryAgent bool      `api:"@useRemoteQueryAgent"` // read through Tableau Bridge
	AskData             string    `api:"askData/@enablement"`  // Enabled, Disabled or SiteDefault; Tableau has retired it
	Published           bool      `api:"@isPublished"`
	HasSemanticLayer    bool      `api:"@hasSemanticLayerConnection"` // it leads to a semantic layer
	HasAlert            bool      `api:"@hasAlert"`
	ServerName          string    `api:"@serverName"`
	DatabaseName        string    `api:"@databaseName"`
	ConnectedWorkbooks  int       `api:"@connectedWorkbooksCount"`
	FavoritesTotal      int       `api:"@favoritesTotal"`
	ParentType          string    `api:"@parentType"`
	ParentURLs          []string  `api:"parentDataSourceUrls/text()"`
	CreatedAt           time.Time `api:"@createdAt"`
	UpdatedAt           time.Time `api:"@updatedAt"`
	Tags                []string  `api:"tags/tag/@label"`
}

func (d Datasource) identity() identity {
	return identity{d.LUID, d.Name, d.ProjectLUID, d.ProjectName, d.UpdatedAt}
}

// A DatasourceUpdate is a change of a data source: the fields that are not nil.
type DatasourceUpdate struct {
	Name                *string `api:"@name"`
	Description         *string `api:"@description"`
	ProjectLUID         *string `api:"project/@id"` // the project to move it to
	OwnerLUID           *string `api:"owner/@id"`   // for administrators, and owners
	Certified           *bool   `api:"@isCertified"`
	CertificationNote   *string `api:"@certificationNote"`
	EncryptExtracts     *bool   `api:"@encryptExtracts"`     // where the site leaves it to its publishers
	UseRemoteQueryAgent *bool   `api:"@useRemoteQueryAgent"` // read through Tableau Bridge
	AskData             *string `api:"askData/@enablement"`  // Enabled, Disabled or SiteDefault; Tableau has retired it
}

// DatasourcesService works with the published data sources of a site. It has the words of [WorkbooksService]: Find, Publish,
// Update, Download, Connections, Refresh, Permissions and so on. UpdateData changes rows of an extract without publishing all
// of it again. The data sources embedded in a workbook are its Connections.
type DatasourcesService struct{ content *content[Datasource] }

func newDatasourcesService(s *Session) *DatasourcesService {
	return &DatasourcesService{&content[Datasource]{
		s: s, kind: "data source", title: "Data Source", plural: "datasources", item: "datasource",
		part: "tableau_datasource", typeOf: "datasourceType", jobs: true, kinds: datasourceFilters, tagsSince: sinceDatasourceTags,
		shared: func(d *Datasource) shared { return shared{&d.OwnerLUID, &d.OwnerName, &d.Tags} },
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

// Download writes the file of a data source to w ("Download Data Source"). See [DownloadOptions] for what can go wrong.
func (ds *DatasourcesService) Download(ctx context.Context, luid string, w io.Writer, o DownloadOptions) (DownloadInfo, error) {
	return ds.content.download(ctx, luid, w, o)
}

// Update changes a data source and returns it as it is then ("Update Data Source").
func (ds *DatasourcesService) Update(ctx context.Context, luid string, u DatasourceUpdate) (Datasource, error) {
	return ds.content.update(ctx, luid, "", u)
}

func (u DatasourceUpdate) check(s *Session) error {
	errs := []error{notEmpty("name", u.Name), notEmpty("LUID of the project", u.ProjectLUID), notEmpty("LUID of the owner", u.OwnerLUID)}
	if u.EncryptExtracts != nil {
		errs = append(errs, s.needs("the encryption of extracts", sinceExtracts))
	}
	return errors.Join(errs...)
}

// Delete deletes a data source ("Delete Data Source").
func (ds *DatasourcesService) Delete(ctx context.Context, luid string) error {
	return ds.content.delete(ctx, luid)
}
