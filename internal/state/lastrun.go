package state

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"time"

	"ddns-batch/internal/sanitize"
)

// LastRun is how the last run that took the lock ended.
type LastRun struct {
	EndedAt time.Time `json:"ended_at"`
	Status  int       `json:"status"`
	// Address is the external address; invalid if the run did not get to know it.
	Address netip.Addr `json:"address,omitzero"`
	Machine string     `json:"machine"`
	// SucceededAt is the end of the last run with status 0, RanAt that of the last one that came as far as its address,
	// whatever it could do then: with status 0, 1 or 3. Either is zero if there was none.
	SucceededAt time.Time `json:"succeeded_at,omitzero"`
	RanAt       time.Time `json:"ran_at,omitzero"`
	// MovedTo is the address that records were last moved to from another one; invalid where none was. AddressChanges
	// counts those changes, each once, however many runs it took until all records had followed.
	MovedTo        netip.Addr `json:"moved_to,omitzero"`
	AddressChanges uint64     `json:"address_changes,omitempty"`
	// Authorities are those by which servers were verified lately, in the form of package roots; empty where none is known.
	Authorities string `json:"authorities,omitempty"`
}

// machineLength is that of the longest name in the DNS.
const machineLength = 253

// authoritiesLength is more than package roots remembers.
const authoritiesLength = 1 << 10

// lastRunSize is more than any such file needs.
const lastRunSize = 1 << 20

// ReadLastRun returns what the last run at the state at path left; the zero LastRun if there was none.
func ReadLastRun(path string) (LastRun, error) {
	path, err := resolve(path)
	if err != nil {
		return LastRun{}, fmt.Errorf("cannot read how the last run ended: %w", err)
	}
	path = lastRunPath(path)
	data, _, err := slurp(path, lastRunSize)
	if errors.Is(err, fs.ErrNotExist) {
		return LastRun{}, nil
	}
	if errors.As(err, new(notTrusted)) {
		return LastRun{}, fmt.Errorf("%s is not trusted: %w; the next run replaces it", path, err)
	}
	if err != nil {
		return LastRun{}, fmt.Errorf("cannot read how the last run ended: %w", advise(err, path))
	}
	var run LastRun
	err = json.Unmarshal(data, &run)
	if err == nil {
		err = checkTimes(run.EndedAt, run.SucceededAt, run.RanAt)
	}
	if err != nil {
		return LastRun{}, fmt.Errorf("%s is not valid: %w; the next run replaces it", path, err)
	}
	run.EndedAt, run.SucceededAt, run.RanAt = run.EndedAt.UTC(), run.SucceededAt.UTC(), run.RanAt.UTC()
	run.Machine = sanitize.Line(run.Machine, machineLength)
	if !run.Address.Is4() {
		run.Address = netip.Addr{}
	}
	if !run.MovedTo.Is4() {
		run.MovedTo = netip.Addr{}
	}
	if len(run.Authorities) > authoritiesLength {
		run.Authorities = ""
	}
	return run, nil
}

// WriteLastRun replaces that file, and returns what it holds now. It fills in SucceededAt and RanAt: if this run does not
// count for one of them, the value from the file is kept, if that can be read. It keeps MovedTo if the new one is invalid,
// and Authorities if there are no new ones, and it adds to AddressChanges. Nothing is synced, so a power cut may lose the
// file; a failure is worth a warning and no more.
func (l *Lock) WriteLastRun(run LastRun) (LastRun, error) {
	run.EndedAt = run.EndedAt.UTC()
	before, _ := ReadLastRun(l.path)
	run.SucceededAt, run.RanAt, run.Authorities = before.SucceededAt, before.RanAt, cmp.Or(run.Authorities, before.Authorities)
	run.AddressChanges = before.AddressChanges
	switch run.MovedTo {
	case netip.Addr{}:
		run.MovedTo = before.MovedTo
	case before.MovedTo:
	default:
		run.AddressChanges++
	}
	switch run.Status {
	case 0:
		run.SucceededAt, run.RanAt = run.EndedAt, run.EndedAt
	case 1, 3:
		run.RanAt = run.EndedAt
	}
	data, err := json.MarshalIndent(run, "", "  ")
	if err == nil {
		err = l.intact()
	}
	if err == nil {
		err = l.disk.replace(lastRunPath(l.path), append(data, '\n'), false)
	}
	if err != nil {
		return run, fmt.Errorf("cannot write %s: %w", lastRunPath(l.path), advise(err, lastRunPath(l.path)))
	}
	return run, nil
}
