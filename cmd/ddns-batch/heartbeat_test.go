package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"ddns-batch/internal/provider/namecheap/sandbox"
	"ddns-batch/internal/record"
	"ddns-batch/internal/testnet"
)

// monitor is a service on loopback that writes down the requests it gets.
type monitor struct {
	*httptest.Server
	mu    sync.Mutex
	heard []string
	// status is what it answers with.
	status int
}

// startMonitor starts a service that runs of m can reach as host, though all else leads to the stand-in.
func (m *machine) startMonitor(host string) *monitor {
	t := &monitor{status: http.StatusOK}
	t.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		t.mu.Lock()
		defer t.mu.Unlock()
		t.heard = append(t.heard, fmt.Sprintf("%s %s %s", r.Method, r.URL.RequestURI(), body))
		w.WriteHeader(t.status)
		_, _ = io.WriteString(w, "{}")
	}))
	m.Cleanup(t.Close)
	m.dials[host] = t.Listener.Addr().String()
	return t
}

func (t *monitor) answer(status int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.status = status
}

var runID = regexp.MustCompile(`rid=[0-9a-f-]{36}`)

// since returns the requests since the last call.
func (t *monitor) since() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	heard := t.heard
	t.heard = nil
	for i := range heard {
		heard[i] = runID.ReplaceAllString(heard[i], "rid=ID")
	}
	return heard
}

// Every run tells that it takes place and how it ended, and the URL is seen by nobody else.
func TestHeartbeats(t *testing.T) {
	t.Parallel()
	m := newMachine(t, numbered("example.com", 2))
	service := m.startMonitor("hc.example.net")
	token := "cAnArY-heartbeat-0123"
	m.canaries = append(m.canaries, token)
	m.env["HEARTBEAT_URL"] = "http://hc.example.net/ping/" + token
	m.configure(map[string]string{"heartbeat": "{url_env: HEARTBEAT_URL}"})
	path := "/ping/" + token
	begins := "POST " + path + "/start?rid=ID "
	check := func(what string, e finished, status int, ends string, report ...string) {
		t.Helper()
		heard := service.since()
		if e.status != status || len(heard) != 2 || heard[0] != begins || !strings.HasPrefix(heard[1], "POST "+path+ends+"?rid=ID ") {
			t.Fatalf("%s: status %d, heard %q\n%s%s", what, e.status, heard, e.stdout, e.stderr)
		}
		for _, words := range report {
			if !strings.Contains(heard[1], words) {
				t.Errorf("%s: %q is not in %s", what, words, heard[1])
			}
		}
	}
	check("a good run", m.at("0s"), statusOK, "", "2 records: 2 updated, in ")
	git := record.Name{Host: "h1", Domain: "example.com"}
	m.server.SetFault(git, sandbox.NoRecord)
	m.server.SetAddress(awayAddress)
	check("a record fails", m.at("1m", "-q"), statusNotAsAsked, "/fail", "No Records updated", "2 records: 1 updated, 1 failed")
	m.server.ClearFault(git)
	check("it is mended", m.at("2m", "--retry"), statusOK, "")
	for i := range 3 {
		m.server.SetSource(i, sandbox.Source{Status: 502})
	}
	check("no address", m.at("3m"), statusNoAddress, "/log", "nothing was changed")
	check("no address for a while", m.at("17m", "-q"), statusNoAddress, "/log")
	check("no address for a quarter of an hour", m.at("18m", "-q"), statusNoAddress, "/fail")
	for i := range 3 {
		m.server.SetSource(i, sandbox.Source{})
	}
	check("an address again", m.at("19m", "-q"), statusOK, "")
	check("a flag that names nobody", m.at("20m", "--only", "nobody.example.com"), statusUsage, "/fail", "no record matches")

	for _, args := range [][]string{{"--dry-run"}, {"--sandbox"}, {"status"}, {"validate"}} {
		m.at("21m", args...)
		if heard := service.since(); heard != nil {
			t.Errorf("%q: heard %q", args, heard)
		}
	}

	// It is down: that is a warning, and in quiet runs news once.
	service.answer(http.StatusNotFound)
	if e := m.at("22m"); e.status != statusOK || e.stderr != "ddns-batch: warning: cannot send the heartbeat: 404 Not Found\n" {
		t.Errorf("status %d, %s", e.status, e.stderr)
	}
	for _, said := range []string{"nas: cannot send the heartbeat since", ""} {
		if e := m.at("23m", "-q"); e.status != statusOK || e.stderr != "" || !strings.HasPrefix(e.stdout, said) || (said == "") != (e.stdout == "") {
			t.Errorf("status %d, %q, %q", e.status, e.stdout, e.stderr)
		}
	}
	service.answer(http.StatusOK)
	if e := m.at("24m", "-q"); e.stdout != "nas: the heartbeat: working again\n" {
		t.Errorf("%q", e.stdout)
	}
	// It is not there.
	delete(m.env, "HEARTBEAT_URL")
	if e := m.at("25m"); e.status != statusOK || e.stderr != "ddns-batch: warning: cannot send the heartbeat: HEARTBEAT_URL is missing: not set\n" {
		t.Errorf("status %d, %s", e.status, e.stderr)
	}
	where := filepath.Join(m.dir, "hosts.yaml") + ":7:22: the heartbeat: HEARTBEAT_URL"
	if e := m.at("26m", "validate"); !strings.Contains(e.stdout, where+" is missing: not set") {
		t.Errorf("%s", e.stdout)
	}
	m.env["HEARTBEAT_URL"] = token
	if e := m.at("27m", "validate"); !strings.Contains(e.stdout, where+": the URL is not an http or https URL with a host name") {
		t.Errorf("%s", e.stdout)
	}
}

