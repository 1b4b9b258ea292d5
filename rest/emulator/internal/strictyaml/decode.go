// Package strictyaml reads a YAML file into structs, and tells everything that is wrong with it at once: each problem
// with its place, and with what was probably meant.
//
// Start with [Decode]. A field is read from the key in its yaml tag, and no other key is allowed. Fields are text, true or
// false, lists, mappings from text, and structs of such fields. Text that YAML takes for a number or a date is text where
// text is wanted.
package strictyaml

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"reflect"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// Place is where something is in a file. Lines and columns begin with 1; both are 0 for the file as a whole.
type Place struct{ Line, Col int }

// Problem is one thing that is wrong with a file.
type Problem struct {
	Place
	Message string
	Hint    string // what to do about it; may be empty
}

// File is what is known of a file that was read.
type File struct{ places map[string]Place }

// Place returns where a value is, by its path, such as sites[0].users[2].name. For a value that is not in the file it is
// the place of what it would be in.
func (f *File) Place(path string) Place {
	for {
		if at, known := f.places[path]; known || path == "" {
			return at
		}
		path = path[:max(0, strings.LastIndexAny(path, ".["))]
	}
}

// Decode reads one YAML document into a struct, which to points to. An empty document leaves it as it is. Where there are
// problems, what was read is not all that is in the file.
func Decode(r io.Reader, to any) (*File, []Problem) {
	d := &decoder{file: &File{places: make(map[string]Place)}}
	loader, err := yaml.NewLoader(r)
	if err != nil {
		return d.file, []Problem{syntax(err)}
	}
	var document, second yaml.Node
	switch err := loader.Load(&document); {
	case errors.Is(err, io.EOF):
		return d.file, nil
	case err != nil:
		return d.file, []Problem{syntax(err)}
	}
	d.value(document.Content[0], "", reflect.ValueOf(to).Elem())
	switch err := loader.Load(&second); {
	case err == nil:
		d.problem(&second, "remove what follows ---", "a second YAML document begins here")
	case !errors.Is(err, io.EOF):
		d.found = append(d.found, syntax(err))
	}
	return d.file, d.found
}

// syntax is the problem of what is not YAML.
func syntax(err error) Problem {
	p := Problem{Message: "not YAML: " + err.Error()}
	if at, ok := errors.AsType[*yaml.LoadError](err); ok {
		p.Place = Place{at.Mark.Line, at.Mark.Column}
		p.Message = "not YAML: " + strings.TrimSpace(at.Message+" "+at.ContextMsg)
	}
	return p
}

// decoder goes on after a problem, so that all are found.
type decoder struct {
	file  *File
	found []Problem
	count int // of the values read so far
	depth int // of the value that is being read
}

// maxDepth is how deep a file may be nested, which ends an alias inside of what it stands for.
const maxDepth = 50

// maxValues is how many values a file may have, those that an alias repeats counted again.
const maxValues = 100_000

func (d *decoder) problem(n *yaml.Node, hint, format string, args ...any) {
	d.found = append(d.found, Problem{Place{n.Line, n.Column}, fmt.Sprintf(format, args...), hint})
}

// value reads a node, the one at the path, into what has the type for it.
func (d *decoder) value(n *yaml.Node, path string, to reflect.Value) {
	if d.count++; d.count >= maxValues {
		if d.count == maxValues {
			d.problem(n, "", "there are more than %d values", maxValues)
		}
		return
	}
	d.depth++
	defer func() { d.depth-- }()
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	d.file.places[path] = Place{n.Line, n.Column}
	wanted, kind := "", yaml.ScalarNode
	read := (*decoder).text
	switch to.Kind() {
	case reflect.Struct:
		wanted, kind, read = "a mapping", yaml.MappingNode, (*decoder).record
	case reflect.Map:
		wanted, kind, read = "a mapping", yaml.MappingNode, (*decoder).mapping
	case reflect.Slice:
		wanted, kind, read = "a list", yaml.SequenceNode, (*decoder).list
	case reflect.Bool:
		wanted, read = "true or false", (*decoder).flag
	case reflect.String:
		wanted = "text"
	default:
		panic(fmt.Sprintf("strictyaml: a field of type %v", to.Type()))
	}
	isNull := n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null"
	switch {
	case d.depth > maxDepth:
		d.problem(n, "", "nested more than %d deep", maxDepth)
	case n.Kind != kind || isNull || to.Kind() == reflect.Bool && n.ShortTag() != "!!bool":
		d.problem(n, "", "%s must be %s, not %s", name(path), wanted, nodeKind(n))
	default:
		read(d, n, path, to)
	}
}

// name is what people call the value at a path: its key, or for one of a list the key of the list.
func name(path string) string {
	path = path[strings.LastIndex(path, ".")+1:]
	key, _, isItem := strings.Cut(path, "[")
	switch {
	case path == "":
		return "the file"
	case isItem:
		return "each of " + key
	}
	return key
}

func (d *decoder) text(n *yaml.Node, _ string, to reflect.Value) { to.SetString(n.Value) }

func (d *decoder) flag(n *yaml.Node, _ string, to reflect.Value) {
	to.SetBool(strings.EqualFold(n.Value, "true"))
}

func (d *decoder) list(n *yaml.Node, path string, to reflect.Value) {
	to.Set(reflect.MakeSlice(to.Type(), len(n.Content), len(n.Content)))
	for i, item := range n.Content {
		d.value(item, fmt.Sprintf("%s[%d]", path, i), to.Index(i))
	}
}

func (d *decoder) mapping(n *yaml.Node, path string, to reflect.Value) {
	to.Set(reflect.MakeMap(to.Type()))
	d.pairs(n, func(key, value *yaml.Node) {
		item := reflect.New(to.Type().Elem()).Elem()
		d.value(value, join(path, key.Value), item)
		to.SetMapIndex(reflect.ValueOf(key.Value).Convert(to.Type().Key()), item)
	})
}

func (d *decoder) record(n *yaml.Node, path string, to reflect.Value) {
	known := make(map[string]reflect.Value)
	for field, value := range to.Fields() {
		if key := field.Tag.Get("yaml"); key != "" {
			known[key] = value
		}
	}
	d.pairs(n, func(key, value *yaml.Node) {
		field, ok := known[key.Value]
		if !ok {
			d.problem(key, Suggest(key.Value, slices.Collect(maps.Keys(known))), "unknown key %q in %s", key.Value, name(path))
			return
		}
		d.value(value, join(path, key.Value), field)
	})
}

// pairs visits the keys of a mapping that are text, each once.
func (d *decoder) pairs(n *yaml.Node, visit func(key, value *yaml.Node)) {
	seen := make(map[string]int)
	for pair := range slices.Chunk(n.Content, 2) {
		key := pair[0]
		switch {
		case key.Kind != yaml.ScalarNode || key.ShortTag() == "!!null":
			d.problem(key, "", "a key must be text")
		case key.ShortTag() == "!!merge":
			d.problem(key, "write the keys out, or use an alias for the whole value", "merge keys (<<) are not supported")
		case seen[key.Value] > 0:
			d.problem(key, "", "duplicate key %q, first on line %d", key.Value, seen[key.Value])
		default:
			seen[key.Value] = key.Line
			visit(key, pair[1])
		}
	}
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

// nodeKind names what a node holds.
func nodeKind(n *yaml.Node) string {
	switch {
	case n.Kind == yaml.MappingNode:
		return "a mapping"
	case n.Kind == yaml.SequenceNode:
		return "a list"
	case n.ShortTag() == "!!null":
		return "nothing"
	case n.ShortTag() == "!!str":
		return "text"
	}
	return n.Value
}
