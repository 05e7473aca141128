package report

import (
	"net/netip"
	"slices"
	"strings"
	"time"

	"ddns-batch/internal/pause"
	"ddns-batch/internal/plan"
	"ddns-batch/internal/provider"
	"ddns-batch/internal/record"
	"ddns-batch/internal/report/phrase"
	"ddns-batch/internal/state"
)

// Explanation is what a run now would do with some records and why, and what happened to them last, as far as that is
// known without asking anybody.
type Explanation struct {
	// Status is of all records, whichever are asked for. Missing says of a record why its password cannot be read here:
	// another run may be able to, so the one used last for its domain counts where there is one.
	Status
	// Asked are the records to be explained. Covered are names that are no records, each with the wildcard that answers
	// for it, which is asked for as well.
	Asked   []record.Name
	Covered map[record.Name][]string
	// Endpoint is where a run would send to, RefreshAfter when it sends again although nothing has changed. Verify: it
	// would also look at what is published.
	Endpoint     string
	RefreshAfter time.Duration
	Verify       bool
	// PasswordFrom and Hint are those of a Run; the step is that of Records. Both may be nil.
	PasswordFrom func(step int) string
	Hint         func(provider.Class, record.Name) string
}

// expected is the address that a run now is taken to find, and what makes it so.
type expected struct {
	address netip.Addr
	from    foundBy
	// at is when it was found or confirmed.
	at time.Time
}

type foundBy string

const (
	byLastRun foundBy = "last-run" // the last run found it
	byState   foundBy = "state"    // the last run found none, and this is the last one that the state knows
	byNobody  foundBy = ""
)

func (e Explanation) expected() expected {
	if e.LastRun.Address.IsValid() {
		return expected{e.LastRun.Address, byLastRun, e.LastRun.EndedAt}
	}
	var last expected
	know := func(a netip.Addr, at time.Time) {
		if a.IsValid() && !at.Before(last.at) {
			last = expected{a, byState, at}
		}
	}
	for _, r := range e.Snapshot.Records {
		know(r.IP, r.ConfirmedAt)
		if r.Pause != nil {
			know(r.Pause.Under, r.Pause.Began)
		}
	}
	return last
}

// account is what there is to say about one record.
type account struct {
	row
	// step is what a run would do; nil for a record that is not in the YAML file. unread says why the password cannot be
	// read here, though it is not known to be missing in a run.
	step   *plan.Step
	unread string
	// unproved: its password was never accepted for its domain.
	unproved bool
	covers   []string
	tenures  []tenure
	// trouble is why a run would hold it, and hint what to do about that.
	trouble *trouble
	hint    string
}

// accounts of the records that are asked for, in the order of the YAML file.
func (e Explanation) accounts() []account {
	asked := make(map[record.Name]bool, len(e.Asked))
	for _, n := range e.Asked {
		asked[n] = true
	}
	now := e.expected()
	domains := pausesOf(e.Snapshot).domains
	var accounts []account
	var targets []plan.Target
	for i, r := range e.rows() {
		if !asked[r.Name()] {
			continue
		}
		a := account{row: r, covers: e.Covered[r.Name()], tenures: tenures(i, r.Record)}
		if r.configured {
			t := e.Records[i]
			d := domains[t.Name.Domain]
			if t.Fingerprint == "" {
				t.Fingerprint = lastUsed(d)
			}
			if t.Missing != "" {
				a.missing = e.missing(i)
				if t.Fingerprint != "" {
					a.unread, t.Missing = a.missing, ""
				}
			}
			a.unproved = t.Fingerprint != "" && !accepted(d, t.Fingerprint)
			targets = append(targets, t)
		}
		accounts = append(accounts, a)
	}
	p := plan.Build(plan.Input{
		Now: e.Now, Address: now.address, Targets: targets, State: e.Snapshot.Rebase(e.Endpoint), RefreshAfter: e.RefreshAfter,
	})
	for i := range accounts {
		// Configured records come first, in the order of the targets.
		if accounts[i].configured {
			accounts[i].plan(&p.Steps[i], e)
		}
	}
	return accounts
}

// missing says which password cannot be read, and why.
func (e Explanation) missing(i int) string {
	from := ""
	if e.PasswordFrom != nil {
		from = e.PasswordFrom(i)
	}
	return phrase.Missing(from, e.Records[i].Missing)
}

// plan takes what a run would do.
func (a *account) plan(s *plan.Step, e Explanation) {
	a.step = s
	if s.Action != plan.Hold {
		return
	}
	t := heldBy(*s)
	if s.Reason == plan.NoPassword {
		t = trouble{class: provider.Password, message: a.missing, scope: pause.OfPassword}
	}
	a.trouble = &t
	if e.Hint != nil {
		a.hint = withCommand(e.Hint(t.class, s.Name), t, s.Name)
	}
}

// withCommand is a hint that ends with what to type.
func withCommand(hint string, t trouble, name record.Name) string {
	only := "--only " + name.String()
	if name.Host[0] == '*' {
		only = `--only '\` + name.String() + "'"
	}
	switch {
	case strings.Contains(hint, command):
		return hint
	case t.scope == pause.OfEndpoint:
		return hint + "\nto send it all the same: ddns-batch --force " + only
	case t.scope == pause.OfPassword:
		return hint + "\nthen ddns-batch " + only
	default:
		return hint + "\nto send it before that time: ddns-batch --retry " + only
	}
}

func accepted(d *state.Domain, fingerprint string) bool {
	return d != nil && slices.ContainsFunc(d.Passwords, func(p state.Password) bool {
		return p.Fingerprint == fingerprint && !p.AcceptedAt.IsZero()
	})
}
