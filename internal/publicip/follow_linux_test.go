package publicip

import (
	"context"
	"net"
	"net/netip"
	"sync"
	"testing"
	"time"
)

// changeable is a router that speaks NAT-PMP, and whose address changes.
type changeable struct {
	*box
	mu      sync.Mutex
	address string
	asked   int
	heard   chan struct{} // gets one for each question
}

// changeable serves NAT-PMP at an address elsewhere.
func (e *elsewhere) changeable(t *testing.T, at, address string) *changeable {
	c := &changeable{box: e.box(t, at), address: address, heard: make(chan struct{}, 10_000)}
	var conn net.PacketConn
	var err error
	e.Run(func() { conn, err = net.ListenPacket("udp4", netip.AddrPortFrom(c.at, portMappingPort).String()) })
	must(t, err)
	c.datagrams(conn, func([]byte) []byte {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.asked++
		c.heard <- struct{}{}
		return mapped(0, c.address)
	})
	return c
}

func (c *changeable) set(address string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.address = address
}

func (c *changeable) timesAsked() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.asked
}

// announce sends a packet to everybody in the house, as a router does.
func (e *elsewhere) announce(t *testing.T, from string, packet []byte) {
	t.Helper()
	var conn net.Conn
	var err error
	e.Run(func() {
		d := net.Dialer{LocalAddr: &net.UDPAddr{IP: net.ParseIP(from), Port: portMappingPort + 1}}
		conn, err = d.Dial("udp4", "224.0.0.1:5350")
	})
	must(t, err)
	_, err = conn.Write(packet)
	must(t, err)
	must(t, conn.Close())
}

// following follows a router until the test ends.
type following struct {
	changes chan struct{}
	end     func()
}

func follow(t *testing.T, q Query, every time.Duration) following {
	ctx, cancel := context.WithCancel(t.Context())
	f := following{changes: make(chan struct{}, 10_000)}
	var done sync.WaitGroup
	done.Go(func() { Follow(ctx, q, every, func() { f.changes <- struct{}{} }) })
	f.end = func() {
		cancel()
		done.Wait()
	}
	t.Cleanup(f.end)
	return f
}

func TestAnAnnouncementIsAReasonToAskAndNoAnswer(t *testing.T) {
	if !inNamespace(t) {
		return
	}
	e := newElsewhere(t, "lan0", "192.168.7.20/24", "192.168.7.1/24")
	e.Run(func() { ip(t, "addr add 192.168.7.66/24 dev lan0") })
	ip(t, "route add default via 192.168.7.1 dev lan0")
	router := e.changeable(t, "192.168.7.1", "203.0.113.7")
	// Two programs listen on this machine, and no poll comes in time.
	q := Query{Sources: []string{server, "router"}, timeouts: enough}
	first, second := follow(t, q, time.Hour), follow(t, q, time.Hour)
	for range 2 {
		<-router.heard
	}
	// Whether they listen already is seen by their asking.
	for asked := 0; asked < 2; {
		e.announce(t, "192.168.7.1", mapped(0, "203.0.113.7"))
		select {
		case <-router.heard:
			asked++
		case <-time.After(announcedAtMost):
		}
	}
	second.end()
	if n := len(first.changes) + len(second.changes); n != 0 {
		t.Fatalf("%d changes of a router that has the same address", n)
	}

	router.set("203.0.113.91")
	e.announce(t, "192.168.7.1", mapped(0, "198.51.100.20"))
	<-first.changes

	// As many as can be sent, with the router's address and a lie.
	asked, began := router.timesAsked(), time.Now()
	for range 5000 {
		e.announce(t, "192.168.7.1", mapped(0, "198.51.100.20"))
	}
	for range 2 {
		<-router.heard
	}
	most := asked + int(time.Since(began)/announcedAtMost) + 3
	if n := router.timesAsked(); n > most {
		t.Errorf("asked %d times because of 5000 announcements in %s", n-asked, time.Since(began))
	}
	if n := len(first.changes); n != 0 {
		t.Errorf("%d changes because of lies", n)
	}
}

func TestWhatIsAnAnnouncement(t *testing.T) {
	router, neighbour := netip.MustParseAddr("192.168.7.1"), netip.MustParseAddr("192.168.7.66")
	whole := mapped(0, "198.51.100.20")
	for name, c := range map[string]struct {
		packet []byte
		from   netip.Addr
		want   bool
	}{
		"of the router":                 {whole, router, true},
		"of a neighbour":                {whole, neighbour, false},
		"cut short":                     {whole[:11], router, false},
		"too long":                      {append(mapped(0, "198.51.100.20"), 0), router, false},
		"of a fault":                    {mapped(3, "198.51.100.20"), router, false},
		"of a router without a line":    {mapped(0, "0.0.0.0"), router, false},
		"a question":                    {[]byte{0, 0}, router, false},
		"nothing":                       {nil, router, false},
		"of another version (PCP, say)": {append([]byte{2}, whole[1:]...), router, false},
	} {
		if got := isAnnouncement(c.packet, c.from, router); got != c.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}

func TestARouterIsAskedAgainAndAgain(t *testing.T) {
	if !inNamespace(t) {
		return
	}
	e := newElsewhere(t, "lan0", "192.168.7.20/24", "192.168.7.1/24")
	ip(t, "route add default via 192.168.7.1 dev lan0")
	router := e.changeable(t, "192.168.7.1", "203.0.113.7")
	f := follow(t, Query{Sources: []string{"router:192.168.7.1"}, timeouts: timeouts{whole: time.Minute, tries: 12, search: ms}}, time.Millisecond)
	for range 20 {
		<-router.heard
	}
	if n := len(f.changes); n != 0 {
		t.Fatalf("%d changes of a router that has the same address", n)
	}
	// A router that has lost its line for a while has no other address.
	for _, address := range []string{"0.0.0.0", "203.0.113.7"} {
		router.set(address)
		for range 3 {
			<-router.heard
		}
	}
	if n := len(f.changes); n != 0 {
		t.Fatalf("%d changes of a line that was down", n)
	}
	// One that comes back with another address has.
	for _, address := range []string{"0.0.0.0", "203.0.113.91"} {
		router.set(address)
		for range 3 {
			<-router.heard
		}
	}
	<-f.changes
	f.end()
	if n := len(f.changes); n != 0 {
		t.Errorf("told %d times more", n)
	}
}

func TestNothingIsFollowedWithoutARouter(t *testing.T) {
	Follow(t.Context(), Query{Sources: []string{server, "static:203.0.113.7", "not a source"}}, time.Hour, func() { t.Error("a change") })
}
