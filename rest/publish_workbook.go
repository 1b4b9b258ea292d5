package rest

import (
	"bytes"
	"context"
	"errors"
)

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
// [ErrConflict] with [CreateNew]; a job that failed is a [*JobError]. When what comes after the publish fails, such as its tags,
// the error is an [ErrPublished], and the workbook is returned as far as it is known.
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
