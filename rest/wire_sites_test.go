package rest

import (
	"context"
	"errors"
	"time"
)

var groupSetRows = []wireRow{
	{
		rows: []int{184}, name: "List Group Sets",
		call: func(ctx context.Context, s *Session) error {
			set, err := s.GroupSets.ByName(ctx, "Everyone in EMEA")
			return same(set, err, wantEMEA)
		},
		seen:  []string{"GET groupsets?filter=name:eq:Everyone%20in%20EMEA&pageNumber=1&pageSize=100"},
		reply: []reply{ok(wirePage + "<groupSets>" + wireEMEA + "</groupSets>")},
	},
	{
		rows: []int{185}, name: "Get Group Set",
		call: func(ctx context.Context, s *Session) error {
			set, err := s.GroupSets.Find(ctx, "5c0a6d5e-8f3e-4a52-9d51-0f6a7b0f5a11")
			return same(set, err, wantEMEA)
		},
		seen:  []string{"GET groupsets/5c0a6d5e-8f3e-4a52-9d51-0f6a7b0f5a11"},
		reply: []reply{ok(wireEMEA)},
	},
	{
		rows: []int{186, 187}, name: "Create and Update Group Set",
		call: func(ctx context.Context, s *Session) error {
			set, err := s.GroupSets.Create(ctx, GroupSetCreate{Name: "Everyone in <EMEA>"})
			if err := same(set, err, wantEMEA); err != nil {
				return err
			}
			set, err = s.GroupSets.Update(ctx, "e1", GroupSetUpdate{Name: new("Everyone in EMEA")})
			return same(set, err, wantEMEA)
		},
		seen: []string{
			"POST groupsets\n\n" + `<tsRequest><groupSet name="Everyone in &lt;EMEA&gt;"/></tsRequest>`,
			"PUT groupsets/e1\n\n" + `<tsRequest><groupSet name="Everyone in EMEA"/></tsRequest>`,
		},
		reply: []reply{{status: 201, body: tsResponse(wireEMEA)}, ok(wireEMEA)},
	},
	{
		rows: []int{188, 189, 190}, name: "Add Group to, Remove Group from and Delete Group Set",
		call: func(ctx context.Context, s *Session) error {
			return errors.Join(s.GroupSets.AddGroup(ctx, "e1", "g1"), s.GroupSets.RemoveGroup(ctx, "e1", "g1"), s.GroupSets.Delete(ctx, "e1"))
		},
		seen:  []string{"PUT groupsets/e1/groups/g1", "DELETE groupsets/e1/groups/g1", "DELETE groupsets/e1"},
		reply: []reply{{status: 200}, {status: 204}},
	},
}

const wireEMEA = `<groupSet id="e1" name="Everyone in EMEA" groupCount="1"><group id="g1" name="Sales"/></groupSet>`

var wantEMEA = GroupSet{LUID: "e1", Name: "Everyone in EMEA", GroupCount: 1, Groups: []Group{{LUID: "g1", Name: "Sales"}}}

const (
	wireDefault = `<site id="s1" name="Default" contentUrl="" adminMode="ContentAndUsers" state="Active" disableSubscriptions="false" revisionHistoryEnabled="true" revisionLimit="25" namedSharingEnabled="true"/>`
	wireFinance = `<site id="s2" name="Finance" contentUrl="finance" adminMode="ContentOnly" state="Active" storageQuota="1000"/>`
	wireSites   = `<pagination pageNumber="1" pageSize="100" totalAvailable="2"/><sites>` + wireDefault + wireFinance + `</sites>`
)

var (
	wantDefault = Site{
		LUID: "s1", Name: "Default", AdminMode: ContentAndUsers, State: SiteActive, RevisionHistoryEnabled: true, RevisionLimit: 25,
		Attributes: map[string]string{"namedSharingEnabled": "true"},
	}
	wantFinance = Site{
		LUID: "s2", Name: "Finance", ContentURL: "finance", AdminMode: ContentOnly, State: SiteActive, StorageQuota: 1000,
		Attributes: map[string]string{},
	}
)

