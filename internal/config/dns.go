package config

import (
	"fmt"
	"net/netip"
)

// dns reads the addresses of name servers.
func (c *checker) dns(section dnsSection) DNS {
	var d DNS
	if section.Resolver != "" {
		d.Resolver = c.server("dns.resolver", section.Resolver)
	}
	for i, written := range section.Nameservers {
		d.Nameservers = append(d.Nameservers, c.server(fmt.Sprintf("dns.nameservers[%d]", i), written))
	}
	return d
}

// server is an address with a port, or one alone, which then means port 53.
func (c *checker) server(field, written string) netip.AddrPort {
	if server, err := netip.ParseAddrPort(written); err == nil && server.Port() > 0 {
		return server
	}
	if addr, err := netip.ParseAddr(written); err == nil {
		return netip.AddrPortFrom(addr, 53)
	}
	c.fail(field, fmt.Errorf("%s is not the address of a name server, such as 192.0.2.53 or 192.0.2.53:5353", quote(written)))
	return netip.AddrPort{}
}
