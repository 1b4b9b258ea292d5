package rest

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// A repeatRow says how a call bears a server that does what it is asked to and answers 504: how often in a row it sends the
// request that suffers, without having looked at the server in between.
type repeatRow struct {
	name    string
	call    func(ctx context.Context, s *Session) error
	request string // method and path of the request, without the site; a prefix is enough
	sent    int    // blindly, one after the other: 4 for what may be repeated, 1 for what may not
	version string // "" for 3.29
}

// repeatRows are those of the table of repeating: reads, updates and deletions are repeated, the making of something is not, or
// once where a second one would be refused.
var repeatRows = []repeatRow{
	{name: "reading one", request: "GET workbooks/w1", sent: usualTries, call: func(ctx context.Context, s *Session) error {
		_, err := s.Workbooks.ByLUID(ctx, "w1")
		return err
	}},
	{name: "listing", request: "GET workbooks", sent: usualTries, call: func(ctx context.Context, s *Session) error {
		_, err := Collect(s.Workbooks.All(ctx, Query{}))
		return err
	}},
	{name: "downloading", request: "GET workbooks/w1/content", sent: usualTries, call: func(ctx context.Context, s *Session) error {
		_, err := s.Workbooks.Download(ctx, "w1", io.Discard, DownloadOptions{})
		return err
	}},
	{name: "asking for a job", request: "GET jobs/j1", sent: usualTries, call: func(ctx context.Context, s *Session) error {
		_, err := s.Jobs.Wait(ctx, "j1")
		return err
	}},
	{name: "asking for the version", request: "GET /api/2.4/serverinfo", sent: usualTries, call: func(ctx context.Context, s *Session) error {
		_, err := s.client.ServerInfo(ctx)
		return err
	}},
	{name: "updating", request: "PUT workbooks/w1", sent: usualTries, call: func(ctx context.Context, s *Session) error {
		_, err := s.Workbooks.Update(ctx, "w1", WorkbookUpdate{Name: new("New")})
		return err
	}},
	{name: "adding tags", request: "PUT workbooks/w1/tags", sent: usualTries, call: func(ctx context.Context, s *Session) error {
		_, err := s.Workbooks.AddTags(ctx, "w1", "gold")
		return err
	}},
	{name: "deleting a tag", request: "DELETE workbooks/w1/tags/gold", sent: usualTries, call: func(ctx context.Context, s *Session) error {
		return s.Workbooks.DeleteTag(ctx, "w1", "gold")
	}},
	{name: "deleting", request: "DELETE workbooks/w1", sent: usualTries, call: func(ctx context.Context, s *Session) error {
		return s.Workbooks.Delete(ctx, "w1")
	}},
	{name: "signing out", request: "POST /api/3.29/auth/signout", sent: usualTries, call: func(ctx context.Context, s *Session) error {
		return s.SignOut(ctx)
	}},
	{name: "beginning an upload", request: "POST fileUploads", sent: usualTries, call: publishInBlocks},
	{name: "a numbered block", request: "PUT fileUploads/1:a-1:0?sequenceID=1", sent: usualTries, call: publishInBlocks},
	{name: "a block in order", request: "PUT fileUploads/1:a-1:0", sent: 1, call: publishInBlocks, version: "3.26"},
	{name: "publishing a workbook", request: "POST workbooks", sent: 1, call: func(ctx context.Context, s *Session) error {
		_, err := s.Workbooks.Publish(ctx, sales(nil))
		return err
	}},
	{name: "committing an upload", request: "POST workbooks?uploadSessionId=1:a-1:0", sent: 1, call: publishInBlocks},
	{name: "publishing a data source", request: "POST datasources", sent: 1, call: func(ctx context.Context, s *Session) error {
		_, err := s.Datasources.Publish(ctx, DatasourcePublish{Name: "Sales", ProjectLUID: "p1", Source: bytesSource("Hyper")})
		return err
	}},
	{name: "appending to a data source", request: "POST datasources", sent: 1, call: func(ctx context.Context, s *Session) error {
		_, err := s.Datasources.Publish(ctx, DatasourcePublish{Name: "Sales", ProjectLUID: "p1", Source: bytesSource("Hyper"), Mode: Append})
		return err
	}},
	{name: "creating a project", request: "POST projects", sent: 2, call: func(ctx context.Context, s *Session) error {
		_, err := s.Projects.Create(ctx, ProjectCreate{Name: "New"})
		return err
	}},
	{name: "refreshing", request: "POST workbooks/w1/refresh", sent: 1, call: func(ctx context.Context, s *Session) error {
		_, err := s.Workbooks.Refresh(ctx, "w1", RefreshOptions{})
		return err
	}},
	{name: "running a task", request: "POST tasks/extractRefreshes/t1/runNow", sent: 1, call: func(ctx context.Context, s *Session) error {
		_, err := s.Tasks.RunNow(ctx, "t1")
		return err
	}},
	{name: "running a linked task", request: "POST tasks/linked/t1/runNow", sent: 1, call: func(ctx context.Context, s *Session) error {
		_, err := s.Tasks.RunLinked(ctx, "t1")
		return err
	}},
	{name: "running a flow", request: "POST flows/f1/run", sent: 1, call: func(ctx context.Context, s *Session) error {
		_, err := s.Flows.Run(ctx, "f1", FlowRunSpec{})
		return err
	}},
	{name: "making an extract", request: "POST datasources/d1/createExtract", sent: 1, call: func(ctx context.Context, s *Session) error {
		_, err := s.Datasources.CreateExtract(ctx, "d1", false)
		return err
	}},
	{name: "changing rows", request: "PATCH datasources/d1/data", sent: usualTries, call: func(ctx context.Context, s *Session) error {
		deleting := HyperAction{Kind: HyperDelete, TargetTable: "t", Condition: HyperConst("a", HyperEq, 1)}
		_, err := s.Datasources.UpdateData(ctx, "d1", DataUpdate{Actions: []HyperAction{deleting}})
		return err
	}},
	{name: "subscribing", request: "POST subscriptions", sent: 1, call: func(ctx context.Context, s *Session) error {
		_, err := s.Subscriptions.Create(ctx, SubscriptionCreate{Subject: "s", ContentType: SubscribedView, ContentLUID: "v1", UserLUID: "u1", ScheduleLUID: "h1"})
		return err
	}},
	{name: "making a webhook", request: "POST webhooks", sent: 1, call: func(ctx context.Context, s *Session) error {
		_, err := s.Webhooks.Create(ctx, WebhookCreate{Name: "n", Event: WorkbookCreated, URL: "https://example.com/"})
		return err
	}},
	{name: "testing a webhook", request: "GET webhooks/h1/test", sent: 1, call: func(ctx context.Context, s *Session) error {
		_, err := s.Webhooks.Test(ctx, "h1")
		return err
	}},
	{name: "making a data alert", request: "POST dataAlerts", sent: 1, call: func(ctx context.Context, s *Session) error {
		_, err := s.DataAlerts.Create(ctx, DataAlertCreate{Subject: "s", Condition: AlertAbove, WorksheetName: "w", ViewLUID: "v1"})
		return err
	}},
	{name: "making a task of Tableau Cloud", request: "POST tasks/extractRefreshes", sent: 1, call: func(ctx context.Context, s *Session) error {
		_, err := s.Tasks.Create(ctx, ExtractRefreshTaskCreate{WorkbookLUID: "w1", Frequency: Weekly("08:00", time.Monday)})
		return err
	}},
	{name: "importing users", request: "POST users/import", sent: 1, call: func(ctx context.Context, s *Session) error {
		_, err := s.Users.ImportCSV(ctx, []UserImport{{Name: "ana"}})
		return err
	}},
	{name: "importing a group as a job", request: "POST groups?asJob=true", sent: 1, call: func(ctx context.Context, s *Session) error {
		_, err := s.Groups.CreateFromActiveDirectoryAsJob(ctx, DirectoryGroup{Name: "g", Domain: "d"})
		return err
	}},
	{name: "adding a user", request: "POST users", sent: 2, call: func(ctx context.Context, s *Session) error {
		_, err := s.Users.Add(ctx, UserAdd{Name: "ana", SiteRole: SiteRoleViewer})
		return err
	}},
	{name: "creating a group", request: "POST groups", sent: 2, call: func(ctx context.Context, s *Session) error {
		_, err := s.Groups.Create(ctx, GroupCreate{Name: "New"})
		return err
	}},
	{name: "creating a group set", request: "POST groupsets", sent: 2, call: func(ctx context.Context, s *Session) error {
		_, err := s.GroupSets.Create(ctx, GroupSetCreate{Name: "New"})
		return err
	}},
	{name: "creating a schedule", request: "POST /api/3.29/schedules", sent: 2, call: func(ctx context.Context, s *Session) error {
		_, err := s.Schedules.Create(ctx, ScheduleCreate{Name: "New", Type: ExtractSchedule, Frequency: Daily("08:00")})
		return err
	}},
	{name: "creating a site", request: "POST /api/3.29/sites", sent: 2, call: func(ctx context.Context, s *Session) error {
		_, err := s.Sites.Create(ctx, SiteCreate{Name: "New", ContentURL: "new"})
		return err
	}},
	{name: "publishing a custom view", request: "POST /api/exp/sites/" + testSite + "/customviews", sent: 2, call: func(ctx context.Context, s *Session) error {
		_, err := s.CustomViews.Publish(ctx, CustomViewPublish{Name: "New", WorkbookLUID: "w1", Source: bytesSource("[]")})
		return err
	}},
	{name: "adding users to a group", request: "POST groups/g1/users", sent: usualTries, call: func(ctx context.Context, s *Session) error {
		return s.Groups.AddUsers(ctx, "g1", "u1")
	}},
	{name: "setting permissions", request: "PUT projects/p1/permissions", sent: usualTries, call: func(ctx context.Context, s *Session) error {
		_, err := s.Projects.Permissions("p1").Add(ctx, PermissionRule{Grantee: Grantee{UserLUID: "u1"}, Capabilities: Allow("Read")})
		return err
	}},
	{name: "adding a favorite", request: "PUT favorites/u1", sent: usualTries, call: func(ctx context.Context, s *Session) error {
		return s.Favorites.Add(ctx, "u1", FavoriteContent{FavoriteWorkbook, "w1"}, "Sales")
	}},
	{name: "querying the metadata", request: "POST /api/metadata/graphql", sent: usualTries, call: func(ctx context.Context, s *Session) error {
		return s.Metadata.Query(ctx, "{ workbooks { name } }", nil, nil)
	}},
	{name: "a call of one's own that makes something", request: "POST collections", sent: 1, call: func(ctx context.Context, s *Session) error {
		_, err := s.Do(ctx, Request{Method: http.MethodPost, Path: "collections", Body: []byte("{}")})
		return err
	}},
	{name: "a call of one's own that changes something", request: "PUT collections/c1", sent: usualTries, call: func(ctx context.Context, s *Session) error {
		_, err := s.Do(ctx, Request{Method: http.MethodPut, Path: "collections/c1", Body: []byte("{}")})
		return err
	}},
}

