package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"runtime/debug"
	"slices"
	"strings"

	"go.uber.org/goleak"
)

// aftermath is what a run leaves behind in its process.
type aftermath struct {
	// Goroutines are those that still run, in words; empty if there are none.
	Goroutines string
	// PeakKiB is the most memory that the process had; 0 where the system does not say.
	PeakKiB int
}

// lookBack writes down the aftermath of a run where a test asks for it.
func lookBack() {
	file := os.Getenv(aftermathVariable)
	if file == "" {
		return
	}
	a := aftermath{PeakKiB: peakKiB()}
	if err := goleak.Find(); err != nil {
		a.Goroutines = err.Error()
	}
	if err := os.WriteFile(file, mustValue(json.Marshal(a)), 0o600); err != nil {
		panic(err)
	}
}

// peakKiB asks Linux. What a parent is told of a child that has ended counts the parent's own memory at the start.
func peakKiB() int {
	f, err := os.Open("/proc/self/status")
	if err != nil {
		return 0
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if value, ok := strings.CutPrefix(lines.Text(), "VmHWM:"); ok {
			var kib int
			_ = mustValue(fmt.Sscan(value, &kib))
			return kib
		}
	}
	return 0
}

// mostKiB is the memory that a run may take: 64 MiB. The detector of data races multiplies it, and so only what grows
// without end is found while it looks on.
func mostKiB() int {
	if racing() {
		return 512 << 10
	}
	return 64 << 10
}

// racing reports whether the detector of data races looks on.
func racing() bool {
	info, ok := debug.ReadBuildInfo()
	return ok && slices.Contains(info.Settings, debug.BuildSetting{Key: "-race", Value: "true"})
}
