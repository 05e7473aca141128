package report

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"ddns-batch/internal/decide"
	"ddns-batch/internal/pause"
	"ddns-batch/internal/plan"
	"ddns-batch/internal/provider"
	"ddns-batch/internal/record"
	"ddns-batch/internal/state"
)

// big is 44 records of four domains: one record does not exist, and the password of one domain is wrong.
func big() played {
	var steps []plan.Step
	var results []decide.Result
	for _, domain := range []string{"example.com", "example.net", "a.example.org", "b.example.org"} {
		for i, s := range zoneOf(domain, 11) {
			r := done(210 * time.Millisecond)
			switch {
			case domain == "example.com" && i == 1:
				s.Name.Host = "git"
				r = refused(decide.Failed, provider.Record, "No Records updated. A record not Found;")
			case domain == "example.net" && i == 0:
				r = refused(decide.Failed, provider.Credentials, "Passwords do not match")
			case domain == "example.net":
				r = refused(decide.Skipped, provider.Credentials, "Passwords do not match")
				r.Attempts = 0
			case strings.HasSuffix(domain, ".org"):
				s.Name.Domain = strings.TrimPrefix(domain, "a.")
				s.Name.Domain = strings.TrimPrefix(s.Name.Domain, "b.")
				s.Name.Host = fmt.Sprintf("%c%d", domain[0], i)
			}
			steps, results = append(steps, s), append(results, r)
		}
	}
	r := run(steps, results...)
	r.PasswordFrom = "EXAMPLE_NET_DDNS_PASSWORD, hosts.env:3"
	r.Hint = func(c provider.Class, n record.Name) string {
		if c == provider.Record {
			return `Domain List > Manage > Advanced DNS: add an "A + Dynamic DNS Record" with host ` + n.Host
		}
		return "not the account password, and each domain has its own: Domain List > Manage " + n.Domain + " > Advanced DNS > Dynamic DNS"
	}
	r.Retry = provider.Record
	r.After = state.Snapshot{Domains: []state.Domain{{Domain: "example.net", Passwords: []state.Password{
		{Fingerprint: "fp-example.net", Pause: pauseOf(provider.Credentials, "Passwords do not match", time.Hour)},
	}}}}
	return r
}

func TestARunWithFailuresReadsAsPromised(t *testing.T) {
	var lines []string
	for line := range strings.Lines(big().text(t, TextOptions{})) {
		// 31 more of these say nothing more.
		if !strings.HasPrefix(line, "updated  ") || strings.HasPrefix(line, "updated  example.com ") {
			lines = append(lines, line)
		}
	}
	same(t, strings.Join(lines, ""), `
203.0.113.91, said by api.ipify.org and ipv4.icanhazip.com

updated  example.com      moved  203.0.113.7 -> 203.0.113.91   210 ms
failed   git.example.com  moved  203.0.113.7 -> 203.0.113.91   Namecheap: "No Records updated. A record not Found;"
         hint: Domain List > Manage > Advanced DNS: add an "A + Dynamic DNS Record" with host git, then
               ddns-batch --retry --only git.example.com
failed   example.net      moved  203.0.113.7 -> 203.0.113.91   Namecheap: "Passwords do not match"
skipped  the other 10 records of example.net: same password, not sent
         password from EXAMPLE_NET_DDNS_PASSWORD, hosts.env:3; next try 15:05, or as soon as it changes
         hint: not the account password, and each domain has its own: Domain List > Manage example.net > Advanced DNS > Dynamic DNS
44 records: 32 updated, 2 failed, 10 skipped, in 1.4 s. Resolvers may show the old address until its TTL ends (about 30 min).
`)
}

func TestHintsAreBrokenAtTheWidthAndCommandsStayWhole(t *testing.T) {
	r := big()
	r.Plan.Steps, r.Results = r.Plan.Steps[1:2], r.Results[1:2]
	same(t, r.text(t, TextOptions{Width: 60}), `
203.0.113.91, said by api.ipify.org and ipv4.icanhazip.com

failed  git.example.com  moved  203.0.113.7 -> 203.0.113.91   Namecheap: "No Records updated. A record not Found;"
        hint: Domain List > Manage > Advanced DNS: add an "A
              + Dynamic DNS Record" with host git, then
              ddns-batch --retry --only git.example.com
1 record: 1 failed, in 1.4 s.
`)
}

