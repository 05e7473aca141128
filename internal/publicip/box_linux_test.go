package publicip

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/net/ipv4"
)

// box is a stand-in for a router. It speaks NAT-PMP and UPnP as far as it is told to, and writes down what it heard.
type box struct {
	t  *testing.T
	at netip.Addr
	// open runs what opens sockets, so that they can be another network namespace's.
	open func(func())

	mu    sync.Mutex
	heard []string
}

var (
	// enough is for routers that will answer, however busy this machine is.
	enough = timeouts{whole: time.Minute, tries: 12, search: time.Minute}
	// little is for routers that will not.
	little = timeouts{whole: time.Minute, tries: 12, search: 200 * ms}
)

// loopbackBox has one of the sixteen million addresses of this machine that Linux gives to loopback. The ports are those
// of the protocols.
func loopbackBox(t *testing.T) *box {
	var n [3]byte
	_, err := rand.Read(n[:])
	must(t, err)
	return &box{t: t, at: netip.AddrFrom4([4]byte{127, n[0] | 1, n[1], n[2] | 1}), open: func(f func()) { f() }}
}

func (b *box) record(format string, arguments ...any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.heard = append(b.heard, fmt.Sprintf(format, arguments...))
}

// all is what was heard, each thing once.
func (b *box) all() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	all := slices.Clone(b.heard)
	slices.Sort(all)
	return slices.Compact(all)
}

// datagrams answers packets until the test ends; no answer where answer returns nil.
func (b *box) datagrams(conn net.PacketConn, answer func(question []byte) []byte) {
	var done sync.WaitGroup
	done.Go(func() {
		packet := make([]byte, 2048)
		for {
			n, from, err := conn.ReadFrom(packet)
			if err != nil {
				return
			}
			if reply := answer(packet[:n]); reply != nil {
				_, _ = conn.WriteTo(reply, from)
			}
		}
	})
	b.t.Cleanup(func() {
		_ = conn.Close()
		done.Wait()
	})
}

// mapping serves NAT-PMP. Any request but the one for the external address is a failure.
func (b *box) mapping(answer []byte) {
	var conn net.PacketConn
	var err error
	b.open(func() { conn, err = net.ListenPacket("udp4", netip.AddrPortFrom(b.at, portMappingPort).String()) })
	must(b.t, err)
	b.datagrams(conn, func(question []byte) []byte {
		b.record("NAT-PMP")
		if !bytes.Equal(question, []byte{0, 0}) {
			b.t.Errorf("NAT-PMP request % x", question)
		}
		return answer
	})
}

// mapped is a NAT-PMP answer: version 0, operation 128, a result, the seconds since the router began, an address.
func mapped(result uint16, address string) []byte {
	answer := binary.BigEndian.AppendUint16([]byte{0, 128}, result)
	answer = binary.BigEndian.AppendUint32(answer, 3600)
	return append(answer, netip.MustParseAddr(address).AsSlice()...)
}

// search serves SSDP with this answer, on the router's own address or, with an interface, for the multicast group.
func (b *box) search(group string, answer func(version string) string) {
	var conn net.PacketConn
	var err error
	b.open(func() {
		if group == "" {
			conn, err = net.ListenPacket("udp4", netip.AddrPortFrom(b.at, ssdpPort).String())
			return
		}
		var by *net.Interface
		if by, err = net.InterfaceByName(group); err == nil {
			conn, err = net.ListenMulticastUDP("udp4", by, net.UDPAddrFromAddrPort(netip.AddrPortFrom(ssdpGroup, ssdpPort)))
		}
	})
	must(b.t, err)
	if group != "" {
		control := ipv4.NewPacketConn(conn)
		must(b.t, control.SetControlMessage(ipv4.FlagDst, true))
		conn = toGroup{conn, control}
	}
	b.datagrams(conn, func(question []byte) []byte {
		r, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(question)))
		if err != nil {
			b.t.Errorf("SSDP request %q: %v", question, err)
			return nil
		}
		version, ok := strings.CutPrefix(r.Header.Get("ST"), "urn:schemas-upnp-org:device:InternetGatewayDevice:")
		if r.Method != "M-SEARCH" || r.RequestURI != "*" || r.Host != "239.255.255.250:1900" || r.Header.Get("MAN") != `"ssdp:discover"` || r.Header.Get("MX") != "1" || !ok {
			b.t.Errorf("SSDP request %q", question)
		}
		b.record("M-SEARCH")
		if text := answer(version); text != "" {
			return []byte(text)
		}
		return nil
	})
}

