package webpage

import (
	"io"
	"strings"
	"time"
)

// Source is the server that the page shows. Every method answers at one instant, may be called at any time from any
// goroutine, and tells no secret: no token, no password, no secret of a personal access token.
//
// Slices may be nil. A site is named by its content URL, "" for the Default site; the boolean results tell whether what was asked for is
// there.
type Source interface {
	// Version names the state that the other methods show. It is another one after every change, also from one run of
	// a server to the next, and costs next to nothing: an open page asks for it every second.
	Version() string
	Overview() Overview
	Sites(search string, w Window) List[Site]
	Projects(site, at string) (Projects, bool) // at is the LUID of the project that is open, "" for the whole site
	Contents(site string, q Query) (List[Row], bool)
	Content(site string, kind Kind, number int) (Content, bool)
	Jobs(w Window) List[Job]
	Requests(w Window) List[Request]
	File(content string, revision int) (File, bool) // revision 0 is the current one
	Picture(view string) (File, bool)
}

// MaxWindow is how many things of one kind an answer holds at most.
const MaxWindow = 200

// Window is a stretch of a list. Count is from 1 to [MaxWindow].
type Window struct{ From, Count int }

// List is a stretch of a list that has Total items.
type List[T any] struct {
	Total int `json:"total"`
	From  int `json:"from"`
	Items []T `json:"items"`
}

// Cut returns the stretch of the items that the window asks for, as far as they reach. What an item looks like is made
// only for those.
func Cut[T, R any](items []T, w Window, render func(T) R) List[R] {
	from := min(max(w.From, 0), len(items))
	cut := List[R]{Total: len(items), From: from, Items: []R{}}
	for _, item := range items[from:min(from+w.Count, len(items))] {
		cut.Items = append(cut.Items, render(item))
	}
	return cut
}

// Kind is a kind of published content, as the web addresses of Tableau Server write it.
type Kind string

// The kinds of published content.
const (
	Workbooks   Kind = "workbooks"
	Datasources Kind = "datasources"
	Flows       Kind = "flows"
)

// Query says which contents of a site are asked for. Zero values mean all of them, those changed last first.
type Query struct {
	Window
	Kind    Kind
	Project string // a LUID; what is in its subprojects does not count
	Search  string // a part of the name, in any case
	ByName  bool   // sorted by name
}

// Selects tells whether something is asked for.
func (q Query) Selects(kind Kind, project, name string) bool {
	return (q.Kind == "" || q.Kind == kind) && (q.Project == "" || q.Project == project) && Named(name, q.Search)
}

// Named tells whether a name has the text somewhere, in any case.
func Named(name, search string) bool {
	return strings.Contains(strings.ToLower(name), strings.ToLower(search))
}

// Overview is the server as a whole.
type Overview struct {
	Version    string    `json:"version"`
	Now        time.Time `json:"now"` // by the server's clock
	Product    string    `json:"product"`
	API        string    `json:"api"` // the newest version of the REST API
	SignIn     SignIn    `json:"signIn"`
	Sites      int       `json:"sites"`
	Contents   int       `json:"contents"`   // of all sites
	Recent     []Row     `json:"recent"`     // what was changed last, on any site
	Running    int       `json:"running"`    // jobs that are not done
	Remembered int       `json:"remembered"` // how many requests are remembered, 0 for none
}

// SignIn tells how to sign in.
type SignIn struct {
	Open  bool   `json:"open"`            // with any name and password
	User  string `json:"user,omitempty"`  // somebody who can
	Token string `json:"token,omitempty"` // the name of a personal access token that can
}

// Site is one site with the numbers of what is on it.
type Site struct {
	LUID        string `json:"luid"`
	Name        string `json:"name"`
	ContentURL  string `json:"contentUrl"`
	Projects    int    `json:"projects"`
	Workbooks   int    `json:"workbooks"`
	Datasources int    `json:"datasources"`
	Flows       int    `json:"flows"`
	Users       int    `json:"users"`
}

// Ref names a thing that has a page.
type Ref struct {
	LUID string `json:"luid"`
	Name string `json:"name"`
}

// Projects is the project tree of a site, as far as it is open: the top, and what is under every project on the path to
// the open one.
type Projects struct {
	Site Site     `json:"site"`
	Path []Ref    `json:"path"` // from the top to the open project
	Open *Project `json:"open"` // null for the whole site
	Tree Branches `json:"tree"`
}

// Branches are the projects under one project, by name.
type Branches struct {
	Total int      `json:"total"`
	Items []Branch `json:"items"`
}

// Branch is a project in the tree.
type Branch struct {
	Ref
	Contents int       `json:"contents"` // in it, not in its subprojects
	Children int       `json:"children"`
	Under    *Branches `json:"under,omitempty"` // where the branch is open
}

