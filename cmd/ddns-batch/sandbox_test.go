package main

import (
	"bufio"
	"crypto/x509"
	"encoding/pem"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"ddns-batch/internal/provider/namecheap/sandbox"
)

// TestSandboxCommandSaysWhatItHeard plays another program against the sandbox command, and interrupts it.
func TestSandboxCommandSaysWhatItHeard(t *testing.T) {
	said, interrupt := serveSandbox(t, "records: [{hosts: [www, git], domain: example.com, password_env: EXAMPLE_COM_DDNS_PASSWORD}]\n")
	endpoint := strings.Fields(said)[1]
	for _, request := range []string{
		"host=www&domain=example.com&password=" + sandbox.PasswordFor("example.com") + "&ip=203.0.113.9",
		"host=WWW&domain=example.com&password=" + url.QueryEscape(canary("example.com")) + "&ip=203.0.113.9",
	} {
		get(t, endpoint+"?"+request)
	}
	get(t, strings.TrimSuffix(endpoint, "update")+"getip")

	const want = "received  2 updates, 1 accepted; 1 request for the address; 3 connections, 0 TLS handshakes\n" +
		`problem   host "WWW" is not in lower case, 1 time` + "\n"
	if got := interrupt(); got != want {
		t.Errorf("the sandbox said\n%s", got)
	}
}

// serveSandbox runs the sandbox command. It returns what the command says first, and what interrupts it and returns what it
// said from then on.
func serveSandbox(t *testing.T, hosts string, flags ...string) (announced string, interrupt func() string) {
	file := filepath.Join(t.TempDir(), "hosts.yaml")
	if err := os.WriteFile(file, []byte(hosts), 0o600); err != nil {
		t.Fatal(err)
	}
	signals, status := make(chan os.Signal, 1), make(chan int, 1)
	said, stdout := io.Pipe()
	go func() {
		status <- inside{args: append([]string{"sandbox", "--config", file}, flags...), signals: signals, stdout: stdout}.run().status
		_ = stdout.Close()
	}()
	lines := bufio.NewReader(said)
	for line := ""; line != "serving until interrupted\n"; announced += line {
		var err error
		if line, err = lines.ReadString('\n'); err != nil {
			t.Fatalf("the sandbox ended: %v", err)
		}
	}
	return announced, func() string {
		signals <- os.Interrupt
		rest, err := io.ReadAll(lines)
		if s := <-status; s != statusOK || err != nil {
			t.Errorf("status %d, %v", s, err)
		}
		return string(rest)
	}
}

// TestWhatTheSandboxPrintsCanBePasted pastes the configuration that the sandbox command prints, and the lines for a shell
// behind it, and runs what they say.
func TestWhatTheSandboxPrintsCanBePasted(t *testing.T) {
	folder := t.TempDir()
	certificate, key := filepath.Join(folder, "cert.pem"), filepath.Join(folder, "key.pem")
	pair := authority().Config("localhost").Certificates[0]
	private := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: mustValue(x509.MarshalPKCS8PrivateKey(pair.PrivateKey))})
	for file, content := range map[string][]byte{certificate: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: pair.Certificate[0]}), key: private} {
		if err := os.WriteFile(file, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	const hosts = `records:
  - {hosts: ["@", "*", www], domain: example.com, password_env: EXAMPLE_COM_DDNS_PASSWORD}
  - {hosts: ["*.dev", größe], domain: bücher.example, password_env: EXAMPLE_COM_DDNS_PASSWORD}
`
	for title, flags := range map[string][]string{
		"plain http":                nil,
		"https":                     {"--tls-cert", certificate, "--tls-key", key},
		"an address of one's own":   {"--sandbox-ip", "198.51.100.9"},
		"one that only allow names": {"--sandbox-ip", "10.1.2.3"},
		"one that anybody may have": {"--sandbox-ip", "9.9.9.9"},
	} {
		t.Run(title, func(t *testing.T) {
			said, interrupt := serveSandbox(t, hosts, flags...)
			dir := t.TempDir()
			_, yaml, _ := strings.Cut(said, "# sandbox.yaml")
			yaml, rest, _ := strings.Cut(yaml, "\n\n")
			if err := os.WriteFile(filepath.Join(dir, "sandbox.yaml"), []byte("# sandbox.yaml"+yaml+"\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			cmd := exec.Command("ddns-batch")
			cmd.Dir, cmd.Env = dir, []string{"HOME=" + dir, "PATH=" + os.Getenv("PATH")}
			for line := range strings.Lines(rest) {
				if set, ok := strings.CutPrefix(line, "export "); ok {
					cmd.Env = append(cmd.Env, strings.TrimSpace(set))
				}
				if arguments, ok := strings.CutPrefix(line, "ddns-batch "); ok {
					cmd.Args = append(cmd.Args, strings.Fields(arguments)...)
				}
			}
			cmd.Args = append(cmd.Args, "--wait", "1m")
			out, err := cmd.CombinedOutput()
			if err != nil || !strings.Contains(string(out), "5 records: 5 updated") || !strings.Contains(string(out), "name servers of example.com that confirmed it: 127.0.0.1:") {
				t.Errorf("%v\n%s\nof\n%s", err, out, said)
			}
			if _, err := os.Stat(filepath.Join(dir, "sandbox-state.json")); err != nil {
				t.Errorf("its state is elsewhere: %v", err)
			}
			if heard := interrupt(); !strings.HasPrefix(heard, "received  5 updates, 5 accepted; ") || strings.Contains(heard, "problem ") {
				t.Errorf("the sandbox said\n%s", heard)
			}
		})
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
