package emulator

// WithDemo gives the server a world to try things in: the users admin (a ServerAdministrator), ana (a
// SiteAdministratorCreator) and eve (a Viewer) on the Default site and on a second one with the content URL finance; and
// on the Default site a group Sales with ana and eve in it, and the projects Finance and, within it, North. The password
// of each user is the name followed by -password; each has a personal access token with the name followed by -token,
// whose secret is the name followed by -secret. It is for a server that only its maker can reach.
func WithDemo() Option {
	return func(o *options) error {
		for _, add := range []Option{
			WithSite("finance", "Finance"),
			WithUser("admin", "admin-password", serverAdministrator), WithToken("admin-token", "admin-secret", "admin"),
			WithUser("ana", "ana-password", "SiteAdministratorCreator"), WithToken("ana-token", "ana-secret", "ana"),
			WithUser("eve", "eve-password", "Viewer"), WithToken("eve-token", "eve-secret", "eve"),
			WithSeed(Seed{Sites: []SeedSite{{
				Groups:   []SeedGroup{{Name: "Sales", Users: []string{"ana", "eve"}}},
				Projects: []SeedProject{{Path: "Finance", Owner: "admin"}, {Path: "Finance/North", Owner: "admin"}},
			}}}),
		} {
			if err := add(o); err != nil {
				return err
			}
		}
		return nil
	}
}
