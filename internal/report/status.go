package report

import (
	"time"

	"ddns-batch/internal/pause"
	"ddns-batch/internal/plan"
	"ddns-batch/internal/record"
	"ddns-batch/internal/state"
)

// Status is what is known without asking anybody.
type Status struct {
	// State is the path of the state file; NoFile: there is none. Config is the YAML file, empty where none was found.
	State  string
	NoFile bool
	Config string
	Now    time.Time
	// LastRun is the last run that took the lock; the zero value if none is recorded.
	LastRun  state.LastRun
	Snapshot state.Snapshot
	// Records are those of the YAML file, in its order. Without fingerprint, the password used last for their domain
	// counts as theirs.
	Records []plan.Target
}

// standing is how a record stands, in one word.
type standing string

const (
	standsOK      standing = "ok"
	standsHeld    standing = "held"    // not sent for now
	standsFailing standing = "failing" // refused last time; the next run tries again
	standsUnknown standing = "unknown" // something was sent, and what became of it is not known
	standsNew     standing = "new"     // never confirmed
	standsBehind  standing = "behind"  // confirmed at another address than the last run found
)

// row is one record of the status.
type row struct {
	state.Record
	configured bool
	standing   standing
	// pause is the row of failures that the record is in; nil for none. missing says why there is no password.
	pause   *state.Pause
	missing string
}

// rows lists the records of the YAML file in its order, then the others of the state in theirs.
func (s Status) rows() []row {
	known := make(map[record.Name]state.Record, len(s.Snapshot.Records))
	for _, r := range s.Snapshot.Records {
		known[r.Name()] = r
	}
	domains := pausesOf(s.Snapshot)
	rows := make([]row, 0, max(len(s.Records), len(known)))
	configured := make(map[record.Name]bool, len(s.Records))
	for _, t := range s.Records {
		configured[t.Name] = true
		r, ok := known[t.Name]
		if !ok {
			r = state.Record{Host: t.Name.Host, Domain: t.Name.Domain}
		}
		rows = append(rows, s.row(r, t, domains, true))
	}
	for _, r := range s.Snapshot.Records {
		if !configured[r.Name()] {
			rows = append(rows, s.row(r, plan.Target{Name: r.Name()}, domains, false))
		}
	}
	return rows
}

func (s Status) row(r state.Record, t plan.Target, p pauses, configured bool) row {
	out := row{Record: r, configured: configured, missing: t.Missing, pause: s.pause(r, t, p)}
	// What is refused of others says nothing about a record that is as it should be.
	settled := r.IP.IsValid() && r.IP == s.LastRun.Address && out.pause != r.Pause
	if settled {
		out.pause = nil
	}
	switch {
	case t.Missing != "", out.pause != nil && !out.pause.Over(s.Now):
		out.standing = standsHeld
	case r.Unknown:
		out.standing = standsUnknown
	case !r.IP.IsValid():
		out.standing = standsNew
	case out.pause != nil:
		out.standing = standsFailing
	case s.LastRun.Address.IsValid() && r.IP != s.LastRun.Address:
		out.standing = standsBehind
	default:
		out.standing = standsOK
	}
	return out
}

// pause is the widest one that the record is under, one that still holds before one that is over.
func (s Status) pause(r state.Record, t plan.Target, p pauses) *state.Pause {
	step := plan.Step{Target: t, To: s.LastRun.Address}
	if step.Fingerprint == "" {
		step.Fingerprint = lastUsed(p.domains[r.Domain])
	}
	var over *state.Pause
	for _, pause := range []*state.Pause{
		p.of(pause.OfPassword, step), p.of(pause.OfDomain, step), p.of(pause.OfAddress, step), r.Pause,
	} {
		if pause == nil || s.past(r, pause) {
			continue
		}
		if !pause.Over(s.Now) {
			return pause
		}
		if over == nil {
			over = pause
		}
	}
	return over
}

// past: the refusal came while another address was being set, and the record holds the one that is wanted now.
func (s Status) past(r state.Record, p *state.Pause) bool {
	return r.IP.IsValid() && r.IP == s.LastRun.Address && p.Under.IsValid() && p.Under != r.IP
}

func lastUsed(d *state.Domain) string {
	if d == nil || len(d.Passwords) == 0 {
		return ""
	}
	return d.Passwords[len(d.Passwords)-1].Fingerprint
}
