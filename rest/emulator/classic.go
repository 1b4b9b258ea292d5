package emulator

import (
	"slices"
	"strings"
)

// What an answer may hold is a matter of the version in the path: clients that check every answer against the schema of
// their version drop one with anything newer, and others fail on names they do not know.

// classicVersion is the last version whose schema classicNames follows.
var classicVersion = apiVersion{3, 0}

// classicNames are the attributes and children, as of the schema of version 3.0, of the elements it has.
var classicNames = map[string][]string{
	"capability":            strings.Fields("name mode"),
	"connection":            strings.Fields("id type serverAddress serverPort userName password datasource connectionCredentials"),
	"connectionCredentials": strings.Fields("name password embed oAuth"),
	"content":               strings.Fields("id type name"),
	"credentials":           strings.Fields("name password token site user"),
	"datasource": strings.Fields(`id name contentUrl description type createdAt updatedAt isCertified certificationNote
		connectionCredentials site project owner tags`),
	"domain":            strings.Fields("name"),
	"extract":           strings.Fields("id priority type datasource workbook"),
	"extractRefresh":    strings.Fields("id priority consecutiveFailedCount type incremental schedule view workbook datasource"),
	"extractRefreshJob": strings.Fields("notes view workbook datasource"),
	"favorite":          strings.Fields("label view workbook datasource"),
	"fileUpload":        strings.Fields("uploadSessionId fileSize"),
	"frequencyDetails":  strings.Fields("start end intervals"),
	"group":             strings.Fields("id name domain import"),
	"import":            strings.Fields("source domainName siteRole"),
	"interval":          strings.Fields("minutes hours weekDay monthDay"),
	"job": strings.Fields(`id mode type progress createdAt startedAt updatedAt completedAt finishCode statusNotes
		extractRefreshJob`),
	"owner":     userNames,
	"parent":    strings.Fields("id type name"),
	"project":   strings.Fields("id name description topLevelProject parentProjectId createdAt updatedAt contentPermissions owner"),
	"publisher": userNames,
	"revision":  strings.Fields("revisionNumber publishedAt deleted current sizeInBytes publisher"),
	"schedule": strings.Fields(`id name state priority createdAt updatedAt type frequency nextRunAt endScheduleAt executionOrder
		frequencyDetails`),
	"serverInfo": strings.Fields("productVersion restApiVersion"),
	"site": strings.Fields(`id name contentUrl adminMode userQuota storageQuota tierCreatorCapacity tierExplorerCapacity
		tierViewerCapacity disableSubscriptions state revisionHistoryEnabled revisionLimit subscribeOthersEnabled guestAccessEnabled
		cacheWarmupEnabled commentingEnabled cacheeWarmupThreshold usage`),
	"statusNote":   strings.Fields("type value text"),
	"subscription": strings.Fields("id subject content schedule user"),
	"tag":          strings.Fields("label"),
	"task":         strings.Fields("runNow extractRefresh"),
	"usage":        strings.Fields("numUsers numCreators numExplorers numViewers storage totalViewCount"), // of sites, and of views
	"user":         userNames,
	"view":         strings.Fields("id name contentUrl createdAt updatedAt sheetType workbook owner project tags usage"),
	"workbook": strings.Fields(`id name description contentUrl showTabs size createdAt updatedAt connections connectionCredentials site
		project owner tags views`),
}

var userNames = strings.Fields("id name fullName email password siteRole authSetting lastLogin externalAuthUserId domain")

// classicCapabilities are the capabilities that answers of versions before 3.10 have: a client in use fails on others.
var classicCapabilities = strings.Fields(`AddComment ChangeHierarchy ChangePermissions Connect Delete ExportData ExportImage
	ExportXml Filter InheritedProjectLeader ProjectLeader Read ShareView ViewComments ViewUnderlyingData WebAuthoring Write`)

// shape makes of an answer one of the version.
func (v apiVersion) shape(body []*element) {
	for _, e := range body {
		if v.before(apiVersion{3, 10}) {
			e.dropNewCapabilities(v)
		}
		if !classicVersion.before(v) {
			e.dropNewNames()
		}
	}
}

// dropNewCapabilities leaves the classic capabilities, and of the settings of a project those there were.
func (e *element) dropNewCapabilities(v apiVersion) {
	known := classicCapabilities
	if !classicVersion.before(v) {
		known = slices.DeleteFunc(slices.Clone(known), func(name string) bool { return name == "InheritedProjectLeader" })
	}
	for i, a := range e.attrs {
		if a.name == "contentPermissions" && a.value == "LockedToProjectWithoutNested" {
			e.attrs[i].value = "LockedToProject"
		}
	}
	for _, c := range e.children {
		c.dropNewCapabilities(v)
	}
	e.children = slices.DeleteFunc(e.children, func(c *element) bool {
		return c.name == "capability" && !slices.Contains(known, c.attr("name")) ||
			c.name == "granteeCapabilities" && len(c.child("capabilities").children) == 0
	})
}

// dropNewNames leaves what the schema of the classic version has.
func (e *element) dropNewNames() {
	if names, known := classicNames[e.name]; known {
		e.attrs = slices.DeleteFunc(e.attrs, func(a attribute) bool { return !slices.Contains(names, a.name) })
		e.children = slices.DeleteFunc(e.children, func(c *element) bool { return !slices.Contains(names, c.name) })
	}
	for _, c := range e.children {
		c.dropNewNames()
	}
}
