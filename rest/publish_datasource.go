package rest

import (
	"bytes"
	"cmp"
	"context"
	"errors"
)

// DatasourcePublish describes a data source to publish. Name, ProjectLUID and Source are required. See [WorkbookPublish] for
// the project.
type DatasourcePublish struct {
	Name     string        `api:"@name"`
	Source   Source        // a .tds, .tdsx, .hyper or .parquet, told apart by its first bytes; see [OpenFile]
	Contents *FileContents // what the file holds, so that the other fields can be checked against it; nil for unknown
	Mode     PublishMode
	Keep     Keep // what of an overwritten data source stays as it was

	Description         string                 `api:"@description"`
	EncryptExtracts     bool                   `api:"@encryptExtracts"`      // API 3.5
	UseRemoteQueryAgent bool                   `api:"@useRemoteQueryAgent"`  // query through Tableau Bridge
	Credentials         *ConnectionCredentials `api:"connectionCredentials"` // of its connection, nil for none; those of an overwritten data source are lost unless given again
	Connections         []PublishConnection    // in place of Credentials, for several connections: given to each after publishing, unless Contents tells of one alone
	ProjectLUID         string                 `api:"project/@id"` // required: without it the data source could not be found again after an interruption
	Certified           bool                   // certify it after publishing
	CertificationNote   string                 // why, set after publishing
	Tags                []string               // added after publishing (API 2.6)
	AsJob               bool                   // publish in the background and wait (API 3.0); files uploaded in blocks always are, if the server can

	// Before is called once it is known what is there, and before anything is sent: with the data source that will be overwritten
	// or appended to, or nil. An error ends the publish. nil for nothing.
	Before func(existing *Datasource) error
	// Commit is called right before the request that publishes is sent, each time it is, and not for what is sent before: with
	// what is there. Who keeps that can ask Arrived, in another process too. An error ends the publish, unsent. nil for nothing.
	Commit   func(Checkpoint) error
	Warn     func(warning string) // what Contents tells that is odd, but may be meant: a connection without credentials; nil for nobody
	Progress func(Progress)       // called often, one call at a time; it must not block. nil for nobody
}

// Publish publishes a data source and returns it as it is on the server, also when a job did it ("Publish Data Source"). It
// behaves like [WorkbooksService.Publish]; what was to be appended is never sent again once its outcome is unclear, because
// rows could arrive twice.
func (ds *DatasourcesService) Publish(ctx context.Context, p DatasourcePublish) (Datasource, error) {
	return ds.content.publish(ctx, p.Name, func() (publication[Datasource], error) {
		kind, err := sniff(p.Source, datasourceTypes)
		if err != nil {
			return publication[Datasource]{}, err
		}
		publication := p.publication(kind)
		publication.settle = func(ctx context.Context, existing, published *Datasource) error {
			return ds.settle(ctx, p, existing, published)
		}
		publication.wrong = p.check(ds.content.s, kind)
		return publication, nil
	})
}

func (p DatasourcePublish) publication(kind string) publication[Datasource] {
	return publication[Datasource]{
		name: p.Name, projectLUID: p.ProjectLUID, source: p.Source, fileType: kind, mode: p.Mode, payload: p.payload,
		credentials: fileCredentials{p.Credentials, p.Connections}, contents: p.Contents, keep: p.Keep, tags: p.Tags,
		asJob: p.AsJob, consent: p.Before, commit: p.Commit, warn: p.Warn, progress: p.Progress,
	}
}

// check finds what no data source can be published with, and what the version does not allow.
func (p DatasourcePublish) check(s *Session, kind string) error {
	var errs []error
	if p.Mode == Append && (kind == "tds" || kind == "tdsx" && p.Contents != nil && !p.Contents.HasExtract) {
		errs = append(errs, errors.New("only an extract can be appended, and the file has none"))
	}
	if len(p.Tags) > 0 {
		errs = append(errs, s.needs("tags of a data source", sinceDatasourceTags))
	}
	if p.EncryptExtracts {
		errs = append(errs, s.needs("the encryption of extracts", sinceExtracts))
	}
	return errors.Join(errs...)
}

// payload writes the request.
func (p DatasourcePublish) payload(existing *Datasource) ([]byte, error) {
	if existing != nil && p.Keep&KeepSettings != 0 {
		p.EncryptExtracts = p.EncryptExtracts || existing.EncryptExtracts
		p.UseRemoteQueryAgent = p.UseRemoteQueryAgent || existing.UseRemoteQueryAgent
	}
	if p.inRequest() {
		p.Credentials = &p.Connections[0].Credentials
	}
	return encodeRequest(encodeElement("datasource", p))
}

// inRequest says whether the request can hold the Connections: it has room for the credentials of one.
func (p DatasourcePublish) inRequest() bool {
	return len(p.Connections) == 1 && p.Contents != nil && len(p.Contents.Connections) == 1
}

// settle sets what a publish has no place for, and gives an overwritten data source back what it has lost.
func (ds *DatasourcesService) settle(ctx context.Context, p DatasourcePublish, existing, published *Datasource) error {
	var change DatasourceUpdate
	if existing != nil && p.Keep&KeepSettings != 0 {
		if p.Description == "" && existing.Description != published.Description {
			change.Description = &existing.Description
		}
		p.Certified = p.Certified || existing.Certified
		p.CertificationNote = cmp.Or(p.CertificationNote, existing.CertificationNote)
	}
	if p.Certified && !published.Certified {
		change.Certified = &p.Certified
	}
	if p.CertificationNote != "" && p.CertificationNote != published.CertificationNote {
		change.CertificationNote = &p.CertificationNote
	}
	var errs []error
	if change != (DatasourceUpdate{}) {
		updated, err := ds.Update(ctx, published.LUID, change)
		if err == nil {
			updated.Tags = published.Tags // which not every server tells
			*published = updated
		}
		errs = append(errs, err)
	}
	if len(p.Connections) > 0 && !p.inRequest() {
		errs = append(errs, ds.content.embed(ctx, published.LUID, p.Connections))
	}
	return errors.Join(errs...)
}

// datasourceTypes tells the files that can be a data source by how they begin.
var datasourceTypes = []fileType{
	{"tdsx", isPackage},
	{"hyper", func(head []byte) bool { return bytes.HasPrefix(head, []byte("Hyper")) }},
	{"parquet", func(head []byte) bool { return bytes.HasPrefix(head, []byte("PAR1")) }},
	{"tds", func(head []byte) bool { return isDocument(head, "datasource") }},
}
