//go:build !windows

package page

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// browser is a Chromium without a window, spoken to over a pair of pipes. It has no network but a proxy that writes down
// what it is asked, and answers nobody.
type browser struct {
	tb      testing.TB
	to      *os.File
	from    *bufio.Reader
	calls   int
	session string
	// heard is what came unasked since the last open.
	heard   []message
	mu      sync.Mutex
	proxied []string // first lines of what the proxy was asked
}

// message is one of the DevTools protocol.
type message struct {
	ID     int             `json:"id"`
	Method string          `json:"method"`
	Params json.RawMessage `json:"params"`
	Result json.RawMessage `json:"result"`
	Error  *struct {
		Message string `json:"message"`
	} `json:"error"`
}

// startBrowser skips the test where there is no Chromium, unless one is required.
func startBrowser(t *testing.T) *browser {
	t.Helper()
	path := ""
	for _, name := range []string{"google-chrome", "chromium-browser", "chromium"} {
		if found, err := exec.LookPath(name); err == nil {
			path = found
		}
	}
	if path == "" && os.Getenv("DDNS_BATCH_BROWSER") == "required" {
		t.Fatal("DDNS_BATCH_BROWSER=required, and there is no chromium, chromium-browser or google-chrome in PATH")
	}
	if path == "" {
		t.Skip("no chromium, chromium-browser or google-chrome in PATH: the page was not looked at in a browser")
	}

	b := &browser{tb: t}
	proxy := b.proxy()
	theirs, to, err := os.Pipe()
	must(t, err)
	from, theirsToo, err := os.Pipe()
	must(t, err)
	b.to, b.from = to, bufio.NewReaderSize(from, 1<<20)

	home := t.TempDir()
	ctx, stop := context.WithTimeout(context.Background(), 3*time.Minute)
	cmd := exec.CommandContext(ctx, path,
		// The sandbox cannot be had by root, nor in many containers; what is opened is our own.
		"--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars",
		"--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
		"--disable-quic", "--disable-extensions", "--disable-default-apps", "--disable-features=OptimizationHints",
		"--proxy-server=http://"+proxy, "--proxy-bypass-list=<-loopback>",
		"--user-data-dir="+home+"/profile", "--remote-debugging-pipe", "about:blank")
	cmd.Env = append(os.Environ(), "HOME="+home, "XDG_CONFIG_HOME="+home, "XDG_CACHE_HOME="+home, "TMPDIR="+home)
	cmd.ExtraFiles = []*os.File{theirs, theirsToo}
	// Its helpers are in its process group, and write to its folder as long as they live.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	must(t, cmd.Start())
	theirs.Close()
	theirsToo.Close()
	t.Cleanup(func() {
		stop()
		_ = cmd.Wait()
		to.Close()
		from.Close()
	})

	var target struct{ TargetID, SessionID string }
	b.call("Target.createTarget", map[string]any{"url": "about:blank"}, &target)
	b.call("Target.attachToTarget", map[string]any{"targetId": target.TargetID, "flatten": true}, &target)
	b.session = target.SessionID
	for _, domain := range []string{"Page", "Runtime", "Log", "Network"} {
		b.call(domain+".enable", nil, nil)
	}
	b.call("Page.setLifecycleEventsEnabled", map[string]any{"enabled": true}, nil)
	return b
}

// proxy returns the address of the proxy.
func (b *browser) proxy() string {
	b.tb.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(b.tb, err)
	var asked sync.WaitGroup
	asked.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			asked.Go(func() {
				defer c.Close()
				// A browser may open a connection in advance and say nothing.
				_ = c.SetReadDeadline(time.Now().Add(20 * time.Second))
				line, _ := bufio.NewReader(c).ReadString('\n')
				b.mu.Lock()
				b.proxied = append(b.proxied, strings.TrimSpace(line))
				b.mu.Unlock()
			})
		}
	})
	b.tb.Cleanup(func() {
		l.Close()
		asked.Wait()
	})
	return l.Addr().String()
}

