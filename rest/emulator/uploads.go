package emulator

import (
	"fmt"
	"maps"
	"strconv"
	"time"

	"github.com/tabtemplate/tabtemplate/rest/emulator/internal/state"
)

var uploadOperations = []operation{
	op("POST", "sites/{site}/fileuploads", onSite, nil, initiateUpload),
	op("PUT", "sites/{site}/fileuploads/{id}", onSite, readBlock, appendToUpload),
}

// upload is a file on its way in blocks. It belongs to one user of one site, is used up by the publish that commits it,
// and is forgotten an hour after its last block. A block is never changed: one sent again takes the place of the first.
type upload struct {
	ID         string
	Site, User string // LUIDs
	Numbered   bool   // the blocks carry a sequenceID
	Blocks     map[int]state.Piece
	Expires    time.Time
}

const (
	uploadLifetime = time.Hour
	maxUploads     = 100 // open at a time on a site
	maxBlocks      = 1000
)

// initiateUpload answers POST fileUploads.
func initiateUpload(c *call) (*reply, error) {
	open := 0
	for _, u := range c.server.uploads.All() {
		if u.Site == c.site.luid {
			open++
		}
	}
	if open >= maxUploads {
		return nil, refuse(codeQuota, "Site '%s' has %d uploads open, which is as many as it may have.", c.site.luid, maxUploads)
	}
	u := &upload{
		ID:   fmt.Sprintf("%d:%s-1:0", c.server.nextNumber(), c.server.hexID()),
		Site: c.site.luid, User: c.user.LUID,
		Expires: c.now.Add(uploadLifetime),
	}
	c.server.uploads.Put(u)
	return created(c.path("fileUploads", u.ID), u.render()), nil
}

func readBlock(c *call) error {
	f, err := readForm(c, "tableau_file", c.server.requestLimit)
	if err != nil {
		return err
	}
	if f.file == nil {
		return refuse(codeMalformed, "The request body has no part tableau_file.")
	}
	c.block = f.file
	return nil
}

// appendToUpload answers PUT fileUploads/{id}. With sequenceID, counted from 1, blocks come in any order and one sent
// again replaces the first; without it they are joined as they arrive.
func appendToUpload(c *call) (*reply, error) {
	u, err := c.upload(c.vars["id"])
	if err != nil {
		return nil, err
	}
	sequence, numbered := c.query["sequenceID"]
	if len(u.Blocks) > 0 && numbered != u.Numbered {
		return nil, refuse(codeMalformed, "Upload '%s' mixes blocks with and without sequenceID.", u.ID)
	}
	number := len(u.Blocks) + 1
	if numbered {
		if number, err = strconv.Atoi(sequence); err != nil {
			return nil, refuse(codeMalformed, "The sequenceID must be an integer, not '%s'.", sequence)
		}
	}
	if number < 1 || number > maxBlocks {
		return nil, refuse(codeMalformed, "Upload '%s' has blocks 1 to %d, not %d.", u.ID, maxBlocks, number)
	}
	changed := *u
	changed.Numbered, changed.Expires = numbered, c.now.Add(uploadLifetime)
	changed.Blocks = maps.Clone(u.Blocks)
	if changed.Blocks == nil {
		changed.Blocks = make(map[int]state.Piece)
	}
	changed.Blocks[number] = c.block.data
	if changed.pieces().Size() > c.server.uploadLimit {
		return nil, refuse(codeQuota, "Upload '%s' would be larger than %d bytes.", u.ID, c.server.uploadLimit)
	}
	if replaced, again := u.Blocks[number]; again {
		c.server.store.Release(state.Blob{replaced})
	}
	c.server.store.Keep(state.Blob{c.block.data})
	c.server.uploads.Put(&changed)
	return ok(changed.render()), nil
}

// upload returns an upload session of the caller.
func (c *call) upload(id string) (*upload, error) {
	u := c.server.uploads.Get(id)
	if u == nil || u.Site != c.site.luid || u.User != c.user.LUID {
		return nil, refuse(codeNoUpload, "File upload '%s' could not be found.", id)
	}
	return u, nil
}

// forgetUploads drops the uploads whose time is over.
func (s *Server) forgetUploads(now time.Time) {
	for _, u := range s.uploads.All() {
		if !now.Before(u.Expires) {
			s.uploads.Delete(u.ID)
			s.store.Release(u.pieces())
		}
	}
}

// pieces are the blocks in no order.
func (u *upload) pieces() state.Blob {
	var pieces state.Blob
	for _, block := range u.Blocks {
		pieces = append(pieces, block)
	}
	return pieces
}

// file is the blocks in their order, of which none may be missing.
func (u *upload) file() (state.Blob, error) {
	var file state.Blob
	for number := range len(u.Blocks) {
		block, known := u.Blocks[number+1]
		if !known {
			return nil, refuse(codeMalformed, "Upload '%s' has no block %d.", u.ID, number+1)
		}
		file = append(file, block)
	}
	return file, nil
}

func (u *upload) render() *element {
	return node("fileUpload").
		with("uploadSessionId", u.ID).
		with("fileSize", strconv.Itoa(megabytes(u.pieces().Size())))
}
