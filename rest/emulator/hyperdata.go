package emulator

import (
	"slices"
	"strings"
)

// hyperOperations are the operations that change the rows of a published extract.
var hyperOperations = []operation{
	op("PATCH", "sites/{site}/datasources/{id}/data", onSite, readXML, updateHyper).since(3, 13),
	op("PATCH", "sites/{site}/datasources/{id}/connections/{connection}/data", onSite, readXML, updateHyper).since(3, 13),
}

// hyperRequest is a request to change rows that was taken. The same one again is answered with the job it started.
type hyperRequest struct {
	ID  string // LUID of the data source, a slash, and what the client calls the request
	Job string // LUID
}

// hyperUpdate is the work of changing the rows of the extract the job is about. The emulator does not read them: the data
// source is a newer one when it is done, and its file is what it was.
type hyperUpdate struct{}

// The actions on the rows of an extract, those that take other rows from an uploaded file among them.
var (
	hyperActions  = []string{"insert", "update", "delete", "upsert", "replace"}
	uploadActions = []string{"insert", "update", "upsert", "replace"}
)

// updateHyper answers PATCH of the data of a data source, or of one of its connections.
func updateHyper(c *call) (*reply, error) {
	a, err := datasources.findFor(c, codeUpdateForbidden, "Write")
	if err != nil {
		return nil, err
	}
	part := ""
	if luid, given := c.vars["connection"]; given {
		if _, err := a.connectionIndex(luid); err != nil {
			return nil, err
		}
		part = luid
	} else if len(a.Connections) > 0 {
		part = a.Connections[0].LUID
	}
	name := c.request.Header.Get("RequestID")
	if name == "" {
		return nil, refuse(codeMalformed, "The request has no header RequestID.")
	}
	request := hyperRequest{ID: a.LUID + "/" + name}
	if known := c.site.hyperRequests.Get(request.ID); known != nil {
		if j := c.site.jobs.Get(known.Job); j != nil {
			return c.accepted(j, j.render(c.now)), nil
		}
	}
	if !a.HasExtracts {
		return nil, refuse(codeNoExtract, "The data source '%s' has no extract whose data could be updated.", a.LUID)
	}
	if err := c.readActions(); err != nil {
		return nil, err
	}
	j := c.server.enqueue(c.site, job{
		Kind: "update_uploaded_file", User: c.user.LUID, About: a.object(), Part: part, Work: work{Hyper: &hyperUpdate{}},
	}, c.now)
	request.Job = j.LUID
	c.site.hyperRequests.DeleteFunc(func(r *hyperRequest) bool { return c.site.jobs.Get(r.Job) == nil })
	c.site.hyperRequests.Put(&request)
	return c.accepted(j, j.render(c.now)), nil
}

// readActions checks the actions of the request, and uses up the upload that they take rows from.
func (c *call) readActions() error {
	count, needsUpload := 0, false
	for action := range c.body.each("actions") {
		count++
		what := action.attr("action")
		if !slices.Contains(hyperActions, what) {
			return refuse(codeMalformed, "The action '%s' is none of %s.", what, strings.Join(hyperActions, ", "))
		}
		if action.attr("target-table") == "" {
			return refuse(codeMalformed, "The action '%s' has no target-table.", what)
		}
		needsUpload = needsUpload || slices.Contains(uploadActions, what)
	}
	session := c.query["uploadSessionId"]
	switch {
	case count == 0:
		return refuse(codeMalformed, "The request body is no JSON object with actions.")
	case session == "" && needsUpload:
		return refuse(codeMalformed, "There is no parameter uploadSessionId for the rows of an action.")
	case session == "":
		return nil
	}
	u, err := c.upload(session)
	if err != nil {
		return err
	}
	if _, err := u.file(); err != nil {
		return err
	}
	c.server.uploads.Delete(u.ID)
	c.server.store.Release(u.pieces())
	return nil
}

func (h *hyperUpdate) do(_ *Server, where *site, j *job) (notes string, err error) {
	a, err := j.About.asset(where)
	if err != nil {
		return "", err
	}
	changed := *a
	changed.UpdatedAt = stamp(j.EndedAt)
	datasources.of(where).Put(&changed)
	return "", nil
}

func (h *hyperUpdate) drop(*Server, *site, *job) {}

// hyperDetail writes which data was updated.
func hyperDetail(j *job) *element {
	e := node("updateUploadedFileJob", j.About.render(), textNode("connectionLuid", j.Part))
	e.add(j.renderNotes()...)
	return e
}
