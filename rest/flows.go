package rest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"time"
)

// A Flow is a Tableau Prep flow ("Query Flow", API 3.3).
type Flow struct {
	LUID        string          `api:"@id"`
	Name        string          `api:"@name"`
	Description string          `api:"@description"`
	WebpageURL  string          `api:"@webpageUrl"`
	FileType    string          `api:"@fileType"` // tfl or tflx
	ProjectLUID string          `api:"project/@id"`
	ProjectName string          `api:"project/@name"`
	OwnerLUID   string          `api:"owner/@id"`
	OwnerName   string          `api:"owner/@name"`
	CreatedAt   time.Time       `api:"@createdAt"`
	UpdatedAt   time.Time       `api:"@updatedAt"`
	Tags        []string        `api:"tags/tag/@label"`
	Parameters  []FlowParameter `api:"parameters/parameter"`
}

// A FlowParameter is a value that a run of a flow can be given, see [FlowRunSpec].
type FlowParameter struct {
	LUID        string   `api:"@id"`
	Name        string   `api:"@name"`
	Type        string   `api:"@type"` // such as String or Integer
	Description string   `api:"@description"`
	Value       string   `api:"@value"` // unless a run is given another
	Required    bool     `api:"@isRequired"`
	Domain      string   `api:"domain/@domainType"`         // Any, List or Range
	Values      []string `api:"domain/values/value/text()"` // that it may have, of a list
}

func (f Flow) identity() identity {
	return identity{f.LUID, f.Name, f.ProjectLUID, f.ProjectName, f.UpdatedAt}
}

// A FlowUpdate is a change of a flow: the fields that are not nil.
type FlowUpdate struct {
	ProjectLUID *string `api:"project/@id"` // the project to move it to
	OwnerLUID   *string `api:"owner/@id"`
}

// FlowsService works with Tableau Prep flows (API 3.3). It has the words of [WorkbooksService]: Find, Publish, Update,
// Download, Connections, Permissions and so on.
//
// Run runs a flow now and gives a [Job]; Runs, RunByLUID and CancelRun are about the runs there have been. A schedule runs a
// flow regularly by [SchedulesService.AddFlow]; Tasks, TaskByLUID and RunTask are about the flows that are on one. Flows that
// run one after the other are linked tasks: see [TasksService.Linked].
type FlowsService struct{ content *content[Flow] }

func newFlowsService(s *Session) *FlowsService {
	return &FlowsService{&content[Flow]{
		s: s, kind: "flow", title: "Flow", plural: "flows", item: "flow", since: sinceFlows,
		part: "tableau_flow", typeOf: "flowType", kinds: flowFilters,
		shared: func(f *Flow) shared { return shared{&f.OwnerLUID, &f.OwnerName, &f.Tags} },
	}}
}

// All lists the flows the user can read ("Query Flows for Site").
func (fs *FlowsService) All(ctx context.Context, q Query) iter.Seq2[Flow, error] {
	return fs.content.all(ctx, q)
}

// OfUser lists the flows that a user can read ("Query Flows for User").
func (fs *FlowsService) OfUser(ctx context.Context, userLUID string) iter.Seq2[Flow, error] {
	return fs.content.ofUser(ctx, userLUID, "")
}

// OwnedBy lists the flows that a user owns ("Query Flows for User").
func (fs *FlowsService) OwnedBy(ctx context.Context, userLUID string) iter.Seq2[Flow, error] {
	return fs.content.ofUser(ctx, userLUID, "ownedBy=true")
}

// ByName finds a flow by its exact name in a project, or in all of them with "". The errors are a [*NotFoundError], which lists
// the other projects with a flow of that name, and an [*AmbiguousError].
func (fs *FlowsService) ByName(ctx context.Context, name, projectLUID string) (Flow, error) {
	return fs.content.byName(ctx, name, projectLUID)
}

// Find reads a flow by its LUID, its name if there is one such flow on the site, or the full path of its project and its name:
// Finance/EMEA/Clean. The errors are a [*NotFoundError], which lists the other projects with a flow of that name, and an
// [*AmbiguousError], which lists the matches.
func (fs *FlowsService) Find(ctx context.Context, nameOrLUIDOrPath string) (Flow, error) {
	return fs.content.find(ctx, nameOrLUIDOrPath)
}

// ByLUID reads a flow ("Query Flow").
func (fs *FlowsService) ByLUID(ctx context.Context, luid string) (Flow, error) {
	return fs.content.byLUID(ctx, luid)
}

// A FlowOutputStep is a step of a flow that writes what it has made.
type FlowOutputStep struct {
	LUID string `api:"@id"`
	Name string `api:"@name"`
}

// OutputSteps lists the steps of a flow that a run can be limited to, see [FlowRunSpec] ("Query Flow").
func (fs *FlowsService) OutputSteps(ctx context.Context, luid string) ([]FlowOutputStep, error) {
	q, err := fs.content.request(http.MethodGet, "Query Flow", luid, "")
	var steps []FlowOutputStep
	if err == nil {
		steps, err = readAll[FlowOutputStep](ctx, fs.content.s, q, "flowOutputSteps", "flowOutputStep")
	}
	if err != nil {
		return nil, fmt.Errorf("listing the output steps of flow %q: %w", luid, err)
	}
	return steps, nil
}

// AddTags adds tags to those a flow has, and returns all of them; without any it returns those there are ("Add Tags to Flow").
func (fs *FlowsService) AddTags(ctx context.Context, luid string, labels ...string) ([]string, error) {
	return fs.content.addTags(ctx, luid, labels)
}

// SetTags makes these the tags of a flow, and no others: it adds those that are missing and takes off the rest one by one. It
// returns the tags there are then ("Add Tags to Flow", "Delete Tag from Flow").
func (fs *FlowsService) SetTags(ctx context.Context, luid string, labels ...string) ([]string, error) {
	return fs.content.setTags(ctx, luid, labels)
}

// DeleteTag takes a tag off a flow ("Delete Tag from Flow"). A tag that is not there is an [ErrNotFound].
func (fs *FlowsService) DeleteTag(ctx context.Context, luid, label string) error {
	return fs.content.deleteTag(ctx, luid, label)
}

// Download writes the file of a flow to w ("Download Flow"). See [DownloadOptions] for what can go wrong.
func (fs *FlowsService) Download(ctx context.Context, luid string, w io.Writer, o DownloadOptions) (DownloadInfo, error) {
	return fs.content.download(ctx, luid, w, o)
}

// Update changes the project and the owner of a flow, and returns it as it is then ("Update Flow").
func (fs *FlowsService) Update(ctx context.Context, luid string, u FlowUpdate) (Flow, error) {
	return fs.content.update(ctx, luid, "", u)
}

func (u FlowUpdate) check(*Session) error {
	return errors.Join(notEmpty("LUID of the project", u.ProjectLUID), notEmpty("LUID of the owner", u.OwnerLUID))
}

// Delete deletes a flow ("Delete Flow").
func (fs *FlowsService) Delete(ctx context.Context, luid string) error {
	return fs.content.delete(ctx, luid)
}
