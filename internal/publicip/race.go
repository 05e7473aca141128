package publicip

import (
	"context"
	"errors"
	"net/netip"
	"time"
)

const (
	// slowAfter is when a source that has not answered is given a substitute. Its own answer still counts.
	slowAfter = 2 * time.Second
	// sourceLimit is how long a source may take, from the name look-up to the last byte.
	sourceLimit = 5 * time.Second
	// totalLimit is how long all of them may take.
	totalLimit = 10 * time.Second
)

// source is one place that may know the address.
type source interface {
	// ask returns a plain IPv4 address, unchecked, or an error that says why not; and how the question left this
	// machine, if it did and that is known. It returns soon after ctx ends.
	ask(ctx context.Context) (netip.Addr, Exit, error)
}

// candidate is a source and the name by which it is reported.
type candidate struct {
	name   string
	kind   SourceKind
	source source
	// witness: it is asked in any case, for the sake of a warning.
	witness bool
}

// reply is an answer with the reason for its problem.
type reply struct {
	Answer
	err error
}

// entry is a candidate that was asked.
type entry struct {
	began time.Time
	home  bool // it has answered, one way or the other
	reply reply
}

// arrival is what the goroutine of an entry hands over.
type arrival struct {
	entry   int
	address netip.Addr
	exit    Exit
	err     error
	took    time.Duration
}

// race asks candidates until enough of them agree. All of it belongs to the goroutine that calls run.
type race struct {
	candidates []candidate
	agree      int
	check      func(netip.Addr, Exit) error

	entries  []entry // the first so many candidates
	running  int
	votes    map[netip.Addr]int
	arrivals chan arrival
}

func newRace(candidates []candidate, agree int, check func(netip.Addr, Exit) error) *race {
	return &race{
		candidates: candidates,
		agree:      agree,
		check:      check,
		votes:      make(map[netip.Addr]int),
		// Room for everybody: nobody waits to hand over an answer.
		arrivals: make(chan arrival, len(candidates)),
	}
}

// run returns the address that enough sources agree on, or the zero Addr. Every goroutine has ended by then.
func (r *race) run(ctx context.Context) netip.Addr {
	deadline := time.Now().Add(totalLimit)
	ctx, cancel := context.WithDeadline(ctx, deadline)
	defer cancel()
	for {
		for r.wantsAnother() && ctx.Err() == nil && time.Now().Before(deadline) {
			r.start(ctx)
		}
		if r.running == 0 {
			return netip.Addr{}
		}
		select {
		case a := <-r.arrivals:
			r.takeAll(a)
		case <-r.nextSlow():
		}
		address, votes, tied := r.leader()
		if votes < r.agree {
			continue
		}
		cancel()
		for r.running > 0 {
			r.take(<-r.arrivals)
		}
		if tied {
			return netip.Addr{}
		}
		return address
	}
}

// wantsAnother: even if all that are on their way, and not slow, voted for the leader, it would not be enough.
func (r *race) wantsAnother() bool {
	if len(r.entries) == len(r.candidates) {
		return false
	}
	_, hopeful, _ := r.leader()
	for _, e := range r.entries {
		if !e.home && time.Since(e.began) < slowAfter {
			hopeful++
		}
	}
	return hopeful < r.agree
}

// leader is the address with the most votes; tied if another one has as many.
func (r *race) leader() (address netip.Addr, votes int, tied bool) {
	for a, n := range r.votes {
		switch {
		case n > votes:
			address, votes, tied = a, n, false
		case n == votes:
			tied = true
		}
	}
	return address, votes, tied
}

// start asks the next candidate.
func (r *race) start(ctx context.Context) {
	i, began := len(r.entries), time.Now()
	asked := r.candidates[i]
	r.entries = append(r.entries, entry{began: began, reply: reply{Answer: Answer{Name: asked.name, Kind: asked.kind}}})
	r.running++
	go func() {
		ctx, cancel := context.WithTimeout(ctx, sourceLimit)
		defer cancel()
		address, exit, err := asked.source.ask(ctx)
		if err != nil && errors.Is(ctx.Err(), context.Canceled) {
			// Being cut off can look like anything, even like an empty answer.
			err = ctx.Err()
		}
		r.arrivals <- arrival{i, address, exit, err, time.Since(began)}
	}()
}

// nextSlow fires when the next of those on their way becomes slow; never, if none will.
func (r *race) nextSlow() <-chan time.Time {
	for _, e := range r.entries { // in the order in which they were asked, so the first is the next
		if left := slowAfter - time.Since(e.began); !e.home && left > 0 {
			return time.After(left)
		}
	}
	return nil
}

// takeAll takes a and whatever else has arrived: two different addresses at the same time are a disagreement, and not a
// victory of the one that the scheduler happened to hand over first.
func (r *race) takeAll(a arrival) {
	for {
		r.take(a)
		select {
		case a = <-r.arrivals:
		default:
			return
		}
	}
}

func (r *race) take(a arrival) {
	r.running--
	e := &r.entries[a.entry]
	e.home = true
	e.reply.settle(a, r.check)
	if e.reply.err == nil {
		r.votes[a.address]++
	}
}

// settle writes down what came of asking.
func (r *reply) settle(a arrival, check func(netip.Addr, Exit) error) {
	r.Took, r.Exit, r.Said, r.err = a.took, a.exit, a.address, a.err
	if r.err == nil {
		r.err = check(a.address, a.exit)
	}
	if r.err == nil {
		r.Address = a.address
		return
	}
	r.Cut = errors.Is(r.err, context.Canceled)
	r.Problem = problem(r.err, a.took)
}

// replies are those of the candidates that were asked, in their order.
func (r *race) replies() []reply {
	all := make([]reply, len(r.entries))
	for i, e := range r.entries {
		all[i] = e.reply
	}
	return all
}
