package emulator

// WithDemo gives the server a world to try things in: the users admin (a ServerAdministrator), ana (a
// SiteAdministratorCreator) and eve (a Viewer) on the Default site and on a second one with the content URL finance; and
// on the Default site a group Sales with ana and eve in it, and the projects Finance and, within it, North. The password
// of each user is the name followed by -password; each has a personal access token with the name followed by -token,
// whose secret is the name followed by -secret. It is for a server that only its maker can reach.
func WithDemo() Option {
	return func(o *options) error {
		o.demo = true
		for _, add := range []Option{
			WithSite("finance", "Finance"),
			WithUser("admin", "admin-password", serverAdministrator), WithToken("admin-token", "admin-secret", "admin"),
			WithUser("ana", "ana-password", "SiteAdministratorCreator"), WithToken("ana-token", "ana-secret", "ana"),
			WithUser("eve", "eve-password", "Viewer"), WithToken("eve-token", "eve-secret", "eve"),
		} {
			if err := add(o); err != nil {
				return err
			}
		}
		return nil
	}
}

// populateDemo makes what WithDemo puts on the Default site besides the users.
func (s *Server) populateDemo(where *site) {
	byName := func(name string) string { return where.userOf(s.findAccount(name)).LUID }
	where.groups.Put(&group{
		LUID: s.newID(), Name: "Sales", Domain: s.domain(localDomainName).LUID, Members: []string{byName("ana"), byName("eve")},
	})
	now := stamp(s.clock().UTC())
	parent := ""
	for _, name := range []string{"Finance", "North"} {
		p := &project{
			LUID: s.newID(), Name: name, Parent: parent, Owner: byName("admin"), ContentPermissions: managedByOwner,
			CreatedAt: now, UpdatedAt: now,
		}
		where.projects.Put(p)
		where.inheritRules(p)
		parent = p.LUID
	}
}
