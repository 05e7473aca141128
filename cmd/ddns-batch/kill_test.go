package main

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"ddns-batch/internal/record"
)

// A run that is killed at any instant, while the address flips between two values, leaves a state that loads and that
// claims nothing wrong, and the next run that comes to its end puts everything right. Nothing stays wrong.
func TestSoakKilledAtAnyInstant(t *testing.T) {
	t.Parallel()
	k := newKiller(t, numbered("example.com", 80), numbered("example.net", 80), numbered("example.org", 80))
	for rounds := newSoak(t, 6); rounds.more(); {
		k.kill()
		// At times the next run is killed as well.
		if k.IntN(4) > 0 {
			k.mend()
		}
	}
	k.mend()
	t.Logf("%d kills, %d of them while some but not all records had moved; %d runs took over from a killed one", k.kills, k.partial, k.relieved)
	// With fewer kills bad luck alone may explain either.
	if k.kills < 24 {
		return
	}
	if k.relieved == 0 {
		t.Errorf("in %d kills no run was killed while another one waited for its end", k.kills)
	}
	if k.partial*4 < k.kills {
		t.Errorf("only %d of %d kills came in the middle of a batch, too few to mean anything", k.partial, k.kills)
	}
}

// killer is a machine, the address of its line, and a source of bad luck.
type killer struct {
	*machine
	*rand.Rand
	address netip.Addr
	typical time.Duration // of a run that is left alone
	// kills counts the attempts to kill a run, partial those that left some records moved and some not, relieved those
	// after which a run took over that had been waiting.
	kills, partial, relieved int
}

func newKiller(t *testing.T, zones ...zone) *killer {
	t.Helper()
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	k := &killer{
		machine: setup{service: time.Millisecond}.machine(t, zones...),
		Rand:    rand.New(rand.NewPCG(seed, 0)),
		address: homeAddress,
	}
	k.typical = k.mustRun(statusOK).took
	k.confirmed(k.address)
	return k
}

// flip gives the line its other address.
func (k *killer) flip() {
	if k.address == homeAddress {
		k.address = awayAddress
	} else {
		k.address = homeAddress
	}
	k.server.SetAddress(k.address)
}

// kill ends a run that moves the records to the other address, and looks at what it leaves behind.
func (k *killer) kill() {
	k.flip()
	k.kills++
	moved := k.atAddress(k.address)
	if k.kills%3 == 0 {
		k.relieve(moved)
		return
	}
	run := k.start(k.habit()...)
	k.awaitAnyInstant(run, moved)
	run.kill()
	k.unlocked()
	k.awaitIdle()
	k.count(moved, k.atAddress(k.address))
	k.honest(k.snapshot())
	for _, name := range k.besideState() {
		if !slices.Contains([]string{"last-run.json", "last-run.json.tmp", "state.json", "state.json.lock", "state.json.tmp"}, name) {
			k.Fatalf("the killed run left %s", name)
		}
	}
}

func (k *killer) count(before, after int) {
	if before < after && after < len(k.server.Records()) {
		k.partial++
	}
}

// relieve kills a run while another one waits for its end, for which the address has gone back. The second one, which
// would overtake the first, must neither begin before that one's end nor believe what it was about to do.
func (k *killer) relieve(moved int) {
	there := k.address
	run := k.start("--concurrency", "1")
	k.awaitAnyInstant(run, moved)
	k.flip()
	second := k.start("--concurrency", "16")
	k.pause(k.typical)
	now := k.atAddress(there)
	if run.kill().status == -1 {
		k.count(moved, now)
		k.relieved++
	}
	if e := second.end(); e.status != statusOK {
		k.Fatalf("the second run ended with status %d:\n%s%s", e.status, e.stdout, e.stderr)
	}
	k.awaitIdle()
	k.confirmed(k.address)
}

// mend lets the next run come to its end, at the address that the killed one knew or at the one before.
func (k *killer) mend() {
	if k.IntN(2) == 0 {
		k.flip()
	}
	k.typical = k.mustRun(statusOK, k.habit()...).took
	k.confirmed(k.address)
	k.checkStateFolder()
}

