package templates

import (
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
}

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

// Publish returns how the template is published on a site.
func (t *Template) Publish(s *Site) (Publish, error) {
	e := s.evaluator()
	p := t.publishOn(s, e)
	if len(e.found) > 0 {
		return Publish{}, fmt.Errorf("publishing template %q on site %q: %w", t.Name, s.Key, e.found.sorted())
	}
	return p, nil
}

func (t *Template) publishOn(s *Site, e *evaluator) Publish {
	settings := &t.publish
	p := Publish{Project: s.Project, CreateProject: e.boolean(settings.createProject), ShowTabs: e.boolean(settings.showTabs)}
	if name, ok := e.text(settings.as); ok {
		p.Name = name
		if fault := nameFault(name); fault != "" {
			e.found = append(e.found, settings.as.at.problem("", "the name %q %s", name, fault))
		}
	}
	if project, ok := e.text(settings.project); ok {
		p.Project = project
		if fault := projectFault(project); fault != "" {
			e.found = append(e.found, settings.project.at.problem("", "the project %q %s", project, fault))
		}
	}
	p.Description, _ = e.text(settings.description)
	hidden, _ := e.list(settings.hideViews)
	for _, view := range hidden {
		name, ok := view.(string)
		if !ok {
			e.found = append(e.found, settings.hideViews.at.problem("", "hide_views must be names, not %s", kindOf(view)))
		}
		p.HideViews = append(p.HideViews, name)
	}
	return p
}

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
		if other.workbook != t.workbook {
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
