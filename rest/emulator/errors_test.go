package emulator

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// referenceCodes are the codes that may be answered: those of the error tables of Tableau's reference, and two of this
// server's own, for a body that is too large and for its own failure.
var referenceCodes = []int{
	codeMalformed, codeAuthSetting, codePageNumber, codePageSize, codeBoolean, codeCapability, codePublish, codeSiteRole,
	codeFileName, codeJobGone, codeFileType, codeAcceleration, codeTagWorkbook, codeSubscription, codeFilter,
	codeTagView, codeViewOfSite, codeExport, codeDowngrade, codeDowngradeVersion, codeDowngradeTooOld,
	codeCrosstabOfSite, codeNoToken, codeSignIn, codeBadToken, codeForbidden, codePublishForbidden, codeQuota,
	codePageTooLarge, codeReadForbidden, codeDownloadForbidden, codeConnForbidden, codeMoveForbidden,
	codeUpdateForbidden, codeConnUpdate, codeViewForbidden, codeProjectForbidden, codeNoHistory, codeHistoryForbidden,
	codeImageDisabled, codeSiteList, codeSameSite, codeWorkbookExists, codePublishing, codeConnCheck,
	codeUserForbidden, codeCustomView, codeCustomViewExists, codeNoSite, codeNoUser,
	codeNoResource, codeNoDatasource, codeNoProject, codeNoWorkbook, codeNoTag, codeNoCustomView, codeMismatch, codeNoView,
	codeNoGroup, codeNoUpload, codeNoJob, codeNoConnection, codeNoRevision, codeNoContent, codeNoRecommendation, codeBadMethod,
	codeSiteNameExists, codeSiteURLExists, codeDatasourceExists, codeGuestUser, codeProjectExists, codeGroupExists, codeUserInGroup, codeUserExists,
	codeScheduleExists, codeRefreshQueued, codeGroupSetExists, codeTooMany, codeTooLarge, codeInternal,
	codeJobOver, codeNoTask, codeNotFlowTask, codeNotExtract, codeFlowForbidden, codeScheduleType, codeNoSchedule, codeScheduleDetails, codeNoExtract,
	codeSubject, codeSubscribedType, codeSubscriptionSchedule, codeSubscriptionUnreadable, codeUnsubscribeForbidden,
	codeSubscribeForbidden, codeSubscriberUnable, codeSubscriptionUpdate, codeNoSubscription,
}

// Whatever a client sends, a refusal tells what was wrong with it: no input is a failure of the server.
func TestNoFailureFromInput(t *testing.T) {
	t.Parallel()
	bodies := []string{
		"", "x", "{", "{}", "<", "<tsRequest/>", "<tsRequest><a/></tsRequest>", "\x00\xff", `{"a":{"b":[1,null,{"c":true}]}}`,
		tsc("", "tableau_file", "file", ""), tsc("<tsRequest/>", "tableau_workbook", "", "PK\x03\x04"), tsc("{}", "x", `a"b`, "<"),
	}
	for _, elements := range []string{"workbook", "project", "user", "site", "schedule"} {
		bodies = append(bodies,
			fmt.Sprintf(`<tsRequest><%s/></tsRequest>`, elements),
			fmt.Sprintf(`<tsRequest><%s id="x" name="" contentUrl="%%" siteRole="x" priority="99999999999999999999" parentProjectId="x"><x/></%[1]s></tsRequest>`, elements),
			fmt.Sprintf(`{"%s":{"id":-1,"name":[],"x":{"y":null}}}`, elements))
	}
	const queries = "pageSize=99999999999999999999999&pageNumber=-1&filter=a:b&sort=:&fields=.&key=x&overwrite=x&uploadSessionId=x&sequenceID=x&includeUsageStatistics=x&;&%zz&=="
	for _, o := range operations {
		w := start(t) // one of its own for each, since some end the session or the site
		w.publish("workbook", "", `name="Sales"`, "", "a.twb", salesTWB).wantStatus(201)
		for i, body := range bodies {
			path := pathWith(o.path, []string{"LUID1", "x", "%00", "%FF", "-1", "Sales", "..", "%2F"}[i%8])
			query := []string{"", "?" + queries, "?key=contentUrl", "?" + strings.ReplaceAll(queries, "x", "true")}[i%4]
			a := w.sendBytes(o.method+" /api/3.29/"+path+query+" HTTP/1.1\nX-Tableau-Auth: TOKEN\nContent-Type: multipart/mixed; boundary=5f0c2b9a7e6d4c31a8b70f9e2d1c4b6a\n", []byte(w.expand(body)))
			if a.status >= http.StatusInternalServerError {
				t.Errorf("%s %s%s with body %q: %s", o.method, path, query, body, a.body)
			}
		}
	}
}

// pathWith writes the path of an operation with a value for its variables.
func pathWith(words []string, value string) string {
	var path []string
	for _, word := range words {
		switch {
		case word == "{site}":
			word = "SITE"
		case strings.HasPrefix(word, "{"):
			word = value
		}
		path = append(path, word)
	}
	return strings.Join(path, "/")
}
