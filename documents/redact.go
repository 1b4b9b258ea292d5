package documents

import (
	"regexp"
	"strings"
)

// redacted stands for a secret wherever it would be shown.
const redacted = "redacted"

// passwordAttr is a password in markup; in markup that holds a document as text its
// quotes are references.
var passwordAttr = regexp.MustCompile(`(?s)(password\s*=\s*)(?:'[^']+'|\\?"[^"]+"|&apos;.*?&apos;|\\?&quot;.*?&quot;)`)

// redact hides passwords in a value, or in the markup of an element.
func redact(path, value string) string {
	if value == "" {
		return ""
	}
	if strings.HasSuffix(path, "password") {
		return redacted
	}
	return passwordAttr.ReplaceAllString(value, "${1}'"+redacted+"'")
}
