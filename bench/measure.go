package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"syscall"
	"time"
)

// command is how a program is started.
type command struct {
	args   []string
	env    []string // beyond this process's
	stdout string   // a file; empty: thrown away
}

// usage is what a run of a program cost.
type usage struct {
	Took, CPU time.Duration
	// Peak is the most memory that it had, in KiB. It cannot be told from less than what the measuring process had.
	Peak   int64
	Status int
}

const measureWord = "measure-child"

// measure runs c to its end. The system lets the memory of a new process begin with that of its parent, so the parent
// is a fresh and small one: this program once more.
func measure(c command) (usage, error) {
	var u usage
	self, err := os.Executable()
	if err != nil {
		return u, err
	}
	report, child, err := os.Pipe()
	if err != nil {
		return u, err
	}
	defer report.Close()
	p := exec.Command(self, append([]string{measureWord}, c.args...)...)
	p.Env = append(os.Environ(), c.env...)
	p.ExtraFiles = []*os.File{child}
	if c.stdout != "" {
		out, err := os.Create(c.stdout)
		if err != nil {
			return u, err
		}
		defer out.Close()
		p.Stdout = out
	}
	err = p.Start()
	_ = child.Close()
	if err != nil {
		return u, err
	}
	decoded := json.NewDecoder(report).Decode(&u)
	return u, errors.Join(decoded, p.Wait())
}

// measureChild is the fresh process: it runs args and reports on its file 3.
func measureChild(args []string) int {
	c := exec.Command(args[0], args[1:]...)
	c.Stdout = os.Stdout
	began := time.Now()
	err := c.Run()
	u := usage{Took: time.Since(began)}
	if c.ProcessState == nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	u.CPU = c.ProcessState.UserTime() + c.ProcessState.SystemTime()
	if r, ok := c.ProcessState.SysUsage().(*syscall.Rusage); ok {
		u.Peak = int64(r.Maxrss)
	}
	if runtime.GOOS == "darwin" {
		u.Peak /= 1024 // bytes there
	}
	u.Status = c.ProcessState.ExitCode()
	if json.NewEncoder(os.NewFile(3, "report")).Encode(u) != nil {
		return 1
	}
	return 0
}

// once is a run that must end well.
func once(c command) (usage, error) {
	u, err := measure(c)
	if err == nil && u.Status != 0 {
		err = fmt.Errorf("%q ended with status %d", c.args, u.Status)
	}
	return u, err
}

// busy is the processor time that this process has used so far, nearly all of it as the stand-in.
func busy() time.Duration {
	var r syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &r) // fails for an unknown first argument only
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}

// median of something that a run cost.
func median[T int64 | float64 | time.Duration](values []T) T {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	return (sorted[(len(sorted)-1)/2] + sorted[len(sorted)/2]) / 2
}

// of picks one figure of every run.
func of[T any](runs []usage, pick func(usage) T) []T {
	picked := make([]T, len(runs))
	for i, r := range runs {
		picked[i] = pick(r)
	}
	return picked
}

func took(runs []usage) time.Duration {
	return median(of(runs, func(u usage) time.Duration { return u.Took }))
}
func cpu(runs []usage) time.Duration {
	return median(of(runs, func(u usage) time.Duration { return u.CPU }))
}
func memory(runs []usage) float64 {
	return float64(median(of(runs, func(u usage) int64 { return u.Peak }))) / 1024
}
