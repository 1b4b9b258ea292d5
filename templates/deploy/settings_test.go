package deploy

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/tabtemplate/tabtemplate/rest"
	"github.com/tabtemplate/tabtemplate/rest/emulator"
	"github.com/tabtemplate/tabtemplate/templates"
)

// everything is settings of every kind.
func everything() templates.Publish {
	return templates.Publish{
		Tags: []string{"managed", "A, B & <C>"}, Owner: "bo", Description: "What \"they\"\nsell & <buy>",
		Permissions: &templates.Permissions{Rules: []templates.PermissionRule{
			{Group: "R&D, [Süd]", Role: "Explore"}, {User: "Zoë, [R&D]", Allow: []string{"Read"}, Deny: []string{"ExportXml"}},
		}},
		Schedules: []templates.Schedule{{Name: "Weeknights"}, {Name: "Hourly, all day", Incremental: true}},
		Refresh:   templates.RefreshStart,
	}
}

// state is what is on the server of the settings, in words.
func (w *settingsWorld) state(s *rest.Session, workbook bool, name string) string {
	w.t.Helper()
	ctx := w.t.Context()
	o := w.object(s, workbook, name)
	slices.Sort(o.tags)
	lines := []string{fmt.Sprintf("tags %q, owner %s, description %q", o.tags, w.nameOf(s, o.ownerLUID), o.description)}
	set, err := newSettings(s).calls(workbook).permissions(o.luid).Rules(ctx)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, rule := range set.Rules {
		var names []string
		for _, c := range rule.Capabilities {
			names = append(names, fmt.Sprintf("%s %s", c.Mode, c.Name))
		}
		slices.Sort(names)
		lines = append(lines, w.nameOf(s, rule.UserLUID+rule.GroupLUID)+": "+strings.Join(names, ", "))
	}
	tasks, err := s.Tasks.ByContent(ctx, o.luid)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, task := range tasks {
		h := task.Schedule
		lines = append(lines, strings.TrimSpace(fmt.Sprintf("task %s%s %s %v", h.Name, h.Kind, h.Start, h.Intervals))+fmt.Sprintf(" incremental=%v", task.Incremental()))
	}
	slices.Sort(lines[1:])
	return strings.Join(lines, "\n")
}

// nameOf is the name of a user or a group.
func (w *settingsWorld) nameOf(s *rest.Session, luid string) string {
	w.t.Helper()
	if user, err := s.Users.ByLUID(w.t.Context(), luid); err == nil {
		return user.Name
	}
	group, err := s.Groups.ByLUID(w.t.Context(), luid)
	if err != nil {
		w.t.Fatal(err)
	}
	return group.Name
}

func TestApplySendsWhatDiffers(t *testing.T) {
	t.Parallel()
	for _, kind := range []struct {
		plural, name string
		workbook     bool
	}{{"workbooks", "Book", true}, {"datasources", "Orders", false}} {
		w := newSettingsWorld(t, emulator.WithJobsByHand())
		s := w.signIn("ana", emulator.URL)
		apply := func(want templates.Publish) (done, sent []string) {
			o := w.object(s, kind.workbook, kind.name)
			sent = w.requests(func() {
				var err error
				if done, err = newSettings(s).apply(t.Context(), o, want); err != nil {
					t.Errorf("%s: %v", kind.name, err)
				}
			})
			return done, sent
		}
		done, sent := apply(templates.Publish{})
		wantLines(t, "nothing wanted", slices.Concat(done, sent))

		want := everything()
		done, sent = apply(want)
		wantLines(t, "requests", sent,
			"PUT "+kind.plural+"/ID", "PUT "+kind.plural+"/ID/tags",
			"GET tasks/extractRefreshes", "GET schedules", "PUT schedules/ID/"+kind.plural,
			"GET schedules", "PUT schedules/ID/"+kind.plural, "GET tasks/extractRefreshes",
			"POST "+kind.plural+"/ID/refresh",
			"GET groups", "GET users", "GET "+kind.plural+"/ID/permissions", "PUT "+kind.plural+"/ID/permissions",
			"GET users", "PUT "+kind.plural+"/ID")
		permissions := "permissions: 12 added" // those of Explore, and two of the user
		if !kind.workbook {
			permissions = "permissions: 5 added"
		}
		wantLines(t, "done", done, "description", "tags managed, A, B & <C>", `schedule "Weeknights", schedule "Hourly, all day"`,
			"refresh started", permissions, "owner bo")

		want.Refresh = templates.RefreshNone
		done, sent = apply(want)
		wantLines(t, "the second time", sent,
			"GET tasks/extractRefreshes", "GET schedules", "GET schedules", "GET groups", "GET users", "GET "+kind.plural+"/ID/permissions", "GET users")
		wantLines(t, "done the second time", done)
		for _, part := range []string{
			`tags ["A, B & <C>" "managed"], owner bo, description "What \"they\"\nsell & <buy>"`, "Zoë, [R&D]: Allow Read, Deny ExportXml",
			"R&D, [Süd]: Allow ", "task WeeknightsWeekly  [] incremental=false", "task Hourly, all dayDaily  [] incremental=true",
		} {
			if there := w.state(s, kind.workbook, kind.name); !strings.Contains(there, part) {
				t.Errorf("%s: %q is not in\n%s", kind.name, part, there)
			}
		}
	}
}

