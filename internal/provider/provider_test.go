package provider_test

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"ddns-batch/internal/provider"
)

const canary = "c4nary&p/w"

// nested holds a Secret in every way in which a struct, a map or a slice can.
type nested struct {
	Public  provider.Secret
	private provider.Secret
	Pointer *provider.Secret
	Any     any
	List    []provider.Secret
	Map     map[string]provider.Secret
	Update  provider.Update
}

func TestASecretCannotBePrinted(t *testing.T) {
	secret := provider.NewSecret(canary)
	everything := nested{
		Public: secret, private: secret, Pointer: &secret, Any: secret, List: []provider.Secret{secret},
		Map: map[string]provider.Secret{"k": secret}, Update: provider.Update{Password: secret},
	}
	var shown strings.Builder
	for _, v := range []any{secret, &secret, everything, &everything, []any{secret}, errors.New(fmt.Sprint(secret)), fmt.Errorf("%w %v", errors.ErrUnsupported, secret)} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%T", "%p", "%t", "%10.3s", "%-40v", "% x"} {
			fmt.Fprintf(&shown, verb+"\n", v)
		}
		slog.New(slog.NewTextHandler(&shown, nil)).Info("logged", "secret", v)
		slog.New(slog.NewJSONHandler(&shown, nil)).Info("logged", "secret", v)
		if b, err := json.Marshal(v); err == nil {
			shown.Write(b)
		}
		if b, err := xml.Marshal(v); err == nil {
			shown.Write(b)
		}
		if b, err := yaml.Marshal(v); err == nil {
			shown.Write(b)
		}
	}
	for _, form := range []string{canary, "c4nary", fmt.Sprintf("%x", canary), fmt.Sprintf("%X", canary), fmt.Sprintf("% x", canary), fmt.Sprint([]byte(canary))} {
		if strings.Contains(shown.String(), form) {
			t.Errorf("%q was shown", form)
		}
	}
	if got := fmt.Sprint(secret); got != "[hidden]" {
		t.Errorf("printed as %q", got)
	}
	if b, err := json.Marshal(secret); string(b) != `"[hidden]"` || err != nil {
		t.Errorf("encoded as %s, %v", b, err)
	}
}

func TestASecretIsRevealedOnlyWhenAsked(t *testing.T) {
	if got := provider.NewSecret(canary).Reveal(); got != canary {
		t.Errorf("revealed %q", got)
	}
	for name, none := range map[string]provider.Secret{"the zero Secret": {}, "an empty one": provider.NewSecret("")} {
		if !none.IsZero() || none.Reveal() != "" {
			t.Errorf("%s is a password", name)
		}
	}
	if provider.NewSecret(" ").IsZero() {
		t.Error("a space is no password")
	}
}

func TestAnErrorSaysItsClassAndItsMessage(t *testing.T) {
	e := &provider.Error{Class: provider.Record, Message: "A record not Found"}
	if e.Error() != "record: A record not Found" {
		t.Errorf("got %q", e)
	}
}
