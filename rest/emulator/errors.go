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
	retryAfter int    // seconds after which to try again; 0 for nothing said
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
	return &reply{status: e.status(), code: e.code, allow: e.allow, wait: e.retryAfter, body: []*element{e.render()}}
}

func (e *apiError) render() *element {
	return node("error", textNode("summary", e.summary()), textNode("detail", e.detail)).with("code", fmt.Sprint(e.code))
}

// The codes of the error tables of Tableau's reference. Each table words them anew; what they have in common is here.
const (
	codeMalformed         = 400000 // malformed body, no attachment, too many attachments
	codeAuthSetting       = 400003 // not an authentication that the site allows
	codePageNumber        = 400006
	codePageSize          = 400007
	codeBoolean           = 400008
	codeCapability        = 400009 // not one of the content
	codePublish           = 400011 // "could not be published for some other reason"
	codeSiteRole          = 400013
	codeFileName          = 400020
	codeJobGone           = 400031 // "cannot be queried"
	codeFileType          = 400035
	codeAcceleration      = 400036
	codeTagWorkbook       = 400049
	codeSubscription      = 400063
	codeFilter            = 400065
	codeTagView           = 400076
	codeViewOfSite        = 400080 // data, pdf: the view is not one of the site
	codeExport            = 400101
	codeDowngrade         = 400114
	codeDowngradeVersion  = 400115
	codeDowngradeTooOld   = 400116
	codeCrosstabOfSite    = 400130 // crosstab: the view is not one of the site
	codeNoToken           = 401000
	codeSignIn            = 401001
	codeBadToken          = 401002
	codeForbidden         = 403004
	codePublishForbidden  = 403007
	codeQuota             = 403008
	codePageTooLarge      = 403014
	codeReadForbidden     = 403018
	codeDownloadForbidden = 403019
	codeConnForbidden     = 403021 // reading connections
	codeMoveForbidden     = 403025
	codeUpdateForbidden   = 403027
	codeConnUpdate        = 403029 // updating a connection
	codeViewForbidden     = 403032 // data and pdf of a view, refreshing
	codeProjectForbidden  = 403045
	codeNoHistory         = 403053
	codeHistoryForbidden  = 403056
	codeImageDisabled     = 403068
	codeSiteList          = 403069
	codeSameSite          = 403070
	codeWorkbookExists    = 403130
	codePublishing        = 403131 // the same is being published right now
	codeConnCheck         = 403132
	codeUserForbidden     = 403133
	codeCustomView        = 403162 // no rights on custom views
	codeCustomViewExists  = 403166
	codeNoSite            = 404000
	codeNoUser            = 404002
	codeNoResource        = 404003
	codeNoDatasource      = 404004
	codeNoProject         = 404005
	codeNoWorkbook        = 404006
	codeNoTag             = 404007
	codeNoCustomView      = 404008
	codeMismatch          = 404009 // the body names another LUID than the path
	codeNoView            = 404011
	codeNoGroup           = 404012
	codeNoUpload          = 404015
	codeNoJob             = 404018
	codeNoConnection      = 404020
	codeNoRevision        = 404024
	codeNoContent         = 404029
	codeNoRecommendation  = 404035
	codeBadMethod         = 405000
	codeSiteNameExists    = 409001
	codeSiteURLExists     = 409002 // "a site already exists with the content URL"
	codeDatasourceExists  = 409003
	codeOwnsContent       = 409003
	codeGuestUser         = 409005
	codeProjectExists     = 409006
	codeGroupExists       = 409009
	codeUserInGroup       = 409011
	codeUserExists        = 409017
	codeScheduleExists    = 409021
	codeRefreshQueued     = 409093
	codeGroupSetExists    = 409120
	codeTooLarge          = 413000
	codeTooMany           = 429000
	codeInternal          = 500000
	codeUnavailable       = 503000 // the server goes down
)
