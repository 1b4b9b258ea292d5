package emulator

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/tabtemplate/tabtemplate/rest/emulator/internal/state"
)

// After any making and deleting every GET of the table of operations answers, whatever its variables are and whoever
// asks, and not with a failure of the server: what is gone is nowhere referred to.
func TestAnythingGoes(t *testing.T) {
	t.Parallel()
	for seed := range uint64(4) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			r := &randomWorld{world: start(t, WithUser("ben", "secret", "Viewer")), random: rand.New(rand.NewPCG(seed, 0))}
			for range 250 {
				r.step()
			}
			admin := r.token
			r.as("ben")
			for _, token := range []string{admin, r.token} {
				r.token = token
				r.readAll()
			}
		})
	}
}

// randomWorld is a world in which anything happens.
type randomWorld struct {
	*world
	random *rand.Rand
	known  []string // LUIDs of all there ever was
}

// ask sends a request past the network, so that a panic shows where it comes from.
func (r *randomWorld) ask(method, path, contentType, body string) {
	r.t.Helper()
	target := URL + "/api/" + path
	request := httptest.NewRequestWithContext(r.t.Context(), method, target, strings.NewReader(body))
	request.Header.Set("X-Tableau-Auth", r.token)
	request.Header.Set("Content-Type", contentType)
	answer := httptest.NewRecorder()
	r.server.ServeHTTP(answer, request)
	if answer.Code >= http.StatusInternalServerError {
		r.t.Errorf("%s %s\n%s\nanswered %d: %s", method, target, body, answer.Code, answer.Body)
	}
}

func (r *randomWorld) do(method, path, body string) {
	r.t.Helper()
	r.ask(method, "3.29/sites/"+r.site+"/"+path, "application/xml", "<tsRequest>"+body+"</tsRequest>")
}

// publishes publishes a file; now and then a view of it is hidden.
func (r *randomWorld) publishes(kind, file string) {
	r.t.Helper()
	views := ""
	if kind == "workbook" && r.random.IntN(3) == 0 {
		views = `<views><view name="Map" hidden="true"/></views>`
	}
	payload := fmt.Sprintf(`<tsRequest><%s name="Content %d" showTabs="%t"><project id="%s"/>%s</%s></tsRequest>`,
		kind, r.random.IntN(2), r.random.IntN(2) == 0, []string{"", r.pick("projects")}[r.random.IntN(2)], views, kind)
	r.ask("POST", "3.29/sites/"+r.site+"/"+kind+"s?overwrite=true",
		"multipart/mixed; boundary=5f0c2b9a7e6d4c31a8b70f9e2d1c4b6a", tsc(payload, "tableau_"+kind, "", file))
}

// pick returns the LUID of one of what there is of a kind, or else one that nothing has.
func (r *randomWorld) pick(kind string) string {
	where := r.of("")
	of := map[string][]string{
		"users":          luids(where.users, func(u *user) string { return u.LUID }),
		"groups":         luids(where.groups, func(g *group) string { return g.LUID }),
		"groupsets":      luids(where.groupSets, func(s *groupSet) string { return s.LUID }),
		"projects":       luids(where.projects, func(p *project) string { return p.LUID }),
		"workbooks":      luids(where.workbooks, func(a *asset) string { return a.LUID }),
		"datasources":    luids(where.datasources, func(a *asset) string { return a.LUID }),
		"flows":          luids(where.flows, func(a *asset) string { return a.LUID }),
		"views":          luids(where.views, func(v *view) string { return v.LUID }),
		"subscriptions":  luids(where.subscriptions, func(n *subscription) string { return n.LUID }),
		"customviews":    luids(where.customViews, func(v *customView) string { return v.LUID }),
		"dataalerts":     luids(where.alerts, func(a *alert) string { return a.LUID }),
		"webhooks":       luids(where.webhooks, func(h *webhook) string { return h.LUID }),
		"databases":      luids(where.databases, func(d *database) string { return d.LUID }),
		"tables":         luids(where.tables, func(t *databaseTable) string { return t.LUID }),
		"schedules":      luids(r.server.schedules, func(h *schedule) string { return h.LUID }),
		"tasks/runFlow":  luids(where.tasks, func(t *task) string { return t.LUID }),
		"connected-apps": luids(where.connectedApps, func(a *connectedApp) string { return a.ClientID }),
		"jobs":           luids(where.jobs, func(j *job) string { return j.LUID }),
	}
	for _, all := range of {
		for _, luid := range all {
			if !slices.Contains(r.known, luid) {
				r.known = append(r.known, luid)
			}
		}
	}
	slices.Sort(r.known) // so that a seed is always the same run
	if len(of[kind]) == 0 {
		return "none"
	}
	return of[kind][r.random.IntN(len(of[kind]))]
}

func luids[T any](table *state.Table[T], luid func(*T) string) []string {
	var all []string
	for _, record := range table.All() {
		all = append(all, luid(record))
	}
	return all
}