// What one template has looked up the next one of the site does not ask for again.
func TestSettingsLookUpOnce(t *testing.T) {
	t.Parallel()
	w := newSettingsWorld(t)
	s := w.signIn("ana", emulator.URL)
	on := newSettings(s)
	want := everything()
	want.Refresh = templates.RefreshNone
	want.Schedules = want.Schedules[:1]
	book, orders := w.object(s, true, "Book"), w.object(s, false, "Orders")
	of := subject{workbook: true, hasExtract: true}
	if err := on.check(t.Context(), want, of); err != nil {
		t.Fatal(err)
	}
	sent := w.requests(func() {
		for range 2 {
			of.workbook = !of.workbook
			if err := on.check(t.Context(), want, of); err != nil {
				t.Error(err)
			}
		}
	})
	wantLines(t, "checking again", sent)
	if _, err := on.apply(t.Context(), book, want); err != nil {
		t.Fatal(err)
	}
	wantLines(t, "the next template", w.requests(func() {
		if _, err := on.apply(t.Context(), orders, want); err != nil {
			t.Error(err)
		}
	}), "PUT datasources/ID", "PUT datasources/ID/tags", "GET tasks/extractRefreshes", "PUT schedules/ID/datasources",
		"GET datasources/ID/permissions", "PUT datasources/ID/permissions", "PUT datasources/ID")

	missing := templates.Publish{Owner: "nobody"}
	wantLines(t, "somebody who is not there", w.requests(func() {
		for range 3 {
			if err := on.check(t.Context(), missing, of); !errors.Is(err, rest.ErrNotFound) {
				t.Error(err)
			}
		}
	}), "GET users")
}

func TestCheckFindsAllAtOnce(t *testing.T) {
	t.Parallel()
	w := newSettingsWorld(t)
	on := newSettings(w.signIn("ana", emulator.URL))
	want := templates.Publish{
		Tags: []string{" "}, Owner: "nobody",
		Permissions: &templates.Permissions{Rules: []templates.PermissionRule{
			{Group: "Nowhere", Role: "View"},
			{User: "nobody", Allow: []string{"Read"}},
			{User: "bo", Allow: []string{"Connect"}},
			{User: "eve", Role: "Boss"},
			{Group: "Sales", Allow: []string{"Read"}, Deny: []string{"Read"}},
			{Group: "sales", Deny: []string{"Filter"}},
		}},
		Schedules: []templates.Schedule{{Name: "Never"}, {Name: "Mondays"}, {Name: "Never"}, {Times: &templates.Times{Frequency: "Daily", Start: "05:31"}}},
		Refresh:   templates.RefreshWait,
	}
	var err error
	sent := w.requests(func() { err = on.check(t.Context(), want, subject{workbook: true}) })
	if len(changes(sent)) > 0 {
		t.Errorf("a check changes nothing: %v", sent)
	}
	for _, part := range []string{
		"a tag is empty", `owner: finding user "nobody": no user "nobody"`, `permissions of group "Nowhere": finding group`,
		`permissions of user "nobody": finding user`, `permissions of user "bo": a workbook has no capability "Connect"`,
		`permissions of user "eve": a workbook has no role "Boss"; there is View, Explore`, `permissions of group "Sales": Read is both allowed and denied`,
		`no schedule "Never"; there is "Weeknights"`, `schedule "Mondays" is one of the type Subscription, not Extract`, `schedule "Never": it is given twice`,
		"multiples of five minutes", "the workbook has no extract that could be refreshed",
	} {
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("%q is not in\n%v", part, err)
		}
	}
	if err != nil && strings.Contains(err.Error(), "\n") {
		t.Errorf("more than a line: %v", err)
	}
	for _, part := range []string{
		"add the user or the group", "there is AddComment, ", "name one of these", "let one rule say it", "name a schedule that the server has",
		"for extract refreshes", "name each schedule once", "edit `extract`",
	} {
		if !strings.Contains(hintOf(err), part) {
			t.Errorf("%q is not in the hint\n%s", part, hintOf(err))
		}
	}
	if err := on.check(t.Context(), everything(), subject{workbook: true, hasExtract: true}); err != nil {
		t.Errorf("what can be done: %v", err)
	}
}

