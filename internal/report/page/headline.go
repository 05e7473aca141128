package page

import (
	"fmt"
	"strconv"
	"strings"

	"ddns-batch/internal/exitstatus"
	"ddns-batch/internal/humanize"
	"ddns-batch/internal/outcome"
)

// headline is whether all is well, in one sentence. rest adds what that sentence leaves open.
type headline struct {
	sentence, rest string
	tone           outcome.Level
}

func newHeadline(p Page) headline {
	n := len(p.Records)
	var count [outcome.Fine + 1]int
	here := p.Address.IsValid()
	for _, r := range p.Records {
		count[cautious(r.Level)]++
		here = here && r.Address == p.Address
	}
	failed, warned := count[outcome.Trouble], count[outcome.Warning]
	status := exitstatus.Status(p.LastRun.Status)
	ended, undone := broken(status)
	switch {
	case failed > 0:
		return headline{share(failed, n) + need(failed, n), others(warned, n-failed-warned), outcome.Trouble}
	case n == 0:
		return headline{"There are no records yet", "ddns-batch --dry-run shows what the first run would do.", outcome.Warning}
	case ended != "":
		return headline{ended, kept(warned, n), undone}
	case warned > 0:
		return headline{share(warned, n) + verb(warned, n, " is", " are") + " worth a look", others(0, n-warned), outcome.Warning}
	case p.LastRun.EndedAt.IsZero():
		return headline{"No run has been recorded yet", kept(0, n), outcome.Warning}
	case status != exitstatus.OK:
		return headline{status.Summary(), kept(0, n), outcome.Warning}
	case here:
		return headline{share(n, n) + verb(n, n, " points", " point") + " here", "", outcome.Fine}
	default:
		return headline{share(n, n) + verb(n, n, " is", " are") + " up to date", "", outcome.Fine}
	}
}

// broken is what is said of a run that did not get as far as the records, and how bad that is.
func broken(status exitstatus.Status) (string, outcome.Level) {
	switch {
	case status == exitstatus.OK, status == exitstatus.NotAsAsked:
		return "", outcome.Fine
	case status == exitstatus.NoAddress, status.Interrupted():
		return status.Summary(), outcome.Warning
	default:
		return status.Summary(), outcome.Trouble
	}
}

// share is "All 44 records", "2 of 44 records" or "The only record".
func share(part, all int) string {
	switch {
	case all == 1:
		return "The only record"
	case part == all:
		return fmt.Sprintf("All %d records", all)
	default:
		return fmt.Sprintf("%d of %d records", part, all)
	}
}

func need(part, all int) string { return verb(part, all, " needs", " need") + " you" }

func verb(part, all int, one, many string) string {
	if part == 1 || all == 1 {
		return one
	}
	return many
}

// others is what became of the records that the headline does not count.
func others(warned, fine int) string {
	var s []string
	if warned > 0 {
		s = append(s, strconv.Itoa(warned)+" more "+verb(warned, warned, "is", "are")+" worth a look")
	}
	if fine > 0 {
		s = append(s, "the other "+strconv.Itoa(fine)+" "+verb(fine, fine, "is", "are")+" fine")
	}
	if len(s) == 0 {
		return ""
	}
	sentence := strings.Join(s, ", ") + "."
	return strings.ToUpper(sentence[:1]) + sentence[1:]
}

func kept(warned, n int) string {
	s := humanize.Count(n, "record") + verb(n, n, " holds", " hold") + " what was last confirmed"
	if warned > 0 {
		s += "; " + strconv.Itoa(warned) + verb(warned, warned, " is", " are") + " worth a look"
	}
	return s + "."
}
