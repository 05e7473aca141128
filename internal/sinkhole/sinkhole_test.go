package sinkhole

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"testing"

	"ddns-batch/internal/testnet"
)

func TestDial(t *testing.T) {
	_, open, _ := net.SplitHostPort(testnet.Listen(t, testnet.ReadOn).Address)
	_, closed, _ := net.SplitHostPort(testnet.Refusing(t))
	resolver := testnet.Resolver(testnet.NameServer(t, testnet.Names(map[string]string{
		"zero.example.com": "0.0.0.0", "loopback.example.com": "127.0.0.1", "nas.lan": "127.0.0.1", "six.example.com": "::",
	})).String())
	for _, c := range []struct {
		name, host, port, want string
	}{
		{"no address", "zero.example.com", closed, "0.0.0.0"},
		{"no IPv6 address", "six.example.com", closed, "::"},
		{"loopback", "loopback.example.com", closed, "127.0.0.1"},
		{"where somebody listens", "loopback.example.com", open, "127.0.0.1"},
		{"no address, where somebody listens", "zero.example.com", open, "127.0.0.1"},
		{"a name of one's own network", "nas.lan", closed, ""},
		{"a name of one's own network, where somebody listens", "nas.lan", open, ""},
		{"an address in writing", "127.0.0.1", closed, ""},
		{"an address in writing, where somebody listens", "127.0.0.1", open, ""},
		{"a name that is not there", "nobody.example.com", closed, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			conn, err := Dial(t.Context(), &net.Dialer{Resolver: resolver}, "tcp", net.JoinHostPort(c.host, c.port))
			if conn != nil {
				defer conn.Close()
				if Explain(conn, nil) != nil {
					t.Error("an error is made of none")
				}
				err = Explain(conn, context.DeadlineExceeded)
				if !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("the error is lost: %v", err)
				}
			}
			e, ok := errors.AsType[*Error](err)
			if err == nil || ok != (c.want != "") || ok && (e.Address.String() != c.want || e.Host != c.host || e.By() == "") {
				t.Errorf("%v, want one about %q", err, c.want)
			}
		})
	}
}

func TestWords(t *testing.T) {
	for text, want := range map[string]string{
		"0.0.0.0":     "one.example.com was resolved to this machine (0.0.0.0): refused, by a DNS filter (such as Pi-hole) or this machine's hosts file",
		"::1":         "one.example.com was resolved to this machine (::1): refused, by a DNS filter (such as Pi-hole) or this machine's hosts file",
		"192.168.1.1": "one.example.com was resolved to 192.168.1.1: refused, by a router whose line is down or a DNS filter (such as Pi-hole)",
		"198.18.0.9":  "one.example.com was resolved to 198.18.0.9: refused, by a proxy program (such as Clash)",
	} {
		e := &Error{"one.example.com", netip.MustParseAddr(text), errors.New("refused")}
		if got := e.Error() + ", by " + e.By(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestWhichAddressesNoServerHas(t *testing.T) {
	for text, want := range map[string]bool{
		"0.0.0.0": true, "127.0.0.1": true, "127.9.9.9": true, "10.0.0.1": true, "172.31.0.1": true, "192.168.1.1": true, "169.254.1.1": true,
		"198.18.0.3": true, "100.64.0.1": true, "::": true, "::1": true, "fd00::1": true, "fe80::1": true,
		"192.0.2.1": false, "9.9.9.9": false, "172.32.0.1": false, "198.20.0.1": false, "2001:db8::1": false,
	} {
		if got := isSinkhole(netip.MustParseAddr(text)); got != want {
			t.Errorf("%s: %v", text, got)
		}
	}
}

func TestWhichNamesAreLocal(t *testing.T) {
	for host, want := range map[string]bool{
		"localhost": true, "api.localhost": true, "nas": true, "NAS.Lan.": true, "fritz.box": true, "router.home.arpa": true, "192.0.2.1": true, "::1": true,
		"api.example.com": false, "lan.example.org": false, "xlan.example.net": false,
	} {
		if got := isLocal(host); got != want {
			t.Errorf("%s: %v", host, got)
		}
	}
}