// step makes, changes or deletes something.
func (r *randomWorld) step() {
	r.t.Helper()
	n := r.random.IntN(1000)
	content := []string{"workbook", "datasource", "flow", "view", "project"}[r.random.IntN(5)]
	one := fmt.Sprintf(`<%s id="%s"/>`, content, r.pick(content+"s"))
	person := `<user id="` + r.pick("users") + `"/>`
	steps := []func(){
		func() { r.do("POST", "users", fmt.Sprintf(`<user name="user %d" siteRole="Creator"/>`, n)) },
		func() { r.do("POST", "groups", fmt.Sprintf(`<group name="group %d"/>`, n)) },
		func() { r.do("POST", "groups/"+r.pick("groups")+"/users", person) },
		func() { r.do("POST", "groupsets", fmt.Sprintf(`<groupSet name="set %d"/>`, n)) },
		func() { r.do("PUT", "groupsets/"+r.pick("groupsets")+"/groups/"+r.pick("groups"), "") },
		func() {
			r.do("POST", "projects", fmt.Sprintf(`<project name="project %d" parentProjectId="%s"/>`, n, r.pick("projects")))
		},
		func() { r.publishes("workbook", salesTWB) },
		func() { r.publishes("workbook", extractTWB) },
		func() { r.publishes("datasource", columnsTDS) },
		func() {
			r.publishes("flow", zipped(r.t, "flow", `{"nodes":{"2":{"name":"Output","nodeType":".v1.WriteToHyper"}}}`))
		},
		func() {
			r.ask("POST", "3.29/schedules", "application/xml",
				fmt.Sprintf(`<tsRequest><schedule name="schedule %d" type="%s" `, n, scheduleTypes[n%4])+dailyAtNoon+`</schedule></tsRequest>`)
		},
		func() {
			r.do("PUT", "schedules/"+r.pick("schedules")+"/workbooks", `<task><extractRefresh><workbook id="`+r.pick("workbooks")+`"/></extractRefresh></task>`)
		},
		func() {
			r.do("PUT", "schedules/"+r.pick("schedules")+"/flows", `<task><flowRun><flow id="`+r.pick("flows")+`"/></flowRun></task>`)
		},
		func() {
			r.do("POST", "subscriptions", `<subscription subject="x"><content type="View" id="`+r.pick("views")+`"/><schedule frequency="Daily">`+
				`<frequencyDetails start="12:00:00"/></schedule>`+person+`</subscription>`)
		},
		func() { r.do("PUT", "favorites/"+r.pick("users"), `<favorite label="x">`+one+`</favorite>`) },
		func() {
			payload := fmt.Sprintf(`<tsRequest><customView name="custom %d" shared="true"><owner id="%s"/><workbook id="%s"/></customView></tsRequest>`,
				n, r.pick("users"), r.pick("workbooks"))
			r.ask("POST", "exp/sites/"+r.site+"/customviews", "multipart/mixed; boundary=5f0c2b9a7e6d4c31a8b70f9e2d1c4b6a",
				tsc(payload, "tableau_customview", "x.json", mapJSON))
		},
		func() {
			r.do("POST", "customviews/"+r.pick("customviews")+"/default/users", "<users>"+person+"</users>")
		},
		func() {
			r.do("POST", "dataAlerts", `<dataAlertCreateAlert subject="x" alertCondition="above" alertThreshold="5" visibility="public" viewId="`+
				r.pick("views")+`"/>`)
		},
		func() { r.do("POST", "dataAlerts/"+r.pick("dataalerts")+"/users", person) },
		func() {
			r.do("POST", "webhooks", `<webhook name="x" event="WorkbookDeleted"><webhook-destination><webhook-destination-http method="POST" `+
				`url="https://example.com/"/></webhook-destination></webhook>`)
		},
		func() {
			r.do("POST", "connected-apps/direct-trust", `<connectedApplication name="x" projectId="`+r.pick("projects")+`"/>`)
		},
		func() {
			r.do("PUT", content+"s/"+r.pick(content+"s")+"/permissions", `<permissions>`+grantees("user", r.pick("users"), "Read Allow")+
				grantees("groupSet", r.pick("groupsets"), "Write Deny")+`</permissions>`)
		},
		func() {
			r.do("PUT", content+"s/"+r.pick(content+"s"), `<`+content+`><project id="`+r.pick("projects")+`"/><owner id="`+r.pick("users")+`"/></`+content+`>`)
		},
		func() {
			r.do("PUT", "projects/"+r.pick("projects"), `<project parentProjectId="`+r.pick("projects")+`" contentPermissions="`+
				contentPermissions[n%3]+`"/>`)
		},
		func() {
			r.do("PUT", "databases/"+r.pick("databases"), `<database><contact id="`+r.pick("users")+`"/></database>`)
		},
		func() { r.do("POST", "flows/"+r.pick("flows")+"/run", "") },
		func() { r.do("GET", "views/"+r.pick("views")+"/data", "") },
		func() { r.ask("DELETE", "3.29/schedules/"+r.pick("schedules"), "application/xml", "") },
	}
	gone := []string{
		"users", "groups", "groupsets", "projects", "workbooks", "datasources", "flows", "views", "subscriptions", "customviews", "dataalerts",
		"webhooks", "databases", "tables", "tasks/runFlow", "users", "workbooks",
	}
	if i := r.random.IntN(len(steps) + len(gone)/2); i < len(steps) {
		steps[i]()
		return
	}
	kind := gone[r.random.IntN(len(gone))]
	luid := r.pick(kind)
	if kind == "users" && r.of("").userName(luid) == "ben" {
		return // who is to read
	}
	r.do("DELETE", kind+"/"+luid+"?mapAssetsTo="+r.names["ADMIN"], "")
}

// readAll asks for everything that can be read, of what there is and what there was. Of paths with several variables the
// first takes every value.
func (r *randomWorld) readAll() {
	r.t.Helper()
	r.pick("users") // to know all
	for _, o := range operations {
		if o.method != http.MethodGet {
			continue
		}
		for _, luid := range r.known {
			path := []string{cmp.Or(o.service, "3.29")}
			variables := 0
			for _, word := range o.path {
				switch {
				case word == "{site}":
					word = r.site
				case strings.HasPrefix(word, "{"):
					word, luid = luid, r.known[r.random.IntN(len(r.known))]
					variables++
				}
				path = append(path, word)
			}
			r.ask("GET", strings.Join(path, "/")+"?fields=_all_", "", "")
			if variables == 0 {
				break
			}
		}
	}
}
