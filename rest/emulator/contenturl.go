package emulator

import (
	"strconv"
	"strings"
)

// makeURLName makes the name that stands in a URL for a name people see: its ASCII letters and digits, hyphens and
// underscores. When that is taken, or nothing is left, an underscore and a number follow, the lowest that is free.
func makeURLName(name string, taken func(string) bool) string {
	base := strings.Map(func(r rune) rune {
		switch {
		case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9', r == '-', r == '_':
			return r
		}
		return -1
	}, name)
	urlName := base
	for n := 1; urlName == "" || taken(urlName); n++ {
		urlName = base + "_" + strconv.Itoa(n)
	}
	return urlName
}
