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
	// first are runs of ddns-batch that remember nothing: it then tries every password on one record before it sends the
	// others. apart are the same with the records in five domains, which are tried at the same time.
	first, apart []usage
	send         map[string][]usage
	idle         map[string][]usage
	// lookUps is how long ddns-batch waited for the address.
	lookUps    []time.Duration
	service    time.Duration // how long an answer of the stand-in really takes
	handshakes int           // of ddns-batch's first run, at the endpoint, beyond one for each trial
}

// ideal is what a run takes at best: the look-up, and the time for sending alone.
func (s *series) ideal() time.Duration { return median(s.lookUps) + s.batch.ideal(s.service) }

const (
	// idleRuns is how many runs with nothing to do follow one that sends: they are short, so a moment in which the machine
	// is busy with something else tells more on them.
	idleRuns = 3
	// startRuns is the same for runs that only start.
	startRuns = 5
	// budget is how long a program may take for its runs of one batch, before it gets no further one.
	budget = 40 * time.Second
)

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
	if all.service, err = t.serviceTime(); err != nil {
		return nil, err
	}
	jobs := make([]job, len(there))
	for i, p := range there {
		if jobs[i], err = p.ready(p, t); err != nil {
			return nil, err
		}
	}
	// What follows are runs after a first one.
	if _, err := once(jobs[0].send()); err != nil {
		return nil, err
	}
	expected := b.records
	for range s.runs {
		for i, p := range there {
			if i == 0 {
				u, err := firstRun(site, b, p)
				if err != nil {
					return nil, err
				}
				all.first = append(all.first, u)
				five := b
				five.domains = 5
				if u, err = firstRun(site, five, p); err != nil {
					return nil, err
				}
				all.apart = append(all.apart, u)
			}
			if len(all.send[p.name]) > 0 && total(all.send[p.name]) > budget {
				continue
			}
			if jobs[i].send != nil {
				u, err := once(jobs[i].send())
				if err != nil {
					return nil, err
				}
				expected += b.records
				all.send[p.name] = append(all.send[p.name], u)
			}
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
				u, err := once(jobs[i].idle())
				if err != nil {
					return nil, err
				}
				all.idle[p.name] = append(all.idle[p.name], u)
			}
		}
	}
	return all, t.clear(expected)
}

// countHandshakes is for a first run that is told its address, so that only the endpoint is shaken hands with.
func countHandshakes(site *site, b batch, p program) (int, error) {
	t, err := site.lay(b, false)
	if err != nil {
		return 0, err
	}
	j, err := p.ready(p, t)
	if err != nil {
		return 0, err
	}
	c := j.send()
	c.args = append(c.args, "--ip", addresses[t.address])
	if _, err := once(c); err != nil {
		return 0, err
	}
	return t.stand.Handshakes() - len(t.zones), t.clear(b.records)
}

// firstRun is a run that remembers nothing.
func firstRun(site *site, b batch, p program) (usage, error) {
	t, err := site.lay(b, false)
	if err != nil {
		return usage{}, err
	}
	j, err := p.ready(p, t)
	if err != nil {
		return usage{}, err
	}
	u, err := once(j.send())
	return u, errors.Join(err, t.clear(b.records))
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
