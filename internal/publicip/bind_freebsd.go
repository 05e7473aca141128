package publicip

import "syscall"

// control does nothing: FreeBSD binds a socket to an address only.
func (b binding) control() func(network, address string, c syscall.RawConn) error { return nil }
