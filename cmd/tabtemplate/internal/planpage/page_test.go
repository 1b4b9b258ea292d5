package planpage

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"
)

var made = time.Date(2026, 5, 17, 12, 30, 0, 0, time.UTC)

// sites are so many sites of a server.
func sites(n int) []Site {
	var out []Site
	for i := range n {
		key := fmt.Sprintf("tenant-%05d", i)
		out = append(out, Site{key, key, "https://tableau.example.com"})
	}
	return out
}

// write writes a page.
func write(t testing.TB, p Plan, cells ...Cell) string {
	t.Helper()
	p.Manifest, p.Made = "tabtemplate.yaml", made
	var out bytes.Buffer
	w, err := NewWriter(&out, p)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range cells {
		if err := w.Add(c); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

var data = regexp.MustCompile(`(?s)<script type="application/json" id="plan">(.*?)</script>`)

// inPage is what the page has in it.
type inPage struct {
	Plan  head
	Cells []struct {
		Values []any `json:"v"`
		Shape  any   `json:"c"`
		Name   any   `json:"n"`
		Drift  any   `json:"d"`
	}
}

// planIn reads the plan in a page.
func planIn(t testing.TB, page string) inPage {
	t.Helper()
	found := data.FindAllStringSubmatch(page, -1)
	if len(found) != 1 {
		t.Fatalf("%d plans in the page", len(found))
	}
	var plan inPage
	if err := json.Unmarshal([]byte(found[0][1]), &plan); err != nil {
		t.Fatal(err)
	}
	return plan
}

// The policy lets the script and the style of the page do their work, and nothing else.
func TestPolicy(t *testing.T) {
	t.Parallel()
	page := write(t, Plan{Templates: []string{"sales"}, Sites: sites(1)})
	policy := regexp.MustCompile(`<meta http-equiv="Content-Security-Policy" content="(.*?)">`).FindStringSubmatch(page)[1]
	for _, tag := range []string{"script", "style"} {
		text := regexp.MustCompile(`(?s)<`+tag+`>(.*?)</`+tag+`>`).FindAllStringSubmatch(page, -1)
		if len(text) != 1 || strings.Contains(text[0][1], "\r") {
			t.Fatalf("%d of %s, or one that a browser reads in another way", len(text), tag)
		}
		sum := sha256.Sum256([]byte(text[0][1]))
		if want := tag + "-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"; !strings.Contains(policy, want) {
			t.Errorf("%s: no %s", policy, want)
		}
	}
	if !strings.HasPrefix(policy, "default-src 'none'; ") || strings.Contains(policy, "unsafe") {
		t.Error(policy)
	}
	for _, outside := range []string{`src="`, `http://`, `https://`, `@import`, `url(`, ` style="`, ` onclick`, `{{`} {
		if before, _, _ := strings.Cut(page, `id="plan"`); strings.Contains(before, outside) || strings.Contains(script, outside) {
			t.Errorf("%s in the page", outside)
		}
	}
}

// hostile is what tenants could call something.
const hostile = "</script><!--<script>alert('1')</script> \" ' & \\ ]]> \u2028\u2029 \u202egnirts \ufeff\u00a0\x01 👩‍👩‍👧 日本語 مرحبا \ud7ff"

// Whatever is in it, a plan stays text inside its element.
func TestHostileText(t *testing.T) {
	t.Parallel()
	page := write(t, Plan{Templates: []string{hostile}, Sites: []Site{{hostile, hostile, hostile}}}, hostileCell())
	if plan := planIn(t, page); plan.Cells[0].Name != hostile || plan.Plan.Sites[0][0] != hostile || plan.Plan.Templates[0] != hostile {
		t.Errorf("read again it is %q", plan)
	}
	if got := strings.Count(page, "</script>"); got != 2 {
		t.Errorf("%d ends of scripts, want those of the plan and of the code", got)
	}
	_, after, _ := strings.Cut(page, `id="plan">`)
	text, _, _ := strings.Cut(after, "</script>")
	if i := strings.IndexAny(text, "<>&\u2028\u2029"); i >= 0 {
		t.Errorf("not escaped: %q", text[i:min(len(text), i+30)])
	}
}

func hostileCell() Cell {
	return Cell{
		Action: "overwrite", Name: hostile, Project: hostile, ContentURL: hostile, Drift: hostile, Error: hostile, Reason: hostile, Hint: hostile,
		Warnings: []string{hostile}, Entries: []string{hostile},
		Changes: []Change{{Kind: "changed", Old: "a", New: hostile, Places: []Place{{1, 2, hostile}}}},
	}
}

// What repeats is in the page once, and what comes out is what went in.
func TestTerms(t *testing.T) {
	t.Parallel()
	query := "SELECT 日本 FROM template.orders JOIN template.customers USING (id) WHERE region = 'EMEA 👩‍👩‍👧' AND amount > 0"
	var cells []Cell
	for i := range 20 {
		tenant := fmt.Sprintf("tenant_%d", i/2) // two have the same
		cells = append(cells, Cell{Site: i, Action: "create", Name: "Sales", Drift: "somebody else has published it", Changes: []Change{
			{"changed", "template", tenant, []Place{{3, 4, "/workbook/@dbname"}, {9, 4, "/workbook/copy/@dbname"}}},
			{"changed", query, strings.ReplaceAll(query, "template", tenant), []Place{{5, 6, "/workbook/relation/text()"}}},
			{"added", "", "the same on all", []Place{{7, 8, "/workbook/@same"}}},
		}})
	}
	page := write(t, Plan{Templates: []string{"sales"}, Sites: sites(20)}, cells...)
	for text, want := range map[string]int{
		"/workbook/@dbname": 1, "FROM template.orders": 1, "FROM tenant_0.orders": 1, "FROM tenant_1": 0, "the same on all": 1,
		`"Sales"`: 1, "somebody else": 1, `"tenant_3"`: 1, // and not in the queries, of which only the 3 is there
	} {
		if got := strings.Count(page, text); got != want {
			t.Errorf("%q is there %d times, want %d", text, got, want)
		}
	}
	if diff := cmp.Diff(newValues(cells), newValuesIn(t, page)); diff != "" {
		t.Errorf("values (-want +got):\n%s", diff)
	}
}

// Any values come out as they went in, also more shapes and strings than are kept.
func TestRandomValues(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	alphabet := []rune("ab \n\"<é日👩\u2028")
	text := func(most int) string {
		runes := make([]rune, random.IntN(most))
		for i := range runes {
			runes[i] = alphabet[random.IntN(len(alphabet))]
		}
		return string(runes)
	}
	var cells []Cell
	base := text(300)
	for i := range 3 * shapesKept {
		var changes []Change
		for range random.IntN(4) {
			value := text(20)
			if at := random.IntN(len([]rune(base)) + 1); random.IntN(2) == 0 {
				value = string([]rune(base)[:at]) + value + string([]rune(base)[at:])
			}
			changes = append(changes, Change{"changed", text(3), value, []Place{{1, random.IntN(300), "/a"}}})
		}
		cells = append(cells, Cell{Site: i, Action: "create", Changes: changes})
	}
	page := write(t, Plan{Templates: []string{"sales"}, Sites: sites(len(cells))}, cells...)
	if diff := cmp.Diff(newValues(cells), newValuesIn(t, page)); diff != "" {
		t.Errorf("values (-want +got):\n%s", diff)
	}
}

// newValues are the new values of cells, in order.
func newValues(cells []Cell) (out [][]string) {
	for _, c := range cells {
		var values []string
		for _, change := range c.Changes {
			values = append(values, change.New)
		}
		out = append(out, values)
	}
	return out
}

// newValuesIn reads the new values out of a page, as the page does.
func newValuesIn(t testing.TB, page string) (out [][]string) {
	t.Helper()
	strings := []string{""}
	term := func(v any) string {
		if n, ok := v.(float64); ok {
			return strings[int(n)]
		}
		text, _ := v.(string)
		if v != nil {
			strings = append(strings, text)
		}
		return text
	}
	var shapes [][]string
	for _, c := range planIn(t, page).Cells {
		term(c.Name)
		term(c.Drift)
		var base []string
		switch shape := c.Shape.(type) {
		case float64:
			base = shapes[int(shape)]
		case []any:
			for _, change := range shape {
				parts := change.([]any)
				term(parts[1])
				base = append(base, term(parts[2]))
				for i := 5; i < len(parts); i += 3 {
					term(parts[i])
				}
			}
			shapes = append(shapes, base)
		}
		var values []string
		for i, of := range base {
			value := any(0.0)
			if i < len(c.Values) {
				value = c.Values[i]
			}
			if edits, ok := value.([]any); ok {
				of = edited(of, edits)
			} else if value != 0.0 {
				of = term(value)
			}
			values = append(values, of)
		}
		out = append(out, values)
	}
	return out
}

func edited(of string, edits []any) string {
	units := utf16.Encode([]rune(of))
	var out []uint16
	at := 0
	for i := 0; i < len(edits); i += 3 {
		out = append(append(out, units[at:int(edits[i].(float64))]...), utf16.Encode([]rune(edits[i+2].(string)))...)
		at = int(edits[i+1].(float64))
	}
	return string(utf16.Decode(append(out, units[at:]...)))
}

// A page with nothing in it is one.
func TestEmpty(t *testing.T) {
	t.Parallel()
	if plan := planIn(t, write(t, Plan{})); len(plan.Cells) != 0 || plan.Plan.Sites == nil || plan.Plan.Templates == nil {
		t.Errorf("%+v", plan)
	}
}

// full is a disk that takes so many bytes.
type full struct{ left int }

var errFull = errors.New("the disk is full")

func (f *full) Write(p []byte) (int, error) {
	if f.left -= len(p); f.left < 0 {
		return 0, errFull
	}
	return len(p), nil
}

// A page that cannot be written to its end is an error, wherever that is.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	size := len(write(t, Plan{}, hostileCell())) - len("tabtemplate.yaml")
	for _, room := range []int{0, size / 2, size - 1} {
		w, err := NewWriter(&full{room}, Plan{Made: made})
		if err == nil {
			err = w.Add(hostileCell())
		}
		if err == nil {
			err = w.Close()
		}
		if !errors.Is(err, errFull) {
			t.Errorf("with room for %d of %d bytes: %v", room, size, err)
		}
	}
}

// manyCells are the cells of sites by two templates, with ten changes each of which six have values of the site.
func manyCells(sites int, each func(Cell)) {
	for i := range sites {
		for template := range 2 {
			c := Cell{
				Site: i, Template: template, Action: "overwrite", Name: fmt.Sprintf("Sales for Tenant %d", i), Project: "Dashboards/EMEA",
				ContentURL: fmt.Sprintf("SalesforTenant%d", i), LUID: fmt.Sprintf("%08x-7a1c-4c21-8e7b-%012x", i*7919, i*104729+template),
			}
			for n := range 10 {
				value := "warehouse.internal"
				if n < 6 {
					value = fmt.Sprintf("tenant_%d_%d", i, n)
				}
				if n == 5 {
					value = "<filter class='categorical' column='[tenant]' filter-group='2'>\n  <groupfilter function='member' level='[tenant]' member='&quot;" + value + "&quot;' user:ui-domain='database' />\n</filter>"
				}
				path := fmt.Sprintf("/workbook/datasources/datasource[@name='federated.%d']/connection/named-connections/named-connection/connection/@attribute%d", template, n)
				c.Changes = append(c.Changes, Change{"changed", "template", value, []Place{{n * 10, 20, path}, {n*10 + 500, 20, path + "[2]"}}})
			}
			each(c)
		}
	}
}

// BenchmarkPage writes the page of 10,000 sites by two templates. It tells its size, what that is of what the same cells take
// written out one by one, and the time in terms of what that takes.
func BenchmarkPage(b *testing.B) {
	const many = 10_000
	p := Plan{Manifest: "tabtemplate.yaml", Made: made, Templates: []string{"orders", "sales"}, Sites: sites(many)}
	var size, plain counter
	var took, tookPlain time.Duration
	for b.Loop() {
		size, plain = 0, 0
		start := time.Now()
		w, err := NewWriter(&size, p)
		if err != nil {
			b.Fatal(err)
		}
		manyCells(many, func(c Cell) { err = errors.Join(err, w.Add(c)) })
		if err := errors.Join(err, w.Close()); err != nil {
			b.Fatal(err)
		}
		took += time.Since(start)
		b.StopTimer()
		start = time.Now()
		enc := json.NewEncoder(&plain)
		manyCells(many, func(c Cell) { err = errors.Join(err, enc.Encode(c)) })
		if err != nil {
			b.Fatal(err)
		}
		tookPlain += time.Since(start)
		b.StartTimer()
	}
	b.ReportMetric(float64(size)/1e6, "MB")
	b.ReportMetric(float64(size)/float64(plain), "size/plain")
	b.ReportMetric(float64(took)/float64(tookPlain), "time/plain")
}

// counter counts bytes.
type counter int64

func (c *counter) Write(p []byte) (int, error) {
	*c += counter(len(p))
	return len(p), nil
}
