package documents

import (
	"regexp"
	"strings"

	"github.com/tabtemplate/tabtemplate/documents/internal/xmledit"
	"github.com/tabtemplate/tabtemplate/documents/tds"
)

// passwordAttr is a password in markup; in markup that holds a document as text its
// quotes are references.
var passwordAttr = regexp.MustCompile(`(?is)((?:password|pwd)\s*=\s*)(?:'[^']+'|\\?"[^"]+"|&apos;.*?&apos;|\\?&quot;.*?&quot;)`)

// redact hides passwords in the value of the attribute that a path leads to, or in text or
// the markup of an element.
func redact(path, value string) string {
	attribute := ""
	if i := strings.LastIndex(path, "/@"); i >= 0 {
		attribute = path[i+len("/@"):]
	}
	return tds.Redact(attribute, passwordAttr.ReplaceAllString(value, "${1}'redacted'"))
}

// redactWritten hides passwords in what a change writes. Where the value has one, none of it
// is shown: the references in it keep a password from being told from what is around it. What
// scrubbing wrote in the place of one is none.
func redactWritten(c xmledit.Change) string {
	unquoted := strings.NewReplacer("'redacted'", "redacted", `"redacted"`, "redacted").Replace(c.After)
	if redact(c.Path, unquoted) != unquoted {
		return "redacted"
	}
	return redact(c.Path, string(c.Splice.New))
}
