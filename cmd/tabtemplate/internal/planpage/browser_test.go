package planpage

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"
	"github.com/google/go-cmp/cmp"

	"github.com/tabtemplate/tabtemplate/rest/emulator/browsertest"
)

// In a real browser, from a file, where any error on the console fails the test.
func TestInABrowser(t *testing.T) {
	t.Parallel()
	b := browsertest.Start(t)
	for name, test := range map[string]func(*testing.T, *browsertest.Browser){
		"totals, search and filters": testChoosing, "by mouse": testMouse, "by keyboard": testKeyboard, "addresses": testAddresses,
		"values": testValues, "hostile names": testHostile, "10,000 sites by 5 templates": testMany, "nothing": testNothing, "on paper": testPrint,
	} {
		t.Run(name, func(t *testing.T) { t.Parallel(); test(t, b) })
	}
	for _, look := range []browsertest.Look{{}, {Dark: true}, {Width: 320, Height: 640}, {Width: 320, Height: 640, Dark: true}} {
		t.Run(fmt.Sprintf("every view at %d dark %t", look.Width, look.Dark), func(t *testing.T) { t.Parallel(); testLook(t, b, look) })
	}
}

// open writes a page, opens it, and waits until it is shown.
func open(t *testing.T, b *browsertest.Browser, look browsertest.Look, p Plan, cells ...Cell) (tab *browsertest.Tab, address string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "plan.html")
	if err := os.WriteFile(path, []byte(write(t, p, cells...)), 0o600); err != nil {
		t.Fatal(err)
	}
	tab = b.Tab(t, look)
	address = "file://" + filepath.ToSlash(path)
	tab.Open(address)
	tab.Wait(`document.querySelector('#status').textContent !== ''`)
	return tab, address
}

// three is a plan with a bit of everything.
func three() (Plan, []Cell) {
	p := Plan{Templates: []string{"orders", "sales"}, Sites: []Site{
		{"acme", "acme", "https://tableau.example.com"},
		{"globex", "globex-emea", "https://tableau.example.com"},
		{"initech", "", "https://other.example.com"},
		{"umbrella", "umbrella", "https://other.example.com"},
		{"stark", "stark", "https://other.example.com"},
	}}
	dbname := func(name string) Change {
		return Change{"changed", "template_db", name, []Place{{11, 81, "/datasource/connection/@dbname"}, {60, 12, "/datasource/copy/@dbname"}}}
	}
	return p, []Cell{
		{Site: 2, Template: 1, Action: "unchanged", Name: "Sales for Initech", Changes: []Change{dbname("initech_prod")}},
		{Site: 0, Template: 0, Action: "create", Name: "Orders", Project: "Data Sources", Changes: []Change{dbname("acme_prod")}},
		{
			Site: 0, Template: 1, Action: "overwrite", Name: "Sales for Acme, Inc.", Project: "Dashboards/EMEA", ContentURL: "SalesforAcmeInc",
			LUID: "1f2f3e4e-5a6b-4c7d-8e9f-0a1b2c3d4e5f", Drift: "somebody else has published it at 2026-05-16 12:00:00 UTC",
			Warnings: []string{"the results of queries are left out"}, Entries: []string{`entry "Data/rows.csv" replaced, 12 bytes`},
			Changes: []Change{dbname("acme_sales"), {"removed", "5432", "", []Place{{12, 1, "/workbook/@port"}}}},
		},
		{Site: 1, Template: 0, Action: "left out"},
		{
			Site: 1, Template: 1, Action: "failed", Error: `finding project "Dashboards" on site "globex": there is none`,
			Reason: `finding project "Dashboards" on each site: there is none`, Hint: "create_project: true makes it",
		},
		{Site: 2, Template: 0, Action: "create", Name: "Orders", Changes: []Change{dbname("initech_db")}},
		{Site: 3, Template: OfSite, Action: "failed", Error: `signing in to site "umbrella": no`, Reason: "signing in to each site: no", Hint: "check sign_in"},
	}
}

