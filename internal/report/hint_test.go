package report

import (
	"slices"
	"testing"

	"ddns-batch/internal/outcome"
)

func TestAHintEndsWithWhatToType(t *testing.T) {
	retry := append([]string{"--retry"}, outcome.Only(named("*", "example.com"))...)
	sudo := []string{"sudo", "-u", "ddns", "ddns-batch", "--config", "/etc/my zones/hosts.yaml"}
	for _, c := range []struct {
		hint    outcome.Hint
		program []string
		want    string
	}{
		{outcome.Hint{}, nil, ""},
		{outcome.Hint{Text: "wait"}, sudo, "wait"},
		{outcome.Hint{Text: "add it", Command: retry}, nil, `add it, then ddns-batch --retry --only '\*.example.com'`},
		{outcome.Hint{Text: "wait, or now:", Command: []string{"--retry"}}, nil, "wait, or now: ddns-batch --retry"},
		{outcome.Hint{Command: []string{"--retry"}}, nil, "ddns-batch --retry"},
		{outcome.Hint{Text: "add it", Command: retry}, sudo, `add it, then sudo -u ddns ddns-batch --config '/etc/my zones/hosts.yaml' --retry --only '\*.example.com'`},
	} {
		before := slices.Clone(c.program)
		if got := HintText(c.hint, c.program); got != c.want {
			t.Errorf("%s, want %s", got, c.want)
		}
		if !slices.Equal(before, c.program) {
			t.Error("the program was written to")
		}
	}
}
