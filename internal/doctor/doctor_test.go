package doctor

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"ddns-batch/internal/authdns"
	"ddns-batch/internal/provider"
	"ddns-batch/internal/provider/namecheap"
	"ddns-batch/internal/publicip"
	"ddns-batch/internal/record"
	"ddns-batch/internal/report"
	"ddns-batch/internal/run"
	"ddns-batch/internal/state"
)

var now = time.Date(2026, 11, 25, 3, 0, 0, 0, time.UTC)

func subject() Subject {
	return Subject{
		Records: []run.Record{{Name: record.Name{Host: "www", Domain: "example.com"}}},
		Now:     func() time.Time { return now }, Local: time.UTC, Guide: namecheap.Guide, Built: now.AddDate(0, -1, 0),
	}
}

func text(t *testing.T, found report.Findings) string {
	t.Helper()
	var b strings.Builder
	if err := found.WriteText(&b, report.TextOptions{}); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSuffix(b.String(), "\n"), "\n")
	return strings.Join(lines[:len(lines)-1], "\n")
}

func same(t *testing.T, name string, found report.Findings, want ...string) {
	t.Helper()
	if got := text(t, found); got != strings.Join(want, "\n") {
		t.Errorf("%s:\n%s\nwant\n%s", name, got, strings.Join(want, "\n"))
	}
}

var served = authdns.Delegation{Domain: "example.com", Servers: []string{"dns1.registrar-servers.com"}}

func TestTheLastRun(t *testing.T) {
	at := func(ago time.Duration) time.Time { return now.Add(-ago) }
	for name, c := range map[string]struct {
		last state.LastRun
		want string
	}{
		"was good":              {state.LastRun{EndedAt: at(time.Minute), SucceededAt: at(time.Minute)}, "ok  last run  the last one with status 0 was 1 minute ago"},
		"by a clock that leads": {state.LastRun{EndedAt: at(-time.Minute), SucceededAt: at(-time.Minute)}, "ok  last run  the last one with status 0 was just now"},
		"was not, the one before it was": {state.LastRun{EndedAt: at(time.Minute), Status: 1, SucceededAt: at(time.Hour)},
			"warning  last run  the last one ended 1 minute ago with status 1 (not everything up to date); the last one with status 0 was 1 hour ago"},
		"was never good": {state.LastRun{EndedAt: at(time.Minute), Status: 3},
			"warning  last run  the last one ended 1 minute ago with status 3 (no trustworthy address); none has ended with status 0 so far"},
		"was good, and is long ago": {state.LastRun{EndedAt: at(50 * time.Hour), SucceededAt: at(50 * time.Hour)},
			"warning  last run  the last one with status 0 was 2 days ago\n                   hint: is the timer or the cron line still there?"},
		"was good long ago, and runs fail since": {state.LastRun{EndedAt: at(time.Minute), Status: 1, SucceededAt: at(50 * time.Hour)},
			"warning  last run  the last one ended 1 minute ago with status 1 (not everything up to date); the last one with status 0 was 2 days ago"},
		"is not known": {state.LastRun{}, "warning  last run  none is recorded\n                   hint: to see what the first one would do: ddns-batch --dry-run"},
	} {
		same(t, name, report.Findings{subject().judgeLastRun(c.last)}, c.want)
	}
}

// seen is what is published for a host of example.com.
func seen(host string, a authdns.Answer) authdns.Observation {
	return authdns.Observation{Name: record.Name{Host: host, Domain: "example.com"}, Answer: a, Delegation: served}
}

func address(text string, ttl time.Duration) authdns.Answer {
	return authdns.Answer{Status: authdns.Address, Addresses: []netip.Addr{netip.MustParseAddr(text)}, TTL: ttl}
}

// confirmed says that these hosts of example.com were confirmed at 203.0.113.7.
func confirmed(hosts ...string) (s state.Snapshot) {
	for _, h := range hosts {
		s.Records = append(s.Records, state.Record{Host: h, Domain: "example.com", IP: netip.MustParseAddr("203.0.113.7")})
	}
	return s
}

