//go:build unix

package program

import (
	"testing"

	"golang.org/x/sys/unix"
)

// Whichever way the system knows, files that are inherited are closed in the programs that are started.
func TestInheritedFilesAreClosedOnExec(t *testing.T) {
	const low, high = 100, 300 // below and above the numbers that are tried one after the other
	for name, closeOnExec := range map[string]func(first int){"at once": func(int) { CloseInheritedOnExec() }, "one by one": closeEachOnExec} {
		t.Run(name, func(t *testing.T) {
			var ends [2]int
			if err := unix.Pipe(ends[:]); err != nil {
				t.Fatal(err)
			}
			var inherited []int
			for _, end := range ends {
				defer unix.Close(end)
				for _, number := range []int{low, high} {
					// A duplicate has not the mark.
					fd, err := unix.FcntlInt(uintptr(end), unix.F_DUPFD, number)
					if err != nil {
						t.Fatal(err)
					}
					defer unix.Close(fd)
					inherited = append(inherited, fd)
				}
			}
			closeOnExec(firstInherited)
			for _, fd := range append(inherited, ends[:]...) {
				if flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0); err != nil || flags&unix.FD_CLOEXEC == 0 {
					t.Errorf("file %d: flags %x, %v", fd, flags, err)
				}
			}
		})
	}
}
