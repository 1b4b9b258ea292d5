package templates

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"iter"
	"regexp"
	"slices"
	"sort"
	"strings"
	"sync"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
)

// maxNodes limits what a manifest may grow to when its aliases are followed.
const maxNodes = 10_000_000

// source is the text of a manifest or of a file with sites, and where its lines begin. A site of WithSites has a source
// without text.
type source struct {
	file   string
	name   string // of a file with sites, as the manifest has it
	site   string // the key, for one of WithSites
	order  int    // among the sources of a manifest
	text   string
	breaks string // the characters that end a line
	lines  []int  // byte offsets

	mu        sync.Mutex
	last      cursor
	shown     string // the last line that was asked for, which all problems in it share
	shownLine int

	// hidden returns where the literal secrets are. They are looked for when the first problem is reported.
	hidden func() []span
}

// newSource is the source of a YAML file.
func newSource(file string, text []byte) *source {
	s := &source{file: file, text: string(bytes.TrimPrefix(text, []byte("\ufeff"))), breaks: lineBreaks}
	s.hidden = sync.OnceValue(s.literals)
	s.findLines()
	return s
}

func (s *source) findLines() {
	s.lines = []int{0}
	for at := 0; ; {
		i := strings.IndexAny(s.text[at:], s.breaks)
		if i < 0 {
			return
		}
		_, size := utf8.DecodeRuneInString(s.text[at+i:])
		if at += i + size; !strings.HasPrefix(s.text[at-size:], "\r\n") {
			s.lines = append(s.lines, at)
		}
	}
}

// lineBreaks are the characters that end a line for YAML.
const lineBreaks = "\n\r\u0085\u2028\u2029"

// location is a place in a manifest. The zero location is the whole file.
type location struct {
	src       *source
	line, col int
}

// problem returns a problem at the location.
func (l location) problem(hint, format string, args ...any) *Problem {
	return &Problem{
		File: l.src.file, Site: l.src.site, Line: l.line, Col: l.col,
		Message: fmt.Sprintf(format, args...), Hint: hint, Source: l.src.line(l.line), order: l.src.order,
	}
}

// from says where the location is, as it is told at another one.
func (l location) from(other location) string {
	switch {
	case l.src == other.src:
		return fmt.Sprintf("on line %d", l.line)
	case l.src.site != "":
		return "among those of WithSites"
	default:
		return "in " + l.String()
	}
}

func (l location) String() string { return fmt.Sprintf("%s:%d", l.src.file, l.line) }

// line returns a line without its line end, as it may be shown: without literal secrets. There is no line 0.
func (s *source) line(n int) string {
	if n < 1 || n > len(s.lines) {
		return ""
	}
	s.mu.Lock()
	shown, known := s.shown, s.shownLine == n
	s.mu.Unlock()
	if !known {
		shown = s.blanked(s.rawLine(n), s.lines[n-1])
		s.mu.Lock()
		s.shown, s.shownLine = shown, n
		s.mu.Unlock()
	}
	return shown
}

// rawLine returns a line as it is.
func (s *source) rawLine(n int) string {
	rest := s.text[s.lines[n-1]:]
	if end := strings.IndexAny(rest, s.breaks); end >= 0 {
		rest = rest[:end]
	}
	return strings.TrimSuffix(rest, "\r")
}

// offset returns the byte offset of a node's first character.
func (s *source) offset(n *yaml.Node) int {
	if n.Line < 1 || n.Line > len(s.lines) {
		return len(s.text)
	}
	return s.walk(n.Line, func(c cursor) int { return cmp.Compare(c.col, n.Column) }).offset
}

// at returns the location of a byte offset.
func (s *source) at(offset int) location {
	line := sort.Search(len(s.lines), func(i int) bool { return s.lines[i] > offset })
	return location{s, line, s.walk(line, func(c cursor) int { return cmp.Compare(c.offset, offset) }).col}
}

// A cursor is a place in a source, in bytes and in characters of its line.
type cursor struct{ line, col, offset int }

// walk returns the first place of a line for which compare is not negative. It goes on from where it was last, so that a
// manifest that a program wrote in one line is not read again for each place in it.
func (s *source) walk(line int, compare func(cursor) int) cursor {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.last.line != line || compare(s.last) > 0 {
		s.last = cursor{line, 1, s.lines[line-1]}
	}
	for compare(s.last) < 0 && s.last.offset < len(s.text) {
		_, size := utf8.DecodeRuneInString(s.text[s.last.offset:])
		s.last.offset += size
		s.last.col++
	}
	return s.last
}

// node returns the location of a node.
func (s *source) node(n *yaml.Node) location { return s.place(n.Line, n.Column) }

// place returns the location of a line and column as the YAML reader counts them: for it, a last line without a line end
// is followed by one more.
func (s *source) place(line, col int) location {
	if line > len(s.lines) {
		return s.at(len(s.text))
	}
	return location{s, line, max(1, col)}
}

