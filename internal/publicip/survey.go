package publicip

import (
	"context"
	"net/netip"
	"slices"
	"time"
)

// Survey asks every source once, at the same time, and waits for all of them, for 5 s at most: Find's answer with
// everything that there is to know. Warnings are also about routers when the sources do not agree. Errors are Find's.
func Survey(ctx context.Context, q Query) (Finding, error) {
	candidates, err := q.candidates(ctx)
	if err != nil {
		return Finding{}, err
	}
	quorum := newQuorum(candidates, q.agree(candidates), q.check)
	address := quorum.runAll(ctx)
	finding, err := q.conclude(ctx, address, quorum.replies(), quorum.agree)
	finding.Warnings = suspicions(finding.Address, finding.Answers)
	return finding, err
}

// runAll is run without haste: all candidates are asked, and nobody is cut off.
func (q *quorum) runAll(ctx context.Context) netip.Addr {
	for range q.candidates {
		q.start(ctx)
	}
	for q.running > 0 {
		q.take(<-q.arrivals)
	}
	address, votes, tied := q.leader()
	if votes < q.agree || tied {
		return netip.Addr{}
	}
	return address
}

// Line is what this machine knows of its way to the internet without asking anybody.
type Line struct {
	// Egress is the way packets take; zero if there is none.
	Egress Egress
	// Router is the default one; invalid if the machine knows of none, as on a PPPoE line of its own.
	Router netip.Addr
	// CarrierNAT are the interfaces with an address from the range of the carriers' NAT (100.64.0.0/10), and that one.
	// Tailscale uses such addresses too: then it is a tunnel, and says nothing about the line.
	CarrierNAT []Egress
}

// outside is an address on the internet, that of a root name server. No packet is ever sent there.
var outside = netip.AddrPortFrom(netip.AddrFrom4([4]byte{198, 41, 0, 4}), 53)

// Line looks at this machine's interfaces and routes, and sends nothing. The error is an *Error about Bind, or says that
// the interfaces cannot be listed.
func (q Query) Line(ctx context.Context) (Line, error) {
	r, err := q.resources(ctx)
	if err != nil {
		return Line{}, err
	}
	all, err := r.interfaces()
	if err != nil {
		return Line{}, err
	}
	var line Line
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	// Connecting a UDP socket chooses the way, and no more.
	if conn, err := r.bound.dialer("udp4").DialContext(ctx, "udp4", outside.String()); err == nil {
		line.Egress = r.egress.of(conn)
		if err := conn.Close(); err != nil {
			return Line{}, err
		}
	}
	gateway := router{bound: r.bound, egress: r.egress, interfaces: r.interfaces}
	if at, err := gateway.find(); err == nil {
		line.Router = at
	}
	for _, i := range all {
		at := slices.IndexFunc(i.Addresses, func(p netip.Prefix) bool { return carrierNAT.Contains(p.Addr()) })
		if at >= 0 && i.Up {
			line.CarrierNAT = append(line.CarrierNAT, Egress{Interface: i.Name, Local: i.Addresses[at].Addr(), Tunnel: i.Tunnel})
		}
	}
	return line, nil
}