// What an old server does not have is said before anything is sent to it.
func TestCheckVersions(t *testing.T) {
	t.Parallel()
	description := templates.Publish{Description: "d"}
	tags := templates.Publish{Tags: []string{"a"}}
	refresh := templates.Publish{Refresh: templates.RefreshStart}
	times := templates.Publish{Schedules: []templates.Schedule{{Times: &templates.Times{Frequency: "Weekly", Start: "05:30", WeekDays: []string{"Monday"}}}}}
	for _, test := range []struct {
		version  string
		want     templates.Publish
		workbook bool
		err      string
	}{
		{"3.20", description, true, "the description of a workbook: needs API 3.21, server speaks 3.20"},
		{"3.20", description, false, ""},
		{"3.21", description, true, ""},
		{"2.5", tags, false, "tags of a data source: needs API 2.6"},
		{"2.5", tags, true, ""},
		{"2.7", refresh, true, "refreshing extracts: needs API 2.8"},
		{"2.7", templates.Publish{Schedules: []templates.Schedule{{Name: "Weeknights"}}}, true, "putting content on a schedule: needs API 2.8"},
		{"2.8", templates.Publish{Schedules: []templates.Schedule{{Name: "Weeknights"}}}, true, ""},
		{"3.19", times, true, "times of an extract refresh: needs API 3.20"},
		{"3.20", times, true, ""},
		{"3.0", templates.Publish{Permissions: &templates.Permissions{Rules: []templates.PermissionRule{{Group: "Sales", Role: "Explore"}}}}, true, ""},
	} {
		w := newSettingsWorld(t, emulator.WithVersion(test.version))
		on := newSettings(w.signIn("ana", emulator.URL))
		err := on.check(t.Context(), test.want, subject{workbook: test.workbook, hasExtract: true})
		if test.err == "" {
			if err != nil {
				t.Errorf("%s: %v", test.version, err)
			}
			name := map[bool]string{true: "Book", false: "Orders"}[test.workbook]
			if _, err := on.apply(t.Context(), w.object(on.session, test.workbook, name), test.want); err != nil {
				t.Errorf("%s: what the check allows: %v", test.version, err)
			}
		} else if _, ok := errors.AsType[*rest.VersionError](err); !ok || !strings.Contains(err.Error(), test.err) || hintOf(err) == "" {
			t.Errorf("%s: %v, want %s", test.version, err, test.err)
		}
	}
}

// Where the project sets the permissions, wanting others is refused, and wanting those is not.
func TestLockedPermissions(t *testing.T) {
	t.Parallel()
	w := newSettingsWorld(t)
	s := w.signIn("ana", emulator.URL)
	project, err := newProjects(s).find(t.Context(), "Locked")
	if err != nil {
		t.Fatal(err)
	}
	rules := func(role string) templates.Publish {
		return templates.Publish{Permissions: &templates.Permissions{Rules: []templates.PermissionRule{{Group: "Sales", Role: role}}}}
	}
	group, err := s.Groups.ByName(t.Context(), "Sales")
	if err != nil {
		t.Fatal(err)
	}
	defaults := s.Projects.DefaultPermissions(project.LUID, rest.WorkbookContent)
	view, err := defaults.Role("View")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := defaults.Add(t.Context(), rest.PermissionRule{Grantee: rest.Grantee{GroupLUID: group.LUID}, Capabilities: view}); err != nil {
		t.Fatal(err)
	}
	on, book := newSettings(s), w.object(s, true, "Bound")
	of := subject{workbook: true, project: project}
	if err := on.check(t.Context(), rules("View"), of); err != nil {
		t.Error(err)
	}
	if done, err := on.apply(t.Context(), book, rules("View")); err != nil || len(done) > 0 {
		t.Error(done, err)
	}
	exact := rules("View")
	exact.Permissions.Exact = true // All Users have rules, too
	for _, want := range []templates.Publish{rules("Publish"), exact} {
		err = on.check(t.Context(), want, of)
		if _, ok := errors.AsType[*rest.LockedError](err); !ok || !strings.Contains(hintOf(err), "leave out the permissions") {
			t.Error(err)
		}
		_, err = on.apply(t.Context(), book, want)
		if _, ok := errors.AsType[*rest.LockedError](err); !ok {
			t.Error(err)
		}
	}
}

