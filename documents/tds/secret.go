package tds

import (
	"regexp"
	"strings"
)

// redacted stands for a secret wherever it would be shown.
const redacted = "redacted"

// secretNames are parts of the names of attributes, and of settings in attributes, whose
// values are secret, in lower case.
var secretNames = []string{"password", "passphrase", "secret", "private-key", "privatekey", "api-key", "apikey", "access-token"}

// secretSetting is a secret in a list of settings, such as odbc-connect-string-extras and
// jdbcproperties hold, or in SQL.
var secretSetting = regexp.MustCompile(`(?i)((?:password|passphrase|pwd|secret|private[-_]?key|api[-_]?key|access[-_]?token)\w*\s*=\s*|identified\s+by\s+)` +
	`(?:\{(?:[^}]|\}\})*\}|'[^']*'|"[^"]*"|[^;&'"<>\r\n]+)`)

// Redact is the value of an attribute as it may be shown: without a secret, be it the
// value or in it.
func Redact(attribute, value string) string {
	attribute = strings.ToLower(attribute)
	for _, name := range secretNames {
		if value != "" && strings.Contains(attribute, name) {
			return redacted
		}
	}
	return secretSetting.ReplaceAllString(value, "${1}"+redacted)
}
