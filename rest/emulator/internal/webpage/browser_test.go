package webpage

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"github.com/tabtemplate/tabtemplate/rest/emulator/browsertest"
)

// In a real browser, in which any error on the console fails the test.
func TestInABrowser(t *testing.T) {
	t.Parallel()
	b := browsertest.Start(t)
	t.Run("what is published appears", func(t *testing.T) { t.Parallel(); testLive(t, b) })
	t.Run("nothing is asked twice", func(t *testing.T) { t.Parallel(); testIdle(t, b) })
	t.Run("by keyboard", func(t *testing.T) { t.Parallel(); testKeyboard(t, b) })
	t.Run("back, forward and reload", func(t *testing.T) { t.Parallel(); testHistory(t, b) })
	t.Run("hostile names", func(t *testing.T) { t.Parallel(); testHostile(t, b) })
	t.Run("10,000 workbooks", func(t *testing.T) { t.Parallel(); testMany(t, b) })
	t.Run("a server that stops", func(t *testing.T) { t.Parallel(); testSilence(t, b) })
	t.Run("copying", func(t *testing.T) { t.Parallel(); testCopy(t, b) })
	for _, look := range []browsertest.Look{{}, {Dark: true}, {Width: 320, Height: 640}, {Width: 320, Height: 640, Dark: true}} {
		t.Run(fmt.Sprintf("every view at %d dark %t", look.Width, look.Dark), func(t *testing.T) {
			t.Parallel()
			testLook(t, b, look)
		})
	}
}

// serve shows a source on a port, and returns its URL.
func serve(t *testing.T, h http.Handler) string {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return server.URL
}

// open opens a place of the page and waits until it is shown.
func open(t *testing.T, b *browsertest.Browser, url string, look browsertest.Look) *browsertest.Tab {
	t.Helper()
	tab := b.Tab(t, look)
	tab.Open(url)
	tab.Wait(`document.querySelector('h1')`)
	return tab
}

// visit goes to another place of the page.
func visit(t *testing.T, tab *browsertest.Tab, hash string) {
	t.Helper()
	browsertest.Eval[any](tab, fmt.Sprintf(`if (location.hash !== %q) {
		document.querySelector('h1').dataset.old = true;
		location.hash = %q;
	}`, hash, hash))
	tab.Wait(`document.querySelector('h1:not([data-old])')`)
}

func testLive(t *testing.T, b *browsertest.Browser) {
	s := newSample()
	tab := open(t, b, serve(t, Handler(s))+"/#/explore", browsertest.Look{})
	tab.WaitText("Nothing is published yet")
	s.publish("", Workbooks, "project--1", "Sales")
	tab.Wait(`document.querySelector('tbody')?.innerText.includes('Sales')`)
	tab.Wait(`document.getElementById('status').textContent === '1 thing in Default.'`)

	// What has the focus keeps it when something else is published, and the page is not scrolled.
	for i := range 40 {
		s.publish("", Workbooks, "project--1", fmt.Sprintf("Book %d", i))
	}
	tab.WaitText("41 items")
	browsertest.Eval[any](tab, `(window.kept = document.querySelectorAll('tbody a')[30]).focus()`)
	scrolled := browsertest.Eval[float64](tab, `scrollY`)
	s.publish("", Workbooks, "project--1", "The newest")
	tab.WaitText("42 items")
	if got := browsertest.Eval[string](tab, `Array.from(document.querySelectorAll('tr.fresh a'), (a) => a.textContent).join()`); got != "The newest" {
		t.Errorf("%q is marked as fresh", got)
	}
	if !browsertest.Eval[bool](tab, `document.activeElement === window.kept && kept.isConnected`) {
		t.Error("the focus is lost")
	}
	if got := browsertest.Eval[float64](tab, `scrollY`); scrolled == 0 || got < scrolled-1 {
		t.Errorf("the page was scrolled from %v to %v", scrolled, got)
	}
	// When it goes, the focus goes to the heading, not to nowhere.
	s.change(func() { s.contents = s.contents[:1] })
	tab.WaitText("1 item\n")
	tab.Wait(`document.activeElement.matches('h1')`)
	if got := browsertest.Eval[string](tab, `document.querySelector('tbody tr a').textContent`); got != "Sales" {
		t.Errorf("%q is left", got)
	}
	// A workbook that is open when it is deleted says so.
	browsertest.Eval[any](tab, `document.querySelector('tbody tr a').click()`)
	tab.Wait(`document.querySelector('h1').textContent === 'Sales'`)
	s.change(func() { s.contents = nil })
	tab.WaitText("Not found")
}

