package emulator

import (
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tabtemplate/tabtemplate/rest/emulator/browsertest"
)

// The page in a real browser, over what clients of the API do meanwhile.
func TestPageInABrowser(t *testing.T) {
	t.Parallel()
	b := browsertest.Start(t)
	t.Run("what is published appears", func(t *testing.T) { t.Parallel(); testPagePublish(t, b) })
	t.Run("the lines for curl publish", func(t *testing.T) { t.Parallel(); testPageCurl(t, b) })
	t.Run("a job gets on", func(t *testing.T) { t.Parallel(); testPageJob(t, b) })
}

// openPage opens a place of a server's page, on a port.
func (w *world) openPage(b *browsertest.Browser, place string) *browsertest.Tab {
	w.t.Helper()
	listening := httptest.NewServer(w.server)
	w.t.Cleanup(listening.Close)
	tab := b.Tab(w.t, browsertest.Look{})
	tab.Open(listening.URL + place)
	tab.Wait(`document.querySelector('h1')`)
	return tab
}

func testPagePublish(t *testing.T, b *browsertest.Browser) {
	w := start(t)
	tab := w.openPage(b, "/")
	tab.WaitText("Nothing is published yet")
	tab.WaitText("Sign in as user admin with the password this server was started with.")

	a := w.publish("workbook", "workbookType=twb", `name="&lt;b&gt;Übersicht"`, "", "Sales.twb", salesTWB).wantStatus(201)
	tab.WaitText("<b>Übersicht")

	// The address that the API tells people opens it.
	webPage := valueOf(t, a, "webpageUrl")
	_, hash, _ := strings.Cut(webPage, "#")
	browsertest.Eval[any](tab, fmt.Sprintf(`location.hash = %q`, hash))
	tab.Wait(`document.querySelector('h1').textContent === '<b>Übersicht'`)
	tab.Wait(`document.querySelectorAll('.views img').length === 3 &&
		Array.from(document.images).every((i) => { i.loading = 'eager'; return i.complete && i.naturalWidth > 0; })`)
	tab.WaitText("Hidden 1")
	tab.WaitText("db.example.com:5432")
	tab.WaitText("All Users")

	// A second revision and a tag appear; the address still holds after a reload.
	w.publish("workbook", "workbookType=twb&overwrite=true", `name="&lt;b&gt;Übersicht"`, "", "Sales.twb", salesTWB).wantStatus(201)
	tab.WaitText("Revisions 2")
	w.send("PUT S/workbooks/" + valueOf(t, a, "id") + "/tags HTTP/1.1\nX-Tableau-Auth: TOKEN\n\n" +
		`<tsRequest><tags><tag label="quarterly"/></tags></tsRequest>`).wantStatus(200)
	tab.WaitText("quarterly")
	tab.Reload()
	tab.Wait(`document.querySelector('h1')?.textContent === '<b>Übersicht'`)
	file := browsertest.Eval[string](tab, `fetch(document.querySelector('a[download]').href).then((r) => r.text())`)
	if file != salesTWB {
		t.Errorf("the download is %d bytes, not the %d published", len(file), len(salesTWB))
	}

	w.send("DELETE S/workbooks/" + valueOf(t, a, "id") + " HTTP/1.1\nX-Tableau-Auth: TOKEN\n\n").wantStatus(204)
	tab.WaitText("Not found")
}

// valueOf returns the first attribute with a name in an answer.
func valueOf(t *testing.T, a *answer, attribute string) string {
	t.Helper()
	_, rest, ok := strings.Cut(string(a.raw), " "+attribute+`="`)
	value, _, _ := strings.Cut(rest, `"`)
	if !ok {
		t.Fatalf("%s has no %s", a.raw, attribute)
	}
	return value
}

// What the page says to do in a shell does publish.
func testPageCurl(t *testing.T, b *browsertest.Browser) {
	for _, program := range []string{"curl", "bash"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("there is no %s here", program)
		}
	}
	w := newWorld(t)
	tab := w.openPage(b, "/#/site/finance/explore")
	tab.WaitText("Nothing is published yet")
	lines := browsertest.Eval[string](tab, `document.querySelector('[data-copy]').dataset.copy`)
	lines = strings.Replace(lines, "PASSWORD", "p@ss&#38;&#60;w&#62;", 1)
	cmd := exec.CommandContext(t.Context(), "bash", "-c", strings.ReplaceAll(lines, "Sales.twbx", "Sales.twb"))
	cmd.Dir = t.TempDir()
	cmd.Env = append(os.Environ(), "NO_PROXY=*")
	if err := os.WriteFile(filepath.Join(cmd.Dir, "Sales.twb"), []byte(salesTWB), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := cmd.CombinedOutput(); err != nil || !strings.Contains(string(out), "<workbook ") {
		t.Fatalf("%v: %s", err, out)
	}
	tab.Wait(`document.querySelector('tbody a')?.textContent === 'Sales'`)
}

func testPageJob(t *testing.T, b *browsertest.Browser) {
	w := start(t, WithJobTime(time.Minute))
	tab := w.openPage(b, "/#/jobs")
	tab.WaitText("No job was started yet.")
	w.publish("workbook", "workbookType=twb&asJob=true", `name="Sales"`, "", "Sales.twb", salesTWB).wantStatus(202)
	tab.WaitText("Waiting")
	w.clock.advance(15 * time.Second)
	tab.Wait(`document.querySelector('progress')?.value === 25`)
	tab.Wait(`document.querySelector('#nav .badge')?.textContent === '1 running'`)
	w.clock.advance(time.Minute)
	tab.WaitText("Succeeded")
	tab.Wait(`document.querySelector('#nav .badge') === null`)
}
