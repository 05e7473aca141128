package report

import (
	"bytes"
	"os/exec"
	"strings"
	"testing"
	"time"

	"ddns-batch/internal/state"
)

func metricsOf(t *testing.T, s Status) string {
	t.Helper()
	var b bytes.Buffer
	if err := s.WriteMetrics(&b, 1234567*time.Microsecond); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestMetrics(t *testing.T) {
	s := example()
	s.Records = s.Records[5:]
	s.LastRun.AddressChanges = 7
	same(t, metricsOf(t, s.status()), `
# HELP ddns_batch_last_run_timestamp_seconds When the last run ended.
# TYPE ddns_batch_last_run_timestamp_seconds gauge
ddns_batch_last_run_timestamp_seconds 1795439100
# HELP ddns_batch_last_success_timestamp_seconds When the last run with exit status 0 ended; 0 if there was none.
# TYPE ddns_batch_last_success_timestamp_seconds gauge
ddns_batch_last_success_timestamp_seconds 1795179900
# HELP ddns_batch_last_run_exit_status The exit status of the last run.
# TYPE ddns_batch_last_run_exit_status gauge
ddns_batch_last_run_exit_status 1
# HELP ddns_batch_last_run_duration_seconds How long the last run took.
# TYPE ddns_batch_last_run_duration_seconds gauge
ddns_batch_last_run_duration_seconds 1.235
# HELP ddns_batch_records Configured records by what a run now would do with them.
# TYPE ddns_batch_records gauge
ddns_batch_records{action="update"} 2
ddns_batch_records{action="keep"} 0
ddns_batch_records{action="hold"} 2
# HELP ddns_batch_record_ok 1 if the record is known to be up to date, otherwise 0.
# TYPE ddns_batch_record_ok gauge
ddns_batch_record_ok{name="unsure.example.com",domain="example.com"} 0
ddns_batch_record_ok{name="new.example.com",domain="example.com"} 0
ddns_batch_record_ok{name="example.net",domain="example.net"} 0
ddns_batch_record_ok{name="a.example.net",domain="example.net"} 0
# HELP ddns_batch_record_confirmed_timestamp_seconds When the provider last confirmed the record; 0 if that is not known.
# TYPE ddns_batch_record_confirmed_timestamp_seconds gauge
ddns_batch_record_confirmed_timestamp_seconds{name="unsure.example.com",domain="example.com"} 0
ddns_batch_record_confirmed_timestamp_seconds{name="new.example.com",domain="example.com"} 0
ddns_batch_record_confirmed_timestamp_seconds{name="example.net",domain="example.net"} 1795438800
ddns_batch_record_confirmed_timestamp_seconds{name="a.example.net",domain="example.net"} 0
# HELP ddns_batch_address_info The external address that the last run found, or the last one known.
# TYPE ddns_batch_address_info gauge
ddns_batch_address_info{address="203.0.113.91"} 1
# HELP ddns_batch_address_changes_total Changes of the external address that records followed.
# TYPE ddns_batch_address_changes_total counter
ddns_batch_address_changes_total 7
`)
}

// Of a state that cannot be read nothing is claimed, and every series is there all the same.
func TestMetricsWhereTheStateCannotBeRead(t *testing.T) {
	s := example().status()
	s.Unreadable = &Error{Message: "the state was written by a newer version"}
	text := metricsOf(t, s)
	for _, want := range []string{`_records{action="keep"} 0`, `_records{action="update"} 0`, `_records{action="hold"} 0`} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	if n := strings.Count(text, "ddns_batch_record_ok{"); n != 9 || strings.Count(text, "} 1\n") != 1 {
		t.Errorf("%d records, in\n%s", n, text)
	}
}

// Prometheus's own checker has nothing to say about them, whatever is known.
func TestMetricsPassPrometheusOwnCheck(t *testing.T) {
	promtool := promtool(t)
	odd := example().status()
	odd.Records[0].Name = named(`a"b\c`+"\n", "example.com")
	for name, s := range map[string]Status{"a state of every kind": example().status(), "nothing": {LastRun: state.LastRun{EndedAt: start}}, "odd names": odd} {
		check := exec.Command(promtool, "check", "metrics")
		check.Stdin = strings.NewReader(metricsOf(t, s))
		if said, err := check.CombinedOutput(); err != nil || len(said) > 0 {
			t.Errorf("%s: %v\n%s", name, err, said)
		}
	}
}
