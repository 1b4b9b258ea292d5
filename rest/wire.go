package rest

import (
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// The public structs are the one definition of what goes over the wire. A field's tag says where its value lies:
//
//	api:"@name"            an attribute
//	api:"project/@id"      an attribute of a child
//	api:"tags/tag/@label"  for a slice, an attribute of each of the children
//	api:"views/view"       the children themselves, for a struct, a pointer to one or a slice of them
//	api:"notes/text()"     the text of a child
//	api:"@*"               for a map of strings, the attributes that no other field has
//
//	api:"@embed!"          written even when it is the zero value
//
// Several places are separated by "|": the first that is there is read, and the first is written. An embedded struct without
// a tag lies in the same element.
//
// Reading, every attribute is optional, what is not named is passed over, and what cannot be read is the zero value, because
// one odd attribute must not make a whole list unreadable. Writing, the order is that of the fields, and zero values are left
// out; pointers are what tells an empty value, or false, from none.

// A place is where the value of a field lies.
type place struct {
	path []string // children to go down
	attr string   // "" for the element itself
	text bool     // the text of the element
}

// A wireField is a field of a struct with a tag.
type wireField struct {
	index  []int
	places []place
	always bool // written even when it is the zero value
}

// wirePlans are the fields of structs as tags were read once, by [reflect.Type].
var wirePlans sync.Map

// wireFields are the fields of a struct that go over the wire. Nobody may change them.
func wireFields(t reflect.Type) []wireField {
	if plan, ok := wirePlans.Load(t); ok {
		return plan.([]wireField)
	}
	plan, _ := wirePlans.LoadOrStore(t, readTags(t))
	return plan.([]wireField)
}

func readTags(t reflect.Type) []wireField {
	var fields []wireField
	for i := range t.NumField() {
		f := t.Field(i)
		tag, ok := f.Tag.Lookup("api")
		switch {
		case ok:
			tag, always := strings.CutSuffix(tag, "!")
			fields = append(fields, wireField{f.Index, placesOf(tag), always})
		case f.Anonymous && f.Type.Kind() == reflect.Struct:
			for _, inner := range wireFields(f.Type) {
				inner.index = append(slices.Clone(f.Index), inner.index...)
				fields = append(fields, inner)
			}
		}
	}
	return fields
}

func placesOf(tag string) []place {
	var places []place
	for text := range strings.SplitSeq(tag, "|") {
		var p place
		for step := range strings.SplitSeq(text, "/") {
			switch name, isAttr := strings.CutPrefix(step, "@"); {
			case isAttr:
				p.attr = name
			case step == "text()":
				p.text = true
			default:
				p.path = append(p.path, step)
			}
		}
		places = append(places, p)
	}
	return places
}

// values are the texts that lie in a place.
func (p place) values(e *element) []string {
	var values []string
	for _, at := range e.below(p.path) {
		if p.text {
			values = append(values, strings.TrimSpace(at.text))
		} else if value, ok := at.attr(p.attr); ok {
			values = append(values, value)
		}
	}
	return values
}

// firstValues are the texts that lie in the first of some places that holds any.
func firstValues(e *element, places []place) []string {
	for _, p := range places {
		if values := p.values(e); len(values) > 0 {
			return values
		}
	}
	return nil
}

func (p place) isElement() bool { return p.attr == "" && !p.text }

// decodeElement reads an element into a struct.
func decodeElement[T any](e *element) T {
	var item T
	readStruct(e, reflect.ValueOf(&item).Elem())
	return item
}

// decodeAll reads elements into structs.
func decodeAll[T any](elements []*element) []T {
	var items []T
	for _, e := range elements {
		items = append(items, decodeElement[T](e))
	}
	return items
}

func readStruct(e *element, into reflect.Value) {
	fields := wireFields(into.Type())
	for _, f := range fields {
		if f.isRest() {
			readRest(e, fields, into.FieldByIndex(f.index))
			continue
		}
		for _, p := range f.places {
			if readField(e, p, into.FieldByIndex(f.index)) {
				break
			}
		}
	}
}

// readField fills in a field from a place, and says whether there is anything.
func readField(e *element, p place, into reflect.Value) bool {
	if p.isElement() {
		found := e.below(p.path)
		for _, at := range found {
			switch into.Kind() {
			case reflect.Slice:
				item := reflect.New(into.Type().Elem()).Elem()
				readStruct(at, item)
				into.Set(reflect.Append(into, item))
				continue
			case reflect.Pointer:
				into.Set(reflect.New(into.Type().Elem()))
				readStruct(at, into.Elem())
			default:
				readStruct(at, into)
			}
			break
		}
		return len(found) > 0
	}
	values := p.values(e)
	if into.Kind() == reflect.Slice {
		for _, value := range values {
			item := reflect.New(into.Type().Elem()).Elem()
			readText(value, item)
			into.Set(reflect.Append(into, item))
		}
	} else if len(values) > 0 {
		readText(values[0], into)
	}
	return len(values) > 0
}

// spelled is implemented by the string types whose values servers spell in more than one way.
type spelled interface {
	spelling() string // the value as the schema has it
}

// readText reads a value; what cannot be read leaves it as it is.
func readText(text string, into reflect.Value) {
	if at, ok := into.Addr().Interface().(*time.Time); ok {
		*at = parseTime(text)
		return
	}
	trimmed := strings.TrimSpace(text)
	switch into.Kind() {
	case reflect.String:
		into.SetString(text)
		if word, ok := into.Interface().(spelled); ok {
			into.SetString(word.spelling())
		}
	case reflect.Bool:
		into.SetBool(strings.EqualFold(trimmed, "true"))
	case reflect.Int, reflect.Int64:
		if n, err := strconv.ParseInt(trimmed, 10, 64); err == nil && !into.OverflowInt(n) {
			into.SetInt(n)
		}
	case reflect.Float64:
		if x, err := strconv.ParseFloat(trimmed, 64); err == nil {
			into.SetFloat(x)
		}
	case reflect.Pointer:
		into.Set(reflect.New(into.Type().Elem()))
		readText(text, into.Elem())
	default:
		panic("rest: no value of type " + into.Type().String() + " lies in a text")
	}
}

// parseTime reads a time the ways servers write one; it is zero when it cannot be read.
func parseTime(text string) time.Time {
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05Z0700"} {
		if t, err := time.Parse(layout, strings.TrimSpace(text)); err == nil {
			return t.UTC()
		}
	}
	return time.Time{}
}

