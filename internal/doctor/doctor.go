// Package doctor looks at everything that a run depends on, and says what is in order, what is worth a look, and what is
// a problem, each with the next step. It sends no update, and leaves nothing behind.
package doctor

import (
	"context"
	"fmt"
	"slices"
	"time"

	"ddns-batch/internal/config"
	"ddns-batch/internal/humanize"
	"ddns-batch/internal/idn"
	"ddns-batch/internal/outcome"
	"ddns-batch/internal/provider"
	"ddns-batch/internal/record"
	"ddns-batch/internal/report"
	"ddns-batch/internal/run"
)

// Subject is what is looked at: an installation, and the machine that it is on.
type Subject struct {
	Config *config.Config
	// Selected are the places in Config of the records that are asked for, at least one, and Records are these records.
	Selected []int
	Records  []run.Record
	// Passwords is nil in the sandbox, which has its own. PasswordFault is why some could not be looked for; nil where all
	// could be.
	Passwords     *config.Passwords
	PasswordFault *report.Error
	// State is the state file. StateFault is why it has no place; nil where it has one.
	State      string
	StateFault *report.Error
	// AfterRun is what runs do for others when they have ended.
	AfterRun []AfterRun
	Target   Target

	// Now is this machine's clock, and Built a time that it cannot be before.
	Now   func() time.Time
	Built time.Time
	Local *time.Location
	// UnknownZone is what TZ says where the system does not know that zone; empty where it does.
	UnknownZone string
	Guide       outcome.Guide
	// Program is how this program is called, for commands to type.
	Program []string
}

// Limit is how long all questions to the network may take.
const Limit = 30 * time.Second

// Examine looks at all of it. When ctx ends, what the network has not said by then is not known.
func Examine(ctx context.Context, s Subject) report.Findings {
	memory, about := s.state()
	a := s.ask(ctx)
	return slices.Concat(
		s.configuration(), s.passwords(), s.clock(), about,
		s.line(a), s.address(a), s.endpoint(a), delegations(a), s.records(a, memory), s.afterRun(),
	)
}

// NoConfiguration is what is found where there is no configuration to go on with.
func NoConfiguration(why report.Error) report.Findings {
	return problems(configuration, why)
}

// problems are those that an error tells of: itself, and its details.
func problems(topic string, why report.Error) report.Findings {
	found := report.Findings{problem(topic, why.Message, why.HintText())}
	for _, detail := range why.Details {
		found = append(found, problem(topic, detail, ""))
	}
	return found
}

func fine(topic, text string) report.Finding {
	return report.Finding{Topic: topic, Level: report.Fine, Text: text}
}

func warning(topic, text, hint string) report.Finding {
	return report.Finding{Topic: topic, Level: report.Warning, Text: text, Hint: hint}
}

func problem(topic, text, hint string) report.Finding {
	return report.Finding{Topic: topic, Level: report.Problem, Text: text, Hint: hint}
}

// hint is what to do, with the command to type.
func (s Subject) hint(h outcome.Hint) string { return report.HintText(h, s.Program) }

// remedy is what to do about a failure of a record.
func (s Subject) remedy(class provider.Class, name record.Name) string {
	return s.hint(s.Guide.Hint(class, name))
}

// of is "3 records of example.com".
func of(records int, domain string) string {
	return fmt.Sprintf("%s of %s", humanize.Count(records, "record"), idn.Both(domain))
}
