package templates

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// A Template is a workbook or data source that is published to every site of a manifest.
type Template struct {
	// Name is the template's key in the manifest.
	Name string
	// Path is its file. A relative path of the manifest begins at the folder of the manifest.
	Path string

	workbook bool // by the extension of the file
	when     *expression
	publish  publishSettings
	edits    []*edit
	needs    []*Template // whose published data sources it uses on some sites
	at       location
	fileAt   location
}

// For says whether the template is for a site: whether its `when` is true there, or it has none. On the other sites it is
// neither rendered nor published.
func (t *Template) For(s *Site) bool { return s.evaluator().holds(t.when) }

// Needs returns the templates whose published data sources this one uses on a site.
func (t *Template) Needs(s *Site) []*Template {
	var needs []*Template
	e := s.evaluator()
	for _, edit := range t.edits {
		if len(edit.needs) == 0 || !e.holds(edit.when) {
			continue
		}
		for _, needed := range edit.needs {
			if !slices.Contains(needs, needed) {
				needs = append(needs, needed)
			}
		}
	}
	return needs
}

func (d *manifestDecoder) templates(n *yaml.Node) {
	if !d.isMapping(n, "templates") {
		return
	}
	if len(n.Content) == 0 {
		d.problem(n, "", "templates must not be empty")
	}
	for key, val := range pairs(n) {
		d.manifest.templates = append(d.manifest.templates, d.template(key, val))
	}
}

func (d *manifestDecoder) template(key, n *yaml.Node) *Template {
	t := &Template{Name: key.Value, at: d.src.node(key)}
	what := fmt.Sprintf("template %q", t.Name)
	// The kind of the file is known first, because it says what publish and the edits may have.
	known := fields{
		"file": func(n *yaml.Node) { d.file(t, n) }, "when": func(n *yaml.Node) { t.when = d.condition(n) },
		"publish": func(*yaml.Node) {}, "edits": func(*yaml.Node) {},
	}
	if !d.record(n, what, known) || !d.required(n, what, "file", "publish") {
		return t
	}
	for key, val := range pairs(n) {
		switch key.Value {
		case "publish":
			d.publish(t, val)
		case "edits":
			d.edits(t, val)
		}
	}
	return t
}

// file decodes the path of the template's file, which must be there and have an extension of Tableau's.
func (d *manifestDecoder) file(t *Template, n *yaml.Node) {
	name := d.word(n, "file")
	if name == "" {
		return
	}
	t.fileAt = d.src.node(n)
	t.Path = filepath.FromSlash(name)
	if !filepath.IsAbs(t.Path) {
		t.Path = filepath.Join(d.manifest.reader.dir, t.Path)
	}
	switch ext := strings.ToLower(filepath.Ext(name)); ext {
	case ".twb", ".twbx":
		t.workbook = true
	case ".tds", ".tdsx":
	default:
		d.problem(n, "a template is a .twb, .twbx, .tds or .tdsx", "%q is not a workbook or a data source", name)
		return
	}
	if hint, fault := fileFault(t.Path, name); fault != "" {
		d.problem(n, hint, "%s", fault)
	}
}

// nearestFile suggests a file of the same folder.
func nearestFile(path string) string {
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		return "a path begins at the folder of the manifest"
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	if best := nearest(filepath.Base(path), names); best != "" {
		return fmt.Sprintf("did you mean %q?", best)
	}
	return "a path begins at the folder of the manifest"
}
