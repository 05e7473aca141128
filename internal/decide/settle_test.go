package decide

import (
	"math/rand/v2"
	"net/netip"
	"testing"
	"time"

	"ddns-batch/internal/plan"
	"ddns-batch/internal/provider"
	"ddns-batch/internal/record"
	"ddns-batch/internal/state"
)

// zoneOfOne is a record as it really is: what the provider holds, and what its two name servers make of it, each in its
// own time, but within a TTL.
type zoneOfOne struct {
	*rand.Rand
	now     time.Time
	holds   netip.Addr
	pending [2][]state.Change // what each server is still to publish, in order
	serves  [2]netip.Addr
}

const ttlOfOne = time.Hour

func (z *zoneOfOne) store(a netip.Addr) {
	z.holds = a
	for i := range z.pending {
		z.pending[i] = append(z.pending[i], state.Change{IP: a, At: z.now})
	}
}

// publish lets the name servers follow.
func (z *zoneOfOne) publish() {
	for i := range z.pending {
		for len(z.pending[i]) > 0 && (z.IntN(3) > 0 || z.now.Sub(z.pending[i][0].At) >= ttlOfOne) {
			z.serves[i], z.pending[i] = z.pending[i][0].IP, z.pending[i][1:]
		}
	}
}

// look is what is seen of it, by whichever of the two servers answers.
func (z *zoneOfOne) look() plan.Observation {
	answers := [2]bool{z.IntN(6) > 0, z.IntN(6) > 0}
	switch {
	case answers == [2]bool{}, answers == [2]bool{true, true} && z.serves[0] != z.serves[1]:
		return plan.Observation{}
	case answers[0]:
		return plan.Observation{Certain: true, Unanimous: answers[1], Published: z.serves[0], TTL: ttlOfOne}
	default:
		return plan.Observation{Certain: true, Published: z.serves[1], TTL: ttlOfOne}
	}
}

// send is one update of which much can become.
func (z *zoneOfOne) send(to netip.Addr) *provider.Error {
	switch z.IntN(8) {
	case 0, 1:
		z.store(to)
		return nil
	case 2, 3:
		z.store(to)
		return []*provider.Error{words["timeout"], words["noproof"]}[z.IntN(2)]
	case 4, 5:
		return words["timeout"]
	case 6:
		// The right address is stored in the end, by whoever changes the requests, or another one is.
		z.store([]netip.Addr{to, netip.MustParseAddr("192.0.2.1")}[z.IntN(2)])
		return words["mismatch"]
	default:
		return words["norecord"]
	}
}

// TestSettleConfirmsOnlyRealChanges plays random runs that look at what is published before and after they send, while the name
// servers follow in their own time and answer or not. What the state says is what the provider holds, in every one.
func TestSettleConfirmsOnlyRealChanges(t *testing.T) {
	name := record.Name{Host: "@", Domain: "example.com"}
	settled := 0
	for seed := range uint64(3000) {
		z := &zoneOfOne{Rand: rand.New(rand.NewPCG(seed, 5)), now: start}
		var memory state.Snapshot
		for range 1 + z.IntN(12) {
			z.now = z.now.Add(time.Duration(5+z.IntN(200)) * time.Minute)
			z.publish()
			p := plan.Build(plan.Input{
				Now: z.now, Address: addresses[string("xyz"[z.IntN(3)])], Targets: []plan.Target{{Name: name, Fingerprint: "p"}},
				State: memory, RefreshAfter: []time.Duration{0, time.Hour}[z.IntN(2)], Retry: true,
				Observed: map[record.Name]plan.Observation{name: z.look()},
			})
			results := make([]Result, 1)
			if p.Steps[0].Action == plan.Update {
				results[0] = Summarize(p.Steps[0], []*provider.Error{z.send(p.Steps[0].To)}, "")
				results[0].At = z.now
				z.publish()
				results = Settle(p, results, map[record.Name]plan.Observation{name: z.look()})
			}
			if r := results[0]; r.ConfirmedByDNS {
				settled++
				if z.holds != p.Steps[0].To {
					t.Fatalf("seed %d: settled as %s at %v, and it holds %v", seed, r.Outcome, p.Steps[0].To, z.holds)
				}
			}
			memory = Learn(memory, p, results)
			if r := memory.Records[0]; r.IP.IsValid() && r.IP != z.holds {
				t.Fatalf("seed %d: it holds %v, and %v is remembered", seed, z.holds, r.IP)
			}
		}
	}
	if settled < 100 {
		t.Errorf("only %d updates were settled", settled)
	}
	t.Logf("%d updates were settled", settled)
}
