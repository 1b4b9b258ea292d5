package deploy

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/tabtemplate/tabtemplate/rest"
	"github.com/tabtemplate/tabtemplate/templates"
)

// settings carry out on one site what a manifest says of what is published besides its file: tags, owner, description,
// permissions, schedules and refreshes. Whom and what they name is looked up once. They are safe for concurrent use.
type settings struct {
	session   *rest.Session
	users     *memo[rest.User]
	groups    *memo[rest.Group]
	schedules *memo[rest.Schedule]
	tasks     *memo[[]rest.ExtractRefreshTask] // all of the site, by the name ""
}

func newSettings(session *rest.Session) *settings {
	s := &settings{session: session}
	s.users = newMemo(s.user)
	s.groups = newMemo(session.Groups.ByName)
	s.schedules = newMemo(session.Schedules.ByName)
	s.tasks = newMemo(func(ctx context.Context, _ string) ([]rest.ExtractRefreshTask, error) { return session.Tasks.All(ctx) })
	return s
}

// user finds a user. Only administrators see who is on a site, and everybody sees themselves.
func (s *settings) user(ctx context.Context, name string) (rest.User, error) {
	user, err := s.session.Users.ByName(ctx, name)
	if !errors.Is(err, rest.ErrForbidden) {
		return user, err
	}
	self, selfErr := s.session.Users.ByLUID(ctx, s.session.UserLUID())
	if selfErr == nil && isCalled(self.Name, self.Domain, name) {
		return self, nil
	}
	return rest.User{}, err
}

