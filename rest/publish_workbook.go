package rest

import (
	"context"
	"errors"
	"fmt"
	"slices"
)

// WorkbookPublish describes a workbook to publish. Name, ProjectLUID and Source are required. [ProjectsService.ByPath],
// [ProjectsService.EnsurePath] and [ProjectsService.Default] give the project.
type WorkbookPublish struct {
	Name     string        `api:"@name"`
	Source   Source        // a .twb or .twbx, told apart by its first bytes; see [OpenFile]
	Contents *FileContents // what the file holds, so that the other fields can be checked against it; nil for unknown
	Mode     PublishMode
	Keep     Keep // what of an overwritten workbook stays as it was

	Description         string                 `api:"@description"`           // API 3.21
	ShowTabs            bool                   `api:"@showTabs"`              // show the views in tabs
	ThumbnailsUserLUID  string                 `api:"@thumbnailsUserId"`      // draw the thumbnails as this user sees the views; excludes the next
	ThumbnailsGroupLUID string                 `api:"@thumbnailsGroupId"`     // draw them as this group sees the views
	EncryptExtracts     bool                   `api:"@encryptExtracts"`       // API 3.5
	Connections         []PublishConnection    `api:"connections/connection"` // credentials; those embedded in an overwritten workbook are lost unless given again (API 2.8)
	Credentials         *ConnectionCredentials `api:"connectionCredentials"`  // the same for all connections, in place of Connections
	ProjectLUID         string                 `api:"project/@id"`            // required: without it the workbook could not be found again after an interruption
	HiddenViews         []string               // names of sheets to leave out of the published workbook (API 3.2)
	ShowViews           []string               // in place of HiddenViews: leave out all other sheets; it needs Contents
	Tags                []string               // added after publishing
	SkipConnectionCheck bool                   // publish even if a database cannot be reached
	AsJob               bool                   // publish in the background and wait (API 3.0); files uploaded in blocks always are, if the server can

	// Before is called once it is known what is there, and before anything is sent: with the workbook that will be overwritten, or
	// nil. An error ends the publish. nil for nothing.
	Before func(existing *Workbook) error
	// Commit is called right before the request that publishes is sent, each time it is, and not for what is sent before: with
	// what is there. Who keeps that can ask Arrived, in another process too. An error ends the publish, unsent. nil for nothing.
	Commit   func(Checkpoint) error
	Warn     func(warning string) // what Contents tells that is odd, but may be meant: a connection without credentials; nil for nobody
	Progress func(Progress)       // called often, one call at a time; it must not block. nil for nobody
}

// Publish publishes a workbook and returns it as it is on the server, also when a job did it ("Publish Workbook"). Up to the
// single request limit the file is sent in one request, beyond in blocks.
//
// When the outcome of the publish is unclear, after a broken connection or a 502, Publish looks for the workbook and sends it
// again only if it has not arrived. If that cannot be told, the error is an [ErrOutcomeUnknown]. A name that is taken is an
// [ErrConflict] with [CreateNew]; a job that failed is a [*JobError]. When what comes after the publish fails, such as its tags or
// what is to be kept, the error is an [ErrPublished], and the workbook is returned as far as it is known.
func (ws *WorkbooksService) Publish(ctx context.Context, p WorkbookPublish) (Workbook, error) {
	return ws.content.publish(ctx, p.Name, func() (publication[Workbook], error) {
		kind, err := sniff(p.Source, workbookTypes)
		if err != nil {
			return publication[Workbook]{}, err
		}
		publication := p.publication(kind)
		publication.settle = func(ctx context.Context, existing, published *Workbook) error {
			return ws.settle(ctx, p, existing, published)
		}
		publication.wrong = p.check(ws.content.s)
		return publication, nil
	})
}

func (p WorkbookPublish) publication(kind string) publication[Workbook] {
	return publication[Workbook]{
		name: p.Name, projectLUID: p.ProjectLUID, source: p.Source, fileType: kind, mode: p.Mode, payload: p.payload,
		credentials: fileCredentials{p.Credentials, p.Connections}, contents: p.Contents, keep: p.Keep, tags: p.Tags,
		skipCheck: p.SkipConnectionCheck, asJob: p.AsJob, consent: p.Before, commit: p.Commit, warn: p.Warn, progress: p.Progress,
	}
}

