package publicip

import (
	"net"
	"net/netip"
	"sync"
)

// announcementPort is where the machines in a house listen for what their router announces by NAT-PMP (RFC 6886, section
// 3.2.1), in the group of all machines.
const announcementPort = 5350

// allMachines is the group of all machines in a network.
var allMachines = net.IPv4(224, 0, 0, 1)

// announcements are listened for, those of one router. A nil one listens to nobody.
type announcements struct {
	router netip.Addr
	index  int // of the interface
	conn   *net.UDPConn
	reads  sync.WaitGroup
	mu     sync.Mutex
	broken bool
}

// listen lets announced know of each announcement that comes from the router's address, unless one is waiting there. Others
// on this machine may listen as well. It returns nil where nothing can be heard.
func listen(router netip.Addr, link *net.Interface, announced chan<- struct{}) *announcements {
	conn, err := net.ListenMulticastUDP("udp4", link, &net.UDPAddr{IP: allMachines, Port: announcementPort})
	if err != nil {
		return nil
	}
	l := &announcements{router: router, index: link.Index, conn: conn}
	l.reads.Go(func() { l.read(announced) })
	return l
}

func (l *announcements) read(announced chan<- struct{}) {
	packet := make([]byte, mappingAnswer+1)
	for {
		n, from, err := l.conn.ReadFromUDPAddrPort(packet)
		if err != nil {
			l.mu.Lock()
			defer l.mu.Unlock()
			l.broken = true
			return
		}
		if !isAnnouncement(packet[:n], from.Addr().Unmap(), l.router) {
			continue
		}
		select {
		case announced <- struct{}{}:
		default:
		}
	}
}

// isAnnouncement reports whether a packet is one, of an address that the router has. Another machine's is none.
func isAnnouncement(packet []byte, from, router netip.Addr) bool {
	_, err := mappingAddress(packet)
	return err == nil && from == router
}

// is reports whether it still listens to this router by the interface of this index.
func (l *announcements) is(router netip.Addr, index int) bool {
	if l == nil {
		return false
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return !l.broken && l.router == router && l.index == index
}

func (l *announcements) close() {
	if l != nil {
		_ = l.conn.Close()
		l.reads.Wait()
	}
}
