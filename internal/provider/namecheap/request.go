package namecheap

import (
	"context"
	"io"
	"net/http"
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

// request builds the one request of an update.
//
// It has a body, an empty one. net/http repeats a GET without a body by itself when a kept connection turns out dead,
// even after the request was written; one whose body it cannot rewind it sends once. The encoding "identity" keeps it
// from announcing that body, which then leaves no trace on the wire. What is lost is the quiet second try; the run has
// its own, which it counts and reports.
func (c *Client) request(ctx context.Context, u provider.Update) *http.Request {
	target := *c.endpoint
	target.RawQuery = query(u)
	req := &http.Request{
		Method:     http.MethodGet,
		URL:        &target,
		Host:       target.Host,
		Proto:      "HTTP/1.1",
		ProtoMajor: 1,
		ProtoMinor: 1,
		Header:     http.Header{"User-Agent": {c.userAgent}},
		Body:       io.NopCloser(strings.NewReader("")),

		TransferEncoding: []string{"identity"},
	}
	return req.WithContext(ctx)
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
