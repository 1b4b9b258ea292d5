// Package graphql answers GraphQL queries from Go values. What may be asked for is a schema in GraphQL's own language, which
// the package gqlparser reads and holds queries to; what the answer is comes from one function for each field. Mutations,
// subscriptions and introspection are not there.
package graphql

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/parser"
	"github.com/vektah/gqlparser/v2/validator"
	"github.com/vektah/gqlparser/v2/validator/rules"
)

// Resolver returns the value of a field: nil, a string, bool or int, an object, or a []any of these. E is what belongs to
// one query. The arguments have the types that [encoding/json] gives.
type Resolver[E any] func(env E, parent any, args map[string]any) any

// Fields are the fields of one object type.
type Fields[E any] map[string]Resolver[E]

// Schema is what may be asked for, and where the answers come from.
type Schema[E any] struct {
	schema *ast.Schema
	types  map[string]Fields[E]
	typeOf func(object any) string
}

// New reads a schema. Each field of each object type needs a resolver. typeOf tells the object type of a value that a
// resolver returned for an interface.
func New[E any](sdl string, types map[string]Fields[E], typeOf func(object any) string) (*Schema[E], error) {
	schema, err := validator.LoadSchema(validator.Prelude, &ast.Source{Name: "schema", Input: sdl})
	if err != nil {
		return nil, fmt.Errorf("reading a GraphQL schema: %w", err)
	}
	for _, definition := range schema.Types {
		if definition.Kind != ast.Object || definition.BuiltIn {
			continue
		}
		for _, field := range definition.Fields {
			if types[definition.Name][field.Name] == nil && field.Name[0] != '_' {
				return nil, fmt.Errorf("reading a GraphQL schema: the field %s of %s has no resolver", field.Name, definition.Name)
			}
		}
	}
	return &Schema[E]{schema, types, typeOf}, nil
}

// The limits of one query. That on objects is Tableau's own.
const (
	maxTokens  = 10_000
	maxObjects = 20_000
)

// Answer answers a query with JSON: an object with data, errors or both. A query that is wrong, or whose variables are, is
// answered with errors alone.
func (s *Schema[E]) Answer(env E, query, operation string, variables map[string]any) []byte {
	document, err := parser.ParseQueryWithTokenLimit(&ast.Source{Name: "query", Input: query}, maxTokens)
	if err != nil {
		return encode(failed(err))
	}
	if errs := validator.ValidateWithRules(s.schema, document, rules.NewDefaultRules()); len(errs) > 0 {
		return encode(object{{"errors", errs}})
	}
	op := document.Operations.ForName(operation)
	if op == nil || op.Operation != ast.Query {
		return encode(failed(gqlerror.Errorf("There is no query %q to run.", operation)))
	}
	values, err := validator.VariableValues(s.schema, op, variables)
	if err != nil {
		return encode(failed(err))
	}
	e := execution[E]{schema: s, env: env, variables: values}
	for _, f := range e.collect(s.schema.Query.Name, op.SelectionSet) {
		if f.Name == "__schema" || f.Name == "__type" {
			return encode(failed(gqlerror.ErrorPosf(f.Position, "Introspection has been disabled for this request")))
		}
	}
	data := e.object(s.schema.Query.Name, nil, op.SelectionSet)
	answer := object{{"data", data}}
	if e.objects > maxObjects {
		answer = append(answer, member{"errors", []any{object{
			{"message", fmt.Sprintf("Showing partial results. The request exceeded the %d node limit.", maxObjects)},
			{"extensions", object{{"severity", "WARNING"}, {"code", "NODE_LIMIT_EXCEEDED"}}},
		}}})
	}
	return encode(answer)
}

func failed(err error) object {
	return object{{"errors", gqlerror.List{gqlerror.Wrap(err)}}}
}

// object is a JSON object whose members have an order.
type object []member

type member struct {
	name  string
	value any
}

// MarshalJSON implements [json.Marshaler].
func (o object) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	for i, m := range o {
		value, err := json.Marshal(m.value)
		if err != nil {
			return nil, err
		}
		separator := byte(',')
		if i == 0 {
			separator = '{'
		}
		b.WriteByte(separator)
		b.Write(encode(m.name))
		b.WriteByte(':')
		b.Write(value)
	}
	if len(o) == 0 {
		b.WriteByte('{')
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// encode writes what is made of strings, numbers, booleans, lists and objects, which always can be.
func encode(value any) []byte {
	data, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	return data
}
