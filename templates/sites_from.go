package templates

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// A sitesEntry is one entry of sites_from: a file or several, and what is the same for the sites in them.
type sitesEntry struct {
	file     string // a path or a pattern, as it is written
	at       location
	node     *yaml.Node
	settings siteSettings
}

// siteFiles are the kinds of files that sites come from, by extension.
var siteFiles = map[string]func(d *manifestDecoder, name string, src *source, defaults siteSettings){
	".csv":  (*manifestDecoder).csvFile,
	".yaml": (*manifestDecoder).yamlFile,
	".yml":  (*manifestDecoder).yamlFile,
}

// sitesFrom decodes sites_from, and reads the files that it names.
func (d *manifestDecoder) sitesFrom(n *yaml.Node) {
	if !d.isList(n, "sites_from") {
		return
	}
	if len(n.Content) == 0 {
		d.problem(n, "", "sites_from must not be empty")
	}
	read := map[string]bool{filepath.Clean(d.manifest.path): true}
	for _, item := range n.Content {
		e := d.sitesEntry(follow(item))
		for _, name := range d.filesOf(e) {
			path := d.local(name)
			if read[path] {
				d.report(e.at.problem("each file can be in one entry", "the file %q is read already", name))
				continue
			}
			read[path] = true
			d.sitesFile(e, name, path)
		}
	}
}

func (d *manifestDecoder) sitesEntry(n *yaml.Node) sitesEntry {
	e := sitesEntry{at: d.src.node(n), node: n}
	const what = "an entry of sites_from"
	if n.Kind != yaml.MappingNode {
		e.file = d.word(n, what)
		return e
	}
	known := d.settingsFields(&e.settings, what)
	known["file"] = func(n *yaml.Node) { e.file, e.at, e.node = d.word(n, "file"), d.src.node(n), n }
	if d.record(n, what, known) {
		d.required(n, what, "file")
	}
	return e
}

// local is the path of a file that the manifest names.
func (d *manifestDecoder) local(name string) string {
	if name = filepath.FromSlash(name); filepath.IsAbs(name) {
		return filepath.Clean(name)
	}
	return filepath.Join(d.manifest.reader.dir, name)
}

// filesOf returns the names of the files of an entry: the one that has the name, or those that match it, sorted.
func (d *manifestDecoder) filesOf(e sitesEntry) []string {
	if e.file == "" {
		return nil
	}
	if _, err := os.Stat(d.local(e.file)); err == nil || !strings.ContainsAny(e.file, "*?[") {
		return []string{e.file}
	}
	if strings.Contains(e.file, "**") {
		d.report(e.at.problem("write a * for each folder: tenants/*/*.yaml", "** is not supported"))
		return nil
	}
	// What is before the first folder with a pattern is no pattern, and may be anywhere.
	begin := strings.LastIndex(e.file[:strings.IndexAny(e.file, "*?[")], "/") + 1
	base, pattern := e.file[:begin], e.file[begin:]
	names, err := fs.Glob(os.DirFS(d.local(base)), pattern)
	switch {
	case err != nil:
		d.report(e.at.problem("* is any text, ? any character, [a-z] one of some", "%q is not a pattern of file names", e.file))
	case len(names) == 0:
		d.report(e.at.problem("a path begins at the folder of the manifest", "no file matches %q", e.file))
	}
	slices.Sort(names)
	for i, name := range names {
		names[i] = base + name
	}
	return names
}

// sitesFile reads a file with sites.
func (d *manifestDecoder) sitesFile(e sitesEntry, name, path string) {
	ext := strings.ToLower(filepath.Ext(name))
	decode, known := siteFiles[ext]
	if !known {
		d.report(e.at.problem("sites come from .csv, .yaml and .yml files", "%q is not a file with sites", name))
		return
	}
	text, err := readLimited(path)
	if err != nil {
		hint, fault := fileFault(path, name)
		if fault == "" {
			fault = fmt.Sprintf("the file %q cannot be read: %v", name, err)
		}
		d.report(e.at.problem(hint, "%s", fault))
		return
	}
	src := newSource(path, text)
	if ext == ".csv" {
		src = newCSVSource(path, text)
	}
	src.name, src.order = name, len(d.manifest.sources)
	d.manifest.sources = append(d.manifest.sources, src)
	defaults := d.defaults.with(e.settings)
	if ext == ".csv" && defaults.server.server.URL == "" {
		d.report(e.at.problem("write server: {url: …} at the top of the manifest, or beside file:", "the sites of %q have no server", name))
		return
	}
	decode(d, name, src, defaults)
}

// fileFault says why a file that is called by a name cannot be read, and what to do about it.
func fileFault(path, name string) (hint, fault string) {
	switch info, err := os.Stat(path); {
	case os.IsNotExist(err):
		return nearestFile(path), fmt.Sprintf("there is no file %q", name)
	case err != nil:
		return "", fmt.Sprintf("the file %q cannot be read: %v", name, err)
	case !info.Mode().IsRegular():
		return "", fmt.Sprintf("%q is not a file", name)
	}
	return "", ""
}

// yamlFile decodes a file that is one site. Its key is the name of the file, unless it says another one.
func (d *manifestDecoder) yamlFile(name string, src *source, defaults siteSettings) {
	root, found := src.parse()
	d.report(found...)
	if root == nil {
		return
	}
	defer func(of *source) { d.src = of }(d.src)
	d.src = src
	base := path.Base(filepath.ToSlash(name))
	spec := siteSpec{key: strings.TrimSuffix(base, path.Ext(base)), at: src.node(root)}
	known := d.siteFields(&spec)
	known["site"] = func(n *yaml.Node) { spec.key, spec.at = d.plain(n, "site"), src.node(n) }
	before := len(d.found)
	if d.record(root, "the file of "+spec.what(), known) && (spec.key != "" || len(d.found) == before) {
		d.addSite(spec, defaults)
	}
}
