package cli

import (
	"bytes"
	"net/netip"
	"strings"
	"testing"

	"ddns-batch/internal/authdns"
	"ddns-batch/internal/record"
)

func TestWhatIsPublishedIsShownWithWhatIsMissing(t *testing.T) {
	a := draftApp(t)
	var out, errs bytes.Buffer
	a.Stdout, a.Stderr = Stream{Writer: &out}, Stream{Writer: &errs}
	address := authdns.Answer{Status: authdns.Address, Addresses: []netip.Addr{netip.MustParseAddr("203.0.113.7")}}
	observed := []authdns.Observation{
		{Name: record.Name{Host: "@", Domain: "example.com"}, Answer: address},
		{Name: record.Name{Host: "git", Domain: "example.com"}, Answer: authdns.Answer{Status: authdns.NXDomain}},
	}
	if err := a.showPublished(observed); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"  example.com      203.0.113.7\n", "  git.example.com  "} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
	if !strings.Contains(errs.String(), `git.example.com has no dynamic DNS record yet: `) || !strings.Contains(errs.String(), `"A + Dynamic DNS Record" with host git`) {
		t.Errorf("no hint: %q", errs.String())
	}
}
