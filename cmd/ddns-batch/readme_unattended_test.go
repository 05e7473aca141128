package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// snippet is the block for another program in docs/unattended.md, which begins with words.
func snippet(t *testing.T, words string) string {
	t.Helper()
	for _, block := range find(t, sections(t), "Unattended").blocks("yml") {
		if strings.HasPrefix(block, words) {
			return block
		}
	}
	t.Fatalf("no block begins with %q", words)
	return ""
}

// alertTest lets time pass over metrics, and says which alerts there are then.
const alertTest = `rule_files: [rules.yml]
evaluation_interval: 1m
tests:
  - name: all is well
    interval: 1m
    input_series: [{series: ddns_batch_last_run_timestamp_seconds, values: '0+60x120'}, {series: ddns_batch_last_run_exit_status, values: '0x120'},
                   {series: 'ddns_batch_record_ok{name="www.example.com",domain="example.com"}', values: '1x120'}]
    alert_rule_test: [{eval_time: 90m, alertname: DdnsBatchNotRunning}, {eval_time: 90m, alertname: DdnsBatchCannotWork}, {eval_time: 90m, alertname: DdnsRecordNotUpToDate}]
  - name: the scheduler stops after ten minutes
    interval: 1m
    input_series: [{series: ddns_batch_last_run_timestamp_seconds, values: '0+60x10 600x110'}]
    alert_rule_test:
      - {eval_time: 40m, alertname: DdnsBatchNotRunning}
      - {eval_time: 50m, alertname: DdnsBatchNotRunning, exp_alerts: [{exp_annotations: {summary: ddns-batch has not run for half an hour}}]}
  - name: there are no metrics at all
    interval: 1m
    input_series: []
    alert_rule_test: [{eval_time: 10m, alertname: DdnsBatchNotRunning, exp_alerts: [{exp_annotations: {summary: ddns-batch has not run for half an hour}}]}]
  - name: no address, and a record that is refused
    interval: 1m
    input_series: [{series: ddns_batch_last_run_timestamp_seconds, values: '0+60x120'}, {series: ddns_batch_last_run_exit_status, values: '3x120'},
                   {series: 'ddns_batch_record_ok{name="www.example.com",domain="example.com"}', values: '0x120'}]
    alert_rule_test:
      - {eval_time: 20m, alertname: DdnsBatchCannotWork}
      - {eval_time: 31m, alertname: DdnsBatchCannotWork, exp_alerts: [{exp_annotations: {summary: ddns-batch ends with status 3}}]}
      - {eval_time: 31m, alertname: DdnsRecordNotUpToDate, exp_alerts: [{exp_labels: {name: www.example.com, domain: example.com}, exp_annotations: {summary: www.example.com is not up to date}}]}
`

// The alerts of the document are understood by Prometheus, and come when they should.
func TestReadmeAlertsAreRight(t *testing.T) {
	promtool := neededPromtool(t)
	dir := t.TempDir()
	for name, content := range map[string]string{"rules.yml": snippet(t, "groups:"), "test.yml": alertTest} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, args := range [][]string{{"check", "rules", "--lint-fatal", "rules.yml"}, {"test", "rules", "test.yml"}} {
		check := exec.Command(promtool, args...)
		check.Dir = dir
		if said, err := check.CombinedOutput(); err != nil {
			t.Errorf("promtool %q: %v\n%s", args, err, said)
		}
	}
	if n := strings.Count(snippet(t, "groups:"), "- alert:"); n != 3 {
		t.Errorf("%d alerts", n)
	}
}

// neededPromtool is Prometheus's checker. Where there is none the test is skipped, unless it is required.
func neededPromtool(t *testing.T) string {
	t.Helper()
	path, err := exec.LookPath("promtool")
	switch {
	case err == nil:
		return path
	case os.Getenv("DDNS_BATCH_PROMTOOL") == "required":
		t.Fatal("DDNS_BATCH_PROMTOOL=required, and there is no promtool in PATH")
	default:
		t.Skip("no promtool in PATH: Prometheus has not checked the alerts")
	}
	return ""
}

var (
	metricName   = regexp.MustCompile(`ddns_batch_[a-z_]+`)
	metricLabel  = regexp.MustCompile(`[{,]([a-z]+)=`)
	templateName = regexp.MustCompile(`value_json((?:\.[a-z_]+)+)`)
	mappedField  = regexp.MustCompile(`field: ([a-z_.]+)`)
	attributes   = regexp.MustCompile(`json_attributes: \[([a-z_, ]+)\]`)
)

// What the document says of the files is in files that a run has written: every metric with its labels, and every value that
// a dashboard looks for.
func TestReadmeNamesWhatIsInTheFiles(t *testing.T) {
	t.Parallel()
	machine := newMachine(t, numbered("example.com", 2))
	machine.configure(map[string]string{"status_file": "status.json", "metrics_file": "ddns.prom"})
	machine.mustRun(statusOK)
	metrics, status := machine.content(filepath.Join(machine.dir, "ddns.prom")), machine.content(filepath.Join(machine.dir, "status.json"))
	var document any
	if err := json.Unmarshal([]byte(status), &document); err != nil {
		t.Fatal(err)
	}
	written, named := map[string]bool{}, map[string]bool{}
	for line := range strings.Lines(metrics) {
		if !strings.HasPrefix(line, "#") {
			written[metricForm(line)] = true
		}
	}
	for _, row := range find(t, sections(t), "Unattended").rows() {
		named[metricForm(row[0])] = true
	}
	if fmt.Sprint(written) != fmt.Sprint(named) {
		t.Errorf("the document has\n%v\nand a run writes\n%v", named, written)
	}
	for _, name := range metricName.FindAllString(snippet(t, "groups:"), -1) {
		if !strings.Contains(metrics, "\n"+name) {
			t.Errorf("an alert is about %s, which is not written", name)
		}
	}
	var paths []string
	for _, m := range templateName.FindAllStringSubmatch(snippet(t, "command_line:"), -1) {
		paths = append(paths, m[1][1:])
	}
	for _, m := range attributes.FindAllStringSubmatch(snippet(t, "command_line:"), -1) {
		for name := range strings.SplitSeq(m[1], ", ") {
			paths = append(paths, "last_run."+name)
		}
	}
	for _, m := range mappedField.FindAllStringSubmatch(snippet(t, "- Network:"), -1) {
		paths = append(paths, m[1])
	}
	for _, path := range paths {
		if at(document, strings.Split(path, ".")) == "none" {
			t.Errorf("a dashboard looks for %s, which is not written", path)
		}
	}
	if len(paths) != 8 {
		t.Errorf("%d values are looked for: %q", len(paths), paths)
	}
}

// metricForm is the name of a metric and those of its labels.
func metricForm(line string) string {
	form := metricName.FindString(line)
	for _, label := range metricLabel.FindAllStringSubmatch(line, -1) {
		form += " " + label[1]
	}
	return form
}
