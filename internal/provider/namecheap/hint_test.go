package namecheap

import (
	"strings"
	"testing"

	"ddns-batch/internal/provider"
	"ddns-batch/internal/record"
)

func TestEveryClassHasAHintOfItsOwn(t *testing.T) {
	name := record.Name{Host: "git", Domain: "example.com"}
	generic := Hint("something new", name)
	seen := map[string]provider.Class{}
	for _, class := range []provider.Class{
		provider.Credentials, provider.Domain, provider.Record, provider.Address, provider.Refused, provider.Blocked,
		provider.Request, provider.Redirect, provider.Mismatch, provider.Transient, provider.Certificate, provider.Password,
	} {
		hint := Hint(class, name)
		if hint == "" || hint == generic || strings.Contains(hint, "\n") || len(hint) > 180 {
			t.Errorf("%s: %q", class, hint)
		}
		if other, ok := seen[hint]; ok {
			t.Errorf("%s and %s share a hint", class, other)
		}
		seen[hint] = class
	}
	for _, class := range []provider.Class{provider.Unconfirmed, "", "something new"} {
		if hint := Hint(class, name); hint == "" || hint != generic {
			t.Errorf("%q: %q", class, hint)
		}
	}
}

func TestAHintSaysWhereToLookAndWhatToType(t *testing.T) {
	for _, c := range []struct {
		class provider.Class
		name  record.Name
		want  string
	}{
		{provider.Record, record.Name{Host: "git", Domain: "example.com"},
			`Domain List > Manage > Advanced DNS: add an "A + Dynamic DNS Record" with host git, then ddns-batch --retry --only git.example.com`},
		{provider.Record, record.Name{Host: "@", Domain: "example.com"},
			`Domain List > Manage > Advanced DNS: add an "A + Dynamic DNS Record" with host @, then ddns-batch --retry --only example.com`},
		{provider.Record, record.Name{Host: "*.dev", Domain: "example.com"},
			`Domain List > Manage > Advanced DNS: add an "A + Dynamic DNS Record" with host *.dev, then ddns-batch --retry --only '\*.dev.example.com'`},
		{provider.Credentials, record.Name{Host: "@", Domain: "example.net"},
			"not the account password, and each domain has its own: Domain List > Manage example.net > Advanced DNS > Dynamic DNS"},
	} {
		if got := Hint(c.class, c.name); got != c.want {
			t.Errorf("\n got %s\nwant %s", got, c.want)
		}
	}
}
