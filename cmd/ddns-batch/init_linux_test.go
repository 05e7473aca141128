package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// conversation is somebody at a terminal with the program.
type conversation struct {
	*testing.T
	dir       string
	cmd       *exec.Cmd
	near, far *os.File

	mu    sync.Mutex
	more  *sync.Cond
	shown string
	seen  int // so much of it was waited for
	over  bool
}

// converse starts the program on a terminal of its own.
func converse(t *testing.T, env []string, args ...string) *conversation {
	t.Helper()
	c := &conversation{T: t, dir: t.TempDir()}
	c.more = sync.NewCond(&c.mu)
	c.near, c.far = openTerminal(t)
	ctx, cancel := context.WithTimeout(context.Background(), longest)
	t.Cleanup(cancel)
	c.cmd = exec.CommandContext(ctx, "ddns-batch", args...)
	c.cmd.Dir = c.dir
	c.cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + c.dir, "TERM=dumb", "GORACE=atexit_sleep_ms=0"}, env...)
	c.cmd.Stdin, c.cmd.Stdout, c.cmd.Stderr = c.near, c.near, c.near
	// Ctrl-C reaches the program as it would from a shell.
	c.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := c.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go c.listen()
	return c
}

func (c *conversation) listen() {
	buffer := make([]byte, 4096)
	for {
		n, err := c.far.Read(buffer)
		c.mu.Lock()
		c.shown += string(buffer[:n])
		c.over = err != nil
		c.more.Broadcast()
		c.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// all is what the program has shown so far.
func (c *conversation) all() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.shown
}

// expect waits until the program shows a text behind the last one.
func (c *conversation) expect(text string) {
	c.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	for {
		if i := strings.Index(c.shown[c.seen:], text); i >= 0 {
			c.seen += i + len(text)
			return
		}
		if c.over {
			c.Fatalf("no %q in %q", text, c.shown)
		}
		c.more.Wait()
	}
}

// answer types what a question was waited for.
func (c *conversation) answer(question, text string) {
	c.Helper()
	c.expect(question)
	if _, err := c.far.WriteString(text); err != nil {
		c.Fatal(err)
	}
}

// end waits for the program to end, and gives its status.
func (c *conversation) end() int {
	c.Helper()
	_ = c.cmd.Wait()
	return c.cmd.ProcessState.ExitCode()
}

// echoes reports whether the terminal shows what is typed.
func (c *conversation) echoes() bool {
	c.Helper()
	settings, err := unix.IoctlGetTermios(int(c.near.Fd()), unix.TCGETS)
	if err != nil {
		c.Fatal(err)
	}
	return settings.Lflag&unix.ECHO != 0
}

// files are those below the folder.
func (c *conversation) files() (names []string) {
	_ = filepath.WalkDir(c.dir, func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			names = append(names, d.Name())
		}
		return err
	})
	return names
}

