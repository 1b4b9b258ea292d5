package templates

import (
	"bytes"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
	"go.yaml.in/yaml/v4"

	"github.com/tabtemplate/tabtemplate/documents"
)

// A schemaCheck is the compiled schema and what it was compiled from.
type schemaCheck struct {
	doc    any
	schema *jsonschema.Schema
}

// newSchemaCheck compiles the schema of manifests.
func newSchemaCheck(t testing.TB) schemaCheck { return compileSchema(t, Schema()) }

// compileSchema compiles a schema, which it is checked against the schema of schemas for.
func compileSchema(t testing.TB, text []byte) schemaCheck {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	const url = "file:///manifest.json"
	if err := c.AddResource(url, doc); err != nil {
		t.Fatal(err)
	}
	compiled, err := c.Compile(url)
	if err != nil {
		t.Fatal(err)
	}
	return schemaCheck{doc, compiled}
}

// at returns a part of the schema by the URL that errors name it by.
func (c schemaCheck) at(url string) map[string]any {
	_, pointer, _ := strings.Cut(url, "#")
	part := c.doc
	for name := range strings.SplitSeq(strings.Trim(pointer, "/"), "/") {
		switch p := part.(type) {
		case map[string]any:
			if name != "" {
				part = p[name]
			}
		case []any:
			i, _ := strconv.Atoi(name)
			part = p[i]
		}
	}
	return part.(map[string]any)
}

// jsonOf is what an editor takes the YAML of a manifest for.
func jsonOf(n *yaml.Node) any {
	switch n = follow(n); n.Kind {
	case yaml.MappingNode:
		out := map[string]any{}
		for key, val := range pairs(n) {
			out[key.Value] = jsonOf(val)
		}
		return out
	case yaml.SequenceNode:
		out := []any{}
		for _, item := range n.Content {
			out = append(out, jsonOf(item))
		}
		return out
	}
	switch n.ShortTag() {
	case "!!null":
		return nil
	case "!!bool":
		return strings.EqualFold(n.Value, "true")
	case "!!int":
		if i, err := strconv.ParseInt(n.Value, 0, 64); err == nil {
			return i
		}
	case "!!float":
		if f, err := strconv.ParseFloat(n.Value, 64); err == nil {
			return f
		}
	}
	return n.Value
}

// A sample is a manifest that is right, or the file of a site.
type sample struct {
	path string // where it is, so that its files are found
	text string
	load func(text string) Problems // loads another text in its place
}

// newSample is a manifest that may be right.
func newSample(path, text string) sample {
	return sample{path, text, func(text string) Problems {
		_, found := parse(path, []byte(text), &secretReader{dir: filepath.Dir(path)})
		return found
	}}
}

// siteSample is the file of a site, within a manifest.
func siteSample(t testing.TB) sample {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "tenants", "initech.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	dir := pageFolder(t)
	path := filepath.Join(dir, "initech.yaml")
	m := newSample(filepath.Join(dir, "m.yaml"), "")
	return sample{path, string(text), func(text string) Problems {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return m.load(strings.Replace(small, "sites:\n  acme:\n", "sites_from: [initech.yaml]\n", 1))
	}}
}

// root parses the YAML of a manifest.
func root(t testing.TB, text string) *yaml.Node {
	t.Helper()
	n, found := newSource("m.yaml", []byte(text)).parse()
	if found != nil {
		t.Fatalf("%s\n%v", text, found)
	}
	return n
}

// textOf writes a manifest. It takes the tags out of the nodes.
func textOf(t testing.TB, n *yaml.Node) string {
	t.Helper()
	sayNull(n)
	text, err := yaml.Marshal(n)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// sayNull writes out what stands for null, which without its tag would be written as empty text.
func sayNull(n *yaml.Node) {
	if n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null" {
		n.Value = "null"
	}
	for _, below := range n.Content {
		sayNull(below)
	}
}

