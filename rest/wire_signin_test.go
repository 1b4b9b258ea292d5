package rest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"
)

// signInText is the request of a sign-in, as the rows write requests.
func signInText(ctx context.Context, credentials Credentials, site string, opts ...Option) (string, *Session, error) {
	f := &fakeServer{t: new(testing.T)}
	c, err := NewClient(testBase, append([]Option{WithVersion("3.29"), WithHTTPClient(&http.Client{Transport: f})}, opts...)...)
	if err != nil {
		return "", nil, err
	}
	s, err := c.SignIn(ctx, credentials, site)
	if err != nil {
		return "", nil, err
	}
	return f.last().text(), s, nil
}

// signInRow is a row of a sign-in, whose request the rows after it leave out.
func signInRow(name string, credentials Credentials, site, want string) wireRow {
	return wireRow{
		rows: []int{40}, name: "Sign In " + name,
		call: func(ctx context.Context, _ *Session) error {
			got, s, err := signInText(ctx, credentials, site)
			if err == nil && got != "POST /api/3.29/auth/signin\n\n"+want {
				err = fmt.Errorf("the request is\n%s", got)
			}
			if err == nil && (s.SiteLUID() != testSite || s.SiteContentURL() != "finance" || s.ExpiresAt().IsZero() ||
				s.UserLUID() != "9a41b8c2-0c4e-4b6f-8a5d-2f7e6c1b3d90" || s.ServerURL() != testBase) {
				err = fmt.Errorf("%v of user %s until %v", s, s.UserLUID(), s.ExpiresAt())
			}
			return err
		},
		reply: []reply{{status: 204}},
	}
}

const (
	testJWT  = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbmEifQ.c2lnbmF0dXJl"
	testUser = "1a96d216-e9b8-497b-a82a-0b899a965e01"
)

