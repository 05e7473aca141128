// Package sdnotify tells systemd, or whatever else started this process as its service, how it is: sd_notify(3). It never
// waits for a manager that does not listen, and without one it does nothing.
package sdnotify

import (
	"net"
	"strconv"
	"strings"
	"time"

	"ddns-batch/internal/sanitize"
)

// What can be said.
const (
	Ready    = "READY=1"
	Stopping = "STOPPING=1"
	Alive    = "WATCHDOG=1"
)

// Reloading says that the configuration is being read again; Ready has to follow.
func Reloading() []string {
	states := []string{"RELOADING=1"}
	if now, ok := monotonic(); ok {
		states = append(states, "MONOTONIC_USEC="+strconv.FormatInt(now.Microseconds(), 10))
	}
	return states
}

// Status says in words how it goes.
func Status(text string) string { return "STATUS=" + sanitize.Text(text) }

// Manager is who started this process. The zero Manager is nobody.
type Manager struct {
	socket   string
	patience time.Duration // how long it may take to make room for what it is told
	// Watchdog is how long it may hear no Alive before it takes this process for dead; 0: for ever.
	Watchdog time.Duration
}

// Find finds the manager of the process with this number in its environment.
func Find(getenv func(string) string, pid int) Manager {
	m := Manager{socket: getenv("NOTIFY_SOCKET"), patience: time.Second}
	// The watchdog of another process is inherited by those that it starts.
	if whose := getenv("WATCHDOG_PID"); m.socket == "" || whose != "" && whose != strconv.Itoa(pid) {
		return m
	}
	if usec, err := strconv.ParseUint(getenv("WATCHDOG_USEC"), 10, 40); err == nil {
		m.Watchdog = time.Duration(usec) * time.Microsecond
	}
	return m
}

// Tell sends all of that to the manager at once. If that fails, nothing is done about it.
func (m Manager) Tell(states ...string) {
	if m.socket == "" {
		return
	}
	conn, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: m.socket, Net: "unixgram"})
	if err != nil {
		return
	}
	defer conn.Close()
	if conn.SetWriteDeadline(time.Now().Add(m.patience)) == nil {
		_, _ = conn.Write([]byte(strings.Join(states, "\n")))
	}
}
