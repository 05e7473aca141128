package notices

import (
	"strings"

	"ddns-batch/internal/pause"
	"ddns-batch/internal/record"
)

// key names something that can be in trouble. In the state it is one text, the kind first.
type key struct {
	kind kind
	// of tells things of one kind apart: host and domain of a record, since two of them can have the same full name; those
	// of a password's first record in the plan, since the password is what changes when the trouble ends; a domain; the
	// YAML file of a look-up. Empty for the address and the endpoint, of which a state knows one.
	of string
}

// kind is what is in trouble.
type kind string

const (
	ofRecord   = kind(pause.OfRecord)
	ofPassword = kind(pause.OfPassword)
	ofDomain   = kind(pause.OfDomain)
	ofAddress  = kind(pause.OfAddress)
	ofEndpoint = kind(pause.OfEndpoint)
	ofLookUp   = kind("look-up")
	ofEnvFile  = kind("env-file") // of is its path
	ofSide     = kind("side")     // of is the matter's name
)

func (k key) String() string { return strings.TrimSpace(string(k.kind) + " " + k.of) }

// parseKey reads what String gives.
func parseKey(text string) key {
	k, of, _ := strings.Cut(text, " ")
	return key{kind(k), of}
}

// pair identifies a record within a key.
func pair(n record.Name) string { return n.Host + " " + n.Domain }
