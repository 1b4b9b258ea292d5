package emulator

import (
	"net/http"
	"slices"
	"strings"
)

// scope returns what a JSON Web Token has to allow for an operation, after "Access Scopes for Connected Apps"; "" for what
// every session may do. The reference gives each operation a scope. They follow from the method and the path: reading
// content is one scope for all of it, and the rest is the resource with what is done to it.
func (o operation) scope() string {
	words := strings.Split(strings.ToLower(strings.Join(o.path, "/")), "/")
	words = slices.DeleteFunc(words, func(word string) bool { return strings.HasPrefix(word, "{") })
	if words[0] == "auth" || words[0] == "sessions" {
		return ""
	}
	if len(words) > 1 && words[0] == "sites" {
		words = words[1:]
	}
	resource, last, action := words[0], words[len(words)-1], actions[o.method]
	if other, known := scopeResources[resource]; known {
		resource = other
	}
	switch {
	case slices.Contains(words, "permissions") || slices.Contains(words, "default-permissions"):
		return "tableau:permissions:" + action
	case last == "refresh" || last == "runnow":
		return "tableau:tasks:run"
	case o.method == http.MethodGet && len(words) > 2 && words[1] == "views":
		return "tableau:views:download"
	case o.method == http.MethodGet && slices.Contains(downloads, last):
		return "tableau:" + resource + ":download"
	case last == "tags":
		return "tableau:" + strings.TrimSuffix(resource, "s") + "_tags:" + action
	case o.method == http.MethodGet && slices.Contains(scopeContent, resource):
		return "tableau:content:read"
	case o.method != http.MethodGet && (len(words) > 1 && slices.Contains(scopeWholes, resource) || words[0] == "customviews"):
		return "tableau:" + resource + ":update" // a part of it is changed
	}
	return "tableau:" + resource + ":" + action
}

// actions are what methods do, as scopes word it.
var actions = map[string]string{
	http.MethodGet: "read", http.MethodPost: "create", http.MethodPut: "update", http.MethodPatch: "update",
	http.MethodDelete: "delete",
}

// scopeResources are the resources that scopes call otherwise than paths do.
var scopeResources = map[string]string{
	"customviews": "views", "recommendations": "views", "fileuploads": "file_uploads", "orderfavorites": "favorites",
}

// scopeContent are the resources that are read with one scope.
var scopeContent = strings.Fields("workbooks views datasources flows projects metrics collections")

// scopeWholes are the resources of which parts are changed with the scope to change the whole.
var scopeWholes = append(strings.Fields("groups groupsets"), scopeContent...)

// downloads are the last words of the paths of files.
var downloads = strings.Fields("content pdf powerpoint image data excel previewimage")

// allow tells whether scopes, which may have * for any resource or action, allow one.
func allow(scopes []string, scope string) bool {
	asked := strings.Split(scope, ":")
	return slices.ContainsFunc(scopes, func(granted string) bool {
		parts := strings.Split(granted, ":")
		return (parts[1] == asked[1] || parts[1] == "*") && (parts[2] == asked[2] || parts[2] == "*")
	})
}

// isScope tells whether a scope of a JSON Web Token has the form tableau:resource:action.
func isScope(scope string) bool {
	parts := strings.Split(scope, ":")
	return len(parts) == 3 && parts[0] == "tableau" && parts[1] != "" && parts[2] != ""
}
