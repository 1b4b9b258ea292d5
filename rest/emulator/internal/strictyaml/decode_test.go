package strictyaml

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
)

type zoo struct {
	Name    string            `yaml:"name"`
	Open    bool              `yaml:"open"`
	Animals []animal          `yaml:"animals"`
	Fees    map[string]string `yaml:"fees"`
	inner   string
	Outer   string
}

type animal struct {
	Name  string            `yaml:"name"`
	Foods []string          `yaml:"foods"`
	Rooms map[string]animal `yaml:"rooms"`
}

func TestDecode(t *testing.T) {
	t.Parallel()
	var z zoo
	file, found := Decode(strings.NewReader(`# the zoo
name: 0123
open: True
animals:
  - &leo {name: Leo, foods: [2026-01-02, no]}
  - *leo
  - name: Ida
    rooms: {east: {name: Ed}}
fees: {adult: 12.50}
`), &z)
	want := `{0123 true [{Leo [2026-01-02 no] map[]} {Leo [2026-01-02 no] map[]} {Ida [] map[east:{Ed [] map[]}]}] map[adult:12.50]  }`
	if got := fmt.Sprint(z); len(found) > 0 || got != want {
		t.Errorf("%v\n got %s\nwant %s", found, got, want)
	}
	for path, want := range map[string]Place{
		"": {2, 1}, "name": {2, 7}, "animals[1].foods[1]": {5, 42}, "animals[2].rooms.east.name": {8, 26}, "fees.adult": {9, 15},
		"animals[2].foods": {7, 5}, "animals[9].name": {5, 3}, "nothing[0].name": {2, 1},
	} {
		if got := file.Place(path); got != want {
			t.Errorf("%q is at %v, want %v", path, got, want)
		}
	}
}

// An alias inside of what it stands for ends, and so do aliases that make much of little.
func TestDecodeEnds(t *testing.T) {
	t.Parallel()
	var z zoo
	_, found := Decode(strings.NewReader("animals: &all [*all, {rooms: &r {a: {rooms: *r}}}]"), &z)
	if len(found) != 2 || !strings.Contains(found[1].Message, "nested more than 50 deep") {
		t.Errorf("found %v", found)
	}
	many := "animals:\n- &a {foods: [" + strings.Repeat("x,", 400) + "]}\n" + strings.Repeat("- *a\n", 400)
	_, found = Decode(strings.NewReader(many), &z)
	if len(found) != 1 || !strings.Contains(found[0].Message, "more than 100000 values") {
		t.Errorf("found %v", found)
	}
}

func TestSuggest(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"nmae": `did you mean "name"?`, "Foods": `did you mean "foods"?`, "colour": "known here: foods, name, rooms", "foodss": `did you mean "foods"?`,
	} {
		if got := Suggest(name, []string{"name", "foods", "rooms"}); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
	if got := Suggest("x", nil); got != "" {
		t.Error(got)
	}
}

// Whatever the file is, every problem is in it, and what is read without one has been read whole.
func FuzzDecode(f *testing.F) {
	for _, text := range []string{
		"name: a\nopen: true\nanimals: [{name: b, foods: [c]}]\nfees: {d: e}", "nmae: 1", "a: [", "? [a]\n: b", "<<: {}", "--- {}\n--- {}", "x: &a [*a]", "\ufeffname: a",
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var z, again zoo
		_, found := Decode(bytes.NewReader(text), &z)
		lines := bytes.Count(text, []byte("\n")) + bytes.Count(text, []byte("\r")) + 2
		for _, p := range found {
			if p.Message == "" || p.Line < 0 || p.Line > lines+bytes.Count(text, []byte("\xc2\x85"))+bytes.Count(text, []byte("\xe2\x80")) {
				t.Errorf("problem %+v of %q", p, text)
			}
		}
		if z.inner != "" || z.Outer != "" {
			t.Errorf("a field without a key is %+v", z)
		}
		Decode(bytes.NewReader(text), &again)
		if fmt.Sprint(z) != fmt.Sprint(again) {
			t.Errorf("%q is %v and then %v", text, z, again)
		}
	})
}
