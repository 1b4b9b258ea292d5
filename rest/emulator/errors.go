package emulator

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
)

// apiError is a refusal as the API words it. The first three digits of the code are the HTTP status.
type apiError struct {
	code       int
	detail     string
	allow      string // the methods that would do, for 405000
	httpStatus int    // where it is not the first three digits of the code
}

func (e *apiError) Error() string { return fmt.Sprintf("%d: %s", e.code, e.detail) }

// refuse makes a refusal. The detail is never empty, because clients in use fail on an empty one: it names what was
// wrong, with the LUID or the parameter concerned.
func refuse(code int, format string, args ...any) error {
	return &apiError{code: code, detail: fmt.Sprintf(format, args...)}
}

// refusalOf is the refusal that an error is; any other error is the server's own failure.
func refusalOf(err error) *apiError {
	if refusal, ok := errors.AsType[*apiError](err); ok {
		return refusal
	}
	return &apiError{code: codeInternal, detail: err.Error()}
}

func (e *apiError) status() int { return cmp.Or(e.httpStatus, e.code/1000) }

func (e *apiError) summary() string {
	if e.code == codeSignIn {
		return "Signin Error"
	}
	switch e.status() {
	case http.StatusUnauthorized:
		return "Unauthorized Access"
	case http.StatusNotFound:
		return "Resource Not Found"
	case http.StatusConflict:
		return "Resource Conflict"
	}
	return http.StatusText(e.status())
}

func (e *apiError) reply() *reply {
	return &reply{status: e.status(), allow: e.allow, body: []*element{
		node("error", textNode("summary", e.summary()), textNode("detail", e.detail)).with("code", fmt.Sprint(e.code)),
	}}
}

// The codes of the reference's error tables that the operations here answer.
const (
	codeMalformed        = 400000 // malformed body, no attachment, too many attachments
	codePageNumber       = 400006
	codePageSize         = 400007
	codeBoolean          = 400008
	codePublish          = 400011 // "could not be published for some other reason"
	codeFileName         = 400020
	codeJobGone          = 400031
	codeFileType         = 400035
	codeFilter           = 400065
	codeNoToken          = 401000
	codeSignIn           = 401001
	codeBadToken         = 401002
	codeForbidden        = 403004
	codeQuota            = 403008
	codePageTooLarge     = 403014
	codeSiteList         = 403069
	codeWorkbookExists   = 403130
	codeNoSite           = 404000
	codeNoUser           = 404002
	codeNoResource       = 404003
	codeNoDatasource     = 404004
	codeNoProject        = 404005
	codeNoWorkbook       = 404006
	codeNoTag            = 404007
	codeNoUpload         = 404015
	codeNoJob            = 404018
	codeNoContent        = 404020
	codeNoRevision       = 404024
	codeBadMethod        = 405000
	codeDatasourceExists = 409003
	codeProjectExists    = 409006
	codeTooLarge         = 413000
	codeInternal         = 500000
)

// Refusal returns a handler that answers with an error in the API's own form, for use in a [Fault]. The first three
// digits of the code are the HTTP status. Headers such as Retry-After may be set on the writer before it is called.
func Refusal(code int, detail string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		(&apiError{code: code, detail: detail}).reply().write(w, r)
	})
}
