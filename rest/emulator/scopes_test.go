package emulator

import (
	"strings"
	"testing"
)

// The scopes that the reference of workbooks and views gives its operations, and those of some others.
func TestScopes(t *testing.T) {
	t.Parallel()
	for request, want := range map[string]string{
		"DELETE sites/{site}/customviews/{id}":                       "tableau:views:update",
		"PUT sites/{site}/customviews/{id}":                          "tableau:views:update",
		"GET sites/{site}/customviews/{id}":                          "tableau:content:read",
		"GET sites/{site}/customviews/{id}/image":                    "tableau:views:download",
		"GET sites/{site}/customviews/{id}/default/users":            "tableau:content:read",
		"DELETE sites/{site}/recommendations/dismissals":             "tableau:views:update",
		"GET sites/{site}/views":                                     "tableau:content:read",
		"GET sites/{site}/views/{id}/crosstab/excel":                 "tableau:views:download",
		"GET sites/{site}/workbooks":                                 "tableau:content:read",
		"POST sites/{site}/workbooks":                                "tableau:workbooks:create",
		"PUT sites/{site}/workbooks/{id}":                            "tableau:workbooks:update",
		"DELETE sites/{site}/workbooks/{id}":                         "tableau:workbooks:delete",
		"GET sites/{site}/workbooks/{id}/content":                    "tableau:workbooks:download",
		"GET sites/{site}/workbooks/{id}/previewImage":               "tableau:workbooks:download",
		"GET sites/{site}/workbooks/{id}/revisions":                  "tableau:content:read",
		"GET sites/{site}/workbooks/{id}/revisions/{number}/content": "tableau:workbooks:download",
		"GET sites/{site}/workbooks/{id}/views/{view}/previewImage":  "tableau:views:download",
		"PUT sites/{site}/workbooks/{id}/connections/{connection}":   "tableau:workbooks:update",
		"POST sites/{site}/workbooks/{id}/refresh":                   "tableau:tasks:run",
		"PUT sites/{site}/workbooks/{id}/tags":                       "tableau:workbook_tags:update",
		"DELETE sites/{site}/workbooks/{id}/tags/{tag...}":           "tableau:workbook_tags:delete",
		"PUT sites/{site}/workbooks/{id}/permissions":                "tableau:permissions:update",
		"GET sites/{site}/projects/{id}/default-permissions/flows":   "tableau:permissions:read",
		"POST sites/{site}/fileuploads":                              "tableau:file_uploads:create",
		"POST sites/{site}/tasks/extractrefreshes/{id}/runNow":       "tableau:tasks:run",
		"DELETE sites/{site}/groups/{id}/users/{user}":               "tableau:groups:update",
		"GET sites/{site}/groups/{id}/users":                         "tableau:groups:read",
		"GET sites/{site}/jobs/{id}":                                 "tableau:jobs:read",
		"GET sites/{site}":                                           "tableau:sites:read",
		"POST auth/signout":                                          "",
		"GET sessions/current":                                       "",
	} {
		method, path, _ := strings.Cut(request, " ")
		if got := op(method, path, onSite, nil, nil).scope(); got != want {
			t.Errorf("%s: %s, want %s", request, got, want)
		}
	}
}

func TestAllow(t *testing.T) {
	t.Parallel()
	for granted, want := range map[string]bool{
		"tableau:content:read": true, "tableau:content:*": true, "tableau:*:read": true, "tableau:*:*": true,
		"tableau:content:update": false, "tableau:views:*": false,
	} {
		if got := allow([]string{"tableau:jobs:read", granted}, "tableau:content:read"); got != want {
			t.Errorf("%s: %v", granted, got)
		}
	}
	for scope, want := range map[string]bool{"tableau:content:read": true, "tableau:content": false, "content:read": false, "tableau::read": false, "": false} {
		if got := isScope(scope); got != want {
			t.Errorf("%q: %v", scope, got)
		}
	}
}