// Project is one project.
type Project struct {
	Ref
	Description        string    `json:"description"`
	Owner              string    `json:"owner"`
	ContentPermissions string    `json:"contentPermissions"`
	CreatedAt          time.Time `json:"createdAt"`
	UpdatedAt          time.Time `json:"updatedAt"`
	Permissions        []Grant   `json:"permissions"`
	Defaults           []Default `json:"defaults"`
	SetBy              *Ref      `json:"setBy,omitempty"` // the project above that sets the permissions of all in it
}

// Default is what a project's permissions are for one kind of content in it.
type Default struct {
	Kind        string  `json:"kind"` // as the API writes it: workbooks, datasources, …
	Permissions []Grant `json:"permissions"`
}

// Row is one workbook, data source or flow in a list.
type Row struct {
	Kind      Kind      `json:"kind"`
	LUID      string    `json:"luid"`
	Number    int       `json:"number"` // of its web page
	Name      string    `json:"name"`
	Site      string    `json:"site"` // content URL
	SiteName  string    `json:"siteName"`
	Project   Ref       `json:"project"`
	Owner     string    `json:"owner"`
	UpdatedAt time.Time `json:"updatedAt"`
	Bytes     int64     `json:"bytes"`
	Views     int       `json:"views"`
	Classes   []string  `json:"classes"` // of its connections, each once
}

// Content is one workbook, data source or flow with all that is known of it.
type Content struct {
	Row
	In                Site             `json:"in"`
	Path              []Ref            `json:"path"` // projects from the top
	Description       string           `json:"description"`
	ContentURL        string           `json:"contentUrl"`
	FileName          string           `json:"fileName"`
	CreatedAt         time.Time        `json:"createdAt"`
	Tags              []string         `json:"tags"`
	HasExtract        bool             `json:"hasExtract"`
	Certified         bool             `json:"certified"`
	CertificationNote string           `json:"certificationNote"`
	ViewList          List[View]       `json:"viewList"`
	Connections       List[Connection] `json:"connections"`
	Revisions         List[Revision]   `json:"revisions"` // newest first
	Permissions       List[Grant]      `json:"permissions"`
	SetBy             *Ref             `json:"setBy,omitempty"` // the project that sets the permissions of all in it
	Jobs              List[Job]        `json:"jobs"`            // newest first
}

// View is a view of a workbook.
type View struct {
	LUID      string   `json:"luid"`
	Name      string   `json:"name"`
	SheetType string   `json:"sheetType"` // worksheet, dashboard, story
	Hidden    bool     `json:"hidden"`
	Tags      []string `json:"tags"`
}

// Connection is a connection of published content. Of a password only is known that there is one.
type Connection struct {
	LUID        string `json:"luid"`
	Class       string `json:"class"`
	Server      string `json:"server"`
	Port        string `json:"port"`
	Username    string `json:"username"`
	PasswordSet bool   `json:"passwordSet"`
	Datasource  string `json:"datasource"`
}

// Revision is one version of published content.
type Revision struct {
	Number      int       `json:"number"`
	Bytes       int64     `json:"bytes"`
	Publisher   string    `json:"publisher"`
	PublishedAt time.Time `json:"publishedAt"`
	Current     bool      `json:"current"`
	Deleted     bool      `json:"deleted"` // its file is gone
}

// Grant is what a user or a group may do, and what is denied to them.
type Grant struct {
	Grantee string   `json:"grantee"`
	Group   bool     `json:"group"`
	Allowed []string `json:"allowed"`
	Denied  []string `json:"denied"`
}

// JobState is how far a job has come.
type JobState string

// The states of a job.
const (
	Pending   JobState = "pending"
	Running   JobState = "running"
	Succeeded JobState = "succeeded"
	Failed    JobState = "failed"
	Cancelled JobState = "cancelled"
)

// Job is work of the server that a client can wait for.
type Job struct {
	LUID        string    `json:"luid"`
	Type        string    `json:"type"`
	State       JobState  `json:"state"`
	Progress    int       `json:"progress"` // per cent
	Site        string    `json:"site"`     // its name
	About       string    `json:"about"`    // the name of what it works on
	CreatedAt   time.Time `json:"createdAt"`
	CompletedAt time.Time `json:"completedAt,omitzero"`
	Note        string    `json:"note"` // what it tells of how it went
}

// Request is a request that the server answered.
type Request struct {
	Number int       `json:"number"` // 1 for the first
	At     time.Time `json:"at"`
	Method string    `json:"method"`
	Target string    `json:"target"` // path and query
	User   string    `json:"user"`
	Agent  string    `json:"agent"`
	Body   string    `json:"body"`   // the beginning of it, "" for a file
	Status int       `json:"status"` // 0 when the connection was cut instead
	Code   int       `json:"code"`   // of a refusal, else 0
}

// File is what a download or a picture answers.
type File struct {
	Type        string // media type
	Disposition string // the parameters of the Content-Disposition of a download, with the file name
	Size        int64
	Content     io.ReadCloser
}
