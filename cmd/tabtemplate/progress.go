package main

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"sync/atomic"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
	"golang.org/x/term"

	"github.com/tabtemplate/tabtemplate/templates/deploy"
)

// A watch tells on stderr how a run goes: by a bar where a person watches, else by a line for each result.
type watch struct {
	app   *app
	wrong string // what sites that are not as they should be are called
	begun time.Time
	last  time.Time // when a site was done

	bar  *mpb.Bar // nil for lines
	over func()

	// The bar is drawn meanwhile.
	wrongs, bytes atomic.Int64
	pace          atomic.Int64 // nanoseconds from one site to the next, on a moving average
}

// watch begins to watch so many sites.
func (a *app) watch(sites int, wrong string) *watch {
	w := newWatch(a, wrong)
	if wantsBar(a.quiet, sites, os.Getenv) {
		w.draw(sites)
	}
	return w
}

func newWatch(a *app, wrong string) *watch {
	now := time.Now()
	return &watch{app: a, wrong: wrong, begun: now, last: now, over: func() {}}
}

// wantsBar says whether a bar is wanted if there is a terminal. CI systems have one, too, and nobody in front of it.
func wantsBar(quiet bool, sites int, getenv func(string) string) bool {
	return sites > 1 && wantsDrawing(quiet, getenv)
}

// wantsDrawing says whether anything is to be drawn if there is a terminal.
func wantsDrawing(quiet bool, getenv func(string) string) bool {
	return !quiet && getenv("TERM") != "dumb" && getenv("CI") == ""
}

// draw begins a bar, if stderr is a terminal. Until it is over, what is written to the terminal comes to stand above it.
func (w *watch) draw(sites int) {
	bars, over := w.app.drawBelow()
	if bars == nil {
		return
	}
	w.bar = bars.New(int64(sites), barStyle(), mpb.BarFillerTrim(), mpb.BarRemoveOnComplete(),
		mpb.PrependDecorators(decor.Any(w.done)), mpb.AppendDecorators(decor.Any(w.rest)))
	w.over = func() {
		w.bar.Abort(true)
		over()
	}
}

func barStyle() mpb.BarStyleComposer {
	return mpb.BarStyle().Lbound(" [").Filler("=").Tip(">").Padding(" ").Rbound("]")
}

// drawBelow begins to draw on stderr, if that is a terminal: else it is nil. Until it is over, which is once all bars have come to
// their end, what is written to the terminal comes to stand above it.
func (a *app) drawBelow() (bars *mpb.Progress, over func()) {
	stderr, file, ok := terminal(a.stderr)
	if !ok {
		return nil, nil
	}
	bars = mpb.New(mpb.WithOutput(file))
	stderr.through(bars)
	stdout, _, both := terminal(a.stdout.w)
	if both {
		stdout.through(bars)
	}
	return bars, func() {
		bars.Wait()
		stderr.through(nil)
		if both {
			stdout.through(nil)
		}
	}
}

// terminal tells whether somebody sees what is written.
func terminal(to io.Writer) (*oneAtATime, *os.File, bool) {
	o, ok := to.(*oneAtATime)
	if !ok {
		return nil, nil, false
	}
	file, ok := o.w.(*os.File)
	return o, file, ok && term.IsTerminal(int(file.Fd()))
}

// done is what stands before the bar.
func (w *watch) done(s decor.Statistics) string {
	text := fmt.Sprintf("%d/%d sites", s.Current, s.Total)
	if n := w.wrongs.Load(); n > 0 {
		text += fmt.Sprintf(", %d %s", n, w.wrong)
	}
	return text
}

// rest is what stands behind it.
func (w *watch) rest(s decor.Statistics) string {
	text := " "
	if n := w.bytes.Load(); n > 0 {
		text += bytesText(n) + " sent, "
	}
	if s.Current == 0 {
		return text + "just begun"
	}
	left := time.Duration(w.pace.Load() * (s.Total - s.Current))
	return text + left.Round(time.Second).String() + " left"
}

func bytesText(n int64) string { return fmt.Sprintf("% .1f", decor.SizeB1024(n)) }

// paceSites is over how many sites the pace is averaged, roughly: those that a resumed run has done already take no time.
const paceSites = 15

// site tells that a site was done.
func (w *watch) site(wrong bool) {
	if wrong {
		w.wrongs.Add(1)
	}
	now := time.Now()
	took := int64(now.Sub(w.last))
	w.last = now
	if pace := w.pace.Load(); pace > 0 {
		took = pace + (took-pace)/paceSites
	}
	w.pace.Store(took)
	if w.bar != nil {
		w.bar.Increment()
	}
}

// result tells of one result as it comes, a line each. Why it failed stands in the report, which with --json is not for people.
func (w *watch) result(r deploy.Result) {
	switch {
	case w.app.quiet || w.bar != nil:
	case w.app.json:
		fmt.Fprintln(w.app.stderr, paintOutcome(w.app.stderr, r)+reason(r))
	default:
		fmt.Fprintln(w.app.stderr, paintOutcome(w.app.stderr, r))
	}
}

// observe has a run tell its watch.
func (w *watch) observe(o *deploy.Options) {
	o.Result = w.result
	o.Sent = func(n int64) { w.bytes.Add(n) }
	o.SiteDone = func(s deploy.SiteResult) {
		wrong := s.Failed()
		for _, r := range s.Results {
			wrong = wrong || r.Action == deploy.Different || r.Action == deploy.Missing
		}
		w.site(wrong)
	}
}

// summary is what became of the templates, in how long and with how many bytes sent.
func (w *watch) summary(r *deploy.Report) string {
	took := time.Since(w.begun)
	precision := time.Millisecond
	if took > time.Minute {
		precision = time.Second
	}
	text := cmp.Or(actionCounts(r), "nothing done") + " in " + took.Round(precision).String()
	if n := w.bytes.Load(); n > 0 {
		text += ", " + bytesText(n) + " sent"
	}
	return text
}
