//go:build unix

package sdnotify

import (
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// manager listens as a service manager does, on a socket of this name.
func manager(t *testing.T, name string) *net.UnixConn {
	t.Helper()
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: name, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

func find(variables map[string]string) Manager {
	return Find(func(name string) string { return variables[name] }, 4711)
}

func TestTheManagerIsTold(t *testing.T) {
	path := filepath.Join(t.TempDir(), "notify")
	conn := manager(t, path)
	m := find(map[string]string{"NOTIFY_SOCKET": path})
	m.Tell(Ready)
	m.Tell(Status("all\nwell"), Alive)
	for _, want := range []string{"READY=1", "STATUS=all well\nWATCHDOG=1"} {
		b := make([]byte, 200)
		n, err := conn.Read(b)
		if got := string(b[:n]); err != nil || got != want {
			t.Errorf("it heard %q, %v, want %q", got, err, want)
		}
	}
}

func TestReloadingSaysWhen(t *testing.T) {
	got := strings.Join(Reloading(), "\n")
	if _, ok := monotonic(); ok && !strings.HasPrefix(got, "RELOADING=1\nMONOTONIC_USEC=") || !strings.HasPrefix(got, "RELOADING=1") {
		t.Errorf("%q", got)
	}
}

// A manager that does not listen keeps nobody waiting.
func TestAManagerThatDoesNotReadIsLeft(t *testing.T) {
	path := filepath.Join(t.TempDir(), "notify")
	manager(t, path)
	m := find(map[string]string{"NOTIFY_SOCKET": path})
	m.patience = time.Millisecond
	for range 100 {
		m.Tell(Alive)
	}
	find(map[string]string{"NOTIFY_SOCKET": path + "-of-nobody"}).Tell(Alive)
	Manager{}.Tell(Alive)
}

func TestTheWatchdogIsOnesOwn(t *testing.T) {
	for name, c := range map[string]struct {
		variables map[string]string
		want      time.Duration
	}{
		"none":               {map[string]string{"NOTIFY_SOCKET": "/x"}, 0},
		"one":                {map[string]string{"NOTIFY_SOCKET": "/x", "WATCHDOG_USEC": "30000000"}, 30 * time.Second},
		"of this process":    {map[string]string{"NOTIFY_SOCKET": "/x", "WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "4711"}, 30 * time.Second},
		"of another process": {map[string]string{"NOTIFY_SOCKET": "/x", "WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "1"}, 0},
		"nobody to be told":  {map[string]string{"WATCHDOG_USEC": "30000000"}, 0},
		"endless":            {map[string]string{"NOTIFY_SOCKET": "/x", "WATCHDOG_USEC": "18446744073709551615"}, 0},
		"not a number":       {map[string]string{"NOTIFY_SOCKET": "/x", "WATCHDOG_USEC": "soon"}, 0},
		"less than none":     {map[string]string{"NOTIFY_SOCKET": "/x", "WATCHDOG_USEC": "-1"}, 0},
	} {
		if got := find(c.variables).Watchdog; got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}
