package webpage

import (
	"encoding/json"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// ask sends a request to the page of a source.
func ask(t *testing.T, h http.Handler, method, target string, header ...string) *http.Response {
	t.Helper()
	r := httptest.NewRequest(method, target, nil)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

func body(t *testing.T, resp *http.Response) string {
	t.Helper()
	var b strings.Builder
	if err := resp.Write(&b); err != nil {
		t.Fatal(err)
	}
	_, text, _ := strings.Cut(b.String(), "\r\n\r\n")
	return text
}

func TestEveryAnswerIsProtected(t *testing.T) {
	t.Parallel()
	h := Handler(newSample())
	for _, target := range []string{"/", Path + "app.js", Path + "data/overview", Path + "file/none", Path + "none.js"} {
		header := ask(t, h, "GET", target).Header
		for name, want := range map[string]string{
			"Content-Security-Policy":      "default-src 'none'",
			"X-Content-Type-Options":       "nosniff",
			"X-Frame-Options":              "DENY",
			"Referrer-Policy":              "no-referrer",
			"Cross-Origin-Resource-Policy": "same-origin",
		} {
			if got := header.Get(name); !strings.HasPrefix(got, want) {
				t.Errorf("%s has %s %q, want %q", target, name, got, want)
			}
		}
		if got := header.Get("Content-Security-Policy"); strings.Contains(got, "unsafe") || strings.Contains(got, "http") {
			t.Errorf("%s has the policy %q", target, got)
		}
	}
}

func TestParts(t *testing.T) {
	t.Parallel()
	h := Handler(newSample())
	for target, want := range map[string]string{
		"/": "text/html; charset=utf-8", Path + "app.js": "text/javascript; charset=utf-8",
		Path + "style.css": "text/css; charset=utf-8", Path + "icon.svg": "image/svg+xml",
	} {
		first := ask(t, h, "GET", target)
		if got := first.Header.Get("Content-Type"); first.StatusCode != 200 || got != want {
			t.Errorf("%s answered %d of type %q", target, first.StatusCode, got)
		}
		if again := ask(t, h, "GET", target, "If-None-Match", first.Header.Get("ETag")); again.StatusCode != 304 {
			t.Errorf("%s asked for again answered %d", target, again.StatusCode)
		}
		if post := ask(t, h, "POST", target); post.StatusCode != 405 {
			t.Errorf("POST %s answered %d", target, post.StatusCode)
		}
	}
	for _, target := range []string{"/other", Path, Path + "none.js", Path + "..%2fpage.go", Path + "data/none", Path + "picture/none", Path + "file/none"} {
		if got := ask(t, h, "GET", target).StatusCode; got != 404 {
			t.Errorf("%s answered %d", target, got)
		}
	}
}

// The page can make nothing but text of what is on the server, and loads nothing from elsewhere.
func TestPartsAreHarmless(t *testing.T) {
	t.Parallel()
	forbidden := regexp.MustCompile(`innerHTML|outerHTML|insertAdjacent|document\.write|DOMParser|\beval\b|new Function|setHTML|` +
		`https?://[^w]|style=|\son[a-z]+=|<script>`)
	err := fs.WalkDir(static, "static", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := static.ReadFile(name)
		if found := forbidden.Find(data); found != nil {
			t.Errorf("%s has %q", name, found)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestUnchangedDataCostsNothing(t *testing.T) {
	t.Parallel()
	s := newSample()
	h := Handler(s)
	for _, target := range []string{"overview", "sites", "projects?at=project--1", "contents?search=x", "content?kind=workbooks&number=7", "jobs", "requests"} {
		target = Path + "data/" + target
		first := ask(t, h, "GET", target)
		if got := first.Header.Get("Content-Type"); first.StatusCode != 200 || got != "application/json" {
			t.Errorf("%s answered %d of type %q", target, first.StatusCode, got)
		}
		asked := s.asked
		again := ask(t, h, "GET", target, "If-None-Match", first.Header.Get("ETag"))
		if again.StatusCode != 304 || s.asked != asked {
			t.Errorf("%s asked for again answered %d and asked the source %d times", target, again.StatusCode, s.asked-asked)
		}
		s.change(func() {})
		if later := ask(t, h, "GET", target, "If-None-Match", first.Header.Get("ETag")); later.StatusCode != 200 {
			t.Errorf("%s after a change answered %d", target, later.StatusCode)
		}
	}
}

func TestWhatIsNotThereIsNull(t *testing.T) {
	t.Parallel()
	h := Handler(newSample())
	for _, target := range []string{
		"projects?site=none", "projects?at=none", "contents?site=none", "content?kind=workbooks&number=7",
		"content?kind=workbooks&number=x", "content?kind=none&number=1",
	} {
		if got := body(t, ask(t, h, "GET", Path+"data/"+target)); got != "null" {
			t.Errorf("%s is %s", target, got)
		}
	}
}

func TestListsAreCut(t *testing.T) {
	t.Parallel()
	s := newSample()
	for _, name := range []string{"b", "C", "a", "Straße", "İstanbul"} {
		s.publish("", Workbooks, "project--1", name)
	}
	s.publish("", Flows, "project--1", "flow")
	for range 300 {
		s.requests = append(s.requests, Request{})
	}
	h := Handler(s)
	for query, want := range map[string]string{
		"":                            "6 0: flow İstanbul Straße a C b",
		"?sort=name":                  "6 0: C Straße a b flow İstanbul",
		"?from=1&count=2":             "6 1: İstanbul Straße",
		"?from=5&count=2":             "6 5: b",
		"?from=99":                    "6 6:",
		"?from=-3&count=-3":           "6 0: flow",
		"?from=x&count=x":             "6 0: flow İstanbul Straße a C b",
		"?search=A&sort=name":         "3 0: Straße a İstanbul",
		"?search=STRASSE":             "0 0:",
		"?kind=flows":                 "1 0: flow",
		"?kind=datasources":           "0 0:",
		"?project=project--1&count=1": "6 0: flow",
		"?project=none":               "0 0:",
	} {
		var list List[Row]
		if err := json.Unmarshal([]byte(body(t, ask(t, h, "GET", Path+"data/contents"+query))), &list); err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, row := range list.Items {
			names = append(names, row.Name)
		}
		if got := strings.TrimSpace(strings.Join([]string{string(rune('0' + list.Total)), string(rune('0'+list.From)) + ":", strings.Join(names, " ")}, " ")); got != want {
			t.Errorf("%q is %q, want %q", query, got, want)
		}
	}
	for query, want := range map[string]int{"": 50, "?count=1000": MaxWindow} {
		var list List[Request]
		if err := json.Unmarshal([]byte(body(t, ask(t, h, "GET", Path+"data/requests"+query))), &list); err != nil || len(list.Items) != want {
			t.Errorf("requests%s are %d, %v", query, len(list.Items), err)
		}
	}
}

func TestFiles(t *testing.T) {
	t.Parallel()
	s := newSample()
	s.publish("", Workbooks, "project--1", "Übersicht")
	h := Handler(s)
	luid := s.contents[0].LUID
	for query, want := range map[string]string{"": "revision 0", "?revision=1": "revision 1", "?revision=x": "revision 0"} {
		resp := ask(t, h, "GET", Path+"file/"+luid+query)
		if got := body(t, resp); !strings.HasSuffix(got, want) {
			t.Errorf("file%s is %q", query, got)
		}
		if got := resp.Header.Get("Content-Disposition"); got != `attachment; name="file"; filename="`+luid+`.twbx"` {
			t.Errorf("the disposition is %q", got)
		}
	}
	if resp := ask(t, h, "GET", Path+"file/"+luid+"?revision=9"); resp.StatusCode != 404 || resp.Header.Get("Content-Disposition") != "" {
		t.Errorf("a revision that is not there answered %d", resp.StatusCode)
	}
	picture := ask(t, h, "GET", Path+"picture/view-1-0")
	if got := body(t, picture); picture.Header.Get("Content-Type") != "image/png" || !strings.HasPrefix(got, "\x89PNG") {
		t.Errorf("the picture is %.20q of type %q", got, picture.Header.Get("Content-Type"))
	}
	if again := ask(t, h, "GET", Path+"picture/view-1-0", "If-None-Match", picture.Header.Get("ETag")); again.StatusCode != 304 {
		t.Errorf("the picture asked for again answered %d", again.StatusCode)
	}
}

func TestTree(t *testing.T) {
	t.Parallel()
	nodes := []Node{
		{Ref{"1", "Default"}, "", 2},
		{Ref{"2", "zebra"}, "", 0},
		{Ref{"3", "Ape"}, "", 1},
		{Ref{"4", "Under ape"}, "3", 0},
		{Ref{"5", "Deep"}, "4", 0},
		{Ref{"6", "Beside"}, "3", 0},
	}
	var draw func(Branches) string
	draw = func(b Branches) string {
		var parts []string
		for _, item := range b.Items {
			text := item.Name
			if item.Under != nil {
				text += "(" + draw(*item.Under) + ")"
			}
			parts = append(parts, text)
		}
		return strings.Join(parts, " ")
	}
	for at, want := range map[string]string{
		"":     "Ape Default zebra | ",
		"none": "Ape Default zebra | ",
		"1":    "Ape Default zebra | Default",
		"3":    "Ape(Beside Under ape) Default zebra | Ape",
		"5":    "Ape(Beside Under ape(Deep)) Default zebra | Ape/Under ape/Deep",
	} {
		path, tree := Tree(slices.Clone(nodes), at)
		var names []string
		for _, ref := range path {
			names = append(names, ref.Name)
		}
		if got := draw(tree) + " | " + strings.Join(names, "/"); got != want {
			t.Errorf("open at %q the tree is %q, want %q", at, got, want)
		}
	}
	for i := range 1000 {
		nodes = append(nodes, Node{Ref{"many-" + string(rune(i)), "zz" + string(rune('0'+i))}, "", 0})
	}
	_, tree := Tree(nodes, "many-"+string(rune(900)))
	if len(tree.Items) != MaxWindow+1 || tree.Total != 1003 {
		t.Errorf("of %d projects %d are shown", tree.Total, len(tree.Items))
	}
}
