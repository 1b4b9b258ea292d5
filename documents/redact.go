package documents

import (
	"regexp"

	"github.com/tabtemplate/tabtemplate/documents/tds"
)

// passwordAttr is a password in markup; in markup that holds a document as text its
// quotes are references.
var passwordAttr = regexp.MustCompile(`(?s)(password\s*=\s*)(?:'[^']+'|\\?"[^"]+"|&apos;.*?&apos;|\\?&quot;.*?&quot;)`)

// redact hides passwords in a value, or in the markup of an element.
func redact(path, value string) string {
	return tds.Redact(path, passwordAttr.ReplaceAllString(value, "${1}'redacted'"))
}
