package templates

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// A Problem is one thing that is wrong with a manifest, and where.
type Problem struct {
	// File is the manifest as it was given to Load, or a file that it takes sites from.
	File string
	// Site is the key of a site of [WithSites], which has no file.
	Site string
	// Line and Col are 1-based; Col counts characters. Both are 0 when the problem is of the whole file.
	Line, Col int
	// Message says what is wrong, and for which sites when it is not the same for all.
	Message string
	// Hint says what to do about it; it may be empty.
	Hint string
	// Source is the line of the file, without its line end and with a * for each character of a literal password or secret.
	Source string

	order int // of the file, among those of a manifest
}

// Error returns "file:line:col: message", or `site "key": message`.
func (p *Problem) Error() string {
	switch {
	case p.Site != "":
		return fmt.Sprintf("site %q: %s", p.Site, p.Message)
	case p.Line == 0:
		return p.File + ": " + p.Message
	}
	return fmt.Sprintf("%s:%d:%d: %s", p.File, p.Line, p.Col, p.Message)
}

// maxExcerpt is how much of a line an excerpt has, in bytes; a program may have written the file in one line.
const maxExcerpt = 240

// Excerpt returns the line of the file with a caret under the place, in two lines that end with a line feed. Of a long line
// it has what is around the place. It is empty when the problem is of the whole file, or of a site without one.
func (p *Problem) Excerpt() string {
	if p.Line == 0 {
		return ""
	}
	gutter := fmt.Sprintf("%5d | ", p.Line)
	before, after := p.Source, ""
	col := 1
	for i := range p.Source {
		if col == p.Col {
			before, after = p.Source[:i], p.Source[i:]
			break
		}
		col++
	}
	if len(p.Source) > maxExcerpt {
		before, after = lastOf(before, maxExcerpt/2), firstOf(after, maxExcerpt/2)
	}
	pad := strings.Map(func(r rune) rune {
		if r != '\t' {
			return ' ' // a tab stays a tab, so that the caret stands where the terminal puts the character
		}
		return r
	}, before)
	return gutter + before + after + "\n" + strings.Repeat(" ", len(gutter)-2) + "| " + pad + "^\n"
}

// lastOf is the end of text, of so many bytes or a little less.
func lastOf(text string, bytes int) string {
	if len(text) <= bytes {
		return text
	}
	text = text[len(text)-bytes:]
	for !utf8.RuneStart(text[0]) {
		text = text[1:]
	}
	return "…" + text
}

// firstOf is the beginning of text, of so many bytes or a little less.
func firstOf(text string, bytes int) string {
	if len(text) <= bytes {
		return text
	}
	for !utf8.RuneStart(text[bytes]) {
		bytes--
	}
	return text[:bytes] + "…"
}

// Problems is everything that is wrong with a manifest, in the order of the files and of what is in them. Load returns it
// as its error.
type Problems []*Problem

// Error returns the problems, one a line.
func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.Error()
	}
	return strings.Join(lines, "\n")
}

// Unwrap returns the problems one by one.
func (ps Problems) Unwrap() []error {
	errs := make([]error, len(ps))
	for i, p := range ps {
		errs[i] = p
	}
	return errs
}

// sorted puts the problems in the order of the files and drops what is said twice.
func (ps Problems) sorted() Problems {
	compare := func(a, b *Problem) int {
		return cmp.Or(cmp.Compare(a.order, b.order), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Col, b.Col), cmp.Compare(a.Message, b.Message))
	}
	slices.SortStableFunc(ps, compare)
	return slices.CompactFunc(ps, func(a, b *Problem) bool { return compare(a, b) == 0 })
}

// siteProblems gathers the problems that values have on each site, so that one mistake is said once, with the sites it
// is made for.
type siteProblems struct {
	total   int // of sites
	order   []*siteProblem
	byPlace map[place]*siteProblem
}

type siteProblem struct {
	problem *Problem
	first   []string // the first few sites
	count   int
}

// place tells problems apart: the same message at the same place is the same problem.
type place struct {
	order, line, col int
	message          string
}

// sitesNamed is how many sites a message names before it counts the rest.
const sitesNamed = 3

func (s *siteProblems) add(site string, p *Problem) {
	if s.byPlace == nil {
		s.byPlace = map[place]*siteProblem{}
	}
	at := place{p.order, p.Line, p.Col, p.Message}
	known := s.byPlace[at]
	if known == nil {
		known = &siteProblem{problem: p}
		s.byPlace[at] = known
		s.order = append(s.order, known)
	}
	if n := len(known.first); n > 0 && known.first[n-1] == site {
		return
	}
	known.count++
	if len(known.first) < sitesNamed {
		known.first = append(known.first, site)
	}
}

// problems returns what was gathered. A problem of every site names none.
func (s *siteProblems) problems() Problems {
	var out Problems
	for _, g := range s.order {
		p := *g.problem
		if g.count < s.total {
			p.Message += " " + nameSites(g.first, g.count)
		}
		out = append(out, &p)
	}
	return out
}

// nameSites returns "(site a)", "(sites a, b)" or "(sites a, b, c and 7 more)".
func nameSites(first []string, count int) string {
	switch names := strings.Join(first, ", "); {
	case count == 1:
		return "(site " + names + ")"
	case count > len(first):
		return fmt.Sprintf("(sites %s and %d more)", names, count-len(first))
	default:
		return "(sites " + names + ")"
	}
}

// suggest returns a hint for a name that is not known: the nearest known one, or all of them when they are few.
func suggest(name string, known []string) string {
	if best := nearest(name, known); best != "" {
		return fmt.Sprintf("did you mean %q?", best)
	}
	if len(known) == 0 || len(known) > 20 {
		return ""
	}
	known = slices.Sorted(slices.Values(known))
	return "known here: " + strings.Join(known, ", ")
}

// nearest returns the known name that takes the fewest keystrokes to get to, or "" when none is near.
func nearest(name string, known []string) string {
	best, least := "", max(1, utf8.RuneCountInString(name)/3)+1
	for _, k := range slices.Sorted(slices.Values(known)) {
		if d := distance(strings.ToLower(name), strings.ToLower(k)); d < least {
			best, least = k, d
		}
	}
	return best
}

// distance returns the number of characters to insert, remove, change or swap with their neighbour to turn a into b.
func distance(a, b string) int {
	s, t := []rune(a), []rune(b)
	if d := len(s) - len(t); max(d, -d) > max(len(s), len(t))/2+1 {
		return max(len(s), len(t)) // too far apart to be worth the table
	}
	var before []int
	row := make([]int, len(t)+1)
	for j := range row {
		row[j] = j
	}
	for i := range s {
		next := make([]int, len(t)+1)
		next[0] = i + 1
		for j := range t {
			change := row[j]
			if s[i] != t[j] {
				change++
			}
			next[j+1] = min(change, row[j+1]+1, next[j]+1)
			if i > 0 && j > 0 && s[i] == t[j-1] && s[i-1] == t[j] {
				next[j+1] = min(next[j+1], before[j-1]+1)
			}
		}
		before, row = row, next
	}
	return row[len(t)]
}
