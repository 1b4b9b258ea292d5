package documents

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/tabtemplate/tabtemplate/documents/internal/xmledit"
	"github.com/tabtemplate/tabtemplate/documents/tds"
)

// pathAttributes are the attributes, by element, that name files: of a connection any may but
// the SQL that it runs. A relation to a text file has its path in the name of its table, one
// that unites the files of a folder has it as a path.
var pathAttributes = map[string][]string{
	"relation": {"table", "path"}, "named-connection": {"caption"}, "mapped-image": {"expression"}, "refresh-event": {"add-from-file-path"},
	"local-data": {"directory"}, "local-data-typed": {"directory"},
	"zone": {"url", "param", "image-file-url"}, "image-path": nil, "link": {"expression"},
}

// paths finds the names of users in the paths of an element, which of a button is its text, and in the settings of a
// connection.
func (s *traceScan) paths(el xmledit.Element) {
	if text := el.Text(); el.Name() == "image-path" && withoutUser(text) != text {
		s.add(TraceUsers, el, "", strconv.Quote(text), following(el, func() error { return el.SetText(withoutUser(text)) }))
	}
	only, limited := pathAttributes[el.Name()]
	without := withoutUser
	if el.Name() == "connection" || el.Name() == "named-connection" {
		without = func(value string) string { return withoutLogin(withoutUser(value)) }
	}
	for a := range el.Attrs() {
		name := xmledit.LocalName(a.Name)
		if limited && !slices.Contains(only, name) || name == "one-time-sql" || without(a.Value) == a.Value || el.Asked(a.Name) {
			continue
		}
		s.add(TraceUsers, el, a.Name, strconv.Quote(tds.Redact(a.Name, a.Value)), following(el, func() error {
			return el.SetAttr(a.Name, without(el.Value(a.Name)))
		}))
	}
}

// userFolder is the beginning of an absolute path in the folder of a user, on Windows, macOS
// and Linux, as a value of its own, as a setting, as a file: URL and as the name of a table;
// and the folder for temporary files that macOS makes for each user.
var userFolder = regexp.MustCompile(`(?i)((?:^|[\[=:])(?:[a-z]:|[\\/]{2}[^\\/]+)?[\\/]{1,3}(?:users|home|documents and settings)[\\/]+)([^\\/\]";<>|:*?\r\n]+)` +
	`|((?:^|[\[=:])[\\/]{1,3}(?:private[\\/])?var[\\/]folders[\\/])([^\\/\]]+[\\/][^\\/\]]+)`)

// noUser are the folders beside those of users.
var noUser = []string{"user", "public", "shared", "default", "default user", "all users"}

// withoutUser puts the word user in the place of the name of a user in a path. All copies of
// a path become the same again.
func withoutUser(path string) string {
	if strings.Contains(path, "://") && !strings.HasPrefix(strings.ToLower(path), "file:") {
		return path
	}
	var out strings.Builder
	from := 0
	for _, m := range userFolder.FindAllStringSubmatchIndex(path, -1) {
		start, end, put := m[4], m[5], noUser[0]
		if start < 0 {
			start, end, put = m[8], m[9], noUser[0]+"/"+noUser[0]
		}
		if name := path[start:end]; name == put || slices.Contains(noUser, strings.ToLower(name)) {
			continue
		}
		out.WriteString(path[from:start] + put)
		from = end
	}
	return out.String() + path[from:]
}

// logins are users in values, with what stands before and after them: in a list of settings,
// in JSON, and in addresses.
var logins = []struct {
	pattern *regexp.Regexp
	put     string
}{
	{regexp.MustCompile(`(?i)((?:^|[;?&,\s])(?:uid|user|user[-_ ]?id|user[-_ ]?name)\s*=\s*)(?:\{(?:[^}]|\}\})*\}|[^;&,\s]+)`), "${1}"},
	{regexp.MustCompile(`(?i)("(?:uid|user|user[-_ ]?id|user[-_ ]?name)"\s*:\s*")(?:[^"\\]|\\.)+(")`), "${1}${2}"},
	{regexp.MustCompile(`(://)[^/?#@:\s]+((?::[^/?#\s]*)?@)`), "${1}" + noUser[0] + "${2}"},
	{regexp.MustCompile(`(?i)(:thin:)[^/@\s]+((?:/[^@\s]*)?@)`), "${1}" + noUser[0] + "${2}"}, // of Oracle, for JDBC
}

// withoutLogin is the value of an attribute without the user that connects.
func withoutLogin(value string) string {
	for _, l := range logins {
		value = l.pattern.ReplaceAllString(value, l.put)
	}
	return value
}
