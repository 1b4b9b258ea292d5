package rest

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
)

func TestDownload(t *testing.T) {
	t.Parallel()
	file := func(body string, header ...string) reply {
		r := reply{status: 200, body: body, header: http.Header{"Content-Type": {"application/octet-stream"}}}
		for i := 0; i < len(header); i += 2 {
			r.header.Set(header[i], header[i+1])
		}
		return r
	}
	for name, test := range map[string]struct {
		reply   reply
		options DownloadOptions
		want    DownloadInfo
		line    string
		err     string
	}{
		"packaged": {
			file("PK..", "Content-Disposition", `name="tableau_workbook"; filename="Sales.twbx"`),
			DownloadOptions{},
			DownloadInfo{"Sales.twbx", "application/octet-stream", 4},
			"GET workbooks/w1/content", "",
		},
		"without the extract": {
			file("<a/>", "Content-Type", "application/xml", "Content-Disposition", `name="tableau_workbook"; filename="S.twb"`),
			DownloadOptions{WithoutExtract: true},
			DownloadInfo{"S.twb", "application/xml", 4},
			"GET workbooks/w1/content?includeExtract=False", "",
		},
		"no name":       {file("x"), DownloadOptions{MaxBytes: 1}, DownloadInfo{"", "application/octet-stream", 1}, "GET workbooks/w1/content", ""},
		"too long":      {file("xyz"), DownloadOptions{MaxBytes: 2}, DownloadInfo{"", "application/octet-stream", 2}, "GET workbooks/w1/content", "more than 2"},
		"a web page":    {file("<html>", "Content-Type", "text/html; charset=utf-8"), DownloadOptions{}, DownloadInfo{ContentType: "text/html; charset=utf-8"}, "GET workbooks/w1/content", "not a Tableau Server"},
		"not permitted": {refusal("403019", "Read forbidden", "w1"), DownloadOptions{}, DownloadInfo{}, "GET workbooks/w1/content", "code 403019"},
		"nothing":       {file(""), DownloadOptions{}, DownloadInfo{ContentType: "application/octet-stream"}, "GET workbooks/w1/content", "empty file"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, f := signedIn(t, inOrder(t, test.reply))
			var w strings.Builder
			got, err := s.Workbooks.Download(t.Context(), "w1", &w, test.options)
			if test.err == "" {
				errorIs(t, err, nil)
			} else {
				errorHas(t, err, test.err)
			}
			if got != test.want || int64(w.Len()) != test.want.Size {
				t.Errorf("%+v, want %+v; wrote %q", got, test.want, w.String())
			}
			equal(t, "requests", f.lines(), []string{test.line})
		})
	}
}

// dispositions are Content-Disposition headers and the file names in them.
var dispositions = map[string]string{
	``: "",
	`name="tableau_workbook"; filename="Sales.twbx"`:                                 "Sales.twbx",
	`name="tableau_workbook"; filename="a; b.twb"; filename*=UTF-8''Z%C3%BCrich.twb`: "Zürich.twb",
	`attachment; FileName = plain.tds`:                                               "plain.tds",
	`form-data; filename="C:\dir\new \"x\".twb"`:                                     `new "x".twb`,
	`filename="../../etc/passwd"`:                                                    "passwd",
	`filename=".."`:                                                                  "",
	`filename="/"`:                                                                   "",
	"filename=\"a\x00\tb\ufffd.twb\"":                                                "ab.twb",
	"filename=\"\xdcbersicht.twb\"":                                                  "Übersicht.twb",
	`filename="_bersicht.twb"; filename*=ISO-8859-1''%DCbersicht.twb`:                "Übersicht.twb",
	`filename="Übersicht.twb"`:                                                       "Übersicht.twb",
	`filename*=UTF-8''%zz; filename=ok.twb`:                                          "ok.twb",
	`filename="unclosed`:                                                             `"unclosed`,
}

func TestFileNameOf(t *testing.T) {
	t.Parallel()
	for header, want := range dispositions {
		if got := fileNameOf(header); got != want {
			t.Errorf("%s: %q, want %q", header, got, want)
		}
	}
}

