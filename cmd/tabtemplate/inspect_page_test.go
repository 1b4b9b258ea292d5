package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tabtemplate/tabtemplate/rest/emulator/browsertest"
)

// The page of real files, all on one: each view leads to what it uses, and the browser has nothing to complain of.
func TestInspectPage(t *testing.T) {
	t.Parallel()
	demo := filepath.Join("..", "..", "testdata", "demo")
	testInspectPage(t, filepath.Join(demo, "sales.twbx"), filepath.Join(demo, "orders.tds"))
}

func TestInspectPageOfTheCorpus(t *testing.T) {
	t.Parallel()
	corpus := filepath.Join("..", "..", "..", "shared", "corpus")
	if _, err := os.Stat(corpus); errors.Is(err, fs.ErrNotExist) {
		t.Skip("there are no real files in ../shared/corpus next to the repository")
	}
	testInspectPage(t, corpusTrees(t, corpus)...)
}

func testInspectPage(t *testing.T, paths ...string) {
	t.Helper()
	b := browsertest.Start(t)
	page := filepath.Join(t.TempDir(), "model.html")
	runOK(t, append([]string{"inspect", "--html", page}, paths...)...)
	tab := b.Tab(t, browsertest.Look{})
	tab.Open("file://" + filepath.ToSlash(page))
	tab.Wait(`!document.querySelector('#main').hidden`)
	unused := browsertest.Eval[[]string](tab, `(() => {
		const unused = [];
		for (const view of document.querySelectorAll('.side ul[aria-label="Views"] .pick')) {
			view.click();
			const says = document.querySelector('#status').textContent;
			const marked = document.querySelector(':is(.source, [aria-label="Parameters"]) .used, [aria-label="Parameters"] .indirect') !== null;
			if (marked === says.endsWith(' uses nothing') && !document.querySelector('#chosen').textContent.includes('missing')) unused.push(says);
		}
		return unused;
	})()`)
	if len(unused) > 0 {
		t.Errorf("nothing is marked, or something that is not used:\n%s", strings.Join(unused, "\n"))
	}
	if got, want := browsertest.Eval[int](tab, `document.querySelectorAll('.file').length`), len(paths); got != want {
		t.Errorf("%d files on the page, want %d", got, want)
	}
	for _, problem := range tab.Audit() {
		t.Error(problem)
	}
}
