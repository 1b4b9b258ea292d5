package rest

// Credentials are what a session is signed in with: a [PersonalAccessToken] or a [UserPassword].
type Credentials interface {
	// element is the credentials element of the sign-in request, without the site.
	element() *element
	// secrets are the texts that no error may show.
	secrets() []string
	// since is the first API version that takes this kind.
	since() Version
	// kind names the credentials in errors.
	kind() string
}

// A PersonalAccessToken signs in with a token made on the user's account page (API 3.6). The server keeps one session per
// token: signing in with it again ends the earlier session, on whatever site that was. It expires after 15 days without use.
type PersonalAccessToken struct {
	Name   string // the name given to the token
	Secret string // what the server showed when the token was made
	redacted
}

func (t PersonalAccessToken) element() *element {
	return newElement("credentials").set("personalAccessTokenName", t.Name).set("personalAccessTokenSecret", t.Secret)
}
func (t PersonalAccessToken) secrets() []string { return []string{t.Secret} }
func (PersonalAccessToken) since() Version      { return sinceAccessTokens }
func (PersonalAccessToken) kind() string        { return "signing in with a personal access token" }

// A UserPassword signs in with a user's name and password. Sites that ask for a second factor refuse it.
type UserPassword struct {
	Name     string // user name, with its domain if the server needs it: domain\user
	Password string
	redacted
}

func (u UserPassword) element() *element {
	return newElement("credentials").set("name", u.Name).set("password", u.Password)
}
func (u UserPassword) secrets() []string { return []string{u.Password} }
func (UserPassword) since() Version      { return Version{2, 0} }
func (UserPassword) kind() string        { return "signing in with a password" }
