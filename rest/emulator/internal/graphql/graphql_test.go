package graphql

import (
	"fmt"
	"strings"
	"testing"
)

const animalsSDL = `
type Query { animals(name: String): [Animal!]! }
interface Animal { name: String! friends: [Animal!]! }
type Cat implements Animal { name: String! friends: [Animal!]! lives: Int }
type Dog implements Animal { name: String! friends: [Animal!]! }
`

type animal struct {
	kind, name string
	friends    []any
}

// animals is a cat with nine lives and a dog, who are friends.
func animals(t *testing.T) *Schema[[]any] {
	t.Helper()
	fields := Fields[[]any]{
		"name":    func(_ []any, of any, _ map[string]any) any { return of.(*animal).name },
		"friends": func(_ []any, of any, _ map[string]any) any { return of.(*animal).friends },
		"lives":   func(_ []any, of any, _ map[string]any) any { return nil },
	}
	s, err := New(animalsSDL, map[string]Fields[[]any]{
		"Query": {"animals": func(all []any, _ any, args map[string]any) any {
			if args["name"] != nil {
				return all[:1]
			}
			return all
		}},
		"Cat": fields, "Dog": fields,
	}, func(of any) string { return of.(*animal).kind })
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func friends(n int) []any {
	all := make([]any, n)
	for i := range all {
		all[i] = &animal{kind: []string{"Cat", "Dog"}[i%2], name: fmt.Sprint(i)}
	}
	for _, a := range all {
		a.(*animal).friends = all
	}
	return all
}

func TestAnswer(t *testing.T) {
	t.Parallel()
	s := animals(t)
	for query, want := range map[string]string{
		`{ animals { __typename name ... on Cat { lives } } }`:                                                   `{"data":{"animals":[{"__typename":"Cat","name":"0","lives":null},{"__typename":"Dog","name":"1"}]}}`,
		`{ b: animals(name: "x") { n: name } }`:                                                                  `{"data":{"b":[{"n":"0"}]}}`,
		`{ animals(name: "x") { friends { name } friends { __typename } } }`:                                     `{"data":{"animals":[{"friends":[{"name":"0","__typename":"Cat"},{"name":"1","__typename":"Dog"}]}]}}`,
		`{ animals(name: "x") { ...A } } fragment A on Animal { name ... @skip(if: true) { friends { name } } }`: `{"data":{"animals":[{"name":"0"}]}}`,
		`query A { animals(name: "x") { name } } query B { animals { name } }`:                                   `no query`,
		`{ animals { lives } }`:                 `Cannot query field`,
		`{ __type(name: "Cat") { name } }`:      `Introspection`,
		`{ ...A } fragment A on Query { ...A }`: `Cannot spread fragment`,
	} {
		if got := string(s.Answer(friends(2), query, "", nil)); got != want && !(strings.HasPrefix(got, `{"errors"`) && strings.Contains(got, want)) {
			t.Errorf("%s\n got %s\nwant %s", query, got, want)
		}
	}
}

// A query that asks for too much gets a part of it, and is told so.
func TestLimit(t *testing.T) {
	t.Parallel()
	got := string(animals(t).Answer(friends(50), `{ animals { friends { friends { friends { name } } } } }`, "", nil))
	if !strings.HasPrefix(got, `{"data":{"animals":[{"friends":`) || !strings.HasSuffix(got, `"code":"NODE_LIMIT_EXCEEDED"}}]}`) {
		t.Errorf("%.100s … %s", got, got[len(got)-200:])
	}
	if n := strings.Count(got, `"name"`); n > maxObjects {
		t.Errorf("%d objects", n)
	}
}

// A schema with a field that nothing answers is no schema.
func TestNew(t *testing.T) {
	t.Parallel()
	for sdl, want := range map[string]string{
		`type Query { a: String }`: "the field a of Query has no resolver",
		`type Query { a: Nope }`:   "Undefined type Nope",
	} {
		if _, err := New[int](sdl, nil, nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", sdl, err, want)
		}
	}
}
