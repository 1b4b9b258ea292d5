package twb

import (
	"strconv"
	"strings"
)

// URLName is what a server makes of the name of a workbook, data source or view to put it
// in URLs: its ASCII letters and digits, hyphens and underscores. Nothing may be left. What
// becomes of a name that is taken is [FreeURLName]'s.
//
// This is what people report of servers, and what the repository locations of real files
// show wherever a view was not renamed since (format 7.1). One report has it that a server
// makes an underscore of a full stop; a real file shows one that is left out.
func URLName(name string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9', r == '-', r == '_':
			return r
		}
		return -1
	}, name)
}

// FreeURLName is [URLName], or when that is taken or nothing is left, the same with an
// underscore and the lowest number from 1 that makes it free. Servers also take other
// numbers.
func FreeURLName(name string, taken func(string) bool) string {
	free, _ := freeURLName(URLName(name), 1, taken)
	return free
}

// freeURLName tries the numbers from n on, and also returns the first that was not tried.
func freeURLName(base string, n int, taken func(string) bool) (string, int) {
	free := base
	for ; free == "" || taken(free); n++ {
		free = base + "_" + strconv.Itoa(n)
	}
	return free, n
}

// nameURLs gives the sheets that a server shows their names in URLs.
func nameURLs(sheets []sheet) {
	taken := map[string]bool{}
	next := map[string]int{}
	for i, s := range sheets {
		if s.hidden() {
			continue
		}
		base := URLName(s.name)
		sheets[i].urlName, next[base] = freeURLName(base, max(1, next[base]), func(name string) bool { return taken[name] })
		taken[sheets[i].urlName] = true
	}
}
