package main

import (
	"encoding/binary"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"testing"
	"time"

	"ddns-batch/internal/testnet"
)

// houseRouter is a router that speaks NAT-PMP, in a network namespace of its own.
type houseRouter struct {
	*testnet.Elsewhere
	mu      sync.Mutex
	address netip.Addr
	asked   int
}

const routerAddress = "192.168.7.1"

// newHouseRouter connects this machine, which is the namespace of the test, to a router.
func newHouseRouter(t *testing.T) *houseRouter {
	t.Helper()
	testnet.IP(t, "link set lo up")
	r := &houseRouter{Elsewhere: testnet.NewElsewhere(t, "lan0", "192.168.7.20/24", routerAddress+"/24"), address: homeAddress}
	testnet.IP(t, "route add default via "+routerAddress+" dev lan0")
	var conn net.PacketConn
	var err error
	r.Run(func() { conn, err = net.ListenPacket("udp4", routerAddress+":5351") })
	if err != nil {
		t.Fatal(err)
	}
	var done sync.WaitGroup
	done.Go(func() {
		for question := make([]byte, 100); ; {
			_, from, err := conn.ReadFrom(question)
			if err != nil {
				return
			}
			_, _ = conn.WriteTo(r.answer(), from)
		}
	})
	t.Cleanup(func() {
		_ = conn.Close()
		done.Wait()
	})
	return r
}

// answer is that to a question, which an announcement repeats to everybody.
func (r *houseRouter) answer() []byte {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.asked++
	return announcement(r.address)
}

func announcement(a netip.Addr) []byte {
	packet := binary.BigEndian.AppendUint32([]byte{0, 128, 0, 0}, 1)
	return append(packet, a.AsSlice()...)
}

// timesAsked is how often it was asked.
func (r *houseRouter) timesAsked() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.asked
}

func (r *houseRouter) set(a netip.Addr) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.address = a
}

// announce sends everybody in the house this address.
func (r *houseRouter) announce(t *testing.T, a netip.Addr) {
	t.Helper()
	var conn net.Conn
	var err error
	r.Run(func() {
		d := net.Dialer{LocalAddr: &net.UDPAddr{IP: net.ParseIP(routerAddress)}}
		conn, err = d.Dial("udp4", "224.0.0.1:5350")
	})
	if err == nil {
		_, err = conn.Write(announcement(a))
		_ = conn.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
}

// The router has a new address and says so: all records have it within a second. A lie sends nothing.
func TestAnAnnouncementOfTheRouterStartsARun(t *testing.T) {
	if _, err := exec.LookPath(testnet.IPProgram()); err != nil {
		lacking(t, namespacesVariable, "iproute2 is not installed: "+err.Error())
	}
	attributes := &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET}
	if os.Getuid() != 0 {
		attributes.Cloneflags |= syscall.CLONE_NEWUSER
		attributes.UidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}}
		attributes.GidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}}
	}
	if !apart(t, attributes) {
		return
	}
	router := newHouseRouter(t)
	m := twoDomains(t)
	m.settings["sources"] = "[router, https://" + sourceHosts[0] + "]"
	m.configure(nil)
	w := m.watch()
	w.awaitLine("nas: 3 records set to 203.0.113.7 for the first time")
	// It listens once it asks because of what it hears: a lie, so it finds the address that it knows.
	before := router.timesAsked()
	m.await("a question", func() bool {
		router.announce(t, awayAddress)
		time.Sleep(10 * time.Millisecond)
		return router.timesAsked() > before
	})

	asked := len(m.server.Asked())
	// A machine that is busy with other things may be late, but not every time.
	took := time.Hour
	for i, to := range []netip.Addr{awayAddress, homeAddress, awayAddress} {
		if took <= time.Second {
			break
		}
		m.server.SetAddress(to)
		router.set(to)
		heard := len(m.server.Heard())
		began := time.Now()
		router.announce(t, to)
		m.await("the first update", func() bool { return len(m.server.Heard()) > heard })
		took = time.Since(began)
		t.Logf("from the announcement to the first update: %s", took)
		m.await("all updates", func() bool { return m.atAddress(to) == 3 })
		if n := len(m.server.Asked()) - asked; i == 0 && n != 1 {
			t.Errorf("%d runs, so a lie made one", n)
		}
	}
	if took > time.Second {
		t.Error("that is too long")
	}
	w.stop()
}
