package emulator

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// download answers GET content: the file as it was published, byte for byte.
func (k *kind) download(c *call) (*reply, error) {
	a, err := k.find(c)
	if err != nil {
		return nil, err
	}
	return c.send(a, a.current())
}

// downloadRevision answers GET revisions/{number}/content. The current revision is not to be had here, as on the server.
func (k *kind) downloadRevision(c *call) (*reply, error) {
	a, err := k.find(c)
	if err != nil {
		return nil, err
	}
	past := a.Revisions[:len(a.Revisions)-1]
	i := slices.IndexFunc(past, func(r revision) bool { return strconv.Itoa(r.Number) == c.vars["number"] })
	if i < 0 {
		return nil, refuse(codeNoRevision, "The %s '%s' has no past revision '%s'.", k.element, a.LUID, c.vars["number"])
	}
	return c.send(a, &past[i])
}

// listRevisions answers GET revisions, the oldest first.
func (k *kind) listRevisions(c *call) (*reply, error) {
	a, err := k.find(c)
	if err != nil {
		return nil, err
	}
	return listing[revision]{
		name: "revisions", items: a.Revisions,
		render: func(r revision) *element {
			return node("revision", node("publisher").with("id", r.Publisher).with("name", c.site.userName(r.Publisher))).
				with("publishedAt", formatTime(r.PublishedAt)).
				with("revisionNumber", strconv.Itoa(r.Number)).
				with("deleted", "false").
				withBool("current", r.Number == a.current().Number).
				with("sizeInBytes", strconv.FormatInt(r.Data.Size(), 10))
		},
	}.reply(c)
}

// send answers with the file of a revision, named after the asset.
func (c *call) send(a *asset, r *revision) (*reply, error) {
	data, err := c.server.store.OpenBlob(r.Data)
	if err != nil {
		return nil, err
	}
	contentType := "application/octet-stream"
	if r.FileType == "twb" || r.FileType == "tds" {
		contentType = "application/xml"
	}
	answer := ok()
	answer.file = &file{data, contentType, disposition(a.kind().part, a.Name+"."+r.FileType)}
	return answer, nil
}

// disposition writes the Content-Disposition of a download: no type, the name, the file name in quotes, and last, only
// for a name that cannot stand in quotes, the encoded one. Clients in use depend on all of it.
func disposition(part, fileName string) string {
	plain := strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' || strings.ContainsRune(`"\/`, r) {
			return '_'
		}
		return r
	}, fileName)
	header := `name="` + part + `"; filename="` + plain + `"`
	if plain != fileName {
		header += "; filename*=UTF-8''" + url.PathEscape(fileName)
	}
	return header
}