// publishInBlocks publishes one block of an upload.
func publishInBlocks(ctx context.Context, s *Session) error {
	s.client.limits.single = 4
	_, err := s.Workbooks.Publish(ctx, sales(func(p *WorkbookPublish) { p.Source = bytesSource("PK\x03\x04abcd") }))
	return err
}

func TestWhatIsRepeated(t *testing.T) {
	t.Parallel()
	for _, row := range repeatRows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				version := row.version
				if version == "" {
					version = "3.29"
				}
				suffers := func(r seenRequest) bool {
					line := strings.Replace(r.line(), "/api/"+version+"/sites/"+testSite+"/", "", 1)
					return strings.HasPrefix(line, row.request)
				}
				s, f := signedIn(t, func(r seenRequest) reply {
					switch {
					case suffers(r):
						return reply{status: http.StatusGatewayTimeout}
					case r.Method == http.MethodPost:
						return ok(`<fileUpload uploadSessionId="1:a-1:0" fileSize="0"/>`)
					case r.Method == http.MethodPut:
						return ok(`<fileUpload uploadSessionId="1:a-1:0" fileSize="1"/>`)
					}
					return ok(`<workbooks/><permissions/>`)
				}, WithVersion(version))
				if row.request == "POST /api/3.29/auth/signout" {
					s.client.http.Transport = refusing{f}
				}
				if err := row.call(t.Context(), s); err == nil {
					t.Error("the failure is lost")
				}
				longest, run := 0, 0
				for _, r := range f.seen {
					if run++; !suffers(r) {
						run = 0
					}
					longest = max(longest, run)
				}
				if longest != row.sent {
					t.Errorf("%s was sent %d times in a row, want %d; in all %v", row.request, longest, row.sent, f.lines())
				}
			})
		})
	}
}

