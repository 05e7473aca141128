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
	ask(ctx context.Context) (netip.Addr, Egress, error)
}

// candidate is a source and the name by which it is reported.
type candidate struct {
	name   string
	kind   SourceKind
	source source
	// crossCheck: it is asked in any case, for the sake of a warning.
	crossCheck bool
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
	egress  Egress
	err     error
	took    time.Duration
}

// quorum asks candidates until enough of them agree. All of it belongs to the goroutine that calls run.
type quorum struct {
	candidates []candidate
	agree      int
	check      func(netip.Addr, Egress) error

	entries  []entry // the first so many candidates
	running  int
	votes    map[netip.Addr]int
	arrivals chan arrival
}

func newQuorum(candidates []candidate, agree int, check func(netip.Addr, Egress) error) *quorum {
	return &quorum{
		candidates: candidates,
		agree:      agree,
		check:      check,
		votes:      make(map[netip.Addr]int),
		// Room for everybody: nobody waits to hand over an answer.
		arrivals: make(chan arrival, len(candidates)),
	}
}

// run returns the address that enough sources agree on, or the zero Addr. Every goroutine has ended by then.
func (q *quorum) run(ctx context.Context) netip.Addr {
	deadline := time.Now().Add(totalLimit)
	ctx, cancel := context.WithDeadline(ctx, deadline)
	defer cancel()
	for {
		for q.wantsAnother() && ctx.Err() == nil && time.Now().Before(deadline) {
			q.start(ctx)
		}
		if q.running == 0 {
			return netip.Addr{}
		}
		select {
		case a := <-q.arrivals:
			q.takeAll(a)
		case <-q.nextSlow():
		}
		address, votes, tied := q.leader()
		if votes < q.agree {
			continue
		}
		cancel()
		for q.running > 0 {
			q.take(<-q.arrivals)
		}
		if tied {
			return netip.Addr{}
		}
		return address
	}
}

// wantsAnother: even if all that are on their way, and not slow, voted for the leader, it would not be enough.
func (q *quorum) wantsAnother() bool {
	if len(q.entries) == len(q.candidates) {
		return false
	}
	_, hopeful, _ := q.leader()
	for _, e := range q.entries {
		if !e.home && time.Since(e.began) < slowAfter {
			hopeful++
		}
	}
	return hopeful < q.agree
}

// leader is the address with the most votes; tied if another one has as many.
func (q *quorum) leader() (address netip.Addr, votes int, tied bool) {
	for a, n := range q.votes {
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
func (q *quorum) start(ctx context.Context) {
	i, began := len(q.entries), time.Now()
	asked := q.candidates[i]
	q.entries = append(q.entries, entry{began: began, reply: reply{Answer: Answer{Name: asked.name, Kind: asked.kind}}})
	q.running++
	go func() {
		ctx, cancel := context.WithTimeout(ctx, sourceLimit)
		defer cancel()
		address, egress, err := asked.source.ask(ctx)
		if err != nil && errors.Is(ctx.Err(), context.Canceled) {
			// Being cut off can look like anything, even like an empty answer.
			err = ctx.Err()
		}
		q.arrivals <- arrival{i, address, egress, err, time.Since(began)}
	}()
}

// nextSlow fires when the next of those on their way becomes slow; never, if none will.
func (q *quorum) nextSlow() <-chan time.Time {
	for _, e := range q.entries { // in the order in which they were asked, so the first is the next
		if left := slowAfter - time.Since(e.began); !e.home && left > 0 {
			return time.After(left)
		}
	}
	return nil
}

// takeAll takes a and whatever else has arrived: two different addresses at the same time are a disagreement, and not a
// victory of the one that the scheduler happened to hand over first.
func (q *quorum) takeAll(a arrival) {
	for {
		q.take(a)
		select {
		case a = <-q.arrivals:
		default:
			return
		}
	}
}

func (q *quorum) take(a arrival) {
	q.running--
	e := &q.entries[a.entry]
	e.home = true
	e.reply.settle(a, q.check)
	if e.reply.err == nil {
		q.votes[a.address]++
	}
}

// settle writes down what came of asking.
func (r *reply) settle(a arrival, check func(netip.Addr, Egress) error) {
	r.Took, r.Egress, r.Said, r.err = a.took, a.egress, a.address, a.err
	if r.err == nil {
		r.err = check(a.address, a.egress)
	}
	if r.err == nil {
		r.Address = a.address
		return
	}
	r.Cut = errors.Is(r.err, context.Canceled)
	r.Problem = problem(r.err, a.took)
}

// replies are those of the candidates that were asked, in their order.
func (q *quorum) replies() []reply {
	all := make([]reply, len(q.entries))
	for i, e := range q.entries {
		all[i] = e.reply
	}
	return all
}
