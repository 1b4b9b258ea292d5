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

// Mask replaces in text, by the word redacted, every value that env and file have returned so far for the site, and what
// expressions made of it. What a caller shows of errors that others made with such values goes through it.
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

func (d *manifestDecoder) sites(n *yaml.Node) {
	if !d.isMapping(n, "sites") {
		return
	}
	if len(n.Content) == 0 {
		d.problem(n, "", "sites must not be empty")
	}
	folded, addresses := map[string]*Site{}, map[string]*Site{}
	for key, val := range pairs(n) {
		s := d.site(key, val)
		if twin := folded[strings.ToLower(s.Key)]; twin != nil {
			d.problem(key, "", "the key %q differs from %q on line %d in case alone", s.Key, twin.Key, twin.at.line)
		}
		folded[strings.ToLower(s.Key)] = s
		address := s.Server.URL + " " + strings.ToLower(s.ContentURL)
		if twin := addresses[address]; twin != nil {
			d.problem(key, "", "site %q is the same as site %q on line %d: content_url %q on %s",
				s.Key, twin.Key, twin.at.line, s.ContentURL, s.Server.URL)
		}
		addresses[address] = s
		d.manifest.sites = append(d.manifest.sites, s)
		d.manifest.byKey[s.Key] = s
	}
}

func (d *manifestDecoder) site(key, n *yaml.Node) *Site {
	s := &Site{Key: key.Value, ContentURL: key.Value, reader: d.manifest.reader, at: d.src.node(key)}
	s.secrets.all = &d.manifest.secrets
	what := fmt.Sprintf("site %q", key.Value)
	if fault := folderFault(key.Value); fault != "" {
		d.problem(key, "the key names the folder of the site's files", "the key %q %s", key.Value, fault)
	}
	contentURL := key
	settings := serverSettings{}
	vars := map[string]any{}
	if n.ShortTag() != "!!null" { // `acme:` is a site that is different in nothing
		d.record(n, what, fields{
			"content_url": func(n *yaml.Node) { s.ContentURL, contentURL = d.plain(n, "content_url"), n },
			"project":     func(n *yaml.Node) { s.Project = d.plain(n, "project"); d.checkProject(n, s.Project) },
			"server":      func(n *yaml.Node) { settings = d.serverSettings(n, "server of "+what) },
			"vars":        func(n *yaml.Node) { vars = d.varsOf(n, "vars of "+what) },
		})
	}
	if strings.ContainsFunc(s.ContentURL, notContentURL) {
		d.problem(contentURL, "content_url can have letters, digits, - and _; \"\" is the Default site",
			"%q cannot be the content_url of a site", s.ContentURL)
	}
	s.Server, s.signIn = d.server.server, d.server.signIn
	if settings.server.URL != "" {
		s.Server = settings.server
	}
	if settings.signIn != nil {
		s.signIn = settings.signIn
	}
	if s.Server.URL == "" {
		d.problem(key, "write server: {url: …} at the top of the manifest, or for the site", "%s has no server", what)
	}
	s.names = merge(d.vars, vars)
	s.names["site"] = map[string]any{"key": s.Key, "content_url": s.ContentURL, "project": s.Project}
	return s
}

func (d *decoder) checkProject(n *yaml.Node, path string) {
	if fault := projectFault(path); fault != "" {
		d.problem(n, "", "the project %q %s", path, fault)
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
