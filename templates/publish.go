package templates

import (
	"errors"
	"fmt"

	"github.com/tabtemplate/tabtemplate/documents/twb"
)

// Publish is how a template is published on one site.
type Publish struct {
	// Name is the name it is published under.
	Name string
	// Project is the path of its project, with slashes; "" is the default project.
	Project string
	// CreateProject says that what is missing of Project is made.
	CreateProject bool
	Description   string
	// ShowTabs and HideViews are for workbooks: whether views are tabs, and the views that are not published.
	ShowTabs  bool
	HideViews []string
	// Tags are added to those that it has.
	Tags []string
	// Owner is the name of the user who owns it, "" for the one who publishes.
	Owner string
	// Credentials are those of the connections of the file; only a [Rendering] has them.
	Credentials []Credential
	// Permissions are set when there are any.
	Permissions *Permissions
	// Schedules are when the extracts are refreshed.
	Schedules []Schedule
	// Refresh says that the extracts are refreshed once it is published.
	Refresh Refresh
}

// A Credential signs in the connections of a file that lead to a server.
type Credential struct {
	// Server and Port are as they stand in the rendering; Port is "" for any.
	Server, Port string
	User         string
	Password     Secret
	// Embed says that viewers are not asked for them.
	Embed bool
	// OAuth says that User is that of a saved credential of the publisher, and there is no Password.
	OAuth bool
}

// Permissions are who may do what with what is published. What each of those named may do becomes exactly what the rules say.
type Permissions struct {
	Rules []PermissionRule
	// Exact says that whoever is not named loses what rules there are for them.
	Exact bool
}

// A PermissionRule is what a group or a user may do and what not. One of Group and User is empty.
type PermissionRule struct {
	Group, User string
	// Role is a template of capabilities, such as "Viewer", "" for none.
	Role string
	// Allow and Deny are capabilities in Tableau's words, which go before those of the role.
	Allow, Deny []string
}

// A Schedule is when extracts are refreshed: by a schedule of the server that has a name, or, where the server has none, at
// times of its own.
type Schedule struct {
	// Name is that of a schedule of Tableau Server.
	Name string
	// Times are for Tableau Cloud, nil with a Name.
	Times *Times
	// Incremental says that only new rows are read.
	Incremental bool
}

// Times are when a task of Tableau Cloud runs.
type Times struct {
	Frequency  string   // Hourly, Daily, Weekly or Monthly
	Start, End string   // times of the day such as 05:30; End is for what runs several times a day
	Hours      int      // between two runs, with Hourly
	WeekDays   []string // Sunday to Saturday
	MonthDays  []string // 1 to 31, or LastDay
}

// Refresh says what becomes of the extracts once they are published.
type Refresh string

// What becomes of the extracts.
const (
	RefreshNone  Refresh = ""      // nothing
	RefreshStart Refresh = "start" // they are refreshed in the background
	RefreshWait  Refresh = "wait"  // they are refreshed before what comes after is published; a refresh that fails is a failure
)

// Published is what a template became on a site: a workbook or data source on a server.
type Published struct {
	Name           string
	ContentURL     string
	LUID           string
	ProjectLUID    string
	SiteContentURL string
	// ServerURL has a scheme and a host.
	ServerURL string
}

// Publish returns how the template is published on a site that it is for, without the credentials: they need the file
// and its secrets, and a [Rendering] has them.
func (t *Template) Publish(s *Site) (Publish, error) {
	e := s.evaluator()
	if !e.holds(t.when) {
		return Publish{}, fmt.Errorf("publishing template %q on site %q: %w", t.Name, s.Key, errLeftOut)
	}
	p := t.publish.on(s, e)
	if len(e.found) > 0 {
		return Publish{}, fmt.Errorf("publishing template %q on site %q: %w", t.Name, s.Key, e.found.sorted())
	}
	return p, nil
}

var errLeftOut = errors.New("the `when` of the template leaves it out there")

// Predict returns what the template will be on a site once it is published there, without the LUIDs. It is what
// rendering without publishing feeds to the templates that come after.
//
// A server makes the content URL from the name and adds digits when that is taken. Where another template takes it
// first, the content URL is not known before it is published, and that is an error; that something else on the server
// has it cannot be known here.
func (m *Manifest) Predict(s *Site, t *Template) (Published, error) {
	p, err := t.Publish(s)
	if err != nil {
		return Published{}, err
	}
	predicted := p.published(s)
	if predicted.ContentURL == "" {
		return Published{}, fmt.Errorf("predicting the content URL of template %q on site %q: nothing of the name %q can stand in a URL, so the server chooses one",
			t.Name, s.Key, p.Name)
	}
	for _, other := range m.templates {
		if other == t {
			break
		}
		if other.workbook != t.workbook || !other.For(s) {
			continue
		}
		first, err := other.Publish(s)
		if err != nil {
			return Published{}, err
		}
		if first.published(s).ContentURL == predicted.ContentURL {
			return Published{}, fmt.Errorf("predicting the content URL of template %q on site %q: template %q takes %q before it",
				t.Name, s.Key, other.Name, predicted.ContentURL)
		}
	}
	return predicted, nil
}

func (p Publish) published(s *Site) Published {
	return Published{
		Name: p.Name, ContentURL: twb.URLName(p.Name), SiteContentURL: s.ContentURL, ServerURL: s.Server.URL,
	}
}
