package main

import (
	"strings"
	"testing"
	"time"

	"github.com/vbauerster/mpb/v8/decor"

	"github.com/tabtemplate/tabtemplate/templates/deploy"
)

// Where nobody watches there is no bar.
func TestWantsBar(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		quiet bool
		sites int
		env   map[string]string
		want  bool
	}{
		{false, 10, map[string]string{"TERM": "xterm"}, true},
		{false, 10, nil, true}, // as on Windows
		{false, 1, nil, false},
		{true, 10, nil, false},
		{false, 10, map[string]string{"TERM": "dumb"}, false},
		{false, 10, map[string]string{"TERM": "xterm", "CI": "true"}, false},
	} {
		if got := wantsBar(test.quiet, test.sites, func(name string) string { return test.env[name] }); got != test.want {
			t.Errorf("%+v: %v", test, got)
		}
	}
}

// What stands beside the bar.
func TestWatchTexts(t *testing.T) {
	t.Parallel()
	w := &watch{wrong: "failed"}
	at := func(done int64) string {
		s := decor.Statistics{Current: done, Total: 1000}
		return w.done(s) + " |" + w.rest(s)
	}
	for _, step := range []struct {
		wrongs, bytes, done int64
		pace                time.Duration
		want                string
	}{
		{0, 0, 0, 0, "0/1000 sites | just begun"},
		{0, 1_300_000, 0, 0, "0/1000 sites | 1.2 MiB sent, just begun"},
		{3, 1_300_000, 500, 2100 * time.Millisecond, "500/1000 sites, 3 failed | 1.2 MiB sent, 17m30s left"},
		{3, 0, 1000, time.Second, "1000/1000 sites, 3 failed | 0s left"},
	} {
		w.wrongs.Store(step.wrongs)
		w.bytes.Store(step.bytes)
		w.pace.Store(int64(step.pace))
		if got := at(step.done); got != step.want {
			t.Errorf("got %q, want %q", got, step.want)
		}
	}
}

// Without a terminal each result is a line; what is not as it should be is counted whatever it is called.
func TestWatchLines(t *testing.T) {
	t.Parallel()
	var stderr strings.Builder
	a := &app{stdout: &output{w: &strings.Builder{}}, stderr: &oneAtATime{w: &stderr}}
	w := a.watch(10, "not the same")
	var o deploy.Options
	w.observe(&o)
	for _, action := range []deploy.Action{deploy.Same, deploy.Different, deploy.Missing} {
		r := deploy.Result{Site: "acme", Template: "orders", Action: action}
		o.Result(r)
		o.SiteDone(deploy.SiteResult{Site: "acme", Results: []deploy.Result{r}})
	}
	w.over()
	if want := "acme orders: same\nacme orders: different\nacme orders: missing\n"; stderr.String() != want || w.wrongs.Load() != 2 {
		t.Errorf("%d wrong, told %q", w.wrongs.Load(), stderr.String())
	}
}
