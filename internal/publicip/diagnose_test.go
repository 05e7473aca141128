package publicip

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"ddns-batch/internal/sinkhole"
)

func TestDiagnose(t *testing.T) {
	said := func(text string) reply {
		a := netip.MustParseAddr(text)
		if err := Check(a, nil, true); err != nil {
			return reply{err: err}
		}
		return reply{Answer: Answer{Address: a}}
	}
	bad := func(err error) reply { return reply{err: err} }
	var (
		nat     = said("100.64.1.2")
		lan     = said("192.168.1.1")
		lookup  = bad(unreachable{&net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host"}}})
		connect = bad(unreachable{errors.New("connection refused")})
		unknown = bad(unreachable{&net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host", IsNotFound: true}}})
		blocked = bad(unreachable{&sinkhole.Error{Host: "one.example.com", Address: netip.MustParseAddr("0.0.0.0"), Err: syscall.ECONNREFUSED}})
		routers = bad(&sinkhole.Error{Host: "two.example.net", Address: netip.MustParseAddr("192.168.1.1"), Err: &notAnAnswer{what: "a web page", page: true}})
		timeout = bad(context.DeadlineExceeded)
		busy    = bad(&notAnAnswer{what: "503 Service Unavailable"})
		login   = bad(&notAnAnswer{what: "a web page", page: true})
		expired = bad(&tls.CertificateVerificationError{Err: x509.CertificateInvalidError{Reason: x509.Expired}})
		offline = bad(local{errors.New("the network interface is down")})
		tunnel  = bad(guard(netip.MustParseAddr(x), Egress{Interface: "wg0", Tunnel: "a tunnel"}, nil))
		misused = bad(&tls.CertificateVerificationError{Err: x509.CertificateInvalidError{Reason: x509.NotAuthorizedToSign}})
		forged  = bad(&tls.CertificateVerificationError{Err: x509.UnknownAuthorityError{}})
	)
	for _, c := range []struct {
		name      string
		agree     int
		replies   []reply
		kind      Kind
		message   string
		hint      string // a part of it
		outOfDate bool
	}{
		{"two addresses", 2, []reply{said(x), said(y)}, Disagreement, "no two sources agree on the address", "ip.allow", false},
		{"two of three are not three", 3, []reply{said(x), said(x), said(y)}, Disagreement, "no 3 sources agree on the address", "VPN", false},
		{"two addresses and a failure", 2, []reply{said(x), said(y), timeout}, Disagreement, "no two sources agree on the address", "VPN", false},
		{"a good address and a refused one", 2, []reply{said(x), nat}, Disagreement, "no two sources agree on the address", "NAT pool", false},

		{"all say a carrier's address", 2, []reply{nat, nat}, Refused, nat.err.Error(), "internet provider", false},
		{"one says a carrier's address, the other nothing", 2, []reply{timeout, nat}, Refused, nat.err.Error(), "internet provider", false},
		{"enough say a carrier's address", 2, []reply{said(x), nat, nat}, Refused, nat.err.Error(), "internet provider", false},
		{"the refused address with most votes is named", 2, []reply{nat, lan, lan}, Refused, lan.err.Error(), "192.168.0.0/16", false},

		{"no name resolves", 2, []reply{lookup, lookup}, Offline, "cannot reach any of the 2 address sources; is the connection up?", "DNS", false},
		{"nothing can be connected to", 2, []reply{lookup, connect}, Offline, "cannot reach any of the 2 address sources; is the connection up?", "proxy", false},
		{"the only source is not there", 1, []reply{connect}, Offline, "cannot reach the address source; is the connection up?", "line", false},
		{"one was reached", 2, []reply{lookup, timeout}, TooFew, "none of the 2 sources gave an address", "ip.sources", false},

		{"the name server denies all names", 2, []reply{unknown, unknown}, Offline, "cannot reach any of the 2 address sources; is the connection up?", "Pi-hole", false},
		{"the name server denies one name, and is silent about the other", 2, []reply{unknown, lookup}, Offline, "cannot reach any of the 2 address sources; is the connection up?", "settings", false},
		{"all names are blocked", 2, []reply{blocked, blocked}, Sinkhole,
			"the address is not known: the names of 2 of 2 sources were resolved to this machine (0.0.0.0)", "hosts file: allow the name there, or name other sources under ip.sources", false},
		{"the router answers for all", 2, []reply{routers, routers, lookup}, Sinkhole,
			"the address is not known: the names of 2 of 3 sources were resolved to 192.168.1.1", "router whose line is down", false},
		{"one name is blocked, and the certificate of another is forged", 2, []reply{said(x), blocked, forged}, Sinkhole,
			"the address is not known: the names of 1 of 3 sources were resolved to this machine (0.0.0.0)", "Pi-hole", false},
		{"the only name is blocked", 1, []reply{blocked}, Sinkhole,
			"the address is not known: the name of the only source was resolved to this machine (0.0.0.0)", "Pi-hole", false},
		{"one name is blocked, and that is the least of it", 2, []reply{blocked, busy, busy}, TooFew, "none of the 3 sources gave an address", "ip.sources", false},
		{"one name is blocked, and the others disagree", 2, []reply{blocked, said(x), said(y)}, Disagreement, "no two sources agree on the address", "VPN", false},

		{"no server, and an interface that is down", 2, []reply{lookup, lookup, offline}, Offline,
			"cannot reach any of the 2 address sources on the internet; is the connection up?", "DNS", false},
		{"the only server, and an interface that is down", 2, []reply{connect, offline}, Offline,
			"cannot reach the only address source on the internet; is the connection up?", "line", false},
		{"no server is asked", 2, []reply{offline, offline}, TooFew, "none of the 2 sources gave an address", "see what the source said", false},
		{"a server, and an interface that is down", 2, []reply{said(x), offline}, TooFew, "only 1 of 2 sources gave an address; 2 must agree", "ip.sources", false},

		{"all saw it through a tunnel", 2, []reply{tunnel, tunnel}, ViaTunnel, tunnel.err.Error(), "ip.bind", false},
		{"one did not", 2, []reply{said(x), tunnel}, ViaTunnel, tunnel.err.Error(), "ip.bind", false},
		{"a tunnel, and nothing else", 2, []reply{tunnel, timeout}, ViaTunnel, tunnel.err.Error(), "ip.bind", false},
		{"a tunnel is the least of it", 2, []reply{said(x), said(y), tunnel}, Disagreement, "no two sources agree on the address", "VPN", false},
		{"a tunnel, and a refused address", 2, []reply{tunnel, nat}, ViaTunnel, tunnel.err.Error(), "ip.bind", false},
		{"a tunnel, and enough that say a refused address", 2, []reply{tunnel, nat, nat}, Refused, nat.err.Error(), "internet provider", false},

		{"all certificates out of date", 2, []reply{expired, expired}, Certificate,
			"the address is not known: the certificates of 2 of 2 sources are not valid", "clock", true},
		{"certificates by a stranger", 2, []reply{forged, forged, busy}, Certificate,
			"the address is not known: the certificates of 2 of 3 sources are not valid", "ca-certificates", false},
		{"a certificate that may not sign", 1, []reply{misused}, Certificate,
			"the address is not known: the certificates of the only source are not valid", "ca-certificates", false},
		{"the only certificate", 1, []reply{forged}, Certificate,
			"the address is not known: the certificates of the only source are not valid", "ca-certificates", false},
		{"one certificate short of agreement", 2, []reply{said(x), expired, busy}, Certificate,
			"the address is not known: the certificates of 1 of 3 sources are not valid", "clock", true},
		{"a certificate is the least of it", 2, []reply{expired, busy, busy}, TooFew, "none of the 3 sources gave an address", "ip.sources", true},

		{"one address only", 2, []reply{said(x), busy, timeout}, TooFew, "only 1 of 3 sources gave an address; 2 must agree", "ip.sources", false},
		{"the only source fails", 1, []reply{busy}, TooFew, "the only source gave no address", "ip.sources", false},
		{"a login page everywhere", 2, []reply{login, login, lookup}, TooFew, "none of the 3 sources gave an address", "hotspot", false},
		{"a page among other failures", 2, []reply{login, busy}, TooFew, "none of the 2 sources gave an address", "ip.sources", false},
		{"a page beside an address", 2, []reply{login, said(x)}, TooFew, "only 1 of 2 sources gave an address; 2 must agree", "ip.sources", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := wantKind(t, diagnose(c.replies, c.agree), c.kind)
			if e.Message != c.message || !strings.Contains(e.Hint(), c.hint) || e.OutOfDate != c.outOfDate {
				t.Errorf("%q, hint %q, out of date %v", e.Message, e.Hint(), e.OutOfDate)
			}
		})
	}
}

func TestAnInterruptionKeepsItsReason(t *testing.T) {
	for cause, message := range map[error]string{
		context.Canceled:         "interrupted before the sources agreed on the address",
		context.DeadlineExceeded: "the time ran out before the sources agreed on the address",
	} {
		e := wantKind(t, interrupted(cause), Interrupted)
		if !errors.Is(e, cause) || e.Message != message {
			t.Errorf("%v: %q", cause, e.Message)
		}
	}
}

func TestProblem(t *testing.T) {
	system := func(op string, err error) error {
		return &net.OpError{Op: op, Net: "tcp4", Addr: &net.TCPAddr{IP: net.IPv4(192, 0, 2, 1), Port: 443}, Err: err}
	}
	for _, c := range []struct {
		name string
		err  error
		took time.Duration
		want string
	}{
		{"cut off", fmt.Errorf("dial: %w", context.Canceled), 0, "canceled"},
		{"cut off before a connection was had", unreachable{system("dial", context.Canceled)}, 0, "canceled"},
		{"five seconds and a little", context.DeadlineExceeded, 5*time.Second + 3*ms, "no answer in 5 s"},
		{"four seconds and a half", context.DeadlineExceeded, 4500 * ms, "no answer in 4.5 s"},
		{"less than a second", os.ErrDeadlineExceeded, 250 * ms, "no answer in 250 ms"},
		{"a name server that is silent", unreachable{system("dial", &net.DNSError{Err: "i/o timeout", IsTimeout: true})}, 0,
			"the name cannot be resolved: i/o timeout"},
		{"refused", unreachable{system("dial", os.NewSyscallError("connect", syscall.ECONNREFUSED))}, 0,
			"cannot connect: " + syscall.ECONNREFUSED.Error()},
		{"reset", system("read", os.NewSyscallError("read", syscall.ECONNRESET)), 0, syscall.ECONNRESET.Error()},
		{"no IPv4 address", unreachable{system("dial", &net.AddrError{Err: "no suitable address found", Addr: "::1"})}, 0,
			"cannot connect: address ::1: no suitable address found"},
		{"alert", system("remote error", errors.New("tls: handshake failure")), 0, "tls: handshake failure"},
		{"hung up", io.ErrUnexpectedEOF, 0, "the connection was closed before the answer was complete"},
		{"control codes", errors.New("\x1b[31mred\r\nline"), 0, "[31mred  line"},
		{"200 characters", errors.New(strings.Repeat("é", 200)), 0, strings.Repeat("é", 200)},
		{"201 characters", errors.New(strings.Repeat("é", 201)), 0, strings.Repeat("é", 197) + "..."},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := problem(c.err, c.took); got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}
