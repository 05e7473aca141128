package authdns

import (
	"context"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/miekg/dns"

	"ddns-batch/internal/record"
)

func TestWaitUntilBothServersServe(t *testing.T) {
	old, fresh := holds("192.0.2.1"), holds("192.0.2.2")
	first := newHost(t, script{"example.com.": old, "www.example.com.": fresh, "*.example.com.": fresh})
	second := newHost(t, script{"example.com.": old, "www.example.com.": fresh, "*.example.com.": fresh})
	// The first server changes when it has answered, the second one after that.
	first.now("example.com.", func(w dns.ResponseWriter, r *dns.Msg) {
		old(w, r)
		first.now("example.com.", func(w dns.ResponseWriter, r *dns.Msg) {
			fresh(w, r)
			second.now("example.com.", fresh)
		})
	})
	names := []record.Name{name("@", "example.com"), name("www", "example.com"), name("*", "example.com"), name("@", "example.com")}
	q := Query{Names: names, Nameservers: []netip.AddrPort{first.address, second.address}, Timeout: patient, Interval: 5 * time.Millisecond}
	var seen []string
	all := Wait(t.Context(), q, netip.MustParseAddr("192.0.2.2"), func(w Waited) {
		if !w.Served || w.Took <= 0 || w.Status != Address {
			t.Errorf("told of %+v", w)
		}
		seen = append(seen, w.Name.String())
	})
	for i, w := range all {
		if w.Name != names[i] || !w.Served || w.Took <= 0 || w.Answer.Address().String() != "192.0.2.2" || w.Wildcard {
			t.Errorf("got %+v", w)
		}
	}
	if all[1].Took >= all[0].Took {
		t.Errorf("www took %v, the domain itself %v", all[1].Took, all[0].Took)
	}
	if want := []string{"www.example.com", "*.example.com", "example.com", "example.com"}; !slices.Equal(seen, want) {
		t.Errorf("told of %q, want %q", seen, want)
	}
	heard := first.names()
	if n := len(slices.DeleteFunc(heard, func(s string) bool { return s == "example.com." })); n != 2 {
		t.Errorf("names that were served were asked for again: %q", first.names())
	}
}

func TestWaitAsksLessAndLessOften(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		var mu sync.Mutex
		var rounds []time.Duration
		dial := pipes(func(_ string, r *dns.Msg) *dns.Msg {
			mu.Lock()
			defer mu.Unlock()
			rounds = append(rounds, time.Since(began))
			return answered(r, "@ 300 IN A 192.0.2.1")
		})
		ctx, cancel := context.WithTimeout(t.Context(), 25*time.Second)
		defer cancel()
		q := Query{Names: []record.Name{name("@", "example.com")}, Dial: dial, Nameservers: at(liveAddress)}
		all := Wait(ctx, q, netip.MustParseAddr("192.0.2.2"), func(w Waited) { t.Errorf("told of %+v", w) })
		if took := time.Since(began); took != 25*time.Second {
			t.Errorf("took %v", took)
		}
		if w := all[0]; w.Served || w.Took != 0 || w.Status != Address || w.Answer.Address().String() != "192.0.2.1" {
			t.Errorf("got %+v", w)
		}
		want := []time.Duration{0, 1000, 2500, 4750, 8125, 13125, 18125, 23125}
		for i := range want {
			want[i] *= time.Millisecond
		}
		if !slices.Equal(rounds, want) {
			t.Errorf("asked at %v, want %v", rounds, want)
		}
	})
}

func TestWaitGoesOnWhileOneServerIsSilent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		dial := pipes(func(endpoint string, r *dns.Msg) *dns.Msg {
			if endpoint == deadAddress && time.Since(began) < 30*time.Second {
				return nil
			}
			return answered(r, "@ 300 IN A 192.0.2.2")
		})
		q := Query{Names: hundreds(3), Dial: dial, Nameservers: at(liveAddress, deadAddress)}
		all := Wait(t.Context(), q, netip.MustParseAddr("192.0.2.2"), nil)
		for _, w := range all {
			if !w.Served || w.Took < 30*time.Second || w.Took > 40*time.Second {
				t.Errorf("got %+v", w)
			}
		}
	})
}

func TestTheTimeItTookIsThatOfTheName(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dial := pipes(func(_ string, r *dns.Msg) *dns.Msg {
			if r.Question[0].Name == "h0.example.com." {
				return nil
			}
			time.Sleep(70 * time.Millisecond)
			return answered(r, "@ 300 IN A 192.0.2.2")
		})
		ctx, cancel := context.WithTimeout(t.Context(), 4*time.Second)
		defer cancel()
		all := Wait(ctx, Query{Names: hundreds(2), Dial: dial, Nameservers: at(liveAddress)}, netip.MustParseAddr("192.0.2.2"), nil)
		if w := all[1]; w.Took != 70*time.Millisecond {
			t.Errorf("got %+v", w)
		}
		// The last round was cut short; what is known is from the one before.
		if w := all[0]; w.Served || w.Status != Timeout {
			t.Errorf("got %+v", w)
		}
	})
}

func TestWaitNeedsExactlyTheAddress(t *testing.T) {
	for _, test := range []struct {
		name string
		says []string
		want netip.Addr
	}{
		{"that address and another one", []string{"@ 300 IN A 192.0.2.1", "@ 300 IN A 192.0.2.2"}, netip.MustParseAddr("192.0.2.2")},
		{"nothing, when nothing is wanted", nil, netip.Addr{}},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				dial := pipes(func(_ string, r *dns.Msg) *dns.Msg { return answered(r, test.says...) })
				ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
				defer cancel()
				if w := Wait(ctx, Query{Names: hundreds(1), Dial: dial, Nameservers: at(liveAddress)}, test.want, nil)[0]; w.Served {
					t.Errorf("got %+v", w)
				}
			})
		})
	}
}

func TestWaitLooksForServersUntilTheyAreFoundAndThenNoMore(t *testing.T) {
	n := newInternet(t)
	n.delegate("example.com", "ns.example.org 192.0.2.1")
	n.failOnce("example.com. NS", dns.RcodeNameError)
	var asked atomic.Int64
	n.routes["192.0.2.1:53"] = newHost(t, script{"example.com.": func(w dns.ResponseWriter, r *dns.Msg) {
		if asked.Add(1) < 3 {
			holds("192.0.2.1")(w, r)
			return
		}
		holds("192.0.2.2")(w, r)
	}})
	q := n.query(name("@", "example.com"))
	q.Interval = time.Millisecond
	if w := Wait(t.Context(), q, netip.MustParseAddr("192.0.2.2"), nil)[0]; !w.Served {
		t.Errorf("got %+v", w)
	}
	if got := n.lookUps(); !slices.Equal(got, []string{"example.com. NS", "example.com. NS", "ns.example.org. A"}) || asked.Load() != 3 {
		t.Errorf("%d questions, and looked up %q", asked.Load(), got)
	}
}

func TestNothingToWaitFor(t *testing.T) {
	if all := Wait(t.Context(), Query{}, netip.MustParseAddr("192.0.2.2"), nil); len(all) != 0 {
		t.Errorf("got %v", all)
	}
}
