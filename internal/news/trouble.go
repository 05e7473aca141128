package news

import (
	"strings"
	"time"

	"ddns-batch/internal/decide"
	"ddns-batch/internal/pause"
	"ddns-batch/internal/plan"
	"ddns-batch/internal/provider"
	"ddns-batch/internal/record"
	"ddns-batch/internal/report/phrase"
	"ddns-batch/internal/state"
)

// Kinds of what can be in trouble: the first word of a key.
const (
	ofRecord   = "record"
	ofPassword = "password"
	ofDomain   = "domain"
	ofAddress  = "address"
	ofEndpoint = "endpoint"
	ofLookUp   = "look-up"
)

// trouble is one thing that this run found wrong.
type trouble struct {
	// key names the thing: that of a password is its first record in the plan, since the password is what changes when
	// the trouble ends. what tells one trouble of it from another.
	key, what string
	// lasting: said at once.
	lasting bool
	// name is how the thing is called when its trouble ends.
	name string
	// class and cause are why, until the end of a pause; unsure: something was sent that may have worked.
	class  provider.Class
	cause  string
	until  time.Time
	unsure bool
	hint   string
	from   string // the password's
	domain string // empty for what concerns all records
	steps  int    // how many records suffer from it
}

// view is what a run shows of the things that it dealt with.
type view struct {
	Input
	records   map[record.Name]*state.Record // after the run
	domains   map[string]*state.Domain      // after the run
	planned   map[string]int                // steps by the key of their record
	ofDomain  map[string]bool               // planned domains
	troubles  []*trouble                    // in the order of the plan
	byThing   map[string]*trouble
	inTrouble map[string]bool // keys
}

func look(in Input) *view {
	v := &view{
		Input: in, records: make(map[record.Name]*state.Record, len(in.After.Records)), domains: map[string]*state.Domain{},
		planned: make(map[string]int, len(in.Plan.Steps)), ofDomain: map[string]bool{},
		byThing: map[string]*trouble{}, inTrouble: map[string]bool{},
	}
	for i := range in.After.Records {
		v.records[in.After.Records[i].Name()] = &in.After.Records[i]
	}
	for i := range in.After.Domains {
		v.domains[in.After.Domains[i].Domain] = &in.After.Domains[i]
	}
	if n := in.NoAddress; n != nil {
		v.add(&trouble{key: v.lookUp(), what: "none", cause: phrase.Cause(n.Message, false, v.Provider), hint: n.Hint, name: "the look-up"})
	}
	for i, s := range in.Plan.Steps {
		v.planned[keyOf(s.Name)] = i
		v.ofDomain[s.Name.Domain] = true
		v.step(i)
	}
	return v
}

// keyOf: the pair, since two of them can have the same full name.
func keyOf(n record.Name) string { return n.Host + " " + n.Domain }

func (v *view) lookUp() string { return strings.TrimSpace(ofLookUp + " " + v.Config) }

// add counts a trouble once for each step, under the first of them.
func (v *view) add(t *trouble) {
	thing := t.key
	if isPassword(t.key) {
		thing = t.what
	}
	if known := v.byThing[thing]; known != nil {
		known.steps++
		if known.domain != t.domain {
			known.domain = ""
		}
		return
	}
	t.steps = 1
	v.byThing[thing] = t
	v.inTrouble[t.key] = true
	v.troubles = append(v.troubles, t)
}

// step adds what is wrong with a step's record, or with what it depends on.
func (v *view) step(i int) {
	s, r := v.Plan.Steps[i], result(v.Input, i)
	switch {
	case s.Action == plan.Hold && s.Reason == plan.NoPassword:
		v.add(v.missing(i))
	case s.Action == plan.Hold && s.Reason == plan.Blocked:
		v.add(v.paused(i, pause.OfEndpoint, s.Pause))
	case s.Action == plan.Hold && s.Pause != nil:
		v.add(v.paused(i, pause.ScopeOf(s.Pause.Class), s.Pause))
	case s.Action != plan.Update || r.Outcome == "" || r.Confirmed():
	case r.Err == nil:
		v.add(v.refused(i, &provider.Error{Class: provider.Unconfirmed}))
	case r.Outcome == decide.Skipped && r.For != pause.ScopeOf(r.Err.Class):
		// Left out by the end of the run, or behind trials without a verdict: the trouble is another record's.
	default:
		if p := v.pause(pause.ScopeOf(r.Err.Class), s); p != nil {
			v.add(v.paused(i, pause.ScopeOf(r.Err.Class), p))
		} else if r.Outcome != decide.Skipped {
			// What it depends on was found good by another record's answer since then.
			v.add(v.refused(i, r.Err))
		}
	}
}

// pause is what is remembered after the run of what a step depends on; nil if nothing is wrong with that.
func (v *view) pause(scope pause.Scope, s plan.Step) *state.Pause {
	d := v.domains[s.Name.Domain]
	switch {
	case scope == pause.OfPassword:
		if p := password(d, s.Fingerprint); p != nil {
			return p.Pause
		}
	case scope == pause.OfDomain && d != nil:
		return d.Pause
	case scope == pause.OfAddress:
		for _, a := range v.After.Addresses {
			if a.IP == s.To {
				return a.Pause
			}
		}
	case scope == pause.OfEndpoint:
		return v.After.Blocked
	case scope == pause.OfRecord && v.records[s.Name] != nil:
		return v.records[s.Name].Pause
	}
	return nil
}

