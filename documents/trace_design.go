package documents

import (
	"regexp"
	"strings"

	"github.com/tabtemplate/tabtemplate/documents/internal/xmledit"
)

// designNoun is what an element is a value of, "" if it is none: of the author's data that is
// a part of the design. It says which rows a view shows, in which order and colours, and
// nothing takes it out but the verbs that are about it.
func designNoun(el xmledit.Element) string {
	parent := el.Parent().Name()
	switch el.Name() {
	case "groupfilter":
		if isMember(el.Value("member")) || isMember(el.Value("from")) {
			return "members in filters"
		}
		if namedUser.MatchString(el.Value("expression")) { // of a user filter
			return "users and groups in filters"
		}
	case "calculation":
		if namedUser.MatchString(el.Value("formula")) {
			return "users and groups in formulas"
		}
	case "min", "max":
		if parent == "filter" {
			return "bounds of filters"
		}
	case "alias":
		return "aliases"
	case "member":
		return "values of parameters"
	case "value":
		if parent == "bin" {
			return "members in bins"
		}
		if isSelected(el) {
			return "selected members"
		}
	case "bucket":
		switch {
		case !isMember(el.Text()):
		case parent == "dictionary":
			return "members in sorts"
		case isSelected(el):
			return "selected members"
		default:
			return "members in maps of colours and shapes"
		}
	case "link":
		return "addresses of actions"
	case "shape":
		if parent == "shapes" {
			return "pictures"
		}
	case "zone":
		if strings.HasPrefix(el.Value("param"), "Image/") {
			return "pictures"
		}
	case "image-path":
		return "pictures"
	}
	return ""
}

// namedUser is where a formula asks whether it is a certain user, or one of a certain group, who
// looks at the view.
var namedUser = regexp.MustCompile(`(?i)\bis(?:username|currentuser|fullname|memberof)\s*\(\s*["']`)

// isMember tells whether a value is one of the data: neither the name of a field nor a word
// of Tableau's such as %all% (format 10.1).
func isMember(value string) bool {
	return value != "" && !strings.HasPrefix(value, `"[`) && !strings.HasPrefix(value, "%")
}

// isSelected tells whether an element is of what was selected when the file was saved.
func isSelected(el xmledit.Element) bool {
	for ; el.Exists(); el = el.Parent() {
		if el.Name() == "selection-collection" {
			return true
		}
	}
	return false
}
