package apply

import (
	"context"
	"encoding/hex"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"ddns-batch/internal/decide"
	"ddns-batch/internal/provider"
)

// breakVariable says where the run of this process is to break down.
const breakVariable = "TEST_BREAK"

// breakdowns are places in which a run may break down while others of its goroutines have the password in hand.
var breakdowns = map[string]func(*Options){
	"a provider that has built its request": func(o *Options) {
		o.Provider = said(func(ctx context.Context, u provider.Update) error {
			request := "https://ddns.example.net/update?password=" + url.QueryEscape(u.Password.Reveal())
			if u.Name.Host == "h3" {
				panic(broken)
			}
			return waitWith(ctx, request)
		})
	},
	"what gives the passwords": func(o *Options) {
		passwords := o.Passwords
		o.Passwords = func(step int) provider.Secret {
			if step == 7 {
				panic(broken)
			}
			return passwords(step)
		}
	},
	"the clock, after an answer": func(o *Options) {
		var asked atomic.Int32
		o.Now = func() time.Time {
			if asked.Add(1) > 8 {
				panic(broken)
			}
			return time.Now()
		}
	},
	"who is told of an answer": func(o *Options) { o.Answered = func(int, decide.Result) { panic(broken) } },
	"the saver":                func(o *Options) { o.Save = func([]decide.Result) { panic(broken) } },
}

const broken = "broken down"

// waitWith is an update under way, whose request is on the stack.
func waitWith(ctx context.Context, request string) error {
	<-ctx.Done()
	return &provider.Error{Class: provider.Transient, Message: request[:5]}
}

// A run that breaks down says where, and nothing of the passwords that it has in hand: neither in words nor as the
// numbers that stand for arguments.
func TestARunThatBreaksDownShowsNoPassword(t *testing.T) {
	if where := os.Getenv(breakVariable); where != "" {
		breakDown(t, where)
		return
	}
	t.Parallel()
	for where := range breakdowns {
		t.Run(where, func(t *testing.T) {
			t.Parallel()
			child := exec.Command(os.Args[0], "-test.run=^"+t.Name()[:strings.Index(t.Name(), "/")]+"$")
			child.Env = append(os.Environ(), breakVariable+"="+where, "GOTRACEBACK=system")
			out, err := child.CombinedOutput()
			dump := string(out)
			if err == nil || !strings.Contains(dump, "panic: "+broken) || !strings.Contains(dump, "apply.(*runner).") {
				t.Fatalf("it did not break down as it should: %v\n%s", err, dump)
			}
			for _, form := range printed(canary) {
				if strings.Contains(strings.ToLower(dump), strings.ToLower(form)) {
					t.Errorf("%q is in:\n%s", form, dump)
				}
			}
		})
	}
}

// breakDown is a run of eight records, one of which is answered.
func breakDown(t *testing.T, where string) {
	steps, batch := newRun(8, false)
	o := options(said(func(ctx context.Context, u provider.Update) error {
		if u.Name.Host == "h0" {
			return nil
		}
		return waitWith(ctx, url.QueryEscape(u.Password.Reveal()))
	}))
	o.SaveEvery = time.Millisecond
	breakdowns[where](&o)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	Run(ctx, ctx, steps, batch, o)
}

// printed lists the forms that a password may take in a dump: text, and the numbers of its first four bytes, one by one
// and in words of four or eight bytes, which end in them.
func printed(password string) []string {
	start := []byte(password[:4])
	var single []string
	for _, b := range start {
		single = append(single, fmt.Sprintf("0x%x", b))
	}
	forms := []string{password, url.QueryEscape(password), url.PathEscape(password), hex.EncodeToString(start), strings.Join(single, ", ")}
	slices.Reverse(start)
	return append(forms, hex.EncodeToString(start))
}
