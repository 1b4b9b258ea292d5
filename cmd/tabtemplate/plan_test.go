package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// A plan for many sites names the first of those with which the same happens, in their order, whatever order they come in; the
// page has them all.
func TestPlanOfManySites(t *testing.T) {
	t.Parallel()
	path := manySites(t, 40, strings.NewReplacer(
		"filter: Tenant\n        datasource", "filter: '${int(site.key[1:]) % 20 == 7 ? \"Tenat\" : \"Tenant\"}'\n        datasource",
		"value: '${region}'", "value: '${region}'\n        when: int(site.key[1:]) % 3 == 0",
	))
	page := filepath.Join(t.TempDir(), "plan.html")
	var stdout, stderr strings.Builder
	args := []string{"plan", "--all", "--changes", "-q", "--jobs", "8", "-f", path, "--html", page}
	if code := run(t.Context(), args, strings.NewReader(""), &stdout, &stderr); code != exitSites || stderr.Len() > 0 {
		t.Fatalf("exit code %d\n%s", code, stderr.String())
	}
	got := regexp.MustCompile(`(?m)^  .*\n|^\n`).ReplaceAllString(stdout.String(), "") // without the changes themselves
	got = regexp.MustCompile(` +`).ReplaceAllString(got, " ")
	const want = `SITE TEMPLATE PLAN AS CHANGES
s0000 orders create Data Sources/Orders 4
s0001 orders create Data Sources/Orders 4
s0002 orders create Data Sources/Orders 4
s0003 orders create Data Sources/Orders 4
s0004 orders create Data Sources/Orders 4
s0005 orders create Data Sources/Orders 4
s0006 orders create Data Sources/Orders 4
s0007 orders create Data Sources/Orders 4
s0008 orders create Data Sources/Orders 4
s0009 orders create Data Sources/Orders 4
and 30 more orders create
s0000 sales create Dashboards/EMEA/Sales for Tenant 0 16
`
	if !strings.HasPrefix(got, want) {
		t.Errorf("it begins with\n%s", got)
	}
	for _, want := range []string{
		"\ns0007 sales failed\ns0027 sales failed\n",
		"\ns0000 orders: create (4 changes)\ns0001 orders: create (4 changes)\ns0002 orders: create (4 changes)\nthe same with other values on 37 more sites\n",
		"\n40 sites: 78 to create, 2 failed\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	if want := "\n  sales: failed: rendering template \"sales\": "; !strings.Contains(stdout.String(), want) || !strings.Contains(stdout.String(), " (2 sites: s0007, s0027)\n") {
		t.Errorf("no %q in\n%s", want, stdout.String())
	}
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(text), `"a":"create"`); n != 78 {
		t.Errorf("%d to be created on the page", n)
	}
	if n := strings.Count(string(text), "/connection/@dbname"); n > 8 {
		t.Errorf("a path is on the page %d times", n)
	}
}
