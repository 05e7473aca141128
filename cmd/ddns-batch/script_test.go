package main

import (
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"ddns-batch/internal/provider/namecheap/sandbox"
	"ddns-batch/internal/record"
)

// TestScript runs the program as it is used: real processes, files and TLS, against a stand-in on loopback.
//
// A script has the command "server" (see stand) and the canary passwords in variables such as
// EXAMPLE_COM_DDNS_PASSWORD. DDNS_NOTIFY_URLS and HEALTHCHECKS_URL hold canary tokens. After it, no file and nothing that any program
// wrote may hold one of them.
func TestScript(t *testing.T) {
	scripts, err := filepath.Glob("testdata/script/*.txtar")
	if err != nil || len(scripts) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		Setup:               setUp,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"server":  server,
			"dns":     nameservers,
			"expand":  expand,
			"matches": jsonMatches,
			"lines":   lines,
			"mode":    mode,
			"secret":  secret,
		},
	})
}

const transcript = "transcript"

// setUp gives a script a home of its own, and looks for the canaries when it is over.
func setUp(env *testscript.Env) error {
	home := filepath.Join(env.WorkDir, "home")
	env.Setenv("HOME", home)
	env.Setenv("AppData", home)
	env.Setenv("LocalAppData", home)
	env.Setenv("TERM", "dumb")
	// The race detector would otherwise keep each process for a second.
	env.Setenv("GORACE", "atexit_sleep_ms=0")
	env.Setenv(transcriptVariable, filepath.Join(env.WorkDir, transcript))
	s := &stand{}
	var urls map[string]string
	urls, s.canaries = canaryURLs()
	for variable, value := range urls {
		env.Setenv(variable, value)
	}
	env.Values[standKey{}] = s
	env.Defer(func() {
		s.stop()
		for _, found := range findCanaries(env.WorkDir, s.canaries, s.secrets) {
			env.T().Log("a password or a token is in " + found)
			env.T().FailNow()
		}
	})
	return os.MkdirAll(home, 0o700)
}

// stand is the stand-in of one script, and the passwords that must not be seen.
type stand struct {
	server   *sandbox.Server
	dns      *nameserver
	heard    int
	asked    int
	canaries []string
	// secrets are the files in which a password may stand, because the script put it there.
	secrets []string
}

// standKey is where a script keeps its stand.
type standKey struct{}

func (s *stand) stop() {
	if s.server != nil {
		s.server.Close()
		s.server = nil
	}
}

// server is the script command that starts, changes and questions the stand-in:
//
//	server start example.com:@,www example.net:@    serve these records, and set a password variable for each domain
//	server stop                                     nothing listens any more
//	server address 203.0.113.91                     what the sources say from now on
//	server source 0 says=198.51.100.1               one source says something else; status=502, body=TEXT, hang, reset, well
//	server fault git.example.com norecord           a record fails from now on; mend: it no longer does
//	server published www.example.com 203.0.113.91   fail unless that is the address it holds; "none" if it has none
//	server heard 3                                  fail unless so many updates came since the last question
//	server await 2                                  wait until so many came since that question
//	server asked 2                                  the same for look-ups of the address
func server(ts *testscript.TestScript, neg bool, args []string) {
	s := ts.Value(standKey{}).(*stand)
	if neg || len(args) == 0 {
		ts.Fatalf("usage: server start|stop|address|source|fault|mend|published|heard|asked ...")
	}
	if args[0] == "start" {
		s.start(ts, args[1:])
		return
	}
	if s.server == nil {
		ts.Fatalf("the server is not started")
	}
	switch args[0] {
	case "stop":
		s.stop()
	case "address":
		s.server.SetAddress(netip.MustParseAddr(args[1]))
	case "source":
		i, err := strconv.Atoi(args[1])
		ts.Check(err)
		s.server.SetSource(i, source(ts, strings.Join(args[2:], " ")))
	case "fault":
		fault, err := sandbox.ParseFault(args[2])
		ts.Check(err)
		s.server.SetFault(s.name(ts, args[1]), fault)
	case "mend":
		s.server.ClearFault(s.name(ts, args[1]))
	case "published":
		s.published(ts, args[1], args[2])
	case "heard":
		all := s.server.Heard()
		expectCount(ts, "updates", len(all)-s.heard, args[1])
		s.heard = len(all)
	case "await":
		s.await(ts, args[1])
	case "asked":
		all := s.server.Asked()
		expectCount(ts, "look-ups", len(all)-s.asked, args[1])
		s.asked = len(all)
	default:
		ts.Fatalf("unknown: server %s", args[0])
	}
	if bad := s.violations(); len(bad) > 0 {
		ts.Fatalf("the stand-in complains: %q", bad)
	}
}

