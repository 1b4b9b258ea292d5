package modelpage

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
		"by mouse": testMouse, "by keyboard": testKeyboard, "search": testSearch, "the drawing": testDrawing, "hostile names": testHostile,
		"a big workbook": testBig, "several files": testSeveral, "nothing": testNothing,
	} {
		t.Run(name, func(t *testing.T) { t.Parallel(); test(t, b) })
	}
	for _, look := range []browsertest.Look{{}, {Dark: true}, {Width: 320, Height: 640}, {Width: 320, Height: 640, Dark: true}} {
		t.Run(fmt.Sprintf("all of it at %d dark %t", look.Width, look.Dark), func(t *testing.T) { t.Parallel(); testLook(t, b, look) })
	}
}

// open writes a page, opens it, and waits until it is shown.
func open(t *testing.T, b *browsertest.Browser, look browsertest.Look, files ...object) *browsertest.Tab {
	t.Helper()
	path := filepath.Join(t.TempDir(), "model.html")
	if err := os.WriteFile(path, []byte(write(t, files...)), 0o600); err != nil {
		t.Fatal(err)
	}
	tab := b.Tab(t, look)
	tab.Open("file://" + filepath.ToSlash(path))
	tab.Wait(`!document.querySelector('#main').hidden`)
	return tab
}

func check(t *testing.T, what, got, want string) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// marked lists what is marked in a way: each name once, in the order of the page.
func marked(tab *browsertest.Tab, selector string) string {
	return browsertest.Eval[string](tab, fmt.Sprintf(
		`Array.from(new Set(Array.from(document.querySelectorAll('.pick%s'), (b) => b.firstChild.textContent))).join(', ')`, selector))
}

func status(tab *browsertest.Tab) string {
	return browsertest.Eval[string](tab, `document.querySelector('#status').textContent`)
}

// details are what is known of what is chosen.
func details(tab *browsertest.Tab) string {
	return browsertest.Eval[string](tab, `Array.from(document.querySelectorAll('#chosen dt'), (e) => e.textContent + ': ' + e.nextSibling.textContent).join('\n')`)
}

// view is the button of a view.
func view(n int) string { return fmt.Sprintf(`.side ul li:nth-child(%d) .pick`, n) }

func testMouse(t *testing.T, b *browsertest.Browser) {
	tab := open(t, b, browsertest.Look{}, sales())
	check(t, "at first", status(tab), "Choose a view to see what it uses, or a table, field or parameter to see which views use it.")
	tab.Click(view(2))
	check(t, "what is used", marked(tab, ".used"), "Board, Top, Orders, customers, Region, Net")
	check(t, "what that is calculated from", marked(tab, ".indirect"), "orders, Amount")
	check(t, "what is chosen", marked(tab, `[aria-pressed="true"]`), "Map")
	check(t, "the status", status(tab), "Map uses 1 data source, 2 tables, 3 fields, 1 parameter")
	check(t, "the details", details(tab), "kind: worksheet, hidden\nfilters: Region include EMEA\nis on: Board\ndata sources: Orders\n"+
		"tables: orders, customers\nfields: Net, Region\ncalculated from: Amount\nparameters: Top")
	tab.Click(view(1))
	check(t, "of a dashboard", details(tab), "kind: dashboard\nin URLs: Board\nshows: Map\ndata sources: Orders\ntables: customers\nfields: Region")
	tab.Click(view(3))
	check(t, "of a published data source", marked(tab, ".used"), "Stock, Parts")
	check(t, "with what is missing", details(tab), "kind: worksheet\nin URLs: Parts\ndata sources: StockOld (missing)\ntables: Stock\nfields: Parts, x (missing)")

	tab.Click(`.box[aria-label="customers"] > .pick`)
	check(t, "who uses a table", marked(tab, ".used"), "Board, Map")
	check(t, "the status of it", status(tab), "2 views use table customers")
	tab.Click(`.box[aria-label="orders"] li:nth-child(2) .pick`)
	check(t, "who uses a field", marked(tab, ".used")+"; "+marked(tab, ".indirect"), "; Map")
	check(t, "the details of it", details(tab), "of: Orders\nname: [amount]\ntype: real measure\ncolumn: amount\nused indirectly by: Map")
	tab.Click(`.side ul[aria-label="Parameters"] .pick`)
	check(t, "a parameter", details(tab), "value: 5\ntype: integer, range\nrange: 1..10\nused by: Map")
	tab.Click(`#source-0-1 h3 .pick`)
	check(t, "a data source", marked(tab, ".used"), "Parts")
	tab.Click(`#source-0-1 h3 .pick`)
	check(t, "nothing any more", marked(tab, `:is(.used, .indirect, [aria-pressed="true"])`), "")
	tab.Click(`#source-0-0 details:last-of-type summary`)
	tab.WaitText("[amount] / 1.19")
	tab.Click(`#source-0-0 details:last-of-type li:first-child .pick`)
	check(t, "a calculated field", details(tab), "of: Orders\nname: [Calculation_1]\ntype: real measure\nformula: [amount] / 1.19\nused by: Map")
	tab.Click("#tools [type=reset]")
	check(t, "cleared", marked(tab, `[aria-pressed="true"]`)+details(tab), "")
}