var siteRows = []wireRow{
	{
		rows: []int{44}, name: "Query Sites",
		call: func(ctx context.Context, s *Session) error {
			return sameList(s.Sites.All(ctx, Query{}), wantDefault, wantFinance)
		},
		seen:  []string{"GET /api/3.29/sites?pageNumber=1&pageSize=100"},
		reply: []reply{ok(wireSites)},
	},
	{
		rows: []int{45}, name: "Query Site",
		call: func(ctx context.Context, s *Session) error {
			site, err := s.Sites.Current(ctx)
			return same(site, err, wantFinance)
		},
		seen:  []string{"GET /api/3.29/sites/" + testSite},
		reply: []reply{ok(wireFinance)},
	},
	{
		rows: []int{45}, name: "Query Site with its usage",
		call: func(ctx context.Context, s *Session) error {
			usage, err := s.Sites.Usage(ctx, "s2")
			return same(usage, err, SiteUsage{Users: 7, Creators: 1, Explorers: 2, Viewers: 4, StorageMB: 912})
		},
		seen:  []string{"GET /api/3.29/sites/s2?includeUsage=true"},
		reply: []reply{ok(`<site id="s2" name="Finance" contentUrl="finance"><usage numUsers="7" numCreators="1" numExplorers="2" numViewers="4" storage="912"/></site>`)},
	},
	{
		rows: []int{46}, name: "Query Site by name and by content URL",
		call: func(ctx context.Context, s *Session) error {
			for _, find := range []func() (Site, error){
				func() (Site, error) { return s.Sites.ByName(ctx, "R+D & É/EMEA 50%?") },
				func() (Site, error) { return s.Sites.ByContentURL(ctx, "finance") },
			} {
				site, err := find()
				if err := same(site, err, wantFinance); err != nil {
					return err
				}
			}
			return nil
		},
		seen: []string{
			"GET /api/3.29/sites/R%2BD%20&%20%C3%89%2FEMEA%2050%25%3F?key=name",
			"GET /api/3.29/sites/finance?key=contentUrl",
		},
		reply: []reply{ok(wireFinance)},
	},
	{
		rows: []int{44, 46}, name: "Query Sites for the Default site, which has no content URL",
		call: func(ctx context.Context, s *Session) error {
			site, err := s.Sites.ByContentURL(ctx, "")
			return same(site, err, wantDefault)
		},
		seen:  []string{"GET /api/3.29/sites?pageNumber=1&pageSize=1000"},
		reply: []reply{ok(wireSites)},
	},
	{
		rows: []int{47}, name: "Create Site",
		call: func(ctx context.Context, s *Session) error {
			site, err := s.Sites.Create(ctx, SiteCreate{
				Name: "Finance & Co", ContentURL: "finance",
				SiteSettings: SiteSettings{
					AdminMode: new(ContentAndUsers), UserQuota: new(15), StorageQuota: new(1000), DisableSubscriptions: new(true),
					RevisionHistoryEnabled: new(false), RevisionLimit: new(-1), TimeZone: new("Europe/Berlin"),
					Attributes: map[string]string{"userVisibilityMode": "LIMITED", "askDataMode": "DisabledByDefault"},
				},
			})
			return same(site, err, wantFinance)
		},
		seen: []string{"POST /api/3.29/sites\n\n" + `<tsRequest><site name="Finance &amp; Co" contentUrl="finance" adminMode="ContentAndUsers" userQuota="15" storageQuota="1000" disableSubscriptions="true" ` +
			`revisionHistoryEnabled="false" revisionLimit="-1" timeZone="Europe/Berlin" askDataMode="DisabledByDefault" userVisibilityMode="LIMITED"/></tsRequest>`},
		reply: []reply{{status: 201, body: tsResponse(wireFinance)}},
	},
	{
		rows: []int{48}, name: "Update Site",
		call: func(ctx context.Context, s *Session) error {
			site, err := s.Sites.Update(ctx, "s2", SiteUpdate{
				Name: new("Finance"), State: new(SiteSuspended), SiteSettings: SiteSettings{StorageQuota: new(0), TierViewerCapacity: new(50)},
			})
			return same(site, err, wantFinance)
		},
		seen:  []string{"PUT /api/3.29/sites/s2\n\n" + `<tsRequest><site name="Finance" state="Suspended" storageQuota="0" tierViewerCapacity="50"/></tsRequest>`},
		reply: []reply{ok(wireFinance)},
	},
	{
		rows: []int{49}, name: "Delete Site",
		call: func(ctx context.Context, s *Session) error {
			if err := s.Sites.Delete(ctx, testSite); err != nil {
				return err
			}
			if _, err := s.Sites.Current(ctx); !errors.Is(err, ErrSignedOut) {
				return errors.New("the session is still used")
			}
			return s.SignOut(ctx)
		},
		seen:  []string{"DELETE /api/3.29/sites/" + testSite},
		reply: []reply{{status: 204}},
	},
	{
		rows: []int{49}, name: "Delete Site as a job",
		call: func(ctx context.Context, s *Session) error {
			job, err := s.Sites.DeleteAsJob(ctx, testSite)
			return same(job, err, Job{LUID: "j1", Mode: "Asynchronous", Type: "DeleteSite", FinishCode: "1"})
		},
		seen:  []string{"DELETE /api/3.29/sites/" + testSite + "?asJob=true"},
		reply: []reply{{status: 202, body: tsResponse(`<job id="j1" mode="Asynchronous" type="DeleteSite" progress="0" finishCode="1"/>`)}},
	},
	{
		rows: []int{227, 228}, name: "Encrypt, Decrypt and Reencrypt Extracts in a Site",
		call: func(ctx context.Context, s *Session) error {
			return errors.Join(s.Sites.EncryptExtracts(ctx, "s2"), s.Sites.DecryptExtracts(ctx, "s2"), s.Sites.ReencryptExtracts(ctx, "s2"))
		},
		seen: []string{
			"POST /api/3.29/sites/s2/encrypt-extracts\n\n<tsRequest/>",
			"POST /api/3.29/sites/s2/decrypt-extracts\n\n<tsRequest/>",
			"POST /api/3.29/sites/s2/reencrypt-extracts\n\n<tsRequest/>",
		},
		reply: []reply{{status: 200}},
	},
}

