package publicip

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"ddns-batch/internal/sanitize"
)

const (
	// maxDevice is the longest answer of a UPnP device that is read.
	maxDevice = 256 << 10
	// maxConnections is how many of a router's connections are asked for their address.
	maxConnections = 4
)

// upnp asks an Internet Gateway Device for the address on its line. It speaks to the router alone: whatever else answers
// a search, or is pointed to by an answer, is left alone.
type upnp struct {
	router netip.Addr
	egress Egress // the way to the router
	bound  binding
	agent  string
	search time.Duration // how long answers to a search are waited for
}

func (u upnp) externalAddress(ctx context.Context) (netip.Addr, error) {
	location, err := u.discover(ctx)
	if err != nil {
		return netip.Addr{}, err
	}
	connections, err := u.describe(ctx, location)
	if err != nil {
		return netip.Addr{}, err
	}
	// A router may have a PPP and an IP connection, only one of which is in use.
	for _, c := range connections[:min(len(connections), maxConnections)] {
		var address netip.Addr
		if address, err = u.addressOf(ctx, c); err == nil {
			return address, nil
		}
	}
	return netip.Addr{}, err
}

// connection is a service that knows an external address.
type connection struct {
	kind    string // such as urn:schemas-upnp-org:service:WANIPConnection:1
	control *url.URL
}

// device is what matters in a device's description. Devices contain others.
type device struct {
	Services []struct {
		Type    string `xml:"serviceType"`
		Control string `xml:"controlURL"`
	} `xml:"serviceList>service"`
	Devices []device `xml:"deviceList>device"`
}

// describe reads the device's description and returns the connections in it.
func (u upnp) describe(ctx context.Context, location *url.URL) ([]connection, error) {
	body, status, err := u.exchange(ctx, &http.Request{Method: http.MethodGet, URL: location, Header: http.Header{}})
	if err != nil {
		return nil, err
	}
	if status != http.StatusOK {
		return nil, fmt.Errorf("cannot read its description: %s", statusText(status))
	}
	return u.connections(location, body)
}

// connections are those in a description that was found at a location.
func (u upnp) connections(location *url.URL, body []byte) ([]connection, error) {
	var root struct {
		XMLName xml.Name `xml:"root"`
		Base    string   `xml:"URLBase"`
		Device  device   `xml:"device"`
	}
	if err := decode(body, &root); err != nil {
		return nil, errors.New("its description cannot be understood")
	}
	base := location
	if given, err := url.Parse(strings.TrimSpace(root.Base)); err == nil && u.trusts(given) {
		base = given
	}
	found := connectionsOf(root.Device, base)
	if len(found) == 0 {
		return nil, errors.New("its description names no connection to the internet")
	}
	return found, nil
}

func connectionsOf(d device, base *url.URL) []connection {
	var found []connection
	for _, s := range d.Services {
		kind := strings.TrimSpace(s.Type)
		if !strings.HasPrefix(kind, "urn:schemas-upnp-org:service:WANIPConnection:") &&
			!strings.HasPrefix(kind, "urn:schemas-upnp-org:service:WANPPPConnection:") {
			continue
		}
		if control, err := base.Parse(strings.TrimSpace(s.Control)); err == nil {
			found = append(found, connection{kind, control})
		}
	}
	for _, inner := range d.Devices {
		found = append(found, connectionsOf(inner, base)...)
	}
	return found
}

// addressOf calls the action GetExternalIPAddress, which has no arguments.
func (u upnp) addressOf(ctx context.Context, c connection) (netip.Addr, error) {
	var kind strings.Builder
	if err := xml.EscapeText(&kind, []byte(c.kind)); err != nil {
		return netip.Addr{}, err
	}
	call := `<?xml version="1.0"?>` + "\r\n" +
		`<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" s:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/">` +
		`<s:Body><u:GetExternalIPAddress xmlns:u="` + kind.String() + `"></u:GetExternalIPAddress></s:Body></s:Envelope>`
	body, status, err := u.exchange(ctx, &http.Request{
		Method: http.MethodPost, URL: c.control, Body: io.NopCloser(strings.NewReader(call)), ContentLength: int64(len(call)),
		// Written as the specification does: some devices look no closer.
		Header: http.Header{"Content-Type": {`text/xml; charset="utf-8"`}, "SOAPAction": {`"` + c.kind + `#GetExternalIPAddress"`}},
	})
	if err != nil {
		return netip.Addr{}, err
	}
	var envelope struct {
		XMLName xml.Name `xml:"Envelope"`
		Reply   *struct {
			Address string `xml:"NewExternalIPAddress"`
		} `xml:"Body>GetExternalIPAddressResponse"`
		Fault string `xml:"Body>Fault>detail>UPnPError>errorDescription"`
	}
	err = decode(body, &envelope)
	switch {
	case status != http.StatusOK && err == nil && envelope.Fault != "":
		return netip.Addr{}, fmt.Errorf("it refuses: %q", sanitize.Line(envelope.Fault, 80))
	case status != http.StatusOK:
		return netip.Addr{}, fmt.Errorf("it refuses: %s", statusText(status))
	case err != nil || envelope.Reply == nil:
		return netip.Addr{}, errors.New("its answer cannot be understood")
	case strings.Trim(envelope.Reply.Address, blank) == "":
		return onTheLine(netip.IPv4Unspecified())
	}
	address, err := parseBody(envelope.Reply.Address, false)
	if err != nil {
		return netip.Addr{}, err
	}
	return onTheLine(address)
}

// decode reads one document. Its encoding is taken for UTF-8 whatever it says: the parts that matter are ASCII.
func decode(body []byte, into any) error {
	d := xml.NewDecoder(bytes.NewReader(body))
	d.CharsetReader = func(_ string, input io.Reader) (io.Reader, error) { return input, nil }
	return d.Decode(into)
}

// exchange sends one request to the router, and to nobody else.
func (u upnp) exchange(ctx context.Context, r *http.Request) (body []byte, status int, err error) {
	if !u.trusts(r.URL) {
		return nil, 0, errors.New("it points to another machine")
	}
	transport := &http.Transport{
		DialContext: func(_ context.Context, _, address string) (net.Conn, error) {
			return u.bound.dialer("tcp4").DialContext(ctx, "tcp4", address)
		},
		DisableKeepAlives:      true,
		DisableCompression:     true,
		MaxResponseHeaderBytes: maxHeader,
	}
	defer transport.CloseIdleConnections()
	r.Header.Set("User-Agent", u.agent)
	response, err := transport.RoundTrip(r.WithContext(ctx))
	if err != nil {
		return nil, 0, err
	}
	defer response.Body.Close()
	body, err = io.ReadAll(io.LimitReader(response.Body, maxDevice+1))
	if err != nil {
		return nil, 0, err
	}
	if len(body) > maxDevice {
		return nil, 0, fmt.Errorf("an answer of more than %d bytes", maxDevice)
	}
	return body, response.StatusCode, nil
}

// trusts: the URL leads to the router itself, by its address.
func (u upnp) trusts(target *url.URL) bool {
	address, err := netip.ParseAddr(target.Hostname())
	return err == nil && address == u.router && target.Scheme == "http" && target.User == nil
}