func testKeyboard(t *testing.T, b *browsertest.Browser) {
	tab := open(t, b, browsertest.Look{}, sales())
	at := func(name string) {
		t.Helper()
		check(t, "where the focus is", browsertest.Eval[string](tab, `document.activeElement.firstChild.textContent`), name)
	}
	tab.TabTo(".side .pick")
	at("Board")
	tab.Press(kb.ArrowDown, kb.Enter)
	at("Map")
	check(t, "chosen", marked(tab, `[aria-pressed="true"]`), "Map")
	tab.Press(kb.End)
	at("Parts")
	tab.Press(kb.ArrowDown, kb.Home, kb.ArrowUp)
	at("Board")
	tab.Press(kb.Escape)
	check(t, "after Escape", marked(tab, `[aria-pressed="true"]`), "")
	tab.TabTo(`.box[aria-label="customers"] li .pick`)
	tab.Press(kb.ArrowDown, " ")
	check(t, "a field", status(tab), "2 views use field Region")
}

func testSearch(t *testing.T, b *browsertest.Browser) {
	tab := open(t, b, browsertest.Look{}, sales())
	shown := func() string {
		return browsertest.Eval[string](tab, `Array.from(new Set(Array.from(document.querySelectorAll('li > .pick')).filter((b) => b.checkVisibility()).map((b) => b.textContent))).join(', ')`)
	}
	tab.Click("#search")
	tab.Press("R", "e", "g", "i")
	check(t, "a part of a name", shown(), "Regionstring, goal regionstring")
	check(t, "how many", status(tab), "2 of 20 names")
	tab.Press("o", "n", "s")
	check(t, "no name", shown(), "")
	check(t, "how many", status(tab), "0 of 20 names")
	tab.Click("#tools [type=reset]")
	tab.Click("#search")
	tab.Press("c", "u", "s", "t", "o")
	check(t, "a table", shown(), "customerstring, id (customers)string, Regionstring")
	tab.TabTo(`.box[aria-label="customers"] li .pick`)
	tab.Click("#tools [type=reset]")
	if !strings.Contains(shown(), "Map") {
		t.Errorf("everything again is %s", shown())
	}
}