// rows are the texts of the sites that are shown, a line each.
func rows(tab *browsertest.Tab) string {
	return browsertest.Eval[string](tab, `Array.from(document.querySelectorAll('#sites tbody tr'), (row) =>
		Array.from(row.children, (cell) => Array.from(cell.querySelectorAll('bdi, span'), (e) => e.textContent).join(' ')).join(' | ')).join('\n')`)
}

func check(t *testing.T, what, got, want string) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func testChoosing(t *testing.T, b *browsertest.Browser) {
	p, cells := three()
	tab, _ := open(t, b, browsertest.Look{}, p, cells...)
	const acme, initech = "acme | create 2 changes | overwrite 4 changes not as last published 1 warning", "initech the Default site | create 2 changes | unchanged 2 changes"
	const globex, umbrella, stark = "globex globex-emea globex-emea | left out | failed", "umbrella | failed", "stark | not reached | not reached"
	all := strings.Join([]string{acme, globex, initech, umbrella, stark}, "\n")
	check(t, "all sites", rows(tab), all)
	check(t, "the totals", browsertest.Eval[string](tab, `document.querySelector('#totals').innerText.replaceAll('\t', ' ')`),
		"Template to create to overwrite unchanged left out failed not reached not as last published with warnings\n"+
			"orders 2 0 0 1 0 1 0 0\nsales 0 1 1 0 1 1 1 1\nthe site itself 0 0 0 0 1 0 0 0")
	check(t, "what is to be looked at", browsertest.Eval[string](tab, `Array.from(document.querySelectorAll('#findings-list li'), (e) => e.textContent).join('\n')`),
		"failed, sales: finding project \"Dashboards\" on each site: there is none1 site\nfailed: signing in to each site: no1 site\n"+
			"not as last published, sales: somebody else has published it at 2026-05-16 12:00:00 UTC1 site\nwarning, sales: the results of queries are left out1 site")

	tab.Click("#search")
	tab.Press("G", "L", "o")
	check(t, "a search", rows(tab), globex)
	check(t, "how many", browsertest.Eval[string](tab, `document.querySelector('#status').textContent`), "1 site of 5")
	tab.Click("#tools [type=reset]")
	check(t, "everything again", rows(tab), all)
	tab.Press("f", "o", "r", " ", "i", "n", "i")
	check(t, "the name of a workbook", rows(tab), initech)
	tab.Press("x")
	tab.WaitText("No site is like that.")
	tab.Click("#tools [type=reset]")

	for _, step := range []struct{ template, action, want string }{
		{"", "create", acme + "\n" + initech},
		{"1", "create", ""},
		{"1", "unchanged", initech},
		{"", "failed", globex + "\n" + umbrella},
		{"-1", "failed", umbrella},
		{"", "not reached", stark},
		{"0", "left out", globex},
		{"", "drift", acme},
		{"", "warnings", acme},
		{"", "", all},
	} {
		browsertest.Eval[any](tab, fmt.Sprintf(`for (const [id, value] of [['template', %q], ['action', %q]]) {
			document.getElementById(id).value = value;
			document.getElementById(id).dispatchEvent(new Event('change'));
		}`, step.template, step.action))
		check(t, fmt.Sprintf("%+v", step), rows(tab), step.want)
	}
	for selector, want := range map[string]string{
		`[aria-label="orders: 2 to create"]`:                                      acme + "\n" + initech,
		`[aria-label="the site itself: 1 failed"]`:                                umbrella,
		`[aria-label="sales: 1 not as last published"]`:                           acme,
		`[aria-label^="Show 1 site: failed, sales"]`:                              globex,
		`[aria-label="Show 1 site: failed: signing in to each site: no"]`:         umbrella,
		`[aria-label^="Show 1 site: warning, sales: the results of queries are"]`: acme,
	} {
		tab.Click(selector)
		check(t, selector, rows(tab), want)
	}
}

