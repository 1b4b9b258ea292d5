package rest

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"time"
)

// A User is someone on a site ("Query User on Site"). What a server does not tell is empty: lists leave out full name, e-mail
// address and domain unless they are asked for.
type User struct {
	LUID                 string      `api:"@id"`
	Name                 string      `api:"@name"`
	FullName             string      `api:"@fullName"`
	Email                string      `api:"@email"`
	SiteRole             SiteRole    `api:"@siteRole"`
	AuthSetting          AuthSetting `api:"@authSetting"`
	LastLogin            time.Time   `api:"@lastLogin"` // zero for who has never signed in
	ExternalAuthUserID   string      `api:"@externalAuthUserId"`
	Locale               string      `api:"@locale"`
	Language             string      `api:"@language"`
	IDPConfigurationLUID string      `api:"@idpConfigurationId"` // with several ways to sign in
	IDPConfigurationName string      `api:"@idpConfigurationName"`
	IdentityPoolLUID     string      `api:"@identityPoolId"`
	IdentityPoolName     string      `api:"@identityPoolName"`
	Identifier           string      `api:"@identifier"`          // within the identity pool
	GroupSiteRole        SiteRole    `api:"@glsiMinimumSiteRole"` // the least that the user's groups give on signing in
	ContentAdmin         bool        `api:"@contentAdmin"`
	OwnsContent          bool        `api:"@ownsContent"`
	Domain               string      `api:"domain/@name"` // "local", or that of an Active Directory
}

func (u User) naming() naming { return naming{u.LUID, u.Name, u.Domain} }

// A SiteRole is what a user may do on a site at most.
type SiteRole string

// The site roles of API 3.0 and later.
const (
	SiteRoleCreator                   SiteRole = "Creator"
	SiteRoleExplorer                  SiteRole = "Explorer"
	SiteRoleExplorerCanPublish        SiteRole = "ExplorerCanPublish"
	SiteRoleServerAdministrator       SiteRole = "ServerAdministrator"
	SiteRoleSiteAdministratorCreator  SiteRole = "SiteAdministratorCreator"
	SiteRoleSiteAdministratorExplorer SiteRole = "SiteAdministratorExplorer"
	SiteRoleUnlicensed                SiteRole = "Unlicensed"
	SiteRoleViewer                    SiteRole = "Viewer"

	SiteRoleGuest       SiteRole = "Guest"       // the guest user of a server, nobody else
	SiteRoleSupportUser SiteRole = "SupportUser" // of Tableau's own people
)

// The site roles of before API 3.0, some of which users of later servers still have.
const (
	SiteRoleInteractor            SiteRole = "Interactor"
	SiteRolePublisher             SiteRole = "Publisher"
	SiteRoleReadOnly              SiteRole = "ReadOnly"
	SiteRoleSiteAdministrator     SiteRole = "SiteAdministrator"
	SiteRoleUnlicensedWithPublish SiteRole = "UnlicensedWithPublish"
	SiteRoleViewerWithPublish     SiteRole = "ViewerWithPublish"
)

// check refuses a site role that came after the version.
func (r SiteRole) check(v Version) error {
	switch r {
	case SiteRoleCreator, SiteRoleExplorer, SiteRoleExplorerCanPublish, SiteRoleSiteAdministratorCreator, SiteRoleSiteAdministratorExplorer:
		if v.before(sinceNewRoles) {
			return &VersionError{Feature: "site role " + string(r), Needs: sinceNewRoles, Speaks: v}
		}
	}
	return nil
}

// An AuthSetting is how a user signs in. Which there are is for the site to say.
type AuthSetting string

// The authentication settings.
const (
	AuthServerDefault    AuthSetting = "ServerDefault" // as the server is set up
	AuthSAML             AuthSetting = "SAML"
	AuthOpenID           AuthSetting = "OpenID"
	AuthTableauIDWithMFA AuthSetting = "TableauIDWithMFA" // Tableau Cloud
)

// UsersService works with the users of a site. Add and AddOrUpdate put one on the site, ImportCSV many in the background;
// Remove takes one off. A name stands for the one user who has it; with several directories the domain may come first, as in
// example.com\ana.
//
// Groups lists the groups a user is in; [GroupsService.AddUsers] puts users into one. What a user may read and owns is listed
// by [WorkbooksService.OfUser] and [WorkbooksService.OwnedBy].
type UsersService struct{ s *Session }

// All lists the users of the site ("Get Users on Site"). Unless the query chooses the fields, everything the server knows of
// them is asked for, full name and e-mail address too.
func (us *UsersService) All(ctx context.Context, q Query) iter.Seq2[User, error] {
	if len(q.Fields) == 0 && !us.s.version.before(sinceFields) {
		q.Fields = []string{"_all_"}
	}
	return listing[User]{
		op: "Get Users on Site", path: "users", query: q, items: []string{"users", "user"}, kinds: userFilters,
	}.all(ctx, us.s)
}