func TestInitAsksOnATerminal(t *testing.T) {
	t.Parallel()
	password := canary("example.com")
	c := converse(t, []string{"EXAMPLE_NET_DDNS_PASSWORD=of-net"}, "init", "--offline", "--to", "made")
	c.answer("Domain, as you registered it: ", "co.uk\n")
	c.answer("That cannot be used: \"co.uk\" is a public suffix", "")
	c.answer("Domain, as you registered it: ", "example.com\n")
	c.answer("Hosts of example.com, separated by spaces; @ is the domain itself [@ www]: ", "git https://x\n")
	c.answer("That cannot be used: is a URL", "")
	c.answer("Hosts of example.com", "* @, git\n")
	c.expect("Password of example.com (not shown while you type): ")
	if c.echoes() {
		t.Error("the terminal shows what is typed when the password is asked for")
	}
	c.answer("", "\n")
	c.answer("Password of example.com (not shown while you type): ", password+"\n")
	c.answer("Another domain, or press Enter to go on: ", "example.com\n")
	c.answer("That cannot be used: \"example.com\" was already given", "")
	c.answer("Another domain", "example.net\n")
	c.answer("Hosts of example.net", "\n")
	c.expect("The password of example.net is taken from EXAMPLE_NET_DDNS_PASSWORD.")
	c.answer("Another domain", "\n")
	c.expect("wrote " + filepath.Join(c.dir, "made", "hosts.yaml"))
	c.expect("see what a run would do, before the first one: ddns-batch --config " + filepath.Join(c.dir, "made", "hosts.yaml") + " --dry-run")
	if status := c.end(); status != 0 {
		t.Errorf("status %d", status)
	}
	if holdsPassword([]byte(c.all()), []string{password}) {
		t.Errorf("the password was shown: %q", c.all())
	}
	yaml, env := filepath.Join(c.dir, "made", "hosts.yaml"), filepath.Join(c.dir, "made", "hosts.env")
	const want = "# made by ddns-batch init\nrecords:\n  - hosts: [\"@\", git, \"*\"]\n    domain: example.com\n    password_env: EXAMPLE_COM_DDNS_PASSWORD\n\n" +
		"  - hosts: [\"@\", www]\n    domain: example.net\n    password_env: EXAMPLE_NET_DDNS_PASSWORD\n\nenv_file: hosts.env\n"
	if got := string(mustValue(os.ReadFile(yaml))); got != want {
		t.Errorf("hosts.yaml is\n%s", got)
	}
	if got := string(mustValue(os.ReadFile(env))); !strings.HasSuffix(got, "\nEXAMPLE_COM_DDNS_PASSWORD="+password+"\nEXAMPLE_NET_DDNS_PASSWORD=of-net\n") {
		t.Errorf("hosts.env is\n%s", got)
	}
	if mode := mustValue(os.Stat(env)).Mode().Perm(); mode != 0o600 {
		t.Errorf("hosts.env has mode %o", mode)
	}
	if found := findCanaries(c.dir, []string{password}, []string{env}); found != nil {
		t.Errorf("the password is in %q", found)
	}
}

func TestInitAsksOnlyForWhatTheFlagsDoNotSay(t *testing.T) {
	t.Parallel()
	c := converse(t, nil, "init", "--offline", "--domain", "example.com", "--hosts", "www")
	c.answer("Password of example.com (not shown while you type): ", "0123456789abcdef0123456789abcdef\n")
	c.expect("see what a run would do, before the first one: ddns-batch --dry-run")
	if status := c.end(); status != 0 || strings.Contains(c.all(), "Another domain") || strings.Contains(c.all(), "Hosts of") {
		t.Errorf("status %d, %q", status, c.all())
	}
}

// Whatever ends it before the last answer, nothing is written, and the terminal shows again what is typed.
func TestInitThatIsInterruptedLeavesNothing(t *testing.T) {
	t.Parallel()
	const interrupt, quit, end = "\x03", "\x1c", "\x04"
	const domain, password = "Domain, as you registered it: ", "Password of example.com (not shown while you type): "
	for _, c := range []struct {
		name, question, key string
		signal              syscall.Signal // sent by somebody else; 0: none is
		status              int
	}{
		{"Ctrl-C at a question", domain, interrupt, 0, 130},
		{"Ctrl-C at a password", password, interrupt, 0, 130},
		{"Ctrl-\\ at a password", password, quit, 0, 130},
		{"kill -ABRT at a password", password, "", syscall.SIGABRT, 130},
		{"kill -TRAP at a password", password, "", syscall.SIGTRAP, 130},
		{"kill at a password", password, "", syscall.SIGTERM, 143},
		{"the end of the input", domain, end, 0, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			args := []string{"init", "--offline"}
			if c.question == password {
				args = append(args, "--domain", "example.com", "--hosts", "@")
			}
			s := converse(t, nil, args...)
			s.answer(c.question, c.key)
			if c.signal != 0 {
				if err := s.cmd.Process.Signal(c.signal); err != nil {
					t.Fatal(err)
				}
			}
			if status := s.end(); status != c.status {
				t.Errorf("status %d: %q", status, s.all())
			}
			if strings.Contains(s.all(), "goroutine") {
				t.Errorf("shown: %q", s.all())
			}
			if left := s.files(); left != nil {
				t.Errorf("left behind: %q", left)
			}
			if !s.echoes() {
				t.Error("the terminal does not show what is typed any more")
			}
		})
	}
}
