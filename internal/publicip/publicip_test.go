package publicip

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"ddns-batch/internal/roots"
)

const (
	one   = "one.example.com"
	two   = "two.example.net"
	three = "three.example.org"
)

var home = netip.MustParseAddr("203.0.113.7")

// wantKind returns the error if it is of that kind, and checks what all of them promise.
func wantKind(t *testing.T, err error, kind Kind) *Error {
	t.Helper()
	e, ok := errors.AsType[*Error](err)
	if !ok || e.Kind != kind {
		t.Fatalf("error %v, want one of kind %q", err, kind)
	}
	for _, line := range []string{e.Error(), e.Hint()} {
		if strings.ContainsAny(line, "\n\x1b") || strings.HasSuffix(line, ".") {
			t.Errorf("not a plain line without a full stop: %q", line)
		}
	}
	if e.Hint() == "" && kind != Interrupted {
		t.Error("no hint")
	}
	return e
}

func TestTwoSourcesThatAgreeAreEnough(t *testing.T) {
	w := newInternet(t)
	w.site(one, says("203.0.113.7"))
	w.site(two, says("203.0.113.7\n"))
	third := w.site(three, says("203.0.113.7"))
	q := w.query(one, two, three)
	q.Agree = 2

	finding, err := Find(t.Context(), q)
	must(t, err)
	if finding.Address != home {
		t.Errorf("address %v", finding.Address)
	}
	if len(finding.Answers) != 2 || finding.Answers[0].Name != one || finding.Answers[1].Name != two {
		t.Errorf("answers %+v", finding.Answers)
	}
	for _, a := range finding.Answers {
		if a.Address != home || a.Problem != "" || a.Took <= 0 || a.Cut {
			t.Errorf("answer %+v", a)
		}
	}
	if len(third.requests()) != 0 {
		t.Error("the third source was asked")
	}
}

