package emulator

import (
	"maps"
	"slices"
	"strconv"
	"strings"
)

// siteInfo is what a site is: its names, and its settings as the attributes the API tells of them. Attributes the
// emulator does not know are kept, too.
type siteInfo struct {
	LUID, ContentURL, Name string
	AllUsers               string // LUID of the group that everybody on the site is in
	Attributes             map[string]string
}

// The attributes of a site that decide something here.
const (
	adminMode       = "adminMode"
	siteState       = "state"
	userQuota       = "userQuota"
	storageQuota    = "storageQuota"
	revisionLimit   = "revisionLimit"
	revisionHistory = "revisionHistoryEnabled"
	sheetImages     = "sheetImageEnabled"

	contentOnly     = "ContentOnly"
	contentAndUsers = "ContentAndUsers"
	siteActive      = "Active"
	siteSuspended   = "Suspended"
)

// defaultSiteAttributes are the settings of a new site. All that a site can switch on and off is among them: a client in
// use takes a switch that is not in the answer for off, and sends it back so when it changes the site.
var defaultSiteAttributes = map[string]string{
	adminMode:                            contentAndUsers,
	siteState:                            siteActive,
	"disableSubscriptions":               "false",
	revisionHistory:                      "true",
	revisionLimit:                        strconv.Itoa(defaultRevisionLimit),
	"subscribeOthersEnabled":             "true",
	"allowSubscriptionAttachments":       "true",
	"guestAccessEnabled":                 "false",
	"cacheWarmupEnabled":                 "true",
	"dataAlertsEnabled":                  "true",
	"commentingEnabled":                  "true",
	"commentingMentionsEnabled":          "true",
	"flowsEnabled":                       "true",
	"editingFlowsEnabled":                "true",
	"schedulingFlowsEnabled":             "true",
	"mobileBiometricsEnabled":            "false",
	sheetImages:                          "true",
	"catalogingEnabled":                  "true",
	"derivedPermissionsEnabled":          "false",
	"askDataMode":                        "EnabledByDefault",
	"authoringEnabled":                   "true",
	"customSubscriptionEmailEnabled":     "false",
	"customSubscriptionFooterEnabled":    "false",
	"userVisibilityMode":                 "FULL",
	"requestAccessEnabled":               "true",
	"catalogObfuscationEnabled":          "true",
	"flowAutoSaveEnabled":                "true",
	"webExtractionEnabled":               "true",
	"runNowEnabled":                      "true",
	"metricsContentTypeEnabled":          "true",
	"notifySiteAdminsOnThrottle":         "false",
	"namedSharingEnabled":                "true",
	"useDefaultTimeZone":                 "true",
	"autoSuspendRefreshEnabled":          "true",
	"autoSuspendRefreshInactivityWindow": "30",
}

// siteAttributes are the attributes of a site in the order of the schema; others come after them.
var siteAttributes = strings.Fields(`adminMode userQuota storageQuota tierCreatorCapacity tierExplorerCapacity tierViewerCapacity
	state disableSubscriptions revisionHistoryEnabled revisionLimit subscribeOthersEnabled allowSubscriptionAttachments
	guestAccessEnabled cacheWarmupEnabled dataAlertsEnabled commentingEnabled commentingMentionsEnabled flowsEnabled
	editingFlowsEnabled schedulingFlowsEnabled explainDataEnabled extractEncryptionMode dataAccelerationMode
	mobileBiometricsEnabled sheetImageEnabled catalogingEnabled derivedPermissionsEnabled askDataMode authoringEnabled
	customSubscriptionEmailEnabled customSubscriptionEmail customSubscriptionFooterEnabled customSubscriptionFooter
	userVisibilityMode requestAccessEnabled catalogObfuscationEnabled flowAutoSaveEnabled webExtractionEnabled runNowEnabled
	metricsContentTypeEnabled notifySiteAdminsOnThrottle namedSharingEnabled useDefaultTimeZone timeZone
	autoSuspendRefreshEnabled autoSuspendRefreshInactivityWindow`)

