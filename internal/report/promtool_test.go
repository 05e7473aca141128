package report

import (
	"os"
	"os/exec"
	"testing"
)

// promtool is Prometheus's checker. Where there is none the test is skipped, unless it is required.
func promtool(t *testing.T) string {
	t.Helper()
	path, err := exec.LookPath("promtool")
	switch {
	case err == nil:
		return path
	case os.Getenv("DDNS_BATCH_PROMTOOL") == "required":
		t.Fatal("DDNS_BATCH_PROMTOOL=required, and there is no promtool in PATH")
	default:
		t.Skip("no promtool in PATH: Prometheus has not checked the metrics")
	}
	return ""
}
