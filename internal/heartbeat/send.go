package heartbeat

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"ddns-batch/internal/humanize"
)

var errNotURL = errors.New("the URL is not an http or https URL with a host name")

// Check reports what is wrong with a URL, without quoting any of it.
func (m Monitor) Check() error {
	_, err := m.url()
	return err
}

func (m Monitor) url() (*url.URL, error) {
	u, err := url.Parse(m.URL.Reveal())
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" {
		return nil, errNotURL
	}
	return u, nil
}

const (
	// attemptTime is for one attempt.
	attemptTime = 10 * time.Second
	// mostAnswer is more than any service says.
	mostAnswer = 4 << 10
)

// send makes the request that make returns, and repeats it once after a temporary failure.
func (m Monitor) send(ctx context.Context, make func(*url.URL) *http.Request) error {
	u, err := m.url()
	if err != nil {
		return err
	}
	transport := m.transport()
	defer transport.CloseIdleConnections()
	for range 2 {
		own := *u
		var again bool
		if again, err = m.attempt(ctx, transport, make(&own)); err == nil || !again {
			break
		}
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

// transport follows no redirect, which would show the URL to somebody else.
func (m Monitor) transport() *http.Transport {
	return &http.Transport{
		Proxy: http.ProxyFromEnvironment, OnProxyConnectResponse: humanize.CheckProxy, DialContext: m.Dial,
		TLSClientConfig:        &tls.Config{RootCAs: m.Authorities.All(), MinVersion: tls.VersionTLS12},
		DisableKeepAlives:      true,
		MaxResponseHeaderBytes: 64 << 10,
	}
}

// fault says what happened. Whatever else net/http says quotes the URL or the server.
func fault(err error, took time.Duration) error {
	if words, ok := humanize.NetworkFault(err, took); ok {
		return errors.New(words)
	}
	if words, ok := humanize.ConnectFault(err); ok {
		return errors.New(words)
	}
	return errors.New("no readable answer")
}

// attempt reports whether another one may succeed.
func (m Monitor) attempt(ctx context.Context, transport *http.Transport, request *http.Request) (again bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, attemptTime)
	defer cancel()
	request.Header.Set("User-Agent", m.UserAgent)
	if user := request.URL.User; user != nil {
		password, _ := user.Password()
		request.SetBasicAuth(user.Username(), password)
	}
	began := time.Now()
	response, err := transport.RoundTrip(request.WithContext(ctx))
	if err != nil {
		return true, fault(err, time.Since(began))
	}
	defer response.Body.Close()
	body, _ := io.ReadAll(io.LimitReader(response.Body, mostAnswer))
	status := response.StatusCode
	switch words := humanize.HTTPStatus(status); {
	case status >= 300 && status < 400:
		return false, errors.New(words + ", a redirect, not followed")
	case status < 200 || status >= 300:
		return status >= 500 || status == http.StatusTooManyRequests, errors.New(words)
	}
	// That is how healthchecks.io says that it did not take what it answers with 200.
	for _, refusal := range []string{"not found", "rate limited"} {
		if strings.Contains(string(body), "("+refusal+")") {
			return false, errors.New("the service says: " + refusal)
		}
	}
	return false, nil
}
