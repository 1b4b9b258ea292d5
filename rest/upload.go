package rest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"golang.org/x/sync/errgroup"
)

const (
	maxRequestFile = 60 << 20 // bytes of a file in one request: servers take 64 MB with what is around it
	defaultBlock   = 32 << 20
	maxBlocks      = 1000
	uploadTries    = 3 // upload sessions begun for one file
)

type uploadLimits struct {
	single, block int64 // bytes
	parallel      int
}

// upload sends a file in blocks and returns the id of the upload session to commit ("Initiate File Upload", "Append to File
// Upload"). Numbered blocks may be repeated and sent side by side. Blocks without a number are appended as they arrive: one
// whose outcome is unclear must not be repeated, so the upload begins anew.
func (s *Session) upload(ctx context.Context, src Source, m *meter) (string, error) {
	for try := 1; ; try++ {
		id, err := s.uploadOnce(ctx, src, m)
		if err == nil {
			return id, nil
		}
		refused, ok := errors.AsType[*Error](err)
		unclear := ok && refused.ambiguous && !s.numbersBlocks()
		if try == uploadTries || ctx.Err() != nil || !unclear {
			return "", fmt.Errorf("uploading: %w", err)
		}
		if err := sleep(ctx, jitter(firstWait<<try)); err != nil {
			return "", fmt.Errorf("uploading: %w", err)
		}
		m.restartAll()
	}
}

func (s *Session) numbersBlocks() bool { return !s.version.before(sinceNumberedBlocks) }

type wireFileUpload struct {
	SessionID string `api:"@uploadSessionId"`
	MaxBlocks int64  `api:"@maxFileChunkCount"`
}

func (s *Session) uploadOnce(ctx context.Context, src Source, m *meter) (string, error) {
	upload, err := read[wireFileUpload](ctx, s, &request{op: "Initiate File Upload", method: http.MethodPost, path: "fileUploads"}, "fileUpload")
	if err != nil {
		return "", err
	}
	if upload.SessionID == "" {
		return "", missing("fileUpload with an uploadSessionId")
	}
	id, size := upload.SessionID, src.Size()
	block, err := blockSize(size, s.client.limits.block, upload.MaxBlocks)
	if err != nil {
		return "", err
	}
	workers := s.client.limits.parallel
	if !s.numbersBlocks() {
		workers = 1
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(workers)
	for number, offset := 1, int64(0); offset < size && ctx.Err() == nil; number, offset = number+1, offset+block {
		body := multipartPayload(nil, "tableau_file", "file").carry(src, offset, min(block, size-offset), m, number)
		group.Go(func() error {
			if ctx.Err() != nil { // an earlier block failed while this one waited for its turn
				return ctx.Err()
			}
			return s.sendBlock(ctx, id, number, body)
		})
	}
	return id, group.Wait()
}

func (s *Session) sendBlock(ctx context.Context, id string, number int, body *payload) error {
	q := &request{op: "Append to File Upload", method: http.MethodPut, path: "fileUploads/" + escapeQuery(id), body: body, once: true, appends: true}
	if s.numbersBlocks() {
		q.once, q.query = false, "sequenceID="+strconv.Itoa(number)
	}
	if _, err := s.call(ctx, q); err != nil {
		return fmt.Errorf("block %d: %w", number, err)
	}
	return nil
}

// blockSize is the wanted size of a block, or what is needed to make do with as many blocks as the server takes: the number it
// gave if it gave one, 1000 else.
func blockSize(size, wanted, most int64) (int64, error) {
	if most < 1 || most > maxBlocks {
		most = maxBlocks
	}
	block := max(wanted, (size+most-1)/most)
	if block > maxRequestFile {
		return 0, fmt.Errorf("the file of %d bytes is larger than %d blocks of %d bytes", size, most, int64(maxRequestFile))
	}
	return block, nil
}
