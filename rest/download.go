package rest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
)

// defaultDownload is the default limit of a download: Tableau Cloud holds content up to 15 GB.
const defaultDownload = 16 << 30

// DownloadOptions change a download. Its zero value downloads everything, up to 16 GiB.
//
// A download that fails before the first byte is repeated like any other read; later it is an error, and what was written is
// the beginning of the file.
type DownloadOptions struct {
	WithoutExtract bool  // leave out the extracts (API 2.5); a packaged file may come back as a bare one
	MaxBytes       int64 // refuse to write more than that, 0 for 16 GiB
}

// DownloadInfo describes what was downloaded.
type DownloadInfo struct {
	FileName    string // the server's name for the file, such as Sales.twbx, without any directory; "" if it gave none
	ContentType string // application/xml for .twb and .tds, application/octet-stream for .twbx and .tdsx
	Size        int64  // bytes written
}

func (c *content[T]) download(ctx context.Context, luid string, w io.Writer, o DownloadOptions) (DownloadInfo, error) {
	q, err := c.request(http.MethodGet, "Download "+c.title, luid, "/content")
	var info DownloadInfo
	if err == nil {
		info, err = c.s.fetch(ctx, q, w, o)
	}
	if err != nil {
		return info, fmt.Errorf("downloading %s %q: %w", c.kind, luid, err)
	}
	return info, nil
}

// fetch sends a request that is answered by a file of content, and writes that.
func (s *Session) fetch(ctx context.Context, q *request, w io.Writer, o DownloadOptions) (DownloadInfo, error) {
	if o.WithoutExtract {
		if err := s.needs("a download without extracts", sinceIncludeExtract); err != nil {
			return DownloadInfo{}, err
		}
		q.query = joinQuery(q.query, "includeExtract=False")
	}
	info, err := s.stream(ctx, q, w, o.MaxBytes)
	if err == nil && info.Size == 0 {
		err = errors.New("the server sent an empty file")
	}
	return info, err
}

// stream sends a request that is answered by a file, and writes up to a number of bytes of that, 16 GiB for 0.
func (s *Session) stream(ctx context.Context, q *request, w io.Writer, most int64) (DownloadInfo, error) {
	q.download = true
	resp, err := s.open(ctx, q)
	if err != nil {
		return DownloadInfo{}, err
	}
	defer resp.Body.Close()
	info := DownloadInfo{ContentType: resp.Header.Get("Content-Type"), FileName: fileNameOf(resp.Header.Get("Content-Disposition"))}
	if kind, _, _ := mime.ParseMediaType(info.ContentType); kind == "text/html" {
		return info, fmt.Errorf("%w: it sent a web page", ErrNotTableauServer)
	}
	if most <= 0 {
		most = defaultDownload
	}
	if resp.ContentLength > most {
		return info, fmt.Errorf("the file has %d bytes, more than %d", resp.ContentLength, most)
	}
	info.Size, err = io.Copy(w, io.LimitReader(resp.Body, most))
	if err != nil {
		return info, fmt.Errorf("after %d bytes: %w", info.Size, err)
	}
	return info, checkEnd(resp, info.Size)
}

// checkEnd makes sure that nothing is missing and nothing is left. The transport reports a body shorter than its length.
func checkEnd(resp *http.Response, written int64) error {
	switch n, err := io.ReadFull(resp.Body, make([]byte, 1)); {
	case n > 0:
		return fmt.Errorf("the file has more than %d bytes", written)
	case err != nil && !errors.Is(err, io.EOF):
		return fmt.Errorf("after %d bytes: %w", written, err)
	}
	return nil
}
