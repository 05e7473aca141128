package main

import (
	"runtime"
	"time"
)

// large is what thousands of records cost ddns-batch.
type large struct {
	batch
	first  []usage
	moved  []usage
	idle   []usage
	beyond []time.Duration // of idle: what it took beyond the look-up
	ideals []time.Duration // of moved: the look-up, and the time for sending alone
	// limit is how long sending keeps all processors busy, the program's and the stand-in's work together.
	limit []time.Duration
	curl  []usage
}

// measureLarge alternates between a batch and a single record, whose runs tell how long the look-up takes.
func measureLarge(site *site, b batch, s settings, there []program) (*large, error) {
	progress("%d records, %s, %d workers: first, moved and nothing to do", b.records, b.delay, b.workers)
	l := &large{batch: b}
	single, err := site.lay(batch{records: 1, workers: 1, delay: b.delay}, false)
	if err != nil {
		return nil, err
	}
	job, err := there[0].ready(there[0], single)
	if err != nil {
		return nil, err
	}
	if _, err := once(job.send()); err != nil {
		return nil, err
	}
	lookUp := func() (time.Duration, error) {
		if _, err := once(job.idle()); err != nil {
			return 0, err
		}
		return lookUpOf(single)
	}
	for range s.runs {
		if err := l.round(site, there, lookUp); err != nil {
			return nil, err
		}
	}
	return l, single.clear(1)
}

func (l *large) round(site *site, there []program, lookUp func() (time.Duration, error)) error {
	t, err := site.lay(l.batch, false)
	if err != nil {
		return err
	}
	t.report = ""
	j, err := there[0].ready(there[0], t)
	if err != nil {
		return err
	}
	service, err := t.serviceTime()
	if err != nil {
		return err
	}
	u, err := once(j.send())
	if err != nil {
		return err
	}
	l.first = append(l.first, u)

	before := busy()
	if u, err = once(j.send()); err != nil {
		return err
	}
	l.moved = append(l.moved, u)
	l.limit = append(l.limit, (u.CPU+busy()-before)/time.Duration(runtime.NumCPU()))

	for range idleRuns {
		look, err := lookUp()
		if err != nil {
			return err
		}
		if u, err = once(j.idle()); err != nil {
			return err
		}
		l.idle = append(l.idle, u)
		l.beyond = append(l.beyond, u.Took-look)
		l.ideals = append(l.ideals, look+l.ideal(service))
	}

	expected := 2 * l.records
	for _, p := range there {
		if p.name != parallel {
			continue
		}
		jc, err := p.ready(p, t)
		if err != nil {
			return err
		}
		if u, err = once(jc.send()); err != nil {
			return err
		}
		l.curl = append(l.curl, u)
		expected += l.records
	}
	return t.clear(expected)
}