func TestRecordsWithTheSameCauseAreReportedOnce(t *testing.T) {
	wrong := pauseOf(provider.Credentials, "Passwords do not match", 2*time.Hour)
	broken := pauseOf(provider.Transient, "no answer in 30 s", 9*time.Minute)
	broken.Quoted = false
	untried := refused(decide.Skipped, provider.Record, "not sent: this password has not been accepted yet, and the 2 records tried first failed")
	untried.For, untried.Err.Unsent, untried.Err.Quoted = pause.OfPassword, true, false
	timeout := refused(decide.Unconfirmed, provider.Transient, "no answer in 30 s")
	timeout.Err.Quoted, timeout.Attempts = false, 3
	blocked := refused(decide.Skipped, provider.Blocked, "status 429")
	blocked.Attempts = 0
	refusedPassword := refused(decide.Failed, provider.Credentials, "Passwords do not match")
	sharedPassword := refused(decide.Skipped, provider.Credentials, "Passwords do not match")
	zone := zoneOf("example.net", 3)
	for name, c := range map[string]struct {
		steps   []plan.Step
		results []decide.Result
		after   state.Snapshot
		want    string
	}{
		"all records of a domain are held for its password": {
			steps: []plan.Step{keeps("@", "example.com"), pausedStep("@", "example.net", wrong), pausedStep("a", "example.net", wrong)},
			want: `held  all 2 records of example.net: Namecheap: "Passwords do not match"; next try 16:05
      password from X_PASSWORD, hosts.env:3; a changed one is tried at once
      hint: hint for credentials
3 records: 2 held, 1 kept, in 1.4 s.
`},
		"two passwords of a domain that are refused alike are one matter": {
			steps:   withPasswords(zoneOf("example.net", 5), "a", "a", "b", "b", "b"),
			results: []decide.Result{refusedPassword, sharedPassword, refusedPassword, sharedPassword, sharedPassword},
			after: state.Snapshot{Domains: []state.Domain{{Domain: "example.net", Passwords: []state.Password{
				{Fingerprint: "a", Pause: wrong}, {Fingerprint: "b", Pause: wrong},
			}}}},
			want: `failed   2 records of example.net: Namecheap: "Passwords do not match"
skipped  the other 3 records of example.net: same password, not sent
         password from X_PASSWORD, hosts.env:3; next try 16:05, or as soon as it changes
         hint: hint for credentials
5 records: 2 failed, 3 skipped, in 1.4 s.
`},
		"two passwords of a domain are held alike": {
			steps: withPasswords([]plan.Step{pausedStep("@", "example.net", wrong), pausedStep("a", "example.net", wrong)}, "a", "b"),
			want: `held  all 2 records of example.net: Namecheap: "Passwords do not match"; next try 16:05
      password from X_PASSWORD, hosts.env:3; a changed one is tried at once
      hint: hint for credentials
2 records: 2 held, in 1.4 s.
`},
		"two passwords of a domain are held until different times": {
			steps: withPasswords([]plan.Step{
				pausedStep("@", "example.net", wrong), pausedStep("a", "example.net", pauseOf(provider.Credentials, "Passwords do not match", time.Hour)),
			}, "a", "b"),
			want: `held  example.net    failing  203.0.113.7 -> 203.0.113.91   Namecheap: "Passwords do not match"; next try 16:05
      password from X_PASSWORD, hosts.env:3; a changed one is tried at once
      hint: hint for credentials
held  a.example.net  failing  203.0.113.7 -> 203.0.113.91   Namecheap: "Passwords do not match"; next try 15:05
      password from X_PASSWORD, hosts.env:3; a changed one is tried at once
2 records: 2 held, in 1.4 s.
`},
		"some records of a domain are held, the others are up to date": {
			steps: []plan.Step{keeps("@", "example.net"), pausedStep("a", "example.net", wrong), pausedStep("b", "example.net", wrong)},
			want: `held  2 records of example.net: Namecheap: "Passwords do not match"; next try 16:05
      password from X_PASSWORD, hosts.env:3; a changed one is tried at once
      hint: hint for credentials
3 records: 2 held, 1 kept, in 1.4 s.
`},
		"one record is held in its own row": {
			steps: []plan.Step{keeps("@", "example.net"), pausedStep("a", "example.net", broken)},
			want: `held  a.example.net  failing  203.0.113.7 -> 203.0.113.91   no answer in 30 s; next try 14:14
      hint: hint for transient
2 records: 1 held, 1 kept, in 1.4 s.
`},
		"a whole domain that fails alike is one line": {
			steps: zone, results: []decide.Result{timeout, timeout, timeout},
			want: `unconfirmed  all 3 records of example.net: could not confirm: no answer in 30 s (3 attempts)
             hint: hint for transient
3 records: 3 unconfirmed, in 1.4 s.
`},
		"records that do not exist stay apart": {
			steps:   zone[:2],
			results: []decide.Result{refused(decide.Failed, provider.Record, "not found"), refused(decide.Failed, provider.Record, "not found")},
			want: `failed  example.net     moved  203.0.113.7 -> 203.0.113.91   Namecheap: "not found"
        hint: hint for record
failed  h1.example.net  moved  203.0.113.7 -> 203.0.113.91   Namecheap: "not found"
2 records: 2 failed, in 1.4 s.
`},
		"a password without a verdict has no remedy of its own": {
			steps: zone, results: []decide.Result{done(time.Second), untried, untried},
			want: `updated  example.net  moved  203.0.113.7 -> 203.0.113.91   1 s
skipped  2 records of example.net: not sent: this password has not been accepted yet, and the 2 records tried first failed
3 records: 1 updated, 2 skipped, in 1.4 s. Resolvers may show the old address until its TTL ends (about 30 min).
`},
		"an endpoint that stops everything is one line for the batch": {
			steps:   []plan.Step{moves("@", "example.com"), moves("@", "example.net"), moves("@", "example.org")},
			results: []decide.Result{refused(decide.Failed, provider.Blocked, "status 429"), blocked, blocked},
			after:   state.Snapshot{Blocked: pauseOf(provider.Blocked, "status 429", 15*time.Minute)},
			want: `failed   example.com  moved  203.0.113.7 -> 203.0.113.91   Namecheap: "status 429"
skipped  the other 2 records: same endpoint, not sent
         next try 14:20
         hint: hint for blocked
3 records: 1 failed, 2 skipped, in 1.4 s.
`},
		"an address that is refused, between two that are not": {
			steps: zone,
			results: []decide.Result{
				done(0), refused(decide.Failed, provider.Address, "Invalid IP"), refused(decide.Skipped, provider.Address, "Invalid IP"),
			},
			after: state.Snapshot{Addresses: []state.Address{{IP: newIP, Pause: pauseOf(provider.Address, "Invalid IP", 11*time.Hour)}}},
			want: `updated  example.net     moved  203.0.113.7 -> 203.0.113.91   0 ms
failed   h1.example.net  moved  203.0.113.7 -> 203.0.113.91   Namecheap: "Invalid IP"
skipped  h2.example.net  moved  203.0.113.7 -> 203.0.113.91   same address, not sent
         next try 2026-11-24 01:05
         hint: hint for address
3 records: 1 updated, 1 failed, 1 skipped, in 1.4 s. Resolvers may show the old address until its TTL ends (about 30 min).
`},
		"several in flight met the refusal of a domain that may pass": {
			steps: zoneOf("example.net", 4),
			results: []decide.Result{
				refused(decide.Failed, provider.Domain, "Domain name not found"), done(0),
				refused(decide.Failed, provider.Domain, "Domain name not found"), refused(decide.Skipped, provider.Domain, "Domain name not found"),
			},
			after: state.Snapshot{Domains: []state.Domain{{Domain: "example.net", Pause: pauseOf(provider.Domain, "", 0)}}},
			want: `failed   2 records of example.net: Namecheap: "Domain name not found"
skipped  h3.example.net  moved  203.0.113.7 -> 203.0.113.91   same domain, not sent
         next try in the next run
         hint: hint for domain
updated  h1.example.net  moved  203.0.113.7 -> 203.0.113.91   0 ms
4 records: 1 updated, 2 failed, 1 skipped, in 1.4 s. Resolvers may show the old address until its TTL ends (about 30 min).
`},
		"a refused password of a domain that is partly up to date": {
			steps:   append(zoneOf("example.net", 3), keeps("www", "example.net")),
			results: []decide.Result{refused(decide.Failed, provider.Credentials, "no"), refused(decide.Skipped, provider.Credentials, "no"), refused(decide.Skipped, provider.Credentials, "no")},
			want: `failed   example.net  moved  203.0.113.7 -> 203.0.113.91   Namecheap: "no"
skipped  2 more records of example.net: same password, not sent
         password from X_PASSWORD, hosts.env:3; a changed one is tried at once
         hint: hint for credentials
4 records: 1 failed, 2 skipped, 1 kept, in 1.4 s.
`},
		"what the end of the run left out is one line": {
			steps:   []plan.Step{moves("@", "example.com"), moves("@", "example.net"), moves("@", "example.org")},
			results: []decide.Result{done(2 * time.Second), cut("the time ran out"), cut("the time ran out")},
			want: `updated  example.com  moved  203.0.113.7 -> 203.0.113.91   2 s
skipped  2 records: not sent: the time ran out
3 records: 1 updated, 2 skipped, in 1.4 s. Resolvers may show the old address until its TTL ends (about 30 min).
`},
		"passwords that are missing": {
			steps: []plan.Step{lacks("@", "example.com", "not set"), lacks("a", "example.com", "not set"), keeps("@", "example.net")},
			want: `held  all 2 records of example.com: password missing: X_PASSWORD, hosts.env:3: not set
      hint: hint for password
3 records: 2 held, 1 kept, in 1.4 s.
`},
		"a plan that was never sent": {
			steps: zone,
			want: `skipped  all 3 records: not sent
3 records: 3 skipped, in 1.4 s.
`},
	} {
		t.Run(name, func(t *testing.T) {
			r := run(c.steps, c.results...)
			r.After = c.after
			r.PasswordFrom = "X_PASSWORD, hosts.env:3"
			r.Hint = func(c provider.Class, _ record.Name) string { return "hint for " + string(c) }
			same(t, r.text(t, TextOptions{}), "203.0.113.91, said by api.ipify.org and ipv4.icanhazip.com\n\n"+c.want)
		})
	}
}

