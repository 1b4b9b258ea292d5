package emulator

import (
	"slices"
	"strconv"
	"time"

	"github.com/tabtemplate/tabtemplate/rest/emulator/internal/state"
)

// revision is one version of the content.
type revision struct {
	Number      int
	FileType    string
	Data        state.Blob // nothing once the revision is deleted
	Size        int64      // in bytes
	Publisher   string     // LUID of a user
	PublishedAt time.Time
	Deleted     bool
	Extractless bool // the extracts in the file were deleted since; the file is sent without them
}

const (
	defaultRevisionLimit = 25
	// maxDeletedRevisions is how many deleted revisions of one asset are remembered.
	maxDeletedRevisions = 100
)

func (a *asset) current() *revision { return &a.Revisions[len(a.Revisions)-1] }

// addRevision adds the file as the current revision, and deletes the oldest past the limit of the site.
func (s *Server) addRevision(where *site, a *asset, p *publication) {
	next := revision{
		Number: 1, FileType: p.FileType, Data: p.Data, Size: p.Data.Size(), Publisher: a.Owner, PublishedAt: a.UpdatedAt,
	}
	if len(a.Revisions) > 0 {
		next.Number = a.current().Number + 1
	}
	s.store.Keep(p.Data)
	a.Revisions = append(slices.Clone(a.Revisions), next)
	kept := where.revisionLimit()
	deleted := 0
	for i := len(a.Revisions) - 1; i >= 0; i-- {
		switch r := &a.Revisions[i]; {
		case r.Deleted:
			deleted++
		case kept == 0:
			s.deleteRevision(r)
			deleted++
		case kept > 0: // with no limit it is less than 0
			kept--
		}
	}
	for i := 0; deleted > maxDeletedRevisions; {
		if !a.Revisions[i].Deleted {
			i++
			continue
		}
		a.Revisions = slices.Delete(a.Revisions, i, i+1)
		deleted--
	}
}

// deleteRevision lets go of the file of a revision. The record of it stays, to tell that there was one. It is called on
// a copy of the asset.
func (s *Server) deleteRevision(r *revision) {
	s.store.Release(r.Data)
	r.Data, r.Deleted = nil, true
}

// findHistory returns the asset in the path when its history is kept and the caller may see it: administrators, and
// those who may read, save and download the asset and publish to its project.
func (k *kind) findHistory(c *call, code int) (*asset, error) {
	a, err := k.find(c)
	if err != nil {
		return nil, err
	}
	if !c.site.keepsRevisions() {
		return nil, refuse(codeNoHistory, "Revision history is not enabled for site '%s', so %s '%s' has none.", c.site.luid, k.element, a.LUID)
	}
	for _, capability := range []string{"Read", "Write", "ExportXml"} {
		if err := c.allow(code, capability, a.securable()); err != nil {
			return nil, err
		}
	}
	return a, c.allow(code, "Write", c.site.projects.Get(a.Project).securable())
}

// findRevision returns the index of the past revision in the path.
func (a *asset) findRevision(c *call) (int, error) {
	past := a.Revisions[:len(a.Revisions)-1]
	i := slices.IndexFunc(past, func(r revision) bool { return strconv.Itoa(r.Number) == c.vars["number"] && !r.Deleted })
	if i < 0 {
		return 0, refuse(codeNoRevision, "The %s '%s' has no past revision '%s'.", a.Kind, a.LUID, c.vars["number"])
	}
	return i, nil
}

// listRevisions answers GET revisions, the oldest first.
func (k *kind) listRevisions(c *call) (*reply, error) {
	a, err := k.findHistory(c, codeHistoryForbidden)
	if err != nil {
		return nil, err
	}
	return listing[revision]{
		name: "revisions", items: a.Revisions,
		render: func(r revision) *element { return r.render(c.site, r.Number == a.current().Number) },
	}.reply(c)
}

// render writes what is told of a revision.
func (r *revision) render(where *site, isCurrent bool) *element {
	e := node("revision").
		with("publishedAt", formatTime(r.PublishedAt)).
		with("revisionNumber", strconv.Itoa(r.Number)).
		withBool("deleted", r.Deleted).
		withBool("current", isCurrent).
		with("sizeInBytes", strconv.FormatInt(r.Size, 10))
	if u := where.users.Get(r.Publisher); u != nil {
		e.add(node("publisher").with("id", u.LUID).with("name", u.Name))
	}
	return e
}

// downloadRevision answers GET revisions/{number}/content. The current revision is not to be had here, as on the server.
func (k *kind) downloadRevision(c *call) (*reply, error) {
	a, err := k.findHistory(c, codeDownloadForbidden)
	if err != nil {
		return nil, err
	}
	i, err := a.findRevision(c)
	if err != nil {
		return nil, err
	}
	return c.send(a, &a.Revisions[i])
}

// deleteRevision answers DELETE revisions/{number}. The current one cannot be deleted.
func (k *kind) deleteRevision(c *call) (*reply, error) {
	a, err := k.findHistory(c, codeHistoryForbidden)
	if err != nil {
		return nil, err
	}
	if c.vars["number"] == strconv.Itoa(a.current().Number) {
		return nil, refuse(codeForbidden, "Revision '%s' of %s '%s' is the current one and cannot be removed.", c.vars["number"], k.element, a.LUID)
	}
	i, err := a.findRevision(c)
	if err != nil {
		return nil, err
	}
	changed := *a
	changed.Revisions = slices.Clone(a.Revisions)
	c.server.deleteRevision(&changed.Revisions[i])
	k.of(c.site).Put(&changed)
	return noContent(), nil
}

// keepsRevisions tells whether the site has revision history.
func (where *site) keepsRevisions() bool {
	return where.described().Attributes[revisionHistory] != "false"
}

// revisionLimit is how many revisions the site keeps of one asset, the current one among them; -1 for all of them.
func (where *site) revisionLimit() int {
	if !where.keepsRevisions() {
		return 1
	}
	if limit, known := where.described().number(revisionLimit); known {
		return limit
	}
	return defaultRevisionLimit
}
