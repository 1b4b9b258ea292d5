package rest

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
)

// ExtractCreate describes the extracts to make. The zero value makes them for all data sources, unencrypted.
type ExtractCreate struct {
	Encrypt         bool     // keep them encrypted on the server
	DatasourceLUIDs []string // the embedded data sources of the workbook, as [Connection] has them; nil for all of them
}

// An extractScope says which of its data sources the extracts of a workbook are for.
type extractScope struct {
	All         bool     `api:"@includeAll!"`
	Datasources []string `api:"datasource/@id"`
}

func newExtractScope(luids []string) *element {
	return encodeElement("datasources", extractScope{len(luids) == 0, luids})
}

// extracts makes or deletes extracts, and returns the job that does it: the zero one from servers that have done it at once.
func (c *content[T]) extracts(ctx context.Context, doing, op, luid, path, query string, body ...*element) (Job, error) {
	q, err := c.request(http.MethodPost, op, luid, path)
	if err == nil {
		q.since, q.query = later(q.since, sinceExtracts), query
		err = q.carry(body...)
	}
	var job Job
	if err == nil {
		job, err = startWork(ctx, c.s, q)
	}
	if err != nil {
		return Job{}, fmt.Errorf("%s of %s %q: %w", doing, c.kind, luid, err)
	}
	return job, nil
}

func (c *content[T]) createExtracts(ctx context.Context, op, luid string, encrypt bool, body ...*element) (Job, error) {
	return c.extracts(ctx, "making the extracts", op, luid, "/createExtract", "encrypt="+strconv.FormatBool(encrypt), body...)
}

func (c *content[T]) deleteExtracts(ctx context.Context, op, luid string, body ...*element) (Job, error) {
	return c.extracts(ctx, "deleting the extracts", op, luid, "/deleteExtract", "", body...)
}

// CreateExtracts makes extracts for the data sources embedded in a workbook, and returns the job that does it ("Create Extracts
// for Embedded Data Sources in a Workbook", API 3.5).
func (ws *WorkbooksService) CreateExtracts(ctx context.Context, luid string, e ExtractCreate) (Job, error) {
	return ws.content.createExtracts(ctx, "Create Extracts for Embedded Data Sources in a Workbook", luid, e.Encrypt, newExtractScope(e.DatasourceLUIDs))
}

// DeleteExtracts deletes the extracts of the data sources embedded in a workbook, all of them or those named, so that these are
// live again. It returns the job that does it, the zero one if the server has done it at once ("Delete Extracts of Embedded
// Data Sources from a Workbook", API 3.5).
func (ws *WorkbooksService) DeleteExtracts(ctx context.Context, luid string, datasourceLUIDs ...string) (Job, error) {
	return ws.content.deleteExtracts(ctx, "Delete Extracts of Embedded Data Sources from a Workbook", luid, newExtractScope(datasourceLUIDs))
}

// CreateExtract makes an extract for a data source, and returns the job that does it ("Create an Extract for a Data Source",
// API 3.5).
func (ds *DatasourcesService) CreateExtract(ctx context.Context, luid string, encrypt bool) (Job, error) {
	return ds.content.createExtracts(ctx, "Create an Extract for a Data Source", luid, encrypt)
}

// DeleteExtract deletes the extract of a data source, so that it is live again. It returns the job that does it, the zero one if
// the server has done it at once ("Delete the Extract from a Data Source", API 3.5).
func (ds *DatasourcesService) DeleteExtract(ctx context.Context, luid string) (Job, error) {
	return ds.content.deleteExtracts(ctx, "Delete the Extract from a Data Source", luid)
}
