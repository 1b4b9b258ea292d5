package packaging

import (
	"bytes"
	"errors"
	"hash/crc32"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/klauspost/compress/flate"
)

// apply is what splices mean.
func apply(original []byte, splices []Splice) []byte {
	out, at := []byte{}, 0
	for _, s := range splices {
		out = append(append(out, original[at:s.Start]...), s.New...)
		at = s.End
	}
	return append(out, original[at:]...)
}

// unpack gives the content of packed data.
func unpack(t *testing.T, p *packed, method uint16) []byte {
	t.Helper()
	var r io.Reader = io.NewSectionReader(&p.data, 0, p.data.size)
	if method == Deflated {
		r = flate.NewReader(r)
	}
	b, err := io.ReadAll(r)
	if err != nil {
		t.Error(err)
	}
	return b
}

func TestBaseWithSplices(t *testing.T) {
	t.Parallel()
	const chunkLen = longestStretch
	long := []byte(strings.Repeat("0123456789abcdef", 3*chunkLen/16) + "rest")
	tests := []struct {
		name    string
		base    []byte
		splices []Splice
		kept    int // bytes of the base whose deflated form is kept
	}{
		{"no splices", long, nil, len(long)},
		{"empty", nil, nil, 0},
		{"insert into empty", nil, []Splice{{0, 0, []byte("new")}}, 0},
		{"replace all", []byte("old"), []Splice{{0, 3, []byte("new")}}, 0},
		{"delete all", long, []Splice{{0, len(long), nil}}, 0},
		{"at the start", long, []Splice{{0, 0, []byte("new")}}, len(long)},
		{"at the end", long, []Splice{{len(long), len(long), []byte("new")}}, len(long)},
		{"in the middle of a stretch", long, []Splice{{chunkLen + 5, chunkLen + 6, []byte("new")}}, len(long) - 1},
		{"up to the border", long, []Splice{{chunkLen - 2, chunkLen, []byte("new")}}, len(long) - 2},
		{"from the border", long, []Splice{{chunkLen, chunkLen + 2, []byte("new")}}, len(long) - 2},
		{"insert at the border", long, []Splice{{chunkLen, chunkLen, []byte("new")}}, len(long)},
		{"across the border", long, []Splice{{chunkLen - 1, chunkLen + 1, []byte("new")}}, len(long) - 2},
		{"a whole stretch", long, []Splice{{chunkLen, 2 * chunkLen, nil}}, len(long) - chunkLen},
		{"longer than what is stored", long, []Splice{{9, 9, bytes.Repeat([]byte("new"), 1000)}}, len(long)},
		{"near each other", long, []Splice{{100, 101, []byte("a")}, {200, 202, []byte("b")}}, len(long) - 102},
		{"far from each other", long, []Splice{{100, 101, []byte("a")}, {100 + shortestBetween + 1, 100 + shortestBetween + 3, []byte("b")}}, len(long) - 3},
		{"two at one place", long, []Splice{{7, 7, []byte("a")}, {7, 7, []byte("b")}, {7, 9, []byte("c")}}, len(long) - 2},
	}
	for _, test := range tests {
		for _, method := range []uint16{Deflated, Stored} {
			base, before := NewBase(test.base), bytes.Clone(test.base)
			p, err := base.With(test.splices...).pack(method)
			if err != nil {
				t.Errorf("%s: %v", test.name, err)
				continue
			}
			want := apply(test.base, test.splices)
			if got := unpack(t, p, method); !bytes.Equal(got, want) || p.size != int64(len(want)) || p.crc != crc32.ChecksumIEEE(want) {
				t.Errorf("%s, method %d: %d bytes are not the %d expected, size %d", test.name, method, len(got), len(want), p.size)
			}
			if !bytes.Equal(before, test.base) {
				t.Errorf("%s: the base was changed", test.name)
			}
		}
		if got := keptBytes(t, test.base, test.splices); got != test.kept {
			t.Errorf("%s: %d bytes were kept, want %d", test.name, got, test.kept)
		}
	}
}

// keptBytes counts the content that a base keeps deflated when it was spliced; splicing it once more keeps nothing more.
func keptBytes(t *testing.T, content []byte, splices []Splice) int {
	t.Helper()
	b := NewBase(content)
	count := func() (n int) {
		if _, err := b.With(splices...).pack(Deflated); err != nil {
			t.Error(err)
		}
		b.kept.Range(func(key, _ any) bool {
			n += key.(span).end - key.(span).start
			return true
		})
		return n
	}
	once := count()
	if again := count(); again != once {
		t.Errorf("splicing twice keeps %d bytes, once %d", again, once)
	}
	return once
}

// TestBaseKeepsWithinLimits splices a base in ever other places: it stops keeping, and gives what a new base gives.
func TestBaseKeepsWithinLimits(t *testing.T) {
	t.Parallel()
	content := []byte(strings.Repeat("0123456789abcdef", longestStretch/16))
	b := NewBase(content)
	for at := range 20 {
		splice := Splice{at * 100, at*100 + 1, []byte("new")}
		p, err := b.With(splice).pack(Deflated)
		if err != nil {
			t.Fatal(err)
		}
		if got := unpack(t, p, Deflated); !bytes.Equal(got, apply(content, []Splice{splice})) {
			t.Errorf("splice %d is wrong", at)
		}
	}
	kept := 0
	b.kept.Range(func(key, _ any) bool {
		kept += key.(span).end - key.(span).start
		return true
	})
	if kept == 0 || kept > keptBases*len(content) {
		t.Errorf("%d bytes of %d are kept", kept, len(content))
	}
}

func TestBaseRefusesSplices(t *testing.T) {
	t.Parallel()
	base := NewBase([]byte("0123456789"))
	for _, splices := range [][]Splice{
		{{-1, 2, nil}},
		{{3, 2, nil}},
		{{3, 11, nil}},
		{{3, 5, nil}, {4, 6, nil}},
		{{5, 6, nil}, {1, 2, nil}},
	} {
		if _, err := base.With(splices...).pack(Deflated); !errors.Is(err, ErrChange) {
			t.Errorf("%v: %v", splices, err)
		}
	}
}

// TestBaseConcurrently renders one base in many goroutines, each with its own edits; the cache makes no difference.
func TestBaseConcurrently(t *testing.T) {
	t.Parallel()
	original := bytes.Repeat([]byte(workbook), 5000)
	p := openBytes(t, zipOf(item{name: "Data/x", content: "x"}, book()))
	base := NewBase(original)
	var group sync.WaitGroup
	for n := range 16 {
		group.Go(func() {
			r := rand.New(rand.NewPCG(1, uint64(n)))
			at := []int{r.IntN(len(original)), r.IntN(len(original)), r.IntN(len(original)), r.IntN(len(original))}
			slices.Sort(at)
			splices := []Splice{{at[0], at[1], []byte("one")}, {at[2], at[3], []byte("two")}}
			one := written(t, p, Change{Name: "Book.twb", Content: base.With(splices...)})
			if again := written(t, p, Change{Name: "Book.twb", Content: NewBase(original).With(splices...)}); !bytes.Equal(one, again) {
				t.Error("another base gives other bytes")
			}
			if got := read(t, openBytes(t, one), "Book.twb"); got != string(apply(original, splices)) {
				t.Errorf("render %d is wrong", n)
			}
		})
	}
	group.Wait()
}