func testIdle(t *testing.T, b *browsertest.Browser) {
	s := newSample()
	s.publish("", Workbooks, "project--1", "Sales")
	var unchanged, built atomic.Int32
	h := Handler(s)
	tab := open(t, b, serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, Path+"data/") {
			built.Add(1)
			if r.Header.Get("If-None-Match") != "" {
				unchanged.Add(1)
			}
		}
		h.ServeHTTP(w, r)
	}))+"/#/workbooks/1", browsertest.Look{})
	s.mu.Lock()
	asked := s.asked
	s.mu.Unlock()
	tab.Wait(`performance.getEntriesByType('resource').filter((e) => e.name.includes('/data/')).length >= 5`)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.asked != asked || unchanged.Load() < 3 {
		t.Errorf("of %d questions %d were for something new, %d were asked again", built.Load(), s.asked-asked, unchanged.Load())
	}
}

func testKeyboard(t *testing.T, b *browsertest.Browser) {
	s := newSample()
	s.addSite("finance", "Finance")
	emea := s.addProject("finance", "", "EMEA")
	s.addProject("finance", emea, "France")
	for i := range 120 {
		s.publish("finance", Workbooks, emea, fmt.Sprintf("Book %03d", i))
	}
	tab := open(t, b, serve(t, Handler(s)), browsertest.Look{})
	at := func(text string) {
		t.Helper()
		tab.Wait(fmt.Sprintf(`document.activeElement.innerText.includes(%q)`, text))
	}
	tab.Press(kb.Tab)
	at("Skip to the content")
	tab.Press(kb.Enter)
	at("Sites")
	tab.TabTo("tbody a")
	at("Default")
	tab.Press(kb.ArrowDown)
	at("Finance")
	tab.Press(kb.Enter)
	tab.Wait(`document.activeElement.matches('h1') && document.activeElement.textContent === 'Finance'`)

	// Through the project tree.
	tab.TabTo(".tree a")
	at("All projects")
	tab.Press(kb.ArrowDown, kb.ArrowDown)
	at("EMEA")
	tab.Press(kb.ArrowUp)
	at("Default")
	tab.Press(kb.ArrowDown, kb.Enter)
	tab.Wait(`document.querySelector('h1').textContent === 'EMEA' && document.activeElement.matches('h1')`)
	tab.WaitText("France")

	// The next page of the list, and the focus on what it is.
	tab.TabTo(".pager a")
	at("Next")
	tab.Press(kb.Enter)
	tab.WaitText("51–100 of 120 items")
	at("51–100")
	tab.TabTo("tbody a")
	at("Book 069")
	tab.Press(kb.ArrowDown, kb.ArrowDown, kb.ArrowUp)
	at("Book 068")

	// Searching: what is typed stays, and has the focus.
	tab.TabTo(".brand") // around the page once
	tab.TabTo("#search")
	for _, key := range "book 11" {
		tab.Press(string(key))
	}
	tab.WaitText("10 items")
	if !browsertest.Eval[bool](tab, `document.activeElement.id === 'search' && document.activeElement.value === 'book 11'`) {
		t.Error("the search field has lost the focus or the text")
	}
	tab.TabTo("tbody a")
	tab.Press(kb.Enter)
	tab.Wait(`document.querySelector('h1').textContent === 'Book 119'`)
	tab.TabTo("a.button.main")
	at("Download")
	tab.TabTo("[data-copy]")
	tab.Press(kb.Enter)
	at("Copied")

	// The lines to copy fold and unfold.
	tab.Open(browsertest.Eval[string](tab, `location.origin + '/#/connect'`))
	tab.WaitText("curl")
	tab.TabTo("details:not([open]) summary")
	tab.Press(kb.Enter)
	tab.Wait(`document.activeElement.parentElement.open && document.querySelectorAll('details[open]').length === 1`)
}

