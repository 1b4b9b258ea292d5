package emulator

import "slices"

// The site roles that decide something here.
const (
	serverAdministrator = "ServerAdministrator"
	guestRole           = "Guest"
	supportUser         = "SupportUser"
	unlicensed          = "Unlicensed"
)

// siteRoles are the site roles of the schema, in its order.
var siteRoles = []string{
	"Creator", "Explorer", "ExplorerCanPublish", guestRole, "Interactor", "Publisher", "ReadOnly", serverAdministrator,
	"SiteAdministrator", "SiteAdministratorCreator", "SiteAdministratorExplorer", supportUser, unlicensed,
	"UnlicensedWithPublish", "Viewer", "ViewerWithPublish",
}

// ranks are the site roles that a group can grant, by how much they let a user do.
var ranks = map[string]int{
	unlicensed: 1, "UnlicensedWithPublish": 1,
	"ReadOnly": 2, "Viewer": 2, "ViewerWithPublish": 2,
	"Interactor": 3, "Explorer": 3,
	"Publisher": 4, "ExplorerCanPublish": 4,
	"Creator":           5,
	"SiteAdministrator": 6, "SiteAdministratorExplorer": 6,
	"SiteAdministratorCreator": 7,
}

// The licenses that site roles take.
const (
	creatorLicense  = "Creator"
	explorerLicense = "Explorer"
	viewerLicense   = "Viewer"
)

// licenses are the license of each site role, those of before 2018.1 too; the others take none.
var licenses = map[string]string{
	serverAdministrator:         creatorLicense,
	"SiteAdministratorCreator":  creatorLicense,
	"Creator":                   creatorLicense,
	"SiteAdministrator":         explorerLicense,
	"SiteAdministratorExplorer": explorerLicense,
	"Publisher":                 explorerLicense,
	"ExplorerCanPublish":        explorerLicense,
	"Interactor":                explorerLicense,
	"Explorer":                  explorerLicense,
	"Viewer":                    viewerLicense,
	"ViewerWithPublish":         viewerLicense,
	"ReadOnly":                  viewerLicense,
}

// licenseOf returns the license that a site role takes, "" for none.
func licenseOf(role string) string { return licenses[role] }

// licensed is how many users of the site have a license.
func (where *site) licensed() int {
	return len(slices.DeleteFunc(where.people(), func(u *user) bool { return licenseOf(u.Role) == "" }))
}
