package documents_test

import (
	"hash/fnv"
	"io"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/beevik/etree"

	"github.com/tabtemplate/tabtemplate/documents"
	"github.com/tabtemplate/tabtemplate/documents/tds"
	"github.com/tabtemplate/tabtemplate/packaging"
)

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
	{"TraceKind", "", []string{"thumbnails", "provenance", "caches", "credentials", "users", "history", "statistics", "extracts"}},
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
	{"ReplaceText", "", []string{"Template Ltd", "Orders", "Amount", "o"}},
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

// contented is a schema that has nothing against anything.
type contented struct{}

func (contented) Validate([]byte) ([]documents.Violation, error) { return nil, nil }

// makers make the arguments that are not made of their parts, by their types.
var makers = map[reflect.Type]func(*arguments, string) any{
	reflect.TypeFor[tds.Value]():  func(a *arguments, method string) any { return a.value(method) },
	reflect.TypeFor[tds.Filter](): func(a *arguments, method string) any { return a.filter(method) },
	reflect.TypeFor[tds.Parameter](): func(a *arguments, method string) any {
		v := a.value(method)
		return tds.Parameter{Caption: a.text("Caption", "", method), Datatype: a.text("Datatype", "", method), Value: pick(a, []tds.Value{v, tds.String("w"), tds.Integer(7)})}
	},
	reflect.TypeFor[time.Time](): func(*arguments, string) any { return january },
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
	reflect.TypeFor[*documents.File]():            func(*arguments, string) any { return elsewhereFile },
	reflect.TypeFor[io.Writer]():                  func(*arguments, string) any { return io.Discard },
	reflect.TypeFor[documents.Validator]():        func(*arguments, string) any { return contented{} },
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
		tds.Between(field, v, tds.Null()), tds.Between(field, tds.Integer(1), tds.Integer(9)), tds.During(field, tds.Last(3, tds.Month)),
		{Field: field},
	})
}

// elsewhereFile is another file, and elsewhere its data source.
var (
	elsewhereFile = func() *documents.File {
		const in = "<datasource formatted-name='other' version='18.1'><connection class='federated'><named-connections><named-connection caption='s' name='postgres.0'>" +
			"<connection class='postgres' dbname='d' server='s' username='u' /></named-connection></named-connections><relation connection='postgres.0' name='t' table='[public].[t]' type='table' /></connection>" +
			"<column caption='Amount' datatype='real' name='[amount]' role='measure' type='quantitative' /></datasource>"
		f, err := documents.OpenReader(strings.NewReader(in), int64(len(in)))
		if err != nil {
			panic(err)
		}
		return f
	}()
	elsewhere = firstDatasource(elsewhereFile)
)

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
		if strings.HasSuffix(t.Name(), "Match") || strings.HasSuffix(t.Name(), "Selection") {
			some = pick(a, []int{0, 0, 0, 1}) // mostly whatever there is
		}
		for i := range t.NumField() {
			if !t.Field(i).IsExported() {
				panic("no way to make up a " + t.String() + " for " + method + ": add it to makers")
			}
			if a.rand.IntN(4) < some {
				out.Field(i).Set(a.of(t.Field(i).Type, t.Field(i).Name, method+t.Name()))
			}
		}
	default:
		panic("no way to make up a " + t.String() + " for " + method + ": add it to makers")
	}
	return out
}