func testHistory(t *testing.T, b *browsertest.Browser) {
	s := newSample()
	s.addSite("finance", "Finance")
	for i := range 120 {
		s.publish("finance", Workbooks, "project-finance-1", fmt.Sprintf("Book %03d", i))
	}
	url := serve(t, Handler(s))
	tab := open(t, b, url+"/#/site/finance/explore?search=BOOK&page=2", browsertest.Look{})
	tab.WaitText("51–100 of 120 items")
	if got := browsertest.Eval[string](tab, `document.getElementById('search').value`); got != "BOOK" {
		t.Errorf("the search field has %q", got)
	}
	browsertest.Eval[any](tab, `document.querySelectorAll('tbody a')[30].scrollIntoView()`)
	scrolled := browsertest.Eval[float64](tab, `scrollY`)
	browsertest.Eval[any](tab, `document.querySelectorAll('tbody a')[30].click()`)
	tab.Wait(`document.querySelector('h1').textContent === 'Book 039'`)
	if got := browsertest.Eval[string](tab, `document.title + location.hash + scrollY`); got != "Book 039 – Tableau emulator#/site/finance/workbooks/400" {
		t.Errorf("the workbook is at %q", got)
	}
	browsertest.Eval[any](tab, `history.back()`)
	tab.WaitText("51–100 of 120 items")
	tab.Wait(fmt.Sprintf(`scrollY === %v`, scrolled))
	browsertest.Eval[any](tab, `history.forward()`)
	tab.Wait(`document.querySelector('h1').textContent === 'Book 039'`)
	tab.Reload()
	tab.Wait(`document.querySelector('h1')?.textContent === 'Book 039'`)
	browsertest.Eval[any](tab, `history.back()`)
	tab.WaitText("51–100 of 120 items")

	for hash, want := range map[string]string{
		"#/site/finance/projects/project-finance-1": "Default", "#/site/FINANCE/explore": "Not found",
		"#/explore": "Default", "#/workbooks/999": "Not found", "#/projects/%ff": "Not found", "#/nowhere": "Not found",
		"#/site/none/workbooks/1": "Not found", "#/jobs": "Jobs", "#/requests?page=-1": "Requests", "#": "Sites",
		"#/workbooks/99999999999999999999": "Not found",
	} {
		visit(t, tab, hash)
		if got := browsertest.Eval[string](tab, `document.querySelector('h1').textContent`); got != want {
			t.Errorf("at %s is %q", hash, got)
		}
	}
}

// hostile are names that nobody should be hurt by.
var hostile = []string{
	`<script>window.hurt = 1</script>`,
	`<img src=x onerror="window.hurt = 1">`,
	`"><svg onload=window.hurt=1>`,
	`javascript:window.hurt=1`,
	`{{7*7}} ${7*7} &lt;b&gt; &amp;`,
	strings.Repeat("long", 1250),
	strings.Repeat("wide \U0001F600 ", 500),
	"\u202Ereversed \u2066 \u200Fright to left, عربى",
	"combining " + strings.Repeat("a\u0301\u0302\u0303", 50),
	"two\nlines\tand a tab",
	"__proto__", "constructor",
}

