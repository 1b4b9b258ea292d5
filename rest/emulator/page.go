package emulator

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tabtemplate/tabtemplate/rest/emulator/internal/webpage"
)

// pageSource is what the page shows of a server.
type pageSource struct{ s *Server }

var _ webpage.Source = pageSource{}

// look runs a step with the lock held, at one instant of the server's clock and after what is due by then. Should that
// fail, the page shows what there is, and the next call of the API tells why.
func (p pageSource) look(step func(now time.Time)) {
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	now := p.s.clock().UTC()
	p.s.store.Do(func() error { return p.s.settle(now) })
	step(now)
}

// Version implements [webpage.Source]. While a job gets on every second is another version.
func (p pageSource) Version() (version string) {
	p.look(func(now time.Time) {
		requests, total := p.s.log.last()
		version = fmt.Sprintf("%s-%d-%d-%d", p.s.boot, p.s.store.Version(), total, len(requests))
		if slices.ContainsFunc(p.s.queue.All(), p.s.getsOn) {
			version += fmt.Sprintf("-%d", now.Unix())
		}
	})
	return version
}

// getsOn tells whether the progress of a queued job is another one every second.
func (s *Server) getsOn(q *queued) bool {
	where := s.site(q.Site)
	if where == nil {
		return false
	}
	j := where.jobs.Get(q.Job)
	return j.Status == jobInProgress && j.Takes > 0 && !j.Fault.Hangs
}

// recentChanges is how many of the last changes the page shows.
const recentChanges = 8

// Overview implements [webpage.Source].
func (p pageSource) Overview() (o webpage.Overview) {
	o.Version = p.Version()
	p.look(func(now time.Time) {
		o.Product, _ = p.s.version.product()
		o.Now, o.API = now, p.s.version.String()
		o.SignIn.Open = p.s.open
		if len(p.s.options.users) > 0 {
			o.SignIn.User = p.s.options.users[0].name
		}
		if len(p.s.options.tokens) > 0 {
			o.SignIn.Token = p.s.options.tokens[0].name
		}
		o.Remembered = p.s.logged
		o.Sites, o.Running = p.s.siteInfos.Len(), p.s.queue.Len()
		for _, where := range p.s.everySite() {
			found := where.assets()
			o.Contents += len(found)
			slices.SortFunc(found, newestFirst)
			for _, a := range found[:min(recentChanges, len(found))] {
				o.Recent = append(o.Recent, where.pageRow(a))
			}
		}
	})
	slices.SortStableFunc(o.Recent, func(a, b webpage.Row) int { return b.UpdatedAt.Compare(a.UpdatedAt) })
	o.Recent = o.Recent[:min(recentChanges, len(o.Recent))]
	return o
}

// newestFirst orders contents by when they were changed last; those of the same second by their numbers.
func newestFirst(a, b *asset) int {
	return cmp.Or(b.UpdatedAt.Compare(a.UpdatedAt), cmp.Compare(b.Number, a.Number))
}

// assets returns everything that is published on a site.
func (where *site) assets() []*asset {
	var found []*asset
	for _, k := range kinds {
		found = append(found, k.of(where).All()...)
	}
	return found
}

// Sites implements [webpage.Source].
func (p pageSource) Sites(search string, w webpage.Window) (list webpage.List[webpage.Site]) {
	p.look(func(time.Time) {
		var found []*siteInfo
		for _, info := range p.s.siteInfos.All() {
			if webpage.Named(info.Name, search) {
				found = append(found, info)
			}
		}
		list = webpage.Cut(found, w, func(info *siteInfo) webpage.Site { return p.s.site(info.LUID).pageSite() })
	})
	return list
}

// pageSite is a site with its numbers.
func (where *site) pageSite() webpage.Site {
	info := where.described()
	return webpage.Site{
		LUID: info.LUID, Name: info.Name, ContentURL: info.ContentURL, Users: len(where.people()), Projects: where.projects.Len(),
		Workbooks: where.workbooks.Len(), Datasources: where.datasources.Len(), Flows: where.flows.Len(),
	}
}

// Projects implements [webpage.Source].
func (p pageSource) Projects(contentURL, at string) (found webpage.Projects, ok bool) {
	p.look(func(time.Time) {
		where := p.s.siteByContentURL(contentURL)
		if where == nil || at != "" && where.projects.Get(at) == nil {
			return
		}
		contents := make(map[string]int)
		for _, a := range where.assets() {
			contents[a.Project]++
		}
		var nodes []webpage.Node
		for _, project := range where.projects.All() {
			ref := webpage.Ref{LUID: project.LUID, Name: project.Name}
			nodes = append(nodes, webpage.Node{Ref: ref, Parent: project.Parent, Contents: contents[project.LUID]})
		}
		found.Site, ok = where.pageSite(), true
		found.Path, found.Tree = webpage.Tree(nodes, at)
		if at != "" {
			found.Open = where.pageProject(where.projects.Get(at))
		}
	})
	return found, ok
}

// Contents implements [webpage.Source].
func (p pageSource) Contents(contentURL string, q webpage.Query) (list webpage.List[webpage.Row], ok bool) {
	p.look(func(time.Time) {
		where := p.s.siteByContentURL(contentURL)
		if where == nil {
			return
		}
		found := slices.DeleteFunc(where.assets(), func(a *asset) bool {
			return !q.Selects(webpage.Kind(a.kind().collection), a.Project, a.Name)
		})
		if q.ByName {
			slices.SortStableFunc(found, func(a, b *asset) int { return strings.Compare(a.Name, b.Name) })
		} else {
			slices.SortFunc(found, newestFirst)
		}
		list, ok = webpage.Cut(found, q.Window, where.pageRow), true
	})
	return list, ok
}

// Jobs implements [webpage.Source].
func (p pageSource) Jobs(w webpage.Window) (list webpage.List[webpage.Job]) {
	type started struct {
		job   *job
		where *site
	}
	p.look(func(now time.Time) {
		var all []started
		for _, where := range p.s.everySite() {
			for _, j := range where.jobs.All() {
				all = append(all, started{j, where})
			}
		}
		slices.SortStableFunc(all, func(a, b started) int { return b.job.CreatedAt.Compare(a.job.CreatedAt) })
		list = webpage.Cut(all, w, func(j started) webpage.Job { return j.where.pageJob(j.job, now) })
	})
	return list
}