// toGroup hears only what was sent to a group, as many routers do.
type toGroup struct {
	net.PacketConn
	control *ipv4.PacketConn
}

func (g toGroup) ReadFrom(packet []byte) (int, net.Addr, error) {
	for {
		n, about, from, err := g.control.ReadFrom(packet)
		if err != nil || about.Dst.IsMulticast() {
			return n, from, err
		}
	}
}

// found is a device's answer to a search.
func found(location string) func(string) string {
	return func(version string) string {
		return "HTTP/1.1 200 OK\r\nCACHE-CONTROL: max-age=120\r\nEXT:\r\nLOCATION: " + location + "\r\nSERVER: OS/1 UPnP/1.1 box/1\r\n" +
			"ST: urn:schemas-upnp-org:device:InternetGatewayDevice:" + version + "\r\nUSN: uuid:1::x\r\n\r\n"
	}
}

// web serves the device's pages, and returns the beginning of its URLs.
func (b *box) web(pages map[string]http.HandlerFunc) string {
	var listener net.Listener
	var err error
	b.open(func() { listener, err = net.Listen("tcp4", netip.AddrPortFrom(b.at, 0).String()) })
	must(b.t, err)
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		b.record("%s %s %s", r.Method, r.URL.Path, r.Header.Get("SOAPAction"))
		if page := pages[r.URL.Path]; page != nil {
			page(rw, r)
			return
		}
		http.NotFound(rw, r)
	}))
	_ = server.Listener.Close()
	server.Listener = listener
	server.Start()
	b.t.Cleanup(server.Close)
	return "http://" + listener.Addr().String()
}

// service is a <service> of a device's description.
func service(kind, control string) string {
	return "<service><serviceType>urn:schemas-upnp-org:service:" + kind + "</serviceType><serviceId>x</serviceId><controlURL>" + control + "</controlURL></service>"
}

// description is that of a gateway: a device in a device in a device, as the standard has it.
func description(services ...string) string {
	return `<?xml version="1.0" encoding="iso-8859-1"?><root xmlns="urn:schemas-upnp-org:device-1-0"><specVersion><major>1</major></specVersion><device>` +
		`<deviceType>urn:schemas-upnp-org:device:InternetGatewayDevice:1</deviceType><serviceList>` + service("Layer3Forwarding:1", "/l3f") + `</serviceList>` +
		`<deviceList><device><deviceType>urn:schemas-upnp-org:device:WANDevice:1</deviceType><deviceList><device>` +
		`<deviceType>urn:schemas-upnp-org:device:WANConnectionDevice:1</deviceType><serviceList>` + strings.Join(services, "") +
		`</serviceList></device></deviceList></device></deviceList></device></root>`
}

// external answers GetExternalIPAddress, and nothing else.
func (b *box) external(kind, address string) http.HandlerFunc {
	return func(rw http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		urn := "urn:schemas-upnp-org:service:" + kind
		if r.Method != "POST" || r.Header.Get("SOAPAction") != `"`+urn+`#GetExternalIPAddress"` || r.Header.Get("Content-Type") != `text/xml; charset="utf-8"` ||
			r.ContentLength != int64(len(body)) || !strings.Contains(string(body), `<s:Body><u:GetExternalIPAddress xmlns:u="`+urn+`">`) {
			b.t.Errorf("SOAP request %s %v %s", r.Method, r.Header, body)
		}
		rw.Header().Set("Content-Type", `text/xml; charset="utf-8"`)
		fmt.Fprintf(rw, `<?xml version="1.0"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" s:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/">`+
			`<s:Body><u:GetExternalIPAddressResponse xmlns:u="%s"><NewExternalIPAddress>%s</NewExternalIPAddress></u:GetExternalIPAddressResponse></s:Body></s:Envelope>`, urn, address)
	}
}

// gateway serves UPnP as a common router does. The group is as in search.
func (b *box) gateway(group, address string) {
	base := b.web(map[string]http.HandlerFunc{
		"/rootDesc.xml": says(description(service("WANIPConnection:1", "/ctl/IPConn"))),
		"/ctl/IPConn":   b.external("WANIPConnection:1", address),
	})
	b.search(group, found(base+"/rootDesc.xml"))
}
