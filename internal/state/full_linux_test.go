package state

import (
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
)

// /dev/full answers every write as a full disk does.
func TestARealFullDisk(t *testing.T) {
	dir, path := saved(t)
	locked(t, path, func(l *Lock) {
		l.disk.create = func(path string) (*os.File, error) {
			if f, err := realDisk().create(path); err != nil {
				return nil, err
			} else if err := f.Close(); err != nil {
				return nil, err
			}
			return os.OpenFile("/dev/full", os.O_WRONLY, 0)
		}
		if err := l.Save(sample()); !errors.Is(err, ErrNoSpace) {
			t.Error(err)
		}
	})
	if got := names(t, dir); !slices.Equal(got, []string{"state.json", "state.json.lock"}) {
		t.Errorf("left: %v", got)
	}
}

// Files of the kernel say that they are empty, so they are to a reader what a file is that grows under its hands.
func TestAFileThatGrowsWhileItIsRead(t *testing.T) {
	const growing = "/proc/self/status"
	if data, _, err := slurp(growing, maxSize); err != nil || !strings.Contains(string(data), "VmPeak") || !strings.HasSuffix(string(data), "\n") {
		t.Errorf("%q %v", data, err)
	}
	if _, _, err := slurp(growing, 100); !errors.As(err, new(notUnderstood)) {
		t.Error(err)
	}
}
