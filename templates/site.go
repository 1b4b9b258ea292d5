package templates

import (
	"fmt"
	"maps"
	"strings"
	"unicode"

	"go.yaml.in/yaml/v4"
)

// A Site is one tenant of a manifest: a site of a server, and what is different on it.
type Site struct {
	// Key is the site's key in the manifest. It can be the name of a folder.
	Key string
	// ContentURL is the site's part of the URL; "" is the Default site.
	ContentURL string
	// Project is the path of the project for templates that name none; "" is the default project.
	Project string
	Server  Server

	reader  *secretReader
	secrets secrets // that were read for it
	signIn  *signInSettings
	names   map[string]any // what expressions may refer to: the vars, and site
	at      location
}

// Mask replaces in text, by the word redacted, every value that env, file and secret have returned so far for the site,
// and what expressions made of it. What a caller shows of errors that others made with such values goes through it.
func (s *Site) Mask(text string) string { return s.secrets.mask(text) }

// keep remembers a secret result, to be masked wherever it would be shown. True and false are no secrets: they would be
// masked everywhere.
func (s *Site) keep(result any) {
	if list, ok := listOf(result); ok {
		for _, item := range list {
			s.keep(item)
		}
		return
	}
	if _, ok := result.(bool); ok {
		return
	}
	if text, ok := format(result); ok {
		s.secrets.remember(text)
	}
}

func (s *Site) evaluator() *evaluator { return &evaluator{site: s, names: s.names} }

// masked returns what an evaluator found, without the secrets that it read.
func (s *Site) masked(e *evaluator) Problems {
	out := make(Problems, len(e.found))
	for i, p := range e.found.sorted() {
		masked := *p
		masked.Message = s.secrets.mask(p.Message)
		out[i] = &masked
	}
	return out
}

// reserved are the names that expressions already have, besides functions.
var reserved = []string{
	"site", "published", "env", "file", "secret", "true", "false", "nil", "let", "if", "else", "in", "not", "and", "or",
	"matches", "contains", "startsWith", "endsWith",
}

// siteSettings are what a manifest says for several sites, which each of them may say otherwise.
type siteSettings struct {
	server  serverSettings
	project string
	vars    map[string]any
}

// with returns the settings with those that are laid over them. It changes neither.
func (s siteSettings) with(over siteSettings) siteSettings {
	out := siteSettings{s.server, s.project, merge(s.vars, over.vars)}
	if over.server.server.URL != "" {
		out.server.server = over.server.server
	}
	if over.server.signIn != nil {
		out.server.signIn = over.server.signIn
	}
	if over.project != "" {
		out.project = over.project
	}
	return out
}

// siteSpec is what a source says of one site.
type siteSpec struct {
	key          string
	at           location // of the key
	contentURL   string
	contentURLAt location
	siteSettings // what is different from those of all
}

func (d *manifestDecoder) sites(n *yaml.Node) {
	if !d.isMapping(n, "sites") {
		return
	}
	if len(n.Content) == 0 {
		d.problem(n, "", "sites must not be empty")
	}
	for key, val := range pairs(n) {
		spec := siteSpec{key: key.Value, at: d.src.node(key)}
		if val.ShortTag() != "!!null" { // `acme:` is a site that is different in nothing
			d.record(val, spec.what(), d.siteFields(&spec))
		}
		d.addSite(spec, d.defaults)
	}
}

func (s *siteSpec) what() string { return fmt.Sprintf("site %q", s.key) }

// siteFields decodes what is different on a site.
func (d *manifestDecoder) siteFields(s *siteSpec) fields {
	known := d.settingsFields(&s.siteSettings, s.what())
	known["content_url"] = func(n *yaml.Node) { s.contentURL, s.contentURLAt = d.plain(n, "content_url"), d.src.node(n) }
	return known
}

// settingsFields decodes settings of what they are for, one site or several.
func (d *manifestDecoder) settingsFields(s *siteSettings, what string) fields {
	return fields{
		"project": func(n *yaml.Node) { s.project = d.plain(n, "project"); d.checkProject(d.src.node(n), s.project) },
		"server":  func(n *yaml.Node) { s.server = d.serverSettings(n, "server of "+what) },
		"vars":    func(n *yaml.Node) { s.vars = d.varsOf(n, "vars of "+what) },
	}
}

