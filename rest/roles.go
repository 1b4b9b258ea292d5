package rest

import (
	"fmt"
	"slices"
	"strings"
)

// A ContentType is a kind of thing that has permissions, or that projects have default permissions for.
type ContentType string

// The kinds of things that have permissions. Projects have default permissions for all but projects and views.
const (
	ProjectContent           ContentType = "project"
	WorkbookContent          ContentType = "workbook"
	ViewContent              ContentType = "view"
	DatasourceContent        ContentType = "datasource"
	FlowContent              ContentType = "flow"              // API 3.4
	MetricContent            ContentType = "metric"            // API 3.2, until 3.21
	LensContent              ContentType = "lens"              // API 3.4, until 3.21
	DataRoleContent          ContentType = "datarole"          // API 3.4
	DatabaseContent          ContentType = "database"          // API 3.23
	TableContent             ContentType = "table"             // API 3.23
	VirtualConnectionContent ContentType = "virtualconnection" // API 3.23
)

// A ruledContent is what is known of the permissions of a kind of content.
type ruledContent struct {
	kind          string // as messages say it
	plural        string // as paths say it
	title         string // as the names of operations say it, "" where there are default permissions alone
	since         Version
	defaultsSince Version // zero without default permissions
	capabilities  string
	roles         []role
}

// A role is a set of capabilities with a name. In the text a role is added to the one before it if it begins with "+", and
// what ends in "*" came later than the rest.
type role struct{ name, capabilities string }

// The reference does not say since when there is which capability. Those that Tableau 2019 had not are left out of roles
// below this version.
var sinceLaterCapabilities = Version{3, 10}

const (
	viewCapabilities = "Read Filter ViewComments AddComment ExportImage ExportData ShareView ViewUnderlyingData WebAuthoring " +
		"RunExplainData Write ExportXml Delete ChangePermissions"
	plainCapabilities = "Read Write Delete ChangeHierarchy ChangePermissions"
	assetCapabilities = "Read Write ChangeHierarchy ChangePermissions"

	viewerRole   = "Read ExportImage ExportData ViewComments AddComment"
	interactRole = "Read Filter ViewComments AddComment ExportImage ExportData ShareView ViewUnderlyingData WebAuthoring"
)

// plainRoles are the templates of content with few capabilities.
var plainRoles = []role{{"View", "Read"}, {"Publish", "+Write"}, {"Administer", "+ChangeHierarchy Delete ChangePermissions"}}

// assetRoles are those of content that is deleted where it comes from.
var assetRoles = []role{{"View", "Read"}, {"Publish", "+Write"}, {"Administer", "+ChangeHierarchy ChangePermissions"}}

