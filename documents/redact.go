package documents

import (
	"regexp"
	"strings"

	"github.com/tabtemplate/tabtemplate/documents/tds"
)

// passwordAttr is a password in markup; in markup that holds a document as text its
// quotes are references.
var passwordAttr = regexp.MustCompile(`(?s)(password\s*=\s*)(?:'[^']+'|\\?"[^"]+"|&apos;.*?&apos;|\\?&quot;.*?&quot;)`)

// redact hides passwords in the value of the attribute that a path leads to, or in text or
// the markup of an element.
func redact(path, value string) string {
	attribute := ""
	if i := strings.LastIndex(path, "/@"); i >= 0 {
		attribute = path[i+len("/@"):]
	}
	return tds.Redact(attribute, passwordAttr.ReplaceAllString(value, "${1}'redacted'"))
}
