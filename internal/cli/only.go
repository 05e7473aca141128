package cli

import (
	"errors"
	"strings"

	"ddns-batch/internal/config"
	"ddns-batch/internal/match"
	"ddns-batch/internal/record"
)

// selectRecords gives the indexes of the records that match one of the patterns, in the order of the file; of all of
// them where there is no pattern.
func selectRecords(records []config.Record, patterns []string) ([]int, error) {
	names := make([]record.Name, len(records))
	for i, r := range records {
		names[i] = r.Name
	}
	return selectNames(names, patterns)
}

// selectNames is match.Select; a pattern that matches nothing is a usage error.
func selectNames(names []record.Name, patterns []string) ([]int, error) {
	selected, err := match.Select(names, patterns)
	if none, ok := errors.AsType[*match.NoneError](err); ok {
		return nil, usage(none.Error(), "the nearest are "+strings.Join(none.Nearest, ", "))
	}
	return selected, err
}
