package report

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"ddns-batch/internal/plan"
)

// WriteMetrics writes how the records stand, and how the run before that took so long went, in the text format of
// Prometheus. Only configured records have series, the same ones after every run: a time that is not known is 0.
func (s Status) WriteMetrics(w io.Writer, took time.Duration) error {
	out := bufio.NewWriter(w)
	for _, m := range s.metrics(took) {
		fmt.Fprintf(out, "# HELP ddns_batch_%s %s\n# TYPE ddns_batch_%s %s\n", m.name, m.help, m.name, m.kind)
		for _, v := range m.values {
			fmt.Fprintf(out, "ddns_batch_%s%s %s\n", m.name, v.labels, v.value)
		}
	}
	return out.Flush()
}

// metric is what is measured in one way: once, or once for each set of labels.
type metric struct {
	name, kind, help string
	values           []metricValue
}

type metricValue struct{ labels, value string }

func (s Status) metrics(took time.Duration) []metric {
	const gauge, counter = "gauge", "counter"
	one := func(value string) []metricValue { return []metricValue{{"", value}} }
	l := s.LastRun
	all := []metric{
		{"last_run_timestamp_seconds", gauge, "When the last run ended.", one(unixTime(l.EndedAt))},
		{"last_success_timestamp_seconds", gauge, "When the last run with exit status 0 ended; 0 if there was none.", one(unixTime(l.SucceededAt))},
		{"last_run_exit_status", gauge, "The exit status of the last run.", one(strconv.Itoa(l.Status))},
		{"last_run_duration_seconds", gauge, "How long the last run took.", one(fmt.Sprintf("%.3f", took.Seconds()))},
		{"records", gauge, "Configured records by what a run now would do with them.", s.byAction()},
	}
	ok := metric{"record_ok", gauge, "1 if the record is known to be up to date, otherwise 0.", nil}
	confirmed := metric{"record_confirmed_timestamp_seconds", gauge, "When the provider last confirmed the record; 0 if that is not known.", nil}
	for _, r := range s.Records {
		if !r.Configured {
			continue
		}
		labels := metricLabels("name", r.Name.String(), "domain", r.Name.Domain)
		fine := "0"
		if s.fine(r) {
			fine = "1"
		}
		ok.values = append(ok.values, metricValue{labels, fine})
		confirmed.values = append(confirmed.values, metricValue{labels, unixTime(r.Memory.ConfirmedAt)})
	}
	address := metric{"address_info", gauge, "The external address that the last run found, or the last one known.", nil}
	if s.Expected.Address.IsValid() {
		address.values = []metricValue{{metricLabels("address", s.Expected.Address.String()), "1"}}
	}
	changes := metric{"address_changes_total", counter, "Changes of the external address that records followed.", one(strconv.FormatUint(l.AddressChanges, 10))}
	return append(all, ok, confirmed, address, changes)
}

// byAction counts the configured records of which something is known.
func (s Status) byAction() []metricValue {
	counts := map[plan.Action]int{}
	for _, r := range s.known() {
		if r.Configured {
			counts[r.Step.Action]++
		}
	}
	var values []metricValue
	for _, action := range []plan.Action{plan.Update, plan.Keep, plan.Hold} {
		values = append(values, metricValue{metricLabels("action", string(action)), strconv.Itoa(counts[action])})
	}
	return values
}

var escapeLabel = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`)

// metricLabels are names and their values, in turn.
func metricLabels(pairs ...string) string {
	var written []string
	for i := 0; i+1 < len(pairs); i += 2 {
		written = append(written, pairs[i]+`="`+escapeLabel.Replace(pairs[i+1])+`"`)
	}
	return "{" + strings.Join(written, ",") + "}"
}

func unixTime(t time.Time) string {
	if t.IsZero() {
		return "0"
	}
	return strconv.FormatInt(t.Unix(), 10)
}