func TestTheRequestIsPlainAndHonest(t *testing.T) {
	w := newInternet(t)
	site := w.site(one, says("203.0.113.7"))
	_, err := Find(t.Context(), w.query(one))
	must(t, err)

	heard := site.requests()
	if len(heard) != 1 {
		t.Fatalf("%d requests", len(heard))
	}
	r := heard[0]
	if r.Method != "GET" || r.Proto != "HTTP/1.1" || r.Host != one || r.RequestURI != "/" {
		t.Errorf("heard %s %s %s for %s", r.Method, r.RequestURI, r.Proto, r.Host)
	}
	for name, want := range map[string]string{
		"User-Agent": "ddns-batch/test", "Accept": "text/plain", "Accept-Encoding": "", "Cookie": "", "Authorization": "",
	} {
		if got := r.Header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if !r.Close {
		t.Error("the connection is to be kept")
	}
	if r.TLS.Version < tls.VersionTLS12 {
		t.Errorf("TLS version %x", r.TLS.Version)
	}
}

func TestOnlyIPv4IsDialedAndNeverAProxy(t *testing.T) {
	w := newInternet(t)
	w.site(one, says("203.0.113.7"))
	w.route("two.example.net:80", w.serve(says("203.0.113.7"), nil))
	proxy := w.serve(says("203.0.113.7"), nil)
	w.route(proxyName, proxy)
	q := w.query(one)
	q.Sources = append(q.Sources, "http://two.example.net/plain")

	_, err := Find(t.Context(), q)
	must(t, err)
	slices.Sort(w.dialed)
	if want := []string{"tcp4 one.example.com:443", "tcp4 two.example.net:80"}; !slices.Equal(w.dialed, want) {
		t.Errorf("dialed %q, want %q", w.dialed, want)
	}
	if len(proxy.requests()) != 0 {
		t.Error("the proxy was spoken to")
	}
}

func TestTheSystemDialsIPv4Only(t *testing.T) {
	w := newInternet(t)
	certificate := w.certificate("127.0.0.1", 0)
	site := w.serve(says("203.0.113.7"), &certificate)
	q := Query{Sources: []string{site.URL}, Documentation: true, Authorities: roots.Only(w.authority.Pool())}
	finding, err := Find(t.Context(), q)
	must(t, err)
	if name := finding.Answers[0].Name; name != site.Listener.Addr().String() {
		t.Errorf("name %q", name)
	}
	if agent := site.requests()[0].UserAgent(); agent != "ddns-batch" {
		t.Errorf("agent %q", agent)
	}

	_, port, err := net.SplitHostPort(site.Listener.Addr().String())
	must(t, err)
	q.Sources = []string{"https://[::1]:" + port}
	_, err = Find(t.Context(), q)
	wantKind(t, err, Offline)
}

func TestNoRedirectIsFollowed(t *testing.T) {
	for _, status := range []int{301, 302, 303, 307, 308} {
		w := newInternet(t)
		w.site(one, func(rw http.ResponseWriter, r *http.Request) {
			http.Redirect(rw, r, "https://"+two+"/", status)
		})
		other := w.site(two, says("203.0.113.7"))
		finding, err := Find(t.Context(), w.query(one))
		wantKind(t, err, TooFew)
		if p := finding.Answers[0].Problem; !strings.HasPrefix(p, fmt.Sprint(status)) || !strings.HasSuffix(p, "a redirect, not followed") {
			t.Errorf("problem %q", p)
		}
		if len(other.requests()) != 0 || len(w.dialed) != 1 {
			t.Errorf("status %d: the other host was dialed", status)
		}
	}
}

func TestAHostNameCountsOnce(t *testing.T) {
	w := newInternet(t)
	site := w.site(one, says("203.0.113.7"))
	w.route(one+":8443", site)
	q := w.query(one)
	q.Sources = append(q.Sources, "https://"+one+"/again", "https://ONE.example.com", "https://one.example.com.", "https://one.example.com:8443")
	q.Agree = 2
	finding, err := Find(t.Context(), q)
	e := wantKind(t, err, TooFew)
	if e.Error() != "only one source was asked; 2 must agree" || len(finding.Answers) != 1 {
		t.Errorf("%v, %+v", e, finding.Answers)
	}
	if n := len(site.requests()); n != 1 {
		t.Errorf("%d requests", n)
	}
}

func TestOfflineHasItsOwnMessage(t *testing.T) {
	t.Run("no name resolves", func(t *testing.T) {
		w := newInternet(t)
		finding, err := Find(t.Context(), w.query(one, two, three))
		e := wantKind(t, err, Offline)
		if !strings.Contains(e.Error(), "cannot reach any of the 3 address sources; is the connection up?") || !strings.Contains(e.Hint(), "DNS") {
			t.Errorf("%v; hint %q", e, e.Hint())
		}
		for _, a := range finding.Answers {
			if a.Problem != "the name cannot be resolved: no such host" {
				t.Errorf("problem %q", a.Problem)
			}
		}
	})
	t.Run("no connection is had", func(t *testing.T) {
		w := newInternet(t)
		closed, err := net.Listen("tcp4", "127.0.0.1:0")
		must(t, err)
		w.routes[one+":443"] = closed.Addr().String()
		must(t, closed.Close())
		finding, err := Find(t.Context(), w.query(one))
		e := wantKind(t, err, Offline)
		if !strings.Contains(e.Error(), "cannot reach the address source; is the connection up?") || strings.Contains(e.Hint(), "DNS") {
			t.Errorf("%v; hint %q", e, e.Hint())
		}
		if p := finding.Answers[0].Problem; !strings.HasPrefix(p, "cannot connect: ") || strings.Contains(p, "127.0.0.1") {
			t.Errorf("problem %q", p)
		}
	})
	t.Run("one source answers badly", func(t *testing.T) {
		w := newInternet(t)
		w.site(two, says("busy"))
		_, err := Find(t.Context(), w.query(one, two))
		wantKind(t, err, TooFew)
	})
}

func TestSpareSourcesReplaceBadOnes(t *testing.T) {
	w := newInternet(t)
	w.site(two, says("198.51.100.20"))
	w.site(three, says("203.0.113.7"))
	w.site("four.example.com", says("203.0.113.7"))
	q := w.query(one, two, three, "four.example.com")
	q.Agree = 2
	finding, err := Find(t.Context(), q)
	must(t, err)
	if finding.Address != home || len(finding.Answers) != 4 {
		t.Errorf("%+v", finding)
	}
}

func TestDisagreementNamesBothAddresses(t *testing.T) {
	w := newInternet(t)
	w.site(one, says("203.0.113.7"))
	w.site(two, says("198.51.100.20"))
	q := w.query(one, two, three)
	q.Agree = 2
	finding, err := Find(t.Context(), q)
	if e := wantKind(t, err, Disagreement); e.Error() != "no two sources agree on the address" {
		t.Errorf("error %q", e)
	}
	if finding.Address.IsValid() {
		t.Errorf("address %v", finding.Address)
	}
	got := fmt.Sprintf("%v, %v, %s", finding.Answers[0].Address, finding.Answers[1].Address, finding.Answers[2].Problem)
	if got != "203.0.113.7, 198.51.100.20, the name cannot be resolved: no such host" {
		t.Errorf("answers %s", got)
	}
}

func TestARefusedAddressIsTheReason(t *testing.T) {
	w := newInternet(t)
	w.site(one, says("100.64.1.2"))
	w.site(two, says("100.64.1.2"))
	q := w.query(one, two)
	finding, err := Find(t.Context(), q)
	e := wantKind(t, err, Refused)
	if e.Address.String() != "100.64.1.2" || !strings.Contains(e.Error(), "carrier's NAT") {
		t.Errorf("%v about %v", e, e.Address)
	}
	for _, a := range finding.Answers {
		if a.Address.IsValid() || a.Problem != e.Error() {
			t.Errorf("answer %+v", a)
		}
	}

	q.Allow = []netip.Prefix{netip.MustParsePrefix("100.64.0.0/10")}
	finding, err = Find(t.Context(), q)
	must(t, err)
	if finding.Address.String() != "100.64.1.2" {
		t.Errorf("address %v", finding.Address)
	}
}

func TestDocumentationAddressesAreForTheSandboxOnly(t *testing.T) {
	w := newInternet(t)
	w.site(one, says("203.0.113.7"))
	q := w.query(one)
	q.Documentation = false
	_, err := Find(t.Context(), q)
	wantKind(t, err, Refused)
}

func TestSourcesThatCannotBeAsked(t *testing.T) {
	const canary = "c4n4ry-t0ken"
	for name, sources := range map[string][]string{
		"none at all":       nil,
		"another scheme":    {"https://" + one, "ftp://" + one + "/" + canary},
		"no scheme":         {one + "/" + canary},
		"no host":           {"https:///" + canary},
		"a port only":       {"https://:443/" + canary},
		"a control code":    {"https://" + one + "/\x01?" + canary},
		"an opaque address": {"https:" + canary},
	} {
		t.Run(name, func(t *testing.T) {
			w := newInternet(t)
			w.site(one, says("203.0.113.7"))
			q := w.query()
			q.Sources = sources
			finding, err := Find(t.Context(), q)
			if _, ok := errors.AsType[*Error](err); err == nil || ok {
				t.Errorf("error %v", err)
			}
			if strings.Contains(fmt.Sprint(err), canary) {
				t.Errorf("the URL is shown: %v", err)
			}
			if len(finding.Answers) != 0 || len(w.dialed) != 0 {
				t.Errorf("asked: %v %q", finding, w.dialed)
			}
		})
	}
}

// A source's URL may hold a token, and a server may send back what it was asked.
func TestNothingOfAURLButItsHostIsShown(t *testing.T) {
	const canary = "c4n4ry-t0ken"
	echo := func(rw http.ResponseWriter, r *http.Request) {
		user, password, _ := r.BasicAuth()
		fmt.Fprintln(rw, "unknown:", r.URL.String(), user, password)
	}
	redirect := func(rw http.ResponseWriter, r *http.Request) {
		rw.Header().Set("Location", "http://%zz/"+r.URL.RawQuery)
		rw.WriteHeader(302)
	}
	hangUp := func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }
	for name, handler := range map[string]http.HandlerFunc{"echo": echo, "redirect": redirect, "hang up": hangUp, "none": nil} {
		for _, source := range []string{"https://one.example.com/ip?token=" + canary, "https://me:" + canary + "@one.example.com/", "https://one.example.com/" + canary + "/ip"} {
			w := newInternet(t)
			if handler != nil {
				site := w.site(one, handler)
				defer func() {
					if heard := site.requests(); len(heard) != 1 {
						t.Errorf("%s: %d requests", name, len(heard))
					} else if _, password, _ := heard[0].BasicAuth(); password != canary && heard[0].FormValue("token") != canary && !strings.Contains(heard[0].URL.Path, canary) {
						t.Errorf("%s: the token was not sent", name)
					}
				}()
			}
			q := w.query()
			q.Sources = []string{source}
			finding, err := Find(t.Context(), q)
			e, ok := errors.AsType[*Error](err)
			if !ok {
				t.Fatalf("%s: %v", name, err)
			}
			if shown := fmt.Sprintf("%+v %+v %s", finding, e, e.Hint()); strings.Contains(shown, canary) {
				t.Errorf("%s: the token is shown: %s", name, shown)
			}
		}
	}
}

func TestTheCallerMayInterrupt(t *testing.T) {
	w := newInternet(t)
	ctx, cancel := context.WithCancel(t.Context())
	w.site(one, func(_ http.ResponseWriter, r *http.Request) {
		cancel()
		<-r.Context().Done()
	})
	finding, err := Find(ctx, w.query(one))
	wantKind(t, err, Interrupted)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	if a := finding.Answers[0]; !a.Cut || a.Problem != "canceled" {
		t.Errorf("answer %+v", a)
	}
	finding, err = Find(ctx, w.query(one))
	wantKind(t, err, Interrupted)
	if len(finding.Answers) != 0 {
		t.Errorf("asked although it was over: %+v", finding)
	}
}
