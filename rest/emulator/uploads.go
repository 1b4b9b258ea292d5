package emulator

import (
	"fmt"
	"maps"
	"strconv"
	"time"
)

// upload is a file on its way in blocks. It belongs to one user of one site, is used up by the publish that commits it,
// and is forgotten an hour after its last block. A block is never changed: one sent again takes the place of the first.
type upload struct {
	id       string
	user     *user
	numbered bool // the blocks carry a sequenceID
	blocks   map[int][]byte
	size     int64
	expires  time.Time
}

const (
	uploadLifetime = time.Hour
	maxUploads     = 100 // open at a time on a site
	maxBlocks      = 1000
)

// initiateUpload answers POST fileUploads.
func initiateUpload(c *call) (*reply, error) {
	if len(c.site.uploads) >= maxUploads {
		return nil, refuse(codeQuota, "Site '%s' has %d uploads open, which is as many as it may have.", c.site.luid, maxUploads)
	}
	u := &upload{
		id:      fmt.Sprintf("%d:%s-1:0", c.server.nextNumber(), c.server.hexID()),
		user:    c.user,
		blocks:  make(map[int][]byte),
		expires: c.now.Add(uploadLifetime),
	}
	c.site.uploads[u.id] = u
	return created(c.path("fileUploads", u.id), u.render()), nil
}

func readBlock(c *call) error {
	f, err := readForm(c.request, "tableau_file", c.server.requestLimit)
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
	if len(u.blocks) > 0 && numbered != u.numbered {
		return nil, refuse(codeMalformed, "Upload '%s' mixes blocks with and without sequenceID.", u.id)
	}
	number := len(u.blocks) + 1
	if numbered {
		if number, err = strconv.Atoi(sequence); err != nil {
			return nil, refuse(codeMalformed, "The sequenceID must be an integer, not '%s'.", sequence)
		}
	}
	if number < 1 || number > maxBlocks {
		return nil, refuse(codeMalformed, "Upload '%s' has blocks 1 to %d, not %d.", u.id, maxBlocks, number)
	}
	size := u.size - int64(len(u.blocks[number])) + int64(len(c.block.data))
	if size > c.server.uploadLimit {
		return nil, refuse(codeQuota, "Upload '%s' would be larger than %d bytes.", u.id, c.server.uploadLimit)
	}
	u.numbered, u.size, u.expires = numbered, size, c.now.Add(uploadLifetime)
	u.blocks[number] = c.block.data
	return ok(u.render()), nil
}

// upload returns an upload session of the caller.
func (c *call) upload(id string) (*upload, error) {
	u := c.site.uploads[id]
	if u == nil || u.user != c.user {
		return nil, refuse(codeNoUpload, "File upload '%s' could not be found.", id)
	}
	return u, nil
}

// forgetUploads drops the uploads whose time is over.
func (where *site) forgetUploads(now time.Time) {
	maps.DeleteFunc(where.uploads, func(_ string, u *upload) bool { return !now.Before(u.expires) })
}

// file is the blocks in their order, of which none may be missing. It shares them with the upload: nothing is copied.
func (u *upload) file() (blocks, error) {
	var file blocks
	for number := range len(u.blocks) {
		block, known := u.blocks[number+1]
		if !known {
			return nil, refuse(codeMalformed, "Upload '%s' has no block %d.", u.id, number+1)
		}
		file = append(file, block)
	}
	return file, nil
}

func (u *upload) render() *element {
	return node("fileUpload").
		with("uploadSessionId", u.id).
		with("fileSize", strconv.Itoa(megabytes(int(u.size))))
}
