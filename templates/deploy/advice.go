package deploy

import (
	"errors"

	"github.com/tabtemplate/tabtemplate/rest"
)

// advice says what to do about an error, "" if it leaves nothing open.
func advice(err error) string {
	if missing, ok := errors.AsType[*rest.NotFoundError](err); ok && missing.Kind == "project" {
		return "create_project: true, in the publish of the template, makes a project that is missing"
	}
	if errors.Is(err, rest.ErrAuthentication) {
		return "check sign_in and content_url in the manifest: the user and password, or the personal access token, " +
			"which expires when it is not used for 15 days"
	}
	if errors.Is(err, rest.ErrNotTableauServer) {
		return "check the url of the server in the manifest"
	}
	if advised, ok := errors.AsType[interface {
		error
		Hint() string
	}](err); ok {
		return advised.Hint()
	}
	return ""
}
