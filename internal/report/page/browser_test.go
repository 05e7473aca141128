package page

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/css"
	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
)

// startBrowser starts a Chromium without a window, and skips the test where there is none, unless one is required.
func startBrowser(t *testing.T) context.Context {
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
	home := t.TempDir()
	ctx, stop := context.WithTimeout(context.Background(), 3*time.Minute)
	ctx, stopAllocator := chromedp.NewExecAllocator(ctx, append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path),
		// Chromium's own sandbox needs rights that root and many containers lack; the pages are our own.
		chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-quic", true),
		// What the browser asks on its own account is refused. Pages have a proxy of their own.
		chromedp.ProxyServer("http://127.0.0.1:9"),
		chromedp.Env("HOME="+home, "XDG_CONFIG_HOME="+home, "XDG_CACHE_HOME="+home))...)
	ctx, stopBrowser := chromedp.NewContext(ctx, chromedp.WithErrorf(t.Logf))
	t.Cleanup(func() {
		stopBrowser()
		stopAllocator()
		stop()
	})
	must(t, chromedp.Do(ctx))
	return ctx
}

// profile is a part of the browser that shares nothing with the others. Its only network is a proxy that writes down what
// it is asked for, and has nothing.
type profile struct {
	ctx     context.Context
	mu      sync.Mutex
	proxied []string
}

func newProfile(t *testing.T, browser context.Context) *profile {
	t.Helper()
	p := &profile{}
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		p.proxied = append(p.proxied, r.Method+" "+r.RequestURI)
		p.mu.Unlock()
		w.WriteHeader(http.StatusBadGateway)
	}))
	t.Cleanup(proxy.Close)
	var end context.CancelFunc
	p.ctx, end = chromedp.NewContext(browser, chromedp.WithNewBrowserContext(func(params *target.CreateBrowserContextParams) {
		params.ProxyServer, params.ProxyBypassList = proxy.URL, "<-loopback>"
	}))
	t.Cleanup(end)
	must(t, chromedp.Do(p.ctx))
	return p
}

// asked is what the proxy was asked for.
func (p *profile) asked() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.proxied)
}

// tab is one page in a browser.
type tab struct {
	testing.TB
	*profile
	ctx   context.Context
	mu    sync.Mutex
	heard []any // events since the last open
}

// newTab opens a tab behind others, where a page is laid out, but not painted.
func newTab(t *testing.T, p *profile) *tab {
	t.Helper()
	b := &tab{TB: t, profile: p}
	ctx, closeTab := chromedp.NewContext(p.ctx, chromedp.WithNewWindow(false), chromedp.WithListener(func(event any) {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.heard = append(b.heard, event)
	}))
	t.Cleanup(closeTab)
	b.ctx = ctx
	// The library would fetch the whole tree of every page.
	send(b, css.Disable, cdp.Empty{})
	send(b, dom.Disable, cdp.Empty{})
	return b
}

// send sends one command of the DevTools protocol to a tab.
func send[P, R any](b *tab, command cdp.Command[P, R], params P) R {
	b.Helper()
	result, err := chromedp.Run(b.ctx, func(ctx context.Context, t *chromedp.Target) (R, error) {
		return cdp.Call(ctx, t, command, params)
	})
	must(b, err)
	return result
}

// evaluate returns the value of a JavaScript expression in the page. A promise is waited for.
func evaluate[T any](b *tab, expression string) T {
	b.Helper()
	value, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		b.Fatalf("%s: %v", expression, err)
	}
	return value
}

// open loads the file at path in a window of that width, and waits until all of it is there.
func (b *tab) open(path string, width int, scheme string) {
	b.Helper()
	b.resize(width)
	send(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
	})
	b.mu.Lock()
	b.heard = nil
	b.mu.Unlock()
	must(b, chromedp.Do(b.ctx, chromedp.Navigate("file://"+path)))
}

// resize gives the window another width, below 600 px that of a telephone.
func (b *tab) resize(width int) {
	b.Helper()
	send(b, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{
		Width: int64(width), Height: 900, DeviceScaleFactor: 1, Mobile: width < 600,
	})
}

// complaints are what the console shows, exceptions and violated policies included, and every request but that for the page.
func (b *tab) complaints() []string {
	b.Helper()
	// Events that come before this answer are heard before it.
	evaluate[int](b, "0")
	b.mu.Lock()
	defer b.mu.Unlock()
	var list []string
	for _, event := range b.heard {
		switch e := event.(type) {
		case *runtime.EventConsoleAPICalled, *runtime.EventExceptionThrown, *log.EventEntryAdded:
			text, err := json.Marshal(e)
			must(b, err)
			list = append(list, fmt.Sprintf("%T: %.900s", e, text))
		case *network.EventRequestWillBeSent:
			if e.Type != network.ResourceTypeDocument {
				list = append(list, "request: "+e.Request.URL)
			}
		}
	}
	return list
}

func (b *tab) complainsOf(about string) bool {
	return strings.Contains(strings.Join(b.complaints(), "\n"), about)
}

// quiet fails the test if the page said, or asked for, anything.
func (b *tab) quiet() {
	b.Helper()
	if c := b.complaints(); len(c) > 0 {
		b.Errorf("the page is not quiet:\n%s", strings.Join(c, "\n"))
	}
	if a := b.asked(); len(a) > 0 {
		b.Errorf("the network was asked for %q", a)
	}
}
