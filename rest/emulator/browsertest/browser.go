// Package browsertest opens web pages in a headless Chromium for tests. A page that writes an error or a warning to its
// console, throws, cannot load something or breaks its Content-Security-Policy fails the test.
package browsertest

import (
	"context"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// patience is how long a page may take until something is as a test wants it.
const patience = 30 * time.Second

// Browser is a running Chromium.
type Browser struct{ ctx context.Context }

// Start starts a browser with a profile of its own, which ends with the test. Where there is none the test is skipped.
func Start(t testing.TB) *Browser {
	t.Helper()
	program := find()
	if program == "" {
		t.Skip("there is no chromium or google-chrome here to show the page in")
	}
	allocator, stop := chromedp.NewExecAllocator(context.Background(),
		chromedp.ExecPath(program), chromedp.Headless, chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun,
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-sync", true),
	)
	ctx, closeBrowser := chromedp.NewContext(allocator)
	t.Cleanup(func() {
		closeBrowser()
		stop()
	})
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("starting %s: %v", program, err)
	}
	return &Browser{ctx}
}

func find() string {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if program, err := exec.LookPath(name); err == nil {
			return program
		}
	}
	return ""
}

// Look is how a page is looked at.
type Look struct {
	Width, Height int64 // of the window in CSS pixels; 0 for 1280 by 900
	Dark          bool
}

// Tab opens an empty window, which is closed at the end of the test.
func (b *Browser) Tab(t testing.TB, look Look) *Tab {
	t.Helper()
	ctx, closeTab := chromedp.NewContext(b.ctx, chromedp.WithNewBrowserContext())
	tab := &Tab{t: t, ctx: ctx, ended: make(chan struct{})}
	t.Cleanup(func() {
		closeTab()
		<-tab.ended
		tab.report()
	})
	go tab.note(chromedp.Console(ctx))
	if look.Width == 0 {
		look.Width, look.Height = 1280, 900
	}
	scheme := "light"
	if look.Dark {
		scheme = "dark"
	}
	tab.do(chromedp.EmulateViewport(look.Width, look.Height))
	tab.do(chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
		})
		return err
	}))
	tab.do(chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error { // a window behind others is not in use
		_, err := chromedp.Call(ctx, emulation.SetFocusEmulationEnabled,
			emulation.SetFocusEmulationEnabledParams{Enabled: true})
		return err
	}))
	return tab
}

// Screenshot writes a picture of the whole page, as PNG.
func (tab *Tab) Screenshot(file string) {
	tab.t.Helper()
	picture := run(tab, chromedp.FullScreenshot(100))
	if err := os.WriteFile(file, picture, 0o600); err != nil {
		tab.t.Fatal(err)
	}
}
