package namecheap

import (
	"math"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"

	"ddns-batch/internal/humanize"
	"ddns-batch/internal/provider"
)

// judgeStatus says what is already decided by status and header; nil is a 200 whose body has to be read.
func judgeStatus(resp *http.Response, words redactor) *provider.Error {
	code := resp.StatusCode
	e := &provider.Error{
		Class:     provider.Transient,
		Message:   humanize.HTTPStatus(code),
		Unchanged: code >= 300 && code < 500,
	}
	switch {
	case resp.Header.Values("Cf-Mitigated") != nil:
		e.Class = provider.Blocked
		e.Message += ", blocked by Cloudflare"
	case code == http.StatusOK:
		return nil
	case code == http.StatusForbidden || code == http.StatusTooManyRequests:
		e.Class = provider.Blocked
	case code == http.StatusRequestTimeout || code == http.StatusTooEarly:
	case code >= 400 && code < 500:
		e.Class = provider.Request
	case code >= 300 && code < 400:
		e.Class = provider.Redirect
		if host := destination(resp.Header.Get("Location"), words); host != "" {
			e.Message += ", to " + host
		}
	}
	return e
}

// destination is the host that a redirect points to, or "". The rest of a Location may repeat the query.
func destination(location string, words redactor) string {
	u, err := url.Parse(location)
	if err != nil {
		return ""
	}
	if a, err := netip.ParseAddr(u.Hostname()); err == nil && a.Is4() {
		return words.address(a)
	}
	return words.quote(u.Hostname())
}

// retryAfter reads seconds or a date; 0 without either. "At once" is a wait too, the shortest there is: it was asked for.
// A date counts from the server's own, where it sends one, so that a wrong clock here does no harm.
func retryAfter(h http.Header, now time.Time) time.Duration {
	value := strings.TrimSpace(h.Get("Retry-After"))
	if at, err := http.ParseTime(value); err == nil {
		if date, err := http.ParseTime(h.Get("Date")); err == nil {
			now = date
		}
		return max(1, at.Sub(now))
	}
	if value == "" || strings.Trim(value, "0123456789") != "" {
		return 0
	}
	seconds, err := strconv.ParseInt(value, 10, 64)
	if err != nil || seconds > math.MaxInt64/int64(time.Second) {
		return math.MaxInt64
	}
	return max(1, time.Duration(seconds)*time.Second)
}