// password of a domain; nil if it was never answered for.
func password(d *state.Domain, fingerprint string) *state.Password {
	if d == nil {
		return nil
	}
	for i := range d.Passwords {
		if d.Passwords[i].Fingerprint == fingerprint {
			return &d.Passwords[i]
		}
	}
	return nil
}

func (v *view) missing(i int) *trouble {
	s := v.Plan.Steps[i]
	cause := phrase.Missing(v.source(i), s.Missing)
	what := ofPassword + " " + cause
	if v.source(i) == "" {
		what += " " + s.Name.Domain
	}
	return &trouble{
		key: ofPassword + " " + keyOf(s.Name), what: what, lasting: true, name: "the password of " + s.Name.Domain,
		class: provider.Password, cause: cause, hint: v.hint(provider.Password, s.Name), domain: s.Name.Domain,
	}
}

// shortestLasting: pauses of what is refused in passing stay under it, and no other is shorter.
const shortestLasting = time.Hour

// longestRun is more than any run takes: what begins later than that after its start was written by another clock.
const longestRun = time.Hour

func (v *view) paused(i int, scope pause.Scope, p *state.Pause) *trouble {
	s := v.Plan.Steps[i]
	t := v.thing(i, scope, p.Class)
	t.cause, t.lasting = phrase.Cause(p.Message, p.Quoted, v.Provider), time.Duration(p.Seconds)*time.Second >= shortestLasting
	if scope == pause.OfEndpoint {
		t.lasting = false
	}
	now := v.Now
	if late := p.Began.Sub(now); late > 0 && late < longestRun {
		// One that the provider asked for begins at its reply, which is after the start of the run.
		now = p.Began
	}
	if !p.Over(now) {
		t.until = p.Until()
	}
	r := v.records[s.Name]
	t.unsure = scope == pause.OfRecord && r != nil && r.Unknown
	return t
}

func (v *view) refused(i int, e *provider.Error) *trouble {
	t := v.thing(i, pause.OfRecord, e.Class)
	t.cause, t.lasting = phrase.Cause(e.Message, e.Quoted, v.Provider), pause.Lasting(e, 1, true)
	t.unsure = result(v.Input, i).Outcome == decide.Unconfirmed
	return t
}

// thing names what a step's failure belongs to.
func (v *view) thing(i int, scope pause.Scope, class provider.Class) *trouble {
	if class == "" {
		class = provider.Unconfirmed
	}
	s := v.Plan.Steps[i]
	t := &trouble{what: string(class), class: class, hint: v.hint(class, s.Name)}
	switch scope {
	case pause.OfPassword:
		t.key, t.domain, t.from = ofPassword+" "+keyOf(s.Name), s.Name.Domain, v.source(i)
		t.what += " " + s.Name.Domain + " " + s.Fingerprint
		t.name = "the password of " + s.Name.Domain
	case pause.OfDomain:
		t.key, t.domain, t.name = ofDomain+" "+s.Name.Domain, s.Name.Domain, s.Name.Domain
	case pause.OfAddress:
		t.key, t.name = ofAddress, s.To.String()
		t.what += " " + t.name
	case pause.OfEndpoint:
		t.key, t.name = ofEndpoint, "the endpoint"
	default:
		t.key, t.name = ofRecord+" "+keyOf(s.Name), s.Name.String()
	}
	return t
}

func (v *view) hint(c provider.Class, n record.Name) string {
	if v.Hint == nil {
		return ""
	}
	return v.Hint(c, n)
}

func (v *view) source(i int) string {
	if v.PasswordFrom == nil {
		return ""
	}
	return v.PasswordFrom(i)
}

// ended reports whether the run showed that what n tells of is over. That nothing came of it in this run is no sign.
func (v *view) ended(n state.News) bool {
	if v.inTrouble[n.Key] {
		return false
	}
	kind, of, _ := strings.Cut(n.Key, " ")
	switch kind {
	case ofRecord:
		i, planned := v.planned[of]
		return planned && (v.Plan.Steps[i].Action == plan.Keep || result(v.Input, i).Confirmed())
	case ofPassword:
		i, planned := v.planned[of]
		return planned && v.byThing[n.What] == nil && v.passwordGood(n, v.Plan.Steps[i])
	case ofDomain:
		d := v.domains[of]
		return v.ofDomain[of] && (d == nil || d.Pause == nil)
	case ofAddress:
		return len(v.Plan.Steps) > 0 && v.pause(pause.OfAddress, v.Plan.Steps[0]) == nil
	case ofEndpoint:
		return len(v.Plan.Steps) > 0 && v.After.Blocked == nil
	case ofLookUp:
		return n.Key == v.lookUp() && v.NoAddress == nil && !v.Given
	default:
		return false
	}
}

// passwordGood: one that was missing is there again, one that was refused is accepted, or another is in its place.
func (v *view) passwordGood(n state.News, s plan.Step) bool {
	if n.What == over || strings.HasPrefix(n.What, string(provider.Password)+" ") {
		return s.Missing == ""
	}
	p := password(v.domains[s.Name.Domain], s.Fingerprint)
	return p != nil && p.Pause == nil && !p.AcceptedAt.IsZero()
}
