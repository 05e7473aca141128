package publicip

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"ddns-batch/internal/testnet"
)

// insideVariable names the test that a process was started for in a network namespace of its own.
const insideVariable = "TEST_INSIDE_NAMESPACE"

// namespacesVariable is set to "required" on a machine on which these tests have to be possible.
const namespacesVariable = "DDNS_BATCH_NAMESPACES"

// lacking skips a test that is not possible here, unless it has to be by what this variable says.
func lacking(t *testing.T, variable, why string, err error) {
	t.Helper()
	if os.Getenv(variable) == "required" {
		t.Fatal(variable+"=required, but", why, err)
	}
	t.Skip(why, err)
}

// inNamespace runs the rest of a test in a second process, which is root of a network namespace of its own: it returns
// true there. Without iproute2, or where the system gives no namespace, the test is skipped.
func inNamespace(t *testing.T) bool {
	if os.Getenv(insideVariable) == t.Name() {
		ip(t, "link set lo up")
		return true
	}
	if _, err := exec.LookPath(testnet.IPProgram()); err != nil {
		lacking(t, namespacesVariable, "iproute2 is not installed:", err)
	}
	inside := insideNamespace(t)
	output, err := inside.CombinedOutput()
	if _, ran := errors.AsType[*exec.ExitError](err); err != nil && !ran {
		lacking(t, namespacesVariable, "the system gives no network namespace:", err)
	}
	if err != nil || !strings.Contains(string(output), "--- PASS: "+t.Name()) {
		t.Errorf("%v\n%s", err, output)
	}
	return false
}

// insideNamespace is a process that runs this test in a network namespace of its own. It has not been started yet.
func insideNamespace(t *testing.T) *exec.Cmd {
	inside := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
	// With the race detector every process takes a second to end unless it is told not to.
	inside.Env = append(os.Environ(), insideVariable+"="+t.Name(), "GORACE=atexit_sleep_ms=0")
	inside.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET}
	if os.Getuid() != 0 {
		inside.SysProcAttr.Cloneflags |= syscall.CLONE_NEWUSER
		inside.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}}
		inside.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}}
	}
	return inside
}

// ip runs one command of iproute2 in the namespace of the calling thread.
func ip(t *testing.T, line string) {
	t.Helper()
	testnet.IP(t, line)
}

// elsewhere is a further network namespace, at the other end of a line.
type elsewhere struct{ *testnet.Elsewhere }

func newElsewhere(t *testing.T, name, here, there string) *elsewhere {
	t.Helper()
	return &elsewhere{testnet.NewElsewhere(t, name, here, there)}
}

// internet is a server elsewhere, at an address of the internet, that says this.
func (e *elsewhere) internet(t *testing.T, address string, handler http.HandlerFunc) {
	var listener net.Listener
	var err error
	e.Run(func() {
		ip(t, "addr add "+address+"/32 dev lo")
		listener, err = net.Listen("tcp4", address+":80")
	})
	must(t, err)
	server := httptest.NewUnstartedServer(handler)
	_ = server.Listener.Close()
	server.Listener = listener
	server.Start()
	t.Cleanup(server.Close)
}

// box is a router elsewhere.
func (e *elsewhere) box(t *testing.T, at string) *box {
	return &box{t: t, at: netip.MustParseAddr(at), open: e.Run}
}

const server = "http://192.0.2.80"

