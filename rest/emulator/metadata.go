package emulator

import (
	"bytes"
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/tabtemplate/tabtemplate/rest/emulator/internal/graphql"
)

// metadataOperations are the Metadata API: GraphQL, and how far its index has come.
var metadataOperations = []operation{
	op("POST", "graphql", anyToken, readMetadataQuery, queryMetadata).of("metadata").since(3, 5),
	op("GET", "v1/control/backfill/status", anyToken, nil, backfillStatus).of("metadata").since(3, 9),
	op("GET", "v1/control/eventing/status", anyToken, nil, eventingStatus).of("metadata").since(3, 9),
}

// WithoutMetadata switches the Metadata API off, as administrators of a server can: asking it is 404003. The default is to
// answer it.
func WithoutMetadata() Option {
	return func(o *options) error {
		o.noMetadata = true
		return nil
	}
}

// metadataQuery is what the body of a query says.
type metadataQuery struct {
	Query         string         `json:"query"`
	OperationName string         `json:"operationName"`
	Variables     map[string]any `json:"variables"`
}

func readMetadataQuery(c *call) error {
	data, err := io.ReadAll(http.MaxBytesReader(nil, c.request.Body, maxPayload))
	if err != nil {
		return unreadable(err)
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	c.metadata = &metadataQuery{}
	if err := decoder.Decode(c.metadata); err != nil {
		return refuse(codeMalformed, "The request body is no JSON object with a query: %v.", err)
	}
	return nil
}

// queryMetadata answers POST graphql, about what is on the site of the token and the caller may see.
func queryMetadata(c *call) (*reply, error) {
	if c.server.noMetadata {
		return nil, unknownResource(c.request)
	}
	schema, err := metadataSchema()
	if err != nil {
		return nil, err
	}
	return jsonReply(schema.Answer(newLineage(c), c.metadata.Query, c.metadata.OperationName, c.metadata.Variables)), nil
}

func jsonReply(data []byte) *reply {
	answer := ok()
	answer.file = &file{bytes.NewReader(data), "application/json", ""}
	return answer
}

// indexed refuses to tell of the index unless there is one and the caller is a server administrator.
func (c *call) indexed() error {
	if c.server.noMetadata {
		return unknownResource(c.request)
	}
	return c.administerServer()
}

// backfillStatus answers GET v1/control/backfill/status. Here everything is indexed as soon as it is there.
func backfillStatus(c *call) (*reply, error) {
	if err := c.indexed(); err != nil {
		return nil, err
	}
	return jsonReply([]byte(`{"backfillComplete":true,"contentBackfillTotalDurationSeconds":0,"lineageBackfillTotalDurationSeconds":0}`)), nil
}

// eventingStatus answers GET v1/control/eventing/status: nothing waits to be indexed.
func eventingStatus(c *call) (*reply, error) {
	if err := c.indexed(); err != nil {
		return nil, err
	}
	contentType, latest := "", c.server.began
	for _, k := range kinds {
		for _, a := range k.of(c.site).All() {
			if !a.UpdatedAt.Before(latest) {
				contentType, latest = metadataTypeNames[a.Kind], a.UpdatedAt
			}
		}
	}
	data, err := json.Marshal(struct {
		ContentType           string `json:"contentType"`
		QueueSize             int    `json:"queueSize"`
		CheckpointCreatedTime string `json:"checkpointCreatedTime"`
	}{contentType, 0, formatTime(latest)})
	return jsonReply(data), err
}

//go:embed metadata.graphql
var metadataSDL string

// metadataSchema is what the Metadata API answers, read when it is first asked.
var metadataSchema = sync.OnceValues(openMetadata)

// openMetadata reads the schema, which is a part of the program.
func openMetadata() (*graphql.Schema[*lineage], error) {
	types := map[string]graphql.Fields[*lineage]{"Query": {}}
	for _, fields := range []map[string]graphql.Fields[*lineage]{contentMetadata, databaseMetadata} {
		for name, resolvers := range fields {
			types[name] = resolvers
		}
	}
	for name, list := range metadataLists {
		types["Query"][name] = func(l *lineage, _ any, args map[string]any) any { return l.filtered(list(l), args) }
		types["Query"][name+"Connection"] = func(l *lineage, _ any, args map[string]any) any {
			return newConnection(l.filtered(list(l), args), args)
		}
		types[strings.ToUpper(name[:1])+name[1:]+"Connection"] = connectionMetadata
	}
	types["PageInfo"] = connectionMetadata
	return graphql.New(metadataSDL, types, typeOfMetadata)
}

// metadataPage is a page of a list that is being read in pages.
type metadataPage struct {
	nodes []any
	total int
	next  bool
	end   string
}

// newConnection cuts the page out of a list that comes after a cursor. A cursor is the number of the item before it.
func newConnection(items []any, args map[string]any) *metadataPage {
	p := &metadataPage{total: len(items)}
	from := 0
	if after, given := args["after"].(string); given {
		decoded, _ := base64.StdEncoding.DecodeString(after) // what is no cursor begins at the start
		from, _ = strconv.Atoi(string(decoded))
	}
	from = min(max(from, 0), len(items))
	p.nodes = items[from:]
	if first, given := intArgument(args["first"]); given && first >= 0 && first < len(p.nodes) {
		p.nodes, p.next = p.nodes[:first], true
	}
	p.end = base64.StdEncoding.EncodeToString([]byte(strconv.Itoa(from + len(p.nodes))))
	return p
}

// intArgument reads an argument that the query has as a literal, or the variables as JSON.
func intArgument(value any) (int, bool) {
	switch value := value.(type) {
	case int64:
		return int(value), true
	case json.Number:
		n, err := value.Int64()
		return int(n), err == nil
	}
	return 0, false
}

var connectionMetadata = graphql.Fields[*lineage]{
	"nodes":       func(_ *lineage, of any, _ map[string]any) any { return of.(*metadataPage).nodes },
	"pageInfo":    func(_ *lineage, of any, _ map[string]any) any { return of },
	"totalCount":  func(_ *lineage, of any, _ map[string]any) any { return of.(*metadataPage).total },
	"hasNextPage": func(_ *lineage, of any, _ map[string]any) any { return of.(*metadataPage).next },
	"endCursor":   func(_ *lineage, of any, _ map[string]any) any { return of.(*metadataPage).end },
}

// filtered leaves of a list what fits all that the filter says: fields of the objects, and lists of values for them.
func (l *lineage) filtered(items []any, args map[string]any) []any {
	filter, _ := args["filter"].(map[string]any)
	for name, wanted := range filter {
		if wanted == nil {
			continue
		}
		field, isList := strings.CutSuffix(name, "Within")
		values := []any{wanted}
		if isList {
			values, _ = wanted.([]any)
		}
		items = slices.DeleteFunc(items, func(item any) bool {
			resolve := metadataFields(item)[field]
			return !slices.Contains(values, resolve(l, item, nil))
		})
	}
	return items
}

// metadataFields returns the fields of the type of an object.
func metadataFields(item any) graphql.Fields[*lineage] {
	name := typeOfMetadata(item)
	if fields, known := contentMetadata[name]; known {
		return fields
	}
	return databaseMetadata[name]
}
