package templates

import (
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// maxManifest is the most bytes a manifest may have, and each file that it takes sites from.
const maxManifest = 64 << 20

// A Manifest says which templates are published to which sites, and how each is edited on the way. It does not change
// after Load and is safe for concurrent use.
type Manifest struct {
	path      string
	reader    *secretReader
	secrets   secrets // those of its sites
	sites     []*Site
	byKey     map[string]*Site
	templates []*Template
	sources   []*source    // its own text, and those of the files with sites
	given     []SiteSource // by WithSites
	warnings  Problems
}

// An Option of Load.
type Option func(*options) error

type options struct {
	reader secretReader
	sites  []iter.Seq2[SiteSource, error]
}

// WithEnv lets the expressions of the manifest call env(name); lookup is os.LookupEnv, or looks elsewhere. The default
// is none: calling env is an error.
func WithEnv(lookup func(name string) (string, bool)) Option {
	return func(o *options) error {
		if lookup == nil {
			return errors.New("the function of WithEnv is nil")
		}
		o.reader.lookupEnv = lookup
		return nil
	}
}

// WithFiles lets the expressions of the manifest call file(path), the text of a file without the line end it ends with;
// read is os.ReadFile, or reads elsewhere. A relative path begins at the folder of the manifest. The default is none:
// calling file is an error.
func WithFiles(read func(path string) ([]byte, error)) Option {
	return func(o *options) error {
		if read == nil {
			return errors.New("the function of WithFiles is nil")
		}
		o.reader.readFile = read
		return nil
	}
}

// WithSecrets lets the expressions of the manifest call secret(name); read returns the text of a secret, as it is used, from
// wherever secrets are kept. The default is none: calling secret is an error.
func WithSecrets(read func(name string) (string, error)) Option {
	return func(o *options) error {
		if read == nil {
			return errors.New("the function of WithSecrets is nil")
		}
		o.reader.readSecret = read
		return nil
	}
}

// Load reads a manifest and checks all of it: its keys and types, that the files of the templates are there, and for
// every site the expressions, names and rules. It reads no template, and evaluates nothing that calls env, file or secret: what
// those give is needed for the sites that are rendered, and for no other.
//
// When the manifest is wrong the error is Problems, which has all that is wrong. A manifest may have 64 MiB, and so may
// each file that it takes sites from.
func Load(path string, options ...Option) (*Manifest, error) {
	o, err := optionsOf(options)
	if err != nil {
		return nil, fmt.Errorf("loading the manifest: %w", err)
	}
	o.reader.dir = filepath.Dir(path)
	text, err := readLimited(path)
	if err != nil {
		return nil, fmt.Errorf("reading the manifest: %w", err)
	}
	given, err := o.given()
	if err != nil {
		return nil, fmt.Errorf("reading the sites of the manifest: %w", err)
	}
	m, found := parse(path, text, &o.reader, given...)
	if found != nil {
		return nil, found
	}
	return m, nil
}

func optionsOf(all []Option) (*options, error) {
	o := &options{}
	var errs []error
	for _, option := range all {
		errs = append(errs, option(o))
	}
	return o, errors.Join(errs...)
}

// readLimited reads a manifest, or a file with sites.
func readLimited(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxManifest+1))
	if err != nil {
		return nil, err
	}
	if len(text) > maxManifest {
		return nil, fmt.Errorf("%s: more than %d bytes", path, maxManifest)
	}
	return text, nil
}

// parse makes a manifest from its text, with the sites that were given besides it. It returns the manifest or what is
// wrong with it, never both.
func parse(path string, text []byte, reader *secretReader, given ...SiteSource) (*Manifest, Problems) {
	src := newSource(path, text)
	root, found := src.parse()
	if root == nil {
		return nil, found.sorted()
	}
	d := &manifestDecoder{
		decoder:  decoder{src: src, compiler: newCompiler(), found: found, meant: map[*yaml.Node][]string{}},
		manifest: &Manifest{path: path, reader: reader, byKey: map[string]*Site{}, sources: []*source{src}, given: given},
		leaves:   map[string]leaf{},
		byFolded: map[string]*Site{}, byAddress: map[string]*Site{},
	}
	d.decode(root)
	if len(d.found) > 0 {
		return nil, d.found.sorted()
	}
	d.manifest.warnings = slices.Concat(d.manifest.warnings, d.unusedVars(), d.unusedTemplates()).sorted()
	return d.manifest, nil
}

