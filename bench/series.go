package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"
)

// series are the runs of the programs on one batch.
type series struct {
	batch
	first usage // of ddns-batch, which then tries every password on one record before it sends the others
	send  map[string][]usage
	idle  map[string][]usage
	// lookUps is how long ddns-batch waited for the address.
	lookUps    []time.Duration
	service    time.Duration // how long an answer of the stand-in really takes
	handshakes int           // of ddns-batch's first run, at the endpoint
}

// ideal is what a run takes at best: the look-up, and the time for sending alone.
func (s *series) ideal() time.Duration { return median(s.lookUps) + s.batch.ideal(s.service) }

// idleRuns is how many runs with nothing to do follow one that sends: they are short, and so a moment in which the machine
// is busy with something else tells more on them.
const idleRuns = 3

// compare lets the programs take turns on one batch.
func compare(site *site, b batch, s settings, onDisk bool, there ...program) (*series, error) {
	progress("%d records, %s, %d workers", b.records, b.delay, b.workers)
	all := &series{batch: b, send: map[string][]usage{}, idle: map[string][]usage{}}
	var err error
	if all.handshakes, err = countHandshakes(site, b, there[0]); err != nil {
		return nil, err
	}
	t, err := site.lay(b, onDisk)
	if err != nil {
		return nil, err
	}
	if all.service, err = t.stands[0].answers(site.certificate); err != nil {
		return nil, err
	}
	expected := 0
	jobs := make([]job, len(there))
	for i, p := range there {
		if jobs[i], err = p.ready(p, t); err != nil {
			return nil, err
		}
	}
	if all.first, err = once(jobs[0].send()); err != nil {
		return nil, fmt.Errorf("%s: %w", ours, err)
	}
	expected += b.records
	for range s.runs {
		for i, p := range there {
			if spent := total(all.send[p.name]); len(all.send[p.name]) > 0 && spent > s.patience {
				continue
			}
			u, err := once(jobs[i].send())
			if err != nil {
				return nil, fmt.Errorf("%s: %w", p.name, err)
			}
			expected += b.records
			all.send[p.name] = append(all.send[p.name], u)
			if p.name == ours {
				lookUp, err := lookUpOf(t)
				if err != nil {
					return nil, err
				}
				all.lookUps = append(all.lookUps, lookUp)
			}
			if jobs[i].idle == nil {
				continue
			}
			for range idleRuns {
				if u, err = once(jobs[i].idle()); err != nil {
					return nil, fmt.Errorf("%s: %w", p.name, err)
				}
				all.idle[p.name] = append(all.idle[p.name], u)
			}
		}
	}
	h, err := t.clear()
	if err == nil && (h.accepted != expected || h.updates != expected) {
		err = fmt.Errorf("the stand-in heard %d updates and accepted %d, not %d", h.updates, h.accepted, expected)
	}
	return all, err
}

// countHandshakes is for a first run, which asks the other stand-in for the address.
func countHandshakes(site *site, b batch, p program) (int, error) {
	t, err := site.lay(b, false)
	if err != nil {
		return 0, err
	}
	j, err := p.ready(p, t)
	if err != nil {
		return 0, err
	}
	j.send()
	if _, err := once(j.send()); err != nil {
		return 0, err
	}
	h, err := t.clear()
	return h.handshakes, err
}

// once is a run that must end well.
func once(c command) (usage, error) {
	u, err := measure(c)
	if err == nil && u.Status != 0 {
		err = fmt.Errorf("status %d", u.Status)
	}
	return u, err
}

// lookUpOf is how long the slower of the two sources took, as ddns-batch says in its report.
func lookUpOf(t *table) (time.Duration, error) {
	text, err := os.ReadFile(t.report)
	var report struct {
		Sources []struct {
			Duration int `json:"duration_ms"`
		} `json:"sources"`
	}
	if err := errors.Join(err, json.Unmarshal(text, &report)); err != nil {
		return 0, err
	}
	longest := 0
	for _, s := range report.Sources {
		longest = max(longest, s.Duration)
	}
	return time.Duration(longest) * time.Millisecond, nil
}

func total(runs []usage) time.Duration {
	var sum time.Duration
	for _, r := range runs {
		sum += r.Took
	}
	return sum
}

func progress(format string, args ...any) {
	fmt.Fprintf(os.Stderr, "%s  "+format+"\n", append([]any{time.Now().Format(time.TimeOnly)}, args...)...)
}
