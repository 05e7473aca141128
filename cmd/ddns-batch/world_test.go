package main

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"

	"ddns-batch/internal/testnet"
)

// world is what is behind a proxy: services by their hosts. It writes down what they hear.
type world struct {
	mu    sync.Mutex
	heard []string
	// answers is what each host answers, with its status before it; one without is not reached by the proxy.
	answers map[string]string
}

// startWorld starts it, and returns the address of the proxy.
func (m *machine) startWorld(answers map[string]string) (w *world, proxy string) {
	w = &world{answers: answers}
	return w, testnet.Listen(m, w.connect).Address
}

// connect is one connection to the proxy.
func (w *world) connect(conn net.Conn) {
	request, err := http.ReadRequest(bufio.NewReader(conn))
	if err != nil || request.Method != http.MethodConnect {
		w.hear(fmt.Sprintf("not CONNECT: %v", err))
		return
	}
	host, _, _ := net.SplitHostPort(request.Host)
	w.mu.Lock()
	answer, known := w.answers[host]
	w.mu.Unlock()
	if !known || answer == "" {
		_, _ = io.WriteString(conn, "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")
		return
	}
	_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\n\r\n")
	secure := tls.Server(conn, authority().Config(host))
	defer secure.Close()
	if request, err = http.ReadRequest(bufio.NewReader(secure)); err != nil {
		return // It does not trust the certificate.
	}
	body, _ := io.ReadAll(request.Body)
	w.hear(fmt.Sprintf("%s https://%s%s %s %s", request.Method, request.Host, request.URL.RequestURI(), request.Header.Get("Authorization"), body))
	status, said, _ := strings.Cut(answer, " ")
	_, _ = fmt.Fprintf(secure, "HTTP/1.1 %s X\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s", status, len(said), said)
}

func (w *world) hear(what string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.heard = append(w.heard, what)
}

// since returns what they heard since the last call.
func (w *world) since() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	heard := w.heard
	w.heard = nil
	return heard
}

// set changes what a host answers.
func (w *world) set(host, answer string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.answers[host] = answer
}
