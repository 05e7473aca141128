package humanize

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"testing"
	"time"
)

func TestDurations(t *testing.T) {
	for d, want := range map[time.Duration]string{
		-time.Second:               "0 ms",
		0:                          "0 ms",
		400 * time.Microsecond:     "0 ms",
		81 * time.Millisecond:      "81 ms",
		999600 * time.Microsecond:  "1 s",
		1449 * time.Millisecond:    "1.4 s",
		5 * time.Second:            "5 s",
		9960 * time.Millisecond:    "10 s",
		59700 * time.Millisecond:   "1 min",
		125 * time.Second:          "2 min 5 s",
		time.Hour + 59*time.Second: "1 h",
		200 * time.Minute:          "3 h 20 min",
	} {
		if got := Took(d); got != want {
			t.Errorf("%v is %q, want %q", d, got, want)
		}
	}
}

func TestAges(t *testing.T) {
	for d, want := range map[time.Duration]string{
		59 * time.Second: "just now",
		time.Minute:      "1 minute ago",
		59 * time.Minute: "59 minutes ago",
		time.Hour:        "1 hour ago",
		47 * time.Hour:   "1 day ago",
		300 * time.Hour:  "12 days ago",
	} {
		if got := Ago(d); got != want {
			t.Errorf("%v is %q, want %q", d, got, want)
		}
	}
}

func TestLengths(t *testing.T) {
	for d, want := range map[time.Duration]string{
		59 * time.Second: "under a minute",
		time.Minute:      "1 minute",
		23 * time.Hour:   "23 hours",
		300 * time.Hour:  "12 days",
	} {
		if got := Long(d); got != want {
			t.Errorf("%v is %q, want %q", d, got, want)
		}
	}
}

func TestTheClockNamesTheDayOnlyIfItIsAnother(t *testing.T) {
	zone := time.FixedZone("", 2*3600)
	now := time.Date(2026, 11, 23, 22, 30, 0, 0, time.UTC) // 0:30 of the next day there
	for at, want := range map[time.Time]string{
		now.Add(time.Hour):   "01:30",
		now.Add(-time.Hour):  "2026-11-23 23:30",
		now.AddDate(1, 0, 0): "2027-11-24 00:30",
	} {
		if got := Clock(at, now, zone); got != want {
			t.Errorf("%v is %q, want %q", at, got, want)
		}
	}
}

func TestWords(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{HTTPStatus(403), "403 Forbidden"}, {HTTPStatus(599), "599"}, {ProxyRefusal(599).Error(), "the proxy answered 599"},
		{Count(0, "record"), "0 records"}, {Count(1, "record"), "1 record"}, {Count(2, "record"), "2 records"},
		{List(nil), ""}, {List([]string{"a"}), "a"}, {List([]string{"a", "b"}), "a and b"}, {List([]string{"a", "b", "c"}), "a, b and c"},
		{Cause("", true, "Namecheap"), "no reason given"}, {Cause("x\x1b[31m", false, "Namecheap"), "x [31m"}, {Cause("x", true, "Namecheap"), `Namecheap: "x"`},
	} {
		if c.got != c.want {
			t.Errorf("%q, want %q", c.got, c.want)
		}
	}
}

func TestWithoutPath(t *testing.T) {
	_, opened := os.Open("/no/such/file")
	renamed := os.Rename("/no/such/file", "/no/such/other")
	for _, err := range []error{opened, renamed, fmt.Errorf("wrapped: %w", opened)} {
		if got := WithoutPath(err); strings.Contains(got.Error(), "/no") || !errors.Is(got, fs.ErrNotExist) {
			t.Errorf("%v of %v", got, err)
		}
	}
	if err := errors.New("another"); WithoutPath(err) != err {
		t.Error("an error without a path was changed")
	}
}
