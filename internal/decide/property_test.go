package decide

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"testing"
	"time"

	"ddns-batch/internal/plan"
	"ddns-batch/internal/record"
	"ddns-batch/internal/state"
)

// TestAnyRowOfRuns plays random runs against a provider whose records really hold something, with answers that get lost,
// second attempts, runs that crash or are stopped, looks at what is published, and somebody else who changes records. It
// checks after every step what has to hold whatever happens.
func TestAnyRowOfRuns(t *testing.T) {
	met := map[string]int{}
	for seed := range uint64(400) {
		w := newSimulation(t, seed, met)
		for range 1 + w.IntN(16) {
			w.play()
		}
		if t.Failed() {
			t.Fatalf("with the seed %d", seed)
		}
	}
	for _, situation := range []string{
		"sent to try a password", "sent again", "stopped", "no answers in a row", "cut off", "kept back", "settled by what is published",
		"drift set right", "contested", "confirmed and not seen", "another address stored, and not saved",
	} {
		if met[situation] < 10 {
			t.Errorf("%s: only %d times", situation, met[situation])
		}
	}
}

// simulation is the provider as it really is, and what is remembered of it.
type simulation struct {
	*rand.Rand
	*testing.T
	now     time.Time
	found   netip.Addr     // the address of the last run
	memory  state.Snapshot // as it was last saved
	targets []plan.Target
	holds   map[record.Name]netip.Addr
	gone    map[record.Name]bool // records that are not there
	absent  map[string]bool      // domains that are not there
	right   map[string]string    // the password of each domain
	outage  bool                 // nothing is answered in this run
	rival   record.Name          // a record that another machine insists on; empty if there is none
	veiled  map[record.Name]bool // records that nobody sees, whatever they hold
	noise   int                  // of a hundred answers, so many are lost or odd
	// apart are the records that may hold another address than is remembered: somebody else has changed it; or it was to be
	// sent the same address again, another one was stored, and the run crashed before it could save that. To close that gap,
	// every refresh would have to be forgotten first.
	apart map[record.Name]bool
	// met counts situations, of all simulations.
	met map[string]int
}

func newSimulation(t *testing.T, seed uint64, met map[string]int) *simulation {
	w := &simulation{
		Rand: rand.New(rand.NewPCG(seed, 0)), T: t, now: start, found: addresses["x"],
		holds: map[record.Name]netip.Addr{}, gone: map[record.Name]bool{}, absent: map[string]bool{}, right: map[string]string{},
		veiled: map[record.Name]bool{}, apart: map[record.Name]bool{}, met: met,
	}
	w.noise = []int{0, 10, 50}[w.IntN(3)]
	for _, l := range "abc" {
		d := domains[string(l)]
		w.right[d] = "p"
		w.absent[d] = w.IntN(6) == 0
	}
	for i := range 1 + w.IntN(14) {
		n := record.Name{Host: fmt.Sprint("h", i), Domain: domains[string("abc"[w.IntN(3)])]}
		w.targets = append(w.targets, plan.Target{Name: n, Fingerprint: []string{"p", "p", "p", "q"}[w.IntN(4)]})
		w.gone[n] = w.IntN(8) == 0
		w.holds[n] = w.address()
		if w.IntN(8) == 0 {
			w.rival = n
		}
	}
	return w
}

func (w *simulation) address() netip.Addr { return addresses[string("xyz"[w.IntN(3)])] }
