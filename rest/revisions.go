package rest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"strconv"
	"time"
)

// A Revision is one version of a workbook or a data source ("Get Workbook Revisions").
type Revision struct {
	Number        int       `api:"@revisionNumber"`
	Current       bool      `api:"@current|@isCurrent"` // what is downloaded as the content itself
	Deleted       bool      `api:"@deleted|@isDeleted"` // its file is gone
	SizeBytes     int64     `api:"@sizeInBytes"`
	PublishedAt   time.Time `api:"@publishedAt|@createdAt"`
	PublisherLUID string    `api:"publisher/@id|user/@id"` // "" when the user has left the site
	PublisherName string    `api:"publisher/@name|user/@name"`
}

func (c *content[T]) revisions(ctx context.Context, luid string) iter.Seq2[Revision, error] {
	if err := checkLUID(c.kind, luid); err != nil {
		return failing[Revision](fmt.Errorf("listing the revisions of %s %q: %w", c.kind, luid, err))
	}
	return listing[Revision]{
		op: "Get " + c.title + " Revisions", since: sinceRevisions, path: c.plural + "/" + segments(luid) + "/revisions",
		query: Query{PageSize: maxPage}, items: []string{"revisions", "revision"}, key: "@revisionNumber",
	}.all(ctx, c.s)
}

// revision is a call about one revision.
func (c *content[T]) revision(method, op, luid string, number int, rest string) (*request, error) {
	q, err := c.request(method, op, luid, "/revisions/"+strconv.Itoa(number)+rest)
	if number < 1 {
		return nil, errors.Join(err, fmt.Errorf("%d is no number of a revision: they begin with 1", number))
	}
	if err == nil {
		q.since = sinceRevisions
	}
	return q, err
}

func (c *content[T]) downloadRevision(ctx context.Context, luid string, number int, w io.Writer, o DownloadOptions) (DownloadInfo, error) {
	q, err := c.revision(http.MethodGet, "Download "+c.title+" Revision", luid, number, "/content")
	var info DownloadInfo
	if err == nil {
		info, err = c.s.fetch(ctx, q, w, o)
	}
	if err != nil {
		return info, fmt.Errorf("downloading revision %d of %s %q: %w", number, c.kind, luid, err)
	}
	return info, nil
}

func (c *content[T]) deleteRevision(ctx context.Context, luid string, number int) error {
	q, err := c.revision(http.MethodDelete, "Remove "+c.title+" Revision", luid, number, "")
	if err == nil {
		err = c.s.remove(ctx, q)
	}
	if err != nil {
		return fmt.Errorf("removing revision %d of %s %q: %w", number, c.kind, luid, err)
	}
	return nil
}

// Revisions lists the revisions of a workbook that the site remembers, the removed ones too, a thousand by one request ("Get
// Workbook Revisions", API 2.3). Nothing is said of their order: the newest has the highest number. A site that keeps no
// revisions is an [ErrForbidden].
func (ws *WorkbooksService) Revisions(ctx context.Context, luid string) iter.Seq2[Revision, error] {
	return ws.content.revisions(ctx, luid)
}

// DownloadRevision writes the file of an earlier revision of a workbook to w ("Download Workbook Revision", API 2.3). The
// current revision is an [ErrNotFound] here: it is what [WorkbooksService.Download] writes.
func (ws *WorkbooksService) DownloadRevision(ctx context.Context, luid string, number int, w io.Writer, o DownloadOptions) (DownloadInfo, error) {
	return ws.content.downloadRevision(ctx, luid, number, w, o)
}

// DeleteRevision removes an earlier revision of a workbook ("Remove Workbook Revision", API 2.3). The current one cannot be
// removed.
func (ws *WorkbooksService) DeleteRevision(ctx context.Context, luid string, number int) error {
	return ws.content.deleteRevision(ctx, luid, number)
}

// Revisions lists the revisions of a data source that the site remembers, like [WorkbooksService.Revisions] ("Get Data Source
// Revisions", API 2.3).
func (ds *DatasourcesService) Revisions(ctx context.Context, luid string) iter.Seq2[Revision, error] {
	return ds.content.revisions(ctx, luid)
}

// DownloadRevision writes the file of an earlier revision of a data source to w ("Download Data Source Revision", API 2.3).
// The current revision is an [ErrNotFound] here: it is what [DatasourcesService.Download] writes.
func (ds *DatasourcesService) DownloadRevision(ctx context.Context, luid string, number int, w io.Writer, o DownloadOptions) (DownloadInfo, error) {
	return ds.content.downloadRevision(ctx, luid, number, w, o)
}

// DeleteRevision removes an earlier revision of a data source ("Remove Data Source Revision", API 2.3). The current one cannot
// be removed.
func (ds *DatasourcesService) DeleteRevision(ctx context.Context, luid string, number int) error {
	return ds.content.deleteRevision(ctx, luid, number)
}
