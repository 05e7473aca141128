package page

import (
	"fmt"
	"strconv"
	"strings"

	"ddns-batch/internal/report/phrase"
)

// headline is whether all is well, in one sentence. rest adds what that sentence leaves open.
type headline struct {
	sentence, rest string
	tone           Level
}

func newHeadline(p Page) headline {
	n := len(p.Records)
	var count [OK + 1]int
	here := p.Address.IsValid()
	for _, r := range p.Records {
		count[r.Level.known()]++
		here = here && r.Address == p.Address
	}
	failed, warned := count[Failed], count[Warning]
	ended, undone := broken(p.LastRun.Status)
	switch {
	case failed > 0:
		return headline{share(failed, n) + need(failed, n), others(warned, n-failed-warned), Failed}
	case n == 0:
		return headline{"There are no records yet", "ddns-batch --dry-run shows what the first run would do.", Warning}
	case ended != "":
		return headline{ended, kept(warned, n), undone}
	case warned > 0:
		return headline{share(warned, n) + verb(warned, n, " is", " are") + " worth a look", others(0, n-warned), Warning}
	case p.LastRun.EndedAt.IsZero():
		return headline{"No run has been recorded yet", kept(0, n), Warning}
	case p.LastRun.Status != 0:
		return headline{"The last run left something undone", kept(0, n), Warning}
	case here:
		return headline{share(n, n) + verb(n, n, " points", " point") + " here", "", OK}
	default:
		return headline{share(n, n) + verb(n, n, " is", " are") + " as asked", "", OK}
	}
}

// known takes a level that does not exist for the most cautious one.
func (l Level) known() Level {
	if l != Warning && l != OK {
		return Failed
	}
	return l
}

// broken is what is said of a run that did not get as far as the records, and how bad that is.
func broken(status int) (string, Level) {
	switch status {
	case 0, 1:
		return "", OK
	case 2:
		return "The last run stopped at its configuration", Failed
	case 3:
		return "The last run found no trustworthy address", Warning
	case 4:
		return "The last run had trouble with its state file", Failed
	case 130, 143:
		return "The last run was interrupted", Warning
	default:
		return "The last run ended with status " + strconv.Itoa(status), Failed
	}
}

// ending is what the exit status of a run means, in a few words.
func ending(status int) string {
	switch status {
	case 0:
		return "everything as asked"
	case 1:
		return "not everything as asked"
	case 2:
		return "configuration error"
	case 3:
		return "no trustworthy address"
	case 4:
		return "trouble with the state file"
	case 130, 143:
		return "interrupted"
	default:
		return "status " + strconv.Itoa(status)
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
	s := phrase.Count(n, "record") + verb(n, n, " holds", " hold") + " what was last confirmed"
	if warned > 0 {
		s += "; " + strconv.Itoa(warned) + verb(warned, warned, " is", " are") + " worth a look"
	}
	return s + "."
}
