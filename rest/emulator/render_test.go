package emulator

import (
	"slices"
	"testing"
)

// The values of a filter are parted by commas that no backslash is before.
func TestSplitValues(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]string{
		"": {""}, "a": {"a"}, "a,b": {"a", "b"}, ",": {"", ""}, `a\,b,c`: {"a,b", "c"}, `\,\,`: {",,"}, `a\`: {`a\`}, `a\b,c\`: {`a\b`, `c\`},
	} {
		if got := splitValues(text); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}
