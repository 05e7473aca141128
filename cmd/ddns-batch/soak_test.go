package main

import (
	"os"
	"strconv"
	"testing"
	"time"
)

// soakVariable makes each of the tests that get better the longer they run, TestSoak..., go on for so many rounds
// ("500") or for so long ("10m").
const soakVariable = "DDNS_BATCH_SOAK"

// soak counts the rounds of such a test.
type soak struct {
	rounds int
	end    time.Time // if not zero, it counts instead of rounds
}

// newSoak is for a test that takes so many rounds in a plain test run.
func newSoak(t *testing.T, plain int) *soak {
	t.Helper()
	text := os.Getenv(soakVariable)
	if text == "" {
		return &soak{rounds: plain}
	}
	if rounds, err := strconv.Atoi(text); err == nil && rounds > 0 {
		return &soak{rounds: rounds}
	}
	long, err := time.ParseDuration(text)
	if err != nil || long <= 0 {
		t.Fatalf("%s is %q: give a number of rounds, or a duration with its unit", soakVariable, text)
	}
	return &soak{end: time.Now().Add(long)}
}

// more reports whether there is another round.
func (s *soak) more() bool {
	if !s.end.IsZero() {
		return time.Now().Before(s.end)
	}
	s.rounds--
	return s.rounds >= 0
}

// fewer is s for a test of which one round takes as long as so many of others.
func (s *soak) fewer(times int) *soak {
	s.rounds = (s.rounds + times - 1) / times
	return s
}
