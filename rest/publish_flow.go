package rest

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
)

// FlowPublish describes a flow to publish. Name, ProjectLUID and Source are required. See [WorkbookPublish] for the project.
type FlowPublish struct {
	Name     string `api:"@name"`
	Source   Source // a .tfl or .tflx; see [OpenFile]
	Packaged bool   // it is a .tflx, which the bytes do not tell; a file of [OpenFile] tells by its name
	Mode     PublishMode
	Keep     Keep // what of an overwritten flow stays as it was

	Description string              `api:"@description"`
	ProjectLUID string              `api:"project/@id"`            // required: without it the flow could not be found again after an interruption
	Connections []PublishConnection `api:"connections/connection"` // credentials; those embedded in an overwritten flow are lost unless given again
	Tags        []string            // added after publishing

	// Before is called once it is known what is there, and before anything is sent: with the flow that will be overwritten, or nil.
	// An error ends the publish. nil for nothing.
	Before   func(existing *Flow) error
	Progress func(Progress) // called often, one call at a time; it must not block. nil for nobody
}

// Publish publishes a flow and returns it as it is on the server ("Publish Flow"). It behaves like [WorkbooksService.Publish],
// but for jobs: servers publish flows without.
func (fs *FlowsService) Publish(ctx context.Context, p FlowPublish) (Flow, error) {
	return fs.content.publish(ctx, p.Name, func() (publication[Flow], error) {
		kind, err := sniff(p.Source, []fileType{{p.extension(), isPackage}})
		if err != nil {
			return publication[Flow]{}, err
		}
		var wrong error
		if p.Mode == Append || p.Mode == Replace {
			wrong = errors.New("a flow can only be created or overwritten")
		}
		return publication[Flow]{
			name: p.Name, projectLUID: p.ProjectLUID, source: p.Source, fileType: kind, wrong: wrong, mode: p.Mode, payload: p.payload,
			credentials: fileCredentials{each: p.Connections}, keep: p.Keep, tags: p.Tags, consent: p.Before, progress: p.Progress,
		}, nil
	})
}

// extension is that of the file: both kinds are packages that begin alike.
func (p FlowPublish) extension() string {
	file, named := p.Source.(*FileSource)
	if p.Packaged || named && strings.EqualFold(filepath.Ext(file.file.Name()), ".tflx") {
		return "tflx"
	}
	return "tfl"
}

// payload writes the request.
func (p FlowPublish) payload(existing *Flow) ([]byte, error) {
	if existing != nil && p.Keep&KeepSettings != 0 && p.Description == "" {
		p.Description = existing.Description
	}
	return encodeRequest(encodeElement("flow", p))
}
