package publicip

import (
	"net"
	"strings"
	"testing"
)

func TestBoundToLoopback(t *testing.T) {
	w := newInternet(t)
	site := w.serve(says("203.0.113.7"), nil)
	finding, err := Find(t.Context(), Query{Sources: []string{site.URL}, Bind: "127.0.0.1", Documentation: true})
	must(t, err)
	if finding.Address != home || !finding.Answers[0].Egress.Local.IsLoopback() {
		t.Errorf("%+v", finding)
	}
}

func TestABindingThatFailsIsAnError(t *testing.T) {
	w := newInternet(t)
	site := w.serve(says("203.0.113.7"), nil)
	for _, bind := range []string{"192.0.2.99", "no-such-interface0"} {
		finding, err := Find(t.Context(), Query{Sources: []string{site.URL}, Bind: bind, Documentation: true})
		e := wantKind(t, err, BindUnusable)
		if !strings.Contains(e.Message, `ip.bind: "`+bind+`" cannot be used: `) || len(finding.Answers) != 0 {
			t.Errorf("%v, %+v", e, finding)
		}
	}
	if n := len(site.requests()); n != 0 {
		t.Errorf("%d requests", n)
	}
}

func TestConnectionsOfSomebodyElseCannotBeBound(t *testing.T) {
	w := newInternet(t)
	w.site(one, says("203.0.113.7"))
	q := w.query(one)
	q.Bind = "127.0.0.1"
	if finding, err := Find(t.Context(), q); err == nil || len(w.dialed) != 0 {
		t.Errorf("%+v, dialed %q", finding, w.dialed)
	}
}

func TestAnInterfaceThatMayNotBeChosen(t *testing.T) {
	e := bindUnusable("eth0", &net.OpError{Op: "listen", Err: errRefused})
	if e.Message != `ip.bind: "eth0" cannot be used: this user may not choose the network interface` || !strings.Contains(e.Hint(), "CAP_NET_RAW") {
		t.Errorf("%q, hint %q", e.Message, e.Hint())
	}
}
