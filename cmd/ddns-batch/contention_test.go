package main

import (
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"ddns-batch/internal/provider/namecheap/sandbox"
	"ddns-batch/internal/record"
	"ddns-batch/internal/state"
)

// Two to ten runs at once, of two YAML files that share a state and some records, while the address changes and some of
// them are killed. At no instant does the state claim what is not so; no update is lost, no old claim comes back, every
// run that is left alone ends well and in time, and afterwards nobody holds the lock.
func TestSoakManyRunsAtOnce(t *testing.T) {
	t.Parallel()
	c := newRush(t)
	for rounds := newSoak(t, 8).fewer(4); rounds.more(); {
		c.round()
	}
	t.Logf("%d runs, %d of them killed; the state was looked at %d times meanwhile", c.runs, c.killed, c.looks)
	// With fewer runs bad luck alone may be the reason.
	if c.runs >= 40 && c.killed*10 < c.runs {
		t.Errorf("only %d of %d runs were killed, too few to mean anything", c.killed, c.runs)
	}
}

// lockTime is how long a run waits for the lock. That is a promise, so no constant of the program's is asked.
const lockTime = 10 * time.Second

// perFile is how many records each YAML file of a rush has.
const perFile = 30

// rush is a machine with two YAML files that share a state: each has a domain of its own, and both have example.org.
type rush struct {
	*killer
	files                       []string
	rounds, runs, killed, looks int
	// known is the state when it was last looked at.
	known state.Snapshot
}

func newRush(t *testing.T) *rush {
	t.Helper()
	com, net, org := numbered("example.com", 20), numbered("example.net", 20), numbered("example.org", perFile-20)
	c := &rush{killer: newKiller(t, com, net, org)}
	for name, zones := range map[string][]zone{"one.yaml": {com, org}, "two.yaml": {org, net}} {
		c.files = append(c.files, c.write(name, c.yaml(zones, nil)))
	}
	c.known = c.snapshot()
	return c
}

// round lets a number of runs begin at random, and compares when they have ended. In one round of three nobody is killed.
func (c *rush) round() {
	c.Helper()
	c.rounds++
	looks := c.looks
	over, seen := make(chan struct{}), make(chan error)
	go func() { seen <- c.watch(over) }()
	mercy := c.rounds%3 == 0
	checks := make(chan func())
	n := 2 + c.IntN(9)
	for i := range n {
		c.pause(c.typical / 4)
		if c.IntN(4) == 0 {
			c.flip()
		}
		args := []string{"--config", c.files[c.IntN(len(c.files))]}
		doomed, after := !mercy && i%3 == 0, c.IntN(perFile)
		if doomed {
			// So that it has something to send, whatever others have done before it.
			args = append(args, "--force")
		}
		run := c.start(args...)
		go func() {
			if !doomed {
				e := run.end()
				checks <- func() { c.judge(e, doomed) }
				return
			}
			ended, killed := make(chan struct{}), make(chan struct{})
			go func() { c.doom(run, after, ended); close(killed) }()
			e := run.end()
			// Some of the others are still at work, and it must not be the dead one that keeps them from the lock.
			err := c.take(lockTime)
			close(ended)
			<-killed
			checks <- func() {
				c.judge(e, doomed)
				if err != nil {
					c.Errorf("after the end of a run that was to be killed: %v", err)
				}
			}
		}()
	}
	for range n {
		(<-checks)()
	}
	c.awaitIdle()
	close(over)
	if err := <-seen; err != nil {
		c.Fatal(err)
	}
	if c.looks == looks {
		c.Fatal("nobody looked at the state while runs were at work")
	}
	c.unlocked()
	c.honest(c.snapshot())
	if known, all := len(claimed(c.snapshot())), len(c.server.Records()); mercy && known != all {
		c.Fatalf("nobody was killed, and yet only %d of %d records are known", known, all)
	}
	for _, file := range c.files {
		c.mustRun(statusOK, "--config", file)
	}
	c.confirmed(c.address)
	c.checkStateFolder()
	c.must(c.learn(c.snapshot()))
	c.complete(c.address)
}

