// Package webpage is the emulator's page for people: a web page that shows, live, what is on the server, and the JSON
// that the page is made from.
//
// The page only reads. It is plain HTML, style and JavaScript in package static, shown as it lies there; a strict
// Content-Security-Policy lets nothing else run, so that no name or text on the server can become anything but text.
//
// Start with [Handler].
package webpage

import (
	"crypto/sha256"
	"embed"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"path"
	"strconv"
)

//go:embed static
var static embed.FS

// Path is where everything is that the page loads.
const Path = "/emulator/page/"

// Handler answers GET of / and of what is under [Path]:
//
//	/                                  the page
//	/emulator/page/{name}              its parts
//	/emulator/page/data/overview       an Overview
//	/emulator/page/data/sites          a List of Site: search, from, count
//	/emulator/page/data/projects       Projects: site, at
//	/emulator/page/data/contents       a List of Row: site, project, kind, search, sort, from, count
//	/emulator/page/data/content        a Content: site, kind, number
//	/emulator/page/data/jobs           a List of Job: from, count
//	/emulator/page/data/requests       a List of Request: from, count
//	/emulator/page/file/{luid}         what was published: revision
//	/emulator/page/picture/{luid}      the picture of a view
//
// JSON has the source's version as its ETag: asking again costs nothing while nothing has changed. What is not there is
// null, which a page that is open when something is deleted has to expect.
func Handler(source Source) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) { serveStatic(w, r, "index.html") })
	mux.HandleFunc("GET "+Path+"{name}", func(w http.ResponseWriter, r *http.Request) {
		serveStatic(w, r, r.PathValue("name"))
	})
	a := api{source}
	for name, answer := range map[string]func(*http.Request) any{
		"overview": a.overview, "sites": a.sites, "projects": a.projects, "contents": a.contents,
		"content": a.content, "jobs": a.jobs, "requests": a.requests,
	} {
		mux.HandleFunc("GET "+Path+"data/"+name, func(w http.ResponseWriter, r *http.Request) { a.serve(w, r, answer) })
	}
	mux.HandleFunc("GET "+Path+"file/{luid}", a.file)
	mux.HandleFunc("GET "+Path+"picture/{luid}", a.picture)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		secure(w.Header())
		mux.ServeHTTP(w, r)
	})
}

// policy lets the page load its own parts and nothing else; text cannot be turned into markup even by mistake.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"

func secure(h http.Header) {
	h.Set("Content-Security-Policy", policy)
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
}

// staticTypes are the media types of the page's parts by extension. The operating system's own table may say anything.
var staticTypes = map[string]string{
	".css":  "text/css; charset=utf-8",
	".html": "text/html; charset=utf-8",
	".js":   "text/javascript; charset=utf-8",
	".svg":  "image/svg+xml",
}

// serveStatic answers with a part of the page. The browser keeps it, and asks each time whether it is still the same.
func serveStatic(w http.ResponseWriter, r *http.Request, name string) {
	data, err := static.ReadFile("static/" + name)
	if err != nil {
		notFound(w, r)
		return
	}
	w.Header().Set("Content-Type", staticTypes[path.Ext(name)])
	if unchanged(w, r, fmt.Sprintf("%x", sha256.Sum256(data))) {
		return
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(data)))
	w.Write(data) // a browser that is gone is no error of the server
}

// unchanged tags an answer with its version and tells whether the browser has that one already, which it is then told.
func unchanged(w http.ResponseWriter, r *http.Request, version string) bool {
	etag := `"` + version + `"`
	w.Header().Set("ETag", etag)
	w.Header().Set("Cache-Control", "no-cache")
	if r.Header.Get("If-None-Match") != etag {
		return false
	}
	w.WriteHeader(http.StatusNotModified)
	return true
}

func notFound(w http.ResponseWriter, r *http.Request) {
	http.Error(w, "there is no "+r.URL.Path, http.StatusNotFound)
}

// api answers the data.
type api struct{ source Source }

// serve answers with what the question gives, unless the browser has it already. The version is asked for first: when
// something changes in between, the answer is newer than its tag, and the next question sees that.
func (a api) serve(w http.ResponseWriter, r *http.Request, answer func(*http.Request) any) {
	if unchanged(w, r, a.source.Version()) {
		return
	}
	data, err := json.Marshal(answer(r))
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(data)))
	w.Write(data)
}

func (a api) overview(*http.Request) any { return a.source.Overview() }

func (a api) sites(r *http.Request) any { return a.source.Sites(r.FormValue("search"), window(r)) }

func (a api) projects(r *http.Request) any {
	return orNull(a.source.Projects(r.FormValue("site"), r.FormValue("at")))
}

func (a api) contents(r *http.Request) any {
	return orNull(a.source.Contents(r.FormValue("site"), Query{
		Window:  window(r),
		Kind:    Kind(r.FormValue("kind")),
		Project: r.FormValue("project"),
		Search:  r.FormValue("search"),
		ByName:  r.FormValue("sort") == "name",
	}))
}

func (a api) content(r *http.Request) any {
	number, err := strconv.Atoi(r.FormValue("number"))
	if err != nil {
		return nil
	}
	return orNull(a.source.Content(r.FormValue("site"), Kind(r.FormValue("kind")), number))
}

func (a api) jobs(r *http.Request) any { return a.source.Jobs(window(r)) }

func (a api) requests(r *http.Request) any { return a.source.Requests(window(r)) }

func orNull[T any](found T, ok bool) any {
	if !ok {
		return nil
	}
	return found
}

// window reads from and count. What is no number or out of bounds counts as the nearest that would do.
func window(r *http.Request) Window {
	from, _ := strconv.Atoi(r.FormValue("from"))
	count, err := strconv.Atoi(r.FormValue("count"))
	if err != nil {
		count = 50
	}
	return Window{From: max(from, 0), Count: min(max(count, 1), MaxWindow)}
}

// file answers with what was published, to be saved.
func (a api) file(w http.ResponseWriter, r *http.Request) {
	revision, _ := strconv.Atoi(r.FormValue("revision")) // the current one where none is asked for
	f, ok := a.source.File(r.PathValue("luid"), revision)
	if !ok {
		notFound(w, r)
		return
	}
	w.Header().Set("Content-Disposition", "attachment; "+f.Disposition)
	w.Header().Set("Cache-Control", "no-store")
	f.write(w)
}

func (a api) picture(w http.ResponseWriter, r *http.Request) {
	if unchanged(w, r, a.source.Version()) {
		return
	}
	f, ok := a.source.Picture(r.PathValue("luid"))
	if !ok {
		w.Header().Del("ETag")
		notFound(w, r)
		return
	}
	f.write(w)
}

func (f File) write(w http.ResponseWriter) {
	defer f.Content.Close()
	w.Header().Set("Content-Type", f.Type)
	w.Header().Set("Content-Length", strconv.FormatInt(f.Size, 10))
	io.Copy(w, f.Content) // a browser that is gone is no error of the server
}
