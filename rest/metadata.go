package rest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"maps"
	"net/http"
	"net/url"
	"strings"
)

// MetadataService asks the Metadata API, which speaks GraphQL (API 3.5): which data sources a workbook uses, which fields they
// have, where they come from. Query reads one answer; [MetadataNodes] goes over a list of any length.
type MetadataService struct{ s *Session }

// Query sends a GraphQL query with its variables, nil for none, and reads the member "data" of the answer into what into points
// to, as [json.Unmarshal] does; nil for nobody. What the user may not see is missing from the answer.
//
// What the API has to say about the query is a [*GraphQLError]. It may be no more than a warning, and what data came with it is
// read all the same. Where the Metadata API is switched off the error is an [ErrNotFound].
func (ms *MetadataService) Query(ctx context.Context, query string, variables map[string]any, into any) error {
	if err := ms.query(ctx, query, variables, into); err != nil {
		return fmt.Errorf("querying the metadata: %w", err)
	}
	return nil
}

func (ms *MetadataService) query(ctx context.Context, query string, variables map[string]any, into any) error {
	asked, err := json.Marshal(struct {
		Query     string         `json:"query"`
		Variables map[string]any `json:"variables,omitempty"`
	}{query, variables})
	if err != nil {
		return fmt.Errorf("writing the variables: %w", err)
	}
	content, err := ms.send(ctx, asked)
	if err != nil {
		return err
	}
	var said struct {
		Data   json.RawMessage  `json:"data"`
		Errors []GraphQLProblem `json:"errors"`
	}
	if err := json.Unmarshal(content, &said); err != nil {
		return fmt.Errorf("%w: reading the answer: %w", ErrNotTableauServer, err)
	}
	var errs []error
	if into != nil && len(said.Data) > 0 && !bytes.Equal(said.Data, []byte("null")) {
		if err := json.Unmarshal(said.Data, into); err != nil {
			errs = append(errs, fmt.Errorf("reading the data: %w", err))
		}
	}
	if len(said.Errors) > 0 {
		errs = append(errs, &GraphQLError{said.Errors})
	}
	return errors.Join(errs...)
}

// send sends the body of a query, which changes nothing and may be repeated.
func (ms *MetadataService) send(ctx context.Context, body []byte) ([]byte, error) {
	const jsonType = "application/json"
	q := &request{
		op: "Metadata API query", since: Version{3, 5}, method: http.MethodPost, scope: apiScope, path: "metadata/graphql",
		body: &payload{contentType: jsonType, head: body}, header: http.Header{"Accept": {jsonType}}, raw: true,
	}
	var content []byte
	err := ms.s.signed(ctx, q, func(base *url.URL, q *request) error {
		got, err := ms.s.client.send(ctx, base, q)
		if err == nil {
			content = got.content
		}
		return err
	})
	if refused, ok := errors.AsType[*Error](err); ok && refused.Code == "404003" {
		return nil, fmt.Errorf("the Metadata API is not there; an administrator may have switched it off: %w", err)
	}
	return content, err
}

// A GraphQLError is what the Metadata API has to say about a query, errors and warnings.
type GraphQLError struct{ Problems []GraphQLProblem }

// A GraphQLProblem is one thing that is wrong with a query or its answer.
type GraphQLProblem struct {
	Message    string `json:"message"`
	Path       []any  `json:"path"` // names of fields and numbers in lists that lead to the place; nil for the query as a whole
	Extensions struct {
		Severity string `json:"severity"` // such as WARNING
		Code     string `json:"code"`     // such as NODE_LIMIT_EXCEEDED
	} `json:"extensions"`
}

// Error says what is wrong, and where.
func (e *GraphQLError) Error() string {
	var texts []string
	for _, p := range e.Problems {
		text := tidy(p.Message, nil)
		if len(p.Path) > 0 {
			text += " at " + strings.Join(convert(p.Path, func(step any) string { return fmt.Sprint(step) }), ".")
		}
		texts = append(texts, text)
	}
	return shorten(texts)
}

// MetadataNodes goes over a list of the Metadata API page by page, as the caller gets there. The query takes the variables
// $first and $after, hands them to the connection, a field at its top such as workbooksConnection, and asks that for nodes and
// for pageInfo { hasNextPage endCursor }:
//
//	query ($first: Int, $after: String) {
//	  workbooksConnection(first: $first, after: $after) { nodes { luid name } pageInfo { hasNextPage endCursor } }
//	}
//
// The nodes are read into T as [json.Unmarshal] does. "first" is 100 unless variables, which may be nil, says otherwise. An
// error is yielded once and last; the nodes that came with a [*GraphQLError] are yielded before it.
func MetadataNodes[T any](ctx context.Context, ms *MetadataService, query string, variables map[string]any, connection string) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		variables := maps.Clone(variables)
		if variables == nil {
			variables = map[string]any{}
		}
		if _, given := variables["first"]; !given {
			variables["first"] = usualPage
		}
		for {
			var data map[string]struct {
				Nodes    []T `json:"nodes"`
				PageInfo struct {
					HasNextPage bool   `json:"hasNextPage"`
					EndCursor   string `json:"endCursor"`
				} `json:"pageInfo"`
			}
			err := ms.Query(ctx, query, variables, &data)
			page, there := data[connection]
			for _, node := range page.Nodes {
				if !yield(node, nil) {
					return
				}
			}
			switch next := page.PageInfo; {
			case err != nil:
			case !there:
				err = fmt.Errorf("querying the metadata: the answer holds no %s", connection)
			case !next.HasNextPage:
				return
			case next.EndCursor == "" || next.EndCursor == variables["after"]:
				err = fmt.Errorf("querying the metadata: %s has more, but no cursor leads to it", connection)
			default:
				variables["after"] = next.EndCursor
				continue
			}
			yield(none, err)
			return
		}
	}
}
