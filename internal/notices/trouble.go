package notices

import (
	"strings"
	"time"

	"ddns-batch/internal/humanize"
	"ddns-batch/internal/idn"
	"ddns-batch/internal/outcome"
	"ddns-batch/internal/pause"
	"ddns-batch/internal/plan"
	"ddns-batch/internal/provider"
	"ddns-batch/internal/record"
	"ddns-batch/internal/state"
)

// trouble is one thing that this run found wrong.
type trouble struct {
	key key
	// what tells one trouble of a thing from another.
	what string
	// lasting: reported at once.
	lasting bool
	// name is how the thing is called when its trouble ends.
	name string
	// class and cause are why, until the end of a pause; unsure: something was sent that may have worked.
	class  provider.Class
	cause  string
	until  time.Time
	unsure bool
	unseen bool // the provider confirmed it, but nobody finds the address
	hint   string
	from   string // where the password comes from
	domain string // empty for what concerns all records
	// steps counts the records that suffer from it, atRisk those that only would not follow a new address.
	steps, atRisk int
}

// view is what a run shows of the things that it dealt with.
type view struct {
	Run
	pauses    pause.Index
	planned   map[string]outcome.Record // by pair
	ofDomain  map[string]bool           // planned domains
	troubles  []*trouble                // in the order of the plan
	byThing   map[string]*trouble
	inTrouble map[key]bool
}

func newView(in Run) *view {
	v := &view{
		Run: in, pauses: pause.In(in.After), planned: make(map[string]outcome.Record, len(in.Records)), ofDomain: map[string]bool{},
		byThing: map[string]*trouble{}, inTrouble: map[key]bool{},
	}
	if n := in.NoAddress; n != nil {
		v.add(&trouble{key: v.lookUp(), what: "none", cause: humanize.Cause(n.Message, false, v.Provider), hint: n.Hint, name: "the address", lasting: n.AtOnce})
	}
	if in.EnvFault != "" {
		v.add(&trouble{key: key{ofEnvFile, in.EnvFile}, what: in.EnvFault, cause: in.EnvFault, name: "the env file " + in.EnvFile, lasting: true})
	}
	for _, r := range in.Records {
		v.planned[pair(r.Name)] = r
		v.ofDomain[r.Name.Domain] = true
		if t := v.trouble(r); t != nil {
			v.add(t)
		}
	}
	return v
}

func (v *view) lookUp() key { return key{ofLookUp, v.Config} }

// add counts a trouble once for each record, under the first of them.
func (v *view) add(t *trouble) {
	thing := t.key.String()
	if t.key.kind == ofPassword {
		thing = t.what
	}
	if known := v.byThing[thing]; known != nil {
		known.steps, known.atRisk = known.steps+t.steps, known.atRisk+t.atRisk
		if known.domain != t.domain {
			known.domain = ""
		}
		return
	}
	v.byThing[thing] = t
	v.inTrouble[t.key] = true
	v.troubles = append(v.troubles, t)
}

// unseen ends the key of a trouble about a confirmed address that nobody finds, to keep it apart from others.
const unseen = " unseen"

// trouble is what is wrong with a record, or with what it depends on; nil if nothing is.
func (v *view) trouble(r outcome.Record) *trouble {
	c := r.Cause
	if r.Refused != nil {
		c = r.Refused
	}
	switch {
	case c == nil || c.Elsewhere:
		return nil
	case c.Class == provider.Password:
		return v.missing(r)
	case c.Pause == nil && r.End == outcome.Skipped:
		// What it depends on was found good by another record's answer since then.
		return nil
	}
	scope, unsure := c.Scope, r.Memory.Unknown || r.End == outcome.Unconfirmed
	if c.Pause == nil {
		scope, unsure = pause.OfRecord, r.End == outcome.Unconfirmed
	}
	t := &trouble{
		class: c.Class, what: string(c.Class), cause: humanize.Cause(c.Message, c.Quoted, v.Provider), lasting: c.Lasting, until: c.RetryAt(v.Now), hint: v.hint(r),
	}
	if t.steps = 1; r.Refused != nil {
		t.steps, t.atRisk = 0, 1
	}
	if c.Pause != nil && c.Pause.Unseen {
		t.unseen, t.what = true, t.what+unseen
	}
	switch scope {
	case pause.OfPassword:
		t.key, t.domain, t.from = key{ofPassword, pair(r.Name)}, r.Name.Domain, r.PasswordFrom
		t.what += " " + r.Name.Domain + " " + r.Step.Fingerprint
		t.name = "the password of " + idn.Both(r.Name.Domain)
	case pause.OfDomain:
		t.key, t.domain, t.name = key{ofDomain, r.Name.Domain}, r.Name.Domain, idn.Both(r.Name.Domain)
	case pause.OfAddress:
		t.key, t.name = key{kind: ofAddress}, r.Step.To.String()
		t.what += " " + t.name
	case pause.OfEndpoint:
		t.key, t.name = key{kind: ofEndpoint}, "the endpoint"
	default:
		t.key, t.name, t.unsure = key{ofRecord, pair(r.Name)}, idn.Both(r.Name.String()), unsure
	}
	return t
}

func (v *view) missing(r outcome.Record) *trouble {
	what := string(ofPassword) + " " + r.Cause.Message
	if r.PasswordFrom == "" {
		what += " " + r.Name.Domain
	}
	return &trouble{
		key: key{ofPassword, pair(r.Name)}, what: what, lasting: true, name: "the password of " + idn.Both(r.Name.Domain),
		class: provider.Password, cause: humanize.Cause(r.Cause.Message, false, v.Provider), hint: v.hint(r), domain: r.Name.Domain,
		steps: 1,
	}
}

func (v *view) hint(r outcome.Record) string {
	if v.Hint == nil {
		return ""
	}
	return v.Hint(r.Hint)
}

// over reports whether the run showed that what n tells of is over. That nothing came of it in this run is no sign.
func (v *view) over(n state.Notice) bool {
	k := parseKey(n.Key)
	if v.Refused || v.inTrouble[k] {
		return false
	}
	switch k.kind {
	case ofRecord:
		r, planned := v.planned[k.of]
		return planned && r.End.AsAsked()
	case ofPassword:
		r, planned := v.planned[k.of]
		return planned && v.byThing[n.What] == nil && v.passwordGood(n, r.Step)
	case ofDomain:
		return v.ofDomain[k.of] && v.pauses.Of(pause.OfDomain, pause.Subject{Name: record.Name{Domain: k.of}}) == nil
	case ofAddress:
		return len(v.Records) > 0 && v.pauses.Of(pause.OfAddress, pause.Subject{Address: v.Address}) == nil
	case ofEndpoint:
		return len(v.Records) > 0 && v.After.Blocked == nil
	case ofLookUp:
		return k == v.lookUp() && v.NoAddress == nil && !v.Given
	case ofEnvFile:
		return k.of == v.EnvFile
	default:
		return false
	}
}

// passwordGood: one that was missing is there again, one that was refused is accepted, or another is in its place.
func (v *view) passwordGood(n state.Notice, s plan.Step) bool {
	if n.What == ended || strings.HasPrefix(n.What, string(provider.Password)+" ") {
		return s.Missing == ""
	}
	p := v.pauses.Password(pause.Subject{Name: s.Name, Fingerprint: s.Fingerprint})
	return p != nil && p.Pause == nil && !p.AcceptedAt.IsZero()
}