// A serverOf is a real server, for what only the network does; it answers the sign-in.
func serverOf(t *testing.T, h http.HandlerFunc, opts ...Option) *Session {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/signin") {
			_, _ = io.WriteString(w, (&fakeServer{}).reply(seenRequest{Path: r.URL.Path}).body)
			return
		}
		h(w, r)
	}))
	t.Cleanup(server.Close)
	c, err := NewClient(server.URL, append([]Option{WithVersion("3.29"), WithHTTPClient(server.Client())}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	s, err := c.SignIn(t.Context(), testCredentials, "finance")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// A download that breaks off is an error that says how far it got.
func TestDownloadBreaksOff(t *testing.T) {
	t.Parallel()
	s := serverOf(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Accept-Encoding") != "identity" {
			t.Errorf("Accept-Encoding %q hides the length", r.Header.Get("Accept-Encoding"))
		}
		w.Header().Set("Content-Length", "10")
		_, _ = io.WriteString(w, "half")
	})
	var w strings.Builder
	info, err := s.Datasources.Download(t.Context(), "d1", &w, DownloadOptions{})
	errorIs(t, err, io.ErrUnexpectedEOF)
	errorHas(t, err, "after 4 bytes")
	if info.Size != 4 || w.String() != "half" {
		t.Errorf("%+v, %q", info, w.String())
	}
}

// A madeUpFile has a size and no memory.
type madeUpFile struct {
	size int64
	peak *atomic.Uint64 // of the heap, as seen while reading
}

func (f madeUpFile) Size() int64 { return f.size }

func (f madeUpFile) ReadAt(p []byte, off int64) (int, error) {
	n := int(min(int64(len(p)), f.size-off))
	clear(p)
	if off == 0 {
		copy(p, "PK\x03\x04")
	}
	if off%(8<<20) < int64(len(p)) {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		if m.HeapAlloc > f.peak.Load() {
			f.peak.Store(m.HeapAlloc)
		}
	}
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// Publishing a large file takes no memory to speak of, neither in blocks nor in one request.
func TestPublishNeedsNoMemory(t *testing.T) { // alone, as others would use memory meanwhile
	for name, test := range map[string]struct {
		size  int64
		posts string
	}{
		"in blocks":      {300 << 20, "/fileUploads /workbooks"},
		"in one request": {60 << 20, "/workbooks"},
	} {
		t.Run(name, func(t *testing.T) {
			var received atomic.Int64
			var posts []string
			s := serverOf(t, func(w http.ResponseWriter, r *http.Request) {
				n, err := io.Copy(io.Discard, r.Body)
				if err != nil || n != r.ContentLength {
					t.Errorf("%s %s: %d bytes of %d, %v", r.Method, r.URL.Path, n, r.ContentLength, err)
				}
				received.Add(n)
				_, path, _ := strings.Cut(r.URL.Path, testSite)
				switch {
				case r.Method == http.MethodPut:
					_, _ = io.WriteString(w, tsResponse(`<fileUpload uploadSessionId="1:a-1:0" fileSize="32"/>`))
				case r.Method == http.MethodGet:
					_, _ = io.WriteString(w, tsResponse(noWorkbooks))
				case path == "/fileUploads":
					posts = append(posts, path)
					_, _ = io.WriteString(w, tsResponse(`<fileUpload uploadSessionId="1:a-1:0" fileSize="0"/>`))
				default:
					posts = append(posts, path)
					_, _ = io.WriteString(w, tsResponse(published("w1", 5)))
				}
			})
			runtime.GC()
			var before runtime.MemStats
			runtime.ReadMemStats(&before)
			file := madeUpFile{size: test.size, peak: &atomic.Uint64{}}
			var last Progress
			_, err := s.Workbooks.Publish(t.Context(), sales(func(p *WorkbookPublish) {
				p.Source, p.Progress = file, func(now Progress) { last = now }
			}))
			if err != nil {
				t.Fatal(err)
			}
			if grown := int64(file.peak.Load()) - int64(before.HeapAlloc); grown > 6<<20 || file.peak.Load() == 0 {
				t.Errorf("the heap grew by %d bytes", grown)
			}
			if extra := received.Load() - test.size; extra < 0 || extra > 1<<14 || last.Sent != test.size {
				t.Errorf("%d bytes besides the file, progress %+v", extra, last)
			}
			if got := strings.Join(posts, " "); got != test.posts {
				t.Errorf("posts %s, want %s", got, test.posts)
			}
		})
	}
}

// After Publish has returned nothing reads the file, even if the server answered without reading the request.
func TestPublishLetsGoOfTheFile(t *testing.T) {
	t.Parallel()
	var over atomic.Bool
	s := serverOf(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			_, _ = io.WriteString(w, tsResponse(noWorkbooks))
			return
		}
		rep := refusal("403004", "Forbidden", "no")
		w.Header().Set("Connection", "close")
		w.WriteHeader(rep.status)
		_, _ = io.WriteString(w, rep.body)
	})
	file := &watchedFile{madeUpFile{60 << 20, &atomic.Uint64{}}, &over, t}
	_, err := s.Workbooks.Publish(t.Context(), sales(func(p *WorkbookPublish) { p.Source = file }))
	over.Store(true)
	if err == nil {
		t.Error("the refusal is lost")
	}
	if e, is := errors.AsType[*Error](err); is && e.Status != 0 {
		errorIs(t, err, ErrForbidden)
	}
}