func testMouse(t *testing.T, b *browsertest.Browser) {
	p, cells := three()
	tab, address := open(t, b, browsertest.Look{}, p, cells...)
	tab.Click(`[data-cell="0/1"]`)
	tab.Wait(`document.querySelector('dialog').open`)
	text := browsertest.Eval[string](tab, `document.querySelector('dialog').innerText`)
	for _, want := range []string{
		"acme sales", "overwrite What is there is published over.", "Not as last published: somebody else has published it at 2026-05-16 12:00:00 UTC",
		"Dashboards/EMEA / Sales for Acme, Inc.", "SalesforAcmeInc", "1f2f3e4e-5a6b-4c7d-8e9f-0a1b2c3d4e5f", "https://tableau.example.com",
		"the results of queries are left out", `entry "Data/rows.csv" replaced, 12 bytes`, "line 11, column 81: /datasource/connection/@dbname",
		"and in 1 more place", "old\ntemplate_db\nnew\nacme_sales", "line 12, column 1: /workbook/@port (removed)\nold\n5432",
	} {
		if !strings.Contains(strings.ReplaceAll(text, "\n\n", "\n"), want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	check(t, "the address", browsertest.Eval[string](tab, `location.href`), address+"#acme/sales")
	tab.Click("summary")
	tab.WaitText("line 60, column 12: /datasource/copy/@dbname")
	tab.Click("#after")
	tab.Wait(`document.querySelector('#detail-title').textContent === 'globex sales'`)
	tab.WaitText(`finding project "Dashboards" on site "globex": there is none` + "\n" + "Hint: create_project: true makes it")
	tab.Click("#after")
	tab.Wait(`document.querySelector('#detail-title').textContent === 'initech sales'`)
	tab.Click("#after")
	tab.Wait(`document.querySelector('#detail-title').textContent === 'umbrella' && document.querySelector('#after').disabled`)
	tab.Click("#close")
	tab.Wait(`!document.querySelector('dialog').open && document.activeElement.dataset.cell === '3/-1' && !location.hash`)
}

func testKeyboard(t *testing.T, b *browsertest.Browser) {
	p, cells := three()
	tab, _ := open(t, b, browsertest.Look{}, p, cells...)
	at := func(cell string) {
		t.Helper()
		tab.Wait(fmt.Sprintf(`document.activeElement.dataset.cell === %q`, cell))
	}
	tab.TabTo(".cell")
	at("0/0")
	tab.Press(kb.ArrowRight)
	at("0/1")
	tab.Press(kb.ArrowDown, kb.ArrowDown)
	at("2/1")
	tab.Press(kb.ArrowDown) // a site that could not be signed in to has one cell
	at("3/-1")
	tab.Press(kb.ArrowUp, kb.ArrowRight)
	at("2/1")
	tab.Press(kb.Enter)
	tab.Wait(`document.querySelector('dialog').open && document.activeElement.id === 'close'`)
	tab.WaitText("Nothing is sent.")
	tab.Press(kb.Tab, kb.Enter)
	tab.Wait(`document.querySelector('#detail-title').textContent === 'globex sales' && document.activeElement.id === 'before'`)
	tab.Press(kb.Escape)
	tab.Wait(`!document.querySelector('dialog').open`)
	at("1/1")
}

func testAddresses(t *testing.T, b *browsertest.Browser) {
	p := Plan{Templates: []string{"sales % #"}, Sites: sites(250)}
	p.Sites[249].Key = "o'neil & söhne #1%"
	var cells []Cell
	for i := range p.Sites {
		cells = append(cells, Cell{Site: i, Action: "create"})
	}
	tab, address := open(t, b, browsertest.Look{}, p, cells...)
	tab.Open(address + "#o'neil%20%26%20s%C3%B6hne%20%231%25/sales%20%25%20%23")
	tab.Wait(`document.querySelector('dialog').open && document.querySelector('#detail-title').textContent === "o'neil & söhne #1% sales % #"`)
	tab.WaitText("201 to 250 of 250 sites")
	tab.Click("#before")
	tab.Wait(`location.hash === '#tenant-00248/sales%20%25%20%23' && document.querySelector('#detail-title').textContent.startsWith('tenant-00248')`)
	for _, wrong := range []string{"#nobody/sales", "#%", "#tenant-00248/other", "#"} {
		browsertest.Eval[any](tab, fmt.Sprintf(`location.hash = %q`, wrong))
	}
	tab.Wait(`!document.querySelector('dialog').open`)
	tab.Click("#search")
	tab.Press("0", "0", "2", "4")
	tab.WaitText("11 sites of 250")
	browsertest.Eval[any](tab, `location.hash = '#tenant-00100/sales%20%25%20%23'`)
	tab.Wait(`document.querySelector('dialog').open && document.querySelector('#search').value === ''`)
	tab.WaitText("101 to 200 of 250 sites")
}

func testValues(t *testing.T, b *browsertest.Browser) {
	lines := func(from, to string) string {
		var text strings.Builder
		for i := range 200 {
			fmt.Fprintf(&text, "column_%d,\r\n", i)
		}
		return "SELECT\r\n" + text.String() + "FROM " + from + "\r\nJOIN " + to + "\r\nWHERE " + from + ".id > 0"
	}
	place := []Place{{1, 2, "/a"}}
	cells := func(site int, tenant string) Cell {
		return Cell{Site: site, Action: "overwrite", Changes: []Change{
			{"changed", lines("template", "other"), lines(tenant, "other"), place},
			{"changed", strings.Repeat("x ", 3000) + "host=template;" + strings.Repeat(" y", 3000), strings.Repeat("x ", 3000) + "host=" + tenant + ";" + strings.Repeat(" y", 3000), place},
			{"changed", "👩‍👩‍👧 family", "👩‍👩‍👦 family of " + tenant, place},
			{"changed", "no\u00a0break", "no break", place},
			{"added", "", "<script>alert(1)</script>", place},
		}}
	}
	p := Plan{Templates: []string{"sales"}, Sites: sites(3)}
	tab, _ := open(t, b, browsertest.Look{}, p, cells(0, "acme"), cells(1, "globex"), cells(2, "日本👩‍👩‍👧"))
	for site, tenant := range []string{"acme", "globex", "日本👩‍👩‍👧"} {
		browsertest.Eval[any](tab, fmt.Sprintf(`location.hash = '#tenant-%05d/sales'`, site))
		tab.Wait(fmt.Sprintf(`document.querySelector('#detail-title')?.textContent === 'tenant-%05d sales'`, site))
		check(t, "the lines that differ", browsertest.Eval[string](tab, `document.querySelector('.lines').innerText`), fmt.Sprintf(
			"⋯ 199 lines\n  column_198,\n  column_199,\n- FROM template\n+ FROM %s\n  JOIN other\n- WHERE template.id > 0\n+ WHERE %[1]s.id > 0", tenant))
		values := browsertest.Eval[[]string](tab, `Array.from(document.querySelectorAll('.value code'), (e) => e.textContent)`)
		check(t, "what is long", values[0], "…  "+strings.Repeat("x ", 37)+"host=template;"+strings.Repeat(" y", 39)+"  …")
		marked := browsertest.Eval[[]string](tab, `Array.from(document.querySelectorAll('.value :is(ins, del)'), (e) => e.textContent)`)
		check(t, "what differs", strings.Join(marked, "|"),
			"template|"+tenant+"|👩‍👩‍👧 family|👩‍👩‍👦 family of "+tenant+"|U+00A0| |<script>alert(1)</script>")
		tab.Click(".lines + button")
		if got := browsertest.Eval[int](tab, `document.querySelector('.lines').innerText.split('\n').length`); got != 206 {
			t.Errorf("%d lines when all are shown", got)
		}
		tab.Click(".value button")
		want := strings.Repeat("x ", 3000) + "host=template;" + strings.Repeat(" y", 3000)
		check(t, "all of it", browsertest.Eval[string](tab, `document.querySelector('.value code').textContent`), want)
	}
}

func testHostile(t *testing.T, b *browsertest.Browser) {
	tab, _ := open(t, b, browsertest.Look{}, Plan{Templates: []string{hostile}, Sites: []Site{{hostile, hostile, hostile}}}, hostileCell())
	tab.Click(".cell")
	tab.Wait(`document.querySelector('dialog').open`)
	if got := browsertest.Eval[string](tab, `document.querySelector('#sites th bdi').textContent + document.querySelector('#sites tbody bdi').textContent`); got != hostile+hostile {
		t.Errorf("%q", got)
	}
	if got := browsertest.Eval[string](tab, `document.querySelector('.value ins').textContent`); !strings.Contains(got, "U+202Egnirts") || !strings.Contains(got, "U+2028U+2029") {
		t.Errorf("what cannot be seen, in %q", got)
	}
	if n := browsertest.Eval[int](tab, `document.querySelectorAll('script').length`); n != 2 {
		t.Errorf("%d scripts", n)
	}
}

func testMany(t *testing.T, b *browsertest.Browser) {
	p := Plan{Templates: []string{"a", "b", "c", "d", "e"}, Sites: sites(10_000)}
	var cells []Cell
	for i := range p.Sites {
		for template := range p.Templates {
			cells = append(cells, Cell{Site: i, Template: template, Action: "create", Name: fmt.Sprintf("Book %d", i), Changes: []Change{
				{"changed", "template", fmt.Sprintf("tenant_%d", i), []Place{{1, 2, "/workbook/@dbname"}}},
			}})
		}
	}
	tab, _ := open(t, b, browsertest.Look{}, p, cells...)
	tab.WaitText("1 to 100 of 10,000 sites")
	if n := browsertest.Eval[int](tab, `document.querySelectorAll('*').length`); n > 4000 {
		t.Errorf("%d elements for a page of 100 sites", n)
	}
	tab.Click("#pager button:last-child")
	tab.WaitText("9,901 to 10,000 of 10,000 sites")
	tab.Wait(`document.querySelector('#pager').textContent === 'FirstPreviouspage 100 of 100NextLast' && document.querySelectorAll('#pager :enabled').length === 2`)
	tab.Click("#search")
	tab.Press("0", "9", "9", "9", "8")
	tab.WaitText("1 site of 10,000")
	tab.Click(`[data-cell="9998/4"]`)
	tab.WaitText("tenant_9998")
	t.Logf("loaded in %v ms", browsertest.Eval[float64](tab, `performance.getEntriesByType('navigation')[0].loadEventEnd`))
}

func testNothing(t *testing.T, b *browsertest.Browser) {
	tab, _ := open(t, b, browsertest.Look{}, Plan{})
	tab.WaitText("No site is like that.")
}

func testPrint(t *testing.T, b *browsertest.Browser) {
	p := Plan{Templates: []string{"sales"}, Sites: sites(250)}
	tab, _ := open(t, b, browsertest.Look{}, p, Cell{Site: 249, Action: "create"})
	browsertest.Eval[any](tab, `dispatchEvent(new Event('beforeprint'))`)
	if n := browsertest.Eval[int](tab, `document.querySelectorAll('#sites tbody tr').length`); n != 250 {
		t.Errorf("%d sites on paper", n)
	}
	browsertest.Eval[any](tab, `dispatchEvent(new Event('afterprint'))`)
	if n := browsertest.Eval[int](tab, `document.querySelectorAll('#sites tbody tr').length`); n != 100 {
		t.Errorf("%d sites on the page afterwards", n)
	}
}

func testLook(t *testing.T, b *browsertest.Browser, look browsertest.Look) {
	p, cells := three()
	p.Sites = append(p.Sites, sites(200)...)
	cells = append(cells, Cell{Site: 5, Template: 0, Action: "update"}, Cell{Site: 5, Template: 1, Action: "skipped"})
	hostile := hostileCell()
	hostile.Site, hostile.Template = 6, 1
	tab, _ := open(t, b, look, p, append(cells, hostile)...)
	for _, problem := range tab.Audit() {
		t.Error(problem)
	}
	for _, place := range []string{"acme/sales", "globex/sales", "tenant-00000/orders", "tenant-00001/sales"} {
		browsertest.Eval[any](tab, fmt.Sprintf(`location.hash = '#%s'`, place))
		tab.Wait(fmt.Sprintf(`document.querySelector('#detail-title')?.textContent === %q`, strings.Replace(place, "/", " ", 1)))
		browsertest.Eval[any](tab, `document.querySelectorAll('details').forEach((d) => { d.open = true; })`)
		for _, problem := range tab.Audit() {
			t.Errorf("%s: %s", place, problem)
		}
	}
	if browsertest.Eval[bool](tab, `getComputedStyle(document.body).backgroundColor.match(/\d+/g).every((c) => c < 40)`) != look.Dark {
		t.Errorf("asked for dark %t it is not", look.Dark)
	}
}
