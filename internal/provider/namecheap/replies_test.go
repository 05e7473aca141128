package namecheap

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ddns-batch/internal/provider"
	"ddns-batch/internal/testnet"
)

// Every reply under testdata/replies goes through a client: a .http file is all that the server sends, the others are
// the body of an answer with status 200. testdata/expected.txt says what it must come to, one reply a line: the file,
// the class, the flags (q quoted, u unchanged, v validation, - none), the message. The address asked for is always
// 203.0.113.7.
func TestEveryReplyHasTheExpectedVerdict(t *testing.T) {
	expected := readExpected(t)
	files, err := filepath.Glob("testdata/replies/*.*")
	if err != nil || len(files) < 100 {
		t.Fatalf("%d replies found, %v", len(files), err)
	}
	for _, file := range files {
		name := filepath.Base(file)
		if name == ".gitattributes" {
			continue
		}
		t.Run(name, func(t *testing.T) {
			want, ok := expected[name]
			if !ok {
				t.Fatal("testdata/expected.txt does not know it")
			}
			delete(expected, name)
			got := outcome(updateAgainst(t, answerOf(t, file)))
			if got != want {
				t.Errorf("\n got %s\nwant %s", got, want)
			}
		})
	}
	for name := range expected {
		t.Errorf("testdata/expected.txt names %s, which is not there", name)
	}
}

func readExpected(t *testing.T) map[string]string {
	f, err := os.Open("testdata/expected.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	expected := map[string]string{}
	for scanner := bufio.NewScanner(f); scanner.Scan(); {
		name, rest, _ := strings.Cut(scanner.Text(), " ")
		expected[name] = strings.Join(strings.Fields(rest), " ")
	}
	return expected
}

// outcome is an error as a line of expected.txt has it.
func outcome(err error) string {
	if err == nil {
		return "ok"
	}
	e := err.(*provider.Error)
	flags := ""
	for _, f := range []struct {
		letter string
		set    bool
	}{{"q", e.Quoted}, {"u", e.Unchanged}, {"v", e.Validation}, {"UNSENT", e.Unsent}} {
		if f.set {
			flags += f.letter
		}
	}
	if flags == "" {
		flags = "-"
	}
	return strings.Join(strings.Fields(fmt.Sprint(e.Class, " ", flags, " ", e.Message)), " ")
}

// answerOf is all that a server sends for a file of the corpus.
func answerOf(t *testing.T, file string) []byte {
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if filepath.Ext(file) == ".http" {
		return content
	}
	head := fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n", len(content))
	return append([]byte(head), content...)
}

// updateAgainst sends one update to a server that answers whatever it is asked with these bytes, and hangs up.
func updateAgainst(t *testing.T, answer []byte) error {
	t.Helper()
	endpoint := serve(t, func(conn net.Conn) {
		readRequest(conn)
		_, _ = conn.Write(answer)
	})
	return newClient(t, Options{Endpoint: endpoint}).Update(t.Context(), update())
}

// serve talks to each connection until the test ends.
func serve(t *testing.T, talk func(net.Conn)) (endpoint string) {
	return "http://" + testnet.Listen(t, talk).Address + "/update"
}

// readRequest reads up to the empty line and returns what it read.
func readRequest(conn net.Conn) string {
	var head strings.Builder
	for r := bufio.NewReader(conn); ; {
		line, err := r.ReadString('\n')
		head.WriteString(line)
		if err != nil || line == "\r\n" {
			return head.String()
		}
	}
}