func TestARunWithNothingToDoIsOneLine(t *testing.T) {
	steps := make([]plan.Step, 0, 44)
	for range 4 {
		for _, s := range zoneOf("example.com", 11) {
			s = keeps(s.Name.Host, s.Name.Domain)
			steps = append(steps, s)
		}
	}
	r := run(steps)
	r.Address = oldIP
	r.LastChange = time.Date(2026, 11, 11, 2, 5, 0, 0, time.UTC)
	same(t, r.text(t, TextOptions{}), "203.0.113.7: all 44 records kept, last change 12 days ago (2026-11-11 03:05)\n")
	r.LastChange = time.Time{}
	same(t, r.text(t, TextOptions{}), "203.0.113.7: all 44 records kept\n")
	r.LastChange = start.Add(time.Hour)
	same(t, r.text(t, TextOptions{}), "203.0.113.7: all 44 records kept, last change 2026-11-23 15:05\n")
	r.Plan.Steps = steps[:1]
	same(t, r.text(t, TextOptions{All: true}), `
203.0.113.7

kept  example.com  current  203.0.113.91
203.0.113.7: 1 record kept, last change 2026-11-23 15:05
`)
}

func TestReasonsInWords(t *testing.T) {
	steps := zoneOf("example.com", 6)
	steps[0].Reason, steps[0].From, steps[0].Known = plan.New, netip.Addr{}, false
	steps[1].Reason, steps[1].Known, steps[1].Doubt = plan.Unknown, false, state.NoAnswer
	steps[2].Reason, steps[2].From = plan.Stale, newIP
	steps[3].Reason, steps[3].From, steps[3].Known, steps[3].Doubt = plan.Unknown, newIP, false, state.Unclear
	steps[4].Reason = plan.Forced
	steps[5].Reason, steps[5].From = plan.Unproved, newIP
	refreshed := done(180 * time.Millisecond)
	refreshed.Outcome = decide.Refreshed
	again := done(12345 * time.Millisecond)
	again.Attempts = 2
	r := run(append(steps, keeps("www", "example.com")), done(time.Millisecond), done(time.Second), refreshed, done(time.Second), again, refreshed)
	same(t, r.text(t, TextOptions{}), `
203.0.113.91, said by api.ipify.org and ipv4.icanhazip.com

updated    example.com     new       -> 203.0.113.91                1 ms
updated    h1.example.com  unknown   203.0.113.7 -> 203.0.113.91    1 s; an earlier run ended before an answer came
refreshed  h2.example.com  stale     203.0.113.91                   180 ms
updated    h3.example.com  unknown   203.0.113.91 -> 203.0.113.91   1 s; an earlier run got no clear answer
updated    h4.example.com  forced    203.0.113.7 -> 203.0.113.91    12 s, 2 attempts
refreshed  h5.example.com  unproved  203.0.113.91                   180 ms; its password is accepted
7 records: 4 updated, 2 refreshed, 1 kept, in 1.4 s. Resolvers may show the old address until its TTL ends (about 30 min).
`)
	r.DryRun, r.Results, r.Took = true, nil, 81*time.Millisecond
	same(t, r.text(t, TextOptions{}), `
dry run: nothing is sent and nothing is written; read /etc/ddns-batch/hosts.yaml and /var/lib/ddns-batch/state.json
203.0.113.91, said by api.ipify.org and ipv4.icanhazip.com

would update  example.com     new       -> 203.0.113.91                never confirmed
would update  h1.example.com  unknown   203.0.113.7 -> 203.0.113.91    an earlier run ended before an answer came
would update  h2.example.com  stale     203.0.113.91                   confirmed too long ago
would update  h3.example.com  unknown   203.0.113.91 -> 203.0.113.91   an earlier run got no clear answer
would update  h4.example.com  forced    203.0.113.7 -> 203.0.113.91    asked for with --force
would update  h5.example.com  unproved  203.0.113.91                   its password has not been accepted yet
7 records: 6 would be updated, 1 kept, in 81 ms.
`)
}

