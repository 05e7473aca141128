package notify

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"ddns-batch/internal/humanize"
)

// Most services of shoutrrr's send by http.DefaultTransport, and it takes no other. Some keep of an error nothing but its text, which
// holds the URL, and Telegram's drops it and claims that the message was sent. It is replaced before anything is under way.
func init() {
	transport := http.DefaultTransport.(*http.Transport)
	// Some services wait for ever.
	transport.ResponseHeaderTimeout = 30 * time.Second
	transport.OnProxyConnectResponse = humanize.CheckProxy
	http.DefaultTransport = watched{transport}
}

// watched is a transport that says what goes wrong in words which fault finds again.
type watched struct{ *http.Transport }

// telegram is the host of Telegram's API.
const telegram = "api.telegram.org"

func (w watched) RoundTrip(r *http.Request) (*http.Response, error) {
	began := time.Now()
	response, err := w.Transport.RoundTrip(r)
	if err != nil {
		err = worded{err, networkWords(err, time.Since(began))}
	} else if response.StatusCode >= http.StatusBadRequest {
		// A service that fails for a status quotes this.
		response.Status = worded{words: statusWords(response.StatusCode)}.Error()
	}
	if r.URL.Host == telegram {
		return telegramAnswer(response, err), nil
	}
	return response, err
}

// telegramAnswer is an answer to which shoutrrr's Telegram service does what it should: everything but JSON counts as success
// for it.
func telegramAnswer(response *http.Response, err error) *http.Response {
	if err == nil {
		defer response.Body.Close()
		var answer struct{ OK bool }
		body, readErr := io.ReadAll(io.LimitReader(response.Body, 1<<20))
		if readErr == nil && json.Unmarshal(body, &answer) == nil && answer.OK {
			response.Body = io.NopCloser(bytes.NewReader(body))
			return response
		}
		err = worded{words: statusWords(response.StatusCode)}
	}
	body, _ := json.Marshal(map[string]any{"ok": false, "description": err.Error()})
	return &http.Response{StatusCode: http.StatusBadGateway, Header: http.Header{}, Body: io.NopCloser(bytes.NewReader(body))}
}

// worded is an error whose text is words of this package between marks.
type worded struct {
	error
	words string
}

// mark is what nobody outside this process can write.
var mark = sync.OnceValue(rand.Text)

func (w worded) Error() string { return mark() + w.words + mark() }

func (w worded) Unwrap() error { return w.error }

// Timeout reports whether it is one: http.Client asks the error itself, not what that wraps.
func (w worded) Timeout() bool {
	timeout, ok := errors.AsType[net.Error](w.error)
	return ok && timeout.Timeout()
}

// wordsOf finds the words of a worded error in whatever was made of it.
func wordsOf(err error) (words string, ok bool) {
	_, rest, ok := strings.Cut(err.Error(), mark())
	words, _, closed := strings.Cut(rest, mark())
	return words, ok && closed
}

// networkWords are what the network says of an exchange that took so long.
func networkWords(err error, took time.Duration) string {
	if words, ok := reachWords(err, took); ok {
		return words
	}
	return "no readable answer"
}

// reachWords is why a service could not be reached, and whether that was it.
func reachWords(err error, took time.Duration) (words string, ok bool) {
	if words, ok = humanize.NetworkFault(err, took); ok {
		return words, true
	}
	return humanize.ConnectFault(err)
}

// statusWords are what a status means that is not the one of success.
func statusWords(status int) string {
	words := humanize.HTTPStatus(status)
	switch {
	case status < 300:
		return "something other than the service answers (a captive portal?)"
	case status < 500:
		return "the service rejected it: " + words
	default:
		return "the service failed: " + words
	}
}
