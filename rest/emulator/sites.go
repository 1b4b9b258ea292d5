package emulator

import (
	"slices"

	"github.com/tabtemplate/tabtemplate/rest/emulator/internal/state"
)

// site is one site of the server: the tables of what is on it. Each part of the API has its own.
type site struct {
	luid string
	info *state.Table[siteInfo] // of all sites
	identityTables
	contentTables
	accessTables
	workTables
	webhookTables
	favoriteTables
	customViewTables
	recommendationTables
	alertTables
	catalogueTables
	qualityTables
	virtualTables
}

// identityTables are who is on a site.
type identityTables struct {
	users              *state.Table[user]
	groups             *state.Table[group]
	groupSets          *state.Table[groupSet]
	connectedApps      *state.Table[connectedApp]
	authConfigurations *state.Table[authConfiguration]
	authServers        *state.Table[authServer]
}

func openIdentity(store *state.Store, path string) identityTables {
	return identityTables{
		users:              state.NewTable(store, path+"users", func(u *user) string { return u.LUID }),
		groups:             state.NewTable(store, path+"groups", func(g *group) string { return g.LUID }),
		groupSets:          state.NewTable(store, path+"groupsets", func(set *groupSet) string { return set.LUID }),
		connectedApps:      state.NewTable(store, path+"apps", func(app *connectedApp) string { return app.ClientID }),
		authConfigurations: state.NewTable(store, path+"authentication", func(a *authConfiguration) string { return a.LUID }),
		authServers:        state.NewTable(store, path+"authservers", func(a *authServer) string { return a.LUID }),
	}
}

// openSite returns a site with its tables, and what the store has in them.
func (s *Server) openSite(luid string) *site {
	path := sitePath(luid)
	return &site{
		luid:                 luid,
		info:                 s.siteInfos,
		identityTables:       openIdentity(s.store, path),
		contentTables:        openContent(s.store, path),
		accessTables:         openAccess(s.store, path),
		workTables:           openWork(s.store, path),
		webhookTables:        openWebhooks(s.store, path),
		favoriteTables:       openFavorites(s.store, path),
		customViewTables:     openCustomViews(s.store, path),
		recommendationTables: openRecommendations(s.store, path),
		alertTables:          openAlerts(s.store, path),
		catalogueTables:      openCatalogue(s.store, path),
		qualityTables:        openQuality(s.store, path),
		virtualTables:        openVirtual(s.store, path),
	}
}

// sitePath is what the names of a site's tables begin with.
func sitePath(luid string) string { return "sites/" + luid + "/" }

// addSite makes a site with the group of all its users and its Default project, which belongs to nobody who can sign in.
func (s *Server) addSite(contentURL, name string) *site {
	info := &siteInfo{LUID: s.newID(), ContentURL: contentURL, Name: name, AllUsers: s.newID(), Attributes: defaultSiteAttributes}
	s.siteInfos.Put(info)
	where := s.site(info.LUID)
	where.groups.Put(&group{LUID: info.AllUsers, Name: allUsers, Domain: s.domain(localDomainName).LUID, Everybody: true})
	system := &user{LUID: s.newID(), Name: systemName, Role: serverAdministrator}
	where.users.Put(system)
	now := stamp(s.clock().UTC())
	first := &project{
		LUID: s.newID(), Name: defaultProjectName, Owner: system.LUID, ContentPermissions: managedByOwner,
		CreatedAt: now, UpdatedAt: now,
	}
	where.projects.Put(first)
	where.addTemplateRules(first.LUID, info.AllUsers)
	return where
}

// siteByContentURL returns the site with the content URL, in any case because tabcmd writes it in lower case.
func (s *Server) siteByContentURL(contentURL string) *site {
	info := s.siteInfos.Find(contentURLIndex, fold(contentURL))
	if info == nil {
		return nil
	}
	return s.site(info.LUID)
}

// site returns the site with the LUID, nil when there is none.
func (s *Server) site(luid string) *site {
	if s.siteInfos.Get(luid) == nil {
		return nil
	}
	if s.opened[luid] == nil {
		s.opened[luid] = s.openSite(luid)
	}
	return s.opened[luid]
}

// everySite returns all sites.
func (s *Server) everySite() []*site {
	var all []*site
	for _, i := range s.siteInfos.All() {
		all = append(all, s.site(i.LUID))
	}
	return all
}

// find returns the first of the items that fits, or nil.
func find[T any](items []*T, fits func(*T) bool) *T {
	i := slices.IndexFunc(items, fits)
	if i < 0 {
		return nil
	}
	return items[i]
}
