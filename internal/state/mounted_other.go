//go:build !linux

package state

// mountedAlone is always false: on other systems a single file is hardly ever mounted, and a run reports it where it is.
func mountedAlone(string) bool { return false }
