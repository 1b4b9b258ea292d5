package main

import (
	"fmt"
	"testing"

	"github.com/tabtemplate/tabtemplate/templates"
)

// What differs only in the site is said once; what differs in a value is not the same mistake.
func TestFailures(t *testing.T) {
	t.Parallel()
	var f failures
	for i := range 1000 {
		s := &templates.Site{Key: fmt.Sprintf("s%d", i), ContentURL: fmt.Sprintf("url%d", i)}
		for _, text := range []string{
			fmt.Sprintf("rendering template %q for site %q: no field", "a", s.Key),
			fmt.Sprintf("signing in to site %q of https://x: no", s.ContentURL),
			fmt.Sprintf("writing the files of site %q: open out/%s/a.tds: no space", s.Key, s.Key),
		} {
			f.add(s, text, text, nil)
		}
		if i%500 == 0 {
			text := fmt.Sprintf("finding project %q of site %q", s.Key, s.Key)
			f.add(s, text, text, nil)
		}
	}
	var got []string
	for _, one := range f.order {
		got = append(got, one.String())
	}
	want := []string{
		`rendering template "a": no field (1000 sites: s0, s1, s2, …)`,
		`signing in to each site of https://x: no (1000 sites: s0, s1, s2, …)`,
		`writing the files of each site: open out/…/a.tds: no space (1000 sites: s0, s1, s2, …)`,
		`finding project "s0" of site "s0"`,
		`finding project "s500" of site "s500"`,
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %q\nwant %q", got, want)
	}
}
