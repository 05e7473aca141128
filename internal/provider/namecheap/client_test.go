package namecheap

import (
	"net/netip"
	"testing"

	"go.uber.org/goleak"

	"ddns-batch/internal/provider"
	"ddns-batch/internal/record"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// canary has a character of every kind that some encoding treats in its own way.
const canary = `c4n%41ry &p+w/"<é>\`

func update() provider.Update {
	return provider.Update{
		Name:     record.Name{Host: "www", Domain: "example.com"},
		Address:  netip.MustParseAddr("203.0.113.7"),
		Password: provider.NewSecret(canary),
	}
}

func newClient(t *testing.T, o Options) *Client {
	t.Helper()
	c, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}
