//go:build unix

package program

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"go.uber.org/goleak"
	"golang.org/x/sys/unix"
)

// playing is the first argument with which the test binary plays a program instead of testing.
const playing = "play-a-program"

const limit = 100

func TestMain(m *testing.M) {
	if len(os.Args) > 2 && os.Args[1] == playing {
		play(os.Args[2], os.Args[3:])
		syscall.Exit(0) // os.Exit takes a second with the race detector
	}
	goleak.VerifyTestMain(m)
}

// played are the arguments of the program that plays this.
func played(what string, arguments ...string) []string {
	path, err := os.Executable()
	if err != nil {
		panic(err)
	}
	return append([]string{path, playing, what}, arguments...)
}

// play is what the programs of these tests do. Those that stay are told where somebody listens: see hold.
func play(what string, arguments []string) {
	switch what {
	case "say":
		fmt.Fprintln(os.Stderr, "on stderr")
		fmt.Print(strings.Join(arguments, " "))
	case "environment":
		environment := os.Environ()
		slices.Sort(environment)
		folder, _ := os.Getwd()
		fmt.Println(strings.Join(environment, ";"), folder)
	case "read":
		input, _ := io.ReadAll(os.Stdin)
		fmt.Printf("%q", input)
	case "want": // that it is given just this, and a variable
		input, _ := io.ReadAll(os.Stdin)
		if strconv.Itoa(len(input)) != arguments[0] || os.Getenv("NAME") != "value" || os.Getenv("HOME") != "" {
			syscall.Exit(4)
		}
	case "fail":
		fmt.Print("said")
		syscall.Exit(3)
	case "flood":
		for {
			if _, err := fmt.Println("203.0.113.7"); err != nil {
				select {} // it does not give up by itself
			}
		}
	case "hold":
		hold(arguments[0])
	case "hold without guard":
		if _, err := unix.FcntlInt(3, unix.F_SETFL, 0); err != nil {
			panic(err)
		}
		hold(arguments[0])
	case "hang": // and so does a child
		startChild(nil, os.Stdout, nil, "hold", arguments[0])
		hold(arguments[0])
	case "leave": // a child that keeps stdout open
		startChild(nil, os.Stdout, nil, "hold", arguments[0])
		fmt.Print("said")
	case "leave quietly": // one that does not
		startChild(nil, nil, nil, "hold", arguments[0])
		fmt.Print("said")
	case "leave elsewhere": // one that keeps stdout open, in a group of its own
		startChild(nil, os.Stdout, &syscall.SysProcAttr{Setpgid: true}, "hold", arguments[0])
		fmt.Print("said")
	case "leave unread": // a child that keeps stdin open and does not read it
		startChild(os.Stdin, nil, nil, "hold", arguments[0])
	case "run": // as this package does
		_, err := Output(context.Background(), limit, played(arguments[0], arguments[1:]...))
		panic(err)
	}
}

// startChild returns once the child holds on to its connection.
func startChild(stdin io.Reader, stdout io.Writer, attributes *syscall.SysProcAttr, what string, arguments ...string) {
	all := played(what, arguments...)
	child := exec.Command(all[0], all[1:]...)
	child.Stdin, child.Stdout = stdin, stdout
	child.SysProcAttr = attributes
	connected, err := child.StderrPipe()
	if err == nil {
		err = child.Start()
	}
	if err == nil {
		_, err = connected.Read(make([]byte, 1))
	}
	if err != nil {
		panic(err)
	}
}

// hold connects, says its process number and that of its parent, and repeats what it hears until the connection is closed.
func hold(address string) {
	conn, err := net.Dial("tcp4", address)
	if err != nil {
		panic(err)
	}
	fmt.Fprintln(conn, os.Getpid(), os.Getppid())
	fmt.Fprint(os.Stderr, ".")
	_, _ = io.Copy(conn, conn)
}

// holder is a process that holds a connection to the test.
type holder struct {
	net.Conn
	pid, parent int
}

// listen waits for holders. Those that still run at the end of the test end then.
func listen(t *testing.T) (address string, next func() holder) {
	t.Helper()
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	return listener.Addr().String(), func() holder {
		conn, err := listener.Accept()
		if err != nil {
			t.Error(err)
			return holder{}
		}
		t.Cleanup(func() { _ = conn.Close() })
		h := holder{Conn: conn}
		if _, err := fmt.Fscanln(conn, &h.pid, &h.parent); err != nil {
			t.Error(err)
		}
		return h
	}
}

// waitForEnd returns when the process has.
func (h holder) waitForEnd() {
	// A killed process may leave a reset behind instead of an end.
	_, _ = io.Copy(io.Discard, h)
}