// check finds what no workbook can be published with, and what the version does not allow.
func (p WorkbookPublish) check(s *Session) error {
	var errs []error
	for _, rule := range []struct {
		broken bool
		text   string
	}{
		{p.Mode == Append, "a workbook cannot be appended to"},
		{p.Mode == Replace, "a workbook is overwritten, not replaced"},
		{p.ThumbnailsUserLUID != "" && p.ThumbnailsGroupLUID != "", "ThumbnailsUserLUID and ThumbnailsGroupLUID exclude each other"},
	} {
		if rule.broken {
			errs = append(errs, errors.New(rule.text))
		}
	}
	for _, feature := range []struct {
		used  bool
		name  string
		since Version
	}{
		{p.Description != "", "the description of a workbook", sinceDescription},
		{len(p.HiddenViews)+len(p.ShowViews) > 0, "hidden views", sinceHiddenViews},
		{len(p.Connections) > 0, "credentials for each connection", sinceConnectionLists},
		{p.EncryptExtracts, "the encryption of extracts", sinceExtracts},
	} {
		if feature.used {
			errs = append(errs, s.needs(feature.name, feature.since))
		}
	}
	return errors.Join(errs...)
}

// payload writes the request.
func (p WorkbookPublish) payload(existing *Workbook) ([]byte, error) {
	hidden, err := p.Contents.hide(p.HiddenViews, p.ShowViews)
	if err != nil {
		return nil, err
	}
	if existing != nil && p.Keep&KeepSettings != 0 {
		p.ShowTabs = p.ShowTabs || existing.ShowTabs
		p.EncryptExtracts = p.EncryptExtracts || existing.EncryptExtracts
	}
	workbook := encodeElement("workbook", p)
	if len(hidden) > 0 {
		views := newElement("views")
		for _, name := range hidden {
			views.add(newElement("view").set("name", name).setBool("hidden", true))
		}
		workbook.add(views)
	}
	return encodeRequest(workbook)
}

// settle gives an overwritten workbook back what it has lost.
func (ws *WorkbooksService) settle(ctx context.Context, p WorkbookPublish, existing, published *Workbook) error {
	if existing == nil {
		return nil
	}
	var errs []error
	describe := p.Description == "" && existing.Description != published.Description && !ws.content.s.version.before(sinceDescription)
	if p.Keep&KeepSettings != 0 && describe {
		if _, err := ws.Update(ctx, published.LUID, WorkbookUpdate{Description: &existing.Description}); err != nil {
			errs = append(errs, fmt.Errorf("keeping its description: %w", err))
		} else {
			published.Description = existing.Description
		}
	}
	if slow := slowedDown(existing.Views, published.Views); p.Keep&KeepAcceleration != 0 && len(slow) > 0 {
		on := &DataAcceleration{Enabled: true}
		if _, err := ws.Update(ctx, published.LUID, WorkbookUpdate{AcceleratedViews: slow, Acceleration: on}); err != nil {
			return errors.Join(append(errs, fmt.Errorf("keeping its acceleration: %w", err))...)
		}
		for i, v := range published.Views {
			if slices.Contains(slow, v.LUID) {
				published.Views[i].Acceleration = on
			}
		}
	}
	return errors.Join(errs...)
}

// slowedDown are the views that were accelerated and, though still there, are not any more.
func slowedDown(before, after []View) []string {
	accelerated := func(v View) bool { return v.Acceleration != nil && v.Acceleration.Enabled }
	var luids []string
	for _, v := range after {
		was := func(old View) bool { return old.LUID == v.LUID && accelerated(old) }
		if !accelerated(v) && slices.ContainsFunc(before, was) {
			luids = append(luids, v.LUID)
		}
	}
	return luids
}

// workbookTypes tells the files that can be a workbook by how they begin.
var workbookTypes = []fileType{
	{"twbx", isPackage},
	{"twb", func(head []byte) bool { return isDocument(head, "workbook") }},
}
