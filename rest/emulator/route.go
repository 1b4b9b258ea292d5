package emulator

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// operation is one call of the API: a method and a path after /api/{version}, and what happens on it.
type operation struct {
	service string // what stands in the place of the version, in lower case; "" for the REST API
	method  string
	path    []string // fixed words match in any case; {name} takes one segment, {name...} all that are left
	access  access
	first   apiVersion                  // the version that brought it
	read    func(*call) error           // reads the body, without the lock; nil when the body means nothing
	do      func(*call) (*reply, error) // with the lock held
}

// access says whom an operation is for.
type access int

const (
	onSite   access = iota // a token of the site in the path
	anyToken               // a token of any site
	everyone               // no token
)

func op(method, path string, a access, read func(*call) error, do func(*call) (*reply, error)) operation {
	return operation{method: method, path: strings.Split(path, "/"), access: a, first: oldestVersion, read: read, do: do}
}

// of makes an operation one of another service than the REST API.
func (o operation) of(service string) operation {
	o.service = service
	return o
}

// operations is the table of everything the emulator answers.
var operations = slices.Concat(
	authOperations,
	siteOperations,
	userOperations,
	userImportOperations,
	groupOperations,
	groupSetOperations,
	connectedAppOperations,
	authConfigurationOperations,
	authServerOperations,
	settingOperations,
	projectOperations,
	uploadOperations,
	assetOperations(workbooks, "sites/{site}/workbooks"),
	assetOperations(datasources, "sites/{site}/datasources"),
	flowRunOperations, // before those of flows: "runs" is no flow
	allSince(3, 3, assetOperations(flows, "sites/{site}/flows")),
	historyOperations(workbooks, "sites/{site}/workbooks"),
	historyOperations(datasources, "sites/{site}/datasources"),
	extractOperations(workbooks, "sites/{site}/workbooks"),
	extractOperations(datasources, "sites/{site}/datasources"),
	thumbnailOperations,
	hyperOperations,
	workbookOperations,
	flowOperations,
	viewOperations,
	exportOperations,
	accessOperations,
	tagOperations,
	recentOperations,
	jobOperations,
	refreshOperations,
	taskOperations,
	linkedTaskOperations,
	scheduleOperations,
	subscriptionOperations,
	webhookOperations,
	favoriteOperations,
	customViewOperations,
	recommendationOperations,
	alertOperations,
	catalogueOperations,
	metadataOperations,
	qualityOperations,
	virtualConnectionOperations,
	metricOperations,
)

// route finds the operation of a request and sets the version and the path variables of the call. An unknown path or
// version is 404003, a known path with another method 405000.
func (s *Server) route(c *call) (operation, error) {
	version, path, ok := splitPath(c.request.URL.EscapedPath())
	service := ""
	v, isVersion := parseVersion(version)
	if !isVersion {
		v, service = s.version, strings.ToLower(version)
	}
	if !ok || version == "" || v.before(oldestVersion) || s.version.before(v) {
		return operation{}, unknownResource(c.request)
	}
	c.version = version
	method := c.request.Method
	if method == http.MethodHead {
		method = http.MethodGet
	}
	var found *operation
	var methods []string
	for i := range operations {
		o := &operations[i]
		if !o.isFor(service, path) {
			continue
		}
		if !slices.Contains(methods, o.method) {
			methods = append(methods, o.method)
		}
		if o.method == method && (found == nil || o.fixedWords() > found.fixedWords()) {
			found = o
		}
	}
	switch {
	case methods == nil, found != nil && s.strict && v.before(found.first):
		return operation{}, unknownResource(c.request)
	case found == nil:
		return operation{}, s.wrongMethod(c.request, path, methods)
	}
	c.vars = found.vars(path)
	return *found, nil
}

// wrongMethod refuses a request for a path that has other methods.
func (s *Server) wrongMethod(r *http.Request, path, methods []string) error {
	refusal := &apiError{
		code:   codeBadMethod,
		detail: fmt.Sprintf("The method %s is not for '%s'.", r.Method, r.URL.Path),
		allow:  strings.Join(methods, ", "),
	}
	if s.strict {
		refusal.strictly(path)
	}
	return refusal
}

func unknownResource(r *http.Request) error {
	return refuse(codeNoResource, "Unknown resource '%s' specified in URI.", strings.TrimPrefix(r.URL.Path, "/api"))
}

// splitPath splits an escaped path into the API version and the unescaped segments after it. One trailing slash means
// nothing, and any number before: the addresses that people give of their server often end in one.
func splitPath(escaped string) (version string, segments []string, ok bool) {
	parts := strings.Split(strings.TrimSuffix(strings.TrimLeft(escaped, "/"), "/"), "/")
	if len(parts) < 3 || !strings.EqualFold(parts[0], "api") {
		return "", nil, false
	}
	for _, part := range parts[2:] {
		segment, err := url.PathUnescape(part)
		if err != nil {
			return "", nil, false
		}
		segments = append(segments, segment)
	}
	return parts[1], segments, true
}

// versionOf returns the API version in the path of a request.
func versionOf(r *http.Request) (v apiVersion, known bool) {
	version, _, _ := splitPath(r.URL.EscapedPath())
	return parseVersion(version)
}

// variable returns the name of the variable that a word of a path is, "" for a fixed word, and whether it takes all that
// is left.
func variable(word string) (name string, isTail bool) {
	name, isVariable := strings.CutPrefix(word, "{")
	if !isVariable {
		return "", false
	}
	return strings.CutSuffix(strings.TrimSuffix(name, "}"), "...")
}

// isFor tells whether the operation is for a path. A variable is never empty.
func (o *operation) isFor(service string, path []string) bool {
	if o.service != service || len(path) < len(o.path) {
		return false
	}
	for i, word := range o.path {
		name, isTail := variable(word)
		switch {
		case name == "" && !strings.EqualFold(word, path[i]), name != "" && path[i] == "":
			return false
		case isTail:
			return true
		}
	}
	return len(path) == len(o.path)
}

// vars returns the variables of a path that the operation is for.
func (o *operation) vars(path []string) map[string]string {
	vars := make(map[string]string)
	for i, word := range o.path {
		name, isTail := variable(word)
		if isTail {
			vars[name] = strings.Join(path[i:], "/")
		} else if name != "" {
			vars[name] = path[i]
		}
	}
	return vars
}

// fixedWords is how many words of the path are no variables: of two operations that are for a path the one with more of
// them is meant, as in flows/runs against flows/{id}.
func (o *operation) fixedWords() int {
	count := 0
	for _, word := range o.path {
		if name, _ := variable(word); name == "" {
			count++
		}
	}
	return count
}
