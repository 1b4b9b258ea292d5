package tds

import (
	"regexp"
	"strings"
)

// redacted stands for a secret wherever it would be shown.
const redacted = "redacted"

// passwordPair is a password in a list of settings, such as odbc-connect-string-extras
// and jdbcproperties hold.
var passwordPair = regexp.MustCompile(`(?i)((?:password|pwd)\s*=\s*)[^;'"&\s]+`)

// Redact is the value of an attribute as it may be shown: without a password, be it the
// value or in it.
func Redact(attribute, value string) string {
	if value != "" && strings.HasSuffix(attribute, "password") {
		return redacted
	}
	return passwordPair.ReplaceAllString(value, "${1}"+redacted)
}