func (s *stand) violations() []string {
	if s.server == nil {
		return nil
	}
	return s.server.Violations()
}

// await waits for the program under test, which is another process: there is nothing here to be woken by.
func (s *stand) await(ts *testscript.TestScript, text string) {
	want, err := strconv.Atoi(text)
	ts.Check(err)
	for end := time.Now().Add(time.Minute); len(s.server.Heard())-s.heard < want; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			ts.Fatalf("%d of %d updates came", len(s.server.Heard())-s.heard, want)
		}
	}
}

func expectCount(ts *testscript.TestScript, what string, got int, text string) {
	want, err := strconv.Atoi(text)
	ts.Check(err)
	if got != want {
		ts.Fatalf("%d %s came, not %d", got, what, want)
	}
}

func (s *stand) start(ts *testscript.TestScript, zones []string) {
	s.stop()
	s.heard, s.asked = 0, 0
	var o sandbox.Options
	for _, zone := range zones {
		domain, hosts, _ := strings.Cut(zone, ":")
		o.Domains = append(o.Domains, sandbox.Domain{Name: domain, Hosts: strings.Split(hosts, ",")})
	}
	n := startNetwork(o, false)
	s.server, s.canaries = n.server, append(s.canaries, n.canaries...)
	for variable, password := range n.passwords {
		ts.Setenv(variable, password)
	}
	file := filepath.Join(ts.Getenv("HOME"), "roots.pem")
	ts.Check(os.WriteFile(file, authority().PEM, 0o600))
	ts.Setenv(rootsVariable, file)
	ts.Setenv(dialVariable, n.server.Addr().String()+" "+monitorHost+"="+nowhere)
}

// name finds the record with a full name.
func (s *stand) name(ts *testscript.TestScript, full string) record.Name {
	for name := range s.server.Records() {
		if name.String() == full {
			return name
		}
	}
	ts.Fatalf("the stand-in has no record %s", full)
	return record.Name{}
}

func (s *stand) published(ts *testscript.TestScript, full, want string) {
	got := "none"
	if a := s.server.Records()[s.name(ts, full)]; a.IsValid() {
		got = a.String()
	}
	if got != want {
		ts.Fatalf("%s is %s, not %s", full, got, want)
	}
}

func source(ts *testscript.TestScript, text string) sandbox.Source {
	kind, value, _ := strings.Cut(text, "=")
	switch kind {
	case "well":
		return sandbox.Source{}
	case "says":
		return sandbox.Source{Address: netip.MustParseAddr(value)}
	case "status":
		status, err := strconv.Atoi(value)
		ts.Check(err)
		return sandbox.Source{Status: status, Body: "<html>nginx/1.18.0.1</html>"}
	case "body":
		return sandbox.Source{Body: value}
	case "hang":
		return sandbox.Source{Hang: true}
	case "reset":
		return sandbox.Source{Reset: true}
	}
	ts.Fatalf("unknown source %q", text)
	return sandbox.Source{}
}

// expand replaces $NAME in files by the script's variables; such a file may hold passwords.
func expand(ts *testscript.TestScript, neg bool, files []string) {
	s := ts.Value(standKey{}).(*stand)
	for _, file := range files {
		path := ts.MkAbs(file)
		info, err := os.Stat(path)
		ts.Check(err)
		ts.Check(os.WriteFile(path, []byte(os.Expand(ts.ReadFile(file), ts.Getenv)), info.Mode()))
		s.secrets = append(s.secrets, path)
	}
}

// secret marks files in which passwords may stand, and fails unless only their owner can read them.
func secret(ts *testscript.TestScript, neg bool, files []string) {
	s := ts.Value(standKey{}).(*stand)
	for _, file := range files {
		mode(ts, neg, []string{"0600", file})
		s.secrets = append(s.secrets, ts.MkAbs(file))
	}
}

// lines fails unless a stream or file has so many lines: lines stdout 1.
func lines(ts *testscript.TestScript, neg bool, args []string) {
	expectCount(ts, "lines", strings.Count(ts.ReadFile(args[0]), "\n"), args[1])
}

// mode fails unless a file has these permissions: mode 0600 state.json. Windows has none to compare.
func mode(ts *testscript.TestScript, neg bool, args []string) {
	info, err := os.Stat(ts.MkAbs(args[1]))
	ts.Check(err)
	if got := fmt.Sprintf("%04o", info.Mode().Perm()); got != args[0] && os.PathSeparator == '/' {
		ts.Fatalf("%s has mode %s, not %s", args[1], got, args[0])
	}
}
