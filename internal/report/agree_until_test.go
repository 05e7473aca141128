package report_test

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	"ddns-batch/internal/humanize"
	"ddns-batch/internal/idn"
	"ddns-batch/internal/provider"
)

// counted is how many records are up to date, and how many are not, in words.
func counted(are, not int) string {
	switch {
	case not == 0:
		return fmt.Sprintf("%d up to date", are)
	case are == 0:
		return fmt.Sprintf("%d not up to date", not)
	default:
		return fmt.Sprintf("%d up to date; %d not up to date", are, not)
	}
}

// onPage are the groups of records that need somebody, with their headings.
var onPage = regexp.MustCompile(`(?s)<p class="state">(.*?)</p>(.*?)</table>`)

// checkShownUntil: whatever says until when a record is held says the time at which a run sends it again.
func (s *situation) checkShownUntil() {
	rows := map[string]string{}
	for line := range strings.Lines(s.table) {
		if strings.TrimSpace(line) != "" {
			rows[lastName(line)] = line
		}
	}
	for _, r := range s.dry.Records {
		name := r.Name.String()
		if r.Cause == nil || r.Cause.Until.IsZero() {
			if d := s.inDry[name]; d.Until != "" || strings.Contains(rows[name], "held until") {
				s.Errorf("%s is held until nobody knows when, and it says %q, %s", name, d.Until, rows[name])
			}
			continue
		}
		until := r.Cause.Until
		if got := s.inDry[name].Until; got != until.UTC().Format(time.RFC3339) {
			s.Errorf("%s is held until %s, and the dry run says %q", name, until, got)
		}
		if want := "  held until " + humanize.Clock(until, s.now, time.UTC) + ": "; !strings.Contains(rows[name], want) {
			s.Errorf("%s is held until %s, and status says %s", name, until, rows[name])
		}
		if want := "\n" + idn.Both(name) + "\n  A run now would not send it: it is held until " + humanize.Clock(until, s.now, time.UTC) + " (in "; !strings.Contains(s.explained, want) {
			s.Errorf("%s is held until %s, and it is explained so:\n%s", name, until, s.explained)
		}
		if !s.pageSays(name, until) {
			s.Errorf("%s is held until %s, and the page does not say so", name, until)
		}
	}
}

func (s *situation) pageSays(name string, until time.Time) bool {
	for _, m := range onPage.FindAllStringSubmatch(s.html, -1) {
		if strings.Contains(m[2], fmt.Sprintf("data-record=%q", name)) {
			return strings.Contains(m[1], fmt.Sprintf("paused until <time datetime=%q>", until.UTC().Format(time.RFC3339)))
		}
	}
	return false
}

var notSent = regexp.MustCompile(`(?m)^problem +pause +(?:(?:all |the other )?(\d+)(?: more)? records?(?: of .*?)? are|\S+(?: \(\S+\))? is) not sent(?: until (\d{4}-\d\d-\d\d \d\d:\d\d))?: (.*)$`)

// checkDoctor: doctor counts the records that are held, by why and until when.
func (s *situation) checkDoctor(text string) {
	type matter struct{ until, why string }
	held := map[matter]int{}
	for _, r := range s.dry.Records {
		if c := r.Cause; c != nil && c.Class != provider.Password {
			until := ""
			if !c.Until.IsZero() {
				until = humanize.Date(c.Until, time.UTC)
			}
			held[matter{until, humanize.Cause(c.Message, c.Quoted, "Namecheap")}]++
		}
	}
	for _, m := range notSent.FindAllStringSubmatch(text, -1) {
		n := 1
		if m[1] != "" {
			n = atoi(s.T, m[1])
		}
		held[matter{m[2], m[3]}] -= n
	}
	for m, n := range held {
		if n != 0 {
			s.Errorf("doctor is %d off in its count of the records that are held until %q: %s\n%s", -n, m.until, m.why, text)
		}
	}
}
