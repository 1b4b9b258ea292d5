package webpage

import (
	"bytes"
	"cmp"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"io"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// sample is a Source that holds what a test puts in it.
type sample struct {
	mu       sync.Mutex
	changes  int
	asked    int // for data
	signIn   SignIn
	sites    []Site
	projects map[string][]sampleProject // by site
	contents []Content
	jobs     []Job
	requests []Request
}

type sampleProject struct {
	Project
	parent string
}

var sampleTime = time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)

// newSample is a server with the Default site, on which is nothing but the Default project.
func newSample() *sample {
	s := &sample{signIn: SignIn{Open: true}, projects: make(map[string][]sampleProject)}
	s.addSite("", "Default")
	return s
}

func (s *sample) addSite(contentURL, name string) {
	s.sites = append(s.sites, Site{LUID: "site-" + contentURL, Name: name, ContentURL: contentURL, Users: 3})
	s.addProject(contentURL, "", "Default")
}

// addProject adds a project and returns its LUID.
func (s *sample) addProject(site, parent, name string) string {
	luid := fmt.Sprintf("project-%s-%d", site, len(s.projects[site])+1)
	s.projects[site] = append(s.projects[site], sampleProject{parent: parent, Project: Project{
		Ref: Ref{luid, name}, Owner: "ana", ContentPermissions: "ManagedByOwner", CreatedAt: sampleTime, UpdatedAt: sampleTime,
		Description: "Everything about " + name + ".",
		Permissions: []Grant{{Grantee: "All Users", Group: true, Allowed: []string{"Read", "Write"}}},
		Defaults:    []Default{{Kind: "workbooks", Permissions: []Grant{{Grantee: "ana", Allowed: []string{"Read", "Filter"}, Denied: []string{"ExportXml"}}}}},
	}})
	return luid
}

// publish adds content with two views, a connection and a revision.
func (s *sample) publish(site string, kind Kind, project, name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.changes++
	at := slices.IndexFunc(s.projects[site], func(p sampleProject) bool { return p.LUID == project })
	n := len(s.contents) + 1
	when := sampleTime.Add(time.Duration(n) * time.Minute)
	c := Content{
		Row: Row{
			Kind: kind, LUID: fmt.Sprintf("00000000-0000-4000-8000-%012d", n), Number: n, Name: name, Site: site, Owner: "ana",
			SiteName: s.site(site).Name, Project: s.projects[site][at].Ref, UpdatedAt: when, Bytes: int64(n) * 123457, Classes: []string{"postgres"},
		},
		Description: "What was sold, by region and by quarter.",
		ContentURL:  strings.ReplaceAll(name, " ", ""), FileName: name + ".twbx", CreatedAt: when, Tags: []string{"quarterly", "sales"},
		HasExtract:  true,
		Connections: List[Connection]{1, 0, []Connection{{"conn-1", "postgres", "db.example.com", "5432", "template", true, "Orders"}}},
		Revisions: List[Revision]{3, 0, []Revision{
			{Number: 3, Bytes: int64(n) * 123457, Publisher: "ana", PublishedAt: when, Current: true},
			{Number: 2, Bytes: int64(n) * 120000, Publisher: "bob", PublishedAt: when.Add(-time.Hour)},
			{Number: 1, Bytes: int64(n) * 110000, Publisher: "bob", PublishedAt: when.Add(-time.Hour), Deleted: true},
		}},
		Permissions: List[Grant]{1, 0, []Grant{{Grantee: "All Users", Group: true, Allowed: []string{"Read", "Filter"}, Denied: []string{"Delete"}}}},
		Jobs:        List[Job]{Items: []Job{}},
		ViewList:    List[View]{Items: []View{}},
	}
	if kind == Workbooks {
		for i, view := range []string{"Overview", "Map of regions", "Who buys"} {
			c.ViewList.Items = append(c.ViewList.Items, View{LUID: fmt.Sprintf("view-%d-%d", n, i), Name: view, SheetType: "worksheet", Hidden: i == 2})
		}
		c.ViewList.Total, c.Views = 3, 2
	}
	s.contents = append(s.contents, c)
}

func (s *sample) site(contentURL string) *Site {
	i := slices.IndexFunc(s.sites, func(site Site) bool { return site.ContentURL == contentURL })
	if i < 0 {
		return nil
	}
	return &s.sites[i]
}

// change changes the sample while pages look at it.
func (s *sample) change(change func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.changes++
	change()
}

