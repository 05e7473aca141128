package state

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"strings"
	"testing"

	"ddns-batch/internal/provider"
)

func TestFingerprint(t *testing.T) {
	const canary = "canary-p&ss word-7f3a"
	key, other := []byte("0123456789abcdef"), []byte("0123456789abcdeF")
	secret := provider.NewSecret(canary)
	got := Fingerprint(key, "example.com", secret)
	// The same from a shell: printf 'example.com\0canary-p&ss word-7f3a' | openssl dgst -sha256 -hmac 0123456789abcdef
	const want = "a57e765e763a203e91aab1419628b257e56c849ae6dc5e28c7781bfd45443ef2"
	if got != want {
		t.Errorf("got %s", got)
	}
	for name, same := range map[string]string{
		"another key":      Fingerprint(other, "example.com", secret),
		"another domain":   Fingerprint(key, "example.net", secret),
		"another password": Fingerprint(key, "example.com", provider.NewSecret(canary+"x")),
		"a shifted border": Fingerprint(key, "example.comc", provider.NewSecret(canary[1:])),
	} {
		if same == got || len(same) != len(got) {
			t.Errorf("%s: %s", name, same)
		}
	}
	if Fingerprint(key, "example.com", provider.Secret{}) != "" {
		t.Error("no password has a fingerprint")
	}
	for _, form := range []string{canary, hex.EncodeToString([]byte(canary)), base64.StdEncoding.EncodeToString([]byte(canary))} {
		if strings.Contains(got, form) {
			t.Error("the password is in its fingerprint")
		}
	}
}

func TestKeysAreLongAndDiffer(t *testing.T) {
	a, b := NewKey(), NewKey()
	if len(a) != 32 || bytes.Equal(a, b) {
		t.Errorf("%x %x", a, b)
	}
}
