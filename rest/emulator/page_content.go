package emulator

import (
	"slices"
	"time"

	"github.com/tabtemplate/tabtemplate/rest/emulator/internal/webpage"
)

// pageRow is one workbook, data source or flow in a list of the page.
func (where *site) pageRow(a *asset) webpage.Row {
	info := where.described()
	classes := a.eachConnection(func(conn *connection) string { return conn.Class })
	slices.Sort(classes)
	return webpage.Row{
		Kind: webpage.Kind(a.kind().collection), LUID: a.LUID, Number: a.Number, Name: a.Name,
		Site: info.ContentURL, SiteName: info.Name,
		Project: webpage.Ref{LUID: a.Project, Name: where.projects.Get(a.Project).Name},
		Owner:   where.userName(a.Owner), UpdatedAt: a.UpdatedAt, Bytes: a.current().Size,
		Views: len(where.viewsOf(a)), Classes: slices.Compact(classes),
	}
}

// Content implements [webpage.Source].
func (p pageSource) Content(contentURL string, of webpage.Kind, number int) (found webpage.Content, ok bool) {
	p.look(func(now time.Time) {
		where := p.s.siteByContentURL(contentURL)
		k := find(kinds, func(k *kind) bool { return webpage.Kind(k.collection) == of })
		if where == nil || k == nil {
			return
		}
		a := find(k.of(where).All(), func(a *asset) bool { return a.Number == number })
		if a != nil {
			found, ok = where.pageContent(a, now), true
		}
	})
	return found, ok
}

func (where *site) pageContent(a *asset, now time.Time) webpage.Content {
	whole := webpage.Window{Count: webpage.MaxWindow}
	revisions := slices.Clone(a.Revisions)
	slices.Reverse(revisions)
	return webpage.Content{
		Row: where.pageRow(a), In: where.pageSite(), Path: where.pagePath(a.Project),
		Description: a.Description, ContentURL: a.ContentURL, FileName: a.Name + "." + a.current().FileType,
		CreatedAt: a.CreatedAt, Tags: labels(a.Tags), HasExtract: a.HasExtracts,
		Certified: a.Certified, CertificationNote: a.CertificationNote,
		ViewList: webpage.Cut(a.Views, whole, func(luid string) webpage.View {
			v := where.anyView(luid)
			return webpage.View{
				LUID: v.LUID, Name: v.Name, SheetType: v.SheetType, Tags: labels(v.Tags),
				Hidden: where.views.Get(luid) == nil,
			}
		}),
		Connections: webpage.Cut(a.Connections, whole, func(conn connection) webpage.Connection {
			return webpage.Connection{
				LUID: conn.LUID, Class: conn.Class, Server: conn.Server, Port: conn.Port, Username: conn.Username,
				PasswordSet: conn.Embedded, Datasource: conn.DatasourceName,
			}
		}),
		Revisions: webpage.Cut(revisions, whole, func(r revision) webpage.Revision {
			return webpage.Revision{
				Number: r.Number, Bytes: r.Size, Publisher: where.userName(r.Publisher), PublishedAt: r.PublishedAt,
				Current: r.Number == a.current().Number, Deleted: r.Deleted,
			}
		}),
		Permissions: webpage.Cut(where.pageGrants(where.rulesOn(a.securable())), whole, asIs),
		SetBy:       where.pageProjectRef(where.controlling(a.Project)),
		Jobs:        webpage.Cut(where.pageJobsOf(a, now), whole, asIs),
	}
}

func asIs[T any](item T) T { return item }

// pagePath leads from the top of the project tree to a project.
func (where *site) pagePath(luid string) []webpage.Ref {
	var path []webpage.Ref
	for project := where.projects.Get(luid); project != nil; project = where.projects.Get(project.Parent) {
		path = append(path, webpage.Ref{LUID: project.LUID, Name: project.Name})
	}
	slices.Reverse(path)
	return path
}