// doom kills a run when so many of its updates are over, unless it ends by itself. Who sends is who signed the lock: all others
// wait for it.
func (c *rush) doom(run *process, after int, ended <-chan struct{}) {
	signature := fmt.Sprintf(`"pid":%d,`, run.Process.Pid)
	before := -1
	for {
		select {
		case <-ended:
			return
		case <-time.After(200 * time.Microsecond):
		}
		if before < 0 {
			signed, _ := os.ReadFile(c.state + ".lock")
			if !strings.Contains(string(signed), signature) {
				continue
			}
			before = len(c.server.Heard())
		}
		if len(c.server.Heard())-before > after {
			_ = run.Process.Kill()
			return
		}
	}
}

// judge: a run that was not killed has done what it was there for, unless others held the lock as long as it could wait.
func (c *rush) judge(e finished, doomed bool) {
	c.runs++
	inVain := e.status == statusState && strings.Contains(e.stderr, "holds the lock") && e.took >= lockTime
	switch {
	case doomed && e.status == -1:
		c.killed++
	case e.status != statusOK && !inVain:
		c.Errorf("a run ended with status %d after %s:\n%s%s", e.status, e.took, e.stdout, e.stderr)
	case e.took > lockTime+2*time.Second+10*c.typical:
		c.Errorf("a run ended after %s", e.took)
	}
}

// watch compares the state with what is published again and again until over: whatever a state file says holds as long
// as it lies there.
func (c *rush) watch(over <-chan struct{}) error {
	for {
		select {
		case <-over:
			return nil
		case <-time.After(time.Millisecond):
		}
		before, err := os.Stat(c.state)
		if err != nil {
			return err
		}
		snapshot, notes, err := state.Read(c.state)
		if err != nil || len(notes) > 0 {
			return fmt.Errorf("the state cannot be read: %w %q", err, notes)
		}
		held := c.server.Records()
		after, err := os.Stat(c.state)
		if err != nil || !os.SameFile(before, after) || before.ModTime() != after.ModTime() {
			continue
		}
		c.looks++
		for name, said := range claimed(snapshot) {
			if held[name] != said {
				return fmt.Errorf("while runs are at work the state says that %s holds %s, but it holds %s", name, said, held[name])
			}
		}
		if err := c.learn(snapshot); err != nil {
			return fmt.Errorf("while runs are at work %w", err)
		}
	}
}

// learn takes a later state than the known one for the known one. It is an error if something is gone that no run may
// forget: of a record its history, of a domain a password that was accepted.
func (c *rush) learn(now state.Snapshot) error {
	histories, accepted := map[record.Name][]state.Change{}, acceptedPasswords(now)
	for _, r := range now.Records {
		histories[r.Name()] = r.History
	}
	for _, r := range c.known.Records {
		if later := histories[r.Name()]; !continues(r.History, later) {
			return fmt.Errorf("the history of %s was lost: first %v, then %v", r.Name(), r.History, later)
		}
	}
	for which := range acceptedPasswords(c.known) {
		if !accepted[which] {
			return fmt.Errorf("it was forgotten that a password of %s had been accepted", which)
		}
	}
	c.known = now
	return nil
}

// continues reports whether a history goes on where an earlier one ended. Of a long one the beginning is given up.
func continues(earlier, later []state.Change) bool {
	const longestHistory = 100
	gone := 0
	if len(later) == longestHistory {
		gone = max(slices.Index(earlier, later[0]), 0)
	}
	rest := earlier[gone:]
	return len(rest) <= len(later) && slices.Equal(rest, later[:len(rest)])
}

