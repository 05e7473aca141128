//go:build unix

package cli

import (
	"os"
	"os/user"
	"strconv"
	"syscall"
)

// otherOwner is the user that a file belongs to, where that is not the one who runs this; otherwise empty.
func otherOwner(file string) string {
	info, err := os.Stat(file)
	if err != nil {
		return ""
	}
	who, ok := info.Sys().(*syscall.Stat_t)
	if !ok || int(who.Uid) == os.Geteuid() {
		return ""
	}
	id := strconv.FormatUint(uint64(who.Uid), 10)
	if owner, err := user.LookupId(id); err == nil {
		return owner.Username
	}
	return "#" + id
}
