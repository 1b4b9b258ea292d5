package emulator

import (
	"slices"
	"strings"
)

// selection is what the parameter fields asks for of a resource and of what is within it, after "Using Fields in the REST
// API". A nil selection is the one of a request without the parameter: what is told by default.
type selection struct {
	defaults, all bool
	named         map[string]*selection // attributes and children by name; those of a child may be selected in turn
}

// The words that stand for many fields.
const (
	defaultFields = "_default_"
	allFields     = "_all_"
)

// maxFieldDepth is how deep a field may be, such as owner.name within view.owner.name.
const maxFieldDepth = 3

// selectableFields are the attributes and children of the resources whose lists heed the parameter fields, and of what
// is within them.
var selectableFields = map[string][]string{
	"backgroundJob":  strings.Fields("id status createdAt startedAt endedAt priority jobType title subtitle"),
	"contentsCounts": strings.Fields("projectCount workbookCount viewCount datasourceCount"),
	"customView":     strings.Fields("id name createdAt updatedAt lastAccessedAt shared view workbook owner"),
	"datasource": strings.Fields(`id name description contentUrl webpageUrl size type createdAt updatedAt isCertified certificationNote
		encryptExtracts hasExtracts useRemoteQueryAgent connectedWorkbooksCount databaseName favoritesTotal hasAlert
		hasSemanticLayerConnection isPublished parentType serverName project location owner tags parentDataSourceUrls`),
	"domain":   strings.Fields("name"),
	"favorite": strings.Fields("label addedAt parentProjectName position targetOwnerName workbook view datasource project flow metric collection"),
	"flow":     strings.Fields("id name description webpageUrl fileType createdAt updatedAt project owner tags parameters"),
	"group":    strings.Fields("id name minimumSiteRole userCount externalUserEnabled domain import"),
	"location": strings.Fields("id name type"),
	"metric":   strings.Fields("id name description webpageUrl createdAt updatedAt suspended project owner tags view"),
	"project": strings.Fields(`id name description contentPermissions controllingPermissionsProjectId createdAt updatedAt parentProjectId
		topLevelProject writeable favoritesTotal owner contentsCounts`),
	"usage": strings.Fields("totalViewCount"),
	"user": strings.Fields(`id name fullName email siteRole authSetting externalAuthUserId lastLogin locale language idpConfigurationId
		idpConfigurationName identityPoolName identityPoolId identifier glsiMinimumSiteRole contentAdmin ownsContent publish role
		suppressGettingStarted domain groups publishingLimits`),
	"view": strings.Fields(`id name contentUrl createdAt updatedAt viewUrlName sheetType favoritesTotal hidden recentlyViewed workbook owner
		project tags usage dataAccelerationConfig location`),
	"workbook": strings.Fields(`id name description contentUrl webpageUrl showTabs size createdAt updatedAt sheetCount hasExtracts
		encryptExtracts defaultViewId shareDescription lastPublishedAt primaryContentUrl recentlyViewed project location owner tags
		views dataAccelerationConfig dataFreshnessPolicy`),
}

// selectable returns the fields of a resource by its element, nil when none can be selected.
func selectable(element string) []string {
	if element == "owner" {
		element = "user"
	}
	return selectableFields[element]
}

// readSelection reads a list of fields of the resource: _default_, _all_, a name, or a child's name, a dot and any of
// these. The name of the resource may be before all of them, as TSC writes it. Of a resource whose lists do not heed the
// parameter it is nil, whatever is asked for.
func readSelection(resource, expression string) (*selection, error) {
	if expression == "" || selectable(resource) == nil {
		return nil, nil
	}
	s := &selection{}
	for field := range strings.SplitSeq(expression, ",") {
		words := strings.Split(strings.TrimSpace(field), ".")
		if len(words) > 1 && words[0] == resourceName(resource) {
			words = words[1:]
		}
		if len(words) > maxFieldDepth || slices.Contains(words, "") {
			return nil, refuse(codeFilter, "The field '%s' is not a name, _default_ or _all_, nor these after a name and a dot.", field)
		}
		s.add(words)
	}
	return s, s.check(resource)
}

// check refuses a field that the resource does not have.
func (s *selection) check(resource string) error {
	for name, within := range s.named {
		if !slices.Contains(selectable(resource), name) {
			return refuse(codeFilter, "The field '%s' is none of %s, which has %s.", name, resource, strings.Join(selectable(resource), ", "))
		}
		if err := within.check(name); err != nil {
			return err
		}
	}
	return nil
}

// otherNames are what fields call a child whose element has another name.
var otherNames = map[string]string{"tag": "tags", "domainName": "domain"}

func (s *selection) add(words []string) {
	if name, known := otherNames[words[0]]; known {
		words = append([]string{name}, words[1:]...)
	}
	switch words[0] {
	case defaultFields:
		s.defaults = true
		return
	case allFields:
		s.all = true
		return
	}
	if s.named == nil {
		s.named = make(map[string]*selection)
	}
	within := s.named[words[0]]
	if within == nil {
		within = &selection{}
		s.named[words[0]] = within
	}
	if len(words) == 1 {
		within.defaults = true
		return
	}
	within.add(words[1:])
}

// apply leaves of an element what is selected.
func (s *selection) apply(e *element) {
	if s == nil {
		return
	}
	e.attrs = slices.DeleteFunc(e.attrs, func(a attribute) bool {
		return !s.all && !(s.defaults && !a.extra) && s.named[a.name] == nil
	})
	for i := range e.attrs {
		e.attrs[i].extra = false
	}
	e.children = slices.DeleteFunc(e.children, func(c *element) bool {
		within := s.within(c)
		if within == nil {
			return true
		}
		within.apply(c)
		c.extra = false
		return false
	})
}

// within is the selection for a child, nil when it is not selected.
func (s *selection) within(c *element) *selection {
	named := s.named[c.name]
	switch {
	case s.all:
		return &selection{all: true}
	case s.defaults && !c.extra && named != nil:
		return &selection{true, named.all, named.named}
	case s.defaults && !c.extra:
		return &selection{defaults: true}
	}
	return named
}

// resourceName is what fields call the resource of an element.
func resourceName(element string) string {
	if element == "backgroundJob" {
		return "job"
	}
	return element
}

// whole makes what only the parameter fields asks for a part of the answer, as reading one resource does.
func (e *element) whole() *element {
	(&selection{all: true}).apply(e)
	return e
}
