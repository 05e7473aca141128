package sandbox

import (
	"fmt"
	"slices"
	"strings"
)

// Fault is a way in which the update of one record goes wrong.
type Fault string

const (
	BadPassword Fault = "badpass"   // "Passwords do not match"
	NoRecord    Fault = "norecord"  // "No Records updated. A record not Found;"
	NoDomain    Fault = "nodomain"  // "Domain name not found"
	BadIP       Fault = "badip"     // "Invalid IP"
	Blocked     Fault = "blocked"   // status 429, Retry-After 600
	Unavailable Fault = "503"       // status 503 and a page
	Hang        Fault = "hang"      // no answer until the client or the sandbox ends
	Reset       Fault = "reset"     // the request is read, then the connection is reset
	Truncated   Fault = "truncated" // half of a confirmation
	HTML        Fault = "html"      // the log-in page of a captive portal, status 200
	NoIP        Fault = "noip"      // stored, but the reply does not say the address
	WrongIP     Fault = "wrongip"   // another address is stored, and the reply says so
	Unserved    Fault = "unserved"  // confirmed, but the name servers go on with another address
)

var faults = []Fault{
	BadPassword, NoRecord, NoDomain, BadIP, Blocked, Unavailable, Hang, Reset, Truncated, HTML, NoIP, WrongIP, Unserved,
}

// ParseFault reads the name of a fault. Its error lists all of them.
func ParseFault(s string) (Fault, error) {
	if slices.Contains(faults, Fault(s)) {
		return Fault(s), nil
	}
	return "", fmt.Errorf("%q is not a fault; write one of %s", s, FaultNames())
}

// FaultNames lists the names of all faults, for a help text.
func FaultNames() string {
	names := make([]string, len(faults))
	for i, f := range faults {
		names[i] = string(f)
	}
	return strings.Join(names, ", ")
}
