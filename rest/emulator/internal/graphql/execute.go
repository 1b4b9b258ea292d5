package graphql

import (
	"slices"

	"github.com/vektah/gqlparser/v2/ast"
)

// execution is one query that is being answered.
type execution[E any] struct {
	schema    *Schema[E]
	env       E
	variables map[string]any
	objects   int
}

// object answers what is selected of an object.
func (e *execution[E]) object(typeName string, value any, selected ast.SelectionSet) object {
	made := object{}
	for _, f := range e.collect(typeName, selected) {
		if f.Name == "__typename" {
			made = append(made, member{f.Alias, typeName})
			continue
		}
		found := e.schema.types[typeName][f.Name](e.env, value, f.ArgumentMap(e.variables))
		made = append(made, member{f.Alias, e.complete(f.Definition.Type, found, f.SelectionSet)})
	}
	return made
}

// collect returns the fields that are selected of a type, those in fragments too. Those that make the same member of the
// answer become one. A fragment counts once, however often it is spread, so that a few of them cannot be a great many.
func (e *execution[E]) collect(typeName string, selected ast.SelectionSet) []*ast.Field {
	var fields []*ast.Field
	spread := make(map[string]bool)
	var add func(ast.SelectionSet)
	add = func(selected ast.SelectionSet) {
		for _, s := range selected {
			switch s := s.(type) {
			case *ast.Field:
				if e.isIncluded(s.Directives) {
					fields = addField(fields, s)
				}
			case *ast.InlineFragment:
				if e.isIncluded(s.Directives) && e.is(typeName, s.TypeCondition) {
					add(s.SelectionSet)
				}
			case *ast.FragmentSpread:
				if e.isIncluded(s.Directives) && !spread[s.Name] && e.is(typeName, s.Definition.TypeCondition) {
					spread[s.Name] = true
					add(s.Definition.SelectionSet)
				}
			}
		}
	}
	add(selected)
	return fields
}

func addField(fields []*ast.Field, added *ast.Field) []*ast.Field {
	i := slices.IndexFunc(fields, func(f *ast.Field) bool { return f.Alias == added.Alias })
	if i < 0 {
		return append(fields, added)
	}
	both := *fields[i]
	both.SelectionSet = slices.Concat(both.SelectionSet, added.SelectionSet)
	fields[i] = &both
	return fields
}

// isIncluded heeds the directives skip and include.
func (e *execution[E]) isIncluded(directives ast.DirectiveList) bool {
	for name, wanted := range map[string]bool{"skip": false, "include": true} {
		if d := directives.ForName(name); d != nil && d.ArgumentMap(e.variables)["if"] != wanted {
			return false
		}
	}
	return true
}

// is tells whether an object type is another type, or implements it.
func (e *execution[E]) is(typeName, condition string) bool {
	if condition == "" || condition == typeName {
		return true
	}
	return slices.ContainsFunc(e.schema.schema.PossibleTypes[condition], func(d *ast.Definition) bool { return d.Name == typeName })
}

// complete answers with the value of a field. Past the limit on objects lists end.
func (e *execution[E]) complete(t *ast.Type, value any, selected ast.SelectionSet) any {
	if value == nil {
		return nil
	}
	if t.Elem != nil {
		list := []any{}
		for _, item := range value.([]any) {
			if e.objects > maxObjects {
				break
			}
			list = append(list, e.complete(t.Elem, item, selected))
		}
		return list
	}
	definition := e.schema.schema.Types[t.NamedType]
	switch definition.Kind {
	case ast.Object:
		e.objects++
		return e.object(definition.Name, value, selected)
	case ast.Interface:
		e.objects++
		return e.object(e.schema.typeOf(value), value, selected)
	}
	return value
}