// timeLayout is how times are written: in UTC and whole seconds.
const timeLayout = "2006-01-02T15:04:05Z"

// encodeElement writes a struct as an element.
func encodeElement(name string, item any) *element {
	e := newElement(name)
	writeStruct(e, reflect.ValueOf(item))
	return e
}

func writeStruct(e *element, from reflect.Value) {
	if from.Kind() == reflect.Pointer {
		from = from.Elem()
	}
	fields := wireFields(from.Type())
	for _, f := range fields {
		value := from.FieldByIndex(f.index)
		switch {
		case f.isRest():
			writeRest(e, fields, value.Interface().(map[string]string))
		case f.always || !value.IsZero():
			writeField(e, f.places[0], value)
		}
	}
}

// isRest says that the field is a map of the attributes that the others do not have.
func (f wireField) isRest() bool { return f.places[0].attr == "*" }

// ownAttributes are the attributes of the element itself that have a field of their own.
func ownAttributes(fields []wireField) map[string]bool {
	own := map[string]bool{}
	for _, f := range fields {
		for _, p := range f.places {
			if len(p.path) == 0 && p.attr != "" {
				own[p.attr] = true
			}
		}
	}
	return own
}

func readRest(e *element, fields []wireField, into reflect.Value) {
	own, rest := ownAttributes(fields), map[string]string{}
	for _, a := range e.attrs {
		if !own[a.name] {
			rest[a.name] = a.value
		}
	}
	into.Set(reflect.ValueOf(rest))
}

// writeRest writes the attributes of a map in the order of their names, but for those that have a field of their own: an
// element with an attribute twice is none.
func writeRest(e *element, fields []wireField, rest map[string]string) {
	own := ownAttributes(fields)
	for _, name := range slices.Sorted(maps.Keys(rest)) {
		if !own[name] {
			e.set(name, rest[name])
		}
	}
}

func writeField(e *element, p place, value reflect.Value) {
	switch {
	case value.Kind() == reflect.Slice:
		parent, last := p.path[:len(p.path)-1], p.path[len(p.path)-1]
		list := e.descend(parent)
		for i := range value.Len() {
			item := newElement(last)
			if p.isElement() {
				writeStruct(item, value.Index(i))
			} else {
				p.put(item, writeText(value.Index(i)))
			}
			list.add(item)
		}
	case p.isElement():
		writeStruct(e.descend(p.path), value)
	default:
		p.put(e.descend(p.path), writeText(value))
	}
}

func (p place) put(e *element, text string) {
	if p.text {
		e.text = text
	} else {
		e.set(p.attr, text)
	}
}

// descend goes down a path and makes the elements that are not there.
func (e *element) descend(path []string) *element {
	for _, name := range path {
		next := e.child(name)
		if next == nil {
			next = newElement(name)
			e.add(next)
		}
		e = next
	}
	return e
}

func writeText(value reflect.Value) string {
	if t, ok := value.Interface().(time.Time); ok {
		return t.UTC().Format(timeLayout)
	}
	switch value.Kind() {
	case reflect.Pointer:
		return writeText(value.Elem())
	case reflect.String:
		return value.String()
	case reflect.Bool:
		return strconv.FormatBool(value.Bool())
	case reflect.Int, reflect.Int64:
		return strconv.FormatInt(value.Int(), 10)
	case reflect.Float64:
		return strconv.FormatFloat(value.Float(), 'f', -1, 64)
	}
	panic("rest: a value of type " + value.Type().String() + " cannot be written as a text")
}

// placesLike are the places of the field of T that may lie in a place; none if T has no such field.
func placesLike[T any](wanted place) []place {
	for _, f := range wireFields(reflect.TypeFor[T]()) {
		for _, p := range f.places {
			if p.attr == wanted.attr && p.text == wanted.text && slices.Equal(p.path, wanted.path) {
				return f.places
			}
		}
	}
	return nil
}

// namesIn are the attributes and children that a struct has fields for; * stands for any attribute.
func namesIn[T any]() []string {
	var names []string
	for _, f := range wireFields(reflect.TypeFor[T]()) {
		names = append(names, append(slices.Clone(f.places[0].path), f.places[0].attr)[0])
	}
	return names
}
