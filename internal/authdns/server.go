package authdns

import (
	"context"
	"errors"
	"net/netip"
	"sync"
	"time"
)

const (
	// lostLimit is how many questions in a row a server may leave without an answer.
	lostLimit = 2
	// budget is how many times the time-out of one exchange a server is given in all.
	budget = 10
)

// server is a name server during one round. It belongs to all domains that use it, so that what one of them learns, the
// others need not learn again.
type server struct {
	wire    wire
	address netip.AddrPort
	// ctx ends with the round, and as soon as the server is given up. Its cause says which.
	ctx    context.Context
	giveUp context.CancelCauseFunc
	limit  *time.Timer
	slots  chan struct{}
	// sockets is shared by all servers.
	sockets chan struct{}

	mu    sync.Mutex
	heard time.Time // when it last answered
	lost  int       // questions without an answer since then
}

// givenUp is the cause with which a server's ctx ends before the round.
type givenUp struct{ Answer }

func (g givenUp) Error() string { return g.Detail }

// abandoned is the answer to a question that was not waited for.
func abandoned(ctx context.Context) Answer {
	if g, ok := errors.AsType[givenUp](context.Cause(ctx)); ok {
		return g.Answer
	}
	return Answer{Detail: "no answer in time"}
}

// reply is an answer, and when it came.
type reply struct {
	Answer
	took time.Duration
	at   time.Time
}

// unasked are the replies of a name server that cannot be asked.
func unasked(ns nameserver, questions []question) []reply {
	replies := make([]reply, len(questions))
	for i := range replies {
		replies[i] = reply{Answer: Answer{Status: Unresolved, Detail: "cannot be queried: " + ns.problem}, at: time.Now()}
	}
	return replies
}

// askAll asks all questions, as many at a time as may be, and returns the replies in the same order.
func (s *server) askAll(questions []question) []reply {
	replies := make([]reply, len(questions))
	var running sync.WaitGroup
	for i, q := range questions {
		if !s.enter() {
			replies[i] = reply{Answer: abandoned(s.ctx), at: time.Now()}
			continue
		}
		running.Go(func() {
			defer s.leave()
			began := time.Now()
			answer := s.wire.ask(s.ctx, s.address, q)
			now := time.Now()
			replies[i] = reply{answer, now.Sub(began), now}
			s.learn(began, answer.Status)
		})
	}
	running.Wait()
	return replies
}

// enter waits for a turn; false means that there is none to wait for.
func (s *server) enter() bool {
	if s.ctx.Err() != nil {
		return false
	}
	select {
	case s.slots <- struct{}{}:
	case <-s.ctx.Done():
		return false
	}
	select {
	case s.sockets <- struct{}{}:
		return true
	case <-s.ctx.Done():
		<-s.slots
		return false
	}
}

func (s *server) leave() {
	<-s.sockets
	<-s.slots
}

// learn gives the server up when more questions would be a waste of time. A lost question counts only if the server has
// answered nothing since it was sent: a server that answers other questions is alive.
func (s *server) learn(began time.Time, status Status) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch status {
	case Unknown:
	case Timeout, Unreachable, Malformed:
		if s.heard.After(began) {
			return
		}
		s.lost++
		if s.lost >= lostLimit {
			s.giveUp(givenUp{Answer{Status: status, Detail: "not checked: the name server did not answer earlier queries"}})
		}
	default:
		s.heard = time.Now()
		s.lost = 0
	}
}
