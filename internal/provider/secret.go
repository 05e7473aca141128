package provider

import (
	"fmt"
	"io"
)

// hidden stands wherever a Secret is printed, logged or encoded.
const hidden = "[hidden]"

// Secret is a password that cannot be printed by accident: every way of formatting or encoding it gives "[hidden]".
// The zero Secret is "no password".
//
// The value is behind a pointer because fmt does not call the methods of unexported fields: a struct that holds a
// Secret then shows an address in memory, not the password.
type Secret struct{ value *string }

// NewSecret wraps value. An empty value gives the zero Secret.
func NewSecret(value string) Secret {
	if value == "" {
		return Secret{}
	}
	return Secret{&value}
}

// Reveal returns the password itself. Only the code that writes the request, that computes a fingerprint and that
// searches a text for the password has a reason to call it.
func (s Secret) Reveal() string {
	if s.value == nil {
		return ""
	}
	return *s.value
}

// IsZero reports whether there is no password.
func (s Secret) IsZero() bool { return s.value == nil }

// Format answers every verb of package fmt.
func (Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, hidden) }

// MarshalText answers encoding/json, yaml and the like.
func (Secret) MarshalText() ([]byte, error) { return []byte(hidden), nil }