func TestTheHeaderSaysWhatIsNotAsUsual(t *testing.T) {
	r := run([]plan.Step{keeps("@", "example.com")})
	r.Given, r.Sandbox, r.DryRun, r.Sources, r.Config, r.State = true, true, true, nil, "", ""
	same(t, r.text(t, TextOptions{}), `
sandbox: a stand-in on this machine answers for Namecheap; no real DNS is touched
dry run: nothing is sent and nothing is written; read no file
203.0.113.91, given by --ip; the next run without --ip moves the records back
203.0.113.91: 1 record kept
`)
	r = run([]plan.Step{moves("@", "example.com")}, done(0))
	r.Sandbox = true
	if got := r.text(t, TextOptions{}); strings.Contains(got, "TTL") {
		t.Errorf("resolvers have nothing to do with the sandbox:\n%s", got)
	}
}

func TestWithoutAPlanThereIsNoReport(t *testing.T) {
	r := run(nil)
	r.Error = &Error{Message: "no two sources agree on the address; nothing was changed"}
	same(t, r.text(t, TextOptions{All: true}), "")
}

func TestAnErrorBeforeSendingIsWhyNothingWasSent(t *testing.T) {
	r := run(zoneOf("example.com", 2))
	r.Error = &Error{Message: "the state cannot be written"}
	if got := r.text(t, TextOptions{}); !strings.Contains(got, "skipped  all 2 records: not sent: the state cannot be written\n") {
		t.Error(got)
	}
}

func TestColourOnlyOnRequestAndOnlyOnOutcomes(t *testing.T) {
	r := big()
	plain := r.text(t, TextOptions{All: true})
	if strings.Contains(plain, "\x1b") {
		t.Error("colour without being asked for")
	}
	coloured := r.text(t, TextOptions{All: true, Colour: true})
	for _, want := range []string{"\n\x1b[32mupdated\x1b[0m  example.com ", "\n\x1b[31mfailed\x1b[0m   git", "\n\x1b[33mskipped\x1b[0m  the other"} {
		if !strings.Contains(coloured, want) {
			t.Errorf("%q is not in %s", want, coloured)
		}
	}
	if got := strings.NewReplacer(red, "", green, "", yellow, "", off, "").Replace(coloured); got != plain {
		t.Errorf("colour changes more than colour:\n%s", got)
	}
}
