package deploy_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tabtemplate/tabtemplate/rest"
	"github.com/tabtemplate/tabtemplate/rest/emulator"
	"github.com/tabtemplate/tabtemplate/templates"
	"github.com/tabtemplate/tabtemplate/templates/deploy"
)

// A death is a run that is cut short as by a kill -9, at one of its requests or of the entries of its store: from then on nothing
// reaches the server or the store. A polite one is the end of its context, after which the store can still be written to.
type death struct {
	deploy.Store
	server http.RoundTripper
	end    context.CancelFunc
	at     int // the number of the request or entry, 0 for never
	moment string
	polite bool

	mu     sync.Mutex
	passed int
	dead   bool
}

// The moments of a request or of an entry at which a run dies: it has not left, half of it has, or the answer never comes.
var deaths = []string{"before", "half", "after"}

var errDead = errors.New("the process is dead")

// step counts a request or an entry, and says at which moment of it the run dies, if it does.
func (d *death) step() (moment string, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.dead && !d.polite {
		return "", errDead
	}
	if d.passed++; d.passed == d.at {
		d.dead = true
		return d.moment, nil
	}
	return "", nil
}

func (d *death) RoundTrip(r *http.Request) (*http.Response, error) {
	moment, err := d.step()
	if err == nil && moment == "" {
		return d.server.RoundTrip(r)
	}
	defer d.end()
	if r.Body != nil {
		defer r.Body.Close()
	}
	sent := r.Clone(context.WithoutCancel(r.Context()))
	switch {
	case err != nil || moment == "before":
		return nil, errDead
	case moment == "half" && r.Body != nil:
		half, err := io.ReadAll(io.LimitReader(r.Body, r.ContentLength/2))
		if err != nil {
			return nil, err
		}
		sent.Body = io.NopCloser(io.MultiReader(bytes.NewReader(half), torn{}))
	}
	if resp, err := d.server.RoundTrip(sent); err == nil {
		_, _ = io.Copy(io.Discard, resp.Body)
		_ = resp.Body.Close()
	}
	return nil, errDead
}

// torn is what comes of a body whose sender is gone.
type torn struct{}

func (torn) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// Append adds an entry, unless the run dies: then it has been added, or not.
func (d *death) Append(entries ...deploy.Entry) error {
	moment, err := d.step()
	if err == nil && moment == "" {
		return d.Store.Append(entries...)
	}
	defer d.end()
	if d.polite {
		return d.Store.Append(entries...)
	}
	if moment == "after" {
		_ = d.Store.Append(entries...)
	}
	return errDead
}

// A rehearsal is what a run that is cut short is tried with.
type rehearsal struct {
	t        *testing.T
	name     string
	thorough bool // each step at each moment
	server   []emulator.Option
	client   []rest.Option
	polite   bool
	faults   []emulator.Fault
	before   *templates.Manifest // what was published by a run before, nil for nothing
	now      *templates.Manifest
	want     map[string]int // revisions in the end
}

// publish is one run, and whether it lived to its end.
func (r *rehearsal) publish(w *world, m *templates.Manifest, store deploy.Store, at int, moment string) (*deploy.Report, *death, error) {
	ctx, end := context.WithCancel(r.t.Context())
	defer end()
	d := &death{Store: store, server: w.server.Transport(), end: end, at: at, moment: moment, polite: r.polite}
	report, err := deploy.Publish(ctx, m, deploy.Options{
		Store: d, Resume: true, Jobs: 1,
		Client: func(s templates.Server) (*rest.Client, error) {
			return rest.NewClient(s.URL, append(r.client, rest.WithHTTPClient(&http.Client{Transport: d}))...)
		},
	})
	return report, d, err
}

