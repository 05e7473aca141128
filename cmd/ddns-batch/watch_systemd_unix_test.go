//go:build unix

package main

import (
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// manager is a service manager that listens to its service.
type manager struct {
	*machine
	conn *net.UnixConn
}

// newManager is that of the processes which the machine starts from now on.
func newManager(m *machine) *manager {
	m.Helper()
	path := filepath.Join(m.dir, "notify")
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	m.must(err)
	m.Cleanup(func() { _ = conn.Close() })
	m.env["NOTIFY_SOCKET"] = path
	return &manager{machine: m, conn: conn}
}

// next is what it is told next. A time is cut off.
func (m *manager) next() string {
	m.Helper()
	m.must(m.conn.SetReadDeadline(time.Now().Add(time.Minute)))
	b := make([]byte, 4096)
	n, err := m.conn.Read(b)
	m.must(err)
	told, _, _ := strings.Cut(string(b[:n]), "; next run about ")
	if before, usec, ok := strings.Cut(told, "\nMONOTONIC_USEC="); ok {
		if n, err := strconv.Atoi(usec); err != nil || n <= 0 {
			m.Errorf("it was told the time %q", usec)
		}
		told = before
	}
	return told
}

func (m *manager) want(all ...string) {
	m.Helper()
	for _, want := range all {
		if told := m.next(); told != want {
			m.Fatalf("the manager was told %q, not %q", told, want)
		}
	}
}

func TestWatchTellsTheServiceManager(t *testing.T) {
	t.Parallel()
	m := newManager(twoDomains(t))
	// A command learns nothing of the manager.
	tell := m.write("tell", "#!/bin/sh\nenv >"+filepath.Join(m.dir, "environment")+"\n")
	m.must(os.Chmod(tell, 0o700))
	m.configure(map[string]string{"on_change": "[" + tell + "]"})
	w := m.watch()
	m.want("READY=1", "STATUS=3 up to date")
	if environment := m.content(filepath.Join(m.dir, "environment")); strings.Contains(environment, "NOTIFY") {
		t.Errorf("a command got %q", environment)
	}
	m.server.SetAddress(awayAddress)
	w.signal(syscall.SIGHUP)
	m.want("RELOADING=1", "READY=1", "STATUS=3 up to date")
	m.write("hosts.yaml", "records: []")
	w.signal(syscall.SIGHUP)
	m.want("RELOADING=1", "READY=1")
	w.signal(syscall.SIGTERM)
	m.want("STOPPING=1")
	w.ended(statusOK)
}

func TestWatchTellsTheWatchdogThatItIsAlive(t *testing.T) {
	t.Parallel()
	m := newManager(twoDomains(t))
	m.env["WATCHDOG_USEC"] = "200000"
	m.be("www.example.net", hang)
	w := m.watch()
	// During the run as well.
	var told []string
	for len(told) < 4 || !slices.Contains(told[2:], "WATCHDOG=1") {
		told = append(told, m.next())
	}
	if told[0] != "READY=1" || told[1] != "WATCHDOG=1" {
		t.Errorf("the manager was told %q", told)
	}
	w.stop()
}
