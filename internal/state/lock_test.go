package state

import (
	"context"
	"errors"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestTwoProcesses(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.json")
	holder, in := startHolder(t, "hold", path)

	_, err := Acquire(t.Context(), path, 0, clock)
	var held *HeldError
	if !errors.As(err, &held) || held.PID != holder.Process.Pid || !held.Since.Equal(start) || held.Err != nil {
		t.Fatalf("got %v", err)
	}
	for _, want := range []string{"process", "2026-11-23T03:05:00Z", path + ".lock", "wait"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%v: no %q", err, want)
		}
	}

	in.Close()
	l, err := Acquire(t.Context(), path, time.Minute, clock)
	if err != nil {
		t.Fatal("a lock that was released cannot be taken:", err)
	}
	if err := holder.Wait(); err != nil {
		t.Error(err)
	}
	if err := l.Release(); err != nil {
		t.Error(err)
	}
	if err := l.Release(); err != nil {
		t.Error("a second time:", err)
	}
	if got := content(t, path+".lock"); strings.Contains(got, "pid") {
		t.Errorf("the lock file names a holder that is gone: %q", got)
	}
}

func TestTheWaitEnds(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.json")
	locked(t, path, func(*Lock) {
		begin := time.Now()
		_, err := Acquire(t.Context(), path, 120*time.Millisecond, clock)
		if !errors.As(err, new(*HeldError)) || time.Since(begin) < 120*time.Millisecond {
			t.Errorf("after %v: %v", time.Since(begin), err)
		}

		interrupted := errors.New("interrupted")
		ctx, cancel := context.WithCancelCause(t.Context())
		cancel(interrupted)
		_, err = Acquire(ctx, path, time.Hour, clock)
		if !errors.As(err, new(*HeldError)) || !errors.Is(err, interrupted) {
			t.Error(err)
		}
	})
}

func TestAKilledHolderFreesTheLock(t *testing.T) {
	for _, role := range []string{"hold", "hold, with a child"} {
		t.Run(role, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "state.json")
			holder, _ := startHolder(t, role, path)
			if err := holder.Process.Kill(); err != nil {
				t.Fatal(err)
			}
			_ = holder.Wait() // says that it was killed
			locked(t, path, func(*Lock) {})
		})
	}
}

func TestManyProcesses(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.json")
	var running []*exec.Cmd
	for range 5 {
		cmd := self("count", path)
		var out strings.Builder
		cmd.Stdout, cmd.Stderr = &out, &out
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		running = append(running, cmd)
	}
	for _, cmd := range running {
		if err := cmd.Wait(); err != nil {
			t.Error(err, cmd.Stdout)
		}
	}
	s, _, err := Read(path)
	if err != nil || s.Blocked == nil || s.Blocked.Failures != 50 {
		t.Errorf("%v %+v", err, s.Blocked)
	}
}
