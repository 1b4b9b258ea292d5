package browsertest

import (
	"context"
	"fmt"
	"iter"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// Tab is a page in a window of its own. A failure of any method is fatal to the test.
type Tab struct {
	t     testing.TB
	ctx   context.Context
	ended chan struct{} // when the console is read to its end

	mu      sync.Mutex
	errors  []string // what the page complained of
	allowed []*regexp.Regexp
}

// note takes down what the page complains of.
func (tab *Tab) note(messages iter.Seq2[chromedp.ConsoleMessage, error]) {
	defer close(tab.ended)
	for message, err := range messages {
		if err != nil {
			return // the window is closed
		}
		switch message.Type {
		case chromedp.ConsoleError, chromedp.ConsoleWarning, chromedp.ConsoleException:
			tab.mu.Lock()
			tab.errors = append(tab.errors, message.String()+" "+message.URL)
			tab.mu.Unlock()
		}
	}
}

// Allow lets the page complain of what matches the regular expression.
func (tab *Tab) Allow(pattern string) {
	tab.mu.Lock()
	defer tab.mu.Unlock()
	tab.allowed = append(tab.allowed, regexp.MustCompile(pattern))
}

func (tab *Tab) report() {
	for _, complaint := range tab.errors {
		if !slices.ContainsFunc(tab.allowed, func(p *regexp.Regexp) bool { return p.MatchString(complaint) }) {
			tab.t.Errorf("the browser's console says: %s", complaint)
		}
	}
}

func (tab *Tab) do(action chromedp.Action[chromedp.Void]) {
	tab.t.Helper()
	run(tab, action)
}

func run[T any](tab *Tab, action chromedp.Action[T]) T {
	tab.t.Helper()
	ctx, cancel := context.WithTimeout(tab.ctx, patience)
	defer cancel()
	result, err := chromedp.Run(ctx, action)
	if err != nil {
		tab.t.Fatalf("in the browser: %v", err)
	}
	return result
}

// Open goes to an address and waits until it is loaded.
func (tab *Tab) Open(url string) {
	tab.t.Helper()
	tab.do(chromedp.Navigate(url))
}

// Reload loads the page again.
func (tab *Tab) Reload() {
	tab.t.Helper()
	tab.do(chromedp.Reload())
}

// Eval evaluates an expression of JavaScript and awaits it if it is a promise.
func Eval[T any](tab *Tab, expression string) T {
	tab.t.Helper()
	return run(tab, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
}

// Wait waits until an expression of JavaScript is true.
func (tab *Tab) Wait(expression string) {
	tab.t.Helper()
	for end := time.Now().Add(patience); !Eval[bool](tab, "!!("+expression+")"); time.Sleep(15 * time.Millisecond) {
		if time.Now().After(end) {
			tab.t.Fatalf("it never became true that %s; the page says:\n%s", expression, tab.Text())
		}
	}
}

// WaitText waits until the page shows the text somewhere.
func (tab *Tab) WaitText(text string) {
	tab.t.Helper()
	tab.Wait(fmt.Sprintf("document.body.innerText.includes(%q)", text))
}

// Text returns the text that the page shows.
func (tab *Tab) Text() string {
	tab.t.Helper()
	return Eval[string](tab, "document.body.innerText")
}

// Click clicks with the mouse on the first element that matches the selector.
func (tab *Tab) Click(selector string) {
	tab.t.Helper()
	tab.do(chromedp.Click(chromedp.CSS(selector)))
}

// Press presses keys one after the other: those of package kb, or characters.
func (tab *Tab) Press(keys ...string) {
	tab.t.Helper()
	for _, key := range keys {
		tab.do(chromedp.KeyEvent(key))
	}
}

// TabTo presses the tabulator key until what has the focus matches the selector.
func (tab *Tab) TabTo(selector string) {
	tab.t.Helper()
	var seen []string
	for range 200 {
		tab.Press("\t")
		if Eval[bool](tab, fmt.Sprintf("document.activeElement.matches(%q)", selector)) {
			return
		}
		seen = append(seen, Eval[string](tab, "document.activeElement.outerHTML.slice(0, 80)"))
	}
	tab.t.Fatalf("the tabulator key does not reach %s, but\n%s", selector, strings.Join(seen, "\n"))
}