func hostileSample() *sample {
	s := newSample()
	s.addSite("hostile", hostile[0])
	parent := ""
	for _, name := range hostile {
		parent = s.addProject("hostile", parent, name)
	}
	for _, name := range hostile {
		s.publish("hostile", Workbooks, parent, name)
	}
	c := &s.contents[len(s.contents)-1]
	for i, name := range hostile {
		c.Tags = append(c.Tags, name)
		c.ViewList.Items = append(c.ViewList.Items, View{LUID: fmt.Sprintf("view-hostile-%d", i), Name: name, SheetType: name, Tags: hostile})
		c.ViewList.Total++
		c.Connections.Items = append(c.Connections.Items, Connection{LUID: fmt.Sprint(i), Class: name, Server: name, Port: name, Username: name, Datasource: name})
		c.Permissions.Items = append(c.Permissions.Items, Grant{Grantee: name, Allowed: []string{name}, Denied: []string{name}})
		s.jobs = append(s.jobs, Job{LUID: name, Type: name, State: Failed, Site: name, Note: name})
		s.requests = append(s.requests, Request{Number: i, Method: "GET", Target: "/" + name, Status: 404, Code: 404003, Agent: name, User: name, Body: name})
	}
	c.Description, c.Owner, c.CertificationNote, c.FileName, c.Classes = hostile[0], hostile[5], hostile[1], hostile[2], hostile
	s.signIn = SignIn{User: `"'); <script>window.hurt = 1</script> $(hurt) \`, Token: hostile[0]}
	return s
}

// places are the places of the hostile sample.
var places = []string{
	"", "#/connect", "#/jobs", "#/requests", "#/explore", "#/site/hostile/explore", "#/site/hostile/projects/project-hostile-13",
	"#/site/hostile/workbooks/12", "#/site/hostile/workbooks/6", "#/nowhere/%3Cscript%3E",
}

func testHostile(t *testing.T, b *browsertest.Browser) {
	tab := open(t, b, serve(t, Handler(hostileSample())), browsertest.Look{})
	for _, place := range places {
		visit(t, tab, place)
		tab.Wait(`Array.from(document.images).every((i) => i.complete || i.loading === 'lazy')`)
	}
	browsertest.Eval[any](tab, `location.hash = '#/site/hostile/explore'`)
	tab.WaitText("12 items")
	names := browsertest.Eval[[]string](tab, `Array.from(document.querySelectorAll('tbody a'), (a) => a.textContent)`)
	for i, name := range names {
		if want := hostile[len(hostile)-1-i]; name != want {
			t.Errorf("the name %.60q is shown as %.60q", want, name)
		}
	}
	if len(names) != len(hostile) || browsertest.Eval[bool](tab, `'hurt' in window || document.querySelector('main script, main svg') !== null`) {
		t.Errorf("of %d names %d are shown, or a script has run", len(hostile), len(names))
	}
	search := strings.ReplaceAll(hostile[0], `"`, "")
	browsertest.Eval[any](tab, fmt.Sprintf(`location.hash = '#/site/hostile/explore?search=' + encodeURIComponent(%q)`, search))
	tab.WaitText("1 item\n")
}

func testMany(t *testing.T, b *browsertest.Browser) {
	s := newSample()
	for i := range 10_000 {
		s.publish("", Workbooks, "project--1", fmt.Sprintf("Workbook %05d", i))
	}
	tab := open(t, b, serve(t, Handler(s))+"/#/explore", browsertest.Look{})
	tab.WaitText("1–50 of 10,000 items")
	rows := func() int { return browsertest.Eval[int](tab, `document.querySelectorAll('tbody tr').length`) }
	if got := rows(); got != pageSize {
		t.Errorf("there are %d rows", got)
	}
	browsertest.Eval[any](tab, `location.hash = '#/explore?page=200&sort=name'`)
	tab.WaitText("9,951–10,000 of 10,000 items")
	if got := browsertest.Eval[string](tab, `document.querySelector('tbody tr:last-child a').textContent`); got != "Workbook 09999" {
		t.Errorf("the last is %q", got)
	}
	browsertest.Eval[any](tab, `document.getElementById('search').focus()`)
	for _, key := range "0777" {
		tab.Press(string(key))
	}
	tab.WaitText("11 items") // 00777, 07770 to 07779
	if got := rows(); got != 11 {
		t.Errorf("there are %d rows", got)
	}
	tab.Press("x")
	tab.WaitText("Nothing here has that in its name.")
}

// pageSize is how many rows the page shows at once.
const pageSize = 50

func testSilence(t *testing.T, b *browsertest.Browser) {
	s := newSample()
	h := Handler(s)
	var down atomic.Bool
	tab := b.Tab(t, browsertest.Look{})
	tab.Allow(`503`)
	tab.Open(serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if down.Load() {
			http.Error(w, "down", http.StatusServiceUnavailable)
			return
		}
		h.ServeHTTP(w, r)
	})))
	tab.Wait(`document.getElementById('live').textContent === 'Live'`)
	down.Store(true)
	tab.Wait(`document.getElementById('live').textContent === 'No answer'`)
	s.publish("", Workbooks, "project--1", "Published meanwhile")
	down.Store(false)
	tab.Wait(`document.getElementById('live').textContent === 'Live'`)
	tab.WaitText("Published meanwhile")
}