// Boxes stand beside each other and not over each other, and lines lead from one to the other.
func testDrawing(t *testing.T, b *browsertest.Browser) {
	tab := open(t, b, browsertest.Look{}, sales())
	check(t, "what is drawn", browsertest.Eval[string](tab, `Array.from(document.querySelectorAll('.box'), (e) => e.querySelector('bdi').textContent + ': ' + e.querySelector('p').textContent).join('\n')`),
		"orders: [public].[orders]\ncustomers: [public].[customers]\nTargets: custom SQL\nStock: published data source")
	check(t, "the lines", browsertest.Eval[string](tab, `Array.from(document.querySelectorAll('.sheet path'), (e) => e.getAttribute('class')).join(' ')`), "join relationship")
	check(t, "what they say", browsertest.Eval[string](tab, `Array.from(document.querySelectorAll('.sheet title'), (e) => e.textContent).join('\n')`),
		"left join on [orders].[customer] = [customers].[id]\n[region] = [goal region] (many-to-one)")
	over := `(() => {
		const boxes = Array.from(document.querySelectorAll('#source-0-0 .box'), (e) => e.getBoundingClientRect());
		return boxes.some((a, i) => boxes.some((b, j) => i < j && a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom));
	})()`
	if browsertest.Eval[bool](tab, over) {
		t.Error("boxes stand over each other")
	}
	if !browsertest.Eval[bool](tab, `['orders', 'customers', 'Targets'].every((name, i, all) => i === 0 ||
		document.querySelector('.box[aria-label="' + name + '"]').getBoundingClientRect().left > document.querySelector('.box[aria-label="' + all[i - 1] + '"]').getBoundingClientRect().right)`) {
		t.Error("what is joined stands in one column")
	}
	// Each end of a line is on the edge of a box or of the frame around some.
	loose := browsertest.Eval[[]string](tab, `(() => {
		const sheet = document.querySelector('#source-0-0 .sheet');
		const edges = Array.from(sheet.querySelectorAll('.box, .frame'), (e) => [e.offsetLeft, e.offsetLeft + e.offsetWidth]).flat();
		return Array.from(sheet.querySelectorAll('path'), (p) => p.getAttribute('d')).filter((d) => {
			const numbers = d.match(/[\d.]+/g).map(Number);
			return [numbers[0], numbers.at(-2)].some((x) => !edges.includes(x));
		});
	})()`)
	if len(loose) > 0 {
		t.Errorf("lines that end nowhere: %v", loose)
	}
	check(t, "in words", browsertest.Eval[string](tab, `document.querySelector('#source-0-0 details').textContent`), "Joins and relationships (2)"+
		"orders left join customers on [orders].[customer] = [customers].[id]Orders and customers to Targets: [region] = [goal region] (many-to-one relationship)")
}

func testHostile(t *testing.T, b *browsertest.Browser) {
	tab := open(t, b, browsertest.Look{}, hostileFile(t))
	tab.Click(view(2))
	check(t, "the name of a file", browsertest.Eval[string](tab, `document.querySelector('.file h2').textContent`), hostile)
	check(t, "the name of a data source", browsertest.Eval[string](tab, `document.querySelector('.source h3 bdi').textContent`), hostile)
	check(t, "a formula", browsertest.Eval[string](tab, `document.querySelector('.formula').textContent`), hostile)
	if n := browsertest.Eval[int](tab, `document.querySelectorAll('script').length`); n != 2 {
		t.Errorf("%d scripts", n)
	}
	for _, problem := range tab.Audit() {
		t.Error(problem)
	}
}

