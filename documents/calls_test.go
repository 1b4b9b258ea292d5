package documents_test

import (
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"math/rand/v2"
	"reflect"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/beevik/etree"

	"github.com/tabtemplate/tabtemplate/documents"
	"github.com/tabtemplate/tabtemplate/documents/tds"
	"github.com/tabtemplate/tabtemplate/packaging"
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

// notCalled are methods that have their own tests: they end the file or write to a path.
var notCalled = map[string]bool{"File.Close": true, "File.Save": true}

// takesInternal tells methods for the packages of this module.
func takesInternal(m reflect.Type) bool {
	for in := range m.Ins() {
		if strings.Contains(in.PkgPath(), "/internal/") || in.Kind() == reflect.Pointer && strings.Contains(in.Elem().PkgPath(), "/internal/") {
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

// notTwice are verbs that are not done, or refuse, when they are called again: the name
// that they look for is gone, or is there.
var notTwice = map[string]bool{
	"File.AddEntry": true, "File.RemoveEntry": true, "File.RenameEntry": true, "File.Unwrap": true,
}

// callsOf finds what can be reached from a file, a few of each kind, and the calls of
// their methods.
func callsOf(f *documents.File, each int) (calls []call) {
	root := object{"File", func(f *documents.File) reflect.Value { return reflect.ValueOf(f) }}
	objects := []object{root}
	for _, path := range []string{"//column", "//connection", "//window", "//run"} {
		objects = append(objects, object{"File.Element(" + path + ")", func(f *documents.File) reflect.Value {
			if all, err := f.Elements(path); err == nil && len(all) > 0 {
				return reflect.ValueOf(all[0])
			}
			return reflect.Value{}
		}})
	}
	seen := map[string]int{}
	for i := 0; i < len(objects); i++ {
		o := objects[i]
		v := o.find(f)
		if !v.IsValid() {
			continue
		}
		for m := range v.Type().Methods() {
			name := typeName(v.Type()) + "." + m.Name
			if notCalled[name] || takesInternal(m.Type) {
				continue
			}
			calls = append(calls, call{o, m})
			if m.Type.NumIn() > 1 || m.Name == "Clone" || m.Name == "Datasource" {
				continue // nothing to be reached, or what was reached before
			}
			for k := range results(o.find(f.Clone()).MethodByName(m.Name).Call(nil)) { // some of them are verbs
				if m.Name == "Datasources" && o.name != "File" {
					break
				}
				if seen[name]++; seen[name] > each {
					break
				}
				objects = append(objects, object{fmt.Sprintf("%s.%s[%d]", o.name, m.Name, k), func(f *documents.File) reflect.Value {
					if v := o.find(f); v.IsValid() {
						if all := results(v.MethodByName(m.Name).Call(nil)); k < len(all) {
							return all[k]
						}
					}
					return reflect.Value{}
				}})
			}
		}
	}
	return calls
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
		text := fmt.Sprintf("%#v", a)
		if a.Type().Kind() == reflect.Pointer || a.Kind() == reflect.Struct {
			text = fmt.Sprintf("%+v", a)
		}
		args = append(args, fmt.Sprintf("%.300s", text))
	}
	return c.of.name + "." + c.method.Name + "(" + strings.Join(args, ", ") + ")"
}

// name is the method without what it is called on.
func (c call) name() string { return typeName(c.method.Type.In(0)) + "." + c.method.Name }

// arguments makes up arguments, mostly of what a file has.
type arguments struct {
	rand  *rand.Rand
	words map[string][]string // of the file, by what they name or the attribute they are of
	file  *documents.File
}

func newArguments(document []byte) *arguments {
	a := &arguments{words: map[string][]string{}}
	tree := etree.NewDocument()
	if err := tree.ReadFromBytes(document); err == nil && tree.Root() != nil {
		a.collect(tree.Root())
	}
	return a
}

// named are the elements whose names methods want.
var named = map[string]string{"worksheet": "sheet", "dashboard": "sheet", "datasource": "datasource", "column": "column", "relation": "relation"}

func (a *arguments) collect(el *etree.Element) {
	tag, _ := newest(el.Tag)
	kind := named[tag]
	if kind == "column" && el.SelectAttr("param-domain-type") != nil {
		kind = "parameter"
	}
	if kind == "column" && el.SelectElement("calculation") != nil {
		a.words["calculated"] = append(a.words["calculated"], el.SelectAttrValue("name", ""))
	}
	for _, at := range el.Attr {
		key, _ := newest(at.Key)
		switch {
		case len(at.Value) > 200, strings.Contains(at.Value, "].[") && key != "table": // nor what refers to something
		case kind != "" && (key == "name" || key == "caption"):
			a.words[kind] = append(a.words[kind], at.Value)
		case key == "table":
			a.words["part"] = append(a.words["part"], strings.Split(strings.Trim(at.Value, "[]"), "].[")...)
			fallthrough
		default:
			a.words[key] = append(a.words[key], at.Value)
		}
	}
	for _, c := range el.ChildElements() {
		a.collect(c)
	}
}

var (
	nasty = []string{"", " ", "]", "[", "[]", "a]b", `a'b"c<d>&e`, "%null%", "\x00", "\ufffe", "\xff", "x\ny", "é\u0301", "{{x}}", "]]>", "1e309", "../x", "/", strings.Repeat("long ", 1000)}
	texts = []string{"acme", "[a]+1", "SUM([amount])", "SELECT 1", "[public].[orders]", "#2024-01-31#", "2024-01-31", "7", "2.5", "true", "template", "a < b & c"}
)

// hints tell what to give by the name of a type or a member, or a part of the name of a
// method: words of the file, or these. The first one that fits is taken.
var hints = []struct {
	part, kind string
	words      []string
}{
	{"FilterKind", "", []string{"include", "exclude", "all", "range", "relative"}},
	{"Nulls", "", []string{"", "in", "only"}},
	{"Period", "", []string{"year", "month", "iso-week"}},
	{"SQLPlace", "", []string{"initial_sql", "formulas"}},
	{"Domain", "", []string{"any", "list", "range"}},
	{"SwapDatabase", "part", []string{"dev"}},
	{"Datatype", "", []string{"string", "integer", "real", "boolean", "date"}},
	{"Formula", "", []string{"1", "[amount] * 2", "[Parameters].[Parameter 1]", "SUM("}},
	{"Role", "", []string{"", "dimension", "measure"}},
	{"Type", "", []string{"", "nominal"}},
	{"Server", "", []string{"https://tableau.example.com", "db.example.com"}},
	{"ContentURL", "", []string{"Orders", "Sales_2"}},
	{"Port", "", []string{"443", "5433"}},
	{"Channel", "", []string{"https"}},
	{"ReplaceInSQL", "", []string{"goals", "targets"}},
	{"RenameFile", "filename", nil},
	{"RemoveCalculated", "calculated", nil},
	{"Filter", "column", nil},
	{"Calculated", "column", nil},
	{"Column", "column", nil},
	{"Field", "column", nil},
	{"Translat", "column", nil},
	{"Parameter", "parameter", nil},
	{"Worksheet", "sheet", nil},
	{"Dashboard", "sheet", nil},
	{"View", "sheet", nil},
	{"Sheet", "sheet", nil},
	{"Datasource", "datasource", nil},
	{"SwapTable", "table", nil},
	{"Swap", "part", nil},
	{"Table", "relation", nil},
	{"Relation", "relation", nil},
	{"SQL", "relation", nil},
	{"Attr", "", []string{"caption", "name", "class", "x"}},
	{"Element", "", []string{"//column", "/workbook", "//zone[@name='x']", "/datasource", "//", "/workbook/datasources/datasource"}},
	{"Extract", "", []string{"acme.hyper", "Data/Extracts/acme.hyper"}},
	{"Entry", "", []string{"Data/Datasources/orders.hyper", "Image/logo.png", "TwbxExternalCache/1_2.tbxc", "Server.twb", "Data/new.csv"}},
	{"Data", "", []string{"Data/Datasources/orders.hyper", "Image/logo.png"}},
}

func pick[T any](a *arguments, from []T) T { return from[a.rand.IntN(len(from))] }

// text makes up a text for a member of a type in an argument of a method.
func (a *arguments) text(member, typ, method string) string {
	if a.rand.IntN(5) == 0 {
		return pick(a, nasty)
	}
	for _, name := range []string{typ, member, method} {
		if words := a.words[strings.ToLower(name)]; len(words) > 0 && a.rand.IntN(4) > 0 {
			return pick(a, words)
		}
		for _, h := range hints {
			if words := slices.Concat(h.words, a.words[h.kind]); len(words) > 0 && (h.part == name || name == method && strings.Contains(name, h.part)) {
				return pick(a, words)
			}
		}
	}
	return pick(a, texts)
}

// makers make the arguments that are not made of their parts, by their types.
var makers = map[reflect.Type]func(*arguments, string) any{
	reflect.TypeFor[tds.Value]():  func(a *arguments, method string) any { return a.value(method) },
	reflect.TypeFor[tds.Filter](): func(a *arguments, method string) any { return a.filter(method) },
	reflect.TypeFor[time.Time]():  func(*arguments, string) any { return january },
	reflect.TypeFor[packaging.Content](): func(a *arguments, _ string) any {
		return packaging.Bytes([]byte(pick(a, []string{"Hyper x", "Hyper y", "a,b\n1,2\n"})))
	},
	reflect.TypeFor[*tds.Datasource](): func(a *arguments, _ string) any {
		all := slices.Collect(a.file.Datasources())
		if len(all) == 0 || a.rand.IntN(6) == 0 {
			return elsewhere
		}
		return pick(a, all)
	},
	reflect.TypeFor[io.Writer]():                  func(*arguments, string) any { return io.Discard },
	reflect.TypeFor[func() error]():               func(*arguments, string) any { return func() error { return nil } },
	reflect.TypeFor[func(*etree.Element) error](): func(*arguments, string) any { return addAttribute },
}

var january = time.Date(2024, 1, 31, 4, 5, 6, 0, time.UTC)

func (a *arguments) value(method string) tds.Value {
	return pick(a, []tds.Value{
		tds.Null(), tds.String(a.text("", "", method)), tds.String("w"), tds.Integer(7), tds.Integer(-1),
		tds.Real(2.5), tds.Boolean(true), tds.Date(january), tds.DateTime(january),
	})
}

// filter is a filter of one of the kinds, mostly of values that go together.
func (a *arguments) filter(method string) tds.Filter {
	field := a.text("", "", method)
	v := a.value(method)
	return pick(a, []tds.Filter{
		tds.Include(field, v), tds.Include(field, tds.String("w"), tds.Null()), tds.Exclude(field, v), tds.IncludeAll(field),
		tds.Between(field, v, tds.Null()), tds.Between(field, tds.Integer(1), tds.Integer(9)), tds.During(field, tds.Last(3, tds.Month)), {Field: field},
	})
}

// elsewhere is a data source of another file.
var elsewhere = func() *tds.Datasource {
	const in = "<datasource formatted-name='other'><connection class='postgres' dbname='d' server='s' /></datasource>"
	f, err := documents.OpenReader(strings.NewReader(in), int64(len(in)))
	if err != nil {
		panic(err)
	}
	for ds := range f.Datasources() {
		return ds
	}
	panic("a data source file without a data source")
}()

func addAttribute(el *etree.Element) error {
	el.CreateAttr("checked", "true")
	return nil
}

// forCall makes up the arguments of a call on a file, the same for the same seed; what may be
// left out is.
func (a *arguments) forCall(f *documents.File, c call, seed uint64) (in []reflect.Value) {
	sum := fnv.New64a()
	_, _ = io.WriteString(sum, c.of.name+c.method.Name) // it does not fail
	a.file, a.rand = f, rand.New(rand.NewPCG(sum.Sum64(), seed))
	t := c.method.Type
	for i := range t.NumIn() {
		if i > 0 && !(t.IsVariadic() && i == t.NumIn()-1) { // the first is what it is called on
			in = append(in, a.of(t.In(i), "", c.method.Name))
		}
	}
	return in
}

// of makes up a member or an argument of a type of a method.
func (a *arguments) of(t reflect.Type, member, method string) reflect.Value {
	out := reflect.New(t).Elem()
	if f := makers[t]; f != nil {
		out.Set(reflect.ValueOf(f(a, method)))
		return out
	}
	switch t.Kind() {
	case reflect.String:
		typ := t.Name()
		if typ == "string" {
			typ = ""
		}
		out.SetString(a.text(member, typ, method))
	case reflect.Bool:
		out.SetBool(a.rand.IntN(2) == 0)
	case reflect.Int, reflect.Int64:
		out.SetInt(int64(a.rand.IntN(7)) - 2)
	case reflect.Float64:
		out.SetFloat(float64(a.rand.IntN(70))/4 - 2)
	case reflect.Pointer:
		out.Set(reflect.New(t.Elem()))
		out.Elem().Set(a.of(t.Elem(), member, method))
	case reflect.Slice:
		for range a.rand.IntN(3) {
			out.Set(reflect.Append(out, a.of(t.Elem(), member, method)))
		}
	case reflect.Map:
		out.Set(reflect.MakeMap(t))
		for range a.rand.IntN(4) {
			out.SetMapIndex(a.of(t.Key(), member, method), a.of(t.Elem(), member, method))
		}
	case reflect.Struct:
		some := pick(a, []int{1, 2, 4, 4}) // of four members
		if strings.HasSuffix(t.Name(), "Match") {
			some = pick(a, []int{0, 0, 0, 1}) // mostly whatever there is
		}
		for i := range t.NumField() {
			if a.rand.IntN(4) < some {
				out.Field(i).Set(a.of(t.Field(i).Type, t.Field(i).Name, method+t.Name()))
			}
		}
	default:
		panic("no way to make up a " + t.String() + ": add it to makers")
	}
	return out
}

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
