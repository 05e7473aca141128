package main

import (
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"ddns-batch/internal/provider/namecheap/sandbox"
	"ddns-batch/internal/record"
	"ddns-batch/internal/testnet"
)

// notified is a machine with notifications to topics of a service on loopback, of which each is a canary.
func notified(t *testing.T, settings map[string]string, topics ...string) (*machine, *monitor) {
	m := newMachine(t, numbered("example.com", 2))
	service := m.startMonitor("unused.example.net")
	var urls []string
	for _, topic := range topics {
		m.canaries = append(m.canaries, topic)
		urls = append(urls, "ntfy://"+service.Listener.Addr().String()+"/"+topic+"?scheme=http")
	}
	m.env["NOTIFY_URLS"] = strings.Join(urls, " ")
	m.configure(settings)
	return m, service
}

// What a quiet run says is sent to everybody, once; what could not be sent is sent by the next one; and the records are
// updated in any case.
func TestNotifications(t *testing.T) {
	t.Parallel()
	const one, two = "cAnArY-topic-one", "cAnArY-topic-two"
	m, service := notified(t, map[string]string{"notify": "{urls_env: NOTIFY_URLS}"}, one, two)
	got := func(what string, want ...string) {
		t.Helper()
		heard := service.since()
		slices.Sort(heard)
		var wanted []string
		for _, topic := range []string{one, two} {
			if len(want) > 0 {
				wanted = append(wanted, "POST /"+topic+" "+strings.Join(want, "\n"))
			}
		}
		if !slices.Equal(heard, wanted) {
			t.Errorf("%s: heard %q, want %q", what, heard, wanted)
		}
	}
	run := func(clock string, status int, args ...string) finished {
		t.Helper()
		e := m.at(clock, args...)
		if e.status != status {
			t.Errorf("%q: status %d\n%s%s", args, e.status, e.stdout, e.stderr)
		}
		return e
	}
	run("0s", statusOK, "-q")
	got("the first run", "nas: example.com and h1.example.com set to "+homeAddress.String()+" for the first time")
	run("1m", statusOK, "-q")
	run("1m", statusOK, "--sandbox", "-q")
	m.server.SetAddress(awayAddress)
	run("2m", statusOK, "--dry-run", "-q")
	got("nothing is new")
	run("2m", statusOK)
	got("a run that is not quiet")

	// Nobody can be reached.
	m.server.SetAddress(homeAddress)
	service.answer(http.StatusInternalServerError)
	const why = "the service rejected it; the reason is not shown, because it could contain the URL"
	moved := "nas: example.com and h1.example.com moved from " + awayAddress.String() + " to " + homeAddress.String()
	e := run("3m", statusOK, "-q")
	m.published(homeAddress)
	if want := moved + "\nnas: notification 1 (ntfy) failed: " + why + "\nnas: notification 2 (ntfy) failed: " + why + "\n"; e.stdout != want || e.stderr != "" {
		t.Errorf("said %q, %q", e.stdout, e.stderr)
	}
	got("it does not take it", moved)
	if e := run("4m", statusOK, "-q"); e.stdout != "" {
		t.Errorf("said again: %q", e.stdout)
	}
	service.since()
	service.answer(http.StatusOK)
	e = run("5m", statusOK, "-q")
	if want := "nas: notification 1 (ntfy): working again\nnas: notification 2 (ntfy): working again\n"; e.stdout != want {
		t.Errorf("said %q", e.stdout)
	}
	heard := service.since()
	if len(heard) != 2 || !strings.Contains(heard[0], moved+" (said ") {
		t.Errorf("heard %q", heard)
	}
	run("6m", statusOK, "-q")
	got("once")
}

// Who wants no changes gets only trouble and its end.
func TestNotificationsOfTroubleAlone(t *testing.T) {
	t.Parallel()
	m, service := notified(t, map[string]string{"notify": "{urls_env: NOTIFY_URLS, changes: false}"}, "cAnArY-trouble")
	m.at("0s", "-q")
	if heard := service.since(); heard != nil {
		t.Errorf("heard %q", heard)
	}
	m.server.SetAddress(awayAddress)
	m.server.SetFault(record.Name{Host: "h1", Domain: "example.com"}, sandbox.NoRecord)
	e := m.at("1m", "-q")
	heard := service.since()
	if len(heard) != 1 || !strings.HasPrefix(heard[0], "POST /cAnArY-trouble nas: h1.example.com failed: ") || strings.Contains(heard[0], "moved") || !strings.Contains(e.stdout, "moved") {
		t.Errorf("heard %q, said %q", heard, e.stdout)
	}
}