// ByLUID reads a user ("Query User on Site"). Other users than oneself are for administrators.
func (us *UsersService) ByLUID(ctx context.Context, luid string) (User, error) {
	q, err := us.request(http.MethodGet, "Query User on Site", luid)
	var user User
	if err == nil {
		user, err = read[User](ctx, us.s, q, "user")
	}
	if err != nil {
		return User{}, fmt.Errorf("reading user %q: %w", luid, err)
	}
	return user, nil
}

// ByName finds a user by name. The errors are a [*NotFoundError], and an [*AmbiguousError] for a name that several domains have.
func (us *UsersService) ByName(ctx context.Context, name string) (User, error) {
	user, err := lookup(ctx, "user", name, us.All)
	if err != nil {
		return User{}, fmt.Errorf("finding user %q: %w", name, err)
	}
	return user, nil
}

// Find is ByLUID for what looks like a LUID, and else ByName.
func (us *UsersService) Find(ctx context.Context, nameOrLUID string) (User, error) {
	if luidForm.MatchString(nameOrLUID) {
		return us.ByLUID(ctx, nameOrLUID)
	}
	return us.ByName(ctx, nameOrLUID)
}

// UserAdd describes a user to be on the site.
type UserAdd struct {
	Name                 string      `api:"@name"`     // required; with the domain before it, as in example.com\ana, if need be
	SiteRole             SiteRole    `api:"@siteRole"` // required
	AuthSetting          AuthSetting `api:"@authSetting"`
	IDPConfigurationLUID string      `api:"@idpConfigurationId"` // instead of AuthSetting, with several ways to sign in

	// These take a second request, once the user is there; without them there is none.
	FullName, Email, Password string
	redacted
}

// Add puts a user on the site ("Add User to Site", and "Update User" for full name, e-mail address and password). Someone the
// server knows from another site keeps their password there and here. A user who is on the site already is an [ErrConflict]:
// see [UsersService.AddOrUpdate]. When adding has worked and the rest has not, the user comes back with the error.
func (us *UsersService) Add(ctx context.Context, a UserAdd) (User, error) {
	user, _, err := us.add(ctx, a)
	if err == nil {
		user, err = us.describe(ctx, user, UserUpdate{}, a)
	}
	if err != nil {
		return user, fmt.Errorf("adding user %q: %w", a.Name, err)
	}
	return user, nil
}

// AddOrUpdate puts a user on the site as Add does, or makes the one who is there already like this.
func (us *UsersService) AddOrUpdate(ctx context.Context, a UserAdd) (User, error) {
	user, found, err := us.add(ctx, a)
	if errors.Is(err, ErrConflict) {
		found = true
		user, err = us.known(ctx, a.Name, err)
	}
	if err == nil {
		user, err = us.describe(ctx, user, a.changes(found), a)
	}
	if err != nil {
		return user, fmt.Errorf("adding or updating user %q: %w", a.Name, err)
	}
	return user, nil
}

// changes is what is to change of a user who was there before: nothing of a new one.
func (a UserAdd) changes(found bool) UserUpdate {
	var u UserUpdate
	if !found {
		return u
	}
	u.SiteRole = &a.SiteRole
	if a.AuthSetting != "" {
		u.AuthSetting = &a.AuthSetting
	}
	if a.IDPConfigurationLUID != "" {
		u.IDPConfigurationLUID = &a.IDPConfigurationLUID
	}
	return u
}

// known is the user who is in the way of another. One who is not to be found is not listed: the conflict is all there is to say.
func (us *UsersService) known(ctx context.Context, name string, conflict error) (User, error) {
	user, err := lookup(ctx, "user", name, us.All)
	if errors.Is(err, ErrNotFound) {
		err = conflict
	}
	return user, err
}

// add sends the first request of Add, and says whether the user was found after it was unclear what it did.
func (us *UsersService) add(ctx context.Context, a UserAdd) (user User, found bool, err error) {
	if err := a.check(us.s.version); err != nil {
		return User{}, false, err
	}
	q := &request{op: "Add User to Site", method: http.MethodPost, path: "users"}
	if err := q.carry(encodeElement("user", a)); err != nil {
		return User{}, false, err
	}
	return create(ctx, us.s, q, "user", func() (User, error) { return lookup(ctx, "user", a.Name, us.All) })
}

func (a UserAdd) check(v Version) error {
	var errs []error
	if _, plain := splitDomain(a.Name); plain == "" {
		errs = append(errs, errors.New("the name is empty"))
	}
	if a.SiteRole == "" {
		errs = append(errs, errors.New("there is no site role"))
	}
	return errors.Join(append(errs, a.SiteRole.check(v), checkAuthentication(a.AuthSetting, a.IDPConfigurationLUID))...)
}

func checkAuthentication(setting AuthSetting, configurationLUID string) error {
	if setting != "" && configurationLUID != "" {
		return errors.New("an authentication setting and the LUID of a configuration exclude each other")
	}
	return nil
}