func (s *sample) Version() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strconv.Itoa(s.changes)
}

func (s *sample) ask() func() {
	s.mu.Lock()
	s.asked++
	return s.mu.Unlock
}

func (s *sample) Overview() Overview {
	defer s.ask()()
	o := Overview{
		Version: strconv.Itoa(s.changes), Now: sampleTime, Product: "2026.1.0", API: "3.29", Remembered: 100, SignIn: s.signIn,
		Sites: len(s.sites), Contents: len(s.contents), Recent: []Row{},
	}
	for _, c := range slices.Backward(s.contents) {
		if len(o.Recent) < 5 {
			o.Recent = append(o.Recent, c.Row)
		}
	}
	for _, job := range s.jobs {
		if job.State == Running {
			o.Running++
		}
	}
	return o
}

func (s *sample) counted(site Site) Site {
	site.Projects = len(s.projects[site.ContentURL])
	for _, c := range s.contents {
		switch {
		case c.Site != site.ContentURL:
		case c.Kind == Workbooks:
			site.Workbooks++
		case c.Kind == Datasources:
			site.Datasources++
		default:
			site.Flows++
		}
	}
	return site
}

func (s *sample) Sites(search string, w Window) List[Site] {
	defer s.ask()()
	found := slices.DeleteFunc(slices.Clone(s.sites), func(site Site) bool { return !Named(site.Name, search) })
	return Cut(found, w, s.counted)
}

func (s *sample) Projects(site, at string) (Projects, bool) {
	defer s.ask()()
	where := s.site(site)
	if where == nil {
		return Projects{}, false
	}
	p := Projects{Site: s.counted(*where), Path: []Ref{}}
	var nodes []Node
	for _, project := range s.projects[site] {
		contents := 0
		for _, c := range s.contents {
			if c.Project.LUID == project.LUID {
				contents++
			}
		}
		nodes = append(nodes, Node{project.Ref, project.parent, contents})
		if project.LUID == at {
			open := project.Project
			p.Open = &open
		}
	}
	p.Path, p.Tree = Tree(nodes, at)
	return p, at == "" || p.Open != nil
}

func (s *sample) Contents(site string, q Query) (List[Row], bool) {
	defer s.ask()()
	var found []Content
	for _, c := range s.contents {
		if c.Site == site && q.Selects(c.Kind, c.Project.LUID, c.Name) {
			found = append(found, c)
		}
	}
	slices.SortStableFunc(found, func(a, b Content) int {
		if q.ByName {
			return cmp.Compare(a.Name, b.Name)
		}
		return b.UpdatedAt.Compare(a.UpdatedAt)
	})
	return Cut(found, q.Window, func(c Content) Row { return c.Row }), s.site(site) != nil
}

func (s *sample) Content(site string, kind Kind, number int) (Content, bool) {
	defer s.ask()()
	for _, c := range s.contents {
		if c.Site == site && c.Kind == kind && c.Number == number {
			c.In = s.counted(*s.site(site))
			c.Path = []Ref{c.Project}
			return c, true
		}
	}
	return Content{}, false
}

func (s *sample) Jobs(w Window) List[Job] {
	defer s.ask()()
	return Cut(s.jobs, w, func(j Job) Job { return j })
}

func (s *sample) Requests(w Window) List[Request] {
	defer s.ask()()
	return Cut(s.requests, w, func(r Request) Request { return r })
}

func (s *sample) File(luid string, revision int) (File, bool) {
	defer s.ask()()
	for _, c := range s.contents {
		if c.LUID == luid && revision <= 2 {
			data := fmt.Sprintf("file of %s, revision %d", c.LUID, revision)
			return File{"application/octet-stream", `name="file"; filename="` + c.LUID + `.twbx"`, int64(len(data)), io.NopCloser(strings.NewReader(data))}, true
		}
	}
	return File{}, false
}

func (s *sample) Picture(view string) (File, bool) {
	picture := image.NewRGBA(image.Rect(0, 0, 80, 60))
	draw.Draw(picture, picture.Bounds(), image.NewUniform(color.RGBA{0xd0, 0xe4, 0xe2, 0xff}), image.Point{}, draw.Src)
	var data bytes.Buffer
	if err := png.Encode(&data, picture); err != nil {
		panic(err) // a buffer takes every write
	}
	return File{"image/png", "", int64(data.Len()), io.NopCloser(&data)}, strings.HasPrefix(view, "view-")
}