// addSite checks a site and adds it to the manifest.
func (d *manifestDecoder) addSite(spec siteSpec, defaults siteSettings) {
	if fault := folderFault(spec.key); fault != "" {
		d.report(spec.at.problem("the key names the folder of the site's files", "the key %q %s", spec.key, fault))
	}
	if spec.contentURLAt.src == nil {
		spec.contentURL, spec.contentURLAt = spec.key, spec.at
	}
	if strings.ContainsFunc(spec.contentURL, notContentURL) {
		d.report(spec.contentURLAt.problem("content_url can have letters, digits, - and _; \"\" is the Default site",
			"%q cannot be the content_url of a site", spec.contentURL))
	}
	settings := defaults.with(spec.siteSettings)
	if settings.server.server.URL == "" {
		d.report(spec.at.problem("write server: {url: …} at the top of the manifest, or for the site", "%s has no server", spec.what()))
	}
	s := &Site{
		Key: spec.key, ContentURL: spec.contentURL, Project: settings.project, Server: settings.server.server,
		reader: d.manifest.reader, signIn: settings.server.signIn, names: settings.vars, at: spec.at,
	}
	s.secrets.all = &d.manifest.secrets
	s.names["site"] = map[string]any{"key": s.Key, "content_url": s.ContentURL, "project": s.Project}
	if d.isNew(s) {
		d.manifest.sites = append(d.manifest.sites, s)
		d.manifest.byKey[s.Key] = s
	}
}

// isNew reports a site that has the key or the address of another one. The result says whether the key is new.
func (d *manifestDecoder) isNew(s *Site) bool {
	folded := strings.ToLower(s.Key)
	switch twin := d.byFolded[folded]; {
	case twin == nil:
		d.byFolded[folded] = s
	case twin.Key == s.Key:
		d.report(s.at.problem("", "there is a site %q already, %s", s.Key, twin.at.from(s.at)))
		return false
	default:
		d.report(s.at.problem("", "the key %q differs from %q %s in case alone", s.Key, twin.Key, twin.at.from(s.at)))
	}
	address := s.Server.URL + " " + strings.ToLower(s.ContentURL)
	if twin := d.byAddress[address]; twin != nil {
		d.report(s.at.problem("", "site %q is the same as site %q %s: content_url %q on %s",
			s.Key, twin.Key, twin.at.from(s.at), s.ContentURL, s.Server.URL))
	} else {
		d.byAddress[address] = s
	}
	return true
}

func (d *decoder) checkProject(at location, path string) {
	if fault := projectFault(path); fault != "" {
		d.report(at.problem("", "the project %q %s", path, fault))
	}
}

// notContentURL says which characters the content URL of a site cannot have. See "Create Site" of the REST API.
func notContentURL(r rune) bool {
	return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r == '-' || r == '_')
}

// folderFault says why a key cannot name a folder, on any system.
func folderFault(key string) string {
	switch fault := nameFault(key); {
	case fault != "":
		return fault
	case strings.ContainsAny(key, `:*?"<>|`):
		return `has one of : * ? " < > |`
	case strings.HasSuffix(key, "."):
		return "ends with a dot"
	}
	return ""
}

// wordFault says why text does not name anything.
func wordFault(text string) string {
	switch {
	case strings.TrimSpace(text) == "":
		return "is empty"
	case strings.TrimSpace(text) != text:
		return "begins or ends with a space"
	case strings.ContainsFunc(text, unicode.IsControl):
		return "has a control character"
	}
	return ""
}

// nameFault says why something cannot be published, or saved, under a name.
func nameFault(name string) string {
	switch fault := wordFault(name); {
	case fault != "":
		return fault
	case name == "." || name == "..":
		return "is a folder"
	case strings.ContainsAny(name, `/\`):
		return "has a slash"
	case len(name) > maxName:
		return "is too long"
	}
	return ""
}

// maxName is the most bytes that a name may have, so that file systems take it with an extension.
const maxName = 250

// projectFault says why text is not the path of a project. The empty path is the default project.
func projectFault(path string) string {
	if path == "" {
		return ""
	}
	for name := range strings.SplitSeq(path, "/") {
		switch {
		case name == "":
			return "has an empty part"
		case strings.TrimSpace(name) != name:
			return "has a part that begins or ends with a space"
		case strings.ContainsFunc(name, unicode.IsControl):
			return "has a control character"
		}
	}
	return ""
}

// merge returns the defaults with what a site overrides, deep. It changes neither.
func merge(defaults, site map[string]any) map[string]any {
	out := maps.Clone(defaults)
	if out == nil {
		out = map[string]any{}
	}
	for name, over := range site {
		below, isMap := out[name].(map[string]any)
		if overMap, ok := over.(map[string]any); ok && isMap {
			out[name] = merge(below, overMap)
			continue
		}
		out[name] = over
	}
	return out
}