type watchedFile struct {
	madeUpFile
	over *atomic.Bool
	t    *testing.T
}

func (f *watchedFile) ReadAt(p []byte, off int64) (int, error) {
	if f.over.Load() {
		f.t.Error("the file is read after Publish has returned")
	}
	return f.madeUpFile.ReadAt(p, off)
}

// A stopped body reads nothing more of the file.
func TestSentBodyStops(t *testing.T) {
	t.Parallel()
	sent := &sentBody{payload: multipartPayload(nil, "tableau_file", "file").carry(strings.NewReader("abc"), 0, 3, nil, 0)}
	body := sent.open()
	if _, err := body.Read(make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	sent.stop()
	_, err := body.Read(make([]byte, 1))
	errorIs(t, err, errStopped)
}

func TestReadings(t *testing.T) {
	t.Parallel()
	s, f := signedIn(t, inOrder(t,
		ok(`<connections><connection id="c1" type="postgres" serverAddress="db.example.com" serverPort="5432" userName="app" embedPassword="TRUE" new="x"><datasource id="d9" name="orders"/></connection><connection id="c2"/></connections>`),
		ok(`<views><view id="v1" name="Map" contentUrl="Sales/sheets/Map" sheetType="dashboard" createdAt="never"><tags><tag label="x"/></tags></view></views>`),
		ok(`<datasource id="d1" name="Orders" contentUrl="Orders" type="hyper" isCertified="false"><project id="p1" name="Default"/><owner id="u1"/></datasource>`),
		ok(`<pagination pageNumber="1" pageSize="100" totalAvailable="0"/>`),
	))
	connections, err := s.Datasources.Connections(t.Context(), "d1")
	want := Connection{
		LUID: "c1", Class: "postgres", Server: "db.example.com", Port: "5432", Username: "app", EmbedPassword: true,
		DatasourceLUID: "d9", DatasourceName: "orders",
	}
	if err != nil || len(connections) != 2 || connections[0] != want {
		t.Errorf("%+v, %v", connections, err)
	}
	views, err := s.Views.OfWorkbook(t.Context(), "w1")
	if err != nil || len(views) != 1 || fmt.Sprint(views[0].SheetType, views[0].Tags, views[0].CreatedAt.IsZero()) != "dashboard[x] true" {
		t.Errorf("%+v, %v", views, err)
	}
	d, err := s.Datasources.ByLUID(t.Context(), "d1")
	if err != nil || d.Name != "Orders" || d.OwnerLUID != "u1" || d.ProjectName != "Default" {
		t.Errorf("%+v, %v", d, err)
	}
	_, err = s.Workbooks.ByLUID(t.Context(), "w1")
	errorHas(t, err, "the answer holds no workbook")
	equal(t, "requests", f.lines(), []string{"GET datasources/d1/connections", "GET workbooks/w1/views", "GET datasources/d1", "GET workbooks/w1"})
}