var favoriteRows = []wireRow{
	{
		rows: []int{128}, name: "Get Favorites for User",
		call: func(ctx context.Context, s *Session) error {
			added := time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)
			return sameList(
				s.Favorites.All(ctx, "u1", Query{}),
				Favorite{Label: "Sales map", AddedAt: added, View: &View{LUID: "v1", Name: "Map", ContentURL: "Sales/sheets/Map"}},
				Favorite{Label: "Our list", Position: 1, Collection: &Collection{LUID: "c1", Name: "Best of", OwnerLUID: "u1", TotalItemCount: 3}},
			)
		},
		seen: []string{"GET favorites/u1?pageNumber=1&pageSize=100"},
		reply: []reply{ok(`<favorites><favorite label="Sales map" addedAt="2026-03-02T10:00:00Z"><view id="v1" name="Map" contentUrl="Sales/sheets/Map"/></favorite>` +
			`<favorite label="Our list" position="1"><collection id="c1" name="Best of" totalItemCount="3"><owner id="u1"/></collection></favorite></favorites>`)},
	},
	{
		rows: []int{191}, name: "Add to Favorites",
		call: func(ctx context.Context, s *Session) error {
			return errors.Join(
				s.Favorites.Add(ctx, "u1", FavoriteContent{FavoriteWorkbook, "w1"}, "Sales & Co"),
				s.Favorites.Add(ctx, "u1", FavoriteContent{FavoriteCollection, "c1"}, "Ours"),
			)
		},
		seen: []string{
			"PUT favorites/u1\n\n" + `<tsRequest><favorite label="Sales &amp; Co"><workbook id="w1"/></favorite></tsRequest>`,
			"PUT favorites/u1\n\n" + `<tsRequest><favorite label="Ours"><collection id="c1"/></favorite></tsRequest>`,
		},
		reply: []reply{ok(`<favorites/>`)},
	},
	{
		rows: []int{192}, name: "Delete from Favorites",
		call: func(ctx context.Context, s *Session) error {
			return s.Favorites.Delete(ctx, "u1", FavoriteContent{FavoriteDatasource, "d1"})
		},
		seen:  []string{"DELETE favorites/u1/datasources/d1"},
		reply: []reply{{status: 204}},
	},
	{
		rows: []int{193}, name: "Organize Favorites",
		call: func(ctx context.Context, s *Session) error {
			return s.Favorites.Order(ctx, "u1", FavoriteContent{FavoriteProject, "p1"}, FavoriteContent{FavoriteView, "v1"}, FavoriteContent{FavoriteFlow, "f1"})
		},
		seen: []string{"PUT orderFavorites/u1\n\n" + `<tsRequest><favoriteOrderings><favoriteOrdering favoriteId="p1" favoriteType="project"/>` +
			`<favoriteOrdering favoriteId="v1" favoriteType="view" favoriteIdMoveAfter="p1" favoriteTypeMoveAfter="project"/>` +
			`<favoriteOrdering favoriteId="f1" favoriteType="flow" favoriteIdMoveAfter="v1" favoriteTypeMoveAfter="view"/></favoriteOrderings></tsRequest>`},
		reply: []reply{{status: 200}},
	},
}
