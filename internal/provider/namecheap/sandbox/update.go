package sandbox

import (
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"ddns-batch/internal/record"
)

// serve answers /update, and everything else as an address source.
func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	if !s.begin() {
		panic(http.ErrAbortHandler)
	}
	defer s.handlers.Done()
	s.serviceTime(r)
	if r.URL.Path == "/update" {
		s.update(r).write(s, w, r)
		return
	}
	s.source(r).write(s, w, r)
}

// begin counts a handler in, unless Close may already be waiting for the last one.
func (s *Server) begin() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closed {
		s.handlers.Add(1)
	}
	return !s.closed
}

// serviceTime lets the service time pass, unless nobody waits for the answer any more.
func (s *Server) serviceTime(r *http.Request) {
	if s.options.ServiceTime <= 0 {
		return
	}
	timer := time.NewTimer(s.options.ServiceTime)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-r.Context().Done():
	case <-s.done.Done():
	}
}

func (s *Server) update(r *http.Request) answer {
	values, err := url.ParseQuery(r.URL.RawQuery)
	odd := oddities(r, values, err)

	s.mu.Lock()
	defer s.mu.Unlock()
	for _, what := range odd {
		s.violations = appendBounded(s.violations, what)
	}
	host, domain := values.Get("host"), values.Get("domain")
	if s.options.Lenient {
		host, domain = strings.ToLower(host), strings.ToLower(domain)
	}
	q := Request{Name: record.Name{Host: host, Domain: domain}, At: time.Now()}
	if addr, err := netip.ParseAddr(values.Get("ip")); err == nil && addr.Is4() {
		q.Address = addr
	} else if s.options.Lenient && values.Get("ip") == "" {
		q.Address = s.address // the real endpoint takes the caller's
	}
	zone := s.domains[domain]
	q.PasswordMatched = zone != nil && values.Get("password") == zone.password
	var a answer
	if len(odd) > 0 && !s.options.Lenient {
		a = pageAnswer(http.StatusBadRequest, badPage)
	} else {
		a, q.Accepted = s.decide(q, zone, values.Get("password") == "")
	}
	s.heard = appendBounded(s.heard, q)
	return a
}

// decide does what the endpoint does with a request in good form. s.mu is held.
func (s *Server) decide(q Request, z *zone, noPassword bool) (a answer, accepted bool) {
	if fault, ok := s.faults[q.Name]; ok && fault != Unserved {
		return s.fail(q, z, fault), false
	}
	if z == nil {
		return xmlAnswer(unknownDomain.body()), false
	}
	if noPassword {
		return xmlAnswer(emptyPassword.body()), false
	}
	if !q.PasswordMatched {
		return xmlAnswer(wrongPassword.body()), false
	}
	if !q.Address.IsValid() {
		return xmlAnswer(invalidIP.body()), false
	}
	if !z.store(q.Name.Host, q.Address) {
		return xmlAnswer(unknownRecord.body()), false
	}
	return xmlAnswer(confirmation(q.Address.String())), true
}

func (s *Server) fail(q Request, z *zone, fault Fault) answer {
	switch fault {
	case BadPassword:
		return xmlAnswer(wrongPassword.body())
	case NoRecord:
		return xmlAnswer(unknownRecord.body())
	case NoDomain:
		return xmlAnswer(unknownDomain.body())
	case BadIP:
		return xmlAnswer(invalidIP.body())
	case Blocked:
		a := pageAnswer(http.StatusTooManyRequests, tooManyPage)
		a.header["Retry-After"] = "600"
		return a
	case Unavailable:
		return pageAnswer(http.StatusServiceUnavailable, busyPage)
	case HTML:
		return pageAnswer(http.StatusOK, portalPage)
	case NoIP:
		z.store(q.Name.Host, q.Address)
		return xmlAnswer(confirmation(""))
	case WrongIP:
		other := otherThan(q.Address)
		z.store(q.Name.Host, other)
		return xmlAnswer(confirmation(other.String()))
	case Truncated:
		a := xmlAnswer(confirmation(q.Address.String()))
		a.fault = Truncated
		return a
	default: // Hang, Reset
		return answer{fault: fault}
	}
}

// store reports whether there was a record to store addr in.
func (z *zone) store(host string, addr netip.Addr) bool {
	if z == nil {
		return false
	}
	_, ok := z.records[host]
	if ok {
		z.records[host] = addr
	}
	return ok
}

// otherThan is a documentation address that is not addr.
func otherThan(addr netip.Addr) netip.Addr {
	other := netip.AddrFrom4([4]byte{192, 0, 2, 1})
	if other == addr {
		other = other.Next()
	}
	return other
}

var keys = []string{"host", "domain", "password", "ip"}

// oddities names everything about a request to the update script that a well-written client does not do. Of values it
// quotes names only, never a password or a header.
func oddities(r *http.Request, values url.Values, err error) []string {
	var odd []string
	note := func(format string, args ...any) { odd = append(odd, fmt.Sprintf(format, args...)) }
	if r.Method != http.MethodGet {
		note("method %s instead of GET", r.Method)
	}
	if r.ContentLength != 0 || len(r.TransferEncoding) > 0 {
		note("a request body")
	}
	for _, header := range []string{"Cookie", "Referer", "Authorization", "Proxy-Authorization"} {
		if r.Header.Values(header) != nil {
			note("a header %s", header)
		}
	}
	if err != nil {
		note("a query that cannot be read")
	}
	for _, key := range keys {
		if n := len(values[key]); n != 1 {
			note("%s stands %d times in the query", key, n)
		}
	}
	if extra := len(values) - len(keys); extra > 0 {
		note("%d keys too many in the query", extra)
	}
	for _, key := range keys[:2] {
		if name := values.Get(key); name != strings.ToLower(name) {
			note("%s %q is not in lower case", key, name)
		}
	}
	if values.Has("host") && values.Get("host") == "" {
		note("host is empty")
	}
	if ip := values.Get("ip"); values.Has("ip") && !isDottedQuad(ip) {
		note("ip is not an IPv4 address")
	}
	return slices.Clip(odd)
}

func isDottedQuad(s string) bool {
	addr, err := netip.ParseAddr(s)
	return err == nil && addr.Is4()
}

// abort closes the TCP connection beneath conn at once, unsent data thrown away.
func abort(conn net.Conn) {
	if over, ok := conn.(*tls.Conn); ok {
		conn = over.NetConn()
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = conn.Close()
}
