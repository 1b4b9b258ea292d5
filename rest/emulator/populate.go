package emulator

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// populate makes what the options ask for and is not there yet. What a kept state already has under the names of the
// options stays, but for what the options say of it: passwords and site roles of users, secrets of tokens and connected
// apps.
func (s *Server) populate() error {
	now := s.clock().UTC()
	if s.siteInfos.Len() == 0 {
		s.addSchedules(now)
	}
	for _, wanted := range append([]siteOption{{"", "Default"}}, s.options.sites...) {
		if s.siteByContentURL(wanted.contentURL) == nil {
			s.addSite(wanted.contentURL, wanted.name)
		}
	}
	var problems []error
	for _, u := range s.options.users {
		problems = append(problems, s.populateUser(u))
	}
	for _, t := range s.options.tokens {
		problems = append(problems, s.populateToken(t, now))
	}
	for _, app := range s.options.apps {
		problems = append(problems, s.populateApp(app, stamp(now)))
	}
	for _, contentURL := range s.options.saml {
		problems = append(problems, s.populateSAML(contentURL))
	}
	if err := errors.Join(problems...); err != nil {
		return err
	}
	for _, seed := range s.options.seeds {
		if err := s.plant(seed); err != nil {
			return err
		}
	}
	if !s.letsAnybodyIn() {
		return ErrNobody
	}
	return nil
}

// ErrNobody is the error of a server that nobody could sign in to.
var ErrNobody = errors.New("nobody can sign in: there is no user with a password or a token")

// letsAnybodyIn tells whether there is a way to sign in at all.
func (s *Server) letsAnybodyIn() bool {
	hasPassword := func(a *account) bool { return len(a.Password.Sum) > 0 }
	return s.open || s.pats.Len() > 0 || find(s.accounts.All(), hasPassword) != nil
}

// populateUser makes the account of a user, and puts it on its sites.
func (s *Server) populateUser(wanted userOption) error {
	a := s.findAccount(wanted.name)
	if a == nil {
		a = s.addAccount(wanted.name, wanted.role)
	}
	if !a.Password.holds(wanted.password) || a.Role != wanted.role {
		changed := *a
		changed.Password, changed.Role = seal(wanted.password), wanted.role
		s.accounts.Put(&changed)
		a = &changed
	}
	on, err := s.sitesOf(wanted)
	for _, where := range on {
		switch u := where.userOf(a); {
		case u == nil:
			s.addUser(where, a, wanted.role)
		case u.Role != wanted.role:
			changed := *u
			changed.Role = wanted.role
			where.users.Put(&changed)
		}
	}
	return err
}

// sitesOf returns the sites that the options put a user on: the ones named, else the Default site and those of the
// options.
func (s *Server) sitesOf(wanted userOption) ([]*site, error) {
	contentURLs := wanted.sites
	if contentURLs == nil {
		contentURLs = []string{""}
		for _, other := range s.options.sites {
			contentURLs = append(contentURLs, other.contentURL)
		}
	}
	var on []*site
	var problems []error
	for _, contentURL := range contentURLs {
		where, err := s.siteOfOption(fmt.Sprintf("user %q", wanted.name), contentURL)
		if err != nil {
			problems = append(problems, err)
			continue
		}
		on = append(on, where)
	}
	return on, errors.Join(problems...)
}

// siteOfOption returns the site that what the options ask for belongs to.
func (s *Server) siteOfOption(what, contentURL string) (*site, error) {
	where := s.siteByContentURL(contentURL)
	if where == nil {
		return nil, fmt.Errorf("%s: there is no site %q", what, contentURL)
	}
	return where, nil
}

// populateToken makes a personal access token. One that is over is made anew.
func (s *Server) populateToken(wanted tokenOption, now time.Time) error {
	of := s.findAccount(wanted.user)
	if of == nil {
		return fmt.Errorf("token %q: there is no user %q", wanted.name, wanted.user)
	}
	known := find(s.pats.All(), func(p *pat) bool { return p.Account == of.LUID && p.Name == wanted.name })
	switch {
	case known == nil:
		s.addPAT(wanted.name, wanted.secret, of, now)
	case known.isOver(now) || !known.Secret.holds(wanted.secret):
		s.revoke(known)
		s.addPAT(wanted.name, wanted.secret, of, now)
	}
	return nil
}

// populateApp makes a connected app with a secret.
func (s *Server) populateApp(wanted appOption, now time.Time) error {
	where, err := s.siteOfOption(fmt.Sprintf("connected app %q", wanted.clientID), wanted.site)
	if err != nil {
		return err
	}
	app := connectedApp{ClientID: wanted.clientID, Name: wanted.clientID, Enabled: true, CreatedAt: now}
	if known := where.connectedApps.Get(wanted.clientID); known != nil {
		app = *known
	}
	isWanted := func(secret appSecret) bool { return secret.LUID == wanted.secretID && secret.Value == wanted.secret }
	if !slices.ContainsFunc(app.Secrets, isWanted) {
		app.Secrets = []appSecret{{wanted.secretID, wanted.secret, now}}
		where.connectedApps.Put(&app)
	}
	return nil
}

// populateSAML makes SAML a way to sign in on a site.
func (s *Server) populateSAML(contentURL string) error {
	where, err := s.siteOfOption("SAML", contentURL)
	if err != nil {
		return err
	}
	isSAML := func(a *authConfiguration) bool { return a.AuthSetting == "SAML" }
	if find(where.authConfigurations.All(), isSAML) == nil {
		where.authConfigurations.Put(&authConfiguration{LUID: s.newID(), AuthSetting: "SAML", Name: "SAML", Enabled: true})
	}
	return nil
}
