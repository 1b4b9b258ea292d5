package documents_test

import (
	"errors"
	"fmt"
	"reflect"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/tabtemplate/tabtemplate/documents"
	"github.com/tabtemplate/tabtemplate/documents/tds"
)

// A call is a method of something that is reached from a file, found by reflection: so that
// no verb and no reading is forgotten.
type call struct {
	of     object
	method reflect.Method
}

// An object is something with methods, and how to find it again in a clone.
type object struct {
	name string
	find func(*documents.File) reflect.Value // invalid if it is not there any more
}

// notCalled are methods that end the file, write to a path, or are there for the packages of
// this module.
var notCalled = map[string]bool{"File.Close": true, "File.Save": true, "Workbook.WalkTexts": true, "Datasource.WalkTexts": true}

// takesInternal tells methods for the packages of this module.
func takesInternal(m reflect.Type) bool {
	for in := range m.Ins() {
		if in == reflect.TypeFor[*tds.TextWalk]() || strings.Contains(in.PkgPath(), "/internal/") || in.Kind() == reflect.Pointer && strings.Contains(in.Elem().PkgPath(), "/internal/") {
			return true
		}
	}
	return false
}

// rawVerbs change what they are told without looking at what it means.
var rawVerbs = map[string]bool{
	"Element.Edit": true, "Element.Remove": true, "Element.RemoveAttr": true, "Element.SetAttr": true, "Element.SetText": true,
	"Datasource.Edit": true, "Workbook.Edit": true, "SQLQuery.SetRaw": true, "Datasource.FollowParameter": true,
	"Datasource.SetExtractPath": true,
}

// replacing are verbs that put another connection in the place of one, with all that is in it.
var replacing = map[string]bool{"File.Embed": true, "Datasource.Embed": true, "File.Refer": true, "Datasource.Refer": true}

// notTwice are verbs that are not done, or refuse, when they are called again: the name
// that they look for is gone, or is there, or is another's by then.
var notTwice = map[string]bool{
	"Datasource.UpdateColumn": true, "File.AddEntry": true, "File.RemoveEntry": true, "File.RenameEntry": true, "File.Unwrap": true,
}

// roots are where everything is reached from: the file, and elements of several kinds.
var roots = func() []object {
	out := []object{{"File", func(f *documents.File) reflect.Value { return reflect.ValueOf(f) }}}
	for _, path := range []string{"//column", "//connection", "//window", "//run"} {
		out = append(out, object{"File.Element(" + path + ")", func(f *documents.File) reflect.Value {
			if all, err := f.Elements(path); err == nil && len(all) > 0 {
				return reflect.ValueOf(all[0])
			}
			return reflect.Value{}
		}})
	}
	return out
}()

// callsOf finds what can be reached from a file, so many of what one method gives, and the
// calls of their methods.
func callsOf(f *documents.File, each int) (calls []call) {
	objects, seen := slices.Clone(roots), map[string]int{}
	for i := 0; i < len(objects); i++ {
		for _, c := range objects[i].calls(f) {
			calls = append(calls, c)
			for _, o := range c.reached(f) {
				if seen[c.name()]++; seen[c.name()] > each {
					break
				}
				objects = append(objects, o)
			}
		}
	}
	return calls
}

// calls are the methods of an object, none if it is not there.
func (o object) calls(f *documents.File) (calls []call) {
	v := o.find(f)
	if !v.IsValid() {
		return nil
	}
	for m := range v.Type().Methods() {
		if c := (call{o, m}); !notCalled[c.name()] && !takesInternal(m.Type) {
			calls = append(calls, c)
		}
	}
	return calls
}