// abroad is what the proxy was asked, but for what the browser's maker wants to know on its own account.
func (b *browser) abroad() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	var list []string
	for _, line := range b.proxied {
		own := false
		for _, domain := range []string{".google.com", ".googleapis.com", ".gvt1.com", ".gstatic.com"} {
			own = own || strings.Contains(line, domain+":") || strings.Contains(line, domain+"/")
		}
		if !own && line != "" {
			list = append(list, line)
		}
	}
	return list
}

// call asks for method and waits for its answer. What comes meanwhile is kept in heard.
func (b *browser) call(method string, params map[string]any, result any) {
	b.tb.Helper()
	b.calls++
	ask := map[string]any{"id": b.calls, "method": method}
	if params != nil {
		ask["params"] = params
	}
	if b.session != "" {
		ask["sessionId"] = b.session
	}
	data, err := json.Marshal(ask)
	must(b.tb, err)
	_, err = b.to.Write(append(data, 0))
	must(b.tb, err)
	for {
		m := b.next()
		if m.ID != b.calls {
			continue
		}
		if m.Error != nil {
			b.tb.Fatalf("%s: %s", method, m.Error.Message)
		}
		if result != nil {
			must(b.tb, json.Unmarshal(m.Result, result))
		}
		return
	}
}

func (b *browser) next() message {
	b.tb.Helper()
	data, err := b.from.ReadBytes(0)
	if err != nil {
		b.tb.Fatalf("the browser is gone: %v", err)
	}
	var m message
	must(b.tb, json.Unmarshal(data[:len(data)-1], &m))
	if m.Method != "" {
		b.heard = append(b.heard, m)
	}
	return m
}

// open loads the file at path in a window of that width, and waits until all of it is there.
func (b *browser) open(path string, width int, scheme string) {
	b.tb.Helper()
	b.call("Emulation.setDeviceMetricsOverride",
		map[string]any{"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600}, nil)
	b.call("Emulation.setEmulatedMedia",
		map[string]any{"features": []any{map[string]any{"name": "prefers-color-scheme", "value": scheme}}}, nil)
	b.heard = nil
	var page struct{ LoaderID, ErrorText string }
	b.call("Page.navigate", map[string]any{"url": "file://" + path}, &page)
	if page.ErrorText != "" {
		b.tb.Fatal(page.ErrorText)
	}
	for seen := 0; ; {
		for ; seen < len(b.heard); seen++ {
			var p struct{ LoaderID, Name string }
			if m := b.heard[seen]; m.Method == "Page.lifecycleEvent" {
				must(b.tb, json.Unmarshal(m.Params, &p))
			}
			if p.Name == "load" && p.LoaderID == page.LoaderID {
				return
			}
		}
		b.next()
	}
}

// forget drops what the proxy was asked so far.
func (b *browser) forget() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.proxied = nil
}

// complaints are what the console shows, exceptions and violated policies included, and what was asked for but the page.
func (b *browser) complaints() []string {
	b.tb.Helper()
	// What was said before this answer was heard before it.
	b.eval("0", nil)
	var list []string
	for _, m := range b.heard {
		switch m.Method {
		case "Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded":
			list = append(list, fmt.Sprintf("%s: %.900s", m.Method, m.Params))
		case "Network.requestWillBeSent":
			var p struct {
				Type    string
				Request struct{ URL string }
			}
			must(b.tb, json.Unmarshal(m.Params, &p))
			if p.Type != "Document" {
				list = append(list, "request: "+p.Request.URL)
			}
		}
	}
	return list
}

// eval is the value of a JavaScript expression in the page.
func (b *browser) eval(expression string, value any) {
	b.tb.Helper()
	var r struct {
		Result           struct{ Value json.RawMessage }
		ExceptionDetails json.RawMessage
	}
	b.call("Runtime.evaluate", map[string]any{"expression": expression, "returnByValue": true, "awaitPromise": true}, &r)
	if r.ExceptionDetails != nil {
		b.tb.Fatalf("%s: %s", expression, r.ExceptionDetails)
	}
	if value != nil {
		must(b.tb, json.Unmarshal(r.Result.Value, value))
	}
}