// URLs that are wrong in every way keep no record from being updated, and are shown nowhere.
func TestNotificationsToWrongURLs(t *testing.T) {
	t.Parallel()
	const token = "cAnArY-wrong-url"
	m, service := notified(t, map[string]string{"notify": "{urls_file: notify-urls}", "on_news": "[/nowhere/tell]"}, "cAnArY-right")
	m.canaries = append(m.canaries, token)
	right := "ntfy://" + service.Listener.Addr().String() + "/cAnArY-right?scheme=http"
	m.hide("notify-urls", strings.Join([]string{right, "ntfyy://" + token, token, "telegram://" + token, "ntfy://" + testnet.Refusing(t) + "/" + token + "?scheme=http"}, "\n"))
	e := m.at("0s", "-q")
	m.published(homeAddress)
	const unknown, none, other = "shoutrrr does not know this service; the part before :// names it, as in ntfy://host/topic",
		"it is not the URL of a notification service, such as ntfy://host/topic", "the service does not understand the URL"
	want := `nas: example.com and h1.example.com set to 203.0.113.7 for the first time
nas: the on_news command failed: /nowhere/tell: the program cannot be started: no such file or directory
nas: notification 2 failed: ` + unknown + `
nas: notification 3 failed: ` + none + `
nas: notification 4 (telegram) failed: ` + other + `
nas: notification 5 (ntfy) failed: cannot connect: connection refused
`
	if e.status != statusOK || e.stderr != "" || e.stdout != want {
		t.Errorf("status %d\n%s\nwant\n%s\n%s", e.status, e.stdout, want, e.stderr)
	}
	service.since()
	e = m.at("1m", "notify", "test")
	want = `problem  the on_news command /nowhere/tell  /nowhere/tell: the program cannot be started: no such file or directory
ok       notification 1 (ntfy)              sent
problem  notification 2                     ` + unknown + `
problem  notification 3                     ` + none + `
problem  notification 4 (telegram)          ` + other + `
problem  notification 5 (ntfy)              cannot connect: connection refused
1 ok, 0 warnings, 5 problems
`
	if e.status != statusNotAsAsked || e.stdout != want {
		t.Errorf("status %d\n%s\nwant\n%s\n%s", e.status, e.stdout, want, e.stderr)
	}
	if heard := service.since(); len(heard) != 1 || heard[0] != "POST /cAnArY-right nas: a test from ddns-batch: this is what a notification looks like" {
		t.Errorf("heard %q", heard)
	}
	e = m.at("2m", "validate")
	where := filepath.Join(m.dir, "hosts.yaml") + ":7:21: notification "
	for _, warning := range []string{where + "2: " + unknown, where + "3: " + none, where + "4 (telegram): " + other} {
		if !strings.Contains(e.stdout, "warning: "+warning) {
			t.Errorf("validate does not say %q:\n%s", warning, e.stdout)
		}
	}
	m.configure(map[string]string{"notify": "{urls_env: NOT_THERE}"})
	if e := m.at("3m"); e.status != statusOK || e.stderr != "" {
		t.Errorf("status %d, %s", e.status, e.stderr)
	}
	if e := m.at("4m", "notify", "test"); e.status != statusNotAsAsked || !strings.Contains(e.stdout, "problem  notifications  NOT_THERE is missing: not set") {
		t.Errorf("status %d, %s%s", e.status, e.stdout, e.stderr)
	}
	m.configure(nil)
	for _, args := range [][]string{{"notify", "test"}, {"notify"}, {"notify", "tset"}} {
		if e := m.at("5m", args...); e.status != statusUsage || !strings.Contains(e.stderr, "ddns-batch: hint: ") {
			t.Errorf("%q: status %d, %s%s", args, e.status, e.stdout, e.stderr)
		}
	}
}
