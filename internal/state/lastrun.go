package state

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"time"

	"ddns-batch/internal/printable"
)

// LastRun is how the last run that took the lock ended.
type LastRun struct {
	EndedAt time.Time `json:"ended_at"`
	Status  int       `json:"status"`
	// Address is the external address; invalid if the run did not get to know it.
	Address netip.Addr `json:"address,omitzero"`
	Machine string     `json:"machine"`
	// SucceededAt is the end of the last run with status 0; zero if there was none.
	SucceededAt time.Time `json:"succeeded_at,omitzero"`
}

// machineLength is that of the longest name in the DNS.
const machineLength = 253

// lastRunSize is more than any such file needs.
const lastRunSize = 1 << 20

// ReadLastRun returns what the last run at the state at path left; the zero LastRun if there was none.
func ReadLastRun(path string) (LastRun, error) {
	path, err := resolve(path)
	if err != nil {
		return LastRun{}, fmt.Errorf("cannot read about the last run: %w", err)
	}
	path = lastRunPath(path)
	data, _, err := slurp(path, lastRunSize)
	if errors.Is(err, fs.ErrNotExist) {
		return LastRun{}, nil
	}
	if errors.As(err, new(notBelieved)) {
		return LastRun{}, fmt.Errorf("%s is not believed: %w; the next run replaces it", path, err)
	}
	if err != nil {
		return LastRun{}, fmt.Errorf("cannot read about the last run: %w", advise(err, path))
	}
	var run LastRun
	err = json.Unmarshal(data, &run)
	if err == nil {
		err = checkTimes(run.EndedAt, run.SucceededAt)
	}
	if err != nil {
		return LastRun{}, fmt.Errorf("%s is not understood: %w; the next run replaces it", path, err)
	}
	run.EndedAt, run.SucceededAt = run.EndedAt.UTC(), run.SucceededAt.UTC()
	run.Machine = printable.Line(run.Machine, machineLength)
	if !run.Address.Is4() {
		run.Address = netip.Addr{}
	}
	return run, nil
}

// WriteLastRun replaces that file. SucceededAt is filled in: it is EndedAt for status 0, else it is taken over from the
// file, if that can be read. Nothing is synced, so a power cut may lose it; a failure is worth a warning and no more.
func (l *Lock) WriteLastRun(run LastRun) error {
	run.EndedAt = run.EndedAt.UTC()
	run.SucceededAt = run.EndedAt
	if run.Status != 0 {
		before, _ := ReadLastRun(l.path)
		run.SucceededAt = before.SucceededAt
	}
	data, err := json.MarshalIndent(run, "", "  ")
	if err == nil {
		err = l.intact()
	}
	if err == nil {
		err = l.disk.replace(lastRunPath(l.path), append(data, '\n'), false)
	}
	if err != nil {
		return fmt.Errorf("cannot note the end of this run: %w", advise(err, lastRunPath(l.path)))
	}
	return nil
}
