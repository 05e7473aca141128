package authdns

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/miekg/dns"

	"ddns-batch/internal/record"
)

const (
	liveAddress = "192.0.2.1:53"
	deadAddress = "192.0.2.2:53"
)

// hundreds are n names of one domain.
func hundreds(n int) (names []record.Name) {
	for i := range n {
		names = append(names, name(fmt.Sprintf("h%d", i), "example.com"))
	}
	return names
}

func at(endpoints ...string) (all []netip.AddrPort) {
	for _, e := range endpoints {
		all = append(all, netip.MustParseAddrPort(e))
	}
	return all
}

func TestADeadServerCostsItsTimeoutOnce(t *testing.T) {
	for _, concurrency := range []int{0, 7} {
		synctest.Test(t, func(t *testing.T) {
			var dead atomic.Int64
			dial := pipes(func(endpoint string, r *dns.Msg) *dns.Msg {
				if endpoint == deadAddress {
					dead.Add(1)
					return nil
				}
				return answered(r, "@ 300 IN A 192.0.2.7")
			})
			began := time.Now()
			all := Observe(t.Context(), Query{Names: hundreds(300), Dial: dial, Nameservers: at(deadAddress, liveAddress), Concurrency: concurrency})
			if took := time.Since(began); took != 2*time.Second {
				t.Errorf("took %v", took)
			}
			for _, o := range all {
				if o.Status != Address || o.Servers[0].Status != Timeout || o.Servers[1].Status != Address {
					t.Fatalf("got %+v", o)
				}
			}
			// Those that are on their way together are sent twice, and nothing after them.
			limit := int64(2 * defaultConcurrency)
			if concurrency > 0 {
				limit = int64(2 * concurrency)
			}
			// One more may start between the first loss and the second.
			if n := dead.Load(); n < limit || n > limit+1 {
				t.Errorf("the dead server was sent %d datagrams, want %d", n, limit)
			}
			if words := all[299].Servers[0].Words(); words != "not checked: the name server did not answer earlier queries" {
				t.Errorf("the last one: %s", words)
			}
			if o := all[299].Servers[0]; o.Took != 0 && concurrency > 0 || !strings.Contains(all[299].Detail, "only "+liveAddress+" says so") {
				t.Errorf("the last one: %+v, %q", o, all[299].Detail)
			}
		})
	}
}

func TestALostDatagramIsSentAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		ids := make(map[string][]uint16)
		dial := pipes(func(_ string, r *dns.Msg) *dns.Msg {
			mu.Lock()
			defer mu.Unlock()
			ids[r.Question[0].Name] = append(ids[r.Question[0].Name], r.Id)
			if len(ids[r.Question[0].Name]) == 1 {
				return nil
			}
			return answered(r, "@ 300 IN A 192.0.2.7")
		})
		began := time.Now()
		all := Observe(t.Context(), Query{Names: hundreds(3), Dial: dial, Nameservers: at(liveAddress)})
		if took := time.Since(began); took != time.Second {
			t.Errorf("took %v", took)
		}
		for _, o := range all {
			if sent := ids[o.Name.String()+"."]; o.Status != Address || o.Servers[0].Took != time.Second || len(sent) != 2 || sent[0] != sent[1] {
				t.Errorf("sent %d: %+v", sent, o)
			}
		}
	})
}

func TestTheTimeRunsFromTheSending(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		answering := pipes(func(_ string, r *dns.Msg) *dns.Msg { return answered(r, "@ 300 IN A 192.0.2.7") })
		dial := func(ctx context.Context, network, address string) (net.Conn, error) {
			time.Sleep(1500 * time.Millisecond) // a machine with too much to do
			return answering(ctx, network, address)
		}
		all := Observe(t.Context(), Query{Names: hundreds(3), Dial: dial, Nameservers: at(liveAddress)})
		for _, o := range all {
			if o.Status != Address {
				t.Errorf("got %+v", o)
			}
		}
	})
}

func TestIdsAreRandom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		ids := make(map[uint16]bool)
		dial := pipes(func(_ string, r *dns.Msg) *dns.Msg {
			mu.Lock()
			defer mu.Unlock()
			ids[r.Id] = true
			return answered(r)
		})
		Observe(t.Context(), Query{Names: hundreds(200), Dial: dial, Nameservers: at(liveAddress)})
		if len(ids) < 190 {
			t.Errorf("%d different ids in 201 questions", len(ids))
		}
	})
}

func TestAServerThatAnswersOthersIsAskedOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dial := pipes(func(_ string, r *dns.Msg) *dns.Msg {
			if strings.HasSuffix(r.Question[0].Name, "0.example.com.") {
				return nil
			}
			time.Sleep(400 * time.Millisecond)
			return answered(r, "@ 300 IN A 192.0.2.7")
		})
		all := Observe(t.Context(), Query{Names: hundreds(100), Dial: dial, Nameservers: at(liveAddress), Concurrency: 12})
		for _, o := range all {
			want := Address
			if strings.HasSuffix(o.Name.Host, "0") {
				want = Timeout
			}
			if o.Status != want || strings.Contains(o.Detail, "not checked") {
				t.Errorf("%v: %+v", o.Name, o.Answer)
			}
		}
	})
}

func TestAnAnswerEndsARowOfLosses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		// Every other question is lost, so that no two in a row are.
		lost := map[string]bool{"h1.example.com.": true, "h3.example.com.": true, "h5.example.com.": true}
		dial := pipes(func(_ string, r *dns.Msg) *dns.Msg {
			if lost[r.Question[0].Name] {
				return nil
			}
			return answered(r, "@ 300 IN A 192.0.2.7")
		})
		all := Observe(t.Context(), Query{Names: hundreds(7), Dial: dial, Nameservers: at(liveAddress), Concurrency: 1})
		for _, o := range all {
			want := Address
			if lost[o.Name.String()+"."] {
				want = Timeout
			}
			if o.Status != want || strings.Contains(o.Detail, "not checked") {
				t.Errorf("%v: %+v", o.Name, o.Answer)
			}
		}
	})
}