// big is a workbook with 50 views, 400 fields and 20 tables.
func big() object {
	file := sales()
	source := file["datasources"].([]object)[0]
	var fields, views, tables, logical, relationships []object
	for i := range 400 {
		fields = append(fields, object{"name": fmt.Sprintf("[f%d]", i), "caption": fmt.Sprintf("Field %d", i), "remote_name": "f", "table": fmt.Sprintf("t%d", i%20), "datatype": "string"})
	}
	for i := range 20 {
		name := fmt.Sprintf("t%d", i)
		var columns []object
		for j := i; j < 400; j += 20 {
			columns = append(columns, object{"name": fmt.Sprintf("[f%d]", j), "remote_name": "f", "datatype": "string"})
		}
		tables = append(tables, object{"name": "[" + name + "]", "alias": name, "columns": columns})
		logical = append(logical, object{"id": name, "caption": name, "relation": object{"kind": "table", "name": name, "table": name}})
		if i > 0 {
			relationships = append(relationships, object{"first": fmt.Sprintf("t%d", (i-1)/3), "second": name, "on": "[a] = [b]", "cardinality": "many-to-one"})
		}
	}
	for i := range 50 {
		var used []object
		for j := i; j < 400; j += 10 {
			used = append(used, object{"name": fmt.Sprintf("[f%d]", j)})
		}
		views = append(views, object{"name": fmt.Sprintf("View %d", i), "kind": "worksheet", "hidden": false, "datasources": list(object{"name": "federated.a", "fields": used})})
	}
	source["fields"], source["tables"], source["logical_tables"], source["relationships"], file["views"] = fields, tables, logical, relationships, views
	return file
}

func testBig(t *testing.T, b *browsertest.Browser) {
	tab := open(t, b, browsertest.Look{}, big())
	tab.Click(view(8))
	check(t, "the status", status(tab), "View 7 uses 1 data source, 2 tables, 40 fields")
	check(t, "what is used of a box is in sight", browsertest.Eval[string](tab, `(() => {
		const list = document.querySelector('.box[aria-label="t7"] ul').getBoundingClientRect();
		const used = document.querySelector('.box[aria-label="t7"] li .used').getBoundingClientRect();
		return String(used.top >= list.top && used.bottom <= list.bottom);
	})()`), "true")
	if n := browsertest.Eval[int](tab, `document.querySelectorAll('.sheet path').length`); n != 19 {
		t.Errorf("%d lines", n)
	}
	for _, problem := range tab.Audit() {
		t.Error(problem)
	}
}

func testSeveral(t *testing.T, b *browsertest.Browser) {
	other := sales()
	other["file"] = "other.twbx"
	tab := open(t, b, browsertest.Look{}, sales(), other)
	check(t, "what there is", browsertest.Eval[string](tab, `document.querySelector('#about').textContent`), "2 files, 4 data sources, 6 views")
	tab.Click(`[href="#source-1-0"]`)
	tab.Click(`.file:nth-of-type(2) .side .pick`)
	check(t, "files are not mixed", browsertest.Eval[string](tab, `String(document.querySelectorAll('.file:nth-of-type(1) :is(.used, [aria-pressed="true"])').length)`), "0")
	check(t, "the link to what it uses", browsertest.Eval[string](tab, `document.querySelector('#chosen a').getAttribute('href')`), "#source-1-0")
}

func testNothing(t *testing.T, b *browsertest.Browser) {
	tab := open(t, b, browsertest.Look{}, object{"file": "empty.tds", "kind": "tds", "datasources": list(object{"name": "empty", "has_extract": false})})
	tab.WaitText("It does not say what it reads.")
	check(t, "the title", browsertest.Eval[string](tab, `document.title`), "empty.tds: data model")
}

func testLook(t *testing.T, b *browsertest.Browser, look browsertest.Look) {
	tab := open(t, b, look, sales(), big())
	for _, choice := range []string{view(2), `.box[aria-label="customers"] > .pick`, `#source-0-0 details:last-of-type li:first-child .pick`} {
		browsertest.Eval[any](tab, fmt.Sprintf(`document.querySelectorAll('details').forEach((d) => { d.open = true; }); document.querySelector(%q).click()`, choice))
		for _, problem := range tab.Audit() {
			t.Errorf("%s: %s", choice, problem)
		}
	}
	if browsertest.Eval[bool](tab, `getComputedStyle(document.body).backgroundColor.match(/\d+/g).every((c) => c < 40)`) != look.Dark {
		t.Errorf("asked for dark %t it is not", look.Dark)
	}
}