// Uptime Kuma is told in its own manner, by a URL from a file.
func TestHeartbeatsOfUptimeKuma(t *testing.T) {
	t.Parallel()
	m := newMachine(t, numbered("example.com", 2))
	service := m.startMonitor("kuma.example.net")
	token := "cAnArY-push-0123"
	m.canaries = append(m.canaries, token)
	m.hide("heartbeat-url", "http://kuma.example.net/api/push/"+token+"?status=up&msg=OK&ping=\n")
	m.configure(map[string]string{"heartbeat": "{url_file: heartbeat-url, style: push}"})
	took := regexp.MustCompile(`ping=\d+`)
	for _, c := range []struct {
		arrange func()
		status  int
		want    string
	}{
		{func() {}, statusOK, "msg=2+up+to+date&ping=MS&status=up"},
		{func() {
			m.server.SetAddress(awayAddress)
			m.server.SetFault(record.Name{Host: "h1", Domain: "example.com"}, sandbox.NoRecord)
		}, statusNotAsAsked, "msg=1+up+to+date%3B+1+not+up+to+date&ping=MS&status=down"},
	} {
		c.arrange()
		e := m.at("0s")
		heard := service.since()
		if e.status != c.status || len(heard) != 1 || took.ReplaceAllString(heard[0], "ping=MS") != "GET /api/push/"+token+"?"+c.want+" " {
			t.Errorf("status %d, heard %q\n%s%s", e.status, heard, e.stdout, e.stderr)
		}
	}
}

// Through a proxy, the service alone sees the URL. What it or the proxy does with it keeps no record from being updated.
func TestHeartbeatsThroughAProxy(t *testing.T) {
	t.Parallel()
	m := newMachine(t, numbered("example.com", 2))
	w, proxy := m.startWorld(map[string]string{"hc.example.net": "200 OK"})
	m.dials["proxy.example.net"] = proxy
	const token, password = "cAnArY-heartbeat-0123", "cAnArY-proxy"
	m.canaries = append(m.canaries, token, password)
	m.env["HTTPS_PROXY"], m.env["NO_PROXY"] = "http://me:"+password+"@proxy.example.net:3128", endpointHost
	m.env["HEARTBEAT_URL"] = "https://hc.example.net/ping/" + token
	m.configure(map[string]string{"heartbeat": "{url_env: HEARTBEAT_URL}"})
	path := "POST https://hc.example.net/ping/" + token
	e := m.run()
	heard := w.since()
	if e.status != statusOK || e.stderr != "" || len(heard) != 2 || !strings.HasPrefix(heard[0], path+"/start?rid=") || !strings.HasPrefix(heard[1], path+"?rid=") ||
		!strings.Contains(heard[1], "2 records: 2 updated, in ") {
		t.Errorf("status %d, heard %q\n%s%s", e.status, heard, e.stdout, e.stderr)
	}
	for _, c := range []struct{ name, answer, warning string }{
		{"it refuses", "403 " + token, "403 Forbidden"},
		{"it leads elsewhere", "302 " + token, "302 Found, a redirect, not followed"},
		{"the proxy does not reach it", "", "the proxy answered 502 Bad Gateway"},
	} {
		w.set("hc.example.net", c.answer)
		e := m.run("--force")
		if want := "ddns-batch: warning: cannot send the heartbeat: " + c.warning + "\n"; e.status != statusOK || e.stderr != want {
			t.Errorf("%s: status %d, %q, want %q", c.name, e.status, e.stderr, want)
		}
		m.published(homeAddress)
	}
	m.dials["proxy.example.net"] = testnet.Refusing(t)
	if e := m.run(); e.status != statusOK || e.stderr != "ddns-batch: warning: cannot send the heartbeat: cannot connect to the proxy: connection refused\n" {
		t.Errorf("no proxy: status %d, %q", e.status, e.stderr)
	}
}
