package publicip

import (
	"context"
	"net"
	"net/netip"
	"sync"
	"time"
)

// announcedAtMost is how soon after a question another one follows because of an announcement.
const announcedAtMost = 500 * time.Millisecond

// Follow asks the routers among the sources again and again, so long after each answer, and calls changed when one says
// another address than before. A router that speaks NAT-PMP is asked at once when it announces that something has changed;
// where announcements do not arrive, because of a firewall, say, or cannot be listened for, nothing is lost but that.
//
// An announcement is a reason to ask and never an answer: anybody in the house can send one. Because of them a router is
// asked no more than twice a second.
//
// Follow returns when ctx ends, and at once if no router is among the sources.
func Follow(ctx context.Context, q Query, every time.Duration, changed func()) {
	var all sync.WaitGroup
	for _, text := range q.Sources {
		if s, err := ParseSource(text); err == nil && s.Kind == RouterSource {
			f := &follower{query: q, source: s, every: every, changed: changed, announced: make(chan struct{}, 1)}
			all.Go(func() { f.follow(ctx) })
		}
	}
	all.Wait()
}

// follower follows one router.
type follower struct {
	query   Query
	source  Source
	every   time.Duration
	changed func()
	// known is what the router said last; invalid before its first answer.
	known netip.Addr
	// announced is sent to by listener, which is nil as long as nothing can be heard.
	announced chan struct{}
	listener  *announcements
}

func (f *follower) follow(ctx context.Context) {
	defer func() { f.listener.close() }()
	f.poll(ctx)
	poll, soonest := time.NewTimer(f.every), time.NewTimer(0)
	defer poll.Stop()
	defer soonest.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-poll.C:
			f.poll(ctx)
			poll.Reset(f.every)
		case <-f.announced:
			select {
			case <-ctx.Done():
				return
			case <-soonest.C:
			}
			f.ask(ctx, (*router).askMapping)
			soonest.Reset(announcedAtMost)
		}
	}
}

// poll asks by all protocols, and listens for announcements of the router of the moment.
func (f *follower) poll(ctx context.Context) {
	r, egress := f.ask(ctx, (*router).ask)
	if r == nil || egress.Interface == "" {
		return
	}
	if at, err := r.find(); err == nil {
		f.listen(at, egress.Interface)
	}
}

// ask asks the router, and tells if it says another address.
func (f *follower) ask(ctx context.Context, by func(*router, context.Context) (netip.Addr, Egress, error)) (*router, Egress) {
	ctx, cancel := context.WithTimeout(ctx, f.query.routerTimeouts().whole)
	defer cancel()
	// Interfaces and routes are those of the moment, too.
	resources, err := f.query.resources(ctx)
	if err != nil {
		return nil, Egress{}
	}
	r := resources.router(f.source)
	address, egress, err := by(r, ctx)
	if err == nil {
		if f.known.IsValid() && f.known != address {
			f.changed()
		}
		f.known = address
	}
	return r, egress
}

// listen listens by the interface of this name for the router's announcements, unless that is so already.
func (f *follower) listen(router netip.Addr, name string) {
	link, err := net.InterfaceByName(name)
	if err != nil || f.listener.is(router, link.Index) {
		return
	}
	f.listener.close()
	f.listener = listen(router, link, f.announced)
}
