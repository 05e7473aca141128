//go:build unix

package program

import (
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// firstInherited is the number of the first file after stdin, stdout and stderr.
const firstInherited = 3

// CloseInheritedOnExec marks the files that this process was started with, so that no program that it starts gets them: one of them
// may be the env file, as in --env-file /dev/fd/7. It is called once, at the start. Files that this process opens itself have that
// mark in any case.
func CloseInheritedOnExec() {
	if !closeAllOnExec(firstInherited) {
		closeEachOnExec(firstInherited)
	}
}

// closeEachOnExec marks one file after the other. Not every system lists all open files in /dev/fd, so low numbers are tried as well.
func closeEachOnExec(first int) {
	const lowNumbers = 256
	for fd := first; fd < lowNumbers; fd++ {
		unix.CloseOnExec(fd)
	}
	open, err := os.ReadDir("/dev/fd")
	if err != nil {
		return
	}
	for _, entry := range open {
		if fd, err := strconv.Atoi(entry.Name()); err == nil && fd >= lowNumbers {
			unix.CloseOnExec(fd)
		}
	}
}
