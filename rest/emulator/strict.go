package emulator

import (
	"net/http"
	"slices"
	"strings"
)

// WithStrict makes the server as narrow with requests as the published schema and reference are, to hold a client of
// one's own to them: children of a request in the order of the schema and none that it does not have, multipart/mixed
// with a boundary that is not quoted, and no call below the version that brought it, which is 404003. A wrong method for
// adding tags is HTTP status 404, as the reference has it there. The default is to take what the clients in use send.
func WithStrict() Option {
	return func(o *options) error {
		o.strict = true
		return nil
	}
}

// requestOrder is the children that an element of a request may have, in the order of the schema. Elements that are not
// here have children of one name at most.
var requestOrder = map[string][]string{
	"connection":          strings.Fields("datasource connectionCredentials"),
	"credentials":         strings.Fields("site user"),
	"customView":          strings.Fields("view workbook owner"),
	"dataAlert":           strings.Fields("owner view recipients"),
	"datasource":          strings.Fields("connectionCredentials site project location owner tags parentDataSourceUrls"),
	"flow":                strings.Fields("site project owner tags parameters connections"),
	"granteeCapabilities": strings.Fields("group groupSet user capabilities"),
	"group":               strings.Fields("domain import"),
	"permissions": strings.Fields(`parent collection database datarole datasource flow lens metric project table view
		virtualConnection workbook granteeCapabilities`),
	"project":           strings.Fields("owner contentsCounts"),
	"site":              strings.Fields("usage settings siteSettings"),
	"subscription":      strings.Fields("content schedule user"),
	"user":              strings.Fields("domain groups publishingLimits"),
	"view":              strings.Fields("workbook owner project tags usage dataAccelerationConfig location"),
	"virtualConnection": strings.Fields("project owner tags content"),
	"webhook":           strings.Fields("webhook-source webhook-destination owner"),
	"workbook": strings.Fields(`connections connectionCredentials site project location owner tags views dataAccelerationConfig
		dataFreshnessPolicy`),
}

// checkOrder refuses an element with a child out of order, or one that the schema does not have. JSON has no order.
func (e *element) checkOrder() error {
	order, known := requestOrder[e.name]
	last := 0
	for _, c := range e.children {
		if err := c.checkOrder(); err != nil {
			return err
		}
		if !known || e.fromJSON {
			continue
		}
		i := slices.Index(order, c.name)
		if i < 0 {
			return refuse(codeMalformed, "The element %s is not expected in %s.", c.name, e.name)
		}
		if i < last {
			return refuse(codeMalformed, "The element %s is not expected after %s in %s.", c.name, order[last], e.name)
		}
		last = i
	}
	return nil
}

// checkMultipart refuses the forms of multipart that servers do not read although some clients send them.
func checkMultipart(contentType string) error {
	kind, parameters, _ := strings.Cut(contentType, ";")
	if !strings.EqualFold(strings.TrimSpace(kind), "multipart/mixed") {
		return refuse(codeMalformed, "The Content-Type '%s' is not multipart/mixed.", strings.TrimSpace(kind))
	}
	_, boundary, given := strings.Cut(strings.ToLower(parameters), "boundary=")
	if !given || strings.HasPrefix(boundary, `"`) {
		return refuse(codeMalformed, "The Content-Type has no boundary, or one in quotes.")
	}
	return nil
}

// since sets the version that brought an operation; the default is the oldest.
func (o operation) since(major, minor int) operation {
	o.first = apiVersion{major, minor}
	return o
}

// allSince sets the version that brought all of the operations.
func allSince(major, minor int, operations []operation) []operation {
	for i, o := range operations {
		operations[i] = o.since(major, minor)
	}
	return operations
}

// strictly makes a wrong method what the reference calls it: for adding tags to workbooks and views it is a 404.
func (e *apiError) strictly(path []string) {
	if len(path) == 5 && path[4] == "tags" && (path[2] == "workbooks" || path[2] == "views") {
		e.httpStatus = http.StatusNotFound
	}
}
