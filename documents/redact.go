package documents

import (
	"regexp"
	"strings"
)

// redacted stands for a secret wherever it would be shown.
const redacted = "redacted"

var passwordAttr = regexp.MustCompile(`(password\s*=\s*)('[^']+'|"[^"]+")`)

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
