package doctor

import (
	"errors"
	"fmt"
	"time"

	"ddns-batch/internal/exitstatus"
	"ddns-batch/internal/humanize"
	"ddns-batch/internal/outcome"
	"ddns-batch/internal/report"
	"ddns-batch/internal/run"
	"ddns-batch/internal/state"
)

// state reads what is remembered, and finds out whether a run can remember anything, and what keeps it from sending.
func (s Subject) state() (state.Snapshot, report.Findings) {
	const topic = "state"
	if s.StateFault != nil {
		return state.Snapshot{}, report.Findings{problem(topic, s.StateFault.Message, s.StateFault.HintText())}
	}
	memory, notes, err := state.Read(s.State)
	var found report.Findings
	for _, n := range notes {
		found = append(found, warning(topic, n, ""))
	}
	if err != nil {
		return memory, append(found, problem(topic, err.Error(), ""))
	}
	found = append(found, fine(topic, fmt.Sprintf("%s: %s", s.State, humanize.Count(len(memory.Records), "record"))))
	lock, lockable := s.lock()
	found = append(found, saving(state.TrySave(s.State, memory), lockable)...)
	found = append(found, lock...)
	last, about := s.lastRun()
	found = append(found, about...)
	held := run.StatusOf(outcome.Memory{
		Now: s.Now(), Snapshot: memory, LastRun: last, Endpoint: s.Target.Endpoint(), RefreshAfter: s.Config.RefreshAfter, Guide: s.Guide,
	}, s.Records, false, s.Config.Path, s.State, s.Program)
	return memory, append(found, held.Pauses(s.Local)...)
}

// saving says how saving the state would go. lockable means that there is a lock file, so that a run can begin even where no
// file can be made.
func saving(err error, lockable bool) report.Findings {
	const topic = "saving"
	switch {
	case err == nil:
		return report.Findings{fine(topic, "the state can be saved")}
	case errors.Is(err, state.ErrNoSpace):
		return report.Findings{problem(topic, err.Error(), "free some space there: until then runs send what has changed, cannot remember it, and end with status 4")}
	case errors.Is(err, state.ErrReadOnly) && !lockable:
		return report.Findings{problem(topic, err.Error(), "give --state FILE on a disk that can be written: until then every run ends with status 4, and sends nothing")}
	case errors.Is(err, state.ErrReadOnly):
		return report.Findings{problem(topic, err.Error(), "give --state FILE on a writable disk: until then every run sends every record, and ends with status 4")}
	default:
		return report.Findings{problem(topic, err.Error(), "")}
	}
}

// lock tries the lock, and reports whether there is a lock file.
func (s Subject) lock() (report.Findings, bool) {
	const topic = "lock"
	found, err := state.TryLock(s.State, s.Now)
	switch held := (*state.HeldError)(nil); {
	case errors.As(err, &held):
		return report.Findings{warning(topic, err.Error(), "a run should not take longer than its timeout")}, found
	case err != nil:
		return report.Findings{problem(topic, err.Error(), "")}, found
	case !found:
		return nil, false
	default:
		return report.Findings{fine(topic, "free")}, found
	}
}

// oldRun is the age from which the last run is worth a warning.
const oldRun = 24 * time.Hour

func (s Subject) lastRun() (state.LastRun, report.Findings) {
	const topic = "last run"
	last, err := state.ReadLastRun(s.State)
	if err != nil {
		return last, report.Findings{warning(topic, err.Error(), "")}
	}
	return last, report.Findings{s.judgeLastRun(last)}
}

// judgeLastRun says how the last run ended, and when the last good one did where that was another.
func (s Subject) judgeLastRun(last state.LastRun) report.Finding {
	const topic = "last run"
	ago := func(t time.Time) string { return humanize.Ago(max(0, s.Now().Sub(t))) }
	good := "none has ended with status 0 so far"
	if !last.SucceededAt.IsZero() {
		good = "the last one with status 0 was " + ago(last.SucceededAt)
	}
	hint := ""
	if s.Now().Sub(last.EndedAt) > oldRun {
		hint = "is the timer or the cron line still there?"
	}
	switch status := exitstatus.Status(last.Status); {
	case last.EndedAt.IsZero():
		return warning(topic, "none is recorded", s.hint(outcome.Hint{Text: "to see what the first one would do:", Command: []string{"--dry-run"}}))
	case status != exitstatus.OK:
		return warning(topic, "the last one ended "+ago(last.EndedAt)+" with "+status.Full()+"; "+good, hint)
	case hint != "":
		return warning(topic, good, hint)
	default:
		return fine(topic, good)
	}
}