// refusing is a fake server that answers the sign-out as it does other requests.
type refusing struct{ *fakeServer }

func (r refusing) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := r.fakeServer.RoundTrip(req)
	if err == nil {
		resp.StatusCode = http.StatusGatewayTimeout
	}
	return resp, err
}

// The waits grow up to half a minute and are anywhere below that, so that many clients do not come back at the same moment.
func TestJitter(t *testing.T) {
	t.Parallel()
	seen := map[bool]int{}
	for range 1000 {
		d := jitter(firstWait << 20)
		if d < 1 || d > longestWait {
			t.Fatalf("a wait of %v", d)
		}
		seen[d > longestWait/2]++
	}
	if seen[true] < 300 || seen[false] < 300 {
		t.Errorf("%d waits are long and %d are short", seen[true], seen[false])
	}
}

// What is over before it began was not sent, and is not unclear.
func TestEndedBeforeItBegan(t *testing.T) {
	t.Parallel()
	s, f := signedIn(t, inOrder(t))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err := s.Workbooks.Delete(ctx, "w1")
	errorIs(t, err, context.Canceled)
	if e, is := errors.AsType[*Error](err); !is || e.Outcome() != NotSent {
		t.Errorf("%v", err)
	}
	equal(t, "requests", f.lines(), nil)
}
