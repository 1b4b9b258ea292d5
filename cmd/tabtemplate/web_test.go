package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// pipes is a listener whose connections are in memory.
type pipes struct {
	conns  chan net.Conn
	closed chan struct{}
	close  func()
}

func newPipes() *pipes {
	p := &pipes{conns: make(chan net.Conn), closed: make(chan struct{})}
	p.close = sync.OnceFunc(func() { close(p.closed) })
	return p
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case conn := <-p.conns:
		return conn, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error {
	p.close()
	return nil
}

func (p *pipes) Addr() net.Addr { return &net.TCPAddr{} }

// dial returns the end of a client, and what is closed with the end of the server.
func (p *pipes) dial() (client net.Conn, over chan struct{}) {
	client, server := net.Pipe()
	over = make(chan struct{})
	p.conns <- &watchedConn{server, sync.OnceFunc(func() { close(over) })}
	return client, over
}

type watchedConn struct {
	net.Conn
	over func()
}

func (c *watchedConn) Close() error {
	c.over()
	return c.Conn.Close()
}

// echo answers with the body of the request, ten times.
func echo(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/unread" {
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, "unread", http.StatusBadRequest)
		return
	}
	for range 10 {
		if _, err := w.Write(body); err != nil {
			return
		}
	}
}

// A client that stalls loses its connection; one that gets on keeps it, however slow.
func TestStalledClients(t *testing.T) {
	t.Parallel()
	block := strings.Repeat("x", 32<<10)
	for name, c := range map[string]struct {
		client func(t *testing.T, conn net.Conn)
		want   time.Duration // when the connection is over
	}{
		"sends no request": {func(t *testing.T, conn net.Conn) {}, headerTime},
		"sends half a head": {func(t *testing.T, conn net.Conn) {
			io.WriteString(conn, "GET / HTTP/1.1\r\n")
		}, headerTime},
		"stops in the body": {func(t *testing.T, conn net.Conn) {
			io.WriteString(conn, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc")
			io.Copy(io.Discard, conn)
		}, stallTime},
		"sends no body that nobody wants": {func(t *testing.T, conn net.Conn) {
			io.WriteString(conn, "POST /unread HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n")
			io.Copy(io.Discard, conn)
		}, stallTime},
		"takes no answer": {func(t *testing.T, conn net.Conn) {
			fmt.Fprintf(conn, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s", len(block), block)
		}, stallTime},
		"sends and takes slowly": {func(t *testing.T, conn net.Conn) {
			io.WriteString(conn, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 32768\r\n\r\n")
			for part := range len(block) / 1024 {
				time.Sleep(stallTime - time.Second)
				io.WriteString(conn, block[part*1024:(part+1)*1024])
			}
			answer, err := http.ReadResponse(bufio.NewReaderSize(conn, 1), nil)
			if err != nil {
				t.Error(err)
				return
			}
			for range 10 {
				time.Sleep(stallTime - time.Second)
				if n, err := io.CopyN(io.Discard, answer.Body, 32<<10); err != nil {
					t.Errorf("after %d bytes: %v", n, err)
				}
			}
			io.Copy(io.Discard, conn)
		}, 42*(stallTime-time.Second) + idleTime},
		"comes back": {func(t *testing.T, conn net.Conn) {
			for range 2 {
				io.WriteString(conn, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
				if _, err := http.ReadResponse(bufio.NewReader(conn), nil); err != nil {
					t.Error(err)
				}
				time.Sleep(idleTime - time.Second) // longer than a stall
			}
		}, 2*(idleTime-time.Second) + time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				listener := newPipes()
				web := webServer(http.HandlerFunc(echo), io.Discard)
				go web.Serve(listener)
				conn, over := listener.dial()
				began := time.Now()
				go c.client(t, conn)
				<-over
				if got := time.Since(began); got != c.want {
					t.Errorf("over after %v, want %v", got, c.want)
				}
				conn.Close()
				web.Close()
			})
		})
	}
}

// The third of two connections waits for one of them to end, and a listener that is closed accepts no more.
func TestLimitConnections(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		inner := newPipes()
		listener := limitConnections(inner, 2)
		accepted := make(chan net.Conn, 3)
		ended := make(chan error, 1)
		go func() {
			for {
				conn, err := listener.Accept()
				if err != nil {
					ended <- err
					return
				}
				accepted <- conn
			}
		}()
		for range 3 {
			go inner.dial()
		}
		synctest.Wait()
		if len(accepted) != 2 {
			t.Fatalf("%d connections", len(accepted))
		}
		first := <-accepted
		first.Close()
		first.Close() // counts once
		synctest.Wait()
		if len(accepted) != 2 {
			t.Fatalf("%d connections after one ended", len(accepted))
		}
		listener.Close()
		listener.Close()
		if err := <-ended; !errors.Is(err, net.ErrClosed) {
			t.Errorf("Accept: %v", err)
		}
	})
}