func TestRecordsWithTheSameFindingShareALine(t *testing.T) {
	nothing := authdns.Answer{Status: authdns.NXDomain}
	var many []authdns.Observation
	var hosts []string
	for i := range 40 {
		hosts = append(hosts, fmt.Sprintf("h%d", i))
		many = append(many, seen(hosts[i], address("198.51.100.9", time.Minute)))
	}
	for _, c := range []struct {
		name    string
		records []authdns.Observation
		memory  state.Snapshot
		want    []string
	}{
		{"as confirmed, with several TTLs", []authdns.Observation{seen("@", address("203.0.113.7", time.Minute)), seen("www", address("203.0.113.7", time.Hour))}, confirmed("@", "www"),
			[]string{"ok  record  2 records of example.com: published as expected, with a TTL of 1 min to 1 h"}},
		{"never sent", []authdns.Observation{seen("@", address("203.0.113.7", time.Minute)), seen("www", address("192.0.2.1", time.Minute))}, confirmed("@"),
			[]string{"ok  record  1 record of example.com: published as expected, with a TTL of 1 min",
				"ok  record  1 record of example.com: published, but not confirmed by any run yet, with a TTL of 1 min"}},
		{"40 with another address", many, confirmed(hosts...),
			[]string{"warning  record  40 records of example.com: 198.51.100.9 is published, but 203.0.113.7 was confirmed (h0.example.com, h1.example.com, h2.example.com, h3.example.com, h4.example.com and 35 more)",
				"                 hint: if that lasts longer than its TTL of 1 min, another machine or the panel changed it. To correct it: ddns-batch --verify"}},
		{"one that is not there", []authdns.Observation{seen("git", nothing)}, confirmed("git"),
			[]string{"problem  record  git.example.com: no such name, so there is nothing to update",
				`                 hint: Domain List > Manage > Advanced DNS: add an "A + Dynamic DNS Record" with host git, then ddns-batch --retry --only git.example.com`}},
		{"two that are not there", []authdns.Observation{seen("git", nothing), seen("vpn", nothing)}, confirmed("git"),
			[]string{"problem  record  2 records of example.com: no such name, so there is nothing to update (git.example.com and vpn.example.com)",
				`                 hint: for git.example.com, and likewise for the others: Domain List > Manage > Advanced DNS: add an "A + Dynamic DNS Record" with host git, then ddns-batch --retry --only git.example.com`}},
		{"name servers that do not answer", []authdns.Observation{seen("@", authdns.Answer{Status: authdns.Timeout, Detail: "no answer in 2 s"}), seen("www", authdns.Answer{Status: authdns.Timeout, Detail: "no answer in 2 s"})}, confirmed("@"),
			[]string{"warning  record  2 records of example.com: no answer in 2 s (example.com and www.example.com)"}},
		{"a name that a wildcard may cover", []authdns.Observation{{Name: record.Name{Host: "git", Domain: "example.com"}, Answer: address("203.0.113.7", time.Minute), Delegation: served, Wildcard: true}}, state.Snapshot{},
			[]string{`warning  record  git.example.com: 203.0.113.7 is published, but perhaps only because "*" covers it`,
				`                 hint: Domain List > Manage > Advanced DNS: add an "A + Dynamic DNS Record" with host git, then ddns-batch --retry --only git.example.com`}},
		{"a domain without name servers, of which that is said", []authdns.Observation{{Name: record.Name{Host: "@", Domain: "example.com"}, Answer: authdns.Answer{Status: authdns.NoServers, Detail: "none"}}}, state.Snapshot{}, nil},
		{"an international name", []authdns.Observation{seen("xn--bcher-kva", nothing)}, state.Snapshot{},
			[]string{"problem  record  bücher.example.com (xn--bcher-kva.example.com): no such name, so there is nothing to update",
				`                 hint: Domain List > Manage > Advanced DNS: add an "A + Dynamic DNS Record" with host bücher (xn--bcher-kva), then ddns-batch --retry --only xn--bcher-kva.example.com`}},
	} {
		same(t, c.name, subject().records(answers{records: c.records}, c.memory), c.want...)
	}
}

func TestWhereDomainsAreServed(t *testing.T) {
	zones := []authdns.Delegation{
		served,
		{Domain: "example.net", Servers: []string{"ns1.example.org", "ns2.example.org"}},
		{Domain: "example.org", Status: authdns.NoServers, Detail: "the domain has no name servers"},
		{Domain: "example.edu", Status: authdns.Unresolved, Detail: "the resolver did not say"},
	}
	same(t, "all kinds", delegations(answers{zones: zones}),
		"ok       delegation  example.com: dns1.registrar-servers.com",
		"problem  delegation  example.net: its name servers are ns1.example.org and ns2.example.org, and none of them is Namecheap's, so dynamic DNS cannot work",
		"                     hint: Domain List > Manage > Nameservers: choose Namecheap BasicDNS",
		"problem  delegation  example.org: the domain has no name servers",
		"                     hint: is the domain registered, not expired, and spelt right?",
		"warning  delegation  example.edu: its name servers cannot be found: the resolver did not say",
		"                     hint: check this machine's DNS settings, or set dns.resolver")
	same(t, "name servers of the configuration", delegations(answers{zones: zones, named: true}),
		"warning  delegation  not checked, because dns.nameservers replaces the domains' own name servers")
}

