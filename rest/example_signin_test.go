package rest_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"

	"github.com/tabtemplate/tabtemplate/rest"
	"github.com/tabtemplate/tabtemplate/rest/emulator"
)

// client is one for an emulator; with a real server, only the address is needed.
func client(opts ...emulator.Option) *rest.Client {
	server, err := emulator.New(append(opts,
		emulator.WithSite("acme", "Acme"), emulator.WithSite("east", "East"), emulator.WithUser("ana", "secret", "ServerAdministrator"),
		emulator.WithUser("bob", "secret", "Creator"), emulator.WithToken("ci", "token-secret", "ana"),
	)...)
	if err != nil {
		log.Fatal(err)
	}
	c, err := rest.NewClient(emulator.URL, rest.WithHTTPClient(&http.Client{Transport: server.Transport()}))
	if err != nil {
		log.Fatal(err)
	}
	return c
}

func ExampleClient_SignIn() {
	ctx := context.Background()
	c := client()
	session, err := c.SignIn(ctx, rest.PersonalAccessToken{Name: "ci", Secret: "token-secret"}, "acme")
	if err != nil {
		log.Fatal(err)
	}
	defer session.SignOut(ctx)
	me, err := session.Current(ctx)
	fmt.Println(me.UserName, "is on", me.SiteName, err)

	_, err = c.SignIn(ctx, rest.PersonalAccessToken{Name: "ci", Secret: "guessed"}, "acme")
	fmt.Println(errors.Is(err, rest.ErrAuthentication))
	// Output:
	// ana is on Acme <nil>
	// true
}

func ExampleConnectedApp() {
	ctx := context.Background()
	c := client(emulator.WithConnectedApp("acme", "client-id", "secret-id", "secret-value"))
	session, err := c.SignIn(ctx, rest.ConnectedApp{
		ClientID:    "client-id",
		SecretID:    "secret-id",
		SecretValue: "secret-value",
		UserName:    "bob",
		Scopes:      []string{"tableau:content:read", "tableau:workbooks:download"},
		Claims:      map[string]any{"Region": "West"}, // a user attribute
	}, "acme")
	if err != nil {
		log.Fatal(err)
	}
	me, err := session.Current(ctx)
	fmt.Println(me.UserName, err)
	// Output: bob <nil>
}

func ExampleImpersonation() {
	ctx := context.Background()
	c := client()
	admin := rest.PersonalAccessToken{Name: "ci", Secret: "token-secret"}
	bob, err := c.SignIn(ctx, rest.UserPassword{Name: "bob", Password: "secret"}, "acme")
	if err != nil {
		log.Fatal(err)
	}
	session, err := c.SignIn(ctx, rest.Impersonation{Credentials: admin, UserLUID: bob.UserLUID()}, "acme")
	if err != nil {
		log.Fatal(err)
	}
	me, err := session.Current(ctx)
	fmt.Println(me.UserName, err)
	// Output: bob <nil>
}

func ExampleSession_SwitchSite() {
	ctx := context.Background()
	acme, err := client().SignIn(ctx, rest.PersonalAccessToken{Name: "ci", Secret: "token-secret"}, "acme")
	if err != nil {
		log.Fatal(err)
	}
	east, err := acme.SwitchSite(ctx, "east")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(east.SiteContentURL())
	_, err = acme.Current(ctx)
	fmt.Println(errors.Is(err, rest.ErrReplaced))
	// Output:
	// east
	// true
}

func ExampleEachSite() {
	ctx := context.Background()
	server, err := emulator.New(emulator.WithOpen())
	if err != nil {
		log.Fatal(err)
	}
	client, err := rest.NewClient(emulator.URL, rest.WithHTTPClient(&http.Client{Transport: server.Transport()}))
	if err != nil {
		log.Fatal(err)
	}
	credentials := rest.UserPassword{Name: "ana", Password: "secret"}
	sites := []rest.SiteTarget{
		{Client: client, Credentials: credentials, SiteContentURL: "acme"},
		{Client: client, Credentials: credentials, SiteContentURL: "globex"},
	}
	counts := make([]int, len(sites))
	err = rest.EachSite(ctx, sites, rest.EachSiteOptions{Parallel: 2}, func(ctx context.Context, i int, s *rest.Session) error {
		projects, err := rest.Collect(s.Projects.All(ctx, rest.Query{}))
		counts[i] = len(projects)
		return err
	})
	fmt.Println(counts, err)
	// Output: [1 1] <nil>
}

// An operation that the package has no method for.
func ExampleSession_Do() {
	ctx := context.Background()
	session := signIn(ctx)
	answer, err := session.Do(ctx, rest.Request{Path: "settings/extensions"})
	if err != nil {
		log.Fatal(err)
	}
	var settings struct {
		Enabled bool `xml:"extensionsSiteSettings>extensionsEnabled"`
	}
	fmt.Println(answer.Decode(&settings), settings.Enabled)
	// Output: <nil> true
}
