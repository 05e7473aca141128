package main

import (
	"fmt"
	"os"
	"path/filepath"
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
	for rounds := newSoak(t, 8, 40).fewer(4); rounds.more(); {
		c.round()
	}
	t.Logf("%d runs, %d of them killed; the state was looked at %d times meanwhile", c.runs, c.killed, c.looks)
}

// rush is a site with two YAML files that share a state: each has a domain of its own, and both have example.org.
type rush struct {
	*killer
	files               []string
	runs, killed, looks int
}

func newRush(t *testing.T) *rush {
	t.Helper()
	com, net, org := zone{"example.com", 20}, zone{"example.net", 20}, zone{"example.org", 10}
	c := &rush{killer: newKiller(t, com, net, org)}
	for name, zones := range map[string][]zone{"one.yaml": {com, org}, "two.yaml": {org, net}} {
		c.write(name, hostsFile(zones...))
		c.files = append(c.files, filepath.Join(c.dir, name))
	}
	return c
}

// round lets a number of runs begin at random, and compares when they have ended.
func (c *rush) round() {
	c.Helper()
	over, seen := make(chan struct{}), make(chan error)
	go func() { seen <- c.watch(over) }()
	mercy := c.IntN(2) == 0
	endings := make(chan func())
	n := 2 + c.IntN(9)
	for range n {
		c.pause(c.typical / 4)
		if c.IntN(4) == 0 {
			c.flip()
		}
		run := c.start("--config", c.files[c.IntN(len(c.files))])
		doomed, life := !mercy && c.IntN(3) == 0, time.Duration(c.Int64N(int64(2*c.typical)))
		go func() {
			if doomed {
				time.Sleep(life)
				_ = run.Process.Kill()
			}
			e := run.end()
			endings <- func() { c.judge(e, doomed) }
		}()
	}
	for range n {
		(<-endings)()
	}
	c.settle()
	close(over)
	if err := <-seen; err != nil {
		c.Fatal(err)
	}
	c.unlocked()
	c.honest()
	if known, all := len(c.claims()), len(c.server.Records()); mercy && known != all {
		c.Fatalf("nobody was killed, and yet only %d of %d records are known", known, all)
	}
	for _, file := range c.files {
		c.run(statusOK, "--config", file)
	}
	c.right(c.address)
	c.tidy()
}

// judge: a run that was not killed has done what it was there for, unless others held the lock as long as it could wait.
func (c *rush) judge(e ending, doomed bool) {
	c.runs++
	inVain := e.status == statusState && strings.Contains(e.stderr, "holds the lock") && e.took >= lockWait
	switch {
	case doomed && e.status == -1:
		c.killed++
	case e.status != statusOK && !inVain:
		c.Errorf("a run ended with status %d after %s:\n%s%s", e.status, e.took, e.stdout, e.stderr)
	case e.took > lockWait+10*c.typical+5*time.Second:
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
	}
}

// unlocked fails if somebody holds the lock.
func (s *site) unlocked() {
	s.Helper()
	l, err := state.Acquire(s.Context(), s.state, 0, time.Now)
	if err != nil {
		s.Fatal(err)
	}
	if err := l.Release(); err != nil {
		s.Fatal(err)
	}
}

// Runs that waited for another one that did their work find nothing left to do.
func TestTheSameRunManyTimesAtOnce(t *testing.T) {
	t.Parallel()
	s := newSite(t, t.TempDir(), time.Millisecond, zone{"example.com", 20}, zone{"example.net", 20})
	for _, a := range []string{"first", "moved"} {
		if a == "moved" {
			s.server.SetAddress(awayAddress)
		}
		sent := s.heard(func() {
			var runs []*process
			for range 8 {
				runs = append(runs, s.start())
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
	s.right(awayAddress)
	s.unlocked()
}

// A run that cannot have the lock says who has it, and ends when the time for waiting, or its own, is over.
func TestSoakWaitingForTheLockInVain(t *testing.T) {
	t.Parallel()
	s := newSite(t, t.TempDir(), 0, zone{"example.com", 2})
	s.server.SetFault(record.Name{Host: "h1", Domain: "example.com"}, sandbox.Hang)
	holder := s.start()
	s.await("the update that hangs", func() bool { return len(s.server.Heard()) == 2 })
	waits := map[string]time.Duration{"500ms": 500 * time.Millisecond}
	if os.Getenv(soakVariable) != "" {
		waits["1m"] = lockWait
	}
	for timeout, wait := range waits {
		e := s.run(statusState, "--timeout", timeout)
		if want := fmt.Sprintf("another run, process %d, started ", holder.Process.Pid); !strings.Contains(e.stderr, want) {
			t.Errorf("it does not say %q:\n%s", want, e.stderr)
		}
		if e.took < wait || e.took > wait+5*time.Second {
			t.Errorf("with --timeout %s it waited %s", timeout, e.took)
		}
	}
	holder.kill()
	s.server.ClearFault(record.Name{Host: "h1", Domain: "example.com"})
	s.unlocked()
	s.run(statusOK)
	s.right(homeAddress)
	s.tidy()
}