// reached are the objects that the method gives, if it takes nothing.
func (c call) reached(f *documents.File) (objects []object) {
	name := c.method.Name
	switch {
	case c.method.Type.NumIn() > 1, name == "Clone", name == "Datasource", name == "Datasources" && c.of.name != "File":
		return nil // nothing, or what is reached otherwise
	}
	get := func(f *documents.File) []reflect.Value {
		if v := c.of.find(f); v.IsValid() {
			return results(v.MethodByName(name).Call(nil))
		}
		return nil
	}
	for k := range get(f.Clone()) { // some of them are verbs
		objects = append(objects, object{fmt.Sprintf("%s.%s[%d]", c.of.name, name, k), func(f *documents.File) reflect.Value {
			if all := get(f); k < len(all) {
				return all[k]
			}
			return reflect.Value{}
		}})
	}
	return objects
}

func typeName(t reflect.Type) string {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t.Name()
}

// results are the things with methods of ours among what a method returned, also inside
// the sequences that it returned.
func results(out []reflect.Value) (found []reflect.Value) {
	add := func(v reflect.Value) {
		if v.Kind() == reflect.Pointer && v.IsNil() || v.Kind() == reflect.Interface {
			return
		}
		t := v.Type()
		if t.Kind() == reflect.Pointer {
			t = t.Elem()
		}
		ours := strings.HasPrefix(t.PkgPath(), "github.com/tabtemplate/tabtemplate/documents") && !strings.Contains(t.PkgPath(), "internal")
		if ours && v.Type().NumMethod() > 0 {
			found = append(found, v)
		}
	}
	for _, v := range out {
		switch {
		case v.Type().CanSeq2() && v.Kind() == reflect.Func:
			for first := range v.Seq2() {
				add(first)
			}
		case v.Type().CanSeq() && v.Kind() == reflect.Func:
			for item := range v.Seq() {
				add(item)
			}
		default:
			add(v)
		}
	}
	return found
}

// do calls the method on a file. A panic is a fault.
func (c call) do(f *documents.File, in []reflect.Value) (err, fault error) {
	defer func() {
		if r := recover(); r != nil {
			fault = fmt.Errorf("panic: %v\n%s", r, debug.Stack())
		}
	}()
	v := c.of.find(f)
	if !v.IsValid() {
		return nil, nil
	}
	out := v.MethodByName(c.method.Name).Call(in)
	results(out) // ranges over sequences
	for _, r := range out {
		if e, ok := r.Interface().(error); ok {
			err = e
		}
	}
	return err, nil
}

// described is a call as text, for people who want to repeat it.
func (c call) described(in []reflect.Value) string {
	var args []string
	for _, a := range in {
		args = append(args, fmt.Sprintf("%.300s", shown(a)))
	}
	return c.of.name + "." + c.method.Name + "(" + strings.Join(args, ", ") + ")"
}

// shown is a value as text, with what its pointers point to and without members left out.
func shown(v reflect.Value) string {
	s, ok := v.Interface().(fmt.Stringer)
	switch {
	case v.Kind() == reflect.Pointer && v.IsNil():
		return "nil"
	case v.Kind() == reflect.Struct && makers[v.Type()] == nil:
		var members []string
		for f, member := range v.Fields() {
			if f.IsExported() && !member.IsZero() {
				members = append(members, f.Name+": "+shown(member))
			}
		}
		return v.Type().Name() + "{" + strings.Join(members, ", ") + "}"
	case ok:
		return s.String()
	case v.Kind() == reflect.Pointer:
		return "&" + shown(v.Elem())
	}
	return fmt.Sprintf("%#v", v)
}

// name is the method without what it is called on.
func (c call) name() string { return typeName(c.method.Type.In(0)) + "." + c.method.Name }

// readable says what is wrong with the text of an error.
func readable(err error) error {
	text := err.Error()
	switch {
	case strings.TrimSpace(text) == "":
		return errors.New("an error without a text")
	case strings.Contains(text, "%!"), strings.Contains(text, "<nil>"), strings.Contains(text, "runtime error"):
		return fmt.Errorf("the error is %q", text)
	case strings.HasSuffix(text, "."), strings.Contains(text, "failed to"):
		return fmt.Errorf("the error is not in the style of the house: %q", text)
	}
	return nil
}