func TestLookUpsLeaveByTheInterfaceThatIsNamed(t *testing.T) {
	if !inNamespace(t) {
		return
	}
	var askedFrom string
	line := func(name, here, there, says string) *elsewhere {
		e := newElsewhere(t, name, here, there)
		e.internet(t, "192.0.2.80", func(w http.ResponseWriter, r *http.Request) {
			askedFrom, _, _ = net.SplitHostPort(r.RemoteAddr)
			fmt.Fprintln(w, says)
		})
		return e
	}
	first := line("wan1", "10.0.1.2/24", "10.0.1.1/24", "203.0.113.7")
	line("wan2", "10.0.2.2/24", "10.0.2.1/24", "198.51.100.20")
	ip(t, "route add default via 10.0.1.1 dev wan1 metric 100")
	ip(t, "route add default via 10.0.2.1 dev wan2 metric 200")
	first.Run(func() { ip(t, "route add 10.0.2.2 via 10.0.1.2") })
	// An interface without a line, and one that is switched off.
	ip(t, "link add idle type veth peer name idle-peer")
	ip(t, "link set idle up")
	ip(t, "link add off type veth peer name off-peer")
	ip(t, "addr add 10.0.9.2/24 dev off")

	for _, c := range []struct{ name, bind, address, from, by string }{
		{"nothing is bound", "", "203.0.113.7", "10.0.1.2", "wan1"},
		{"the default interface", "wan1", "203.0.113.7", "10.0.1.2", "wan1"},
		{"the other interface", "wan2", "198.51.100.20", "10.0.2.2", "wan2"},
		// The routes know nothing of sources: this leaves by the first interface.
		{"the other source address", "10.0.2.2", "203.0.113.7", "10.0.2.2", "wan1"},
	} {
		q := Query{Sources: []string{server}, Bind: c.bind, Documentation: true}
		finding, err := Find(t.Context(), q)
		if err != nil {
			t.Errorf("%s: %v %+v", c.name, err, finding)
			continue
		}
		if finding.Address.String() != c.address || askedFrom != c.from || finding.Answers[0].Egress.Interface != c.by {
			t.Errorf("%s: %+v, asked from %s", c.name, finding, askedFrom)
		}
	}
	for name, want := range map[string]string{
		"wan3":       "there is no network interface of this name now",
		"idle":       "the network interface has no IPv4 address",
		"off":        "the network interface is down",
		"10.0.3.2":   "cannot assign requested address",
		"a/b":        "neither the name of a network interface",
		"2001:db8::": "not the IPv4 address of an interface",
	} {
		finding, err := Find(t.Context(), Query{Sources: []string{server, "static:203.0.113.7"}, Agree: 1, Bind: name, Documentation: true})
		if e := wantKind(t, err, BindUnusable); !strings.Contains(e.Message, want) || !strings.Contains(e.Message, "ip.bind") {
			t.Errorf("%s: %v, want %q", name, e, want)
		}
		if len(finding.Answers) != 0 {
			t.Errorf("%s: asked: %+v", name, finding)
		}
	}
	// An interface that leads nowhere is an error, and not a reason to take another one.
	ip(t, "addr add 10.0.8.2/24 dev idle")
	ip(t, "link set idle-peer up")
	ip(t, "ntable change name arp_cache dev idle retrans 20") // to be told soon that nobody is there
	if finding, err := Find(t.Context(), Query{Sources: []string{server}, Bind: "idle", Documentation: true}); err == nil {
		t.Errorf("asked by another way: %+v", finding)
	} else {
		wantKind(t, err, Offline)
	}
}

func TestTunnelsAreSeenForWhatTheyAre(t *testing.T) {
	if !inNamespace(t) {
		return
	}
	e := newElsewhere(t, "wg0", "10.9.0.2/24", "10.9.0.1/24")
	e.internet(t, "192.0.2.80", says("203.0.113.7"))
	ip(t, "route add default via 10.9.0.1 dev wg0")
	_, err := Find(t.Context(), Query{Sources: []string{server}, Documentation: true})
	if d := wantKind(t, err, ViaTunnel); !strings.Contains(d.Message, "wg0, a WireGuard tunnel") {
		t.Errorf("%v", d)
	}
	finding, err := Find(t.Context(), Query{Sources: []string{server}, Documentation: true, Allow: []netip.Prefix{netip.MustParsePrefix("203.0.113.0/24")}})
	must(t, err)
	if finding.Address != home {
		t.Errorf("%+v", finding)
	}

	// A line of this name is no tunnel, and neither is one between two points.
	ip(t, "link set wg0 down")
	ip(t, "link set wg0 name ppp0")
	ip(t, "addr flush dev ppp0")
	ip(t, "addr add 203.0.113.7 peer 10.9.0.1 dev ppp0")
	ip(t, "link set ppp0 up")
	ip(t, "route add default via 10.9.0.1 dev ppp0")
	e.Run(func() { ip(t, "route add default via 10.9.0.1 dev wg0") })
	finding, err = Find(t.Context(), Query{Sources: []string{server, "interface:ppp0"}, Documentation: true})
	must(t, err)
	if finding.Address != home || finding.Answers[0].Egress.Interface != "ppp0" {
		t.Errorf("%+v", finding)
	}

	// From inside a carrier's NAT.
	ip(t, "addr flush dev ppp0")
	ip(t, "addr add 100.64.0.9/24 dev ppp0")
	ip(t, "route add default dev ppp0")
	_, err = Find(t.Context(), Query{Sources: []string{server}, Documentation: true})
	if d := wantKind(t, err, ViaTunnel); !strings.Contains(d.Message, "seen from 100.64.0.9, inside a carrier's NAT") {
		t.Errorf("%v", d)
	}
	line, err := Query{}.Line(t.Context())
	must(t, err)
	if line.Router.IsValid() || line.Egress.Interface != "ppp0" || len(line.CarrierNAT) != 1 || line.CarrierNAT[0] != (Egress{Interface: "ppp0", Local: netip.MustParseAddr("100.64.0.9")}) {
		t.Errorf("line %+v", line)
	}

	// What the kernel calls a tunnel is one by any name.
	ip(t, "tuntap add dev office mode tun")
	ip(t, "addr add 10.8.0.2/24 dev office")
	ip(t, "link set office up")
	all, err := systemInterfaces()
	must(t, err)
	seen := map[string]string{}
	for _, i := range all {
		seen[i.Name] = i.Tunnel
	}
	if seen["office"] != "a tunnel (TUN/TAP)" || seen["ppp0"] != "" || seen["lo"] != "" {
		t.Errorf("%q", seen)
	}
}

