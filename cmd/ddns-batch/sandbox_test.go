package main

import (
	"bufio"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ddns-batch/internal/provider/namecheap/sandbox"
)

// TestSandboxCommandSaysWhatItHeard plays another program against the sandbox command, and interrupts it.
func TestSandboxCommandSaysWhatItHeard(t *testing.T) {
	endpoint, interrupt := serveSandbox(t, "records: [{hosts: [www, git], domain: example.com, password_env: EXAMPLE_COM_DDNS_PASSWORD}]\n")
	for _, request := range []string{
		"host=www&domain=example.com&password=" + sandbox.PasswordFor("example.com") + "&ip=203.0.113.9",
		"host=WWW&domain=example.com&password=" + url.QueryEscape(canary("example.com")) + "&ip=203.0.113.9",
	} {
		get(t, endpoint+"?"+request)
	}
	get(t, strings.TrimSuffix(endpoint, "update")+"getip")

	const want = "heard     2 updates, 1 accepted; 1 question about the address; 3 connections, 0 TLS handshakes\n" +
		`odd       host "WWW" is not in lower case, 1 time` + "\n"
	if got := interrupt(); got != want {
		t.Errorf("the sandbox said\n%s", got)
	}
}

// serveSandbox runs the sandbox command. It returns the endpoint, and what interrupts the command and returns what it
// said from then on.
func serveSandbox(t *testing.T, hosts string) (endpoint string, interrupt func() string) {
	file := filepath.Join(t.TempDir(), "hosts.yaml")
	if err := os.WriteFile(file, []byte(hosts), 0o600); err != nil {
		t.Fatal(err)
	}
	signals, status := make(chan os.Signal, 1), make(chan int, 1)
	said, stdout := io.Pipe()
	go func() {
		status <- inside{args: []string{"sandbox", "--config", file}, signals: signals, stdout: stdout}.run().status
		_ = stdout.Close()
	}()
	lines := bufio.NewReader(said)
	for line := ""; line != "serving until interrupted\n"; {
		var err error
		if line, err = lines.ReadString('\n'); err != nil {
			t.Fatalf("the sandbox ended: %v", err)
		}
		if word := strings.Fields(line); word[0] == "endpoint" {
			endpoint = word[1]
		}
	}
	return endpoint, func() string {
		signals <- os.Interrupt
		rest, err := io.ReadAll(lines)
		if s := <-status; s != statusOK || err != nil {
			t.Errorf("status %d, %v", s, err)
		}
		return string(rest)
	}
}

// get sends one request over a connection of its own.
func get(t *testing.T, url string) {
	t.Helper()
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, response.Body)
	_ = response.Body.Close()
}