// parse returns the one document of a manifest, or nil when it cannot be read any further, and what is wrong with its
// YAML. The tree has no cycles, no duplicate keys, no keys but text and no merge keys.
func (s *source) parse() (*yaml.Node, Problems) {
	if !utf8.ValidString(s.text) {
		return nil, Problems{location{src: s}.problem("save it as UTF-8", "the file is not UTF-8")}
	}
	loader, err := yaml.NewLoader(strings.NewReader(s.text))
	if err != nil {
		return nil, Problems{s.syntax(err)}
	}
	var doc, second yaml.Node
	if err := loader.Load(&doc); err != nil {
		return nil, Problems{s.syntax(err)}
	}
	walk := walker{src: s, above: map[*yaml.Node]bool{}}
	walk.node(doc.Content[0])
	switch err := loader.Load(&second); {
	case err == nil:
		walk.found = append(walk.found, s.node(&second).problem("remove what follows ---", "a second YAML document begins here"))
	case !errors.Is(err, io.EOF):
		walk.found = append(walk.found, s.syntax(err))
	}
	if walk.endless {
		return nil, walk.found
	}
	return doc.Content[0], walk.found
}

// syntax returns what the YAML reader has to say, at its place.
func (s *source) syntax(err error) *Problem {
	if errors.Is(err, io.EOF) {
		return location{src: s}.problem("", "the file is empty")
	}
	at, message, hint := location{src: s}, err.Error(), ""
	if le, ok := errors.AsType[*yaml.LoadError](err); ok {
		message = le.Message
		if le.ContextMsg != "" {
			message += " " + le.ContextMsg
		}
		if le.Mark.Line > 0 {
			at = s.place(le.Mark.Line, le.Mark.Column)
			hint = quoteHint(s.rawLine(at.line))
		}
	}
	return at.problem(hint, "not YAML: %s", message)
}

// quoteHint returns what to do about a line that is not YAML, or "" when it does not look as if a value needs quotes.
func quoteHint(line string) string {
	if unquoted.MatchString(quotedText.ReplaceAllString(line, `"`)) {
		return "put the value in quotes"
	}
	return ""
}

// quotedText matches what is in quotes in a line.
var quotedText = regexp.MustCompile(`'(?:[^']|'')*'|"(?:[^"\\]|\\.)*"`)

// unquoted matches a line with a value that needs quotes, where a " stands for what has them.
var unquoted = regexp.MustCompile(`\$\{` + // in [ ] or { }, its braces are YAML's
	"|(?:[\\[{,]\\s*|:\\s+|^\\s*(?:-\\s+)*)[@%`]" + // no value begins with these
	`|:\s[^\[{,]*:\s` + // a colon in a value
	`|:\s+(?:"|\[[^\]]*\]|\{[^}]*\})\s*[^\s,\]}#]`) // a list, a mapping or quotes, and then text

// walker looks at every node of a document once as the manifest will read it, aliases followed.
type walker struct {
	src   *source
	above map[*yaml.Node]bool // the collections that the node is in
	count int
	found Problems
	// endless says that the tree cannot be walked again: an alias is inside itself, or there are too many.
	endless bool
}

func (w *walker) node(n *yaml.Node) {
	target := follow(n)
	w.count++
	switch {
	case w.count > maxNodes && w.endless:
		return
	case w.count > maxNodes:
		w.endless = true
		w.found = append(w.found, w.src.node(n).problem("", "the aliases of the file make more than %d values", maxNodes))
		return
	case w.above[target]:
		w.endless = true
		w.found = append(w.found, w.src.node(n).problem("", "the alias %q is inside the value that it stands for", n.Value))
		return
	}
	if target.Kind == yaml.ScalarNode {
		return
	}
	w.above[target] = true
	defer delete(w.above, target)
	if target.Kind == yaml.MappingNode {
		w.keys(target)
	}
	for i, c := range target.Content {
		if target.Kind == yaml.SequenceNode || i%2 == 1 {
			w.node(c)
		}
	}
}

// keys reports the keys of a mapping that are not text, or are there twice, and takes them out of the tree, so that the
// rest of the manifest can still be checked.
func (w *walker) keys(n *yaml.Node) {
	seen := map[string]*yaml.Node{}
	kept := n.Content[:0]
	for i := 0; i < len(n.Content); i += 2 {
		key := n.Content[i]
		if p := w.key(key, seen[key.Value]); p != nil {
			w.found = append(w.found, p)
			continue
		}
		seen[key.Value] = key
		kept = append(kept, key, n.Content[i+1])
	}
	n.Content = kept
}

func (w *walker) key(key, twin *yaml.Node) *Problem {
	at := w.src.node(key)
	switch {
	case key.Kind != yaml.ScalarNode || key.ShortTag() == "!!null":
		return at.problem("", "a key must be text")
	case key.ShortTag() == "!!merge":
		return at.problem("write the keys out, or use an alias for the whole value", "merge keys (<<) are not supported")
	case twin != nil:
		return at.problem("", "duplicate key %q, first on line %d", key.Value, twin.Line)
	}
	return nil
}

// follow returns the node that an alias stands for.
func follow(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.AliasNode {
		return n.Alias
	}
	return n
}

// pairs ranges over the keys and values of a mapping.
func pairs(n *yaml.Node) iter.Seq2[*yaml.Node, *yaml.Node] {
	return func(yield func(key, val *yaml.Node) bool) {
		for p := range slices.Chunk(n.Content, 2) {
			if !yield(p[0], follow(p[1])) {
				return
			}
		}
	}
}
