package run

import (
	"ddns-batch/internal/pause"
	"ddns-batch/internal/plan"
	"ddns-batch/internal/provider"
	"ddns-batch/internal/record"
	"ddns-batch/internal/state"
)

// Record is one record with its password.
type Record struct {
	Name   record.Name
	Secret provider.Secret
	// From says where the password comes from, as in "EXAMPLE_NET_DDNS_PASSWORD, hosts.env:3". Missing says why there is
	// none, and Odd what looks wrong about it, as in "the password from ... ends with a comma"; either may be empty.
	From, Missing, Odd string
}

// Targets are records with the fingerprints of their passwords, as a plan needs them.
type Targets struct {
	All []plan.Target
	// From says where each password comes from, Odd what looks wrong about it, and Unread why it cannot be read here
	// although the record is planned.
	From, Odd, Unread []string
}

// TargetsOf arranges records for a plan. A run that sends holds records without a password. If nothing is sent, a record
// without a password is assumed to have the one that was used last for its domain, if any, because the process that sends
// may be able to read it.
func TargetsOf(records []Record, s state.Snapshot, sending bool) Targets {
	// Many records share a password, and fingerprints are expensive.
	type secretOf struct{ domain, secret string }
	made := map[secretOf]string{}
	pauses := pause.In(s)
	texts := func() []string { return make([]string, len(records)) }
	t := Targets{make([]plan.Target, len(records)), texts(), texts(), texts()}
	for i, r := range records {
		t.All[i].Name, t.From[i], t.Odd[i] = r.Name, r.From, r.Odd
		switch key := (secretOf{r.Name.Domain, r.Secret.Reveal()}); {
		case !r.Secret.IsZero():
			if made[key] == "" {
				made[key] = state.Fingerprint(s.Key, r.Name.Domain, r.Secret)
			}
			t.All[i].Fingerprint = made[key]
		case sending:
			t.All[i].Missing = r.Missing
		default:
			t.All[i].Fingerprint, t.Unread[i] = pauses.LastUsed(r.Name.Domain), r.Missing
		}
	}
	return t
}

// selected are the records that the run is about.
func (j Job) selected() []Record {
	records := make([]Record, len(j.Selected))
	for i, of := range j.Selected {
		records[i] = j.Records[of]
	}
	return records
}

func (j Job) secret(step int) provider.Secret { return j.Records[j.Selected[step]].Secret }