// run publishes, dies at a step, resumes, and looks at what is on the server. It returns how many steps the first run had.
func (r *rehearsal) run(at int, moment string) int {
	r.t.Helper()
	w := newWorld(r.t, append(r.server, emulator.WithOpen(), emulator.WithClock(time.Now))...)
	store := deploy.NewMemoryStore()
	where := fmt.Sprintf("%s, cut short %s step %d", r.name, moment, at)
	if r.before != nil {
		if _, _, err := r.publish(w, r.before, store, 0, ""); err != nil {
			r.t.Fatal(err)
		}
		time.Sleep(time.Minute)
	}
	for _, fault := range r.faults {
		if err := w.server.AddFault(fault); err != nil {
			r.t.Fatal(err)
		}
	}
	_, first, err := r.publish(w, r.now, store, at, moment)
	if last := at == first.passed; first.dead != (err != nil) && !(r.polite && last) {
		r.t.Fatalf("%s: dead %v: %v", where, first.dead, err)
	}
	w.server.ClearFaults()
	report, _, err := r.publish(w, r.now, store, 0, "")
	if err != nil || report.Failures() > 0 || strings.Contains(told(report), ":") {
		r.t.Errorf("%s: resumed, it says\n%s%v", where, told(report), err)
	}
	report, _, err = r.publish(w, r.now, store, 0, "")
	if got, want := told(report), "acme orders unchanged\nacme sales unchanged\n"; err != nil || got != want {
		r.t.Errorf("%s: once more, it says\n%s%v", where, got, err)
	}
	got := (&again{world: w}).revisions("acme")
	if diff := cmp.Diff(r.want, got); diff != "" {
		r.t.Errorf("%s: revisions (-want +got):\n%s", where, diff)
	}
	return first.passed
}

const oneSite = `version: 1
server: {url: emulator}
sites:
  acme: {vars: {tenant: Acme, region: EMEA, database: acme_prod}}
`

// A run that is cut short at any of its requests, or at any entry of its store, and then gone on with, publishes everything that
// changed once.
func TestCutShort(t *testing.T) {
	t.Parallel()
	old := load(t, oneSite+twoTemplates)
	changed := load(t, strings.Replace(oneSite, "acme_prod", "acme_next", 1)+twoTemplates)
	made := map[string]int{"Orders": 1, "Sales for Acme": 1}
	more := map[string]int{"Orders": 2, "Sales for Acme": 2}
	inBlocks := []rest.Option{rest.WithSingleRequestLimit(1 << 10), rest.WithBlockSize(1 << 10)}
	lost := func(path string) emulator.Fault {
		return emulator.Fault{
			Method: "POST", Path: path, Call: 1, Stage: emulator.AfterCommit, Answer: &emulator.Answer{Status: http.StatusGatewayTimeout},
		}
	}
	tests := []rehearsal{
		{name: "new", thorough: true, now: old, want: made},
		{name: "overwritten", thorough: true, before: old, now: changed, want: more},
		{name: "new, with a context that ends", polite: true, now: old, want: made},
		{name: "overwritten, with a context that ends", polite: true, before: old, now: changed, want: more},
		{name: "new, in blocks", client: inBlocks, now: old, want: made},
		{name: "overwritten, in blocks", client: inBlocks, before: old, now: changed, want: more},
		{name: "new, with slow jobs", client: inBlocks, server: []emulator.Option{emulator.WithJobTime(20 * time.Second)}, now: old, want: made},
		{name: "overwritten, with slow jobs", client: inBlocks, server: []emulator.Option{emulator.WithJobTime(20 * time.Second)}, before: old, now: changed, want: more},
		{name: "new, with lost answers", faults: []emulator.Fault{lost("/sites/*/datasources"), lost("/sites/*/workbooks")}, now: old, want: made},
		{name: "overwritten, with lost answers", faults: []emulator.Fault{lost("/sites/*/datasources"), lost("/sites/*/workbooks")}, before: old, now: changed, want: more},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			steps := 0
			for at := 0; at <= steps; at++ {
				for i, moment := range deaths {
					if at%len(deaths) != i && (!tt.thorough || testing.Short()) {
						continue // each step at one moment
					}
					synctest.Test(t, func(t *testing.T) {
						r := tt
						r.t = t
						if passed := r.run(at, moment); at == 0 {
							steps = passed
						}
					})
				}
			}
			t.Logf("%d steps", steps)
		})
	}
}