// isCalled says whether a name of a manifest, perhaps with a domain before it, is that of somebody. Where the domain is not
// known any is right.
func isCalled(name, domain, wanted string) bool {
	wantedDomain, plain, found := strings.Cut(wanted, `\`)
	if !found {
		wantedDomain, plain = "", wanted
	}
	return strings.EqualFold(name, plain) && (wantedDomain == "" || domain == "" || strings.EqualFold(domain, wantedDomain))
}

// A memo asks for each name once. That there is no such thing is kept, too; another failure may pass.
type memo[T any] struct {
	ask func(ctx context.Context, name string) (T, error)

	mu    sync.Mutex
	known map[string]answer[T]
}

type answer[T any] struct {
	value T
	err   error
}

func newMemo[T any](ask func(ctx context.Context, name string) (T, error)) *memo[T] {
	return &memo[T]{ask: ask, known: map[string]answer[T]{}}
}

func (m *memo[T]) get(ctx context.Context, name string) (T, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if a, ok := m.known[name]; ok {
		return a.value, a.err
	}
	value, err := m.ask(ctx, name)
	_, ambiguous := errors.AsType[*rest.AmbiguousError](err)
	if err == nil || errors.Is(err, rest.ErrNotFound) || ambiguous {
		m.known[name] = answer[T]{value, err}
	}
	return value, err
}

// forget makes the memo ask again.
func (m *memo[T]) forget() {
	m.mu.Lock()
	defer m.mu.Unlock()
	clear(m.known)
}

// A subject is what settings are for, before anything of it is sent.
type subject struct {
	workbook   bool
	hasExtract bool         // of the file
	project    rest.Project // that it goes to; zero if that is yet to be made
}

// check finds everything for which the settings could not be carried out, before anything is published: who and what is not on
// the site, and what its server, or this kind of content, does not have.
func (s *settings) check(ctx context.Context, want templates.Publish, of subject) error {
	var p problems
	s.checkVersion(&p, want, of)
	if want.Owner != "" {
		_, err := s.users.get(ctx, want.Owner)
		p.add(personal(err), "owner")
	}
	s.checkPermissions(ctx, &p, want.Permissions, of)
	s.checkSchedules(ctx, &p, want.Schedules)
	if (len(want.Schedules) > 0 || want.Refresh != templates.RefreshNone) && !of.hasExtract {
		p.add(advise(fmt.Errorf("the %s has no extract that could be refreshed", kindOf(of.workbook)),
			"leave out schedules and refresh_extracts, or give it an extract with the edit `extract`"), "")
	}
	return p.err()
}

// checkVersion finds what the server is too old for.
func (s *settings) checkVersion(p *problems, want templates.Publish, of subject) {
	scheduled := func(byTimes bool) bool {
		return slices.ContainsFunc(want.Schedules, func(h templates.Schedule) bool { return (h.Times != nil) == byTimes })
	}
	for _, feature := range []struct {
		used  bool
		name  string
		since rest.Version
	}{
		{want.Description != "" && of.workbook, "the description of a workbook", rest.Version{Major: 3, Minor: 21}},
		{len(want.Tags) > 0 && !of.workbook, "tags of a data source", rest.Version{Major: 2, Minor: 6}},
		{scheduled(false), "putting content on a schedule", rest.Version{Major: 2, Minor: 8}},
		{scheduled(true), "times of an extract refresh", rest.Version{Major: 3, Minor: 20}},
		{want.Refresh != templates.RefreshNone, "refreshing extracts", rest.Version{Major: 2, Minor: 8}},
	} {
		if speaks := s.session.Version(); feature.used && speaks.Compare(feature.since) < 0 {
			p.add(advise(&rest.VersionError{Feature: feature.name, Needs: feature.since, Speaks: speaks},
				"leave it out for the sites of this server, or update the server"), "")
		}
	}
	if slices.ContainsFunc(want.Tags, func(tag string) bool { return strings.TrimSpace(tag) == "" }) {
		p.add(errors.New("a tag is empty"), "")
	}
}

// settingsDrift says how what is there differs from what is wanted, as far as the lists of the server show it.
func settingsDrift(there object, want templates.Publish) []string {
	var said []string
	if want.Description != "" && !sameText(there.description, want.Description) {
		said = append(said, "it has another description")
	}
	if want.Owner != "" && there.ownerName != "" && !isCalled(there.ownerName, "", want.Owner) {
		said = append(said, fmt.Sprintf("it belongs to %s, not to %s", there.ownerName, want.Owner))
	}
	if lacks := missingTags(there, want); len(lacks) > 0 {
		said = append(said, "it lacks the tags "+strings.Join(lacks, ", "))
	}
	if there.workbook && there.showTabs != want.ShowTabs {
		said = append(said, map[bool]string{true: "its views are tabs", false: "its views are no tabs"}[there.showTabs])
	}
	return said
}

// sameText compares descriptions, at the ends of which servers drop space.
func sameText(a, b string) bool {
	trim := func(text string) string { return strings.TrimSpace(strings.ReplaceAll(text, "\r\n", "\n")) }
	return trim(a) == trim(b)
}

// missingTags are the wanted tags that are not there. Some servers take a tag for one that is there in other letters.
func missingTags(there object, want templates.Publish) []string {
	var lacks []string
	for _, tag := range want.Tags {
		same := func(other string) bool { return strings.EqualFold(other, tag) }
		if !slices.ContainsFunc(there.tags, same) && !slices.ContainsFunc(lacks, same) {
			lacks = append(lacks, tag)
		}
	}
	return lacks
}

// credentials are those of a publish itself, which compares them with the file.
func credentials(want []templates.Credential) []rest.PublishConnection {
	var given []rest.PublishConnection
	for _, c := range want {
		given = append(given, rest.PublishConnection{
			Server: c.Server, Port: c.Port,
			Credentials: rest.ConnectionCredentials{Username: c.User, Password: string(c.Password), Embed: c.Embed, OAuth: c.OAuth},
		})
	}
	return given
}

// contentCalls are what the calls about workbooks and those about data sources differ in.
type contentCalls struct {
	kind        rest.ContentType
	permissions func(luid string) *rest.Permissions
	addTags     func(ctx context.Context, luid string, labels ...string) ([]string, error)
	refresh     func(ctx context.Context, luid string, o rest.RefreshOptions) (rest.Job, error)
	schedule    func(ctx context.Context, scheduleLUID, luid string, o rest.RefreshOptions) (rest.ScheduledTask, error)
	update      func(ctx context.Context, luid string, change contentChange) error
}

// A contentChange is what is to be changed of content, nil for what is not.
type contentChange struct {
	description, ownerLUID *string
	showTabs               *bool // of a workbook
}

func (s *settings) calls(workbook bool) contentCalls {
	if workbook {
		ws := s.session.Workbooks
		return contentCalls{
			rest.WorkbookContent, ws.Permissions, ws.AddTags, ws.Refresh, s.session.Schedules.AddWorkbook,
			func(ctx context.Context, luid string, c contentChange) error {
				_, err := ws.Update(ctx, luid, rest.WorkbookUpdate{Description: c.description, OwnerLUID: c.ownerLUID, ShowTabs: c.showTabs})
				return err
			},
		}
	}
	ds := s.session.Datasources
	return contentCalls{
		rest.DatasourceContent, ds.Permissions, ds.AddTags, ds.Refresh, s.session.Schedules.AddDatasource,
		func(ctx context.Context, luid string, c contentChange) error {
			_, err := ds.Update(ctx, luid, rest.DatasourceUpdate{Description: c.description, OwnerLUID: c.ownerLUID})
			return err
		},
	}
}