// siteEnumerations are the values of the attributes that have only some.
var siteEnumerations = map[string][]string{
	adminMode: {contentOnly, contentAndUsers},
	siteState: {siteActive, siteSuspended},
}

// serverAttributes are the attributes of a site that only server administrators change.
var serverAttributes = []string{
	adminMode, siteState, userQuota, storageQuota, "tierCreatorCapacity", "tierExplorerCapacity", "tierViewerCapacity",
}

// siteNumbers are the attributes that are whole numbers of at least 0. The quotas may also be -1, for no limit.
var siteNumbers = []string{
	"tierCreatorCapacity", "tierExplorerCapacity", "tierViewerCapacity", "autoSuspendRefreshInactivityWindow",
}

// described returns what the site is.
func (where *site) described() *siteInfo { return where.info.Get(where.luid) }

func (where *site) contentURL() string { return where.described().ContentURL }

func (i *siteInfo) isActive() bool { return i.Attributes[siteState] != siteSuspended }

// number returns an attribute that is a whole number; known is false when it is not given.
func (i *siteInfo) number(name string) (value int, known bool) {
	value, err := strconv.Atoi(i.Attributes[name])
	return value, err == nil
}

// change puts into i what the request says of the site. It is called on a copy, which is kept only if all of it is right.
// A boolean is kept as the API writes it, and an empty attribute says nothing.
func (i *siteInfo) change(body *element) error {
	i.Attributes = maps.Clone(i.Attributes)
	for _, a := range body.attrs {
		value := a.value
		if b, known := parseBool(value); known && value != "" {
			value = strconv.FormatBool(b)
		}
		switch {
		case value == "", a.name == "id", a.name == "name", a.name == "contentUrl":
			continue
		case !isSiteValue(a.name, value):
			return refuse(codeMalformed, "The attribute %s of site cannot be '%s'.", a.name, a.value)
		}
		i.Attributes[a.name] = value
	}
	if i.Attributes[adminMode] == contentOnly && body.attr(userQuota) != "" {
		return refuse(codeMalformed, "A site with adminMode %s has no %s.", contentOnly, userQuota)
	}
	if i.Attributes[adminMode] == contentOnly {
		delete(i.Attributes, userQuota)
	}
	return nil
}

// isSiteValue tells whether an attribute of a site may have a value.
func isSiteValue(name, value string) bool {
	if values, known := siteEnumerations[name]; known {
		return slices.Contains(values, value)
	}
	n, err := strconv.Atoi(value)
	switch {
	case name == revisionLimit:
		return err == nil && (n == -1 || 2 <= n && n <= 10000)
	case name == userQuota || name == storageQuota:
		return err == nil && n >= -1
	case slices.Contains(siteNumbers, name):
		return err == nil && n >= 0
	}
	return true
}

func (i *siteInfo) render() *element {
	e := node("site").with("id", i.LUID).with("name", i.Name).with("contentUrl", i.ContentURL)
	for _, name := range siteAttributes {
		e.withOptional(name, i.Attributes[name])
	}
	for _, name := range slices.Sorted(maps.Keys(i.Attributes)) {
		if !slices.Contains(siteAttributes, name) {
			e.with(name, i.Attributes[name])
		}
	}
	return e
}

// usage tells how many users a site has, by license, and how many megabytes its content has.
func (where *site) usage() *element {
	var total, creators, explorers, viewers int
	for _, u := range where.people() {
		switch licenseOf(u.Role) {
		case creatorLicense:
			creators++
		case explorerLicense:
			explorers++
		case viewerLicense:
			viewers++
		default:
			continue
		}
		total++
	}
	return node("usage").
		with("numUsers", strconv.Itoa(total)).
		with("numCreators", strconv.Itoa(creators)).
		with("numExplorers", strconv.Itoa(explorers)).
		with("numViewers", strconv.Itoa(viewers)).
		with("storage", strconv.Itoa(where.storage()))
}

// storage is how many megabytes the current revisions of the content have.
func (where *site) storage() int {
	var size int
	for _, k := range kinds {
		for _, a := range k.of(where).All() {
			size += a.size()
		}
	}
	return size
}