// acceptedPasswords are the fingerprints of those that were accepted, behind their domains.
func acceptedPasswords(s state.Snapshot) map[string]bool {
	accepted := map[string]bool{}
	for _, d := range s.Domains {
		for _, p := range d.Passwords {
			if !p.AcceptedAt.IsZero() {
				accepted[d.Domain+" "+p.Fingerprint] = true
			}
		}
	}
	return accepted
}

// complete fails unless the state knows for each record since when it holds a, and a password of each domain.
func (m *machine) complete(a netip.Addr) {
	m.Helper()
	now := m.snapshot()
	for _, r := range now.Records {
		if n := len(r.History); n == 0 || r.History[n-1].IP != a {
			m.Fatalf("%s holds %s, but its history is %v", r.Name(), a, r.History)
		}
	}
	if accepted := acceptedPasswords(now); len(accepted) != len(m.passwords) {
		m.Fatalf("of %d passwords these were accepted: %v", len(m.passwords), accepted)
	}
}

// unlocked fails if somebody holds the lock.
func (m *machine) unlocked() {
	m.Helper()
	m.must(m.take(0))
}

// take takes the lock within a time, and gives it back.
func (m *machine) take(wait time.Duration) error {
	l, err := state.Acquire(m.Context(), m.state, wait, time.Now)
	if err != nil {
		return err
	}
	return l.Release()
}

// Runs that waited for another one that did their work find nothing left to do.
func TestTheSameRunManyTimesAtOnce(t *testing.T) {
	t.Parallel()
	m := setup{service: time.Millisecond}.machine(t, numbered("example.com", 20), numbered("example.net", 20))
	for _, a := range []string{"first", "moved"} {
		if a == "moved" {
			m.server.SetAddress(awayAddress)
		}
		sent := m.updatesDuring(func() {
			var runs []*process
			for range 8 {
				runs = append(runs, m.start())
			}
			for _, run := range runs {
				if e := run.end(); e.status != statusOK {
					t.Errorf("%s: status %d\n%s%s", a, e.status, e.stdout, e.stderr)
				}
			}
		})
		if sent != 40 {
			t.Errorf("%s: 8 runs sent 40 records %d times", a, sent)
		}
	}
	m.confirmed(awayAddress)
	m.unlocked()
}

// A run that cannot have the lock says who has it, and ends when the time for waiting, or its own, is over.
func TestWaitingForTheLockInVain(t *testing.T) {
	t.Parallel()
	m := newMachine(t, numbered("example.com", 2))
	m.configure(map[string]string{"status_file": "status.json"})
	m.server.SetFault(record.Name{Host: "h1", Domain: "example.com"}, sandbox.Hang)
	holder := m.start()
	m.await("the update that hangs", func() bool { return len(m.server.Heard()) == 2 })
	waits := []struct {
		timeout string
		least   time.Duration
	}{{"500ms", 500 * time.Millisecond}, {"1m", lockTime}}
	if testing.Short() {
		waits = waits[:1]
	}
	var waiting []*process
	for _, w := range waits {
		waiting = append(waiting, m.start("--timeout", w.timeout))
	}
	for i, w := range waits {
		e := waiting[i].end()
		if want := fmt.Sprintf("another run, process %d, started ", holder.Process.Pid); e.status != statusState || !strings.Contains(e.stderr, want) {
			t.Errorf("status %d, and it does not say %q:\n%s", e.status, want, e.stderr)
		}
		// Half as long as the other would take, on a machine that is busy.
		if e.took < w.least || e.took > w.least+lockTime/2 {
			t.Errorf("with --timeout %s it waited %s", w.timeout, e.took)
		}
	}
	if _, err := os.Lstat(filepath.Join(m.dir, "status.json")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a run without the lock wrote the status_file: %v", err)
	}
	holder.kill()
	m.unlocked()
	m.server.ClearFault(record.Name{Host: "h1", Domain: "example.com"})
	m.mustRun(statusOK)
	m.confirmed(homeAddress)
	m.checkStateFolder()
}
