package sandbox

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// sourceCount is how many address sources the sandbox plays.
const sourceCount = 3

var sourceNames = [sourceCount]string{"one.sandbox.example.net", "two.sandbox.example.net", "three.sandbox.example.net"}

// Source scripts one address source. The zero Source says the sandbox's address.
type Source struct {
	// Address, if valid, is said instead of the sandbox's.
	Address netip.Addr
	// Status, if not 0, is sent instead of 200.
	Status int
	// Body, if not empty, is sent instead of an address.
	Body string
	// Hang: no answer until the client or the sandbox ends.
	Hang bool
	// Reset: the connection is reset instead of an answer.
	Reset bool
}

// Sources are the URLs of three address sources with different host names. They resolve nowhere: whoever asks them
// dials with Dial.
func (s *Server) Sources() []string {
	urls := make([]string, sourceCount)
	for i, name := range sourceNames {
		urls[i] = s.scheme() + "://" + name + "/"
	}
	return urls
}

// SetAddress changes what the sources say, those apart that SetSource gave an address of their own.
func (s *Server) SetAddress(addr netip.Addr) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.address = addr
}

// SetSource scripts the source at index i of Sources.
func (s *Server) SetSource(i int, source Source) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sources[i] = source
}

// Asked lists the host names that were asked for the address, in order, without the port.
func (s *Server) Asked() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.asked...)
}

// source answers "/" of the three sources, and on any host /getip, as the host of the real endpoint does, and
// /cdn-cgi/trace, as Cloudflare does.
func (s *Server) source(r *http.Request) answer {
	host := r.Host
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var source Source
	known := r.URL.Path == "/getip" || r.URL.Path == "/cdn-cgi/trace"
	for i, name := range sourceNames {
		if host == name {
			source = s.sources[i]
			known = known || r.URL.Path == "/"
		}
	}
	if !known {
		s.violations = appendBounded(s.violations, fmt.Sprintf("a request for something that is not there: %q", r.URL.Path))
		return pageAnswer(http.StatusNotFound, badPage)
	}
	s.asked = appendBounded(s.asked, host)
	return source.answer(s.address, strings.HasSuffix(r.URL.Path, "/trace"), host)
}

func (source Source) answer(addr netip.Addr, trace bool, host string) answer {
	if source.Hang {
		return answer{fault: Hang}
	}
	if source.Reset {
		return answer{fault: Reset}
	}
	if source.Address.IsValid() {
		addr = source.Address
	}
	a := pageAnswer(http.StatusOK, addr.String())
	if trace {
		a.body = "fl=1f1\nh=" + host + "\nip=" + addr.String() + "\nts=1700000000.000\nvisit_scheme=https\nloc=XX\ntls=TLSv1.3\nwarp=off\n"
	}
	if source.Body != "" {
		a.body = source.Body
	}
	if source.Status != 0 {
		a.status = source.Status
	}
	a.header["Content-Type"] = "text/plain"
	return a
}
