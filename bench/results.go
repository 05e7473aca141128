package main

import (
	"os"
	"runtime"
	"slices"
	"strings"
	"time"
)

// results is everything that was measured.
type results struct {
	began    time.Time
	settings settings
	inRAM    bool
	load     string  // of the machine before anything was started
	floor    float64 // the least peak of memory that can be told, in MiB
	programs []program
	missing  []string

	goal    *series   // 50 records
	batches []*series // by service time, then by size
	disk    *series   // goal, with what is remembered on a disk
	large   []*large  // by size
	// version is the command that does nothing but start, and empty a Go program that does not even have anything to start.
	version, empty []usage
	size           int64 // of ddns-batch, in bytes
}

// measureAll takes half an hour, or three minutes if it is to be short.
func measureAll(site *site, s settings) (*results, error) {
	r := &results{began: time.Now(), settings: s, inRAM: site.inRAM, load: load()}
	r.programs, r.missing = programs(site)
	nothing, err := once(command{args: []string{"true"}})
	if err != nil {
		return nil, err
	}
	r.floor = memory([]usage{nothing})
	sizes, delays := []int{10, 50, 200, 1000}, []time.Duration{20 * time.Millisecond, 100 * time.Millisecond}
	many := []int{2500, 5000, 10000, 20000}
	beside := r.programs
	if s.short {
		delays, many = nil, []int{10000}
		beside = slices.DeleteFunc(slices.Clone(r.programs), func(p program) bool { return !p.goal })
	}

	if r.size, err = site.size(); err != nil {
		return nil, err
	}
	if err = r.measureStart(site, s); err != nil {
		return nil, err
	}
	goal := batch{records: 50, workers: 16, delay: 50 * time.Millisecond}
	if r.goal, err = compare(site, goal, s, false, beside...); err != nil {
		return nil, err
	}
	if !s.short {
		if r.disk, err = compare(site, goal, s, true, r.programs[0]); err != nil {
			return nil, err
		}
	}
	for _, n := range many {
		beside := r.programs[:1]
		if n == 10000 && !s.short {
			beside = r.programs
		}
		l, err := measureLarge(site, batch{records: n, workers: 64, delay: 5 * time.Millisecond}, s, beside)
		if err != nil {
			return nil, err
		}
		r.large = append(r.large, l)
	}
	for _, delay := range delays {
		for _, n := range sizes {
			all, err := compare(site, batch{records: n, workers: 16, delay: delay}, s, false, r.programs...)
			if err != nil {
				return nil, err
			}
			r.batches = append(r.batches, all)
		}
	}
	return r, nil
}

// measureStart lets ddns-batch and an empty program take turns with nothing but starting.
func (r *results) measureStart(site *site, s settings) error {
	progress("start")
	for range startRuns * s.runs {
		for _, c := range []struct {
			args []string
			runs *[]usage
		}{{[]string{site.program, "version"}, &r.version}, {[]string{site.empty}, &r.empty}} {
			u, err := once(command{args: c.args})
			if err != nil {
				return err
			}
			*c.runs = append(*c.runs, u)
		}
	}
	return nil
}

// load is the machine's load of the last minute, where the system tells.
func load() string {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	return strings.Fields(string(text))[0]
}

// machine is what can be said of this machine without saying which it is.
func machine() string {
	memory := ""
	if text, err := os.ReadFile("/proc/meminfo"); err == nil {
		if fields := strings.Fields(string(text)); len(fields) > 1 {
			memory = fields[1]
		}
	}
	return machineText(runtime.NumCPU(), memory)
}
