package namecheap

import (
	"strings"
	"testing"

	"ddns-batch/internal/provider"
	"ddns-batch/internal/record"
)

func TestEveryClassHasAHintOfItsOwn(t *testing.T) {
	name := record.Name{Host: "git", Domain: "example.com"}
	generic, _ := Guide("something new", name)
	seen := map[string]provider.Class{}
	for _, class := range []provider.Class{
		provider.Credentials, provider.Domain, provider.Record, provider.Address, provider.Refused, provider.Blocked,
		provider.Request, provider.Redirect, provider.Mismatch, provider.Transient, provider.Certificate, provider.Password,
	} {
		hint, _ := Guide(class, name)
		if hint == "" || hint == generic || strings.Contains(hint, "\n") || len(hint) > 180 {
			t.Errorf("%s: %q", class, hint)
		}
		if other, ok := seen[hint]; ok {
			t.Errorf("%s and %s share a hint", class, other)
		}
		seen[hint] = class
	}
	for _, class := range []provider.Class{provider.Unconfirmed, "", "something new"} {
		if hint, retry := Guide(class, name); !retry || hint == "" || hint != generic {
			t.Errorf("%q: %q", class, hint)
		}
	}
}

func TestAHintSaysWhereToLookAndWhetherToSendItAgain(t *testing.T) {
	for _, c := range []struct {
		class provider.Class
		name  record.Name
		want  string
		retry bool
	}{
		{provider.Record, record.Name{Host: "git", Domain: "example.com"},
			`Domain List > Manage > Advanced DNS: add an "A + Dynamic DNS Record" with host git`, true},
		{provider.Record, record.Name{Host: "@", Domain: "example.com"},
			`Domain List > Manage > Advanced DNS: add an "A + Dynamic DNS Record" with host @`, true},
		{provider.Credentials, record.Name{Host: "@", Domain: "example.net"},
			"not the account password, and each domain has its own: Domain List > Manage example.net > Advanced DNS > Dynamic DNS", false},
	} {
		if got, retry := Guide(c.class, c.name); got != c.want || retry != c.retry {
			t.Errorf("\n got %s, %t\nwant %s, %t", got, retry, c.want, c.retry)
		}
	}
}

func TestNoHintHasACommandInItsText(t *testing.T) {
	for _, class := range []provider.Class{
		provider.Credentials, provider.Domain, provider.Record, provider.Address, provider.Refused, provider.Blocked, provider.Request,
		provider.Redirect, provider.Mismatch, provider.Transient, provider.Certificate, provider.Password, provider.Unconfirmed,
	} {
		if hint, _ := Guide(class, record.Name{Host: "git", Domain: "example.com"}); strings.Contains(hint, "ddns-batch") {
			t.Errorf("%s: %s", class, hint)
		}
	}
}
