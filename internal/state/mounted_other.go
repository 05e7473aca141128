//go:build !linux

package state

// mountedAlone: a file is hardly ever mounted by itself elsewhere, and a run says so where it is.
func mountedAlone(string) bool { return false }