func TestOutput(t *testing.T) {
	for _, c := range []struct {
		name            string
		arguments       []string
		want, wantError string
	}{
		{"what it says", played("say", "203.0.113.7", "$HOME", "*"), "203.0.113.7 $HOME *", ""},
		{"as much as is read", played("say", strings.Repeat("x", limit)), strings.Repeat("x", limit), ""},
		{"one byte more", played("say", strings.Repeat("x", limit+1)), "", "more than 100 bytes of output"},
		{"output without an end", played("flood"), "", "more than 100 bytes of output"},
		{"nothing", played("say"), "", ""},
		{"what it reads is empty", played("read"), `""`, ""},
		{"it fails", played("fail"), "", "the program failed: exit status 3"},
		{"it is not there", []string{"/nowhere/wan-ip", "token"}, "", "the program cannot be started: no such file or directory"},
		{"it is a folder", []string{"/"}, "", "the program cannot be started: is a directory"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := Output(t.Context(), limit, c.arguments)
			if got != c.want || (err == nil) != (c.wantError == "") || err != nil && err.Error() != c.wantError {
				t.Errorf("%q, %v", got, err)
			}
		})
	}
}

func TestRun(t *testing.T) {
	// More than a pipe holds, for a program that does not read it.
	much := strings.Repeat("git.example.com\n", 100_000)
	for _, c := range []struct {
		name      string
		arguments []string
		want      string
	}{
		{"it speaks without an end", played("say", strings.Repeat("x", 3*limit)), ""},
		{"it reads all", played("want", strconv.Itoa(len(much))), ""},
		{"it fails", played("fail"), "the program failed: exit status 3"},
		{"it is not there", []string{"/nowhere/tell", "token"}, "the program cannot be started: no such file or directory"},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := Run(t.Context(), c.arguments, []string{"NAME=value"}, much)
			if (err == nil) != (c.want == "") || err != nil && err.Error() != c.want {
				t.Errorf("%v", err)
			}
		})
	}
}

// The group ends with the context, and a program that leaves something behind on purpose may.
func TestRunAndWhatItStarts(t *testing.T) {
	address, next := listen(t)
	ctx, cancel := context.WithCancelCause(t.Context())
	held := make(chan holder, 2)
	go func() {
		held <- next()
		held <- next()
		cancel(io.ErrNoProgress)
	}()
	if err := Run(ctx, played("hang", address), nil, ""); err != io.ErrNoProgress {
		t.Errorf("error %v", err)
	}
	(<-held).waitForEnd()
	(<-held).waitForEnd()
	if err := Run(t.Context(), played("leave unread", address), nil, strings.Repeat("more than a pipe holds", 10_000)); err != nil {
		t.Errorf("error %v", err)
	}
	h := next()
	_, err := h.Write([]byte("?"))
	if n, _ := h.Read(make([]byte, 1)); n != 1 || err != nil {
		t.Errorf("it does not answer any more")
	}
}

func TestCheck(t *testing.T) {
	if err := Check(played("")[0]); err != nil {
		t.Error(err)
	}
	for path, want := range map[string]string{"/nowhere/tell": "no such file or directory", "/dev/null": "permission denied", "/": "is a directory"} {
		if err := Check(path); err == nil || err.Error() != want {
			t.Errorf("%s: %v, want %s", path, err, want)
		}
	}
}

func TestAProgramSeesNoPassword(t *testing.T) {
	t.Setenv("EXAMPLE_COM_DDNS_PASSWORD", "c4nary&p/w")
	t.Setenv("PATH", "/somewhere/else")
	got, err := Output(t.Context(), 1000, played("environment"))
	if want := "LANG=C;PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin /\n"; got != want || err != nil {
		t.Errorf("environment and folder %q, want %q; %v", got, want, err)
	}
}

func TestTheWholeGroupEndsWithTheContext(t *testing.T) {
	address, next := listen(t)
	ctx, cancel := context.WithCancelCause(t.Context())
	held := make(chan holder, 2)
	go func() {
		held <- next()
		held <- next()
		cancel(io.ErrNoProgress)
	}()
	if _, err := Output(ctx, limit, played("hang", address)); err != io.ErrNoProgress {
		t.Errorf("error %v", err)
	}
	(<-held).waitForEnd()
	(<-held).waitForEnd()
	if _, err := Output(ctx, limit, []string{"/nowhere"}); err != io.ErrNoProgress {
		t.Errorf("started after the end of the context: %v", err)
	}
}

func TestWhatKeepsTheOutputOpenIsEnded(t *testing.T) {
	address, next := listen(t)
	if _, err := Output(t.Context(), limit, played("leave", address)); err != errHeld {
		t.Errorf("error %v", err)
	}
	next().waitForEnd()
}

// A program may start something that is to go on, and says so by closing its output.
func TestWhatIsLeftRunningOnPurposeStays(t *testing.T) {
	address, next := listen(t)
	got, err := Output(t.Context(), limit, played("leave quietly", address))
	if got != "said" || err != nil {
		t.Fatalf("%q, %v", got, err)
	}
	h := next()
	_, err = h.Write([]byte("?"))
	if n, _ := h.Read(make([]byte, 1)); n != 1 || err != nil {
		t.Errorf("it does not answer any more")
	}
}