func testCopy(t *testing.T, b *browsertest.Browser) {
	s := newSample()
	s.signIn = SignIn{User: "o'hara & <co>"}
	url := serve(t, Handler(s))
	tab := open(t, b, url, browsertest.Look{})
	tab.WaitText(url)
	tab.WaitText("Sign in as user o'hara & <co> with the password")
	lines := browsertest.Eval[[]string](tab, `Array.from(document.querySelectorAll('[data-copy]'), (b) => b.dataset.copy)`)
	if len(lines) != 3 {
		t.Fatalf("there are %d ways", len(lines))
	}
	for _, text := range lines {
		if !strings.Contains(text, url) {
			t.Errorf("the server's URL is not in %s", text)
		}
	}
	if want := `name="o&#39;hara &#38; &#60;co&#62;"`; !strings.Contains(lines[0], want) {
		t.Errorf("%s has no %s", lines[0], want)
	}
	for _, clipboard := range []string{`(t) => { window.copied = t; return Promise.resolve(); }`, ``} {
		replace := `Object.defineProperty(navigator, 'clipboard', { configurable: true, value: undefined });` +
			`document.execCommand = () => { window.copied = document.activeElement.value; };`
		if clipboard != "" {
			replace = `Object.defineProperty(navigator, 'clipboard', { configurable: true, value: { writeText: ` + clipboard + ` } });`
		}
		browsertest.Eval[any](tab, `window.copied = null; `+replace)
		browsertest.Eval[any](tab, `document.querySelector('[data-copy]').click()`)
		tab.Wait(`window.copied === document.querySelector('[data-copy]').dataset.copy`)
		tab.Wait(`document.getElementById('status').textContent === 'Copied.'`)
	}
}

func testLook(t *testing.T, b *browsertest.Browser, look browsertest.Look) {
	tab := open(t, b, serve(t, Handler(hostileSample())), look)
	for _, place := range places {
		visit(t, tab, place)
		browsertest.Eval[any](tab, `document.querySelectorAll('details').forEach((d) => { d.open = true; })`)
		for _, problem := range tab.Audit() {
			t.Errorf("%s: %s", place, problem)
		}
	}
	dark := browsertest.Eval[bool](tab, `getComputedStyle(document.body).backgroundColor.match(/\d+/g).every((c) => c < 40)`)
	if dark != look.Dark {
		t.Errorf("asked for dark %t the page is dark %t", look.Dark, dark)
	}
}
