package namecheap

import (
	"net/url"
	"strings"

	"ddns-batch/internal/provider"
)

// unfit names what must never reach the wire. The configuration sees to all of it; a mistake there must not become an
// empty host or password, which the endpoint would take for something else.
func unfit(u provider.Update) *provider.Error {
	e := &provider.Error{Unchanged: true, Unsent: true}
	switch {
	case password(u) == "":
		e.Class, e.Message = provider.Password, "no password"
	case !u.Address.Is4():
		e.Class, e.Message = provider.Address, "not an IPv4 address"
	case u.Name.Host == "" || u.Name.Domain == "":
		e.Class, e.Message = provider.Request, "a record without host or domain"
	default:
		return nil
	}
	return e
}

func password(u provider.Update) string { return strings.TrimSpace(u.Password.Reveal()) }

// request is the request of an update without the empty line at its end.
func (c *Client) request(u provider.Update) string {
	target := *c.endpoint
	target.RawQuery = query(u)
	return c.header("GET", target.RequestURI())
}

// header is a request for the endpoint's host without the empty line at its end.
func (c *Client) header(method, target string) string {
	return method + " " + target + " HTTP/1.1\r\nHost: " + c.host + "\r\nUser-Agent: " + c.userAgent + "\r\n"
}

// query is host, domain, password and ip, in this order: names in lower case, everything percent-encoded.
func query(u provider.Update) string {
	return "host=" + escape(strings.ToLower(u.Name.Host)) +
		"&domain=" + escape(strings.ToLower(u.Name.Domain)) +
		"&password=" + escape(password(u)) +
		"&ip=" + u.Address.String()
}

// escape leaves nothing but letters, digits and -_.~ as they are. A space is %20: whether a + means one is up to the
// server's script.
func escape(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") }
