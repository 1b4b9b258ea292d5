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
