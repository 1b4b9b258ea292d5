package main

import (
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/tabtemplate/tabtemplate/templates"
)

// failures gathers why sites failed, so that one mistake is said once, however many sites it is made for.
type failures struct {
	order  []*failure
	byText map[string]*failure
	untold int // of more kinds than are kept
}

// A failure is what failed on one site, or on several for the same reason.
type failure struct {
	text    string // as it is said of the first site
	general string // as it is said of all
	err     error  // of the first site
	first   []string
	sites   int
}

// sitesNamed is how many sites a failure names.
const sitesNamed = 3

// add adds what failed on a site: the text that says so of this site alone, and the one that becomes general when it
// does not name the site.
func (f *failures) add(s *templates.Site, text, general string, err error) {
	if f.byText == nil {
		f.byText = map[string]*failure{}
	}
	general = anySite(general, s)
	known := f.byText[general]
	if known == nil && len(f.order) == kindsTold {
		f.untold++
		return
	}
	if known == nil {
		known = &failure{text: text, general: general, err: err}
		f.byText[general] = known
		f.order = append(f.order, known)
	}
	known.sites++
	if len(known.first) < sitesNamed {
		known.first = append(known.first, s.Key)
	}
}

// print tells of all failures, with what to do about them.
func (f *failures) print(a *app) {
	for _, one := range f.order {
		fmt.Fprintf(a.stderr, "%s %s\n", paintWord(a.stderr, "error:"), one)
		a.hint(one.err)
	}
	if f.untold > 0 {
		fmt.Fprintf(a.stderr, "%s and %s\n", paintWord(a.stderr, "error:"), count(f.untold, "other failure"))
	}
}

// list lists all failures below what they belong to.
func (f *failures) list(w io.Writer) {
	for _, one := range f.order {
		fmt.Fprintf(w, "  %s\n", one)
	}
	if f.untold > 0 {
		fmt.Fprintf(w, "  and %s\n", count(f.untold, "other failure"))
	}
}

func (f *failure) String() string {
	if f.sites == 1 {
		return f.text
	}
	names := strings.Join(f.first, ", ")
	if f.sites > len(f.first) {
		names += ", …"
	}
	return fmt.Sprintf("%s (%s: %s)", f.general, count(f.sites, "site"), names)
}

// anySite is a text about a site that names no site: not by its key, by its content URL or by its folder.
func anySite(text string, s *templates.Site) string {
	const folder = string(filepath.Separator)
	return strings.NewReplacer(
		fmt.Sprintf(" for site %q", s.Key), "", // of which there may be others, where it is right
		fmt.Sprintf("site %q", s.Key), "each site",
		fmt.Sprintf("site %q", s.ContentURL), "each site",
		folder+s.Key+folder, folder+"…"+folder,
	).Replace(text)
}
