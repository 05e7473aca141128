package namecheap

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/hex"
	"fmt"
	"net/netip"
	"runtime/debug"
	"slices"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"ddns-batch/internal/provider"
	"ddns-batch/internal/record"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// canary has a character of every kind that some encoding treats in its own way.
const canary = `c4n%41ry &p+w/"<é>\7x9`

func update() provider.Update {
	return provider.Update{
		Name:     record.Name{Host: "www", Domain: "example.com"},
		Address:  netip.MustParseAddr("203.0.113.7"),
		Password: provider.NewSecret(canary),
	}
}

func newClient(t *testing.T, o Options) *Client {
	t.Helper()
	c, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestAGzipBombIsJustNotAReply(t *testing.T) {
	var bomb bytes.Buffer
	z := gzip.NewWriter(&bomb)
	_, _ = z.Write(make([]byte, 4<<20))
	_ = z.Close()
	err := updateAgainst(t, append([]byte("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nConnection: close\r\n\r\n"), bomb.Bytes()...))
	if e, ok := err.(*provider.Error); !ok || e.Class != provider.Transient {
		t.Errorf("got %#v", err)
	}
}

// breakdown is a context that breaks down as soon as it is asked for anything, which is when the request is built.
type breakdown struct{ context.Context }

func (breakdown) Value(any) any { panic("broken down") }

// Whoever catches a panic on the way has a text and a stack to print. Neither holds the password.
func TestAPanicWhileTheRequestIsBuiltHidesThePassword(t *testing.T) {
	client := newClient(t, Options{Endpoint: "http://127.0.0.1/update"})
	defer func() {
		text := fmt.Sprint(recover())
		stack := string(debug.Stack())
		if text != "broken down" || !strings.Contains(stack, "namecheap.(*session).Send") {
			t.Errorf("%s\n%s", text, stack)
		}
		start := []byte(canary[:4])
		numbers := fmt.Sprintf("0x%x, 0x%x, 0x%x, 0x%x", start[0], start[1], start[2], start[3])
		slices.Reverse(start)
		for _, form := range []string{numbers, hex.EncodeToString(start)} {
			if strings.Contains(stack, form) {
				t.Errorf("the password is, as %s, in\n%s", form, stack)
			}
		}
		if leaks(stack) {
			t.Errorf("the password is in\n%s", stack)
		}
	}()
	_ = client.Update(breakdown{t.Context()}, update())
}
