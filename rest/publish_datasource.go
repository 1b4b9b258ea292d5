package rest

import (
	"bytes"
	"context"
	"errors"
)

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
