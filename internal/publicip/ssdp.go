package publicip

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"strings"
	"time"

	"golang.org/x/net/ipv4"
)

const (
	ssdpPort = 1900
	// maxDatagram is the longest answer to a search that is read.
	maxDatagram = 4 << 10
)

// ssdpGroup is where all UPnP devices of a network listen.
var ssdpGroup = netip.AddrFrom4([4]byte{239, 255, 255, 250})

var errNotFound = errors.New("no answer")

// discover searches for the router as an Internet Gateway Device and returns where its description is. It asks everybody,
// as most routers want it, and the router itself, which is enough for some; it accepts only what comes from the
// router and leads there.
func (u upnp) discover(ctx context.Context) (*url.URL, error) {
	ctx, cancel := context.WithTimeout(ctx, u.search)
	defer cancel()
	socket, err := u.listen(ctx)
	if err != nil {
		return nil, err
	}
	defer socket.Close()
	defer context.AfterFunc(ctx, func() { _ = socket.SetReadDeadline(time.Unix(1, 0)) })()

	if err := u.ask(socket); err != nil {
		return nil, err
	}
	packet := make([]byte, maxDatagram)
	for {
		n, from, err := socket.ReadFrom(packet)
		if errors.Is(err, os.ErrDeadlineExceeded) {
			return nil, errNotFound
		}
		if err != nil {
			return nil, err
		}
		if sender, ok := from.(*net.UDPAddr); !ok || sender.AddrPort().Addr().Unmap() != u.router {
			continue
		}
		if location, ok := u.location(packet[:n]); ok {
			return location, nil
		}
	}
}

// listen opens the socket of a search. It asks everybody on the line by which the router is reached, and nobody else: the
// other lines of this machine may have routers with the same address.
func (u upnp) listen(ctx context.Context) (net.PacketConn, error) {
	listen := net.ListenConfig{Control: u.bound.control()}
	socket, err := listen.ListenPacket(ctx, "udp4", netip.AddrPortFrom(u.egress.Local, 0).String())
	if err != nil || u.egress.Interface == "" {
		return socket, err
	}
	link, err := net.InterfaceByName(u.egress.Interface)
	if err == nil {
		err = ipv4.NewPacketConn(socket).SetMulticastInterface(link)
	}
	if err != nil {
		_ = socket.Close()
		return nil, err
	}
	return socket, nil
}

// ask sends the question for both versions of the device, since not every one of the second version answers to the
// first. It is an error only if none could be sent.
func (u upnp) ask(socket net.PacketConn) error {
	sent := false
	var failed error
	for _, version := range []string{"1", "2"} {
		question := "M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nMAN: \"ssdp:discover\"\r\nMX: 1\r\n" +
			"ST: urn:schemas-upnp-org:device:InternetGatewayDevice:" + version + "\r\n\r\n"
		for _, to := range []netip.Addr{u.router, ssdpGroup} {
			_, err := socket.WriteTo([]byte(question), net.UDPAddrFromAddrPort(netip.AddrPortFrom(to, ssdpPort)))
			if err != nil {
				failed = err
			}
			sent = sent || err == nil
		}
	}
	if sent {
		return nil
	}
	return failed
}

// location takes the place of the description out of an answer to a search.
func (u upnp) location(packet []byte) (*url.URL, bool) {
	// Some devices leave out the empty line at the end.
	text := io.MultiReader(bytes.NewReader(packet), strings.NewReader("\r\n\r\n"))
	response, err := http.ReadResponse(bufio.NewReader(text), nil)
	if err != nil {
		return nil, false
	}
	defer response.Body.Close()
	location, err := url.Parse(response.Header.Get("Location"))
	if err != nil || response.StatusCode != http.StatusOK || !u.trusts(location) {
		return nil, false
	}
	return location, true
}
