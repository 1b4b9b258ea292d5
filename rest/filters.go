package rest

import (
	"fmt"
	"slices"
	"strings"
)

// filterKinds are the fields a list can be filtered by ("Filtering and Sorting in the Tableau REST API"). After a colon stands
// what there is beside eq: i for in, r for gt, gte, lt and lte, h for has, c for cieq, l for like.
type filterKinds string

// anyFilter is the list of those who know better.
const anyFilter filterKinds = "*"

const (
	workbookFilters filterKinds = "contentUrl:i createdAt:r displayTabs favoritesTotal:r hasAlerts hasExtracts name:i ownerDomain:i " +
		"ownerEmail:i ownerName:i projectName:i sheetCount:r size:r subscriptionsTotal:r tags:i updatedAt:r"
	viewFilters filterKinds = "caption:i contentUrl:i createdAt:r favoritesTotal:r fields:i hitsTotal:r name:i ownerDomain:i " +
		"ownerEmail:i ownerName projectName:i sheetNumber:r sheetType:i tags:i title:i updatedAt:r viewUrlName:i " +
		"workbookDescription:i workbookName:i"
	datasourceFilters filterKinds = "authenticationType:i connectedWorkbookType:r connectionTo:i connectionType:i contentUrl:i " +
		"createdAt:r databaseName:i databaseUserName:i description:i favoritesTotal:r hasAlert hasEmbeddedPassword hasExtracts " +
		"isCertified isConnectable isDefaultPort isHierarchical isPublished name:i ownerDomain:i ownerEmail ownerName:i " +
		"projectName:i serverName:i serverPort size:r tableName:i tags:i type updatedAt:r"
	projectFilters filterKinds = "createdAt:r name:i ownerDomain:i ownerEmail:i ownerName:i parentProjectId:i topLevelProject " +
		"updatedAt:r"
	userFilters  filterKinds = "domainName:i friendlyName:i isLocal lastLogin:r luid:i name:ic siteRole:i"
	groupFilters filterKinds = "domainName:i domainNickname:i isExternalUserEnabled isLocal luid:i minimumSiteRole:i name:icl " +
		"userCount:r"
	jobFilters filterKinds = "args:h completedAt:r createdAt:r jobType:i notes:h priority:r progress:r startedAt:r status " +
		"subtitle:h title:h"
	flowFilters       filterKinds = "createdAt:r name:i ownerName projectId projectName:i updatedAt:r"
	flowRunFilters    filterKinds = "completedAt:r flowId:i progress:r startedAt:r userId:i"
	customViewFilters filterKinds = "createdAt:r id:i name:i ownerId shared updatedAt:r viewId workbookId"
	// The reference has no list of these; they are those of data sources that a virtual connection has, too.
	virtualConnectionFilters filterKinds = "createdAt:r isCertified name:i ownerDomain:i ownerEmail:i ownerName:i projectName:i tags:i " +
		"updatedAt:r"
)

// fieldPlaces are the fields of filters that lie elsewhere in an object than in an attribute of their name.
var fieldPlaces = map[string]string{
	"projectName":  "project/@name",
	"projectId":    "project/@id",
	"ownerName":    "owner/@name",
	"ownerId":      "owner/@id",
	"workbookName": "workbook/@name",
	"workbookId":   "workbook/@id",
	"viewId":       "view/@id",
	"domainName":   "domain/@name",
	"tags":         "tags/tag/@label",
	"displayTabs":  "@showTabs",
	"luid":         "@id",
	"friendlyName": "@fullName",
}

// choice is what Query.Fields calls a place: project.name for project/@name, and tags for the labels of tags.
func (p place) choice() string {
	if len(p.path) > 1 {
		return p.path[0]
	}
	return strings.Join(append(slices.Clone(p.path), p.attr), ".")
}

// names are the fields.
func (kinds filterKinds) names() []string {
	return convert(strings.Fields(string(kinds)), func(entry string) string {
		name, _, _ := strings.Cut(entry, ":")
		return name
	})
}

// check says whether the list takes the filter.
func (kinds filterKinds) check(f Filter) error {
	if kinds == anyFilter {
		return nil
	}
	var names []string
	for entry := range strings.FieldsSeq(string(kinds)) {
		name, more, _ := strings.Cut(entry, ":")
		if name != f.field {
			names = append(names, name)
			continue
		}
		letter := operatorLetters[f.operator]
		if letter == "" || strings.Contains(more, letter) {
			return nil
		}
		return fmt.Errorf("filter on %q: the server does not compare it with %s", f.field, f.operator)
	}
	if len(names) == 0 {
		return fmt.Errorf("filter on %q: the list has no filters", f.field)
	}
	slices.Sort(names)
	return fmt.Errorf("filter on %q: the list has no such filter; there is %s", f.field, strings.Join(names, ", "))
}

var operatorLetters = map[string]string{
	"eq": "", "in": "i", "cieq": "c", "has": "h", "like": "l", "gt": "r", "gte": "r", "lt": "r", "lte": "r",
}
