package main

import (
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"
)

// docs/inspect.md has a table for each object that inspect --json prints, with every key of it, its type and whether it is
// always there; and it says of each what it is.
func TestInspectDocument(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../docs/inspect.md")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		cells := strings.Split(strings.Trim(line, "|"), " | ")
		switch {
		case strings.HasPrefix(line, "### "):
			got = append(got, line)
		case strings.HasPrefix(line, "| `"):
			if len(cells) != 4 || strings.TrimSpace(cells[3]) == "" {
				t.Errorf("not a key, its type, when it is there and what it is: %s", line)
				continue
			}
			got = append(got, strings.TrimSpace(strings.Join(cells[:3], " | ")))
		}
	}
	d := &describer{seen: map[reflect.Type]bool{}}
	d.object(reflect.TypeFor[inspection]())
	if diff := cmp.Diff(d.lines, got); diff != "" {
		t.Errorf("docs/inspect.md (-the program +the page):\n%s", diff)
	}
}

// A describer describes types as the page does.
type describer struct {
	lines []string
	seen  map[reflect.Type]bool
}

// object describes a struct, and then those that its keys have.
func (d *describer) object(t reflect.Type) {
	if d.seen[t] {
		return
	}
	d.seen[t] = true
	d.lines = append(d.lines, "### "+objectName(t))
	var inner []reflect.Type
	d.keys(t, &inner)
	for _, t := range inner {
		d.object(t)
	}
}

func (d *describer) keys(t reflect.Type, inner *[]reflect.Type) {
	for f := range t.Fields() {
		if f.Anonymous {
			d.keys(f.Type, inner)
			continue
		}
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if !f.IsExported() || name == "-" {
			continue
		}
		when := "always"
		if options == "omitempty" {
			when = "if any"
		}
		d.lines = append(d.lines, "`"+name+"` | "+typeName(f.Type, inner)+" | "+when)
	}
}

func typeName(t reflect.Type, inner *[]reflect.Type) string {
	switch t.Kind() {
	case reflect.Slice:
		return "list of " + typeName(t.Elem(), inner)
	case reflect.Pointer:
		return typeName(t.Elem(), inner)
	case reflect.Struct:
		*inner = append(*inner, t)
		name := objectName(t)
		return "[" + name + "](#" + strings.ReplaceAll(strings.ToLower(name), " ", "-") + ")"
	case reflect.Map:
		return "object of " + typeName(t.Elem(), inner)
	case reflect.Bool:
		return "boolean"
	case reflect.Float64:
		return "number"
	case reflect.Int, reflect.Int64:
		return "integer"
	}
	return t.Kind().String()
}

var capital = regexp.MustCompile(`(\p{Ll})(\p{Lu})`)

// objectName is the name of a type in words: tableColumnInfo is a table column.
func objectName(t reflect.Type) string {
	words := capital.ReplaceAllString(strings.TrimSuffix(t.Name(), "Info"), "$1 $2")
	if words == strings.ToUpper(words) {
		return words
	}
	return strings.Map(unicode.ToLower, words)
}

// The keys of what is printed are those of the page: snake_case, and none of them a name of Go.
func TestInspectKeys(t *testing.T) {
	t.Parallel()
	d := &describer{seen: map[reflect.Type]bool{}}
	d.object(reflect.TypeFor[inspection]())
	for _, line := range d.lines {
		if !strings.HasPrefix(line, "### ") && !regexp.MustCompile("^`[a-z]+(_[a-z]+)*` ").MatchString(line) {
			t.Errorf("no key in snake_case: %s", line)
		}
	}
	if len(d.seen) < 20 || len(d.lines) < 120 {
		t.Errorf("%d objects with %d lines are not all", len(d.seen), len(d.lines))
	}
}