// Those who are no administrators set what is theirs, and are told what they cannot before they publish.
func TestSettingsOfPublisher(t *testing.T) {
	t.Parallel()
	w := newSettingsWorld(t)
	s := w.signIn("eve", emulator.URL)
	on := newSettings(s)
	want := templates.Publish{
		Owner: "EVE", Tags: []string{"mine"}, Description: "eve's",
		Permissions: &templates.Permissions{Rules: []templates.PermissionRule{{Group: "Sales", Role: "View"}, {User: "eve", Role: "Administer"}}},
	}
	if err := on.check(t.Context(), want, subject{}); err != nil {
		t.Error(err)
	}
	done, err := on.apply(t.Context(), w.object(s, false, "Live"), want)
	if err != nil || len(done) != 3 {
		t.Error(done, err)
	}
	for _, want := range []templates.Publish{
		{Owner: "bo"}, {Permissions: &templates.Permissions{Rules: []templates.PermissionRule{{User: "bo", Role: "View"}}}},
	} {
		err = on.check(t.Context(), want, subject{})
		if !errors.Is(err, rest.ErrForbidden) || !strings.Contains(hintOf(err), "only administrators see who is on a site") {
			t.Errorf("%v, %s", err, hintOf(err))
		}
	}
}

// A step that fails keeps no other from being done, and doing it again does what is left.
func TestApplyGoesOnAfterFailures(t *testing.T) {
	t.Parallel()
	steps := map[string]string{
		"/sites/*/workbooks/*/tags": "tagging it", "/sites/*/tasks/extractRefreshes": "scheduling its refreshes", "/schedules": "scheduling its refreshes",
		"/sites/*/workbooks/*/refresh": "refreshing its extracts", "/sites/*/workbooks/*/permissions": "setting its permissions", "/sites/*/groups": "setting its permissions",
		"/sites/*/workbooks/*": "describing it: |giving it to its owner",
	}
	healthy := newSettingsWorld(t)
	wanted := healthy.applied(everything())
	for path, doing := range steps {
		w := newSettingsWorld(t, emulator.WithFault(emulator.Fault{Path: path, Answer: emulator.Refusal(403004, "no")}))
		s := w.signIn("ana", emulator.URL)
		book := objectPast(t, w, s)
		done, err := newSettings(s).apply(t.Context(), book, everything())
		failed := strings.Split(doing, "|")
		for _, part := range failed {
			if err == nil || !strings.Contains(err.Error(), part) {
				t.Errorf("%s: %v", path, err)
			}
		}
		if len(done) != 6-len(failed) && path != "/sites/*/tasks/extractRefreshes" {
			t.Errorf("%s: done %q, %v", path, done, err)
		}
		w.server.ClearFaults()
		if there := w.applied(everything()); there != wanted {
			t.Errorf("%s, and again:\n%s\nwant\n%s", path, there, wanted)
		}
	}
}

// objectPast reads the workbook while requests for it are refused.
func objectPast(t *testing.T, w *settingsWorld, s *rest.Session) object {
	t.Helper()
	for book, err := range s.Workbooks.All(t.Context(), rest.Query{Filters: []rest.Filter{rest.Eq("name", "Book")}}) {
		if err != nil {
			t.Fatal(err)
		}
		return workbookObject(book)
	}
	t.Fatal("no workbook")
	return object{}
}

// applied is what is on the server of the workbook after applying settings with a new session.
func (w *settingsWorld) applied(want templates.Publish) string {
	w.t.Helper()
	s := w.signIn("ana", emulator.URL)
	if _, err := newSettings(s).apply(w.t.Context(), w.object(s, true, "Book"), want); err != nil {
		w.t.Error(err)
	}
	return w.state(s, true, "Book")
}