// manifestDecoder decodes the top of a manifest.
type manifestDecoder struct {
	decoder
	manifest *Manifest
	defaults siteSettings    // of all sites
	leaves   map[string]leaf // the first of each var, by path

	byFolded  map[string]*Site // by key in lower case
	byAddress map[string]*Site // by server and content URL
}

// decode decodes the parts in an order in which each finds what it needs, whatever their order in the file.
func (d *manifestDecoder) decode(root *yaml.Node) {
	parts := map[string]*yaml.Node{}
	capture := func(name string) func(n *yaml.Node) { return func(n *yaml.Node) { parts[name] = n } }
	if !d.record(root, "the manifest", fields{
		"version": capture("version"), "server": capture("server"), "vars": capture("vars"),
		"sites": capture("sites"), "sites_from": capture("sites_from"), "templates": capture("templates"),
	}) {
		return
	}
	d.required(root, "the manifest", "version", "templates")
	if len(d.manifest.given) == 0 && !d.has(root, "sites_from") {
		d.required(root, "the manifest", "sites")
	}
	do := func(name string, decode func(n *yaml.Node)) {
		if n := parts[name]; n != nil {
			decode(n)
		}
	}
	do("version", d.version)
	before := len(d.found)
	do("server", func(n *yaml.Node) { d.defaults.server = d.serverSettings(n, "server") })
	do("vars", func(n *yaml.Node) { d.defaults.vars = d.varsOf(n, "vars") })
	do("sites", d.sites)
	do("sites_from", d.sitesFrom)
	d.givenSites()
	known := len(d.found) == before
	do("templates", d.templates)
	d.order()
	if known { // else every value would be wrong for want of its vars
		d.found = append(d.found, d.manifest.check()...)
	}
}

func (d *manifestDecoder) version(n *yaml.Node) {
	if n.Kind != yaml.ScalarNode || n.Value != "1" {
		d.problem(n, "write version: 1", "this version of the manifest is not known")
	}
}

// Sites returns the sites in the order of the manifest.
func (m *Manifest) Sites() []*Site { return slices.Clone(m.sites) }

// Site returns the site with a key.
func (m *Manifest) Site(key string) (*Site, error) {
	if s := m.byKey[key]; s != nil {
		return s, nil
	}
	var keys []string
	for _, s := range m.sites {
		keys = append(keys, s.Key)
	}
	return nil, m.unknown("site", key, keys)
}

// Templates returns the templates in an order in which each comes after those whose published data sources it uses, and
// else in the order of the manifest.
func (m *Manifest) Templates() []*Template { return slices.Clone(m.templates) }

// Template returns the template with a name.
func (m *Manifest) Template(name string) (*Template, error) {
	var names []string
	for _, t := range m.templates {
		if t.Name == name {
			return t, nil
		}
		names = append(names, t.Name)
	}
	return nil, m.unknown("template", name, names)
}

// unknown is the error for a site or template that is not there: it lists what there is.
func (m *Manifest) unknown(what, name string, known []string) error {
	return unknown(fmt.Sprintf("%s %q in %s", what, name, m.path), name, known)
}

// unknown is the error for a name that is not there, told by what: it has the nearest one, or what there is.
func unknown(what, name string, known []string) error {
	if best := nearest(name, known); best != "" {
		return fmt.Errorf("no %s: the nearest is %q", what, best)
	}
	const shown = 20
	rest := ""
	if len(known) > shown {
		rest = fmt.Sprintf(" and %d more", len(known)-shown)
		known = known[:shown]
	}
	return fmt.Errorf("no %s: there are %s%s", what, strings.Join(known, ", "), rest)
}

// Warnings returns what is allowed but looks wrong, such as vars that nothing uses.
func (m *Manifest) Warnings() Problems { return slices.Clone(m.warnings) }

// Mask replaces in text, by the word redacted, every value that env, file and secret have returned so far for any site, and what
// expressions made of it. It takes longer the more sites there were: what concerns one goes through [Site.Mask].
func (m *Manifest) Mask(text string) string { return m.secrets.mask(text) }
