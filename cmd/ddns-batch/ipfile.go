package main

import (
	"fmt"
	"net/netip"
	"time"
)

// writeIPFile writes the address for scripts that read it, in the form they know.
func writeIPFile(path string, address netip.Addr, at time.Time) error {
	return replaceFile(path, fmt.Appendf(nil, "%s @ %s\n", address, at.Format("01/02/2006 - 15:04:05")))
}
