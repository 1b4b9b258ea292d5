package deploy_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tabtemplate/tabtemplate/rest"
	"github.com/tabtemplate/tabtemplate/rest/emulator"
	"github.com/tabtemplate/tabtemplate/templates"
	"github.com/tabtemplate/tabtemplate/templates/deploy"
)

// A server ends the session of a token when somebody signs in with it again: sites that share one are not worked on at
// the same time, and others are.
func TestTokens(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		signIn string // of each site; %d is its number
		jobs   int
		most   int // sessions at a time
	}{
		"one token":                      {"token: {name: ci, secret: same}", 0, 1},
		"a token for each":               {"token: {name: ci-%d, secret: same}", 0, 4},
		"a token for each, of one name":  {"token: {name: ci, secret: secret-%d}", 0, 4},
		"one user":                       {"user: ana, password: secret", 6, 6},
		"a token for each, one at once":  {"token: {name: ci-%d, secret: same}", 1, 1},
		"a token for each, two at once":  {"token: {name: ci-%d, secret: same}", 2, 2},
		"more jobs than there are sites": {"token: {name: ci-%d, secret: same}", 100, 6},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			manifest := "version: 1\nserver: {url: emulator}\nsites:\n"
			for i := range 6 {
				signIn := strings.ReplaceAll(test.signIn, "%d", fmt.Sprint(i))
				manifest += fmt.Sprintf("  s%d: {server: {sign_in: {%s}}, vars: {tenant: T%d, region: EMEA, database: db}}\n", i, signIn, i)
			}
			m := load(t, manifest+twoTemplates)
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, emulator.WithOpen())
				// The first sign-ins wait for each other; should they not come, nothing moves and the test fails.
				together := make(chan struct{})
				waiting := make(chan struct{}, test.most)
				w.signingIn = func(context.Context) {
					select {
					case <-together:
						return
					case waiting <- struct{}{}:
					}
					if len(waiting) == test.most {
						close(together)
					}
					<-together
				}
				report, err := deploy.Publish(t.Context(), m, deploy.Options{Client: w.client, Jobs: test.jobs})
				if err != nil || report.Failures() != 0 {
					t.Fatalf("%v\n%s", err, outcomes(report))
				}
				if w.most > test.most || w.signIns != 6 || w.signOuts != 6 {
					t.Errorf("%d sessions at a time, want %d; %d sign-ins, %d sign-outs, want 6", w.most, test.most, w.signIns, w.signOuts)
				}
			})
		})
	}
}

// The client of a server is asked for once, also when there is none; meanwhile other servers go on.
func TestClients(t *testing.T) {
	t.Parallel()
	m := load(t, `version: 1
server: {url: "https://b.example.com", sign_in: {user: ana, password: secret}}
sites:
  a: {server: {url: emulator}, vars: {tenant: A, region: EMEA, database: a}}
  b: {vars: {tenant: B, region: EMEA, database: b}}
  c: {vars: {tenant: C, region: EMEA, database: c}}
`+twoTemplates)
	w := newWorld(t, emulator.WithOpen())
	told := make(chan struct{}, 2*len(m.Sites()))
	none := errors.New("no client")
	asked := 0
	report, err := deploy.Publish(t.Context(), m, deploy.Options{
		Client: func(s templates.Server) (*rest.Client, error) {
			if s.Emulator {
				return w.client(s)
			}
			asked++
			select {
			case <-told:
			case <-time.After(10 * time.Second):
				t.Error("it holds up others")
			}
			return nil, none
		},
		Result: func(deploy.Result) { told <- struct{}{} },
	})
	if err != nil {
		t.Fatal(err)
	}
	const want = "a orders created\na sales created\nb  failed: no client\nc  failed: no client\n"
	if diff := cmp.Diff(want, outcomes(report)); diff != "" || asked != 1 {
		t.Errorf("asked %d times (-want +got):\n%s", asked, diff)
	}
}

// Many sites at a time, each with its own values and no other's.
func TestManySites(t *testing.T) {
	t.Parallel()
	const sites = 30
	manifest := "version: 1\nserver: {url: emulator}\nsites:\n"
	for i := range sites {
		region := []string{"EMEA", "AMER", "APAC"}[i%3]
		manifest += fmt.Sprintf("  tenant%02d: {vars: {tenant: Tenant %02d, region: %s, database: db_%02d}}\n", i, i, region, i)
	}
	m := load(t, manifest+twoTemplates)
	w := newWorld(t, emulator.WithOpen())
	told := 0
	report, err := deploy.Publish(t.Context(), m, deploy.Options{Client: w.client, Jobs: 8, Result: func(deploy.Result) { told++ }})
	if err != nil || report.Failures() != 0 || told != 2*sites {
		t.Fatalf("%v; told %d times\n%s", err, told, outcomes(report))
	}
	for i, s := range report.Sites {
		session := w.session(s.SiteContentURL)
		for _, r := range s.Results {
			text := unpacked(t, w.download(session, r))
			for j := range sites {
				for _, word := range []string{fmt.Sprintf("Tenant %02d", j), fmt.Sprintf("db_%02d", j)} {
					if strings.Contains(text, word) != (i == j) {
						t.Errorf("%s %s: whether it holds %q is wrong", s.Site, r.Template, word)
					}
				}
			}
		}
	}
}
