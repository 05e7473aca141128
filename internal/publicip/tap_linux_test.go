package publicip

import (
	"bytes"
	"errors"
	"io"
	"net"
	"net/http/httptest"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
)

func TestATapIsATunnelUnlessItIsTheOnlyWay(t *testing.T) {
	if !inNamespace(t) {
		return
	}
	tunnel := func(name string) string {
		t.Helper()
		all, err := systemInterfaces()
		must(t, err)
		for _, i := range all {
			if i.Name == name {
				return i.Tunnel
			}
		}
		t.Fatalf("there is no interface %s", name)
		return ""
	}
	const tap = "a tunnel"
	check := func(situation, name, want string) {
		t.Helper()
		if got := tunnel(name); got != want {
			t.Errorf("%s: %s is %q, want %q", situation, name, got, want)
		}
	}

	// As slirp4netns makes it.
	ip(t, "tuntap add dev tap0 mode tap")
	ip(t, "addr add 10.0.2.100/24 dev tap0")
	ip(t, "link set tap0 up")
	ip(t, "route add default via 10.0.2.2 dev tap0")
	check("the only way", "tap0", "")
	line, err := Query{}.Line(t.Context())
	must(t, err)
	if line.Egress.Interface != "tap0" || line.Egress.Suspicion() != "" {
		t.Errorf("line %+v", line)
	}

	// Containers with a network of their own, inside.
	ip(t, "link add docker0 type bridge")
	ip(t, "addr add 172.17.0.1/16 dev docker0")
	ip(t, "link set docker0 up")
	check("beside a bridge", "tap0", "")
	ip(t, "route add 192.168.9.0/24 via 172.17.0.2 dev docker0")
	check("the bridge leads to other networks", "tap0", tap)
	ip(t, "link del docker0")

	// A line that the VPN can be reached by, in all the ways that such a line is made to be passed over.
	ip(t, "link add lan0 type veth peer name lan0-peer")
	ip(t, "link set lan0-peer up")
	ip(t, "addr add 10.0.1.2/24 dev lan0")
	check("beside an interface that is down", "tap0", "")
	ip(t, "addr del 10.0.1.2/24 dev lan0")
	ip(t, "link set lan0 up")
	check("beside an interface without an address", "tap0", "")
	ip(t, "route add unreachable 198.51.100.0/24")
	check("a route that leads nowhere", "tap0", "")
	ip(t, "route del unreachable 198.51.100.0/24")
	ip(t, "route add 198.51.100.1 dev lan0")
	check("the server is reached by a route of its own", "tap0", tap)
	ip(t, "route del 198.51.100.1 dev lan0")
	ip(t, "route add default dev lan0 table 51")
	check("the line has a table of its own", "tap0", tap)
	ip(t, "route flush table 51")
	ip(t, "-6 route add default dev lan0")
	check("the line has only IPv6", "tap0", tap)
	ip(t, "-6 route del default dev lan0")
	ip(t, "route add 198.51.100.0/24 nexthop dev lan0 nexthop dev tap0")
	check("a route over two interfaces", "tap0", tap)
	ip(t, "route del 198.51.100.0/24")
	check("all that is undone", "tap0", "")
	ip(t, "addr add 10.0.1.2/24 dev lan0")
	check("the server is a neighbour", "tap0", tap)
	ip(t, "link del lan0")
	check("the line is gone", "tap0", "")

	// As pasta makes it, and as a VPN does whose interface was moved into a namespace of its own.
	ip(t, "link set tap0 down")
	ip(t, "link set tap0 name enp3s0")
	ip(t, "link set enp3s0 up")
	check("called as the machine's own interface is", "enp3s0", "")
	for name, want := range map[string]string{"wg0": "a WireGuard tunnel", "ovpn1": "an OpenVPN tunnel", "tun0": "a tunnel"} {
		ip(t, "link set enp3s0 name "+name)
		check("called as that of a VPN is", name, want)
		ip(t, "link set "+name+" name enp3s0")
	}
	ip(t, "link del enp3s0")
	ip(t, "tuntap add dev vpn0 mode tun")
	ip(t, "addr add 10.8.0.2/24 dev vpn0")
	ip(t, "link set vpn0 up")
	check("no Ethernet", "vpn0", "a tunnel (TUN/TAP)")
}

// userNetworkVariable is set to "required" on a machine where slirp4netns can give a namespace a network.
const userNetworkVariable = "DDNS_BATCH_USER_NETWORK"

// As in a container of rootless Podman: the only link is a program's.
func TestTheNetworkOfAContainerWithoutRootIsNoTunnel(t *testing.T) {
	// slirp4netns shows the loopback of the machine under this address.
	const machine = "10.0.2.2"
	if port, inside := os.LookupEnv("TEST_PORT"); inside && os.Getenv(insideVariable) == t.Name() {
		_, err := io.Copy(io.Discard, os.Stdin) // until the network is there
		must(t, err)
		finding, err := Find(t.Context(), Query{Sources: []string{"http://" + machine + ":" + port}, Documentation: true})
		if err != nil || finding.Address != home || finding.Answers[0].Egress.Interface != "tap0" {
			t.Errorf("%+v, %v", finding, err)
		}
		return
	}
	slirp, err := exec.LookPath("slirp4netns")
	if err != nil {
		lacking(t, userNetworkVariable, "slirp4netns is not installed:", err)
	}
	site := httptest.NewServer(says("203.0.113.7"))
	defer site.Close()
	_, port, err := net.SplitHostPort(site.Listener.Addr().String())
	must(t, err)
	inside := insideNamespace(t)
	inside.Env = append(inside.Env, "TEST_PORT="+port)
	var output bytes.Buffer
	inside.Stdout, inside.Stderr = &output, &output
	ready, err := inside.StdinPipe()
	must(t, err)
	if err := inside.Start(); err != nil {
		lacking(t, namespacesVariable, "the system gives no network namespace:", err)
	}
	detach, problem := attach(slirp, inside.Process.Pid)
	defer detach()
	_ = ready.Close()
	err = inside.Wait()
	if problem != nil {
		lacking(t, userNetworkVariable, "slirp4netns cannot be used:", problem)
	}
	if err != nil || !strings.Contains(output.String(), "--- PASS: "+t.Name()) {
		t.Errorf("%v\n%s", err, output.String())
	}
}

// attach gives the namespace of a process a network, until detach is called.
func attach(slirp string, pid int) (detach func(), err error) {
	ready, tell, err := os.Pipe()
	if err != nil {
		return func() {}, err
	}
	defer ready.Close()
	var said bytes.Buffer
	network := exec.Command(slirp, "--configure", "--ready-fd=3", strconv.Itoa(pid), "tap0")
	network.ExtraFiles = []*os.File{tell}
	network.Stdout, network.Stderr = &said, &said
	err = network.Start()
	_ = tell.Close()
	if err != nil {
		return func() {}, err
	}
	detach = func() {
		_ = network.Process.Kill()
		_ = network.Wait()
	}
	if n, _ := ready.Read(make([]byte, 1)); n == 0 {
		detach()
		return func() {}, errors.New(said.String())
	}
	return detach, nil
}
