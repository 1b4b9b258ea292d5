package main

import (
	"io"
	"log"
	"net"
	"net/http"
	"sync"
	"time"
)

// What a server gives a client, so that none of them can take all there is.
const (
	maxConnections = 1000
	maxHeader      = 256 << 10        // bytes; a filter can be a long list
	headerTime     = 10 * time.Second // to send a request up to its body
	stallTime      = time.Minute      // to send more of a body, or to take more of an answer
	idleTime       = 2 * time.Minute  // between two requests on a connection
)

// webServer serves h. A body or an answer may take as long as it needs, as long as it gets on.
func webServer(h http.Handler, problems io.Writer) *http.Server {
	return &http.Server{
		Handler:           impatient{h},
		ReadHeaderTimeout: headerTime,
		IdleTimeout:       idleTime,
		MaxHeaderBytes:    maxHeader,
		ErrorLog:          log.New(problems, "", 0),
	}
}

// impatient ends the connection of a client that stalls. The server of net/http has limits for a whole body and a whole
// answer alone, which would cut a large download.
type impatient struct{ http.Handler }

func (h impatient) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	timed := &timedWriter{w, http.NewResponseController(w)}
	timed.extend()
	defer timed.extend() // what is left in buffers is sent after this
	if r.Body != http.NoBody {
		body := &timedBody{ReadCloser: r.Body, conn: timed.conn}
		defer body.extend() // the server reads what the handler has left of it
		r.Body = body
	}
	h.Handler.ServeHTTP(timed, r)
}

// timedWriter gives each write of an answer its time. It is no [io.ReaderFrom]: that would be one write for a whole file.
type timedWriter struct {
	http.ResponseWriter
	conn *http.ResponseController
}

func (w *timedWriter) Write(p []byte) (int, error) {
	w.extend()
	return w.ResponseWriter.Write(p)
}

// Unwrap is for [http.ResponseController].
func (w *timedWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *timedWriter) extend() {
	w.conn.SetWriteDeadline(time.Now().Add(stallTime)) // a connection that has none is not one of a network
}

// timedBody gives each read of a body its time.
type timedBody struct {
	io.ReadCloser
	conn *http.ResponseController
	over bool // it was read to its end, or cannot be
}

func (b *timedBody) Read(p []byte) (int, error) {
	b.extend()
	n, err := b.ReadCloser.Read(p)
	b.over = err != nil
	if err == io.EOF {
		b.conn.SetReadDeadline(time.Time{}) // the server waits for the end of the connection from here on
	}
	return n, err
}

func (b *timedBody) extend() {
	if !b.over {
		b.conn.SetReadDeadline(time.Now().Add(stallTime))
	}
}

// limitConnections returns a listener that has n connections open at most. Those beyond that wait to be accepted.
func limitConnections(l net.Listener, n int) net.Listener {
	return &limitedListener{Listener: l, open: make(chan struct{}, n), closed: make(chan struct{})}
}

type limitedListener struct {
	net.Listener
	open   chan struct{} // has an element for each connection
	close  sync.Once
	closed chan struct{}
}

func (l *limitedListener) Accept() (net.Conn, error) {
	select {
	case l.open <- struct{}{}:
	case <-l.closed:
		return nil, net.ErrClosed
	}
	conn, err := l.Listener.Accept()
	if err != nil {
		<-l.open
		return nil, err
	}
	return &limitedConn{Conn: conn, left: sync.OnceFunc(func() { <-l.open })}, nil
}

func (l *limitedListener) Close() error {
	l.close.Do(func() { close(l.closed) })
	return l.Listener.Close()
}

type limitedConn struct {
	net.Conn
	left func()
}

func (c *limitedConn) Close() error {
	defer c.left()
	return c.Conn.Close()
}