// ruledContents hold the capabilities of "Permissions Methods" and the templates of "Permission Capabilities and Templates",
// and after these the roles that versions before 2020.2 had in their place.
var ruledContents = map[ContentType]ruledContent{
	ProjectContent: {
		kind: "project", plural: "projects", title: "Project", capabilities: "Read Write ProjectLeader",
		roles: []role{{"View", "Read"}, {"Publish", "+Write"}, {"Project Leader", "ProjectLeader"}, {"Viewer", "Read"}, {"Publisher", "Read Write"}},
	},
	WorkbookContent: {
		kind: "workbook", plural: "workbooks", title: "Workbook", defaultsSince: Version{2, 1},
		capabilities: viewCapabilities + " ChangeHierarchy ExtractRefresh",
		roles: []role{
			{"View", "Read Filter ViewComments AddComment ExportImage ExportData"},
			{"Explore", "+ShareView ViewUnderlyingData WebAuthoring RunExplainData*"},
			{"Publish", "+ExportXml Write"},
			{"Administer", "+ChangeHierarchy Delete ChangePermissions"},
			{"Viewer", viewerRole},
			{"Interactor", interactRole},
			{"Editor", interactRole + " Write ExportXml ChangeHierarchy Delete ChangePermissions"},
		},
	},
	ViewContent: {
		kind: "view", plural: "views", title: "View", since: Version{3, 2}, capabilities: viewCapabilities,
		roles: []role{
			{"View", "Read Filter ViewComments AddComment ExportImage ExportData"},
			{"Explore", "+ShareView ViewUnderlyingData WebAuthoring RunExplainData*"},
			{"Publish", "+ExportXml Write"},
			{"Administer", "+Delete ChangePermissions"},
			{"Viewer", viewerRole},
			{"Interactor", interactRole},
			{"Editor", interactRole + " Write ExportXml Delete ChangePermissions"},
		},
	},
	DatasourceContent: {
		kind: "data source", plural: "datasources", title: "Data Source", defaultsSince: Version{2, 1},
		capabilities: "Read Connect Write ExportXml Delete ChangeHierarchy ChangePermissions SaveAs ExtractRefresh PulseMetricDefine VizqlDataApiAccess",
		roles: []role{
			{"View", "Read Connect"},
			{"Explore", "+ExportXml"},
			{"Publish", "+Write SaveAs*"},
			{"Administer", "+ChangeHierarchy* Delete ChangePermissions"},
			{"Connector", "Read Connect"},
			{"Editor", "Read Connect Write ExportXml Delete ChangePermissions"},
		},
	},
	FlowContent: {
		kind: "flow", plural: "flows", title: "Flow", since: Version{3, 3}, defaultsSince: Version{3, 4},
		capabilities: "Read ExportXml Execute WebAuthoringForFlows Write Delete ChangeHierarchy ChangePermissions",
		roles: []role{
			{"View", "Read"},
			{"Explore", "+ExportXml"},
			{"Publish", "+Execute* Write WebAuthoringForFlows*"},
			{"Administer", "+ChangeHierarchy Delete ChangePermissions"},
		},
	},
	MetricContent:   {kind: "metric", plural: "metrics", defaultsSince: Version{3, 2}, capabilities: plainCapabilities, roles: plainRoles},
	LensContent:     {kind: "lens", plural: "lenses", defaultsSince: Version{3, 4}, capabilities: plainCapabilities, roles: plainRoles},
	DataRoleContent: {kind: "data role", plural: "dataroles", defaultsSince: Version{3, 4}, capabilities: plainCapabilities, roles: plainRoles},
	DatabaseContent: {kind: "database", plural: "databases", defaultsSince: Version{3, 23}, capabilities: assetCapabilities, roles: assetRoles},
	TableContent:    {kind: "table", plural: "tables", defaultsSince: Version{3, 23}, capabilities: assetCapabilities, roles: assetRoles},
	VirtualConnectionContent: {
		kind: "virtual connection", plural: "virtualconnections", defaultsSince: Version{3, 23}, capabilities: "Connect " + plainCapabilities,
		roles: []role{{"View", "Read Connect"}, {"Publish", "+Write"}, {"Administer", "+ChangeHierarchy Delete ChangePermissions"}},
	},
}

// roleDenied is the template that denies what the greatest role allows.
const roleDenied = "Denied"

// Role gives the capabilities of a role by the name that the web client has for it: the templates View, Explore, Publish,
// Administer and Denied, Project Leader for projects, and those of before Tableau 2020.2: Viewer, Interactor and Editor,
// Connector for data sources, Publisher for projects. Not every kind of content has all of them; the error lists those there
// are.
//
// A role holds what every server of the session's version has. ExtractRefresh, PulseMetricDefine and VizqlDataApiAccess
// depend on the edition of Tableau and are in none of them.
func (p *Permissions) Role(name string) ([]Capability, error) {
	about := ruledContents[p.about]
	var names, held, greatest []string
	for _, r := range about.roles {
		names = append(names, r.name)
		added, cumulative := strings.CutPrefix(r.capabilities, "+")
		if !cumulative {
			held = nil
		}
		for capability := range strings.FieldsSeq(added) {
			plain, isLater := strings.CutSuffix(capability, "*")
			if !isLater || !p.s.version.before(sinceLaterCapabilities) {
				held = append(held, plain)
			}
		}
		if cumulative {
			greatest = slices.Clone(held)
		}
		if r.name == name {
			return Allow(held...), nil
		}
	}
	if name == roleDenied {
		return Deny(greatest...), nil
	}
	return nil, fmt.Errorf("a %s has no role %q; there is %s", about.kind, name, strings.Join(append(names, roleDenied), ", "))
}

// Capabilities are the names of what rules can allow or deny, as far as this package knows them.
func (p *Permissions) Capabilities() []string {
	names := strings.Fields(ruledContents[p.about].capabilities)
	slices.Sort(names)
	return names
}
