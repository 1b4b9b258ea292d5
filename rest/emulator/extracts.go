package emulator

import "slices"

// extractOperations are the operations on the extracts of workbooks and data sources, after "Extract and Encryption
// Methods".
func extractOperations(k *kind, path string) []operation {
	return []operation{
		op("POST", path+"/{id}/createextract", onSite, readXML, k.createExtract).since(3, 5),
		op("POST", path+"/{id}/deleteextract", onSite, readXML, k.deleteExtract).since(3, 5),
	}
}

// thumbnailOperations is the newest of the operations. That it is there is published, its path is not: this one follows
// the others.
var thumbnailOperations = []operation{
	op("POST", "sites/{site}/workbooks/{id}/refreshthumbnails", onSite, readXML, refreshThumbnails).since(3, 27),
}

// extraction is the work of making or deleting the extracts of what the job is about. No rows are read: the asset is one
// with extracts from then on, or its file is sent without them.
type extraction struct {
	Create, Encrypt bool
}

// createExtract answers POST createExtract.
func (k *kind) createExtract(c *call) (*reply, error) {
	encrypt, err := c.flag("encrypt")
	if err != nil {
		return nil, err
	}
	return k.extract(c, "create_extracts", extraction{Create: true, Encrypt: encrypt})
}

// deleteExtract answers POST deleteExtract.
func (k *kind) deleteExtract(c *call) (*reply, error) {
	return k.extract(c, "delete_extracts", extraction{})
}

// extract starts a job for the data sources that the request names. Those of a workbook are all of them or some; a data
// source is one itself.
func (k *kind) extract(c *call, jobKind string, x extraction) (*reply, error) {
	a, err := k.findFor(c, codeUpdateForbidden, "Write")
	if err != nil {
		return nil, err
	}
	if !x.Create && !a.HasExtracts {
		return nil, refuse(codeNoExtract, "Extract operation for the %s '%s' is not allowed: it has no extract.", a.Kind, a.LUID)
	}
	if k == workbooks {
		if err := a.checkExtracted(c.body.child("datasources")); err != nil {
			return nil, err
		}
	}
	return c.startJob(job{Kind: jobKind, About: a.object(), Work: work{Extract: &x}}), nil
}

// checkExtracted refuses a list of data sources that is not one of the workbook's own.
func (a *asset) checkExtracted(list *element) error {
	all, err := list.flag("includeAll")
	if err != nil {
		return err
	}
	count := 0
	for e := range list.each("datasource") {
		count++
		luid := e.attr("id")
		if !slices.ContainsFunc(a.Connections, func(conn connection) bool { return conn.DatasourceLUID == luid }) {
			return refuse(codeNoDatasource, "Workbook '%s' has no data source '%s'.", a.LUID, luid)
		}
	}
	if list != nil && !all && count == 0 {
		return refuse(codeMalformed, "The request body has no datasources of workbook '%s', and includeAll is not true.", a.LUID)
	}
	return nil
}

// do makes or deletes the extracts.
func (x *extraction) do(_ *Server, where *site, j *job) (notes string, err error) {
	a, err := j.About.asset(where)
	if err != nil {
		return "", err
	}
	changed := *a
	changed.UpdatedAt = stamp(j.EndedAt)
	changed.HasExtracts = x.Create
	changed.EncryptExtracts = x.Create && (x.Encrypt || a.EncryptExtracts)
	changed.Revisions = slices.Clone(a.Revisions)
	changed.current().Extractless = !x.Create
	a.kind().of(where).Put(&changed)
	return "", nil
}

func (x *extraction) drop(*Server, *site, *job) {}

// asset returns what a job is about, which may be gone by the time it runs.
func (o object) asset(where *site) (*asset, error) {
	k := kindOf(o.Kind)
	if a := k.of(where).Get(o.LUID); a != nil {
		return a, nil
	}
	return nil, refuse(k.missing, "The %s '%s' could not be found.", k.element, o.LUID)
}

// extractionDetail writes what the extract is made for.
func extractionDetail(j *job) *element {
	return node("extractCreationJob", append(j.renderNotes(), j.About.render(), textNode("jobLuid", j.LUID))...)
}

// thumbnailRefresh is the work of making the pictures of a workbook anew. They are made when they are asked for, so it
// only tells that the workbook is still there.
type thumbnailRefresh struct{}

// refreshThumbnails answers the request for new thumbnails of a workbook.
func refreshThumbnails(c *call) (*reply, error) {
	a, err := workbooks.findFor(c, codeUpdateForbidden, "Write")
	if err != nil {
		return nil, err
	}
	return c.startJob(job{Kind: "refresh_thumbnails", About: a.object(), Work: work{Thumbnails: &thumbnailRefresh{}}}), nil
}

func (r *thumbnailRefresh) do(_ *Server, where *site, j *job) (notes string, err error) {
	_, err = j.About.asset(where)
	return "", err
}

func (r *thumbnailRefresh) drop(*Server, *site, *job) {}

// thumbnailDetail writes what the thumbnails are of.
func thumbnailDetail(j *job) *element {
	return node("thumbnailsRefreshJob", textNode("jobLuid", j.LUID), j.About.render())
}
