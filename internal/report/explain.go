package report

import (
	"ddns-batch/internal/outcome"
	"ddns-batch/internal/record"
	"time"
)

// Explanation is what a run now would do with some records and why, and what happened to them last.
type Explanation struct {
	// Status is of all records, whichever are asked for.
	Status
	// Asked are the records to be explained. Covered are names that are no records, each with the wildcard that answers
	// for it, which is asked for as well.
	Asked   []record.Name
	Covered map[record.Name][]string
	// RunEndpoint is where a run would send to, RefreshAfter when it sends again although nothing has changed. Verify: it
	// would also look at what is published.
	RunEndpoint  string
	RefreshAfter time.Duration
	Verify       bool
	// Refused: a run that can read no more passwords than this command sends nothing at all.
	Refused bool
}

// asked are the records that are asked for, in the order of Records.
func (e Explanation) asked() []outcome.Record {
	asked := make(map[record.Name]bool, len(e.Asked))
	for _, n := range e.Asked {
		asked[n] = true
	}
	var records []outcome.Record
	for _, r := range e.Records {
		if asked[r.Name] {
			records = append(records, r)
		}
	}
	return records
}