// describe changes what is given of full name, e-mail address and password, and what u holds.
func (us *UsersService) describe(ctx context.Context, user User, u UserUpdate, a UserAdd) (User, error) {
	for _, field := range []struct {
		value string
		to    **string
	}{{a.FullName, &u.FullName}, {a.Email, &u.Email}, {a.Password, &u.Password}} {
		if field.value != "" {
			*field.to = &field.value
		}
	}
	if u == (UserUpdate{}) {
		return user, nil
	}
	updated, err := us.update(ctx, user.LUID, u)
	if err != nil {
		return user, fmt.Errorf("the user is on the site, but not as asked for: %w", err)
	}
	return updated, nil
}

// UserUpdate is what to change of a user. What is nil stays. On Tableau Cloud only site role and authentication change; with an
// Active Directory the next synchronization takes names from there again.
type UserUpdate struct {
	FullName             *string      `api:"@fullName"`
	Email                *string      `api:"@email"`
	Password             *string      `api:"@password"`
	SiteRole             *SiteRole    `api:"@siteRole"`
	AuthSetting          *AuthSetting `api:"@authSetting"`
	IDPConfigurationLUID *string      `api:"@idpConfigurationId"`
	redacted
}

// Update changes a user ("Update User"). The site role ServerAdministrator is not sent, so that what was read of a server
// administrator can be sent back; who is none does not become one by this, which is an error.
func (us *UsersService) Update(ctx context.Context, luid string, u UserUpdate) (User, error) {
	user, err := us.update(ctx, luid, u)
	if err != nil {
		return User{}, fmt.Errorf("updating user %q: %w", luid, err)
	}
	return user, nil
}

func (us *UsersService) update(ctx context.Context, luid string, u UserUpdate) (User, error) {
	if err := u.check(us.s.version); err != nil {
		return User{}, err
	}
	wanted := deref(u.SiteRole)
	if wanted == SiteRoleServerAdministrator {
		u.SiteRole = nil
	}
	q, err := us.request(http.MethodPut, "Update User", luid)
	if err != nil {
		return User{}, err
	}
	if err := q.carry(encodeElement("user", u)); err != nil {
		return User{}, err
	}
	q.secrets = []string{deref(u.Password)}
	user, err := read[User](ctx, us.s, q, "user")
	if err == nil && wanted == SiteRoleServerAdministrator && user.SiteRole != wanted {
		err = fmt.Errorf("the user is no server administrator, and does not become one by this: it has the site role %q", user.SiteRole)
	}
	if err != nil {
		return User{}, err
	}
	user.LUID = luid // the published answer has none
	return user, nil
}

func (u UserUpdate) check(v Version) error {
	var errs []error
	if u.SiteRole != nil && *u.SiteRole == "" {
		errs = append(errs, errors.New("the site role is empty"))
	}
	if u.Password != nil && *u.Password == "" {
		errs = append(errs, errors.New("the password is empty"))
	}
	errs = append(errs, deref(u.SiteRole).check(v), checkAuthentication(deref(u.AuthSetting), deref(u.IDPConfigurationLUID)))
	return errors.Join(errs...)
}

// deref is what a pointer points to, the zero value for none.
func deref[T any](p *T) T {
	if p == nil {
		var none T
		return none
	}
	return *p
}

// Remove takes a user off the site ("Remove User from Site"). What the user owns goes to another user of the site, whose LUID
// is given; with "" someone who owns content cannot be removed, which is an [ErrConflict].
func (us *UsersService) Remove(ctx context.Context, luid, mapAssetsToLUID string) error {
	q, err := us.request(http.MethodDelete, "Remove User from Site", luid)
	if err == nil {
		if mapAssetsToLUID != "" {
			q.query = "mapAssetsTo=" + escapeQuery(mapAssetsToLUID)
		}
		err = us.s.remove(ctx, q)
	}
	if err != nil {
		return fmt.Errorf("removing user %q: %w", luid, err)
	}
	return nil
}

// Groups lists the groups a user is in ("Get Groups for a User", API 3.7). Those of others are for administrators.
func (us *UsersService) Groups(ctx context.Context, luid string, q Query) iter.Seq2[Group, error] {
	if err := checkLUID("user", luid); err != nil {
		return failing[Group](fmt.Errorf("listing the groups of user %q: %w", luid, err))
	}
	return listing[Group]{
		op: "Get Groups for a User", since: Version{3, 7}, path: "users/" + segments(luid) + "/groups", query: q,
		items: []string{"groups", "group"}, kinds: groupFilters,
	}.all(ctx, us.s)
}

// request is a call about one user.
func (us *UsersService) request(method, op, luid string) (*request, error) {
	if err := checkLUID("user", luid); err != nil {
		return nil, err
	}
	return &request{op: op, method: method, path: "users/" + segments(luid)}, nil
}