// samples are all manifests of the repository that can be loaded: files, and those on pages and in stories.
func samples(t testing.TB) []sample {
	t.Helper()
	var out []sample
	add := func(path, text string) {
		s := newSample(path, text)
		if strings.Contains(text, "version: 1") && s.load(text) == nil {
			out = append(out, s)
		}
	}
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			if d != nil && d.Name() == ".git" {
				return fs.SkipDir
			}
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		switch filepath.Ext(path) {
		case ".yaml", ".yml":
			add(path, string(text))
		case ".md":
			for _, m := range regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllStringSubmatch(string(text), -1) {
				add(filepath.Join(pageFolder(t), "m.yaml"), m[1])
			}
		case ".txtar":
			dir := t.TempDir()
			if err := os.CopyFS(filepath.Join(dir, "demo"), os.DirFS("../testdata/demo")); err != nil {
				return err
			}
			archive := txtar.Parse(text)
			if err := txtar.Write(archive, dir); err != nil {
				return err
			}
			for _, f := range archive.Files {
				add(filepath.Join(dir, f.Name), string(f.Data))
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// pageFolder is a folder with the files that the manifests on pages name.
func pageFolder(t testing.TB) string {
	t.Helper()
	page, _ := examples(t)
	return filepath.Dir(inFiles(t, "", "", exampleFiles(t, page)))
}

// whole has every mapping of a manifest.
func whole(t testing.TB) sample {
	t.Helper()
	path := filepath.Join("testdata", "whole.yaml")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	s := newSample(path, string(text))
	if found := s.load(s.text); found != nil {
		t.Fatal(found)
	}
	return s
}

// The schema takes what Load takes.
func TestSchemaTakesManifests(t *testing.T) {
	t.Parallel()
	check := newSchemaCheck(t)
	all := samples(t)
	for _, s := range all {
		if err := check.schema.Validate(jsonOf(root(t, s.text))); err != nil {
			t.Errorf("%s\n%s\n%v", s.path, s.text, err)
		}
	}
	if len(all) < 30 {
		t.Errorf("only %d manifests were found", len(all))
	}
	for _, edit := range exampleManifests(t) {
		if err := check.schema.Validate(jsonOf(root(t, edit))); err != nil {
			t.Errorf("%s\n%v", edit, err)
		}
	}
}

// unknownKey is a key that no mapping has, and that is like none that one has.
const unknownKey = "zzzzzzzzzzzz"

// The schema and the decoder know the same keys of each mapping. The decoder is asked by a key that it does not know,
// which it tells the others of.
func TestSchemaHasTheKeysOfTheDecoder(t *testing.T) {
	t.Parallel()
	check := newSchemaCheck(t)
	compared := map[string]bool{}
	check.compareKeys(t, whole(t), compared)
	compileSchema(t, SiteSchema()).compareKeys(t, siteSample(t), compared)
	eachClosed(check.doc, check.schema.Location, func(url string) {
		if !compared[url] {
			t.Errorf("testdata/whole.yaml has no mapping of %s", url)
		}
	})
}

// compareKeys compares the keys of each mapping of a sample, and tells which parts of the schema these were.
func (c schemaCheck) compareKeys(t *testing.T, s sample, compared map[string]bool) {
	t.Helper()
	eachMapping(root(t, s.text), nil, func(top, mapping *yaml.Node, at []string) {
		mapping.Content = append(mapping.Content, scalarNode(unknownKey), scalarNode("1"))
		text := textOf(t, top)
		found := s.load(text)
		err := c.schema.Validate(jsonOf(root(t, text)))
		mapping.Content = mapping.Content[:len(mapping.Content)-2]
		decoder, closed := knownKeys(found)
		if !closed { // any key is fine, or what any key may be
			return
		}
		schemas := extraAt(err, at)
		if len(schemas) == 0 {
			t.Errorf("%s: the schema lets any key through, the decoder only %q", strings.Join(at, "."), decoder)
		}
		for _, url := range schemas {
			compared[url] = true
			properties, _ := c.at(url)["properties"].(map[string]any)
			if diff := cmp.Diff(decoder, slices.Sorted(maps.Keys(properties))); diff != "" {
				t.Errorf("%s: the keys of the decoder and the schema (-decoder +schema):\n%s", strings.Join(at, "."), diff)
			}
		}
	})
}

// knownKeys are the keys of the mapping that has the unknown one, if it has only keys that are known.
func knownKeys(found Problems) (keys []string, closed bool) {
	for _, p := range found {
		if strings.HasPrefix(p.Message, `unknown key "`+unknownKey+`" in `) {
			list, _ := strings.CutPrefix(p.Hint, "known here: ")
			return strings.Split(list, ", "), true
		}
	}
	return nil, false
}

// extraAt returns which parts of the schema say that nothing is wrong at a place but the unknown key.
func extraAt(err error, at []string) (urls []string) {
	e, ok := errors.AsType[*jsonschema.ValidationError](err)
	if !ok {
		return nil
	}
	switch k := e.ErrorKind.(type) {
	case *kind.AdditionalProperties:
		if slices.Equal(e.InstanceLocation, at) && slices.Equal(k.Properties, []string{unknownKey}) {
			return []string{e.SchemaURL}
		}
	case *kind.OneOf, *kind.AnyOf:
		for _, cause := range e.Causes {
			if onlyAt(cause, at) {
				urls = append(urls, extraAt(cause, at)...)
			}
		}
	default:
		for _, cause := range e.Causes {
			urls = append(urls, extraAt(cause, at)...)
		}
	}
	return urls
}

// onlyAt says whether an error is of nothing but one place.
func onlyAt(e *jsonschema.ValidationError, at []string) bool {
	switch e.ErrorKind.(type) {
	case *kind.OneOf, *kind.AnyOf:
		return slices.ContainsFunc(e.Causes, func(cause *jsonschema.ValidationError) bool { return onlyAt(cause, at) })
	}
	if len(e.Causes) == 0 {
		return slices.Equal(e.InstanceLocation, at)
	}
	return !slices.ContainsFunc(e.Causes, func(cause *jsonschema.ValidationError) bool { return !onlyAt(cause, at) })
}

// eachClosed visits the mappings of the schema that have only keys that are known.
func eachClosed(part any, url string, visit func(url string)) {
	switch part := part.(type) {
	case map[string]any:
		if part["additionalProperties"] == false {
			visit(url)
		}
		for name, below := range part {
			eachClosed(below, strings.TrimSuffix(url, "/")+"/"+name, visit)
		}
	case []any:
		for i, below := range part {
			eachClosed(below, url+"/"+strconv.Itoa(i), visit)
		}
	}
}

// eachMapping visits the mappings of a manifest, which visit may change for as long as it runs.
func eachMapping(top *yaml.Node, at []string, visit func(top, mapping *yaml.Node, at []string)) {
	var walk func(n *yaml.Node, at []string)
	walk = func(n *yaml.Node, at []string) {
		switch n.Kind {
		case yaml.MappingNode:
			visit(top, n, at)
			for key, val := range pairs(n) {
				walk(val, append(at[:len(at):len(at)], key.Value))
			}
		case yaml.SequenceNode:
			for i, item := range n.Content {
				walk(item, append(at[:len(at):len(at)], strconv.Itoa(i)))
			}
		}
	}
	walk(top, at)
}

func scalarNode(text string) *yaml.Node { return &yaml.Node{Kind: yaml.ScalarNode, Value: text} }

// The schema has the verbs with their keys, and the words that keys take.
func TestSchemaHasTheWordsOfTheDecoder(t *testing.T) {
	t.Parallel()
	check := newSchemaCheck(t)
	equal := func(what string, want []string, got any) {
		t.Helper()
		var words []string
		for _, word := range got.([]any) {
			words = append(words, word.(string))
		}
		slices.Sort(words)
		if diff := cmp.Diff(slices.Sorted(slices.Values(want)), words); diff != "" {
			t.Errorf("%s (-decoder +schema):\n%s", what, diff)
		}
	}
	var refs []any
	for _, v := range verbs {
		refs = append(refs, map[string]any{"$ref": "#/$defs/" + v.key})
		var keys []any
		for key := range check.at("#/$defs/" + v.key)["properties"].(map[string]any) {
			if key != v.key && !slices.Contains(editKeys, key) {
				keys = append(keys, key)
			}
		}
		equal("the keys of "+v.key, v.keys, keys)
	}
	if diff := cmp.Diff(refs, check.at("#/$defs/edit")["oneOf"]); diff != "" {
		t.Errorf("the verbs (-decoder +schema):\n%s", diff)
	}
	equal("names that no var has", slices.Concat(reserved, functions), check.at("#/$defs/vars/propertyNames/not")["enum"])
	equal("what is done to extracts", slices.Collect(maps.Keys(extractActions)), check.at("#/$defs/extract/properties/extract")["enum"])
	equal("what is scrubbed", scrubWords(), check.at("#/$defs/scrub/properties/scrub/anyOf/1/items")["enum"])
	equal("kinds of texts", kindNames(), check.at("#/$defs/text_kinds/items")["enum"])
	equal("periods", slices.Collect(maps.Keys(periods)), check.at("#/$defs/period/anyOf/0")["enum"])
	equal("frequencies", frequencies, check.at("#/$defs/schedule/properties/frequency/anyOf/0")["enum"])
	var elsewhere []string
	for _, k := range documents.ScrubKinds() {
		if !k.OfDatasources() {
			elsewhere = append(elsewhere, string(k))
		}
	}
	equal("what no data source has", elsewhere, check.at("#/$defs/scrub/then/properties/scrub/items/not")["enum"])
}