// The kernel lists the cheaper of two default routes first, in whichever order they were made. So this shows that a router
// is found and asked, not that the costs are compared: TestRoutes does that.
func TestTheDefaultRouterIsAsked(t *testing.T) {
	if !inNamespace(t) {
		return
	}
	e := newElsewhere(t, "lan0", "192.168.7.20/24", "192.168.7.1/24")
	e.internet(t, "192.0.2.80", says("203.0.113.7"))
	ip(t, "route add default via 192.168.7.1 dev lan0")
	second := newElsewhere(t, "lan1", "192.168.8.20/24", "192.168.8.1/24")
	ip(t, "route add default via 192.168.8.1 dev lan1 metric 900")
	q := Query{Sources: []string{server, "router"}, Documentation: true, timeouts: enough}

	line, err := q.Line(t.Context())
	must(t, err)
	if line.Router.String() != "192.168.7.1" || line.Egress != (Egress{Interface: "lan0", Local: netip.MustParseAddr("192.168.7.20")}) || line.CarrierNAT != nil {
		t.Errorf("line %+v", line)
	}

	t.Run("by UPnP, with a search for everybody", func(t *testing.T) {
		e.box(t, "192.168.7.1").gateway("lan0", "203.0.113.7")
		finding, err := Find(t.Context(), q)
		must(t, err)
		if finding.Address != home || finding.Warnings != nil || finding.Answers[1].Egress.Interface != "lan0" {
			t.Errorf("%+v", finding)
		}
	})
	t.Run("by UPnP, where it says another address", func(t *testing.T) {
		e.box(t, "192.168.7.1").gateway("lan0", shared)
		q := q
		q.Agree = 1
		finding, err := Find(t.Context(), q)
		must(t, err)
		if finding.Address != home || len(finding.Warnings) != 1 || finding.Answers[1].Said.String() != shared {
			t.Errorf("%+v", finding)
		}
	})
	t.Run("by NAT-PMP", func(t *testing.T) {
		b := e.box(t, "192.168.7.1")
		b.mapping(mapped(0, "203.0.113.7"))
		finding, err := Find(t.Context(), q)
		must(t, err)
		if finding.Address != home || len(b.all()) != 1 {
			t.Errorf("%+v, heard %q", finding, b.all())
		}
	})
	t.Run("that of the interface that is bound to", func(t *testing.T) {
		e.box(t, "192.168.7.1").mapping(mapped(0, "203.0.113.7"))
		second.box(t, "192.168.8.1").mapping(mapped(0, "198.51.100.20"))
		for bind, want := range map[string]string{"": "203.0.113.7", "lan0": "203.0.113.7", "lan1": "198.51.100.20", "192.168.8.20": "198.51.100.20"} {
			finding, err := Find(t.Context(), Query{Sources: []string{"router"}, Documentation: true, Bind: bind, timeouts: enough})
			if err != nil || finding.Address.String() != want {
				t.Errorf("bound to %q: %v, %+v", bind, err, finding)
			}
		}
	})
	t.Run("which there is not", func(t *testing.T) {
		ip(t, "route del default dev lan0")
		ip(t, "route del default dev lan1")
		finding, err := Find(t.Context(), Query{Sources: []string{"router"}})
		wantKind(t, err, TooFew)
		if p := finding.Answers[0].Problem; !strings.Contains(p, "no default route leads to a router") || !strings.Contains(p, "interface:NAME") {
			t.Errorf("problem %q", p)
		}
		line, err := Query{}.Line(t.Context())
		must(t, err)
		if line.Router.IsValid() || line.Egress != (Egress{}) {
			t.Errorf("line %+v", line)
		}
	})
}

