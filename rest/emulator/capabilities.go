package emulator

import (
	"slices"
	"strings"
)

// The modes of a rule.
const (
	modeAllow = "Allow"
	modeDeny  = "Deny"
)

const (
	projectElement = "project"
	viewElement    = "view"
)

// contentType is a type of thing that has permissions.
type contentType struct {
	element      string
	collection   string   // the word in paths
	capabilities []string // what a rule may be about
	template     []string // what All Users are allowed of it in the Default project of a new site
	isContent    bool     // projects have default permissions for it
}

// contentTypes are the types of things that have permissions, with the capabilities of "Permissions Methods" in the
// reference.
var contentTypes = []*contentType{
	{projectElement, "projects", strings.Fields("Read Write ProjectLeader"), strings.Fields("Read Write"), false},
	{
		"workbook", "workbooks",
		append(slices.Clone(viewCapabilities), "ChangeHierarchy", "ExtractRefresh"), workbookTemplate, true,
	},
	{viewElement, "views", viewCapabilities, nil, false}, // begins with the rules of its workbook
	{
		"datasource", "datasources",
		strings.Fields(`Read Connect Write ExportXml Delete ChangeHierarchy ChangePermissions SaveAs ExtractRefresh
			PulseMetricDefine VizqlDataApiAccess`),
		strings.Fields("Read Connect"), true,
	},
	{
		"flow", "flows",
		strings.Fields("Read ExportXml Execute WebAuthoringForFlows Write Delete ChangeHierarchy ChangePermissions"),
		strings.Fields("Read"), true,
	},
	{"metric", "metrics", plainCapabilities, strings.Fields("Read"), true},
	{"lens", "lenses", plainCapabilities, strings.Fields("Read"), true},
	{"datarole", "dataroles", plainCapabilities, strings.Fields("Read"), true},
	{"database", "databases", plainCapabilities, strings.Fields("Read"), true},
	{"table", "tables", plainCapabilities, strings.Fields("Read"), true},
	{
		"virtualConnection", "virtualconnections", append([]string{"Connect"}, plainCapabilities...),
		strings.Fields("Read Connect"), true,
	},
}

var (
	viewCapabilities = strings.Fields(`Read Filter ViewComments AddComment ExportImage ExportData ShareView ViewUnderlyingData
		WebAuthoring RunExplainData Write ExportXml Delete ChangePermissions`)
	plainCapabilities = strings.Fields("Read Write Delete ChangeHierarchy ChangePermissions")
	workbookTemplate  = strings.Fields(`Read Filter ViewComments AddComment ExportImage ExportData ShareView ViewUnderlyingData
		WebAuthoring RunExplainData`)
)

// typeOf returns the type with the element.
func typeOf(element string) *contentType {
	return find(contentTypes, func(t *contentType) bool { return t.element == element })
}

// What site roles reach, each with what the one before it does.
var (
	viewing   = strings.Fields("Read Filter ViewComments AddComment ExportImage ExportData RunExplainData Connect")
	exploring = append(strings.Fields("ShareView ViewUnderlyingData WebAuthoring PulseMetricDefine VizqlDataApiAccess"),
		viewing...)
	publishing = append(strings.Fields(`Write ExportXml Delete ChangeHierarchy ChangePermissions ExtractRefresh SaveAs Execute
		ProjectLeader`), exploring...)
	creating = append([]string{"WebAuthoringForFlows"}, publishing...)
)

// roleCapabilities are the capabilities that users of a site role can have at most, after "Permissions, Site Roles, and
// Licenses" in Tableau's help; the roles of earlier versions are as those they became. A role that is not here has none.
// Administrators have all and are not asked.
var roleCapabilities = map[string][]string{
	"Creator":               creating,
	"ExplorerCanPublish":    publishing,
	"Publisher":             publishing,
	"Explorer":              exploring,
	"Interactor":            exploring,
	"Viewer":                viewing,
	"ReadOnly":              viewing,
	"ViewerWithPublish":     append([]string{"Write"}, viewing...),
	"Guest":                 strings.Fields("Read Filter ViewComments ExportImage ExportData"),
	"UnlicensedWithPublish": {"Write"},
}