// Whatever request goes wrong in whatever way, and however often it does, in the end everything is as wanted, and nothing twice.
func TestApplyThroughFaults(t *testing.T) {
	t.Parallel()
	calm := newSettingsWorld(t)
	wanted := calm.applied(everything())
	sent := len(newSettingsWorld(t).requestsOf(everything()))
	for i, way := range []struct {
		name  string
		fault emulator.Fault
	}{
		{"cut before", emulator.Fault{}},
		{"cut after", emulator.Fault{Stage: emulator.AfterCommit}},
		{"503", emulator.Fault{Answer: &emulator.Answer{Status: http.StatusServiceUnavailable}}},
		{"504 after", emulator.Fault{Stage: emulator.AfterCommit, Answer: &emulator.Answer{Status: http.StatusGatewayTimeout}}},
		{"session ended", emulator.Fault{EndSession: true}},
		{"429", emulator.Fault{Answer: &emulator.Answer{Status: http.StatusTooManyRequests, Header: map[string]string{"Retry-After": "7"}}}},
	} {
		for call := 1 + i%3; call <= sent; call += 3 { // each request in two ways
			count := []int{1, 20}[(call+i)%2]
			synctest.Test(t, func(t *testing.T) {
				w := newSettingsWorld(t)
				defer w.server.Close()
				s := w.signIn("ana", emulator.URL)
				book := w.object(s, true, "Book")
				way.fault.Call, way.fault.Count = call, count
				if err := w.server.AddFault(way.fault); err != nil {
					t.Fatal(err)
				}
				if _, err := newSettings(s).apply(t.Context(), book, everything()); err != nil && count == 1 {
					t.Errorf("%s at %d once: %v", way.name, call, err)
				}
				w.server.ClearFaults()
				if there := w.applied(everything()); there != wanted {
					t.Errorf("%s at %d, %d times:\n%s\nwant\n%s", way.name, call, count, there, wanted)
				}
			})
		}
	}
}

// requestsOf are those that applying settings takes.
func (w *settingsWorld) requestsOf(want templates.Publish) []string {
	w.t.Helper()
	s := w.signIn("ana", emulator.URL)
	book := w.object(s, true, "Book")
	return w.requests(func() {
		if _, err := newSettings(s).apply(w.t.Context(), book, want); err != nil {
			w.t.Error(err)
		}
	})
}

func TestRefresh(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newSettingsWorld(t, emulator.WithJobFault(emulator.JobFault{Type: "RefreshExtract", Nth: 2, Fails: "the database is away"}))
		defer w.server.Close()
		s := w.signIn("ana", emulator.URL)
		on, book := newSettings(s), w.object(s, true, "Book")
		done, err := on.apply(t.Context(), book, templates.Publish{Refresh: templates.RefreshWait, Tags: []string{"a"}})
		if err != nil || !slices.Equal(done, []string{"tags a", "extracts refreshed"}) {
			t.Error(done, err)
		}
		done, err = on.apply(t.Context(), book, templates.Publish{Refresh: templates.RefreshWait, Owner: "bo"})
		if _, ok := errors.AsType[*rest.JobError](err); !ok || !strings.Contains(err.Error(), "the database is away") || !slices.Equal(done, []string{"owner bo"}) {
			t.Error(done, err)
		}
		_, err = on.apply(t.Context(), w.object(s, false, "Live"), templates.Publish{Refresh: templates.RefreshStart})
		if err == nil || !strings.Contains(fmt.Sprint(errors.AsType[*advisedError](err)), "no extract") {
			t.Error(err)
		}
	})
}

func TestRefreshUnderWay(t *testing.T) {
	t.Parallel()
	w := newSettingsWorld(t, emulator.WithJobsByHand())
	s := w.signIn("ana", emulator.URL)
	on, orders := newSettings(s), w.object(s, false, "Orders")
	for range 2 {
		if done, err := on.apply(t.Context(), orders, templates.Publish{Refresh: templates.RefreshStart}); err != nil || len(done) != 1 {
			t.Error(done, err)
		}
	}
	queued := emulator.Fault{Path: "/sites/*/datasources/*/refresh", Answer: emulator.Refusal(409093, "queued")}
	if err := w.server.AddFault(queued); err != nil {
		t.Fatal(err)
	}
	if err := w.server.AddFault(emulator.Fault{Path: "/sites/*/jobs", Answer: emulator.Refusal(403004, "not yours")}); err != nil {
		t.Fatal(err)
	}
	done, err := on.apply(t.Context(), orders, templates.Publish{Refresh: templates.RefreshStart})
	if err != nil || !slices.Equal(done, []string{"refresh under way"}) {
		t.Error(done, err)
	}
	_, err = on.apply(t.Context(), orders, templates.Publish{Refresh: templates.RefreshWait})
	if advised, ok := errors.AsType[hinter](err); !ok || !strings.Contains(advised.Hint(), "once it is over") {
		t.Error(err)
	}
}

