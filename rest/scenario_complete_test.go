package rest_test

import (
	"slices"
	"testing"
)

// TestScenariosAreComplete checks that no required operation is without a story.
func TestScenariosAreComplete(t *testing.T) {
	t.Parallel()
	var told []int
	for _, s := range scenarios() {
		told = append(told, s.rows...)
	}
	for n := 1; n <= 135; n++ {
		if !slices.Contains(told, n) {
			t.Errorf("operation %d is in no scenario", n)
		}
	}
}
