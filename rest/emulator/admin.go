package emulator

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"

	"github.com/tabtemplate/tabtemplate/rest/emulator/internal/webpage"
)

// WithHost adds a host name, without a port, under which the page at / and what is under /emulator/ are answered. They
// need no sign-in, so only names are heeded that no other website can make its own: localhost and names below it, such
// as the one of [URL], the address that the request reached, and what is added here. The API heeds every name.
func WithHost(name string) Option {
	return func(o *options) error {
		if name == "" || strings.ContainsAny(name, "/:") {
			return fmt.Errorf("host %q is not a host name without a port", name)
		}
		o.hosts = append(o.hosts, name)
		return nil
	}
}

// WithoutPage leaves out the page for people at /, which shows without a sign-in what is on the server.
func WithoutPage() Option {
	return func(o *options) error {
		o.noPage = true
		return nil
	}
}

// adminRoutes is what the server answers outside of the API: the page at /, and paths under /emulator/.
func (s *Server) adminRoutes() *http.ServeMux {
	routes := http.NewServeMux()
	if !s.noPage {
		shown := webpage.Handler(pageSource{s})
		routes.Handle("/{$}", shown)
		routes.Handle(webpage.Path, shown)
	}
	if s.control {
		routes.HandleFunc(controlPath, s.serveControl)
	}
	return routes
}

// serveAdmin answers a request that is not for the API, and tells whether it was one. Because no sign-in protects what
// is here, a website that somebody on this machine looks at must not reach it: neither under a name of its own that leads
// here, nor by a request that a browser sends for it.
func (s *Server) serveAdmin(w http.ResponseWriter, r *http.Request) bool {
	_, pattern := s.admin.Handler(r)
	if pattern == "" {
		return false
	}
	if !s.isOwnHost(r) {
		http.Error(w, fmt.Sprintf("%q is not a name of this server: ask for localhost, or add the name", r.Host),
			http.StatusMisdirectedRequest)
		return true
	}
	if err := new(http.CrossOriginProtection).Check(r); err != nil {
		http.Error(w, err.Error(), http.StatusForbidden)
		return true
	}
	s.admin.ServeHTTP(w, r)
	return true
}

// isOwnHost tells whether the request asks for this server by a name of its own.
func (s *Server) isOwnHost(r *http.Request) bool {
	host, _, err := net.SplitHostPort(r.Host)
	if _, missing := errors.AsType[*net.AddrError](err); missing {
		host = strings.Trim(r.Host, "[]")
	}
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if ip, err := netip.ParseAddr(host); err == nil {
		return ip.Unmap().IsLoopback() || ip.Unmap() == reached(r)
	}
	return host == "localhost" || strings.HasSuffix(host, ".localhost") ||
		slices.ContainsFunc(s.hosts, func(own string) bool { return strings.EqualFold(own, host) })
}

// reached is the address of this machine that a request came to.
func reached(r *http.Request) netip.Addr {
	local, ok := r.Context().Value(http.LocalAddrContextKey).(*net.TCPAddr)
	if !ok {
		return netip.Addr{}
	}
	return local.AddrPort().Addr().Unmap()
}
