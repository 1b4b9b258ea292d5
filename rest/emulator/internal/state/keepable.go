package state

import (
	"encoding"
	"encoding/json"
	"fmt"
	"reflect"
)

// keepable tells why records of a type would not be the same after they were on disk: nil when they would. A store in
// memory asks it as well, so that no record works there that would be lost on disk.
func keepable(t reflect.Type) error { return keepableIn(t, make(map[reflect.Type]bool)) }

func keepableIn(t reflect.Type, seen map[reflect.Type]bool) error {
	if seen[t] || writesItself(t) {
		return nil
	}
	seen[t] = true
	switch t.Kind() {
	case reflect.Slice, reflect.Array, reflect.Pointer:
		return keepableIn(t.Elem(), seen)
	case reflect.Map:
		if isKey(t.Key()) {
			return keepableIn(t.Elem(), seen)
		}
	case reflect.Struct:
		return keepableFields(t, seen)
	case reflect.Bool, reflect.Float32, reflect.Float64:
		return nil
	}
	if isKey(t) {
		return nil
	}
	return fmt.Errorf("a %s cannot be written to disk", t)
}

func keepableFields(t reflect.Type, seen map[reflect.Type]bool) error {
	for i := range t.NumField() {
		f := t.Field(i)
		embedded := f.Anonymous && f.Type.Kind() == reflect.Struct
		if !f.IsExported() && !embedded || f.Tag.Get("json") == "-" {
			return fmt.Errorf("%s.%s is not written to disk", t, f.Name)
		}
		if err := keepableIn(f.Type, seen); err != nil {
			return fmt.Errorf("%s.%s: %w", t, f.Name, err)
		}
	}
	return nil
}

// isKey tells whether a type can be that of the keys of a map: strings and integers can, and what is written as a text.
func isKey(t reflect.Type) bool {
	k := t.Kind()
	return k == reflect.String || k >= reflect.Int && k <= reflect.Uint64 || isText(t)
}

// writesItself tells whether a type has its own way to be written and read.
func writesItself(t reflect.Type) bool {
	return isText(t) || implements[json.Marshaler](t) && implements[json.Unmarshaler](t)
}

func isText(t reflect.Type) bool {
	return implements[encoding.TextMarshaler](t) && implements[encoding.TextUnmarshaler](t)
}

func implements[I any](t reflect.Type) bool {
	return reflect.PointerTo(t).Implements(reflect.TypeFor[I]())
}