func TestDifferences(t *testing.T) {
	t.Parallel()
	there := object{workbook: true, description: "Sales\nof 2026 ", ownerName: "ana", tags: []string{"Managed", "gold"}, showTabs: true}
	for _, test := range []struct {
		want templates.Publish
		said []string
	}{
		{templates.Publish{ShowTabs: true}, nil},
		{templates.Publish{ShowTabs: true, Description: "Sales\r\nof 2026", Owner: `local\Ana`, Tags: []string{"managed"}}, nil},
		{templates.Publish{Description: "Other", Owner: "eve", Tags: []string{"silver", "gold", "x", "silver"}}, []string{
			"it has another description", "it belongs to ana, not to eve", "it lacks the tags silver, x", "its views are tabs",
		}},
	} {
		wantLines(t, fmt.Sprintf("%+v", test.want), settingsDrift(there, test.want), test.said...)
	}
	there.ownerName, there.showTabs = "", false
	wantLines(t, "no owner is told", settingsDrift(there, templates.Publish{Owner: "eve", ShowTabs: true}), "its views are no tabs")
	there.workbook = false
	wantLines(t, "data sources have no tabs", settingsDrift(there, templates.Publish{ShowTabs: true}))
}

func TestCredentials(t *testing.T) {
	t.Parallel()
	given := credentials([]templates.Credential{
		{Server: "db.example.com", Port: "5432", User: "app", Password: "hunter2", Embed: true}, {User: "ana", OAuth: true},
	})
	want := []rest.PublishConnection{
		{Server: "db.example.com", Port: "5432", Credentials: rest.ConnectionCredentials{Username: "app", Password: "hunter2", Embed: true}},
		{Credentials: rest.ConnectionCredentials{Username: "ana", OAuth: true}},
	}
	if !slices.Equal(given, want) {
		t.Error("the credentials are not those")
	}
	if text := fmt.Sprintf("%v %+v %#v", given, given, given); strings.Contains(text, "hunter2") {
		t.Error("the password shows")
	}
	if credentials(nil) != nil {
		t.Error("credentials of nothing")
	}
}

// What a rule allows and denies goes before its role: a role that brings a right which is denied must not give it.
func TestRuleGoesBeforeItsRole(t *testing.T) {
	t.Parallel()
	w := newSettingsWorld(t)
	s := w.signIn("ana", emulator.URL)
	book := w.object(s, true, "Book")
	want := templates.Publish{Permissions: &templates.Permissions{Rules: []templates.PermissionRule{
		{Group: "Sales", Role: "View", Allow: []string{"Write"}, Deny: []string{"Read"}},
	}}}
	settings := newSettings(s)
	if err := settings.check(t.Context(), want, subject{workbook: true}); err != nil {
		t.Fatal(err)
	}
	if _, err := settings.apply(t.Context(), book, want); err != nil {
		t.Fatal(err)
	}
	group, err := s.Groups.ByName(t.Context(), "Sales")
	if err != nil {
		t.Fatal(err)
	}
	view, err := s.Workbooks.Permissions(book.luid).Role("View")
	if err != nil {
		t.Fatal(err)
	}
	role := rest.PermissionRule{Grantee: rest.Grantee{GroupLUID: group.LUID}, Capabilities: slices.Concat(
		slices.DeleteFunc(slices.Clone(view), func(c rest.Capability) bool { return c.Name == "Read" }), rest.Allow("Write"), rest.Deny("Read"),
	)}
	set, err := s.Workbooks.Permissions(book.luid).Rules(t.Context())
	if err != nil || !holds(set.Rules, []rest.PermissionRule{role}, false) {
		t.Errorf("%+v, %v", set.Rules, err)
	}
}