func TestALossDoesNotCountIfTheServerAnsweredMeanwhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		// These are asked together with one that is answered, and given up at the same time, with nothing heard between them.
		lost := map[string]bool{"h0.example.com.": true, "h1.example.com.": true, "h3.example.com.": true}
		dial := pipes(func(_ string, r *dns.Msg) *dns.Msg {
			if lost[r.Question[0].Name] {
				return nil
			}
			time.Sleep(400 * time.Millisecond)
			return answered(r, "@ 300 IN A 192.0.2.7")
		})
		for _, o := range Observe(t.Context(), Query{Names: hundreds(12), Dial: dial, Nameservers: at(liveAddress), Concurrency: 3}) {
			want := Address
			if lost[o.Name.String()+"."] {
				want = Timeout
			}
			if o.Status != want || strings.Contains(o.Detail, "not checked") {
				t.Errorf("%v: %+v", o.Name, o.Answer)
			}
		}
	})
}

func TestASlowServerHasABudget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dial := pipes(func(_ string, r *dns.Msg) *dns.Msg {
			time.Sleep(900 * time.Millisecond)
			return answered(r, "@ 300 IN A 192.0.2.7")
		})
		began := time.Now()
		all := Observe(t.Context(), Query{Names: hundreds(30), Dial: dial, Nameservers: at(liveAddress), Concurrency: 1})
		if took := time.Since(began); took != 20*time.Second {
			t.Errorf("took %v", took)
		}
		// Of 22 questions in time one is for a random name.
		for i, o := range all {
			if i < 21 && o.Status != Address || i >= 21 && (o.Status != Timeout || !strings.Contains(o.Detail, "not checked: 20 s were not enough for all queries")) {
				t.Errorf("%d: %+v", i, o)
			}
		}
		time.Sleep(time.Second) // the server may finish, too
	})
}

func TestAServerOfGarbageIsGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dial := pipes(func(_ string, r *dns.Msg) *dns.Msg {
			m := answered(r, "@ 300 IN A 192.0.2.7")
			m.Id++
			return m
		})
		began := time.Now()
		all := Observe(t.Context(), Query{Names: hundreds(100), Dial: dial, Nameservers: at(liveAddress), Concurrency: 2})
		if took := time.Since(began); took != 2*time.Second {
			t.Errorf("took %v", took)
		}
		for _, o := range all {
			if o.Status != Malformed {
				t.Errorf("got %+v", o)
			}
		}
	})
}

func TestTheBoundOfQuestionsAtATime(t *testing.T) {
	for _, test := range []struct {
		name        string
		concurrency int
		servers     []netip.AddrPort
		most        int64
	}{
		{"as asked for", 5, at(liveAddress), 5},
		{"as asked for, at each of two servers", 5, at(liveAddress, deadAddress), 10},
		{"by default", 0, at(liveAddress), 256},
		{"of all servers", 1000, at(liveAddress, deadAddress), 512},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var now, most atomic.Int64
				answering := pipes(func(_ string, r *dns.Msg) *dns.Msg {
					time.Sleep(50 * time.Millisecond)
					return answered(r)
				})
				dial := func(ctx context.Context, network, address string) (net.Conn, error) {
					n := now.Add(1)
					for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
					}
					conn, err := answering(ctx, network, address)
					return &counted{Conn: conn, now: &now}, err
				}
				Observe(t.Context(), Query{Names: manyNames(3, 200), Dial: dial, Nameservers: test.servers, Concurrency: test.concurrency})
				if most.Load() != test.most || now.Load() != 0 {
					t.Errorf("%d questions at a time, %d connections left open", most.Load(), now.Load())
				}
			})
		})
	}
}

// counted is a connection that is counted until it is closed.
type counted struct {
	net.Conn
	now  *atomic.Int64
	once sync.Once
}

func (c *counted) Close() error {
	c.once.Do(func() { c.now.Add(-1) })
	return c.Conn.Close()
}

func TestDialThatFails(t *testing.T) {
	var dialed atomic.Int64
	dial := func(_ context.Context, network, _ string) (net.Conn, error) {
		dialed.Add(1)
		return nil, &net.OpError{Op: "dial", Net: network, Err: fmt.Errorf("no way\x1b[31m out")}
	}
	all := Observe(t.Context(), Query{Names: hundreds(500), Dial: dial, Nameservers: at(liveAddress), Concurrency: 2})
	for _, o := range all {
		if o.Status != Unreachable {
			t.Fatalf("got %+v", o)
		}
		safe(t, o.Answer)
	}
	if n := dialed.Load(); n > 10 {
		t.Errorf("dialed %d times", n)
	}
}

func TestTheDeadlineOfTheCaller(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dial := pipes(func(string, *dns.Msg) *dns.Msg { return nil })
		ctx, cancel := context.WithTimeout(t.Context(), 700*time.Millisecond)
		defer cancel()
		began := time.Now()
		all := Observe(ctx, Query{Names: hundreds(500), Dial: dial, Nameservers: at(liveAddress, deadAddress)})
		if took := time.Since(began); took != 700*time.Millisecond {
			t.Errorf("took %v", took)
		}
		for _, o := range all {
			if o.Status != Unknown || !strings.Contains(o.Detail, "no answer in time") {
				t.Fatalf("got %+v", o)
			}
		}
	})
}