func TestTheEndpointAndTheClock(t *testing.T) {
	for _, c := range []struct {
		name string
		a    answers
		want []string
	}{
		{"it answers, over HTTPS", answers{probe: namecheap.Probe{Took: 21 * time.Millisecond, Expires: now.AddDate(1, 0, 0), Date: now.Add(time.Minute)}},
			[]string{"ok  endpoint  answers in 21 ms, with a certificate valid until 2027-11-25", "ok  clock     agrees with the endpoint's"}},
		{"its clock is another one", answers{probe: namecheap.Probe{Took: 21 * time.Millisecond, Date: now.Add(-2 * time.Minute)}},
			[]string{"ok       endpoint  answers in 21 ms", "problem  clock     it differs from the endpoint's by 2 min", "                   hint: " + clockHint}},
		{"it does not say the time", answers{probe: namecheap.Probe{Took: 21 * time.Millisecond}}, []string{"ok  endpoint  answers in 21 ms"}},
		{"it does not answer", answers{probeErr: &provider.Error{Class: provider.Transient, Message: "connection refused"}},
			[]string{"problem  endpoint  connection refused", "                   hint: nothing to do now: it is retried automatically; if it keeps failing, check the network and HTTPS_PROXY"}},
	} {
		same(t, c.name, subject().endpoint(c.a), c.want...)
	}
	s := subject()
	same(t, "a clock that runs", s.clock(), "")
	s.Built = now.AddDate(0, 0, 1)
	same(t, "a clock from before the build", s.clock(),
		"problem  clock  it says 2026-11-25, but this program was built on 2026-11-26", "                hint: "+clockHint)
	s = subject()
	s.UnknownZone = "Nowhere/Else"
	same(t, "a zone that the system does not know", s.clock(), "warning  clock  TZ=Nowhere/Else is not a time zone that this system knows; times are shown in UTC",
		"                hint: install the time zone database (package tzdata), or write a rule such as TZ=CET-1CEST,M3.5.0,M10.5.0/3")
}

func TestTheLine(t *testing.T) {
	inside := publicip.Egress{Interface: "eth0", Local: netip.MustParseAddr("100.64.0.9")}
	tailscale := publicip.Egress{Interface: "tailscale0", Local: netip.MustParseAddr("100.64.0.10"), Tunnel: "Tailscale"}
	found := subject().line(answers{line: publicip.Line{CarrierNAT: []publicip.Egress{inside, tailscale}}})
	if len(found) != 1 || found[0].Level != report.Problem || found[0].Text != "eth0 has 100.64.0.9, an address inside a carrier's NAT" || found[0].Hint == "" {
		t.Errorf("%+v", found)
	}
	if found := subject().line(answers{}); found != nil {
		t.Errorf("%+v", found)
	}
	same(t, "interfaces that cannot be listed", subject().line(answers{lineErr: errors.New("no interfaces")}), "problem  line  no interfaces")
}

func TestWhatTheSourcesSay(t *testing.T) {
	said := publicip.Finding{Address: netip.MustParseAddr("203.0.113.7"), Answers: []publicip.Answer{
		{Name: "one.example.net", Address: netip.MustParseAddr("203.0.113.7"), Took: 23 * time.Millisecond}, {Name: "two.example.net", Problem: "502 Bad Gateway"},
	}}
	same(t, "one of two", subject().address(answers{address: said}),
		"ok       source   one.example.net says 203.0.113.7, in 23 ms", "warning  source   two.example.net: 502 Bad Gateway", "ok       address  203.0.113.7")
	same(t, "none", subject().address(answers{addressErr: errors.New("no two sources agree")}), "problem  address  no two sources agree")
}

func TestAStateThatCannotBeSaved(t *testing.T) {
	full := fmt.Errorf("cannot save the state: x: %w", state.ErrNoSpace)
	readOnly := fmt.Errorf("cannot save the state: x: %w", state.ErrReadOnly)
	same(t, "all is well", saving(nil, true), "ok  saving  the state can be saved")
	same(t, "a full disk", saving(full, true), "problem  saving  "+full.Error(),
		"                 hint: free some space there: until then runs send what has changed, cannot remember it, and end with status 4")
	same(t, "a read-only disk", saving(readOnly, true), "problem  saving  "+readOnly.Error(),
		"                 hint: give --state FILE on a writable disk: until then every run sends every record, and ends with status 4")
	same(t, "a read-only disk on which no run can begin", saving(readOnly, false), "problem  saving  "+readOnly.Error(),
		"                 hint: give --state FILE on a disk that can be written: until then every run ends with status 4, and sends nothing")
	same(t, "anything else", saving(errors.New("input/output error"), true), "problem  saving  input/output error")
}

func TestWhatIsDoneAfterARun(t *testing.T) {
	s := subject()
	same(t, "nothing", s.afterRun(), "")
	s.AfterRun = []AfterRun{
		{Name: "the status_file /srv/status.json", Fault: "cannot write the status_file: /srv/status.json: permission denied", Hint: "let its user write there"},
		{Name: "the on_change command /srv/tell", Where: "hosts.yaml:7:12"},
		{Name: "the heartbeat", Where: "hosts.yaml:8:12", Fault: "the heartbeat: URL is missing: not set"},
	}
	same(t, "a file, a command and a heartbeat", s.afterRun(),
		"problem  after a run  cannot write the status_file: /srv/status.json: permission denied",
		"                      hint: let its user write there",
		"ok       after a run  the on_change command /srv/tell",
		"problem  after a run  the heartbeat: URL is missing: not set  hosts.yaml:8:12")
}

func TestNoConfiguration(t *testing.T) {
	same(t, "two mistakes", NoConfiguration(report.Error{Message: "2 problems", Hint: "look there", Details: []string{"a", "b"}}),
		"problem  configuration  2 problems", "                        hint: look there", "problem  configuration  a", "problem  configuration  b")
}
