package emulator

import (
	"slices"
	"strings"
	"time"

	"github.com/tabtemplate/tabtemplate/rest/emulator/internal/webpage"
)

// pageProject is the open project of the page.
func (where *site) pageProject(p *project) *webpage.Project {
	shown := &webpage.Project{
		Ref:         webpage.Ref{LUID: p.LUID, Name: p.Name},
		Description: p.Description, Owner: where.userName(p.Owner), ContentPermissions: p.ContentPermissions,
		CreatedAt: p.CreatedAt, UpdatedAt: p.UpdatedAt,
		Permissions: where.pageGrants(where.rulesOn(p.securable())),
	}
	if by := where.controlling(p.LUID); by != p.LUID {
		shown.SetBy = where.pageProjectRef(by)
	}
	for _, t := range contentTypes {
		if t.isContent {
			shown.Defaults = append(shown.Defaults, webpage.Default{
				Kind: t.collection, Permissions: where.pageGrants(where.defaultRules(p.LUID, t)),
			})
		}
	}
	return shown
}

// pageProjectRef names a project, nil for none.
func (where *site) pageProjectRef(luid string) *webpage.Ref {
	p := where.projects.Get(luid)
	if p == nil {
		return nil
	}
	return &webpage.Ref{LUID: p.LUID, Name: p.Name}
}

// pageGrants puts the rules of each grantee together.
func (where *site) pageGrants(rules []rule) []webpage.Grant {
	var grants []webpage.Grant
	place := make(map[grantee]int)
	for _, r := range rules {
		i, known := place[r.Grantee]
		if !known {
			i = len(grants)
			place[r.Grantee] = i
			grants = append(grants, webpage.Grant{Grantee: where.granteeName(r.Grantee), Group: r.Grantee.Kind != "user"})
		}
		if r.Mode == modeAllow {
			grants[i].Allowed = append(grants[i].Allowed, r.Capability)
		} else {
			grants[i].Denied = append(grants[i].Denied, r.Capability)
		}
	}
	return grants
}

func (where *site) granteeName(g grantee) string {
	if group := where.groups.Get(g.LUID); group != nil {
		return group.Name
	}
	if set := where.groupSets.Get(g.LUID); set != nil {
		return set.Name
	}
	return where.userName(g.LUID)
}

// pageJobsOf are the jobs about content, the newest first.
func (where *site) pageJobsOf(a *asset, now time.Time) []webpage.Job {
	var jobs []webpage.Job
	for _, j := range slices.Backward(where.jobs.All()) {
		if j.About.LUID == a.LUID {
			jobs = append(jobs, where.pageJob(j, now))
		}
	}
	return jobs
}

// jobStates are the states of jobs as the page words them.
var jobStates = map[string]webpage.JobState{
	jobPending: webpage.Pending, jobInProgress: webpage.Running, jobSuccess: webpage.Succeeded,
	jobFailed: webpage.Failed, jobCancelled: webpage.Cancelled,
}

// pageJob is a job in a list of the page.
func (where *site) pageJob(j *job, now time.Time) webpage.Job {
	return webpage.Job{
		LUID: j.LUID, Type: jobKinds[j.Kind].jobType, State: jobStates[j.Status], Progress: j.progress(now),
		Site: where.described().Name, About: j.About.Name,
		CreatedAt: j.CreatedAt, CompletedAt: j.EndedAt, Note: j.Notes,
	}
}

// maxShownBody is how many bytes of the body of a request the page shows.
const maxShownBody = 2000

// Requests implements [webpage.Source].
func (p pageSource) Requests(w webpage.Window) webpage.List[webpage.Request] {
	requests, total := p.s.log.last()
	numbers := make([]int, len(requests)) // of the requests, the newest first
	for i := range numbers {
		numbers[i] = total - i
	}
	return webpage.Cut(numbers, w, func(number int) webpage.Request {
		r := requests[len(requests)-1-(total-number)]
		shown := webpage.Request{
			Number: number, At: r.Time, Method: r.Method, Target: r.Path, User: r.User, Agent: r.Header["User-Agent"],
			Body: strings.ToValidUTF8(r.Body[:min(len(r.Body), maxShownBody)], ""), Status: r.Status, Code: r.Code,
		}
		if r.Query != "" {
			shown.Target += "?" + r.Query
		}
		return shown
	})
}
