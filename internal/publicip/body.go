package publicip

import (
	"net/netip"
	"strings"
	"unicode"
)

// blank is what may surround an address. Not all that Unicode calls a space: no source needs that.
const blank = " \t\r\n"

// parseBody accepts a body that is one IPv4 address and nothing else; or, in a trace, one with exactly one ip= line.
// An IPv4 address that is written as an IPv6 one is refused.
func parseBody(body string, trace bool) (netip.Addr, error) {
	text := strings.Trim(body, blank)
	if text == "" {
		return netip.Addr{}, &notAnAnswer{what: "an empty answer"}
	}
	if strings.HasPrefix(visible(text), "<") {
		return netip.Addr{}, &notAnAnswer{what: "a web page, not an address", page: true}
	}
	if trace {
		var ok bool
		if text, ok = traceIP(text); !ok {
			return netip.Addr{}, &notAnAnswer{what: "not key=value lines with one ip= among them", said: text}
		}
	}
	address, err := netip.ParseAddr(text)
	switch {
	case err != nil && isIPv4(visible(text)):
		return netip.Addr{}, &notAnAnswer{what: "an IPv4 address with a hidden character", said: text}
	case err != nil:
		return netip.Addr{}, &notAnAnswer{what: "not one IPv4 address", said: text}
	case !address.Is4():
		return netip.Addr{}, &notAnAnswer{what: "an IPv6 address, an IPv4 one is needed", said: text}
	}
	return address, nil
}

func isIPv4(text string) bool {
	_, err := parseIPv4(text)
	return err == nil
}

// visible is text without invisible characters: a byte order mark, zero bytes and the like.
func visible(text string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) && !strings.ContainsRune(blank, r) {
			return -1
		}
		return r
	}, text)
}

// traceIP returns the value of the only ip= line; otherwise the text as it is, and false.
func traceIP(text string) (value string, ok bool) {
	found := 0
	for line := range strings.Lines(text) {
		key, v, pair := strings.Cut(strings.TrimRight(line, "\r\n"), "=")
		if !pair {
			return text, false
		}
		if key == "ip" {
			value = v
			found++
		}
	}
	if found != 1 {
		return text, false
	}
	return value, true
}
