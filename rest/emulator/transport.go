package emulator

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
)

// pipe is HTTP between a client and the server within the process.
type pipe struct {
	start     sync.Once
	stop      sync.Once
	conns     chan net.Conn
	closed    chan struct{} // the listener
	served    chan struct{} // the end of serving
	server    *http.Server
	transport *http.Transport
}

// Transport returns a transport that reaches the server under [URL] over memory: no port is opened. It speaks real
// HTTP, so bodies are streamed and connections can be cut. Other hosts are refused. [Server.Close] ends it.
func (s *Server) Transport() http.RoundTripper {
	s.pipe.start.Do(func() { s.pipe.serve(s) })
	return s.pipe.transport
}

func (p *pipe) serve(h http.Handler) {
	p.conns, p.closed, p.served = make(chan net.Conn), make(chan struct{}), make(chan struct{})
	p.server = &http.Server{Handler: h}
	p.transport = &http.Transport{
		DialContext:         p.dial,
		MaxIdleConnsPerHost: 16,
		WriteBufferSize:     64 << 10,
		ReadBufferSize:      64 << 10,
	}
	go func() {
		defer close(p.served)
		p.server.Serve(listener{p}) // ends with ErrServerClosed
	}()
}

func (p *pipe) dial(ctx context.Context, _, address string) (net.Conn, error) {
	if host := strings.TrimPrefix(URL, "http://"); address != host+":80" {
		return nil, fmt.Errorf("the emulator is not %s but %s", address, host)
	}
	client, server := net.Pipe()
	select {
	case p.conns <- server:
		return client, nil
	case <-p.closed:
		return nil, errors.New("the emulator is closed")
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Close ends what [Server.Transport] started, cutting the connections that are open, and the use of the folder of
// [WithState]. Requests are refused after that. It may be called more than once; the error is that of the folder, of
// which nothing that was answered is lost.
func (s *Server) Close() error {
	s.Transport() // so that one asked for later is closed too
	s.pipe.stop.Do(func() {
		s.pipe.server.Close()
		s.pipe.transport.CloseIdleConnections()
		<-s.pipe.served
	})
	return s.closeStore()
}

// listener hands the server its ends of the connections.
type listener struct{ pipe *pipe }

// Accept implements [net.Listener].
func (l listener) Accept() (net.Conn, error) {
	select {
	case conn := <-l.pipe.conns:
		return conn, nil
	case <-l.pipe.closed:
		return nil, net.ErrClosed
	}
}

// Close implements [net.Listener]. The server calls it once.
func (l listener) Close() error {
	close(l.pipe.closed)
	return nil
}

// Addr implements [net.Listener].
func (l listener) Addr() net.Addr { return address{} }

// address is the address of a pipe.
type address struct{}

func (address) Network() string { return "memory" }
func (address) String() string  { return URL }
