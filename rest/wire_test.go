package rest

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// A wireRow is a call and what it has to look like on the wire: the request is written out by hand, from the published
// reference or from what it says of the operation.
type wireRow struct {
	rows  []int                                 // numbers of the operations, as in the table of required ones
	name  string                                // of the operation
	call  func(context.Context, *Session) error // as a user of the package writes it; it checks what comes back
	seen  []string                              // every request after the sign-in: "METHOD path?query", then a blank line and the body if it has one
	reply []reply                               // the answers, in order; the last one answers all further requests
	opts  []Option                              // of the client
	also  func(r seenRequest) error             // looks at what lines do not show, such as headers; nil for nothing
}

// wireRows are those of all the areas.
func wireRows() []wireRow {
	return slices.Concat(
		signInRows,
		contentRows,
		datasourceRows,
		accessRows,
		identityRows,
		workRows,
		publishRows,
	)
}

// required are the operations that the client has to have: the published reference of workbooks and views, the reference of
// the Python client, and the manual of tableau_tools.
func required() []int {
	var numbers []int
	for n := 1; n <= 135; n++ {
		numbers = append(numbers, n)
	}
	return numbers
}

func TestWire(t *testing.T) {
	t.Parallel()
	for _, row := range wireRows() {
		t.Run(fmt.Sprint(row.rows, " ", row.name), func(t *testing.T) {
			t.Parallel()
			var mu sync.Mutex
			replies := row.reply
			s, f := signedIn(t, func(seenRequest) reply {
				mu.Lock()
				defer mu.Unlock()
				next := replies[0]
				if len(replies) > 1 {
					replies = replies[1:]
				}
				return next
			}, row.opts...)
			if err := row.call(t.Context(), s); err != nil {
				t.Fatal(err)
			}
			got := f.requests()
			if len(got) != len(row.seen) {
				t.Fatalf("%d requests, want %d:\n%s", len(got), len(row.seen), strings.Join(texts(got), "\n\n"))
			}
			for i, r := range got {
				if r.text() != row.seen[i] {
					t.Errorf("request %d is\n%s\nwant\n%s", i+1, r.text(), row.seen[i])
				}
				if r.Method != http.MethodGet && row.also != nil {
					if err := row.also(r); err != nil {
						t.Error(err)
					}
				}
			}
		})
	}
}

// TestWireIsComplete checks that no required operation is without a row.
func TestWireIsComplete(t *testing.T) {
	t.Parallel()
	var have []int
	for _, row := range wireRows() {
		have = append(have, row.rows...)
	}
	for _, n := range required() {
		if !slices.Contains(have, n) {
			t.Errorf("operation %d has no request", n)
		}
	}
}

// requests are those after the sign-in.
func (f *fakeServer) requests() []seenRequest {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(f.seen), func(r seenRequest) bool { return strings.HasSuffix(r.Path, "/auth/signin") })
}

func texts(requests []seenRequest) []string { return convert(requests, seenRequest.text) }

var boundaries = regexp.MustCompile(`[0-9a-f]{32}`)

// text is a request as the rows write it: the boundary of a multipart body is "BOUNDARY", and its lines end in a plain \n.
func (r seenRequest) text() string {
	text := r.line()
	if r.Body == "" {
		return text
	}
	body := r.Body
	if strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/") {
		body = strings.ReplaceAll(boundaries.ReplaceAllString(body, "BOUNDARY"), "\r\n", "\n")
	}
	return text + "\n\n" + body
}

// A sample has every kind of field.
type sample struct {
	Name   string    `api:"@name"`
	Open   bool      `api:"@open"`
	Limit  *int      `api:"@limit"`
	Asked  *bool     `api:"@asked!"`
	At     time.Time `api:"@at|@when"`
	Score  float64   `api:"@score"`
	Owner  string    `api:"owner/@id"`
	Labels []string  `api:"tags/tag/@label"`
	Notes  []string  `api:"notes/text()"`
	Views  []View    `api:"views/view"`
	Usage  *usage    `api:"usage"`
	Word   loud      `api:"@word"`
	Words  []loud    `api:"words/word/@of"`
	Hidden string
	More   map[string]string `api:"@*"`
	usage
}

// A loud word is one that servers write in any case.
type loud string

func (l loud) spelling() string { return strings.ToUpper(string(l)) }

type usage struct {
	Total int64 `api:"@total"`
}

func TestDecodeElement(t *testing.T) {
	t.Parallel()
	e, err := parseElement(`<t:x xmlns:t="u" name="a&amp;b" open="TRUE" limit="0" when="2026-01-05T08:00:00+0200" score="1.5" total="7" new="n" word="abc">` +
		`<words><word of="x"/><word of="y"/></words>` +
		`<owner id="u1"/><tags><tag label="x"/><tag/><tag label="y"/></tags><notes> one </notes><notes>two</notes>` +
		`<views><view id="v1"/><view id="v2" createdAt="never"/></views><usage total="many"/><more><x/></more></t:x>`)
	if err != nil {
		t.Fatal(err)
	}
	got := decodeElement[sample](e)
	if got.Name != "a&b" || !got.Open || *got.Limit != 0 || got.Asked != nil || got.Owner != "u1" || got.Score != 1.5 || got.Total != 7 ||
		!got.At.Equal(time.Date(2026, 1, 5, 6, 0, 0, 0, time.UTC)) || got.At.Location() != time.UTC || got.usage.Total != 7 {
		t.Errorf("%+v", got)
	}
	if want := map[string]string{"new": "n"}; !maps.Equal(got.More, want) {
		t.Errorf("more: %v", got.More)
	}
	equal(t, "labels", got.Labels, []string{"x", "y"})
	equal(t, "notes", got.Notes, []string{"one", "two"})
	equal(t, "words", append(got.Words, got.Word), []loud{"X", "Y", "ABC"})
	if len(got.Views) != 2 || got.Views[1].LUID != "v2" || !got.Views[1].CreatedAt.IsZero() || got.Usage == nil || got.Usage.Total != 0 {
		t.Errorf("%+v", got)
	}
}

func TestEncodeElement(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		item sample
		want string
	}{
		{sample{Asked: new(true)}, `<x asked="true"/>`},
		{
			sample{
				Name: `"a"`, Limit: new(0), Asked: new(false), At: time.Date(2026, 1, 5, 8, 0, 0, 5, time.FixedZone("", 7200)), Owner: "u1",
				Labels: []string{"x", ""}, Views: []View{{LUID: "v1"}}, Usage: &usage{}, Hidden: "h", usage: usage{3},
				More: map[string]string{"zone": "<UTC>", "area": "", "name": "b", "total": "4", "id": "x1"},
			},
			`<x name="&quot;a&quot;" limit="0" asked="false" at="2026-01-05T06:00:00Z" area="" id="x1" zone="&lt;UTC&gt;" total="3"><owner id="u1"/>` +
				`<tags><tag label="x"/><tag label=""/></tags><views><view id="v1"/></views><usage/></x>`,
		},
	} {
		var b strings.Builder
		if err := encodeElement("x", test.item).write(&b); err != nil || b.String() != test.want {
			t.Errorf("%v\n%s\nwant\n%s", err, b.String(), test.want)
		}
	}
}
