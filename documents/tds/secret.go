package tds

import (
	"regexp"
	"strings"
)

// redacted stands for a secret wherever it would be shown.
const redacted = "redacted"

// secretNames are parts of the names of attributes whose values are secret, in lower case
// and without the signs - and _.
var secretNames = []string{
	"password", "passwd", "passphrase", "secret", "privatekey", "apikey", "accountkey", "accesstoken", "authtoken", "refreshtoken", "bearertoken", "sastoken",
}

// secretName is the end of the name of a setting whose value is secret. A token is one, but
// not the TokenURL that gives it.
const secretName = `(?:(?:password|passwd|passphrase|pwd|secret|private[-_]?key|api[-_]?key|account[-_]?key)\w*|token)`

// secretSettings are secrets in values, with what stands before and after them: in a list of
// settings, such as odbc-connect-string-extras and jdbcproperties hold, or in SQL; in JSON,
// which may be text in other JSON; and in addresses, before the host or as a signature.
var secretSettings = []struct {
	pattern *regexp.Regexp
	shown   string
}{
	{regexp.MustCompile(`(?i)((?:` + secretName + `|[?&]sig)\s*=\s*|identified\s+by\s+)(?:\{(?:[^}]|\}\})*\}|'[^']*'|"[^"]*"|[^;&'"<>\r\n]+)`), "${1}" + redacted},
	{regexp.MustCompile(`(?i)("[^"\\]*` + secretName + `"\s*:\s*")(?:[^"\\]|\\.)+(")`), "${1}" + redacted + "${2}"},
	{regexp.MustCompile(`(?i)(\\"[^"\\]*` + secretName + `\\"\s*:\s*\\")[^"\\]+(\\")`), "${1}" + redacted + "${2}"},
	{regexp.MustCompile(`(://[^/?#@:\s]*:)[^/?#\s]+(@)`), "${1}" + redacted + "${2}"},
	{regexp.MustCompile(`(?i)(:thin:[^/@\s]*/)[^@\s]+(@)`), "${1}" + redacted + "${2}"}, // of Oracle, for JDBC
}

// Redact is the value of an attribute as it may be shown: without a secret, be it the
// value or in it.
func Redact(attribute, value string) string {
	attribute = strings.ReplaceAll(strings.ReplaceAll(strings.ToLower(attribute), "-", ""), "_", "")
	for _, name := range secretNames {
		if value != "" && strings.Contains(attribute, name) {
			return redacted
		}
	}
	if !strings.ContainsAny(value, "=:") && !strings.Contains(strings.ToLower(value), "identified") {
		return value // as most are
	}
	for _, s := range secretSettings {
		value = s.pattern.ReplaceAllString(value, s.shown)
	}
	return value
}

// sqlParts are the comments of SQL and what it has in either quote: strings, and names, which
// some databases quote as others do strings.
var sqlParts = regexp.MustCompile(`(?s)--[^\r\n]*|/\*.*?\*/|'(?:[^']|'')*'|"(?:[^"]|"")*"`)

// givesSecret is what stands before a string that is a secret.
var givesSecret = regexp.MustCompile(`(?i)(?:` + secretName + `\s*=|identified\s+by)\s*$`)

// RedactSQL is initial SQL without the secrets in its strings and comments. What is no string
// stays, so that the SQL can run: in WHERE pwd = x the x is the name of a column.
func RedactSQL(sql string) string { return redactSQL(sql, true) }

// SecretInSQL tells whether a string of a query has a secret in it, as the settings of a
// connection have. A string that a field is compared with is none.
func SecretInSQL(sql string) bool { return redactSQL(sql, false) != sql }

// redactSQL takes the secrets out of the strings of SQL; of statements that set something also
// strings that are a secret, and those in comments.
func redactSQL(sql string, statements bool) string {
	var out strings.Builder
	from := 0
	for _, m := range sqlParts.FindAllStringIndex(sql, -1) {
		before, part := sql[from:m[0]], sql[m[0]:m[1]]
		from = m[1]
		out.WriteString(before)
		switch quote := part[:1]; {
		case quote == "-" && statements:
			part = Redact("", part)
		case quote == "/" && statements:
			part = "/*" + Redact("", part[2:len(part)-2]) + "*/"
		case quote == "-", quote == "/", len(part) == 2: // or an empty string
		case statements && givesSecret.MatchString(before):
			part = quote + redacted + quote
		default:
			text := strings.ReplaceAll(part[1:len(part)-1], quote+quote, quote)
			if shown := Redact("", text); shown != text {
				part = quote + strings.ReplaceAll(shown, quote, quote+quote) + quote
			}
		}
		out.WriteString(part)
	}
	return out.String() + sql[from:]
}