// habit is one of the ways in which the program is called.
func (k *killer) habit() []string {
	habits := [][]string{nil, {"-q"}, {"-o", "json"}, {"--log-level", "trace"}, {"--force"}, {"--concurrency", "16"}}
	return habits[k.IntN(len(habits))]
}

// awaitAnyInstant waits for an instant at random: half of them in the life of the run, half in the row of its updates,
// which a slow machine would otherwise miss.
func (k *killer) awaitAnyInstant(run *process, moved int) {
	if k.IntN(2) == 0 {
		k.pause(k.typical + k.typical/4)
		return
	}
	aim := moved + k.IntN(len(k.server.Records())-moved+1)
	over := run.began.Add(4*k.typical + time.Second)
	k.await("updates", func() bool { return k.atAddress(k.address) >= aim || time.Now().After(over) })
	k.pause(time.Millisecond)
}

// pause sleeps for a random time up to longest: here the instant is not what is waited for, but what is tested.
func (k *killer) pause(longest time.Duration) {
	time.Sleep(time.Duration(k.Int64N(int64(longest) + 1)))
}

// A kill costs what was in flight and what was confirmed in the last two seconds, and no more: all else is not sent
// again.
func TestSoakWhatAKillCosts(t *testing.T) {
	t.Parallel()
	// Long enough after the second and the fourth second to tell a save that is late from one that is only slow.
	instants := []time.Duration{3500 * time.Millisecond, 5500 * time.Millisecond}
	for rounds := newSoak(t, 1).fewer(20); rounds.more(); {
		t.Run("round", func(t *testing.T) {
			for _, after := range instants {
				t.Run(after.String(), func(t *testing.T) {
					t.Parallel()
					killALongBatch(t, after)
				})
			}
		})
		for i := range instants {
			instants[i] = rand.N(5500 * time.Millisecond)
		}
	}
}

// killALongBatch kills a run so long after its first update was answered.
func killALongBatch(t *testing.T, after time.Duration) {
	const workers, late = 8, 2 * time.Second
	m := setup{service: 100 * time.Millisecond}.machine(t, numbered("example.com", 170), numbered("example.net", 170), numbered("example.org", 170))
	run := m.start("--concurrency", fmt.Sprint(workers))
	m.await("the first update", func() bool { return len(m.server.Heard()) > 0 })
	// A save writes, syncs and renames; all of that takes a busy machine longer.
	slack := 500*time.Millisecond + 4*m.slowestSync(m.server.Heard()[0].At.Add(after))
	killed := time.Now()
	run.kill()
	m.awaitIdle()
	m.honest(m.snapshot())

	before := m.server.Heard()
	if len(before) == len(m.server.Records()) {
		t.Fatal("the batch had ended before the kill, so there is nothing to learn")
	}
	answered := map[record.Name]time.Time{}
	recent := 0
	for _, q := range before {
		answered[q.Name] = q.At
		if killed.Sub(q.At) <= late+slack {
			recent++
		}
	}
	m.mustRun(statusOK, "--concurrency", "64")
	m.confirmed(homeAddress)
	again := 0
	for _, q := range m.server.Heard()[len(before):] {
		at, ok := answered[q.Name]
		if !ok {
			continue
		}
		again++
		if age := killed.Sub(at); age > late+slack {
			t.Errorf("%s was sent again, although it had been confirmed %s before the kill", q.Name, age)
		}
	}
	t.Logf("%d of %d updates were sent again; %d were answered in the last %s", again, len(before), recent, late+slack)
	if again > workers+recent {
		t.Errorf("%d updates were sent again, more than the %d in flight and the %d that were new", again, workers, recent)
	}
}

// slowestSync writes to the disk in small steps until that time, and returns how much longer than its pause the slowest
// step took.
func (m *machine) slowestSync(until time.Time) (slowest time.Duration) {
	f, err := os.Create(filepath.Join(m.dir, "elsewhere"))
	m.must(err)
	defer f.Close()
	for time.Now().Before(until) {
		pause := min(20*time.Millisecond, time.Until(until))
		began := time.Now()
		time.Sleep(pause)
		_, err := f.WriteString(".")
		m.must(errors.Join(err, f.Sync()))
		slowest = max(slowest, time.Since(began)-pause)
	}
	return slowest
}
