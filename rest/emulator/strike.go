package emulator

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// strike sends the answer of the fault, or cuts the connection.
func (f *Fault) strike(w http.ResponseWriter, c *call) {
	if f.Answer == nil {
		if f.RequestBytes > 0 {
			io.CopyN(io.Discard, c.request.Body, f.RequestBytes)
		}
		panic(http.ErrAbortHandler)
	}
	drain(w, c.request)
	for name, value := range f.Answer.Header {
		w.Header().Set(name, value)
	}
	answer := f.Answer.reply(w.Header())
	c.status, c.code = answer.status, answer.code
	answer.write(w, c.request)
}

// reply is the answer as a reply with the headers that are set already.
func (a *Answer) reply(h http.Header) *reply {
	if a.Code != 0 {
		refusal := (&apiError{code: a.Code, detail: cmp.Or(a.Detail, "The emulator was asked to fail.")}).reply()
		refusal.status = a.status()
		return refusal
	}
	answer := &reply{status: a.status()}
	if a.Body != "" {
		answer.file = &file{data: strings.NewReader(a.Body), contentType: cmp.Or(h.Get("Content-Type"), "text/html;charset=UTF-8")}
	}
	return answer
}

// send sends the server's answer, as the fault has it.
func (f *Fault) send(a *reply, w http.ResponseWriter, r *http.Request) {
	if f == nil || f.Garble == nil {
		a.write(w, r)
		return
	}
	f.Garble.dress(a)
	w, end := f.Garble.wrap(w, r)
	a.write(w, r)
	end()
}

// endSession ends the session of a request as if it had expired.
func endSession(c *call) error {
	c.server.sessions.Delete(sessionKey(c.request.Header.Get("X-Tableau-Auth")))
	return nil
}

// hide is the items of a list that the fault lets be seen.
func hide[T any](f *Fault, items []T) []T {
	if f == nil {
		return items
	}
	return items[:max(0, len(items)-f.HideNewest)]
}

// repeat has a page begin with the end of the page before it.
func (f *Fault) repeat(p page) page {
	if f != nil {
		p.from = max(0, p.from-f.Repeat)
	}
	return p
}

// dress changes the tree and the text of an answer in XML.
func (g *Garble) dress(a *reply) {
	for _, e := range a.body {
		e.dropExtras()
		if g.Sparse {
			e.dropOptional()
		}
		if g.Unknown {
			e.addUnknown()
		}
	}
	if a.body == nil || !g.NoDeclaration && !g.OldNamespace {
		return
	}
	data := document(a.body)
	if g.NoDeclaration {
		data = bytes.TrimPrefix(data, []byte(xmlDeclaration))
	}
	if g.OldNamespace {
		data = bytes.Replace(data, []byte(namespace), []byte("http://tableausoftware.com/api"), 1)
	}
	a.body, a.file = nil, &file{data: bytes.NewReader(data), contentType: xmlContentType}
}

// neededAttributes are those without which nobody can tell what an element is about or go on.
var neededAttributes = strings.Fields(`code completedAt contentUrl finishCode id label mode name pageNumber pageSize token
	totalAvailable type uploadSessionId`)

func (e *element) dropOptional() {
	e.attrs = slices.DeleteFunc(e.attrs, func(a attribute) bool { return !slices.Contains(neededAttributes, a.name) })
	for _, c := range e.children {
		c.dropOptional()
	}
}

// addUnknown adds to every element that has attributes one that nobody knows, and a child.
func (e *element) addUnknown() {
	for _, c := range e.children {
		c.addUnknown()
	}
	if len(e.attrs) > 0 {
		e.with("futureAttribute", "unknown")
		e.add(node("futureElement").with("id", "00000000-0000-4000-8000-00000000ffff"))
	}
}

// wrap returns a writer that does to the answer what is left to do on its way, and a function to be called at the end.
func (g *Garble) wrap(w http.ResponseWriter, r *http.Request) (http.ResponseWriter, func()) {
	end := func() {}
	if g.HTTP10 {
		old := &oldWriter{w: w, header: make(http.Header)}
		w, end = old, old.end
	}
	if g.Bytes > 0 || g.Pause > 0 {
		w = &brokenWriter{ResponseWriter: w, garble: g, ctx: r.Context(), end: end}
	}
	if g.Gzip {
		packed := &gzipWriter{ResponseWriter: w, end: end}
		return packed, packed.close
	}
	return w, end
}

// gzipWriter compresses the body, of whatever length it will be.
type gzipWriter struct {
	http.ResponseWriter
	packer *gzip.Writer
	end    func()
}

func (w *gzipWriter) WriteHeader(status int) {
	if length := w.Header().Get("Content-Length"); length != "" && length != "0" { // there is a body
		w.Header().Del("Content-Length")
		w.Header().Set("Content-Encoding", "gzip")
		w.packer = gzip.NewWriter(w.ResponseWriter)
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *gzipWriter) Write(p []byte) (int, error) { return w.packer.Write(p) }

func (w *gzipWriter) close() {
	if w.packer != nil {
		w.packer.Close() // an error is the client's, who is gone
	}
	w.end()
}

// brokenWriter sends the body slowly, and stops after some bytes.
type brokenWriter struct {
	http.ResponseWriter
	garble *Garble
	ctx    context.Context
	end    func()
	left   int64 // bytes still to be sent
}

func (w *brokenWriter) WriteHeader(status int) {
	w.left = math.MaxInt64
	if w.garble.Bytes > 0 {
		w.left = w.garble.Bytes
	}
	if w.garble.Bytes > 0 && w.garble.Short {
		w.Header().Set("Content-Length", strconv.FormatInt(w.left, 10))
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *brokenWriter) Write(p []byte) (int, error) {
	for part := range slices.Chunk(p, (len(p)+7)/8) {
		if err := w.wait(); err != nil {
			return 0, err
		}
		part = part[:min(int64(len(part)), w.left)]
		if _, err := w.ResponseWriter.Write(part); err != nil {
			return 0, err
		}
		w.left -= int64(len(part))
		http.NewResponseController(w.ResponseWriter).Flush()
		if w.left == 0 && !w.garble.Short {
			w.end()
			panic(http.ErrAbortHandler)
		}
	}
	return len(p), nil
}

// wait waits out a pause, or less when the client is gone.
func (w *brokenWriter) wait() error {
	if w.garble.Pause == 0 {
		return nil
	}
	timer := time.NewTimer(w.garble.Pause)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-w.ctx.Done():
		return w.ctx.Err()
	}
}

// oldWriter writes an answer of HTTP/1.0 to the connection, whose end is the answer's.
type oldWriter struct {
	w      http.ResponseWriter
	header http.Header
	conn   io.WriteCloser
}

func (w *oldWriter) Header() http.Header { return w.header }

func (w *oldWriter) WriteHeader(status int) {
	conn, buffered, err := http.NewResponseController(w.w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler) // not a connection of a server
	}
	w.conn = conn
	fmt.Fprintf(buffered, "HTTP/1.0 %d %s\r\n", status, http.StatusText(status))
	for name, values := range w.header {
		for _, value := range values {
			fmt.Fprintf(buffered, "%s: %s\r\n", strings.ToLower(name), value)
		}
	}
	buffered.WriteString("\r\n")
	buffered.Flush()
}

func (w *oldWriter) Write(p []byte) (int, error) { return w.conn.Write(p) }

func (w *oldWriter) end() {
	if w.conn != nil {
		w.conn.Close()
	}
}
