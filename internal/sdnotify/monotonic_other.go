//go:build !linux

package sdnotify

import "time"

// monotonic is for systemd, which there is on Linux alone.
func monotonic() (time.Duration, bool) { return 0, false }
