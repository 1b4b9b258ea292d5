package strictyaml

import (
	"fmt"
	"slices"
	"strings"
)

// Suggest returns a hint for a name that is not known: the nearest known one, or all of them when they are few.
func Suggest(name string, known []string) string {
	known = slices.Sorted(slices.Values(known))
	best, least := "", max(1, len([]rune(name))/3)+1
	for _, k := range known {
		if d := distance([]rune(strings.ToLower(name)), []rune(strings.ToLower(k))); d < least {
			best, least = k, d
		}
	}
	switch {
	case best != "":
		return fmt.Sprintf("did you mean %q?", best)
	case len(known) == 0 || len(known) > 20:
		return ""
	}
	return "known here: " + strings.Join(known, ", ")
}

// distance returns the number of characters to insert, remove, change or swap with their neighbour to turn a into b.
func distance(a, b []rune) int {
	var before []int
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range a {
		next := make([]int, len(b)+1)
		next[0] = i + 1
		for j := range b {
			change := row[j]
			if a[i] != b[j] {
				change++
			}
			next[j+1] = min(change, row[j+1]+1, next[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				next[j+1] = min(next[j+1], before[j-1]+1)
			}
		}
		before, row = row, next
	}
	return row[len(b)]
}
