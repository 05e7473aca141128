package state

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"io/fs"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ddns-batch/internal/provider"
)

// The test binary is its own second process: these variables say what it does instead of testing.
const (
	roleVar  = "STATE_TEST_ROLE"
	stateVar = "STATE_TEST_STATE"
)

func TestMain(m *testing.M) {
	var err error
	switch path := os.Getenv(stateVar); os.Getenv(roleVar) {
	case "":
		os.Exit(m.Run())
	case "hold":
		err = hold(path)
	case "hold, with a child":
		err = holdWithChild(path)
	case "sleep":
		_, err = io.Copy(io.Discard, os.Stdin)
	case "count":
		err = count(path)
	}
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}

// hold keeps the lock until stdin ends.
func hold(path string) error {
	l, err := Acquire(context.Background(), path, 0, clock)
	if err != nil {
		return err
	}
	fmt.Println("held")
	_, _ = io.Copy(io.Discard, os.Stdin)
	return l.Release()
}

// holdWithChild keeps the lock for ever and leaves a child that outlives it.
func holdWithChild(path string) error {
	if _, err := Acquire(context.Background(), path, 0, clock); err != nil {
		return err
	}
	child := self("sleep", path)
	child.Stdin = os.Stdin
	if err := child.Start(); err != nil {
		return err
	}
	fmt.Println("held")
	return child.Wait()
}

// count adds one to the number of failures in the state, ten times, each under a lock of its own.
func count(path string) error {
	for range 10 {
		l, err := Acquire(context.Background(), path, time.Minute, clock)
		if err != nil {
			return err
		}
		s, notes, err := l.Load()
		if err != nil || len(notes) > 0 {
			return fmt.Errorf("%v %w", notes, err)
		}
		p := Pause{Since: clock(), Began: clock()}
		if s.Blocked != nil {
			p = *s.Blocked
		}
		p.Failures++
		s.Blocked = &p
		if err := l.Save(s); err != nil {
			return err
		}
		if err := l.Release(); err != nil {
			return err
		}
	}
	return nil
}

func self(role, path string) *exec.Cmd {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), roleVar+"="+role, stateVar+"="+path)
	return cmd
}

// startHolder returns once another process holds the lock. Closing the writer lets it end in peace.
func startHolder(t *testing.T, role, path string) (*exec.Cmd, io.WriteCloser) {
	t.Helper()
	cmd := self(role, path)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { in.Close() })
	if line, err := bufio.NewReader(out).ReadString('\n'); line != "held\n" {
		t.Fatalf("the holder said %q, %v", line, err)
	}
	return cmd, in
}

var start = time.Date(2026, 11, 23, 3, 5, 0, 123_000_000, time.UTC)

func clock() time.Time { return start }

func addr(s string) netip.Addr { return netip.MustParseAddr(s) }

// sample has something in every field.
func sample() Snapshot {
	pause := &Pause{
		Class: provider.Credentials, Message: `"Passwords" <do> & don't match`, Quoted: true, Failures: 2,
		Since: start.Add(-time.Hour), Began: start, Seconds: 7200, Under: addr("203.0.113.7"), Lifted: start.Add(-time.Minute),
	}
	return Snapshot{
		Version: Version, Endpoint: "https://dynamicdns.example.com/update", Key: []byte("0123456789abcdef0123456789abcdef"),
		Blocked: pause,
		Records: []Record{
			{
				Host: "@", Domain: "example.com", IP: addr("203.0.113.91"), Since: start, ConfirmedAt: start, AttemptedAt: start,
				History: []Change{{addr("203.0.113.7"), start.Add(-time.Hour)}, {addr("203.0.113.91"), start}},
			},
			{Host: "*", Domain: "example.net", Previous: addr("203.0.113.7"), Unknown: true, AttemptedAt: start, Failed: true, Pause: pause},
		},
		Domains: []Domain{
			{Domain: "example.com", Passwords: []Password{{Fingerprint: "ab", AcceptedAt: start}}},
			{Domain: "example.net", Pause: pause, Passwords: []Password{{Fingerprint: "cd", Pause: pause}, {Fingerprint: "ef"}}},
		},
		Addresses:   []Address{{addr("198.51.100.9"), pause}},
		Notices:     []Notice{{Key: "record www.example.com", What: "record", Since: start, ReportedAt: start, Name: "www.example.com"}},
		Undelivered: []Undelivered{{To: "on_news", Text: "nas: www.example.com failed", At: start}},
	}
}

// locked calls do with the lock of the state at path.
func locked(t *testing.T, path string, do func(l *Lock)) {
	t.Helper()
	l, err := Acquire(t.Context(), path, 0, clock)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := l.Release(); err != nil {
			t.Error(err)
		}
	}()
	do(l)
}

// saved is a new folder with sample in its state.json.
func saved(t *testing.T) (dir, path string) {
	t.Helper()
	dir = t.TempDir()
	path = filepath.Join(dir, "state.json")
	locked(t, path, func(l *Lock) { save(t, l, sample()) })
	return dir, path
}

// load is Load that may not fail.
func load(t *testing.T, l *Lock) (Snapshot, string) {
	t.Helper()
	s, notes, err := l.Load()
	if err != nil {
		t.Fatal(err)
	}
	return s, strings.Join(notes, "\n")
}

func save(t *testing.T, l *Lock, s Snapshot) {
	t.Helper()
	if err := l.Save(s); err != nil {
		t.Fatal(err)
	}
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

func content(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// listing is everything below dir that can be seen from outside, but for the time of the last access.
func listing(t *testing.T, dir string) string {
	t.Helper()
	var b strings.Builder
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err == nil {
			fmt.Fprintln(&b, path, info.Mode(), info.Size(), info.ModTime().UnixNano())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// names lists what lies in dir.
func names(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, e := range entries {
		list = append(list, e.Name())
	}
	return list
}
