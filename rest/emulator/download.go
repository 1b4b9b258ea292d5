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
	return a.send(a.current()), nil
}

// downloadRevision answers GET revisions/{number}/content. The current revision is not to be had here, as on the server.
func (k *kind) downloadRevision(c *call) (*reply, error) {
	a, err := k.find(c)
	if err != nil {
		return nil, err
	}
	past := a.revisions[:len(a.revisions)-1]
	i := slices.IndexFunc(past, func(r *revision) bool { return strconv.Itoa(r.number) == c.vars["number"] })
	if i < 0 {
		return nil, refuse(codeNoRevision, "The %s '%s' has no past revision '%s'.", k.element, a.luid, c.vars["number"])
	}
	return a.send(past[i]), nil
}

// listRevisions answers GET revisions, the oldest first.
func (k *kind) listRevisions(c *call) (*reply, error) {
	a, err := k.find(c)
	if err != nil {
		return nil, err
	}
	return listing[*revision]{
		name: "revisions", items: a.revisions,
		render: func(r *revision) *element {
			return node("revision", node("publisher").with("id", r.publisher.luid).with("name", r.publisher.account.name)).
				with("publishedAt", formatTime(r.publishedAt)).
				with("revisionNumber", strconv.Itoa(r.number)).
				with("deleted", "false").
				withBool("current", r == a.current()).
				with("sizeInBytes", strconv.Itoa(r.data.size()))
		},
	}.reply(c)
}

// send answers with the file of a revision, named after the asset.
func (a *asset) send(r *revision) *reply {
	contentType := "application/octet-stream"
	if r.fileType == "twb" || r.fileType == "tds" {
		contentType = "application/xml"
	}
	answer := ok()
	answer.file = &file{r.data, contentType, disposition(a.kind.part, a.name+"."+r.fileType)}
	return answer
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