// secondDeaths is how many steps of a second run are tried: until it has looked for what was on its way, and some more.
const secondDeaths = 13

// inFlight tells whether something was on its way when a run was cut short.
func inFlight(t *testing.T, s deploy.Store) bool {
	open := map[deploy.Target]bool{}
	for e, err := range s.Entries() {
		switch {
		case err != nil:
			t.Fatal(err)
		case e.Intent != nil:
			open[e.Intent.Target] = true
		case e.Outcome != nil:
			delete(open, e.Outcome.Target)
		}
	}
	return len(open) > 0
}

// A run that is cut short is not always gone on with: the next one may be cut short as well, or fail before it has looked for what
// was on its way, and the manifest may be another. Nothing is published twice in any case, and what was, is not taken for somebody
// else's.
func TestCutShortTwice(t *testing.T) {
	t.Parallel()
	old := load(t, oneSite+twoTemplates)
	next := load(t, strings.Replace(oneSite, "acme_prod", "acme_next", 1)+twoTemplates)
	broken := load(t, oneSite+twoTemplates+"      - filter: Nowhere\n        include: [x]\n")
	failing := emulator.Fault{Path: "/sites/*/projects", Answer: emulator.Refusal(400000, "No.")}
	tests := []struct {
		name   string
		second *templates.Manifest
		third  *templates.Manifest
		faults []emulator.Fault // of the second run
		dies   bool             // the second run
	}{
		{"both die", old, old, nil, true},
		{"the second fails", old, old, []emulator.Fault{failing}, false},
		{"the second cannot be rendered", broken, old, nil, false},
		{"both die, and there is another manifest", next, next, nil, true},
		{"the second fails, and there is another manifest", next, next, []emulator.Fault{failing}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			for pair := range 26 * secondDeaths {
				at, at2 := 1+pair/secondDeaths, 0
				if tt.dies {
					at2 = 1 + pair%secondDeaths
				} else if pair%secondDeaths > 2 {
					continue
				}
				if testing.Short() && pair%4 > 0 {
					continue
				}
				first, second := deaths[pair%3], deaths[pair/3%3]
				where := fmt.Sprintf("cut short %s step %d, then %s step %d", first, at, second, at2)
				synctest.Test(t, func(t *testing.T) {
					r := &rehearsal{t: t}
					w := newWorld(t, emulator.WithOpen(), emulator.WithClock(time.Now))
					store := deploy.NewMemoryStore()
					_, _, _ = r.publish(w, old, store, at, first)
					if !inFlight(t, store) {
						return
					}
					time.Sleep(time.Minute)
					for _, fault := range tt.faults {
						if err := w.server.AddFault(fault); err != nil {
							t.Fatal(err)
						}
					}
					_, _, _ = r.publish(w, tt.second, store, at2, second)
					w.server.ClearFaults()
					time.Sleep(time.Minute)
					report, _, err := r.publish(w, tt.third, store, 0, "")
					if err != nil || report.Failures() > 0 || strings.Contains(told(report), ":") {
						t.Errorf("%s: resumed, it says\n%s%v", where, told(report), err)
					}
					report, _, err = r.publish(w, tt.third, store, 0, "")
					if got, want := told(report), "acme orders unchanged\nacme sales unchanged\n"; err != nil || got != want {
						t.Errorf("%s: once more, it says\n%s%v", where, got, err)
					}
					most := 1
					if tt.third != old {
						most = 2
					}
					for name, got := range (&again{world: w}).revisions("acme") {
						if got < 1 || got > most {
							t.Errorf("%s: %d revisions of %s", where, got, name)
						}
					}
				})
			}
		})
	}
}
