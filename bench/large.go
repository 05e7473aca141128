package main

import (
	"fmt"
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
	bare  []usage
}

// measureLarge alternates between a batch and a single record, whose runs tell how long the look-up takes.
func measureLarge(site *site, b batch, s settings, there []program) (*large, error) {
	progress("%d records, %s, %d workers: first, moved and nothing to do", b.records, b.delay, b.workers)
	l := &large{batch: b}
	single := batch{records: 1, workers: 1, delay: b.delay}
	ts, err := site.lay(single, false)
	if err != nil {
		return nil, err
	}
	js, err := there[0].ready(there[0], ts)
	if err != nil {
		return nil, err
	}
	if _, err := once(js.send()); err != nil {
		return nil, err
	}
	for range s.runs {
		if err := l.round(site, there, ts, js); err != nil {
			return nil, err
		}
	}
	_, err = ts.clear()
	return l, err
}

func (l *large) round(site *site, there []program, ts *table, js job) error {
	t, err := site.lay(l.batch, false)
	if err != nil {
		return err
	}
	t.report = ""
	j, err := there[0].ready(there[0], t)
	if err != nil {
		return err
	}
	service, err := t.stands[0].answers(site.certificate)
	if err != nil {
		return err
	}
	u, err := once(j.send())
	if err != nil {
		return err
	}
	l.first = append(l.first, u)

	before := t.stands[0].busy()
	if u, err = once(j.send()); err != nil {
		return err
	}
	l.moved = append(l.moved, u)
	l.limit = append(l.limit, (u.CPU+t.stands[0].busy()-before)/time.Duration(runtime.NumCPU()))

	for range 3 {
		if _, err := once(js.idle()); err != nil {
			return err
		}
		lookUp, err := lookUpOf(ts)
		if err != nil {
			return err
		}
		if u, err = once(j.idle()); err != nil {
			return err
		}
		l.idle = append(l.idle, u)
		l.beyond = append(l.beyond, u.Took-lookUp)
		l.ideals = append(l.ideals, lookUp+l.ideal(service))
	}

	bare, err := readyBare(t, addresses[0])
	if err != nil {
		return err
	}
	if u, err = once(bare); err != nil {
		return err
	}
	l.bare = append(l.bare, u)

	expected := 3 * l.records
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
	h, err := t.clear()
	if err == nil && h.accepted != expected {
		err = fmt.Errorf("the stand-in accepted %d updates, not %d", h.accepted, expected)
	}
	return err
}
