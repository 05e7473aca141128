package main

import (
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"time"
)

// writeIPFile writes the address for scripts that read it, in the form they know.
//
// A plain file is replaced as a whole, so that a reader never sees half a line; a pipe or a device is written to.
func writeIPFile(path string, address netip.Addr, at time.Time) error {
	line := fmt.Appendf(nil, "%s @ %s\n", address, at.Format("01/02/2006 - 15:04:05"))
	target, err := filepath.EvalSymlinks(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		target = path
	case err != nil:
		return err
	default:
		if info, err := os.Stat(target); err == nil && !info.Mode().IsRegular() {
			return os.WriteFile(target, line, 0o644)
		}
	}
	tmp := target + ".tmp"
	if err := os.WriteFile(tmp, line, 0o644); err != nil {
		return err
	}
	if err := os.Rename(tmp, target); err != nil {
		_ = os.Remove(tmp)
		return err
	}
	return nil
}
