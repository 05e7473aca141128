// Package humanize puts counts, times, durations and causes into the words in which reports and notices show them. It never
// decides what is said, and nothing that it returns holds a control character.
package humanize

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"time"

	"ddns-batch/internal/sanitize"
)

// Cause is why something is not up to date. quoted: message is in the own words of provider.
func Cause(message string, quoted bool, provider string) string {
	message = sanitize.Text(message)
	switch {
	case message == "":
		return "no reason given"
	case quoted:
		return sanitize.Text(provider) + `: "` + message + `"`
	default:
		return message
	}
}

// WithoutPath is err without the path that package os adds, for a message that names the file as the user did, or not at all
// where it is a temporary one.
func WithoutPath(err error) error {
	if path, ok := errors.AsType[*fs.PathError](err); ok {
		return path.Err
	}
	if link, ok := errors.AsType[*os.LinkError](err); ok {
		return link.Err
	}
	return err
}

// Count is "1 record" or "12 records".
func Count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.Itoa(n) + " " + noun + "s"
}

// List is "a", "a and b" or "a, b and c".
func List(names []string) string {
	switch n := len(names); n {
	case 0:
		return ""
	case 1:
		return names[0]
	default:
		return strings.Join(names[:n-1], ", ") + " and " + names[n-1]
	}
}

// Took is a duration to the precision that a reader wants: "81 ms", "1.4 s", "12 s", "2 min 5 s", "3 h 20 min".
func Took(d time.Duration) string {
	if ms := d.Round(time.Millisecond); ms < time.Second {
		return fmt.Sprintf("%d ms", max(ms, 0)/time.Millisecond)
	}
	if tenths := d.Round(100 * time.Millisecond); tenths < 10*time.Second {
		return strconv.FormatFloat(tenths.Seconds(), 'f', -1, 64) + " s"
	}
	switch s := d.Round(time.Second); {
	case s < time.Minute:
		return fmt.Sprintf("%d s", s/time.Second)
	case s < time.Hour:
		return two(s, time.Minute, "min", time.Second, "s")
	default:
		return two(s, time.Hour, "h", time.Minute, "min")
	}
}

func two(d, large time.Duration, largeUnit string, small time.Duration, smallUnit string) string {
	if rest := d % large / small; rest > 0 {
		return fmt.Sprintf("%d %s %d %s", d/large, largeUnit, rest, smallUnit)
	}
	return fmt.Sprintf("%d %s", d/large, largeUnit)
}

// Ago is how long ago something was, in its largest unit.
func Ago(d time.Duration) string {
	if d < time.Minute {
		return "just now"
	}
	return Long(d) + " ago"
}

// Long is how long something lasts, in its largest unit.
func Long(d time.Duration) string {
	switch {
	case d < time.Minute:
		return "under a minute"
	case d < time.Hour:
		return Count(int(d/time.Minute), "minute")
	case d < 24*time.Hour:
		return Count(int(d/time.Hour), "hour")
	default:
		return Count(int(d/(24*time.Hour)), "day")
	}
}

// Date is a local time to the minute.
func Date(t time.Time, l *time.Location) string { return t.In(l).Format("2006-01-02 15:04") }

// Clock is a local time to the minute, with its date only if that is not the date of now.
func Clock(t, now time.Time, l *time.Location) string {
	t, now = t.In(l), now.In(l)
	if t.Year() == now.Year() && t.YearDay() == now.YearDay() {
		return t.Format("15:04")
	}
	return Date(t, l)
}
