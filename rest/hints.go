package rest

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"regexp"
	"strings"
)

// An Outcome is what became of a request that failed.
type Outcome int

const (
	// NotSent: the request never reached the server.
	NotSent Outcome = iota
	// NotDone: the request reached the server, or may have, and changed nothing.
	NotDone
	// Unclear: the server may or may not have done what it was asked to do.
	Unclear
)

// String is the outcome in words.
func (o Outcome) String() string {
	switch o {
	case NotSent:
		return "not sent"
	case NotDone:
		return "not done"
	}
	return "unclear"
}

// Outcome is what became of the request. It goes by all attempts: one of them that may have been carried out makes the whole
// of them unclear, whatever the server said of the last.
func (e *Error) Outcome() Outcome {
	switch {
	case e.ambiguous:
		return Unclear
	case e.Status == 0 && neverSent(e.Err):
		return NotSent
	}
	return NotDone
}

// Hint is advice for people: what the failure usually means and what to do about it; "" without any. The text of the error
// does not hold it.
func (e *Error) Hint() string {
	switch {
	case e.Code == "403007": // one code for four things
		return forbiddenToPublish(strings.ToLower(e.Summary + " " + e.Detail))
	case e.Code == "400011" && datasourceNotFound.MatchString(e.Detail):
		return "a workbook refers to published data sources of the site it is on, by their content URLs: publish the data source " +
			"there first, or have the workbook refer to one that is there"
	case e.Code == "409003" && e.Operation == "Remove User from Site":
		return "the user owns content: say who is to have it"
	case e.Code == "409003" && strings.HasPrefix(e.Operation, "Publish "):
		return "publish with overwrite to replace what is there"
	}
	if hint := hints[e.Code]; hint != "" {
		return hint
	}
	switch e.kind() {
	case ErrNotFound:
		return notALUID(e)
	case ErrForbidden:
		return "the user lacks a capability for this, or the site role it takes; an administrator or the owner can grant it"
	case ErrRateLimited:
		return "the server asks to be called less often: fewer calls at the same time, or a rate limit"
	case ErrUnavailable:
		if nobodyThere(e) {
			return "nothing answers there: check the address of the server, and whether this machine reaches it"
		}
		return "the server, or a proxy before it, did not answer as it should; try again later"
	}
	return ""
}

// nobodyThere tells whether no connection to the server came about.
func nobodyThere(e *Error) bool {
	wrong, ok := errors.AsType[*net.OpError](e.Err)
	return ok && wrong.Op == "dial"
}

// datasourceNotFound is what servers say of a workbook that refers to a published data source of another site, or to none.
var datasourceNotFound = regexp.MustCompile(`(?i)data ?source '.*' not found`)

// notALUID is the hint for a path that names an object by what is no LUID, most likely by its name.
func notALUID(e *Error) string {
	_, below, _ := strings.Cut(e.Path, "/sites/")
	parts := strings.Split(below, "/")                                                     // the site's LUID, the kind of the object, and what should be its LUID
	if len(parts) < 3 || luidForm.MatchString(parts[2]) || e.Operation == "Get Workbook" { // which reads by content URL
		return ""
	}
	switch parts[1] {
	case "workbooks", "views", "datasources", "flows", "projects", "users", "groups":
		if name, err := url.PathUnescape(parts[2]); err == nil {
			return fmt.Sprintf("%q is not a LUID; Find and ByName lead from a name to it", name)
		}
	}
	return ""
}

func forbiddenToPublish(text string) string {
	switch {
	case strings.Contains(text, "already exists"):
		return "publish with overwrite to replace what is there"
	case strings.Contains(text, "licen"):
		return "the user has no licence: its site role has to be one that may publish"
	case strings.Contains(text, "data source") || strings.Contains(text, "datasource") || strings.Contains(text, "connect"):
		return "the server cannot reach a data source of the file; check its address, or skip the check of the connections"
	}
	return "the user may not publish to this project: it takes the capability Write on it, and a site role that may publish"
}

// hints are what is known of Tableau's codes beyond what the server says ("Handling Errors", and each operation's list).
var hints = map[string]string{
	"400003": "this authentication setting is not one of the site's",
	"400006": "the list has become shorter; start again with the first page",
	"400007": "a page holds 1 to 1000 objects",
	"403014": "a page holds 1 to 1000 objects",
	"400009": "this kind of content has no such capability",
	"400011": "the server could not use the file: an extract may be missing from the package, a path may lead to a local disk, " +
		"the file may come from a newer version of Tableau, or all its sheets may be hidden",
	"400013": "this server's version has no such site role",
	"400020": "the file's extension has to be .twb or .twbx for a workbook, .tds, .tdsx, .hyper or .parquet for a data source",
	"400031": "the server keeps the record of a job for a short time only; look for what the job has made",
	"400036": "a workbook that loads fast, or that nobody has viewed yet, is not accelerated",
	"400065": "fields, operators and values of filters are case-sensitive, and each list has its own",
	"400101": "rendering failed; once more may help, and so may fewer marks in the view",
	"401001": "one of these is wrong: the name or the secret of the token, the user or the password, or the site's content URL. " +
		"A personal access token also ends after 15 days without use",
	"401002": "the session has ended: another sign-in with the same personal access token ends it",
	"403008": "the site or the user has no quota left",
	"403069": "only administrators of a server may list its sites, and nobody on Tableau Cloud",
	"403070": "the session is on this site already",
	"403053": "the site keeps no revisions",
	"403068": "the site does not allow images of views",
	"403105": "the site does not allow PDF and PowerPoint files",
	"403131": "somebody is publishing this at the moment; it may be an earlier attempt of your own",
	"403132": "the server cannot reach a data source of the file; check its address, or skip the check of the connections",
	"403130": "publish with overwrite to replace what is there",
	"404001": "the server does not know this version of the API",
	"404003": "the server's version may be too old for this operation, the feature may be switched off, or a LUID may be wrong",
	"404005": "no project has this LUID, or the user may not see it; ByPath leads from the path of a project to its LUID",
	"404015": "an upload lives for about an hour, and is used up by the publish it was for",
	"404024": "the revision was removed, or is the current one, which is downloaded as the content itself",
	"403091": "the job is over and cannot be cancelled any more",
	"409004": "the times or intervals do not fit the frequency; Tableau Cloud takes days of the week with hourly and daily ones",
	"409021": "names of schedules are unique on a server",
	"409090": "there is no extract",
	"409093": "the refresh is queued already",
	"429000": "Tableau Cloud renders up to 20 views at the same time",
}