var signInRows = []wireRow{
	signInRow("with a personal access token", PersonalAccessToken{Name: "ci", Secret: "k1==:secret"}, "finance",
		`<tsRequest><credentials personalAccessTokenName="ci" personalAccessTokenSecret="k1==:secret"><site contentUrl="finance"/></credentials></tsRequest>`),
	signInRow("with a password, to the Default site", UserPassword{Name: `corp\ana`, Password: `p@ss&<w>"`}, "",
		`<tsRequest><credentials name="corp\ana" password="p@ss&amp;&lt;w&gt;&quot;"><site contentUrl=""/></credentials></tsRequest>`),
	signInRow("with a JSON Web Token", JWT{Token: testJWT}, "finance",
		`<tsRequest><credentials jwt="`+testJWT+`"><site contentUrl="finance"/></credentials></tsRequest>`),
	signInRow("with a JSON Web Token from a source", JWT{Source: func(context.Context) (string, error) { return testJWT, nil }}, "finance",
		`<tsRequest><credentials jwt="`+testJWT+`"><site contentUrl="finance"/></credentials></tsRequest>`),
	signInRow("with a unified access token", JWT{Token: testJWT, Unified: true}, "finance",
		`<tsRequest><credentials jwt="`+testJWT+`" isUat="true"><site contentUrl="finance"/></credentials></tsRequest>`),
	signInRow("as somebody else, with a password", Impersonation{Credentials: UserPassword{Name: "admin", Password: "p@ssword"}, UserLUID: testUser}, "MarketingSite",
		`<tsRequest><credentials name="admin" password="p@ssword"><site contentUrl="MarketingSite"/><user id="`+testUser+`"/></credentials></tsRequest>`),
	signInRow("as somebody else, with a token", Impersonation{Credentials: PersonalAccessToken{Name: "ci", Secret: "s"}, UserLUID: testUser}, "finance",
		`<tsRequest><credentials personalAccessTokenName="ci" personalAccessTokenSecret="s"><site contentUrl="finance"/><user id="`+testUser+`"/></credentials></tsRequest>`),
	{
		rows: []int{41}, name: "Sign Out",
		call: func(ctx context.Context, s *Session) error {
			err := s.SignOut(ctx)
			if err == nil && s.SignOut(ctx) != nil {
				err = errors.New("signing out twice fails")
			}
			return err
		},
		seen:  []string{"POST /api/3.29/auth/signout"},
		reply: []reply{{status: 204}},
	},
	{
		rows: []int{42}, name: "Switch Site",
		call: func(ctx context.Context, s *Session) error {
			next, err := s.SwitchSite(ctx, "MarketingSite")
			if err == nil && (next.SiteLUID() != "dad65087-b08b-4603-af4e-2887b8aafc67" || next.SiteContentURL() != "MarketingSite" ||
				next.UserLUID() != testUser || next.Version() != s.Version()) {
				err = fmt.Errorf("it gives %v %s of user %s", next, next.SiteLUID(), next.UserLUID())
			}
			if err == nil {
				_, err = Collect(next.Projects.All(ctx, Query{}))
			}
			return err
		},
		seen: []string{
			"POST /api/3.29/auth/switchSite\n\n" + `<tsRequest><site contentUrl="MarketingSite"/></tsRequest>`,
			"GET /api/3.29/sites/dad65087-b08b-4603-af4e-2887b8aafc67/projects?pageNumber=1&pageSize=100",
		},
		reply: []reply{
			ok(`<credentials token="HvZMqFFfQQmOM4L"><site id="dad65087-b08b-4603-af4e-2887b8aafc67" contentUrl="MarketingSite"/><user id="` + testUser + `"/></credentials>`),
			ok(`<pagination pageNumber="1" pageSize="100" totalAvailable="0"/><projects/>`),
		},
		also: func(r seenRequest) error {
			if r.Header.Get(tokenHeader) != testToken || r.Header.Get("Content-Type") != "application/xml" {
				return fmt.Errorf("the header is %v", r.Header)
			}
			return nil
		},
	},
	{
		rows: []int{43}, name: "Server Info",
		call: func(ctx context.Context, s *Session) error {
			info, err := s.client.ServerInfo(ctx)
			if want := (ServerInfo{ProductVersion: "10.1.0", Build: "10100.16.1024.2100", RESTVersion: Version{2, 4}}); err == nil && info != want {
				err = fmt.Errorf("it gives %+v", info)
			}
			return err
		},
		seen: []string{"GET /api/2.4/serverinfo"},
		reply: []reply{
			ok(`<serverInfo><productVersion build="10100.16.1024.2100">10.1.0</productVersion><restApiVersion>2.4</restApiVersion></serverInfo>`),
		},
	},
	{
		rows: []int{242}, name: "Revoke Administrator Personal Access Tokens",
		call:  func(ctx context.Context, s *Session) error { return s.RevokeAdministratorTokens(ctx) },
		seen:  []string{"DELETE /api/3.29/auth/serverAdminAccessTokens"},
		reply: []reply{{status: 204}},
	},
	{
		rows: []int{243}, name: "Get Current Server Session",
		call: func(ctx context.Context, s *Session) error {
			got, err := s.Current(ctx)
			want := SessionInfo{
				SiteLUID: testSite, SiteName: "Finance", SiteContentURL: "finance", UserLUID: testUser, UserName: "ana",
				SiteRole: "SiteAdministratorCreator",
			}
			if err == nil && got != want {
				err = fmt.Errorf("it gives %+v", got)
			}
			return err
		},
		seen: []string{"GET /api/3.29/sessions/current"},
		reply: []reply{
			ok(`<session><site id="` + testSite + `" name="Finance" contentUrl="finance" adminMode="ContentAndUsers" state="Active"/><user id="` +
				testUser + `" name="ana" siteRole="SiteAdministratorCreator" lastLogin="2026-05-01T06:00:00Z"/></session>`),
		},
	},
	{
		rows: []int{243}, name: "Delete Server Session",
		call:  func(ctx context.Context, s *Session) error { return s.EndSession(ctx, "a/b") },
		seen:  []string{"DELETE /api/3.29/sessions/a%2Fb"},
		reply: []reply{{status: 204}},
	},
}