// Most routers have one of a few addresses, so two lines of a house easily have routers with the same one.
func TestTwoLinesWhoseRoutersHaveTheSameAddress(t *testing.T) {
	if !inNamespace(t) {
		return
	}
	first := newElsewhere(t, "wan1", "192.168.1.20/24", "192.168.1.1/24")
	second := newElsewhere(t, "wan2", "192.168.1.21/24", "192.168.1.1/24")
	ip(t, "route add default via 192.168.1.1 dev wan1 metric 100")
	ip(t, "route add default via 192.168.1.1 dev wan2 metric 200")
	ask := func(t *testing.T) {
		for _, c := range []struct{ bind, address, from, by string }{
			{"", "203.0.113.7", "192.168.1.20", "wan1"},
			{"wan1", "203.0.113.7", "192.168.1.20", "wan1"},
			{"wan2", "198.51.100.20", "192.168.1.21", "wan2"},
			// The routes know nothing of sources, and the answer says so.
			{"192.168.1.21", "203.0.113.7", "192.168.1.21", "wan1"},
		} {
			for _, source := range []string{"router", "router:192.168.1.1"} {
				finding, err := Find(t.Context(), Query{Sources: []string{source}, Documentation: true, Bind: c.bind, timeouts: enough})
				want := Egress{Interface: c.by, Local: netip.MustParseAddr(c.from)}
				if err != nil || finding.Address.String() != c.address || finding.Answers[0].Egress != want {
					t.Errorf("%s, bound to %q: %v, %+v, want %s by %s", source, c.bind, err, finding, c.address, c.by)
				}
			}
		}
	}
	t.Run("by NAT-PMP", func(t *testing.T) {
		first.box(t, "192.168.1.1").mapping(mapped(0, "203.0.113.7"))
		second.box(t, "192.168.1.1").mapping(mapped(0, "198.51.100.20"))
		ask(t)
	})
	t.Run("by UPnP, with a search for everybody", func(t *testing.T) {
		first.box(t, "192.168.1.1").gateway("wan1", "203.0.113.7")
		second.box(t, "192.168.1.1").gateway("wan2", "198.51.100.20")
		ask(t)
	})
	t.Run("by UPnP, with a search for the router", func(t *testing.T) {
		first.box(t, "192.168.1.1").gateway("", "203.0.113.7")
		second.box(t, "192.168.1.1").gateway("", "198.51.100.20")
		ask(t)
	})
}

func TestAnAddressOfTheLineDoesNotHideThatTheRoutesLeadIntoATunnel(t *testing.T) {
	if !inNamespace(t) {
		return
	}
	newElsewhere(t, "lan0", "10.0.1.2/24", "10.0.1.1/24")
	far := newElsewhere(t, "wg0", "10.9.0.2/24", "10.9.0.1/24")
	far.internet(t, "192.0.2.80", says("203.0.113.7"))
	far.Run(func() { ip(t, "route add 10.0.1.2 via 10.9.0.2") })
	ip(t, "route add default via 10.9.0.1 dev wg0")
	ip(t, "route add default via 10.0.1.1 dev lan0 metric 900")
	finding, err := Find(t.Context(), Query{Sources: []string{server}, Documentation: true, Bind: "10.0.1.2"})
	if d := wantKind(t, err, ViaTunnel); !strings.Contains(d.Message, "wg0, a WireGuard tunnel") {
		t.Errorf("%v, %+v", d, finding)
	}
}
