// Package heartbeat tells a monitoring service that a run takes place and how it ended, in the manner of healthchecks.io or
// of Uptime Kuma. The URL is a secret: nothing that the package returns holds any of it.
package heartbeat

import (
	"context"
	"crypto/rand"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"ddns-batch/internal/exitstatus"
	"ddns-batch/internal/provider"
	"ddns-batch/internal/roots"
)

// Style is the protocol of a monitoring service.
type Style int

const (
	// Healthchecks gets a request when a run begins and one when it ends.
	Healthchecks Style = iota
	// Push gets a request when a run ends.
	Push
)

// Monitor is one service.
type Monitor struct {
	URL   provider.Secret
	Style Style
	// Dial replaces the system's network where it is set. Authorities are the certificate authorities that are trusted.
	Dial        func(ctx context.Context, network, address string) (net.Conn, error)
	Authorities *roots.Authorities
	UserAgent   string
}

// Verdict is what the end of a run means.
type Verdict int

const (
	// Down is the most cautious claim.
	Down Verdict = iota
	// Unclear means that the service should neither raise nor end an alarm.
	Unclear
	Up
)

// VerdictOf is what it means that a run ended with this status. passing means that it found no address and that this may be
// temporary.
func VerdictOf(status exitstatus.Status, passing bool) Verdict {
	switch {
	case status == exitstatus.OK:
		return Up
	case passing:
		return Unclear
	default:
		return Down
	}
}

// End is how a run ended.
type End struct {
	Verdict Verdict
	// Summary is one line, Report the whole report.
	Summary, Report string
	Took            time.Duration
}

// Run is one run that is reported to a service.
type Run struct {
	monitor Monitor
	id      string
	stop    context.CancelFunc
	begun   chan struct{}
}

// startTime is how long the request for the beginning of a run may still take once the run has ended.
const startTime = 5 * time.Second

// Begin sends the request for the beginning in the background, if the service has one. The caller must call End.
func (m Monitor) Begin() *Run {
	ctx, stop := context.WithCancel(context.Background())
	r := &Run{monitor: m, id: newID(), stop: stop, begun: make(chan struct{})}
	go func() {
		defer close(r.begun)
		if m.Style == Healthchecks {
			// If the service cannot be reached, End finds that out as well.
			_ = m.send(ctx, func(u *url.URL) *http.Request { return r.ping(u, "start", "") })
		}
	}()
	return r
}

// End sends the request for the end, after the one for the beginning. The error says why that failed.
func (r *Run) End(ctx context.Context, e End) error {
	defer r.stop()
	late := time.AfterFunc(startTime, r.stop)
	defer late.Stop()
	select {
	case <-r.begun:
	case <-ctx.Done():
		r.stop()
		<-r.begun
		return context.Cause(ctx)
	}
	if r.monitor.Style == Push {
		return r.monitor.send(ctx, func(u *url.URL) *http.Request { return push(u, e) })
	}
	return r.monitor.send(ctx, func(u *url.URL) *http.Request {
		return r.ping(u, map[Verdict]string{Down: "fail", Unclear: "log", Up: ""}[e.Verdict], e.Report)
	})
}

// mostReport is what healthchecks.io shows of a report without having it fetched.
const mostReport = 10_000

// ping is a request of healthchecks.io's.
func (r *Run) ping(u *url.URL, what, report string) *http.Request {
	if what != "" {
		u = u.JoinPath(what)
	}
	q := u.Query()
	q.Set("rid", r.id)
	u.RawQuery = q.Encode()
	if len(report) > mostReport {
		report = strings.ToValidUTF8(report[:mostReport], "")
	}
	request, _ := http.NewRequest(http.MethodPost, "", strings.NewReader(report))
	request.URL = u
	request.Header.Set("Content-Type", "text/plain; charset=utf-8")
	return request
}

// push is a request of Uptime Kuma's. The parameters that it shows in its URL are examples.
func push(u *url.URL, e End) *http.Request {
	status := "up"
	if e.Verdict == Down {
		status = "down"
	}
	q := u.Query()
	q.Set("status", status)
	q.Set("msg", e.Summary)
	q.Set("ping", fmt.Sprint(e.Took.Milliseconds()))
	u.RawQuery = q.Encode()
	request, _ := http.NewRequest(http.MethodGet, "", nil)
	request.URL = u
	return request
}

// newID is a random UUID.
func newID() string {
	var b [16]byte
	_, _ = rand.Read(b[:])
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
