package config

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"ddns-batch/internal/publicip"
)

// A URL may hold a password, in more places than its user: no text here quotes one.

// checkEndpoint says whether passwords may be sent to raw.
func checkEndpoint(raw string) error {
	u, err := parseURL(raw)
	switch {
	case err != nil:
		return err
	case u.RawQuery != "" || u.ForceQuery || strings.Contains(raw, "#"):
		return errors.New("must have no query and no fragment; the program adds the query of each request")
	case u.Scheme != "https" && !loopback(u.Hostname()):
		return errors.New("must begin with https://; plain http would expose the passwords on the network (it is allowed only to this machine itself)")
	}
	return nil
}

// parseURL takes an http or https URL without a user.
func parseURL(raw string) (*url.URL, error) {
	u, err := url.Parse(raw)
	if err != nil || u.Opaque != "" || u.Hostname() == "" || (u.Scheme != "https" && u.Scheme != "http") {
		return nil, errors.New("must be a complete URL, such as https://host/path")
	}
	if u.User != nil {
		return nil, errors.New("must not hold a user or a password")
	}
	if port := u.Port(); port != "" {
		if n, err := strconv.Atoi(port); err != nil || n < 1 || n > 65535 {
			return nil, errors.New("has a port outside 1 to 65535")
		}
	}
	return u, nil
}

func loopback(host string) bool {
	addr, err := netip.ParseAddr(host)
	return strings.EqualFold(host, "localhost") || err == nil && addr.Unmap().IsLoopback()
}

// ip checks the sources against each other, and returns what allow means.
func (c *checker) ip(section ipSection) []netip.Prefix {
	different := map[string]bool{}
	sound := len(section.Sources) > 0
	for i, raw := range section.Sources {
		key, err := sourceKey(raw)
		if err != nil {
			sound = false
			c.fail(fmt.Sprintf("ip.sources[%d]", i), err)
		}
		different[key] = true
	}
	if n, written := c.find("ip.agree"); sound && section.Agree > len(different) && (written || !c.merges["ip"]) {
		text := fmt.Sprintf("must be %d or less, the number of different host names in sources", len(different))
		if !written {
			text = fmt.Sprintf("defaults to %d, but sources has only one host name; write agree: 1, or add a source", section.Agree)
		}
		c.add(n, "ip.agree", text)
	}
	if section.Bind != "" {
		c.fail("ip.bind", publicip.CheckBind(section.Bind))
	}
	allow := make([]netip.Prefix, 0, len(section.Allow))
	for i, written := range section.Allow {
		prefix, err := parsePrefix(written)
		c.fail(fmt.Sprintf("ip.allow[%d]", i), err)
		allow = append(allow, prefix)
	}
	return allow
}

// sourceKey tells different sources apart.
func sourceKey(raw string) (string, error) {
	source, err := publicip.ParseSource(raw)
	if kind, _, _ := strings.Cut(raw, ":"); err != nil && slices.Contains(otherSources, publicip.SourceKind(kind)) {
		return "", err
	}
	if err != nil || source.Kind == publicip.URLSource {
		// Its words are those of the other URLs of the file.
		_, err = parseURL(raw)
	}
	return source.Key, err
}

// otherSources are the kinds of sources that are not URLs.
var otherSources = []publicip.SourceKind{
	publicip.InterfaceSource, publicip.CommandSource, publicip.StaticSource, publicip.RouterSource,
}

// parsePrefix takes an IPv4 range, or one address.
func parsePrefix(written string) (netip.Prefix, error) {
	prefix, err := netip.ParsePrefix(written)
	if addr, addrErr := netip.ParseAddr(written); addrErr == nil {
		prefix, err = netip.PrefixFrom(addr, addr.BitLen()), nil
	}
	switch {
	case err != nil || !prefix.Addr().Is4():
		return netip.Prefix{}, fmt.Errorf("%s is not an IPv4 range such as 198.51.100.0/24, nor an IPv4 address", quote(written))
	case prefix != prefix.Masked():
		return netip.Prefix{}, fmt.Errorf("%s is an address with a prefix length; write %s for the range, or %s for the address",
			quote(written), prefix.Masked(), prefix.Addr())
	}
	return prefix, nil
}
