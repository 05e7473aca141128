package publicip

import (
	"bytes"
	"encoding/binary"
	"net/netip"
	"strings"
	"testing"
	"unicode"
)

// FuzzUPnP hands a device's answers over: whatever they hold, only the router itself is ever pointed to.
func FuzzUPnP(f *testing.F) {
	u := upnp{router: netip.MustParseAddr("192.168.1.1")}
	f.Add([]byte(found("http://192.168.1.1:5000/rootDesc.xml")("1")), []byte(description(service("WANIPConnection:1", "/c"))))
	f.Add([]byte(found("http://192.168.1.1@192.0.2.1/")("2")), []byte(description(service("WANPPPConnection:1", "//192.0.2.1/c"))))
	f.Add([]byte("HTTP/1.1 200 OK\r\nLOCATION: http://192.168.1.1:1900"), []byte("<root><device><serviceList><service><controlURL>\x01"))
	f.Add([]byte("HTTP/1.1 200 OK\r\nLOCATION: http://3232235777/\r\n"), []byte("<root/>"))
	f.Fuzz(func(t *testing.T, answer, body []byte) {
		location, ok := u.location(answer)
		if !ok {
			location, ok = u.location([]byte(found("http://192.168.1.1:5000/d")("1")))
		}
		if !ok || location.Hostname() != "192.168.1.1" || location.Scheme != "http" {
			t.Fatalf("location %v", location)
		}
		found, err := u.connections(location, body)
		if err != nil {
			if text := problem(err, 0); text == "" || strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) {
				t.Errorf("problem %q", text)
			}
			return
		}
		for _, c := range found {
			if u.trusts(c.control) && (c.control.Hostname() != "192.168.1.1" || c.control.Scheme != "http") {
				t.Errorf("control URL %v is trusted", c.control)
			}
			if !strings.Contains(c.kind, ":WANIPConnection:") && !strings.Contains(c.kind, ":WANPPPConnection:") {
				t.Errorf("kind %q", c.kind)
			}
		}
	})
}

func FuzzRoutes(f *testing.F) {
	f.Add("Iface\tDestination\tGateway\neth0\t00000000\t0101A8C0\t0003\t0\t0\t100\t00000000\t0\t0\t0\n")
	f.Add("ppp0\t00000000\t00000000\t0001\t0\t0\t0\t00000000\n")
	f.Fuzz(func(t *testing.T, table string) {
		routers := parseRoutes(table)
		if len(routers) > strings.Count(table, "\n")+1 {
			t.Errorf("%d routers", len(routers))
		}
		for _, r := range routers {
			if !r.Is4() || r.IsUnspecified() {
				t.Errorf("router %v", r)
			}
		}
	})
}

// FuzzNested: what is found is what stands there, and nothing beyond the list is read.
func FuzzNested(f *testing.F) {
	attribute := func(kind uint16, value string) []byte {
		b := binary.NativeEndian.AppendUint16(nil, uint16(4+len(value)))
		b = append(binary.NativeEndian.AppendUint16(b, kind), value...)
		return append(b, make([]byte, -len(value)&3)...)
	}
	f.Add(attribute(infoKind, "wireguard\x00"))
	f.Add(append(attribute(2, "data"), attribute(infoKind|0x8000, "tun\x00")...))
	f.Add([]byte{3, 0, 1, 0})
	f.Fuzz(func(t *testing.T, list []byte) {
		got := nested(list, infoKind)
		if got != nil && !strings.Contains(string(list), string(got)) {
			t.Errorf("%q out of %q", got, list)
		}
		with := append(attribute(infoKind, "tun\x00"), list...)
		if text(nested(with, infoKind)) != "tun" {
			t.Errorf("not the first one of %q", with)
		}
	})
}

// FuzzMapping: only an answer that is one in every byte that matters gives an address, and it is the one that stands in it.
func FuzzMapping(f *testing.F) {
	f.Add(mapped(0, "203.0.113.7"))
	f.Add(mapped(3, "203.0.113.7"))
	f.Add([]byte{2, 128, 0, 1})
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, answer []byte) {
		address, err := mappingAddress(answer)
		if err != nil {
			if address.IsValid() || problem(err, 0) == "" {
				t.Errorf("%v beside %v", address, err)
			}
			return
		}
		want := mapped(0, address.String())
		copy(want[4:8], answer[4:]) // the seconds can be any
		if !bytes.Equal(answer, want) {
			t.Errorf("%v out of % x", address, answer)
		}
	})
}
