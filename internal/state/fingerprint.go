package state

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"io"

	"ddns-batch/internal/provider"
)

// keySize is the length of a new key, and keyAtLeast that of one that is used: under a shorter one, fingerprints
// could be looked up.
const (
	keySize    = 32
	keyAtLeast = 16
)

// NewKey makes a key for fingerprints.
func NewKey() []byte {
	key := make([]byte, keySize)
	_, _ = rand.Read(key) // never fails: it ends the program instead
	return key
}

// Fingerprint recognises a password of a domain without holding it: equal for equal triples, and of no use without the
// key. It is empty for no password, which no entry of a state is.
func Fingerprint(key []byte, domain string, password provider.Secret) string {
	if password.IsZero() {
		return ""
	}
	mac := hmac.New(sha256.New, key)
	// A domain holds no NUL, so that no two pairs give the same bytes.
	_, _ = io.WriteString(mac, domain+"\x00"+password.Reveal())
	return hex.EncodeToString(mac.Sum(nil))
}
