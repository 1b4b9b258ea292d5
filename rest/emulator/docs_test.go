package emulator

import (
	"os"
	"reflect"
	"strings"
	"testing"
)

// The page about the emulator has every key of a seed, of a fault and of what a fault does to an answer, and every path
// that steers a server.
func TestKeysOnThePage(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../docs/emulator.md")
	if err != nil {
		t.Fatal(err)
	}
	page := string(text)
	for path := range controls {
		if !strings.Contains(page, controlPath+path) {
			t.Errorf("the page does not have %s%s", controlPath, path)
		}
	}
	keys := append(keysOf(reflect.TypeFor[Seed](), "yaml", make(map[reflect.Type]bool)),
		keysOf(reflect.TypeFor[Fault](), "json", make(map[reflect.Type]bool))...)
	for _, key := range keys {
		if !strings.Contains(page, "`"+key+"`") && !strings.Contains(page, key+":") {
			t.Errorf("the page does not have %s", key)
		}
	}
}

// keysOf returns the keys that a type has in its tags, and those in it.
func keysOf(t reflect.Type, tag string, seen map[reflect.Type]bool) []string {
	switch {
	case t.Kind() == reflect.Slice || t.Kind() == reflect.Map || t.Kind() == reflect.Pointer:
		return keysOf(t.Elem(), tag, seen)
	case t.Kind() != reflect.Struct || seen[t]:
		return nil
	}
	seen[t] = true
	var keys []string
	for field := range t.Fields() {
		if key, _, _ := strings.Cut(field.Tag.Get(tag), ","); key != "" && key != "-" {
			keys = append(keys, key)
			keys = append(keys, keysOf(field.Type, tag, seen)...)
		}
	}
	return keys
}
